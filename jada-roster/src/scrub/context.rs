//! What stands around a number: whether it counts something, names something, or is a day.

use crate::scrub::figure::{Figure, Sort};
use crate::scrub::rules::{Named, ScrubRules};
use crate::scrub::tables;
use crate::scrub::token::{Case, Kind, Token};

/// The tokens with their numbers sorted by what stands around them.
pub(super) fn sorted(mut tokens: Vec<Token>, rules: &ScrubRules) -> Vec<Token> {
    for at in 0..tokens.len() {
        let Some(figure) = tokens[at].figure() else {
            continue;
        };
        let sort = Around { tokens: &tokens, rules, at }.sort(figure);
        tokens[at].kind = Kind::Figure(Figure { sort, ..figure });
    }
    tokens
}

/// A number among its neighbours.
struct Around<'a> {
    tokens: &'a [Token],
    rules: &'a ScrubRules,
    at: usize,
}

impl Around<'_> {
    fn sort(&self, figure: Figure) -> Sort {
        if figure.sort == Sort::Never {
            return Sort::Never;
        }
        if self.is_counted() {
            return Sort::Counted;
        }
        if self.is_percent() {
            return Sort::Percent;
        }
        if self.is_day(figure) || self.names_something() || self.is_of_heads(figure) {
            return Sort::Unlikely;
        }
        figure.sort
    }

    /// `12 guests`, `42ft`, `42-foot`, `12 more guests`, `42'`, `7 a.m.`
    fn is_counted(&self) -> bool {
        let next = self.at + 1;
        let quotes = ['\'', '"', '°'];
        if self.is_mark(next, &quotes) {
            // Not the end of something in quotes.
            let before = self.at.checked_sub(1).and_then(|before| self.tokens.get(before));
            return before.is_none_or(|before| before.kind != self.tokens[next].kind);
        }
        let is_attached = self.word(next).is_some();
        let is_dashed = self.is_mark(next, &['-']) && self.word(next + 1).is_some();
        let noun = if is_attached { next } else { next + 1 };
        let Some(word) = self.word(noun) else {
            return false;
        };
        let is_near = is_attached || is_dashed || self.is_space(next);
        let attached = || is_attached && tables::COUNTED_ATTACHED.has(word);
        let further = || {
            tables::BEFORE_COUNTED.has(word)
                && self.word(noun + 2).is_some_and(|noun| self.rules.is_counted(noun))
        };
        is_near
            && (self.counts(noun, word)
                || attached()
                || further()
                || self.is_half_of_day(noun, word))
    }

    /// `300 in cash` counts no inches.
    fn counts(&self, noun: usize, word: &str) -> bool {
        let goes_on = self.is_space(noun + 1) && self.word(noun + 2).is_some();
        self.rules.is_counted(word)
            && !(word == "in" && goes_on)
            && !(word == "x" && self.is_multiplied(noun))
    }

    /// `150x2`: what is larger is the amount.
    fn is_multiplied(&self, times: usize) -> bool {
        let next = if self.is_space(times + 1) { times + 2 } else { times + 1 };
        let whole = |at: usize| self.tokens.get(at)?.figure().map(|figure| figure.whole);
        let is_large = whole(self.at).is_some_and(|whole| whole >= 20);
        is_large && whole(next).is_some_and(|whole| whole < 20)
    }

    fn is_half_of_day(&self, noun: usize, word: &str) -> bool {
        matches!(word, "a" | "p")
            && self.is_mark(noun + 1, &['.'])
            && self.word(noun + 2) == Some("m")
    }

    fn is_percent(&self) -> bool {
        let next = if self.is_space(self.at + 1) { self.at + 2 } else { self.at + 1 };
        let is_per = self.word(next) == Some("per") && self.word(next + 2) == Some("cent");
        self.is_mark(next, &['%']) || matches!(self.word(next), Some("percent" | "pct")) || is_per
    }

    /// `3 May`, `3. May`, `3-May`, `3May`, `May 3`, `3 of May`, `May 2026`, `Fri 22`, `by 15.4.`
    fn is_day(&self, figure: Figure) -> bool {
        let ahead = (self.at + 1..).take(5).find(|at| !self.is_between_day_and_month(*at));
        let behind = (0..self.at).rev().take(3);
        let behind = { behind }.find(|at| !self.is_space(*at) && !self.is_mark(*at, &['-']));
        let before = behind.is_some_and(|at| self.is_month(at));
        let after = ahead.is_some_and(|at| self.is_month(at));
        let could_be_day = figure.whole <= 31 && !figure.is_fine;
        let is_weekday = |word: &str| tables::WEEKDAYS.has(word);
        let of_week = behind.and_then(|at| self.word(at)).is_some_and(is_weekday);
        (could_be_day && (before || after || of_week))
            || (figure.is_year() && before)
            || self.is_dotted_day(figure, behind)
    }

    /// `15.4.`, and after a word such as `by` with two digits behind the point as well.
    fn is_dotted_day(&self, figure: Figure, behind: Option<usize>) -> bool {
        let before = behind.and_then(|at| self.word(at));
        let is_temporal = before.is_some_and(|word| tables::TEMPORAL.has(word) || word == "due");
        let is_pointed = self.is_mark(self.at + 1, &['.']);
        is_pointed && figure.is_dotted_day() && (is_temporal || figure.has_one_place())
    }

    fn is_between_day_and_month(&self, at: usize) -> bool {
        self.is_space(at) || self.is_mark(at, &['.', '-']) || self.word(at) == Some("of")
    }

    /// May and March are verbs as well, but without a capital letter.
    fn is_month(&self, at: usize) -> bool {
        let is_verb = |token: &Token| {
            matches!(token.word(), Some("may" | "march" | "mar")) && token.case == Case::Lower
        };
        self.tokens.get(at).is_some_and(|token| {
            token.word().is_some_and(|word| tables::MONTHS.has(word)) && !is_verb(token)
        })
    }

    /// `slip 300`, `ref. 4471`, `#12`, `C12`, `flight BA 2490`.
    fn names_something(&self) -> bool {
        let Some(before) = self.at.checked_sub(1) else {
            return false;
        };
        let is_times = self.word(before) == Some("x")
            && before.checked_sub(1).is_some_and(|at| self.tokens[at].figure().is_some());
        let is_code = |word: &str| self.is_code(word) && !is_times;
        if self.is_mark(before, &['#']) || self.word(before).is_some_and(is_code) {
            return true;
        }
        let links = ['.', ':', '-'];
        let mut behind = (0..self.at).rev().take(4);
        let Some(named) = behind.find(|at| !self.is_space(*at) && !self.is_mark(*at, &links))
        else {
            return false;
        };
        let is_carrier = named + 2 == self.at && self.tokens[named].case == Case::Upper;
        let is_place = named >= 2
            && matches!(self.word(named - 2), Some("at" | "in" | "on"))
            && self.is_mark(named + 1, &[':']);
        // `Due at dock: 450` is no name.
        !is_place
            && self.word(named).is_some_and(|word| {
                tables::DESIGNATORS.has(word)
                    || tables::BOATS.has(word)
                    || (is_carrier && word.len() == 2 && self.is_code(word))
            })
    }

    /// `guests: 12`.
    fn is_of_heads(&self, figure: Figure) -> bool {
        let mut behind = (0..self.at).rev().take(3);
        let before = behind.find(|at| !self.is_space(*at) && !self.is_mark(*at, &[':', '=']));
        let is_few = figure.whole < 100 && !figure.is_fine;
        is_few && before.and_then(|at| self.word(at)).is_some_and(|word| tables::HEADS.has(word))
    }

    /// Whether letters at a number are part of a name, and no word that speaks of money or goes with it.
    fn is_code(&self, word: &str) -> bool {
        let tables = [tables::ABOUT, tables::FILLERS, tables::FOLLOWERS, tables::TEMPORAL];
        self.rules.label(word).is_none()
            && self.rules.currency(word) == Named::No
            && (word.len() == 1 || !tables.into_iter().any(|table| table.has(word)))
    }

    fn word(&self, at: usize) -> Option<&str> {
        self.tokens.get(at)?.word()
    }

    fn is_space(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == Kind::Space)
    }

    fn is_mark(&self, at: usize, marks: &[char]) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is_mark(marks))
    }
}
