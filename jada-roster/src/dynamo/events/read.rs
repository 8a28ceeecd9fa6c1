//! Reading copies: one, a month page by page, and what lies ahead of a member.

use std::iter::successors;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{Stream, StreamExt, TryStreamExt, future, stream};
use jiff::civil::Date;

use crate::charter::CharterId;
use crate::crew::id::CrewId;
use crate::dynamo::events::{DynamoEvents, item};
use crate::dynamo::failure::failed;
use crate::dynamo::item::{Item, text};
use crate::dynamo::pages::{Page, pages};
use crate::dynamo::quiet::quietly;
use crate::error::Error;
use crate::event::view::CrewView;
use crate::events::{day_before, horizon, is_upcoming};
use crate::month::Month;

impl DynamoEvents {
    pub(super) async fn row(&self, id: &CharterId) -> Result<Option<CrewView>, Error> {
        let request = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(item::key(id)))
            .consistent_read(true)
            .projection_expression(item::OURS)
            .set_expression_attribute_names(Some(item::names()));
        let answer = quietly(request.send()).await;
        let found = answer.map_err(|error| failed("GetItem", &self.table, error))?.item;
        found.map(|row| self.view(&row)).transpose()
    }

    /// The month's copies; the next page is asked for when the last is used up.
    pub(super) fn pages_of(
        self,
        month: Month,
    ) -> impl Stream<Item = Result<CrewView, Error>> + Send + use<> {
        let events = self.clone();
        let fetch = move |start| {
            let events = events.clone();
            async move { events.month_page(month, start).await }
        };
        let rows = move |page: Vec<Item>| {
            let rows: Vec<_> = page
                .iter()
                .map(|row| self.view(row))
                .filter(|row| row.as_ref().map_or(true, |row| month.contains(row.date())))
                .collect();
            stream::iter(rows)
        };
        pages(fetch).map_ok(rows).try_flatten()
    }

    /// Month after month, a few of them asked for at a time.
    pub(super) fn upcoming_of(
        self,
        crew: CrewId,
        from: Date,
    ) -> impl Stream<Item = Result<CrewView, Error>> + Send {
        let last = horizon(from);
        let firsts = successors(Some(day_before(from).first_of_month()), move |first| {
            first.last_of_month().tomorrow().ok().filter(|next| *next <= last)
        });
        let months: Vec<Month> = firsts.filter_map(|first| Month::of(first).ok()).collect();
        let read = move |month| {
            let events = self.clone();
            async move { events.pages_of(month).collect::<Vec<_>>().await }
        };
        let rows = stream::iter(months).map(read).buffered(AT_A_TIME).flat_map(stream::iter);
        let is_wanted = move |row: &Result<CrewView, Error>| {
            let wanted = row.as_ref().map_or(true, |view| is_upcoming(view, &crew, from));
            future::ready(wanted)
        };
        until_it_fails(rows).filter(is_wanted)
    }

    async fn month_page(&self, month: Month, start: Option<Item>) -> Result<Page, Error> {
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(&self.index)
            .key_condition_expression("#month = :month")
            .projection_expression(item::OURS)
            .set_expression_attribute_names(Some(item::names_of_month()))
            .expression_attribute_values(":month", AttributeValue::S(month.to_string()))
            .set_exclusive_start_key(start);
        let page = quietly(request.send()).await;
        let page = page.map_err(|error| failed("Query", &self.table, error))?;
        Ok((page.items.unwrap_or_default(), page.last_evaluated_key))
    }

    fn view(&self, row: &Item) -> Result<CrewView, Error> {
        let key = || text(row, item::ID).unwrap_or_default().to_owned();
        item::view(row, &self.rules).map_err(|mut corrupt| {
            // It tells what was found.
            corrupt.expected = self.rules.scrub(&corrupt.expected).value.to_string();
            corrupt.of(&self.table, key())
        })
    }
}

/// Goes on behind a row that cannot be read, and ends with any other error.
fn until_it_fails(
    rows: impl Stream<Item = Result<CrewView, Error>>,
) -> impl Stream<Item = Result<CrewView, Error>> {
    rows.scan(false, |has_failed, row| {
        let is_over = *has_failed;
        *has_failed = matches!(&row, Err(error) if !matches!(error, Error::CorruptItem { .. }));
        future::ready((!is_over).then_some(row))
    })
}

/// Requests of one list at a time.
const AT_A_TIME: usize = 6;
