//! A statement on its way out, step by step; each step can be taken again.

use jada_mail::{EmlFolder, Error as MailError, IdempotencyKey, MailState, Mailer, Message};
use jiff::Timestamp;

use super::Publication;
use crate::artefact::Artefact;
use crate::error::Error;
use crate::mail::StatementMail;
use crate::manifest::Manifest;
use crate::published::{Mailed, Published};
use crate::stated::Stated;
use crate::uploaded::Uploaded;

/// A statement whose workbook and page are written, and that is to go further.
///
/// 1. `upload` (feature `drive`) puts the workbook into a folder of Drive.
/// 2. [`enqueue`](Self::enqueue) puts the mail, with the workbook and its link, into the
///    publication's [outbox](Publication::outbox), which is then drained by a transport; or
///    [`write_mail`](Self::write_mail) leaves it as a file.
/// 3. [`record`](Self::record) appends to the manifest what was done, however far it came.
///
/// All of it can be done again after a failure or a kill: the outbox and the state of the uploads
/// remember what was done, and nothing is uploaded or mailed twice.
///
/// ```no_run
/// # async fn publish(
/// #     publication: jada_reports::Publication,
/// #     statement: jada_reports::Statement,
/// #     gmail: impl jada_mail::Transport,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// let mut publishing = publication.begin(&statement)?;
/// publishing.enqueue(jiff::Timestamp::now())?;
/// let drained = publication.outbox().drain(&gmail).await;
/// let published = publishing.record(jiff::Timestamp::now())?;
/// println!("{:?}, {:?}", published.mailed, drained?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "what was published is on the record once it is recorded"]
pub struct Publishing<'a> {
    publication: &'a Publication,
    stated: Stated<'a>,
    workbook: Vec<u8>,
    artefacts: Vec<Artefact>,
    uploads: Vec<Uploaded>,
    key: Option<IdempotencyKey>,
}

impl<'a> Publishing<'a> {
    pub(super) fn begin(publication: &'a Publication, stated: Stated<'a>) -> Result<Self, Error> {
        let name = stated.file_stem();
        let workbook = stated.workbook(&publication.style)?;
        let path = publication.folder.join(format!("{name}.xlsx"));
        let book = Artefact::write(&path, |to| {
            to.write_all(&workbook).map_err(|error| Error::file(&path, "written", error))
        })?;
        let path = publication.folder.join(format!("{name}.html"));
        let page = Artefact::write(path, |to| stated.write_page(to))?;
        let (artefacts, uploads) = (vec![book, page], Vec::new());
        Ok(Self { publication, stated, workbook, artefacts, uploads, key: None })
    }

