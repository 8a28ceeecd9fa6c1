//! Links that open once.

use std::time::Duration;

use futures_util::future::join_all;

use super::{DAY, MILLISECOND, Run, SECOND, guess, purpose, reason};
use crate::error::Error;
use crate::links::{BrowserNonce, LinkKind, LinkRefusal, LinkSpec, SAME_BROWSER};

pub(super) async fn check(run: &Run<'_>) {
    it_opens_once(run).await;
    of_many_who_try_one_wins(run).await;
    the_same_browser_may_submit_twice(run).await;
    it_ends_at_the_instant(run).await;
    it_opens_nothing_else(run).await;
    a_member_has_sixty_four_at_a_time(run).await;
    the_oldest_of_a_page_of_many_makes_room(run).await;
}

async fn it_opens_once(run: &Run<'_>) {
    let ann = run.member().await;
    for redeems in [false, true] {
        let link = run.issue(&ann, LinkSpec::single_use(purpose("portal"))).await;
        for _ in 0..2 {
            assert_eq!(run.verify(&link).await, Err(LinkRefusal::WrongKind), "verifying is no use");
        }
        let opened = if redeems { run.redeem(&link).await } else { run.consume(&link).await };
        let opened = opened.unwrap();
        assert_eq!((&opened.crew, opened.kind), (ann.id(), LinkKind::SingleUse));
        assert_eq!(opened.expires_at, link.expires_at);
        let life = link.expires_at.unwrap().duration_since(opened.issued_at.unwrap());
        assert_eq!(life, jiff::SignedDuration::from_mins(15), "the default");
        assert_eq!(run.consume(&link).await, Err(LinkRefusal::Used));
        assert_eq!(run.redeem(&link).await, Err(LinkRefusal::Used));
    }
}

async fn of_many_who_try_one_wins(run: &Run<'_>) {
    let ann = run.member().await;
    let link = run.issue(&ann, LinkSpec::single_use(purpose("portal"))).await;
    let nonces: Vec<_> = (0..MANY).map(|_| BrowserNonce::generate().unwrap()).collect();
    let all = join_all(nonces.iter().map(|nonce| run.consume_by(&link, nonce))).await;
    assert_eq!(all.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let refused = all.iter().filter(|outcome| **outcome == Err(LinkRefusal::Used)).count();
    assert_eq!(refused, MANY - 1);
}

async fn the_same_browser_may_submit_twice(run: &Run<'_>) {
    let ann = run.member().await;
    let (own, other) = (BrowserNonce::generate().unwrap(), BrowserNonce::generate().unwrap());
    let link = run.issue(&ann, LinkSpec::single_use(purpose("portal"))).await;
    let first = run.consume_by(&link, &own).await.unwrap();
    assert_eq!(run.consume_by(&link, &own).await, Ok(first.clone()));
    run.clock.advance(SAME_BROWSER - MILLISECOND);
    assert_eq!(run.consume_by(&link, &own).await, Ok(first));
    assert_eq!(run.consume_by(&link, &other).await, Err(LinkRefusal::Used));
    assert_eq!(run.consume(&link).await, Err(LinkRefusal::Used), "an absent nonce never matches");
    run.clock.advance(MILLISECOND);
    assert_eq!(run.consume_by(&link, &own).await, Err(LinkRefusal::Used), "a minute is over");

    let link = run.issue(&ann, LinkSpec::single_use(purpose("portal"))).await;
    run.consume(&link).await.unwrap();
    assert_eq!(run.consume(&link).await, Err(LinkRefusal::Used), "an absent nonce never matches");
    assert_eq!(run.consume_by(&link, &own).await, Err(LinkRefusal::Used));

    let brief = LinkSpec::single_use(purpose("portal")).with_life(SECOND);
    let link = run.issue(&ann, brief).await;
    run.consume_by(&link, &own).await.unwrap();
    run.clock.advance(2 * SECOND);
    run.consume_by(&link, &own).await.expect("it was open when that browser used it");
}

async fn it_ends_at_the_instant(run: &Run<'_>) {
    let ann = run.member().await;
    for life in [SECOND, Duration::from_secs(15 * 60), DAY] {
        let spec = || LinkSpec::single_use(purpose("portal")).with_life(life);
        let (early, late) = (run.issue(&ann, spec()).await, run.issue(&ann, spec()).await);
        run.clock.advance(life - MILLISECOND);
        run.consume(&early).await.expect("a millisecond is left");
        run.clock.advance(MILLISECOND);
        assert_eq!(run.consume(&late).await, Err(LinkRefusal::Expired));
        assert_eq!(run.redeem(&late).await, Err(LinkRefusal::Expired));
    }
}

async fn it_opens_nothing_else(run: &Run<'_>) {
    let ann = run.member().await;
    let link = run.issue(&ann, LinkSpec::single_use(purpose("answer:C-17"))).await;
    for other in ["answer:C-1", "answer:C-170", "portal"] {
        let presented = run.presented(&link.text, &purpose(other));
        for asked in [run.links.consume(&presented).await, run.links.redeem(&presented).await] {
            assert_eq!(reason(asked), Err(LinkRefusal::Unknown), "{other}");
        }
    }
    let guessed = run.presented(&guess(&link), &link.purpose);
    assert_eq!(reason(run.links.consume(&guessed).await), Err(LinkRefusal::Unknown));
    run.consume(&link).await.expect("none of these used it up");
}

async fn a_member_has_sixty_four_at_a_time(run: &Run<'_>) {
    let (ann, bob) = (run.member().await, run.member().await);
    let spec = || LinkSpec::single_use(purpose("portal"));
    let mut links = Vec::new();
    for _ in 0..64 {
        links.push(run.issue(&ann, spec()).await);
    }
    let refused = run.links.issue(ann.id(), &spec()).await;
    assert!(
        matches!(&refused, Err(Error::TooManyLinks { crew }) if crew == ann.id()),
        "{refused:?}"
    );
    run.issue(&bob, spec()).await;
    run.consume(&links[0]).await.unwrap();
    run.clock.advance(SAME_BROWSER);
    links.push(run.issue(&ann, spec()).await);
    let refused = run.links.issue(ann.id(), &spec()).await;
    assert!(matches!(refused, Err(Error::TooManyLinks { .. })), "one was used: {refused:?}");
    run.clock.advance(DAY);
    run.issue(&ann, spec()).await;
    assert_eq!(run.links.revoke_all(ann.id()).await.unwrap(), 1, "the others had expired");
}

async fn the_oldest_of_a_page_of_many_makes_room(run: &Run<'_>) {
    let ann = run.member().await;
    let door = run.issue(&ann, LinkSpec::single_use(purpose("portal"))).await;
    let mut asks = Vec::new();
    for number in 0..65 {
        run.clock.advance(MILLISECOND);
        let spec = LinkSpec::single_use(purpose(&format!("answer:C-{number}")));
        asks.push(run.issue(&ann, spec).await);
    }
    for ask in &asks[..2] {
        assert_eq!(run.consume(ask).await, Err(LinkRefusal::Revoked));
    }
    run.consume(&asks[2]).await.expect("there is room for 64");
    run.consume(&door).await.expect("it is the only one of its kind");
}

const MANY: usize = 50;
