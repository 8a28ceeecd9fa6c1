//! A statement as an HTML page that a browser, Gmail and Outlook show alike.

use std::fmt;
use std::io::Write;

use askama::filters::HtmlSafe;
use askama::{FastWritable, Template, Values};
use jada_roster::{Charter, Money};

use crate::day::Day;
use crate::error::Error;
use crate::lines::Lines;
use crate::statement::{NotCounted, Statement};

/// Writes a statement as an HTML page in UTF-8.
///
/// It has no script, loads nothing from elsewhere, and escapes every text that people entered.
///
/// # Errors
/// [`Error::Render`] when `to` cannot be written.
pub fn write_html(statement: &Statement, lines: Lines, to: &mut dyn Write) -> Result<(), Error> {
    let page = Page::of(statement, lines);
    let mut to = to;
    Template::write_into(&page, &mut to)
        .map_err(|error| Error::Render { artefact: "page", source: Box::new(error) })
}

/// Writes a statement as an HTML page into a text; see [`write_html`].
///
/// # Errors
/// [`Error::Render`] when the page cannot be written.
pub fn html(statement: &Statement, lines: Lines) -> Result<String, Error> {
    let page = Page::of(statement, lines);
    page.render().map_err(|error| Error::Render { artefact: "page", source: Box::new(error) })
}

#[derive(Template)]
#[template(path = "statement.html")]
struct Page<'a> {
    statement: &'a Statement,
    month: String,
    counted: &'a [Charter],
    more_counted: usize,
    not_counted: &'a [NotCounted],
    more_not_counted: usize,
    skipped: &'a [String],
    more_skipped: usize,
    footnotes: Vec<String>,
}

impl<'a> Page<'a> {
    fn of(statement: &'a Statement, lines: Lines) -> Self {
        let (counted, more_counted) = lines.of(statement.counted());
        let (not_counted, more_not_counted) = lines.of(statement.not_counted());
        let (skipped, more_skipped) = lines.of(statement.skipped());
        Self {
            statement,
            month: statement.month().title(),
            counted,
            more_counted,
            not_counted,
            more_not_counted,
            skipped,
            more_skipped,
            footnotes: statement.footnotes(),
        }
    }

    fn day(&self, charter: &Charter) -> Plain<Day> {
        Plain(Day(charter.date()))
    }

    fn amount(&self, amount: Money) -> Plain<jada_roster::Decimal> {
        Plain(amount.grouped())
    }

    /// Red for a refund.
    fn class(&self, amount: Money) -> Plain<&'static str> {
        Plain(if amount.minor() < 0 { "n r" } else { "n" })
    }
}

/// Text that is made of letters, digits and plain punctuation here, so that there is nothing to
/// escape: most of what a page of numbers consists of.
struct Plain<T>(T);

impl<T: fmt::Display> HtmlSafe for Plain<T> {}

impl<T: fmt::Display> fmt::Display for Plain<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: fmt::Display> FastWritable for Plain<T> {
    fn write_into(&self, to: &mut dyn fmt::Write, _: &dyn Values) -> askama::Result<()> {
        Ok(write!(to, "{}", self.0)?)
    }
}
