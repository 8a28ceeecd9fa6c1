//! A busy store, lost answers, others who write at the same time, and processes that are stopped.

use std::time::Duration;

use jada_roster::DayState::{Maybe, No, Yes};
use jada_roster::{DynamoRoster, Error, PersonName, RosterRepository, Version};
use tokio::time::{Instant, timeout};

use super::sheet::{Sheet, hire, id, may, member, plan, say, stored, sync};
use crate::faults::{Fault, Faulty};
use crate::roster::tables::{assert_whole, roster};
use crate::sweep;

const WRITE: &str = "UpdateItem";

/// A crew, and a tab in which the first days of May are said of each of them.
async fn crew_of(members: usize) -> (Faulty, DynamoRoster, Sheet) {
    let faulty = Faulty::new();
    let roster = roster(faulty.client()).await;
    hire(&roster, members).await;
    let mut sheet = Sheet::of("2026-05", members);
    for number in 0..members {
        sheet.set(number, may(1), Some(Yes));
        sheet.set(number, may(2), Some(No));
    }
    faulty.requests();
    (faulty, roster, sheet)
}

/// Another process of the same roster.
fn elsewhere(faulty: &Faulty) -> DynamoRoster {
    DynamoRoster::new(faulty.engine().client())
}

#[tokio::test]
async fn whoever_says_something_meanwhile_is_read_again_and_loses_nothing() {
    let (faulty, roster, sheet) = crew_of(3).await;
    let other = elsewhere(&faulty);
    faulty.before(WRITE, async move {
        say(&other, 0, may(1), Some(Maybe)).await;
        say(&other, 0, may(20), Some(No)).await;
    });
    let synced = sync(&roster, &sheet).await;
    let mut requests = faulty.requests();
    requests.sort();
    assert_eq!(requests, ["GetItem", "Scan", WRITE, WRITE, WRITE, WRITE]);
    assert_eq!(synced.written, [id(0), id(1), id(2)]);
    assert_eq!(stored(&roster, 0, may(1)).await, Some(Yes));
    assert_eq!(stored(&roster, 0, may(20)).await, Some(No));
    let overruled: Vec<String> = synced.overruled.iter().map(ToString::to_string).collect();
    assert_eq!(overruled, ["B2: Ann Rivers 0, 2026-05-01: `yes` instead of `maybe`"]);
    assert_eq!((synced.added.len(), synced.changed.len()), (5, 1));
}

#[tokio::test]
async fn two_syncs_at_once_write_each_member_once() {
    let (faulty, roster, sheet) = crew_of(40).await;
    let (ours, theirs) = (plan(&roster, &sheet).await, plan(&roster, &sheet).await);
    let other = elsewhere(&faulty);
    let (ours, theirs) = tokio::join!(ours.write(&roster), theirs.write(&other));
    assert!(ours.is_complete() && theirs.is_complete());
    assert!(ours.written.len() + theirs.written.len() >= 40, "the same written twice is once");
    for number in 0..40 {
        assert_eq!(member(&roster, number).await.version(), Version::Number(2), "{number}");
    }
    assert!(sync(&roster, &sheet).await.written.is_empty());
}

