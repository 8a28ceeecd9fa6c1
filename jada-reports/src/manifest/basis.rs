//! What a statement was stated by, so that it can be stated again.

use jada_roster::{Kind, Month, Status};
use serde::{Deserialize, Serialize};

use crate::error::BoxError;
use crate::rule::{Rule, Test};
use crate::statement::Statement;
use crate::statement::builder::StatementBuilder;
use crate::tax::{Rounding, Tax};

/// What some months of one period were stated by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Basis {
    pub(super) periods: Vec<String>,
    #[serde(flatten)]
    terms: Terms,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Terms {
    currency: String,
    notes: Vec<String>,
    rounding: String,
    rule: RuleTerms,
    skipped: Vec<String>,
    taxes: Vec<TaxTerms>,
    unindexed: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct RuleTerms {
    excluding: Vec<ExclusionTerms>,
    name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ExclusionTerms {
    reason: String,
    test: TestTerms,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum TestTerms {
    Kind(String),
    NoGuest,
    NoTotal,
    Status(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct TaxTerms {
    name: String,
    rate: String,
}

impl Basis {
    /// Of months in order; those that were stated alike in succession share one.
    pub(super) fn of(months: &[Statement]) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for statement in months {
            let (period, terms) = (statement.month().to_string(), Terms::of(statement));
            match all.last_mut() {
                Some(last) if last.terms == terms => last.periods.push(period),
                _ => all.push(Self { periods: vec![period], terms }),
            }
        }
        all
    }

    /// Its months, each to be stated again.
    pub(super) fn builders(&self) -> Result<Vec<(Month, StatementBuilder)>, BoxError> {
        let builder = |period: &String| {
            let month = period.parse()?;
            Ok((month, self.terms.builder(month)?))
        };
        self.periods.iter().map(builder).collect()
    }
}

impl Terms {
    fn of(statement: &Statement) -> Self {
        let tax = |tax: &crate::tax::TaxLine| TaxTerms {
            name: tax.name.clone(),
            rate: tax.rate.to_string(),
        };
        Self {
            currency: statement.currency().code().to_owned(),
            notes: statement.notes().to_vec(),
            rounding: statement.rounding().as_str().to_owned(),
            rule: RuleTerms::of(statement.rule()),
            skipped: statement.skipped().to_vec(),
            taxes: statement.taxes().iter().map(tax).collect(),
            unindexed: statement.unindexed(),
        }
    }

    fn builder(&self, month: Month) -> Result<StatementBuilder, BoxError> {
        let rounding = [Rounding::PerLine, Rounding::PerRate];
        let rounding = rounding.into_iter().find(|rounding| rounding.as_str() == self.rounding);
        let rounding = rounding.ok_or_else(|| format!("rounding `{}` is none", self.rounding))?;
        let builder = Statement::of(month)
            .currency(self.currency.parse::<jada_roster::Currency>()?)
            .rounding(rounding)
            .rule(self.rule.rule()?)
            .unindexed(self.unindexed);
        let builder = self.notes.iter().fold(builder, StatementBuilder::note);
        let builder = self.skipped.iter().fold(builder, StatementBuilder::skipped);
        self.taxes.iter().try_fold(builder, |builder, TaxTerms { name, rate }| {
            Ok(builder.tax(Tax::new(name, rate.parse()?)))
        })
    }
}

impl RuleTerms {
    fn of(rule: &Rule) -> Self {
        let excluding = rule.tests().map(|(test, reason)| ExclusionTerms {
            reason: reason.to_owned(),
            test: match test {
                Test::Kind(kind) => TestTerms::Kind(kind.as_str().to_owned()),
                Test::NoGuest => TestTerms::NoGuest,
                Test::NoTotal => TestTerms::NoTotal,
                Test::Status(status) => TestTerms::Status(status.as_str().to_owned()),
            },
        });
        Self { excluding: excluding.collect(), name: rule.name().to_owned() }
    }

    fn rule(&self) -> Result<Rule, BoxError> {
        let named = Rule::named(self.name.clone());
        self.excluding.iter().try_fold(named, |rule, ExclusionTerms { reason, test }| {
            let test = match test {
                TestTerms::Kind(kind) => Test::Kind(kind.parse::<Kind>()?),
                TestTerms::NoGuest => Test::NoGuest,
                TestTerms::NoTotal => Test::NoTotal,
                TestTerms::Status(status) => Test::Status(status.parse::<Status>()?),
            };
            Ok(rule.excluding(test, reason.clone()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(month: &str) -> StatementBuilder {
        Statement::of(month.parse().unwrap())
    }

    #[test]
    fn what_was_recorded_states_the_same() {
        let rule = Rule::house().excluding(Test::Kind("regatta".parse().unwrap()), "own race");
        let first = statement("2026-05")
            .rule(rule)
            .rounding(Rounding::PerRate)
            .tax(Tax::new("Sales tax", "0.0775".parse().unwrap()))
            .note("Unaudited")
            .skipped("may.csv:7: no date")
            .unindexed(3)
            .build([])
            .unwrap();
        let json = serde_json::to_string(&Basis::of(std::slice::from_ref(&first))).unwrap();
        let read: Vec<Basis> = serde_json::from_str(&json).unwrap();
        let (month, again) = read[0].builders().unwrap().remove(0);
        let again = again.build([]).unwrap();
        assert_eq!((month, again.rule()), (first.month(), first.rule()));
        assert_eq!(again.canonical_sha256(), first.canonical_sha256());
    }

    #[test]
    fn months_that_were_stated_alike_share_what_they_were_stated_by() {
        let tax = || Tax::new("Tax", "0.1".parse().unwrap());
        let months = [
            statement("2026-01").build([]).unwrap(),
            statement("2026-02").build([]).unwrap(),
            statement("2026-03").tax(tax()).build([]).unwrap(),
        ];
        let all = Basis::of(&months);
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].periods, ["2026-01", "2026-02"]);
    }

    #[test]
    fn terms_that_are_none_are_told() {
        let [basis] = &Basis::of(&[statement("2026-05").build([]).unwrap()])[..] else { panic!() };
        let json = serde_json::to_string(basis).unwrap();
        for (from, to) in [
            ("per-line", "per-day"),
            ("USD", "usd?"),
            ("2026-05", "2026-13"),
            ("cancelled\"}", "sunk\"}"),
        ] {
            assert!(json.contains(from), "{json}");
            let spoilt: Basis = serde_json::from_str(&json.replace(from, to)).unwrap();
            assert!(spoilt.builders().is_err(), "{to}");
        }
    }
}
