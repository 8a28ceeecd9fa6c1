//! Waiting for another region.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use tokio::time::{sleep, timeout};

use crate::crew::CrewMember;
use crate::dynamo::item::{Item, version};
use crate::dynamo::roster::DynamoRoster;
use crate::error::Error;

impl DynamoRoster {
    /// Of a member who was added again after this state was read, what is stored now counts.
    pub(super) async fn await_replica(
        &self,
        member: &CrewMember,
        replica: &Client,
        deadline: Duration,
    ) -> Result<(), Error> {
        let home = self.row(&self.client, member.id()).await?;
        let at_home = home.map(|row| self.number(&row)).transpose()?;
        let wanted = at_home.map(|number| number.min(member.version().number()));
        let agreed = timeout(deadline, self.until_agreed(member, replica, wanted)).await;
        agreed.unwrap_or_else(|_| {
            Err(Error::NotReplicated {
                table: self.tables.roster.clone(),
                key: member.id().to_string(),
            })
        })
    }

    /// A region that cannot be reached for a while is asked again, until the deadline.
    async fn until_agreed(
        &self,
        member: &CrewMember,
        replica: &Client,
        wanted: Option<u64>,
    ) -> Result<(), Error> {
        loop {
            match self.row(replica, member.id()).await {
                Ok(row) if self.agrees(row.as_ref(), wanted)? => return Ok(()),
                Err(error) if !error.is_transient() => return Err(error),
                _ => sleep(POLL).await,
            }
        }
    }

    fn agrees(&self, row: Option<&Item>, wanted: Option<u64>) -> Result<bool, Error> {
        let shown = row.map(|row| self.number(row)).transpose()?;
        Ok(match wanted {
            Some(wanted) => shown.is_some_and(|shown| shown >= wanted),
            None => shown.is_none(),
        })
    }

    fn number(&self, row: &Item) -> Result<u64, Error> {
        let version = version(row).map_err(|corrupt| self.corrupt(corrupt, row))?;
        Ok(version.number())
    }
}

/// Global tables are usually less than a second behind.
const POLL: Duration = Duration::from_millis(100);
