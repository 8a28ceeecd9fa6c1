//! Which charters count: a rule is named, ordered, and data.

use std::borrow::Cow;

use jada_roster::{Attribute, Charter, Condition, Filter, Kind, Status};

/// Says which charters count as revenue. The first test that a charter meets leaves it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    name: Cow<'static, str>,
    exclusions: Vec<Exclusion>,
}

/// A test with the reason it gives.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Exclusion {
    test: Test,
    reason: Cow<'static, str>,
}

/// What a charter is looked at for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Test {
    /// Its booking stands at this status.
    Status(Status),
    /// It is of this kind.
    Kind(Kind),
    /// Its guest's name is blank after trimming.
    NoGuest,
    /// Its total is missing or zero.
    NoTotal,
}

/// What a rule says about a charter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict<'r> {
    /// It counts.
    Included,
    /// It does not.
    Excluded {
        /// The rule's name.
        rule: &'r str,
        /// Why, in a few words.
        reason: &'r str,
    },
}

impl Rule {
    /// A rule by which everything counts, to be narrowed by [`excluding`](Self::excluding).
    #[must_use]
    pub fn named(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), exclusions: Vec::new() }
    }

    /// The house rule: a charter counts when it is neither cancelled nor pending, is no training
    /// sail, has a guest, and has a total that is not zero. A negative total is a refund and counts.
    #[must_use]
    pub fn house() -> Self {
        Self::named("house")
            .excluding(Test::Status(Status::Cancelled), "cancelled")
            .excluding(Test::Status(Status::Pending), "pending")
            .excluding(Test::Kind(Kind::Training), "training")
            .excluding(Test::NoGuest, "no guest")
            .excluding(Test::NoTotal, "no confirmed total")
    }

    /// The same rule with one more test, after the others.
    #[must_use]
    pub fn excluding(mut self, test: Test, reason: impl Into<Cow<'static, str>>) -> Self {
        self.exclusions.push(Exclusion { test, reason: reason.into() });
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The reasons it can give, in the order of the tests.
    pub fn reasons(&self) -> impl ExactSizeIterator<Item = &str> {
        self.exclusions.iter().map(|exclusion| exclusion.reason.as_ref())
    }

    /// Its tests, each with the reason it gives, in order.
    pub(crate) fn tests(&self) -> impl Iterator<Item = (&Test, &str)> {
        self.exclusions.iter().map(|exclusion| (&exclusion.test, exclusion.reason.as_ref()))
    }

    /// What it says about a charter.
    #[must_use]
    pub fn verdict(&self, charter: &Charter) -> Verdict<'_> {
        match self.exclusion(charter) {
            None => Verdict::Included,
            Some(at) => Verdict::Excluded { rule: &self.name, reason: &self.exclusions[at].reason },
        }
    }

    /// Which of the tests leaves a charter out, the first counted as 0.
    pub(crate) fn exclusion(&self, charter: &Charter) -> Option<usize> {
        self.exclusions.iter().position(|exclusion| exclusion.test.is_met_by(charter))
    }

    /// A filter for the query of callers who want the counted charters alone.
    ///
    /// It never drops a charter that counts. It may admit one that does not, because a store
    /// compares letter by letter: ask [`verdict`](Self::verdict) about what arrives.
    #[must_use]
    pub fn prefilter(&self) -> Filter {
        self.exclusions
            .iter()
            .map(|exclusion| exclusion.test.unmet())
            .fold(Filter::everything(), Filter::and)
    }
}

impl Test {
    fn is_met_by(&self, charter: &Charter) -> bool {
        match self {
            Self::Status(status) => charter.status() == *status,
            Self::Kind(kind) => charter.kind() == kind,
            Self::NoGuest => charter.guest().trim().is_empty(),
            Self::NoTotal => charter.total().is_none_or(|total| total.is_zero()),
        }
    }

    fn unmet(&self) -> Condition {
        match self {
            Self::Status(status) => Condition::NotText {
                attribute: Attribute::Status,
                text: status.as_str().to_owned(),
            },
            Self::Kind(kind) => {
                Condition::NotText { attribute: Attribute::Kind, text: kind.as_str().to_owned() }
            }
            Self::NoGuest => Condition::NotEmpty(Attribute::Guest),
            Self::NoTotal => Condition::TotalNotZero,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jada_roster::{CharterBuilder, CharterId, Currency, Money};
    use jiff::civil::date;

    fn counted() -> CharterBuilder {
        Charter::builder(CharterId::new("C-1").unwrap(), date(2026, 5, 3), Currency::USD)
            .guest("Ann")
            .status(Status::Confirmed)
            .total(usd(100))
    }

    fn usd(minor: i64) -> Money {
        Money::from_minor(minor, Currency::USD)
    }

    #[test]
    fn the_first_reason_wins() {
        let cases = [
            (counted(), None),
            (counted().total(usd(-100)), None),
            (counted().kind("regatta".parse().unwrap()), None),
            (counted().total(usd(0)), Some("no confirmed total")),
            (counted().total(None), Some("no confirmed total")),
            (counted().guest(" \t").total(None), Some("no guest")),
            (counted().kind(Kind::Training).guest(""), Some("training")),
            (counted().status(Status::Pending).kind(Kind::Training), Some("pending")),
            (counted().status(Status::Cancelled).guest("").total(None), Some("cancelled")),
        ];
        let rule = Rule::house();
        for (builder, expected) in cases {
            let charter = builder.build().unwrap();
            let reason = match rule.verdict(&charter) {
                Verdict::Included => None,
                Verdict::Excluded { rule, reason } => {
                    assert_eq!(rule, "house");
                    Some(reason)
                }
            };
            assert_eq!(reason, expected, "{charter:?}");
        }
    }
}
