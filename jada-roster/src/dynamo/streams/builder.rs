//! What a view of a stream is built from.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodbstreams::Client;
use jada_auth::{Clock, SystemClock};

use crate::dynamo::charters::DynamoCharters;
use crate::dynamo::keys::CrewTables;
use crate::dynamo::streams::CharterChanges;
use crate::dynamo::streams::lease::Leases;
use crate::dynamo::streams::share::Watch;
use crate::dynamo::streams::source::Source;
use crate::error::Error;
use crate::random::letters;

/// Builds [`CharterChanges`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct CharterChangesBuilder {
    source: Source,
    tables: CrewTables,
    consumer: Option<String>,
    worker: String,
    lease_life: Duration,
    pause: Duration,
    clock: Arc<dyn Clock>,
}

impl CharterChangesBuilder {
    pub(super) fn new(charters: &DynamoCharters, streams: Client) -> Self {
        let (dynamo, table) = (charters.client().clone(), charters.table().to_owned());
        Self {
            source: Source { dynamo, streams, table },
            tables: CrewTables::default(),
            consumer: None,
            worker: "worker".to_owned(),
            lease_life: LEASE_LIFE,
            pause: PAUSE,
            clock: Arc::new(SystemClock),
        }
    }

    /// Another table of leases than `crew-keys`.
    pub fn tables(mut self, tables: CrewTables) -> Self {
        self.tables = tables;
        self
    }

    /// For whom the changes are: programs that do different things name themselves here, and each gets
    /// all of them; those of one name share them. 1 to 64 letters, digits, `-`, `_` and `.`. By default
    /// nobody has a name, and all share.
    pub fn consumer(mut self, name: impl Into<String>) -> Self {
        self.consumer = Some(name.into());
        self
    }

    /// What a person is to read in the rows of this worker's leases, for instance the name of its
    /// host; 22 letters and digits are drawn behind it. By default `worker`.
    pub fn worker(mut self, name: impl Into<String>) -> Self {
        self.worker = name.into();
        self
    }

    /// How long a lease holds that is not renewed, from 1 s to an hour; 20 s by default. The same
    /// for all workers of a table. A shard whose worker died is read on after about this time; a
    /// quarter of it passes between two looks at the leases, each two or more requests and a write
    /// for each shard.
    pub fn lease_life(mut self, life: Duration) -> Self {
        self.lease_life = life;
        self
    }

    /// How long [`run`](CharterChanges::run) waits after a round that brought nothing; 1 s by
    /// default. DynamoDB answers for one shard 5 times a second.
    pub fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// Another clock than the machine's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The worker; nothing is asked of the stream yet.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a life outside its range, or a consumer's name that is none; [`Error::Random`], worth a retry.
    pub fn build(self) -> Result<CharterChanges, Error> {
        let Self { source, tables, consumer, worker, lease_life, pause, clock } = self;
        if !(SHORTEST_LIFE..=LONGEST_LIFE).contains(&lease_life) {
            let found = format!("{lease_life:?}");
            return Err(Error::invalid("life of a lease", &found, "1 s to an hour"));
        }
        if let Some(name) = consumer.as_deref().filter(|name| !is_name(name)) {
            let expected = "1 to 64 letters, digits, `-`, `_` and `.`";
            return Err(Error::invalid("name of a consumer", name, expected));
        }
        let leases = Leases {
            client: source.dynamo.clone(),
            keys: tables.keys().to_owned(),
            table: source.table.clone(),
            consumer,
            owner: format!("{worker}#{}", letters(22)?),
            clock: Arc::clone(&clock),
        };
        Ok(CharterChanges {
            source,
            leases,
            clock,
            lease_life,
            pause,
            stream: String::new(),
            held: BTreeMap::new(),
            watch: Watch::default(),
            looked_at: None,
            renewed_at: None,
        })
    }
}

/// It is part of keys, whose parts `#` and `/` divide.
fn is_name(name: &str) -> bool {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=64).contains(&name.len()) && name.bytes().all(is_of_name)
}

const LEASE_LIFE: Duration = Duration::from_secs(20);
const SHORTEST_LIFE: Duration = Duration::from_secs(1);
const LONGEST_LIFE: Duration = Duration::from_secs(60 * 60);
const PAUSE: Duration = Duration::from_secs(1);
