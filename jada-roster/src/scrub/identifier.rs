//! Identifiers, mail addresses and addresses of pages: nothing in them is an amount.

use std::ops::Range;

use crate::scrub::figure::{Figure, Sort};
use crate::scrub::rules::{Named, ScrubRules};
use crate::scrub::token::{Kind, Token};

/// The tokens with those of identifiers and addresses made into what is no word and no amount.
pub(super) fn sealed(mut tokens: Vec<Token>, rules: &ScrubRules) -> Vec<Token> {
    let mut first = 0;
    while first < tokens.len() {
        let ahead = tokens.iter().skip(first).position(is_blank);
        let end = ahead.map_or(tokens.len(), |ahead| first + ahead);
        for part in
            identifiers(&tokens, first..end, rules).into_iter().chain(address(&tokens, first..end))
        {
            seal(&mut tokens, part, rules);
        }
        first = end + 1;
    }
    tokens
}

fn is_blank(token: &Token) -> bool {
    matches!(token.kind, Kind::Space | Kind::Break | Kind::Removed)
}

/// `651b23d6-7aed-4d0e-8a5e-1f0c9a7b2d3e`: letters and digits in many changes, and few words of money.
fn identifiers(tokens: &[Token], run: Range<usize>, rules: &ScrubRules) -> Vec<Range<usize>> {
    let is_part = |at: &usize| {
        matches!(tokens[*at].kind, Kind::Word(_) | Kind::Figure(_))
            || tokens[*at].is_mark(&['-', '_'])
    };
    let (mut found, mut first) = (Vec::new(), run.start);
    while first < run.end {
        let end = (first..run.end).find(|at| !is_part(at)).unwrap_or(run.end);
        if tokens.get(first..end).is_some_and(|part| is_identifier(part, rules)) {
            found.push(first..end);
        }
        first = end + 1;
    }
    found
}

fn is_identifier(part: &[Token], rules: &ScrubRules) -> bool {
    let is_figure = |token: &Token| token.figure().is_some();
    let changes = part.windows(2).filter(|two| match two {
        [one, other] => is_change(one, other),
        _ => false,
    });
    let length: usize = part.iter().map(|token| token.end - token.start).sum();
    let words = || part.iter().filter_map(Token::word);
    let of_money =
        words().filter(|word| rules.label(word).is_some() || rules.currency(word) == Named::Surely);
    length >= LEAST_LENGTH
        && part.iter().any(is_figure)
        && changes.count() >= LEAST_CHANGES
        && of_money.count() * 2 < words().count()
}

fn is_change(one: &Token, other: &Token) -> bool {
    (one.word().is_some() && other.figure().is_some())
        || (one.figure().is_some() && other.word().is_some())
}

/// The mail address of a run, or its address of a page up to what is asked of the page.
fn address(tokens: &[Token], run: Range<usize>) -> Option<Range<usize>> {
    let is = |at: usize, mark: char| tokens.get(at).is_some_and(|token| token.is_mark(&[mark]));
    let is_word = |at: usize| at < run.end && tokens[at].word().is_some();
    for at in run.clone() {
        if is(at, '@') && at > run.start && is_word(at + 1) && is(at + 2, '.') && is_word(at + 3) {
            return Some(run);
        }
        if is(at, ':') && is(at + 1, '/') && is(at + 2, '/') {
            let query = (at..run.end).find(|at| tokens[*at].is_mark(&['?']));
            return Some(at..query.unwrap_or(run.end));
        }
    }
    None
}

/// Seals the tokens, apart from a number at a currency and one whose groups go on behind the run. The
/// code of a currency is a name like any other in a mail address: `jod7@example.com`.
fn seal(tokens: &mut [Token], part: Range<usize>, rules: &ScrubRules) {
    let is_identifier = tokens.get(part.clone()).is_some_and(|part| is_identifier(part, rules));
    let is_mail = tokens[part.clone()].iter().any(|token| token.is_mark(&['@']));
    let is_currency = |token: Option<&Token>| {
        token.is_some_and(|token| {
            let is_code = token.word().is_some_and(|word| rules.currency(word) == Named::Surely);
            token.kind == Kind::Symbol || (is_code && !is_mail)
        })
    };
    for at in part.clone() {
        let at_currency = is_currency(at.checked_sub(1).and_then(|before| tokens.get(before)))
            || is_currency(tokens.get(at + 1));
        let figure = tokens[at].figure();
        let is_grouped =
            |figure: Figure| figure.is_fine && figure.digits >= 4 && figure.sort == Sort::Plain;
        let goes_on = at + 1 == part.end && figure.is_some_and(is_grouped);
        match figure {
            Some(_) if goes_on || (at_currency && !is_identifier) => {}
            Some(figure) => tokens[at].kind = Kind::Figure(Figure { sort: Sort::Never, ..figure }),
            None if is_identifier => tokens[at].kind = Kind::Mark('_'),
            None => {}
        }
    }
}

/// Bytes that an identifier has at least.
const LEAST_LENGTH: usize = 12;
/// How often letters and digits change in it at least.
const LEAST_CHANGES: usize = 4;
