//! A month's revenue, stated: what counted, what did not and why, taxes, and what is left.

pub(crate) mod builder;
mod currencies;
mod tally;

use std::collections::BTreeMap;

use jada_roster::{Charter, Currency, Money, Month};
use jiff::civil::Date;

use crate::error::Error;
use crate::rule::Rule;
use crate::statement::builder::StatementBuilder;
use crate::tax::{Rounding, TaxLine};

/// A month's revenue by a rule. One that exists reconciles.
///
/// A charter belongs to the month of its date, in the harbour's calendar, whenever it was booked
/// or paid. Charters stand by date, then by id, in whatever order they were given.
#[derive(Clone, Debug)]
pub struct Statement {
    month: Month,
    currency: Currency,
    rule: Rule,
    rounding: Rounding,
    counted: Vec<Charter>,
    not_counted: Vec<NotCounted>,
    skipped: Vec<String>,
    unindexed: usize,
    gross: Money,
    by_day: Vec<Money>,
    taxes: Vec<TaxLine>,
    net: Money,
    notes: Vec<String>,
}

/// A charter that did not count.
#[derive(Clone, Debug)]
pub struct NotCounted {
    charter: Charter,
    exclusion: usize,
}

impl NotCounted {
    /// The charter.
    #[must_use]
    pub fn charter(&self) -> &Charter {
        &self.charter
    }
}

impl Statement {
    /// Starts a statement of a month by the house rule, without taxes.
    pub fn of(month: Month) -> StatementBuilder {
        StatementBuilder::new(month)
    }

    /// The month it states.
    #[must_use]
    pub fn month(&self) -> Month {
        self.month
    }

    /// The currency of every amount.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The rule by which charters count.
    #[must_use]
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// Where taxes are rounded.
    #[must_use]
    pub fn rounding(&self) -> Rounding {
        self.rounding
    }

    /// The charters that count, by date and id.
    #[must_use]
    pub fn counted(&self) -> &[Charter] {
        &self.counted
    }

    /// The charters that do not, by date and id.
    #[must_use]
    pub fn not_counted(&self) -> &[NotCounted] {
        &self.not_counted
    }

    /// Why a charter did not count.
    #[must_use]
    pub fn reason(&self, not_counted: &NotCounted) -> &str {
        self.rule.reasons().nth(not_counted.exclusion).unwrap_or_default()
    }

    /// How many charters did not count for each reason that occurs, in the rule's order.
    #[must_use]
    pub fn not_counted_by_reason(&self) -> Vec<(&str, usize)> {
        let mut counts: Vec<(&str, usize)> = Vec::new();
        let of = |test| self.not_counted.iter().filter(move |row| row.exclusion == test).count();
        for (reason, count) in self.rule.reasons().enumerate().map(|(at, reason)| (reason, of(at)))
        {
            match counts.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, sum)) => *sum += count,
                None => counts.push((reason, count)),
            }
        }
        counts.retain(|(_, count)| *count > 0);
        counts
    }

    /// Rows of the input that could not be read, as they are reported; counted nowhere.
    #[must_use]
    pub fn skipped(&self) -> &[String] {
        &self.skipped
    }

    /// How many stored rows the month index does not show where they belong.
    #[must_use]
    pub fn unindexed(&self) -> usize {
        self.unindexed
    }

    /// How many distinct charters the month has, counted or not.
    #[must_use]
    pub fn source(&self) -> usize {
        self.counted.len() + self.not_counted.len()
    }

    /// The sum of the counted totals.
    #[must_use]
    pub fn gross(&self) -> Money {
        self.gross
    }

    /// The counted totals of each day of the month, in order.
    pub fn by_day(&self) -> impl ExactSizeIterator<Item = (Date, Money)> {
        let first = self.month.first_day();
        let day = move |at| Date::new(first.year(), first.month(), at).unwrap_or(first);
        (1..)
            .zip(&self.by_day)
            .map(move |(at, sum)| (day(at), *sum))
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// The counted totals of each brand, by name; charters without one are under the blank name.
    ///
    /// # Errors
    /// [`Error::Amount`] when a sum is out of range, which that of the whole then is too.
    pub fn by_brand(&self) -> Result<Vec<(&str, Money)>, Error> {
        let mut brands: BTreeMap<&str, Money> = BTreeMap::new();
        for charter in &self.counted {
            let sum = brands.entry(charter.brand().trim()).or_insert(Money::zero(self.currency));
            *sum = sum.checked_add(total(charter)).map_err(Error::amount)?;
        }
        Ok(brands.into_iter().collect())
    }

    /// Takes a month without charters, whose currency nothing says, to be in this one.
    pub(crate) fn in_currency(&mut self, currency: Currency) {
        let zero = Money::zero(currency);
        self.currency = currency;
        (self.gross, self.net) = (zero, zero);
        self.by_day.fill(zero);
        for tax in &mut self.taxes {
            (tax.base, tax.amount, tax.difference) = (zero, zero, zero);
        }
    }

    /// The taxes, in the order they were given.
    #[must_use]
    pub fn taxes(&self) -> &[TaxLine] {
        &self.taxes
    }

    /// The gross less the taxes.
    #[must_use]
    pub fn net(&self) -> Money {
        self.net
    }

    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What a reader must know to read it right, then the rules' own notes.
    #[must_use]
    pub fn footnotes(&self) -> Vec<String> {
        let mut notes = vec![
            format!(
                "A charter counts in the month of its date. Amounts are in {}; negative amounts are refunds.",
                self.currency
            ),
            format!(
                "By the rule \"{}\" these do not count, the first reason wins: {}.",
                self.rule.name(),
                self.rule.reasons().collect::<Vec<_>>().join("; ")
            ),
        ];
        notes.extend(self.rounding_note());
        if !self.skipped.is_empty() {
            let rows = plural(self.skipped.len(), "row", "rows");
            notes.push(format!(
                "Counted nowhere: {rows} that could not be read, listed under \"Not counted\"."
            ));
        }
        if self.unindexed > 0 {
            let rows = plural(self.unindexed, "row", "rows");
            notes.push(format!(
                "Not seen by month: {rows} of the table; reindex it, then state the month again."
            ));
        }
        notes.extend(self.notes.iter().cloned());
        notes
    }

    fn rounding_note(&self) -> Option<String> {
        if self.taxes.is_empty() {
            return None;
        }
        let (this, other) = match self.rounding {
            Rounding::PerLine => ("on each charter", "once for each rate"),
            Rounding::PerRate => ("once for each rate", "on each charter"),
        };
        let differs = |tax: &&TaxLine| !tax.difference.is_zero();
        let differences: Vec<String> = self
            .taxes
            .iter()
            .filter(differs)
            .map(|tax| {
                let more = (tax.difference.minor() > 0) == (self.rounding == Rounding::PerRate);
                let by = Money::from_minor(tax.difference.minor().abs(), self.currency);
                let word = if more { "more" } else { "less" };
                format!("{} {} {word}", tax.name, by.grouped())
            })
            .collect();
        let outcome = match differences.as_slice() {
            [] => "comes to the same".to_owned(),
            some => format!("would come to {}", some.join(", ")),
        };
        Some(format!("Taxes are rounded {this}, half away from zero; rounding {other} {outcome}."))
    }
}

/// The total of a counted charter; a rule may let one without a total count for nothing.
pub(crate) fn total(charter: &Charter) -> Money {
    charter.total().unwrap_or(Money::zero(charter.currency()))
}

/// `1 row`, `2 rows`.
pub(crate) fn plural(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
