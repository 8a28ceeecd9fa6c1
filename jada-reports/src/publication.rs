//! Putting a statement out: workbook, page and mail into a folder, and all of it on the record.

use std::path::PathBuf;

use jada_mail::{Address, EmlFolder, Mailer};
use jiff::Timestamp;

use crate::artefact::Artefact;
use crate::error::Error;
use crate::html::write_html;
use crate::lines::Lines;
use crate::mail::mail;
use crate::manifest::Manifest;
use crate::statement::Statement;
use crate::style::StatementStyle;
use crate::xlsx::styled_workbook;

/// A folder that statements are published into.
///
/// It holds `statement-2026-05.xlsx`, `statement-2026-05.html`, `outbox/statement-2026-05.eml` and
/// `manifest.jsonl`. Each file appears whole; publishing again replaces the first three and appends
/// to the last. Whatever an interruption leaves undone, publishing again does.
#[derive(Clone, Debug)]
pub struct Publication {
    folder: PathBuf,
    from: Address,
    to: Vec<Address>,
    date: Option<Timestamp>,
    style: StatementStyle,
}

impl Publication {
    /// Publishes into this folder, which is created when it is missing, with a mail that is from
    /// and to these.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, from: Address, to: Vec<Address>) -> Self {
        Self { folder: folder.into(), from, to, date: None, style: StatementStyle::default() }
    }

    /// Dates the mail; default the last second of the statement's month, UTC.
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

    /// Writes the artefacts, the manifest last, and returns all four.
    ///
    /// The manifest records `time`. The work is done inline; a server that minds the wait does it
    /// on a blocking thread.
    ///
    /// # Errors
    /// [`Error::File`] when the folder cannot be written; those of [`workbook`](crate::workbook) and [`mail`].
    pub async fn write(
        &self,
        statement: &Statement,
        time: Timestamp,
    ) -> Result<Vec<Artefact>, Error> {
        let name = format!("statement-{}", statement.month());
        let xlsx = styled_workbook(statement, &self.style)?;
        let mail = mail(statement, &self.from, &self.to, xlsx.clone(), self.date)?;

        let path = self.folder.join(format!("{name}.xlsx"));
        let book = Artefact::write(&path, |to| {
            to.write_all(&xlsx).map_err(|error| Error::file(&path, "written", error))
        })?;
        drop(xlsx);
        let path = self.folder.join(format!("{name}.html"));
        let page = Artefact::write(path, |to| write_html(statement, Lines::All, to))?;
        let outbox = EmlFolder::new(self.folder.join("outbox"));
        let path = outbox.path(mail.idempotency_key());
        outbox.send(&mail).await.map_err(|error| Error::file(&path, "written", error))?;
        let mail = Artefact::with_content(path, &mail.render());

        let mut artefacts = vec![book, page, mail];
        let path = self.folder.join("manifest.jsonl");
        Manifest::new(&path).append(statement, &artefacts, time)?;
        artefacts.push(Artefact::of(path)?);
        Ok(artefacts)
    }
}
