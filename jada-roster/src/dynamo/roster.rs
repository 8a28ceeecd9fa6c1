//! The crew on DynamoDB, through the SDK's own client.

mod claim;
mod contact;
mod item;
mod owners;
mod read;
mod remove;
mod replica;
mod schema;
mod state;
mod write;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use futures_util::{StreamExt, future};
use jada_auth::{Clock, SystemClock};

pub use self::claim::{ClaimedContacts, Contested};
pub use self::owners::ContactOwners;
use crate::crew::CrewMember;
use crate::crew::contact::{EmailAddress, PhoneNumber};
use crate::crew::id::CrewId;
use crate::crew::role::Role;
use crate::dynamo::item::{Corrupt, Item, text};
use crate::dynamo::keys::CrewTables;
use crate::dynamo::roster::contact::Contact;
use crate::error::Error;
use crate::roster::{CrewStream, RosterRepository};

/// The crew in a DynamoDB table, and what they claim in another.
///
/// The partition key of `crew-roster` is `crew_id`; `name`, `phone`, `email` and `role` are text,
/// `cascade_level` and `version` numbers, `availability` a map of days (`2026-05-03`) to words
/// (`yes`), and so is `availability_synced`, what the office's sheet said. A row of `crew-keys` for each e-mail address and phone number names the one member who
/// has it, so that the table of the crew holds nothing but crew.
///
/// Rows of older tools are read too: `phone`, `email`, `role` (then they are
/// [`Role::Crew`]), `cascade_level` (then they are called last), `availability` and `version` may be
/// absent or blank, and a level may be text. What reaches such a member is claimed when they are
/// [updated](RosterRepository::update), or by [`claim_contacts`](Self::claim_contacts); until then
/// another can be added with the same. A tool that changes days and does not number its writes loses
/// nothing: an update is made on the condition of the days that were read, too.
///
/// An e-mail address or a phone number that nobody has claimed is looked for in the whole table, as
/// it may be that of such a row: a search that finds nobody reads all of it.
#[derive(Clone, Debug)]
pub struct DynamoRoster {
    client: Client,
    tables: CrewTables,
    clock: Arc<dyn Clock>,
}

impl DynamoRoster {
    /// Starts with a client and the default names of the tables.
    ///
    /// Give the client [`dynamo_retries`](crate::dynamo_retries), whose back-off suits a table that
    /// is busy for milliseconds.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, tables: CrewTables::default(), clock: Arc::new(SystemClock) }
    }

    /// The same crew in other tables.
    #[must_use]
    pub fn with_tables(mut self, tables: CrewTables) -> Self {
        self.tables = tables;
        self
    }

    /// The same crew by another clock: it says when a removed member's links were taken back.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The names of the tables.
    #[must_use]
    pub fn tables(&self) -> &CrewTables {
        &self.tables
    }

    /// Those of the named members who are stored, each once, in no order, strongly consistent.
    /// Requests ask for 100 of them at a time, and again for those alone that the store left out.
    ///
    /// # Errors
    /// [`Error::CorruptItem`]; [`Error::Unavailable`] and [`Error::Unprocessed`] are worth a retry.
    pub async fn find_all(&self, ids: &[CrewId]) -> Result<Vec<CrewMember>, Error> {
        self.batch_of(ids).await
    }

    /// Claims the e-mail addresses and phone numbers of rows that older tools wrote, and gives up
    /// claims of rows that older tools changed or deleted. Doing it again changes nothing.
    ///
    /// A row that is changed meanwhile is left for the next run, which finds it again. Reads both
    /// tables whole.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Unprocessed`] are worth a retry; what was claimed stays
    /// claimed.
    pub async fn claim_contacts(&self) -> Result<ClaimedContacts, Error> {
        let mut report = ClaimedContacts::default();
        self.release_stale(&mut report).await?;
        self.claim_all(&mut report).await?;
        Ok(report)
    }

    /// Who has claimed a member's e-mail address and phone number, strongly consistent.
    ///
    /// The member has, unless the row is of an older tool: then perhaps nobody, or another. One
    /// round trip.
    ///
    /// # Errors
    /// [`Error::CorruptItem`] for a claim without an owner; [`Error::Unavailable`] and
    /// [`Error::Unprocessed`] are worth a retry.
    pub async fn contact_owners(&self, member: &CrewMember) -> Result<ContactOwners, Error> {
        self.owners_of(member).await
    }

    /// Waits until the same table in another region, which `replica` talks to, has the member in
    /// this state or a later one, or has no such member either.
    ///
    /// # Errors
    /// [`Error::NotReplicated`] when it does not within `deadline`: worth a retry, as is
    /// [`Error::Unavailable`]. [`Error::CorruptItem`].
    pub async fn verify_replicated(
        &self,
        member: &CrewMember,
        replica: &Client,
        deadline: Duration,
    ) -> Result<(), Error> {
        self.await_replica(member, replica, deadline).await
    }

    fn member(&self, item: &Item) -> Result<CrewMember, Error> {
        item::member(item).map_err(|corrupt| self.corrupt(corrupt, item))
    }

    fn corrupt(&self, corrupt: Corrupt, item: &Item) -> Error {
        let key = text(item, item::ID).unwrap_or_default().to_owned();
        let mut error = corrupt.of(&self.tables.roster, key);
        if let Error::CorruptItem { called, .. } = &mut error {
            let name = text(item, "name").filter(|name| !name.trim().is_empty());
            *called = name.map(Into::into);
        }
        error
    }
}

#[async_trait]
impl RosterRepository for DynamoRoster {
    async fn add(&self, member: &CrewMember) -> Result<CrewMember, Error> {
        self.insert(member).await
    }

    async fn find(&self, id: &CrewId) -> Result<Option<CrewMember>, Error> {
        let item = self.row(&self.client, id).await?;
        item.map(|item| self.member(&item)).transpose()
    }

    async fn find_by_email(&self, email: &EmailAddress) -> Result<Option<CrewMember>, Error> {
        self.find_by(&Contact::Email(email.clone())).await
    }

    async fn find_by_phone(&self, phone: &PhoneNumber) -> Result<Option<CrewMember>, Error> {
        self.find_by(&Contact::Phone(phone.clone())).await
    }

    /// The role is compared here and not by the store: a filter there could neither read it in
    /// upper and lower case, nor show a row that cannot be read, and reads as much.
    fn in_role(&self, role: &Role) -> CrewStream {
        let role = role.clone();
        let is_wanted = move |member: &CrewMember| member.role() == &role;
        let members = self.clone().members();
        members
            .filter(move |member| future::ready(member.as_ref().map_or(true, &is_wanted)))
            .boxed()
    }

    fn list(&self) -> CrewStream {
        self.clone().members().boxed()
    }

    async fn update(&self, member: &CrewMember) -> Result<CrewMember, Error> {
        self.change(member).await
    }

    async fn remove(&self, member: &CrewMember) -> Result<(), Error> {
        self.delete(member).await
    }
}
