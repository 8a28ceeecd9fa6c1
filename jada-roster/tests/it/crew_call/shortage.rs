//! Berths that stay free: who is asked again, and who is told, and when.

use std::time::Duration;

use futures_util::TryStreamExt;
use jada_roster::{
    Answer, CrewMember, MemoryCharters, PersonName, Phase, Role, RosterRepository, Status,
};
use jiff::civil::date;

use super::desk::{CAPTAINS, Desk, booking, crew, id, moody, who};

/// Time runs out while somebody is waited for.
#[tokio::test]
async fn a_charter_that_casts_off_without_a_captain_is_an_alert() {
    let desk = Desk::new(
        MemoryCharters::new(),
        crew(&CAPTAINS).await,
        &["captain"],
        "2026-05-03T09:00:00Z",
    )
    .await;
    desk.save(booking("C-1", date(2026, 5, 3), "10:30-14:00", Status::Confirmed)).await;
    let mut mails = desk.look("C-1").await;
    let mut alerts = 0;
    for _ in 0..40 {
        desk.clock.advance(Duration::from_secs(300));
        mails.extend(desk.dispatch(&["2026-05"]).await);
        alerts += desk.call.exhausted().try_collect::<Vec<_>>().await.unwrap().len();
    }
    let told = mails.iter().any(|mail| mail.starts_with("nobody-left"));
    assert!(told && alerts > 0, "no captain, and nobody knows: {mails:?}");
    assert_eq!(desk.phase("C-1").await, Phase::Exhausted, "that is how it ended");
}

/// One who was asked for a berth that another filled can fill another one.
#[tokio::test]
async fn a_skipper_who_was_too_late_for_the_captains_berth_is_asked_for_the_other() {
    let members = [("c1", Role::Captain, 1), ("s1", Role::Skipper, 1)];
    let desk = Desk::new(
        MemoryCharters::new(),
        crew(&members).await,
        &["captain/skipper", "crew/skipper"],
        "2026-05-01T10:00:00Z",
    )
    .await;
    desk.save(booking("C-1", date(2026, 5, 3), "", Status::Confirmed)).await;
    desk.look("C-1").await;
    desk.say("C-1", "c1", Answer::Accept).await;
    desk.look("C-1").await;
    assert_ne!(
        desk.phase("C-1").await,
        Phase::Exhausted,
        "s1 is free, may fill it, and said no to nothing"
    );
}

/// One who has never refused is asked again when the berth is free again.
#[tokio::test]
async fn those_who_were_told_that_it_is_taken_are_told_when_it_is_free_again() {
    let members = [("c1", Role::Captain, 1), ("c2", Role::Captain, 1)];
    let desk = Desk::new(
        MemoryCharters::new(),
        crew(&members).await,
        &["captain"],
        "2026-05-01T10:00:00Z",
    )
    .await;
    desk.save(booking("C-1", date(2026, 5, 3), "", Status::Confirmed)).await;
    desk.look("C-1").await;
    desk.say("C-1", "c1", Answer::Accept).await;
    desk.post.new_ones();
    desk.say("C-1", "c1", Answer::Decline).await;
    let mails = desk.look("C-1").await;
    assert!(mails.iter().any(|mail| mail.contains("c2")), "{mails:?}");
}

/// The alert stays while nobody is left.
#[tokio::test]
async fn the_captains_berth_that_has_nobody_left_is_told_while_others_are_still_called() {
    let members = [
        ("c1", Role::Captain, 1),
        ("k1", Role::Crew, 1),
        ("k2", Role::Crew, 2),
        ("k3", Role::Crew, 3),
        ("k4", Role::Crew, 4),
        ("k5", Role::Crew, 5),
    ];
    let desk = Desk::new(
        MemoryCharters::new(),
        crew(&members).await,
        &["captain", "crew"],
        "2026-05-02T16:00:00Z",
    )
    .await;
    desk.save(booking("C-1", date(2026, 5, 3), "14:00-18:00", Status::Confirmed)).await;
    desk.look("C-1").await;
    desk.say("C-1", "c1", Answer::Decline).await;
    let mut mails = Vec::new();
    for _ in 0..12 {
        desk.hours(1);
        mails.extend(desk.dispatch(&["2026-05"]).await);
    }
    assert!(mails.iter().any(|mail| mail.starts_with("nobody-left")), "12 hours: {mails:?}");
}

/// The outbox is down for as long as two windows.
#[tokio::test]
async fn levels_keep_their_order_and_windows_when_the_outbox_was_down() {
    let members = [
        ("c1", Role::Captain, 1),
        ("c2", Role::Captain, 2),
        ("c3", Role::Captain, 3),
        ("c4", Role::Captain, 4),
    ];
    let (desk, post) = moody(&members).await;
    desk.save(booking("C-1", date(2026, 5, 9), "", Status::Confirmed)).await;
    post.is_down.store(true, std::sync::atomic::Ordering::SeqCst);
    for _ in 0..4 {
        let _ = desk.call.advance(&id("C-1")).await;
        desk.hours(1);
    }
    post.is_down.store(false, std::sync::atomic::Ordering::SeqCst);
    desk.call.advance(&id("C-1")).await.unwrap();
    let mails = post.post.new_ones();
    assert_eq!(mails, ["ask c1 2026-05-09"], "all levels at once, and nobody is left");
}

