//! What waits in an outbox, and why.

use std::{collections::BTreeMap, fmt, path::PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use super::{
    Outbox,
    record::{Hurry, MailState, Pause, Reason, Record, from_json},
    text,
};
use crate::{Error, IdempotencyKey, files};

/// One mail of an [`Outbox`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Entry {
    /// The caller's name for it.
    #[serde(serialize_with = "text::one")]
    pub key: IdempotencyKey,
    /// What became of it so far.
    pub state: MailState,
    /// Since when: a UTC instant.
    pub since: Timestamp,
    /// Why it is not sent, or what it waits for; none for a mail that is fresh or sent.
    pub why: Option<String>,
    /// Before when it is not tried: a UTC instant; none when it is due.
    pub not_before: Option<Timestamp>,
    /// Whether that was the server's wish or is needed to be certain, so that no person can
    /// overrule it.
    pub is_binding: bool,
    /// Whether it goes on only if a person decides: it is unknown, or failed and was neither
    /// dropped nor withdrawn.
    pub needs_person: bool,
    /// Whether its sender took it back before it was sent.
    pub is_withdrawn: bool,
    /// The transport by which its sending was begun, such as `gmail`; none while it was not.
    pub via: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was queued: a UTC instant.
    pub enqueued_at: Timestamp,
    /// The addresses of `To` and `Cc`.
    pub to: Vec<String>,
    /// Its subject.
    pub subject: String,
    /// Where it went, once it is sent: a path, or a service's id for it.
    pub location: Option<String>,
}

/// What an [`Outbox`] holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Status {
    /// The mails, those that need a person first: unknown, failed, sending, queued, sent; the
    /// oldest of each first.
    pub mails: Vec<Entry>,
    /// What keeps all mails by one transport from being sent for now.
    pub paused: Vec<Paused>,
    /// What cannot be read.
    pub damaged: Vec<Damage>,
}

/// A file of an [`Outbox`] that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Damage {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: String,
}

impl Damage {
    /// # Errors
    ///
    /// What is wrong with more than one file.
    fn of(error: Error) -> Result<Self, Error> {
        match error {
            Error::Damaged { path, problem } => Ok(Self { path, problem }),
            Error::Io { path, source, .. } => Ok(Self { path, problem: source.to_string() }),
            other => Err(other),
        }
    }
}

/// What keeps the mails by one transport from being sent for now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Paused {
    /// What the server said, or what failed.
    pub why: String,
    /// Until when: a UTC instant.
    pub until: Timestamp,
}

impl Entry {
    /// What keeps the mail from being sent; that it is sent is no matter of this.
    pub(super) fn error(&self) -> Error {
        let (key, why) = (self.key.clone(), self.why.clone());
        let why = why.unwrap_or_else(|| "it was not tried yet".to_owned());
        match self.state {
            MailState::Failed => Error::Failed { key, why },
            MailState::Unknown => Error::Undecided { key, why },
            MailState::Queued | MailState::Sending | MailState::Sent => {
                Error::Waiting { key, why, not_before: self.not_before }
            }
        }
    }
}

/// A line for each mail that is not sent, and how many are.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Damage { path, problem } in &self.damaged {
            writeln!(f, "damaged  {}: {problem}", path.display())?;
        }
        for mail in self.mails.iter().filter(|mail| mail.state != MailState::Sent) {
            writeln!(f, "{mail}")?;
        }
        for Paused { why, until } in &self.paused {
            writeln!(f, "all wait until {until:.0}: {why}")?;
        }
        write!(f, "{} sent", self.count(MailState::Sent))
    }
}

/// On one line: what became of it, its key, since when, and why.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:7}  {}  since {:.0}", self.state, self.key, self.since)?;
        self.why.iter().try_for_each(|why| write!(f, ": {why}"))?;
        self.not_before.iter().try_for_each(|until| write!(f, "; not before {until:.0}"))
    }
}

impl Status {
    /// How many mails are in a state.
    pub fn count(&self, state: MailState) -> usize {
        self.mails.iter().filter(|mail| mail.state == state).count()
    }

    /// Whether something is damaged, or goes on only if a person decides.
    pub fn needs_person(&self) -> bool {
        !self.damaged.is_empty() || self.mails.iter().any(|mail| mail.needs_person)
    }

