//! A year: its sums, its workbook, and what other programs read of it.

use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};
use jada_reports::{
    Error, Rules, Statement, StatementStyle, YearStatement, YearSummary, year_workbook,
};
use jada_roster::{Charter, CharterId, Currency, Kind, Money, Status};
use jiff::civil::date;

use crate::sample::rules;

/// A charter of 2026 that counts.
fn sail(month: i8, number: i64, brand: &str, kind: &str) -> Charter {
    let id = CharterId::new(&format!("C-{month:02}-{number}")).unwrap();
    Charter::builder(id, date(2026, month, 1 + i8::try_from(number % 28).unwrap()), Currency::USD)
        .guest("Ann Marsh")
        .status(Status::Completed)
        .brand(brand)
        .kind(kind.parse::<Kind>().unwrap())
        .total(Money::from_minor(10_007 * number + i64::from(month), Currency::USD))
        .build()
        .unwrap()
}

/// Every month but February has charters; some have no brand, one is named as a formula, and May
/// has some that do not count.
fn months(rules: &Rules) -> Vec<Statement> {
    YearStatement::months_of(2026)
        .unwrap()
        .map(|month| {
            let at = month.first_day().month();
            let brands = ["Blue Water", "", "=1+1", "*", "blue water"];
            let count = if at == 2 { 0 } else { i64::from(at) + 3 };
            let sails = (1..=count).map(|number| {
                let brand = brands[usize::try_from(number).unwrap() % brands.len()];
                sail(at, number, brand, if number % 3 == 0 { "regatta" } else { "charter" })
            });
            let left_out = (at == 5).then(crate::sample::charters).into_iter().flatten();
            let left_out = left_out.filter(|charter| charter.id().as_str() > "C-06");
            let statement = rules.statement(month).skipped("year.csv:7:12: no date");
            statement.build(sails.chain(left_out)).unwrap()
        })
        .collect()
}

fn year() -> YearStatement {
    YearStatement::of(2026, months(&rules())).unwrap()
}

fn open(workbook: &[u8]) -> Xlsx<Cursor<&[u8]>> {
    Xlsx::new(Cursor::new(workbook)).unwrap()
}

fn number(sheet: &calamine::Range<Data>, cell: (u32, u32)) -> f64 {
    match sheet.get_value(cell) {
        Some(Data::Float(number)) => *number,
        Some(Data::Int(number)) => i32::try_from(*number).unwrap().into(),
        other => panic!("{cell:?}: {other:?}"),
    }
}

fn part(workbook: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut xml = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut xml).unwrap();
    xml
}

fn cents(amount: Money) -> f64 {
    let text = amount.decimal().to_string();
    text.parse().unwrap()
}

#[test]
fn the_year_is_the_sum_of_its_months_brands_and_kinds() {
    let year = year();
    let sum = |amounts: &mut dyn Iterator<Item = Money>| -> i64 { amounts.map(Money::minor).sum() };
    let gross = year.gross().minor();
    assert_eq!(sum(&mut year.months().iter().map(Statement::gross)), gross);
    assert_eq!(sum(&mut year.by_brand().iter().map(|part| part.gross())), gross);
    assert_eq!(sum(&mut year.by_kind().iter().map(|part| part.gross())), gross);
    let taxes = sum(&mut year.taxes().iter().map(|tax| tax.amount()));
    assert_eq!(year.net().minor(), gross - taxes);
    assert!(gross > 0 && taxes > 0);
    let names: Vec<&str> = year.by_brand().iter().map(|part| part.name()).collect();
    assert!(names.contains(&"") && names.contains(&"Blue Water") && names.contains(&"blue water"));
    assert_eq!(year.skipped(), ["year.csv:7:12: no date"]);
    assert_eq!(year.source() - year.included(), 6);
    assert!(year.months()[1].counted().is_empty());
}

#[test]
fn months_that_make_no_year_are_refused() {
    let statements = months(&rules());
    let refused = |statements: Vec<Statement>| match YearStatement::of(2026, statements) {
        Err(Error::Year { year: 2026, what }) => what,
        other => panic!("{other:?}"),
    };
    assert!(refused(statements[..11].to_vec()).contains("11 statements"));
    let mut twice = statements.clone();
    twice[3] = statements[4].clone();
    assert!(refused(twice).contains("2026-04"));
    assert!(matches!(YearStatement::of(2025, statements.clone()), Err(Error::Year { .. })));
    let mut moved = statements.clone();
    let again =
        Charter::builder(statements[0].counted()[0].id().clone(), date(2026, 2, 3), Currency::USD);
    moved[1] =
        rules().statement("2026-02".parse().unwrap()).build([again.build().unwrap()]).unwrap();
    assert!(refused(moved).contains("in two months"));
    let mut euros = statements;
    let id = CharterId::new("E-1").unwrap();
    let euro = Charter::builder(id, date(2026, 2, 3), "EUR".parse().unwrap()).build().unwrap();
    euros[1] = Statement::of("2026-02".parse().unwrap()).build([euro]).unwrap();
    assert!(refused(euros).contains("EUR"));
    assert!(YearStatement::months_of(1899).is_err());
}

