//! A charter: one booking of a boat, as the office keeps it.

pub(crate) mod assignment;
pub(crate) mod crew;
pub(crate) mod hours;

use std::fmt;

use jiff::civil::Date;

use crate::charter::assignment::Assignment;
use crate::charter::crew::Crew;
use crate::error::Error;
use crate::money::{Currency, Money};
use crate::status::{Kind, Status};
use crate::version::Version;

/// The id of a charter: 1 to 200 bytes of text without control characters, trimmed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CharterId(String);

impl CharterId {
    /// Takes an id, trimmed.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is blank, too long, or holds control characters.
    pub fn new(text: &str) -> Result<Self, Error> {
        let id = text.trim();
        let printable = !id.chars().any(char::is_control);
        if id.is_empty() || id.len() > MAX_ID || !printable {
            return Err(Error::invalid("charter_id", text, "1 to 200 bytes of printable text"));
        }
        Ok(Self(id.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CharterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One booking of a boat.
///
/// Text fields hold no control characters but tab and line ends, so that every charter can be
/// printed, put in a cell and mailed.
#[derive(Clone, Debug)]
pub struct Charter(Box<Fields>);

/// On the heap as a whole, since charters are sorted and moved from list to list by the million.
#[derive(Clone, Debug)]
struct Fields {
    id: CharterId,
    date: Date,
    guest: String,
    total: Option<Money>,
    currency: Currency,
    status: Status,
    kind: Kind,
    brand: String,
    notes: String,
    /// By name, each name once.
    extra: Vec<(String, String)>,
    crew: Crew,
    version: Version,
}

impl Charter {
    /// Starts a charter: a pending trip of kind `charter` with neither guest nor total.
    pub fn builder(id: CharterId, date: Date, currency: Currency) -> CharterBuilder {
        CharterBuilder(Fields {
            id,
            date,
            guest: String::new(),
            total: None,
            currency,
            status: Status::Pending,
            kind: Kind::Charter,
            brand: String::new(),
            notes: String::new(),
            extra: Vec::new(),
            crew: Ok(Vec::new()),
            version: Version::New,
        })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &CharterId {
        &self.0.id
    }

    /// The day it sails, in the harbour's calendar.
    #[must_use]
    pub fn date(&self) -> Date {
        self.0.date
    }

    /// The guest's name as it was entered; may be blank.
    #[must_use]
    pub fn guest(&self) -> &str {
        &self.0.guest
    }

    /// The agreed total; negative for a refund, none while it is not confirmed.
    #[must_use]
    pub fn total(&self) -> Option<Money> {
        self.0.total
    }

    /// The currency of its total, known before the total is.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.0.currency
    }

    /// Where the booking stands.
    #[must_use]
    pub fn status(&self) -> Status {
        self.0.status
    }

    /// What sort of trip it is.
    #[must_use]
    pub fn kind(&self) -> &Kind {
        &self.0.kind
    }

    /// The brand it was sold under; may be blank.
    #[must_use]
    pub fn brand(&self) -> &str {
        &self.0.brand
    }

    /// The office's notes; may be blank.
    #[must_use]
    pub fn notes(&self) -> &str {
        &self.0.notes
    }

    /// Columns of the input that this crate has no field for: names and texts, by name.
    #[must_use]
    pub fn extra(&self) -> &[(String, String)] {
        &self.0.extra
    }

    /// Who sails on it, and as what, in the order in which they were assigned.
    ///
    /// Saving a charter leaves that alone: [`CharterRepository::assign`] changes it.
    ///
    /// # Errors
    /// [`Error::CorruptItem`] where another tool keeps that in a way that cannot be read. Everything
    /// else of the charter can be, and is.
    ///
    /// [`CharterRepository::assign`]: crate::CharterRepository::assign
    pub fn assignments(&self) -> Result<&[Assignment], Error> {
        self.crew().as_deref().map_err(|unread| unread.error(self.id()))
    }

    /// Who sails, as it was read.
    pub(crate) fn crew(&self) -> &Crew {
        &self.0.crew
    }

    /// Which state of the stored row this is.
    #[must_use]
    pub fn version(&self) -> Version {
        self.0.version
    }

    /// The same charter as the next state of a stored row.
    #[must_use]
    pub fn with_version(mut self, version: Version) -> Self {
        self.0.version = version;
        self
    }

    pub(crate) fn with_status(mut self, status: Status) -> Self {
        self.0.status = status;
        self
    }

    pub(crate) fn with_crew(mut self, crew: Crew) -> Self {
        self.0.crew = crew;
        self
    }

    /// Where two accounts of a booking differ. Neither the version nor who sails is part of that.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<Difference> {
        let total = |charter: &Self| charter.0.total.map(|total| total.decimal().to_string());
        let extra = |charter: &Self| format!("{:?}", charter.0.extra);
        let fields = [
            (
                "date",
                self.0.date != other.0.date,
                self.0.date.to_string(),
                other.0.date.to_string(),
            ),
            ("guest", self.0.guest != other.0.guest, self.0.guest.clone(), other.0.guest.clone()),
            (
                "total",
                self.0.total != other.0.total,
                total(self).unwrap_or_default(),
                total(other).unwrap_or_default(),
            ),
            (
                "currency",
                self.0.currency != other.0.currency,
                self.0.currency.to_string(),
                other.0.currency.to_string(),
            ),
            (
                "status",
                self.0.status != other.0.status,
                self.0.status.to_string(),
                other.0.status.to_string(),
            ),
            (
                "kind",
                self.0.kind != other.0.kind,
                self.0.kind.to_string(),
                other.0.kind.to_string(),
            ),
            ("brand", self.0.brand != other.0.brand, self.0.brand.clone(), other.0.brand.clone()),
            ("notes", self.0.notes != other.0.notes, self.0.notes.clone(), other.0.notes.clone()),
            ("other columns", self.0.extra != other.0.extra, extra(self), extra(other)),
        ];
        fields
            .into_iter()
            .filter(|(_, differs, ..)| *differs)
            .map(|(field, _, before, after)| Difference { field, before, after })
            .collect()
    }

    /// Whether two accounts of a booking say the same. Neither the version nor who sails is part of
    /// that.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.0.id == other.0.id
            && self.0.date == other.0.date
            && self.0.guest == other.0.guest
            && self.0.total == other.0.total
            && self.0.currency == other.0.currency
            && self.0.status == other.0.status
            && self.0.kind == other.0.kind
            && self.0.brand == other.0.brand
            && self.0.notes == other.0.notes
            && self.0.extra == other.0.extra
    }

    /// Whether both are one state of a row: version and crew are part of that.
    pub(crate) fn is_same_state(&self, other: &Self) -> bool {
        self.0.version == other.0.version
            && self.0.crew == other.0.crew
            && self.says_the_same(other)
    }

    /// The bytes of its text, of which the stored row is made.
    pub(crate) fn size(&self) -> usize {
        let extra = self.0.extra.iter().map(|(name, text)| name.len() + text.len());
        texts(self).iter().map(|(_, text)| text.len()).sum::<usize>() + extra.sum::<usize>()
    }
}

/// One field that two accounts of a charter disagree about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// The field's name.
    pub field: &'static str,
    /// What the earlier account says.
    pub before: String,
    /// What the later account says.
    pub after: String,
}

/// Builds a [`Charter`].
#[derive(Clone, Debug)]
#[must_use]
pub struct CharterBuilder(Fields);

impl CharterBuilder {
    /// The guest's name as entered.
    pub fn guest(mut self, guest: impl Into<String>) -> Self {
        self.0.guest = guest.into();
        self
    }

