//! Mail that is sent exactly once: a durable spool in front of a transport that may lose answers.

mod drain;
mod drained;
mod mailer;
mod person;
mod record;
mod sending;
mod spool;
mod status;
#[cfg(test)]
mod tests;
mod text;

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jada_auth::{Clock, SystemClock};
use jiff::Timestamp;

pub use self::{
    drained::Drained,
    mailer::OutboxMailer,
    record::MailState,
    status::{Damage, Entry, Paused, Status},
};
use self::{
    record::{Hurry, LONGEST_WAIT, Reason, Record, Wait},
    spool::{Spool, Taken},
};
use crate::{Error, Letter, Message};

/// A folder of mails that are to be sent, each exactly once.
///
/// [`enqueue`](Self::enqueue) makes a mail durable: when it returns, a power cut does not lose it,
/// and the same key again adds no second one. [`drain`](Self::drain) sends by a
/// [`Transport`](crate::Transport), from as many processes as one likes. Each step of a sending is
/// on disk before it is taken, and after a lost answer or a death the outbox looks before it sends
/// again:
///
/// - With drafts (the scope `gmail.compose`) a mail is put among the drafts, the draft's id kept,
///   and the draft sent. A draft that is still there was not sent.
/// - With a search (the scope `gmail.readonly`) a mail whose draft is gone is looked for among the
///   sent ones, once their index has had [time](Self::INDEX_WAIT).
/// - What neither can tell is [`MailState::Unknown`]: it is listed, looked up again with each
///   drain, and never sent again by itself. A person decides, by [`resend`](Self::resend) or
///   [`discard`](Self::discard).
///
/// What fails for now waits and comes back, with back-off and after any `Retry-After`; what a
/// server will not take goes to `failed/` with the reason. Nothing is dropped.
///
/// The folder, of mode 0700, holds `mails/<key>.eml` with the bytes, and one record of JSON for
/// each mail in `queued/`, `sending/`, `unknown/`, `failed/` or `sent/`. It belongs on a local disk:
/// its locks hold for one host. Times are UTC. File operations are done inline, a few syncs of
/// some milliseconds each; no async runtime is needed for them.
///
/// ```
/// use jada_mail::{EmlFolder, Message, Outbox};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let temporary = tempfile::tempdir()?;
/// # let folder = temporary.path().join("outbox");
/// let outbox = Outbox::new(&folder);
/// outbox.enqueue(
///     &Message::builder("Example Air <crew@example.com>".parse()?)
///         .to("ada@example.com".parse()?)
///         .subject("Sunday, 9:00, harbour".parse()?)
///         .text("Can you come?")
///         .date("2026-06-01T06:00:00Z".parse()?)
///         .idempotency_key("call-2026-06-07-ada".parse()?)
///         .build()?,
/// )?;
/// let drained = outbox.drain(&EmlFolder::new(folder.join("eml"))).await?;
/// assert_eq!(drained.sent.len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Outbox {
    spool: Spool,
    settings: Settings,
}

impl Outbox {
    /// How long after a lost answer a mail is looked for: 120 s, in which a search comes to know
    /// what was sent.
    pub const INDEX_WAIT: Duration = Duration::from_secs(120);

    /// The pause after the first failure that heals by itself, doubling with each up to
    /// [`LONGEST_BACKOFF`](Self::LONGEST_BACKOFF), half of it at random: 30 s.
    pub const BACKOFF: Duration = Duration::from_secs(30);

    /// The longest pause of our own: an hour.
    pub const LONGEST_BACKOFF: Duration = Duration::from_secs(3600);

    /// For how long a mail is tried, once at least: 5 days, as
    /// [RFC 5321, 4.5.4.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.4.1) has it.
    pub const MAX_AGE: Duration = Duration::from_secs(5 * 24 * 3600);

    /// How often a mail is tried: 200 times.
    pub const MAX_ATTEMPTS: u32 = 200;

    /// The largest rendered mail: 36,700,160 bytes, which is what
    /// [Gmail takes](https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/send).
    pub const LARGEST_MAIL: usize = 36_700_160;

