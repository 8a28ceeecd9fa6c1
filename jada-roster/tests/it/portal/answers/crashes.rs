//! Presses that die at any request, that come at once, and a store that is down.

use std::sync::Mutex;

use jada_roster::{LinkRefusal, Phase};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::desk::{Desk, charter};
use super::*;
use crate::faults::Fault;

/// What happens after a press that died.
#[derive(Clone, Copy, Debug)]
enum Then {
    /// The same browser presses again, at once.
    SameBrowser,
    /// Somebody else who has the link says something else, and then the same browser presses again.
    AnotherFirst,
    /// Somebody in another browser says the same, an hour later.
    AnHourLater,
}

/// Presses in a program that is stopped at a request, and then goes on in one that is not. Gives back
/// whether it was stopped.
async fn stopped(number: usize, fault: Fault, word: &str, then: Then) -> bool {
    let case = format!("{word}, {fault:?} at {number}, then {then:?}");
    let desk = Desk::new().await;
    let link = desk.link("ada").await;
    let (mut browser, mut other) = (desk.browser(), desk.browser());
    let (page, same) = (browser.asked(&link).await, other.asked(&link).await);
    desk.faulty.at(number, fault);
    let was_stopped = timeout(BEFORE_A_RETRY, browser.say(&page, word)).await.is_err();
    desk.faulty.heal();

    (browser.app, other.app) = (desk.app(), desk.app());
    let told = match then {
        Then::SameBrowser => {
            heard(&mut browser, &page, word).await.unwrap_or_else(|| panic!("{case}"))
        }
        Then::AnotherFirst => {
            let another = if word == "accept" { "decline" } else { "accept" };
            let told = heard(&mut other, &same, another).await;
            let again = heard(&mut browser, &page, word).await;
            assert!(
                told.is_none() || again.is_none() || told == again,
                "{case}: {told:?} {again:?}"
            );
            told.or(again).unwrap_or_else(|| panic!("{case}"))
        }
        Then::AnHourLater => {
            desk.clock.advance(60 * MINUTE);
            let told = heard(&mut other, &same, word).await;
            // Refused is only what has used the link up, and then the answer stands.
            told.unwrap_or_else(|| if word == "accept" { SAILS } else { SAILS_NOT }.to_owned())
        }
    };
    let is_as_said = (told == SAILS) == (word == "accept");
    assert!(is_as_said || matches!(then, Then::AnotherFirst), "{case}: {told}");
    assert_eq!(desk.closed(&link).await, Some(LinkRefusal::Used), "{case}");
    assert_stands(&desk, &told, &case).await;
    was_stopped
}

/// The charter, and every mail once, are as a member was told.
async fn assert_stands(desk: &Desk, title: &str, case: &str) {
    desk.call().advance(&charter("C-1")).await.unwrap();
    let (aboard, letters, phase): (&[&str], &[&str], _) = match title {
        SAILS => (&["ada"], &["aboard ada", "ask ada", "ask bo", "taken bo"], Phase::Filled),
        SAILS_NOT => (&[], &["ask ada", "ask bo"], Phase::Calling),
        other => panic!("{case}: {other}"),
    };
    assert_eq!(desk.aboard().await, aboard, "{case}");
    assert_eq!(desk.letters.all(), letters, "{case}");
    assert_eq!(desk.phase().await, phase, "{case}");
}

async fn stopped_at_every_request(then: Then) {
    for word in ["accept", "decline"] {
        assert!(stopped(0, Fault::Stop, word, then).await);
        // Stopped after a request is stopped before the next.
        let mut number = 0;
        while stopped(number, Fault::StopDone, word, then).await {
            number += 1;
        }
        assert!(number >= 7, "{word} was stopped at {number} requests alone");
    }
}

#[tokio::test(start_paused = true)]
async fn a_press_that_dies_at_any_request_is_finished_by_the_next() {
    stopped_at_every_request(Then::SameBrowser).await;
}

#[tokio::test(start_paused = true)]
async fn whoever_else_has_the_link_of_a_press_that_died_hears_the_same() {
    stopped_at_every_request(Then::AnotherFirst).await;
}

