//! What happens between two requests, and many at once.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::join_all;
use jada_roster::{
    CompactLength, DynamoLinks, Error, Link, LinkRefusal, LinkSpec, MagicLinks, RosterRepository,
};

use super::tables::{Tables, assert_listed, back, portal, refusal, text};
use crate::faults::Faulty;

/// The same links by a client that no fault happens to.
fn undisturbed(tables: &Tables, faulty: &Faulty) -> DynamoLinks {
    let builder = DynamoLinks::builder(faulty.engine().client(), tables.peppers.clone());
    builder.clock(tables.clock.clone()).build().unwrap()
}

fn single() -> LinkSpec {
    LinkSpec::single_use(portal())
}

#[tokio::test]
async fn what_is_issued_or_rotated_while_links_are_taken_back_is_taken_back_too() {
    let faulty = Faulty::new();
    let tables = Tables::new(faulty.client()).await;
    let ann = tables.member(1).await;
    tables.links.issue(ann.id(), &single()).await.unwrap();
    let (made, mut hear) = tokio::sync::mpsc::unbounded_channel::<Link>();
    for spec in [single(), LinkSpec::standing(portal()), LinkSpec::session(portal())] {
        let (others, crew, made) = (undisturbed(&tables, &faulty), ann.id().clone(), made.clone());
        faulty.before("TransactWriteItems", async move {
            let link = match spec.kind() {
                jada_roster::LinkKind::Standing => others.rotate(&crew, &spec, HOUR).await,
                _ => others.issue(&crew, &spec).await,
            };
            made.send(link.unwrap()).unwrap();
        });
    }
    assert_eq!(tables.links.revoke_all(ann.id()).await.unwrap(), 4);
    for _ in 0..3 {
        let link = hear.recv().await.unwrap();
        let refused = refusal(tables.links.redeem(&back(&link)).await);
        assert!([LinkRefusal::Revoked, LinkRefusal::WrongKind].contains(&refused), "{refused}");
        let refused = refusal(tables.links.verify(&back(&link)).await);
        assert!([LinkRefusal::Revoked, LinkRefusal::WrongKind].contains(&refused), "{refused}");
    }
    assert_listed(&tables).await;
}

#[tokio::test]
async fn a_row_that_was_removed_and_made_again_meanwhile_is_not_written_over() {
    let faulty = Faulty::new();
    let tables = Tables::new(faulty.client()).await;
    let ann = tables.member(1).await;
    tables.links.issue(ann.id(), &LinkSpec::standing(portal())).await.unwrap();
    let (others, client) = (undisturbed(&tables, &faulty), faulty.engine().client());
    let (made, hear) = tokio::sync::oneshot::channel::<Link>();
    faulty.before("TransactWriteItems", async move {
        let roster = jada_roster::DynamoRoster::new(client);
        roster.remove(&ann).await.unwrap();
        let again = roster.add(&super::tables::member(1)).await.unwrap();
        let calendar = LinkSpec::standing(jada_roster::Purpose::new("calendar").unwrap());
        made.send(others.issue(again.id(), &calendar).await.unwrap()).unwrap();
    });
    let crew = super::tables::member(1).id().clone();
    assert_eq!(tables.links.revoke(&crew, &portal()).await.unwrap(), 0, "it went with the member");
    let link = hear.await.unwrap();
    let presented = jada_roster::Presented::new(link.text, link.purpose);
    tables.links.verify(&presented).await.expect("it is for another purpose");
}

#[tokio::test]
async fn of_many_links_for_a_member_at_once_sixty_four_are_made() {
    let tables = Tables::new(Faulty::new().client()).await;
    let ann = tables.member(1).await;
    let spec = single();
    let made = join_all((0..80).map(|_| tables.links.issue(ann.id(), &spec))).await;
    let refused = made.iter().filter(|link| matches!(link, Err(Error::TooManyLinks { .. })));
    assert_eq!(refused.count(), 16);
    assert_eq!(made.iter().filter(|link| link.is_ok()).count(), 64);
    assert_listed(&tables).await;
    assert_eq!(tables.links.revoke_all(ann.id()).await.unwrap(), 64, "in one transaction");
    assert_listed(&tables).await;
}

