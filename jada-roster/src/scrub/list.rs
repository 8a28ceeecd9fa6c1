//! The numbers that share a label: `Fees: captain 150, mate 120`, and those on the way to the first.

use crate::scrub::figure::{Figure, Sort};
use crate::scrub::finder::Finder;
use crate::scrub::tables;
use crate::scrub::token::{Case, Kind};

/// What stands between two numbers of a list.
#[derive(Debug, Default)]
struct Gap {
    words: usize,
    /// A comma, a slash, or a name: something that goes on with a list.
    is_linked: bool,
}

impl Finder<'_> {
    /// The numbers that follow the first of a label, up to the end of the sentence or the next label.
    pub(super) fn others_after(&self, first: usize) -> Vec<usize> {
        let Some(leader) = self.figure(first) else {
            return Vec::new();
        };
        let (mut found, mut gap) = (Vec::new(), Gap::default());
        for at in first + 1..self.tokens.len() {
            if let Some(figure) = self.figure(at) {
                if gap.is_linked && self.is_another(at, figure, leader, &gap) {
                    found.push(at);
                }
                gap = Gap::default();
            } else if !self.goes_on(at, &mut gap) {
                break;
            }
        }
        found
    }

    fn goes_on(&self, at: usize, gap: &mut Gap) -> bool {
        match &self.tokens[at].kind {
            Kind::Space | Kind::Symbol => true,
            Kind::Mark(',' | '/' | '(' | '-' | '&' | '+' | '=' | ':') => {
                gap.is_linked = true;
                true
            }
            Kind::Mark('.' | ';' | '!' | '?') => false,
            Kind::Mark(_) => true,
            Kind::Word(word) => {
                gap.words += 1;
                gap.is_linked |= self.tokens[at].case == Case::Title || word == "and";
                gap.words <= MOST_WORDS && self.rules.label(word).is_none()
            }
            Kind::Figure(_) | Kind::Break | Kind::Removed => false,
        }
    }

    fn is_another(&self, at: usize, figure: Figure, leader: Figure, gap: &Gap) -> bool {
        let before = at.checked_sub(1).and_then(|at| self.skip_space_back(at));
        let before = before.and_then(|at| self.word(at));
        let is_other = before.is_some_and(|word| {
            tables::TEMPORAL.has(word) || word == "for" || self.rules.is_counted(word)
        });
        let is_clock = figure.is_clock()
            && !leader.is_clock()
            && (gap.words == 0 || leader.whole < LEAST_BESIDE_CLOCK);
        let is_amount = figure.is_fine || figure.whole >= LEAST;
        figure.is_likely()
            && is_amount
            && !is_other
            && !is_clock
            && !figure.is_odd_year()
            && !figure.is_long()
    }

    /// Whether a number is but the way to another: `fee 2026: 300`, `price for 12 is 1450`, `Price (up
    /// to 12) 1450`, `paid for 8`.
    pub(super) fn is_on_the_way(&self, at: usize, figure: Figure) -> bool {
        let is_small = figure.whole <= 31 && !figure.is_fine;
        if figure.sort != Sort::Plain || !(is_small || figure.is_year()) {
            return false;
        }
        let before = at.checked_sub(1).and_then(|at| self.skip_space_back(at));
        let is_for = is_small && before.and_then(|at| self.word(at)) == Some("for");
        let next = self.skip_space(at + 1);
        let leads = self.is_mark(next, &[':', '=', ')']) || self.word(next) == Some("is");
        let mut ahead = (next + 1..).take(3).filter(|at| !self.is_space(*at));
        let ahead = ahead.find(|at| !self.is_symbol(*at));
        let is_amount = |at: usize| {
            // Taken in the round before, or in this one.
            self.tokens.get(at).is_some_and(|token| token.kind == Kind::Removed)
                || self.figure(at).is_some_and(Figure::is_likely)
        };
        is_for || (leads && ahead.is_some_and(is_amount)) || self.is_headcount(at, figure)
    }

    /// `40 Bo 40`: a name follows, and its number.
    pub(super) fn is_followed_by_another(&self, at: usize) -> bool {
        let name = self.skip_space(at + 1);
        let is_name = self.word(name).is_some() && self.tokens[name].case == Case::Title;
        is_name && self.figure(self.skip_space(name + 1)).is_some_and(Figure::is_likely)
    }

    /// `8 (6 adults, 2 kids)`: the first in brackets is half of them at least.
    fn is_headcount(&self, at: usize, figure: Figure) -> bool {
        let open = self.skip_space(at + 1);
        let inner = self.figure(open + 1).filter(|_| self.is_mark(open, &['(']));
        inner.is_some_and(|inner| inner.sort == Sort::Counted && inner.whole * 2 >= figure.whole)
    }
}

/// How many words may stand before each number of a list.
const MOST_WORDS: usize = 2;
/// From where on a number is an amount, behind another.
const LEAST: u64 = 20;
/// How large the first amount is where one that a clock could show may follow.
const LEAST_BESIDE_CLOCK: u64 = 400;
