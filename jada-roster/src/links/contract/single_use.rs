//! Links that open once.

use std::time::Duration;

use futures_util::future::join_all;
use jada_auth::Clock;

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
    those_to_one_of_many_things_leave_room_for_others(run).await;
    those_from_before_an_instant_are_withdrawn(run).await;
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

async fn those_to_one_of_many_things_leave_room_for_others(run: &Run<'_>) {
    let ann = run.member().await;
    let ask = |number: u32| LinkSpec::single_use(purpose(&format!("answer:C-{number}")));
    for number in 0..48 {
        run.issue(&ann, ask(number)).await;
    }
    let refused = run.links.issue(ann.id(), &ask(48)).await;
    assert!(matches!(refused, Err(Error::TooManyLinks { .. })), "{refused:?}");
    for _ in 0..16 {
        run.issue(&ann, LinkSpec::single_use(purpose("portal"))).await;
    }
    run.issue(&run.member().await, ask(48)).await;
}

async fn those_from_before_an_instant_are_withdrawn(run: &Run<'_>) {
    let ann = run.member().await;
    let answer = || LinkSpec::single_use(purpose("answer:C-17"));
    let session = run.issue(&ann, LinkSpec::session(purpose("portal"))).await;
    let others = [
        run.issue(&ann, LinkSpec::single_use(purpose("answer:C-18"))).await,
        run.issue(&run.member().await, answer()).await,
    ];
    let older = [run.issue(&ann, answer()).await, run.issue(&ann, answer()).await];
    run.clock.advance(SECOND);
    let instant = run.clock.now().wall;
    let newer = run.issue(&ann, answer()).await;
    for withdrawn in [2, 0] {
        let done = run.links.withdraw(ann.id(), &purpose("answer:C-17"), instant).await.unwrap();
        assert_eq!(done, withdrawn);
    }
    for link in &older {
        assert_eq!(run.consume(link).await, Err(LinkRefusal::Revoked));
    }
    run.verify(&session).await.expect("sessions stay");
    for link in others.iter().chain([&newer]) {
        run.consume(link).await.expect("it is of another call, member or instant");
    }
}

const MANY: usize = 50;