/// The captain drops out while the crew is called.
#[tokio::test]
async fn a_captains_berth_that_is_free_again_is_called_for_at_once() {
    let members = [
        ("c1", Role::Captain, 1),
        ("c2", Role::Captain, 2),
        ("k1", Role::Crew, 1),
        ("k2", Role::Crew, 2),
    ];
    let desk = Desk::new(
        MemoryCharters::new(),
        crew(&members).await,
        &["captain", "crew"],
        "2026-05-03T08:00:00Z",
    )
    .await;
    desk.save(booking("C-1", date(2026, 5, 3), "13:30-18:00", Status::Confirmed)).await;
    desk.look("C-1").await;
    desk.say("C-1", "c1", Answer::Accept).await;
    desk.look("C-1").await;
    desk.say("C-1", "c1", Answer::Decline).await;
    desk.post.new_ones();
    desk.clock.advance(Duration::from_secs(60));
    let mails = desk.dispatch(&["2026-05"]).await;
    assert!(mails.iter().any(|mail| mail.starts_with("ask c2")), "{mails:?}");
}

/// The alert by night.
#[tokio::test]
async fn the_alert_that_nobody_is_left_does_not_go_away_by_itself() {
    let roster = crew(&CAPTAINS[..1]).await;
    let desk =
        Desk::new(MemoryCharters::new(), roster.clone(), &["captain"], "2026-05-02T20:00:00Z")
            .await;
    desk.save(booking("C-1", date(2026, 5, 3), "10:00-14:00", Status::Confirmed)).await;
    desk.look("C-1").await;
    desk.say("C-1", "c1", Answer::Decline).await;
    desk.look("C-1").await;
    let alerts = || desk.call.exhausted().try_collect::<Vec<_>>();
    assert_eq!(alerts().await.unwrap().len(), 1);
    let name = PersonName::new("Member c2").unwrap();
    let (phone, email) = ("+15550109999".parse().unwrap(), "c2@example.com".parse().unwrap());
    roster.add(&CrewMember::new(who("c2"), name, phone, email, Role::Captain)).await.unwrap();
    desk.hours(2);
    desk.dispatch(&["2026-05"]).await;
    assert_eq!(desk.phase("C-1").await, Phase::Exhausted);
    assert_eq!(alerts().await.unwrap().len(), 1, "exhausted, and not among the exhausted");
}

/// An ask that had not left is dropped when a booking is marked sailed by mistake.
#[tokio::test]
async fn whoever_was_asked_by_a_mail_that_never_left_is_not_skipped() {
    let (desk, post) = moody(&CAPTAINS).await;
    desk.save(booking("C-1", date(2026, 5, 9), "", Status::Confirmed)).await;
    *post.refuses.lock().unwrap() = Some("ask");
    let _ = desk.call.advance(&id("C-1")).await;
    desk.status("C-1", Status::Completed).await;
    desk.call.advance(&id("C-1")).await.unwrap();
    desk.status("C-1", Status::Confirmed).await;
    let mut mails = Vec::new();
    for _ in 0..24 {
        desk.call.advance(&id("C-1")).await.unwrap();
        mails.extend(post.post.new_ones());
        desk.hours(1);
    }
    assert!(mails.iter().any(|mail| mail.starts_with("ask c1")), "c1 is skipped: {mails:?}");
}

/// Whoever runs one call by hand wants to know now; who runs all of them, when it is due.
#[tokio::test]
async fn a_call_that_is_looked_at_by_name_asks_whoever_has_come_since() {
    let roster = crew(&CAPTAINS[..1]).await;
    let berths = ["captain"];
    let desk =
        Desk::new(MemoryCharters::new(), roster.clone(), &berths, "2026-05-01T10:00:00Z").await;
    desk.save(booking("C-1", date(2026, 5, 9), "", Status::Confirmed)).await;
    desk.look("C-1").await;
    desk.say("C-1", "c1", Answer::Decline).await;
    assert_eq!(desk.look("C-1").await, ["nobody-left operations 2026-05-09"]);
    let before = desk.stored("C-1").await.version();
    desk.clock.advance(Duration::from_secs(300));
    assert_eq!(desk.look("C-1").await, [""; 0]);
    assert_eq!(desk.stored("C-1").await.version(), before, "it keeps its hour");
    let name = PersonName::new("Captain 2").unwrap();
    let (phone, email) = ("+15550100102".parse().unwrap(), "c2@example.com".parse().unwrap());
    roster.add(&CrewMember::new(who("c2"), name, phone, email, Role::Captain)).await.unwrap();
    assert_eq!(desk.dispatch(&["2026-05"]).await, [""; 0], "it is not due");
    assert_eq!(desk.look("C-1").await, ["ask c2 2026-05-09"]);
    assert_eq!(desk.phase("C-1").await, Phase::Calling);
}
