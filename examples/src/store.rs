//! Where an example keeps its tables: in memory, in a file, or in a DynamoDB.

use std::path::PathBuf;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodbstreams::Client as StreamsClient;
use clap::Args;
use jada_roster::{DynamoCharters, EmbeddedEngine, dynamo_retries, https_client};

/// The flags by which an operator says where the tables are.
#[derive(Args, Clone, Debug)]
pub struct StoreArgs {
    /// Keep the tables in this file, by the embedded engine [env: JADA_DB; default: in memory]
    #[arg(long, value_name = "FILE", global = true, conflicts_with = "dynamodb")]
    db: Option<PathBuf>,
    /// Use the DynamoDB of the AWS environment (AWS_ENDPOINT_URL, AWS_REGION, credentials)
    #[arg(long, global = true)]
    dynamodb: bool,
}

/// Where the tables are.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Store {
    /// In memory, gone when the process ends.
    Memory,
    /// In a file of the embedded engine.
    File(PathBuf),
    /// In the DynamoDB that the AWS environment names.
    DynamoDb,
}

impl StoreArgs {
    /// Flags first, then the environment, then memory.
    #[must_use]
    pub fn store(&self) -> Store {
        let from_env = || std::env::var_os("JADA_DB").filter(|path| !path.is_empty());
        match (&self.db, self.dynamodb) {
            (Some(path), _) => Store::File(path.clone()),
            (None, true) => Store::DynamoDb,
            (None, false) => from_env().map_or(Store::Memory, |path| Store::File(path.into())),
        }
    }
}

impl Store {
    /// Opens what is there, and fails where nothing is.
    ///
    /// # Errors
    /// A database file that does not exist or is none; an AWS environment that is incomplete.
    pub async fn open(&self) -> anyhow::Result<DynamoCharters> {
        self.check_exists("--charters FILE")?;
        match self {
            Self::DynamoDb => self.connect().await,
            Self::Memory | Self::File(_) => self.create().await,
        }
    }

    /// Opens the store and creates the table of charters where it is missing.
    ///
    /// # Errors
    /// As [`open`](Self::open), and those of creating a table.
    pub async fn create(&self) -> anyhow::Result<DynamoCharters> {
        let charters = self.connect().await?;
        charters.ensure_table().await?;
        Ok(charters)
    }

    /// As [`create`](Self::create), with a table of another name.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub async fn create_table(&self, name: &str) -> anyhow::Result<DynamoCharters> {
        let charters = self.connect().await?.with_table(name);
        charters.ensure_table().await?;
        Ok(charters)
    }

    /// A client for what is there; a database file is created where it is missing.
    ///
    /// # Errors
    /// A file that is no database; an AWS environment that is incomplete.
    pub async fn client(&self) -> anyhow::Result<Client> {
        Ok(self.clients().await?.0)
    }

    /// As [`client`](Self::client), and one for the streams of the same tables.
    ///
    /// # Errors
    /// As [`client`](Self::client).
    pub async fn clients(&self) -> anyhow::Result<(Client, StreamsClient)> {
        let engine = match self {
            Self::Memory => EmbeddedEngine::in_memory()?,
            Self::File(path) => {
                let engine = EmbeddedEngine::open(path)?;
                // Links that ended a week ago; DynamoDB does this by itself.
                engine.sweep()?;
                engine
            }
            Self::DynamoDb => {
                let aws = aws_environment().await?;
                return Ok((Client::new(&aws), StreamsClient::new(&aws)));
            }
        };
        Ok((engine.client(), engine.streams_client()))
    }

    /// The flags that name it to another command, each after a space; none for what is in memory.
    pub(crate) fn flags(&self) -> String {
        match self {
            Self::Memory => String::new(),
            Self::File(path) => format!(" --db {}", quoted(&path.display().to_string())),
            Self::DynamoDb => " --dynamodb".to_owned(),
        }
    }

    /// Fails for a database file that does not exist, naming what creates it with charters.
    ///
    /// # Errors
    /// As it says.
    pub(crate) fn check_charters(&self) -> anyhow::Result<()> {
        self.check_exists(&format!("`monthly_statement --charters FILE{}`", self.flags()))
    }

    /// Fails for a database file that does not exist, naming what creates it.
    ///
    /// # Errors
    /// As it says.
    pub fn check_exists(&self, creator: &str) -> anyhow::Result<()> {
        match self {
            Self::File(path) if !path.exists() => {
                anyhow::bail!("database `{}` does not exist; {creator} creates it", path.display())
            }
            Self::Memory | Self::File(_) | Self::DynamoDb => Ok(()),
        }
    }

    async fn connect(&self) -> anyhow::Result<DynamoCharters> {
        Ok(DynamoCharters::new(self.client().await?))
    }
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+:@%".contains(c);
    match word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// The SDK's own environment, with an HTTPS client and retries that suit DynamoDB.
async fn aws_environment() -> anyhow::Result<SdkConfig> {
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(https_client())
        .retry_config(dynamo_retries())
        .load()
        .await;
    if config.region().is_some() {
        return Ok(config);
    }
    // A DynamoDB of one's own has no region, but the SDK wants a word for it.
    if std::env::var_os("AWS_ENDPOINT_URL").is_some() {
        return Ok(config.into_builder().region(Region::from_static("us-east-1")).build());
    }
    anyhow::bail!("no AWS region is set; set AWS_REGION, or `region` in the profile")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_named_to_another_command_as_a_shell_takes_it() {
        for (store, flags) in [
            (Store::Memory, ""),
            (Store::DynamoDb, " --dynamodb"),
            (Store::File("data/office.db".into()), " --db data/office.db"),
            (Store::File("Ann's office.db".into()), r" --db 'Ann'\''s office.db'"),
        ] {
            assert_eq!(store.flags(), flags);
        }
    }
}
