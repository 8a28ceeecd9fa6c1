//! Reads an address by the grammar of [RFC 5322, 3.4](https://www.rfc-editor.org/rfc/rfc5322#section-3.4),
//! less its comments, groups, routes and literals.

use crate::{
    Address, Error,
    syntax::{dot_atom, invalid, is_atext, no_control},
};

/// Reads `address` or `name <address>`.
pub(super) fn mailbox(text: &str) -> Result<Address, Error> {
    no_control(WHAT, text)?;
    let reader = Reader { text };
    if let Some(at) = reader.outer_space() {
        return reader.expected(at, "no space at either end");
    }
    let Some(open) = reader.find_unquoted('<')? else {
        return Ok(Address { email: reader.addr_spec(0, text.len())?, name: None });
    };
    let name = reader.phrase(open)?;
    let close = reader.closing_bracket(open)?;
    Ok(Address {
        email: reader.addr_spec(open + 1, close)?,
        name: Some(name).filter(|name| !name.is_empty()),
    })
}

/// Writes `text` as a quoted string.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

/// The whole text; positions are bytes from its start, so that errors can name them.
struct Reader<'a> {
    text: &'a str,
}

impl Reader<'_> {
    fn outer_space(&self) -> Option<usize> {
        match self.text.as_bytes() {
            [b' ', ..] => Some(0),
            [.., b' '] => Some(self.text.len() - 1),
            _ => None,
        }
    }

    /// Finds `wanted` outside of quoted strings.
    fn find_unquoted(&self, wanted: char) -> Result<Option<usize>, Error> {
        let mut at = 0;
        while let Some(c) = self.text[at..].chars().next() {
            if c == wanted {
                return Ok(Some(at));
            }
            at = match c {
                '"' => self.quoted_string(at)?.1,
                _ => at + c.len_utf8(),
            };
        }
        Ok(None)
    }

    /// Reads the quoted string that begins at `begin`; returns its content and the byte after it.
    fn quoted_string(&self, begin: usize) -> Result<(String, usize), Error> {
        let mut content = String::new();
        let mut chars = self.text[begin + 1..].char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => return Ok((content, begin + 1 + at + 1)),
                '\\' => content.extend(chars.next().map(|(_, escaped)| escaped)),
                _ => content.push(c),
            }
        }
        self.expected(self.text.len(), "a closing quote")
    }

    /// Reads the display name before the `<` at `end`.
    fn phrase(&self, end: usize) -> Result<String, Error> {
        let phrase = self.text[..end].trim_end_matches(' ');
        if phrase.starts_with('"') {
            let (name, after) = self.quoted_string(0)?;
            if after < phrase.len() {
                return self.expected(after, "< after the closing quote");
            }
            return Ok(name.trim().to_owned());
        }
        match phrase.char_indices().find(|(_, c)| SPECIALS.contains(c)) {
            Some((at, ':' | ';')) => self.expected(at, NO_GROUP),
            Some((at, _)) => self.expected(at, "a name in quotes, since it holds this character"),
            None => Ok(phrase.trim().to_owned()),
        }
    }

    /// Finds the `>` that ends the text and closes the `<` at `open`.
    fn closing_bracket(&self, open: usize) -> Result<usize, Error> {
        match self.find_unquoted('>')? {
            Some(close) if close + 1 < self.text.len() => {
                self.expected(close + 1, "the end: one address, and nothing after >")
            }
            Some(close) if close > open => Ok(close),
            _ => self.expected(self.text.len(), "> after the address"),
        }
    }

    /// Reads `local@domain` between two bytes and returns it in its shortest spelling.
    fn addr_spec(&self, begin: usize, end: usize) -> Result<String, Error> {
        let (local, at_sign) = if self.text[begin..end].starts_with('"') {
            self.quoted_local(begin)?
        } else {
            self.plain_local(begin, end)?
        };
        if !self.text[at_sign..end].starts_with('@') {
            return self.expected(at_sign, "an @ and a domain after the local part");
        }
        if at_sign - begin > LONGEST_LOCAL {
            return self.expected(begin + LONGEST_LOCAL, "an @: at most 64 bytes precede it");
        }
        let domain = self.domain(at_sign + 1, end)?;
        if end - begin > LONGEST {
            return self
                .expected(begin + LONGEST, "the end, since an address has at most 254 bytes");
        }
        Ok(format!("{local}@{domain}"))
    }

    /// Of what RFC 5322 allows between these quotes, readers agree on little: with an @, a comma
    /// or a bracket some find another recipient, and a space at which a header was folded is lost.
    fn quoted_local(&self, begin: usize) -> Result<(String, usize), Error> {
        let (content, end) = self.quoted_string(begin)?;
        let safe = |c: char| c.is_ascii() && (c == '.' || is_atext(c as u8));
        let inner = begin + 1..end - 1;
        match self.text[inner.clone()].find(|c| !safe(c)) {
            Some(at) => self.expected(inner.start + at, PLAIN_QUOTED),
            None if inner.is_empty() => self.expected(inner.start, "a local part before the @"),
            None if dot_atom(&content).is_ok() => Ok((content, end)),
            None => Ok((quoted(&content), end)),
        }
    }

    fn plain_local(&self, begin: usize, end: usize) -> Result<(String, usize), Error> {
        let text = &self.text[begin..end];
        let stop = |c: char| !(c.is_ascii() && (c == '.' || is_atext(c as u8)));
        let length = text.find(stop).unwrap_or(text.len());
        match text[length..].chars().next() {
            None | Some('@') => {}
            Some(found) => return self.expected(begin + length, not_local(found)),
        }
        let local = &text[..length];
        match dot_atom(local) {
            _ if local.is_empty() => self.expected(begin, "a local part, as in local@example.com"),
            Ok(()) => Ok((local.to_owned(), begin + length)),
            Err(at) => self.expected(begin + at, DOTS),
        }
    }

    fn domain(&self, begin: usize, end: usize) -> Result<String, Error> {
        let text = &self.text[begin..end];
        if text.is_empty() {
            return self.expected(begin, "a domain after the @");
        }
        let stop = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
        if let Some((at, found)) = text.char_indices().find(|(_, c)| stop(*c)) {
            return self.expected(begin + at, not_domain(found));
        }
        let mut at = begin;
        for label in text.split('.') {
            match label {
                "" => return self.expected(at.min(end - 1), DOTS),
                _ if label.len() > LONGEST_LABEL => {
                    return self.expected(at + LONGEST_LABEL, "a dot: at most 63 bytes precede it");
                }
                _ if label.starts_with('-') || label.ends_with('-') => {
                    return self.expected(at, "a label without a hyphen at either end");
                }
                _ => at += label.len() + 1,
            }
        }
        Ok(text.to_ascii_lowercase())
    }

    fn expected<T>(&self, at: usize, expected: &'static str) -> Result<T, Error> {
        Err(invalid(WHAT, self.text, at, expected))
    }
}

