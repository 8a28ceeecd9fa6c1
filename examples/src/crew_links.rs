//! What an operator does with one member: looks at them, gives and takes links, removes them.

use std::time::Duration;

use jada_roster::{CrewId, CrewMember, Link, LinkSpec, MagicLinks, Purpose, RosterRepository};
use jiff::SignedDuration;

use crate::{Crew, CrewDone, MemberLine, MemberPage};

impl Crew {
    /// A member, with what reaches them and which links they have.
    ///
    /// # Errors
    /// Without such a member; those of the store.
    pub async fn page_of(&self, id: &CrewId) -> anyhow::Result<MemberPage> {
        let member = self.member(id).await?;
        let owners = self.roster.contact_owners(&member).await?;
        Ok(MemberPage::new(&member, &owners, &self.links_in_table()?.open_links(id).await?))
    }

    /// Makes a member's standing link anew; the one before it opens until the grace is over.
    ///
    /// # Errors
    /// Without such a member; as [`links`](Self::links).
    pub async fn rotate_link(
        &self,
        id: &CrewId,
        grace: Duration,
    ) -> anyhow::Result<(CrewMember, Link)> {
        let member = self.member(id).await?;
        let (links, spec) = (self.links().await?, LinkSpec::standing(Purpose::portal()));
        let link = links.rotate(id, &spec, grace).await?;
        Ok((member, link))
    }

    /// Takes back a member's links for one purpose, or for all, and ends their sessions.
    ///
    /// # Errors
    /// Without such a member where there was nothing to take back; those of the store.
    pub async fn revoke(&self, id: &CrewId, purpose: Option<Purpose>) -> anyhow::Result<CrewDone> {
        let links = self.links_in_table()?;
        let revoked = match &purpose {
            Some(purpose) => links.revoke(id, purpose).await?,
            None => links.revoke_all(id).await?,
        };
        // Only now: links whose member another tool has deleted are to be taken back too.
        if revoked == 0 {
            self.member(id).await?;
        }
        let purpose = purpose.map(|purpose| purpose.to_string());
        Ok(CrewDone::Revoked { crew_id: id.to_string(), purpose, revoked })
    }

    /// Removes a member, with what they claimed and their links.
    ///
    /// # Errors
    /// Without such a member; those of the store.
    pub async fn remove(&self, id: &CrewId) -> anyhow::Result<CrewDone> {
        let member = self.member(id).await?;
        self.roster.remove(&member).await?;
        Ok(CrewDone::Removed { removed: MemberLine::from(&member) })
    }
}

/// A length of time as people write it, `90s`, `10m` or `2h 30m`, or as ISO 8601 has it.
///
/// # Errors
/// For text that is none, or one below zero.
pub fn duration(text: &str) -> anyhow::Result<Duration> {
    let duration: SignedDuration = text.parse()?;
    Ok(duration.try_into()?)
}
