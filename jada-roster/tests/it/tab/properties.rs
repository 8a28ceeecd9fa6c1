//! Whatever people say, in whatever layout it is put down, it is read back.

use std::collections::BTreeMap;

use jada_roster::{CellAddress, DayState, TabCell, TabGrid, TabWords};
use jiff::civil::Date;
use proptest::prelude::*;

use super::{may, read};

/// A person's name, and what they say of each day.
type Said = (String, Vec<Option<DayState>>);

/// How a tab is put down.
#[derive(Clone, Debug)]
struct Layout {
    days: Days,
    /// Days that it does not have, where it names days by dates.
    without: Vec<u8>,
    is_turned: bool,
    has_keys: bool,
    /// Keys are numbers from 1 on, as days are.
    counts_keys: bool,
    has_roles: bool,
    names_last: bool,
    /// Where blank rows and columns stand, among those below and beside the header.
    blank_rows: Vec<prop::sample::Index>,
    blank_columns: Vec<prop::sample::Index>,
    /// Which of the words for a state is written, and how.
    spelling: u8,
    /// A header that stands once more below everybody, and sums.
    is_repeated: bool,
    has_sums: bool,
    also: Also,
}

/// What a tab holds that is not of its days.
#[derive(Clone, Copy, Debug)]
enum Also {
    Nothing,
    /// The next month, below everybody.
    NextMonth,
    /// A column without a heading beside this day, counted from 0, in which everybody says no.
    Column(usize),
}

/// How its days are written.
#[derive(Clone, Copy, Debug)]
enum Days {
    Iso,
    Long,
    Dotted,
    MonthFirst,
    WithWeekday,
    Serials,
    Dates,
    BelowMonth,
    BesideWeekdays,
    Bare,
}

impl Days {
    fn cell(self, day: Date) -> TabCell {
        let number = f64::from(day.day());
        match self {
            Self::Iso => day.to_string().as_str().into(),
            Self::Long => day.strftime("%-d %b").to_string().as_str().into(),
            Self::Dotted => day.strftime("%d.%m.%Y").to_string().as_str().into(),
            Self::MonthFirst => day.strftime("%-m/%-d/%Y").to_string().as_str().into(),
            Self::WithWeekday => day.strftime("%a %-d").to_string().as_str().into(),
            Self::Serials if day.month() == 6 => (46_173.0 + number).into(),
            Self::Serials => (46_142.0 + number).into(),
            Self::Dates => day.into(),
            Self::BelowMonth | Self::BesideWeekdays | Self::Bare => number.into(),
        }
    }

    /// Whether some days of the month are enough to tell that they are days.
    fn are_told_apart(self) -> bool {
        !matches!(self, Self::BelowMonth | Self::BesideWeekdays | Self::Bare | Self::MonthFirst)
    }
}

fn layout() -> impl Strategy<Value = Layout> {
    let days = prop::sample::select(vec![
        Days::Iso,
        Days::Long,
        Days::Dotted,
        Days::MonthFirst,
        Days::WithWeekday,
        Days::Serials,
        Days::Dates,
        Days::BelowMonth,
        Days::BesideWeekdays,
        Days::Bare,
    ]);
    let blanks = || prop::collection::vec(any::<prop::sample::Index>(), 0..4);
    let without = prop::collection::vec(1_u8..=31, 0..12);
    let switches = prop::array::uniform7(any::<bool>());
    (days, without, switches, blanks(), blanks(), 0_u8..4).prop_map(
        |(days, without, switches, blank_rows, blank_columns, spelling)| {
            let [is_turned, has_keys, counts_keys, has_roles, names_last, is_repeated, has_sums] =
                switches;
            Layout {
                without: if days.are_told_apart() { without } else { Vec::new() },
                days,
                is_turned,
                has_keys,
                counts_keys,
                has_roles,
                names_last,
                blank_rows,
                blank_columns,
                spelling,
                is_repeated,
                has_sums,
                also: Also::Nothing,
            }
        },
    )
}

fn people() -> impl Strategy<Value = Vec<Said>> {
    let state = prop_oneof![
        2 => Just(None),
        3 => prop::sample::select(DayState::ALL.to_vec()).prop_map(Some),
    ];
    let name = "[A-Z][a-zé]{2,7} [A-Z][a-z]{2,7}( 🚤)?";
    prop::collection::vec((name, prop::collection::vec(state, 31)), 0..40)
}

fn word(state: DayState, spelling: u8) -> TabCell {
    let word = match (state, spelling % 2) {
        (DayState::Yes, 1) => "✔\u{fe0f}",
        (DayState::No, 1) => "Not Available",
        (DayState::Maybe, 1) => "Perhaps",
        (DayState::Morning, 1) => "AM",
        (DayState::Afternoon, 1) => "p.m.",
        (state, _) => state.as_str(),
    };
    match spelling {
        0 | 1 => word.into(),
        2 => word.to_uppercase().as_str().into(),
        _ => format!(" {word}\u{a0}").as_str().into(),
    }
}

