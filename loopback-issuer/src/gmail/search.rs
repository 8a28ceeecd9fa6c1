//! A query in the language of
//! [Gmail's search box](https://support.google.com/mail/answer/7190), as far as it is understood.
//!
//! What is not understood is refused: a search that means something else would find something else.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::mail::{Mail, words};
use crate::google::refusal::Refusal;

/// Terms, all of which a mail has to match.
pub(super) struct Query(Vec<Term>);

struct Term {
    wanted: bool,
    what: What,
}

enum What {
    /// The one in the header: what a replaced one was is not searched.
    MessageId(String),
    Label(String),
    Anywhere,
    From(Vec<String>),
    To(Vec<String>),
    Subject(Vec<String>),
    After(Timestamp),
    Before(Timestamp),
    HasAttachment,
    /// In subject or text.
    Text(Vec<String>),
}

impl Query {
    /// `address` is whom `me` means.
    pub(super) fn parse(text: &str, address: &str) -> Result<Self, Refusal> {
        terms(text)
            .iter()
            .map(|term| Term::parse(term, address))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    pub(super) fn matches(&self, mail: &Mail) -> bool {
        self.0.iter().all(|term| term.what.matches(mail) == term.wanted)
    }
}

impl Term {
    fn parse(term: &str, address: &str) -> Result<Self, Refusal> {
        let (wanted, term) = match term.strip_prefix('-') {
            Some(rest) => (false, rest),
            None => (true, term),
        };
        let what = match term.split_once(':') {
            Some((operator, value)) if !operator.contains('"') => {
                What::of(&operator.to_ascii_lowercase(), value, address)
            }
            _ if term == "OR" || term == "AND" || term.contains(['(', ')', '{', '}']) => None,
            _ => Some(What::Text(words(term))),
        };
        let not_understood =
            || Refusal::invalid(format!("this Gmail does not understand `{term}`"));
        Ok(Self { wanted, what: what.ok_or_else(not_understood)? })
    }
}

impl What {
    fn of(operator: &str, value: &str, address: &str) -> Option<Self> {
        let person = || words(if value.eq_ignore_ascii_case("me") { address } else { value });
        Some(match (operator, value) {
            (_, "") => return None,
            ("rfc822msgid", id) => Self::MessageId(bare(id).to_owned()),
            ("in", "anywhere") => Self::Anywhere,
            ("in", "drafts") => Self::Label("DRAFT".to_owned()),
            ("in" | "label" | "is", label) => Self::Label(bare(label).to_owned()),
            ("from", _) => Self::From(person()),
            ("to", _) => Self::To(person()),
            ("subject", _) => Self::Subject(words(value)),
            ("after", when) => Self::After(instant(when)?),
            ("before", when) => Self::Before(instant(when)?),
            ("has", "attachment") => Self::HasAttachment,
            _ => return None,
        })
    }

    fn matches(&self, mail: &Mail) -> bool {
        let index = &mail.index;
        match self {
            Self::MessageId(id) => index.message_id.as_ref() == Some(id),
            Self::Label(label) => mail.is(label),
            Self::Anywhere => true,
            Self::From(phrase) => holds(&index.from, phrase),
            Self::To(phrase) => holds(&index.to, phrase),
            Self::Subject(phrase) => holds(&index.subject, phrase),
            Self::After(at) => mail.internal_date >= *at,
            Self::Before(at) => mail.internal_date < *at,
            Self::HasAttachment => index.attachments > 0,
            Self::Text(phrase) => holds(&index.subject, phrase) || holds(&index.text, phrase),
        }
    }
}

/// At spaces that stand in no quotes.
fn terms(text: &str) -> Vec<String> {
    let mut terms = vec![String::new()];
    let mut is_quoted = false;
    for c in text.chars() {
        is_quoted ^= c == '"';
        match terms.last_mut() {
            Some(term) if is_quoted || !c.is_whitespace() => term.push(c),
            _ => terms.push(String::new()),
        }
    }
    terms.retain(|term| !term.is_empty());
    terms
}

/// Without quotes and brackets.
fn bare(value: &str) -> &str {
    value.trim_matches('"').trim_start_matches('<').trim_end_matches('>')
}

/// Seconds since 1970, or a date, whose first moment is meant; here it is UTC's.
fn instant(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse() {
        return Timestamp::from_second(seconds).ok();
    }
    let [year, month, day] = text.split(['/', '-']).collect::<Vec<_>>()[..] else { return None };
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// Whether the words stand there one after another.
fn holds(text: &[String], phrase: &[String]) -> bool {
    phrase.is_empty() || text.windows(phrase.len()).any(|window| window == phrase)
}
