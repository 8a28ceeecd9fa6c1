//! A month's revenue, stated: what counted, what did not and why, taxes, and what is left.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use jada_roster::{Charter, CharterId, Currency, Money, Month};
use jiff::civil::Date;

use crate::error::Error;
use crate::rule::Rule;
use crate::tax::{Base, Rate, Rounding, Tax, TaxLine, out_of_range};

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
        StatementBuilder {
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

/// Builds a [`Statement`].
#[derive(Clone, Debug)]
#[must_use]
pub struct StatementBuilder {
    month: Month,
    currency: Option<Currency>,
    rule: Rule,
    rounding: Rounding,
    taxes: Vec<Tax>,
    notes: Vec<String>,
    skipped: Vec<String>,
    unindexed: usize,
}

impl StatementBuilder {
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
        let mut tally = Tally {
            sums: Sums::new(self.month, &self.taxes),
            currencies: Currencies::expecting(self.currency),
            counted: Vec::with_capacity(charters.size_hint().0),
            not_counted: Vec::new(),
            digests: Vec::with_capacity(charters.size_hint().0),
            ordered: true,
            statement: self,
        };
        for charter in charters {
            tally.add(charter)?;
        }
        tally.finish()
    }
}

/// A statement in the making.
struct Tally {
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
    fn add(&mut self, charter: Charter) -> Result<(), Error> {
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
    fn finish(mut self) -> Result<Statement, Error> {
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
        let days: i64 = self.by_day.iter().sum();
        if charters.minor() == self.gross && days == self.gross {
            return Ok(());
        }
        let (days, gross) = (money(days), money(self.gross));
        let what =
            format!("the charters add up to {charters}, the days to {days}, the gross is {gross}");
        Err(Error::DoesNotReconcile { what })
    }
}

/// The currencies seen, of which there may be one.
struct Currencies {
    expected: Option<Currency>,
    last: Option<Currency>,
    seen: BTreeSet<Currency>,
}

impl Currencies {
    fn expecting(expected: Option<Currency>) -> Self {
        Self { expected, last: None, seen: BTreeSet::new() }
    }

    fn see(&mut self, currency: Currency) {
        if self.last != Some(currency) {
            self.last = Some(currency);
            self.seen.insert(currency);
        }
    }

    fn only(&self, month: Month) -> Result<Currency, Error> {
        let expected = self.expected;
        match (self.seen.first(), self.seen.len()) {
            (None, _) => Ok(expected.unwrap_or(Currency::USD)),
            (Some(only), 1) if expected.is_none_or(|expected| expected == *only) => Ok(*only),
            _ => Err(Error::Currencies {
                month,
                found: self.seen.iter().map(ToString::to_string).collect(),
                expected: expected.map(|currency| currency.to_string()),
            }),
        }
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

fn in_order(a: &Charter, b: &Charter) -> std::cmp::Ordering {
    a.date().cmp(&b.date()).then_with(|| a.id().cmp(b.id()))
}
