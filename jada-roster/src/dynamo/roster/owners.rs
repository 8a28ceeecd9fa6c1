//! Who has claimed what reaches a member.

use crate::crew::CrewMember;
use crate::crew::id::CrewId;
use crate::dynamo::roster::DynamoRoster;
use crate::dynamo::roster::contact::{Contact, owner};
use crate::error::Error;

/// Who has claimed a member's e-mail address and phone number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContactOwners {
    /// Who has the e-mail address; nobody where the member has none, or it was never claimed.
    pub email: Option<CrewId>,
    /// Who has the phone number, likewise.
    pub phone: Option<CrewId>,
}

impl DynamoRoster {
    pub(super) async fn owners_of(&self, member: &CrewMember) -> Result<ContactOwners, Error> {
        let contacts = Contact::of(member);
        let claims = self.stored_claims(contacts.iter().cloned()).await?;
        let mut owners = ContactOwners::default();
        for contact in contacts {
            let owner = claims.get(&contact.key()).map(owner).transpose();
            let owner = owner.map_err(|corrupt| corrupt.of(&self.tables.keys, contact.key()))?;
            match contact {
                Contact::Email(_) => owners.email = owner,
                Contact::Phone(_) => owners.phone = owner,
            }
        }
        Ok(owners)
    }
}
