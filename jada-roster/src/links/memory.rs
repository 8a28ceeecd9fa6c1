//! Links in memory: a fake good enough to ship, for the tests of users.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jada_auth::{Clock, SystemClock};
use jiff::Timestamp;

use crate::crew::id::CrewId;
use crate::error::Error;
use crate::links::gate::{Admitted, Drawn, Gate, check_standing, end_of_grace};
use crate::links::limit::{AttemptLimit, Limiter};
use crate::links::pepper::Peppers;
use crate::links::record::{
    Asked, Attempt, Denied, Record, Refusal, Standing, TAKEN_BACK, Use, most_open,
};
use crate::links::text::Handle;
use crate::links::{
    Link, LinkKind, LinkRefusal, LinkSpec, MagicLinks, OpenLink, Peeked, Presented, Purpose,
    Verified, audit,
};
use crate::random;
use crate::roster::CREW_MEMBER;
use crate::roster::memory::MemoryRoster;

/// Magic links of a crew in memory; clones share them.
///
/// Set the clock and the limit before it is cloned.
#[derive(Clone, Debug)]
pub struct MemoryLinks {
    roster: MemoryRoster,
    gate: Arc<Gate>,
    links: Arc<Mutex<Links>>,
}

#[derive(Default)]
struct Links {
    tokens: HashMap<[u8; 32], Of<Record>>,
    standing: HashMap<(String, Purpose), Of<Standing>>,
}

/// Whose: a member who was removed and added again is another.
struct Of<T> {
    incarnation: u64,
    link: T,
}

impl MemoryLinks {
    /// No links yet, under a pepper that ends with this process.
    ///
    /// # Errors
    /// [`Error::Random`] when the system gives no randomness.
    pub fn new(roster: &MemoryRoster) -> Result<Self, Error> {
        let (peppers, clock) = (Peppers::generate()?, Arc::new(SystemClock));
        let gate = Arc::new(Gate { peppers, clock, compact: None });
        Ok(Self { roster: roster.clone(), gate, links: Arc::default() })
    }

