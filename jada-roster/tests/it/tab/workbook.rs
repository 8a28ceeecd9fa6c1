//! A month's tab of a workbook, as spreadsheet programs write it, and as attackers do.

use std::io::{Cursor, Read as _, Write as _};

use jada_roster::{Error, MonthTab, TabWords};
use rust_xlsxwriter::{ExcelDateTime, Format, Note, Workbook};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{may, told};

/// Two tabs; the month's has merged cells, days that are shown as weekdays, notes and boxes.
fn workbook() -> Vec<u8> {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("April 2026").unwrap().write(0, 0, "Name").unwrap();
    let sheet = workbook.add_worksheet().set_name("May 2026").unwrap();
    let (weekday, day) = (Format::new().set_num_format("ddd"), Format::new().set_num_format("d"));
    sheet.merge_range(0, 0, 1, 0, "Name", &Format::new()).unwrap();
    for number in 1..=9_u16 {
        let date = ExcelDateTime::from_ymd(2026, 5, number.try_into().unwrap()).unwrap();
        sheet.write_with_format(0, number, &date, &weekday).unwrap();
        sheet.write_with_format(1, number, &date, &day).unwrap();
    }
    sheet.write(2, 0, "Ann Rivers").unwrap();
    sheet.merge_range(2, 1, 2, 3, "no", &Format::new()).unwrap();
    sheet.write(2, 4, "Yes ").unwrap();
    sheet.insert_note(2, 4, &Note::new("only till 3pm")).unwrap();
    sheet.write(2, 5, "yes (till 3pm)").unwrap();
    sheet.insert_checkbox(2, 6, true).unwrap();
    sheet.insert_checkbox(2, 7, false).unwrap();
    sheet
        .write_formula(2, 8, rust_xlsxwriter::Formula::new("=\"may\"&\"be\"").set_result("maybe"))
        .unwrap();
    sheet.write(4, 0, "Bö 🚤").unwrap();
    sheet.write(4, 9, "afternoon").unwrap();
    sheet.write_with_format(900, 40, "", &Format::new().set_bold()).unwrap();
    workbook.save_to_buffer().unwrap()
}

const GOLDEN: &str = "A3 `Ann Rivers`: 1-3n 4y 6y 7. 8? 9.\n\
                      A5 `Bö 🚤`: 1-8. 9a\n\
                      ? F3: `yes (till 3pm)`: expected one of yes, no, maybe, morning, afternoon, or nothing\n\
                      missing 10-31\n";

fn said(bytes: &[u8]) -> String {
    said_by(bytes, &TabWords::new())
}

/// What the tab says, or why it is refused; whatever else happens is a failure.
fn said_by(bytes: &[u8], words: &TabWords) -> String {
    match MonthTab::from_xlsx("crew.xlsx", bytes, may(), words) {
        Ok(tab) => told(&tab),
        Err(refused @ Error::Tab { .. }) => refused.to_string(),
        Err(other) => panic!("{other:?}"),
    }
}

fn parts(workbook: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut parts = Vec::new();
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).unwrap();
        let mut content = Vec::new();
        part.read_to_end(&mut content).unwrap();
        parts.push((part.name().unwrap().to_string(), content));
    }
    parts
}

#[test]
fn a_formula_that_was_not_computed_is_not_understood() {
    let part = "xl/worksheets/sheet2.xml";
    let computed = "<v>maybe</v>";
    for value in ["<v/>", "<v></v>", ""] {
        let blank = said(&replaced(part, computed, value));
        assert_eq!(blank, GOLDEN.replace("7. 8? 9.", "7-9."), "a text may be blank");
    }
    let of_number = replaced(part, " t=\"str\"", "");
    let sheet = String::from_utf8(parts(&of_number).into_iter().find(|it| it.0 == part).unwrap().1);
    assert!(sheet.unwrap().contains("<v>maybe</v>"));
    for value in ["<v/>", "<v></v>", ""] {
        let told = said(&replaced_in(&of_number, part, computed, value));
        assert!(told.contains("? I3: `= (a formula that was not computed)`: expected"), "{told}");
    }
}

/// Not compressed, as there are many to be tried.
fn packed(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in parts {
        to.start_file(name.as_str(), options).unwrap();
        to.write_all(content).unwrap();
    }
    to.finish().unwrap().into_inner()
}

/// The workbook where a text of one of its parts is another.
fn replaced(name: &str, from: &str, to: &str) -> Vec<u8> {
    replaced_in(&workbook(), name, from, to)
}

fn replaced_in(workbook: &[u8], name: &str, from: &str, to: &str) -> Vec<u8> {
    let mut parts = parts(workbook);
    let (_, content) = parts.iter_mut().find(|(found, _)| found == name).unwrap();
    let xml = String::from_utf8(std::mem::take(content)).unwrap();
    assert!(xml.contains(from), "{from} in {xml}");
    *content = xml.replace(from, to).into_bytes();
    packed(&parts)
}

#[test]
fn a_workbook_is_read_as_its_program_shows_it() {
    assert_eq!(said(&workbook()), GOLDEN);
}

#[test]
fn days_that_a_workbook_counts_from_1904_are_those_days() {
    let tab = "xl/worksheets/sheet2.xml";
    let mut parts =
        parts(&replaced("xl/workbook.xml", "<workbookPr ", "<workbookPr date1904=\"1\" "));
    let (_, content) = parts.iter_mut().find(|(found, _)| found == tab).unwrap();
    let mut xml = String::from_utf8(std::mem::take(content)).unwrap();
    for serial in 46_143..46_152 {
        xml = xml.replace(&format!("<v>{serial}</v>"), &format!("<v>{}</v>", serial - 1_462));
    }
    *content = xml.into_bytes();
    assert_eq!(said(&packed(&parts)), GOLDEN);
}