    /// The agreed total, or none.
    pub fn total(mut self, total: impl Into<Option<Money>>) -> Self {
        self.0.total = total.into();
        self
    }

    /// Where the booking stands; default [`Status::Pending`].
    pub fn status(mut self, status: Status) -> Self {
        self.0.status = status;
        self
    }

    /// What sort of trip it is; default [`Kind::Charter`].
    pub fn kind(mut self, kind: Kind) -> Self {
        self.0.kind = kind;
        self
    }

    /// The brand it was sold under.
    pub fn brand(mut self, brand: impl Into<String>) -> Self {
        self.0.brand = brand.into();
        self
    }

    /// The office's notes.
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.0.notes = notes.into();
        self
    }

    /// Columns that this crate has no field for.
    ///
    /// Of a name that stands twice the first text is kept.
    pub fn extra(mut self, extra: impl IntoIterator<Item = (String, String)>) -> Self {
        self.0.extra = extra.into_iter().collect();
        self.0.extra.sort_by(|(a, _), (b, _)| a.cmp(b));
        self.0.extra.dedup_by(|(later, _), (first, _)| later == first);
        self.0.extra.shrink_to_fit();
        self
    }

    /// Who sails on it; default nobody.
    pub fn assignments(mut self, assignments: impl IntoIterator<Item = Assignment>) -> Self {
        self.0.crew = Ok(assignments.into_iter().collect());
        self
    }