    /// Names the folder; it is created when the first mail is queued.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self::builder(folder).build()
    }

    /// As [`new`](Self::new), with settings of your own.
    pub fn builder(folder: impl Into<PathBuf>) -> OutboxBuilder {
        OutboxBuilder(Self {
            spool: Spool::new(folder.into()),
            settings: Settings {
                clock: Arc::new(SystemClock),
                index_wait: Self::INDEX_WAIT,
                backoff: Self::BACKOFF,
                look_again: Self::LONGEST_BACKOFF,
                max_age: Self::MAX_AGE,
                max_attempts: Self::MAX_ATTEMPTS,
            },
        })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.spool.folder()
    }

    /// Queues a mail. When it returns, the mail is on disk, and will be sent by a later drain of
    /// any process. The same mail again, whatever its `Date`, adds nothing.
    ///
    /// # Errors
    ///
    /// [`Error::KeyTaken`] for another mail under a key that was used before, [`Error::TooLarge`] for a mail that no server takes, [`Error::Io`] and [`Error::Exposed`]
    /// for the folder, [`Error::Damaged`] for a record of that key. No mail is queued then, unless
    /// it was before; what [`Error::is_transient`] calls so is worth another try.
    pub fn enqueue(&self, message: &Message) -> Result<Enqueued, Error> {
        self.spool.create()?;
        let letter = Letter::of(message);
        let bytes = letter.bytes();
        if bytes.len() > Self::LARGEST_MAIL {
            let (bytes, limit) = (bytes.len() as u64, Self::LARGEST_MAIL as u64);
            return Err(Error::TooLarge { what: "the mail as it is sent has", bytes, limit });
        }
        if let Some(before) = self.before(message, bytes)? {
            return Ok(before);
        }
        let record = Record::new(message, bytes, self.settings.now());
        match self.spool.add(&record, bytes) {
            Ok(()) => Ok(Enqueued::New),
            Err(Taken::Error(error)) => Err(error),
            Err(Taken::Before) => {
                let path = self.spool.path(MailState::Queued, &record.key);
                // Somebody looks at what a process left that died while it queued this very mail.
                let busy = || Error::io("write", &path, io::ErrorKind::ResourceBusy.into());
                self.before(message, bytes)?.ok_or_else(busy)
            }
        }
    }

    fn before(&self, message: &Message, rendered: &[u8]) -> Result<Option<Enqueued>, Error> {
        let Some(record) = self.spool.look(message.idempotency_key())? else { return Ok(None) };
        self.spool.sync(record.state)?;
        match record.is_of_message(message, rendered) {
            true => Ok(Some(Enqueued::Before { state: record.state })),
            false => Err(Error::KeyTaken { key: record.key, state: record.state }),
        }
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox")
            .field("folder", &self.spool.folder())
            .field("index_wait", &self.settings.index_wait)
            .finish_non_exhaustive()
    }
}

/// What [`Outbox::enqueue`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Enqueued {
    /// The mail was queued.
    New,
    /// This very mail was queued before, whatever its `Date`; nothing was added.
    Before {
        /// What became of it so far.
        state: MailState,
    },
}

#[derive(Clone)]
struct Settings {
    clock: Arc<dyn Clock>,
    index_wait: Duration,
    backoff: Duration,
    /// How long after a vain search for a mail that is unknown the next one is due.
    look_again: Duration,
    max_age: Duration,
    max_attempts: u32,
}

impl Settings {
    fn now(&self) -> Timestamp {
        self.clock.now().wall
    }

    /// Whether a wait is not over yet.
    fn holds(&self, wait: Wait, hurry: Hurry) -> bool {
        let longest = match wait.reason {
            Reason::Index => self.index_wait,
            Reason::BackOff => self.look_again.max(Outbox::LONGEST_BACKOFF),
            Reason::RetryAfter => LONGEST_WAIT,
        };
        wait.holds(self.now(), hurry, longest)
    }

    /// The pause after so many failures, 1 or more.
    fn pause(&self, failures: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1).min(20));
        let longest = self.backoff.saturating_mul(doubled).min(Outbox::LONGEST_BACKOFF);
        longest / 2 + (longest / 2).mul_f64(fastrand::f64())
    }
}

/// What an [`Outbox`] is built from.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct OutboxBuilder(Outbox);

impl OutboxBuilder {
    /// Looks for a mail this long after a lost answer, instead of
    /// [`INDEX_WAIT`](Outbox::INDEX_WAIT). Shorter than a server's index needs, mails that were
    /// sent end as unknown.
    pub fn index_wait(mut self, wait: Duration) -> Self {
        self.0.settings.index_wait = wait;
        self
    }

    /// Pauses for at most this long after a first failure, instead of
    /// [`BACKOFF`](Outbox::BACKOFF).
    pub fn backoff(mut self, backoff: Duration) -> Self {
        self.0.settings.backoff = backoff;
        self
    }

    /// Gives a mail up that was tried and has waited for longer, instead of [`MAX_AGE`](Outbox::MAX_AGE).
    pub fn max_age(mut self, age: Duration) -> Self {
        self.0.settings.max_age = age;
        self
    }

    /// Gives a mail up that was tried this often, instead of
    /// [`MAX_ATTEMPTS`](Outbox::MAX_ATTEMPTS).
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.0.settings.max_attempts = attempts;
        self
    }

    /// Tells the time by `clock` instead of that of this machine.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.0.settings.clock = clock;
        self
    }

    /// The outbox. Nothing is read or created yet.
    pub fn build(self) -> Outbox {
        self.0
    }
}
