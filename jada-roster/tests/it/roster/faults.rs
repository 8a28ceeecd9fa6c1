//! Answers that are lost, a busy store, and how many requests everything takes.

use jada_roster::{CascadeLevel, CrewMember, DynamoRoster, Error, Role, RosterRepository, Version};

use super::tables::{
    assert_whole, claims, email, id, person, phone, put_older, roster, scan, text,
};
use crate::faults::{Fault, Faulty};

const WRITE: &str = "TransactWriteItems";

async fn one_member(faulty: &Faulty) -> (DynamoRoster, CrewMember) {
    let roster = roster(faulty.client()).await;
    let added = roster.add(&person(1)).await.unwrap();
    faulty.requests();
    (roster, added)
}

#[tokio::test]
async fn everything_takes_as_few_requests_as_it_can() {
    let faulty = Faulty::new();
    let (roster, added) = one_member(&faulty).await;
    roster.add(&person(2)).await.unwrap();
    assert_eq!(faulty.requests(), [WRITE]);
    for taken in [person(2).with_email(email(3)), person(3).with_phone(phone(1))] {
        roster.add(&taken).await.unwrap_err();
        assert_eq!(faulty.requests(), [WRITE], "who has it is told without another request");
    }
    let captain = roster.update(&added.clone().with_role(Role::Captain)).await.unwrap();
    assert_eq!(faulty.requests(), ["UpdateItem"]);
    roster.update(&added.with_role(Role::Skipper)).await.unwrap_err();
    assert_eq!(faulty.requests(), ["UpdateItem"], "a conflict is told without another request");
    let moved = roster.update(&captain.with_email(email(4))).await.unwrap();
    assert_eq!(faulty.requests(), ["UpdateItem", WRITE]);
    roster.find(&id(1)).await.unwrap().unwrap();
    assert_eq!(faulty.requests(), ["GetItem"]);
    roster.find_by_email(&email(4)).await.unwrap().unwrap();
    assert_eq!(faulty.requests(), ["GetItem", "GetItem"]);
    roster.find_by_phone(&phone(1)).await.unwrap().unwrap();
    assert_eq!(faulty.requests(), ["GetItem", "GetItem"]);
    roster.remove(&moved).await.unwrap();
    assert_eq!(faulty.requests(), ["GetItem", WRITE]);
}

