//! What is taken back, and what goes with a member.

use super::{HOUR, Run, purpose, reason};
use crate::crew::CrewMember;
use crate::links::text::CompactLength;
use crate::links::{BrowserNonce, Link, LinkRefusal, LinkSpec};
use crate::version::Version;

pub(super) async fn check(run: &Run<'_>) {
    revoking_a_purpose_ends_its_links_and_all_sessions(run).await;
    revoking_all_ends_all_of_one_member(run).await;
    what_was_used_a_moment_ago_is_taken_back_too(run).await;
    links_go_with_their_member_for_good(run).await;
}

/// One link of each kind and form.
async fn all(run: &Run<'_>, crew: &CrewMember, of: &str) -> Vec<Link> {
    let short = CompactLength::SHORTEST;
    let specs = [
        LinkSpec::standing(purpose(of)),
        LinkSpec::standing(purpose(&format!("{of}:compact"))).compact(short),
        LinkSpec::single_use(purpose(of)),
        LinkSpec::single_use(purpose(of)).compact(short),
    ];
    let mut links = Vec::new();
    for spec in specs {
        links.push(run.issue(crew, spec).await);
    }
    links
}

async fn assert_open(run: &Run<'_>, links: &[Link]) {
    for link in links {
        match run.verify(link).await {
            Err(reason) => assert_eq!(reason, LinkRefusal::WrongKind, "a single-use one is open"),
            Ok(verified) => assert_eq!(verified.crew, link.crew),
        }
    }
}

async fn revoking_a_purpose_ends_its_links_and_all_sessions(run: &Run<'_>) {
    let ann = run.member().await;
    let (portal, answer) = (all(run, &ann, "portal").await, all(run, &ann, "answer").await);
    let session = run.issue(&ann, LinkSpec::session(purpose("session"))).await;
    let rotated = run.rotate(&ann, LinkSpec::standing(purpose("portal")), HOUR).await;
    // The standing one and the one in its grace, two single-use ones, and the session.
    assert_eq!(run.links.revoke(ann.id(), &purpose("portal")).await.unwrap(), 5);
    for link in portal.iter().filter(|link| link.purpose == purpose("portal")) {
        run.assert_closed(link, "its purpose was revoked").await;
    }
    run.assert_closed(&rotated, "its purpose was revoked").await;
    run.assert_closed(&session, "sessions end too").await;
    assert_open(run, &answer).await;
    assert_open(run, &portal[1..2]).await;
    assert_eq!(run.links.revoke(ann.id(), &purpose("portal")).await.unwrap(), 0);
    let new = run.issue(&ann, LinkSpec::standing(purpose("portal"))).await;
    run.verify(&new).await.expect("a new one may be issued");
}

async fn revoking_all_ends_all_of_one_member(run: &Run<'_>) {
    let (ann, bob) = (run.member().await, run.member().await);
    let of_bob = all(run, &bob, "portal").await;
    let mut links = all(run, &ann, "portal").await;
    links.extend(all(run, &ann, "answer").await);
    links.push(run.issue(&ann, LinkSpec::session(purpose("session"))).await);
    assert_eq!(run.links.revoke_all(ann.id()).await.unwrap(), links.len());
    for link in &links {
        run.assert_closed(link, "all were revoked").await;
    }
    assert_open(run, &of_bob).await;
    assert_eq!(run.links.revoke_all(ann.id()).await.unwrap(), 0);
    assert_open(run, &all(run, &ann, "portal").await).await;
}

async fn what_was_used_a_moment_ago_is_taken_back_too(run: &Run<'_>) {
    let ann = run.member().await;
    let nonce = BrowserNonce::generate().unwrap();
    let link = run.issue(&ann, LinkSpec::single_use(purpose("portal"))).await;
    run.consume_by(&link, &nonce).await.unwrap();
    assert_eq!(run.links.revoke_all(ann.id()).await.unwrap(), 0, "it had opened already");
    let again = run.links.consume(&run.back(&link).by(nonce)).await;
    assert_eq!(reason(again), Err(LinkRefusal::Revoked));
}

async fn links_go_with_their_member_for_good(run: &Run<'_>) {
    let ann = run.member().await;
    let mut links = all(run, &ann, "portal").await;
    links.push(run.issue(&ann, LinkSpec::session(purpose("session"))).await);
    links.push(run.rotate(&ann, LinkSpec::standing(purpose("portal")), HOUR).await);
    run.roster.remove(&ann).await.unwrap();
    for link in &links {
        run.assert_closed(link, "the member was removed").await;
    }
    let again = run.roster.add(&ann.clone().with_version(Version::New)).await.unwrap();
    for link in &links {
        run.assert_closed(link, "the member who was added again is another").await;
    }
    assert_open(run, &all(run, &again, "portal").await).await;
}
