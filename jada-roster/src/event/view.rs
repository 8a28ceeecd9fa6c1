//! What crew may read of a charter: a copy by allow-list, without money.

use jiff::civil::Date;

use crate::charter::CharterId;
use crate::charter::assignment::Assignment;
use crate::charter::hours::Hours;
use crate::crew::id::CrewId;
use crate::crew::role::Role;
use crate::event::taking::{DEFAULT, Taking};
use crate::scrub::ScrubbedText;
use crate::status::{Kind, Status};
use crate::version::Version;

/// What crew may read of a charter: when and where it sails, with whom, and what of its notes is not
/// about money.
///
/// It is a type of its own, made by [`ViewRules`](crate::ViewRules) from what is named there and from
/// nothing else, so that a field that charters get one day is not shown before somebody says so. The
/// guest's name is among it: crew meet them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrewView(Box<Fields>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Fields {
    id: CharterId,
    date: Date,
    hours: Option<Hours>,
    status: Status,
    kind: Kind,
    brand: ScrubbedText,
    boat: ScrubbedText,
    harbour: ScrubbedText,
    guest: ScrubbedText,
    head_count: Option<u32>,
    note: ScrubbedText,
    columns: Vec<(String, ScrubbedText)>,
    assignments: Vec<Assignment>,
    charter_version: Version,
}

impl CrewView {
    /// Starts with the charter and its day: a pending trip of kind `charter` of which nothing else is
    /// known.
    pub fn builder(id: CharterId, date: Date) -> CrewViewBuilder {
        CrewViewBuilder(Fields {
            id,
            date,
            hours: None,
            status: Status::Pending,
            kind: Kind::Charter,
            brand: ScrubbedText::default(),
            boat: ScrubbedText::default(),
            harbour: ScrubbedText::default(),
            guest: ScrubbedText::default(),
            head_count: None,
            note: ScrubbedText::default(),
            columns: Vec::new(),
            assignments: Vec::new(),
            charter_version: Version::New,
        })
    }

    /// The charter's id.
    #[must_use]
    pub fn id(&self) -> &CharterId {
        &self.0.id
    }

    /// The day it sails, in the harbour's calendar.
    #[must_use]
    pub fn date(&self) -> Date {
        self.0.date
    }

    /// When on that day, where that is known.
    #[must_use]
    pub fn hours(&self) -> Option<Hours> {
        self.0.hours
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
    pub fn brand(&self) -> &ScrubbedText {
        &self.0.brand
    }

    /// The boat's name; may be blank.
    #[must_use]
    pub fn boat(&self) -> &ScrubbedText {
        &self.0.boat
    }

    /// The harbour's name; may be blank.
    #[must_use]
    pub fn harbour(&self) -> &ScrubbedText {
        &self.0.harbour
    }

    /// The guest's name; may be blank.
    #[must_use]
    pub fn guest(&self) -> &ScrubbedText {
        &self.0.guest
    }

    /// How many guests come, where that is known.
    #[must_use]
    pub fn head_count(&self) -> Option<u32> {
        self.0.head_count
    }

    /// The office's notes without the amounts in them; may be blank.
    #[must_use]
    pub fn note(&self) -> &ScrubbedText {
        &self.0.note
    }

    /// Other columns that crew may see, by name, each name once.
    #[must_use]
    pub fn columns(&self) -> &[(String, ScrubbedText)] {
        &self.0.columns
    }

    /// Who sails on it, and as what.
    #[must_use]
    pub fn assignments(&self) -> &[Assignment] {
        &self.0.assignments
    }

    /// As what a member sails on it; none for one who does not.
    #[must_use]
    pub fn berth_of(&self, crew: &CrewId) -> Option<&Role> {
        let found = self.0.assignments.iter().find(|assignment| assignment.crew() == crew);
        found.map(Assignment::berth)
    }

    /// Of which state of the charter this is a copy.
    #[must_use]
    pub fn charter_version(&self) -> Version {
        self.0.charter_version
    }
}

/// Builds a [`CrewView`]. Its texts are those that somebody has scrubbed; the kind, the berths and the
/// names of columns go through the default [`ScrubRules`](crate::ScrubRules) here. What it trusts is
/// the charter's id and those of the crew.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct CrewViewBuilder(Fields);

impl CrewViewBuilder {
    /// When on that day; default not known.
    pub fn hours(mut self, hours: impl Into<Option<Hours>>) -> Self {
        self.0.hours = hours.into();
        self
    }

    /// Where the booking stands; default [`Status::Pending`].
    pub fn status(mut self, status: Status) -> Self {
        self.0.status = status;
        self
    }

    /// What sort of trip it is; default [`Kind::Charter`].
    pub fn kind(mut self, kind: Kind) -> Self {
        self.0.kind = Taking::by(&DEFAULT).kind(kind);
        self
    }

    /// The brand it was sold under.
    pub fn brand(mut self, brand: ScrubbedText) -> Self {
        self.0.brand = brand;
        self
    }

    /// The boat's name.
    pub fn boat(mut self, boat: ScrubbedText) -> Self {
        self.0.boat = boat;
        self
    }

    /// The harbour's name.
    pub fn harbour(mut self, harbour: ScrubbedText) -> Self {
        self.0.harbour = harbour;
        self
    }

    /// The guest's name.
    pub fn guest(mut self, guest: ScrubbedText) -> Self {
        self.0.guest = guest;
        self
    }

    /// How many guests come; default not known.
    pub fn head_count(mut self, head_count: impl Into<Option<u32>>) -> Self {
        self.0.head_count = head_count.into();
        self
    }

    /// The office's notes.
    pub fn note(mut self, note: ScrubbedText) -> Self {
        self.0.note = note;
        self
    }

    /// Other columns that crew may see. Of a name that stands twice the first text is kept.
    pub fn columns(mut self, columns: impl IntoIterator<Item = (String, ScrubbedText)>) -> Self {
        let mut taking = Taking::by(&DEFAULT);
        let columns = columns.into_iter().filter(|(_, text)| !text.is_empty());
        self.0.columns = columns.map(|(name, text)| (taking.name(&name), text)).collect();
        self.0.columns.sort_by(|(a, _), (b, _)| a.cmp(b));
        self.0.columns.dedup_by(|(later, _), (first, _)| later == first);
        self
    }

    /// Who sails on it; default nobody.
    pub fn assignments(mut self, assignments: impl IntoIterator<Item = Assignment>) -> Self {
        let mut taking = Taking::by(&DEFAULT);
        self.0.assignments = assignments.into_iter().map(|it| taking.assignment(it)).collect();
        self
    }

    /// Of which state of the charter this is a copy; default [`Version::New`].
    pub fn charter_version(mut self, version: Version) -> Self {
        self.0.charter_version = version;
        self
    }

    /// The copy.
    #[must_use]
    pub fn build(self) -> CrewView {
        CrewView(Box::new(self.0))
    }
}
