//! A pass over the mails that wait.

use std::{collections::HashSet, time::Duration};

use jiff::Timestamp;

use super::{
    Drained, Outbox,
    record::{Hurry, LONGEST_WAIT, MailState, Pause, Reason, Record, Wait, after},
    sending::{Sending, Weather},
    spool::{Claim, Claimed},
};
use crate::{Error, IdempotencyKey, Proof, Trace, Transport};

impl Outbox {
    /// Sends what is due, and looks into what lost its answer. Mails that wait for a reason (a
    /// back-off, a `Retry-After`, an index that lags behind) are left alone until then.
    ///
    /// Several processes and tasks may drain at once; each mail is in one hand at a time.
    ///
    /// # Errors
    ///
    /// [`Error::Blocked`], when no mail can be sent before a person mends something: the mails
    /// wait. [`Error::Io`], [`Error::Exposed`] and [`Error::Damaged`] for the spool; a mail that is
    /// damaged does not keep the others from being sent. What [`Error::is_transient`] calls so is
    /// worth another drain.
    pub async fn drain(&self, transport: &dyn Transport) -> Result<Drained, Error> {
        self.pass(transport, Hurry::Patient, || true).await
    }

    /// As [`drain`](Self::drain), but `goes_on` is asked before each mail: once it says no, the rest
    /// waits for another drain. So a service that is told to stop cuts no mail off.
    ///
    /// # Errors
    ///
    /// As for [`drain`](Self::drain).
    pub async fn drain_while(
        &self,
        transport: &dyn Transport,
        goes_on: impl Fn() -> bool,
    ) -> Result<Drained, Error> {
        self.pass(transport, Hurry::Patient, goes_on).await
    }

    /// As [`drain`](Self::drain), at the wish of a person: our own back-off does not count. What
    /// a server asked for does.
    ///
    /// # Errors
    ///
    /// As for [`drain`](Self::drain).
    pub async fn drain_now(&self, transport: &dyn Transport) -> Result<Drained, Error> {
        self.pass(transport, Hurry::Now, || true).await
    }

    async fn pass(
        &self,
        transport: &dyn Transport,
        hurry: Hurry,
        goes_on: impl Fn() -> bool,
    ) -> Result<Drained, Error> {
        let mut pass = Pass::new(self, transport, hurry);
        if !self.spool.exists()? {
            return Ok(pass.drained);
        }
        self.spool.sweep()?;
        for key in self.unsettled()? {
            match goes_on() {
                true => pass.mail(&key).await?,
                false => pass.wait_for(&key, Some(self.settings.now())),
            }
        }
        for key in self.spool.leftovers()?.into_iter().take_while(|_| goes_on()) {
            pass.leftover(&key).await?;
        }
        pass.end()
    }

    /// The oldest first, and what is unknown after all that is due: whatever is not settled, by the
    /// names of the mails, which do not move while this looks.
    fn unsettled(&self) -> Result<Vec<IdempotencyKey>, Error> {
        let settled = |state| -> Result<HashSet<_>, Error> {
            Ok(self.spool.keys(state)?.into_iter().collect())
        };
        let (sent, failed) = (settled(MailState::Sent)?, settled(MailState::Failed)?);
        let mut keys = self.spool.mails()?;
        // Those among them whose bytes are gone are to be told of.
        for state in [MailState::Queued, MailState::Sending, MailState::Unknown] {
            keys.extend(self.spool.keys(state)?);
        }
        let mut mails = Vec::new();
        for key in keys.into_iter().filter(|key| !sent.contains(key)) {
            // A record that cannot be read is told of when its turn comes.
            let record = self.spool.look(&key).ok().flatten();
            let state = record.as_ref().map(|record| record.state);
            // Unless a process died that was about to move it.
            if state != Some(MailState::Failed) || !failed.contains(&key) {
                let at = record.map(|record| record.enqueued_at);
                mails.push((state == Some(MailState::Unknown), at, key));
            }
        }
        mails.sort_unstable();
        mails.dedup();
        Ok(mails.into_iter().map(|(_, _, key)| key).collect())
    }

    /// Takes one mail as far as it goes now, for a caller who waits for it.
    pub(super) async fn send_one(
        &self,
        key: &IdempotencyKey,
        transport: &dyn Transport,
    ) -> Result<(), Error> {
        let mut pass = Pass::new(self, transport, Hurry::Now);
        pass.mail(key).await?;
        pass.end().map(drop)
    }
}

