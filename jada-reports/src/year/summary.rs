//! A year in few words, for a person or for a program.

use std::fmt;

use jada_roster::Money;
use serde::Serialize;
use serde::ser::Serializer;

use crate::artefact::Artefact;
use crate::published::{Mailed, Published};
use crate::summary::{Counts, write_published};
use crate::uploaded::Uploaded;
use crate::year::{Part, YearStatement};

/// A year in few words: its months, brands and kinds, what did not count, and what was published.
///
/// `Display` is for a bookkeeper. `Serialize` gives an object with the keys of a month's
/// [`Summary`](crate::Summary), where `period` is the year and `taxes` have `name` and `amount`,
/// and besides `months` (`period`, `included`, `excluded`, `gross`, `net`), `by_brand` and
/// `by_kind` (`name`, `charters`, `gross`); amounts are decimal text, counts are integers. `uploads` and
/// `mail` are there where there are any.
#[derive(Clone, Copy, Debug)]
pub struct YearSummary<'a> {
    year: &'a YearStatement,
    artefacts: &'a [Artefact],
    uploads: &'a [Uploaded],
    mailed: Option<&'a Mailed>,
}

impl<'a> YearSummary<'a> {
    /// The summary of a year that was published as these files.
    #[must_use]
    pub fn new(year: &'a YearStatement, artefacts: &'a [Artefact]) -> Self {
        Self { year, artefacts, uploads: &[], mailed: None }
    }

    /// The summary of a year with all that became of it.
    #[must_use]
    pub fn of(year: &'a YearStatement, published: &'a Published) -> Self {
        let Published { artefacts, uploads, mailed, .. } = published;
        Self { year, artefacts, uploads, mailed: mailed.as_ref() }
    }
}

impl Serialize for YearSummary<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let year = self.year;
        let months = year.months().iter().map(|month| MonthFields {
            period: month.month().to_string(),
            included: month.counted().len(),
            excluded: month.not_counted().len(),
            gross: decimal(month.gross()),
            net: decimal(month.net()),
        });
        let taxes = year.taxes().iter();
        Fields {
            period: year.year().to_string(),
            currency: year.currency().code(),
            source: year.source(),
            included: year.included(),
            excluded: year.source() - year.included(),
            excluded_by: Counts(year.not_counted_by_reason()),
            gross: decimal(year.gross()),
            taxes: taxes
                .map(|tax| TaxFields { name: tax.name(), amount: decimal(tax.amount()) })
                .collect(),
            net: decimal(year.net()),
            months: months.collect(),
            by_brand: year.by_brand().iter().map(PartFields::of).collect(),
            by_kind: year.by_kind().iter().map(PartFields::of).collect(),
            artefacts: self.artefacts,
            uploads: self.uploads,
            mail: self.mailed,
        }
        .serialize(to)
    }
}

impl fmt::Display for YearSummary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let year = self.year;
        writeln!(f, "Revenue statement, {}, in {}\n", year.year(), year.currency())?;
        writeln!(f, "{:LABEL$}{:>COUNT$}{:>AMOUNT$}{:>AMOUNT$}", "", "Charters", "Gross", "Net")?;
        for month in year.months() {
            let (title, counted) = (month.month().title(), month.counted().len());
            let (gross, net) = (month.gross().grouped(), month.net().grouped());
            writeln!(f, "{title:LABEL$}{counted:>COUNT$}{gross:>AMOUNT$}{net:>AMOUNT$}")?;
        }
        let (gross, net) = (year.gross().grouped(), year.net().grouped());
        writeln!(f, "{:LABEL$}{:>COUNT$}{gross:>AMOUNT$}{net:>AMOUNT$}", "Year", year.included())?;
        for (what, parts) in [("brand", year.by_brand()), ("kind", year.by_kind())] {
            writeln!(f, "\nBy {what}")?;
            for part in parts {
                let name = part.name_or("(none)");
                let (charters, gross) = (part.charters(), part.gross().grouped());
                writeln!(f, "  {name:<24}{charters:>COUNT$}{gross:>AMOUNT$}")?;
            }
        }
        writeln!(f)?;
        for tax in year.taxes() {
            writeln!(f, "{:<36}{:>AMOUNT$}", tax.name(), tax.amount().grouped())?;
        }
        writeln!(f, "{:<36}{:>AMOUNT$}", "Charters not counted", year.source() - year.included())?;
        for (reason, count) in year.not_counted_by_reason() {
            writeln!(f, "  {reason:<34}{count:>AMOUNT$}")?;
        }
        if !year.skipped().is_empty() {
            let rows = year.skipped().len();
            writeln!(f, "{:<36}{rows:>AMOUNT$}", "Rows that could not be read")?;
        }
        write_published(f, self.artefacts, self.uploads, self.mailed)
    }
}

#[derive(Serialize)]
struct Fields<'a> {
    period: String,
    currency: &'a str,
    source: usize,
    included: usize,
    excluded: usize,
    excluded_by: Counts<'a>,
    gross: String,
    taxes: Vec<TaxFields<'a>>,
    net: String,
    months: Vec<MonthFields>,
    by_brand: Vec<PartFields<'a>>,
    by_kind: Vec<PartFields<'a>>,
    artefacts: &'a [Artefact],
    #[serde(skip_serializing_if = "<[Uploaded]>::is_empty")]
    uploads: &'a [Uploaded],
    #[serde(skip_serializing_if = "Option::is_none")]
    mail: Option<&'a Mailed>,
}

#[derive(Serialize)]
struct TaxFields<'a> {
    name: &'a str,
    amount: String,
}

#[derive(Serialize)]
struct MonthFields {
    period: String,
    included: usize,
    excluded: usize,
    gross: String,
    net: String,
}

#[derive(Serialize)]
struct PartFields<'a> {
    name: &'a str,
    charters: usize,
    gross: String,
}

impl<'a> PartFields<'a> {
    fn of(part: &'a Part) -> Self {
        Self { name: part.name(), charters: part.charters(), gross: decimal(part.gross()) }
    }
}

fn decimal(amount: Money) -> String {
    amount.decimal().to_string()
}

const LABEL: usize = 18;
const COUNT: usize = 10;
const AMOUNT: usize = 16;
