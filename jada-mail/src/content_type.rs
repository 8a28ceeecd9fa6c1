//! The media type of an attachment.

use std::{borrow::Cow, fmt, str::FromStr};

use crate::{Error, syntax::invalid};

/// A media type without parameters, `type/subtype`, such as `application/pdf`.
///
/// Both names are lower-case, at most 127 bytes each, as in
/// [RFC 6838, 4.2](https://www.rfc-editor.org/rfc/rfc6838#section-4.2). `multipart` and `message`
/// are refused, since they may not be encoded as an attachment's bytes are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentType(Cow<'static, str>);

impl ContentType {
    /// A calendar, such as an `.ics` file.
    pub const CALENDAR: Self = Self(Cow::Borrowed("text/calendar"));
    /// Comma-separated values.
    pub const CSV: Self = Self(Cow::Borrowed("text/csv"));
    /// A GIF image.
    pub const GIF: Self = Self(Cow::Borrowed("image/gif"));
    /// An HTML page.
    pub const HTML: Self = Self(Cow::Borrowed("text/html"));
    /// A JPEG image.
    pub const JPEG: Self = Self(Cow::Borrowed("image/jpeg"));
    /// Bytes of a kind that nobody knows.
    pub const OCTET_STREAM: Self = Self(Cow::Borrowed("application/octet-stream"));
    /// A PDF document.
    pub const PDF: Self = Self(Cow::Borrowed("application/pdf"));
    /// A PNG image.
    pub const PNG: Self = Self(Cow::Borrowed("image/png"));
    /// Plain text.
    pub const TEXT: Self = Self(Cow::Borrowed("text/plain"));
    /// An Excel workbook.
    pub const XLSX: Self =
        Self(Cow::Borrowed("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"));

    /// Returns the type as `type/subtype`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_text(&self) -> bool {
        self.0.starts_with("text/")
    }

    pub(crate) fn is_image(&self) -> bool {
        self.0.starts_with("image/")
    }
}

impl FromStr for ContentType {
    type Err = Error;

    /// Checks a media type; upper case is lowered.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for anything but a plain `type/subtype`; not worth a retry.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |at, expected| Err(invalid("a media type", text, at, expected));
        let Some((kind, subtype)) = text.split_once('/') else {
            return wrong(text.len(), "a / between type and subtype");
        };
        for (name, begin) in [(kind, 0), (subtype, kind.len() + 1)] {
            if let Err(at) = restricted_name(name) {
                return wrong(begin + at, "a name of letters, digits and !#$&^_.+-");
            }
        }
        let lower = text.to_ascii_lowercase();
        if lower.starts_with("multipart/") || lower.starts_with("message/") {
            return wrong(0, "the type of a file, not one that holds other parts");
        }
        Ok(Self(Cow::Owned(lower)))
    }
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Finds the first byte at which `name` stops being an RFC 6838 `restricted-name`.
fn restricted_name(name: &str) -> Result<(), usize> {
    let allowed = |(at, byte): (usize, u8)| {
        byte.is_ascii_alphanumeric() || (at > 0 && b"!#$&^_.+-".contains(&byte))
    };
    match name.bytes().enumerate().position(|found| !allowed(found)) {
        Some(at) => Err(at),
        None if name.is_empty() => Err(0),
        None if name.len() > 127 => Err(127),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constants_are_valid() {
        for constant in [
            ContentType::CALENDAR,
            ContentType::CSV,
            ContentType::GIF,
            ContentType::HTML,
            ContentType::JPEG,
            ContentType::OCTET_STREAM,
            ContentType::PDF,
            ContentType::PNG,
            ContentType::TEXT,
            ContentType::XLSX,
        ] {
            assert_eq!(constant.as_str().parse::<ContentType>().unwrap(), constant);
        }
    }

    #[test]
    fn upper_case_is_lowered() {
        assert_eq!("Image/PNG".parse::<ContentType>().unwrap().as_str(), "image/png");
    }

    #[test]
    fn what_is_not_a_plain_media_type_is_refused() {
        for (text, position) in [
            ("", 0),
            ("text", 4),
            ("/csv", 0),
            ("text/", 5),
            ("text/csv; charset=utf-8", 8),
            ("text/csv\r\nBcc: eve@example.com", 8),
            ("a/b/c", 3),
            ("multipart/mixed", 0),
            ("MESSAGE/rfc822", 0),
            (&format!("a/{}", "b".repeat(128)), 129),
        ] {
            let Err(Error::Invalid { at, .. }) = text.parse::<ContentType>() else {
                panic!("{text:?} was accepted");
            };
            assert_eq!(at, position, "{text:?}");
        }
    }
}
