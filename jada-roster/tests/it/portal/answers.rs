//! The page on which a member answers a call: what it asks, and what comes of each answer.

mod crashes;
mod desk;
mod refused;

use jada_roster::{LinkRefusal, Status};
use jiff::civil::date;

use self::desk::Desk;
use super::*;

const ASKS: &str = "Can you sail on Saturday 12 December 2026?";
const SAILS: &str = "You sail on Saturday 12 December 2026";
const SAILS_NOT: &str = "You do not sail";
const TAKEN: &str = "The berth is filled";

#[tokio::test]
async fn a_link_asks_with_what_crew_may_read_and_reading_it_does_nothing() {
    let desk = Desk::new().await;
    let link = desk.link("ada").await;
    desk.faulty.requests();
    let mut browser = desk.browser();
    for _ in 0..3 {
        let page = browser.asked(&link).await;
        assert_eq!((page.status, page.title()), (StatusCode::OK, ASKS));
        for text in [
            "09:00 to 13:00, as captain",
            "<bdi>Isla</bdi>",
            "<bdi>Dock 12</bdi>",
            "<bdi>Ann Rivers</bdi>",
            "6 guests",
            "Two vegans; balance due [amount removed] at 08:30",
            "name=\"answer\" value=\"accept\">Yes, I sail</button>",
            "name=\"answer\" value=\"decline\">No, I cannot</button>",
            "call operations.</p>\n<p class=\"reach\"><a href=\"tel:+15550100099\">",
        ] {
            assert!(page.body.contains(text), "{text}: {}", page.body);
        }
        let (_, shown) = page.body.split_once("<main>").unwrap();
        let shown = shown.replace(&link, "");
        assert!(!shown.contains("777") && !shown.contains("fee"), "there is money: {shown}");
    }
    assert_eq!(desk.faulty.requests(), ["GetItem"; 6], "two reads each");
    assert_eq!((desk.aboard().await.len(), desk.closed(&link).await), (0, None));
}

#[tokio::test]
async fn yes_is_a_berth_and_no_is_none_and_each_uses_the_link_up() {
    for (word, title, aboard) in [("accept", SAILS, vec!["ada"]), ("decline", SAILS_NOT, vec![])] {
        let desk = Desk::new().await;
        let link = desk.link("ada").await;
        let mut browser = desk.browser();
        let page = browser.asked(&link).await;
        let pressed = browser.say(&page, word).await;
        assert_eq!((pressed.status, pressed.location()), (StatusCode::SEE_OTHER, "answered"));
        let kept = pressed.cookies().find(|cookie| cookie.starts_with("__Host-jada-answer="));
        let kept = kept.unwrap();
        assert!(kept.ends_with("; Path=/; Max-Age=1800; HttpOnly; Secure; SameSite=Lax"), "{kept}");
        assert!(!kept.contains(&link) && !pressed.location().contains(&link));

        let shown = browser.get("/crew/answered").await;
        assert_eq!((shown.status, shown.title()), (StatusCode::OK, title));
        assert!(shown.body.contains("If you change your mind, call operations"), "{}", shown.body);
        assert_eq!(shown.body.contains("Ann Rivers"), word == "accept", "guests are for who sails");
        assert!(!shown.body.contains("<form") && !shown.body.contains("777"), "{}", shown.body);
        assert_eq!(desk.aboard().await, aboard);
        assert_eq!(desk.closed(&link).await, Some(LinkRefusal::Used));
        assert_eq!(desk.letters.all().contains(&"aboard ada".to_owned()), word == "accept");
    }
}

#[tokio::test]
async fn who_presses_again_in_the_same_browser_hears_what_they_have_answered() {
    let desk = Desk::new().await;
    let link = desk.link("ada").await;
    let mut browser = desk.browser();
    let page = browser.asked(&link).await;
    assert_eq!(browser.told(&page, "accept").await, SAILS);
    for wait in [Duration::ZERO, MINUTE, 27 * MINUTE] {
        desk.clock.advance(wait);
        assert_eq!(browser.told(&page, "decline").await, SAILS, "an answer is one");
        assert_eq!(browser.told(&page, "accept").await, SAILS);
    }
    let again = browser.asked(&link).await;
    assert_eq!((again.status, again.location()), (StatusCode::SEE_OTHER, "answered"));
    assert_eq!(desk.aboard().await, ["ada"]);
    assert_eq!(desk.letters.all(), ["aboard ada", "ask ada", "ask bo", "taken bo"]);

    desk.clock.advance(5 * MINUTE);
    assert_eq!(browser.get("/crew/answered").await.status, StatusCode::UNAUTHORIZED);
    let mut other = desk.browser();
    for answer in [other.asked(&link).await, other.say(&page, "decline").await] {
        assert_ne!(answer.status, StatusCode::OK, "another browser opens nothing by it");
    }
}

