//! What each role sees: what the table of `Role::may` says, and not one byte more.

use jada_roster::{Availability, DayState, Permission, Role};
use jiff::civil::date;

use super::*;

/// Everybody says yes to 12 December, and the mate no to the 13th.
async fn with_days(bench: &Bench) {
    for (id, ..) in CREW {
        let member = bench.member(id).await;
        let days = Availability::default().with(date(2026, 12, 12), Some(DayState::Yes));
        let days =
            if id == "cy" { days.with(date(2026, 12, 13), Some(DayState::No)) } else { days };
        bench.roster.update(&member.with_availability(days)).await.unwrap();
    }
}

fn texts_of_others(me: &str) -> (Vec<String>, Vec<String>) {
    let others = || CREW.iter().filter(|(id, ..)| *id != me);
    let names = others().map(|(_, name, ..)| (*name).to_owned()).collect();
    let contacts = others()
        .flat_map(|(id, _, phone, _)| [(*phone).to_owned(), format!("{id}@example.com")])
        .collect();
    (names, contacts)
}

#[tokio::test]
async fn every_role_sees_what_it_may_and_not_one_byte_more() {
    let bench = Bench::new().await;
    with_days(&bench).await;
    for (id, name, phone, role) in CREW {
        let role: Role = role.parse().unwrap();
        let body = bench.signed_in(id).await.page().await.body;
        assert!(body.contains(name), "{role} sees themselves");
        let (names, contacts) = texts_of_others(id);
        let (roster, free) =
            (role.may(Permission::SeeRoster), role.may(Permission::SeeAvailability));
        for other in names {
            assert_eq!(body.contains(&other), roster || free, "{role}: {other}");
        }
        for other in contacts {
            assert_eq!(body.contains(&other), role.may(Permission::SeeContacts), "{role}: {other}");
        }
        let sees_contacts = role.may(Permission::SeeContacts);
        assert_eq!(body.contains(phone), sees_contacts, "{role}: their own");
        assert_eq!(body.contains("Who is free"), free, "{role}");
        assert_eq!(body.contains("id=\"crew\""), roster, "{role}");
        // One to write days into is each one's own; who is free on them is a table.
        assert_eq!(body.contains("<table>"), free, "{role}");
        assert_eq!(body.matches("<form").count(), 2, "{role}: their days and signing out");
    }
}

#[tokio::test]
async fn a_role_without_any_right_to_see_others_does_not_even_read_them() {
    let bench = Bench::new().await;
    let link = bench.single_use("eli").await;
    let eli = bench.member("eli").await;
    let mut roster = jada_roster::MockRosterRepository::new();
    roster.expect_find().returning(move |_| Ok(Some(eli.clone())));
    roster.expect_list().never();
    let portal = Portal::builder(Arc::new(roster), Arc::new(bench.links.clone()));
    let app = portal.clock(bench.clock.clone()).build().unwrap().service();
    let mut browser = Browser::of(app);
    browser.open(link.text.expose()).await;
    assert!(browser.page().await.body.contains("Eli Stone"));
}

#[tokio::test]
async fn contacts_are_links_that_a_phone_can_call() {
    let bench = Bench::new().await;
    let odd = bench.member("bo").await.with_email("o'neil%a+b?c&d@example.com".parse().unwrap());
    bench.roster.update(&odd).await.unwrap();
    let body = bench.signed_in("ada").await.page().await.body;
    assert!(body.contains("<a href=\"tel:+15550100003\">+15550100003</a>"));
    assert!(body.contains("<a href=\"mailto:cy@example.com\">cy@example.com</a>"));
    assert!(body.contains("mailto:o%27neil%25a+b%3Fc%26d@example.com"), "{body}");
}

