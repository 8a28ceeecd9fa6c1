//! Removing a member with what they claimed and their magic links, in one transaction.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};

use crate::crew::CrewMember;
use crate::crew::id::CrewId;
use crate::dynamo::expression::Placeholders;
use crate::dynamo::failure::{failed, malformed};
use crate::dynamo::item::{Corrupt, Item};
use crate::dynamo::keys::{KEY, links_row};
use crate::dynamo::links::write::{Ending, Row, ending};
use crate::dynamo::quiet::quietly;
use crate::dynamo::roster::item::ID;
use crate::dynamo::roster::state::RowState;
use crate::dynamo::roster::write::{ATTEMPTS, of_others};
use crate::dynamo::roster::{DynamoRoster, item};
use crate::dynamo::transaction::{OPERATION, Outcome};
use crate::error::Error;
use crate::roster::{CREW_MEMBER, next_state};

impl DynamoRoster {
    /// One read of the links that the member has, and one transaction on the condition that they
    /// have no others; again where one was issued between the two.
    pub(super) async fn delete(&self, member: &CrewMember) -> Result<(), Error> {
        next_state(member)?;
        let mut state = RowState::of(member);
        let (mut kept, mut swept) = (Vec::new(), BTreeSet::new());
        for _ in 0..ATTEMPTS {
            let links = self.links(member.id()).await?;
            let tokens: Vec<_> = links.tokens.difference(&swept).cloned().collect();
            let given_up: Vec<_> =
                state.contact.iter().filter(|old| !kept.contains(*old)).cloned().collect();
            let mut writes = vec![self.deleted_row(&state, member.id())?];
            writes.push(self.deleted_links(&links, member.id())?);
            writes.extend(self.releases(&given_up, member)?);
            writes.extend(self.revoked(&tokens)?);
            let Outcome::Refused(unmet) = self.transact(&writes).await? else {
                return Ok(());
            };
            let mut unmet = unmet.into_iter();
            if let Some(row) = unmet.next().flatten() {
                state = self.same_version(&row, member)?;
            }
            let mut unmet = unmet.skip(1);
            kept.extend(of_others(given_up, &mut unmet));
            swept.extend(
                tokens.into_iter().zip(unmet).filter_map(|(token, row)| row.map(|_| token)),
            );
        }
        Err(Error::conflict(CREW_MEMBER, member.id()))
    }

    /// The state of a row whose contact alone is another than expected.
    fn same_version(&self, row: &Item, member: &CrewMember) -> Result<RowState, Error> {
        let state = RowState::stored(row).map_err(|corrupt| self.corrupt(corrupt, row))?;
        if state.version == member.version() {
            return Ok(state);
        }
        Err(Error::conflict(CREW_MEMBER, member.id()))
    }

    async fn links(&self, crew: &CrewId) -> Result<Links, Error> {
        let key = links_row(crew);
        let request = self
            .client
            .get_item()
            .table_name(&self.tables.keys)
            .key(KEY, AttributeValue::S(key.clone()))
            .consistent_read(true);
        let answer = quietly(request.send()).await;
        let row = answer.map_err(|error| failed("GetItem", &self.tables.keys, error))?.item;
        let links = Links::of(crew, row);
        links.map_err(|corrupt| corrupt.of(&self.tables.keys, key))
    }

