//! A process that is stopped between any two steps leaves no half member.

use std::time::Duration;

use jada_roster::{CrewMember, DynamoRoster, Error, Role, RosterRepository};
use tokio::time::timeout;

use super::tables::{assert_whole, claims, email, person, phone, put_older, roster};
use crate::faults::{Fault, Faulty};

/// What a member may go through, from the state that is stored before it.
#[derive(Clone, Copy, Debug)]
enum Step {
    Add,
    Update,
    UpdateContact,
    UpdateOlder,
    Claim,
    Remove,
}

impl Step {
    const ALL: [Self; 6] = [
        Self::Add,
        Self::Update,
        Self::UpdateContact,
        Self::UpdateOlder,
        Self::Claim,
        Self::Remove,
    ];

    /// How many members there are before and after.
    fn members(self) -> [usize; 2] {
        match self {
            Self::Add => [0, 1],
            Self::Update | Self::UpdateContact | Self::UpdateOlder | Self::Claim => [1, 1],
            Self::Remove => [1, 0],
        }
    }

    /// The member as they are given to the step, in a table that is ready for it.
    async fn prepare(self, faulty: &Faulty, roster: &DynamoRoster) -> CrewMember {
        if let Self::Add = self {
            return person(1);
        }
        if let Self::UpdateOlder | Self::Claim = self {
            put_older(&faulty.client(), 1).await;
            let read = roster.find(person(1).id()).await.unwrap().unwrap();
            return read.with_email(email(2)).with_phone(phone(2));
        }
        let added = roster.add(&person(1)).await.unwrap();
        match self {
            Self::Update => added.with_role(Role::Captain),
            Self::UpdateContact => added.with_email(email(2)).with_phone(phone(2)),
            _ => added,
        }
    }

    async fn run(self, roster: &DynamoRoster, member: &CrewMember) -> Result<(), Error> {
        match self {
            Self::Add => roster.add(member).await.map(drop),
            Self::Remove => roster.remove(member).await,
            Self::Claim => roster.claim_contacts().await.map(drop),
            _ => roster.update(member).await.map(drop),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_before_or_after_any_request_leaves_no_half_member() {
    for step in Step::ALL {
        for fault in [Fault::Stop, Fault::StopDone] {
            let mut number = 0;
            while was_stopped(step, fault, number).await {
                number += 1;
            }
            assert!(number > 0, "{step:?} was never stopped");
        }
    }
}

/// Stops a step at the request of this number, if it makes so many; then does it again.
async fn was_stopped(step: Step, fault: Fault, number: usize) -> bool {
    let faulty = Faulty::new();
    let client = faulty.engine().client();
    let roster = roster(faulty.client()).await;
    let member = step.prepare(&faulty, &roster).await;
    let before = claims(&client).await;
    faulty.at(number, fault);
    let stopped = timeout(BEFORE_A_RETRY, step.run(&roster, &member)).await;
    let was_stopped = stopped.is_err();
    assert_eq!(was_stopped, !faulty.has_more(), "{step:?} {fault:?} {number}");
    faulty.heal();
    let members = assert_whole(&client).await;
    assert!(step.members().contains(&members), "{step:?} {fault:?} {number}");
    if let (Fault::Stop, 0) = (fault, number) {
        assert_eq!(claims(&client).await, before, "nothing was done, and nothing has changed");
    }
    step.run(&roster, &member).await.unwrap();
    assert_eq!(assert_whole(&client).await, step.members()[1]);
    assert_eq!(claims(&client).await.len(), 2 * step.members()[1]);
    was_stopped
}

/// The SDK asks again when it has had no answer for some seconds.
const BEFORE_A_RETRY: Duration = Duration::from_secs(1);
