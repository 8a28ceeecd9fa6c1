//! A year's statement as an HTML page, in the manner of a month's.

use askama::Template;
use jada_roster::Money;

use super::{Amount, render};
use crate::enclosure::Enclosure;
use crate::error::Error;
use crate::lines::Lines;
use crate::year::{Part, YearStatement};

/// Writes a year's statement as an HTML page into a text: its sums, months, brands and kinds, and
/// how many charters did not count for each reason. The charters themselves are in the workbook.
///
/// As a month's page it has no script, loads nothing, and escapes every text that people entered.
///
/// # Errors
/// [`Error::Render`] when the page cannot be written.
pub fn year_html(year: &YearStatement) -> Result<String, Error> {
    year_page(year, Lines::All, None)
}

/// The same, as a mail has it.
pub(crate) fn year_page(
    year: &YearStatement,
    lines: Lines,
    enclosure: Option<Enclosure<'_>>,
) -> Result<String, Error> {
    let all = year.skipped();
    let (skipped, more_skipped) = lines.of(&all);
    render(&Page { period: year.year().to_string(), year, enclosure, skipped, more_skipped })
}

#[derive(Template)]
#[template(path = "year.html")]
struct Page<'a> {
    period: String,
    year: &'a YearStatement,
    enclosure: Option<Enclosure<'a>>,
    skipped: &'a [&'a str],
    more_skipped: usize,
}

impl Page<'_> {
    fn parts(&self) -> [(&'static str, &[Part]); 2] {
        [("Brands", self.year.by_brand()), ("Kinds", self.year.by_kind())]
    }

    fn amount(&self, amount: Money) -> Amount {
        Amount(amount.grouped())
    }
}

/// Where the rest stands, in page and text.
pub(crate) const NOTE: &str = "The workbook has a tab for each month, with its charters, its taxes \
                               with rate and base, and how they are rounded. What did not count is \
                               on \"Not counted\", each with its reason.";
