//! A text as words, figures, and what stands between them.

use crate::scrub::MARK;
use crate::scrub::figure::{self, Figure};
use crate::scrub::fold::{self, Letter};

/// A piece of a text, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) case: Case,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What a piece is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters, in lower case.
    Word(String),
    Figure(Figure),
    /// `$`, `€` and the like.
    Symbol,
    Mark(char),
    Space,
    /// White space with the end of a line in it.
    Break,
    /// Where an amount was.
    Removed,
}

/// How a word is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Lower,
    /// With a capital letter.
    Title,
    /// In capital letters, two at least.
    Upper,
}

impl Token {
    pub(super) fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(super) fn figure(&self) -> Option<Figure> {
        match self.kind {
            Kind::Figure(figure) => Some(figure),
            _ => None,
        }
    }

    pub(super) fn is_mark(&self, marks: &[char]) -> bool {
        matches!(self.kind, Kind::Mark(mark) if marks.contains(&mark))
    }
}

/// Reads a text from its beginning to its end. Nothing is left out, so that tokens next to each other
/// stand next to each other in the text.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let letters = fold::letters(text);
    let (mut tokens, mut at) = (Vec::new(), 0);
    while let Some(first) = letters.get(at) {
        let (kind, next) = read(&letters, at);
        let piece = letters.get(at..next).unwrap_or_default();
        let end = piece.last().map_or(first.end, |last| last.end);
        tokens.push(Token { kind, case: case(piece), start: first.start, end });
        at = next;
    }
    tokens
}

fn read(letters: &[Letter], at: usize) -> (Kind, usize) {
    let plain = |at: usize| letters.get(at).map(|letter| letter.plain);
    let run = |is_part: fn(char) -> bool| {
        let rest = letters.iter().skip(at);
        at + rest.take_while(|letter| is_part(letter.plain)).count()
    };
    match plain(at) {
        Some('[') if stands_removed(letters, at) => (Kind::Removed, at + MARK.len()),
        Some(c) if figure::begins(c) => {
            let (figure, next) = figure::read(letters, at);
            (Kind::Figure(figure), next)
        }
        Some(c) if c.is_alphabetic() => {
            let next = end_of_word(letters, at);
            let word = letters.get(at..next).unwrap_or_default();
            (Kind::Word(word.iter().map(|letter| letter.plain).collect()), next)
        }
        Some(c) if is_space(c) => {
            let next = run(is_space);
            let has_break = letters.iter().take(next).skip(at).any(|letter| letter.plain == '\n');
            (if has_break { Kind::Break } else { Kind::Space }, next)
        }
        Some(c) if is_symbol(c) => (Kind::Symbol, at + 1),
        Some(c) => (Kind::Mark(c), at + 1),
        None => (Kind::Space, at + 1),
    }
}

/// A word ends before a capital letter that follows a small one, so that `depositAmount` is two.
fn end_of_word(letters: &[Letter], at: usize) -> usize {
    let mut end = at + 1;
    while let (Some(last), Some(next)) = (letters.get(end - 1), letters.get(end)) {
        if !next.plain.is_alphabetic() || (next.is_upper && !last.is_upper) {
            break;
        }
        end += 1;
    }
    end
}

fn stands_removed(letters: &[Letter], at: usize) -> bool {
    let ahead = letters.iter().skip(at).map(|letter| letter.plain);
    ahead.take(MARK.len()).eq(MARK.chars())
}

fn case(piece: &[Letter]) -> Case {
    let is_upper = |letter: &Letter| letter.is_upper;
    match piece.first() {
        Some(first) if first.is_upper && piece.len() > 1 && piece.iter().all(is_upper) => {
            Case::Upper
        }
        Some(first) if first.is_upper => Case::Title,
        _ => Case::Lower,
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\n')
}

/// The signs of currencies, those of Unicode's block for them included.
pub(super) fn is_symbol(c: char) -> bool {
    matches!(c, '$' | '£' | '¥' | '¢' | '¤' | '฿' | '؋' | '৳' | '៛' | '﷼' | '\u{20a0}'..='\u{20cf}')
}