#[tokio::test]
async fn who_is_called_otherwise_meanwhile_or_is_gone_is_left_for_the_next_sync() {
    let (faulty, roster, sheet) = crew_of(3).await;
    let other = elsewhere(&faulty);
    faulty.before(WRITE, async move {
        let ann = member(&other, 0).await;
        other.update(&ann.with_name(PersonName::new("Bo Field").unwrap())).await.unwrap();
        other.remove(&member(&other, 1).await).await.unwrap();
    });
    let synced = sync(&roster, &sheet).await;
    assert_eq!(synced.written, [id(2)]);
    let [renamed, gone] = synced.left_over.as_slice() else { panic!("{synced}") };
    assert_eq!(renamed.to_string(), "B2: Ann Rivers 0 (`c-0000`) was left over");
    assert!(matches!(renamed.error, Error::VersionConflict { .. }), "{:?}", renamed.error);
    assert!(matches!(gone.error, Error::NotFound { .. }), "{:?}", gone.error);
    assert_eq!(stored(&roster, 0, may(1)).await, None);
    let next = sync(&roster, &sheet).await;
    assert_eq!(next.written, [id(0)], "the key says who is meant");
    assert_eq!((next.left_over.len(), next.unknown.len()), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn those_alone_are_tried_again_whom_a_busy_store_has_left_over() {
    let (faulty, roster, sheet) = crew_of(4).await;
    // The SDK asks five times by itself.
    faulty.next(WRITE, &[Fault::Throttle; 25]);
    let synced = sync(&roster, &sheet).await;
    assert_eq!(synced.to_string(), "2026-05: 8 added, 0 changed, 0 removed, 4 members written");
    let requests = faulty.requests();
    assert_eq!((requests[0].as_str(), requests.len()), ("Scan", 30));
    assert!(requests[1..].iter().all(|request| request == WRITE), "{requests:?}");
    assert!(sync(&roster, &sheet).await.written.is_empty());
}

#[tokio::test(start_paused = true)]
async fn who_is_left_over_when_the_time_is_up_is_told_by_name_and_done_by_the_next_sync() {
    let (faulty, roster, sheet) = crew_of(3).await;
    faulty.next(WRITE, &[Fault::None, Fault::None]);
    faulty.next(WRITE, &[Fault::Fail; 10_000]);
    let begun = Instant::now();
    let synced = sync(&roster, &sheet).await;
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());
    assert_eq!((synced.written.len(), synced.left_over.len()), (2, 1), "{synced}");
    let left = &synced.left_over[0];
    assert!(left.error.is_transient() && !synced.is_complete(), "{:?}", left.error);
    assert_eq!(
        (left.to_string(), left.changes.len()),
        ("B4: Ann Rivers 2 (`c-0002`) was left over".into(), 2)
    );
    faulty.heal();
    let next = sync(&roster, &sheet).await;
    assert_eq!(next.written, std::slice::from_ref(&left.crew));
    assert!(next.is_complete());
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_answer_is_lost_is_done_once_and_reported() {
    for answers in [1, 5, 6] {
        let (faulty, roster, sheet) = crew_of(1).await;
        faulty.next(WRITE, &vec![Fault::LoseAnswer; answers]);
        let synced = sync(&roster, &sheet).await;
        assert_eq!((synced.added.len(), synced.written.len()), (2, 1), "{answers}");
        assert_eq!(member(&roster, 0).await.version(), Version::Number(2), "{answers}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_can_never_be_written_is_asked_for_once() {
    let (faulty, roster, sheet) = crew_of(2).await;
    let planned = plan(&roster, &sheet).await;
    faulty.requests();
    let client = faulty.engine().client();
    client.delete_table().table_name("crew-roster").send().await.unwrap();
    let synced = planned.write(&roster).await;
    let all_missing =
        synced.left_over.iter().all(|left| matches!(left.error, Error::TableMissing { .. }));
    assert!(all_missing && synced.left_over.len() == 2, "{synced}");
    assert_eq!(faulty.requests(), [WRITE; 2]);
}

#[tokio::test(start_paused = true)]
async fn a_stop_at_any_request_loses_nothing_and_the_next_sync_does_the_rest() {
    const MEMBERS: usize = 20;
    for fault in [Fault::Stop, Fault::StopDone] {
        for number in (0..=MEMBERS).step_by(sweep(4, 1) as usize) {
            let (faulty, roster, sheet) = crew_of(MEMBERS).await;
            say(&roster, 3, may(1), Some(No)).await;
            faulty.at(number, fault);
            let stopped = timeout(BEFORE_A_RETRY, sync(&roster, &sheet)).await;
            assert!(stopped.is_err() && !faulty.has_more(), "{fault:?} {number}");
            faulty.heal();
            let before = (member(&roster, 0).await, member(&roster, MEMBERS - 1).await);
            for member in [before.0, before.1] {
                let is_whole = member.availability() == member.synced_availability();
                assert!(is_whole, "{fault:?} {number}: {member:?}");
            }
            assert!(sync(&roster, &sheet).await.is_complete());
            assert!(sync(&roster, &sheet).await.written.is_empty(), "{fault:?} {number}");
            for number in 0..MEMBERS {
                assert_eq!(stored(&roster, number, may(1)).await, Some(Yes));
                assert_eq!(stored(&roster, number, may(2)).await, Some(No));
            }
            assert_eq!(assert_whole(&faulty.client()).await, MEMBERS);
        }
    }
}

/// The SDK asks again when it has had no answer for some seconds.
const BEFORE_A_RETRY: Duration = Duration::from_secs(1);
