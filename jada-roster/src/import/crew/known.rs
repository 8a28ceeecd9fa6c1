//! The roster as an import knows it, so that a row is judged without a request of its own.

use std::collections::HashMap;

use crate::charter::Difference;
use crate::crew::CrewMember;
use crate::crew::contact::{EmailAddress, PhoneNumber};
use crate::crew::id::CrewId;
use crate::error::{Error, UniqueField};
use crate::import::OnConflict;
use crate::import::crew::CrewRow;
use crate::roster::{RosterRepository, everyone};

/// A roster, and who is in it.
#[derive(Debug)]
pub(super) struct KnownCrew<'a> {
    roster: &'a dyn RosterRepository,
    members: HashMap<CrewId, CrewMember>,
    by_email: HashMap<EmailAddress, CrewId>,
    by_phone: HashMap<PhoneNumber, CrewId>,
}

/// What became of a row.
#[derive(Debug)]
pub(super) enum Outcome {
    Added(CrewMember),
    Updated(CrewMember),
    Unchanged,
    Refused { field: UniqueField, owner: CrewId, differences: Vec<Difference> },
}

impl<'a> KnownCrew<'a> {
    /// Lists a roster; beside it the rows that cannot be read.
    pub(super) async fn listed(
        roster: &'a dyn RosterRepository,
    ) -> Result<(Self, Vec<Error>), Error> {
        let (members, by_email, by_phone) = (HashMap::new(), HashMap::new(), HashMap::new());
        let mut known = Self { roster, members, by_email, by_phone };
        let (crew, unreadable) = everyone(roster).await?;
        crew.into_iter().for_each(|member| known.learn(member));
        Ok((known, unreadable))
    }

    /// Writes what a row changes. A member whom somebody else wrote meanwhile is read again, and
    /// the row is judged by that.
    pub(super) async fn bring_in(
        &mut self,
        row: &CrewRow,
        on_conflict: OnConflict,
    ) -> Result<Outcome, Error> {
        let written = match self.write(row, on_conflict).await {
            Err(Error::Duplicate { owner, .. }) => {
                self.read_again(&owner).await?;
                self.write(row, on_conflict).await
            }
            Err(Error::VersionConflict { id, .. } | Error::NotFound { id, .. }) => {
                self.read_again(&CrewId::new(&id)?).await?;
                self.write(row, on_conflict).await
            }
            written => written,
        };
        match written {
            Err(Error::Duplicate { field, owner }) => Ok(self.refused(row, field, owner)),
            written => written,
        }
    }

    async fn write(&mut self, row: &CrewRow, on_conflict: OnConflict) -> Result<Outcome, Error> {
        let owners = self.owners(row);
        let Some((field, owner)) = owners.first().copied() else {
            let added = self.roster.add(&row.member()?).await?;
            self.learn(added.clone());
            return Ok(Outcome::Added(added));
        };
        let subject = row.id.as_ref().unwrap_or(owner.id());
        if let Some((field, owner)) = owners.iter().find(|(_, owner)| owner.id() != subject) {
            return Ok(self.refused(row, *field, owner.id().clone()));
        }
        let told = row.told_of(owner);
        if told.says_the_same(owner) {
            return Ok(Outcome::Unchanged);
        }
        if on_conflict == OnConflict::Refuse {
            return Ok(self.refused(row, field, owner.id().clone()));
        }
        let updated = self.roster.update(&told).await?;
        self.learn(updated.clone());
        Ok(Outcome::Updated(updated))
    }

    /// The members who have what the row says is one member's alone.
    fn owners(&self, row: &CrewRow) -> Vec<(UniqueField, &CrewMember)> {
        let owners = [
            (UniqueField::Id, row.id.as_ref()),
            (UniqueField::Email, self.by_email.get(&row.email)),
            (UniqueField::Phone, self.by_phone.get(&row.phone)),
        ];
        let known = |(field, owner): (_, Option<&CrewId>)| Some((field, self.members.get(owner?)?));
        owners.into_iter().filter_map(known).collect()
    }

    fn refused(&self, row: &CrewRow, field: UniqueField, owner: CrewId) -> Outcome {
        let stored = self.members.get(&owner);
        let differences = stored.map(|stored| row.differences(stored)).unwrap_or_default();
        Outcome::Refused { field, owner, differences }
    }

    /// A row that cannot be read is compared with nothing, and still has what it has claimed.
    async fn read_again(&mut self, id: &CrewId) -> Result<(), Error> {
        self.forget(id);
        match self.roster.find(id).await {
            Ok(Some(member)) => self.learn(member),
            Ok(None) | Err(Error::CorruptItem { .. }) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn learn(&mut self, member: CrewMember) {
        self.forget(member.id());
        let id = member.id().clone();
        if let Some(email) = member.email() {
            self.by_email.insert(email.clone(), id.clone());
        }
        if let Some(phone) = member.phone() {
            self.by_phone.insert(phone.clone(), id.clone());
        }
        self.members.insert(id, member);
    }

    fn forget(&mut self, id: &CrewId) {
        let Some(member) = self.members.remove(id) else { return };
        let email = member.email().and_then(|email| self.by_email.remove_entry(email));
        let phone = member.phone().and_then(|phone| self.by_phone.remove_entry(phone));
        // In rows of older tools two members may share what is one member's alone.
        self.by_email.extend(email.filter(|(_, owner)| owner != id));
        self.by_phone.extend(phone.filter(|(_, owner)| owner != id));
    }
}
