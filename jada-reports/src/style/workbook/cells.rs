//! The cells of a tab that can tell how it looks: those of its first rows and of its last.

use std::collections::VecDeque;
use std::io::Cursor;

use calamine::{DataRef, FillPattern, Style, Xlsx, XlsxError};

/// A tab's first and last rows.
pub(super) struct Cells {
    pub(super) head: Vec<Row>,
    pub(super) tail: VecDeque<Row>,
}

pub(super) struct Row {
    /// Counted from 0.
    pub(super) number: u32,
    /// Those with a value.
    pub(super) cells: Vec<Cell>,
}

#[derive(Clone)]
pub(super) struct Cell {
    pub(super) column: u32,
    pub(super) value: Value,
    /// Among the workbook's styles.
    pub(super) style: usize,
    pub(super) bold: bool,
    pub(super) filled: bool,
    pub(super) size: f64,
}

#[derive(Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Number,
    Date,
    Other,
}

impl Cells {
    pub(super) fn read(workbook: &mut Xlsx<Cursor<&[u8]>>, sheet: &str) -> Result<Self, XlsxError> {
        let mut reader = workbook.worksheet_cells_reader(sheet)?;
        let mut cells = Self { head: Vec::new(), tail: VecDeque::new() };
        let mut row = Row { number: 0, cells: Vec::new() };
        while let Some((cell, style)) = reader.next_cell_with_style_id()? {
            let (number, column) = cell.get_position();
            let value = match cell.get_value() {
                DataRef::Empty => continue,
                DataRef::String(text) => Value::Text(text.chars().take(TEXT).collect()),
                DataRef::SharedString(text) => Value::Text(text.chars().take(TEXT).collect()),
                DataRef::Int(_) | DataRef::Float(_) => Value::Number,
                DataRef::DateTime(_) | DataRef::DateTimeIso(_) => Value::Date,
                _ => Value::Other,
            };
            if number != row.number {
                cells.push(std::mem::replace(&mut row, Row { number, cells: Vec::new() }));
            }
            if row.cells.len() < IN_ROW {
                row.cells.push(Cell::of(column, value, style, reader.styles().get(style)));
            }
        }
        cells.push(row);
        Ok(cells)
    }

    /// The rows that are kept, from the first on.
    pub(super) fn rows(&self) -> impl DoubleEndedIterator<Item = &Row> {
        self.head.iter().chain(&self.tail)
    }

    fn push(&mut self, row: Row) {
        if row.cells.is_empty() {
            return;
        }
        if self.head.len() < FIRST {
            self.head.push(row);
            return;
        }
        if self.tail.len() == LAST {
            self.tail.pop_front();
        }
        self.tail.push_back(row);
    }
}

impl Row {
    pub(super) fn text(&self, column: u32) -> Option<&str> {
        self.at(column).and_then(Cell::text)
    }

    pub(super) fn at(&self, column: u32) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.column == column)
    }
}

impl Cell {
    fn of(column: u32, value: Value, style: usize, look: Option<&Style>) -> Self {
        let font = look.and_then(|look| look.font.as_ref());
        let fill = look.and_then(|look| look.fill.as_ref());
        Self {
            column,
            value,
            style,
            bold: font.is_some_and(|font| font.is_bold()),
            filled: fill.is_some_and(|fill| fill.pattern == FillPattern::Solid),
            size: font.and_then(|font| font.size).unwrap_or_default(),
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) if !text.trim().is_empty() => Some(text.trim()),
            _ => None,
        }
    }
}

/// How many rows are kept, how many cells of a row, and how many letters of a text.
pub(super) const FIRST: usize = 200;
const LAST: usize = 200;
const IN_ROW: usize = 64;
const TEXT: usize = 200;
