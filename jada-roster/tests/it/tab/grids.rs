//! What text does not hold: merged cells, numbers, boxes, days, and what is declared.

use jada_roster::{
    CellAddress, DateSystem, DayState, Error, TabCell, TabGrid, TabLayout, TabWords,
};
use jiff::civil::date;

use super::{read, told};

fn at(text: &str) -> CellAddress {
    text.parse().unwrap()
}

fn said(grid: &TabGrid, words: &TabWords) -> String {
    read(grid, words).map_or_else(|error| format!("{error}\n"), |tab| told(&tab))
}

fn text(text: &str) -> TabCell {
    text.into()
}

#[test]
fn merged_cells_count_for_each_that_they_cover() {
    let rows = [
        ["Name", "May 2026", "", "", "", "", "", "", ""],
        ["", "1", "2", "3", "4", "5", "6", "7", "8"],
        ["Ann", "no", "", "", "yes", "", "", "", ""],
        ["Bo", "", "", "", "", "", "", "", ""],
        ["Captains", "", "", "", "", "", "", "", ""],
        ["Cy", "maybe", "", "", "", "", "", "", ""],
        ["Di", "", "", "", "", "", "", "", ""],
    ];
    let grid = TabGrid::of(rows)
        .with_merge(at("A1"), at("A2"))
        .with_merge(at("B1"), at("I1"))
        .with_merge(at("B3"), at("D3"))
        .with_merge(at("E3"), at("E4"))
        .with_merge(at("A5"), at("I5"))
        .with_merge(at("B6"), at("C7"));
    assert_eq!(
        said(&grid, &TabWords::new()),
        "A3 `Ann`: 1-3n 4y 5-8.\n\
         A4 `Bo`: 1-3. 4y 5-8.\n\
         A6 `Cy`: 1-2? 3-8.\n\
         A7 `Di`: 1-2? 3-8.\n\
         missing 9-31\n"
    );
}

#[test]
fn months_merged_above_numbers_speak_of_those_alone() {
    let mut rows = vec![vec![text("")], vec![text("Name")], vec![text("Ann")]];
    for (place, day) in [30, 1, 2, 3, 4, 5, 6, 7, 8, 1].into_iter().enumerate() {
        let month = match place {
            0 => TabCell::Date(date(2026, 4, 1)),
            1 => TabCell::Number(46_143.0),
            9 => text("June"),
            _ => TabCell::Blank,
        };
        rows[0].push(month);
        rows[1].push(TabCell::Number(f64::from(day)));
        rows[2].push(text("y"));
    }
    let grid = TabGrid::of(rows).with_merge(at("C1"), at("I1"));
    assert_eq!(
        said(&grid, &TabWords::new()),
        "A3 `Ann`: 1-7y\n\
         ? B2: `30`: expected a day of 2026-05\n\
         ? J2: `8`: expected its month above it, or a date such as 2026-05-01\n\
         ? K2: `1`: expected a day of 2026-05\n\
         missing 8-31\n"
    );
}

#[test]
fn a_title_is_no_heading() {
    let rows = [
        ["Crew", "", "", ""],
        ["", "", "Name", ""],
        ["", "", "2026-05-01", "2026-05-02"],
        ["Ann", "", "y", "n"],
    ];
    let grid = TabGrid::of(rows).with_merge(at("A1"), at("D1"));
    assert_eq!(said(&grid, &TabWords::new()), "A4 `Ann`: 1y 2n\nmissing 3-31\n");
}

#[test]
fn a_name_over_two_rows_stands_twice() {
    let rows = [["Name", "2026-05-01", "2026-05-02"], ["Ann", "am", ""], ["", "pm", ""]];
    let grid = TabGrid::of(rows).with_merge(at("A2"), at("A3"));
    assert_eq!(said(&grid, &TabWords::new()), "A2 `Ann`: 1m 2.\nA3 `Ann`: 1a 2.\nmissing 3-31\n");
}

#[test]
fn days_are_numbers_from_1900_or_1904_or_days() {
    let grid = |serial: f64| {
        TabGrid::of([
            [text("Name"), serial.into(), (serial + 1.0).into(), date(2026, 5, 3).into()],
            [text("Ann"), true.into(), false.into(), text("n")],
            [text("Bo"), 1.0.into(), date(2026, 5, 2).into(), 46_144.5.into()],
        ])
    };
    let golden = "A2 `Ann`: 1y 2. 3n\n\
                  A3 `Bo`:\n\
                  ? B3: `1`: expected one of yes, no, maybe, morning, afternoon, or nothing\n\
                  ? C3: `2026-05-02`: expected one of yes, no, maybe, morning, afternoon, or nothing\n\
                  ? D3: `46144.5`: expected one of yes, no, maybe, morning, afternoon, or nothing\n\
                  missing 4-31\n";
    assert_eq!(said(&grid(46_143.0), &TabWords::new()), golden);
    let old = grid(44_681.0).with_date_system(DateSystem::From1904);
    assert_eq!(said(&old, &TabWords::new()), golden);
}

