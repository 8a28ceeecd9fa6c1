//! What becomes of a mail's Message-ID, and the bytes of its head.

use std::ops::Range;

use fastrand::Rng;

/// What Gmail makes of the `Message-ID` that a mail is composed with, both where it becomes a draft
/// and where it is sent. Every other header stays as it is.
///
/// Gmail was seen to do [each of these](https://github.com/gauteh/lieer/issues/198).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageIds {
    /// It stays.
    #[default]
    Kept,
    /// It is replaced, and `X-Google-Original-Message-ID` says what it was.
    Replaced,
    /// It is replaced, and nothing says what it was.
    ReplacedSilently,
    /// Each time one of the three, as the [seed](crate::GmailBuilder::seed) says.
    Mixed,
}

impl MessageIds {
    /// The bytes as they are stored. A mail without a Message-ID gets one.
    pub(super) fn apply(self, raw: Vec<u8>, rng: &mut Rng) -> Vec<u8> {
        let new = format!("<CA{:016x}{:016x}@mail.gmail.com>", rng.u64(..), rng.u64(..));
        let Some(old) = header(&raw, "message-id") else {
            return [format!("Message-ID: {new}\r\n").as_bytes(), &raw].concat();
        };
        let line = match self.drawn(rng) {
            Self::Replaced if header(&raw, ORIGINAL).is_none() => {
                let value = &raw[old.value()];
                let original = [ORIGINAL.as_bytes(), b": ", value.trim_ascii(), b"\r\n"].concat();
                [original, format!("Message-ID: {new}\r\n").into_bytes()].concat()
            }
            Self::Replaced | Self::ReplacedSilently => format!("Message-ID: {new}\r\n").into(),
            Self::Kept | Self::Mixed => return raw,
        };
        [&raw[..old.line.start], &line, &raw[old.line.end..]].concat()
    }

    fn drawn(self, rng: &mut Rng) -> Self {
        match self {
            Self::Mixed => [Self::Kept, Self::Replaced, Self::ReplacedSilently][rng.usize(..3)],
            other => other,
        }
    }
}

/// A header's place: its lines, with the break at their end, and where its value begins.
struct Header {
    line: Range<usize>,
    value: usize,
}

impl Header {
    fn value(&self) -> Range<usize> {
        self.value..self.line.end
    }
}

/// The first of this name, which is in lower case here and whatever it is there.
fn header(raw: &[u8], name: &str) -> Option<Header> {
    let mut start = 0;
    while start < raw.len() {
        let end = line_end(raw, start);
        let line = &raw[start..end];
        if line.trim_ascii().is_empty() {
            return None;
        }
        let colon = line.iter().position(|byte| *byte == b':');
        if let Some(colon) = colon.filter(|at| line[..*at].eq_ignore_ascii_case(name.as_bytes())) {
            return Some(Header { line: start..end, value: start + colon + 1 });
        }
        start = end;
    }
    None
}

/// Behind the line, and the lines that go on with it.
fn line_end(raw: &[u8], start: usize) -> usize {
    let mut end = start;
    loop {
        end = match raw[end..].iter().position(|byte| *byte == b'\n') {
            Some(at) => end + at + 1,
            None => return raw.len(),
        };
        let is_blank = raw[start..end].trim_ascii().is_empty();
        if is_blank || !matches!(raw.get(end), Some(b' ' | b'\t')) {
            return end;
        }
    }
}

/// In the case that it is written in; names are compared without it.
const ORIGINAL: &str = "X-Google-Original-Message-ID";

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &str = "From: a@x.example\r\nmessage-id:\r\n <a@x.example>\r\n\
        X-Jada-Reference: a\r\n\r\nMessage-ID: no\r\n";

    fn applied(ids: MessageIds, mail: &str) -> String {
        let mut rng = Rng::with_seed(1);
        String::from_utf8(ids.apply(mail.as_bytes().to_vec(), &mut rng)).unwrap()
    }

    #[test]
    fn an_id_is_kept_or_replaced_with_or_without_a_trace() {
        assert_eq!(applied(MessageIds::Kept, MAIL), MAIL);
        let silent = applied(MessageIds::ReplacedSilently, MAIL);
        let (head, rest) = silent.split_once("Message-ID: <CA").unwrap();
        assert_eq!(head, "From: a@x.example\r\n");
        let (_, rest) = rest.split_once("@mail.gmail.com>\r\n").unwrap();
        assert_eq!(rest, "X-Jada-Reference: a\r\n\r\nMessage-ID: no\r\n");

        let traced = applied(MessageIds::Replaced, MAIL);
        let trace = "X-Google-Original-Message-ID: <a@x.example>\r\n";
        assert_eq!(traced.replace(trace, ""), silent);
        let again = applied(MessageIds::Replaced, &traced);
        assert_eq!(again.matches(trace).count(), 1, "the first stays: {again}");
    }

    #[test]
    fn a_mail_without_an_id_gets_one() {
        for mail in ["", "From: a\r\n\r\nMessage-ID: no", "Subject: x"] {
            let applied = applied(MessageIds::Kept, mail);
            assert!(applied.starts_with("Message-ID: <CA") && applied.ends_with(mail), "{applied}");
        }
    }
}
