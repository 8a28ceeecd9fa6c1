//! No link and no digest of one is in any log, however much is logged.

use jada_roster::{EmbeddedEngine, LinkSpec, MagicLinks, Purpose, Role, RosterRepository};

use super::tables::{email, id, person, put, scan, string, text};
use crate::links::tables::Tables;
use crate::log::Log;

#[tokio::test]
async fn no_link_of_a_member_is_logged_when_they_are_written_or_removed() {
    let (log, _guard) = Log::begin("trace");
    let tables = Tables::new(EmbeddedEngine::in_memory().unwrap().client()).await;
    let roster = &tables.roster;
    let ann = roster.add(&person(1)).await.unwrap();
    let single = LinkSpec::single_use(Purpose::portal());
    let link = tables.links.issue(ann.id(), &single).await.unwrap();
    let older = [
        ("crew_id", text("c-00002")),
        ("name", text("Bo Field")),
        ("magic_token", text("older-link-in-plain-text")),
    ];
    put(&tables.client, &older).await;
    log.clear();

    let bo = roster.find(&id(2)).await.unwrap().unwrap();
    let claimed = roster.update(&bo.clone().with_email(email(2))).await.unwrap();
    roster.update(&bo).await.unwrap_err();
    roster.update(&claimed.with_role(Role::Captain)).await.unwrap();
    roster.update(&bo.with_version(jada_roster::Version::Number(7))).await.unwrap_err();
    roster.find_by_email(&email(3)).await.unwrap();
    roster.find_all(&[id(1), id(2)]).await.unwrap();
    roster.claim_contacts().await.unwrap();
    roster.add(&person(2)).await.unwrap_err();
    roster.remove(&ann).await.unwrap();

    let log = log.text();
    assert!(log.contains("GetItem"), "the SDK logs what else it does: {log}");
    let line = log.lines().find(|line| line.contains("older-link-in-plain-text"));
    assert_eq!(line, None);
    assert!(!log.contains(link.text.expose()));
    let rows = scan(&tables.client, "crew-keys").await;
    let digests = rows.iter().filter_map(|row| string(row, "key").strip_prefix("tok#"));
    let digests: Vec<_> = digests.collect();
    assert_eq!(digests.len(), 1);
    assert!(!log.contains(digests[0]));
}
