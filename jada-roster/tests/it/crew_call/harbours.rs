//! Charters that go to another harbour, and whose hours cannot be read: what is followed all the same.

use std::sync::atomic::Ordering;
use std::time::Duration;

use jada_auth::Clock;
use jada_roster::{
    Answer, CallRules, Charter, CharterBuilder, CrewCall, Currency, Error, Harbour, MemoryCharters,
    Phase, Status,
};
use jiff::civil::{Date, date};
use jiff::tz::{TimeZone, offset};

use super::desk::{CAPTAINS, Desk, at, crew, id, moody};

const MAY_9: Date = date(2026, 5, 9);

fn lies_at(harbour: &str, hours: &str) -> CharterBuilder {
    let columns = [("hours", hours), ("harbour", harbour)];
    let columns = columns.map(|(name, text)| (name.to_owned(), text.to_owned()));
    Charter::builder(id("C-1"), MAY_9, Currency::USD).status(Status::Confirmed).extra(columns)
}

/// Of "Pier 2".
async fn desk(now: &str) -> Desk<MemoryCharters> {
    Desk::new(MemoryCharters::new(), crew(&CAPTAINS).await, &["captain"], now).await
}

/// A captain is aboard, and the charter goes to "Pier 3".
async fn gone_with_a_captain() -> Desk<MemoryCharters> {
    let desk = desk("2026-05-01T10:00:00Z").await;
    desk.save(lies_at("Pier 2", "10:00-12:00")).await;
    desk.look("C-1").await;
    desk.say("C-1", "c1", Answer::Accept).await;
    desk.post.new_ones();
    desk.save(lies_at("Pier 3", "10:00-12:00")).await;
    assert_eq!(desk.look("C-1").await, ["changed c1 2026-05-09"]);
    desk
}

#[tokio::test]
async fn whoever_is_taken_off_at_another_harbour_is_told_and_the_berth_is_free() {
    let desk = gone_with_a_captain().await;
    desk.assign("C-1", &[]).await;
    assert_eq!(desk.look("C-1").await, ["released c1 2026-05-09"]);
    assert_eq!(desk.phase("C-1").await, Phase::Calling);
    let error = desk.call.advance(&id("C-1")).await.unwrap_err();
    assert!(matches!(error, Error::Invalid { .. }), "{error}");
    desk.save(lies_at("Pier 2", "10:00-12:00")).await;
    assert_eq!(desk.look("C-1").await, ["ask c2 2026-05-09"]);
}

#[tokio::test]
async fn whoever_sails_at_another_harbour_is_told_that_it_is_off() {
    let desk = gone_with_a_captain().await;
    desk.status("C-1", Status::Cancelled).await;
    assert_eq!(desk.look("C-1").await, ["released c1 2026-05-09"]);
    assert_eq!(desk.phase("C-1").await, Phase::CalledOff);
    assert_eq!(desk.look("C-1").await, [""; 0]);
}

#[tokio::test]
async fn operations_are_told_at_the_lead_though_hours_cannot_be_read() {
    let desk = desk("2026-05-08T10:00:00Z").await;
    desk.save(lies_at("Pier 2", "10:00-12:00")).await;
    desk.look("C-1").await;
    desk.save(lies_at("Pier 2", "ten")).await;
    let mut told = Vec::new();
    while desk.clock.now().wall < at("2026-05-09T09:00:00Z") {
        let unread = match desk.call.advance(&id("C-1")).await {
            Ok(advanced) => advanced.unreadable.len(),
            Err(Error::Invalid { .. }) => 1,
            Err(error) => panic!("{error}"),
        };
        assert_eq!(unread, 1, "a person is to mend it");
        told.extend(desk.post.new_ones());
        desk.hours(1);
    }
    assert_eq!(told, ["nobody-left operations 2026-05-09"]);
}

#[tokio::test]
async fn an_ask_that_is_late_is_not_handed_over_for_another_harbour() {
    let (desk, post) = moody(&CAPTAINS).await;
    desk.save(lies_at("Pier 2", "10:00-12:00")).await;
    post.is_down.store(true, Ordering::SeqCst);
    desk.call.advance(&id("C-1")).await.unwrap_err();
    post.is_down.store(false, Ordering::SeqCst);
    desk.save(lies_at("Pier 3", "10:00-12:00")).await;
    for _ in 0..2 {
        let error = desk.call.advance(&id("C-1")).await.unwrap_err();
        assert!(matches!(error, Error::Invalid { .. }), "{error}");
        assert_eq!(post.post.new_ones(), [""; 0]);
    }
    desk.save(lies_at("Pier 2", "10:00-12:00")).await;
    desk.call.advance(&id("C-1")).await.unwrap();
    assert_eq!(post.post.new_ones(), ["ask c1 2026-05-09"]);
}

/// Two dispatchers on one table, ten hours apart.
#[tokio::test]
async fn the_dispatcher_of_another_harbour_leaves_a_call_as_it_is() {
    let desk = desk("2026-05-08T20:00:00Z").await;
    let zone = TimeZone::fixed(offset(-10));
    let rules = CallRules::builder(Harbour::new("Pier 3", zone)).build().unwrap();
    let roster = crew(&CAPTAINS).await;
    let theirs = CrewCall::builder(desk.charters.clone(), roster, rules, desk.post.clone());
    let theirs = theirs.clock(desk.clock.clone()).build();
    desk.save(lies_at("Pier 3", "13:00-15:00")).await;
    let mut told = Vec::new();
    for _ in 0..60 {
        theirs.advance(&id("C-1")).await.unwrap();
        told.extend(desk.post.new_ones());
        let before = desk.stored("C-1").await.version();
        if let Err(error) = desk.call.advance(&id("C-1")).await {
            assert!(matches!(error, Error::Invalid { .. }), "{error}");
        }
        assert_eq!(desk.stored("C-1").await.version(), before);
        assert_eq!(desk.post.new_ones(), [""; 0]);
        desk.clock.advance(Duration::from_secs(1800));
    }
    let all = ["ask c1 2026-05-09", "ask c2 2026-05-09", "nobody-left operations 2026-05-09"];
    assert_eq!(told, all);
}
