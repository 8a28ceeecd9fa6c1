//! Putting a statement out: workbook, page and mail into a folder, and all of it on the record.

mod publishing;
mod rendering;

use std::path::PathBuf;

use jada_mail::{Address, Message, Outbox};
use jiff::Timestamp;

pub use publishing::Publishing;

use crate::artefact::Artefact;
use crate::error::Error;
use crate::stated::Stated;
use crate::style::StatementStyle;

/// A folder that statements are published into.
///
/// It holds `statement-2026-05.xlsx`, `statement-2026-05.html`, `outbox/statement-2026-05.eml` and
/// `manifest.jsonl`, and of a year `statement-2026.xlsx` and so on. Each file appears whole; publishing again replaces the first three and appends
/// to the last. Whatever an interruption leaves undone, publishing again does.
///
/// [`write`](Self::write) does just that, and nothing leaves the machine. A statement that is to
/// leave it is published step by step, from [`begin`](Self::begin) on: see [`Publishing`].
#[derive(Clone, Debug)]
pub struct Publication {
    folder: PathBuf,
    from: Address,
    to: Vec<Address>,
    date: Option<Timestamp>,
    attach_up_to: u64,
    outbox: Outbox,
    style: StatementStyle,
}

impl Publication {
    /// Publishes into this folder, which is created when it is missing, with a mail that is from
    /// and to these.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, from: Address, to: Vec<Address>) -> Self {
        let folder = folder.into();
        let outbox = Outbox::new(folder.join("outbox"));
        let (attach_up_to, style) = (Message::LIMIT, StatementStyle::default());
        Self { folder, from, to, date: None, attach_up_to, outbox, style }
    }

    /// Dates the mail; default the last second of the statement's period, UTC, and of a mail that
    /// is sent the time at which it is queued.
    #[must_use]
    pub fn dated(mut self, date: Timestamp) -> Self {
        self.date = Some(date);
        self
    }

    /// Dresses the workbook in this style.
    #[must_use]
    pub fn styled(mut self, style: StatementStyle) -> Self {
        self.style = style;
        self
    }

    /// Attaches no workbook of more than `bytes` to the mail, where a recipient's server takes less
    /// than [`Message::LIMIT`]; a larger one goes by its link.
    #[must_use]
    pub fn attach_up_to(mut self, bytes: u64) -> Self {
        self.attach_up_to = bytes;
        self
    }

    /// Sends mails by this outbox, such as one that a service has for all its mails; default the
    /// folder `outbox` in the publication's.
    #[must_use]
    pub fn with_outbox(mut self, outbox: Outbox) -> Self {
        self.outbox = outbox;
        self
    }

    /// The outbox of the mails that are sent.
    #[must_use]
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Writes workbook and page of a month or a year, and goes on as the caller says.
    ///
    /// # Errors
    /// [`Error::File`] when the folder cannot be written; those of [`workbook`](crate::workbook).
    pub fn begin<'a>(&'a self, stated: impl Into<Stated<'a>>) -> Result<Publishing<'a>, Error> {
        Publishing::begin(self, stated.into())
    }

    /// Writes the artefacts, the manifest last, and returns all four.
    ///
    /// The manifest records `time`. The work is done inline; a server that minds the wait does it
    /// on a blocking thread.
    ///
    /// # Errors
    /// [`Error::File`] when the folder cannot be written; those of [`workbook`](crate::workbook)
    /// and [`mail`](crate::mail()).
    pub async fn write<'a>(
        &'a self,
        stated: impl Into<Stated<'a>>,
        time: Timestamp,
    ) -> Result<Vec<Artefact>, Error> {
        let mut publishing = self.begin(stated)?;
        publishing.write_mail().await?;
        Ok(publishing.record(time)?.artefacts)
    }
}
