//! What a reader of the tables gets hold of opens nothing.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use jada_roster::{
    AttemptLimit, BrowserNonce, CompactLength, Error, LegacyLinks, LinkSpec, LinkText, MagicLinks,
    Presented, Purpose,
};

use super::tables::{Tables, back, portal};
use crate::faults::Faulty;

/// Every text in a value, and what its parts are where `#` joins them.
fn texts(value: &AttributeValue, found: &mut BTreeSet<String>) {
    let all = match value {
        AttributeValue::S(text) | AttributeValue::N(text) => std::slice::from_ref(text),
        AttributeValue::Ss(texts) => texts,
        AttributeValue::M(map) => {
            map.iter().for_each(|(name, value)| {
                found.insert(name.clone());
                texts(value, found);
            });
            return;
        }
        other => panic!("a value of another type: {other:?}"),
    };
    for text in all {
        found.insert(text.clone());
        found.extend(text.split('#').map(str::to_owned));
    }
}

#[tokio::test]
async fn nothing_that_stands_in_the_tables_opens_anything() {
    let wide = AttemptLimit::per_minute(u32::MAX.try_into().unwrap(), u32::MAX.try_into().unwrap());
    let legacy = LegacyLinks::new(portal(), 1..=200, wide);
    let tables = Tables::built(Faulty::new().client(), |builder| {
        builder.compact(wide).legacy(legacy.clone())
    })
    .await;
    tables.links.open().await.unwrap();
    let (ann, bob) = (tables.member(1).await, tables.member(2).await);
    let short = CompactLength::SHORTEST;
    let specs = [
        LinkSpec::standing(portal()),
        LinkSpec::standing(Purpose::new("calendar").unwrap()).compact(short),
        LinkSpec::single_use(portal()),
        LinkSpec::single_use(portal()).compact(short),
        LinkSpec::session(portal()),
    ];
    let mut issued = Vec::new();
    for spec in &specs {
        issued.push(tables.links.issue(ann.id(), spec).await.unwrap());
    }
    let nonce = BrowserNonce::generate().unwrap();
    tables.links.consume(&back(&issued[2]).by(nonce)).await.unwrap();
    plain(&tables, bob.id().as_str(), "older-tools-own-text").await;
    tables.links.verify(&super::tables::presented("older-tools-own-text")).await.unwrap();

    let mut found = BTreeSet::new();
    for table in ["crew-keys", "crew-roster"] {
        for (name, value) in tables.scan(table).await.iter().flatten() {
            found.insert(name.clone());
            texts(value, &mut found);
        }
    }
    assert!(found.len() > 60, "{}", found.len());
    let mut tried = 0;
    for text in &found {
        assert!(issued.iter().all(|link| link.text.expose() != text), "a text is in a table");
        // What no link looks like is refused before anything is asked.
        let Ok(text) = LinkText::parse(text) else { continue };
        tried += 1;
        for purpose in ["portal", "calendar", text.expose()] {
            let presented = Presented::new(text.clone(), Purpose::new(purpose).unwrap());
            for outcome in
                [tables.links.verify(&presented).await, tables.links.redeem(&presented).await]
            {
                assert!(matches!(outcome, Err(Error::LinkRefused { .. })), "{outcome:?}");
            }
        }
    }
    assert!(tried > 40, "{tried}");
}

/// Writes a text into a member's row as an older tool does.
async fn plain(tables: &Tables, crew: &str, text: &str) {
    let update = tables.client.update_item().table_name("crew-roster");
    let update = update.key("crew_id", AttributeValue::S(crew.to_owned()));
    let update = update.update_expression("SET magic_token = :text");
    let update = update.expression_attribute_values(":text", AttributeValue::S(text.to_owned()));
    update.send().await.unwrap();
}
