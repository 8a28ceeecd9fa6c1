//! Numbers in figures, by their shape: an amount, a date, a time, a telephone number.

use crate::scrub::fold::Letter;
use crate::scrub::shape::{
    has_zero, is_compact_date, is_date, is_dialled, is_dotted_date, is_padded, is_small, is_year,
    may_be_prices,
};
use crate::scrub::token::is_symbol;

/// A number, with what can be told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Figure {
    pub(super) sort: Sort,
    /// Its whole part; of a range the larger; the largest there is for one that is larger still.
    pub(super) whole: u64,
    /// How many digits it has.
    pub(super) digits: usize,
    /// It has cents, or is grouped by thousands: hardly anything else is written so.
    pub(super) is_fine: bool,
    /// What stands before and behind its only point.
    pub(super) dotted: Option<Dotted>,
}

/// A number such as `9.30`, which may be a time or a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dotted {
    first: u8,
    second: u8,
    /// How many digits stand behind the point.
    places: usize,
}

/// What a number may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// A number like any other.
    Plain,
    /// Two numbers with a dash or a slash between them.
    Range,
    /// An amount by its shape alone: `50,-`, `1.5k`.
    Evident,
    /// So many of something: `12 guests`.
    Counted,
    /// A percentage.
    Percent,
    /// A day, or a number that names something: an amount only where a currency says so.
    Unlikely,
    /// A time, a whole date, a telephone number, a version.
    Never,
}

impl Figure {
    /// Whether it may be an amount.
    pub(super) fn is_likely(self) -> bool {
        matches!(self.sort, Sort::Plain | Sort::Range | Sort::Evident)
    }

    /// Whether it is of a size that seldom counts anything.
    pub(super) fn is_large(self) -> bool {
        self.is_fine || self.whole >= 100
    }

    /// Whether it is written in words, with hundreds or thousands, two at least.
    pub(super) fn is_in_words(self) -> bool {
        self.sort == Sort::Plain && self.digits == 0 && self.is_fine && self.whole >= 200
    }

    /// Whether a clock could show it: `0930`, `1700`.
    pub(super) fn is_clock(self) -> bool {
        let is_short = self.digits == 4 && !self.is_fine && self.sort != Sort::Range;
        is_short && self.whole / 100 <= 24 && self.whole % 100 < 60
    }

    /// Whether a clock could show it with a point: `9.30`.
    pub(super) fn is_dotted_clock(self) -> bool {
        self.dotted.is_some_and(|it| it.first <= 24 && it.second < 60 && it.places == 2)
    }

    /// Whether its minutes are those of meeting times, in quarters of an hour of the day.
    pub(super) fn is_quarter(self) -> bool {
        self.dotted.is_some_and(|it| it.first >= 6 && it.second.is_multiple_of(15))
    }

    /// Whether it could be a day and a month, with a point between: `15.4`.
    pub(super) fn is_dotted_day(self) -> bool {
        self.dotted.is_some_and(|it| (1..=31).contains(&it.first) && (1..=12).contains(&it.second))
    }

    /// Whether it has one digit behind its point, as few amounts have.
    pub(super) fn has_one_place(self) -> bool {
        self.dotted.is_some_and(|it| it.places == 1)
    }

    /// Whether it could be a year: from 1900 to 2099.
    pub(super) fn is_year(self) -> bool {
        self.digits == 4 && !self.is_fine && (1900..2100).contains(&self.whole)
    }

    /// Whether it is rather a year than an amount: those seldom are so odd.
    pub(super) fn is_odd_year(self) -> bool {
        self.is_year() && !self.whole.is_multiple_of(100)
    }

    /// Whether it could be dialled: seven digits and no groups.
    pub(super) fn is_long(self) -> bool {
        self.digits >= 7 && !self.is_fine
    }
}

/// Whether a number begins with this.
pub(super) fn begins(c: char) -> bool {
    c.is_ascii_digit() || is_fraction(c)
}

