//! The suite that all magic links pass; run it on your own.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failed expectation is the verdict")]

mod compact;
mod ending;
mod listing;
mod peek;
mod session;
mod single_use;
mod standing;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jada_auth::ManualClock;

use crate::crew::CrewMember;
use crate::crew::contact::PersonName;
use crate::crew::id::CrewId;
use crate::crew::role::Role;
use crate::error::Error;
use crate::links::text::LinkText;
use crate::links::{
    BrowserNonce, Link, LinkRefusal, LinkSpec, MagicLinks, Peeked, Presented, Purpose, Verified,
};
use crate::roster::RosterRepository;

/// Checks links against the contract of [`MagicLinks`].
///
/// The links are of the members in `roster`, run by `clock`, and accept compact texts, with the
/// default limit or a wider one. The suite adds members of its own and removes them at its end; the
/// rows of their links stay, and open nothing.
///
/// # Panics
/// Panics with what was expected where the links do otherwise.
pub async fn magic_links_contract(
    links: &dyn MagicLinks,
    roster: &dyn RosterRepository,
    clock: &ManualClock,
) {
    let run = Run { links, roster, clock, members: Mutex::default(), sources: AtomicUsize::new(0) };
    single_use::check(&run).await;
    peek::check(&run).await;
    standing::check(&run).await;
    session::check(&run).await;
    compact::check(&run).await;
    ending::check(&run).await;
    listing::check(&run).await;
    run.clean_up().await;
}

struct Run<'a> {
    links: &'a dyn MagicLinks,
    roster: &'a dyn RosterRepository,
    clock: &'a ManualClock,
    members: Mutex<Vec<CrewId>>,
    sources: AtomicUsize,
}

impl Run<'_> {
    /// A member whom nobody else uses.
    async fn member(&self) -> CrewMember {
        loop {
            let id = CrewId::generate().unwrap();
            let phone = format!("+1555010{:04}", fastrand::u16(..10_000)).parse().unwrap();
            let email = format!("{id}@example.com").parse().unwrap();
            let name = PersonName::new("Ann Rivers").unwrap();
            match self.roster.add(&CrewMember::new(id, name, phone, email, Role::Mate)).await {
                Err(Error::Duplicate { .. }) => {}
                added => {
                    let member = added.unwrap();
                    self.members.lock().unwrap().push(member.id().clone());
                    return member;
                }
            }
        }
    }

    async fn issue(&self, crew: &CrewMember, spec: LinkSpec) -> Link {
        let link = self.links.issue(crew.id(), &spec).await.unwrap();
        assert_eq!((&link.crew, &link.purpose), (crew.id(), spec.purpose()));
        link
    }

    async fn rotate(&self, crew: &CrewMember, spec: LinkSpec, grace: Duration) -> Link {
        self.links.rotate(crew.id(), &spec, grace).await.unwrap()
    }

    /// The link as it comes back, each time from another address.
    fn back(&self, link: &Link) -> Presented {
        self.presented(&link.text, &link.purpose)
    }

    fn presented(&self, text: &LinkText, purpose: &Purpose) -> Presented {
        let number = self.sources.fetch_add(1, Ordering::Relaxed);
        let source = format!("203.0.{}.{}", 113 + number / 256, number % 256);
        Presented::new(LinkText::parse(text.expose()).unwrap(), purpose.clone()).from(source)
    }

    async fn verify(&self, link: &Link) -> Result<Verified, LinkRefusal> {
        reason(self.links.verify(&self.back(link)).await)
    }

    async fn consume(&self, link: &Link) -> Result<Verified, LinkRefusal> {
        reason(self.links.consume(&self.back(link)).await)
    }

    async fn consume_by(&self, link: &Link, nonce: &BrowserNonce) -> Result<Verified, LinkRefusal> {
        reason(self.links.consume(&self.back(link).by(nonce.clone())).await)
    }

    async fn redeem(&self, link: &Link) -> Result<Verified, LinkRefusal> {
        reason(self.links.redeem(&self.back(link)).await)
    }

    async fn peek(&self, link: &Link) -> Result<Peeked, LinkRefusal> {
        reason(self.links.peek(&self.back(link)).await)
    }

    /// Whatever is tried with it, it does not open, and neither is it said to be of another kind.
    async fn assert_closed(&self, link: &Link, why: &str) {
        let mut refusals = Vec::new();
        for outcome in [self.verify(link).await, self.consume(link).await, self.redeem(link).await]
        {
            refusals.push(outcome.expect_err(why));
        }
        refusals.push(self.peek(link).await.expect_err(why));
        let closed = [
            LinkRefusal::Unknown,
            LinkRefusal::Revoked,
            LinkRefusal::Expired,
            LinkRefusal::WrongKind,
        ];
        assert!(refusals.iter().all(|reason| closed.contains(reason)), "{why}: {refusals:?}");
        assert!(refusals.iter().any(|reason| *reason != LinkRefusal::WrongKind), "{why}");
    }

    /// Nobody is left but whom others added.
    async fn clean_up(&self) {
        let members = std::mem::take(&mut *self.members.lock().unwrap());
        for id in members {
            if let Some(member) = self.roster.find(&id).await.unwrap() {
                self.roster.remove(&member).await.unwrap();
            }
        }
    }
}

fn reason<T>(outcome: Result<T, Error>) -> Result<T, LinkRefusal> {
    outcome.map_err(|error| match error {
        Error::LinkRefused { reason } => reason,
        other => panic!("neither opened nor refused: {other}"),
    })
}

fn purpose(text: &str) -> Purpose {
    Purpose::new(text).unwrap()
}

/// The same text with another last letter.
fn guess(link: &Link) -> LinkText {
    let text = link.text.expose();
    let (rest, last) = text.split_at(text.len() - 1);
    LinkText::parse(&format!("{rest}{}", if last == "a" { "b" } else { "a" })).unwrap()
}

const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
