//! How one sort of cell looks.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// How the cells of one sort look.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Look {
    pub(crate) font: String,
    /// In points.
    pub(crate) size: f64,
    pub(crate) bold: bool,
    pub(crate) italic: bool,
    pub(crate) color: Rgb,
    pub(crate) fill: Option<Rgb>,
    /// Of amounts; `None` by the currency.
    pub(crate) number_format: Option<String>,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            font: FONT.to_owned(),
            size: SIZE,
            bold: false,
            italic: false,
            color: BLACK,
            fill: None,
            number_format: None,
        }
    }
}

impl Look {
    /// How much wider and higher its letters are than those that widths are counted in. Digits
    /// of other fonts than the default are wider by up to a third.
    pub(crate) fn scale(&self) -> f64 {
        let wider = if self.font == FONT { 1.0 } else { 1.35 };
        wider * self.size / SIZE
    }
}

/// A colour, written `#12395B`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Rgb(pub(crate) u32);

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:06X}", self.0)
    }
}

impl FromStr for Rgb {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
        let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let value = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        value.map(Self).ok_or_else(|| format!("`{text}` is no colour such as #12395B"))
    }
}

/// A font's name as a workbook can hold it.
pub(crate) fn font(name: &str) -> Result<String, String> {
    if (1..=31).contains(&name.chars().count()) && is_printable(name) {
        return Ok(name.to_owned());
    }
    Err("expected a font's name, of 1 to 31 letters".to_owned())
}

pub(crate) fn size(points: f64) -> Result<f64, String> {
    if (6.0..=72.0).contains(&points) {
        return Ok((points * 2.0).round() / 2.0);
    }
    Err(format!("{points} is no size from 6 to 72 points"))
}

/// A width on the grid of pixels that workbooks keep, which is a seventh of a digit.
pub(crate) fn width(digits: f64) -> Result<f64, String> {
    if (1.0..=255.0).contains(&digits) {
        return Ok((digits * 7.0).round() / 7.0);
    }
    Err(format!("{digits} is no width from 1 to 255 digits"))
}

pub(crate) fn number_format(format: &str) -> Result<String, String> {
    if (1..=255).contains(&format.chars().count()) && is_printable(format) {
        return Ok(format.to_owned());
    }
    Err("expected a number format such as #,##0.00".to_owned())
}

/// The text above each printed page in the codes of workbooks: `&L`, `&C` and `&R` begin its
/// parts, and a plain `&` is `&&`.
pub(crate) fn header_text(text: &str) -> Result<String, String> {
    let long = [("&[Tab]", "&A"), ("&[Date]", "&D"), ("&[File]", "&F"), ("&[Page]", "&P")];
    let more = [("&[Path]", "&Z"), ("&[Time]", "&T"), ("&[Pages]", "&N"), ("&[Picture]", "&G")];
    let short = long.iter().chain(&more);
    let text = short.fold(text.to_owned(), |text, (long, short)| text.replace(long, short));
    if text.replace("&&", "").contains("&G") {
        return Err("pictures are no part of the header; use `logo`".to_owned());
    }
    let units = text.chars().map(char::len_utf16).sum::<usize>();
    if (1..=255).contains(&units) && is_printable(&text.replace('\n', "")) {
        return Ok(text);
    }
    Err("expected 1 to 255 printable letters".to_owned())
}

/// Whether XML can hold the text, and a person see it.
fn is_printable(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}'))
        && !text.trim().is_empty()
}

pub(crate) const NAVY: Rgb = Rgb(0x12_39_5B);
pub(crate) const GREY: Rgb = Rgb(0x52_60_6D);
pub(crate) const BLACK: Rgb = Rgb(0);
pub(crate) const FONT: &str = "Calibri";
pub(crate) const SIZE: f64 = 11.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_read_as_it_is_written() {
        let navy: Rgb = "#12395B".parse().unwrap();
        assert_eq!((navy, navy.to_string().as_str()), (NAVY, "#12395B"));
        for text in ["12395B", "#12395", "#12395BFF", "#GGGGGG", "#+12395", "navy", "#é2395"] {
            assert!(text.parse::<Rgb>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_header_has_no_picture_and_one_spelling_of_its_codes() {
        assert_eq!(header_text("&L&[Tab] & Co && &[Page]").unwrap(), "&L&A & Co && &P");
        assert!(header_text("&C&G").is_err() && header_text("&[Picture]").is_err());
        assert_eq!(header_text("R&&G").unwrap(), "R&&G");
        assert!(header_text(&"x".repeat(256)).is_err() && header_text(" ").is_err());
        assert!(header_text("a\u{1}").is_err());
    }

    #[test]
    fn a_width_is_one_that_a_workbook_keeps() {
        assert!((width(10.3).unwrap() - 72.0 / 7.0).abs() < 1e-12);
        assert!(width(f64::NAN).is_err() && width(0.0).is_err() && size(f64::INFINITY).is_err());
    }
}