#[test]
fn a_month_without_charters_is_in_the_currency_of_the_others() {
    let yen: Currency = "JPY".parse().unwrap();
    let months = YearStatement::months_of(2026).unwrap().map(|month| {
        let id = CharterId::new("Y-1").unwrap();
        let sail = Charter::builder(id, date(2026, 7, 1), yen)
            .guest("Hiro")
            .status(Status::Confirmed)
            .total(Money::from_minor(120_000, yen));
        let sails = (month.first_day().month() == 7).then(|| sail.build().unwrap());
        let tax = jada_reports::Tax::new("Tax", "0.1".parse().unwrap());
        Statement::of(month).tax(tax).build(sails).unwrap()
    });
    let year = YearStatement::of(2026, months).unwrap();
    assert_eq!(
        (year.currency(), year.gross().minor(), year.net().minor()),
        (yen, 120_000, 108_000)
    );
    assert!(year.months().iter().all(|month| month.net().currency() == yen));
    assert!(year_workbook(&year, &StatementStyle::default()).is_ok());
}

#[test]
fn a_year_has_a_summary_twelve_months_and_what_did_not_count() {
    let workbook = year_workbook(&year(), &StatementStyle::default()).unwrap();
    let names = open(&workbook).sheet_names();
    assert_eq!(names.len(), 14);
    assert_eq!((names[0].as_str(), names[13].as_str()), ("Summary", "Not counted"));
    assert_eq!((names[1].as_str(), names[12].as_str()), ("January 2026", "December 2026"));
    let empty = open(&workbook).worksheet_range("February 2026").unwrap();
    assert_eq!(empty.get_value((4, 0)), Some(&Data::String("No charter counts.".into())));
}

#[test]
fn another_reader_finds_every_sum_in_the_summary_and_on_the_tabs() {
    let year = year();
    let workbook = year_workbook(&year, &StatementStyle::default()).unwrap();
    let mut book = open(&workbook);
    let summary = book.worksheet_range("Summary").unwrap();
    for (row, month) in (4..).zip(year.months()) {
        assert_eq!(
            number(&summary, (row, 1)),
            f64::from(u16::try_from(month.counted().len()).unwrap())
        );
        assert_eq!(
            number(&summary, (row, 2)),
            f64::from(u16::try_from(month.not_counted().len()).unwrap())
        );
        assert_eq!(number(&summary, (row, 3)), cents(month.gross()));
        for (column, tax) in (4..).zip(month.taxes()) {
            assert_eq!(number(&summary, (row, column)), cents(tax.amount));
        }
        assert_eq!(number(&summary, (row, 6)), cents(month.net()));
        let tab = book.worksheet_range(&month.month().title()).unwrap();
        let gross =
            tab.rows().find(|row| row.get(2) == Some(&Data::String("Gross".into()))).unwrap();
        assert_eq!(gross[6], Data::Float(cents(month.gross())));
    }
    assert_eq!(number(&summary, (16, 3)), cents(year.gross()));
    assert_eq!(number(&summary, (16, 6)), cents(year.net()));
    for (header, parts) in [("Brand", year.by_brand()), ("Kind", year.by_kind())] {
        let text = Data::String(header.into());
        let mut rows = summary.rows().skip_while(|row| row[0] != text).skip(1);
        for part in parts {
            let row = rows.next().unwrap();
            assert_eq!(row[2], Data::Float(cents(part.gross())), "{header} {}", part.name());
        }
        assert_eq!(rows.next().unwrap()[2], Data::Float(cents(year.gross())));
    }
}

#[test]
fn nothing_that_was_left_out_vanishes() {
    let workbook = year_workbook(&year(), &StatementStyle::default()).unwrap();
    let left_out = open(&workbook).worksheet_range("Not counted").unwrap();
    let text = |cell: &Data| cell.to_string();
    let cells: Vec<String> = left_out.used_cells().map(|(_, _, cell)| text(cell)).collect();
    for id in ["C-07", "C-08", "C-09", "C-10", "C-11", "C-12", "year.csv:7:12: no date"] {
        assert_eq!(cells.iter().filter(|cell| *cell == id).count(), 1, "{id}");
    }
    for reason in ["cancelled", "pending", "training", "no guest", "no confirmed total"] {
        assert!(cells.iter().any(|cell| cell == reason), "{reason}");
    }
}

