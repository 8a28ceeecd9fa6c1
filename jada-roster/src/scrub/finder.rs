//! Where in a text amounts stand.

use std::ops::Range;

use crate::scrub::context;
use crate::scrub::figure::{Figure, Sort};
use crate::scrub::identifier;
use crate::scrub::rules::{Named, ScrubRules};
use crate::scrub::tables;
use crate::scrub::token::{self, Case, Kind, Token};
use crate::scrub::written;

/// The tokens of a text, and which of them are amounts.
#[derive(Debug)]
pub(super) struct Finder<'a> {
    pub(super) tokens: Vec<Token>,
    pub(super) rules: &'a ScrubRules,
    taken: Vec<bool>,
}

impl<'a> Finder<'a> {
    /// The amounts of a text, in its order: places in bytes that do not overlap.
    pub(super) fn amounts(text: &str, rules: &'a ScrubRules) -> Vec<Range<usize>> {
        let tokens = identifier::sealed(written::joined(&token::tokens(text)), rules);
        let tokens = context::sorted(tokens, rules);
        if !tokens.iter().any(|token| token.figure().is_some()) {
            return Vec::new();
        }
        let taken = vec![false; tokens.len()];
        let mut finder = Self { tokens, rules, taken };
        finder.take_beside_currencies();
        finder.take_evident();
        finder.take_by_means();
        finder.take_by_labels();
        finder.take_by_the_head();
        finder.spans()
    }

    /// `50,-`, `1.5k`, `1,450.00`, `two grand`, `twelve hundred`: amounts by themselves.
    fn take_evident(&mut self) {
        for at in 0..self.tokens.len() {
            let is_evident = |figure: Figure| {
                figure.sort == Sort::Evident || (figure.is_in_words() && self.stands_alone(at))
            };
            if self.figure(at).is_some_and(is_evident) {
                self.take(at, at);
            }
        }
    }