fn not_local(found: char) -> &'static str {
    match found {
        ' ' => "no space: an address, or a name and the address in <>",
        ':' | ';' => NO_GROUP,
        ',' => "one address, not a list",
        c if !c.is_ascii() => ASCII_LOCAL,
        _ => "a letter, a digit, a dot or one of !#$%&'*+-/=?^_`{|}~",
    }
}

fn not_domain(found: char) -> &'static str {
    match found {
        ' ' => "no space in or after the domain",
        '@' => "one @ only",
        ',' | ';' => "one address, not a list",
        '[' => "a domain name, not an address in brackets",
        c if !c.is_ascii() => "an ASCII domain: write it in punycode (xn--...)",
        _ => "a letter, a digit, a hyphen or a dot",
    }
}

/// A name that holds one of these is written in quotes.
pub(super) const SPECIALS: &[char] = &['"', '(', ')', ',', ':', ';', '<', '>', '@', '[', '\\', ']'];

const WHAT: &str = "an address";
const ASCII_LOCAL: &str = "ASCII before the @: not every mail system delivers other scripts";
const DOTS: &str = "no dot at either end and no two in a row";
const PLAIN_QUOTED: &str = "letters, digits, dots or !#$%&'*+-/=?^_`{|}~ in the quotes";
const NO_GROUP: &str = "one address, not a group";

