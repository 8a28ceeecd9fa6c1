//! What may be told of a member's links.

use super::{HOUR, Run, SECOND, purpose};
use crate::crew::CrewMember;
use crate::crew::id::CrewId;
use crate::links::text::CompactLength;
use crate::links::{Link, LinkKind, LinkSpec};

pub(super) async fn check(run: &Run<'_>) {
    what_may_open_is_listed_from_the_oldest(run).await;
    what_opens_no_more_is_listed_no_more(run).await;
}

fn specs() -> [LinkSpec; 4] {
    [
        LinkSpec::standing(purpose("portal")),
        LinkSpec::single_use(purpose("answer")),
        LinkSpec::standing(purpose("calendar")).compact(CompactLength::LONGEST),
        LinkSpec::session(purpose("session")),
    ]
}

async fn one_each(run: &Run<'_>, crew: &CrewMember) -> Vec<Link> {
    let mut links = Vec::new();
    for spec in specs() {
        run.clock.advance(SECOND);
        links.push(run.issue(crew, spec).await);
    }
    links
}

async fn listed(run: &Run<'_>, crew: &CrewId) -> Vec<(String, LinkKind)> {
    let links = run.links.open_links(crew).await.unwrap();
    links.into_iter().map(|link| (link.purpose.to_string(), link.kind)).collect()
}

async fn what_may_open_is_listed_from_the_oldest(run: &Run<'_>) {
    let (ann, bob) = (run.member().await, run.member().await);
    let issued = one_each(run, &ann).await;
    run.issue(&bob, LinkSpec::standing(purpose("portal"))).await;
    let open = run.links.open_links(ann.id()).await.unwrap();
    assert_eq!(open.len(), issued.len());
    for ((open, issued), spec) in open.iter().zip(&issued).zip(specs()) {
        assert_eq!((&open.purpose, open.kind), (&issued.purpose, spec.kind()));
        assert_eq!(open.expires_at, issued.expires_at);
        assert_eq!(open.expires_at, spec.expires_at(open.issued_at.unwrap()));
    }
    assert_eq!(listed(run, &CrewId::generate().unwrap()).await, []);
}

async fn what_opens_no_more_is_listed_no_more(run: &Run<'_>) {
    let ann = run.member().await;
    let links = one_each(run, &ann).await;
    let line = |of: &str, kind| (of.to_owned(), kind);
    let (portal, calendar) =
        (line("portal", LinkKind::Standing), line("calendar", LinkKind::Standing));
    let session = line("session", LinkKind::Session);
    run.consume(&links[1]).await.unwrap();
    let all = [portal.clone(), calendar.clone(), session.clone()];
    assert_eq!(listed(run, ann.id()).await, all, "one was used");

    run.rotate(&ann, LinkSpec::standing(purpose("portal")), HOUR / 4).await;
    let in_grace = run.links.open_links(ann.id()).await.unwrap();
    let in_grace: Vec<_> =
        in_grace.iter().filter(|link| link.purpose == links[0].purpose).collect();
    assert_eq!(in_grace.len(), 2, "the old one is in its grace");
    assert_eq!(in_grace.iter().filter(|link| link.expires_at.is_none()).count(), 1);
    run.clock.advance(HOUR / 4);
    let all = [calendar.clone(), session, portal.clone()];
    assert_eq!(listed(run, ann.id()).await, all, "its grace is over");

    run.clock.advance(HOUR);
    assert_eq!(listed(run, ann.id()).await, [calendar, portal.clone()], "the session is over");
    run.links.revoke(ann.id(), &purpose("calendar")).await.unwrap();
    assert_eq!(listed(run, ann.id()).await, [portal]);
    run.roster.remove(&ann).await.unwrap();
    assert_eq!(listed(run, ann.id()).await, []);
}
