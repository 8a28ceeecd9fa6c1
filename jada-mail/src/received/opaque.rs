//! Mails within a mail are files to us, and are hidden from `mail-parser`, which would read them
//! too: it frees what it read by recursion, so that mails in mails in mails overflow the stack.
//!
//! Hidden is one letter of `message/rfc822`, `message/global` and `multipart/digest`, by a control
//! character in its place, wherever these words stand; what is read gets its letters back.

use std::borrow::Cow;

/// Hides the mails within `mail`; `None` if it has more parts of parts than any mail has.
pub(super) fn hidden(mail: &[u8]) -> Option<Cow<'_, [u8]>> {
    let mut hidden = Cow::Borrowed(mail);
    let mut multiparts = 0;
    for at in 0..mail.len() {
        let rest = &mail[at + 1..];
        let starts = |letter: &&Letter| {
            letter.shown == mail[at] && without_prefix(rest, letter.word).is_some()
        };
        if let Some(letter) = LETTERS.iter().find(starts) {
            let after = &rest[letter.word.len()..];
            let is_type = after.first() == Some(&b'/') || begins_with_noise(after);
            multiparts += usize::from(letter.word == MULTIPART && is_type);
            if names_a_mail(&rest[letter.word.len()..], letter.subtypes) {
                hidden.to_mut()[at] = letter.hidden;
            }
        }
    }
    (multiparts <= MOST_MULTIPARTS).then_some(hidden)
}

/// Gives what was read its letters back.
pub(super) fn shown_bytes(read: &[u8]) -> Vec<u8> {
    let mut shown = read.to_vec();
    for at in 0..shown.len() {
        let letter = LETTERS.iter().find(|letter| letter.hidden == shown[at]);
        if let Some(letter) = letter.filter(|l| without_prefix(&read[at + 1..], l.word).is_some()) {
            shown[at] = letter.shown;
        }
    }
    shown
}

/// Gives what was read its letters back; one ASCII character stands for another.
pub(super) fn shown(read: &str) -> String {
    String::from_utf8_lossy(&shown_bytes(read.as_bytes())).into_owned()
}

/// Tells whether `rest`, after the type's name, may be read as one of `subtypes`: around the slash
/// there may be space, comments and stray quotes, which are not looked into. Base64 stays as it is,
/// since it holds none of these, and no subtype by chance.
fn names_a_mail(rest: &[u8], subtypes: &[&[u8]]) -> bool {
    match rest {
        [b'/', after @ ..] => {
            begins_with_noise(after)
                || subtypes.iter().any(|subtype| without_prefix(after, subtype).is_some())
        }
        _ => begins_with_noise(rest),
    }
}

fn begins_with_noise(text: &[u8]) -> bool {
    match text {
        [b'\r', b'\n', after @ ..] | [b'\n', after @ ..] => {
            matches!(after, [b' ' | b'\t', ..])
        }
        [first, ..] => b" \t\r(\"\\".contains(first),
        [] => false,
    }
}

fn without_prefix<'a>(text: &'a [u8], prefix: &[u8]) -> Option<&'a [u8]> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

struct Letter {
    shown: u8,
    hidden: u8,
    /// What follows the letter, in any case.
    word: &'static [u8],
    subtypes: &'static [&'static [u8]],
}

const LETTERS: [Letter; 4] = [
    Letter { shown: b'm', hidden: 1, word: MESSAGE, subtypes: &[b"rfc822", b"global"] },
    Letter { shown: b'M', hidden: 2, word: MESSAGE, subtypes: &[b"rfc822", b"global"] },
    Letter { shown: b'm', hidden: 3, word: MULTIPART, subtypes: &[b"digest"] },
    Letter { shown: b'M', hidden: 4, word: MULTIPART, subtypes: &[b"digest"] },
];
const MESSAGE: &[u8] = b"essage";
const MULTIPART: &[u8] = b"ultipart";
/// Each of them may be looked for up to the end of the mail.
const MOST_MULTIPARTS: usize = 1_000;

#[cfg(test)]
mod tests {
    use mail_parser::{MessageParser, PartType};

    use super::*;

    fn holds_a_mail(mail: &[u8]) -> bool {
        let read = MessageParser::default().parse(mail).unwrap();
        read.parts.iter().any(|part| matches!(part.body, PartType::Message(_)))
    }

    #[test]
    fn a_mail_within_a_mail_is_hidden_however_it_is_written() {
        for content_type in [
            "message/rfc822",
            "MESSAGE/RFC822; x=y",
            "message/global",
            "message (a (b) c)/(d) rfc822",
            "(a)message/\t(b) rfc822",
            "message\r\n\t/rfc822",
            "message\n / rfc822",
            "\"message\"/\"rfc822\"",
            "message\\/\\rfc822",
            "message\r/\rrfc822",
        ] {
            let mail = format!("Content-Type: {content_type}\r\n\r\nFrom: a@example.com\r\n\r\nb");
            let hidden = hidden(mail.as_bytes()).unwrap();
            assert!(holds_a_mail(mail.as_bytes()), "{content_type:?}");
            assert!(!holds_a_mail(&hidden), "{content_type:?}");
            assert_eq!(shown_bytes(&hidden), mail.as_bytes());
        }
    }

    #[test]
    fn the_mails_of_a_digest_are_hidden() {
        let mail = "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nFrom: a\r\n\r\nc\r\n--b--";
        assert!(holds_a_mail(mail.as_bytes()));
        assert!(!holds_a_mail(&hidden(mail.as_bytes()).unwrap()));
    }

    #[test]
    fn other_mails_are_not_copied() {
        for text in ["", "message", "a message\r\nmultipart/mixed", "message/rfc\r\nbWVzc2FnZS8/"] {
            assert!(matches!(hidden(text.as_bytes()), Some(Cow::Borrowed(_))), "{text:?}");
        }
    }
}
