//! A part of a workbook, looked through once.

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::style::workbook::weight::{MAX_TEXTS, Weight};

/// What a worksheet says besides its cells.
#[derive(Default)]
pub(super) struct Columns {
    /// First and last column from 0, and the width in digits.
    widths: Vec<(u32, u32, f64)>,
    /// What it prints above each page.
    pub(super) header_text: String,
}

impl Columns {
    /// The width of a column, where the sheet says it.
    pub(super) fn width(&self, column: u32) -> Option<f64> {
        let of = |(first, last, _): &&(u32, u32, f64)| (*first..=*last).contains(&column);
        self.widths.iter().find(of).map(|(_, _, width)| *width)
    }
}

/// Weighs a part, and returns what it says where it is a worksheet.
///
/// Where the XML breaks off it is left to the reader of cells, which stops there too: both read by
/// the same rules.
pub(super) fn scan(content: &[u8], weight: &mut Weight) -> Result<Option<Columns>, String> {
    let mut reader = Reader::from_reader(content);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.check_comments = false;
    let mut buffer = Vec::new();
    let mut sheet: Option<Columns> = None;
    let mut in_header = false;
    let mut is_root = true;
    loop {
        buffer.clear();
        let Ok(event) = reader.read_event_into(&mut buffer) else { return Ok(sheet) };
        match event {
            Event::Start(element) | Event::Empty(element) => {
                let name = element.local_name();
                let name = name.as_ref();
                weight.element(name, element.attributes_raw().len())?;
                match name {
                    "worksheet" if is_root => sheet = Some(Columns::default()),
                    "wsDr" if is_root => weight.drawing(content.len()),
                    "Relationship" if ends_with_drawing(&element) => weight.drawing_link(),
                    "sst" => texts_are_few(&element)?,
                    _ => {}
                }
                is_root = false;
                if let Some(sheet) = &mut sheet {
                    in_header = name == "oddHeader";
                    look_at(name, &element, sheet, weight)?;
                }
            }
            Event::End(_) => in_header = false,
            Event::Text(text) if in_header => push(&mut sheet, &text.xml10_content()),
            Event::GeneralRef(reference) if in_header => push(&mut sheet, &letter(&reference)),
            Event::Eof => return Ok(sheet),
            _ => {}
        }
    }
}

/// An attribute's value, whatever the prefix of its key.
pub(super) fn attribute(element: &BytesStart<'_>, key: &str) -> Option<String> {
    let mut attributes = element.attributes();
    let mut found = attributes.with_checks(false).filter_map(Result::ok);
    let found = found.find(|attribute| attribute.key.local_name().as_ref() == key)?;
    found.normalized_value(XmlVersion::Implicit1_0).ok().map(String::from)
}

/// Takes widths, and refuses addresses that no sheet has: the reader of cells computes with them
/// unchecked.
fn look_at(
    name: &str,
    element: &BytesStart<'_>,
    sheet: &mut Columns,
    weight: &mut Weight,
) -> Result<(), String> {
    let value = |key| attribute(element, key);
    match name {
        "col" => {
            let number = |key| value(key).and_then(|text| text.parse::<u32>().ok());
            let width = value("width").and_then(|text| text.parse::<f64>().ok());
            if let (Some(min), Some(max), Some(width)) = (number("min"), number("max"), width)
                && sheet.widths.len() < MAX_COLUMNS as usize
            {
                sheet.widths.push((min.saturating_sub(1), max.saturating_sub(1), in_digits(width)));
            }
            Ok(())
        }
        "row" => value("r").map_or(Ok(()), |row| match row_number(&row) {
            Some(_) => Ok(()),
            None => Err(format!("has a row `{}`", short(&row))),
        }),
        "c" => {
            if value("vm").is_some() {
                weight.picture_in_cell();
            }
            value("r").map_or(Ok(()), |cell| address(&cell).map(drop))
        }
        "dimension" => value("ref").map_or(Ok(()), |range| {
            let (first, last) = range.split_once(':').unwrap_or((&range, &range));
            let ((row, column), (last_row, last_column)) = (address(first)?, address(last)?);
            if row <= last_row && column <= last_column {
                return Ok(());
            }
            Err(format!("has the dimension `{}`", short(&range)))
        }),
        _ => Ok(()),
    }
}

