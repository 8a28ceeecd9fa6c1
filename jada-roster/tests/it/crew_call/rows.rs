//! Rows that other tools write, and what cannot be read of them.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::TryStreamExt;
use jada_roster::{Answer, DynamoCharters, EmbeddedEngine, Error, Outcome};
use jiff::civil::date;

use super::station::{Station, booking, id, put, set, text};
use crate::faults::Faulty;

async fn on_dynamodb() -> (EmbeddedEngine, Station<DynamoCharters>) {
    let engine = EmbeddedEngine::in_memory().unwrap();
    let charters = DynamoCharters::new(engine.client());
    charters.ensure_call_index().await.unwrap();
    (engine, Station::of(charters).await)
}

#[tokio::test(start_paused = true)]
async fn a_row_whose_crew_an_older_tool_spelled_in_its_way_is_called_for() {
    let map = |pairs: &[(&str, &str)]| {
        AttributeValue::M(pairs.iter().map(|(k, v)| ((*k).to_owned(), text(v))).collect())
    };
    for spelled in [
        AttributeValue::L(vec![]),
        AttributeValue::Null(true),
        AttributeValue::L(vec![map(&[("crew_id", "bo")])]),
        AttributeValue::L(vec![map(&[("crew_id", "bo"), ("berth", "Mate")])]),
        AttributeValue::L(vec![map(&[("crew_id", "bo"), ("berth", "mate"), ("name", "Bo")])]),
    ] {
        let faulty = Faulty::new();
        let charters = DynamoCharters::new(faulty.client());
        charters.ensure_call_index().await.unwrap();
        let station = Station::of(charters).await;
        put(&faulty.client(), "2026-05-03", &[("assignments", spelled.clone())]).await;
        faulty.requests();
        assert_eq!(station.look("C-1").await, ["ask c1 2026-05-03"], "{spelled:?}");
        let writes = faulty.count("UpdateItem");
        assert!(writes <= 3, "{spelled:?}: {writes} writes");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_a_row_whose_crew_an_older_tool_emptied_is_taken() {
    let (engine, station) = on_dynamodb().await;
    station.book(booking("C-1", date(2026, 5, 3))).await;
    station.look("C-1").await;
    set(&engine.client(), "assignments", AttributeValue::L(vec![])).await;
    assert_eq!(station.say("C-1", "c1", Answer::Accept).await, Outcome::Aboard);
}

#[tokio::test(start_paused = true)]
async fn a_row_that_another_never_stops_writing_is_an_error_that_heals() {
    let faulty = Faulty::new();
    let charters = DynamoCharters::new(faulty.client());
    charters.ensure_call_index().await.unwrap();
    let station = Station::of(charters).await;
    station.book(booking("C-1", date(2026, 5, 3))).await;
    faulty.requests();
    for number in 0..100 {
        let (client, version) =
            (faulty.engine().client(), AttributeValue::N((9 + number).to_string()));
        faulty.before("UpdateItem", async move { set(&client, "version", version).await });
    }
    let given_up = station.call.advance(&id("C-1")).await.unwrap_err();
    assert!(matches!(given_up, Error::VersionConflict { .. }) && given_up.is_transient());
    let tries = faulty.count("UpdateItem");
    assert!((2..=64).contains(&tries), "{tries}");
    assert!(station.post.new_ones().is_empty());
}

#[tokio::test]
async fn a_row_that_lost_its_call_is_called_for_by_mails_that_leave() {
    let (engine, station) = on_dynamodb().await;
    put(&engine.client(), "2026-05-03", &[]).await;
    assert_eq!(station.look("C-1").await, ["ask c1 2026-05-03"]);
    put(&engine.client(), "2026-05-20", &[]).await;
    assert_eq!(station.look("C-1").await, ["ask c1 2026-05-20"]);
}

#[tokio::test]
async fn a_row_that_has_no_room_for_its_call_is_named_with_what_mends_it() {
    let (engine, station) = on_dynamodb().await;
    station.book(booking("C-1", date(2026, 5, 3))).await;
    set(&engine.client(), "scan", text(&"n".repeat(409_200))).await;
    station.book(booking("C-2", date(2026, 5, 3))).await;
    let month = station.call.advance_month("2026-05".parse().unwrap());
    let looked: Vec<_> = month.try_collect().await.unwrap();
    let outcomes = [&looked[0].outcome, &looked[1].outcome];
    let [Err(error @ Error::Invalid { .. }), Ok(_)] = outcomes else { panic!("{looked:?}") };
    let mend = "row of charter `C-1` is not valid: expected at most 400 KB with its call: shorten \
                its notes, or what other tools keep in it";
    assert_eq!((error.to_string().as_str(), error.is_transient()), (mend, false));
    assert_eq!(station.post.new_ones(), ["ask c1 2026-05-03"], "the other goes on");

    set(&engine.client(), "scan", text("n")).await;
    assert_eq!(station.look("C-1").await, ["ask c1 2026-05-03"]);
}

#[tokio::test]
async fn a_call_does_not_grow_with_its_rounds() {
    let (engine, station) = on_dynamodb().await;
    let client = engine.client();
    let length = async || {
        let row = client.get_item().table_name("crew-dispatch").key("charter_id", text("C-1"));
        let row = row.send().await.unwrap().item.unwrap();
        row["call"].as_s().unwrap().len()
    };
    let mut lengths = Vec::new();
    for day in 3..=30 {
        station.book(booking("C-1", date(2026, 5, day))).await;
        station.look("C-1").await;
        lengths.push(length().await);
    }
    let (first, last) = (lengths[0], lengths[lengths.len() - 1]);
    assert!(last < first + 20, "digits of numbers alone: {lengths:?}");
}

#[tokio::test]
async fn a_row_that_was_deleted_while_its_call_was_open_is_told() {
    let (engine, station) = on_dynamodb().await;
    for name in ["C-1", "C-2"] {
        station.book(booking(name, date(2026, 5, 3))).await;
    }
    station.look("C-1").await;
    let delete = engine.client().delete_item().table_name("crew-dispatch");
    delete.key("charter_id", text("C-1")).send().await.unwrap();
    let looked: Vec<_> =
        station.call.advance_each([id("C-1"), id("C-2")]).try_collect().await.unwrap();
    let [gone, other] = &looked[..] else { panic!("{looked:?}") };
    assert_eq!(gone.charter, id("C-1"));
    assert!(matches!(&gone.outcome, Err(Error::NotFound { id, .. }) if id == "C-1"), "{gone:?}");
    assert!(other.outcome.is_ok(), "{other:?}");
    assert_eq!(station.call.advance_due().try_collect::<Vec<_>>().await.unwrap().len(), 0);
}