struct Pass<'a> {
    outbox: &'a Outbox,
    transport: &'a dyn Transport,
    hurry: Hurry,
    /// Asked for when it is needed first.
    proof: Option<Proof>,
    /// Failures in a row that say nothing about the mail.
    foul: u32,
    /// Until when there is no use in trying the other mails.
    over: Option<Timestamp>,
    /// Mails that could not be sent before a person mends something; with one alone, it may be the
    /// mail.
    blocked: u32,
    stopped: Option<Error>,
    damaged: Option<Error>,
    drained: Drained,
}

impl<'a> Pass<'a> {
    fn new(outbox: &'a Outbox, transport: &'a dyn Transport, hurry: Hurry) -> Self {
        let drained = Drained::default();
        Self {
            outbox,
            transport,
            hurry,
            proof: None,
            foul: 0,
            over: None,
            blocked: 0,
            stopped: None,
            damaged: None,
            drained,
        }
    }

    async fn mail(&mut self, key: &IdempotencyKey) -> Result<(), Error> {
        let outbox = self.outbox;
        let claimed = match outbox.spool.claim(key) {
            Err(error) => return self.unless_damaged(Err(error)),
            Ok(claim) => claim,
        };
        let claimed = match claimed {
            Claim::Mine(claimed) => claimed,
            Claim::Anothers => {
                self.wait_for(key, Some(after(outbox.settings.now(), SOON)));
                return Ok(());
            }
            Claim::NoMail => {
                let path = outbox.spool.path(MailState::Queued, key);
                self.damaged = Some(Error::damaged(&path, "the mail itself is not there"));
                return Ok(());
            }
        };
        let done = self.claimed(key, claimed).await;
        self.unless_damaged(done)
    }

    /// What is wrong with one file keeps no other mail back.
    fn unless_damaged(&mut self, done: Result<(), Error>) -> Result<(), Error> {
        match done {
            Err(error @ (Error::Damaged { .. } | Error::Io { .. })) if !is_of_the_disk(&error) => {
                self.damaged.get_or_insert(error);
                Ok(())
            }
            done => done,
        }
    }

    async fn claimed(&mut self, key: &IdempotencyKey, claimed: Claimed<'a>) -> Result<(), Error> {
        claimed.tidy()?;
        let Some(record) = claimed.record()? else { return Ok(()) };
        let now = self.outbox.settings.now();
        if let Some(until) = self.holds_back(&record, now)? {
            self.count(key, &record, Some(until));
            return Ok(());
        }
        let Some(proof) = self.proof().await? else {
            self.count(key, &record, Some(now));
            return Ok(());
        };
        let settings = &self.outbox.settings;
        let transport = self.transport;
        let mut sending = Sending { claimed, record, transport, proof, settings };
        let before = sending.record.state;
        let weather = sending.go_on().await?;
        self.note(weather)?;
        let until = sending.record.wait.map_or(now, |wait| wait.until);
        match (before, sending.record.state) {
            (MailState::Sent | MailState::Failed, _) => {}
            _ => self.count(key, &sending.record, Some(until)),
        }
        Ok(())
    }

    /// Until when the mail is left alone, if it is; to the end of time where another transport has
    /// begun with it.
    fn holds_back(&mut self, record: &Record, now: Timestamp) -> Result<Option<Timestamp>, Error> {
        if matches!(record.state, MailState::Sent | MailState::Failed) {
            return Ok(None);
        }
        if record.is_begun() && record.via.as_deref() != Some(self.transport.name()) {
            return Ok(Some(Timestamp::MAX));
        }
        if self.blocked >= BLOCKED_ENOUGH || self.over.is_some() {
            return Ok(Some(self.over.unwrap_or(now)));
        }
        let waits = record.wait.into_iter().chain(self.pause().map(|pause| pause.wait));
        let holding = waits.filter(|wait| self.outbox.settings.holds(*wait, self.hurry));
        Ok(holding.map(|wait| wait.until).max())
    }

    /// One that cannot be read is none, and is told of.
    fn pause(&mut self) -> Option<Pause> {
        self.outbox.spool.pause(self.transport.name()).unwrap_or_else(|error| {
            self.damaged.get_or_insert(error);
            None
        })
    }

    /// None where the transport cannot even tell that.
    async fn proof(&mut self) -> Result<Option<Proof>, Error> {
        if self.proof.is_none() {
            match self.transport.proof().await {
                Ok(proof) => self.proof = Some(proof),
                Err(error) => {
                    // Whatever it is, it is the same for all of them.
                    (self.foul, self.blocked) = (FOUL_ENOUGH, BLOCKED_ENOUGH);
                    self.note(Weather::of(error))?;
                }
            }
        }
        Ok(self.proof)
    }