    /// A row that is gone already is what was asked for.
    fn deleted_row(&self, state: &RowState, crew: &CrewId) -> Result<TransactWriteItem, Error> {
        let mut placeholders = Placeholders::default();
        let condition = state.condition(&mut placeholders);
        let id = placeholders.name(ID);
        let (names, values) = placeholders.into_maps();
        let delete = Delete::builder()
            .table_name(&self.tables.roster)
            .set_key(Some(item::key(crew)))
            .condition_expression(format!("attribute_not_exists({id}) OR ({condition})"))
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| malformed(OPERATION, &self.tables.roster, error))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    fn deleted_links(&self, links: &Links, crew: &CrewId) -> Result<TransactWriteItem, Error> {
        let (condition, values) = match &links.row {
            Some(row) => {
                let (unchanged, values) = row.unchanged();
                (format!("attribute_exists(#key){unchanged}"), values)
            }
            None => ("attribute_not_exists(#key)".to_owned(), Vec::new()),
        };
        let mut delete = Delete::builder()
            .table_name(&self.tables.keys)
            .key(KEY, AttributeValue::S(links_row(crew)))
            .condition_expression(condition)
            .expression_attribute_names("#key", KEY);
        for (placeholder, value) in values {
            delete = delete.expression_attribute_values(placeholder, value);
        }
        let delete = delete
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| malformed(OPERATION, &self.tables.keys, error))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// Takes back the links that these rows hold: used ones too, since the browser that has used
    /// one a moment ago may use it again, and ended ones, since clocks differ. A row that was swept
    /// away needs nothing.
    fn revoked(&self, tokens: &[String]) -> Result<Vec<TransactWriteItem>, Error> {
        let end = Ending::TakenBack { now: self.clock.now().wall };
        tokens.iter().map(|digest| ending(&self.tables.keys, digest, end)).collect()
    }
}

/// The row of a member's links as it was read, and the digests of those with rows of their own.
struct Links {
    row: Option<Row>,
    tokens: BTreeSet<String>,
}

