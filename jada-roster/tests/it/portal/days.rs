//! A member says on which days they are free.

use jada_roster::{Availability, DayState, Error, MockRosterRepository, Version};
use jiff::civil::date;
use jiff::tz::{TimeZone, offset};

use super::*;

async fn says(bench: &Bench, id: &str, days: &[(i8, DayState)]) {
    let days = days.iter().map(|(day, state)| (date(2026, 12, *day), *state));
    let member = bench.member(id).await.with_availability(days.collect());
    bench.roster.update(&member).await.unwrap();
}

async fn said(bench: &Bench, id: &str) -> Vec<(i8, DayState)> {
    let member = bench.member(id).await;
    member.availability().days().map(|(date, state)| (date.day(), state)).collect()
}

#[tokio::test]
async fn days_are_saved_and_shown_again() {
    let bench = Bench::new().await;
    says(&bench, "di", &[(20, DayState::Yes), (21, DayState::Yes)]).await;
    let mut browser = bench.signed_in("di").await;
    let page = browser.page().await;
    assert_eq!((page.chosen("2026-12-20"), page.chosen("2026-12-22")), ("yes", ""));
    let days = [
        ("2026-12-10", "afternoon"),
        ("2026-12-20", "no"),
        ("2026-12-21", ""),
        ("2026-12-31", "maybe"),
    ];
    let answer = browser.save(&page, &days).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "roster?month=2026-12&saved=yes");
    let stored = [(10, DayState::Afternoon), (20, DayState::No), (31, DayState::Maybe)];
    assert_eq!(said(&bench, "di").await, stored);
    let page = browser.get("/crew/roster?month=2026-12&saved=yes").await;
    assert!(page.body.contains("role=\"status\">Saved."));
    for (day, state) in days {
        assert_eq!(page.chosen(day), state, "{day}");
    }
}

#[tokio::test]
async fn every_state_can_be_chosen_for_a_day() {
    let bench = Bench::new().await;
    let mut browser = bench.signed_in("di").await;
    for state in DayState::ALL {
        let page = browser.page().await;
        browser.save(&page, &[("2026-12-24", state.as_str())]).await;
        assert_eq!(said(&bench, "di").await, [(24, state)]);
    }
}

#[tokio::test]
async fn days_of_another_month_are_kept_and_each_month_has_its_own_page() {
    let bench = Bench::new().await;
    says(&bench, "di", &[(20, DayState::Yes)]).await;
    let mut browser = bench.signed_in("di").await;
    let january = browser.get("/crew/roster?month=2027-01").await;
    assert!(january.body.contains("<legend>January 2027</legend>"));
    assert!(january.body.contains("href=\"roster?month=2026-12#days\""));
    assert!(january.body.contains("href=\"roster?month=2027-02#days\""));
    let days = [("2027-01-02", "yes"), ("2026-12-20", "no"), ("2027-02-01", "no")];
    let answer = browser.save(&january, &days).await;
    assert_eq!(answer.location(), "roster?month=2027-01&saved=yes");
    let stored: Availability =
        [(date(2026, 12, 20), DayState::Yes), (date(2027, 1, 2), DayState::Yes)]
            .into_iter()
            .collect();
    assert_eq!(*bench.member("di").await.availability(), stored);
}

#[tokio::test]
async fn text_that_is_no_month_shows_the_current_one() {
    let bench = Bench::new().await;
    let mut browser = bench.signed_in("di").await;
    for month in ["", "2026-13", "9999-12", "1999-01", "%3Cscript%3E"] {
        let page = browser.get(&format!("/crew/roster?month={month}")).await;
        assert!(page.body.contains("<legend>December 2026</legend>"), "{month}");
    }
}

#[tokio::test]
async fn days_that_are_over_are_shown_and_stay_as_they_were() {
    let bench = Bench::new().await;
    says(&bench, "di", &[(8, DayState::Morning)]).await;
    let mut browser = bench.signed_in("di").await;
    let page = browser.page().await;
    assert!(page.body.contains("Days that are over cannot be changed."));
    assert!(
        !page.body.contains("name=\"2026-12-09\"") && page.body.contains("name=\"2026-12-10\"")
    );
    assert!(page.body.contains("<span class=\"said\">Morning</span>"));
    let days = [("2026-12-08", "no"), ("2026-12-09", "yes"), ("2026-12-11", "yes")];
    let answer = browser.save(&page, &days).await;
    assert_eq!(answer.location(), "roster?month=2026-12&saved=past");
    let stored = [(8, DayState::Morning), (11, DayState::Yes)];
    assert_eq!(said(&bench, "di").await, stored);
    let page = browser.get("/crew/roster?month=2026-12&saved=past").await;
    assert!(page.body.contains("Days that are over were left as they were."));
    let november = browser.get("/crew/roster?month=2026-11").await;
    assert!(!november.body.contains("<select") && !november.body.contains("Save my days"));
}

