//! A crew member: who sails, how to reach them, and in which order they are called.

pub(crate) mod availability;
pub(crate) mod contact;
pub(crate) mod id;
pub(crate) mod role;

use crate::crew::availability::Availability;
use crate::crew::contact::{EmailAddress, PersonName, PhoneNumber};
use crate::crew::id::CrewId;
use crate::crew::role::{CascadeLevel, Role};
use crate::version::Version;

/// One member of the crew.
///
/// A row of an older tool may lack a phone number or an e-mail address; a member who is added has
/// both. Attributes that this crate does not know stay in the row when the member is updated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrewMember {
    pub(crate) id: CrewId,
    pub(crate) name: PersonName,
    pub(crate) phone: Option<PhoneNumber>,
    pub(crate) email: Option<EmailAddress>,
    pub(crate) role: Role,
    pub(crate) cascade_level: CascadeLevel,
    pub(crate) availability: Availability,
    pub(crate) synced: Availability,
    pub(crate) version: Version,
    pub(crate) read: ReadDays,
}

/// The days of the row that a member was read from, once they have others. Whom one has read says
/// nothing about the member: all are equal.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReadDays(Option<Availability>);

impl PartialEq for ReadDays {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for ReadDays {}

impl CrewMember {
    /// A member who was never stored, called last, with nothing said about any day.
    #[must_use]
    pub fn new(
        id: CrewId,
        name: PersonName,
        phone: PhoneNumber,
        email: EmailAddress,
        role: Role,
    ) -> Self {
        Self {
            id,
            name,
            phone: Some(phone),
            email: Some(email),
            role,
            cascade_level: CascadeLevel::LAST,
            availability: Availability::default(),
            synced: Availability::default(),
            version: Version::New,
            read: ReadDays::default(),
        }
    }

    /// Their id.
    #[must_use]
    pub fn id(&self) -> &CrewId {
        &self.id
    }

    /// Their name.
    #[must_use]
    pub fn name(&self) -> &PersonName {
        &self.name
    }

    /// Their phone number, which no other member has.
    #[must_use]
    pub fn phone(&self) -> Option<&PhoneNumber> {
        self.phone.as_ref()
    }

    /// Their e-mail address, which no other member has.
    #[must_use]
    pub fn email(&self) -> Option<&EmailAddress> {
        self.email.as_ref()
    }

    /// What they are on board, which says what they may see.
    #[must_use]
    pub fn role(&self) -> &Role {
        &self.role
    }

    /// When they are called: 1 is first.
    #[must_use]
    pub fn cascade_level(&self) -> CascadeLevel {
        self.cascade_level
    }

    /// What they have said about which day.
    #[must_use]
    pub fn availability(&self) -> &Availability {
        &self.availability
    }

    /// What the office's sheet said when it was last read: what has changed there since is news, and
    /// what has not is no reason to undo what they said elsewhere.
    #[must_use]
    pub fn synced_availability(&self) -> &Availability {
        &self.synced
    }

    /// Which state of the stored row this is.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// The same member by another name.
    #[must_use]
    pub fn with_name(mut self, name: PersonName) -> Self {
        self.name = name;
        self
    }

    /// The same member with another phone number.
    #[must_use]
    pub fn with_phone(mut self, phone: PhoneNumber) -> Self {
        self.phone = Some(phone);
        self
    }

    /// The same member with another e-mail address.
    #[must_use]
    pub fn with_email(mut self, email: EmailAddress) -> Self {
        self.email = Some(email);
        self
    }

    /// The same member in another role.
    #[must_use]
    pub fn with_role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    /// The same member, called at another level.
    #[must_use]
    pub fn with_cascade_level(mut self, level: CascadeLevel) -> Self {
        self.cascade_level = level;
        self
    }

    /// The same member with other days.
    #[must_use]
    pub fn with_availability(mut self, availability: Availability) -> Self {
        let before = std::mem::replace(&mut self.availability, availability);
        self.read.0.get_or_insert(before);
        self
    }

    /// The same member with this as what the office's sheet said.
    #[must_use]
    pub fn with_synced_availability(mut self, synced: Availability) -> Self {
        self.synced = synced;
        self
    }

    /// The same member as the next state of a stored row.
    #[must_use]
    pub fn with_version(mut self, version: Version) -> Self {
        self.version = version;
        self.read = ReadDays::default();
        self
    }

    /// The days of the row that they were read from, which is the state that an update is made from:
    /// a tool that does not number its writes leaves the version as it was.
    #[cfg(feature = "dynamodb")]
    pub(crate) fn read_availability(&self) -> &Availability {
        self.read.0.as_ref().unwrap_or(&self.availability)
    }

    /// Whether two members say the same; the version is not content.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.clone().with_version(other.version) == *other
    }
}
