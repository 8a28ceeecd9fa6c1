//! A Sheets that is yet to start.

use std::collections::HashMap;
use std::fmt;
use std::io;

use super::Sheets;
use super::fault::SheetsFault;
use super::method::{EVERYTHING, SheetsMethod};
use super::person::{People, PersonAct};
use super::state::{Book, Sharing, State};
use super::tab::SheetTab;
use super::value::SheetValue;
use crate::google::settings::{Settings, start, with_settings};

/// A Sheets that is yet to start. Its `Debug` shows no token.
#[must_use]
pub struct SheetsBuilder {
    settings: Settings<SheetsFault>,
    id: String,
    tabs: Vec<SheetTab>,
    sharing: Sharing,
    habits: HashMap<SheetsMethod, (f64, Vec<PersonAct>)>,
    spared: Vec<String>,
    kept: Vec<String>,
}

impl SheetsBuilder {
    pub(super) fn new() -> Self {
        Self {
            settings: Settings::new(EVERYTHING, SheetsFault::MIX),
            id: "book".to_owned(),
            tabs: Vec::new(),
            sharing: Sharing::Editor,
            habits: HashMap::new(),
            spared: Vec::new(),
            kept: Vec::new(),
        }
    }

    /// Sets the id of the spreadsheet; `book` by default. There is no other.
    pub fn spreadsheet(mut self, id: &str) -> Self {
        self.id = id.to_owned();
        self
    }

    /// Adds a tab of 1,000 rows and 26 columns, or as many as it needs. What is in it a person has
    /// typed.
    pub fn tab<R, V>(self, title: &str, rows: impl IntoIterator<Item = R>) -> Self
    where
        R: IntoIterator<Item = V>,
        V: Into<SheetValue>,
    {
        self.tab_of(title, (1_000, 26), rows)
    }

    /// Adds a tab of so many rows and columns, or as many as it needs.
    pub fn tab_of<R, V>(
        mut self,
        title: &str,
        (row_count, column_count): (usize, usize),
        rows: impl IntoIterator<Item = R>,
    ) -> Self
    where
        R: IntoIterator<Item = V>,
        V: Into<SheetValue>,
    {
        let id = i64::try_from(self.tabs.len()).unwrap_or_default() * 7_919;
        let mut tab = SheetTab::new(id, title, row_count, column_count);
        for (row, cells) in rows.into_iter().enumerate() {
            for (column, value) in cells.into_iter().enumerate() {
                tab.set(row, column, value);
            }
        }
        self.tabs.push(tab);
        self
    }

    /// Lets the account read the spreadsheet and not write to it.
    pub fn read_only(mut self) -> Self {
        self.sharing = Sharing::Reader;
        self
    }

    /// Lets a person do something of this kind just before this share of the requests for a method
    /// is done, 0 ≤ share ≤ 1; nobody does by default.
    pub fn people(
        mut self,
        method: SheetsMethod,
        rate: f64,
        mix: impl IntoIterator<Item = PersonAct>,
    ) -> Self {
        self.habits.insert(method, (rate, mix.into_iter().collect()));
        self
    }

    /// Keeps people from typing into the columns with this header.
    pub fn spares(mut self, header: &str) -> Self {
        self.spared.push(header.to_owned());
        self
    }

    /// Keeps people from deleting the column with this header.
    pub fn keeps(mut self, header: &str) -> Self {
        self.kept.push(header.to_owned());
        self
    }

    /// Starts Sheets on 127.0.0.1. Where it was given no tab, it has an empty one, `Sheet1`.
    ///
    /// # Errors
    ///
    /// Whatever the system says against listening on that port, or against a thread.
    pub fn start(mut self) -> io::Result<Sheets> {
        if self.tabs.is_empty() {
            self = self.tab("Sheet1", [[""; 0]; 0]);
        }
        let (state, loopback) = start(self.settings.port, self.state())?;
        Ok(Sheets { state, loopback })
    }

    fn state(self) -> State {
        let mut seed = self.settings.rng();
        State {
            book: Book { id: self.id, tabs: self.tabs },
            sharing: self.sharing,
            faults: self.settings.faults(seed.fork()),
            tokens: self.settings.tokens.or_default(),
            people: People {
                rng: seed.fork(),
                habits: self.habits,
                spared: self.spared,
                kept: self.kept,
                scripted: HashMap::new(),
                typed: 0,
            },
            calls: HashMap::new(),
            body_bytes: 0,
            log: String::new(),
            planned: HashMap::new(),
        }
    }
}

with_settings!(SheetsBuilder, SheetsFault, "spreadsheets");

impl fmt::Debug for SheetsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SheetsBuilder")
            .field("port", &self.settings.port)
            .field("seed", &self.settings.seed)
            .field("spreadsheet", &self.id)
            .field("tabs", &self.tabs.len())
            .field("faults", &self.settings.fault_rate)
            .field("people", &self.habits)
            .finish_non_exhaustive()
    }
}
