//! What links on DynamoDB are built from.

use std::ops::RangeInclusive;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use jada_auth::{Clock, SystemClock};

use crate::dynamo::keys::CrewTables;
use crate::dynamo::links::legacy::Legacy;
use crate::dynamo::links::regions::Regions;
use crate::dynamo::links::{DynamoLinks, Reads};
use crate::error::Error;
use crate::links::Purpose;
use crate::links::gate::Gate;
use crate::links::limit::{AttemptLimit, Limiter};
use crate::links::pepper::Peppers;

/// Builds [`DynamoLinks`].
#[derive(Clone, Debug)]
pub struct DynamoLinksBuilder {
    client: Client,
    peppers: Peppers,
    tables: CrewTables,
    clock: Arc<dyn Clock>,
    compact: Option<AttemptLimit>,
    legacy: Option<LegacyLinks>,
    region: Option<String>,
    replicas: Vec<(String, Client)>,
    reads: Reads,
}

/// Links of an older tool that stand as plain text in members' rows, and are to go on working.
///
/// They are standing links of one purpose. One that is used for the first time is rewritten: the
/// member's row loses the text, and a digest takes its place. The link in the member's hands opens
/// as before, until it is rotated or revoked. Of a text that two rows hold none opens.
#[derive(Clone, Debug)]
pub struct LegacyLinks {
    pub(super) purpose: Purpose,
    pub(super) lengths: RangeInclusive<usize>,
    limit: AttemptLimit,
}

impl LegacyLinks {
    /// Honours texts of these lengths, in letters: 8 to 200 of letters, digits, `-` and `_`.
    /// Whatever else the older tool wrote opens nothing, nor does a shorter text, whatever the
    /// lengths: it is soon guessed. As nothing is known of how the tool drew them, attempts are
    /// limited.
    #[must_use]
    pub fn new(purpose: Purpose, lengths: RangeInclusive<usize>, limit: AttemptLimit) -> Self {
        let lengths = SHORTEST.max(*lengths.start())..=*lengths.end();
        Self { purpose, lengths, limit }
    }
}

impl DynamoLinksBuilder {
    pub(super) fn new(client: Client, peppers: Peppers) -> Self {
        Self {
            client,
            peppers,
            tables: CrewTables::default(),
            clock: Arc::new(SystemClock),
            compact: None,
            legacy: None,
            region: None,
            replicas: Vec::new(),
            reads: Reads::AtHome,
        }
    }

    /// Tables of other names than `crew-roster` and `crew-keys`.
    #[must_use]
    pub fn tables(mut self, tables: CrewTables) -> Self {
        self.tables = tables;
        self
    }

    /// Makes and accepts compact texts too, which may be tried this often.
    #[must_use]
    pub fn compact(mut self, limit: AttemptLimit) -> Self {
        self.compact = Some(limit);
        self
    }

    /// Honours the links of an older tool.
    #[must_use]
    pub fn legacy(mut self, legacy: LegacyLinks) -> Self {
        self.legacy = Some(legacy);
        self
    }

    /// Another clock than the machine's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The region of the client, for instance `us-east-1`. Needed where peppers name a home.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// A client of another region, in which links may be at home.
    #[must_use]
    pub fn replica(mut self, region: impl Into<String>, client: Client) -> Self {
        self.replicas.push((region.into(), client));
        self
    }

    /// Verifies standing links and sessions in this region, wherever they are at home. A revocation
    /// or rotation at home arrives here when it is copied, typically within a second. What is not
    /// known here is read at home too: it may be new, and a session opens from its first instant.
    #[must_use]
    pub fn reading_near(mut self) -> Self {
        self.reads = Reads::Near;
        self
    }

    /// The links; nothing is asked of the table yet.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the home region of the current pepper is not among the clients' ones.
    pub fn build(self) -> Result<DynamoLinks, Error> {
        let (own, client, others) = (self.region, self.client, self.replicas);
        let regions = Regions { own, client, others };
        let current = self.peppers.current();
        let home = regions.home(current).cloned().map_err(|_| {
            let home = current.home().unwrap_or_default();
            Error::invalid(
                "home region of the link pepper",
                home,
                "one that a client was given for",
            )
        })?;
        let limiter = |limit| Limiter::new(limit, Arc::clone(&self.clock));
        let compact = self.compact.map(limiter);
        let legacy = self.legacy.map(|links| {
            let limit = limiter(links.limit);
            Arc::new(Legacy { links, limit })
        });
        let gate = Gate { peppers: self.peppers, clock: Arc::clone(&self.clock), compact };
        let (tables, reads) = (self.tables, self.reads);
        Ok(DynamoLinks { regions, home, tables, gate: Arc::new(gate), legacy, reads })
    }
}

/// The fewest letters of an older tool's text.
const SHORTEST: usize = 8;
