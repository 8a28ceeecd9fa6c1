//! The pages of charters: who sees which, and that there is no money on them.

use jada_roster::{
    Assignment, Charter, CharterId, Currency, EventRepository, MemoryEvents, MockEventRepository,
    MockRosterRepository, Money, Status, ViewRules,
};
use jiff::civil::{Date, date};

use super::*;

/// A charter as the office keeps it, with money wherever there may be some.
fn charter(id: &str, day: Date, crew: &[(&str, &str)]) -> jada_roster::CharterBuilder {
    let column = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
    let columns = [
        ("boat", "Isla"),
        ("harbour", "Dock 12"),
        ("hours", "09:00-13:00"),
        ("guests", "6"),
        ("menu", "Fish, $77 a head"),
        ("fee", "7777"),
    ];
    let berth = |(id, berth): &(&str, &str)| {
        Assignment::new(CrewId::new(id).unwrap(), berth.parse().unwrap())
    };
    Charter::builder(CharterId::new(id).unwrap(), day, Currency::USD)
        .guest("Ann Rivers")
        .total(Money::from_minor(777_700, Currency::USD))
        .status(Status::Confirmed)
        .brand("Example Sails")
        .notes("Two vegans.\nDeposit 7700, balance due 777 USD at 08:30")
        .extra(columns.map(column))
        .assignments(crew.iter().map(berth).collect::<Vec<_>>())
}

const ADA_AND_DI: [(&str, &str); 2] = [("ada", "captain"), ("di", "mate")];

async fn put(events: &MemoryEvents, charter: jada_roster::CharterBuilder) {
    let rules = ViewRules::default().with_column("menu").with_column("fee");
    let copy = rules.view(charter.build().unwrap()).unwrap();
    events.put(&copy.value).await.unwrap();
}

/// Charters before, on and after the day that it is, and one that others sail.
async fn bench() -> (Bench, MemoryEvents) {
    let events = MemoryEvents::new();
    for (id, day, crew) in [
        ("C-past", date(2026, 12, 9), &ADA_AND_DI[..]),
        ("C-today", date(2026, 12, 10), &ADA_AND_DI[..]),
        ("C-others", date(2026, 12, 20), &[("ada", "captain"), ("cy", "mate")][..]),
        ("C/1 &?", date(2027, 1, 2), &[("di", "crew"), ("gone", "cook")][..]),
    ] {
        put(&events, charter(id, day, crew)).await;
    }
    let kept: Arc<dyn EventRepository> = Arc::new(events.clone());
    (Bench::with(|portal| portal.events(kept)).await, events)
}

fn hrefs(body: &str) -> Vec<&str> {
    let links = body.split("href=\"event?charter=").skip(1);
    links.map(|rest| rest.split_once('"').unwrap().0).collect()
}

#[tokio::test]
async fn a_member_sees_what_they_sail_on_from_today_and_a_captain_a_month_of_all() {
    let (bench, _) = bench().await;
    for (id, own, all) in [
        ("ada", vec!["C-today", "C-others"], Some(vec!["C-past", "C-today", "C-others"])),
        ("bo", vec![], Some(vec!["C-past", "C-today", "C-others"])),
        ("cy", vec!["C-others"], None),
        ("di", vec!["C-today", "C%2F1%20%26%3F"], None),
        ("eli", vec![], None),
    ] {
        let mut browser = bench.signed_in(id).await;
        let page = browser.get("/crew/events?month=2026-12").await;
        assert_eq!(page.status, StatusCode::OK);
        let (mine, others) = page.body.split_once("id=\"all\"").unwrap_or((&page.body, ""));
        assert_eq!(hrefs(mine), own, "{id}");
        assert_eq!(hrefs(others), all.clone().unwrap_or_default(), "{id}");
        assert_eq!(others.is_empty(), all.is_none(), "{id}");
        assert!(browser.page().await.body.contains("<a href=\"events\">Your charters</a>"), "{id}");
    }
    let mut ada = bench.signed_in("ada").await;
    let january = ada.get("/crew/events?month=2027-01").await.body;
    assert_eq!(hrefs(january.split_once("id=\"all\"").unwrap().1), ["C%2F1%20%26%3F"]);
    assert!(january.contains("href=\"events?month=2026-12#all\""));
}

