//! A year's revenue: twelve statements, added up by month, brand and kind.

mod reconcile;
pub(crate) mod summary;

use std::collections::{BTreeMap, HashSet};

use jada_roster::{Charter, Currency, Money, Month};
use jiff::civil::Date;

use crate::error::Error;
use crate::statement::{Statement, total};

/// A year's revenue, month by month. One that exists reconciles: its months, brands and kinds
/// come to the same gross, to the minor unit.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use jada_reports::{Statement, YearStatement};
///
/// let months = YearStatement::months_of(2026)?.map(|month| Statement::of(month).build([]));
/// let year = YearStatement::of(2026, months.collect::<Result<Vec<_>, _>>()?)?;
/// assert!(year.gross().is_zero());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct YearStatement {
    year: i16,
    currency: Currency,
    months: Vec<Statement>,
    gross: Money,
    net: Money,
    taxes: Vec<YearTax>,
    brands: Vec<Part>,
    kinds: Vec<Part>,
}

/// What one brand, or one kind of charter, has of a year's revenue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    name: String,
    charters: usize,
    gross: Money,
    by_month: [Money; 12],
}

impl Part {
    /// Its name, trimmed; blank for charters without a brand.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its name, or this where it is blank.
    pub(crate) fn name_or<'a>(&'a self, blank: &'a str) -> &'a str {
        if self.name.is_empty() { blank } else { &self.name }
    }

    /// How many of its charters count.
    #[must_use]
    pub fn charters(&self) -> usize {
        self.charters
    }

    /// The sum of their totals.
    #[must_use]
    pub fn gross(&self) -> Money {
        self.gross
    }

    /// That sum of each month, January first.
    #[must_use]
    pub fn by_month(&self) -> &[Money; 12] {
        &self.by_month
    }
}

/// What a tax came to in a year. Its rate may change within the year, so it is known by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearTax {
    name: String,
    amount: Money,
}

impl YearTax {
    /// What it is called on the months' statements.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The sum of the months' amounts, each rounded as its month says.
    #[must_use]
    pub fn amount(&self) -> Money {
        self.amount
    }
}

impl YearStatement {
    /// The months of a year, for which there have to be statements.
    ///
    /// # Errors
    /// [`Error::Year`] when the year is not from 1900 to 9999.
    pub fn months_of(year: i16) -> Result<impl Iterator<Item = Month>, Error> {
        let month = |at| Date::new(year, at, 1).ok().and_then(|first| Month::of(first).ok());
        let months: Vec<Month> = (1..=12).filter_map(month).collect();
        if months.len() < 12 {
            let what = "is not from 1900 to 9999".to_owned();
            return Err(Error::Year { year, what });
        }
        Ok(months.into_iter())
    }

    /// Adds up the statements of a year's twelve months, given in any order.
    ///
    /// A month without charters is one of the twelve. Where its rules name no currency, it is
    /// taken to be in that of the others.
    ///
    /// # Errors
    /// [`Error::Year`] when a month is missing, is of another year or stands twice, when two
    /// months are in different currencies, or when a charter stands in two months;
    /// [`Error::Amount`] when a sum is out of range; [`Error::DoesNotReconcile`].
    pub fn of(year: i16, months: impl IntoIterator<Item = Statement>) -> Result<Self, Error> {
        let mut months: Vec<Statement> = months.into_iter().collect();
        months.sort_by_key(Statement::month);
        let wrong = |what| Error::Year { year, what };
        for (expected, found) in Self::months_of(year)?.zip(&months) {
            if expected != found.month() {
                return Err(wrong(format!("has no statement of {expected}, or another twice")));
            }
        }
        if months.len() != 12 {
            return Err(wrong(format!("has {} statements, not twelve", months.len())));
        }
        let currency = one_currency(year, &mut months)?;
        let year = Self {
            year,
            currency,
            gross: sum(currency, months.iter().map(Statement::gross))?,
            net: sum(currency, months.iter().map(Statement::net))?,
            taxes: taxes(currency, &months)?,
            brands: parts(currency, &months, |charter| charter.brand().trim())?,
            kinds: parts(currency, &months, |charter| charter.kind().as_str())?,
            months,
        };
        year.reconcile()?;
        Ok(year)
    }

    /// The year.
    #[must_use]
    pub fn year(&self) -> i16 {
        self.year
    }

    /// The currency of every amount.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The statements of its twelve months, January first.
    #[must_use]
    pub fn months(&self) -> &[Statement] {
        &self.months
    }

    /// How many charters the year has, counted or not.
    #[must_use]
    pub fn source(&self) -> usize {
        self.months.iter().map(Statement::source).sum()
    }