    /// What is to be done, if something is: the most urgent of it.
    ///
    /// # Errors
    ///
    /// [`Error::Undecided`] and [`Error::Failed`] for a mail that needs a person,
    /// [`Error::Damaged`] for what cannot be read, and [`Error::Waiting`], which is worth another
    /// drain.
    pub fn check(&self) -> Result<(), Error> {
        if let Some(mail) = self.mails.iter().find(|mail| mail.needs_person) {
            return Err(mail.error());
        }
        if let Some(Damage { path, problem }) = self.damaged.first() {
            return Err(Error::damaged(path, problem));
        }
        let waiting = |mail: &&Entry| matches!(mail.state, MailState::Queued | MailState::Sending);
        self.mails.iter().find(waiting).map_or(Ok(()), |mail| Err(mail.error()))
    }

    /// Whether every mail was sent or dropped, and nothing is damaged.
    pub fn is_settled(&self) -> bool {
        let waiting = self.count(MailState::Queued) + self.count(MailState::Sending);
        !self.needs_person() && waiting == 0
    }
}

impl Outbox {
    /// Reads what is in the folder; nothing, when it is not there. Others may be at work on it.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] and [`Error::Exposed`]. A record that cannot be read is told in
    /// [`Status::damaged`].
    pub fn status(&self) -> Result<Status, Error> {
        let mut status = Status::default();
        if !self.spool.exists()? {
            return Ok(status);
        }
        let mut mails = BTreeMap::new();
        let mut keys = self.spool.mails()?;
        for state in MailState::ALL {
            keys.extend(self.spool.keys(state)?);
        }
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            match self.spool.look(&key) {
                Ok(Some(record)) => drop(mails.insert(key, record)),
                // A process died while it queued this.
                Ok(None) => {}
                Err(error) => status.damaged.push(Damage::of(error)?),
            }
        }
        status.damaged.sort();
        self.read_pauses(&mut status)?;
        status.mails = mails.into_values().map(|record| self.entry(record)).collect();
        status.mails.sort_by_key(|mail| (urgency(mail.state), mail.enqueued_at));
        Ok(status)
    }

    fn read_pauses(&self, status: &mut Status) -> Result<(), Error> {
        for path in self.spool.pauses()? {
            let pause = files::read(&path)?.map(|json| from_json::<Pause>(&json, &path));
            match pause.transpose() {
                Ok(Some(Pause { wait, why })) if self.settings.holds(wait, Hurry::Patient) => {
                    status.paused.push(Paused { why, until: wait.until });
                }
                Ok(_) => {}
                Err(error) => status.damaged.push(Damage::of(error)?),
            }
        }
        Ok(())
    }

    /// Reads what became of one mail; `None` for a key that was never used.
    ///
    /// # Errors
    ///
    /// As for [`status`](Self::status), and [`Error::Damaged`].
    pub fn mail(&self, key: &IdempotencyKey) -> Result<Option<Entry>, Error> {
        if !self.spool.exists()? {
            return Ok(None);
        }
        Ok(self.spool.look(key)?.map(|record| self.entry(record)))
    }

    pub(super) fn entry(&self, record: Record) -> Entry {
        let wait = record.wait.filter(|wait| self.settings.holds(*wait, Hurry::Patient));
        let location = record.receipt().map(|receipt| receipt.location);
        let needs_person = match record.state {
            MailState::Unknown => true,
            MailState::Failed => record.dropped_at.or(record.withdrawn_at).is_none(),
            MailState::Queued | MailState::Sending | MailState::Sent => false,
        };
        let is_withdrawn = record.withdrawn_at.is_some();
        let Record { key, state, since, why, via, attempts, enqueued_at, to, subject, .. } = record;
        let not_before = wait.map(|wait| wait.until);
        let is_binding = wait.is_some_and(|wait| wait.reason != Reason::BackOff);
        Entry {
            key,
            state,
            since,
            why,
            not_before,
            is_binding,
            needs_person,
            is_withdrawn,
            via,
            attempts,
            enqueued_at,
            to,
            subject,
            location,
        }
    }
}

fn urgency(state: MailState) -> u8 {
    match state {
        MailState::Unknown => 0,
        MailState::Failed => 1,
        MailState::Sending => 2,
        MailState::Queued => 3,
        MailState::Sent => 4,
    }
}