#[tokio::test]
async fn a_day_is_over_when_it_is_over_in_the_harbour() {
    let auckland = TimeZone::fixed(offset(13));
    let bench = Bench::with(|portal| portal.time_zone(auckland)).await;
    bench.clock.advance(2 * 60 * MINUTE + 59 * MINUTE);
    let mut browser = bench.signed_in("di").await;
    let page = browser.page().await;
    assert!(!page.body.contains("name=\"2026-12-10\""), "it is 00:59 of the 11th there");
    assert!(page.body.contains("name=\"2026-12-11\""));
}

#[tokio::test]
async fn nobody_but_the_session_says_whose_days_they_are() {
    let bench = Bench::new().await;
    let mut browser = bench.signed_in("ada").await;
    let page = browser.page().await;
    let before = bench.member("di").await;
    let fields = [("crew_id", "di"), ("id", "di"), ("name", "Mallory"), ("role", "crew")];
    let days = [("2026-12-24", "yes")];
    browser.save(&page, &[&fields[..], &days].concat()).await;
    assert_eq!(bench.member("di").await, before);
    let ada = bench.member("ada").await;
    assert_eq!((ada.name().as_str(), ada.role().as_str()), ("Ada Rivers", "captain"));
    assert_eq!(said(&bench, "ada").await, [(24, DayState::Yes)]);
}

