//! A roster that others write to between a read and a write, and that fails where it is told to.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use jada_roster::{
    CrewId, CrewMember, CrewStream, DayState, EmailAddress, Error, MemoryRoster, PhoneNumber, Role,
    RosterRepository,
};
use jiff::civil::Date;

use super::sheet::{Sheet, hire, id, may, member, say, stored, sync};

/// What happens to the next update of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meddling {
    /// The member says something just before it.
    Says(Date, Option<DayState>),
    /// Nothing is done, and there is no answer.
    Fails,
    /// The same, and it takes as long to find out.
    FailsAfter(Duration),
    /// It is done, and there is no answer.
    LosesAnswer,
    /// It is done, there is no answer, and then the member says something.
    LosesAnswerThenSays(Date, Option<DayState>),
}

/// A roster in memory, with what is to happen to updates of whom.
#[derive(Debug, Default)]
pub(super) struct Meddled {
    pub(super) inner: MemoryRoster,
    script: Mutex<BTreeMap<CrewId, Meddling>>,
}

impl Meddled {
    pub(super) fn next(&self, number: usize, meddling: Meddling) {
        self.script.lock().unwrap().insert(id(number), meddling);
    }

    /// What has not happened yet.
    pub(super) fn script(&self) -> BTreeMap<CrewId, Meddling> {
        self.script.lock().unwrap().clone()
    }

    /// Forgets what has not happened yet.
    pub(super) fn heal(&self) {
        self.script.lock().unwrap().clear();
    }

    async fn says(&self, who: &CrewId, day: Date, state: Option<DayState>) {
        let member = self.inner.find(who).await.unwrap().unwrap();
        let days = member.availability().clone().with(day, state);
        self.inner.update(&member.with_availability(days)).await.unwrap();
    }
}

fn no_answer() -> Error {
    Error::Unavailable {
        table: "crew-roster".to_owned(),
        operation: "UpdateItem",
        source: "the answer was lost".into(),
    }
}

#[async_trait]
impl RosterRepository for Meddled {
    async fn update(&self, member: &CrewMember) -> Result<CrewMember, Error> {
        let meddling = self.script.lock().unwrap().remove(member.id());
        match meddling {
            None => self.inner.update(member).await,
            Some(Meddling::Fails) => Err(no_answer()),
            Some(Meddling::FailsAfter(time)) => {
                tokio::time::sleep(time).await;
                Err(no_answer())
            }
            Some(Meddling::Says(day, state)) => {
                self.says(member.id(), day, state).await;
                self.inner.update(member).await
            }
            Some(Meddling::LosesAnswer) => {
                self.inner.update(member).await?;
                Err(no_answer())
            }
            Some(Meddling::LosesAnswerThenSays(day, state)) => {
                self.inner.update(member).await?;
                self.says(member.id(), day, state).await;
                Err(no_answer())
            }
        }
    }

    async fn add(&self, member: &CrewMember) -> Result<CrewMember, Error> {
        self.inner.add(member).await
    }

    async fn find(&self, id: &CrewId) -> Result<Option<CrewMember>, Error> {
        self.inner.find(id).await
    }

    async fn find_by_email(&self, email: &EmailAddress) -> Result<Option<CrewMember>, Error> {
        self.inner.find_by_email(email).await
    }

    async fn find_by_phone(&self, phone: &PhoneNumber) -> Result<Option<CrewMember>, Error> {
        self.inner.find_by_phone(phone).await
    }

    fn in_role(&self, role: &Role) -> CrewStream {
        self.inner.in_role(role)
    }

    fn list(&self) -> CrewStream {
        self.inner.list()
    }

    async fn remove(&self, member: &CrewMember) -> Result<(), Error> {
        self.inner.remove(member).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_was_done_is_reported_though_the_member_has_changed_their_mind_since() {
    let roster = Meddled::default();
    hire(&roster, 1).await;
    let mut sheet = Sheet::of("2026-05", 1);
    sheet.set(0, may(3), Some(DayState::Yes));
    roster.next(0, Meddling::LosesAnswerThenSays(may(3), Some(DayState::No)));
    let synced = sync(&roster, &sheet).await;
    assert_eq!((synced.added.len(), synced.overruled.len(), synced.written.len()), (1, 0, 1));
    assert_eq!(stored(&roster, 0, may(3)).await, Some(DayState::No), "theirs is the later word");
    assert_eq!(member(&roster, 0).await.version().number(), 3);
    say(&roster, 0, may(4), Some(DayState::No)).await;
    assert!(sync(&roster, &sheet).await.written.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_down_is_not_asked_for_each_of_many_members_once_the_time_is_up() {
    const MEMBERS: usize = 400;
    let roster = Meddled::default();
    hire(&roster, MEMBERS).await;
    let mut sheet = Sheet::of("2026-05", MEMBERS);
    for number in 0..MEMBERS {
        sheet.set(number, may(3), Some(DayState::Yes));
        roster.next(number, Meddling::FailsAfter(Duration::from_secs(3)));
    }
    let begun = tokio::time::Instant::now();
    let synced = sync(&roster, &sheet).await;
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());
    assert_eq!((synced.written.len(), synced.left_over.len()), (0, MEMBERS));
    let (not_begun, asked): (Vec<_>, Vec<_>) =
        synced.left_over.iter().partition(|left| matches!(left.error, Error::Unprocessed { .. }));
    assert!(asked.len() >= 160 && not_begun.len() >= 200, "{} asked", asked.len());
    assert!(synced.left_over.iter().all(|left| left.error.is_transient()));
    roster.heal();
    assert_eq!(sync(&roster, &sheet).await.written.len(), MEMBERS);
}
