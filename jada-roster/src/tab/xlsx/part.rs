//! The XML of a workbook's part, looked through once.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::error::shorten;
use crate::tab::CellAddress;

/// Shows each element of a part to `see`, up to the first that it refuses; an error where the XML
/// is broken, or its root is not closed.
///
/// It is read as calamine reads, so that both see the same elements.
pub(super) fn each_element(
    xml: &[u8],
    mut see: impl FnMut(&str, &BytesStart<'_>) -> Result<(), String>,
) -> Result<(), String> {
    let mut reader = Reader::from_reader(xml);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.check_comments = false;
    config.expand_empty_elements = true;
    let (mut buffer, mut depth, mut was_open) = (Vec::new(), 0_u64, false);
    loop {
        let event = reader.read_event_into(&mut buffer);
        match event.map_err(|error| format!("is damaged ({error})"))? {
            Event::Start(element) => {
                (depth, was_open) = (depth + 1, true);
                see(element.local_name().as_ref(), &element)?;
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Eof if depth > 0 || !was_open => return Err("breaks off".to_owned()),
            Event::Eof => return Ok(()),
            _ => {}
        }
        buffer.clear();
    }
}

/// An attribute's value, whatever the prefix of its key.
pub(super) fn attribute(element: &BytesStart<'_>, key: &str) -> Option<String> {
    attributes(element, key).next()
}

/// What of a worksheet its reader does not tell.
#[derive(Default)]
pub(super) struct Worksheet {
    pub(super) merges: Vec<(CellAddress, CellAddress)>,
    /// Which of its cells are formulas that are not of a text, counted in their order: without a
    /// value, such a formula was never computed.
    pub(super) formulas: Vec<usize>,
}

impl Worksheet {
    /// Looks through a worksheet, in which there is no address that no sheet has: the reader of
    /// cells computes with addresses unchecked.
    pub(super) fn of(xml: &[u8]) -> Result<Self, String> {
        let (mut sheet, mut cells, mut is_text) = (Self::default(), 0_usize, false);
        each_element(xml, |name, element| {
            match name {
                "sheetData" => cells = 0,
                "c" => {
                    cells += 1;
                    is_text = attributes(element, "t").any(|kind| kind == "str");
                }
                "f" if cells > 0 && !is_text => sheet.formulas.push(cells - 1),
                _ => {}
            }
            sheet.check(name, element)
        })?;
        Ok(sheet)
    }

    fn check(&mut self, name: &str, element: &BytesStart<'_>) -> Result<(), String> {
        match name {
            "row" => {
                attributes(element, "r").try_for_each(|row| cell(&format!("A{row}")).map(drop))
            }
            "c" => attributes(element, "r").try_for_each(|text| cell(&text).map(drop)),
            "dimension" => attributes(element, "ref").try_for_each(|text| range(&text).map(drop)),
            "mergeCell" => attributes(element, "ref").try_for_each(|text| {
                self.merges.push(range(&text)?);
                Ok(())
            }),
            _ => Ok(()),
        }
    }
}

/// Whether the texts of a workbook are as few as it says, and as a workbook of this size may have:
/// their reader makes room for as many.
pub(super) fn texts_are_few(xml: &[u8]) -> Result<(), String> {
    let mut texts = 0;
    each_element(xml, |name, element| {
        let few = |count: usize| match count <= MOST_TEXTS {
            true => Ok(()),
            false => Err(format!("has more than {MOST_TEXTS} texts")),
        };
        match name {
            "si" => {
                texts += 1;
                few(texts)
            }
            "sst" => attributes(element, "uniqueCount")
                .try_for_each(|count| few(count.parse().unwrap_or(usize::MAX))),
            _ => Ok(()),
        }
    })
}

/// Every one of this name, since a reader may take any.
fn attributes<'a>(element: &'a BytesStart<'_>, key: &'a str) -> impl Iterator<Item = String> + 'a {
    let mut attributes = element.attributes();
    attributes.with_checks(false);
    let found = attributes.filter_map(Result::ok);
    let found = found.filter(move |attribute| attribute.key.local_name().as_ref() == key);
    found.filter_map(|it| it.normalized_value(XmlVersion::Implicit1_0).ok().map(String::from))
}

fn range(text: &str) -> Result<(CellAddress, CellAddress), String> {
    let (first, last) = text.split_once(':').unwrap_or((text, text));
    let (first, last) = (cell(first)?, cell(last)?);
    match first.row <= last.row && first.column <= last.column {
        true => Ok((first, last)),
        false => Err(format!("has the range `{}`", shorten(text))),
    }
}

fn cell(text: &str) -> Result<CellAddress, String> {
    let address = text.parse::<CellAddress>().ok();
    let address = address.filter(|it| it.row < MOST_ROWS && it.column < MOST_COLUMNS);
    address.ok_or_else(|| format!("has the address `{}`", shorten(text)))
}

/// As Excel has them.
const MOST_ROWS: u32 = 1_048_576;
const MOST_COLUMNS: u32 = 16_384;
const MOST_TEXTS: usize = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_no_sheet_has_are_refused() {
        let sheet = |rows: &str| {
            let sheet = Worksheet::of(format!("<worksheet>{rows}</worksheet>").as_bytes());
            sheet.map(|sheet| sheet.merges)
        };
        let good = "<dimension ref=\"A1:C2\"/><row r=\"1048576\"><c r=\"XFD1\"/><c/></row>\
                    <mergeCells><mergeCell ref=\"B1:C2\"/></mergeCells>";
        let [(first, last)] = sheet(good).unwrap()[..] else { panic!() };
        assert_eq!((first.to_string(), last.to_string()), ("B1".into(), "C2".into()));
        for bad in [
            "<dimension ref=\"B2:A1\"/>",
            "<row r=\"4294967296\"/>",
            "<row r=\"0\"/>",
            "<c r=\"A1048577\"/>",
            "<c r=\"XFE1\"/>",
            "<c r=\"A1\" r=\"AAAAAAAAAAAAAA1\"/>",
            "<c x:r=\"A1\" r=\"A99999999999\"/>",
            "<mergeCell ref=\"B1:A9\"/>",
            "<mergeCell ref=\"A:B\"/>",
        ] {
            assert!(sheet(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_part_that_breaks_off_is_refused() {
        let whole = "<?xml version=\"1.0\"?><sst uniqueCount=\"1\"><si><t>a</t></si></sst>";
        assert_eq!(texts_are_few(whole.as_bytes()), Ok(()));
        for length in 0..whole.len() {
            assert!(texts_are_few(&whole.as_bytes()[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn a_count_of_texts_that_no_workbook_has_is_refused() {
        for count in ["18446744073709551615", "1000001", "-1"] {
            assert!(texts_are_few(format!("<sst uniqueCount=\"{count}\"/>").as_bytes()).is_err());
        }
    }
}
