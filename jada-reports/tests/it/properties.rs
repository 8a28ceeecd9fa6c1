//! What holds for every month.

use jada_reports::{Rate, Rounding, Statement, Tax};
use jada_roster::{Charter, CharterId, Currency, Kind, Money, Status};
use jiff::civil::date;
use proptest::prelude::*;

use crate::sample::cases;

/// Charters as they come: any status, kind, guest, total and day.
pub(crate) fn any_charter() -> impl Strategy<Value = Charter> {
    let status = prop::sample::select(vec![
        Status::Pending,
        Status::Confirmed,
        Status::Completed,
        Status::Cancelled,
    ]);
    let kind = prop::sample::select(vec![
        Kind::Charter,
        Kind::Charter,
        Kind::Training,
        "regatta".parse().unwrap(),
    ]);
    let guest = prop::sample::select(vec!["Ann", "", "  ", "\u{a0}", "Ève", "=1"]);
    let total = prop::option::weighted(0.8, -200_000..2_000_000_i64);
    (1..=31_i8, status, kind, guest, total, 0..3_u8).prop_map(
        |(day, status, kind, guest, total, brand)| {
            let id = CharterId::new("id").unwrap();
            Charter::builder(id, date(2026, 5, day), Currency::USD)
                .status(status)
                .kind(kind)
                .guest(guest)
                .brand(format!("brand {brand}"))
                .total(total.map(|minor| Money::from_minor(minor / 10 * 5, Currency::USD)))
                .build()
                .unwrap()
        },
    )
}

/// Up to 60 of them, each with an id of its own.
pub(crate) fn any_month() -> impl Strategy<Value = Vec<Charter>> {
    prop::collection::vec(any_charter(), 0..60).prop_map(|charters| {
        charters.iter().enumerate().map(|(number, charter)| renamed(charter, number)).collect()
    })
}

fn renamed(charter: &Charter, number: usize) -> Charter {
    let id = CharterId::new(&format!("C-{number}")).unwrap();
    Charter::builder(id, charter.date(), charter.currency())
        .status(charter.status())
        .kind(charter.kind().clone())
        .guest(charter.guest())
        .brand(charter.brand())
        .total(charter.total())
        .build()
        .unwrap()
}

fn state(charters: Vec<Charter>, rounding: Rounding, rates: &[Rate]) -> Statement {
    let statement = Statement::of("2026-05".parse().unwrap()).rounding(rounding);
    let statement = rates.iter().fold(statement, |to, rate| to.tax(Tax::new("Tax", *rate)));
    statement.build(charters).unwrap()
}

fn any_rates() -> impl Strategy<Value = Vec<Rate>> {
    let rate = (0..=10_000_u32)
        .prop_map(|n| format!("{}.{:04}", n / 10_000, n % 10_000).parse::<Rate>().unwrap());
    prop::collection::vec(rate, 0..4)
}

proptest! {
    #![proptest_config(cases(256, 20_000))]

    #[test]
    fn every_charter_is_counted_or_not_and_the_sums_agree(
        charters in any_month(), rates in any_rates(),
    ) {
        let source = charters.len();
        let expected: i64 = charters.iter().filter(|charter| {
            !matches!(charter.status(), Status::Cancelled | Status::Pending)
                && *charter.kind() != Kind::Training
                && !charter.guest().trim().is_empty()
        }).filter_map(Charter::total).map(Money::minor).sum();
        let statement = state(charters, Rounding::PerLine, &rates);
        prop_assert_eq!(statement.counted().len() + statement.not_counted().len(), source);
        prop_assert_eq!(statement.source(), source);
        let by_reason: usize = statement.not_counted_by_reason().iter().map(|(_, n)| n).sum();
        prop_assert_eq!(by_reason, statement.not_counted().len());
        prop_assert_eq!(statement.gross().minor(), expected);
        let by_brand: i64 =
            statement.by_brand().unwrap().iter().map(|(_, sum)| sum.minor()).sum();
        prop_assert_eq!(by_brand, expected);
        let taxes: i64 = statement.taxes().iter().map(|tax| tax.amount.minor()).sum();
        prop_assert_eq!(statement.net().minor() + taxes, expected);
    }

    #[test]
    fn the_order_of_charters_changes_nothing(
        (charters, shuffled) in any_month()
            .prop_flat_map(|charters| (Just(charters.clone()), Just(charters).prop_shuffle())),
        rates in any_rates(),
    ) {
        let ordered = state(charters, Rounding::PerRate, &rates);
        let shuffled = state(shuffled, Rounding::PerRate, &rates);
        prop_assert_eq!(ordered.canonical_sha256(), shuffled.canonical_sha256());
        prop_assert_eq!(ordered.taxes(), shuffled.taxes());
    }

    #[test]
    fn the_roundings_differ_by_half_a_cent_a_charter_at_most_and_it_is_shown(
        charters in any_month(), rates in any_rates(),
    ) {
        let per_line = state(charters.clone(), Rounding::PerLine, &rates);
        let per_rate = state(charters, Rounding::PerRate, &rates);
        let lines = i64::try_from(per_line.counted().len()).unwrap();
        for (line, rate) in per_line.taxes().iter().zip(per_rate.taxes()) {
            let difference = line.amount.minor() - rate.amount.minor();
            // The sum's own half cent never adds to theirs: both are whole cents, and all lines at
            // half a cent upwards make a sum that goes upwards too.
            prop_assert!(2 * difference.abs() <= lines, "{difference} of {lines} lines");
            prop_assert_eq!(line.difference.minor(), difference);
            prop_assert_eq!(rate.difference.minor(), difference);
        }
        let differs = per_line.taxes().iter().any(|tax| !tax.difference.is_zero());
        let notes = per_line.footnotes().join("\n");
        prop_assert_eq!(notes.contains("would come to"), differs);
    }
}
