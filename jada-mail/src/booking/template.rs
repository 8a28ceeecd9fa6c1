//! A text with gaps.

use serde::Deserialize;

use super::lines::normalised;

/// A text in which `{}` stands for what is wanted, and `{_}` for anything or nothing.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Template {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Wanted,
    Anything,
}

impl Template {
    /// As it was written, in quotes.
    pub(super) fn quoted(&self) -> String {
        format!("{:?}", self.text)
    }

    /// What stands between the gaps.
    #[cfg(feature = "gmail")]
    pub(super) fn literals(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Literal(text) => Some(text.trim()),
            Piece::Wanted | Piece::Anything => None,
        })
    }

    pub(super) fn wanted(&self) -> usize {
        self.pieces.iter().filter(|piece| **piece == Piece::Wanted).count()
    }

    /// Tells whether it fits the whole of `text`, which is normalised.
    pub(super) fn fits(&self, text: &str) -> bool {
        fit(&self.pieces, text).is_some()
    }

    /// What is in the place of `{}`, if it fits the whole of `text`, which is normalised.
    pub(super) fn find<'a>(&self, text: &'a str) -> Option<&'a str> {
        fit(&self.pieces, text)?
    }
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = |expected| Err(format!("{text:?} is not a template: expected {expected}"));
        let mut pieces = Vec::new();
        let mut rest = normalised(&text);
        while let Some(open) = rest.find('{') {
            let literal = &rest[..open];
            match (literal.is_empty(), pieces.last()) {
                (true, Some(_)) => return wrong("text between two gaps"),
                (true, None) => {}
                (false, _) => pieces.push(Piece::Literal(literal.to_owned())),
            }
            let gap = [("{}", Piece::Wanted), ("{_}", Piece::Anything)];
            let Some((gap, piece)) = gap.into_iter().find(|(gap, _)| rest[open..].starts_with(gap))
            else {
                return wrong("{} or {_} where a brace opens");
            };
            pieces.push(piece);
            rest.drain(..open + gap.len());
        }
        if !rest.is_empty() {
            pieces.push(Piece::Literal(rest));
        }
        match pieces.iter().any(|piece| matches!(piece, Piece::Literal(_))) {
            true => Ok(Self { text, pieces }),
            false => wrong("some text beside the gap"),
        }
    }
}

/// Fits `pieces` to the whole of `text`; returns what is wanted, if it is among them. No two gaps
/// stand side by side.
fn fit<'a>(pieces: &[Piece], text: &'a str) -> Option<Option<&'a str>> {
    match pieces {
        [] => text.is_empty().then_some(None),
        [Piece::Literal(literal), rest @ ..] => fit(rest, without_prefix(text, literal)?),
        [gap] => filled(gap, text),
        [gap, Piece::Literal(literal), rest @ ..] => {
            let (inner, after) = find(text, literal, rest.is_empty(), *gap == Piece::Wanted)?;
            let wanted = filled(gap, inner)?;
            Some(fit(rest, after)?.or(wanted))
        }
        [_, _, ..] => None,
    }
}

fn filled<'a>(gap: &Piece, text: &'a str) -> Option<Option<&'a str>> {
    match (gap, text.trim()) {
        (Piece::Wanted, "") => None,
        (Piece::Wanted, text) => Some(Some(text)),
        _ => Some(None),
    }
}

/// Finds the first `literal`, or the one at the end; returns what stands before and after it.
fn find<'a>(
    text: &'a str,
    literal: &str,
    is_last: bool,
    after_something: bool,
) -> Option<(&'a str, &'a str)> {
    text.char_indices().find_map(|(at, _)| {
        let (before, rest) = text.split_at(at);
        if after_something && before.trim().is_empty() {
            return None;
        }
        let after = without_prefix(rest, literal)?;
        (!is_last || after.is_empty()).then_some((before, after))
    })
}

/// What follows `prefix`, which may be in another case.
pub(super) fn without_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let mut rest = text.chars();
    for expected in prefix.chars() {
        let found = rest.next()?;
        if found != expected && !found.to_lowercase().eq(expected.to_lowercase()) {
            return None;
        }
    }
    Some(rest.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> Template {
        text.to_owned().try_into().unwrap_or_else(|wrong| panic!("{wrong}"))
    }

    #[test]
    fn what_is_wanted_is_what_stands_in_the_gap() {
        for (text, line, expected) in [
            ("Booking {} confirmed", "booking HT-1 CONFIRMED", Some("HT-1")),
            ("Booking {} confirmed", "Booking a confirmed b confirmed", Some("a confirmed b")),
            ("Booking {} confirmed", "Booking confirmed", None),
            ("Booking {} confirmed", "Booking x confirmed!", None),
            ("Booking {}", "Booking  ", None),
            ("{} at {_}", "May 3 at 10 at sea", Some("May 3")),
            ("{_} at {}", "May 3 at 10 at sea", Some("10 at sea")),
            ("{_}Booking {}", "Booking 7", Some("7")),
            ("{_}Booking {}", "[EXT] Booking 7", Some("7")),
            ("{_}#{} - {_}", "Order #7 - x - y", Some("7")),
            ("({})", "(7)", Some("7")),
            ("ÉTÉ {}", "été 7", Some("7")),
        ] {
            assert_eq!(template(text).find(line), expected, "{text} {line}");
        }
    }

    #[test]
    fn a_template_without_gaps_fits_itself() {
        assert!(template("Your booking").fits("YOUR BOOKING"));
        assert!(!template("Your booking").fits("Your bookings"));
        assert!(template("{_}booking").fits("booking"));
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for text in ["", " ", "{}", "{_} ", "a {}{_} b", "a {b}", "a {"] {
            let wrong = Template::try_from(text.to_owned()).err();
            assert!(wrong.is_some_and(|wrong| wrong.contains("expected")), "{text:?}");
        }
    }
}
