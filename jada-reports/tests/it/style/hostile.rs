//! Workbooks that are damaged, or meant to do damage: errors, and soon.

use jada_reports::{Error, StatementStyle, styled_workbook};
use zip::CompressionMethod;

use crate::sample::statement;
use crate::style::{COMPLETE, logo, packed, packed_by, parts};

fn workbook() -> Vec<u8> {
    let style = StatementStyle::from_toml("complete.toml", COMPLETE).unwrap();
    styled_workbook(&statement(), &style.with_logo(logo()).unwrap()).unwrap()
}

/// What is wrong, where the workbook is refused; whatever else happens is a failure.
fn refusal(bytes: &[u8]) -> Option<String> {
    match StatementStyle::from_workbook("w.xlsx", bytes) {
        Ok(_) => None,
        Err(Error::StyleWorkbook { file, what }) if file == "w.xlsx" => Some(what),
        Err(other) => panic!("{other:?}"),
    }
}

fn with(name: &str, content: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let mut parts = parts(&workbook());
    let (_, found) = parts.iter_mut().find(|(found, _)| found == name).unwrap();
    *found = content(std::mem::take(found));
    packed(&parts)
}

/// The workbook where a text of one of its parts is another.
fn replaced(name: &str, from: &str, to: &str) -> Vec<u8> {
    with(name, |xml| {
        let xml = String::from_utf8(xml).unwrap();
        assert!(xml.contains(from), "{from}");
        xml.replacen(from, to, 1).into_bytes()
    })
}

#[test]
fn a_file_that_breaks_off_anywhere_is_refused() {
    let whole = workbook();
    assert_eq!(refusal(&whole), None);
    for length in (0..whole.len()).step_by(100) {
        assert!(refusal(&whole[..length]).is_some(), "{length}");
    }
    assert!(refusal(b"no workbook at all").is_some());
}

#[test]
fn a_part_that_breaks_off_or_is_missing_is_an_error_or_a_fallback() {
    let parts = parts(&workbook());
    let step = if crate::sample::cases(0, 1).cases == 1 { 100 } else { 700 };
    let mut refused = 0;
    for at in 0..parts.len() {
        let (name, whole) = &parts[at];
        let mut missing = parts.clone();
        missing.remove(at);
        refused += usize::from(refusal(&packed(&missing)).is_some());
        for length in (0..whole.len()).step_by(step) {
            let mut cut = parts.clone();
            cut[at] = (name.clone(), whole[..length].to_vec());
            refused += usize::from(refusal(&packed(&cut)).is_some());
        }
    }
    assert!(refused > 20, "{refused}");
}

#[test]
fn bytes_that_are_changed_at_random_are_an_error_or_another_style() {
    let parts = parts(&workbook());
    let rounds = crate::sample::cases(100, 20_000).cases;
    // A generator of its own, so that a failure can be had again.
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below as u64).unwrap()
    };
    for _ in 0..rounds {
        let mut changed = parts.clone();
        let at = next(changed.len());
        for _ in 0..=next(8) {
            let content = &mut changed[at].1;
            let place = next(content.len());
            content[place] = b"0123456789<>\"/&;AXc \xFF"[next(21)];
        }
        let _ = refusal(&packed(&changed));
    }
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    let mut bomb = parts(&workbook());
    bomb.push(("xl/media/image2.png".to_owned(), vec![0; 65 * 1024 * 1024]));
    let zeros = packed_by(CompressionMethod::Deflated, &bomb);
    assert!(zeros.len() < 1_000_000, "it is small: {}", zeros.len());
    assert!(refusal(&zeros).unwrap().contains("64 MiB"));
    let mut parts = parts(&workbook());
    parts.extend((0..2_000).map(|at| (format!("xl/{at}.xml"), Vec::new())));
    assert!(refusal(&packed(&parts)).unwrap().contains("may have 2000"));
}

#[test]
fn what_the_reader_would_make_much_of_is_refused() {
    let xfs = "<xf/>".repeat(70_000);
    let styles = replaced("xl/styles.xml", "</cellXfs>", &format!("{xfs}</cellXfs>"));
    assert!(refusal(&styles).unwrap().contains("more than 65536 `xf`"));
    let count = "<sst uniqueCount=\"99999999999999\" ";
    let texts = replaced("xl/sharedStrings.xml", "<sst ", count);
    assert!(refusal(&texts).unwrap().contains("texts"));
    let name = format!("<name val=\"{}\"", "x".repeat(5_000));
    assert!(refusal(&replaced("xl/styles.xml", "<name val=\"Arial\"", &name)).is_some());
    let anchors = "<xdr:oneCellAnchor/>".repeat(100_000);
    let picture = |_| [logo(), vec![0; 5_000]].concat();
    let mut parts = crate::style::parts(&replaced(
        "xl/drawings/drawing1.xml",
        "</xdr:wsDr>",
        &format!("{anchors}</xdr:wsDr>"),
    ));
    let (_, image) = parts.iter_mut().find(|(name, _)| name.starts_with("xl/media")).unwrap();
    *image = picture(());
    assert!(refusal(&packed(&parts)).unwrap().contains("pictures"));
}

#[test]
fn addresses_that_no_sheet_has_are_refused() {
    let sheet = "xl/worksheets/sheet1.xml";
    for (from, to) in [
        ("r=\"A1\"", "r=\"AAAAAAAAAAAAAAA1\""),
        ("r=\"A1\"", "r=\"A99999999999999\""),
        ("r=\"A1\"", "r=\"XFE1\""),
        ("<dimension ref=\"A1:", "<dimension ref=\"Z99:"),
        ("<row r=\"1\"", "<row r=\"99999999999\""),
    ] {
        assert!(refusal(&replaced(sheet, from, to)).unwrap().contains("sheet1.xml"), "{to}");
    }
}

#[test]
fn a_workbook_that_is_not_where_it_belongs_is_refused() {
    let elsewhere =
        replaced("_rels/.rels", "Target=\"xl/workbook.xml\"", "Target=\"x/workbook.xml\"");
    assert!(refusal(&elsewhere).unwrap().contains("x/workbook.xml"));
    let links = "xl/_rels/workbook.xml.rels";
    let twice = replaced(links, "worksheets/sheet2.xml", "worksheets/sheet1.xml");
    assert!(refusal(&twice).unwrap().contains("two of its tabs"));
}
