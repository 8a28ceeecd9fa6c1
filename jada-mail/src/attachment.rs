//! A file that goes with a mail.

use std::{fmt, str::FromStr};

use bytes::Bytes;

use crate::{
    ContentType, Error,
    syntax::{invalid, no_control},
};

/// A file that goes with a mail: its name, its type and its bytes, which arrive unchanged.
///
/// A clone shares the bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    name: AttachmentName,
    content_type: ContentType,
    bytes: Bytes,
}

impl Attachment {
    /// Makes an attachment of `bytes`; [`Message::LIMIT`](crate::Message::LIMIT) is for all of a
    /// mail. A `Vec<u8>` or a `String` is taken over without a copy.
    pub fn new(name: AttachmentName, content_type: ContentType, bytes: impl Into<Bytes>) -> Self {
        Self { name, content_type, bytes: bytes.into() }
    }

    /// Returns the file name the recipient sees.
    pub fn name(&self) -> &AttachmentName {
        &self.name
    }

    /// Returns the media type.
    pub fn content_type(&self) -> &ContentType {
        &self.content_type
    }

    /// Returns the bytes of the file; a clone of them costs nothing.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

/// Shows the size, never the bytes.
impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment")
            .field("name", &self.name)
            .field("content_type", &self.content_type)
            .field("bytes", &format_args!("{} bytes", self.bytes.len()))
            .finish()
    }
}

/// The file name of an [`Attachment`]: a name, not a path, in any script.
///
/// 1 to 255 bytes of UTF-8 without `/`, `\` or a control character, without space at either end;
/// not `.` or `..`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttachmentName(String);

impl AttachmentName {
    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AttachmentName {
    type Err = Error;

    /// Checks a file name.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a name of another form; not worth a retry.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |at, expected| Err(invalid(WHAT, text, at, expected));
        no_control(WHAT, text)?;
        if let Some(at) = text.find(['/', '\\']) {
            return wrong(at, "a name without folders");
        }
        if ["", ".", ".."].contains(&text) {
            return wrong(0, "a name");
        }
        if text.trim() != text {
            return wrong(0, "a name without space at either end");
        }
        if text.len() > LONGEST {
            return wrong(LONGEST, "the end, since a file name has at most 255 bytes");
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for AttachmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const WHAT: &str = "a file name";
/// What common file systems allow.
const LONGEST: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_script_are_accepted() {
        for name in ["a.xlsx", "Relevé \"mai\".xlsx", "請求書.pdf", "=?utf-8?Q?x?=", ".env"] {
            assert_eq!(name.parse::<AttachmentName>().unwrap().as_str(), name);
        }
    }

    #[test]
    fn paths_and_control_characters_are_refused() {
        for (text, position) in [
            ("", 0),
            (".", 0),
            ("..", 0),
            ("../a", 2),
            ("c:\\a", 2),
            ("a\r\nb", 1),
            ("a\0", 1),
            (" a", 0),
            ("a ", 0),
            (&"a".repeat(256), 255),
        ] {
            let Err(Error::Invalid { at, .. }) = text.parse::<AttachmentName>() else {
                panic!("{text:?} was accepted");
            };
            assert_eq!(at, position, "{text:?}");
        }
    }

    #[test]
    fn debug_shows_the_size_and_not_the_bytes() {
        let name = "a.csv".parse().unwrap();
        let shown = format!("{:?}", Attachment::new(name, ContentType::CSV, "secret"));
        assert!(shown.contains("6 bytes"), "{shown}");
        assert!(!shown.contains("secret") && !shown.contains("115"), "{shown}");
    }
}
