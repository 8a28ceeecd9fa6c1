//! A publication stated again from its charters, and compared with what is on record.

use std::collections::BTreeMap;

use jada_roster::Charter;

use super::canonical::row_digest;
use super::entry::charters;
use super::record::Record;
use super::verify::{SHA256, Verified};
use crate::error::BoxError;
use crate::stated::Stated;
use crate::statement::Statement;
use crate::year::YearStatement;

impl Record {
    /// States the period again, by the rule, taxes and notes that are on record, and compares what
    /// it says; where that is another, charter by charter.
    ///
    /// `charters` are those of its [months](Self::months) as they are now; others are passed over.
    /// That they make no such statement any more is a mismatch.
    #[must_use]
    pub fn restate(&self, charters: impl IntoIterator<Item = Charter>) -> Verified {
        let mut verified = Verified::default();
        self.restated(charters, &mut verified);
        verified
    }

    /// The statement, if it says the same.
    pub(super) fn restated(
        &self,
        charters: impl IntoIterator<Item = Charter>,
        verified: &mut Verified,
    ) -> Option<Restated> {
        let restated = match Restated::by(self, charters.into_iter().collect()) {
            Ok(restated) => restated,
            Err(why) => {
                let mend = format!("it cannot be stated again, as {why}");
                self.compare_statement(verified, None, &mend);
                return None;
            }
        };
        let (found, months) = (restated.stated().canonical_sha256(), restated.stated().months());
        let is_same = self.compare_statement(verified, Some(found), CHANGED);
        if !is_same || !self.has_rows_of(months) {
            self.compare_rows(verified, months);
        }
        is_same.then_some(restated)
    }

    fn compare_statement(
        &self,
        verified: &mut Verified,
        found: Option<String>,
        mend: &str,
    ) -> bool {
        let expected = self.canonical_sha256.clone();
        verified.compare(&self.period, "the statement", SHA256, expected, found, mend)
    }

    /// A record may be edited where the statement's digest does not tell.
    fn has_rows_of(&self, months: &[Statement]) -> bool {
        let digests = charters(months).map(|it| (it.id().as_str().to_owned(), row_digest(it)));
        digests.collect::<BTreeMap<_, _>>() == self.rows
    }

    fn compare_rows(&self, verified: &mut Verified, months: &[Statement]) {
        let mut now: BTreeMap<&str, String> =
            charters(months).map(|charter| (charter.id().as_str(), row_digest(charter))).collect();
        for (id, digest) in &self.rows {
            let (what, found) = (format!("charter {id}"), now.remove(id.as_str()));
            verified.compare(&self.period, &what, ROW, digest.clone(), found, CHARTER);
        }
        for (id, digest) in now {
            let (what, none) = (format!("charter {id}"), "none on record".to_owned());
            verified.compare(&self.period, &what, ROW, none, Some(digest), CHARTER);
        }
    }
}

/// What was stated again.
#[derive(Debug)]
pub(super) enum Restated {
    Month(Statement),
    Year(YearStatement),
}

impl Restated {
    fn by(record: &Record, mut charters: Vec<Charter>) -> Result<Self, BoxError> {
        let mut statements = Vec::new();
        for basis in &record.basis {
            for (month, builder) in basis.builders()? {
                let of_month = charters.extract_if(.., |charter| month.contains(charter.date()));
                statements.push(builder.build(of_month)?);
            }
        }
        if let Ok(year) = record.period.parse() {
            return Ok(Self::Year(YearStatement::of(year, statements)?));
        }
        match (statements.pop(), statements.pop()) {
            (Some(month), None) => Ok(Self::Month(month)),
            (None, _) => Err(UNKNOWN.into()),
            (Some(_), Some(_)) => Err("its record has more than one month".into()),
        }
    }

    pub(super) fn stated(&self) -> Stated<'_> {
        match self {
            Self::Month(statement) => Stated::Month(statement),
            Self::Year(year) => Stated::Year(year),
        }
    }
}

const ROW: &str = "row digest";
const CHANGED: &str = "its charters are others than when it was published: publish it again to \
                       correct it, or mend the charters";
const CHARTER: &str = "find out who changed it, and why";
const UNKNOWN: &str =
    "an earlier version did not record what it was stated by: publish the period again";