#[tokio::test]
async fn who_is_free_is_told_by_day_and_those_who_say_no_are_not() {
    let bench = Bench::new().await;
    with_days(&bench).await;
    let part = Availability::default().with(date(2026, 12, 14), Some(DayState::Morning));
    let bo = bench.member("bo").await.with_availability(part);
    bench.roster.update(&bo).await.unwrap();
    let body = bench.signed_in("cy").await.page().await.body;
    let day = |label: &str| {
        let (_, rest) = body.split_once(&format!("<th scope=\"row\">{label}</th>")).unwrap();
        rest.split_once("</tr>").unwrap().0.to_owned()
    };
    let saturday = day("Sat 12 Dec");
    for name in ["Ada Rivers", "Cy Meadow", "Di Brook", "Eli Stone"] {
        assert!(saturday.contains(name), "{name}");
    }
    assert!(!saturday.contains("Bo Field"));
    assert!(day("Sun 13 Dec").contains("Nobody yet"));
    assert!(day("Mon 14 Dec").contains("Morning:</span> <bdi>Bo Field</bdi></li>"));
}

#[tokio::test]
async fn a_name_is_shown_in_any_script_and_is_never_markup() {
    let bench = Bench::with(|portal| portal.brand("Sails & <Sons>")).await;
    let names = [
        ("ada", "<script>alert(1)</script>", "&#60;script&#62;alert(1)&#60;/script&#62;"),
        ("bo", "\"><img src=x onerror=alert(1)>", "&#34;&#62;&#60;img src=x onerror=alert(1)&#62;"),
        ("cy", "Zoë Müller-Łukasz", "Zoë Müller-Łukasz"),
        ("di", "مريم الخطيب", "مريم الخطيب"),
        ("eli", "山田 太郎 {{ key }}", "山田 太郎 {{ key }}"),
    ];
    for (id, name, _) in names {
        let member = bench.member(id).await.with_name(PersonName::new(name).unwrap());
        bench.roster.update(&member).await.unwrap();
    }
    let cook = bench.member("eli").await.with_role("<b>cook</b>".parse().unwrap());
    bench.roster.update(&cook).await.unwrap();
    let body = bench.signed_in("ada").await.page().await.body;
    for (_, _, shown) in names {
        assert!(body.contains(&format!("<bdi>{shown}</bdi>")), "{shown}");
    }
    assert!(body.contains("Sails &#38; &#60;Sons&#62;") && body.contains("&#60;b&#62;cook"));
    assert!(!body.contains("<script") && !body.contains("<img") && !body.contains("<b>"));
}

#[tokio::test]
async fn the_crew_is_in_the_order_of_names() {
    let bench = Bench::new().await;
    let first = bench.member("eli").await.with_name(PersonName::new("aaron Stone").unwrap());
    bench.roster.update(&first).await.unwrap();
    let body = bench.signed_in("di").await.page().await.body;
    let crew = body.split_once("id=\"crew-title\"").unwrap().1;
    let at = |name: &str| crew.find(name).unwrap();
    assert!(at("aaron Stone") < at("Ada Rivers") && at("Ada Rivers") < at("Bo Field"));
    assert!(crew.contains("<bdi>Di Brook</bdi> <span class=\"soft\">(you)</span>"));
}

#[tokio::test]
async fn members_whose_rows_cannot_be_read_are_counted_and_the_others_shown() {
    let bench = Bench::new().await;
    let link = bench.single_use("di").await;
    let di = bench.member("di").await;
    let mut roster = jada_roster::MockRosterRepository::new();
    let me = di.clone();
    roster.expect_find().returning(move |_| Ok(Some(me.clone())));
    roster.expect_list().returning(move || {
        let (table, key) = ("crew-roster".to_owned(), "crew-9".to_owned());
        let (attribute, expected) = ("role".to_owned(), "text".to_owned());
        let corrupt =
            jada_roster::Error::CorruptItem { table, key, attribute, expected, called: None };
        Box::pin(futures_util::stream::iter([Err(corrupt), Ok(di.clone())]))
    });
    let portal = Portal::builder(Arc::new(roster), Arc::new(bench.links.clone()));
    let mut browser = Browser::of(portal.clock(bench.clock.clone()).build().unwrap().service());
    browser.open(link.text.expose()).await;
    let body = browser.page().await.body;
    assert!(body.contains("1 more cannot be shown") && body.contains("<bdi>Di Brook</bdi> <span"));
    assert!(!body.contains("crew-9"));
}
