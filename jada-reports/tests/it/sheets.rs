//! Rows in a tab of a loopback Sheets that keeps state, fails in every way, and has people in it.

mod changes;
mod columns;
mod faults;
mod headers;
mod moved;
mod pruning;
mod rows;
mod sweep;
mod types;

use std::time::Duration;

use jada_auth::{GoogleClient, GoogleClientBuilder};
use jada_loopback_issuer::{SheetTab, SheetValue, Sheets, SheetsBuilder};
use jada_reports::{Cell, Column, Columns, SheetRow, SheetSync, SheetSyncBuilder};

use crate::google::SECRET;

fn google(sheets: &Sheets) -> GoogleClient {
    google_builder(sheets).build()
}

fn google_builder(sheets: &Sheets) -> GoogleClientBuilder {
    crate::google::google(&sheets.endpoint(), &[SheetSync::SCOPE]).backoff(Duration::from_millis(4))
}

/// A Sheets that knows the tokens of [`google`].
fn book() -> SheetsBuilder {
    Sheets::builder().token(SECRET, [SheetSync::SCOPE])
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
    book().tab(TAB, rows.iter().map(|row| row.map(SheetValue::from)))
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