    /// How many of them count.
    #[must_use]
    pub fn included(&self) -> usize {
        self.months.iter().map(|month| month.counted().len()).sum()
    }

    /// How many charters did not count for each reason, in the order of the months' rules.
    #[must_use]
    pub fn not_counted_by_reason(&self) -> Vec<(&str, usize)> {
        reasons(&self.months)
    }

    /// Rows of the input that could not be read, each once, though every month reports them.
    #[must_use]
    pub fn skipped(&self) -> Vec<&str> {
        skipped(&self.months)
    }

    /// The sum of the counted totals.
    #[must_use]
    pub fn gross(&self) -> Money {
        self.gross
    }

    /// The taxes, in the order in which the months have them.
    #[must_use]
    pub fn taxes(&self) -> &[YearTax] {
        &self.taxes
    }

    /// The gross less the taxes.
    #[must_use]
    pub fn net(&self) -> Money {
        self.net
    }

    /// The brands, the largest first.
    #[must_use]
    pub fn by_brand(&self) -> &[Part] {
        &self.brands
    }

    /// The kinds of charters, the largest first.
    #[must_use]
    pub fn by_kind(&self) -> &[Part] {
        &self.kinds
    }
}

/// How many charters of these statements did not count for each reason.
pub(crate) fn reasons(statements: &[Statement]) -> Vec<(&str, usize)> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    let months = statements.iter().flat_map(Statement::not_counted_by_reason);
    for (reason, count) in months {
        match counts.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, sum)) => *sum += count,
            None => counts.push((reason, count)),
        }
    }
    counts
}

/// Rows that could not be read of these statements, each once.
pub(crate) fn skipped(statements: &[Statement]) -> Vec<&str> {
    let mut seen = HashSet::new();
    let rows = statements.iter().flat_map(Statement::skipped).map(String::as_str);
    rows.filter(|row| seen.insert(*row)).collect()
}

/// The currency of the months that have charters, in which the others then are too.
fn one_currency(year: i16, months: &mut [Statement]) -> Result<Currency, Error> {
    let used = months.iter().find(|month| month.source() > 0);
    let currency = used.or(months.first()).map_or(Currency::USD, Statement::currency);
    months.iter_mut().filter(|month| month.source() == 0).for_each(|month| {
        month.in_currency(currency);
    });
    match months.iter().find(|month| month.currency() != currency) {
        None => Ok(currency),
        Some(other) => {
            let (month, found) = (other.month(), other.currency());
            let what = format!("is in {currency}, but {month} is in {found}");
            Err(Error::Year { year, what })
        }
    }
}

pub(crate) fn sum(
    currency: Currency,
    mut amounts: impl Iterator<Item = Money>,
) -> Result<Money, Error> {
    let zero = Money::zero(currency);
    amounts.try_fold(zero, Money::checked_add).map_err(Error::amount)
}

fn taxes(currency: Currency, months: &[Statement]) -> Result<Vec<YearTax>, Error> {
    let mut names: Vec<&str> = Vec::new();
    for tax in months.iter().flat_map(Statement::taxes) {
        if !names.contains(&tax.name.as_str()) {
            names.push(&tax.name);
        }
    }
    let lines = |name| {
        let lines = months.iter().flat_map(Statement::taxes).filter(move |tax| tax.name == name);
        lines.map(|tax| tax.amount)
    };
    let tax = |name| Ok(YearTax { name: String::from(name), amount: sum(currency, lines(name))? });
    names.into_iter().map(tax).collect()
}

/// The counted charters by what is asked of them, the largest sum first.
fn parts<'a>(
    currency: Currency,
    months: &'a [Statement],
    name: impl Fn(&'a Charter) -> &'a str,
) -> Result<Vec<Part>, Error> {
    let zero = Money::zero(currency);
    let mut parts: BTreeMap<&str, Part> = BTreeMap::new();
    for (month, charter) in (0..)
        .zip(months)
        .flat_map(|(at, month)| month.counted().iter().map(move |charter| (at, charter)))
    {
        let name = name(charter);
        let part = parts.entry(name).or_insert_with(|| Part {
            name: name.to_owned(),
            charters: 0,
            gross: zero,
            by_month: [zero; 12],
        });
        part.charters += 1;
        for sum in [&mut part.gross, &mut part.by_month[month]] {
            *sum = sum.checked_add(total(charter)).map_err(Error::amount)?;
        }
    }
    let mut parts: Vec<Part> = parts.into_values().collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.gross.minor()));
    Ok(parts)
}