#[tokio::test(start_paused = true)]
async fn an_add_whose_answer_is_lost_is_done_once() {
    for faulty in [Faulty::new(), Faulty::new().forgetful()] {
        let roster = roster(faulty.client()).await;
        faulty.next(WRITE, &[Fault::LoseAnswer]);
        let added = roster.add(&person(1)).await.unwrap();
        assert_eq!(roster.find(&id(1)).await.unwrap(), Some(added));

        faulty.next(WRITE, &[Fault::LoseAnswer; 5]);
        let lost = roster.add(&person(2)).await.unwrap_err();
        assert!(lost.is_transient(), "{lost:?}");
        let added = roster.add(&person(2)).await.unwrap();
        assert_eq!(roster.find(&id(2)).await.unwrap(), Some(added));
        assert_eq!(assert_whole(&faulty.client()).await, 2);
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_whose_answer_is_lost_is_done_once() {
    for faulty in [Faulty::new(), Faulty::new().forgetful()] {
        let (roster, added) = one_member(&faulty).await;
        faulty.next("UpdateItem", &[Fault::LoseAnswer]);
        let captain = roster.update(&added.with_role(Role::Captain)).await.unwrap();
        assert_eq!(captain.version(), Version::Number(2));

        faulty.next("UpdateItem", &[Fault::LoseAnswer; 5]);
        let first = captain.with_cascade_level(CascadeLevel::FIRST);
        assert!(roster.update(&first).await.unwrap_err().is_transient());
        assert_eq!(roster.update(&first).await.unwrap().version(), Version::Number(3));
        assert_eq!(assert_whole(&faulty.client()).await, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_of_contact_whose_answer_is_lost_is_done_once() {
    for faulty in [Faulty::new(), Faulty::new().forgetful()] {
        let (roster, added) = one_member(&faulty).await;
        faulty.next(WRITE, &[Fault::LoseAnswer]);
        let moved = roster.update(&added.with_email(email(2))).await.unwrap();
        assert_eq!(moved.version(), Version::Number(2));

        faulty.next(WRITE, &[Fault::LoseAnswer; 5]);
        let again = moved.with_phone(phone(3)).with_email(email(3));
        assert!(roster.update(&again).await.unwrap_err().is_transient());
        let moved = roster.update(&again).await.unwrap();
        assert_eq!(moved.version(), Version::Number(3));
        assert_eq!(roster.find_by_email(&email(3)).await.unwrap(), Some(moved));
        assert_eq!(assert_whole(&faulty.client()).await, 1);
        assert_eq!(claims(&faulty.client()).await.len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_removal_whose_answer_is_lost_is_done() {
    for faulty in [Faulty::new(), Faulty::new().forgetful()] {
        let (roster, added) = one_member(&faulty).await;
        faulty.next(WRITE, &[Fault::LoseAnswer]);
        roster.remove(&added).await.unwrap();
        let added = roster.add(&person(1)).await.unwrap();
        faulty.next(WRITE, &[Fault::LoseAnswer; 5]);
        assert!(roster.remove(&added).await.unwrap_err().is_transient());
        roster.remove(&added).await.unwrap();
        assert_eq!(assert_whole(&faulty.client()).await, 0);
        assert_eq!(scan(&faulty.client(), "crew-keys").await, []);
    }
}

#[tokio::test(start_paused = true)]
async fn claims_whose_answers_are_lost_are_made_once() {
    for faulty in [Faulty::new(), Faulty::new().forgetful()] {
        let roster = roster(faulty.client()).await;
        let client = faulty.engine().client();
        put_older(&client, 1).await;
        faulty.next(WRITE, &[Fault::LoseAnswer; 2]);
        let report = roster.claim_contacts().await.unwrap();
        assert_eq!((report.claimed, report.released, report.contested.len()), (2, 0, 0));

        put_older(&client, 2).await;
        faulty.next(WRITE, &[Fault::LoseAnswer; 5]);
        assert!(roster.claim_contacts().await.unwrap_err().is_transient());
        let report = roster.claim_contacts().await.unwrap();
        assert_eq!(report.claimed, 1, "the other was claimed though nobody was told");
        assert!(report.contested.is_empty() && report.unreadable.is_empty(), "{report:?}");

        let gone = client.delete_item().table_name("crew-roster").key("crew_id", text("c-00001"));
        gone.send().await.unwrap();
        faulty.next(WRITE, &[Fault::LoseAnswer; 5]);
        assert!(roster.claim_contacts().await.unwrap_err().is_transient());
        assert_eq!(roster.claim_contacts().await.unwrap().released, 1);
        assert_eq!(assert_whole(&client).await, 1);
        assert_eq!(claims(&client).await.len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_busy_store_is_asked_again() {
    let faulty = Faulty::new();
    let (roster, added) = one_member(&faulty).await;
    let busy = [Fault::Throttle, Fault::Fail, Fault::Conflict, Fault::Throttle];
    faulty.next(WRITE, &busy);
    roster.add(&person(2)).await.unwrap();
    faulty.next("UpdateItem", &busy);
    let captain = roster.update(&added.with_role(Role::Captain)).await.unwrap();
    faulty.next(WRITE, &busy);
    let moved = roster.update(&captain.with_email(email(9))).await.unwrap();
    faulty.next("GetItem", &[Fault::Throttle; 4]);
    assert_eq!(roster.find(&id(1)).await.unwrap(), Some(moved.clone()));
    faulty.next(WRITE, &busy);
    roster.remove(&moved).await.unwrap();
    assert_eq!(assert_whole(&faulty.client()).await, 1);

    faulty.next("GetItem", &[Fault::Throttle; 5]);
    let busy = roster.find(&id(2)).await.unwrap_err();
    assert!(matches!(busy, Error::Unavailable { operation: "GetItem", .. }), "{busy:?}");
}

#[tokio::test(start_paused = true)]
async fn rows_that_many_write_are_tried_again_with_patience_and_not_for_ever() {
    let faulty = Faulty::new();
    let (roster, added) = one_member(&faulty).await;
    faulty.next(WRITE, &[Fault::Conflict; 15]);
    roster.add(&person(2)).await.unwrap();
    assert_eq!(faulty.count(WRITE), 16);
    faulty.next("UpdateItem", &[Fault::Conflict; 15]);
    roster.update(&added.clone().with_role(Role::Captain)).await.unwrap();

    faulty.requests();
    for operation in [WRITE, "UpdateItem"] {
        faulty.next(operation, &[Fault::Conflict; 100]);
    }
    let late = roster.add(&person(3)).await.unwrap_err();
    assert!(matches!(late, Error::Unavailable { operation: WRITE, .. }), "{late:?}");
    let late = roster.update(&added).await.unwrap_err();
    assert!(matches!(late, Error::Unavailable { operation: "UpdateItem", .. }), "{late:?}");
    assert_eq!(faulty.requests().len(), 16 + 16);
    assert_eq!(assert_whole(&faulty.client()).await, 2);
}

#[tokio::test(start_paused = true)]
async fn several_members_are_read_in_batches_of_which_leftovers_alone_are_read_again() {
    let faulty = Faulty::new();
    let roster = roster(faulty.client()).await;
    for number in 0..120 {
        roster.add(&person(number)).await.unwrap();
    }
    faulty.requests();
    let ids: Vec<_> = (0..150).chain(0..10).map(id).collect();
    faulty.next("BatchGetItem", &[Fault::LeaveHalf, Fault::LeaveHalf]);
    let mut found = roster.find_all(&ids).await.unwrap();
    found.sort_by(|a, b| a.id().cmp(b.id()));
    assert_eq!(found.iter().map(CrewMember::id).collect::<Vec<_>>(), Vec::from_iter(&ids[..120]));
    assert_eq!(faulty.requests(), ["BatchGetItem"; 4], "100, 50 left, 25 left, and the other 50");

    faulty.next("BatchGetItem", &[Fault::LeaveHalf; 5]);
    match roster.find_all(&ids[..100]).await {
        Err(Error::Unprocessed { table, keys }) => {
            assert_eq!(table, "crew-roster");
            assert_eq!(keys, Vec::from_iter(ids[97..100].iter().map(ToString::to_string)));
        }
        other => panic!("{other:?}"),
    }
}
