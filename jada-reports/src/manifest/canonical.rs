//! What a statement says, as JSON with sorted keys, and the digests of that.

use std::io;

use jada_roster::Charter;
use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use crate::artefact::Counting;
use crate::statement::Statement;
use crate::year::YearStatement;

impl Statement {
    /// SHA-256 of the statement's content as JSON with sorted keys and no white space.
    ///
    /// Two statements have the same when they say the same, whatever they were rendered to.
    #[must_use]
    pub fn canonical_sha256(&self) -> String {
        let currency = self.currency();
        let canonical = Canonical {
            counted: Rows(self),
            currency: currency.code(),
            gross: self.gross().decimal().to_string(),
            net: self.net().decimal().to_string(),
            not_counted: ExcludedRows(self),
            notes: self.notes(),
            period: self.month().to_string(),
            rounding: self.rounding().as_str(),
            rule: self.rule().name(),
            skipped: self.skipped(),
            taxes: self
                .taxes()
                .iter()
                .map(|tax| CanonicalTax {
                    amount: tax.amount.decimal().to_string(),
                    base: tax.base.decimal().to_string(),
                    name: &tax.name,
                    rate: tax.rate.to_string(),
                })
                .collect(),
            unindexed: self.unindexed(),
        };
        digest(&canonical)
    }
}

impl YearStatement {
    /// SHA-256 of the year and of what each of its months says, as JSON with sorted keys and no
    /// white space: two have the same when their months say the same.
    #[must_use]
    pub fn canonical_sha256(&self) -> String {
        let months = self.months().iter().map(Statement::canonical_sha256).collect();
        digest(&CanonicalYear { months, year: self.year() })
    }
}

/// Tells whether a charter is as it was: the first digits of SHA-256 of its row.
pub(super) fn row_digest(charter: &Charter) -> String {
    let mut digest = digest(&CanonicalRow::of(charter, charter.currency().code(), None));
    digest.truncate(ROW_DIGITS);
    digest
}

fn digest(canonical: &impl Serialize) -> String {
    let mut counting = Counting::new(io::sink());
    // Writing into a sink cannot fail, and every key is text.
    let _ = serde_json::to_writer(&mut counting, canonical);
    counting.finish().2
}

#[derive(Serialize)]
struct CanonicalYear {
    months: Vec<String>,
    year: i16,
}

#[derive(Serialize)]
struct Canonical<'a> {
    counted: Rows<'a>,
    currency: &'a str,
    gross: String,
    net: String,
    not_counted: ExcludedRows<'a>,
    notes: &'a [String],
    period: String,
    rounding: &'a str,
    rule: &'a str,
    skipped: &'a [String],
    taxes: Vec<CanonicalTax<'a>>,
    unindexed: usize,
}

#[derive(Serialize)]
struct CanonicalTax<'a> {
    amount: String,
    base: String,
    name: &'a str,
    rate: String,
}

#[derive(Serialize)]
struct CanonicalRow<'a> {
    brand: &'a str,
    charter_id: &'a str,
    currency: &'a str,
    date: String,
    extra: Columns<'a>,
    guest: &'a str,
    kind: &'a str,
    notes: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    status: &'a str,
    total: Option<String>,
}

impl<'a> CanonicalRow<'a> {
    fn of(charter: &'a Charter, currency: &'a str, reason: Option<&'a str>) -> Self {
        Self {
            brand: charter.brand(),
            charter_id: charter.id().as_str(),
            currency,
            date: charter.date().to_string(),
            extra: Columns(charter.extra()),
            guest: charter.guest(),
            kind: charter.kind().as_str(),
            notes: charter.notes(),
            reason,
            status: charter.status().as_str(),
            total: charter.total().map(|total| total.decimal().to_string()),
        }
    }
}

/// Other columns of the input, by name.
struct Columns<'a>(&'a [(String, String)]);

impl Serialize for Columns<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, text)| (name, text)))
    }
}

struct Rows<'a>(&'a Statement);

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut rows = to.serialize_seq(Some(self.0.counted().len()))?;
        let currency = self.0.currency();
        for charter in self.0.counted() {
            rows.serialize_element(&CanonicalRow::of(charter, currency.code(), None))?;
        }
        rows.end()
    }
}

struct ExcludedRows<'a>(&'a Statement);

impl Serialize for ExcludedRows<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut rows = to.serialize_seq(Some(self.0.not_counted().len()))?;
        let currency = self.0.currency();
        for row in self.0.not_counted() {
            let reason = Some(self.0.reason(row));
            rows.serialize_element(&CanonicalRow::of(row.charter(), currency.code(), reason))?;
        }
        rows.end()
    }
}

/// 32 bit: enough to find a row by, once the whole is known to be another.
const ROW_DIGITS: usize = 8;