    /// Leaves all mails alone for a while when the transport does not work, in every process.
    fn note(&mut self, weather: Weather) -> Result<(), Error> {
        let settings = &self.outbox.settings;
        let (wait, why) = match weather {
            Weather::Fair => {
                self.foul = 0;
                return Ok(());
            }
            Weather::Blocked(error) => {
                self.blocked += 1;
                self.stopped.get_or_insert(error);
                return Ok(());
            }
            Weather::Foul { retry_after: Some(wait), why } => {
                let until = after(settings.now(), wait.min(LONGEST_WAIT));
                (Wait { until, reason: Reason::RetryAfter }, why)
            }
            Weather::Foul { retry_after: None, why } => {
                self.foul += 1;
                if self.foul < FOUL_ENOUGH {
                    return Ok(());
                }
                let until = after(settings.now(), settings.pause(self.foul - FOUL_ENOUGH + 1));
                (Wait { until, reason: Reason::BackOff }, why)
            }
        };
        self.over = Some(wait.until);
        self.drained.paused = Some(why.clone());
        let asked = self.pause().filter(|pause| pause.wait.reason == Reason::RetryAfter);
        let settings = &self.outbox.settings;
        let asked = asked.filter(|pause| settings.holds(pause.wait, Hurry::Patient));
        if asked.is_some_and(|asked| asked.wait.until >= wait.until) {
            return Ok(());
        }
        self.outbox.spool.set_pause(self.transport.name(), Some(&Pause { wait, why }))
    }

    fn count(&mut self, key: &IdempotencyKey, record: &Record, until: Option<Timestamp>) {
        match record.state {
            MailState::Sent => self.drained.sent.push(key.clone()),
            MailState::Failed => self.drained.failed.push(key.clone()),
            MailState::Unknown => self.drained.unknown.push(key.clone()),
            MailState::Queued | MailState::Sending => self.wait_for(key, until),
        }
    }

    fn wait_for(&mut self, key: &IdempotencyKey, until: Option<Timestamp>) {
        self.drained.waiting.push(key.clone());
        let until = until.filter(|until| *until < Timestamp::MAX);
        self.drained.next = self.drained.next.into_iter().chain(until).min();
    }

    /// Removes the drafts of a mail that are of no use.
    async fn leftover(&mut self, key: &IdempotencyKey) -> Result<(), Error> {
        let claimed = match self.outbox.spool.claim(key) {
            Ok(Claim::Mine(claimed)) => claimed,
            Ok(_) => return Ok(()),
            Err(error) => return self.unless_damaged(Err(error)),
        };
        let removed = self.remove_leftover(&claimed).await;
        self.unless_damaged(removed)
    }

    async fn remove_leftover(&mut self, claimed: &Claimed<'a>) -> Result<(), Error> {
        let Some(leftover) = claimed.leftover()? else { return Ok(()) };
        if leftover.via != self.transport.name() || self.stopped.is_some() {
            return Ok(());
        }
        let wait = Wait { until: leftover.not_before, reason: Reason::Index };
        let waits = [Some(wait), self.pause().map(|pause| pause.wait)];
        let settings = &self.outbox.settings;
        let holding = waits.into_iter().flatten().filter(|wait| settings.holds(*wait, self.hurry));
        if let Some(until) = holding.map(|wait| wait.until).chain(self.over).max() {
            self.drained.next = self.drained.next.into_iter().chain([until]).min();
            return Ok(());
        }
        if !self.proof().await?.is_some_and(Proof::has_drafts) {
            return Ok(());
        }
        let trace = Trace::new(leftover.message_id, leftover.began_at);
        let keep = claimed.record()?.and_then(|record| record.draft);
        match self.transport.remove_drafts(&trace.keeping(keep)).await {
            Ok(removed) => {
                self.drained.drafts_removed += removed;
                claimed.set_leftover(None)
            }
            Err(error) => self.note(Weather::of(error)),
        }
    }

    fn end(mut self) -> Result<Drained, Error> {
        if !self.drained.sent.is_empty() && self.over.is_none() {
            // Whoever waits for our own back-off need not any more.
            if self.pause().is_some_and(|pause| pause.wait.reason == Reason::BackOff) {
                self.outbox.spool.set_pause(self.transport.name(), None)?;
            }
        }
        match self.stopped.or(self.damaged) {
            Some(error) => Err(error),
            None => Ok(self.drained),
        }
    }
}

/// Whether no mail can be worked on, since its next step cannot be written down.
fn is_of_the_disk(error: &Error) -> bool {
    use std::io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};

    matches!(error, Error::Io { kind: QuotaExceeded | ReadOnlyFilesystem | StorageFull, .. })
}

/// So many failures in a row, and the other mails are not tried.
const FOUL_ENOUGH: u32 = 3;
/// So many mails blocked, and it is the account.
const BLOCKED_ENOUGH: u32 = 2;
/// When another process may be done with a mail.
const SOON: Duration = Duration::from_secs(1);
