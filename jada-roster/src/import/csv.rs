//! Comma-separated text by RFC 4180, with the place of every field.
//!
//! Written here because the readers at hand neither tell where a field stands nor notice a quote
//! that is never closed: they swallow the rest of the file into one field.

use std::borrow::Cow;

/// A field with the offset in bytes at which it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field<'a> {
    pub(crate) at: usize,
    pub(crate) text: Cow<'a, str>,
}

/// Why a record cannot be read, with the offset in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Text follows a closing quote; the record is lost, the next line begins another.
    AfterQuote {
        /// Where the record begins.
        record: usize,
        /// Where the text is that should not be.
        at: usize,
    },
    /// A quote that is never closed, or not by one that is meant to: it opens at this offset, and
    /// what follows cannot be told apart.
    Unterminated(usize),
}

/// Reads records one after the other; blank lines are none.
#[derive(Debug)]
pub(crate) struct Records<'a> {
    text: &'a str,
    at: usize,
    blank_lines: u32,
}

impl<'a> Records<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        Self { text, at: 0, blank_lines: 0 }
    }

    /// How many blank lines were passed so far.
    pub(crate) fn blank_lines(&self) -> u32 {
        self.blank_lines
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The field at the cursor, which then stands before a comma, a line end, or the end.
    ///
    /// A field over several lines whose closing quote has text behind it is taken for one that was
    /// never meant to be quoted: the rows within it must not be lost.
    fn field(&mut self, record: usize) -> Result<Field<'a>, Broken> {
        let at = self.at;
        let Some(quoted) = self.rest().strip_prefix('"') else {
            let text = self.until([',', '\r', '\n'].as_slice());
            return Ok(Field { at, text: Cow::Borrowed(text) });
        };
        let mut end = 0;
        loop {
            end += quoted[end..].find('"').ok_or(Broken::Unterminated(at))?;
            if !quoted[end + 1..].starts_with('"') {
                break;
            }
            end += 2;
        }
        let text = &quoted[..end];
        self.at += end + 2;
        if !(self.rest().is_empty() || self.rest().starts_with([',', '\r', '\n'])) {
            if text.contains(['\r', '\n']) {
                return Err(Broken::Unterminated(at));
            }
            let after = self.at;
            self.until(['\r', '\n'].as_slice());
            return Err(Broken::AfterQuote { record, at: after });
        }
        let doubled = text.contains("\"\"");
        let text =
            if doubled { Cow::Owned(text.replace("\"\"", "\"")) } else { Cow::Borrowed(text) };
        Ok(Field { at, text })
    }

    /// Moves the cursor to the first of `ends`, or the end, and returns what it passed.
    fn until(&mut self, ends: &[char]) -> &'a str {
        let rest = self.rest();
        let passed = &rest[..rest.find(ends).unwrap_or(rest.len())];
        self.at += passed.len();
        passed
    }

    fn pass_line_end(&mut self) {
        self.at += if self.rest().starts_with("\r\n") { 2 } else { self.rest().len().min(1) };
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Vec<Field<'a>>, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.rest().starts_with(['\r', '\n']) {
            self.pass_line_end();
            self.blank_lines = self.blank_lines.saturating_add(1);
        }
        if self.rest().is_empty() {
            return None;
        }
        let record = self.at;
        let mut fields = Vec::with_capacity(USUAL_FIELDS);
        loop {
            match self.field(record) {
                Ok(field) => fields.push(field),
                Err(broken @ Broken::AfterQuote { .. }) => {
                    self.pass_line_end();
                    return Some(Err(broken));
                }
                Err(broken @ Broken::Unterminated(_)) => {
                    self.at = self.text.len();
                    return Some(Err(broken));
                }
            }
            if !self.rest().starts_with(',') {
                self.pass_line_end();
                return Some(Ok(fields));
            }
            self.at += 1;
        }
    }
}

const USUAL_FIELDS: usize = 9;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(csv: &str) -> Vec<Vec<String>> {
        let record = |record: Result<Vec<Field<'_>>, Broken>| {
            record.unwrap().into_iter().map(|field| field.text.into_owned()).collect()
        };
        Records::of(csv).map(record).collect()
    }

    #[test]
    fn fields_are_read_as_rfc_4180_writes_them() {
        let csv = "a,b\r\n\"O'Brien, \"\"Jo\"\"\",\"two\nlines\"\n\n,\rx,6\" boat";
        assert_eq!(
            texts(csv),
            [
                vec!["a", "b"],
                vec!["O'Brien, \"Jo\"", "two\nlines"],
                vec!["", ""],
                vec!["x", "6\" boat"]
            ]
        );
    }

    #[test]
    fn a_field_tells_where_it_begins() {
        let offsets: Vec<Vec<usize>> = Records::of("é,\"a\r\nb\",c\nd,e")
            .map(|record| record.unwrap().iter().map(|field| field.at).collect())
            .collect();
        assert_eq!(offsets, [vec![0, 3, 10], vec![12, 14]]);
    }

    #[test]
    fn an_open_quote_names_where_it_opened_and_ends_the_reading() {
        let mut records = Records::of("a,b\nc,\"d\ne,f\n");
        assert!(records.next().unwrap().is_ok());
        assert_eq!(records.next(), Some(Err(Broken::Unterminated(6))));
        assert_eq!(records.next(), None);
    }

    #[test]
    fn a_stray_quote_does_not_swallow_the_rows_up_to_the_next() {
        let mut records = Records::of("a,\"b,c\nd,e,f\ng,\"h, i\",j\n");
        assert_eq!(records.next(), Some(Err(Broken::Unterminated(2))));
        assert_eq!(records.next(), None);
    }

    #[test]
    fn text_after_a_closing_quote_loses_that_record_alone() {
        let mut records = Records::of("\"a\"b,c\nd,e");
        assert_eq!(records.next(), Some(Err(Broken::AfterQuote { record: 0, at: 3 })));
        assert_eq!(records.next().unwrap().unwrap().len(), 2);
        assert_eq!(records.next(), None);
    }

    proptest! {
        #[test]
        fn what_is_quoted_is_read_back(rows in prop::collection::vec(
            prop::collection::vec("[a,\"\r\n é]{0,6}", 2..4), 1..5)) {
            let line = |row: &Vec<String>| {
                let fields: Vec<String> =
                    row.iter().map(|text| format!("\"{}\"", text.replace('"', "\"\""))).collect();
                fields.join(",")
            };
            let csv = rows.iter().map(line).collect::<Vec<_>>().join("\r\n");
            prop_assert_eq!(texts(&csv), rows);
        }
    }
}
