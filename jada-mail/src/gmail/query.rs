//! A search in Gmail's own language, built so that no value can become an operator.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, civil::Date};

use crate::{
    Error, MessageId,
    syntax::{invalid, no_control},
};

/// What mails are searched for, in
/// [Gmail's language](https://support.google.com/mail/answer/7190). A mail is found when it meets
/// every condition; without one, all are found but those in spam and trash.
///
/// ```
/// use jada_mail::Query;
///
/// let query = Query::new()
///     .after(jiff::civil::date(2026, 5, 1))
///     .from("booking.example".parse()?)
///     .subject("Your \"Sea Breeze\" charter".parse()?)
///     .not(Query::new().label("done".parse()?));
/// assert_eq!(
///     query.to_string(),
///     "after:2026/05/01 from:\"booking.example\" subject:\"Your Sea Breeze charter\" \
///      -label:\"done\""
/// );
/// # Ok::<(), jada_mail::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    terms: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    Word(&'static str),
    Value(&'static str, SearchText),
    Time(&'static str, QueryTime),
    Id(MessageId),
    Raw(String),
    Not(Query),
    Any(Vec<Query>),
}

impl Query {
    /// Finds all mails.
    pub fn new() -> Self {
        Self::default()
    }

    /// Received or sent on that day or later, or after that instant, to the second. Gmail lets a
    /// day begin at midnight Pacific time
    /// ([its page](https://developers.google.com/workspace/gmail/api/guides/filtering)); for
    /// another zone's day, give the instant at which it begins.
    #[must_use]
    pub fn after(self, time: impl Into<QueryTime>) -> Self {
        self.and(Term::Time("after", time.into()))
    }

    /// Received or sent before that day, or before that instant, to the second.
    #[must_use]
    pub fn before(self, time: impl Into<QueryTime>) -> Self {
        self.and(Term::Time("before", time.into()))
    }

    /// From a name, an address or a domain.
    #[must_use]
    pub fn from(self, sender: SearchText) -> Self {
        self.and(Term::Value("from:", sender))
    }

    /// To a name, an address or a domain.
    #[must_use]
    pub fn to(self, recipient: SearchText) -> Self {
        self.and(Term::Value("to:", recipient))
    }

    /// With these words in the subject, in this order.
    #[must_use]
    pub fn subject(self, words: SearchText) -> Self {
        self.and(Term::Value("subject:", words))
    }

    /// With these words somewhere, in this order.
    #[must_use]
    pub fn phrase(self, words: SearchText) -> Self {
        self.and(Term::Value("", words))
    }

    /// With an attachment.
    #[must_use]
    pub fn has_attachment(self) -> Self {
        self.and(Term::Word("has:attachment"))
    }

    /// With an attachment of this name or ending, such as `pdf`.
    #[must_use]
    pub fn filename(self, name: SearchText) -> Self {
        self.and(Term::Value("filename:", name))
    }

    /// With this label.
    #[must_use]
    pub fn label(self, label: SearchText) -> Self {
        self.and(Term::Value("label:", label))
    }

    /// With this Message-ID, which Gmail may have put in place of the one that was composed.
    #[must_use]
    pub fn rfc822_message_id(self, id: MessageId) -> Self {
        self.and(Term::Id(id))
    }

    /// Sent by the account.
    #[must_use]
    pub fn in_sent(self) -> Self {
        self.and(Term::Word("in:sent"))
    }

    /// Not what `query` finds. A query without a condition is left out.
    #[must_use]
    pub fn not(self, query: Self) -> Self {
        if query.terms.is_empty() { self } else { self.and(Term::Not(query)) }
    }

    /// What one of `queries` finds at least. Queries without a condition are left out.
    #[must_use]
    pub fn any_of(self, queries: impl IntoIterator<Item = Self>) -> Self {
        let queries = queries.into_iter().filter(|query| !query.terms.is_empty());
        let queries: Vec<_> = queries.collect();
        if queries.is_empty() { self } else { self.and(Term::Any(queries)) }
    }

    /// What a person has written in Gmail's language. Its quotes and brackets have to be closed.
    #[must_use]
    pub fn raw(self, query: &str) -> Self {
        match query.trim() {
            "" => self,
            query => self.and(Term::Raw(query.to_owned())),
        }
    }

    fn and(mut self, term: Term) -> Self {
        self.terms.push(term);
        self
    }

    /// As one term of another.
    fn fmt_grouped(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.terms[..] {
            [Term::Not(_)] => write!(f, "({self})"),
            [_] => write!(f, "{self}"),
            _ => write!(f, "({self})"),
        }
    }
}

/// Writes the query as Gmail reads it.
impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, term) in self.terms.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { " " })?;
            write!(f, "{term}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => f.write_str(word),
            Self::Value(operator, text) => write!(f, "{operator}\"{text}\""),
            Self::Time(operator, QueryTime(time)) => write!(f, "{operator}:{time}"),
            Self::Id(id) if id.as_str().bytes().all(is_plain) => write!(f, "rfc822msgid:{id}"),
            Self::Id(id) => write!(f, "rfc822msgid:\"{}\"", without_quotes(id.as_str())),
            Self::Raw(query) if query.contains(char::is_whitespace) => write!(f, "({query})"),
            Self::Raw(query) => f.write_str(query),
            Self::Not(query) => {
                f.write_str("-")?;
                query.fmt_grouped(f)
            }
            Self::Any(queries) => {
                for (index, query) in queries.iter().enumerate() {
                    f.write_str(if index == 0 { "{" } else { " " })?;
                    query.fmt_grouped(f)?;
                }
                f.write_str("}")
            }
        }
    }
}