#[tokio::test]
async fn a_charter_is_shown_to_those_who_sail_on_it_and_to_captains_and_is_404_to_others() {
    let (bench, _) = bench().await;
    for (id, mine, others) in [
        ("ada", StatusCode::OK, StatusCode::OK),
        ("bo", StatusCode::OK, StatusCode::OK),
        ("cy", StatusCode::NOT_FOUND, StatusCode::OK),
        ("di", StatusCode::OK, StatusCode::NOT_FOUND),
        ("eli", StatusCode::NOT_FOUND, StatusCode::NOT_FOUND),
    ] {
        let mut browser = bench.signed_in(id).await;
        let today = browser.get("/crew/event?charter=C-today").await;
        let other = browser.get("/crew/event?charter=C-others").await;
        let missing = browser.get("/crew/event?charter=C-none").await;
        assert_eq!((today.status, other.status), (mine, others), "{id}");
        assert_eq!(missing.status, StatusCode::NOT_FOUND);
        if other.status == StatusCode::NOT_FOUND {
            assert_eq!(other.body, missing.body, "one that is not theirs is told like none");
        }
    }
}

#[tokio::test]
async fn a_charter_shows_what_crew_need_and_no_money() {
    let (bench, _) = bench().await;
    let mut browser = bench.signed_in("di").await;
    let page = browser.get("/crew/event?charter=C-today").await.body;
    for text in [
        "<h1>Thursday 10 December 2026</h1>",
        "09:00 to 13:00",
        "Dock 12",
        "6 guests",
        "<bdi>Ann Rivers</bdi>",
        "You sail as</dt><dd><bdi>mate</bdi>",
        "Two vegans.\nDeposit [amount removed], balance due [amount removed] at 08:30",
        "Fish, [amount removed] a head",
        "<bdi>Ada Rivers</bdi>",
        "<bdi>Di Brook</bdi> <span class=\"soft\">(you)</span>",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let listed = browser.get("/crew/events").await.body;
    for page in [page, listed] {
        let (_, shown) = page.split_once("<main>").unwrap();
        assert!(!shown.contains("77") && !shown.contains("fee"), "{shown}");
        assert!(!shown.contains("@example.com"), "a mate sees no contacts");
    }
}

#[tokio::test]
async fn somebody_who_has_left_is_told_by_their_berth_and_who_may_not_see_the_crew_sees_none() {
    let (bench, events) = bench().await;
    let mut di = bench.signed_in("di").await;
    let page = di.get("/crew/event?charter=C%2F1%20%26%3F").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Somebody who is not in the crew any more"));
    assert!(page.body.contains("<bdi>cook</bdi>"));
    put(&events, charter("C-cook", date(2026, 12, 12), &[("eli", "cook"), ("ada", "captain")]))
        .await;
    let page = bench.signed_in("eli").await.get("/crew/event?charter=C-cook").await.body;
    assert!(page.contains("You sail as") && !page.contains("Who sails"), "{page}");
    assert!(!page.contains("Ada Rivers"));
}

#[tokio::test]
async fn a_charter_that_is_called_off_says_so() {
    let (bench, events) = bench().await;
    let off = charter("C-off", date(2026, 12, 11), &ADA_AND_DI).status(Status::Cancelled);
    put(&events, off).await;
    let mut browser = bench.signed_in("di").await;
    let listed = browser.get("/crew/events").await.body;
    assert!(listed.contains("class=\"event off\" href=\"event?charter=C-off\""), "{listed}");
    let page = browser.get("/crew/event?charter=C-off").await.body;
    assert!(page.contains("<strong>Called off.</strong>"), "{page}");
}

#[tokio::test]
async fn texts_are_shown_in_any_script_and_are_never_markup() {
    let (bench, events) = bench().await;
    let odd = charter("<b>&\"'", date(2026, 12, 11), &ADA_AND_DI)
        .guest("<script>alert(1)</script>")
        .notes("<img src=x onerror=alert(1)> مرحبا")
        .extra([("boat".to_owned(), "\"><b>Isla".to_owned())]);
    put(&events, odd).await;
    let mut browser = bench.signed_in("di").await;
    let listed = browser.get("/crew/events").await.body;
    assert!(hrefs(&listed).contains(&"%3Cb%3E%26%22%27"), "{:?}", hrefs(&listed));
    let page = browser.get("/crew/event?charter=%3Cb%3E%26%22%27").await.body;
    assert!(page.contains("مرحبا") && page.contains("&#60;img src=x"));
    for body in [listed, page] {
        assert!(
            !body.contains("<script") && !body.contains("<img") && !body.contains("<b>"),
            "{body}"
        );
    }
}

#[tokio::test]
async fn without_a_session_or_without_a_place_of_charters_there_are_no_such_pages() {
    let (bench, _) = bench().await;
    let without = Bench::new().await;
    let mut member = without.signed_in("ada").await;
    for path in ["/crew/events", "/crew/event?charter=C-today"] {
        assert_eq!(bench.browser().get(path).await.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(member.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(without.browser().get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(!member.page().await.body.contains("href=\"events\""));
    let mut browser = bench.signed_in("ada").await;
    for path in ["/crew/event", "/crew/event?charter=", "/crew/event?charter=%00"] {
        assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

/// A portal on backends that answer what they are told.
fn portal(bench: &Bench, roster: MockRosterRepository, events: MockEventRepository) -> Browser {
    let portal = Portal::builder(Arc::new(roster), Arc::new(bench.links.clone()));
    let portal = portal.events(Arc::new(events)).clock(bench.clock.clone());
    Browser::of(portal.build().unwrap().service())
}

#[tokio::test]
async fn rows_that_cannot_be_read_are_counted_and_what_is_not_theirs_is_not_even_read() {
    let (bench, _) = bench().await;
    let (link, di) = (bench.single_use("di").await, bench.member("di").await);
    let mut roster = MockRosterRepository::new();
    roster.expect_find().returning(move |_| Ok(Some(di.clone())));
    roster.expect_list().never();
    let mut events = MockEventRepository::new();
    events.expect_month().never();
    events.expect_upcoming().returning(|_, _| {
        let (table, key) = ("crew-events".to_owned(), "C-spoiled".to_owned());
        let (attribute, expected) = ("hours".to_owned(), "text".to_owned());
        let corrupt =
            jada_roster::Error::CorruptItem { table, key, attribute, expected, called: None };
        Box::pin(futures_util::stream::iter([Err(corrupt)]))
    });
    let mut browser = portal(&bench, roster, events);
    browser.open(link.text.expose()).await;
    let body = browser.get("/crew/events").await.body;
    assert!(body.contains("1 more cannot be shown") && !body.contains("C-spoiled"), "{body}");
}

#[tokio::test]
async fn trouble_of_the_store_is_told_as_trouble() {
    let (bench, _) = bench().await;
    let (link, ada) = (bench.single_use("ada").await, bench.member("ada").await);
    let mut roster = MockRosterRepository::new();
    roster.expect_find().returning(move |_| Ok(Some(ada.clone())));
    let unavailable = || jada_roster::Error::Unavailable {
        table: "crew-events".to_owned(),
        operation: "Query",
        source: "no route".into(),
    };
    let mut events = MockEventRepository::new();
    events.expect_find().returning(move |_| Err(unavailable()));
    let ended =
        move |_: &CrewId, _| Box::pin(futures_util::stream::iter([Err(unavailable())])) as _;
    events.expect_upcoming().returning(ended);
    let mut browser = portal(&bench, roster, events);
    browser.open(link.text.expose()).await;
    for path in ["/crew/events", "/crew/event?charter=C-today"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert!(!answer.body.contains("crew-events"), "{}", answer.body);
    }
}
