//! Links short enough to be typed.

use std::time::Duration;

use super::{HOUR, MILLISECOND, Run, purpose};
use crate::error::Error;
use crate::links::text::CompactLength;
use crate::links::{LinkKind, LinkRefusal, LinkSpec};

pub(super) async fn check(run: &Run<'_>) {
    a_single_use_one_opens_once(run).await;
    a_standing_one_opens_until_it_is_rotated(run).await;
    both_forms_replace_each_other(run).await;
    a_session_is_not_typed(run).await;
}

fn standing() -> LinkSpec {
    LinkSpec::standing(purpose("portal"))
}

fn compact() -> LinkSpec {
    standing().compact(CompactLength::LONGEST)
}

async fn a_single_use_one_opens_once(run: &Run<'_>) {
    let ann = run.member().await;
    for letters in 8..=12 {
        let length = CompactLength::new(letters).unwrap();
        let spec = LinkSpec::single_use(purpose("portal")).compact(length);
        let link = run.issue(&ann, spec).await;
        assert_eq!(link.text.expose().len(), usize::from(letters));
        assert_eq!(run.verify(&link).await, Err(LinkRefusal::WrongKind));
        let opened = run.redeem(&link).await.unwrap();
        assert_eq!((&opened.crew, opened.kind), (ann.id(), LinkKind::SingleUse));
        assert_eq!(run.redeem(&link).await, Err(LinkRefusal::Used));
        run.clock.advance(HOUR);
    }
}

async fn a_standing_one_opens_until_it_is_rotated(run: &Run<'_>) {
    let ann = run.member().await;
    let first = run.issue(&ann, compact()).await;
    for _ in 0..2 {
        let verified = run.verify(&first).await.unwrap();
        assert_eq!((&verified.crew, verified.kind), (ann.id(), LinkKind::Standing));
        assert_eq!(run.redeem(&first).await, Ok(verified));
        assert_eq!(run.consume(&first).await, Err(LinkRefusal::WrongKind));
    }
    for spec in [compact(), standing()] {
        let second = run.links.issue(ann.id(), &spec).await;
        assert!(matches!(second, Err(Error::LinkExists { .. })), "{second:?}");
    }
    let second = run.rotate(&ann, compact(), HOUR).await;
    let third = run.rotate(&ann, compact(), HOUR).await;
    run.assert_closed(&first, "it was in its grace, and that is no more").await;
    run.clock.advance(HOUR - MILLISECOND);
    run.verify(&second).await.expect("it is in its grace");
    run.clock.advance(MILLISECOND);
    assert_eq!(run.verify(&second).await, Err(LinkRefusal::Expired));
    run.verify(&third).await.unwrap();
    let fourth = run.rotate(&ann, compact(), Duration::ZERO).await;
    run.assert_closed(&third, "it was replaced").await;
    run.verify(&fourth).await.unwrap();
}

async fn both_forms_replace_each_other(run: &Run<'_>) {
    let ann = run.member().await;
    let long = run.issue(&ann, standing()).await;
    let short = run.rotate(&ann, compact(), HOUR).await;
    run.verify(&long).await.expect("it is in its grace");
    let again = run.rotate(&ann, standing(), HOUR).await;
    run.assert_closed(&long, "it was in its grace, and that is no more").await;
    run.verify(&short).await.expect("it is in its grace");
    let exists = run.links.issue(ann.id(), &standing()).await;
    assert!(matches!(exists, Err(Error::LinkExists { .. })), "{exists:?}");
    assert_eq!(run.links.revoke(ann.id(), &purpose("portal")).await.unwrap(), 2);
    for link in [&short, &again] {
        run.assert_closed(link, "it was revoked").await;
    }
    let new = run.issue(&ann, compact()).await;
    run.verify(&new).await.unwrap();
}

async fn a_session_is_not_typed(run: &Run<'_>) {
    let ann = run.member().await;
    let spec = LinkSpec::session(purpose("session")).compact(CompactLength::LONGEST);
    let refused = run.links.issue(ann.id(), &spec).await;
    assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
}
