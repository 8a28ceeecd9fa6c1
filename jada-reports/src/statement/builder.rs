//! What a statement is made by, set step by step.

use jada_roster::{Charter, Currency, Month};

use crate::error::Error;
use crate::rule::Rule;
use crate::statement::Statement;
use crate::statement::currencies::Currencies;
use crate::statement::tally::Tally;
use crate::tax::{Rounding, Tax};

/// Builds a [`Statement`].
#[derive(Clone, Debug)]
#[must_use]
pub struct StatementBuilder {
    pub(super) month: Month,
    pub(super) currency: Option<Currency>,
    pub(super) rule: Rule,
    pub(super) rounding: Rounding,
    pub(super) taxes: Vec<Tax>,
    pub(super) notes: Vec<String>,
    pub(super) skipped: Vec<String>,
    pub(super) unindexed: usize,
}

impl StatementBuilder {
    /// By the house rule, without taxes.
    pub(super) fn new(month: Month) -> Self {
        Self {
            month,
            currency: None,
            rule: Rule::house(),
            rounding: Rounding::default(),
            taxes: Vec::new(),
            notes: Vec::new(),
            skipped: Vec::new(),
            unindexed: 0,
        }
    }

    /// The currency that every charter of the month must be in; default the one they are in, and
    /// `USD` for a month without charters.
    pub fn currency(mut self, currency: impl Into<Option<Currency>>) -> Self {
        self.currency = currency.into();
        self
    }

    /// Which charters count; default [`Rule::house`].
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rule = rule;
        self
    }

    /// Where taxes are rounded; default [`Rounding::PerLine`].
    pub fn rounding(mut self, rounding: Rounding) -> Self {
        self.rounding = rounding;
        self
    }

    /// One more tax.
    pub fn tax(mut self, tax: Tax) -> Self {
        self.taxes.push(tax);
        self
    }

    /// One more note under the statement.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// One more row of the input that could not be read, as it was reported.
    pub fn skipped(mut self, row: impl Into<String>) -> Self {
        self.skipped.push(row.into());
        self
    }

    /// How many stored rows the month index does not show where they belong; default 0.
    pub fn unindexed(mut self, rows: usize) -> Self {
        self.unindexed = rows;
        self
    }

    /// Looks whether charters of the month are in one currency and the one demanded, before they
    /// are stored, say. Those of other months are passed over.
    ///
    /// # Errors
    /// [`Error::Currencies`] when they are not.
    pub fn check_currencies<'a>(
        &self,
        charters: impl IntoIterator<Item = &'a Charter>,
    ) -> Result<(), Error> {
        let mut currencies = Currencies::expecting(self.currency);
        let of_month = |charter: &&Charter| self.month.contains(charter.date());
        let charters = charters.into_iter().filter(of_month);
        charters.for_each(|charter| currencies.see(charter.currency()));
        currencies.only(self.month).map(drop)
    }

    /// States the month of these charters, which may come in any order.
    ///
    /// # Errors
    /// [`Error::Currencies`] when they are not all in one currency, or not in the one demanded;
    /// [`Error::OutsideMonth`]; [`Error::GivenTwice`]; [`Error::Amount`] when a sum is out of range.
    pub fn build(self, charters: impl IntoIterator<Item = Charter>) -> Result<Statement, Error> {
        let charters = charters.into_iter();
        let mut tally = Tally::new(self, charters.size_hint().0);
        for charter in charters {
            tally.add(charter)?;
        }
        tally.finish()
    }
}