    /// Whether it follows no `at` and counts nothing.
    fn stands_alone(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|at| self.skip_space_back(at));
        let word = before.and_then(|at| self.word(at));
        let is_greeting = self.word(self.skip_space(at + 1)) == Some("thanks");
        let is_time = word.is_some_and(|word| tables::TEMPORAL.has(word));
        self.ends_well(at) && !is_time && !is_greeting
    }

    /// `450 by card`, `450 in an envelope`.
    fn take_by_means(&mut self) {
        for at in 0..self.tokens.len() {
            let is_amount = |figure: Figure| figure.is_likely() && figure.whole >= 20;
            let by = self.skip_space(at + 1);
            let is_by = matches!(self.word(by), Some("by" | "in" | "on" | "per" | "via" | "with"));
            let next = self.skip_space(by + 1);
            let is_article = matches!(self.word(next), Some("a" | "an" | "the"));
            let means = if is_article { self.skip_space(next + 1) } else { next };
            let is_means = self.word(means).is_some_and(|word| tables::MEANS.has(word));
            if is_by && is_means && self.figure(at).is_some_and(is_amount) {
                self.take(at, at);
            }
        }
    }

    /// `at 95 each`, with nothing behind.
    fn is_each(&self, at: usize, next: usize) -> bool {
        let before = at.checked_sub(1).and_then(|at| self.skip_space_back(at));
        let is_at =
            before.is_some_and(|at| self.word(at) == Some("at") || self.is_mark(at, &['@']));
        is_at && self.word(next) == Some("each") && self.word(self.skip_space(next + 1)).is_none()
    }

    /// `80 pp`, `120 per person`, `95/hr`.
    fn take_by_the_head(&mut self) {
        for at in 0..self.tokens.len() {
            let Some(figure) = self.figure(at).filter(|figure| figure.is_likely()) else {
                continue;
            };
            let next = self.skip_space(at + 1);
            let is_per = self.word(next) == Some("per") || self.is_mark(next, &['/']);
            let unit = if is_per { self.skip_space(next + 1) } else { next };
            let is_head = |word: &str| tables::PER.has(word);
            let short = matches!(self.word(next), Some("pp" | "apiece"))
                || self.is_each(at, next)
                || (self.word(next) == Some("p") && self.word(next + 2) == Some("p"));
            let by_the_head = is_per && self.word(unit).is_some_and(is_head);
            if (short || by_the_head) && (figure.whole >= 10 || figure.is_fine) {
                self.take(at, at);
            }
        }
    }

    /// Takes the tokens from one to the other, both included, a word that multiplies the last, and
    /// the rest of a range.
    pub(super) fn take(&mut self, first: usize, last: usize) {
        let last = self.with_multiplier(last);
        self.mark(first, last);
        self.extend_right(last);
        // What stands before `USD 50` is another's.
        if self.figure(first).is_some() {
            self.extend_left(first);
        }
    }

    fn mark(&mut self, first: usize, last: usize) {
        self.taken.iter_mut().take(last + 1).skip(first).for_each(|taken| *taken = true);
    }

    /// `50 to 80`, `$50 or 60`, `300 + 50`.
    fn extend_right(&mut self, mut last: usize) {
        loop {
            let link = self.skip_space(last + 1);
            let Some(next) = self.linked(link, self.skip_space(link + 1)) else {
                return;
            };
            let is_spaced = link > last + 1;
            let is_loose = self.is_mark(link, &['-']) && is_spaced;
            if is_loose && !self.ends_well(next) {
                return;
            }
            let is_clock = |at: usize| self.figure(at).is_some_and(Figure::is_clock);
            if self.is_mark(link, &['/']) && is_spaced && is_clock(next) && !is_clock(last) {
                return;
            }
            last = self.with_multiplier(next);
            self.mark(next, last);
        }
    }

    /// `50 to 80 EUR`, `50, 60 or 70 EUR`.
    fn extend_left(&mut self, mut first: usize) {
        let mut is_list = false;
        loop {
            let Some(link) = first.checked_sub(1).and_then(|at| self.skip_space_back(at)) else {
                return;
            };
            let Some(before) = link.checked_sub(1).and_then(|at| self.skip_space_back(at)) else {
                return;
            };
            let in_list = is_list && self.is_mark(link, &[',']) && self.is_open(before);
            if !in_list && self.linked(link, before).is_none() {
                return;
            }
            is_list = true;
            self.mark(before, first);
            first = before;
        }
    }

    /// The number beside an amount, if what stands between links the two.
    fn linked(&self, link: usize, number: usize) -> Option<usize> {
        let figure = self.figure(number).filter(|_| self.is_open(number))?;
        let is_range = self.is_mark(link, &['-', '/', '~'])
            || matches!(self.word(link), Some("to" | "or" | "bis" | "til" | "till"));
        let is_sum = self.is_mark(link, &['&', '+'])
            || matches!(self.word(link), Some("and" | "of" | "plus"));
        (is_range || (is_sum && (figure.whole >= 20 || figure.is_fine))).then_some(number)
    }

    /// Whether it is a number that may be an amount, and is none yet.
    fn is_open(&self, at: usize) -> bool {
        self.figure(at).is_some_and(Figure::is_likely) && !self.is_taken(at)
    }

    fn with_multiplier(&self, at: usize) -> usize {
        let (attached, spaced) = (self.word(at + 1), self.word(at + 2));
        let is_one = |word: Option<&str>| word.is_some_and(|word| tables::MULTIPLIERS.has(word));
        let is_spaced =
            self.is_space(at + 1) && is_one(spaced) && spaced.is_some_and(|word| word.len() > 1);
        match self.figure(at).map(|figure| figure.sort) {
            None => at,
            Some(Sort::Percent) => self.skip_space(at + 1),
            Some(_) if is_one(attached) => at + 1,
            Some(_) if is_spaced => at + 2,
            Some(_) => at,
        }
    }

    /// Whether what follows a number speaks of no thing that it counts.
    pub(super) fn ends_well(&self, at: usize) -> bool {
        let next = self.skip_space(self.with_multiplier(at) + 1);
        let Some(token) = self.tokens.get(next) else {
            return true;
        };
        let Some(word) = token.word() else {
            return token.figure().is_none();
        };
        tables::FOLLOWERS.has(word)
            || tables::MONTHS.has(word)
            || tables::WEEKDAYS.has(word)
            || self.rules.label(word).is_some()
            || self.rules.currency(word) != Named::No
    }

    fn spans(&self) -> Vec<Range<usize>> {
        let mut spans: Vec<Range<usize>> = Vec::new();
        let mut was_taken = false;
        for (token, taken) in self.tokens.iter().zip(&self.taken) {
            match spans.last_mut() {
                Some(span) if *taken && was_taken => span.end = token.end,
                _ if *taken => spans.push(token.start..token.end),
                _ => {}
            }
            was_taken = *taken;
        }
        spans
    }

    pub(super) fn is_taken(&self, at: usize) -> bool {
        self.taken.get(at).copied().unwrap_or_default()
    }

    pub(super) fn figure(&self, at: usize) -> Option<Figure> {
        self.tokens.get(at)?.figure()
    }

    pub(super) fn word(&self, at: usize) -> Option<&str> {
        self.tokens.get(at)?.word()
    }

    pub(super) fn is_space(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == Kind::Space)
    }

    pub(super) fn is_symbol(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == Kind::Symbol)
    }

    pub(super) fn is_mark(&self, at: usize, marks: &[char]) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is_mark(marks))
    }

    /// Whether a word names a currency, as it is written there.
    pub(super) fn currency(&self, at: usize) -> Named {
        let Some(token) = self.tokens.get(at) else {
            return Named::No;
        };
        let named = token.word().map_or(Named::No, |word| self.rules.currency(word));
        match named {
            // `Fr. 300`; without the point it is a Friday.
            Named::No if token.word() == Some("fr") && self.is_mark(at + 1, &['.']) => {
                Named::Perhaps
            }
            Named::Perhaps if token.case != Case::Upper => Named::No,
            Named::Surely if self.weighs(at) => Named::No,
            named => named,
        }
    }

    /// `20 pounds of ice`.
    fn weighs(&self, at: usize) -> bool {
        let next = self.word(self.skip_space(at + 1));
        matches!(self.word(at), Some("pound" | "pounds"))
            && next.is_some_and(|word| tables::WEIGHED.has(word))
    }

    pub(super) fn skip_space(&self, at: usize) -> usize {
        if self.is_space(at) { at + 1 } else { at }
    }

    pub(super) fn skip_space_back(&self, at: usize) -> Option<usize> {
        if self.is_space(at) { at.checked_sub(1) } else { Some(at) }
    }
}
