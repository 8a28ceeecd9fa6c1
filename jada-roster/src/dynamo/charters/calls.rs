//! Calls on the rows of their charters in DynamoDB.

mod wire;

use async_trait::async_trait;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

use crate::call::Call;
use crate::calls::{CallRepository, CallStream, CalledCharter, DueStream};
use crate::charter::assignment::Assignment;
use crate::charter::{Charter, CharterId};
use crate::dynamo::charters::change::{ATTEMPTS, Outcome, number};
use crate::dynamo::charters::read::Part;
use crate::dynamo::charters::{DynamoCharters, crew, item};
use crate::dynamo::failure::failed;
use crate::dynamo::item::{Item, text, why};
use crate::dynamo::pages::{Page, pages};
use crate::error::Error;
use crate::filter::Filter;
use crate::month::Month;
use crate::repository::{CHARTER, with_assignments};
use crate::version::Version;

/// The call is the text `call`, JSON that a person reads in a console. While it is to be looked at
/// again, `call_open` is `open` and `call_due` says when: the keys of the index `call-due-index`,
/// which [`ensure_call_index`](DynamoCharters::ensure_call_index) creates.
#[async_trait]
impl CallRepository for DynamoCharters {
    async fn open(&self, id: &CharterId) -> Result<Option<CalledCharter>, Error> {
        let get = self.client.get_item().table_name(&self.table).consistent_read(true);
        let found = get.set_key(Some(item::key(id))).send().await;
        let found = found.map_err(|error| failed("GetItem", &self.table, error))?;
        found.item.map(|row| self.called(&row)).transpose()
    }

    async fn write(
        &self,
        charter: &Charter,
        call: &Call,
        assignments: &[Assignment],
    ) -> Result<CalledCharter, Error> {
        let next = with_assignments(charter, assignments)?;
        let mut expected = crew::value(charter.assignments()?);
        for _ in 0..ATTEMPTS {
            let row = match self.write_call(charter, &next, call, expected).await? {
                Outcome::Done(row) => return self.called(&row),
                Outcome::Refused(row) => row,
            };
            if row.is_empty() {
                return Err(Error::NotFound { what: CHARTER, id: next.id().to_string() });
            }
            // One that is in the next state already is ours: an earlier attempt's answer was lost.
            let stored = self.called(&row)?;
            if stored.charter.is_same_state(&next) && stored.call.as_ref() == Some(call) {
                return Ok(stored);
            }
            let crew = stored.charter.assignments()?;
            if stored.charter.version() != charter.version() || crew != charter.assignments()? {
                break;
            }
            // Another tool has spelled who sails in its own way.
            expected = row.get(&self.assignments).cloned();
        }
        Err(Error::conflict(CHARTER, next.id()))
    }

    fn due(&self, by: Timestamp) -> DueStream {
        self.due_of(by, &[])
    }

    /// Reads the index alone, which has the calls too.
    fn exhausted(&self, by: Timestamp) -> DueStream {
        self.due_of(by, &wire::phrases_of_alerts())
    }

    fn calls_of(&self, month: Month) -> CallStream {
        let charters = self.clone();
        let rows = self.clone().rows_of(Part::month(month, &Filter::everything()));
        rows.map(move |row| row.and_then(|row| charters.called(&row))).boxed()
    }
}

impl DynamoCharters {
    fn called(&self, row: &Item) -> Result<CalledCharter, Error> {
        let charter = self.charter(row)?;
        let corrupt = |expected| Error::CorruptItem {
            called: None,
            table: self.table.clone(),
            key: item::key_text(row),
            attribute: CALL.to_owned(),
            expected,
        };
        let call = match row.get(CALL) {
            None | Some(AttributeValue::Null(_)) => None,
            Some(AttributeValue::S(text)) => {
                Some(wire::call_of(text).map_err(|error| corrupt(why(error)))?)
            }
            Some(_) => return Err(corrupt("JSON of a call, as text".to_owned())),
        };
        Ok(CalledCharter { charter, call })
    }

    /// Those in whose text one of these phrases stands, if there are any.
    fn due_of(&self, by: Timestamp, phrases: &[String]) -> DueStream {
        let (charters, phrases) = (self.clone(), phrases.to_vec());
        let fetch = move |start| {
            let (charters, phrases) = (charters.clone(), phrases.clone());
            async move { charters.due_page(by, &phrases, start).await }
        };
        let table = self.table.clone();
        let id = move |row: Item| {
            let id = text(&row, item::ID).unwrap_or_default();
            CharterId::new(id).map_err(|error| Error::CorruptItem {
                called: None,
                table: table.clone(),
                key: id.to_owned(),
                attribute: item::ID.to_owned(),
                expected: why(error),
            })
        };
        let rows = pages(fetch).map_ok(|page| stream::iter(page.into_iter().map(Ok)));
        rows.try_flatten().map(move |row| row.and_then(&id)).boxed()
    }