/// Whether it means nothing in a query.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._@+=-".contains(&byte)
}

/// A day or an instant as a [`Query`] has it, made of a [`Date`] or a [`Timestamp`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryTime(String);

impl From<Date> for QueryTime {
    fn from(day: Date) -> Self {
        Self(format!("{:04}/{:02}/{:02}", day.year(), day.month(), day.day()))
    }
}

impl From<Timestamp> for QueryTime {
    fn from(instant: Timestamp) -> Self {
        Self(instant.as_second().to_string())
    }
}

/// A text to search for: up to 500 bytes, with a letter or a digit, and without a control
/// character.
///
/// Quotes and backslashes in it become spaces. Gmail does not search for punctuation, and has no
/// way to write a quote within quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchText(String);

impl SearchText {
    /// Returns the text as it is searched for.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Of an address or a domain that was checked.
    pub(crate) fn of_checked(text: &str) -> Self {
        Self(without_quotes(text))
    }
}

impl FromStr for SearchText {
    type Err = Error;

    /// Checks a text.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for one of another form; not worth a retry.
    fn from_str(text: &str) -> Result<Self, Error> {
        no_control(WHAT, text)?;
        if !text.contains(char::is_alphanumeric) {
            return Err(invalid(WHAT, text, text.len(), "a letter or a digit"));
        }
        if text.len() > LONGEST {
            return Err(invalid(WHAT, text, LONGEST, "the end, since it has at most 500 bytes"));
        }
        Ok(Self(without_quotes(text)))
    }
}

impl fmt::Display for SearchText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn without_quotes(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || QUOTES.contains(&c));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

