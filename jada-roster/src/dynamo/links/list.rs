//! What may be told of a member's links.

use crate::crew::id::CrewId;
use crate::dynamo::keys::links_row;
use crate::dynamo::links::DynamoLinks;
use crate::dynamo::links::item::{purposes, standing};
use crate::dynamo::links::write::Row;
use crate::error::Error;
use crate::links::{LinkKind, OpenLink};

impl DynamoLinks {
    /// One read of the row that lists them, and one for all that have rows of their own; where links
    /// of an older tool are honoured, one of the member's row, and one more for a text in it.
    pub(super) async fn list(&self, crew: &CrewId) -> Result<Vec<OpenLink>, Error> {
        let mut open = match self.links_of(crew).await? {
            Some(row) => self.open_in(crew, &row).await?,
            None => Vec::new(),
        };
        if let Some(legacy) = &self.legacy
            && let Some(text) = self.plain_of(crew).await?
            && !self.is_known(&text).await?
        {
            let (purpose, kind) = (legacy.links.purpose.clone(), LinkKind::Standing);
            open.push(OpenLink { purpose, kind, issued_at: None, expires_at: None });
        }
        open.sort_by_key(|link| link.issued_at);
        Ok(open)
    }

    async fn open_in(&self, crew: &CrewId, row: &Row) -> Result<Vec<OpenLink>, Error> {
        let name = links_row(crew);
        let corrupt = |corrupt| self.corrupt(corrupt, &name);
        let (purposes, now) = (Vec::from_iter(purposes(&row.item)), self.gate.now());
        let listed = row.digests().map_err(corrupt)?;
        let records = self.records(listed.iter().map(String::as_str)).await?;
        let mut open: Vec<_> =
            records.values().filter_map(|record| record.open_link(now)).collect();
        for purpose in &purposes {
            open.extend(standing(&row.item, purpose).map_err(corrupt)?.open_links(purpose, now));
        }
        Ok(open)
    }
}
