//! A repository in memory: a fake good enough to ship, for the tests of users.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures_util::{StreamExt, stream};

use crate::crew::CrewMember;
use crate::crew::contact::{EmailAddress, PhoneNumber};
use crate::crew::id::CrewId;
use crate::crew::role::Role;
use crate::error::{Error, UniqueField};
use crate::roster::{CREW_MEMBER, CrewStream, RosterRepository, first_state, next_state};

/// The crew in memory; clones share it.
#[derive(Clone, Debug, Default)]
pub struct MemoryRoster {
    crew: Arc<Mutex<Crew>>,
}

#[derive(Debug, Default)]
struct Crew {
    members: BTreeMap<CrewId, Stored>,
    added: u64,
}

#[derive(Debug)]
struct Stored {
    member: CrewMember,
    incarnation: u64,
}

impl MemoryRoster {
    /// A roster without members.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A number that a member has from when they are added until they are removed, and no other
    /// member ever; none without such a member. What is kept in memory about a member, such as
    /// links, is told by it from what was kept about one of the same id before.
    #[must_use]
    pub fn incarnation(&self, id: &CrewId) -> Option<u64> {
        self.lock().members.get(id).map(|stored| stored.incarnation)
    }

    fn lock(&self) -> MutexGuard<'_, Crew> {
        self.crew.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn first(&self, is_wanted: impl Fn(&CrewMember) -> bool) -> Option<CrewMember> {
        self.lock().members().find(|member| is_wanted(member)).cloned()
    }

    fn all(&self, is_wanted: impl Fn(&CrewMember) -> bool) -> CrewStream {
        let members: Vec<_> =
            self.lock().members().filter(|member| is_wanted(member)).cloned().map(Ok).collect();
        stream::iter(members).boxed()
    }
}

impl Crew {
    fn members(&self) -> impl Iterator<Item = &CrewMember> {
        self.members.values().map(|stored| &stored.member)
    }

    fn member(&self, id: &CrewId) -> Option<&CrewMember> {
        self.members.get(id).map(|stored| &stored.member)
    }

    /// Refuses an e-mail address or a phone number that another member has.
    fn check_contact(&self, member: &CrewMember) -> Result<(), Error> {
        let same_email = |other: &CrewMember| other.email() == member.email();
        let same_phone = |other: &CrewMember| other.phone() == member.phone();
        if member.email().is_some() {
            self.check_others(member, UniqueField::Email, same_email)?;
        }
        if member.phone().is_some() {
            self.check_others(member, UniqueField::Phone, same_phone)?;
        }
        Ok(())
    }

    fn check_others(
        &self,
        member: &CrewMember,
        field: UniqueField,
        is_same: impl Fn(&CrewMember) -> bool,
    ) -> Result<(), Error> {
        match self.members().find(|other| other.id() != member.id() && is_same(other)) {
            Some(other) => Err(Error::Duplicate { field, owner: other.id().clone() }),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl RosterRepository for MemoryRoster {
    async fn add(&self, member: &CrewMember) -> Result<CrewMember, Error> {
        let first = first_state(member)?;
        let mut crew = self.lock();
        match crew.member(first.id()) {
            Some(stored) if *stored == first => return Ok(first),
            Some(_) => {
                return Err(Error::Duplicate { field: UniqueField::Id, owner: first.id().clone() });
            }
            None => crew.check_contact(&first)?,
        }
        crew.added += 1;
        let stored = Stored { member: first.clone(), incarnation: crew.added };
        crew.members.insert(first.id().clone(), stored);
        Ok(first)
    }

    async fn find(&self, id: &CrewId) -> Result<Option<CrewMember>, Error> {
        Ok(self.lock().member(id).cloned())
    }

    async fn find_by_email(&self, email: &EmailAddress) -> Result<Option<CrewMember>, Error> {
        Ok(self.first(|member| member.email() == Some(email)))
    }

    async fn find_by_phone(&self, phone: &PhoneNumber) -> Result<Option<CrewMember>, Error> {
        Ok(self.first(|member| member.phone() == Some(phone)))
    }

    fn in_role(&self, role: &Role) -> CrewStream {
        self.all(|member| member.role() == role)
    }

    fn list(&self) -> CrewStream {
        self.all(|_| true)
    }

    async fn update(&self, member: &CrewMember) -> Result<CrewMember, Error> {
        let next = next_state(member)?;
        let mut crew = self.lock();
        let stored = crew
            .member(next.id())
            .ok_or_else(|| Error::NotFound { what: CREW_MEMBER, id: next.id().to_string() })?;
        if *stored == next {
            return Ok(next);
        }
        if stored.version() != member.version() {
            return Err(Error::conflict(CREW_MEMBER, next.id()));
        }
        crew.check_contact(&next)?;
        if let Some(stored) = crew.members.get_mut(next.id()) {
            stored.member = next.clone();
        }
        Ok(next)
    }

    async fn remove(&self, member: &CrewMember) -> Result<(), Error> {
        next_state(member)?;
        let mut crew = self.lock();
        match crew.member(member.id()) {
            Some(stored) if stored.version() != member.version() => {
                return Err(Error::conflict(CREW_MEMBER, member.id()));
            }
            _ => crew.members.remove(member.id()),
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_member_who_was_added_again_is_another_incarnation() {
        let crew = MemoryRoster::new();
        let id = CrewId::new("c-1").unwrap();
        let ann = CrewMember::new(
            id.clone(),
            crate::crew::contact::PersonName::new("Ann Rivers").unwrap(),
            "+15550100001".parse().unwrap(),
            "ann@example.com".parse().unwrap(),
            Role::Mate,
        );
        assert_eq!(crew.incarnation(&id), None);
        let added = crew.add(&ann).await.unwrap();
        let first = crew.incarnation(&id).unwrap();
        let updated = crew.update(&added.with_role(Role::Captain)).await.unwrap();
        assert_eq!(crew.incarnation(&id), Some(first), "an update makes no other member");
        crew.clone().remove(&updated).await.unwrap();
        assert_eq!(crew.incarnation(&id), None);
        crew.add(&ann).await.unwrap();
        assert!(crew.incarnation(&id).is_some_and(|second| second != first));
    }
}
