//! With a member go their links, at once, whatever happens meanwhile.

use std::time::Duration;

use futures_util::future::join_all;
use jada_roster::{
    BrowserNonce, CompactLength, CrewId, DynamoLinks, EmbeddedEngine, Error, Link, LinkRefusal,
    LinkSpec, LinkText, MagicLinks, Presented, Purpose, RosterRepository,
};

use super::tables::{assert_whole, person, scan, string};
use crate::faults::{Fault, Faulty};
use crate::links::tables::{Tables, back, refusal};

fn specs() -> [LinkSpec; 5] {
    let purpose = Purpose::portal;
    let other = Purpose::new("answer:C#17").unwrap();
    [
        LinkSpec::single_use(purpose()),
        LinkSpec::single_use(purpose()).compact(CompactLength::SHORTEST),
        LinkSpec::session(purpose()),
        LinkSpec::standing(purpose()),
        LinkSpec::standing(other).compact(CompactLength::LONGEST),
    ]
}

async fn one_of_each(links: &DynamoLinks, crew: &CrewId) -> Vec<(Link, Purpose)> {
    let issued = specs().map(|spec| async move {
        let link = links.issue(crew, &spec).await.unwrap();
        (link, spec.purpose().clone())
    });
    join_all(issued).await
}

/// How many of the links open something.
async fn open(links: &DynamoLinks, issued: &[(Link, Purpose)]) -> usize {
    let mut open = 0;
    for (link, purpose) in issued {
        let text = LinkText::parse(link.text.expose()).unwrap();
        open += usize::from(links.verify(&Presented::new(text, purpose.clone())).await.is_ok());
        let text = LinkText::parse(link.text.expose()).unwrap();
        let consumed = links.consume(&Presented::new(text, purpose.clone())).await;
        open += usize::from(consumed.is_ok());
    }
    open
}

#[tokio::test]
async fn no_link_of_a_removed_member_opens_anything_even_if_they_come_back() {
    let tables = Tables::new(EmbeddedEngine::in_memory().unwrap().client()).await;
    let roster = tables.roster.clone().with_clock(tables.clock.clone());
    let ann = roster.add(&person(1)).await.unwrap();
    let bob = roster.add(&person(2)).await.unwrap();
    let issued = one_of_each(&tables.links, ann.id()).await;
    let of_bob = tables.links.issue(bob.id(), &LinkSpec::standing(Purpose::portal())).await;
    let spec = LinkSpec::standing(Purpose::portal());
    let grace = Duration::from_secs(3600);
    let rotated = tables.links.rotate(ann.id(), &spec, grace).await.unwrap();

    roster.remove(&ann).await.unwrap();
    assert_eq!(open(&tables.links, &issued).await, 0);
    assert_eq!(open(&tables.links, &[(rotated, Purpose::portal())]).await, 0);
    roster.add(&person(1)).await.unwrap();
    assert_eq!(open(&tables.links, &issued).await, 0, "they come back without their links");
    tables.links.verify(&back(&of_bob.unwrap())).await.expect("another's link is another's");
}

#[tokio::test]
async fn the_browser_that_used_a_link_a_moment_ago_cannot_use_it_again() {
    let tables = Tables::new(EmbeddedEngine::in_memory().unwrap().client()).await;
    let ann = tables.roster.add(&person(1)).await.unwrap();
    let spec = LinkSpec::single_use(Purpose::portal());
    let link = tables.links.issue(ann.id(), &spec).await.unwrap();
    let nonce = BrowserNonce::generate().unwrap();
    tables.links.consume(&back(&link).by(nonce.clone())).await.unwrap();
    tables.links.consume(&back(&link).by(nonce.clone())).await.expect("the same success");
    tables.roster.remove(&ann).await.unwrap();
    let again = tables.links.consume(&back(&link).by(nonce)).await;
    assert_ne!(refusal(again), LinkRefusal::Expired);
}