#[test]
fn words_headings_and_rows_may_be_declared() {
    let words = TabWords::new()
        .with_word("frei", DayState::Yes)
        .with_word("1", DayState::Yes)
        .with_word("FALSE", DayState::No)
        .with_blank("n/a")
        .with_key("E-Mail")
        .with_name("Wer")
        .with_passed_over("Legende");
    let grid = TabGrid::of([
        [text("Wer"), text("Rolle"), text("e mail"), text("1.5."), text("2.5.")],
        [text("Ann"), text("mate"), text("ann@example.com"), text("FREI"), 1.0.into()],
        [text("Bo"), text("mate"), text("bo@example.com"), text("N/A"), false.into()],
        [text("legende"), text(""), text(""), text("frei"), text("= free")],
        [text(""), text(""), text(""), 1.0.into(), 2.0.into()],
    ]);
    assert_eq!(
        said(&grid, &words),
        "A2 ann@example.com `Ann`: 1-2y\n\
         A3 bo@example.com `Bo`: 1. 2n\n\
         ? D5: `1`: expected a name or a key in its row\n\
         missing 3-31\n"
    );
}

#[test]
fn numbers_that_are_declared_to_be_words_are_no_days() {
    let words = TabWords::new()
        .with_word("1", DayState::Yes)
        .with_word("2", DayState::No)
        .with_word("3", DayState::Maybe);
    let rows = [["Name", "2026-05-01", "2026-05-02", "2026-05-03"], ["Ann", "1", "2", "3"]];
    assert_eq!(said(&TabGrid::of(rows), &words), "A2 `Ann`: 1y 2n 3?\nmissing 4-31\n");
}

#[test]
fn the_way_that_days_run_may_be_declared() {
    let grid = TabGrid::of([
        ["x", "2026-05-01", "2026-05-02"],
        ["2026-05-01", "y", "n"],
        ["2026-05-02", "n", "y"],
    ]);
    let refused = read(&grid, &TabWords::new()).unwrap_err();
    assert!(matches!(refused, Error::Tab { .. }) && !refused.is_transient());
    let down = TabWords::new().with_layout(TabLayout::Down).with_name("x");
    let told = said(&grid, &down);
    assert!(told.starts_with("B1 `2026-05-01`: 1y 2n\nC1 `2026-05-02`: 1n 2y\n"), "{told}");
}

#[test]
fn a_heading_decides_between_two_lines_of_bare_numbers() {
    // 31 people who are counted, in a month of 31 days.
    let mut rows = vec![vec![text("#"), text("Name")]];
    rows[0].extend((1..=31).map(|day| TabCell::Number(f64::from(day))));
    for number in 1..=31 {
        let mut row = vec![TabCell::Number(f64::from(number)), text(&format!("Crew {number}"))];
        row.push(text("y"));
        rows.push(row);
    }
    let tab = read(&TabGrid::of(rows), &TabWords::new()).unwrap();
    assert_eq!((tab.people().len(), tab.unread().len()), (31, 0));
    assert_eq!(tab.people()[30].name(), "Crew 31");
}

#[test]
fn a_grid_of_nothing_is_an_error() {
    let blank = TabGrid::of([["", " "], ["\u{a0}", "\u{200b}"]]);
    for grid in [TabGrid::default(), blank] {
        let told = said(&grid, &TabWords::new());
        assert_eq!(
            told,
            "May: no row and no column holds days of 2026-05, such as 2026-05-01 and the next\n"
        );
    }
}

/// A block of days, from the first day on: the heading, then days, then a person.
fn block(days: impl IntoIterator<Item = TabCell>, name: &str, word: &str) -> Vec<Vec<TabCell>> {
    let header: Vec<TabCell> = std::iter::once(text("Name")).chain(days).collect();
    let said = std::iter::once(text(name)).chain(header[1..].iter().map(|_| text(word)));
    vec![header.clone(), said.collect()]
}

fn numbers(days: std::ops::RangeInclusive<u8>) -> impl Iterator<Item = TabCell> {
    days.map(|day| f64::from(day).into())
}

#[test]
fn dates_of_another_month_above_numbers_are_an_error() {
    let june = |day: i8| date(2026, 6, day);
    let written: [&dyn Fn(i8) -> TabCell; 5] = [
        &|day| text(&june(day).to_string()),
        &|day| june(day).into(),
        &|day| text(&june(day).strftime("%-d %b").to_string()),
        &|day| text(&june(day).strftime("%d.%m.%Y").to_string()),
        &|day| text(&june(day).strftime("%-m/%-d/%Y").to_string()),
    ];
    for cell in written {
        for first in [1, 2, 15] {
            let mut rows = vec![std::iter::once(text("")).chain((first..=30).map(cell)).collect()];
            rows.extend(block(numbers(first.unsigned_abs()..=30), "Ann", "yes"));
            let told = said(&TabGrid::of(rows), &TabWords::new());
            assert!(told.starts_with("May: "), "{first}: {told}");
        }
    }
}

