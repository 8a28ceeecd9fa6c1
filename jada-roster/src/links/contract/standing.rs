//! Links that open until they are rotated or revoked.

use std::time::Duration;

use super::{DAY, HOUR, MILLISECOND, Run, guess, purpose, reason};
use crate::crew::id::CrewId;
use crate::error::Error;
use crate::links::{LinkKind, LinkRefusal, LinkSpec};

pub(super) async fn check(run: &Run<'_>) {
    it_opens_as_often_as_one_likes(run).await;
    a_member_has_one_for_each_purpose(run).await;
    a_rotation_without_grace_ends_the_old_one_at_once(run).await;
    a_rotation_with_grace_ends_the_old_one_at_the_instant(run).await;
    grace_is_a_month_at_most(run).await;
    what_is_no_standing_link_is_not_rotated(run).await;
    nobody_has_no_links(run).await;
}

fn spec() -> LinkSpec {
    LinkSpec::standing(purpose("portal"))
}

async fn it_opens_as_often_as_one_likes(run: &Run<'_>) {
    let ann = run.member().await;
    let link = run.issue(&ann, spec()).await;
    assert_eq!(link.expires_at, None);
    for _ in 0..3 {
        let verified = run.verify(&link).await.unwrap();
        assert_eq!((&verified.crew, verified.kind), (ann.id(), LinkKind::Standing));
        assert_eq!(verified.expires_at, None);
        assert_eq!(run.redeem(&link).await, Ok(verified));
        assert_eq!(run.consume(&link).await, Err(LinkRefusal::WrongKind));
        run.clock.advance(400 * DAY);
    }
    for other in ["answer:C-17", "portal2"] {
        let presented = run.presented(&link.text, &purpose(other));
        assert_eq!(reason(run.links.verify(&presented).await), Err(LinkRefusal::Unknown));
    }
    let guessed = run.presented(&guess(&link), &link.purpose);
    assert_eq!(reason(run.links.verify(&guessed).await), Err(LinkRefusal::Unknown));
}

async fn a_member_has_one_for_each_purpose(run: &Run<'_>) {
    let (ann, bob) = (run.member().await, run.member().await);
    let link = run.issue(&ann, spec()).await;
    let second = run.links.issue(ann.id(), &spec()).await;
    assert!(
        matches!(&second, Err(Error::LinkExists { crew, purpose: of })
            if crew == ann.id() && *of == purpose("portal")),
        "{second:?}"
    );
    let other = run.issue(&ann, LinkSpec::standing(purpose("calendar"))).await;
    let of_bob = run.issue(&bob, spec()).await;
    assert_eq!(run.verify(&link).await.unwrap().crew, *ann.id());
    assert_eq!(run.verify(&other).await.unwrap().crew, *ann.id());
    assert_eq!(run.verify(&of_bob).await.unwrap().crew, *bob.id());
}

async fn a_rotation_without_grace_ends_the_old_one_at_once(run: &Run<'_>) {
    let ann = run.member().await;
    let first = run.rotate(&ann, spec(), Duration::ZERO).await;
    run.verify(&first).await.expect("rotating makes the first");
    let other = run.issue(&ann, LinkSpec::standing(purpose("calendar"))).await;
    let second = run.rotate(&ann, spec(), Duration::ZERO).await;
    run.assert_closed(&first, "it was replaced").await;
    run.verify(&second).await.unwrap();
    run.verify(&other).await.expect("it is for another purpose");
}

async fn grace_is_a_month_at_most(run: &Run<'_>) {
    let ann = run.member().await;
    let spec = || LinkSpec::standing(purpose("portal"));
    let first = run.issue(&ann, spec()).await;
    run.rotate(&ann, spec(), 400 * DAY).await;
    run.clock.advance(30 * DAY - MILLISECOND);
    run.verify(&first).await.expect("it is in its grace");
    run.clock.advance(MILLISECOND);
    assert_eq!(run.verify(&first).await, Err(LinkRefusal::Expired));
}

async fn a_rotation_with_grace_ends_the_old_one_at_the_instant(run: &Run<'_>) {
    let ann = run.member().await;
    let first = run.issue(&ann, spec()).await;
    let second = run.rotate(&ann, spec(), HOUR).await;
    run.clock.advance(HOUR - MILLISECOND);
    let verified = run.verify(&first).await.expect("it is in its grace");
    assert_eq!((&verified.crew, verified.expires_at.is_some()), (ann.id(), true));
    run.clock.advance(MILLISECOND);
    assert_eq!(run.verify(&first).await, Err(LinkRefusal::Expired));
    assert_eq!(run.verify(&second).await.unwrap().expires_at, None);

    let third = run.rotate(&ann, spec(), HOUR).await;
    let fourth = run.rotate(&ann, spec(), HOUR).await;
    run.assert_closed(&second, "it was in its grace, and that is no more").await;
    run.verify(&third).await.expect("it is in its grace");
    run.verify(&fourth).await.unwrap();
    let fifth = run.rotate(&ann, spec(), Duration::ZERO).await;
    for old in [&third, &fourth] {
        run.assert_closed(old, "no grace is left").await;
    }
    run.verify(&fifth).await.unwrap();
}

async fn what_is_no_standing_link_is_not_rotated(run: &Run<'_>) {
    let ann = run.member().await;
    for spec in [LinkSpec::single_use(purpose("portal")), LinkSpec::session(purpose("portal"))] {
        let refused = run.links.rotate(ann.id(), &spec, HOUR).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
    }
}

async fn nobody_has_no_links(run: &Run<'_>) {
    let nobody = CrewId::generate().unwrap();
    let specs =
        [spec(), LinkSpec::single_use(purpose("portal")), LinkSpec::session(purpose("portal"))];
    for spec in specs {
        let refused = run.links.issue(&nobody, &spec).await;
        assert!(matches!(refused, Err(Error::NotFound { .. })), "{refused:?}");
    }
    let refused = run.links.rotate(&nobody, &spec(), HOUR).await;
    assert!(matches!(refused, Err(Error::NotFound { .. })), "{refused:?}");
    assert_eq!(run.links.revoke_all(&nobody).await.unwrap(), 0);
    assert_eq!(run.links.revoke(&nobody, &purpose("portal")).await.unwrap(), 0);
}
