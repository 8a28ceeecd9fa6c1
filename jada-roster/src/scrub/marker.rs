//! Numbers beside the name or the sign of a currency.

use crate::scrub::figure::Sort;
use crate::scrub::finder::Finder;
use crate::scrub::rules::Named;
use crate::scrub::tables;

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
                self.take(number.min(marker.first), number.max(marker.last));
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
        for step in 0..8 {
            if self.figure(at).is_some() {
                let is_near = step == 0 || (step == 1 && self.is_space(at + 1));
                return Some(Candidate { at, is_near, is_attached: step == 0 });
            }
            let is_country = self.word(at).is_some_and(|word| tables::OF_A_COUNTRY.has(word));
            if !self.is_space(at) && !is_country && !self.is_mark(at, &['-', '.', ')', '"', '\'']) {
                return None;
            }
            let is_end =
                self.is_mark(at, &['.']) && self.is_space(at + 1) && !self.is_abbreviated(at);
            if is_end {
                return None;
            }
            at = at.checked_sub(1)?;
        }
        None
    }

    /// The point of `U.S.`.
    fn is_abbreviated(&self, point: usize) -> bool {
        let before = point.checked_sub(1).and_then(|at| self.word(at));
        before.is_some_and(|word| word.len() == 1)
    }

    fn right_of(&self, marker: Marker) -> Option<Candidate> {
        let first = marker.last + 1;
        for at in first..first + 6 {
            if self.figure(at).is_some() {
                let is_near = at == first || (at == first + 1 && self.is_space(first));
                return Some(Candidate { at, is_near, is_attached: at == first });
            }
            let is_about = self.word(at).is_some_and(|word| tables::ABOUT.has(word));
            let is_link = self.is_mark(at, &[':', '=', '~', '-', '+', '(', '"', '\'']);
            let is_point = self.is_mark(at, &['.']) && !self.ends_sentence(at, marker);
            if !self.is_space(at) && !is_about && !is_link && !is_point {
                return None;
            }
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
        self.is_space(point + 1) && !is_about && (is_iso || !is_shortened)
    }

    fn chosen(
        &self,
        marker: Marker,
        left: Option<Candidate>,
        right: Option<Candidate>,
    ) -> Vec<usize> {
        let left = left.filter(|left| self.may_be_amount(marker, *left));
        let right = right.filter(|right| self.may_be_amount(marker, *right));
        let (Some(left), Some(right)) = (left, right) else {
            let only = left.or(right);
            return only
                .filter(|it| it.is_near || self.is_likely(*it))
                .map(|it| it.at)
                .into_iter()
                .collect();
        };
        if left.is_attached != right.is_attached {
            return vec![if left.is_attached { left.at } else { right.at }];
        }
        if !right.is_near && left.is_near {
            return vec![left.at];
        }
        match (self.is_likely(left), self.is_likely(right)) {
            (true, false) => vec![left.at],
            (false, true) => vec![right.at],
            _ => vec![left.at, right.at],
        }
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