    /// The same without links, by this clock.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        let peppers = self.gate.peppers.clone();
        let compact = self.gate.compact.as_ref().map(|limit| limit.with_clock(Arc::clone(&clock)));
        Self { gate: Arc::new(Gate { peppers, clock, compact }), links: Arc::default(), ..self }
    }

    /// The same without links, and with compact texts, which may be tried this often.
    #[must_use]
    pub fn compact(self, limit: AttemptLimit) -> Self {
        let (peppers, clock) = (self.gate.peppers.clone(), Arc::clone(&self.gate.clock));
        let compact = Some(Limiter::new(limit, Arc::clone(&clock)));
        Self { gate: Arc::new(Gate { peppers, clock, compact }), links: Arc::default(), ..self }
    }

    fn lock(&self) -> MutexGuard<'_, Links> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn incarnation(&self, crew: &CrewId) -> Result<u64, Error> {
        let missing = || Error::NotFound { what: CREW_MEMBER, id: crew.to_string() };
        self.roster.incarnation(crew).ok_or_else(missing)
    }

    fn make(&self, crew: &CrewId, spec: &LinkSpec) -> Result<Link, Error> {
        let drawn = self.gate.draw(crew, spec)?;
        let incarnation = self.incarnation(crew)?;
        let mut links = self.lock();
        links.forget(drawn.now);
        if spec.kind() == LinkKind::Standing {
            if links.stand(incarnation, crew, spec.purpose(), drawn.now) > 0 {
                let (crew, purpose) = (crew.clone(), spec.purpose().clone());
                return Err(Error::LinkExists { crew, purpose });
            }
        } else if links.open(incarnation, drawn.now) >= most_open(spec)
            && !links.displace(incarnation, drawn.now)
        {
            return Err(Error::TooManyLinks { crew: crew.clone() });
        }
        Ok(links.keep(incarnation, spec, drawn))
    }

    fn replace(&self, crew: &CrewId, spec: &LinkSpec, grace: Duration) -> Result<Link, Error> {
        check_standing(spec)?;
        let drawn = self.gate.draw(crew, spec)?;
        let incarnation = self.incarnation(crew)?;
        let mut links = self.lock();
        links.retire(incarnation, crew, spec.purpose(), end_of_grace(drawn.now, grace));
        Ok(links.keep(incarnation, spec, drawn))
    }

    fn attempt(&self, asked: Asked, presented: &Presented) -> Result<Verified, Denied> {
        let Admitted { pepper, digest } = self.gate.admit(presented)?;
        let (purpose, now) = (presented.purpose(), self.gate.now());
        if let Some(handle) = presented.text().handle() {
            if !asked.admits(LinkKind::Standing) {
                return Err(LinkRefusal::WrongKind.into());
            }
            let links = self.lock();
            let standing = links.standing.get(&(handle.to_owned(), purpose.clone()));
            let standing = standing.ok_or(LinkRefusal::Unknown)?;
            self.check_incarnation(&standing.link.crew, standing.incarnation)?;
            return Ok(standing.link.judge(&digest, now)?);
        }
        let id = random::letters(12)?;
        let nonce = presented.nonce().map(|nonce| pepper.nonce(nonce));
        let attempt = Attempt { asked, purpose, nonce, id: &id, now };
        let mut links = self.lock();
        let token = links.tokens.get_mut(&digest.0).ok_or(LinkRefusal::Unknown)?;
        self.check_incarnation(&token.link.crew, token.incarnation)?;
        let verified = token.link.judge(&attempt)?;
        if token.link.kind == LinkKind::SingleUse && token.link.used.is_none() {
            token.link.used = Some(Use { at: now, nonce: attempt.nonce, attempt: id });
        }
        Ok(verified)
    }

    fn look(&self, presented: &Presented) -> Result<Peeked, Denied> {
        let Admitted { pepper, digest } = self.gate.admit(presented)?;
        if presented.text().handle().is_some() {
            return Err(LinkRefusal::WrongKind.into());
        }
        let (id, purpose) = (random::letters(12)?, presented.purpose());
        let nonce = presented.nonce().map(|nonce| pepper.nonce(nonce));
        let attempt = Attempt { asked: Asked::Peek, purpose, nonce, id: &id, now: self.gate.now() };
        let links = self.lock();
        let token = links.tokens.get(&digest.0).ok_or(LinkRefusal::Unknown)?;
        let peeked = token.link.peeked(&attempt)?;
        self.check_incarnation(&peeked.crew, token.incarnation)?;
        Ok(peeked)
    }

    fn list(&self, crew: &CrewId) -> Vec<OpenLink> {
        let Some(incarnation) = self.roster.incarnation(crew) else {
            return Vec::new();
        };
        let (links, now) = (self.lock(), self.gate.now());
        let records = links.tokens.values().filter(|of| of.incarnation == incarnation);
        let standing = links.standing.iter().filter(|(_, of)| of.incarnation == incarnation);
        let standing = standing.flat_map(|((_, purpose), of)| of.link.open_links(purpose, now));
        let mut open: Vec<_> =
            records.filter_map(|of| of.link.open_link(now)).chain(standing).collect();
        open.sort_by_key(|link| link.issued_at);
        open
    }

    fn check_incarnation(&self, crew: &CrewId, incarnation: u64) -> Result<(), Refusal> {
        if self.roster.incarnation(crew) == Some(incarnation) {
            return Ok(());
        }
        Err(Refusal { reason: LinkRefusal::Revoked, crew: Some(crew.clone()) })
    }

    fn take_back(&self, crew: &CrewId, is_meant: impl Fn(&Purpose, LinkKind) -> bool) -> usize {
        // Those of a member who was removed open nothing.
        let Some(incarnation) = self.roster.incarnation(crew) else {
            return 0;
        };
        let (mut count, now) = (0, self.gate.now());
        let mut links = self.lock();
        for Of { link, .. } in links.tokens.values_mut().filter(|of| of.incarnation == incarnation)
        {
            if !link.revoked && is_meant(&link.purpose, link.kind) {
                count += usize::from(link.is_open(now));
                link.revoked = true;
            }
        }
        for ((_, purpose), standing) in &mut links.standing {
            if standing.incarnation == incarnation && is_meant(purpose, LinkKind::Standing) {
                count += standing.link.open(now);
                standing.link.retire(TAKEN_BACK);
            }
        }
        count
    }
}

impl Links {
    /// How many single-use links and sessions of a member are open.
    fn open(&self, incarnation: u64, now: Timestamp) -> usize {
        let open = |of: &&Of<Record>| of.incarnation == incarnation && of.link.is_open(now);
        let tokens = self.tokens.values().filter(open);
        tokens.filter(|of| of.link.kind != LinkKind::Standing).count()
    }

    /// Ends the oldest session of a member, if there is any.
    fn displace(&mut self, incarnation: u64, now: Timestamp) -> bool {
        let open = |of: &&mut Of<Record>| of.incarnation == incarnation && of.link.is_open(now);
        let open = self.tokens.values_mut().filter(open);
        let sessions = open.filter(|of| of.link.kind == LinkKind::Session);
        let Some(oldest) = sessions.min_by_key(|of| of.link.issued_at) else {
            return false;
        };
        oldest.link.revoked = true;
        audit::displaced(&oldest.link.crew, &oldest.link);
        true
    }

    /// How many standing links a member has for a purpose.
    fn stand(&self, incarnation: u64, crew: &CrewId, purpose: &Purpose, now: Timestamp) -> usize {
        let is_one = |of: &&Of<Record>| {
            of.incarnation == incarnation
                && of.link.purpose == *purpose
                && of.link.kind == LinkKind::Standing
                && of.link.expires_at.is_none()
                && of.link.is_open(now)
        };
        let key = (Handle::of(crew).as_str().to_owned(), purpose.clone());
        let standing = self.standing.get(&key).filter(|of| of.incarnation == incarnation);
        let current = standing.is_some_and(|of| of.link.current.is_some());
        self.tokens.values().filter(is_one).count() + usize::from(current)
    }

