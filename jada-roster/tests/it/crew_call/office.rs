//! What the office does to charters that are called for: it moves them, calls them off, puts crew
//! aboard and puts its books right.

use jada_roster::{Answer, MemoryCharters, Outcome, Role, Status};
use jiff::civil::date;

use super::desk::{CAPTAINS, Desk, booking, crew};

/// The office pencils somebody in while the charter is off.
#[tokio::test]
async fn nobody_is_told_that_they_sail_on_a_charter_that_is_off() {
    let desk = Desk::new(
        MemoryCharters::new(),
        crew(&CAPTAINS).await,
        &["captain"],
        "2026-05-01T10:00:00Z",
    )
    .await;
    desk.save(booking("C-1", date(2026, 5, 3), "", Status::Confirmed)).await;
    desk.look("C-1").await;
    desk.say("C-1", "c1", Answer::Accept).await;
    desk.status("C-1", Status::Pending).await;
    desk.look("C-1").await;
    desk.assign("C-1", &[("c1", Role::Captain)]).await;
    let mails = desk.look("C-1").await;
    assert!(mails.is_empty(), "the charter is pending: {mails:?}");
}

/// And what is left of it.
#[tokio::test]
async fn whoever_has_an_invitation_is_told_when_the_charter_is_off() {
    let desk = Desk::new(
        MemoryCharters::new(),
        crew(&CAPTAINS).await,
        &["captain"],
        "2026-05-01T10:00:00Z",
    )
    .await;
    desk.save(booking("C-1", date(2026, 5, 3), "", Status::Confirmed)).await;
    desk.look("C-1").await;
    desk.say("C-1", "c1", Answer::Accept).await;
    let mut mails = desk.post.new_ones();
    desk.status("C-1", Status::Pending).await;
    mails.extend(desk.look("C-1").await);
    desk.assign("C-1", &[("c1", Role::Captain)]).await;
    mails.extend(desk.look("C-1").await);
    desk.status("C-1", Status::Confirmed).await;
    mails.extend(desk.look("C-1").await);
    desk.status("C-1", Status::Cancelled).await;
    mails.extend(desk.look("C-1").await);
    let last = mails.iter().rev().find(|mail| mail.contains(" c1 ")).unwrap();
    assert!(last.starts_with("released"), "c1 comes to the pier: {mails:?}");
}

/// The books are put right after the sail.
#[tokio::test]
async fn a_correction_after_the_sail_leaves_who_sailed_alone() {
    for correction in ["date", "cancelled", "pending"] {
        let desk = Desk::new(
            MemoryCharters::new(),
            crew(&CAPTAINS).await,
            &["captain"],
            "2026-05-01T10:00:00Z",
        )
        .await;
        desk.save(booking("C-1", date(2026, 5, 3), "", Status::Confirmed)).await;
        desk.look("C-1").await;
        desk.say("C-1", "c1", Answer::Accept).await;
        desk.post.new_ones();
        desk.hours(24 * 5);
        match correction {
            "date" => desk.save(booking("C-1", date(2026, 5, 2), "", Status::Confirmed)).await,
            "pending" => desk.status("C-1", Status::Pending).await,
            _ => desk.status("C-1", Status::Cancelled).await,
        }
        let mails = desk.dispatch(&["2026-05"]).await;
        let aboard = desk.aboard("C-1").await;
        assert!(
            mails.is_empty() && aboard == ["c1"],
            "{correction}: {mails:?}, sailed: {aboard:?}"
        );
    }
}

/// The office moves a charter and puts somebody aboard for the new day, between two looks.
#[tokio::test]
async fn whoever_the_office_puts_aboard_for_the_new_day_is_not_told_that_it_is_off() {
    let desk = Desk::new(
        MemoryCharters::new(),
        crew(&CAPTAINS).await,
        &["captain"],
        "2026-05-01T10:00:00Z",
    )
    .await;
    desk.save(booking("C-1", date(2026, 5, 3), "", Status::Confirmed)).await;
    desk.look("C-1").await;
    desk.save(booking("C-1", date(2026, 5, 4), "", Status::Confirmed)).await;
    desk.assign("C-1", &[("c1", Role::Captain)]).await;
    let mails = desk.look("C-1").await;
    assert_eq!(desk.aboard("C-1").await, ["c1"]);
    let last = mails.iter().rev().find(|mail| mail.contains(" c1 ")).unwrap();
    assert!(last.starts_with("aboard"), "c1 sails on the 4th, and was told: {mails:?}");
}

/// Other hours meet another charter of the same member.
#[tokio::test]
async fn nobody_sails_twice_at_once_unsaid_when_hours_change() {
    let desk = Desk::new(
        MemoryCharters::new(),
        crew(&CAPTAINS[..1]).await,
        &["captain"],
        "2026-05-01T10:00:00Z",
    )
    .await;
    let day = date(2026, 5, 3);
    desk.save(booking("C-1", day, "09:00-12:00", Status::Confirmed)).await;
    desk.save(booking("C-2", day, "13:00-16:00", Status::Confirmed)).await;
    for name in ["C-1", "C-2"] {
        desk.look(name).await;
        assert_eq!(desk.say(name, "c1", Answer::Accept).await, Outcome::Aboard);
    }
    desk.post.new_ones();
    desk.save(booking("C-2", day, "10:00-13:00", Status::Confirmed)).await;
    let mails = desk.dispatch(&["2026-05"]).await;
    let both = (desk.aboard("C-1").await, desk.aboard("C-2").await);
    let operations = mails.iter().any(|mail| mail.contains("operations"));
    assert!(both.0 != both.1 || operations, "{both:?}: {mails:?}");
}

/// A hand-assigned captain goes along to another day on which they sail elsewhere.
#[tokio::test]
async fn whoever_was_put_aboard_by_hand_does_not_move_with_a_charter_unsaid() {
    let desk = Desk::new(
        MemoryCharters::new(),
        crew(&CAPTAINS).await,
        &["captain"],
        "2026-05-01T10:00:00Z",
    )
    .await;
    desk.save(booking("C-2", date(2026, 5, 4), "", Status::Confirmed)).await;
    desk.look("C-2").await;
    assert_eq!(desk.say("C-2", "c1", Answer::Accept).await, Outcome::Aboard);
    desk.save(booking("C-1", date(2026, 5, 3), "", Status::Confirmed)).await;
    desk.assign("C-1", &[("c1", Role::Captain)]).await;
    desk.dispatch(&["2026-05"]).await;
    // The booking system moves it.
    desk.save(booking("C-1", date(2026, 5, 4), "", Status::Confirmed)).await;
    let mails = desk.dispatch(&["2026-05"]).await;
    let both = (desk.aboard("C-1").await, desk.aboard("C-2").await);
    assert!(both.0 != both.1 || !mails.is_empty(), "{both:?}, and nobody was told: {mails:?}");
}
