//! Character references, decoded by `mail-parser`'s table.

use std::borrow::Cow;

use mail_parser::decoders::html::add_html_token;

/// Decodes `&eacute;`, `&#233;` and `&#xE9;`; what is no reference stays as it is.
pub(super) fn decoded(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find('&') else {
        return Cow::Borrowed(text);
    };
    let mut decoded = String::with_capacity(text.len());
    decoded.push_str(&text[..first]);
    let mut rest = &text[first..];
    while !rest.is_empty() {
        let reference = rest.bytes().take(LONGEST).position(|byte| byte == b';');
        let is_reference = |end: &usize| {
            *end > 1 && rest[1..*end].bytes().all(|b| b.is_ascii_alphanumeric() || b == b'#')
        };
        let mut end = 1;
        if let Some(semicolon) = reference.filter(is_reference) {
            end = semicolon + 1;
            decode(&rest[..end], &mut decoded);
        } else {
            decoded.push('&');
        }
        let next = rest[end..].find('&').map_or(rest.len(), |at| end + at);
        decoded.push_str(&rest[end..next]);
        rest = &rest[next..];
    }
    Cow::Owned(decoded)
}

fn decode(reference: &str, decoded: &mut String) {
    let before = decoded.len();
    add_html_token(decoded, reference.as_bytes(), false);
    let c1 = decoded[before..].chars().next().filter(|c| ('\u{80}'..='\u{9f}').contains(c));
    if let Some(c) = c1.and_then(|c| WINDOWS_1252.chars().nth(c as usize - 0x80)) {
        decoded.truncate(before);
        decoded.push(c);
    }
}

/// Of the longest name, `&CounterClockwiseContourIntegral;`.
const LONGEST: usize = 40;
/// What 128 to 159 stand for, [by the standard](https://html.spec.whatwg.org/multipage/parsing.html#numeric-character-reference-end-state).
const WINDOWS_1252: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";
