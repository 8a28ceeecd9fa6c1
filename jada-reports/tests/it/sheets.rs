//! Rows in a tab of a loopback Sheets that keeps state, fails in every way, and has people in it.

mod columns;
mod faults;
mod headers;
mod moved;
mod pruning;
mod rows;
mod sweep;
mod types;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use jada_auth::{
    AccessToken, Clock, GoogleClient, GoogleClientBuilder, Health, Scopes, SystemClock,
    TokenProvider,
};
use jada_loopback_issuer::{SheetTab, SheetValue, Sheets, SheetsBuilder};
use jada_reports::{Cell, Column, Columns, SheetRow, SheetSync, SheetSyncBuilder};

/// Hands out `good-0`, and the next one once that was rejected.
#[derive(Clone, Debug, Default)]
struct Tokens {
    rejected: Arc<AtomicU64>,
}

impl Tokens {
    fn serve(&self) -> AccessToken {
        let text = format!("good-{}", self.rejected.load(Ordering::SeqCst));
        let scopes = Scopes::new([SheetSync::SCOPE]).unwrap();
        AccessToken::builder(text, SystemClock.now()).scopes(scopes).build().unwrap()
    }
}

#[async_trait]
impl TokenProvider for Tokens {
    fn cached(&self, _: &Scopes) -> Option<AccessToken> {
        Some(self.serve())
    }

    async fn token(&self, _: &Scopes) -> Result<AccessToken, jada_auth::Error> {
        Ok(self.serve())
    }

    async fn invalidate(&self, rejected: &AccessToken) {
        if self.serve().is_same_as(rejected) {
            self.rejected.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn health(&self) -> Health {
        Health::good()
    }
}

fn google(sheets: &Sheets) -> GoogleClient {
    google_builder(sheets).build()
}

fn google_builder(sheets: &Sheets) -> GoogleClientBuilder {
    GoogleClient::builder(Tokens::default(), Scopes::new([SheetSync::SCOPE]).unwrap())
        .endpoint(sheets.endpoint().as_str().try_into().unwrap())
        .deadline(Duration::from_secs(5))
        .backoff(Duration::from_millis(4))
}

/// A row of these tests: a booking with a guest and a state.
#[derive(Clone, Debug, PartialEq)]
struct Booking {
    id: String,
    guest: Cell,
    state: Cell,
}

impl SheetRow for Booking {
    fn key(&self) -> &str {
        &self.id
    }

    fn cell(&self, column: &Column) -> Cell {
        match column.name() {
            "guest" => self.guest.clone(),
            "state" => self.state.clone(),
            other => panic!("there is no column `{other}`"),
        }
    }
}

fn booking(id: &str, guest: &str, state: &str) -> Booking {
    Booking { id: id.to_owned(), guest: guest.into(), state: state.into() }
}

fn bookings() -> Vec<Booking> {
    vec![
        booking("C-1", "Ann", "confirmed"),
        booking("C-2", "Bo", "pending"),
        booking("C-3", "Cy", "confirmed"),
        booking("C-4", "Di", "confirmed"),
    ]
}

fn columns() -> Columns {
    Columns::new("id", ["id", "guest", "state"].map(Column::text)).unwrap()
}

fn builder(sheets: &Sheets) -> SheetSyncBuilder {
    SheetSync::builder(google(sheets), "book", TAB, columns()).backoff(Duration::from_millis(4))
}

fn sync(sheets: &Sheets) -> SheetSync {
    builder(sheets).build()
}

/// A tab with these rows.
fn with_rows<const N: usize>(rows: &[[&str; N]]) -> SheetsBuilder {
    Sheets::builder().tab(TAB, rows.iter().map(|row| row.map(SheetValue::from)))
}

/// A tab that has a column of its own, between ours, which are turned around.
fn office() -> SheetsBuilder {
    with_rows(&[
        ["state", "paid", "guest", "id"],
        ["confirmed", "yes", "Ann", "C-1"],
        ["pending", "=A2", "Bo", "C-2"],
        ["confirmed", "", "Cy", "C-3"],
        ["confirmed", "no", "Di", "C-4"],
    ])
}

fn tab(sheets: &Sheets) -> SheetTab {
    sheets.tab(TAB).unwrap()
}

/// What each cell shows, row by row; a formula as it was entered.
fn shown(sheets: &Sheets) -> Vec<Vec<String>> {
    let text = |value: SheetValue| match value {
        SheetValue::Formula(formula) => formula,
        other => other.text(),
    };
    let rows = tab(sheets).values().into_iter();
    rows.map(|row| row.into_iter().map(text).collect()).collect()
}

/// How often a sweep is run: the full number when `JADA_SWEEP` says so.
fn sweep(some: u64, full: u64) -> u64 {
    if std::env::var("JADA_SWEEP").is_ok_and(|it| it == "full") { full } else { some }
}

const TAB: &str = "Bookings";
