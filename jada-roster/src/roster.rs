//! Where the crew is kept: one trait, its contract, and what every backend shares.

#[cfg(feature = "contract-tests")]
pub(crate) mod contract;
pub(crate) mod memory;

use std::fmt;

use async_trait::async_trait;
use futures_core::stream::BoxStream;
use futures_util::TryStreamExt;

use crate::crew::CrewMember;
use crate::crew::contact::{EmailAddress, PhoneNumber};
use crate::crew::id::CrewId;
use crate::crew::role::Role;
use crate::error::Error;
use crate::version::Version;

/// Crew members, read page by page as the stream is polled; dropping it stops.
pub type CrewStream = BoxStream<'static, Result<CrewMember, Error>>;

/// Where the crew is kept.
///
/// Every backend keeps this contract, and the suite behind the feature `contract-tests` checks it:
///
/// - **One of each.** No two members share an id, an e-mail address or a phone number, however many
///   are added at the same time; which field was taken, and by whom, is told.
/// - **Versions.** An update names the state it was made from; one that has moved on is refused.
///   Attributes of a row that this crate does not know survive it.
/// - **Interruption.** Each call that writes a member is done wholly or not at all. One whose answer
///   was lost may be made again: it finds its own write, and that is success.
/// - **Removal.** With a member go what they claimed and their magic links, at once.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait RosterRepository: fmt::Debug + Send + Sync {
    /// Adds a member who was never stored, and gives back what is stored now. One round trip.
    ///
    /// # Errors
    /// [`Error::Duplicate`] names the field that another has, and who: the id, else the e-mail
    /// address, else the phone number. [`Error::Invalid`] for a member without phone number or
    /// e-mail address, or one that was read from a repository. [`Error::Unavailable`] is worth a
    /// retry; a write that was done after all is recognised.
    async fn add(&self, member: &CrewMember) -> Result<CrewMember, Error>;

    /// The member of this id, strongly consistent.
    ///
    /// # Errors
    /// [`Error::CorruptItem`]; [`Error::Unavailable`] is worth a retry.
    async fn find(&self, id: &CrewId) -> Result<Option<CrewMember>, Error>;

    /// The member with this e-mail address, strongly consistent.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    async fn find_by_email(&self, email: &EmailAddress) -> Result<Option<CrewMember>, Error>;

    /// The member with this phone number, strongly consistent.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    async fn find_by_phone(&self, phone: &PhoneNumber) -> Result<Option<CrewMember>, Error>;

    /// The members in this role, in no order.
    ///
    /// The stream yields [`Error::CorruptItem`] for a row that cannot be read, and goes on;
    /// [`Error::Unavailable`], worth a retry, ends it.
    fn in_role(&self, role: &Role) -> CrewStream;

    /// All members, in no order.
    ///
    /// As [`in_role`](Self::in_role) for rows that cannot be read.
    fn list(&self) -> CrewStream;

    /// Writes a member if the stored row is still in the state that its version names, and gives
    /// back what is stored now.
    ///
    /// # Errors
    /// [`Error::VersionConflict`]: read it again. [`Error::NotFound`]; [`Error::Duplicate`] names
    /// the field that another has; [`Error::Invalid`] for a member who was never stored.
    /// [`Error::Unavailable`] is worth a retry; a write that was done after all is recognised.
    async fn update(&self, member: &CrewMember) -> Result<CrewMember, Error>;

    /// Removes a member in the state that its version names, with what they claimed and their links.
    ///
    /// # Errors
    /// [`Error::VersionConflict`]: read it again. A member who is gone already is no error;
    /// [`Error::Invalid`] for one who was never stored. [`Error::Unavailable`] is worth a retry.
    async fn remove(&self, member: &CrewMember) -> Result<(), Error>;
}

/// Compiles only while the trait can be a trait object.
const _: fn(&dyn RosterRepository) = |_| {};

/// All members, and beside them the rows that cannot be read.
pub(crate) async fn everyone(
    roster: &dyn RosterRepository,
) -> Result<(Vec<CrewMember>, Vec<Error>), Error> {
    let (mut list, mut crew, mut unreadable) = (roster.list(), Vec::new(), Vec::new());
    loop {
        match list.try_next().await {
            Ok(Some(member)) => crew.push(member),
            Ok(None) => return Ok((crew, unreadable)),
            Err(corrupt @ Error::CorruptItem { .. }) => unreadable.push(corrupt),
            Err(error) => return Err(error),
        }
    }
}

/// The member as `add` stores them.
pub(crate) fn first_state(member: &CrewMember) -> Result<CrewMember, Error> {
    let is_complete = member.phone().is_some() && member.email().is_some();
    if member.version() == Version::New && is_complete {
        return Ok(member.clone().with_version(Version::Number(Version::New.next())));
    }
    let expected = "one who was never stored, with a phone number and an e-mail address";
    Err(Error::invalid(CREW_MEMBER, member.id().as_str(), expected))
}

/// The member as an update of the state that was read stores them.
pub(crate) fn next_state(member: &CrewMember) -> Result<CrewMember, Error> {
    if member.version() == Version::New {
        let expected = "one who was read from a repository";
        return Err(Error::invalid(CREW_MEMBER, member.id().as_str(), expected));
    }
    Ok(member.clone().with_version(Version::Number(member.version().next())))
}

/// What a member is called in errors.
pub(crate) const CREW_MEMBER: &str = "crew member";
