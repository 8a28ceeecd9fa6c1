//! Numbers before or after a word for money.

use crate::scrub::figure::{Figure, Sort};
use crate::scrub::finder::Finder;
use crate::scrub::rules::{Label, Named};
use crate::scrub::tables;
use crate::scrub::token::{Case, Kind};

/// What a token between a label and its number means for the way to it.
enum Step {
    /// As close as before.
    On,
    /// The number is further off, and has to look the more like an amount.
    Away,
    Take,
    Stop,
}

/// Whether a number comes right after its label.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Distance {
    Near,
    Away,
}

/// The way from a label to its number.
#[derive(Clone, Copy)]
struct Way {
    label: usize,
    kind: Label,
    /// Words between that say something.
    words: usize,
    distance: Distance,
}

impl Finder<'_> {
    /// Takes what belongs to each word for money: the number right after it, else those near it on
    /// either side.
    pub(super) fn take_by_labels(&mut self) {
        for at in 0..self.tokens.len() {
            let Some(kind) = self.label(at) else {
                continue;
            };
            let after = self.numbers_after(at, kind);
            // What is further off may be another's.
            let is_near = after.iter().any(|(_, distance)| *distance == Distance::Near);
            let before = if is_near { None } else { self.number_before(at, kind) };
            for number in before.into_iter().chain(after.into_iter().map(|(number, _)| number)) {
                if !self.is_taken(number) {
                    self.take(number, number);
                }
            }
        }
    }

    /// The total of guests is none of money.
    fn label(&self, at: usize) -> Option<Label> {
        let before = at.checked_sub(1).and_then(|before| self.skip_space_back(before));
        let counted = before.and_then(|before| self.word(before));
        let counts = counted.is_some_and(|counted| self.rules.is_counted(counted));
        let label = self.rules.label(self.word(at)?)?;
        (label != Label::Vague || !counts).then_some(label)
    }

    /// The number after a label, and percentages before it.
    fn numbers_after(&self, label: usize, kind: Label) -> Vec<(usize, Distance)> {
        let mut way = Way { label, kind, words: 0, distance: Distance::Near };
        let mut found = Vec::new();
        for at in label + 1..self.tokens.len().min(label + FAR) {
            match self.step(at, &mut way) {
                Step::On => {}
                Step::Away => way.distance = Distance::Away,
                Step::Take => {
                    found.push((at, way.distance));
                    if self.figure(at).is_none_or(|figure| figure.sort != Sort::Percent) {
                        let others = self.others_after(at);
                        found.extend(others.into_iter().map(|at| (at, way.distance)));
                        break;
                    }
                }
                Step::Stop => break,
            }
        }
        found
    }

    fn step(&self, at: usize, way: &mut Way) -> Step {
        match &self.tokens[at].kind {
            Kind::Space | Kind::Symbol => Step::On,
            Kind::Break if self.is_introduced(at) => Step::On,
            Kind::Break | Kind::Removed => Step::Stop,
            Kind::Mark(mark) => self.step_over_mark(at, *mark),
            Kind::Word(word) => self.step_over_word(at, word, way),
            Kind::Figure(figure) => self.step_at_figure(at, *figure, *way),
        }
    }

    /// Whether a colon stands before the end of the line.
    fn is_introduced(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|at| self.skip_space_back(at));
        before.is_some_and(|at| self.is_mark(at, &[':', '=', '>', '|']))
    }

    fn step_over_mark(&self, at: usize, mark: char) -> Step {
        let is_leader = self.is_mark(at + 1, &['.']) || self.is_mark(at - 1, &['.']);
        let is_abbreviation = || {
            let is_short =
                |word: &str| matches!(word, "bal" | "dep" | "pmt" | "approx" | "ca" | "incl");
            self.word(at - 1).is_some_and(is_short)
        };
        let goes_on = self.word(at + 1).is_some() || self.figure(at + 1).is_some();
        match mark {
            ';' | '!' | '?' => Step::Stop,
            '.' if is_leader || goes_on || is_abbreviation() => Step::On,
            '.' => Step::Stop,
            ',' => Step::Away,
            _ => Step::On,
        }
    }

    fn step_over_word(&self, at: usize, word: &str, way: &mut Way) -> Step {
        let is_filler = tables::FILLERS.has(word)
            || (word == "x" && self.figure(at - 1).is_some())
            || tables::MONTHS.has(word)
            || tables::WEEKDAYS.has(word)
            || self.rules.label(word).is_some()
            || self.currency(at) != Named::No;
        if is_filler {
            return Step::On;
        }
        way.words += 1;
        if way.kind == Label::Vague || way.words > MOST_WORDS {
            return Step::Stop;
        }
        Step::Away
    }

    fn step_at_figure(&self, at: usize, figure: Figure, way: Way) -> Step {
        if self.is_taken(at) {
            return Step::Take;
        }
        let belongs = match figure.sort {
            Sort::Percent => way.words < 2 && way.kind != Label::Verb,
            Sort::Never | Sort::Counted | Sort::Unlikely => false,
            _ if way.distance == Distance::Away => self.looks_like_amount(at, figure),
            _ => self.comes_right_after(at, figure, way),
        };
        match (belongs, figure.sort) {
            (true, _) => Step::Take,
            (false, _) if self.is_on_the_way(at, figure) => Step::On,
            // A day or a count may stand between: `deposit paid 3 May: 300`.
            (false, Sort::Never | Sort::Counted | Sort::Unlikely) => Step::On,
            (false, _) if figure.is_year() => Step::On,
            (false, _) => Step::Stop,
        }
    }

    fn comes_right_after(&self, at: usize, figure: Figure, way: Way) -> bool {
        if self.is_on_the_way(at, figure) {
            return false;
        }
        let is_few = figure.whole < 10 && !figure.is_fine;
        let is_time = match self.word(way.label) {
            _ if self.is_announced(at) => false,
            Some("due" | "dep") => {
                let is_dotted = figure.is_dotted_clock() && figure.is_quarter();
                figure.is_clock() || is_dotted || !figure.is_large()
            }
            _ => self.is_at_time(at, figure),
        };
        let counts = is_few && !self.ends_well(at) && self.counts_next(at);
        !is_time && !counts
    }

    /// Whether a word without a capital letter follows: what there are so many of.
    fn counts_next(&self, at: usize) -> bool {
        let next = self.tokens.get(self.skip_space(at + 1));
        next.is_some_and(|next| next.word().is_some() && next.case == Case::Lower)
    }

    fn looks_like_amount(&self, at: usize, figure: Figure) -> bool {
        let is_announced = self.is_announced(at);
        let is_other = figure.is_odd_year() || self.is_at_time(at, figure);
        if figure.is_long() || (is_other && !is_announced) || self.is_on_the_way(at, figure) {
            return false;
        }
        let ends = || self.ends_well(at) || self.is_followed_by_another(at);
        figure.is_large() || (figure.whole >= 5 && ends())
    }

    /// Whether a colon stands right before a number: no time is written so, and no year.
    fn is_announced(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|at| self.skip_space_back(at));
        before.is_some_and(|at| self.is_mark(at, &[':', '=']))
    }

    /// `by 1700`, `arriving 10`, `at 9.30`, `due 17.00`. What is paid on arrival is no time.
    fn is_at_time(&self, at: usize, figure: Figure) -> bool {
        let before = at.checked_sub(1).and_then(|at| self.skip_space_back(at));
        let Some((before, word)) = before.and_then(|at| Some((at, self.word(at)?))) else {
            return false;
        };
        let is_clock = !figure.is_fine && (figure.is_clock() || figure.whole <= 24);
        if word == "due" {
            return figure.is_dotted_clock() && figure.is_quarter();
        }
        let is_on = before >= 2 && matches!(self.word(before - 2), Some("on" | "upon"));
        if is_on && figure.is_clock() && figure.whole >= 1_000 {
            return false;
        }
        tables::TEMPORAL.has(word) && (is_clock || figure.is_dotted_clock())
    }

    /// `500 deposit`, `300 in cash`, `1200 paid`.
    fn number_before(&self, label: usize, kind: Label) -> Option<usize> {
        let mut at = self.skip_space_back(label.checked_sub(1)?)?;
        for _ in 0..2 {
            let is_link = |word: &str| matches!(word, "a" | "as" | "for" | "in" | "of" | "the");
            if self.word(at).is_some_and(is_link) {
                at = self.skip_space_back(at.checked_sub(1)?)?;
            }
        }
        if self.is_mark(at, &['%']) || matches!(self.word(at), Some("percent" | "pct")) {
            at = self.skip_space_back(at.checked_sub(1)?)?;
        }
        let figure = self.figure(at).filter(|_| !self.is_taken(at))?;
        let is_share = figure.sort == Sort::Percent && kind == Label::Noun;
        if !figure.is_likely() && !is_share {
            return None;
        }
        let word = self.word(label)?;
        let is_plural = word.ends_with('s');
        let is_owing_to = word == "due" && self.word(label + 2) == Some("to");
        let is_amount = match kind {
            Label::Noun => (figure.whole >= 10 || figure.is_fine || is_share) && !is_plural,
            Label::Verb => figure.is_large() && !is_owing_to,
            Label::Vague => figure.is_large() && matches!(word, "total" | "gross" | "net"),
        };
        is_amount.then_some(at)
    }
}

/// How many tokens a number may be away from its label.
const FAR: usize = 20;
/// How many words that say something may stand between.
const MOST_WORDS: usize = 4;