const WHAT: &str = "a text to search for";
const LONGEST: usize = 500;
/// What may end a phrase, a person's typographic quotes among them.
const QUOTES: [char; 8] = ['"', '\\', '“', '”', '„', '‟', '«', '»'];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(text: &str) -> SearchText {
        text.parse().unwrap()
    }

    #[test]
    fn each_condition_is_written_in_gmails_language() {
        let instant: Timestamp = "2026-05-01T12:00:00.9Z".parse().unwrap();
        let id = |id: &str| Query::new().rfc822_message_id(id.parse().unwrap());
        for (query, written) in [
            (Query::new(), ""),
            (Query::new().after(jiff::civil::date(2026, 5, 1)), "after:2026/05/01"),
            (Query::new().before(jiff::civil::date(826, 12, 31)), "before:0826/12/31"),
            (Query::new().after(instant), "after:1777636800"),
            (Query::new().from(text("ada@example.com")), "from:\"ada@example.com\""),
            (Query::new().to(text("example.com")), "to:\"example.com\""),
            (Query::new().subject(text("a b")), "subject:\"a b\""),
            (Query::new().phrase(text("a b")), "\"a b\""),
            (Query::new().filename(text("pdf")), "filename:\"pdf\""),
            (Query::new().label(text("My trips/2026")), "label:\"My trips/2026\""),
            (Query::new().has_attachment().in_sent(), "has:attachment in:sent"),
            (id("a.b+c@example.com"), "rfc822msgid:a.b+c@example.com"),
            (id("{a}@[x\"(y]"), "rfc822msgid:\"{a}@[x (y]\""),
            (Query::new().raw("  "), ""),
            (Query::new().raw(" is:unread "), "is:unread"),
            (Query::new().raw("a OR b").in_sent(), "(a OR b) in:sent"),
        ] {
            assert_eq!(query.to_string(), written);
        }
    }

    #[test]
    fn conditions_are_negated_and_joined_as_groups() {
        let (sent, two) = (Query::new().in_sent(), Query::new().in_sent().has_attachment());
        let not = |query: &Query| Query::new().not(query.clone());
        for (query, written) in [
            (not(&sent), "-in:sent"),
            (not(&two), "-(in:sent has:attachment)"),
            (not(&not(&sent)), "-(-in:sent)"),
            (not(&Query::new()), ""),
            (not(&Query::new().raw("a b")), "-(a b)"),
            (
                Query::new().any_of([sent.clone(), two.clone()]),
                "{in:sent (in:sent has:attachment)}",
            ),
            (not(&Query::new().any_of([sent.clone(), two])), "-{in:sent (in:sent has:attachment)}"),
            (Query::new().any_of([Query::new(), sent.clone()]), "{in:sent}"),
            (Query::new().any_of([Query::new()]), ""),
            (Query::new().any_of([not(&sent), sent]), "{(-in:sent) in:sent}"),
        ] {
            assert_eq!(query.to_string(), written);
        }
    }

    #[test]
    fn a_value_stays_between_its_quotes() {
        for (value, written) in [
            ("x\" OR from:\"y", "from:\"x OR from: y\""),
            ("-in:trash {a b} (c)", "from:\"-in:trash {a b} (c)\""),
            ("back\\slash\\", "from:\"back slash\""),
            ("„Sea Breeze“", "from:\"Sea Breeze\""),
            ("  a \u{a0} b  ", "from:\"a b\""),
        ] {
            assert_eq!(Query::new().from(text(value)).to_string(), written);
        }
    }

    #[test]
    fn what_would_find_everything_is_refused() {
        for (value, position) in [("", 0), ("\"\"", 2), ("?!", 2), ("a\nb", 1), ("a\0", 1)] {
            let Err(Error::Invalid { at, .. }) = value.parse::<SearchText>() else {
                panic!("{value:?} was accepted");
            };
            assert_eq!(at, position, "{value:?}");
        }
        assert!("x".repeat(500).parse::<SearchText>().is_ok());
        assert!("x".repeat(501).parse::<SearchText>().is_err());
    }

    proptest! {
        #[test]
        fn no_value_closes_its_quotes(value in ".{0,40}") {
            if let Ok(value) = value.parse::<SearchText>() {
                let written = Query::new().subject(value.clone()).to_string();
                let inner = written.strip_prefix("subject:\"").and_then(|it| it.strip_suffix('"'));
                prop_assert_eq!(inner, Some(value.as_str()));
                prop_assert!(!value.as_str().contains(['"', '\\']));
                prop_assert!(value.as_str().contains(char::is_alphanumeric));
            }
        }
    }
}
