//! Which client a link is read and written by: that of its home region.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::dynamo::failure::failed;
use crate::dynamo::item::Item;
use crate::dynamo::keys::{KEY, links_row, token_row};
use crate::dynamo::links::DynamoLinks;
use crate::dynamo::links::item::digest_text;
use crate::dynamo::quiet::quietly;
use crate::error::Error;
use crate::links::pepper::Pepper;
use crate::links::text::TextForm;
use crate::links::{Link, LinkRefusal};

/// The clients of this region and of others.
#[derive(Clone, Debug)]
pub(super) struct Regions {
    pub(super) own: Option<String>,
    pub(super) client: Client,
    pub(super) others: Vec<(String, Client)>,
}

impl Regions {
    /// Whether a pepper is at home in another region than this.
    pub(super) fn is_abroad(&self, pepper: &Pepper) -> bool {
        pepper.home().is_some_and(|home| self.own.as_deref() != Some(home))
    }

    /// The client of a pepper's home region; of one that names none, this region's.
    pub(super) fn home(&self, pepper: &Pepper) -> Result<&Client, LinkRefusal> {
        let Some(home) = pepper.home().filter(|_| self.is_abroad(pepper)) else {
            return Ok(&self.client);
        };
        let other = self.others.iter().find(|(region, _)| region == home);
        other.map(|(_, client)| client).ok_or(LinkRefusal::UnknownRegion)
    }
}

impl DynamoLinks {
    /// Waits until another region shows a link as its home region does: a link that was issued, or
    /// one that was used, rotated or revoked. One that is at home no more, since its member was
    /// removed, is waited for until it is gone there too. A region that cannot be reached for a while
    /// is asked again, until the deadline.
    ///
    /// # Errors
    /// [`Error::NotReplicated`] when it did not within `deadline`, and [`Error::Unavailable`]; both
    /// are worth a retry. [`Error::LinkRefused`] for a link of a region that is not configured here.
    pub async fn verify_replicated(
        &self,
        link: &Link,
        replica: &Client,
        deadline: Duration,
    ) -> Result<(), Error> {
        let pepper = self.gate.peppers.named(link.text.pepper());
        let pepper = pepper.ok_or(Error::LinkRefused { reason: LinkRefusal::UnknownPepper })?;
        let home = self.regions.home(pepper);
        let home = home.map_err(|reason| Error::LinkRefused { reason })?;
        let row = match link.text.form() {
            TextForm::Standing => links_row(&link.crew),
            _ => token_row(&digest_text(&pepper.digest(&link.purpose, link.text.expose()).0)),
        };
        let agreed = async {
            loop {
                match self.row(replica, &row).await {
                    Ok(shown) if shown == self.row(home, &row).await? => return Ok(()),
                    Err(error) if !error.is_transient() => return Err(error),
                    _ => tokio::time::sleep(POLL).await,
                }
            }
        };
        let late = |_| Error::NotReplicated {
            table: self.tables.keys.clone(),
            key: link.crew.to_string(),
        };
        tokio::time::timeout(deadline, agreed).await.map_err(late)?
    }

    /// A row of `crew-keys`, whole, as it is in the region of the client.
    pub(super) async fn row(&self, client: &Client, row: &str) -> Result<Option<Item>, Error> {
        let request = client
            .get_item()
            .table_name(&self.tables.keys)
            .key(KEY, AttributeValue::S(row.to_owned()))
            .consistent_read(true);
        let answer = quietly(request.send()).await;
        Ok(answer.map_err(|error| failed("GetItem", &self.tables.keys, error))?.item)
    }
}

const POLL: Duration = Duration::from_millis(100);
