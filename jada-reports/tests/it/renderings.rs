//! Renderings beside golden files, which `JADA_BLESS=1` writes anew.

use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

use jada_reports::{Error, Lines, Statement, Summary, html, text, workbook, write_html};
use jada_roster::Money;

use crate::sample::{charters, counted, rules, statement};

fn golden(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("JADA_BLESS").is_some() {
        fs::write(&path, found).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
    assert_eq!(found, expected, "{name} differs; JADA_BLESS=1 writes it anew");
}

/// A part of the workbook, a tag a line.
fn part(workbook: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut xml = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut xml).unwrap();
    xml.replace("><", ">\n<") + "\n"
}

#[test]
fn the_page_is_as_it_was_looked_at() {
    let page = html(&statement(), Lines::All).unwrap();
    golden("statement.html", &page);
    let mut written = Vec::new();
    write_html(&statement(), Lines::All, &mut written).unwrap();
    assert_eq!(written, page.as_bytes());
    assert!(!page.contains("<script>"));
}

#[test]
fn the_text_is_as_it_was_looked_at() {
    golden("statement.txt", &text(&statement(), Lines::All));
}

#[test]
fn the_summary_is_as_it_was_looked_at() {
    let statement = statement();
    let summary = Summary::new(&statement, &[]);
    golden("summary.txt", &summary.to_string());
    golden("summary.json", &(serde_json::to_string_pretty(&summary).unwrap() + "\n"));
}

#[test]
fn the_workbook_is_as_it_was_looked_at() {
    let workbook = workbook(&statement()).unwrap();
    for number in 1..=3 {
        let name = format!("xl/worksheets/sheet{number}.xml");
        golden(&format!("sheet{number}.xml"), &part(&workbook, &name));
    }
    golden("strings.xml", &part(&workbook, "xl/sharedStrings.xml"));
    golden("chart1.xml", &part(&workbook, "xl/charts/chart1.xml"));
    golden("core.xml", &part(&workbook, "docProps/core.xml"));
}

#[test]
fn fifty_workbooks_have_the_same_bytes() {
    let first = workbook(&statement()).unwrap();
    assert!((0..50).all(|_| workbook(&statement()).unwrap() == first));
}

#[test]
fn every_formula_carries_its_result() {
    for statement in [statement(), Statement::of("2026-05".parse().unwrap()).build([]).unwrap()] {
        let workbook = workbook(&statement).unwrap();
        let mut formulas = 0;
        for number in 1..=3 {
            let xml = part(&workbook, &format!("xl/worksheets/sheet{number}.xml"));
            let lines: Vec<&str> = xml.lines().collect();
            for pair in lines.windows(2).filter(|pair| pair[0].starts_with("<f>")) {
                formulas += 1;
                let value = pair[1].trim_start_matches("<v>").trim_end_matches("</v>");
                assert!(value.parse::<f64>().is_ok(), "{pair:?}");
            }
        }
        assert!(formulas > 30, "gross, net and 31 days at least: {formulas}");
    }
}

#[test]
fn what_people_typed_is_never_a_formula() {
    let workbook = workbook(&statement()).unwrap();
    assert!(part(&workbook, "xl/sharedStrings.xml").contains("<t>=SUM(A1)</t>"));
    for number in 1..=3 {
        let xml = part(&workbook, &format!("xl/worksheets/sheet{number}.xml"));
        assert!(!xml.contains("<f>SUM(A1)</f>") && !xml.contains("<f>1+1</f>"));
    }
}

#[test]
fn a_currency_without_cents_is_shown_without_them() {
    let yen = "JPY".parse().unwrap();
    let id = jada_roster::CharterId::new("J-1").unwrap();
    let charter = jada_roster::Charter::builder(id, jiff::civil::date(2026, 5, 1), yen)
        .guest("Hiro")
        .status(jada_roster::Status::Confirmed)
        .total(Money::from_minor(120_000, yen));
    let statement = Statement::of("2026-05".parse().unwrap());
    let statement = statement.build([charter.build().unwrap()]).unwrap();
    assert!(html(&statement, Lines::All).unwrap().contains(">120,000<"));
    let styles = part(&workbook(&statement).unwrap(), "xl/styles.xml");
    assert!(styles.contains("#,##0;[Red]-#,##0") && !styles.contains("#,##0.00"));
}

#[test]
fn a_sum_that_a_cell_does_not_keep_is_refused() {
    let most = counted("M", 1, 999_999_999_999_999).build().unwrap();
    let may = "2026-05".parse().unwrap();
    assert!(workbook(&Statement::of(may).build([most.clone()]).unwrap()).is_ok());
    let more = counted("N", 1, 1).build().unwrap();
    let statement = Statement::of(may).build([most, more]).unwrap();
    assert!(matches!(workbook(&statement), Err(Error::Amount { .. })));
}

#[test]
fn a_text_longer_than_a_cell_is_cut_and_says_so() {
    let notes = "né ".repeat(20_000);
    let charter = counted("long", 1, 100).notes(notes.clone()).build().unwrap();
    let statement = rules().statement("2026-05".parse().unwrap()).build([charter]).unwrap();
    let strings = part(&workbook(&statement).unwrap(), "xl/sharedStrings.xml");
    assert!(strings.contains("[cut: a cell holds no more]"));
    assert_eq!(statement.counted()[0].notes(), notes);
}

#[test]
fn what_is_typed_over_two_lines_is_no_line_of_its_own_in_the_text() {
    let forged = counted("F", 1, 100).guest("Ann\nSat 2 May  C-9   9,999.00  Bob").build().unwrap();
    let statement = rules().statement("2026-05".parse().unwrap()).build([forged]).unwrap();
    let text = text(&statement, Lines::All);
    assert!(!text.lines().any(|line| line.starts_with("Sat 2 May")), "{text}");
    assert!(text.contains("Every charter counts."));
}

#[test]
fn a_rendering_of_few_lines_says_how_many_are_left_out() {
    let statement = rules().statement("2026-05".parse().unwrap()).build(charters()).unwrap();
    let page = html(&statement, Lines::AtMost(2)).unwrap();
    assert_eq!(page.matches("and 4 more").count(), 2, "of six counted, and of six not");
    assert!(text(&statement, Lines::AtMost(5)).contains("... and 1 more"));
}
