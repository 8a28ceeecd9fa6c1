//! A statement as an HTML page that a browser, Gmail and Outlook show alike.

mod year;

use std::fmt;
use std::io::{self, Write};

use askama::filters::HtmlSafe;
use askama::{FastWritable, Template, Values};
use jada_roster::{Charter, Decimal, Money};

pub use year::year_html;
#[cfg(feature = "mail")]
pub(crate) use year::{NOTE, year_page};

use crate::day::Day;
use crate::enclosure::Enclosure;
use crate::error::{BoxError, Error};
use crate::lines::Lines;
use crate::statement::{NotCounted, Statement};

/// Writes a statement as an HTML page in UTF-8.
///
/// It has no script, loads nothing from elsewhere, and escapes every text that people entered.
///
/// # Errors
/// [`Error::Render`] when `to` cannot be written.
pub fn write_html(statement: &Statement, lines: Lines, to: &mut dyn Write) -> Result<(), Error> {
    let failed = |source: BoxError| Error::Render { artefact: "page", source };
    let mut pieces = Pieces { to, text: String::with_capacity(2 * PIECE), error: None };
    let rendered = Page::of(statement, lines).render_into(&mut pieces);
    rendered.and_then(|()| Ok(pieces.flush()?)).map_err(|error| match pieces.error.take() {
        Some(error) => failed(error.into()),
        None => failed(error.into()),
    })
}

/// Writes a statement as an HTML page into a text; see [`write_html`].
///
/// # Errors
/// [`Error::Render`] when the page cannot be written.
pub fn html(statement: &Statement, lines: Lines) -> Result<String, Error> {
    page(statement, lines, None)
}

/// The same, as a mail has it.
pub(crate) fn page(
    statement: &Statement,
    lines: Lines,
    enclosure: Option<Enclosure<'_>>,
) -> Result<String, Error> {
    render(&Page { enclosure, ..Page::of(statement, lines) })
}

fn render(page: &impl Template) -> Result<String, Error> {
    page.render().map_err(|error| Error::Render { artefact: "page", source: Box::new(error) })
}

#[derive(Template)]
#[template(path = "statement.html")]
struct Page<'a> {
    statement: &'a Statement,
    period: String,
    enclosure: Option<Enclosure<'a>>,
    counted: &'a [Charter],
    more_counted: usize,
    not_counted: &'a [NotCounted],
    more_not_counted: usize,
    skipped: &'a [String],
    more_skipped: usize,
    footnotes: Vec<String>,
    /// The month's days as they are written.
    days: Vec<String>,
}

impl<'a> Page<'a> {
    fn of(statement: &'a Statement, lines: Lines) -> Self {
        let (counted, more_counted) = lines.of(statement.counted());
        let (not_counted, more_not_counted) = lines.of(statement.not_counted());
        let (skipped, more_skipped) = lines.of(statement.skipped());
        Self {
            statement,
            period: statement.month().title(),
            enclosure: None,
            counted,
            more_counted,
            not_counted,
            more_not_counted,
            skipped,
            more_skipped,
            footnotes: statement.footnotes(),
            days: statement.by_day().map(|(date, _)| Day(date).to_string()).collect(),
        }
    }

    fn day(&self, charter: &Charter) -> &str {
        let day = usize::from(charter.date().day().unsigned_abs());
        &self.days[day - 1]
    }

    fn amount(&self, amount: Money) -> Amount {
        Amount(amount.grouped())
    }

    /// Red for a refund.
    fn class(&self, amount: Money) -> &'static str {
        if amount.minor() < 0 { "n r" } else { "n" }
    }
}

/// Hands text on in large pieces: a page consists of many small ones.
struct Pieces<'a> {
    to: &'a mut dyn Write,
    text: String,
    error: Option<io::Error>,
}

impl Pieces<'_> {
    fn flush(&mut self) -> fmt::Result {
        let written = self.to.write_all(self.text.as_bytes());
        self.text.clear();
        written.map_err(|error| {
            self.error = Some(error);
            fmt::Error
        })
    }
}

impl fmt::Write for Pieces<'_> {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text.push_str(text);
        if self.text.len() < PIECE { Ok(()) } else { self.flush() }
    }
}

/// An amount, of which nothing needs escaping.
struct Amount(Decimal);

impl HtmlSafe for Amount {}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FastWritable for Amount {
    fn write_into(&self, to: &mut dyn fmt::Write, _: &dyn Values) -> askama::Result<()> {
        Ok(to.write_str(self.0.as_str())?)
    }
}

const PIECE: usize = 64 * 1024;