    /// On the condition that the row is in the state that was read, with the crew as `expected`.
    async fn write_call(
        &self,
        read: &Charter,
        next: &Charter,
        call: &Call,
        expected: Option<AttributeValue>,
    ) -> Result<Outcome, Error> {
        let text = wire::text_of(call).map_err(|error| Error::Refused {
            table: self.table.clone(),
            operation: "UpdateItem",
            source: error.into(),
        })?;
        let attributes = [
            ("version", "version", Some(number(next.version()))),
            ("call", CALL, Some(AttributeValue::S(text))),
            ("open", OPEN, call.wakes().map(|_| AttributeValue::S(OPEN_KEY.to_owned()))),
            ("due", DUE, call.wakes().map(|at| AttributeValue::S(due_key(at, next.id())))),
            ("crew", &self.assignments, crew::value(next.assignments()?)),
        ];
        let (mut set, mut removed) = (Vec::new(), Vec::new());
        let mut update = self.client.update_item().table_name(&self.table);
        for (placeholder, attribute, value) in attributes {
            update = update.expression_attribute_names(format!("#{placeholder}"), attribute);
            match value {
                None => removed.push(format!("#{placeholder}")),
                Some(value) => {
                    set.push(format!("#{placeholder} = :{placeholder}"));
                    update = update.expression_attribute_values(format!(":{placeholder}"), value);
                }
            }
        }
        let mut expression = format!("SET {}", set.join(", "));
        if !removed.is_empty() {
            expression.push_str(&format!(" REMOVE {}", removed.join(", ")));
        }
        let crew = match expected {
            None => "attribute_not_exists(#crew)",
            Some(crew) => {
                update = update.expression_attribute_values(":was", crew);
                "#crew = :was"
            }
        };
        if matches!(read.version(), Version::Number(_)) {
            update = update.expression_attribute_values(":read", number(read.version()));
        }
        let update = update
            .set_key(Some(item::key(next.id())))
            .update_expression(expression)
            .condition_expression(format!("{} AND {crew}", item::state(read.version())))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        self.outcome(update).await.map_err(|error| named_if_too_large(error, next.id()))
    }

    async fn due_page(
        &self,
        by: Timestamp,
        phrases: &[String],
        start: Option<Item>,
    ) -> Result<Page, Error> {
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(&self.call_index)
            .key_condition_expression("#open = :open AND #due <= :by")
            .projection_expression(item::ID)
            .expression_attribute_names("#open", OPEN)
            .expression_attribute_names("#due", DUE)
            .expression_attribute_values(":open", AttributeValue::S(OPEN_KEY.to_owned()))
            .expression_attribute_values(":by", AttributeValue::S(format!("{}$", instant(by))))
            .set_exclusive_start_key(start);
        if !phrases.is_empty() {
            let stands =
                (0..phrases.len()).map(|number| format!("contains(#call, :phrase{number})"));
            let filter = stands.collect::<Vec<_>>().join(" OR ");
            query = query.filter_expression(filter).expression_attribute_names("#call", CALL);
        }
        for (number, phrase) in phrases.iter().enumerate() {
            let phrase = AttributeValue::S(phrase.clone());
            query = query.expression_attribute_values(format!(":phrase{number}"), phrase);
        }
        let page = query.send().await.map_err(|error| failed("Query", &self.table, error))?;
        Ok((page.items.unwrap_or_default(), page.last_evaluated_key))
    }
}

/// DynamoDB does not say which row it was, nor a person what is to be done.
fn named_if_too_large(error: Error, id: &CharterId) -> Error {
    let Error::Refused { source, .. } = &error else {
        return error;
    };
    let refused = source.downcast_ref::<UpdateItemError>().and_then(ProvideErrorMetadata::message);
    if !refused.is_some_and(|message| message.starts_with("Item size")) {
        return error;
    }
    let mend = "at most 400 KB with its call: shorten its notes, or what other tools keep in it";
    Error::invalid("row of charter", id.as_str(), mend)
}

/// Instants in order, and at one instant one order for ever.
fn due_key(at: Timestamp, id: &CharterId) -> String {
    format!("{}#{id}", instant(at))
}

/// Of one width, so that texts sort as instants do; `$` sorts after the `#` that follows it.
fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%9fZ").to_string()
}

const CALL: &str = "call";
const OPEN_KEY: &str = "open";
/// The keys of the index.
pub(super) const OPEN: &str = "call_open";
pub(super) const DUE: &str = "call_due";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_sort_as_texts_of_one_width() {
        let at = |text: &str| instant(text.parse().unwrap());
        assert_eq!(at("2026-05-01T09:00:00.12Z"), "2026-05-01T09:00:00.120000000Z");
        assert_eq!(at("2026-05-01T09:00:00Z"), "2026-05-01T09:00:00.000000000Z");
        let id = CharterId::new("C-1").unwrap();
        let now: Timestamp = "2026-05-01T09:00:00Z".parse().unwrap();
        assert!(due_key(now, &id) < format!("{}$", instant(now)));
    }
}
