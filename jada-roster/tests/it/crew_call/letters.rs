//! What reaches a member, and in which order, when something is not as it should be.

use futures_util::TryStreamExt;
use jada_roster::{Answer, Charter, Currency, Error, Outcome, Phase, Status};
use jiff::civil::date;

use super::station::{Station, booking, id};

#[tokio::test]
async fn the_last_letter_that_a_member_gets_is_true() {
    let station = Station::in_memory().await;
    station.book(booking("C-1", date(2026, 5, 3))).await;
    station.look("C-1").await;
    station.post.goes_down();
    station.say("C-1", "c1", Answer::Accept).await;
    station.cancel("C-1").await;
    station.post.refuses_once("aboard");
    let failed = station.call.advance(&id("C-1")).await.unwrap_err();
    assert!(failed.is_transient(), "{failed}");
    assert_eq!(station.post.new_ones(), [""; 0], "what comes later is kept back");
    assert_eq!(station.look("C-1").await, ["aboard c1 2026-05-03", "released c1 2026-05-03"]);
}

fn telling(name: &str, status: Status, column: &str, text: &str) -> jada_roster::CharterBuilder {
    let told = [(column.to_owned(), text.to_owned())];
    Charter::builder(id(name), date(2026, 5, 3), Currency::USD).status(status).extra(told)
}

#[tokio::test]
async fn a_number_of_guests_that_cannot_be_read_stops_nothing() {
    let station = Station::in_memory().await;
    station.book(telling("C-1", Status::Confirmed, "guests", "6-8")).await;
    let advanced = station.call.advance(&id("C-1")).await.unwrap();
    assert_eq!(station.post.new_ones(), ["ask c1 2026-05-03"]);
    let [Error::Invalid { found, .. }] = &advanced.unreadable[..] else { panic!("{advanced:?}") };
    assert_eq!(found, "6-8", "and it is said");
    assert_eq!(station.say("C-1", "c1", Answer::Accept).await, Outcome::Aboard);
    assert_eq!(station.post.new_ones(), ["aboard c1 2026-05-03"]);
    station.cancel("C-1").await;
    assert_eq!(station.look("C-1").await, ["released c1 2026-05-03"]);
}

#[tokio::test]
async fn while_hours_cannot_be_read_answers_count_and_nobody_is_asked() {
    let station = Station::in_memory().await;
    station.book(telling("C-1", Status::Confirmed, "hours", "14:00-18:00")).await;
    station.look("C-1").await;
    station.book(telling("C-1", Status::Confirmed, "hours", "afternoon")).await;
    station.hours(3);
    let refused = station.call.advance(&id("C-1")).await.unwrap_err();
    assert!(matches!(&refused, Error::Invalid { found, .. } if found == "afternoon"), "{refused}");
    assert_eq!(station.post.new_ones(), [""; 0], "c2 is not asked for nobody knows when");
    assert_eq!(station.say("C-1", "c1", Answer::Accept).await, Outcome::Aboard);
    assert_eq!(station.post.new_ones(), ["aboard c1 2026-05-03"]);
    let looked: Vec<_> =
        station.call.advance_month("2026-05".parse().unwrap()).try_collect().await.unwrap();
    let advanced = looked[0].outcome.as_ref().unwrap();
    assert_eq!((looked.len(), advanced.unreadable.len()), (1, 1), "and it is said");
    station.book(telling("C-1", Status::Confirmed, "hours", "14:00-18:00")).await;
    assert_eq!(station.look("C-1").await, [""; 0], "they are as they were");
}

#[tokio::test]
async fn crew_are_told_that_it_is_off_though_its_hours_cannot_be_read() {
    let station = Station::in_memory().await;
    station.book(booking("C-1", date(2026, 5, 3))).await;
    station.look("C-1").await;
    station.say("C-1", "c1", Answer::Accept).await;
    station.post.new_ones();
    station.book(telling("C-1", Status::Cancelled, "hours", "afternoon")).await;
    assert_eq!(station.look("C-1").await, ["released c1 2026-05-03"]);
    assert_eq!(station.phase("C-1").await, Phase::CalledOff);
}
