//! DynamoDB in this process: the SDK's client on an engine that keeps its tables in a file or in
//! memory, with no socket between them.

use std::fmt;
use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::Path;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Region, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use dynoxide::Database;
use dynoxide::errors::DynoxideError;
use serde_json::{from_slice, to_vec};

use crate::dynamo::retry::dynamo_retries;
use crate::error::{BoxError, Error};

/// An engine that answers the DynamoDB protocol in this process; clones share its tables.
///
/// It is an HTTP client to the SDK: [`client`](Self::client) wires it up, and a test may wrap it
/// to inject faults.
#[derive(Clone)]
pub struct EmbeddedEngine {
    database: Database,
    in_memory: bool,
}

impl EmbeddedEngine {
    /// An engine without tables, in memory.
    ///
    /// # Errors
    /// [`Error::Database`] when there is no memory for it.
    pub fn in_memory() -> Result<Self, Error> {
        let database = Database::memory().map_err(|error| Error::Database {
            path: "in memory".to_owned(),
            mend: "free some memory".to_owned(),
            source: Box::new(error),
        })?;
        Ok(Self { database, in_memory: true })
    }

    /// Opens a database file, or creates it (0600, in a folder of 0700 when that is new too).
    ///
    /// Several processes may share the file; each write is synced to the disk. Rows whose time to
    /// live is over stay until [`sweep`](Self::sweep) is called.
    ///
    /// # Errors
    /// [`Error::Database`] when the file cannot be created, is something else, or is open to others
    /// than its owner; what it says mends that.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let failed = |mend: &str, source: BoxError| Error::Database {
            path: path.display().to_string(),
            mend: mend.to_owned(),
            source,
        };
        // An absolute path is a path: `:memory:` and `file:` mean other things to the engine.
        let path =
            &std::path::absolute(path).map_err(|error| failed("give it a path", error.into()))?;
        create(path).map_err(|error| failed("check the folder's permissions", error.into()))?;
        #[cfg(unix)]
        check_access(path).map_err(|(mend, source)| failed(&mend, source))?;
        let text = path
            .to_str()
            .ok_or_else(|| failed("give it a name in UTF-8", "the path is not UTF-8".into()))?;
        let database = Database::new(text)
            .map_err(|error| failed(mend_of(&error.to_string()), error.into()))?;
        Ok(Self { database, in_memory: false })
    }

    /// Deletes the rows whose time to live is over by the machine's clock, as DynamoDB does by
    /// itself, and says how many. Other requests go on meanwhile. Call it now and then, for instance
    /// at start-up: each link that has ended leaves a row.
    ///
    /// # Errors
    /// [`Error::Database`] when the file cannot be written.
    pub fn sweep(&self) -> Result<usize, Error> {
        self.database.sweep_ttl().map_err(|error| Error::Database {
            path: self.database.db_path().ok().flatten().unwrap_or("in memory".to_owned()),
            mend: "check the disk".to_owned(),
            source: Box::new(error),
        })
    }

    /// A DynamoDB client on this engine.
    #[must_use]
    pub fn client(&self) -> Client {
        dynamo_client(SharedHttpClient::new(self.clone()))
    }

    /// A client for the streams of this engine's tables.
    ///
    /// The engine keeps every change for ever and reads them all with each write, so a stream is for
    /// tests and for trying out; it has one shard, and its iterators do not expire.
    #[cfg(feature = "streams")]
    #[must_use]
    pub fn streams_client(&self) -> aws_sdk_dynamodbstreams::Client {
        dynamo_streams_client(SharedHttpClient::new(self.clone()))
    }
}

/// A client without credentials that sends every request to `http_client`.
///
/// For an [`EmbeddedEngine`], or a wrapper of one that injects faults.
#[must_use]
pub fn dynamo_client(http_client: SharedHttpClient) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("embedded"))
        .endpoint_url("http://embedded.invalid")
        .allow_no_auth()
        .retry_config(dynamo_retries())
        .http_client(http_client);
    Client::from_conf(config.build())
}

/// A client for streams, as [`dynamo_client`] is one for tables.
#[cfg(feature = "streams")]
#[must_use]
pub fn dynamo_streams_client(http_client: SharedHttpClient) -> aws_sdk_dynamodbstreams::Client {
    use aws_sdk_dynamodbstreams::config::{BehaviorVersion, Config, Region};
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("embedded"))
        .endpoint_url("http://embedded.invalid")
        .allow_no_auth()
        .retry_config(dynamo_retries())
        .http_client(http_client);
    aws_sdk_dynamodbstreams::Client::from_conf(config.build())
}

impl fmt::Debug for EmbeddedEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedEngine").field("in_memory", &self.in_memory).finish_non_exhaustive()
    }
}

impl HttpClient for EmbeddedEngine {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for EmbeddedEngine {
    /// In memory an answer takes microseconds; in a file a write waits for the disk, so that runs
    /// where blocking is allowed.
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if self.in_memory {
            return HttpConnectorFuture::ready(answer(&self.database, &request));
        }
        let database = self.database.clone();
        HttpConnectorFuture::new(async move {
            tokio::task::spawn_blocking(move || answer(&database, &request))
                .await
                .unwrap_or_else(|error| Err(ConnectorError::other(error.into(), None)))
        })
    }
}

