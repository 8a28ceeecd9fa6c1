//! Cuts HTML into texts and tags, as the
//! [tokenizer of the standard](https://html.spec.whatwg.org/multipage/parsing.html#tokenization)
//! does.

use std::borrow::Cow;

use super::entities;

pub(super) enum Token<'a> {
    /// Entities are still in it.
    Text(&'a str),
    Open(Tag<'a>),
    /// The name in lower case.
    Close(String),
    /// The inside of a comment.
    Comment(&'a str),
    /// The inside of an element such as a script, which holds no markup.
    Raw(&'a str),
}

pub(super) struct Tag<'a> {
    /// In lower case.
    pub(super) name: String,
    pub(super) attributes: &'a str,
}

impl<'a> Tag<'a> {
    /// The value of the first attribute of that name, decoded; empty if it has none.
    pub(super) fn attribute(&self, wanted: &str) -> Option<Cow<'a, str>> {
        let mut rest = self.attributes;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            let name;
            (name, rest) = split(rest, |c| c.is_ascii_whitespace() || "=/".contains(c));
            let mut value = "";
            if let Some(after) = rest.trim_ascii_start().strip_prefix('=') {
                (value, rest) = attribute_value(after.trim_ascii_start());
            }
            if name.eq_ignore_ascii_case(wanted) {
                return Some(entities::decoded(value));
            }
            if rest.is_empty() {
                return None;
            }
        }
    }
}

pub(super) struct Tokens<'a> {
    rest: &'a str,
    /// The name of the raw element that was just begun.
    raw: Option<String>,
}

impl<'a> Tokens<'a> {
    pub(super) fn of(html: &'a str) -> Self {
        Self { rest: html, raw: None }
    }

    /// Takes the text before the next tag, at least one character.
    fn text(&mut self) -> Token<'a> {
        let first = self.rest.chars().next().map_or(0, char::len_utf8);
        let end = self.rest[first..].find('<').map_or(self.rest.len(), |at| first + at);
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        Token::Text(text)
    }

    fn open(&mut self) -> Token<'a> {
        let (name, after) = split(&self.rest[1..], is_name_end);
        let (attributes, rest) = past_tag(after);
        let name = name.to_ascii_lowercase();
        self.rest = rest;
        self.raw = RAW.contains(&name.as_str()).then(|| name.clone());
        Token::Open(Tag { name, attributes })
    }

    fn close(&mut self) -> Token<'a> {
        let (name, after) = split(&self.rest[2..], is_name_end);
        self.rest = past_tag(after).1;
        Token::Close(name.to_ascii_lowercase())
    }

    /// A comment may be as short as `<!-->`.
    fn comment(&mut self) -> Token<'a> {
        let end = self.rest[2..].find("-->").map_or(self.rest.len(), |at| at + 2);
        let inside = self.rest.get(4..end).unwrap_or("");
        self.rest = past(&self.rest[2..], "-->");
        Token::Comment(inside)
    }

    /// Takes what is no markup up to its end tag.
    fn raw_text(&mut self, name: &str) -> Token<'a> {
        let is_end = |at: &usize| {
            let tag = self.rest.as_bytes()[at + 2..].get(..name.len());
            tag.is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
        };
        let mut ends = self.rest.match_indices("</").map(|(at, _)| at);
        let (inside, rest) = self.rest.split_at(ends.find(is_end).unwrap_or(self.rest.len()));
        self.rest = rest;
        Token::Raw(inside)
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if let Some(name) = self.raw.take() {
            return Some(self.raw_text(&name));
        }
        loop {
            let is_letter =
                |at: usize| self.rest.as_bytes().get(at).is_some_and(u8::is_ascii_alphabetic);
            match self.rest.as_bytes() {
                [] => return None,
                [b'<', b'!', b'-', b'-', ..] => return Some(self.comment()),
                [b'<', b'!' | b'?', ..] => self.rest = past(self.rest, ">"),
                [b'<', b'/', ..] if is_letter(2) => return Some(self.close()),
                [b'<', b'/', _, ..] => self.rest = past(self.rest, ">"),
                [b'<', ..] if is_letter(1) => return Some(self.open()),
                _ => return Some(self.text()),
            }
        }
    }
}

fn is_name_end(c: char) -> bool {
    c.is_ascii_whitespace() || "/>".contains(c)
}

/// Splits before the first character that is an end.
fn split(text: &str, is_end: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(is_end).unwrap_or(text.len()))
}

fn past<'a>(text: &'a str, end: &str) -> &'a str {
    text.find(end).map_or("", |at| &text[at + end.len()..])
}

/// Splits at the `>` that ends a tag: not one in a quoted value.
fn past_tag(text: &str) -> (&str, &str) {
    let mut quote = None;
    let mut after_equals = false;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'>') => return (&text[..at], &text[at + 1..]),
            (None, b'"' | b'\'') if after_equals => quote = Some(byte),
            (None, _) => {}
        }
        after_equals = byte == b'=' || (after_equals && byte.is_ascii_whitespace());
    }
    (text, "")
}

fn attribute_value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            return inner.split_once(quote).unwrap_or((inner, ""));
        }
    }
    split(text, |c| c.is_ascii_whitespace())
}

/// Elements whose content is no markup and is never shown.
const RAW: &[&str] = &["iframe", "noembed", "noframes", "script", "style", "title", "xmp"];
