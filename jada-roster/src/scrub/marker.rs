//! Numbers beside the name or the sign of a currency.

use crate::scrub::figure::{Figure, Sort};
use crate::scrub::finder::Finder;
use crate::scrub::rules::Named;
use crate::scrub::tables;
use crate::scrub::token::Kind;

/// A currency: its first and last token.
#[derive(Clone, Copy, Debug)]
struct Marker {
    first: usize,
    last: usize,
    named: Named,
}

/// A number beside a currency.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    at: usize,
    /// Nothing, or a space, stands between.
    is_near: bool,
    is_attached: bool,
    /// More than space stands between: a bracket, the border of a column, the end of a line.
    is_loose: bool,
}

impl Finder<'_> {
    /// Takes the number on either side of each currency: the one that stands at it, else the one that
    /// counts nothing and names nothing, else both.
    pub(super) fn take_beside_currencies(&mut self) {
        let mut at = 0;
        while at < self.tokens.len() {
            let Some(marker) = self.marker(at) else {
                at += 1;
                continue;
            };
            let (left, right) = (self.left_of(marker), self.right_of(marker));
            for number in self.chosen(marker, left, right) {
                if number.is_loose {
                    // What stands between is no part of the amount.
                    self.take(number.at, number.at);
                } else {
                    self.take(number.at.min(marker.first), number.at.max(marker.last));
                }
            }
            at = marker.last + 1;
        }
    }

    /// `$`, `US$`, `$CAD`, `EUR`.
    fn marker(&self, at: usize) -> Option<Marker> {
        let is_before =
            |at: usize| self.word(at).is_some_and(|word| tables::BEFORE_SYMBOL.has(word));
        let named = self.currency(at);
        if is_before(at) && self.is_symbol(at + 1) {
            return Some(Marker { first: at, ..self.marker(at + 1)? });
        }
        if self.is_symbol(at) {
            let next = at + 1;
            let goes_on = self.currency(next) == Named::Surely || is_before(next);
            let last = if goes_on { next } else { at };
            return Some(Marker { first: at, last, named: Named::Surely });
        }
        (named != Named::No).then_some(Marker { first: at, last: at, named })
    }

    fn left_of(&self, marker: Marker) -> Option<Candidate> {
        let mut at = marker.first.checked_sub(1)?;
        let (mut is_loose, mut breaks) = (false, 0);
        for step in 0..FAR {
            if let Some(figure) = self.figure(at) {
                let is_near = step == 0 || (step == 1 && self.is_space(at + 1));
                let is_another = breaks > 0 && !(figure.is_likely() && figure.is_large());
                return (!is_another).then_some(Candidate {
                    at,
                    is_near,
                    is_attached: step == 0,
                    is_loose,
                });
            }
            let is_country = self.word(at).is_some_and(|word| tables::OF_A_COUNTRY.has(word));
            let is_tight = self.is_space(at) || is_country || self.is_mark(at, &TIGHT_BEFORE);
            let is_in = matches!(self.word(at), Some("in" | "of"));
            breaks += usize::from(self.is_break(at));
            if !is_tight && !is_in && !self.is_loose(at) || breaks > 1 {
                return None;
            }
            is_loose |= !is_tight;
            let is_end =
                self.is_mark(at, &['.']) && self.is_space(at + 1) && !self.is_abbreviated(at);
            if is_end {
                return None;
            }
            at = at.checked_sub(1)?;
        }
        None
    }

    /// A bracket, emphasis, the border of a column; a comma or a slash only without a space at it.
    fn is_loose(&self, at: usize) -> bool {
        let is_between = |at: usize| !self.is_space(at) && !self.is_break(at);
        let is_tight = is_between(at + 1) && at.checked_sub(1).is_some_and(is_between);
        self.is_break(at)
            || self.is_mark(at, &LOOSE)
            || (is_tight && self.is_mark(at, &LOOSE_WITHOUT_SPACE))
    }

    fn is_break(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == Kind::Break)
    }

    /// The point of `U.S.` and `5 Mio.`.
    fn is_abbreviated(&self, point: usize) -> bool {
        let before = point.checked_sub(1).and_then(|at| self.word(at));
        before.is_some_and(|word| word.len() == 1 || tables::MULTIPLIERS.has(word))
    }

    fn right_of(&self, marker: Marker) -> Option<Candidate> {
        let first = marker.last + 1;
        let (mut is_loose, mut breaks) = (false, 0);
        for at in first..first + FAR {
            if self.figure(at).is_some() {
                let is_near = at == first || (at == first + 1 && self.is_space(first));
                return Some(Candidate { at, is_near, is_attached: at == first, is_loose });
            }
            let is_about = self.word(at).is_some_and(|word| tables::ABOUT.has(word));
            let is_point = self.is_mark(at, &['.']) && !self.ends_sentence(at, marker);
            let is_tight =
                self.is_space(at) || is_about || is_point || self.is_mark(at, &TIGHT_AFTER);
            breaks += usize::from(self.is_break(at));
            if !is_tight && self.word(at) != Some("of") && !self.is_loose(at) || breaks > 1 {
                return None;
            }
            is_loose |= !is_tight;
        }
        None
    }

    /// A point behind a currency ends a sentence, but not that of `Rs. 500`, `ca. 500` and `$.50`.
    fn ends_sentence(&self, point: usize, marker: Marker) -> bool {
        let is_short = self.word(point - 1).is_some_and(|word| word.len() <= 3 && word != "eur");
        let is_shortened = is_short
            && self.rules.currency(self.word(point - 1).unwrap_or_default()) == Named::Surely;
        let is_iso = point - 1 == marker.last
            && self.word(point - 1).is_some_and(|word| word.len() == 3 && word != "sfr");
        let is_about = point - 1 > marker.last;
        let is_large = |figure: Figure| figure.is_likely() && figure.is_large();
        let leads = point - 1 == marker.last && self.figure(point + 2).is_some_and(is_large);
        self.is_space(point + 1) && !is_about && !leads && (is_iso || !is_shortened)
    }

    fn chosen(
        &self,
        marker: Marker,
        left: Option<Candidate>,
        right: Option<Candidate>,
    ) -> Vec<Candidate> {
        let left = left.filter(|left| self.may_be_amount(marker, *left));
        let right = right.filter(|right| self.may_be_amount(marker, *right));
        let (Some(left), Some(right)) = (left, right) else {
            let only = left.or(right);
            let only = only.filter(|it| !(it.is_loose && self.has_its_own(marker)));
            return only.filter(|it| it.is_near || self.is_likely(*it)).into_iter().collect();
        };
        if left.is_loose != right.is_loose {
            let (loose, firm) = if left.is_loose { (left, right) } else { (right, left) };
            let is_looser = self.is_likely(firm) || !self.is_likely(loose);
            return vec![if is_looser { firm } else { loose }];
        }
        if left.is_attached != right.is_attached {
            return vec![if left.is_attached { left } else { right }];
        }
        if !right.is_near && left.is_near {
            return vec![left];
        }
        match (self.is_likely(left), self.is_likely(right)) {
            (true, false) => vec![left],
            (false, true) => vec![right],
            _ => vec![left, right],
        }
    }

    /// Whether an amount was taken beside a currency before, and what is further off is another's.
    fn has_its_own(&self, marker: Marker) -> bool {
        let is_removed =
            |at: usize| self.tokens.get(at).is_some_and(|token| token.kind == Kind::Removed);
        let passed = |at: &usize| self.is_space(*at) || self.is_loose(*at);
        let before = (0..marker.first).rev().take(FAR).find(|at| !passed(at));
        let after = (marker.last + 1..).take(FAR).find(|at| !passed(at));
        before.is_some_and(is_removed) || after.is_some_and(is_removed)
    }

    /// Beside a code that is a word as well, only a large number that no clock shows.
    fn may_be_amount(&self, marker: Marker, candidate: Candidate) -> bool {
        self.figure(candidate.at).is_some_and(|figure| {
            let is_large = figure.is_large() && !figure.is_clock() && !figure.is_long();
            figure.sort != Sort::Never
                && (marker.named == Named::Surely || (figure.is_likely() && is_large))
        })
    }

    fn is_likely(&self, candidate: Candidate) -> bool {
        self.figure(candidate.at).is_some_and(|figure| figure.is_likely())
    }
}

/// How many tokens may stand between a currency and its number.
const FAR: usize = 8;
const TIGHT_BEFORE: [char; 5] = ['-', '.', ')', '"', '\''];
const TIGHT_AFTER: [char; 8] = [':', '=', '~', '-', '+', '(', '"', '\''];
const LOOSE: [char; 12] = ['(', ')', '[', ']', '{', '}', '*', '_', '~', '|', '<', '>'];
const LOOSE_WITHOUT_SPACE: [char; 4] = ['/', '=', ';', ','];