fn answer(database: &Database, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default();
    let body = request.body().bytes().unwrap_or_default();
    let (status, body) = match run(database, operation, body) {
        Ok(body) => (200, body),
        Err(error) => (error.status_code(), error.to_json().into_bytes()),
    };
    let status = status.try_into().map_err(|error| ConnectorError::user(Box::new(error)))?;
    Ok(HttpResponse::new(status, SdkBody::from(body)))
}

/// Hands a request to the engine. Operations that no crate here uses are refused as unknown.
fn run(database: &Database, operation: &str, body: &[u8]) -> Result<Vec<u8>, DynoxideError> {
    macro_rules! dispatch {
        ($($name:literal => $method:ident),+ $(,)?) => {
            match operation {
                $($name => {
                    let answer = database.$method(from_slice(body).map_err(|error| malformed(&error))?)?;
                    to_vec(&answer).map_err(|e| DynoxideError::InternalServerError(e.to_string()))
                })+
                _ => Err(DynoxideError::ValidationException(format!("unknown operation {operation}"))),
            }
        };
    }
    dispatch! {
        "BatchGetItem" => batch_get_item,
        "BatchWriteItem" => batch_write_item,
        "CreateTable" => create_table,
        "DeleteItem" => delete_item,
        "DeleteTable" => delete_table,
        "DescribeStream" => describe_stream,
        "DescribeTable" => describe_table,
        "DescribeTimeToLive" => describe_time_to_live,
        "GetItem" => get_item,
        "GetRecords" => get_records,
        "GetShardIterator" => get_shard_iterator,
        "ListTables" => list_tables,
        "PutItem" => put_item,
        "Query" => query,
        "Scan" => scan,
        "TransactGetItems" => transact_get_items,
        "TransactWriteItems" => transact_write_items,
        "UpdateItem" => update_item,
        "UpdateTable" => update_table,
        "UpdateTimeToLive" => update_time_to_live,
    }
}

/// The engine marks its own refusals while parsing by a prefix.
fn malformed(error: &serde_json::Error) -> DynoxideError {
    let text = error.to_string();
    match text.split_once("VALIDATION:") {
        Some((_, message)) => {
            let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
            DynoxideError::ValidationException(message.to_owned())
        }
        None => DynoxideError::SerializationException(text),
    }
}

/// SQLite keeps files beside the database's own while it is open.
fn mend_of(error: &str) -> &'static str {
    match error.contains("unable to open") || error.contains("readonly") {
        true => "let this user write it, and in its folder",
        false => "it is no database of charters, or is damaged",
    }
}

/// Makes the file before the engine does, so that it is never readable by others.
fn create(path: &Path) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let (mut folder, mut file) = (DirBuilder::new(), OpenOptions::new());
    folder.recursive(true);
    file.write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        folder.mode(0o700);
        file.mode(0o600);
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        folder.create(parent)?;
    }
    file.open(path).map(drop)
}

/// That nobody but the owner may read or write a database; of another file the engine says what it
/// is.
#[cfg(unix)]
fn check_access(path: &Path) -> Result<(), (String, BoxError)> {
    use std::os::unix::fs::PermissionsExt;
    let unreadable = |error: io::Error| ("see what the system says".to_owned(), error.into());
    let mode = path.metadata().map_err(unreadable)?.permissions().mode() & 0o7777;
    if mode & 0o077 == 0 || !may_be_database(path).map_err(unreadable)? {
        return Ok(());
    }
    let quoted = path.display().to_string().replace('\'', r"'\''");
    let open = format!("it is open to others (mode {mode:04o})");
    Err((format!("run `chmod 600 '{quoted}'`"), open.into()))
}

/// Whether a file is one of SQLite's, or nothing yet
/// ([its header](https://www.sqlite.org/fileformat.html#the_database_header)).
#[cfg(unix)]
fn may_be_database(path: &Path) -> io::Result<bool> {
    use std::io::Read;
    let mut start = Vec::new();
    std::fs::File::open(path)?.take(SQLITE.len() as u64).read_to_end(&mut start)?;
    Ok(start.is_empty() || start == SQLITE)
}

#[cfg(unix)]
const SQLITE: &[u8] = b"SQLite format 3\0";

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;
    use crate::dynamo::roster::DynamoRoster;

    #[test]
    fn a_folder_that_takes_no_file_is_not_called_damage() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("office.db");
        drop(EmbeddedEngine::open(&path).unwrap());
        // Even root cannot open this one.
        std::fs::create_dir(folder.path().join("office.db-wal")).unwrap();
        let refused = EmbeddedEngine::open(&path).unwrap_err().to_string();
        assert!(refused.ends_with("let this user write it, and in its folder"), "{refused}");
    }

    #[tokio::test]
    async fn a_sweep_takes_what_has_ended_and_leaves_the_rest() {
        let engine = EmbeddedEngine::in_memory().unwrap();
        let client = engine.client();
        DynamoRoster::new(client.clone()).ensure_tables().await.unwrap();
        let number = |seconds: i64| AttributeValue::N(seconds.to_string());
        let never = AttributeValue::S("never".to_owned());
        for (key, ttl) in [("over", number(1)), ("open", number(1 << 40)), ("older", never)] {
            let put = client.put_item().table_name("crew-keys").item("ttl", ttl);
            put.item("key", AttributeValue::S(key.to_owned())).send().await.unwrap();
        }
        assert_eq!(engine.sweep().unwrap(), 1);
        assert_eq!(engine.sweep().unwrap(), 0);
        let rows = client.scan().table_name("crew-keys").send().await.unwrap();
        assert_eq!(rows.count(), 2);
    }
}
