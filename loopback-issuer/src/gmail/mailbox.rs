//! The mailbox: what is in it, and what is done to it.

use std::time::{Duration, Instant};

use fastrand::Rng;
use jiff::Timestamp;

use super::mail::{DraftMail, Index, Mail};
use super::message_id::MessageIds;
use crate::google::refusal::Refusal;

/// A draft is a mail with the label `DRAFT`; it has a name of its own beside that of its message.
pub(super) struct Mailbox {
    /// In the order in which they came.
    mails: Vec<Mail>,
    deleted_by_person: Vec<DraftMail>,
    message_ids: MessageIds,
    index_lag: Duration,
    rng: Rng,
    stored: u64,
}

/// A mail that is yet to be stored.
pub(super) struct Incoming {
    pub(super) raw: Vec<u8>,
    pub(super) thread_id: Option<String>,
}

impl Incoming {
    fn with_id(self, message_ids: MessageIds, rng: &mut Rng) -> Self {
        Self { raw: message_ids.apply(self.raw, rng), ..self }
    }
}

impl Mailbox {
    pub(super) fn new(rng: Rng, message_ids: MessageIds, index_lag: Duration) -> Self {
        let (mails, deleted_by_person) = (Vec::new(), Vec::new());
        Self { mails, deleted_by_person, message_ids, index_lag, rng, stored: 0 }
    }

    pub(super) fn mails(&self) -> &[Mail] {
        &self.mails
    }

    pub(super) fn deleted_by_person(&self) -> &[DraftMail] {
        &self.deleted_by_person
    }

    /// Those that are listed by now, the newest first.
    pub(super) fn indexed(&self, now: Instant) -> Vec<&Mail> {
        let mut mails: Vec<&Mail> = self.mails.iter().filter(|it| it.indexed <= now).collect();
        mails.sort_by_key(|mail| std::cmp::Reverse((mail.internal_date, mail.number)));
        mails
    }

    pub(super) fn mail(&self, id: &str) -> Result<&Mail, Refusal> {
        self.mails.iter().find(|mail| mail.id == id).ok_or_else(Refusal::not_found)
    }

    pub(super) fn draft(&self, id: &str) -> Result<&Mail, Refusal> {
        self.place_of_draft(id).map(|at| &self.mails[at])
    }

    pub(super) fn create_draft(&mut self, mail: Incoming) -> Result<&Mail, Refusal> {
        let mail = mail.with_id(self.message_ids, &mut self.rng);
        let draft_id = Some(format!("r-{}", self.rng.u64(..1 << 62)));
        let index = Index::of(&mail.raw);
        let draft = self.mail_of(mail, index, &["DRAFT"]);
        self.store(Mail { draft_id, ..draft })
    }

    pub(super) fn send(&mut self, mail: Incoming) -> Result<&Mail, Refusal> {
        let mail = mail.with_id(self.message_ids, &mut self.rng);
        let index = Index::of(&mail.raw);
        if index.to.is_empty() {
            return Err(Refusal::invalid("Recipient address required"));
        }
        let sent = self.mail_of(mail, index, &["SENT"]);
        self.store(sent)
    }

    /// The draft vanishes, and a message with another id appears.
    pub(super) fn send_draft(&mut self, id: &str) -> Result<&Mail, Refusal> {
        let draft = self.draft(id)?;
        let (raw, thread_id) = (draft.raw.to_vec(), Some(draft.thread_id.clone()));
        let sent = self.send(Incoming { raw, thread_id })?.id.clone();
        self.delete_draft(id)?;
        self.mail(&sent)
    }

    pub(super) fn delete_draft(&mut self, id: &str) -> Result<Mail, Refusal> {
        self.place_of_draft(id).map(|at| self.mails.remove(at))
    }

    pub(super) fn delete_draft_by_person(&mut self, id: &str) -> Result<(), Refusal> {
        let deleted = self.delete_draft(id)?;
        self.deleted_by_person.extend(deleted.draft());
        Ok(())
    }

    /// Somebody else's mail arrives. It belongs to the conversation of a mail that it answers, and
    /// is listed at once.
    pub(super) fn deliver(&mut self, raw: &[u8], at: Timestamp) -> String {
        let mail = Incoming { raw: raw.to_vec(), thread_id: None };
        let mail = mail.with_id(MessageIds::Kept, &mut self.rng);
        let index = Index::of(&mail.raw);
        let is_answered = |mail: &&Mail| {
            mail.index.message_id.as_ref().is_some_and(|id| index.answers.contains(id))
        };
        let answered = self.mails.iter().find(is_answered);
        let thread_id = answered.map(|mail| mail.thread_id.clone());
        let mut mail = self.mail_of(Incoming { thread_id, ..mail }, index, &["INBOX", "UNREAD"]);
        (mail.internal_date, mail.indexed) = (in_millis(at), Instant::now());
        let id = mail.id.clone();
        self.mails.push(mail);
        id
    }

    fn store(&mut self, mail: Mail) -> Result<&Mail, Refusal> {
        let id = mail.id.clone();
        let has_own_thread = mail.thread_id == id;
        if !has_own_thread && !self.mails.iter().any(|it| it.thread_id == mail.thread_id) {
            return Err(Refusal::not_found());
        }
        self.mails.push(mail);
        self.mail(&id)
    }

    fn mail_of(&mut self, mail: Incoming, index: Index, labels: &[&'static str]) -> Mail {
        let id = format!("19{:06x}{:08x}", self.stored, self.rng.u32(..));
        self.stored += 1;
        Mail {
            thread_id: mail.thread_id.unwrap_or_else(|| id.clone()),
            id,
            draft_id: None,
            labels: labels.to_vec(),
            raw: mail.raw.into(),
            internal_date: in_millis(Timestamp::now()),
            number: self.stored,
            indexed: Instant::now() + self.index_lag,
            index,
        }
    }

    fn place_of_draft(&self, id: &str) -> Result<usize, Refusal> {
        let is = |mail: &Mail| mail.draft_id.as_deref() == Some(id);
        self.mails.iter().position(is).ok_or_else(Refusal::not_found)
    }
}

fn in_millis(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}