#[tokio::test]
async fn a_form_of_another_session_saves_nothing() {
    let bench = Bench::new().await;
    let page = bench.signed_in("ada").await.page().await;
    let mut browser = bench.signed_in("di").await;
    let own = browser.page().await;
    assert_ne!(own.hidden("key"), page.hidden("key"));
    let answer = browser.save(&page, &[("2026-12-24", "yes")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    for key in ["", "x", &own.hidden("key")[1..]] {
        let fields = [("key", key), ("version", "1"), ("month", "2026-12"), ("2026-12-24", "yes")];
        let answer = browser.post("/crew/availability", &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
    assert!(said(&bench, "di").await.is_empty() && said(&bench, "ada").await.is_empty());
}

#[tokio::test]
async fn what_changed_elsewhere_meanwhile_is_shown_beside_what_was_chosen() {
    let bench = Bench::new().await;
    let (mut phone, mut desk) = (bench.signed_in("di").await, bench.signed_in("di").await);
    let (on_phone, on_desk) = (phone.page().await, desk.page().await);
    desk.save(&on_desk, &[("2026-12-24", "no"), ("2026-12-25", "no")]).await;
    let days = [("2026-12-24", "yes"), ("2026-12-25", ""), ("2026-12-26", "maybe")];
    let conflict = phone.save(&on_phone, &days).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    assert_eq!(said(&bench, "di").await, [(24, DayState::No), (25, DayState::No)]);
    assert!(
        conflict.body.contains("role=\"alert\"") && conflict.body.contains("Nothing was saved yet")
    );
    for (day, chosen, stored) in
        [("2026-12-24", "yes", "No"), ("2026-12-25", "", "No"), ("2026-12-26", "maybe", "Not said")]
    {
        assert_eq!(conflict.chosen(day), chosen);
        let now = format!("id=\"w{day}\">Stored now: {stored}</p>");
        assert!(conflict.body.contains(&now), "{day}");
    }
    assert_eq!(conflict.body.matches("Stored now").count(), 3);
    let saved = phone.save(&conflict, &days).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    assert_eq!(said(&bench, "di").await, [(24, DayState::Yes), (26, DayState::Maybe)]);
}

#[tokio::test]
async fn a_form_that_is_sent_twice_is_saved_once_and_no_conflict() {
    let bench = Bench::new().await;
    let mut browser = bench.signed_in("di").await;
    let page = browser.page().await;
    for _ in 0..2 {
        let answer = browser.save(&page, &[("2026-12-24", "yes")]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(bench.member("di").await.version(), Version::Number(2));
}

#[tokio::test]
async fn a_form_that_cannot_be_read_changes_nothing() {
    let bench = Bench::new().await;
    let mut browser = bench.signed_in("di").await;
    let page = browser.page().await;
    let own = [("key", page.hidden("key")), ("2026-12-24", "yes")];
    let odd = [
        vec![("version", "1")],
        vec![("month", "2026-12")],
        vec![("version", "one"), ("month", "2026-12")],
        vec![("version", "1"), ("month", "2199-12")],
        vec![("version", "1"), ("month", "december")],
        vec![("version", "1"), ("month", "2026-12"), ("2026-12-25", "perhaps")],
    ];
    for fields in odd {
        let answer = browser.post("/crew/availability", &[&own[..], &fields].concat()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{fields:?}");
    }
    let large = "x".repeat(65 * 1024);
    let answer = browser.save(&page, &[("2026-12-24", "yes"), ("more", &large)]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(said(&bench, "di").await.is_empty());
}

/// A portal whose store answers an update as `update` does, and the member it knows.
async fn with_store(
    bench: &Bench,
    update: fn() -> Result<CrewMember, Error>,
    found: impl Fn(usize) -> Result<Option<CrewMember>, Error> + Send + 'static,
) -> Browser {
    let mut roster = MockRosterRepository::new();
    let mut asked = 0;
    roster.expect_find().returning(move |_| {
        asked += 1;
        found(asked)
    });
    roster.expect_list().returning(|| Box::pin(futures_util::stream::empty()));
    roster.expect_update().returning(move |_| update());
    let portal = Portal::builder(Arc::new(roster), Arc::new(bench.links.clone()));
    let mut browser = Browser::of(portal.clock(bench.clock.clone()).build().unwrap().service());
    browser.open(bench.single_use("di").await.text.expose()).await;
    browser
}

fn unavailable() -> Error {
    let source = "connection refused".into();
    Error::Unavailable { table: "crew-roster".to_owned(), operation: "UpdateItem", source }
}

#[tokio::test]
async fn who_loses_the_race_for_a_version_sees_both_sides_too() {
    let bench = Bench::new().await;
    let di = bench.member("di").await;
    let update = || Err(Error::VersionConflict { what: "crew member", id: "di".to_owned() });
    let days = Availability::default().with(date(2026, 12, 24), Some(DayState::No));
    let moved_on = di.clone().with_availability(days).with_version(Version::Number(2));
    // Found by the page, by the form, and once more after the write was refused.
    let found = move |asked| Ok(Some(if asked < 3 { di.clone() } else { moved_on.clone() }));
    let mut browser = with_store(&bench, update, found).await;
    let page = browser.page().await;
    let answer = browser.save(&page, &[("2026-12-24", "yes")]).await;
    assert_eq!((answer.status, answer.hidden("version")), (StatusCode::CONFLICT, "2"));
    assert_eq!(answer.chosen("2026-12-24"), "yes");
    assert!(answer.body.contains("Stored now: No"));
}

#[tokio::test]
async fn a_store_in_trouble_is_told_plainly_and_the_form_can_be_sent_again() {
    let bench = Bench::new().await;
    let di = bench.member("di").await;
    let mut browser =
        with_store(&bench, || Err(unavailable()), move |_| Ok(Some(di.clone()))).await;
    let page = browser.page().await;
    let answer = browser.save(&page, &[("2026-12-24", "yes")]).await;
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (StatusCode::SERVICE_UNAVAILABLE, "1")
    );
    assert_eq!((answer.hidden("2026-12-24"), answer.hidden("month")), ("yes", "2026-12"));
    assert!(answer.body.contains("action=\"availability\""));
    for word in ["crew-roster", "UpdateItem", "refused"] {
        assert!(!answer.body.contains(word), "{word} is nobody's business");
    }
}

#[tokio::test]
async fn a_page_of_a_store_in_trouble_says_so() {
    let bench = Bench::new().await;
    let mut browser = with_store(&bench, || Err(unavailable()), |_| Err(unavailable())).await;
    let answer = browser.get("/crew/roster").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.body.contains("Something is not working"));
}
