//! The peppers that a table knows of, so that none is lost without a word.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::dynamo::failure::failed;
use crate::dynamo::item::{Corrupt, Item};
use crate::dynamo::keys::{CrewTables, KEY};
use crate::dynamo::links::item::{key, texts};
use crate::dynamo::links::write::set;
use crate::dynamo::links::{ATTEMPTS, DynamoLinks};
use crate::error::Error;
use crate::links::pepper::{Pepper, PepperId, Peppers};

impl DynamoLinks {
    /// Opens the file of peppers, or creates it where the table knows of none: a file that is lost
    /// while links exist is an error, and no new one takes its place. The first pepper of a new file
    /// is at home in `region`, where one is given.
    ///
    /// Of several processes on one host that start at once one creates the file. On several hosts,
    /// create it on one and copy it: [`open`](Self::open) tells the others that theirs is another.
    ///
    /// # Errors
    /// [`Error::Peppers`] says what is wrong and what mends it. [`Error::Unavailable`] is worth a
    /// retry.
    #[cfg(unix)]
    pub async fn peppers(
        client: &Client,
        tables: &CrewTables,
        file: &Path,
        region: Option<&str>,
    ) -> Result<Peppers, Error> {
        // A folder that cannot be looked into says nothing of the file.
        if !file.symlink_metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound) {
            return Peppers::open(file);
        }
        let known = Registered::read(client, tables).await?.0;
        if known.is_empty() {
            return Peppers::open_or_create_at_home(file, region);
        }
        let names = named(known.iter().map(String::as_str));
        Err(Error::Peppers {
            path: file.display().to_string(),
            mend: format!(
                "the file is missing, and links exist that were made under {names}; restore it \
                 from a backup, or copy it from the host that has it"
            ),
            source: None,
        })
    }

    /// Checks that all peppers under which links were made are at hand, and notes ours in the table.
    /// Call it at start-up.
    ///
    /// # Errors
    /// [`Error::Peppers`] names those that are missing; restore the file, or give their links up by
    /// [`forget_missing_peppers`](Self::forget_missing_peppers). [`Error::Unavailable`] is worth a
    /// retry.
    pub async fn open(&self) -> Result<(), Error> {
        let ours: BTreeSet<_> = self.gate.peppers.iter().map(registered).collect();
        for _ in 0..ATTEMPTS {
            let known = Registered::read(&self.home, &self.tables).await?;
            let missing: Vec<_> = known.0.difference(&ours).map(String::as_str).collect();
            if !missing.is_empty() {
                return Err(self.gate.peppers.unusable(format!(
                    "links exist that were made under {}, not in this file; restore it from a \
                     backup, or, if that is lost for good, give those links up",
                    named(missing.into_iter())
                )));
            }
            if known.0 == ours || known.replace(&self.home, &self.tables, &ours).await? {
                return Ok(());
            }
        }
        Err(Error::conflict("list of link peppers", &ROW))
    }

    /// Gives up all links under peppers that are not at hand, after a loss or when one was retired:
    /// the table knows of ours alone from now on. Gives back the names of the others.
    ///
    /// # Errors
    /// [`Error::VersionConflict`] when others start up meanwhile, and [`Error::Unavailable`]; both
    /// are worth a retry.
    pub async fn forget_missing_peppers(&self) -> Result<Vec<PepperId>, Error> {
        let ours: BTreeSet<_> = self.gate.peppers.iter().map(registered).collect();
        let known = Registered::read(&self.home, &self.tables).await?;
        let missing =
            known.0.difference(&ours).filter_map(|entry| PepperId::parse(name(entry)).ok());
        let missing = missing.collect();
        if known.0 == ours || known.replace(&self.home, &self.tables, &ours).await? {
            return Ok(missing);
        }
        // It may be refused since an earlier attempt did it, whose answer was lost.
        if Registered::read(&self.home, &self.tables).await?.0 == ours {
            return Ok(missing);
        }
        Err(Error::conflict("list of link peppers", &ROW))
    }
}

/// What the table knows: `<name>#<fingerprint>` each.
struct Registered(BTreeSet<String>);

impl Registered {
    async fn read(client: &Client, tables: &CrewTables) -> Result<Self, Error> {
        let request = client
            .get_item()
            .table_name(&tables.keys)
            .key(KEY, AttributeValue::S(ROW.to_owned()))
            .consistent_read(true);
        let answer = request.send().await;
        let item = answer.map_err(|error| failed("GetItem", &tables.keys, error))?.item;
        let known = item.as_ref().map_or(Ok(&[][..]), fingerprints);
        let known = known.map_err(|corrupt| corrupt.of(&tables.keys, ROW.to_owned()))?;
        Ok(Self(known.iter().cloned().collect()))
    }

    /// Puts others in their place, if they are still what was read; tells whether they were.
    async fn replace(
        &self,
        client: &Client,
        tables: &CrewTables,
        others: &BTreeSet<String>,
    ) -> Result<bool, Error> {
        let mut request = client
            .update_item()
            .table_name(&tables.keys)
            .set_key(Some(key(ROW)))
            .update_expression("SET fingerprints = :ours")
            .expression_attribute_values(":ours", set(others.iter().cloned()));
        request = if self.0.is_empty() {
            request.condition_expression("attribute_not_exists(fingerprints)")
        } else {
            request
                .condition_expression("fingerprints = :read")
                .expression_attribute_values(":read", set(self.0.iter().cloned()))
        };
        match request.send().await {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(service))
                if matches!(service.err(), UpdateItemError::ConditionalCheckFailedException(_)) =>
            {
                Ok(false)
            }
            Err(error) => Err(failed("UpdateItem", &tables.keys, error)),
        }
    }
}

fn fingerprints(item: &Item) -> Result<&[String], Corrupt> {
    texts(item, FINGERPRINTS, FINGERPRINTS)
}

fn registered(pepper: &Pepper) -> String {
    format!("{}#{}", pepper.id(), pepper.fingerprint())
}

/// `pepper `A` (fingerprint ..)` or `peppers `A` (fingerprint ..), `B` (fingerprint ..)`: a file that
/// was made anew has an `A` of its own.
fn named<'a>(entries: impl Iterator<Item = &'a str>) -> String {
    let one = |entry: &str| {
        let (name, fingerprint) = entry.split_once('#').unwrap_or((entry, "unknown"));
        format!("`{name}` (fingerprint {fingerprint})")
    };
    let all: Vec<_> = entries.map(one).collect();
    format!("{} {}", if all.len() == 1 { "pepper" } else { "peppers" }, all.join(", "))
}

fn name(entry: &str) -> &str {
    entry.split('#').next().unwrap_or_default()
}

const ROW: &str = "peppers";
const FINGERPRINTS: &str = "fingerprints";