#[tokio::test(start_paused = true)]
async fn no_answer_is_lost_however_late_and_wherever_the_next_press_is() {
    stopped_at_every_request(Then::AnHourLater).await;
}

#[tokio::test]
async fn of_presses_that_overlap_the_first_that_is_written_is_taken_and_all_hear_which() {
    for (last, title) in [("decline", SAILS_NOT), ("accept", SAILS)] {
        let desk = Desk::new().await;
        let link = desk.link("ada").await;
        let mut first = desk.browser();
        let page = first.asked(&link).await;
        let heard = Arc::new(Mutex::new(Vec::new()));
        // Before anything of a press is written, all that come after it are done: the last is first.
        for word in ["accept", "decline", "accept", last] {
            let mut browser = desk.browser();
            let (page, heard) = (browser.asked(&link).await, Arc::clone(&heard));
            // A task of its own: each within the one before they would go deeper than a stack does.
            let press = async move {
                let title = browser.told(&page, word).await;
                heard.lock().unwrap().push(title);
            };
            desk.faulty.before("UpdateItem", async move { tokio::spawn(press).await.unwrap() });
        }
        assert_eq!(first.told(&page, "accept").await, title);
        assert_eq!(*heard.lock().unwrap(), [title; 4]);
        let aboard = if title == SAILS { vec!["ada"] } else { vec![] };
        assert_eq!(desk.aboard().await, aboard);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_presses_at_once_one_is_taken_and_all_who_are_told_hear_which() {
    for _ in 0..5 {
        let desk = Desk::new().await;
        let link = desk.link("ada").await;
        let (mut read, mut presses) = (Vec::new(), JoinSet::new());
        for word in ["accept", "decline", "accept", "decline", "accept"] {
            let mut browser = desk.browser();
            let page = browser.asked(&link).await;
            read.push((browser, page, word));
        }
        for (mut browser, page, word) in read {
            presses.spawn(async move { heard(&mut browser, &page, word).await });
        }
        let told: Vec<_> = presses.join_all().await.into_iter().flatten().collect();
        assert!(!told.is_empty() && told.iter().all(|title| *title == told[0]), "{told:?}");
        let aboard = if told[0] == SAILS { vec!["ada"] } else { vec![] };
        assert_eq!(desk.aboard().await, aboard, "{told:?}");
        assert_eq!(desk.closed(&link).await, Some(LinkRefusal::Used));
    }
}

/// What comes of a press; none where another browser has used the link up by then.
async fn heard(browser: &mut Browser, page: &Answer, word: &str) -> Option<String> {
    let pressed = browser.say(page, word).await;
    if pressed.status == StatusCode::FORBIDDEN {
        return None;
    }
    assert_eq!(pressed.status, StatusCode::SEE_OTHER, "{}", pressed.body);
    Some(browser.get("/crew/answered").await.title().to_owned())
}

#[tokio::test(start_paused = true)]
async fn where_the_store_is_down_the_page_has_the_answer_ready_to_be_sent_again() {
    for operation in ["GetItem", "UpdateItem", "TransactWriteItems"] {
        let desk = Desk::new().await;
        let link = desk.link("ada").await;
        let mut browser = desk.browser();
        let page = browser.asked(&link).await;
        desk.faulty.next(operation, &[Fault::Fail; 50]);
        let down = browser.say(&page, "accept").await;
        assert_eq!(down.status, StatusCode::SERVICE_UNAVAILABLE, "{operation}");
        assert!(down.headers.contains_key("retry-after"));
        assert!(down.body.contains("action=\"answer\""), "{}", down.body);
        assert_eq!(down.hidden("answer"), "accept");
        desk.faulty.heal();
        assert_eq!(browser.told(&down, "accept").await, SAILS, "{operation}");
        assert_eq!(desk.aboard().await, ["ada"]);
    }
}

/// The SDK asks again when it has had no answer for some seconds.
const BEFORE_A_RETRY: Duration = Duration::from_secs(1);
