//! A month as the office keeps it, made from a seed.

use fastrand::Rng;
use jada_reports::{Statement, StatementBuilder, Tax, YearStatement};
use jada_roster::{Charter, CharterId, Currency, Kind, Money, Month, Status};
use jiff::civil::date;

/// The month of all charters here: May 2026.
#[must_use]
pub fn month() -> Month {
    Month::of(date(2026, 5, 1)).unwrap()
}

/// So many charters of the month by date, then by id: the order in which a month query brings them.
///
/// About one in five does not count by the house rule, and one in four has notes, the longest of
/// which take two lines of a cell.
#[must_use]
pub fn charters(count: usize) -> Vec<Charter> {
    charters_of(month(), count)
}

/// A year of twelve such months.
#[must_use]
pub fn year(count: usize) -> YearStatement {
    let months = YearStatement::months_of(2026).unwrap();
    let months = months.map(|month| with_taxes(month).build(charters_of(month, count)).unwrap());
    YearStatement::of(2026, months).unwrap()
}

fn charters_of(month: Month, count: usize) -> Vec<Charter> {
    let mut rng = Rng::with_seed(SEED);
    (0..count).map(|number| charter(month, number, count, &mut rng)).collect()
}

/// The same charters in an order that says nothing.
#[must_use]
pub fn shuffled(mut charters: Vec<Charter>) -> Vec<Charter> {
    Rng::with_seed(SEED).shuffle(&mut charters);
    charters
}

/// A statement of the month by the house rule with two taxes, ready to take its charters.
pub fn statement() -> StatementBuilder {
    with_taxes(month())
}

fn with_taxes(month: Month) -> StatementBuilder {
    let tax = |name, rate: &str| Tax::new(name, rate.parse().unwrap());
    Statement::of(month).tax(tax("Sales tax", "0.0775")).tax(tax("Harbour fee", "0.02"))
}

fn charter(month: Month, number: usize, count: usize, rng: &mut Rng) -> Charter {
    let (first, days) = (month.first_day(), usize::from(month.last_day().day().unsigned_abs()));
    let day = i8::try_from(1 + number * days / count).unwrap();
    let name = &month.title().to_uppercase()[..3];
    let id = CharterId::new(&format!("{name}-{number:07}")).unwrap();
    let mut guest = String::new();
    if rng.u8(..50) > 0 {
        guest = format!("{} {}", pick(rng, &FIRST), pick(rng, &LAST));
    }
    let notes = if rng.u8(..4) == 0 { pick(rng, &NOTES) } else { "" };
    let minor = match rng.u8(..40) {
        0 => None,
        1 => Some(-rng.i64(1_000..50_000)),
        _ => Some(rng.i64(10_000..300_000)),
    };
    Charter::builder(id, date(first.year(), first.month(), day), Currency::USD)
        .guest(guest)
        .total(minor.map(|minor| Money::from_minor(minor, Currency::USD)))
        .status(match rng.u8(..20) {
            0 => Status::Pending,
            1 | 2 => Status::Cancelled,
            3..=6 => Status::Confirmed,
            _ => Status::Completed,
        })
        .kind(match rng.u8(..20) {
            0 => Kind::Training,
            1..=5 => "sunset".parse().unwrap(),
            _ => Kind::Charter,
        })
        .brand(pick(rng, &BRANDS))
        .notes(notes)
        .build()
        .unwrap()
}

fn pick(rng: &mut Rng, texts: &[&'static str]) -> &'static str {
    texts[rng.usize(..texts.len())]
}

const SEED: u64 = 20_260_501;
const FIRST: [&str; 8] = ["Ann", "Bob", "Chloé", "Dmitri", "Iyer &", "Siân", "Sven", "Zoë"];
const LAST: [&str; 8] =
    ["Chen", "Delgado", "Dupont", "Friends", "Hansen", "O'Brien", "Okafor", "Smith"];
const BRANDS: [&str; 6] =
    ["", "Blue Water Sailing", "Golden Hour", "Harbor Lights", "Salt & Sail", "North Pier"];
const NOTES: [&str; 4] = [
    "Paid in full",
    "Two children, life vests",
    "Asked for the larger boat if it is back by then",
    "Birthday: cake & candles come aboard at the north pier",
];
