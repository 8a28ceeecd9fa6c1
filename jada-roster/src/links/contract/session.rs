//! What a browser holds after a link was used.

use std::time::Duration;

use super::{MILLISECOND, Run, purpose};
use crate::links::text::CompactLength;
use crate::links::{LinkKind, LinkRefusal, LinkSpec};

pub(super) async fn check(run: &Run<'_>) {
    it_opens_for_a_while(run).await;
    it_is_no_link(run).await;
    signing_out_ends_it_and_nothing_else(run).await;
    the_oldest_makes_room_for_what_is_new(run).await;
}

fn spec() -> LinkSpec {
    LinkSpec::session(purpose("session"))
}

async fn it_opens_for_a_while(run: &Run<'_>) {
    let ann = run.member().await;
    let session = run.issue(&ann, spec()).await;
    let verified = run.verify(&session).await.unwrap();
    assert_eq!((&verified.crew, verified.kind), (ann.id(), LinkKind::Session));
    assert_eq!(verified.expires_at, session.expires_at);
    run.clock.advance(HALF_AN_HOUR - MILLISECOND);
    assert_eq!(run.verify(&session).await, Ok(verified));
    run.clock.advance(MILLISECOND);
    assert_eq!(run.verify(&session).await, Err(LinkRefusal::Expired));
}

async fn it_is_no_link(run: &Run<'_>) {
    let ann = run.member().await;
    let session = run.issue(&ann, spec()).await;
    assert_eq!(run.redeem(&session).await, Err(LinkRefusal::WrongKind), "it prolongs nothing");
    assert_eq!(run.consume(&session).await, Err(LinkRefusal::WrongKind));
    run.verify(&session).await.unwrap();
}

async fn signing_out_ends_it_and_nothing_else(run: &Run<'_>) {
    let ann = run.member().await;
    let (session, other) = (run.issue(&ann, spec()).await, run.issue(&ann, spec()).await);
    let standing = run.issue(&ann, LinkSpec::standing(purpose("portal"))).await;
    let single = run.issue(&ann, LinkSpec::single_use(purpose("portal"))).await;
    for link in [&session, &session, &standing, &single] {
        run.links.end_session(&run.back(link)).await.expect("what is no session is no error");
    }
    assert_eq!(run.verify(&session).await, Err(LinkRefusal::Revoked));
    run.verify(&other).await.unwrap();
    run.verify(&standing).await.unwrap();
    run.consume(&single).await.unwrap();
}

async fn the_oldest_makes_room_for_what_is_new(run: &Run<'_>) {
    let ann = run.member().await;
    let mut sessions = Vec::new();
    for _ in 0..64 {
        sessions.push(run.issue(&ann, spec()).await);
        run.clock.advance(MILLISECOND);
    }
    for (number, new) in [spec(), LinkSpec::single_use(purpose("portal"))].into_iter().enumerate() {
        run.verify(&sessions[number]).await.expect("there is room for 64");
        run.issue(&ann, new).await;
        assert_eq!(run.verify(&sessions[number]).await, Err(LinkRefusal::Revoked));
    }
    let short = LinkSpec::standing(purpose("portal")).compact(CompactLength::SHORTEST);
    let standing = run.rotate(&ann, short, Duration::ZERO).await;
    run.verify(&standing).await.unwrap();
    for session in &sessions[3..] {
        run.verify(session).await.expect("it is not the oldest");
    }
}

const HALF_AN_HOUR: Duration = Duration::from_secs(30 * 60);
