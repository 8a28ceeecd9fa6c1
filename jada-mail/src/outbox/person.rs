//! What a person decides about a mail.

use std::time::Duration;

use super::{
    Outbox,
    record::{MailState, Record, Step, after},
    spool::{Claim, Claimed},
};
use crate::{Error, IdempotencyKey};

impl Outbox {
    /// Queues a mail again that failed, or of which nobody can tell whether it was sent. Whoever
    /// says so has seen that it did not arrive: it may arrive twice otherwise.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchMail`], [`Error::OtherState`] for a mail that is sent or still waits, and
    /// those of the spool.
    pub fn resend(&self, key: &IdempotencyKey) -> Result<(), Error> {
        let (claimed, mut record) = self.take(key)?;
        let mend = match record.state {
            MailState::Unknown | MailState::Failed => {
                let now = self.settings.now();
                record.enter(MailState::Queued, now);
                (record.attempts, record.enqueued_at, record.began_at) = (0, now, None);
                (record.via, record.why) = (None, None);
                (record.dropped_at, record.withdrawn_at) = (None, None);
                return claimed.save(&record);
            }
            MailState::Sent => "to send it again, queue it under another key",
            MailState::Queued | MailState::Sending => "run `outbox drain`, which sends it",
        };
        Err(Error::OtherState { key: key.clone(), state: record.state, mend })
    }

    /// Gives a mail up that is queued, that failed, or of which nobody can tell, for now or for
    /// good, whether it was sent. It stays in `failed/`, and its key stays used.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchMail`], [`Error::OtherState`] for a mail that is sent, or that another process
    /// is at work on, and those of the spool.
    pub fn discard(&self, key: &IdempotencyKey) -> Result<(), Error> {
        let (claimed, mut record) = self.take(key)?;
        let mend = match record.state {
            MailState::Unknown | MailState::Failed | MailState::Queued | MailState::Sending => {
                self.give_up(&claimed, &mut record, "dropped by a person")?;
                record.dropped_at = Some(self.settings.now());
                return claimed.save(&record);
            }
            MailState::Sent => "it cannot be taken back",
        };
        Err(Error::OtherState { key: key.clone(), state: record.state, mend })
    }

    /// Takes a mail back that waits and was certainly not sent, as another says now what is right.
    /// It stays in `failed/`, and its key stays used. A draft of it is removed by a later drain.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchMail`], [`Error::OtherState`] for a mail that is sent, failed, or may have
    /// been sent, and for one that another process is at work on, and those of the spool.
    pub fn withdraw(&self, key: &IdempotencyKey) -> Result<(), Error> {
        let (claimed, mut record) = self.take(key)?;
        let mend = match record.state {
            MailState::Queued => {
                self.give_up(&claimed, &mut record, "withdrawn by its sender")?;
                record.withdrawn_at = Some(self.settings.now());
                return claimed.save(&record);
            }
            MailState::Failed => "it is not sent as it is",
            MailState::Sending | MailState::Unknown => {
                "it may have been sent, so a person decides; see `outbox status`"
            }
            MailState::Sent => "it cannot be taken back",
        };
        Err(Error::OtherState { key: key.clone(), state: record.state, mend })
    }

    /// Makes it one that failed because of `what`; the caller saves it.
    fn give_up(&self, claimed: &Claimed<'_>, record: &mut Record, what: &str) -> Result<(), Error> {
        let now = self.settings.now();
        let is_drafted = record.draft.take().is_some() || record.step == Some(Step::Stage);
        if let Some(via) = record.via.clone().filter(|_| is_drafted) {
            claimed.leave_draft(record, via, now, self.settings.index_wait)?;
        }
        let before = record.state;
        record.enter(MailState::Failed, now);
        let why = record.why.iter().fold(String::new(), |_, why| format!(": {why}"));
        record.why = Some(format!("{what}, when it was {before}{why}"));
        Ok(())
    }

    /// Frees the room of mails that were sent so long ago. Their records stay, and with them their
    /// keys: none of them is sent again. Tells how many there were.
    ///
    /// # Errors
    ///
    /// Those of the spool.
    pub fn prune(&self, age: Duration) -> Result<usize, Error> {
        let mut pruned = 0;
        if !self.spool.exists()? {
            return Ok(pruned);
        }
        for key in self.spool.keys(MailState::Sent)? {
            let Claim::Mine(claimed) = self.spool.claim(&key)? else { continue };
            let sent = claimed.record()?.filter(|record| record.state == MailState::Sent);
            let is_old = sent.is_some_and(|record| after(record.since, age) <= self.settings.now());
            if is_old && claimed.length()? > 0 {
                claimed.forget_bytes()?;
                pruned += 1;
            }
        }
        Ok(pruned)
    }

    fn take(&self, key: &IdempotencyKey) -> Result<(Claimed<'_>, Record), Error> {
        let missing = || Error::NoSuchMail { key: key.clone(), folder: self.folder().to_owned() };
        if !self.spool.exists()? {
            return Err(missing());
        }
        match self.spool.claim(key)? {
            Claim::Mine(claimed) => {
                claimed.tidy()?;
                let record = claimed.record()?.ok_or_else(missing)?;
                Ok((claimed, record))
            }
            Claim::Anothers => Err(Error::OtherState {
                key: key.clone(),
                state: MailState::Sending,
                mend: "another process is at work on it, so try again in a moment",
            }),
            // A record alone, whose bytes are gone, can still be given up.
            Claim::NoMail if self.spool.look(key)?.is_some() => {
                self.spool.stand_in(key)?;
                self.take(key)
            }
            Claim::NoMail => Err(missing()),
        }
    }
}