#[test]
fn months_and_sums_have_names() {
    let workbook = year_workbook(&year(), &StatementStyle::default()).unwrap();
    let names = open(&workbook).defined_names().to_vec();
    let formula =
        |name: &str| names.iter().find(|(known, _)| known == name).map(|(_, cells)| cells.as_str());
    assert_eq!(formula("Revenue_2026_05"), Some("'May 2026'!$G$5:$G$12"));
    assert_eq!(formula("Gross_2026_05"), Some("'May 2026'!$G$13"));
    assert_eq!(formula("Revenue_2026_02"), Some("'February 2026'!$G$5:$G$5"));
    assert_eq!(formula("Gross_2026"), Some("Summary!$D$17"));
    assert_eq!(formula("Net_2026"), Some("Summary!$G$17"));
    for month in 1..=12 {
        for what in ["Revenue", "Charters", "Brands", "Kinds", "Gross", "Net"] {
            assert!(formula(&format!("{what}_2026_{month:02}")).is_some(), "{what} {month}");
        }
    }
}

#[test]
fn every_tab_prints_one_page_wide_with_its_title_or_header_repeated() {
    let workbook = year_workbook(&year(), &StatementStyle::default()).unwrap();
    for tab in 1..=14 {
        let sheet = part(&workbook, &format!("xl/worksheets/sheet{tab}.xml"));
        for element in ["<tabColor", "fitToHeight=\"0\"", "Page &amp;P of &amp;N", "landscape"] {
            assert!(sheet.contains(element), "{tab}: {element}");
        }
    }
    let book = part(&workbook, "xl/workbook.xml");
    assert_eq!(book.matches("_xlnm.Print_Titles").count(), 14);
    assert!(part(&workbook, "docProps/core.xml").contains("2026-12-31T00:00:00Z"));
}

#[test]
fn the_same_year_gives_the_same_bytes() {
    let style = StatementStyle::default();
    let first = year_workbook(&year(), &style).unwrap();
    assert!((0..10).all(|_| year_workbook(&year(), &style).unwrap() == first));
    let mut reversed = months(&rules());
    reversed.reverse();
    let year = YearStatement::of(2026, reversed).unwrap();
    assert!(year_workbook(&year, &style).unwrap() == first);
}

#[test]
fn more_brands_than_a_chart_can_show_are_still_in_the_list_and_in_the_sums() {
    let months = YearStatement::months_of(2026).unwrap().map(|month| {
        let at = month.first_day().month();
        let sails =
            (1..=25).map(|number| sail(at, number, &format!("Brand {number:02}"), "charter"));
        rules().statement(month).build(sails).unwrap()
    });
    let year = YearStatement::of(2026, months).unwrap();
    let workbook = year_workbook(&year, &StatementStyle::default()).unwrap();
    let summary = open(&workbook).worksheet_range("Summary").unwrap();
    let is_others = |cell: &Data| matches!(cell, Data::String(text) if text == "Other brands");
    let others: Vec<_> = summary.used_cells().filter(|(_, _, cell)| is_others(cell)).collect();
    assert_eq!(others.len(), 2, "a column of the matrix, and a row of the list");
    let (row, _, _) = others[1];
    let rest: i64 = year.by_brand()[20..].iter().map(|part| part.gross().minor()).sum();
    let rest = cents(Money::from_minor(rest, Currency::USD));
    assert_eq!(number(&summary, (u32::try_from(row).unwrap(), 2)), rest);
}

#[test]
fn a_year_without_charters_is_a_workbook_too() {
    let months = YearStatement::months_of(2024).unwrap();
    let months = months.map(|month| rules().statement(month).build([]).unwrap());
    let year = YearStatement::of(2024, months).unwrap();
    let workbook = year_workbook(&year, &StatementStyle::default()).unwrap();
    let summary = open(&workbook).worksheet_range("Summary").unwrap();
    assert!(number(&summary, (16, 3)) == 0.0 && number(&summary, (16, 1)) == 0.0);
}

#[test]
fn the_summary_of_a_year_is_for_a_person_or_a_program() {
    let year = year();
    let summary = YearSummary::new(&year, &[]);
    let text = summary.to_string();
    for line in [
        "Revenue statement, 2026, in USD",
        "February 2026              0            0.00            0.00",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    let json = serde_json::to_value(summary).unwrap();
    assert_eq!(json["period"], "2026");
    assert_eq!(json["gross"], year.gross().decimal().to_string());
    assert_eq!(json["months"].as_array().unwrap().len(), 12);
    assert_eq!(json["excluded_by"]["no confirmed total"], 2);
    assert_eq!(json["by_kind"].as_array().unwrap().len(), 2);
}