/// The tab, and the days that it has.
fn put_down(people: &[Said], layout: &Layout) -> (TabGrid, Vec<Date>) {
    let first = may().first_day();
    let all = (0..31_i8).map(|day| Date::new(first.year(), first.month(), day + 1).unwrap());
    let has = |day: &Date| !layout.without.contains(&day.day().unsigned_abs());
    let days: Vec<Date> = all.filter(has).collect();
    let mut before = Vec::new();
    before.extend(layout.has_keys.then_some("crew_id"));
    before.extend(layout.has_roles.then_some("Role"));
    if !layout.names_last {
        before.insert(0, "Name");
    }
    let after: &[&str] = if layout.names_last { &["Name", "Phone"] } else { &["Phone"] };
    let line = |of_days: &dyn Fn(Date) -> TabCell, text: &dyn Fn(&str) -> TabCell| {
        let before = before.iter().map(|heading| text(heading));
        let days = days.iter().map(|day| of_days(*day));
        before.chain(days).chain(after.iter().map(|heading| text(heading))).collect::<Vec<_>>()
    };
    let header = line(&|day| layout.days.cell(day), &|heading| heading.into());
    let mut rows = Vec::new();
    let mut label = None;
    match layout.days {
        Days::BelowMonth => {
            label = Some(before.len());
            let first = days[0];
            rows.push(line(
                &|day| if day == first { "May 2026".into() } else { TabCell::Blank },
                &|_| TabCell::Blank,
            ));
        }
        Days::BesideWeekdays => {
            let weekday = |day: Date| day.strftime("%a").to_string().as_str().into();
            rows.push(line(&weekday, &|_| TabCell::Blank));
        }
        _ => {}
    }
    rows.push(header.clone());
    let head = rows.len();
    for (number, (name, said)) in people.iter().enumerate() {
        let state = |day: Date| said[usize::from(day.day().unsigned_abs()) - 1];
        let of_day = |day| state(day).map_or(TabCell::Blank, |state| word(state, layout.spelling));
        rows.push(line(&of_day, &|heading| match heading {
            "Name" => name.as_str().into(),
            "crew_id" if layout.counts_keys => f64::from(u8::try_from(number + 1).unwrap()).into(),
            "crew_id" => format!("c-{number}").as_str().into(),
            "Role" => "mate".into(),
            _ => "+1 555 010 0101".into(),
        }));
    }
    if layout.has_sums {
        let total = |heading: &str| if heading == "Name" { "Total".into() } else { TabCell::Blank };
        rows.push(line(&|_| 3.0.into(), &total));
    }
    if layout.is_repeated {
        rows.push(header);
    }
    if let Also::Column(beside) = layout.also {
        let at = before.len() + beside % days.len() + 1;
        for (number, row) in rows.iter_mut().enumerate() {
            let is_persons = (head..head + people.len()).contains(&number);
            row.insert(at, if is_persons { "no".into() } else { TabCell::Blank });
        }
    }
    if let Also::NextMonth = layout.also {
        let june = |day: Date| Date::new(day.year(), 6, day.day()).ok();
        let cell = |day: Date| june(day).map_or(TabCell::Blank, |day| layout.days.cell(day));
        let month = |day: Date| if day == days[0] { "June 2026".into() } else { TabCell::Blank };
        rows.push(line(&month, &|_| TabCell::Blank));
        rows.push(line(&cell, &|heading| heading.into()));
        rows.push(line(&|_| "no".into(), &|_| "Cleo Other".into()));
    }
    for at in &layout.blank_rows {
        rows.insert(head + at.index(rows.len() - head + 1), Vec::new());
    }
    let mut merged = label.map(|first| match layout.also {
        Also::Column(_) => (first, first + days.len()),
        _ => (first, first + days.len() - 1),
    });
    for at in &layout.blank_columns {
        let at = at.index(rows[head - 1].len() + 1);
        for row in rows.iter_mut().filter(|row| !row.is_empty()) {
            row.insert(at, TabCell::Blank);
        }
        merged = merged.map(|(first, last)| {
            (first + usize::from(at <= first), last + usize::from(at <= last))
        });
    }
    (laid(rows, merged, layout.is_turned), days)
}

/// The rows as a grid, or as the columns of one; with columns of the first merged.
fn laid(rows: Vec<Vec<TabCell>>, merged: Option<(usize, usize)>, is_turned: bool) -> TabGrid {
    let at = |row: usize, column: usize| match is_turned {
        false => CellAddress::new(row.try_into().unwrap(), column.try_into().unwrap()),
        true => CellAddress::new(column.try_into().unwrap(), row.try_into().unwrap()),
    };
    let width = rows.iter().map(Vec::len).max().unwrap_or_default();
    let grid = match is_turned {
        false => TabGrid::of(rows),
        true => {
            let cell = |row: &Vec<TabCell>, column| row.get(column).cloned().unwrap_or_default();
            TabGrid::of(
                (0..width)
                    .map(|column| rows.iter().map(|row| cell(row, column)).collect::<Vec<_>>()),
            )
        }
    };
    match merged {
        Some((first, last)) => grid.with_merge(at(0, first), at(0, last)),
        None => grid,
    }
}