/// Reads the number that begins here, and says where it ends.
pub(super) fn read(letters: &[Letter], at: usize) -> (Figure, usize) {
    if let Some((sort, end)) = dialled(letters, at) {
        return (Figure { sort, whole: 0, digits: 0, is_fine: false, dotted: None }, end);
    }
    if letters.get(at).is_some_and(|letter| is_fraction(letter.plain)) {
        return (
            Figure { sort: Sort::Unlikely, whole: 0, digits: 1, is_fine: false, dotted: None },
            at + 1,
        );
    }
    let is_after_symbol = follows_symbol(letters, at);
    let (mut number, mut at) = Number::read(letters, at);
    if number.separators.is_empty() {
        at = number.read_spelt(letters, at);
        at = number.read_spaced(letters, at, is_after_symbol);
    }
    if letters.get(at).is_some_and(|letter| is_fraction(letter.plain)) {
        at += 1;
    }
    let mut figure = number.figure();
    let plain = |at: usize| letters.get(at).map(|letter| letter.plain);
    let is_end =
        |at: usize| letters.get(at).is_none_or(|next| !next.plain.is_alphabetic() || next.is_upper);
    if figure.is_likely() && plain(at) == Some('k') && is_end(at + 1) {
        at += 1;
        // What cameras take is told by the thousand too.
        let is_picture = matches!((figure.whole, figure.is_fine), (4 | 8, false));
        figure.sort = if is_picture { figure.sort } else { Sort::Evident };
        (figure.whole, figure.is_fine) = (figure.whole.saturating_mul(1_000), true);
    } else if figure.is_likely()
        && let Some(end) = dashed_end(letters, at)
    {
        (figure.sort, at) = (Sort::Evident, end);
    }
    (figure, at)
}

/// Where a number with a `+` before it ends, if it can be dialled. Without a gap it may be a sum.
fn dialled(letters: &[Letter], at: usize) -> Option<(Sort, usize)> {
    let plain = |at: usize| letters.get(at).map(|letter| letter.plain);
    let is_digit = |at: usize| plain(at).is_some_and(|c| c.is_ascii_digit());
    (at > 0 && plain(at - 1) == Some('+')).then_some(())?;
    let (mut end, mut digits) = (at, 0);
    loop {
        match plain(end) {
            Some(c) if c.is_ascii_digit() => digits += 1,
            Some('-' | '.') if is_digit(end + 1) => {}
            Some(' ') if is_digit(end + 1) && digits < ENOUGH => {}
            Some('(' | ')' | ' ')
                if digits < ENOUGH && (is_digit(end + 1) || is_digit(end + 2)) => {}
            _ => break,
        }
        end += 1;
    }
    let sort = if end - at == digits { Sort::Unlikely } else { Sort::Never };
    (digits >= 8).then_some((sort, end))
}

/// Whether the sign of a currency stands before a number.
fn follows_symbol(letters: &[Letter], at: usize) -> bool {
    let behind = letters.iter().take(at).rev().map(|letter| letter.plain);
    behind.take(4).find(|c| *c != ' ').is_some_and(is_symbol)
}

/// Where the dash of `50,-` or `50.--` ends; a number behind it makes it a range.
fn dashed_end(letters: &[Letter], at: usize) -> Option<usize> {
    let plain = |at: usize| letters.get(at).map(|letter| letter.plain);
    matches!(plain(at), Some('.' | ',' | ':')).then_some(())?;
    let dashes = letters.iter().skip(at + 1).take_while(|letter| letter.plain == '-').count();
    let end = at + 1 + dashes;
    let next = letters.iter().skip(end).map(|letter| letter.plain).find(|c| *c != ' ');
    (dashes > 0 && !next.is_some_and(|c| c.is_ascii_digit())).then_some(end)
}

/// Groups of digits and what stands between them.
#[derive(Debug, Default)]
struct Number {
    groups: Vec<String>,
    separators: Vec<char>,
}

impl Number {
    fn read(letters: &[Letter], at: usize) -> (Self, usize) {
        let mut number = Self::default();
        let (group, mut at) = digits(letters, at);
        number.groups.push(group);
        while let Some(separator) = letters.get(at).map(|letter| letter.plain) {
            let (group, end) = digits(letters, at + 1);
            if !".,':/-_".contains(separator) || group.is_empty() {
                break;
            }
            number.separators.push(separator);
            number.groups.push(group);
            at = end;
        }
        (number, at)
    }