#[test]
fn a_block_of_another_month_below_is_an_error() {
    let iso = |month, days: std::ops::RangeInclusive<i8>| {
        days.map(move |day| text(&date(2026, month, day).to_string()))
    };
    let total = || std::iter::once(text("Total"));
    let last_week = ["29", "30", "31", "1 Jun", "2 Jun", "3 Jun", "4 Jun"].map(text);
    let cases = [
        (
            block(numbers(1..=31).chain(total()), "Ann", "y"),
            block(numbers(1..=30).chain(total()), "Cleo", "n"),
        ),
        (block(iso(5, 29..=31), "Ann", "y"), block(iso(6, 1..=2).chain(total()), "Cleo", "n")),
        (block(iso(5, 22..=28), "Ann", "y"), block(last_week, "Cleo", "n")),
        (
            block(numbers(1..=31), "Ann", "y"),
            block((1..=30).map(|day| text(&format!("{day} Jun"))).chain(total()), "Cleo", "n"),
        ),
    ];
    for (mut rows, below) in cases {
        rows.push(vec![text("June 2026")]);
        rows.extend(below);
        let told = said(&TabGrid::of(rows), &TabWords::new());
        assert!(told.starts_with("May: "), "{told}");
    }
}

#[test]
fn keys_that_are_numbers_are_no_days() {
    for (days, people) in [(30, 31_u8), (30, 40), (15, 35), (31, 31)] {
        let rows = |headings: [&str; 2]| {
            let mut rows = vec![headings.map(text).into_iter().chain(numbers(1..=days)).collect()];
            for number in 1..=people {
                let mut row = vec![f64::from(number).into(), text(&format!("Crew {number}"))];
                row.extend((1..=days).map(|_| text("y")));
                rows.push(row);
            }
            TabGrid::of::<Vec<TabCell>, TabCell>(rows)
        };
        let tab = read(&rows(["id", "Name"]), &TabWords::new()).unwrap();
        assert_eq!((tab.people().len(), tab.unread().len()), (people.into(), 0));
        assert_eq!(tab.people()[4].key(), Some("5"));
        let refused = said(&rows(["id", "Wer"]), &TabWords::new());
        assert!(refused.contains("declare which is meant"), "{refused}");
    }
}

#[test]
fn a_month_that_is_plainly_written_is_seen() {
    let above = |title: &str, blank: usize, corner: &str| {
        let mut rows = vec![vec![text(title)]];
        rows.extend(vec![vec![]; blank]);
        rows.extend(block(numbers(1..=30), "Ann", "y"));
        rows[blank + 1][0] = text(corner);
        TabGrid::of::<Vec<TabCell>, TabCell>(rows)
    };
    for (title, blank, corner) in [
        ("2026-04-01", 0, "Name"),
        ("01.04.2026", 0, "Name"),
        ("Availability (April 2026)", 0, "Name"),
        ("Month: April", 0, "Name"),
        ("April 2026", 6, "Name"),
        ("", 0, "2026-04-01"),
    ] {
        let told = said(&above(title, blank, corner), &TabWords::new());
        assert!(told.contains("holds no day of 2026-05"), "{title}: {told}");
        let (title, corner) = (title.replace("04", "05"), corner.replace("04", "05"));
        let may = above(&title.replace("April", "May"), blank, &corner);
        let tab = read(&may, &TabWords::new()).unwrap();
        assert!(tab.names_its_month() && tab.unread().is_empty());
        assert_eq!((tab.people().len(), tab.missing().len()), (1, 1), "{title}");
    }
}

#[test]
fn bare_numbers_name_no_month() {
    let bare = TabGrid::of(block(numbers(1..=30), "Ann", "y"));
    assert!(!read(&bare, &TabWords::new()).unwrap().names_its_month());
    let mut rows = block(numbers(1..=30), "Ann", "y");
    let weekday = |day| text(&date(2026, 5, day).strftime("%a").to_string());
    rows.insert(0, std::iter::once(text("")).chain((1..=30).map(weekday)).collect());
    assert!(read(&TabGrid::of(rows), &TabWords::new()).unwrap().names_its_month());
}

#[test]
fn words_beside_a_title_that_covers_some_days_are_reported() {
    let rows = [
        ["Name", "2026-05-01", "2026-05-02", "2026-05-03"],
        ["Ann", "", "no", "yes"],
        ["Captains", "", "", ""],
        ["Bo", "y", "n", ""],
    ];
    let grid = TabGrid::of(rows).with_merge(at("A2"), at("B2")).with_merge(at("A3"), at("C3"));
    assert_eq!(
        said(&grid, &TabWords::new()),
        "A4 `Bo`: 1y 2n 3.\n\
         ? C2: `no`: expected a name or a key in its row\n\
         ? D2: `yes`: expected a name or a key in its row\n\
         missing 4-31\n"
    );
}

#[test]
fn columns_that_may_hold_names_are_not_all_listed() {
    let mut header = vec![text("a"); 40];
    header.extend([text("2026-05-01"), text("2026-05-02")]);
    let told = said(&TabGrid::of([header, vec![text("b"); 42]]), &TabWords::new());
    assert!(told.contains("E1 `a` and others; head it") && !told.contains("F1"), "{told}");
}