fn ends_with_drawing(element: &BytesStart<'_>) -> bool {
    attribute(element, "Type").is_some_and(|kind| kind.ends_with("/drawing"))
}

fn texts_are_few(element: &BytesStart<'_>) -> Result<(), String> {
    match attribute(element, "uniqueCount").map(|count| count.parse::<usize>()) {
        None => Ok(()),
        Some(Ok(count)) if count <= MAX_TEXTS => Ok(()),
        Some(_) => Err(format!("says that it has more than {MAX_TEXTS} texts")),
    }
}

/// Row and column of `B7`, from 1.
fn address(text: &str) -> Result<(u32, u32), String> {
    let digits = text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
    let (letters, row) = text.split_at(digits);
    let letter = |c: u8| u32::from(c.to_ascii_uppercase() - b'A' + 1);
    let is_column =
        (1..=3).contains(&letters.len()) && letters.bytes().all(|c| c.is_ascii_alphabetic());
    let column = is_column.then(|| letters.bytes().fold(0, |sum, c| sum * 26 + letter(c)));
    let column = column.filter(|column| *column <= MAX_COLUMNS);
    row_number(row).zip(column).ok_or_else(|| format!("has the address `{}`", short(text)))
}

fn row_number(text: &str) -> Option<u32> {
    let digits = text.len() <= 7 && text.bytes().all(|c| c.is_ascii_digit());
    let row = digits.then(|| text.parse().ok()).flatten();
    row.filter(|row| (1..=MAX_ROWS).contains(row))
}

/// A sheet counts five pixels of margin in; a digit of the default font is seven wide.
fn in_digits(width: f64) -> f64 {
    ((width * 7.0).round() - 5.0).max(0.0) / 7.0
}

fn push(sheet: &mut Option<Columns>, text: &str) {
    if let Some(sheet) = sheet
        && sheet.header_text.len() + text.len() <= MAX_HEADER
    {
        sheet.header_text.push_str(text);
    }
}

/// The letter that an entity stands for.
fn letter(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(letter)) = reference.resolve_char_ref() {
        return letter.to_string();
    }
    quick_xml::escape::resolve_predefined_entity(reference).unwrap_or_default().to_owned()
}

fn short(text: &str) -> String {
    text.chars().take(20).collect()
}

const MAX_ROWS: u32 = 1_048_576;
const MAX_COLUMNS: u32 = 16_384;
const MAX_HEADER: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_no_sheet_has_is_refused() {
        for (text, expected) in [("A1", (1, 1)), ("XFD1048576", (MAX_ROWS, MAX_COLUMNS))] {
            assert_eq!(address(text), Ok(expected));
        }
        for text in ["", "A", "1", "XFE1", "A0", "A1048577", "AAAAAAAAAAAA1", "A99999999999", "é1"]
        {
            assert!(address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn widths_are_those_that_were_set() {
        let sheet = "<worksheet><cols><col min=\"1\" max=\"2\" width=\"12.7109375\"/></cols>\
             <headerFooter><oddHeader>&amp;LA &amp;&amp; B</oddHeader></headerFooter></worksheet>";
        let columns = scan(sheet.as_bytes(), &mut Weight::default()).unwrap().unwrap();
        assert_eq!(
            (columns.width(0), columns.width(1), columns.width(2)),
            (Some(12.0), Some(12.0), None)
        );
        assert_eq!(columns.header_text, "&LA && B");
    }

    #[test]
    fn what_would_grow_in_the_reader_is_refused() {
        let refused = |xml: &str| scan(xml.as_bytes(), &mut Weight::default()).is_err();
        assert!(refused("<sst uniqueCount=\"18446744073709551615\"/>"));
        assert!(refused(&format!("<styleSheet>{}</styleSheet>", "<xf/>".repeat(65_537))));
        assert!(refused(&format!("<font><name val=\"{}\"/></font>", "x".repeat(3_000))));
        assert!(refused("<worksheet><dimension ref=\"B2:A1\"/></worksheet>"));
        assert!(refused("<worksheet><sheetData><row r=\"4294967296\"/></sheetData></worksheet>"));
        assert!(!refused("<worksheet><dimension ref=\"A1:H20\"/></worksheet>"));
        assert!(!refused("\u{89}PNG"));
    }
}
