//! What a statement is made from, and what it refuses.

use jada_reports::{Error, Rounding, Rule, Statement, Summary, Tax, Test};
use jada_roster::{Charter, CharterId, Currency, Money, Month, Status};
use jiff::civil::date;

use crate::sample::{charters, counted, statement};

fn may() -> Month {
    "2026-05".parse().unwrap()
}

fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::USD)
}

fn euro(id: &str) -> Charter {
    let currency = "EUR".parse().unwrap();
    Charter::builder(CharterId::new(id).unwrap(), date(2026, 5, 1), currency).build().unwrap()
}

#[test]
fn the_sums_are_those_of_the_counted_charters() {
    let statement = statement();
    assert_eq!((statement.counted().len(), statement.not_counted().len()), (6, 6));
    assert_eq!(statement.gross(), usd(361_486));
    let amounts: Vec<i64> = statement.taxes().iter().map(|tax| tax.amount.minor()).collect();
    assert_eq!(amounts, [28_014, 7_229]);
    assert_eq!(statement.net(), usd(361_486 - 28_014 - 7_229));
    let by_day: i64 = statement.by_day().map(|(_, sum)| sum.minor()).sum();
    assert_eq!((statement.by_day().len(), by_day), (31, 361_486));
    let by_brand: Vec<(&str, i64)> =
        statement.by_brand().unwrap().into_iter().map(|(name, sum)| (name, sum.minor())).collect();
    assert_eq!(by_brand, [("", 1_010), ("*", 1_010), ("=1+1", 1_010), ("Blue Water", 358_456)]);
}

#[test]
fn each_rounding_is_stated_and_what_the_other_would_change() {
    let build = |rounding| {
        let tax = Tax::new("Fee", "0.05".parse().unwrap());
        let rows = ["a", "b", "c"].map(|id| counted(id, 1, 10).build().unwrap());
        Statement::of(may()).rounding(rounding).tax(tax).build(rows).unwrap()
    };
    let (per_line, per_rate) = (build(Rounding::PerLine), build(Rounding::PerRate));
    assert_eq!(per_line.taxes()[0].amount, usd(3), "half a cent of each is a cent of each");
    assert_eq!(per_rate.taxes()[0].amount, usd(2), "a cent and a half of all is two");
    assert_eq!(per_line.taxes()[0].difference, usd(1));
    assert_eq!(per_rate.taxes()[0].difference, usd(1));
    assert!(per_line.footnotes()[2].ends_with("once for each rate would come to Fee 0.01 less."));
    assert!(per_rate.footnotes()[2].ends_with("on each charter would come to Fee 0.01 more."));
}

#[test]
fn a_month_in_two_currencies_is_refused_and_both_are_listed() {
    let mixed = [counted("a", 1, 10).build().unwrap(), euro("b")];
    match Statement::of(may()).build(mixed) {
        Err(Error::Currencies { found, expected: None, .. }) => assert_eq!(found, ["EUR", "USD"]),
        other => panic!("{other:?}"),
    }
    let error = Statement::of(may()).currency(Currency::USD).build([euro("b")]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "2026-05 has charters in EUR, but a statement is in one currency, and the rules say USD"
    );
    assert_eq!(Statement::of(may()).build([euro("b")]).unwrap().currency().code(), "EUR");
}

#[test]
fn a_charter_of_another_month_or_given_twice_is_refused() {
    let june = Charter::builder(CharterId::new("j").unwrap(), date(2026, 6, 1), Currency::USD);
    let error = Statement::of(may()).build([june.build().unwrap()]).unwrap_err();
    assert!(matches!(error, Error::OutsideMonth { .. }), "{error}");
    let twice = [counted("a", 1, 10), counted("b", 1, 10), counted("a", 1, 10)];
    let error = Statement::of(may()).build(twice.map(|b| b.build().unwrap())).unwrap_err();
    assert!(matches!(&error, Error::GivenTwice { id } if id.as_str() == "a"), "{error}");
    let moved = [counted("a", 1, 10), counted("b", 1, 10), counted("b", 9, 10).guest("")];
    let error = Statement::of(may()).build(moved.map(|b| b.build().unwrap())).unwrap_err();
    assert!(matches!(&error, Error::GivenTwice { id } if id.as_str() == "b"), "{error}");
}

#[test]
fn a_sum_that_cannot_be_held_is_refused() {
    let most = [counted("a", 1, i64::MAX), counted("b", 1, 1)].map(|b| b.build().unwrap());
    assert!(matches!(Statement::of(may()).build(most), Err(Error::Amount { .. })));
}

#[test]
fn a_rule_of_ones_own_is_data() {
    let rule = Rule::named("all");
    let statement = Statement::of(may()).rule(rule).build(charters()).unwrap();
    assert_eq!((statement.counted().len(), statement.gross()), (12, usd(363_486)));
    let rule = Rule::named("one word")
        .excluding(Test::Status(Status::Cancelled), "void")
        .excluding(Test::NoGuest, "no guest")
        .excluding(Test::Status(Status::Pending), "void");
    let statement = Statement::of(may()).rule(rule).build(charters()).unwrap();
    assert_eq!(statement.not_counted_by_reason(), [("void", 2), ("no guest", 1)]);
}

#[test]
fn a_month_without_charters_is_a_statement_of_nothing() {
    let statement = Statement::of(may()).build([]).unwrap();
    assert_eq!((statement.source(), statement.gross()), (0, usd(0)));
    let summary = serde_json::to_value(Summary::new(&statement, &[])).unwrap();
    assert_eq!(summary["gross"], "0.00");
    assert_eq!(summary["excluded_by"], serde_json::json!({}));
}

#[test]
fn the_same_statement_has_the_same_digest_and_another_has_another() {
    let reversed = crate::sample::rules()
        .statement(may())
        .skipped("may.csv:7:12: date `2026-05-33` is not valid: expected YYYY-MM-DD")
        .unindexed(2)
        .build(charters().into_iter().rev())
        .unwrap();
    assert_eq!(statement().canonical_sha256(), reversed.canonical_sha256());
    let mut changed = charters();
    changed[11] = counted("C-12", 8, 1).notes("paid after all").build().unwrap();
    let changed = crate::sample::rules().statement(may()).build(changed).unwrap();
    assert_ne!(statement().canonical_sha256(), changed.canonical_sha256());
}

#[test]
fn a_corrected_footnote_is_another_digest() {
    let rules = || crate::sample::rules().statement(may());
    let digest =
        |it: jada_reports::StatementBuilder| it.build(charters()).unwrap().canonical_sha256();
    let plain = digest(rules());
    assert_ne!(digest(rules().note("Deposits are not in it.")), plain);
    assert_ne!(
        digest(rules().note("Deposits are not in it.")),
        digest(rules().note("Deposits are in it."))
    );
    assert_ne!(digest(rules().unindexed(1)), plain);
    assert_eq!(digest(rules()), plain);
}
