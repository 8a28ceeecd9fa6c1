//! Removing a member with what they claimed and their magic links, in one transaction.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};

use crate::crew::CrewMember;
use crate::crew::id::CrewId;
use crate::dynamo::failure::{failed, malformed};
use crate::dynamo::item::{Corrupt, Item};
use crate::dynamo::keys::{KEY, links_row, token_row};
use crate::dynamo::roster::expression::Placeholders;
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
            writes.extend(self.releases(&given_up, member)?);
            writes.push(self.deleted_links(&links, member.id())?);
            writes.extend(self.revoked(&tokens)?);
            if writes.len() > MOST_WRITES {
                return Err(Error::TooManyLinks { crew: member.id().clone() });
            }
            let Outcome::Refused(unmet) = self.transact(&writes).await? else {
                return Ok(());
            };
            let mut unmet = unmet.into_iter();
            if let Some(row) = unmet.next().flatten() {
                state = self.same_version(&row, member)?;
            }
            let claims = unmet.by_ref().take(given_up.len()).collect::<Vec<_>>();
            kept.extend(of_others(given_up, claims.into_iter()));
            let gone = tokens.into_iter().zip(unmet.skip(1));
            swept.extend(gone.filter_map(|(token, row)| row.map(|_| token)));
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
        let answer = request.send().await;
        let row = answer.map_err(|error| failed("GetItem", &self.tables.keys, error))?.item;
        let now = self.clock.now().wall.as_millisecond();
        Links::of(row, now).map_err(|corrupt| corrupt.of(&self.tables.keys, key))
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
        let mut placeholders = Placeholders::default();
        let condition = links.condition(&mut placeholders);
        let (names, values) = placeholders.into_maps();
        let delete = Delete::builder()
            .table_name(&self.tables.keys)
            .key(KEY, AttributeValue::S(links_row(crew)))
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| malformed(OPERATION, &self.tables.keys, error))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// Takes back the links that these rows hold: used ones too, since the browser that has used
    /// one a moment ago may use it again. A row that was swept away needs nothing.
    fn revoked(&self, tokens: &[String]) -> Result<Vec<TransactWriteItem>, Error> {
        let now = self.clock.now().wall.as_millisecond().to_string();
        let revoked = |digest: &String| {
            let update = Update::builder()
                .table_name(&self.tables.keys)
                .key(KEY, AttributeValue::S(token_row(digest)))
                .update_expression("SET revoked_at = :now")
                .condition_expression("attribute_exists(#key)")
                .expression_attribute_names("#key", KEY)
                .expression_attribute_values(":now", AttributeValue::N(now.clone()))
                .build()
                .map_err(|error| malformed(OPERATION, &self.tables.keys, error))?;
            Ok(TransactWriteItem::builder().update(update).build())
        };
        tokens.iter().map(revoked).collect()
    }
}

/// The row of a member's links as it was read, and the digests of those that rows of their own hold
/// and that may be open.
#[derive(Debug)]
struct Links {
    row: Option<Item>,
    tokens: BTreeSet<String>,
}

impl Links {
    fn of(row: Option<Item>, now: i64) -> Result<Self, Corrupt> {
        let mut tokens = BTreeSet::new();
        for (name, value) in row.iter().flatten() {
            if name.starts_with(POINTERS) {
                tokens.extend(texts(POINTERS, value)?.iter().cloned());
            } else if name == OPEN {
                for entry in texts(OPEN, value)? {
                    let (expires_at, digest) = open_entry(entry)?;
                    tokens.extend((expires_at > now).then(|| digest.to_owned()));
                }
            }
        }
        Ok(Self { row, tokens })
    }

    /// That the row lists the same links as when it was read.
    fn condition(&self, placeholders: &mut Placeholders) -> String {
        let Some(row) = &self.row else {
            return format!("attribute_not_exists({})", placeholders.name(KEY));
        };
        let lists = row.keys().map(String::as_str).filter(|name| name.starts_with(POINTERS));
        let same = lists.chain([OPEN, REVISION]);
        let same = same.map(|name| placeholders.is(name, row.get(name).cloned()));
        same.collect::<Vec<_>>().join(" AND ")
    }
}

fn texts<'a>(attribute: &'static str, value: &'a AttributeValue) -> Result<&'a [String], Corrupt> {
    let texts = value.as_ss().map(Vec::as_slice);
    texts.map_err(|_| Corrupt { attribute, expected: "a set of texts".to_owned() })
}

/// The end, in milliseconds since 1970, and the digest of `<expires_at>#<digest>#<purpose>`.
fn open_entry(entry: &str) -> Result<(i64, &str), Corrupt> {
    let mut parts = entry.splitn(3, '#');
    let expires_at = parts.next().and_then(|number| number.parse().ok());
    expires_at.zip(parts.next()).ok_or_else(|| Corrupt {
        attribute: OPEN,
        expected: "an instant, a digest and a purpose".to_owned(),
    })
}

const OPEN: &str = "open";
const POINTERS: &str = "ptr#";
const REVISION: &str = "revision";
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
const MOST_WRITES: usize = 100;
