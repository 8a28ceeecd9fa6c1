//! A picture that the HTML body of a mail shows.

use std::{fmt, str::FromStr};

use bytes::Bytes;

use crate::{
    Attachment, AttachmentName, ContentType, Error,
    syntax::{dot_atom, invalid},
};

/// A picture that the HTML body shows by its [`ContentId`]: `<img src="cid:logo@example.com">`.
///
/// It travels beside the HTML ([RFC 2387](https://www.rfc-editor.org/rfc/rfc2387)) and is shown
/// without a request to any server. A clone shares the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlineImage {
    content_id: ContentId,
    file: Attachment,
}

impl InlineImage {
    /// Makes an image of `bytes`, which are not looked at.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a media type but `image/...`; not worth a retry.
    pub fn new(
        content_id: ContentId,
        name: AttachmentName,
        content_type: ContentType,
        bytes: impl Into<Bytes>,
    ) -> Result<Self, Error> {
        if !content_type.is_image() {
            let text = content_type.as_str();
            return Err(invalid("the media type of an image", text, 0, "image/"));
        }
        Ok(Self { content_id, file: Attachment::new(name, content_type, bytes) })
    }

    /// Returns the id by which the HTML names it.
    pub fn content_id(&self) -> &ContentId {
        &self.content_id
    }

    /// Returns the picture as a file: its name, its media type and its bytes.
    pub fn file(&self) -> &Attachment {
        &self.file
    }
}

/// The id of an [`InlineImage`] in its mail: `name@domain`, such as `logo@example.com`.
///
/// 3 to 200 of `A-Z a-z 0-9 . _ -` and one @, with single dots between, so that it is the same in
/// the header ([RFC 2045, 7](https://www.rfc-editor.org/rfc/rfc2045#section-7)), in a `cid:`
/// address ([RFC 2392](https://www.rfc-editor.org/rfc/rfc2392)) and in HTML. Case counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentId(String);

impl ContentId {
    /// Returns the id without angle brackets and without `cid:`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ContentId {
    type Err = Error;

    /// Checks an id.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for anything that is not `name@domain`; not worth a retry.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |at, expected| Err(invalid("a content id", text, at, expected));
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._-@".contains(c);
        if let Some(at) = text.find(|c| !allowed(c)) {
            return wrong(at, "a character of A-Z a-z 0-9 . _ - or the @");
        }
        let Some((name, domain)) = text.split_once('@') else {
            return wrong(text.len(), "an @ and a domain, as in logo@example.com");
        };
        for (part, begin) in [(name, 0), (domain, name.len() + 1)] {
            if let Err(at) = dot_atom(part) {
                return wrong(begin + at, "letters, digits, _ or - with single dots between");
            }
        }
        if text.len() > LONGEST {
            return wrong(LONGEST, "the end, since a content id has at most 200 bytes");
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for ContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const LONGEST: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_is_the_same_everywhere_is_accepted() {
        for id in ["logo@example.com", "1@x", "a_b.C-1@mail.example.com"] {
            assert_eq!(id.parse::<ContentId>().unwrap().to_string(), id);
        }
    }

    #[test]
    fn any_other_id_is_refused_where_it_goes_wrong() {
        for (text, position) in [
            ("", 0),
            ("logo", 4),
            ("@x", 0),
            ("a@", 2),
            ("a@b@c", 3),
            ("a..b@c", 2),
            ("<a@b>", 0),
            ("a%40b", 1),
            ("a\"@b", 1),
            ("a@b\r\nBcc: eve@example.com", 3),
            ("a@b\n", 3),
            ("a@b\r", 3),
            ("a\0@b", 1),
            ("é@b", 0),
            (&format!("a@{}", "b".repeat(199)), 200),
        ] {
            let Err(Error::Invalid { at, .. }) = text.parse::<ContentId>() else {
                panic!("{text:?} was accepted");
            };
            assert_eq!(at, position, "{text:?}");
        }
    }

    #[test]
    fn only_an_image_is_shown_inline_and_debug_lacks_its_bytes() {
        let image = |kind| {
            let name = "logo.png".parse().unwrap();
            InlineImage::new("logo@example.com".parse().unwrap(), name, kind, "secret")
        };
        let error = image(ContentType::PDF).unwrap_err();
        assert!(error.to_string().contains("expected image/"), "{error}");
        let shown = format!("{:?}", image(ContentType::PNG).unwrap());
        assert!(shown.contains("6 bytes") && !shown.contains("secret"), "{shown}");
    }
}
