//! Answers that are lost, tables that are busy, processes that stop between two requests.

use std::time::Duration;

use futures_util::FutureExt;
use jada_roster::{
    BrowserNonce, CompactLength, Error, Link, LinkKind, LinkRefusal, LinkSpec, MagicLinks,
    Presented,
};

use super::tables::{Tables, assert_listed, back, portal, refusal, with_prefix};
use crate::faults::{Fault, Faulty};

const TRANSACTION: &str = "TransactWriteItems";
const WRITE: &str = "UpdateItem";
const HOUR: Duration = Duration::from_secs(60 * 60);

/// With a store that does not know a request again, so that a write has to know itself.
async fn forgetful() -> (Faulty, Tables) {
    let faulty = Faulty::new().forgetful();
    let tables = Tables::new(faulty.client()).await;
    faulty.requests();
    (faulty, tables)
}

fn specs() -> [LinkSpec; 5] {
    [
        LinkSpec::standing(portal()),
        LinkSpec::standing(portal()).compact(CompactLength::SHORTEST),
        LinkSpec::single_use(portal()),
        LinkSpec::single_use(portal()).compact(CompactLength::SHORTEST),
        LinkSpec::session(portal()),
    ]
}

async fn assert_opens(tables: &Tables, link: &Link, kind: LinkKind) {
    let opened = match kind {
        LinkKind::SingleUse => tables.links.consume(&back(link)).await,
        _ => tables.links.verify(&back(link)).await,
    };
    assert_eq!(opened.unwrap().crew, link.crew);
}

#[tokio::test]
async fn a_link_whose_answer_was_lost_is_issued_once() {
    for spec in specs() {
        let (faulty, tables) = forgetful().await;
        let ann = tables.member(1).await;
        faulty.next(TRANSACTION, &[Fault::LoseAnswer, Fault::LoseAnswer]);
        let link = tables.links.issue(ann.id(), &spec).await.unwrap();
        assert_eq!(faulty.count(TRANSACTION), 1 + 3, "the member, and three attempts");
        assert_listed(&tables).await;
        let rows = tables.scan("crew-keys").await;
        assert!(with_prefix(&rows, "tok#").len() <= 1, "one link was made");
        assert_opens(&tables, &link, spec.kind()).await;
    }
}

#[tokio::test]
async fn a_rotation_whose_answer_was_lost_is_one_rotation() {
    let (long, short) = (&specs()[0], &specs()[1]);
    for (before, after) in [(long, long), (long, short), (short, long), (short, short)] {
        let (faulty, tables) = forgetful().await;
        let ann = tables.member(1).await;
        let first = tables.links.issue(ann.id(), before).await.unwrap();
        faulty.next(TRANSACTION, &[Fault::LoseAnswer, Fault::LoseAnswer]);
        let second = tables.links.rotate(ann.id(), after, HOUR).await.unwrap();
        assert!(!faulty.has_more());
        assert_listed(&tables).await;
        let opened = tables.links.verify(&back(&first)).await.expect("it is in its grace");
        assert!(opened.expires_at.is_some());
        assert_opens(&tables, &second, LinkKind::Standing).await;
    }
}

#[tokio::test]
async fn a_use_whose_answer_was_lost_is_a_success_and_the_only_one() {
    for redeems in [false, true] {
        let (faulty, tables) = forgetful().await;
        let ann = tables.member(1).await;
        let link = tables.links.issue(ann.id(), &LinkSpec::single_use(portal())).await.unwrap();
        faulty.next(WRITE, &[Fault::LoseAnswer, Fault::LoseAnswer]);
        let presented = back(&link);
        let opened = match redeems {
            false => tables.links.consume(&presented).await,
            true => tables.links.redeem(&presented).await,
        };
        assert_eq!(opened.unwrap().crew, *ann.id());
        assert_eq!(faulty.count(WRITE), 3);
        assert_eq!(refusal(tables.links.consume(&presented).await), LinkRefusal::Used);
    }
}

#[tokio::test]
async fn a_use_that_nobody_heard_of_opens_for_the_same_browser_when_it_tries_again() {
    let (faulty, tables) = forgetful().await;
    let ann = tables.member(1).await;
    let link = tables.links.issue(ann.id(), &LinkSpec::single_use(portal())).await.unwrap();
    let by = |nonce: &BrowserNonce| back(&link).by(nonce.clone());
    let (own, other) = (BrowserNonce::generate().unwrap(), BrowserNonce::generate().unwrap());
    faulty.next(WRITE, &[Fault::LoseAnswer; 5]);
    let lost = tables.links.consume(&by(&own)).await.unwrap_err();
    assert!(matches!(lost, Error::Unavailable { .. }), "{lost}");
    assert_eq!(refusal(tables.links.consume(&by(&other)).await), LinkRefusal::Used);
    tables.links.consume(&by(&own)).await.unwrap();
}

