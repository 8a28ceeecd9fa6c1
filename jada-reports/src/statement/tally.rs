//! A statement in the making: charters are sorted into counted and not, and added up.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use jada_roster::{Charter, CharterId, Currency, Money, Month};

use crate::error::Error;
use crate::statement::builder::StatementBuilder;
use crate::statement::currencies::Currencies;
use crate::statement::{NotCounted, Statement, total};
use crate::tax::{Base, Rate, Rounding, Tax, TaxLine, out_of_range};

/// A statement in the making.
pub(super) struct Tally {
    statement: StatementBuilder,
    counted: Vec<Charter>,
    not_counted: Vec<NotCounted>,
    /// Of each id, taken while the charter is at hand.
    digests: Vec<u64>,
    /// Whether charters came by date and id so far, as a repository brings them.
    ordered: bool,
    sums: Sums,
    currencies: Currencies,
}

impl Tally {
    /// Room for as many charters as are expected.
    pub(super) fn new(statement: StatementBuilder, expected: usize) -> Self {
        Self {
            sums: Sums::new(statement.month, &statement.taxes),
            currencies: Currencies::expecting(statement.currency),
            counted: Vec::with_capacity(expected),
            not_counted: Vec::new(),
            digests: Vec::with_capacity(expected),
            ordered: true,
            statement,
        }
    }

    pub(super) fn add(&mut self, charter: Charter) -> Result<(), Error> {
        let month = self.statement.month;
        if !month.contains(charter.date()) {
            let (id, date) = (charter.id().clone(), charter.date());
            return Err(Error::OutsideMonth { id, date, month });
        }
        self.currencies.see(charter.currency());
        self.digests.push(digest(charter.id()));
        match self.statement.rule.exclusion(&charter) {
            Some(exclusion) => {
                let last = self.not_counted.last().map(NotCounted::charter);
                self.ordered &= last.is_none_or(|last| in_order(last, &charter).is_le());
                self.not_counted.push(NotCounted { charter, exclusion });
            }
            None => {
                self.sums.add(&charter).ok_or_else(out_of_range)?;
                let last = self.counted.last();
                self.ordered &= last.is_none_or(|last| in_order(last, &charter).is_le());
                self.counted.push(charter);
            }
        }
        Ok(())
    }

    /// Puts the statement together and checks its sums against each other.
    pub(super) fn finish(mut self) -> Result<Statement, Error> {
        let currency = self.currencies.only(self.statement.month)?;
        if !self.ordered {
            self.counted.sort_by(in_order);
            self.not_counted.sort_by(|a, b| in_order(&a.charter, &b.charter));
        }
        if let Some(id) = self.given_twice() {
            return Err(Error::GivenTwice { id: id.clone() });
        }
        let Self { statement, counted, not_counted, sums, .. } = self;
        let money = |minor| Money::from_minor(minor, currency);
        let taxes = sums
            .tax_lines(statement.taxes, statement.rounding, currency)
            .ok_or_else(out_of_range)?;
        let mut net = money(sums.gross);
        for tax in &taxes {
            net = net.checked_sub(tax.amount).map_err(Error::amount)?;
        }
        sums.reconcile(&counted, currency)?;
        Ok(Statement {
            month: statement.month,
            currency,
            rule: statement.rule,
            rounding: statement.rounding,
            counted,
            not_counted,
            skipped: statement.skipped,
            unindexed: statement.unindexed,
            gross: money(sums.gross),
            by_day: sums.by_day.iter().map(|minor| money(*minor)).collect(),
            taxes,
            net,
            notes: statement.notes,
        })
    }

    /// An id that stands twice, on whatever days: a charter that was moved while a month was being
    /// read, for instance. Digests are sorted, which is quicker than the texts, and only where two
    /// are equal are the ids compared.
    fn given_twice(&mut self) -> Option<&CharterId> {
        let ids = || {
            let not_counted = self.not_counted.iter().map(NotCounted::charter);
            self.counted.iter().chain(not_counted).map(Charter::id)
        };
        self.digests.sort_unstable();
        let equal = self.digests.windows(2).filter(|pair| pair[0] == pair[1]);
        let suspects: BTreeSet<u64> = equal.map(|pair| pair[0]).collect();
        if suspects.is_empty() {
            return None;
        }
        let mut seen = BTreeSet::new();
        ids().filter(|id| suspects.contains(&digest(id))).find(|id| !seen.insert(*id))
    }
}

fn digest(id: &CharterId) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.as_str().hash(&mut hasher);
    hasher.finish()
}

/// What is added up while the charters pass by, in minor units.
struct Sums {
    gross: i64,
    by_day: Vec<i64>,
    /// Each tax's rate with its amounts rounded on each charter.
    per_line: Vec<(Rate, i64)>,
}

impl Sums {
    fn new(month: Month, taxes: &[Tax]) -> Self {
        let days = usize::from(month.last_day().day().unsigned_abs());
        let per_line = taxes.iter().map(|tax| (tax.rate, 0)).collect();
        Self { gross: 0, by_day: vec![0; days], per_line }
    }

    fn add(&mut self, charter: &Charter) -> Option<()> {
        let minor = total(charter).minor();
        self.gross = self.gross.checked_add(minor)?;
        let day = &mut self.by_day[usize::from(charter.date().day().unsigned_abs()) - 1];
        *day = day.checked_add(minor)?;
        for (rate, sum) in &mut self.per_line {
            *sum = sum.checked_add(rate.of_minor(minor)?)?;
        }
        Some(())
    }

    fn tax_lines(
        &self,
        taxes: Vec<Tax>,
        rounding: Rounding,
        currency: Currency,
    ) -> Option<Vec<TaxLine>> {
        let money = |minor| Money::from_minor(minor, currency);
        let line = |(tax, (rate, per_line)): (Tax, &(Rate, i64))| {
            let base = match tax.base {
                Base::Gross => self.gross,
            };
            let per_rate = rate.of_minor(base)?;
            Some(TaxLine {
                name: tax.name,
                rate: tax.rate,
                base: money(base),
                amount: match rounding {
                    Rounding::PerLine => money(*per_line),
                    Rounding::PerRate => money(per_rate),
                },
                difference: money(per_line.checked_sub(per_rate)?),
            })
        };
        taxes.into_iter().zip(&self.per_line).map(line).collect()
    }

    /// The gross was added up as charters came, the days beside it; the charters that are kept
    /// are added up once more.
    fn reconcile(&self, counted: &[Charter], currency: Currency) -> Result<(), Error> {
        let money = |minor| Money::from_minor(minor, currency);
        let mut charters = Money::zero(currency);
        for charter in counted {
            charters = charters.checked_add(total(charter)).map_err(Error::amount)?;
        }
        let days: i128 = self.by_day.iter().copied().map(i128::from).sum();
        if charters.minor() == self.gross && days == i128::from(self.gross) {
            return Ok(());
        }
        let gross = money(self.gross);
        let what =
            format!("the charters add up to {charters}, the days to {days}, the gross is {gross}");
        Err(Error::DoesNotReconcile { what })
    }
}

fn in_order(a: &Charter, b: &Charter) -> std::cmp::Ordering {
    a.date().cmp(&b.date()).then_with(|| a.id().cmp(b.id()))
}
