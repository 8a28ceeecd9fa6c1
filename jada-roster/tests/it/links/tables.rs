//! The tables of the crew, with links whose clock a test moves.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use jada_auth::ManualClock;
use jada_roster::{
    AttemptLimit, CrewId, CrewMember, DynamoLinks, DynamoLinksBuilder, DynamoRoster, Error, Link,
    LinkRefusal, LinkText, Peppers, PersonName, Presented, Purpose, Role, RosterRepository,
    Verified,
};
use jiff::Timestamp;

pub(crate) type Item = HashMap<String, AttributeValue>;

/// The crew and their links in one database.
pub(crate) struct Tables {
    pub(crate) client: Client,
    pub(crate) roster: DynamoRoster,
    pub(crate) links: DynamoLinks,
    pub(crate) peppers: Peppers,
    pub(crate) clock: Arc<ManualClock>,
}

impl Tables {
    /// With compact texts and no links of older tools.
    pub(crate) async fn new(client: Client) -> Self {
        Self::built(client, |builder| builder).await
    }

    pub(crate) async fn built(
        client: Client,
        build: impl Fn(DynamoLinksBuilder) -> DynamoLinksBuilder,
    ) -> Self {
        let roster = DynamoRoster::new(client.clone());
        roster.ensure_tables().await.unwrap();
        let peppers = Peppers::generate().unwrap();
        let clock = Arc::new(ManualClock::new(NOW));
        let builder = DynamoLinks::builder(client.clone(), peppers.clone())
            .compact(AttemptLimit::default())
            .clock(clock.clone());
        let links = build(builder).build().unwrap();
        Self { client, roster, links, peppers, clock }
    }

    /// A member whose id ends in this number.
    pub(crate) async fn member(&self, number: u32) -> CrewMember {
        self.roster.add(&member(number)).await.unwrap()
    }

    pub(crate) async fn remove(&self, crew: &CrewId) {
        let member = self.roster.find(crew).await.unwrap().unwrap();
        self.roster.remove(&member).await.unwrap();
    }

    /// All rows of a table.
    pub(crate) async fn scan(&self, table: &str) -> Vec<Item> {
        let answer = self.client.scan().table_name(table).consistent_read(true).send().await;
        answer.unwrap().items.unwrap_or_default()
    }
}

pub(crate) fn member(number: u32) -> CrewMember {
    let id = CrewId::new(&format!("c-{number:05}")).unwrap();
    let phone = format!("+1555010{number:04}").parse().unwrap();
    let email = format!("c-{number:05}@example.com").parse().unwrap();
    CrewMember::new(id, PersonName::new("Ann Rivers").unwrap(), phone, email, Role::Mate)
}

pub(crate) fn portal() -> Purpose {
    Purpose::portal()
}

pub(crate) fn back(link: &Link) -> Presented {
    presented(link.text.expose())
}

pub(crate) fn presented(text: &str) -> Presented {
    Presented::new(LinkText::parse(text).unwrap(), portal())
}

pub(crate) fn refusal(outcome: Result<Verified, Error>) -> LinkRefusal {
    match outcome {
        Err(Error::LinkRefused { reason }) => reason,
        other => panic!("not refused: {other:?}"),
    }
}

/// 2026-05-01T00:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_777_593_600, 0);

/// Checks that the rows of links agree: each link that its digest names and that may open is listed
/// by its member's row, once; and each such row counts right.
pub(crate) async fn assert_listed(tables: &Tables) {
    let rows = tables.scan("crew-keys").await;
    let texts = |value: &AttributeValue| value.as_ss().unwrap().clone();
    let mut listed = Vec::new();
    for row in rows.iter().filter(|row| text(row, "key").starts_with("links#")) {
        let before = listed.len();
        for (name, value) in row {
            if name == "open" {
                let digest = |entry: String| entry.split('#').nth(1).unwrap().to_owned();
                listed.extend(texts(value).into_iter().map(digest));
            } else if name.starts_with("ptr#") {
                listed.extend(texts(value));
            }
        }
        let opened = row.get("opened").map_or("0", |number| number.as_n().unwrap());
        assert_eq!(opened, (listed.len() - before).to_string(), "{}", text(row, "crew_id"));
    }
    let count = listed.len();
    listed.sort();
    listed.dedup();
    assert_eq!(listed.len(), count, "a link is listed once");
    for row in rows.iter().filter(|row| text(row, "key").starts_with("tok#")) {
        let digest = text(row, "key").strip_prefix("tok#").unwrap().to_owned();
        let is_listed = listed.contains(&digest);
        assert!(is_listed || row.contains_key("revoked_at"), "an open link is listed");
    }
}

pub(crate) fn text<'a>(row: &'a Item, attribute: &str) -> &'a str {
    row[attribute].as_s().unwrap()
}

pub(crate) fn with_prefix<'a>(rows: &'a [Item], prefix: &str) -> Vec<&'a Item> {
    rows.iter().filter(|row| text(row, "key").starts_with(prefix)).collect()
}