#[tokio::test]
async fn a_link_that_is_issued_while_a_member_is_removed_goes_too() {
    let firsts = [None, Some(LinkSpec::session(Purpose::portal()))];
    for (first, spec) in firsts.iter().flat_map(|first| specs().map(|spec| (first, spec))) {
        let faulty = Faulty::new();
        let tables = Tables::new(faulty.engine().client()).await;
        let roster = super::tables::roster(faulty.client()).await;
        let ann = roster.add(&person(1)).await.unwrap();
        if let Some(first) = first {
            tables.links.issue(ann.id(), first).await.unwrap();
        }
        faulty.requests();
        let (links, crew, purpose) =
            (tables.links.clone(), ann.id().clone(), spec.purpose().clone());
        let (sent, late) = tokio::sync::oneshot::channel();
        faulty.before("TransactWriteItems", async move {
            sent.send(links.issue(&crew, &spec).await.unwrap()).unwrap();
        });
        roster.remove(&ann).await.unwrap();
        let twice = ["GetItem", "TransactWriteItems"].repeat(2);
        assert_eq!(faulty.requests(), twice, "what was read before has changed");
        assert_eq!(open(&tables.links, &[(late.await.unwrap(), purpose)]).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_links_that_are_issued_as_fast_as_members_are_removed_none_is_left_open() {
    let folder = tempfile::tempdir().unwrap();
    let engine = EmbeddedEngine::open(&folder.path().join("crew.db")).unwrap();
    let tables = Tables::new(engine.client()).await;
    let numbers = 0..10;
    for number in numbers.clone() {
        tables.roster.add(&person(number)).await.unwrap();
    }
    let issuing = numbers.clone().map(|number| {
        let links = tables.links.clone();
        tokio::spawn(async move {
            let mut issued = Vec::new();
            let spec = LinkSpec::single_use(Purpose::portal());
            loop {
                match links.issue(person(number).id(), &spec).await {
                    Ok(link) => issued.push((link, Purpose::portal())),
                    Err(Error::NotFound { .. }) => return issued,
                    Err(Error::TooManyLinks { .. }) => tokio::task::yield_now().await,
                    Err(other) => panic!("{other:?}"),
                }
            }
        })
    });
    let removing = numbers.map(|number| {
        let roster = tables.roster.clone();
        tokio::spawn(async move {
            let member = roster.find(person(number).id()).await.unwrap().unwrap();
            // Who issues all the time may be ahead more often than a removal tries again.
            while let Err(error) = roster.remove(&member).await {
                assert!(error.is_transient(), "{error:?}");
            }
        })
    });
    let (issued, removed) = tokio::join!(join_all(issuing.collect::<Vec<_>>()), join_all(removing));
    removed.into_iter().for_each(|removal| removal.unwrap());
    for links in issued {
        assert_eq!(open(&tables.links, &links.unwrap()).await, 0);
    }
    assert_eq!(assert_whole(&engine.client()).await, 0);
    let rows = scan(&engine.client(), "crew-keys").await;
    assert!(rows.iter().all(|row| row.contains_key("revoked_at")), "{rows:?}");
}

#[tokio::test]
async fn a_script_that_scans_the_table_of_the_crew_sees_only_crew() {
    let tables = Tables::new(EmbeddedEngine::in_memory().unwrap().client()).await;
    for number in 1..=3 {
        let member = tables.roster.add(&person(number)).await.unwrap();
        one_of_each(&tables.links, member.id()).await;
    }
    tables.links.open().await.unwrap();
    assert_eq!(assert_whole(&tables.client).await, 3);
    let rows = scan(&tables.client, "crew-roster").await;
    let mut ids: Vec<_> = rows.iter().map(|row| string(row, "crew_id")).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["c-00001", "c-00002", "c-00003"]);
    let ours = ["availability", "cascade_level", "crew_id", "email", "name", "phone", "role"];
    for row in rows {
        let mut attributes: Vec<_> = row.keys().filter(|name| *name != "version").collect();
        attributes.sort_unstable();
        assert_eq!(attributes, ours);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_during_a_removal_leaves_a_member_with_all_links_or_none_with_no_link() {
    for (number, fault) in
        [(0, Fault::Stop), (0, Fault::StopDone), (1, Fault::Stop), (1, Fault::StopDone)]
    {
        let faulty = Faulty::new();
        let tables = Tables::new(faulty.engine().client()).await;
        let roster = super::tables::roster(faulty.client()).await;
        let ann = roster.add(&person(1)).await.unwrap();
        let issued = one_of_each(&tables.links, ann.id()).await;
        faulty.at(number, fault);
        let stopped = tokio::time::timeout(Duration::from_secs(1), roster.remove(&ann)).await;
        assert!(stopped.is_err(), "{number} {fault:?}");
        faulty.heal();
        let is_there = assert_whole(&tables.client).await == 1;
        assert_eq!(is_there, (number, fault) != (1, Fault::StopDone));
        let expected = if is_there { issued.len() } else { 0 };
        assert_eq!(open(&tables.links, &issued).await, expected, "{number} {fault:?}");
        roster.remove(&ann).await.unwrap();
        assert_eq!(assert_whole(&tables.client).await, 0);
        assert_eq!(open(&tables.links, &issued).await, 0);
    }
}
