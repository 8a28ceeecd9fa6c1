//! Where in a file something stands, told as people count.

use std::cell::Cell;
use std::fmt;

use crate::import::bad_row::Fault;

/// Line and column, in characters, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// A file's text with the beginnings of its lines, to turn offsets in bytes into places.
#[derive(Debug)]
pub(crate) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    /// The last place that was asked for: a file of one long line is not counted from its start
    /// for each of its faults.
    last: Cell<(usize, Place)>,
}

impl<'a> Lines<'a> {
    /// `\n`, `\r\n` and a lone `\r` each end one line.
    pub(crate) fn of(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let ends = |at: &usize| match bytes[*at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        let starts = std::iter::once(0).chain((0..bytes.len()).filter(ends).map(|at| at + 1));
        let last = Cell::new((0, Place { line: 1, column: 1 }));
        Self { text, starts: starts.collect(), last }
    }

    /// The whole text.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// The place of a byte; past the end, the end's.
    pub(super) fn place(&self, offset: usize) -> Place {
        let offset = offset.min(self.text.len());
        let line = self.line(offset);
        let (from, column) = match self.last.get() {
            (last, place) if place.line == line && last <= offset => (last, place.column),
            _ => (self.starts[line - 1], 1),
        };
        let place = Place { line, column: column + self.text[from..offset].chars().count() };
        self.last.set((offset, place));
        place
    }

    /// The line of a byte.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    /// The offset of a part of the text, which must be a slice of it.
    pub(super) fn offset_of(&self, part: &str) -> usize {
        (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize)
    }

    /// The offset of a line and a column in bytes, both counted from 1, as serde_json counts.
    pub(super) fn offset(&self, line: usize, column: usize) -> usize {
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len());
        let offset = (start + column.saturating_sub(1)).min(self.text.len());
        (0..=offset).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0)
    }
}

impl Fault {
    pub(crate) fn at(lines: &Lines<'_>, offset: usize, what: &impl fmt::Display) -> Self {
        let place = lines.place(offset);
        Self { line: place.line, column: place.column, what: what.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_lines_and_characters() {
        let lines = Lines::of("é,x\r\ny\rz\n");
        let place = |offset| (lines.place(offset).line, lines.place(offset).column);
        assert_eq!(place(0), (1, 1));
        assert_eq!(place(3), (1, 3));
        assert_eq!(place(6), (2, 1));
        assert_eq!(place(8), (3, 1));
        assert_eq!(place(99), (4, 1));
        assert_eq!(place(2), (1, 2), "also back again");
        assert_eq!(lines.offset(1, 2), 0);
        assert_eq!(lines.offset(2, 1), 6);
        assert_eq!(lines.offset(9, 9), 10);
    }
}
