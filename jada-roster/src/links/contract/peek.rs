//! Looking at a link without using it up.

use futures_util::future::join_all;

use super::{MILLISECOND, Run, SECOND, guess, purpose, reason};
use crate::links::text::CompactLength;
use crate::links::{BrowserNonce, LinkKind, LinkRefusal, LinkSpec, SAME_BROWSER};

pub(super) async fn check(run: &Run<'_>) {
    it_tells_whose_and_what_for_and_uses_nothing_up(run).await;
    a_page_alone_is_enough_and_another_is_not(run).await;
    once_used_it_is_told_to_the_same_browser_alone(run).await;
    it_ends_with_the_link(run).await;
    a_standing_link_is_not_looked_at(run).await;
}

async fn it_tells_whose_and_what_for_and_uses_nothing_up(run: &Run<'_>) {
    let ann = run.member().await;
    let answer = purpose("answer:C-17");
    let specs = [
        LinkSpec::single_use(answer.clone()),
        LinkSpec::single_use(answer.clone()).compact(CompactLength::LONGEST),
        LinkSpec::session(answer.clone()),
    ];
    for spec in specs {
        let link = run.issue(&ann, spec.clone()).await;
        for peeked in join_all((0..5).map(|_| run.peek(&link))).await {
            let peeked = peeked.unwrap();
            assert_eq!((&peeked.crew, &peeked.purpose), (ann.id(), &answer));
            assert_eq!((peeked.kind, peeked.expires_at), (spec.kind(), link.expires_at));
        }
        match spec.kind() {
            LinkKind::Session => drop(run.verify(&link).await.unwrap()),
            _ => drop(run.consume(&link).await.expect("looking uses nothing up")),
        }
    }
}

async fn a_page_alone_is_enough_and_another_is_not(run: &Run<'_>) {
    let ann = run.member().await;
    let link = run.issue(&ann, LinkSpec::single_use(purpose("answer:C-17"))).await;
    let page = run.presented(&link.text, &purpose("answer"));
    let peeked = run.links.peek(&page).await.unwrap();
    assert_eq!(peeked.purpose, link.purpose, "what it is about");
    for asked in [run.links.consume(&page).await, run.links.redeem(&page).await] {
        assert_eq!(reason(asked), Err(LinkRefusal::Unknown), "a page alone opens nothing");
    }
    for other in ["portal", "answers", "answer:", "answer:C-1", "answer:C-170"] {
        let peeked = run.links.peek(&run.presented(&link.text, &purpose(other))).await;
        assert_eq!(reason(peeked), Err(LinkRefusal::Unknown), "{other}");
    }
    let guessed = run.links.peek(&run.presented(&guess(&link), &purpose("answer"))).await;
    assert_eq!(reason(guessed), Err(LinkRefusal::Unknown));
}

async fn once_used_it_is_told_to_the_same_browser_alone(run: &Run<'_>) {
    let ann = run.member().await;
    let (own, other) = (BrowserNonce::generate().unwrap(), BrowserNonce::generate().unwrap());
    let link = run.issue(&ann, LinkSpec::single_use(purpose("answer:C-17"))).await;
    let by = |nonce: &BrowserNonce| run.back(&link).by(nonce.clone());
    run.links.peek(&by(&other)).await.expect("nobody has used it");
    run.consume_by(&link, &own).await.unwrap();
    run.clock.advance(SAME_BROWSER - MILLISECOND);
    run.links.peek(&by(&own)).await.expect("it was used by this browser");
    assert_eq!(reason(run.links.peek(&by(&other)).await), Err(LinkRefusal::Used));
    assert_eq!(run.peek(&link).await, Err(LinkRefusal::Used), "an absent nonce never matches");
    run.clock.advance(MILLISECOND);
    assert_eq!(reason(run.links.peek(&by(&own)).await), Err(LinkRefusal::Used), "a minute is over");
}

async fn it_ends_with_the_link(run: &Run<'_>) {
    let ann = run.member().await;
    let spec = LinkSpec::single_use(purpose("answer:C-17")).with_life(SECOND);
    let link = run.issue(&ann, spec.clone()).await;
    run.clock.advance(SECOND - MILLISECOND);
    run.peek(&link).await.expect("a millisecond is left");
    run.clock.advance(MILLISECOND);
    assert_eq!(run.peek(&link).await, Err(LinkRefusal::Expired));
    let link = run.issue(&ann, spec).await;
    run.links.revoke(ann.id(), &link.purpose).await.unwrap();
    assert_eq!(run.peek(&link).await, Err(LinkRefusal::Revoked));
}

async fn a_standing_link_is_not_looked_at(run: &Run<'_>) {
    let ann = run.member().await;
    for spec in [
        LinkSpec::standing(purpose("answer:C-17")),
        LinkSpec::standing(purpose("answer:C-18")).compact(CompactLength::LONGEST),
    ] {
        let link = run.issue(&ann, spec).await;
        assert_eq!(run.peek(&link).await, Err(LinkRefusal::WrongKind));
    }
}
