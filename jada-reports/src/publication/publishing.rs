//! A statement on its way out, step by step; each step can be taken again.

use jada_mail::{
    EmlFolder, Enqueued, Error as MailError, IdempotencyKey, MailState, Mailer, Message,
};
use jiff::Timestamp;

use super::Publication;
use crate::artefact::Artefact;
use crate::error::Error;
use crate::mail::StatementMail;
use crate::manifest::{Manifest, is_mail_of};
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
    withdrawn: Vec<IdempotencyKey>,
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
        let (artefacts, uploads, withdrawn) = (vec![book, page], Vec::new(), Vec::new());
        Ok(Self { publication, stated, workbook, artefacts, uploads, key: None, withdrawn })
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
    /// Mails in which the period said something else are [withdrawn](jada_mail::Outbox::withdraw) first, if
    /// they still wait: see [`withdrawn`](Self::withdrawn). What may have been sent is left alone.
    ///
    /// # Errors
    /// [`Error::MailedBefore`] where the same statement went to other recipients, or is about to;
    /// [`Error::TooLargeToMail`]; [`Error::Mail`] for the outbox.
    pub fn enqueue(&mut self, time: Timestamp) -> Result<IdempotencyKey, Error> {
        let date = self.publication.date.unwrap_or(time);
        let mut number = 1;
        let key = loop {
            let mail = self.mail().key_by_content().numbered(number).date(date).build()?;
            if number == 1 {
                self.withdraw_others(mail.idempotency_key())?;
            }
            match self.publication.outbox().enqueue(&mail) {
                Ok(Enqueued::Before { .. }) | Err(MailError::KeyTaken { .. })
                    if self.has_made_way(&mail)? =>
                {
                    number += 1;
                }
                Ok(_) | Err(MailError::KeyTaken { .. }) => break mail.idempotency_key().clone(),
                Err(error) => return Err(failed(error)),
            }
        };
        self.key = Some(key.clone());
        Ok(key)
    }

    /// The mails that [`enqueue`](Self::enqueue) took back, as they said of the period what is not
    /// said any more.
    #[must_use]
    pub fn withdrawn(&self) -> &[IdempotencyKey] {
        &self.withdrawn
    }

    /// `first` is the key of what is said now, whose further mails begin with it.
    fn withdraw_others(&mut self, first: &IdempotencyKey) -> Result<(), Error> {
        let (outbox, period) = (self.publication.outbox(), self.stated.period());
        for entry in outbox.status().map_err(failed)?.mails {
            let key = entry.key;
            let is_other = is_mail_of(key.as_str(), &period) && !is_numbered(&key, first);
            if !is_other || entry.state != MailState::Queued {
                continue;
            }
            match outbox.withdraw(&key) {
                Ok(()) => self.withdrawn.push(key),
                // A drain was faster.
                Err(MailError::OtherState { .. }) => {}
                Err(error) => return Err(failed(error)),
            }
        }
        Ok(())
    }

    /// Whether the mail of this key was withdrawn, or failed and was to others; an error where
    /// others have it, or may have it yet.
    fn has_made_way(&self, mail: &Message) -> Result<bool, Error> {
        let key = mail.idempotency_key();
        let Some(before) = self.publication.outbox().mail(key).map_err(failed)? else {
            return Ok(false);
        };
        if before.is_withdrawn {
            return Ok(true);
        }
        let (to, state) = (before.to, before.state);
        let sorted = |mut addresses: Vec<String>| {
            addresses.iter_mut().for_each(|address| address.make_ascii_lowercase());
            addresses.sort();
            addresses
        };
        let wanted = mail.to().iter().map(|address| address.email().to_owned()).collect();
        match sorted(wanted) == sorted(to.clone()) {
            true => Ok(false),
            false if state == MailState::Failed => Ok(true),
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

/// Whether a key is this one, or this one with a number.
fn is_numbered(key: &IdempotencyKey, first: &IdempotencyKey) -> bool {
    let rest = key.as_str().strip_prefix(first.as_str());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

fn failed(source: MailError) -> Error {
    Error::Mail { source: Box::new(source) }
}
