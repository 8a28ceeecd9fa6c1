//! Reading items by their keys, in batches.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};

use crate::dynamo::failure::{failed, malformed};
use crate::dynamo::item::{Item, text};
use crate::dynamo::quiet::quietly;
use crate::dynamo::retry::Backoff;
use crate::error::Error;

/// A table whose items are read by their partition keys, strongly consistent.
#[derive(Debug)]
pub(super) struct Batch<'a> {
    pub(super) client: &'a Client,
    pub(super) table: &'a str,
    /// The attribute that is the partition key.
    pub(super) key: &'a str,
    /// What is read of an item, and what its placeholders stand for; all of it where there is none.
    pub(super) projection: Option<(&'a str, HashMap<String, String>)>,
}

impl Batch<'_> {
    /// Those of the items that exist, each once, in no order.
    pub(super) async fn get(
        &self,
        keys: impl IntoIterator<Item = String>,
    ) -> Result<Vec<Item>, Error> {
        let keys: Vec<String> = keys.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        let mut found = Vec::with_capacity(keys.len());
        for group in keys.chunks(BATCH) {
            let key = |text: &String| {
                Item::from([(self.key.to_owned(), AttributeValue::S(text.clone()))])
            };
            found.extend(self.group(group.iter().map(key).collect()).await?);
        }
        Ok(found)
    }

    /// Asks for up to 100 items, and again for those alone that the store left out.
    async fn group(&self, mut keys: Vec<Item>) -> Result<Vec<Item>, Error> {
        let mut found = Vec::with_capacity(keys.len());
        let mut backoff = Backoff::default();
        while !keys.is_empty() {
            let request =
                self.client.batch_get_item().request_items(self.table, self.wanted(keys)?);
            let answer = quietly(request.send()).await;
            let answer = answer.map_err(|error| failed(OPERATION, self.table, error))?;
            found.extend(answer.responses.into_iter().flatten().flat_map(|(_, items)| items));
            let left = answer.unprocessed_keys.and_then(|mut left| left.remove(self.table));
            keys = left.map(|left| left.keys).unwrap_or_default();
            if !keys.is_empty() && !backoff.wait().await {
                let key_text = |item: &Item| text(item, self.key).unwrap_or_default().to_owned();
                let keys = keys.iter().map(key_text).collect();
                return Err(Error::Unprocessed { table: self.table.to_owned(), keys });
            }
        }
        Ok(found)
    }

    fn wanted(&self, keys: Vec<Item>) -> Result<KeysAndAttributes, Error> {
        let mut wanted = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true);
        if let Some((projection, names)) = &self.projection {
            let names = (!names.is_empty()).then(|| names.clone());
            wanted =
                wanted.projection_expression(*projection).set_expression_attribute_names(names);
        }
        wanted.build().map_err(|error| malformed(OPERATION, self.table, error))
    }
}

const OPERATION: &str = "BatchGetItem";
/// What one `BatchGetItem` may ask for.
const BATCH: usize = 100;