#[tokio::test]
async fn taking_back_whose_answer_was_lost_is_done_once_and_counted() {
    for all in [false, true] {
        let (faulty, tables) = forgetful().await;
        let ann = tables.member(1).await;
        let mut links = Vec::new();
        for spec in [&specs()[0], &specs()[2], &specs()[3], &specs()[4]] {
            links.push(tables.links.issue(ann.id(), spec).await.unwrap());
        }
        faulty.next(TRANSACTION, &[Fault::LoseAnswer, Fault::LoseAnswer]);
        let count = match all {
            false => tables.links.revoke(ann.id(), &portal()).await,
            true => tables.links.revoke_all(ann.id()).await,
        };
        assert_eq!(count.unwrap(), 4);
        assert!(!faulty.has_more());
        assert_listed(&tables).await;
        for link in &links {
            assert_eq!(refusal(tables.links.redeem(&back(link)).await), reason(link));
        }
        assert_eq!(tables.links.revoke_all(ann.id()).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn making_room_whose_answer_was_lost_ends_one_session() {
    for has_ended in [false, true] {
        let (faulty, tables) = forgetful().await;
        let ann = tables.member(1).await;
        for _ in 0..64 {
            tables.links.issue(ann.id(), &LinkSpec::session(portal())).await.unwrap();
        }
        if has_ended {
            tables.clock.advance(HOUR);
        }
        faulty.requests();
        // The first is refused, the second makes room.
        faulty.next(TRANSACTION, &[Fault::None, Fault::LoseAnswer, Fault::LoseAnswer]);
        let link = tables.links.issue(ann.id(), &LinkSpec::single_use(portal())).await.unwrap();
        assert!(!faulty.has_more());
        assert_eq!(faulty.count(TRANSACTION), 1 + 3 + 1);
        if !has_ended {
            assert_listed(&tables).await;
        }
        tables.links.consume(&back(&link)).await.unwrap();
        let left = if has_ended { 0 } else { 63 };
        assert_eq!(tables.links.open_links(ann.id()).await.unwrap().len(), left);
    }
}

/// Of a session the kind comes first.
fn reason(link: &Link) -> LinkRefusal {
    let half_an_hour = jiff::SignedDuration::from_mins(30);
    let is_session =
        link.expires_at.is_some_and(|end| end.duration_since(super::NOW) == half_an_hour);
    if is_session { LinkRefusal::WrongKind } else { LinkRefusal::Revoked }
}

#[tokio::test]
async fn signing_out_whose_answer_was_lost_is_no_error() {
    let (faulty, tables) = forgetful().await;
    let ann = tables.member(1).await;
    let session = tables.links.issue(ann.id(), &LinkSpec::session(portal())).await.unwrap();
    faulty.next(WRITE, &[Fault::LoseAnswer]);
    tables.links.end_session(&back(&session)).await.unwrap();
    assert_eq!(refusal(tables.links.verify(&back(&session)).await), LinkRefusal::Revoked);
}

#[tokio::test(start_paused = true)]
async fn a_busy_table_is_asked_again_and_not_for_ever() {
    let faulty = Faulty::new();
    let tables = Tables::new(faulty.client()).await;
    let ann = tables.member(1).await;
    let busy = [Fault::Conflict, Fault::Throttle, Fault::Fail, Fault::Conflict];
    faulty.next(TRANSACTION, &busy);
    let link = tables.links.issue(ann.id(), &LinkSpec::single_use(portal())).await.unwrap();
    faulty.next(WRITE, &busy);
    tables.links.consume(&back(&link)).await.unwrap();
    faulty.next(TRANSACTION, &busy);
    assert_eq!(tables.links.revoke_all(ann.id()).await.unwrap(), 0);
    faulty.heal();

    let link = tables.links.issue(ann.id(), &LinkSpec::single_use(portal())).await.unwrap();
    for (operation, fault) in [(WRITE, Fault::Conflict), (WRITE, Fault::Throttle)] {
        faulty.next(operation, &[fault; 200]);
        let failed = tables.links.consume(&back(&link)).await.unwrap_err();
        assert!(matches!(failed, Error::Unavailable { .. }), "{failed:?}");
        assert!(faulty.has_more());
        faulty.heal();
    }
    faulty.next(TRANSACTION, &[Fault::Conflict; 200]);
    let failed = tables.links.revoke_all(ann.id()).await.unwrap_err();
    assert!(matches!(failed, Error::Unavailable { .. }), "{failed:?}");
    faulty.heal();
    tables.links.consume(&back(&link)).await.expect("nothing was done");
}

/// Lets a call stop before or after its nth request, for every n, and looks at the tables.
#[tokio::test]
async fn a_stop_between_any_two_requests_leaves_a_call_wholly_done_or_not_at_all() {
    for stop in [Fault::Stop, Fault::StopDone] {
        for number in 0..6 {
            let (faulty, tables) = forgetful().await;
            let ann = tables.member(1).await;
            let short = LinkSpec::standing(portal()).compact(CompactLength::SHORTEST);
            let first = tables.links.issue(ann.id(), &short).await.unwrap();
            let session = tables.links.issue(ann.id(), &LinkSpec::session(portal())).await.unwrap();

            faulty.at(number, stop);
            let stopped = tables.links.rotate(ann.id(), &short, Duration::ZERO);
            let is_done = until_stopped(stopped, &faulty).await.is_some();
            assert_listed(&tables).await;
            let opens = tables.links.verify(&from(&back(&first), number)).await.is_ok();
            let is_last = matches!(stop, Fault::StopDone) && number == 2;
            assert_eq!(opens, !is_done && !is_last, "{stop:?} {number}");

            faulty.at(number, stop);
            let stopped = tables.links.revoke_all(ann.id());
            let is_done = until_stopped(stopped, &faulty).await.is_some();
            assert_listed(&tables).await;
            let opens = tables.links.verify(&back(&session)).await.is_ok();
            assert_eq!(opens, !is_done && !is_last, "{stop:?} {number}");
        }
    }
}

/// None when the process stopped before it was done.
async fn until_stopped<T>(
    call: impl Future<Output = Result<T, Error>>,
    faulty: &Faulty,
) -> Option<T> {
    // In memory nothing waits but what was stopped.
    let done = call.now_or_never();
    faulty.heal();
    done.map(Result::unwrap)
}

fn from(presented: &Presented, number: usize) -> Presented {
    presented.clone().from(format!("203.0.113.{number}"))
}
