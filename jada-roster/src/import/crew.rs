//! Bringing crew from elsewhere into a roster, so that doing it twice changes nothing.

mod known;
#[cfg(feature = "import")]
pub(crate) mod read;

use std::fmt;

use crate::charter::Difference;
use crate::crew::CrewMember;
use crate::crew::contact::{EmailAddress, PersonName, PhoneNumber};
use crate::crew::id::CrewId;
use crate::crew::role::{CascadeLevel, Role};
use crate::error::{Error, UniqueField, shorten};
use crate::import::OnConflict;
use crate::import::crew::known::{KnownCrew, Outcome};
use crate::roster::RosterRepository;

/// What a file, or another system, says about one member of the crew.
///
/// Without an id it is about whoever has the e-mail address or the phone number, or about a new
/// member, who is given an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrewRow {
    id: Option<CrewId>,
    name: PersonName,
    phone: PhoneNumber,
    email: EmailAddress,
    role: Role,
    cascade_level: CascadeLevel,
    place: Option<String>,
}

/// What an import of crew did. Members who are stored and were not named stay as they are.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct CrewImported {
    /// Members who are new, as they are stored now.
    pub added: Vec<CrewMember>,
    /// Members of whom something was replaced, as they are stored now.
    pub updated: Vec<CrewMember>,
    /// How many members were stored already, word for word.
    pub unchanged: usize,
    /// Rows that disagree with what is stored. Nothing was written of them.
    pub refused: Vec<CrewRefusal>,
    /// Stored rows that cannot be read, so that nothing was compared with them; each an
    /// [`Error::CorruptItem`].
    pub unreadable: Vec<Error>,
}

/// A row that disagrees with what is stored.
///
/// Displays as one line: ``crew.csv:3: crew member `c-1` has this e-mail address already: role
/// `mate` or `captain` ``.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CrewRefusal {
    /// What was to be brought in.
    pub row: CrewRow,
    /// What the row has in common with the member.
    pub field: UniqueField,
    /// The member.
    pub owner: CrewId,
    /// What is stored of the member, and what the row says instead.
    pub differences: Vec<Difference>,
}

/// Brings crew into a roster: adds the new ones, leaves alone those that say the same.
///
/// The roster is listed once, then each row that changes something is one write, in order. A row
/// whose e-mail address, phone number or id a member has who says something else is refused, or by
/// [`OnConflict::TakeNew`] replaces what is stored of that member; one that two members have a part
/// of is always refused. The other rows are brought in. After an interruption the same import
/// finishes what is missing.
///
/// Rows are taken one by one as they are written, so an iterator that counts tells the progress.
///
/// # Errors
/// [`Error::VersionConflict`] where a member is changed by others again and again,
/// [`Error::Unavailable`] and [`Error::Random`] are worth a retry of the whole import.
pub async fn import_crew(
    roster: &dyn RosterRepository,
    rows: impl IntoIterator<Item = CrewRow>,
    on_conflict: OnConflict,
) -> Result<CrewImported, Error> {
    let (mut known, unreadable) = KnownCrew::listed(roster).await?;
    let mut imported = CrewImported { unreadable, ..CrewImported::default() };
    for row in rows {
        match known.bring_in(&row, on_conflict).await? {
            Outcome::Added(member) => imported.added.push(member),
            Outcome::Updated(member) => imported.updated.push(member),
            Outcome::Unchanged => imported.unchanged += 1,
            Outcome::Refused { field, owner, differences } => {
                imported.refused.push(CrewRefusal { row, field, owner, differences });
            }
        }
    }
    Ok(imported)
}

impl CrewRow {
    /// What is said about a member who is called last.
    #[must_use]
    pub fn new(name: PersonName, phone: PhoneNumber, email: EmailAddress, role: Role) -> Self {
        Self { id: None, name, phone, email, role, cascade_level: CascadeLevel::LAST, place: None }
    }

    /// The same about the member of this id.
    #[must_use]
    pub fn with_id(mut self, id: CrewId) -> Self {
        self.id = Some(id);
        self
    }

    /// The same about a member who is called at another level.
    #[must_use]
    pub fn with_cascade_level(mut self, level: CascadeLevel) -> Self {
        self.cascade_level = level;
        self
    }

    /// The same with where it was read, for messages: `crew.csv:3`.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Whose id it names.
    #[must_use]
    pub fn id(&self) -> Option<&CrewId> {
        self.id.as_ref()
    }

    /// Their name.
    #[must_use]
    pub fn name(&self) -> &PersonName {
        &self.name
    }

    /// Their phone number.
    #[must_use]
    pub fn phone(&self) -> &PhoneNumber {
        &self.phone
    }

    /// Their e-mail address.
    #[must_use]
    pub fn email(&self) -> &EmailAddress {
        &self.email
    }

    /// What they are on board.
    #[must_use]
    pub fn role(&self) -> &Role {
        &self.role
    }

    /// When they are called.
    #[must_use]
    pub fn cascade_level(&self) -> CascadeLevel {
        self.cascade_level
    }

    /// Where it was read.
    #[must_use]
    pub fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }

    /// The member who is meant, were they new.
    fn member(&self) -> Result<CrewMember, Error> {
        let id = self.id.clone().map_or_else(CrewId::generate, Ok)?;
        let (name, phone) = (self.name.clone(), self.phone.clone());
        let member = CrewMember::new(id, name, phone, self.email.clone(), self.role.clone());
        Ok(member.with_cascade_level(self.cascade_level))
    }

    /// The stored member, with what the row says.
    fn told_of(&self, stored: &CrewMember) -> CrewMember {
        let told = stored.clone().with_name(self.name.clone()).with_phone(self.phone.clone());
        let told = told.with_email(self.email.clone()).with_role(self.role.clone());
        told.with_cascade_level(self.cascade_level)
    }

    /// What is stored of a member, and what the row says instead.
    fn differences(&self, stored: &CrewMember) -> Vec<Difference> {
        let phone = stored.phone().map(ToString::to_string);
        let email = stored.email().map(ToString::to_string);
        let told = [
            ("name", stored.name().to_string(), self.name.to_string()),
            ("phone", phone.unwrap_or_default(), self.phone.to_string()),
            ("email", email.unwrap_or_default(), self.email.to_string()),
            ("role", stored.role().to_string(), self.role.to_string()),
            ("cascade_level", stored.cascade_level().to_string(), self.cascade_level.to_string()),
        ];
        let differ = told.into_iter().filter(|(_, before, after)| before != after);
        differ.map(|(field, before, after)| Difference { field, before, after }).collect()
    }
}

impl fmt::Display for CrewRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.row.place {
            Some(place) => write!(f, "{place}")?,
            None => write!(f, "`{}`", shorten(self.row.name.as_str()))?,
        }
        write!(f, ": crew member `{}` has this {} already", self.owner, self.field)?;
        for (index, difference) in self.differences.iter().enumerate() {
            let Difference { field, before, after } = difference;
            let mark = if index == 0 { ":" } else { "," };
            write!(f, "{mark} {field} `{}` or `{}`", shorten(before), shorten(after))?;
        }
        Ok(())
    }
}