    /// Lets the standing link of a member for a purpose end, and what was replaced before at once.
    fn retire(&mut self, incarnation: u64, crew: &CrewId, purpose: &Purpose, until: Timestamp) {
        for Of { link, .. } in self.tokens.values_mut().filter(|of| of.incarnation == incarnation) {
            if link.kind == LinkKind::Standing && link.purpose == *purpose {
                link.revoked |= link.expires_at.is_some() || until == TAKEN_BACK;
                link.expires_at = Some(until);
            }
        }
        let key = (Handle::of(crew).as_str().to_owned(), purpose.clone());
        if let Some(of) = self.standing.get_mut(&key) {
            of.link.retire(until);
        }
    }

    fn keep(&mut self, incarnation: u64, spec: &LinkSpec, drawn: Drawn) -> Link {
        let Drawn { link, digest, now } = drawn;
        let (crew, purpose, kind) = (link.crew.clone(), spec.purpose().clone(), spec.kind());
        if let Some(handle) = link.text.handle() {
            let key = (handle.to_owned(), purpose);
            let before = self.standing.remove(&key).filter(|of| of.incarnation == incarnation);
            let replaced = before.and_then(|of| of.link.replaced);
            let (current, issued_at) = (Some(digest), Some(now));
            let link = Standing { crew, current, issued_at, replaced };
            self.standing.insert(key, Of { incarnation, link });
        } else {
            let (issued_at, expires_at) = (Some(now), link.expires_at);
            let (used, revoked) = (None, false);
            let record = Record { crew, purpose, kind, issued_at, expires_at, used, revoked };
            self.tokens.insert(digest.0, Of { incarnation, link: record });
        }
        link
    }

    /// Drops what ended a week ago.
    fn forget(&mut self, now: Timestamp) {
        let ended = |end: Timestamp| end.checked_add(KEPT).is_ok_and(|end| end < now);
        self.tokens.retain(|_, of| !of.link.expires_at.is_some_and(ended));
    }
}

impl Standing {
    fn retire(&mut self, until: Timestamp) {
        self.replaced = match self.current.take() {
            Some(current) => Some((current, until)),
            None => self.replaced.take().map(|(replaced, _)| (replaced, TAKEN_BACK)),
        };
    }
}

#[async_trait]
impl MagicLinks for MemoryLinks {
    async fn issue(&self, crew: &CrewId, spec: &LinkSpec) -> Result<Link, Error> {
        audit::issued(spec, self.make(crew, spec))
    }

    async fn verify(&self, presented: &Presented) -> Result<Verified, Error> {
        audit::attempted(presented, self.attempt(Asked::Verify, presented))
    }

    async fn peek(&self, presented: &Presented) -> Result<Peeked, Error> {
        audit::peeked(presented, self.look(presented))
    }

    async fn consume(&self, presented: &Presented) -> Result<Verified, Error> {
        audit::attempted(presented, self.attempt(Asked::Consume, presented))
    }

    async fn redeem(&self, presented: &Presented) -> Result<Verified, Error> {
        audit::attempted(presented, self.attempt(Asked::Redeem, presented))
    }

    async fn rotate(&self, crew: &CrewId, spec: &LinkSpec, grace: Duration) -> Result<Link, Error> {
        audit::rotated(spec, self.replace(crew, spec, grace))
    }

    async fn revoke(&self, crew: &CrewId, purpose: &Purpose) -> Result<usize, Error> {
        let is_meant = |of: &Purpose, kind| of == purpose || kind == LinkKind::Session;
        audit::revoked(crew, Some(purpose), Ok(self.take_back(crew, is_meant)))
    }

    async fn withdraw(
        &self,
        crew: &CrewId,
        purpose: &Purpose,
        issued_before: Timestamp,
    ) -> Result<usize, Error> {
        let (mut withdrawn, now) = (0, self.gate.now());
        let incarnation = self.roster.incarnation(crew);
        let mut links = self.lock();
        for Of { link, .. } in
            links.tokens.values_mut().filter(|of| Some(of.incarnation) == incarnation)
        {
            if link.is_outdated(purpose, issued_before, now) {
                link.revoked = true;
                withdrawn += 1;
            }
        }
        audit::revoked(crew, Some(purpose), Ok(withdrawn))
    }

    async fn revoke_all(&self, crew: &CrewId) -> Result<usize, Error> {
        audit::revoked(crew, None, Ok(self.take_back(crew, |_, _| true)))
    }

    async fn end_session(&self, presented: &Presented) -> Result<(), Error> {
        let Ok(Admitted { digest, .. }) = self.gate.admit(presented) else {
            return Ok(());
        };
        let mut links = self.lock();
        let session = links.tokens.get_mut(&digest.0);
        if let Some(of) = session.filter(|of| of.link.kind == LinkKind::Session) {
            of.link.revoked = true;
            audit::ended(presented, &of.link.crew);
        }
        Ok(())
    }

    async fn open_links(&self, crew: &CrewId) -> Result<Vec<OpenLink>, Error> {
        Ok(self.list(crew))
    }
}

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (tokens, standing) = (self.tokens.len(), self.standing.len());
        f.debug_struct("Links").field("tokens", &tokens).field("standing", &standing).finish()
    }
}

const KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);