    /// Digits with spaces between them: `9 0 0`.
    fn read_spelt(&mut self, letters: &[Letter], at: usize) -> usize {
        let mut spelt = self.groups.concat();
        let mut end = at;
        while spelt.len() <= MOST_SPELT && letters.get(end).is_some_and(|next| next.plain == ' ') {
            let (group, after) = digits(letters, end + 1);
            if group.len() != 1 {
                break;
            }
            spelt += &group;
            end = after;
        }
        if self.groups.concat().len() != 1 || spelt.len() < 3 {
            return at;
        }
        self.groups = vec![spelt];
        end
    }

    /// Thousands with spaces between them, and cents behind those.
    fn read_spaced(&mut self, letters: &[Letter], mut at: usize, is_after_symbol: bool) -> usize {
        if self.groups.first().is_some_and(|first| has_zero(first)) {
            return self.read_dialled(letters, at);
        }
        let is_first = |group: &String| group.len() <= 3 && !group.starts_with('0');
        if !self.groups.first().is_some_and(is_first) {
            return at;
        }
        let first = at;
        let plain = |at: usize| letters.get(at).map(|letter| letter.plain);
        let group_after = |at: usize| {
            let (group, end) = digits(letters, at + 1);
            (!group.is_empty()).then_some((group, end))
        };
        while let Some((group, end)) = group_after(at).filter(|_| plain(at) == Some(' ')) {
            if group.len() != 3 {
                break;
            }
            self.separators.push(' ');
            self.groups.push(group);
            at = end;
        }
        if self.separators.is_empty() {
            return at;
        }
        let is_dialled = self.groups.iter().map(String::len).eq([3, 3]);
        let line = group_after(at).filter(|(group, _)| group.len() == 4);
        if let Some((group, end)) = line.filter(|_| is_dialled && plain(at) == Some(' ')) {
            // `$500 555 0100` is an amount and a telephone number.
            if is_after_symbol {
                (self.separators, self.groups) = (Vec::new(), self.groups.drain(..1).collect());
                return first;
            }
            self.separators.push(' ');
            self.groups.push(group);
            return end;
        }
        let cents = group_after(at).filter(|(group, _)| group.len() <= 2);
        if let (Some(point @ ('.' | ',')), Some((group, end))) = (plain(at), cents) {
            self.separators.push(point);
            self.groups.push(group);
            at = end;
        }
        at
    }

    /// A telephone number with its zero: `020 7946 0958`.
    fn read_dialled(&mut self, letters: &[Letter], at: usize) -> usize {
        let (mut groups, mut end) = (self.groups.clone(), at);
        while groups.len() <= MOST_SPELT && letters.get(end).is_some_and(|next| next.plain == ' ') {
            let (group, after) = digits(letters, end + 1);
            if !(2..=8).contains(&group.len()) {
                break;
            }
            groups.push(group);
            end = after;
        }
        let count: usize = groups.iter().map(String::len).sum();
        if groups.len() < 2 || !(9..=12).contains(&count) {
            return at;
        }
        self.separators = vec![' '; groups.len() - 1];
        self.groups = groups;
        end
    }

    fn figure(&self) -> Figure {
        let digits = self.groups.iter().map(String::len).sum();
        let (sort, whole, is_fine) = if self.separators.contains(&':') {
            (Sort::Never, 0, false)
        } else if self.separators.iter().any(|separator| is_dash(*separator)) {
            self.dashed()
        } else {
            one(&self.groups, &self.separators)
        };
        Figure { sort, whole, digits, is_fine, dotted: self.dotted() }
    }

    fn dotted(&self) -> Option<Dotted> {
        let ([first, second], ['.']) = (self.groups.as_slice(), self.separators.as_slice()) else {
            return None;
        };
        let read = |group: &String| group.parse().ok().filter(|_| group.len() <= 2);
        Some(Dotted { first: read(first)?, second: read(second)?, places: second.len() })
    }