    /// What is on its way out.
    #[must_use]
    pub fn stated(&self) -> Stated<'a> {
        self.stated
    }

    /// Leaves the mail as `outbox/statement-2026-05.eml`, for any mail program; nothing is sent.
    ///
    /// # Errors
    /// [`Error::File`]; those of [`StatementMail::build`].
    pub async fn write_mail(&mut self) -> Result<(), Error> {
        let mail = self.mail();
        let mail = self.publication.date.into_iter().fold(mail, StatementMail::date).build()?;
        let outbox = EmlFolder::new(self.publication.folder.join("outbox"));
        let path = outbox.path(mail.idempotency_key());
        outbox.send(&mail).await.map_err(|error| Error::file(&path, "written", error))?;
        self.artefacts.push(Artefact::with_content(path, &mail.render()));
        Ok(())
    }

    /// Queues the mail in the publication's outbox, once for what the statement says, and returns
    /// its key: a corrected statement is a mail of its own, and the same one is queued once, also
    /// if its link or its workbook's bytes are others by now. One to other recipients that failed, or
    /// was dropped by a person, makes way for a mail of the next number. Without a date of its own
    /// the mail is dated by `time`.
    ///
    /// # Errors
    /// [`Error::MailedBefore`] where the same statement went to other recipients, or is about to;
    /// [`Error::TooLargeToMail`]; [`Error::Mail`] for the outbox.
    pub fn enqueue(&mut self, time: Timestamp) -> Result<IdempotencyKey, Error> {
        let date = self.publication.date.unwrap_or(time);
        let mut number = 1;
        let key = loop {
            let mail = self.mail().key_by_content().numbered(number).date(date).build()?;
            match self.publication.outbox().enqueue(&mail) {
                Err(MailError::KeyTaken { .. }) if !self.is_to_the_same(&mail)? => number += 1,
                Ok(_) | Err(MailError::KeyTaken { .. }) => break mail.idempotency_key().clone(),
                Err(error) => return Err(failed(error)),
            }
        };
        self.key = Some(key.clone());
        Ok(key)
    }

    /// Whether the mail of this key goes to the same people; an error where others have it, or may
    /// have it yet.
    fn is_to_the_same(&self, mail: &Message) -> Result<bool, Error> {
        let key = mail.idempotency_key();
        let Some(before) = self.publication.outbox().mail(key).map_err(failed)? else {
            return Ok(true);
        };
        let (to, state) = (before.to, before.state);
        let sorted = |mut addresses: Vec<String>| {
            addresses.iter_mut().for_each(|address| address.make_ascii_lowercase());
            addresses.sort();
            addresses
        };
        let wanted = mail.to().iter().map(|address| address.email().to_owned()).collect();
        match sorted(wanted) == sorted(to.clone()) {
            true => Ok(true),
            false if state == MailState::Failed => Ok(false),
            false => Err(Error::MailedBefore { key: key.to_string(), to, state }),
        }
    }

    /// Appends to the manifest what was done, with what became of the mail by now, and returns it.
    /// To be called however far the steps before came.
    ///
    /// # Errors
    /// [`Error::File`] and [`Error::Busy`] for the manifest; [`Error::Mail`] for an outbox that cannot be read.
    pub fn record(self, time: Timestamp) -> Result<Published, Error> {
        let mailed = self.mailed()?;
        let Self { publication, stated, artefacts, uploads, .. } = self;
        let style_sha256 = Some(publication.style.sha256());
        let mut published = Published { artefacts, uploads, mailed, style_sha256 };
        let path = publication.folder.join("manifest.jsonl");
        Manifest::new(&path).append_published(stated, &published, time)?;
        published.artefacts.push(Artefact::of(path)?);
        Ok(published)
    }

    fn mailed(&self) -> Result<Option<Mailed>, Error> {
        let Some(key) = &self.key else { return Ok(None) };
        let outbox = &self.publication.outbox;
        let Some(entry) = outbox.mail(key).map_err(failed)? else { return Ok(None) };
        let path = outbox.folder().join("mails").join(format!("{key}.eml"));
        // The bytes of one that was sent long ago may have been pruned.
        let artefact = Artefact::of(path).ok().filter(|artefact| artefact.bytes > 0);
        let (key, to, state) = (key.to_string(), entry.to, entry.state);
        Ok(Some(Mailed { key, to, state, location: entry.location, artefact }))
    }

    fn mail(&self) -> StatementMail<'_> {
        let Publication { from, to, attach_up_to, .. } = self.publication;
        let mail = StatementMail::new(self.stated, from, to)
            .workbook(self.workbook.clone())
            .attach_up_to(*attach_up_to);
        self.uploads.iter().fold(mail, |mail, uploaded| mail.link(&uploaded.link))
    }

    #[cfg_attr(not(feature = "drive"), expect(dead_code, reason = "Drive alone uploads"))]
    pub(crate) fn workbook(&self) -> &[u8] {
        &self.workbook
    }

    #[cfg_attr(not(feature = "drive"), expect(dead_code, reason = "Drive alone uploads"))]
    pub(crate) fn folder(&self) -> &std::path::Path {
        &self.publication.folder
    }

    #[cfg_attr(not(feature = "drive"), expect(dead_code, reason = "Drive alone uploads"))]
    pub(crate) fn uploaded(&mut self, uploaded: Uploaded) {
        self.uploads.push(uploaded);
    }
}

fn failed(source: MailError) -> Error {
    Error::Mail { source: Box::new(source) }
}
