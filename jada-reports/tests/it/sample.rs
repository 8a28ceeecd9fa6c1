//! Charters and statements that the tests share.

use jada_reports::{Rules, Statement};
use jada_roster::{Charter, CharterBuilder, CharterId, Currency, Kind, Money, Status};
use jiff::civil::date;

pub(crate) const RULES: &str = r#"
currency = "USD"
rounding = "per-line"
notes = ["Unaudited <draft> & \"for review\"."]
from = "Harbor Office <office@example.com>"
to = ["Owner <owner@example.com>", "books@example.com"]

[[tax]]
name = "Sales tax"
rate = "0.0775"

[[tax]]
name = "Harbor fee"
rate = 0.02
"#;

pub(crate) fn rules() -> Rules {
    Rules::from_toml("rules.toml", RULES).unwrap()
}

/// A charter of May 2026 that counts.
pub(crate) fn counted(id: &str, day: i8, minor: i64) -> CharterBuilder {
    Charter::builder(CharterId::new(id).unwrap(), date(2026, 5, day), Currency::USD)
        .guest("Ann Marsh")
        .status(Status::Completed)
        .brand("Blue Water")
        .total(Money::from_minor(minor, Currency::USD))
}

pub(crate) fn charters() -> Vec<Charter> {
    let long = "Renée & Ève Ólafsdóttir-Vandenbroucke with the Northern Lights Rowing Association";
    [
        counted("C-01", 1, 123_456),
        counted("C-02", 3, 1_010).guest("=SUM(A1)").brand("=1+1"),
        counted("C-03", 3, 1_010).guest("<script>alert(1)</script>").brand("*"),
        counted("C-04", 9, 1_010).guest("O'Brien, \"Jo\"").brand(" "),
        counted("C-05", 17, -5_000).guest("Chloé 🎉").notes("Refund: fog"),
        counted("C-06", 31, 240_000).guest(long).kind("regatta".parse().unwrap()),
        counted("C-07", 2, 500).status(Status::Cancelled),
        counted("C-08", 4, 500).status(Status::Pending),
        counted("C-09", 5, 500).kind(Kind::Training),
        counted("C-10", 6, 500).guest(" \t "),
        counted("C-11", 7, 0),
        counted("C-12", 8, 1).total(None),
    ]
    .map(|builder| builder.build().unwrap())
    .into()
}

pub(crate) fn statement() -> Statement {
    rules()
        .statement("2026-05".parse().unwrap())
        .skipped("may.csv:7:12: date `2026-05-33` is not valid: expected YYYY-MM-DD")
        .unindexed(2)
        .build(charters())
        .unwrap()
}

/// How often a property is tried: a few times, or with `JADA_SWEEP=full` until it hurts.
pub(crate) fn cases(few: u32, full: u32) -> proptest::test_runner::Config {
    proptest::test_runner::Config::with_cases(sweep(few, full))
}

/// So many of a sweep, or with `JADA_SWEEP=full` all of it.
pub(crate) fn sweep<N>(few: N, full: N) -> N {
    if std::env::var("JADA_SWEEP").is_ok_and(|sweep| sweep == "full") { full } else { few }
}