fn cases() -> ProptestConfig {
    ProptestConfig::with_cases(crate::sweep(60, 5_000))
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn what_is_put_down_is_read_back(people in people(), layout in layout()) {
        let (grid, days) = put_down(&people, &layout);
        let tab = read(&grid, &TabWords::new()).unwrap();
        prop_assert_eq!(tab.unread(), &[]);
        prop_assert_eq!(tab.people().len(), people.len());
        for (number, (person, (name, said))) in tab.people().iter().zip(&people).enumerate() {
            prop_assert_eq!(person.name(), name);
            let key = layout.has_keys.then(|| match layout.counts_keys {
                true => (number + 1).to_string(),
                false => format!("c-{number}"),
            });
            prop_assert_eq!(person.key(), key.as_deref());
            let expected = days.iter().map(|day| (*day, said[usize::from(day.day().unsigned_abs()) - 1]));
            let expected: BTreeMap<Date, Option<DayState>> = expected.collect();
            prop_assert_eq!(person.days().collect::<BTreeMap<_, _>>(), expected);
        }
        prop_assert_eq!(tab.missing().len() + days.len(), 31);
    }
    #[test]
    fn another_month_below_is_never_read(people in people(), layout in layout()) {
        let layout = Layout { also: Also::NextMonth, ..layout };
        let (grid, _) = put_down(&people, &layout);
        prop_assert!(read(&grid, &TabWords::new()).is_err());
    }
    #[test]
    fn words_beside_a_day_are_each_reported(
        people in people(),
        layout in layout(),
        beside in 0_usize..31,
    ) {
        let (plain, _) = put_down(&people, &layout);
        let (grid, _) = put_down(&people, &Layout { also: Also::Column(beside), ..layout });
        let (plain, tab) = (read(&plain, &TabWords::new()).unwrap(), read(&grid, &TabWords::new()).unwrap());
        prop_assert_eq!(tab.unread().len(), people.len());
        let said = |tab: &jada_roster::MonthTab| {
            let of = |person: &jada_roster::TabPerson| person.days().collect::<Vec<_>>();
            tab.people().iter().map(of).collect::<Vec<_>>()
        };
        prop_assert_eq!(said(&tab), said(&plain));
    }
    #[test]
    fn whatever_is_in_a_tab_ends_in_an_error_or_names_its_cells(
        rows in prop::collection::vec(prop::collection::vec(anything(), 0..12), 0..12),
        merges in prop::collection::vec(prop::array::uniform4(0_u32..12), 0..4),
    ) {
        let mut grid = TabGrid::of(rows);
        for [row, column, height, width] in merges {
            let last = CellAddress::new(row + height, column + width);
            grid = grid.with_merge(CellAddress::new(row, column), last);
        }
        if let Ok(tab) = read(&grid, &TabWords::new()) {
            prop_assert!(tab.missing().len() < 31, "a tab without a day of the month");
            let mut at: Vec<_> = tab.unread().iter().map(|cell| cell.at).collect();
            at.dedup();
            prop_assert_eq!(at.len(), tab.unread().len(), "a cell is reported once");
            prop_assert!(tab.unread().iter().all(|cell| !cell.found.is_empty()));
            prop_assert!(tab.unread().is_sorted_by_key(|cell| cell.at));
            let days = tab.people().iter().flat_map(|person| person.days());
            for (day, _) in days {
                prop_assert!(may().contains(day) && !tab.missing().contains(&day));
            }
        }
    }
}

/// What may stand in a tab, days above all.
fn anything() -> impl Strategy<Value = TabCell> {
    let texts = prop::sample::select(vec![
        "Name",
        "crew_id",
        "Ann",
        "Bo",
        "yes",
        "no",
        "am",
        "x",
        "May 2026",
        "May",
        "June",
        "Fri",
        "Sat",
        "M",
        "T",
        "Total",
        "1 May",
        "Fri 1",
        "Sun 2",
        "5/1",
        "5/2/2026",
        "13/5/2026",
        "3.5.",
        "2026-05-04",
        "2026-05-05",
        "2026-06-01",
        "32",
        "#REF!",
        "🚤",
        "\u{a0}",
    ]);
    prop_oneof![
        3 => texts.prop_map(TabCell::from),
        3 => (0_u8..33).prop_map(|number| f64::from(number).into()),
        1 => (46_140_u32..46_180).prop_map(|serial| f64::from(serial).into()),
        1 => any::<bool>().prop_map(TabCell::from),
        1 => any::<f64>().prop_map(TabCell::from),
        1 => Just(TabCell::Blank),
    ]
}