const LONGEST: usize = 254;
const LONGEST_LOCAL: usize = 64;
const LONGEST_LABEL: usize = 63;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_an_address_is_refused_where_it_goes_wrong() {
        let long_local = format!("{}@b.example", "a".repeat(65));
        let long_label = format!("a@{}.example", "b".repeat(64));
        let long = format!("a@{}example", "b.".repeat(130));
        for (text, position, hint) in [
            ("", 0, "a local part"),
            ("a", 1, "an @"),
            ("@b.example", 0, "a local part"),
            ("a@", 2, "a domain"),
            ("a@b@c.example", 3, "one @"),
            ("a@@b.example", 2, "one @"),
            (" a@b.example", 0, "no space"),
            ("a@b.example ", 11, "no space"),
            ("a b@c.example", 1, "no space"),
            ("\"a b\"@c.example", 2, "letters, digits, dots"),
            ("a@b .example", 3, "no space"),
            ("a @b.example", 1, "no space"),
            ("a@b.example\r\nBcc: e@c.example", 11, "no line break"),
            ("a@b.example\0", 11, "control"),
            ("a\n@b.example", 1, "no line break"),
            ("\"a\r\nb\" <a@b.example>", 2, "no line break"),
            ("a@b.example, c@d.example", 11, "not a list"),
            ("a,b@c.example", 1, "not a list"),
            ("Team: a@b.example;", 4, "not a group"),
            ("Team:a@b.example;", 4, "not a group"),
            ("Team: A <a@b.example>;", 4, "not a group"),
            ("undisclosed-recipients:;", 22, "not a group"),
            ("Ada ada@b.example", 3, "in <>"),
            ("Lovelace, Ada <a@b.example>", 8, "in quotes"),
            ("Ada (home) <a@b.example>", 4, "in quotes"),
            ("a@b.example <a@b.example>", 1, "in quotes"),
            ("\"A\" B <a@b.example>", 3, "closing quote"),
            ("\"A <a@b.example>", 16, "a closing quote"),
            ("A \"B\" <a@b.example>", 2, "in quotes"),
            ("<a@b.example", 12, ">"),
            ("a@b.example>", 11, "a letter"),
            ("A> <a@b.example>", 1, "in quotes"),
            ("<a@b.example> x", 13, "the end"),
            ("<a@b.example>>", 13, "the end"),
            ("<<a@b.example>>", 14, "the end"),
            ("<>", 1, "a local part"),
            ("< a@b.example>", 1, "no space"),
            ("<@r.example:a@b.example>", 1, "a local part"),
            ("\"\"@b.example", 1, "a local part"),
            ("\"a\"b@c.example", 3, "an @"),
            ("\"é\"@b.example", 1, "in the quotes"),
            ("\"a@evil.example \"@b.example", 2, "in the quotes"),
            ("\"a,<e@evil.example>\"@b.example", 2, "in the quotes"),
            ("<\"a\\\"b\"@b.example>", 3, "in the quotes"),
            (".a@b.example", 0, "no dot"),
            ("a.@b.example", 1, "no dot"),
            ("a..b@c.example", 2, "no dot"),
            ("a@.b.example", 2, "no dot"),
            ("a@b..example", 4, "no dot"),
            ("a@b.example.", 11, "no dot"),
            ("a@-b.example", 2, "hyphen"),
            ("a@b_c.example", 3, "a hyphen or a dot"),
            ("a@[192.0.2.1]", 2, "not an address in brackets"),
            ("josé@b.example", 3, "ASCII"),
            ("a@bücher.example", 3, "punycode"),
            ("a@b.example\u{a0}", 11, "punycode"),
            (&long_local, 64, "64 bytes"),
            (&long_label, 65, "63 bytes"),
            (&long, 254, "254 bytes"),
        ] {
            let Err(Error::Invalid { at, expected, .. }) = mailbox(text) else {
                panic!("{text:?} was accepted");
            };
            assert_eq!(at, position, "{text:?}: {expected}");
            assert!(expected.contains(hint), "{text:?}: {expected}");
        }
    }
}