#[tokio::test]
async fn whoever_is_too_late_is_told_and_may_come_when_the_berth_is_free_again() {
    let desk = Desk::new().await;
    let (of_ada, of_bo) = (desk.link("ada").await, desk.link("bo").await);
    let (mut ada, mut bo) = (desk.browser(), desk.browser());
    let (page, early) = (bo.asked(&of_bo).await, ada.asked(&of_ada).await);
    assert_eq!(bo.told(&page, "accept").await, SAILS);
    assert_eq!(ada.told(&early, "accept").await, TAKEN, "on a page from before");
    let late = ada.asked(&of_ada).await;
    assert_eq!((late.status, late.title()), (StatusCode::OK, TAKEN));
    assert!(!late.body.contains("<form") && !late.body.contains("Ann Rivers"), "{}", late.body);

    desk.assign("C-1", &[]).await;
    let shown = ada.get("/crew/answered").await;
    assert_eq!(shown.title(), "You can still answer");
    let page = ada.asked(&of_ada).await;
    assert_eq!(ada.told(&page, "accept").await, SAILS);
    assert_eq!(desk.aboard().await, ["ada"]);
    assert_eq!(bo.get("/crew/answered").await.title(), TAKEN, "as things are now");
}

#[tokio::test]
async fn whoever_sails_elsewhere_at_that_time_is_told_and_can_say_no() {
    let desk = Desk::new().await;
    desk.save("C-2", date(2026, 12, 12), "12:00-16:00").await;
    desk.assign("C-2", &["ada"]).await;
    let link = desk.link("ada").await;
    let mut browser = desk.browser();
    let page = browser.asked(&link).await;
    assert_eq!(browser.told(&page, "accept").await, "You sail elsewhere then");
    assert_eq!((desk.aboard().await.len(), desk.closed(&link).await), (0, None));
    let page = browser.asked(&link).await;
    assert_eq!(browser.told(&page, "decline").await, SAILS_NOT);
    assert_eq!(desk.closed(&link).await, Some(LinkRefusal::Used));
}

#[tokio::test]
async fn a_charter_that_is_off_or_has_cast_off_or_was_not_asked_about_says_so() {
    let desk = Desk::new().await;
    let (of_ada, of_cy) = (desk.link("ada").await, desk.link("cy").await);
    let mut browser = desk.browser();
    assert_eq!(browser.asked(&of_cy).await.title(), "You are not asked");
    let page = browser.asked(&of_ada).await;
    desk.change(Status::Cancelled).await;
    let off = "The charter is called off";
    assert_eq!(browser.asked(&of_ada).await.title(), off);
    assert_eq!(browser.told(&page, "accept").await, off);
    desk.change(Status::Confirmed).await;
    desk.call().advance(&desk::charter("C-1")).await.unwrap();
    desk.clock.advance(2 * desk::DAY);
    assert_eq!(browser.asked(&of_ada).await.title(), "Nobody is asked any more");
    assert!(desk.aboard().await.is_empty());
}

#[tokio::test]
async fn a_charter_that_has_changed_since_the_page_was_read_is_shown_anew_before_it_is_answered() {
    let desk = Desk::new().await;
    let link = desk.link("ada").await;
    let mut browser = desk.browser();
    let page = browser.asked(&link).await;
    desk.save("C-1", date(2026, 12, 12), "14:00-18:00").await;
    let again = browser.say(&page, "accept").await;
    assert_eq!((again.status, again.title()), (StatusCode::CONFLICT, ASKS));
    assert!(again.body.contains("14:00 to 18:00, as captain"), "{}", again.body);
    assert!(again.body.contains("Nothing was done yet"), "{}", again.body);
    assert!(desk.aboard().await.is_empty());
    assert_eq!(browser.told(&again, "accept").await, SAILS);
    assert_eq!(desk.aboard().await, ["ada"]);
}

#[tokio::test]
async fn a_member_with_as_many_links_as_there_may_be_is_told_at_once() {
    let desk = Desk::new().await;
    let link = desk.link("ada").await;
    for _ in 1..48 {
        desk.link("ada").await;
    }
    let (ada, door) = (CrewId::new("ada").unwrap(), LinkSpec::single_use(Purpose::portal()));
    for _ in 48..64 {
        desk.links.issue(&ada, &door).await.unwrap();
    }
    let mut browser = desk.browser();
    let page = browser.asked(&link).await;
    let pressed = browser.say(&page, "accept").await;
    assert_eq!((pressed.status, pressed.title()), (StatusCode::OK, SAILS));
    assert_eq!(desk.closed(&link).await, Some(LinkRefusal::Used));
}
