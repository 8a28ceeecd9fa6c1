//! The headers that `mail-builder` 2.0 writes in a way that readers misread.
//!
//! - A text that looks like an encoded word (`=?utf-8?Q?x?=`) is written as it is, in a subject, a
//!   name and a file name alike, so a mail program shows `x`.
//! - A name or file name in quotes that does not fit on a line is folded inside its quotes. If
//!   they hold an escape as well, some readers keep the line break.
//! - The space at the beginning of a subject is lost.
//!
//! Such texts are encoded here and handed over as raw headers. Everything else is `mail-builder`'s.

use std::borrow::Cow;

use mail_builder::headers::{
    HeaderType,
    address::{Address as Mailbox, EmailAddress},
    content_type::ContentType,
    raw::Raw,
    text::Text,
};

use crate::{Address, AttachmentName, HeaderText};

pub(super) fn subject(subject: &HeaderText) -> HeaderType<'_> {
    let text = subject.as_str();
    if looks_encoded(text) || text.starts_with(' ') {
        return Raw::new(encoded_words(text)).into();
    }
    Text::new(text).into()
}

pub(super) fn addresses(addresses: &[Address]) -> HeaderType<'_> {
    if addresses.iter().filter_map(Address::name).any(is_misread) {
        let mailboxes: Vec<String> = addresses.iter().map(encoded_mailbox).collect();
        return Raw::new(mailboxes.join(", ")).into();
    }
    Mailbox::List(addresses.iter().map(mailbox).collect()).into()
}

fn mailbox(address: &Address) -> Mailbox<'_> {
    Mailbox::Address(EmailAddress {
        name: address.name().map(Cow::Borrowed),
        email: Cow::Borrowed(address.email()),
    })
}

/// `kind` is `attachment` or `inline`.
pub(super) fn disposition<'x>(kind: &'x str, name: &'x AttachmentName) -> HeaderType<'x> {
    if is_misread(name.as_str()) {
        let value = percent(name.as_str());
        return Raw::new(format!("{kind}; filename*=utf-8''{value}")).into();
    }
    ContentType::new(kind).attribute("filename", name.as_str()).into()
}

fn looks_encoded(text: &str) -> bool {
    text.contains("=?")
}

/// Tells whether a name or file name would be misread as `mail-builder` writes it.
fn is_misread(text: &str) -> bool {
    let escapes = text.matches(['"', '\\']).count();
    let is_quoted = text.is_ascii() && text.len() <= LONGEST_QUOTED;
    looks_encoded(text) || (is_quoted && escapes > 0 && text.len() + escapes > ONE_LINE)
}

fn encoded_mailbox(address: &Address) -> String {
    let words = address.name().map(encoded_words).unwrap_or_default();
    format!("{words} <{}>", address.email()).trim_start().to_owned()
}

/// Writes `text` as [RFC 2047](https://www.rfc-editor.org/rfc/rfc2047#section-4.2) "Q" words,
/// fit for any header, each split between characters and short enough for the first line.
fn encoded_words(text: &str) -> String {
    let mut words = String::from(WORD);
    let mut room = LONGEST_PAYLOAD;
    for c in text.chars() {
        let encoded = hex('=', c.encode_utf8(&mut [0; 4]));
        if encoded.len() > room {
            words.push_str("?= ");
            words.push_str(WORD);
            room = LONGEST_PAYLOAD;
        }
        room -= encoded.len();
        words.push_str(&encoded);
    }
    words.push_str("?=");
    words
}

/// Writes `text` as the value of an [RFC 2231](https://www.rfc-editor.org/rfc/rfc2231#section-4)
/// parameter. An [`AttachmentName`] is short enough for one line of 998 bytes.
fn percent(text: &str) -> String {
    hex('%', text)
}

fn hex(mark: char, text: &str) -> String {
    use std::fmt::Write as _;

    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "{mark}{byte:02X}");
        }
        encoded
    })
}

const WORD: &str = "=?utf-8?Q?";
/// With its frame a word has 62 characters: "Subject: " and a word stay below the 76 of a line.
const LONGEST_PAYLOAD: usize = 50;
/// Longer ASCII texts are split by `mail-builder` into words or sections rather than quoted.
const LONGEST_QUOTED: usize = 78;
/// With its quotes and `filename=` this fits on a line of 78 characters.
const ONE_LINE: usize = 60;
