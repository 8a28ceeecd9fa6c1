//! A statement in few words, for a person or for a program.

use std::fmt;

use jada_roster::Money;
use serde::Serialize;
use serde::ser::Serializer;

use crate::artefact::Artefact;
use crate::published::{Mailed, Published};
use crate::statement::{Statement, plural};
use crate::uploaded::Uploaded;

/// A statement in few words: what counted, what did not, the sums, and what was published.
///
/// `Display` is for a bookkeeper. `Serialize` gives an object with the keys `period`, `currency`,
/// `source`, `included`, `excluded`, `excluded_by`, `gross`, `taxes` (`name`, `rate`, `base`,
/// `amount`), `net` and `artefacts` (`path`, `bytes`, `sha256`), and where there are any, `uploads`
/// and `mail`, as the [`Manifest`](crate::Manifest) has them; amounts and rates are decimal text,
/// counts and sizes are integers.
#[derive(Clone, Copy, Debug)]
pub struct Summary<'a> {
    statement: &'a Statement,
    artefacts: &'a [Artefact],
    uploads: &'a [Uploaded],
    mailed: Option<&'a Mailed>,
}

impl<'a> Summary<'a> {
    /// The summary of a statement that was published as these files.
    #[must_use]
    pub fn new(statement: &'a Statement, artefacts: &'a [Artefact]) -> Self {
        Self { statement, artefacts, uploads: &[], mailed: None }
    }

    /// The summary of a statement with all that became of it.
    #[must_use]
    pub fn of(statement: &'a Statement, published: &'a Published) -> Self {
        let Published { artefacts, uploads, mailed, .. } = published;
        Self { statement, artefacts, uploads, mailed: mailed.as_ref() }
    }
}

impl Serialize for Summary<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let statement = self.statement;
        let taxes = statement.taxes().iter().map(|tax| TaxSummary {
            name: &tax.name,
            rate: tax.rate.to_string(),
            base: decimal(tax.base),
            amount: decimal(tax.amount),
        });
        Fields {
            period: statement.month().to_string(),
            currency: statement.currency().code(),
            source: statement.source(),
            included: statement.counted().len(),
            excluded: statement.not_counted().len(),
            excluded_by: Counts(statement.not_counted_by_reason()),
            gross: decimal(statement.gross()),
            taxes: taxes.collect(),
            net: decimal(statement.net()),
            artefacts: self.artefacts,
            uploads: self.uploads,
            mail: self.mailed,
        }
        .serialize(to)
    }
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let statement = self.statement;
        let (month, currency) = (statement.month().title(), statement.currency());
        writeln!(f, "Revenue statement, {month}, in {currency}\n")?;
        writeln!(f, "{:<44}{:>6}", "Charters counted", statement.counted().len())?;
        writeln!(f, "{:<44}{:>6}", "Charters not counted", statement.not_counted().len())?;
        for (reason, count) in statement.not_counted_by_reason() {
            writeln!(f, "  {reason:<42}{count:>6}")?;
        }
        if !statement.skipped().is_empty() {
            writeln!(f, "{:<44}{:>6}", "Rows that could not be read", statement.skipped().len())?;
        }
        writeln!(f, "\n{:<34}{:>16}", "Gross", statement.gross().grouped())?;
        for tax in statement.taxes() {
            let label = format!("{}, {} of {}", tax.name, tax.rate.percent(), tax.base.grouped());
            let used = label.chars().count();
            if used > LABEL {
                writeln!(f, "{label}\n{:LABEL$}{:>AMOUNT$}", "", tax.amount.grouped())?;
            } else {
                writeln!(f, "{label:LABEL$}{:>AMOUNT$}", tax.amount.grouped())?;
            }
        }
        writeln!(f, "{:<34}{:>16}", "Net", statement.net().grouped())?;
        write_published(f, self.artefacts, self.uploads, self.mailed)
    }
}

/// Where all of it is.
pub(crate) fn write_published(
    f: &mut fmt::Formatter<'_>,
    artefacts: &[Artefact],
    uploads: &[Uploaded],
    mailed: Option<&Mailed>,
) -> fmt::Result {
    for Artefact { path, bytes, sha256 } in artefacts {
        let size = plural(usize::try_from(*bytes).unwrap_or(usize::MAX), "byte", "bytes");
        write!(f, "\n{}\n  {size}, SHA-256 {sha256}", path.display())?;
    }
    for Uploaded { name, link, .. } in uploads {
        write!(f, "\n{name}\n  {link}")?;
    }
    mailed.map_or(Ok(()), |mailed| write!(f, "\n{mailed}"))
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
    taxes: Vec<TaxSummary<'a>>,
    net: String,
    artefacts: &'a [Artefact],
    #[serde(skip_serializing_if = "<[Uploaded]>::is_empty")]
    uploads: &'a [Uploaded],
    #[serde(skip_serializing_if = "Option::is_none")]
    mail: Option<&'a Mailed>,
}

#[derive(Serialize)]
struct TaxSummary<'a> {
    name: &'a str,
    rate: String,
    base: String,
    amount: String,
}

/// Counts by reason, kept in the rule's order.
pub(crate) struct Counts<'a>(pub(crate) Vec<(&'a str, usize)>);

impl Serialize for Counts<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().copied())
    }
}

fn decimal(amount: Money) -> String {
    amount.decimal().to_string()
}

const LABEL: usize = 34;
const AMOUNT: usize = 16;
