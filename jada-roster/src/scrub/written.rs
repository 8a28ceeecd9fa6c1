//! Numbers in words: `two hundred`, `twenty-five`, `a grand`, `2 thousand`.

use crate::scrub::figure::{Figure, Sort};
use crate::scrub::tables::{SCALES, UNITS};
use crate::scrub::token::{Case, Kind, Token};

/// The tokens with each number in words as one figure.
pub(super) fn joined(tokens: &[Token]) -> Vec<Token> {
    let mut joined = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let read = Reading::of(tokens, at);
        let next = read.as_ref().map_or(at + 1, |read| read.end);
        joined.push(read.map_or_else(|| token.clone(), |read| read.token(tokens, at)));
        at = next;
    }
    joined
}

/// A number in words as far as it was read.
struct Reading {
    /// The token behind its last.
    end: usize,
    /// Hundreds and less, since the last thousand.
    small: u64,
    large: u64,
    is_fine: bool,
    has_scale: bool,
    is_evident: bool,
}

impl Reading {
    fn of(tokens: &[Token], at: usize) -> Option<Self> {
        let mut read = Self::begin(tokens, at)?;
        while let Some(next) = read.next_word(tokens) {
            if !tokens.get(next).is_some_and(|token| read.add(token)) {
                break;
            }
            read.end = next + 1;
        }
        let is_number = read.end > at + 1 || tokens[at].figure().is_none();
        is_number.then_some(read)
    }

    fn begin(tokens: &[Token], at: usize) -> Option<Self> {
        let mut read = Self {
            end: at + 1,
            small: 0,
            large: 0,
            is_fine: false,
            has_scale: false,
            is_evident: false,
        };
        let token = tokens.get(at)?;
        if let Some(figure) = token.figure().filter(|figure| figure.is_likely()) {
            (read.small, read.is_fine) = (figure.whole, figure.is_fine);
            return Some(read);
        }
        let is_vague = token.word().is_some_and(|word| VAGUE.contains(&word));
        if is_vague {
            // `A couple of hundred`, `half a grand`: a number only with the scale that follows.
            let ahead = (at + 1..tokens.len().min(at + 8)).find(|at| {
                !matches!(tokens[*at].kind, Kind::Space) && !is_vague_link(&tokens[*at])
            })?;
            read.small = 1;
            read.end = ahead;
            return read.add(&tokens[ahead]).then(|| Self { end: ahead + 1, ..read });
        }
        read.add(token).then_some(read)
    }

    /// The word that goes on with it: behind a space, a dash, or the `and` of `two hundred and ten`.
    fn next_word(&self, tokens: &[Token]) -> Option<usize> {
        let kind = |at: usize| tokens.get(at).map(|token| &token.kind);
        match (kind(self.end)?, kind(self.end + 1)?) {
            (Kind::Space, Kind::Word(word)) if word == "and" && self.has_scale => {
                matches!(kind(self.end + 2)?, Kind::Space).then_some(self.end + 3)
            }
            (Kind::Space | Kind::Mark('-'), Kind::Word(_)) => Some(self.end + 1),
            _ => None,
        }
    }

    /// Takes a word up, if it is one of a number.
    fn add(&mut self, token: &Token) -> bool {
        let Some(word) = token.word() else {
            return false;
        };
        if let Some((_, unit)) = UNITS.iter().find(|(unit, _)| *unit == word) {
            self.small = self.small.saturating_add(*unit);
            return true;
        }
        let Some((_, scale)) = SCALES.iter().find(|(scale, _)| *scale == word) else {
            return false;
        };
        // A Grand Banks is a boat.
        let is_slang = word == "grand";
        if is_slang && (token.case != Case::Lower || self.small == 0) {
            return false;
        }
        let scaled = self.small.max(1).saturating_mul(*scale);
        if *scale == 100 {
            self.small = scaled;
        } else {
            (self.large, self.small) = (self.large.saturating_add(scaled), 0);
        }
        self.has_scale = true;
        self.is_evident |= is_slang;
        true
    }

    fn token(&self, tokens: &[Token], at: usize) -> Token {
        let whole = self.large.saturating_add(self.small);
        let sort = if self.is_evident { Sort::Evident } else { Sort::Plain };
        let figure = Figure {
            sort,
            whole,
            digits: 0,
            is_fine: self.is_fine || self.has_scale,
            dotted: None,
        };
        let end = tokens.get(self.end - 1).map_or(tokens[at].end, |last| last.end);
        Token { kind: Kind::Figure(figure), case: Case::Lower, start: tokens[at].start, end }
    }
}

fn is_vague_link(token: &Token) -> bool {
    token.word().is_some_and(|word| VAGUE.contains(&word) || word == "of")
}

/// What stands for a number before `hundred` or `grand`.
const VAGUE: [&str; 6] = ["a", "an", "couple", "few", "several", "half"];