#[test]
fn the_tab_is_found_by_its_title_alone() {
    let april = replaced("xl/workbook.xml", "\"May 2026\"", "\"Mai\"");
    assert_eq!(
        said(&april),
        "crew.xlsx: no tab is called `May 2026`, `2026-05`, `May`; there are `April 2026`, `Mai`"
    );
    assert_eq!(said_by(&april, &TabWords::new().with_tab("mai")), GOLDEN);
    let both = replaced("xl/workbook.xml", "\"April 2026\"", "\"2026-05\"");
    assert_eq!(
        said(&both),
        "crew.xlsx: more than one tab may be 2026-05's: `2026-05`, `May 2026`; declare the title \
         that is meant"
    );
    let other =
        MonthTab::from_xlsx("crew.xlsx", &workbook(), "2026-04".parse().unwrap(), &TabWords::new());
    assert!(other.unwrap_err().to_string().starts_with("crew.xlsx, tab `April 2026`: no row"));
}

#[test]
fn a_file_that_breaks_off_anywhere_is_refused() {
    let whole = workbook();
    for length in (0..whole.len()).step_by(100) {
        assert!(
            said(&whole[..length]).starts_with("crew.xlsx: it is no .xlsx workbook"),
            "{length}"
        );
    }
    assert!(said(b"Name,2026-05-01").contains("no .xlsx workbook"));
    assert!(said(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1").contains("without a password"));
}

#[test]
fn a_part_that_breaks_off_or_is_missing_is_refused_or_not_needed() {
    let parts = parts(&workbook());
    let mut refused = 0;
    for at in 0..parts.len() {
        let (name, whole) = &parts[at];
        let mut missing = parts.clone();
        missing.remove(at);
        let mut tried = vec![packed(&missing)];
        for length in (0..whole.len()).step_by(crate::sweep(211, 7) as usize) {
            let mut cut = parts.clone();
            cut[at] = (name.clone(), whole[..length].to_vec());
            tried.push(packed(&cut));
        }
        for bytes in tried {
            let told = said(&bytes);
            refused += usize::from(told.starts_with("crew.xlsx"));
            assert!(told == GOLDEN || told.starts_with("crew.xlsx"), "{name}: {told}");
        }
    }
    assert!(refused > 20, "{refused}");
}

#[test]
fn bytes_that_are_changed_at_random_are_refused_or_read() {
    let parts = parts(&workbook());
    // A generator of its own, so that a failure can be had again.
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below as u64).unwrap()
    };
    for _ in 0..crate::sweep(100, 20_000) {
        let mut changed = parts.clone();
        let at = next(changed.len());
        for _ in 0..=next(8) {
            let content = &mut changed[at].1;
            let place = next(content.len());
            content[place] = b"0123456789<>\"/&;AXc \xFF"[next(21)];
        }
        let _ = said(&packed(&changed));
    }
}

#[test]
fn what_would_grow_in_the_reader_is_refused() {
    let tab = "xl/worksheets/sheet2.xml";
    let refused = |bytes: &[u8], why: &str| {
        let told = said(bytes);
        assert!(told.starts_with("crew.xlsx") && told.contains(why), "{told}");
    };
    refused(&replaced(tab, "<dimension ref=\"A1:", "<dimension ref=\"ZZ999:"), "has the range");
    refused(&replaced(tab, "<row r=\"5\"", "<row r=\"4294967296\""), "has the address");
    refused(&replaced(tab, "r=\"J5\"", "r=\"AAAAAAAAAAAAAAAA5\""), "has the address");
    refused(
        &replaced("xl/sharedStrings.xml", "<sst ", "<sst uniqueCount=\"99999999999999\" "),
        "texts",
    );
    let far = replaced(tab, "r=\"J5\"", "r=\"XFD1048576\"");
    refused(&far, "XFD1048576 is beyond the");
    let merges: String = (1..=20_000).map(|_| "<mergeCell ref=\"A1:I9\"/>").collect();
    refused(&replaced(tab, "<mergeCell ref=\"A1:A2\"/>", &merges), "more than 10000 merged cells");
    let merges: String = (1..=9_000).map(|_| "<mergeCell ref=\"A1:XFD1048576\"/>").collect();
    refused(&replaced(tab, "<mergeCell ref=\"A1:A2\"/>", &merges), "cover too many others");
}

#[test]
fn a_part_beyond_its_bound_is_refused_and_one_that_is_not_needed_is_not_read() {
    let mut large = parts(&workbook());
    large.push(("xl/media/image1.png".to_owned(), vec![0; 1_000]));
    let stored = packed(&large);
    assert_eq!(said(&stored), GOLDEN);
    let (_, texts) = large.iter_mut().find(|(name, _)| name == "xl/sharedStrings.xml").unwrap();
    *texts = vec![b' '; 33 * 1024 * 1024];
    assert!(said(&packed(&large)).contains("more than 32 MiB"));
    let mut many = parts(&workbook());
    many.extend((0..2_000).map(|at| (format!("xl/{at}.xml"), Vec::new())));
    assert!(said(&packed(&many)).contains("may have 2000"));
}
