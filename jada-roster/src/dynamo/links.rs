//! Magic links on DynamoDB, through the SDK's own client.

mod builder;
mod issue;
mod item;
mod legacy;
mod list;
mod opening;
mod peek;
mod peppers;
mod regions;
mod revoke;
mod rotate;
pub(super) mod write;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use jiff::Timestamp;

pub use self::builder::{DynamoLinksBuilder, LegacyLinks};
use self::legacy::Legacy;
use self::regions::Regions;
use crate::crew::id::CrewId;
use crate::dynamo::item::Corrupt;
use crate::dynamo::keys::CrewTables;
use crate::error::Error;
use crate::links::gate::Gate;
use crate::links::record::Asked;
use crate::links::{
    Link, LinkSpec, MagicLinks, OpenLink, Peeked, Presented, Purpose, Verified, audit,
};

/// Magic links in the table `crew-keys`, of the members in `crew-roster`; clones share their limits.
///
/// `DynamoRoster::ensure_tables` creates both tables. [`peppers`](Self::peppers) opens the peppers,
/// [`builder`](Self::builder) takes them, and [`open`](Self::open) checks at start-up that the table
/// knows of no others:
///
/// ```
/// # #[cfg(all(feature = "embedded", unix))]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use jada_roster::{
///     AttemptLimit, CrewTables, DynamoLinks, DynamoRoster, EmbeddedEngine, Peppers,
/// };
///
/// # let folder = tempfile::tempdir()?;
/// # let secrets = folder.path().join("secrets");
/// let client = EmbeddedEngine::in_memory()?.client();
/// DynamoRoster::new(client.clone()).ensure_tables().await?;
/// let file = secrets.join(Peppers::FILE_NAME);
/// let peppers = DynamoLinks::peppers(&client, &CrewTables::default(), &file, None).await?;
/// let links = DynamoLinks::builder(client, peppers).compact(AttemptLimit::default()).build()?;
/// links.open().await?;
/// # Ok(())
/// # }
/// # #[cfg(not(all(feature = "embedded", unix)))]
/// # fn main() {}
/// ```
///
/// # Limits on attempts
///
/// Texts of less than 112 bit are compact ones and those of older tools. They are accepted only by
/// links that were built with a limit on attempts; there is no way to have the one without the other:
///
/// ```compile_fail,E0061
/// # fn short_links(builder: jada_roster::DynamoLinksBuilder) {
/// builder.compact();
/// # }
/// ```
///
/// # Regions
///
/// Conditions hold only in the region where they run, and a global table copies afterwards. So a
/// text names its home region, by its pepper: whoever builds the links names their own
/// [`region`](DynamoLinksBuilder::region) and the clients of [others](DynamoLinksBuilder::replica),
/// and all writes of a text go to its home. What is read is read there too, or
/// [near by](DynamoLinksBuilder::reading_near) where a revocation may arrive a second later. New
/// links are made in the home of the current pepper, and there links are rotated and revoked; for
/// links under an older pepper with another home that takes effect when it is copied, for which
/// [`verify_replicated`](Self::verify_replicated) waits.
///
/// # Logs
///
/// At `TRACE` the SDK logs whole answers. Those about links hold digests, so it logs nothing of them.
#[derive(Clone, Debug)]
pub struct DynamoLinks {
    regions: Regions,
    /// The client of the current pepper's home.
    home: Client,
    tables: CrewTables,
    gate: Arc<Gate>,
    legacy: Option<Arc<Legacy>>,
    reads: Reads,
}

/// Where links are read that need no write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reads {
    AtHome,
    Near,
}

impl DynamoLinks {
    /// Starts with a client of this region and the peppers under which links are hashed.
    ///
    /// Give the client [`dynamo_retries`](crate::dynamo_retries), whose back-off suits a table that
    /// is busy for milliseconds.
    #[must_use]
    pub fn builder(client: Client, peppers: crate::links::pepper::Peppers) -> DynamoLinksBuilder {
        DynamoLinksBuilder::new(client, peppers)
    }

    /// The tables' names.
    #[must_use]
    pub fn tables(&self) -> &CrewTables {
        &self.tables
    }

    /// A row of `crew-keys` that cannot be read. That of a link is named by its digest, which is
    /// told to nobody.
    fn corrupt(&self, corrupt: Corrupt, row: &str) -> Error {
        let row = if row.starts_with(TOKEN) { "tok#.." } else { row };
        corrupt.of(&self.tables.keys, row.to_owned())
    }
}

#[async_trait]
impl MagicLinks for DynamoLinks {
    async fn issue(&self, crew: &CrewId, spec: &LinkSpec) -> Result<Link, Error> {
        audit::issued(spec, self.make(crew, spec).await)
    }

    async fn verify(&self, presented: &Presented) -> Result<Verified, Error> {
        audit::attempted(presented, self.attempt(Asked::Verify, presented).await)
    }

    async fn peek(&self, presented: &Presented) -> Result<Peeked, Error> {
        audit::peeked(presented, self.look_at(presented).await)
    }

    async fn consume(&self, presented: &Presented) -> Result<Verified, Error> {
        audit::attempted(presented, self.attempt(Asked::Consume, presented).await)
    }

    async fn redeem(&self, presented: &Presented) -> Result<Verified, Error> {
        audit::attempted(presented, self.attempt(Asked::Redeem, presented).await)
    }

    async fn rotate(&self, crew: &CrewId, spec: &LinkSpec, grace: Duration) -> Result<Link, Error> {
        audit::rotated(spec, self.replace(crew, spec, grace).await)
    }

    async fn revoke(&self, crew: &CrewId, purpose: &Purpose) -> Result<usize, Error> {
        audit::revoked(crew, Some(purpose), self.take_back(crew, Some(purpose)).await)
    }

    async fn withdraw(
        &self,
        crew: &CrewId,
        purpose: &Purpose,
        issued_before: Timestamp,
    ) -> Result<usize, Error> {
        audit::revoked(crew, Some(purpose), self.take_outdated(crew, purpose, issued_before).await)
    }

    async fn revoke_all(&self, crew: &CrewId) -> Result<usize, Error> {
        audit::revoked(crew, None, self.take_back(crew, None).await)
    }

    async fn end_session(&self, presented: &Presented) -> Result<(), Error> {
        if let Some(crew) = self.end(presented).await? {
            audit::ended(presented, &crew);
        }
        Ok(())
    }

    async fn open_links(&self, crew: &CrewId) -> Result<Vec<OpenLink>, Error> {
        self.list(crew).await
    }
}

const TOKEN: &str = "tok#";
/// How often a write is made again whose row has changed since it was read.
const ATTEMPTS: usize = 16;