    /// The state of the stored row; default [`Version::New`].
    pub fn version(mut self, version: Version) -> Self {
        self.0.version = version;
        self
    }

    /// Checks the charter as a whole.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field: a total in another currency, a control character, a
    /// member who is assigned twice, more than 100 who are assigned, or a row of more than 300,000
    /// bytes (a DynamoDB item holds 400 KB).
    pub fn build(self) -> Result<Charter, Error> {
        let charter = Charter(Box::new(self.0));
        let fields = &charter.0;
        if let Some(total) = fields.total.filter(|total| total.currency() != fields.currency) {
            let expected = format!("an amount in {}", fields.currency);
            return Err(Error::invalid("total", &total.to_string(), expected));
        }
        for (field, text) in texts(&charter) {
            if text.chars().any(|c| c.is_control() && !is_space(c)) {
                return Err(Error::invalid(field, text, "text without control characters"));
            }
        }
        for (name, text) in &fields.extra {
            let printable = |text: &str| text.chars().all(|c| !c.is_control() || is_space(c));
            if name.trim().is_empty() || !printable(name) || !printable(text) {
                let expected = "a name, and text without control characters";
                return Err(Error::invalid("other column", &format!("{name}: {text}"), expected));
            }
        }
        assignment::check(charter.assignments()?)?;
        if charter.size() > MAX_ROW {
            return Err(Error::invalid("charter", fields.id.as_str(), "at most 300,000 bytes"));
        }
        Ok(charter)
    }
}

fn texts(charter: &Charter) -> [(&'static str, &str); 4] {
    [
        ("guest", charter.guest()),
        ("kind", charter.kind().as_str()),
        ("brand", charter.brand()),
        ("notes", charter.notes()),
    ]
}

fn is_space(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r')
}

const MAX_ID: usize = 200;
const MAX_ROW: usize = 300_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crew::id::CrewId;
    use jiff::civil::date;

    fn charter() -> CharterBuilder {
        Charter::builder(CharterId::new("C-1").unwrap(), date(2026, 5, 3), Currency::USD)
    }

    #[test]
    fn an_id_is_trimmed_and_never_blank() {
        assert_eq!(CharterId::new(" C-1 ").unwrap().as_str(), "C-1");
        for text in ["", " ", "a\nb", &"x".repeat(201)] {
            assert!(CharterId::new(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_charter_that_could_not_be_printed_is_refused() {
        assert!(charter().guest("a\0b").build().is_err());
        assert!(charter().notes("two\nlines").build().is_ok());
        assert!(charter().notes("x".repeat(300_001)).build().is_err());
        let column = |name: &str, text: &str| charter().extra([(name.to_owned(), text.to_owned())]);
        assert!(column("boat", "Zephyr").build().is_ok());
        for (name, text) in [(" ", "x"), ("a\u{1}", "x"), ("a", "x\0")] {
            assert!(column(name, text).build().is_err(), "{name:?} {text:?}");
        }
        let euro = Money::zero("EUR".parse().unwrap());
        assert!(charter().total(euro).build().is_err());
    }

    #[test]
    fn nobody_is_assigned_twice() {
        let berth = |crew: &str, berth: &str| {
            Assignment::new(CrewId::new(crew).unwrap(), berth.parse().unwrap())
        };
        let crew = [berth("ada", "captain"), berth("bo", "mate")];
        assert_eq!(
            charter().assignments(crew.clone()).build().unwrap().assignments().unwrap(),
            crew
        );
        let twice = charter().assignments([berth("ada", "captain"), berth("ada", "mate")]);
        let refused = twice.build().unwrap_err().to_string();
        assert!(refused.contains("assignment `ada`"), "{refused}");
        let many = (0..101).map(|n| berth(&n.to_string(), "crew"));
        assert!(charter().assignments(many.clone().skip(1)).build().is_ok());
        assert!(charter().assignments(many).build().is_err());
    }

    #[test]
    fn differences_name_the_fields() {
        let before = charter().guest("Ann").build().unwrap();
        let after = charter()
            .guest("Bob")
            .total(Money::from_minor(5, Currency::USD))
            .version(Version::Number(4))
            .build()
            .unwrap();
        let differences = before.differences(&after);
        let fields: Vec<_> = differences.iter().map(|difference| difference.field).collect();
        assert_eq!(fields, ["guest", "total"]);
        assert_eq!((differences[1].before.as_str(), differences[1].after.as_str()), ("", "0.05"));
        assert!(before.says_the_same(&before.clone().with_version(Version::Number(9))));
        assert!(!before.says_the_same(&after));
    }
}