#[tokio::test]
async fn of_many_first_standing_links_at_once_one_is_made() {
    for length in [None, Some(CompactLength::SHORTEST)] {
        let tables = Tables::new(Faulty::new().client()).await;
        let ann = tables.member(1).await;
        let spec = LinkSpec::standing(portal());
        let spec = length.map_or(spec.clone(), |length| spec.compact(length));
        let made = join_all((0..20).map(|_| tables.links.issue(ann.id(), &spec))).await;
        let (made, refused): (Vec<_>, Vec<_>) = made.into_iter().partition(Result::is_ok);
        assert_eq!(made.len(), 1);
        for refused in refused {
            assert!(matches!(refused, Err(Error::LinkExists { .. })), "{refused:?}");
        }
        tables.links.verify(&back(made[0].as_ref().unwrap())).await.unwrap();
        assert_listed(&tables).await;
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_named_without_its_digest() {
    let tables = Tables::new(Faulty::new().client()).await;
    let ann = tables.member(1).await;
    let standing = tables.links.issue(ann.id(), &LinkSpec::standing(portal())).await.unwrap();
    let session = tables.links.issue(ann.id(), &LinkSpec::session(portal())).await.unwrap();
    let cases = [
        (&standing, "cur#portal", Some("not a digest"), "cur#"),
        (&standing, "until#portal", Some("soon"), "until#"),
        (&standing, "crew_id", None, "crew_id"),
        (&session, "crew_id", None, "crew_id"),
        (&session, "purpose", Some(" "), "purpose"),
        (&session, "kind", Some("often"), "kind"),
        (&session, "expires_at", Some("soon"), "expires_at"),
        (&session, "expires_at", None, "expires_at"),
        (&session, "used_at", Some("soon"), "used_at"),
    ];
    for (link, attribute, value, named) in cases {
        let rows = tables.scan("crew-keys").await;
        let prefix = if link.text.expose().len() == 34 { "links#" } else { "tok#" };
        let whole = rows.into_iter().find(|row| text(row, "key").starts_with(prefix)).unwrap();
        let mut row = whole.clone();
        row.remove(attribute);
        let value = value.map(|value| AttributeValue::S(value.to_owned()));
        row.extend(value.map(|value| (attribute.to_owned(), value)));
        put(&tables, row).await;
        match tables.links.verify(&back(link)).await {
            Err(error @ Error::CorruptItem { .. }) => {
                let said = error.to_string();
                let digest = text(&whole, "key").strip_prefix("tok#").unwrap_or("-no digest-");
                assert!(said.contains(named) && said.contains("crew-keys"), "{said}");
                assert!(!said.contains(digest), "{said}");
            }
            other => panic!("{attribute}: {other:?}"),
        }
        put(&tables, whole).await;
        tables.links.verify(&back(link)).await.unwrap();
    }
}

async fn put(tables: &Tables, row: super::tables::Item) {
    let put = tables.client.put_item().table_name("crew-keys").set_item(Some(row));
    put.send().await.unwrap();
}

const HOUR: Duration = Duration::from_secs(60 * 60);

#[tokio::test]
async fn the_row_of_a_members_links_does_not_grow_with_what_has_ended() {
    let tables = Tables::new(Faulty::new().client()).await;
    let ann = tables.member(1).await;
    for number in 0..20 {
        let purpose = jada_roster::Purpose::new(&format!("answer:C-{number}")).unwrap();
        let spec = LinkSpec::standing(purpose.clone());
        tables.links.issue(ann.id(), &spec).await.unwrap();
        tables.links.rotate(ann.id(), &spec, Duration::ZERO).await.unwrap();
        assert_eq!(tables.links.revoke(ann.id(), &purpose).await.unwrap(), 1);
    }
    let rows = tables.scan("crew-keys").await;
    let row = super::tables::with_prefix(&rows, "links#")[0];
    let old = row.keys().filter(|name| name.starts_with("old#") || name.starts_with("until#"));
    assert_eq!(old.count(), 2, "those of the last: {:?}", row.keys());
}