    /// Parts with dashes or slashes between them.
    fn dashed(&self) -> (Sort, u64, bool) {
        let parts = self.parts();
        let read: Vec<_> = parts.iter().map(|(groups, within)| one(groups, within)).collect();
        let whole = read.iter().map(|(_, whole, _)| *whole).max().unwrap_or_default();
        let is_fine = read.iter().any(|(_, _, is_fine)| *is_fine);
        let bare: Vec<&str> = parts
            .iter()
            .map(|(groups, within)| if within.is_empty() { groups[0].as_str() } else { "" })
            .collect();
        let sort = match bare.as_slice() {
            [first, second] => self.pair(first, second),
            [first, second, third] if is_date([first, second, third]) => Sort::Never,
            three @ [_, _, _] if may_be_prices(three) => Sort::Range,
            _ => Sort::Unlikely,
        };
        (sort, whole, is_fine)
    }

    fn pair(&self, first: &str, second: &str) -> Sort {
        let is_slash = self.separators.contains(&'/');
        let zero = has_zero(first) || has_zero(second);
        match (first.len(), second.len()) {
            (4, 1 | 2) if is_year(first) && is_small(second) => Sort::Never,
            _ if zero || (is_slash && is_small(first) && is_small(second)) => Sort::Unlikely,
            _ => Sort::Range,
        }
    }

    fn parts(&self) -> Vec<(&[String], &[char])> {
        let mut parts = Vec::new();
        let mut first = 0;
        for (at, separator) in self.separators.iter().enumerate() {
            if is_dash(*separator) {
                parts.push((&self.groups[first..=at], &self.separators[first..at]));
                first = at + 1;
            }
        }
        parts.push((&self.groups[first..], &self.separators[first..]));
        parts
    }
}

/// One number: what it may be, its whole part, and whether it is finely written.
fn one(groups: &[String], separators: &[char]) -> (Sort, u64, bool) {
    let (Some(first), Some(last)) = (groups.first(), groups.last()) else {
        return (Sort::Never, 0, false);
    };
    let Some(point) = separators.last().copied() else {
        let is_dialled = first.len() > 9 || (first.len() == 9 && !first.ends_with("000"));
        let is_code = is_dialled || is_compact_date(first) || has_zero(first);
        return (if is_code { Sort::Unlikely } else { Sort::Plain }, whole(groups), false);
    };
    let times = separators.iter().filter(|separator| **separator == point).count();
    let is_once = matches!(point, '.' | ',') && times == 1 && (last.len() != 3 || first == "0");
    // `1.200.00`, from hands that know one separator.
    let inner = groups.get(1..groups.len() - 1).unwrap_or_default();
    let has_cents =
        is_once || (times > 1 && last.len() == 2 && inner.iter().all(|group| group.len() == 3));
    let counted = if has_cents { &groups[..groups.len() - 1] } else { groups };
    let thousands = &counted[1..];
    // In India all groups but the last have two digits.
    let in_twos = thousands.last().is_some_and(|group| group.len() == 3)
        && separators.first() == Some(&',')
        && thousands.iter().all(|group| matches!(group.len(), 2 | 3));
    let in_threes = thousands.iter().all(|group| group.len() == 3);
    let sort = if is_dotted_date(groups, separators) {
        Sort::Never
    } else if is_dialled(groups, point)
        || is_padded(groups, separators)
        || (has_cents && last.len() > 3)
    {
        Sort::Unlikely
    } else if in_threes && separators.len() > 1 && is_once && last.len() == 2 {
        // Groups and cents: `1,450.00`.
        Sort::Evident
    } else if in_threes || in_twos {
        Sort::Plain
    } else {
        Sort::Unlikely
    };
    (sort, whole(counted), matches!(sort, Sort::Plain | Sort::Evident))
}

fn whole(groups: &[String]) -> u64 {
    groups.concat().parse().unwrap_or(u64::MAX)
}

fn digits(letters: &[Letter], at: usize) -> (String, usize) {
    let ahead = letters.iter().skip(at).map(|letter| letter.plain);
    let group: String = ahead.take_while(char::is_ascii_digit).collect();
    let end = at + group.len();
    (group, end)
}

fn is_dash(separator: char) -> bool {
    matches!(separator, '-' | '/')
}

fn is_fraction(c: char) -> bool {
    matches!(c, '¼'..='¾' | '⅐'..='⅞')
}

/// How many digits may stand with spaces between them.
const MOST_SPELT: usize = 9;
/// Digits with which a number can be dialled from abroad.
const ENOUGH: usize = 10;