impl Links {
    fn of(crew: &CrewId, row: Option<Item>) -> Result<Self, Corrupt> {
        let row = row.map(|row| Row::of(crew, row)).transpose()?;
        let tokens = row.as_ref().map(|row| row.digests()).transpose()?.unwrap_or_default();
        Ok(Self { row, tokens })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use aws_sdk_dynamodb::Client;
    use jada_auth::{Clock, ManualClock};

    use super::*;
    use crate::crew::contact::PersonName;
    use crate::crew::role::Role;
    use crate::dynamo::embedded::EmbeddedEngine;
    use crate::dynamo::keys::token_row;
    use crate::roster::RosterRepository;

    struct Tables {
        client: Client,
        clock: Arc<ManualClock>,
        roster: DynamoRoster,
        ann: CrewMember,
    }

    impl Tables {
        async fn with_ann() -> Self {
            let client = EmbeddedEngine::in_memory().unwrap().client();
            let clock = Arc::new(ManualClock::new("2026-05-03T12:00:00Z".parse().unwrap()));
            let roster = DynamoRoster::new(client.clone()).with_clock(clock.clone());
            roster.ensure_tables().await.unwrap();
            let ann = CrewMember::new(
                CrewId::new("ann").unwrap(),
                PersonName::new("Ann Rivers").unwrap(),
                "+15550100001".parse().unwrap(),
                "ann@example.com".parse().unwrap(),
                Role::Mate,
            );
            let ann = roster.add(&ann).await.unwrap();
            Self { client, clock, roster, ann }
        }

        fn now(&self) -> i64 {
            self.clock.now().wall.as_millisecond()
        }

        async fn put(&self, key: &str, attributes: &[(&str, AttributeValue)]) {
            let mut item = Item::from([(KEY.to_owned(), AttributeValue::S(key.to_owned()))]);
            item.extend(attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
            let put = self.client.put_item().table_name("crew-keys").set_item(Some(item));
            put.send().await.unwrap();
        }

        async fn put_links(&self, open: &[String], pointers: &[&str]) {
            let mut attributes = vec![("revision", AttributeValue::N("7".into()))];
            if !open.is_empty() {
                attributes.push(("open", AttributeValue::Ss(open.to_vec())));
            }
            let pointers: Vec<_> = pointers.iter().map(|digest| (*digest).to_owned()).collect();
            if !pointers.is_empty() {
                attributes.push(("ptr#portal", AttributeValue::Ss(pointers)));
            }
            attributes.push(("cur#portal", AttributeValue::S("standing".into())));
            self.put(&links_row(self.ann.id()), &attributes).await;
        }

        async fn row(&self, key: &str) -> Option<Item> {
            let request = self.client.get_item().table_name("crew-keys").consistent_read(true);
            let request = request.key(KEY, AttributeValue::S(key.to_owned()));
            request.send().await.unwrap().item
        }

        async fn is_revoked(&self, digest: &str) -> bool {
            let row = self.row(&token_row(digest)).await.unwrap();
            let now = AttributeValue::N(self.now().to_string());
            row.get("revoked_at").is_some_and(|at| *at == now && row.contains_key("ttl"))
        }
    }

    #[tokio::test]
    async fn the_links_of_a_removed_member_go_with_them() {
        let tables = Tables::with_ann().await;
        let entry = |digest: &str, end: i64| format!("{end}#{digest}#answer:C#17");
        let (now, later) = (tables.now(), tables.now() + 1);
        let open = [entry("open", later), entry("over", now), entry("swept", now)];
        tables.put_links(&open, &["compact", "older"]).await;
        for digest in ["open", "over", "compact", "older", "of-another"] {
            tables.put(&token_row(digest), &[]).await;
        }
        tables.roster.remove(&tables.ann).await.unwrap();
        for digest in ["open", "over", "compact", "older"] {
            assert!(tables.is_revoked(digest).await, "{digest}");
        }
        assert!(!tables.is_revoked("of-another").await);
        assert_eq!(tables.row(&token_row("swept")).await, None, "no row is made for a link");
        assert_eq!(tables.row(&links_row(tables.ann.id())).await, None);
        assert_eq!(tables.roster.find(tables.ann.id()).await.unwrap(), None);
    }

    #[tokio::test]
    async fn as_many_links_as_a_member_may_have_go_in_one_transaction() {
        let tables = Tables::with_ann().await;
        tables.clock.advance(Duration::from_secs(60));
        let digests: Vec<_> = (0..64).map(|number| format!("digest-{number}")).collect();
        let later = tables.now() + 1;
        let open: Vec<_> =
            digests.iter().map(|digest| format!("{later}#{digest}#portal")).collect();
        tables.put_links(&open, &[]).await;
        for digest in &digests {
            tables.put(&token_row(digest), &[]).await;
        }
        tables.roster.remove(&tables.ann).await.unwrap();
        for digest in &digests {
            assert!(tables.is_revoked(digest).await, "{digest}");
        }
    }

    #[tokio::test]
    async fn of_a_removal_that_is_refused_no_link_is_taken_back() {
        let tables = Tables::with_ann().await;
        let open = [format!("{}#open#portal", tables.now() + 1)];
        tables.put_links(&open, &["compact"]).await;
        for digest in ["open", "compact"] {
            tables.put(&token_row(digest), &[]).await;
        }
        let captain = tables.ann.clone().with_role(Role::Captain);
        tables.roster.update(&captain).await.unwrap();
        let refused = tables.roster.remove(&tables.ann).await.unwrap_err();
        assert!(matches!(refused, Error::VersionConflict { .. }), "{refused:?}");
        for digest in ["open", "compact"] {
            assert!(!tables.is_revoked(digest).await, "{digest}");
        }
        assert!(tables.row(&links_row(tables.ann.id())).await.is_some());
    }

    #[tokio::test]
    async fn links_that_cannot_be_read_are_named_and_nobody_is_removed() {
        let tables = Tables::with_ann().await;
        let cases = [
            ("open", AttributeValue::S("text".into())),
            ("open", AttributeValue::Ss(vec!["soon#digest#portal".into()])),
            ("ptr#portal", AttributeValue::N("1".into())),
        ];
        let row = links_row(tables.ann.id());
        for (attribute, value) in cases {
            tables.put(&row, &[(attribute, value)]).await;
            match tables.roster.remove(&tables.ann).await {
                Err(Error::CorruptItem { table, key, attribute: named, .. }) => {
                    assert_eq!((table.as_str(), &key), ("crew-keys", &row));
                    assert!(attribute.starts_with(&named), "{named}");
                }
                other => panic!("{attribute}: {other:?}"),
            }
        }
        assert!(tables.roster.find(tables.ann.id()).await.unwrap().is_some());
    }
}
