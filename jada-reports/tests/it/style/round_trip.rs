//! What we dress in a style gives that style back.

use jada_reports::{StatementStyle, YearStatement, styled_workbook, year_workbook};

use crate::sample::{charters, rules, statement};
use crate::style::{COMPLETE, logo};

fn complete() -> StatementStyle {
    let style = StatementStyle::from_toml("complete.toml", COMPLETE).unwrap();
    assert_eq!(style.fallbacks(), ["logo"]);
    style.with_logo(logo()).unwrap()
}

fn read(workbook: &[u8]) -> StatementStyle {
    StatementStyle::from_workbook("last-year.xlsx", workbook).unwrap()
}

#[test]
fn a_month_gives_back_the_style_it_was_made_with() {
    let style = complete();
    let found = read(&styled_workbook(&statement(), &style).unwrap());
    assert_eq!(found.fallbacks(), [] as [&str; 0]);
    assert_eq!(found, style);
}

#[test]
fn a_year_gives_back_the_style_it_was_made_with() {
    let style = complete();
    let months = YearStatement::months_of(2026).unwrap().map(|month| {
        let of_month = charters().into_iter().filter(|charter| month.contains(charter.date()));
        rules().statement(month).build(of_month).unwrap()
    });
    let year = YearStatement::of(2026, months).unwrap();
    assert_eq!(read(&year_workbook(&year, &style).unwrap()), style);
}

#[test]
fn the_default_style_comes_back_with_the_widths_it_came_to() {
    let default = StatementStyle::default();
    let first = styled_workbook(&statement(), &default).unwrap();
    let found = read(&first);
    assert_eq!(found.fallbacks(), ["header_text", "logo"]);
    let again = styled_workbook(&statement(), &found).unwrap();
    assert_eq!(read(&again), found);
    let parts = |workbook: &[u8]| {
        let same = ["xl/worksheets/sheet1.xml", "xl/styles.xml"];
        let mut parts = crate::style::parts(workbook);
        parts.retain(|(name, _)| same.contains(&name.as_str()));
        parts
    };
    assert!(parts(&again) == parts(&first), "the month's tab in its own style is the same");
}

#[test]
fn a_month_without_charters_tells_what_it_can() {
    let empty = rules().statement("2026-05".parse().unwrap()).build([]).unwrap();
    let found = read(&styled_workbook(&empty, &complete()).unwrap());
    assert_eq!(found.fallbacks(), ["body", "body.number_format", "date_format"]);
}

#[test]
fn amounts_have_the_room_they_need_whatever_a_style_says() {
    let narrow =
        "[widths]\ntotal = 1\nstatus = 1\ndate = 1\n[body]\nsize = 20\n[total]\nfont = \"Verdana\"";
    let style = StatementStyle::from_toml("narrow.toml", narrow).unwrap();
    let workbook = styled_workbook(&statement(), &style).unwrap();
    let parts = crate::style::parts(&workbook);
    let (_, sheet) = parts.iter().find(|(name, _)| name == "xl/worksheets/sheet1.xml").unwrap();
    let sheet = String::from_utf8(sheet.clone()).unwrap();
    let widths = sheet.split("<col ").skip(1).flat_map(|element| {
        let attribute = |name: &str| -> f64 {
            element.split(name).nth(1).unwrap().split('"').nth(1).unwrap().parse().unwrap()
        };
        let columns = attribute("max=") - attribute("min=") + 1.0;
        std::iter::repeat_n(attribute("width="), format!("{columns:.0}").parse().unwrap())
    });
    let widths: Vec<f64> = widths.collect();
    // Nine letters of 20 points: `-3,741.86`.
    assert!([0, 5, 6].iter().all(|column| widths[*column] > 16.0), "{widths:?}");
}

#[test]
fn a_logo_is_a_picture_of_some_size() {
    let style = StatementStyle::default;
    assert!(style().with_logo(b"GIF89a..................................".to_vec()).is_err());
    assert!(style().with_logo(b"\x89PNG\r\n\x1a\nxxxxxxxxxxxxxxxxxxxxxxxxxxx".to_vec()).is_err());
    assert!(style().with_logo(Vec::new()).is_err());
    let mut large = logo();
    large.resize(3_000_000, 0);
    let refused = style().with_logo(large).unwrap_err().to_string();
    assert!(refused.contains("above 2 MiB"), "{refused}");
}

#[test]
fn a_style_is_opened_with_the_logo_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("house.toml");
    std::fs::write(&path, format!("logo = \"logo.png\"\n{COMPLETE}")).unwrap();
    let missing = StatementStyle::open(&path).unwrap_err().to_string();
    assert!(missing.contains("logo.png"), "{missing}");
    std::fs::write(folder.path().join("logo.png"), logo()).unwrap();
    assert_eq!(StatementStyle::open(&path).unwrap(), complete());
    let book = folder.path().join("last.xlsx");
    std::fs::write(&book, styled_workbook(&statement(), &complete()).unwrap()).unwrap();
    assert_eq!(StatementStyle::open(&book).unwrap(), complete());
    std::fs::write(&book, b"PK\x03\x04 no more").unwrap();
    assert!(StatementStyle::open(&book).unwrap_err().to_string().contains("last.xlsx"));
}
