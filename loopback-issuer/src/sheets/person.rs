//! People at the same spreadsheet, who do as they like between any two requests.

use std::collections::{HashMap, VecDeque};

use fastrand::Rng;

use super::method::SheetsMethod;
use super::tab::{SheetTab, used};

/// What a person does to a tab just before a request is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PersonAct {
    /// Sorts the rows below the header by any column.
    Sort,
    /// Moves a row.
    MoveRow,
    /// Inserts a blank row.
    InsertRow,
    /// Inserts a row with nothing but a remark, which takes two cells, in columns that are not
    /// [spared](crate::SheetsBuilder::spares).
    Remark,
    /// Overwrites a cell below the header, in a column that is not
    /// [spared](crate::SheetsBuilder::spares) and a row that has something in each that is.
    Edit,
    /// Inserts a column, with a header.
    InsertColumn,
    /// Moves a column.
    MoveColumn,
    /// Deletes a column that is not [kept](crate::SheetsBuilder::keeps).
    DeleteColumn,
    /// Deletes a row below the header.
    DeleteRow,
}

impl PersonAct {
    /// What people do to rows.
    pub const ROWS: &'static [Self] =
        &[Self::Sort, Self::MoveRow, Self::InsertRow, Self::Remark, Self::Edit, Self::DeleteRow];

    /// What people move, without typing anything.
    pub const MOVES: &'static [Self] = &[Self::Sort, Self::MoveRow, Self::InsertRow];

    /// What people do to columns.
    pub const COLUMNS: &'static [Self] =
        &[Self::InsertColumn, Self::MoveColumn, Self::DeleteColumn];

    /// What people do to rows and columns, but delete them.
    pub const ALL: &'static [Self] = &[
        Self::Sort,
        Self::MoveRow,
        Self::InsertRow,
        Self::Remark,
        Self::Edit,
        Self::InsertColumn,
        Self::MoveColumn,
    ];
}

type Scripted = Box<dyn FnOnce(&mut SheetTab) + Send>;

/// Who they are, and what they are about to do.
pub(super) struct People {
    pub(super) rng: Rng,
    /// By the method before whose requests they act: how often, and what they do.
    pub(super) habits: HashMap<SheetsMethod, (f64, Vec<PersonAct>)>,
    pub(super) spared: Vec<String>,
    pub(super) kept: Vec<String>,
    pub(super) scripted: HashMap<SheetsMethod, VecDeque<(String, Scripted)>>,
    /// How many things were typed, so that each is another.
    pub(super) typed: usize,
}

impl People {
    /// Before a request for this method: what was scripted, or else what is drawn.
    pub(super) fn act(&mut self, method: SheetsMethod, tabs: &mut [SheetTab]) -> Option<String> {
        let scripted = self.scripted.get_mut(&method).and_then(VecDeque::pop_front);
        if let Some((title, act)) = scripted {
            let tab = tabs.iter_mut().find(|tab| tab.title == title)?;
            act(tab);
            return Some("as scripted".to_owned());
        }
        let (rate, mix) = self.habits.get(&method)?;
        if self.rng.f64() >= *rate || mix.is_empty() || tabs.is_empty() {
            return None;
        }
        let act = mix[self.rng.usize(..mix.len())];
        let tab = self.rng.usize(..tabs.len());
        self.draw(act, &mut tabs[tab]);
        Some(format!("{act:?}"))
    }

    fn draw(&mut self, act: PersonAct, tab: &mut SheetTab) {
        let (rows, columns) = (tab.used_rows(), used(&tab.rows[0]));
        if rows < 2 || columns == 0 {
            return;
        }
        let row = self.rng.usize(1..rows);
        let column = self.rng.usize(..columns);
        match act {
            PersonAct::Sort => tab.sort(column),
            PersonAct::MoveRow => tab.move_row(row, self.rng.usize(1..=rows)),
            PersonAct::InsertRow => tab.insert_row(row),
            PersonAct::Remark => {
                let mut free = self.not_spared(tab, columns);
                tab.insert_row(row);
                self.rng.shuffle(&mut free);
                for column in free.into_iter().take(2) {
                    tab.set(row, column, self.text().as_str());
                }
            }
            PersonAct::Edit => {
                let free = self.not_spared(tab, columns);
                let spared = (0..columns).filter(|column| !free.contains(column));
                let mut spared = spared.map(|column| &tab.rows[row][column]);
                let is_empty = spared.any(|cell| cell.value.is_blank());
                if let Some(column) = self.rng.choice(free).filter(|_| !is_empty) {
                    tab.set(row, column, self.text().as_str());
                }
            }
            PersonAct::InsertColumn => {
                tab.insert_column(column);
                tab.set(0, column, self.text().as_str());
            }
            PersonAct::MoveColumn => tab.move_column(column, self.rng.usize(..=columns)),
            PersonAct::DeleteColumn => {
                if !self.kept.contains(&tab.rows[0][column].value.text()) {
                    tab.delete_column(column);
                }
            }
            PersonAct::DeleteRow => tab.delete_row(row),
        }
    }

    fn not_spared(&self, tab: &SheetTab, columns: usize) -> Vec<usize> {
        let is_spared = |column: &usize| self.spared.contains(&tab.rows[0][*column].value.text());
        (0..columns).filter(|column| !is_spared(column)).collect()
    }

    fn text(&mut self) -> String {
        self.typed += 1;
        format!("typed {}", self.typed)
    }
}
