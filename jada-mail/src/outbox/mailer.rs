//! An outbox and a transport together are a mailer.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;

use super::{Outbox, record::MailState};
use crate::{Error, IdempotencyKey, Mailer, Message, Receipt, Transport};

impl Outbox {
    /// A [`Mailer`] that queues each mail here and sends it at once, exactly once.
    pub fn through(&self, transport: impl Transport + 'static) -> OutboxMailer {
        OutboxMailer { outbox: self.clone(), transport: Arc::new(transport) }
    }

    /// What became of a mail, as a [`Mailer`] answers: a receipt once it is sent.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] while it waits, with the time that it still has to wait at least,
    /// [`Error::Refused`] once it failed, [`Error::Undecided`] when a person has to decide,
    /// [`Error::NoSuchMail`], and those of the spool. Of these, the first is worth another drain.
    pub fn receipt(&self, key: &IdempotencyKey) -> Result<Receipt, Error> {
        let record = match self.spool.exists()? {
            true => self.spool.look(key)?,
            false => None,
        };
        let folder = self.folder();
        let Some(record) = record else {
            return Err(Error::NoSuchMail { key: key.clone(), folder: folder.to_owned() });
        };
        if let Some(receipt) = record.receipt() {
            return Ok(receipt);
        }
        let why = record.why.unwrap_or_else(|| "it was not tried yet".to_owned());
        Err(match record.state {
            MailState::Failed => Error::Refused { source: why.into() },
            MailState::Unknown => Error::Undecided { key: key.clone(), why },
            MailState::Queued | MailState::Sending | MailState::Sent => {
                let now = self.settings.now();
                let left = record.wait.map(|wait| wait.until.duration_since(now));
                let left = left.and_then(|left| left.try_into().ok());
                let source = format!("it waits in {}: {why}", folder.display()).into();
                Error::Unavailable { retry_after: Some(left.unwrap_or(SOON)), source }
            }
        })
    }
}

/// A [`Mailer`] that queues each mail in an [`Outbox`] and sends it at once.
///
/// What cannot be sent now stays queued and is sent by a later [`drain`](Outbox::drain), or when
/// it is sent again. Of two mails under one key, the first stands.
#[derive(Clone)]
pub struct OutboxMailer {
    outbox: Outbox,
    transport: Arc<dyn Transport>,
}

#[async_trait]
impl Mailer for OutboxMailer {
    /// Queues `message`, and sends it.
    ///
    /// # Errors
    ///
    /// Those of [`Outbox::enqueue`] and [`Outbox::drain`]; [`Error::Unavailable`] while it waits,
    /// [`Error::Refused`] once it failed, [`Error::Undecided`] when a person has to decide. To send
    /// it again is always safe, and worth while where [`Error::is_transient`] says so.
    async fn send(&self, message: &Message) -> Result<Receipt, Error> {
        let key = message.idempotency_key();
        self.outbox.enqueue(message)?;
        let state = self.outbox.spool.look(key)?.map(|record| record.state);
        if state != Some(MailState::Sent) {
            self.outbox.send_one(key, &*self.transport).await?;
        }
        self.outbox.receipt(key)
    }
}

impl fmt::Debug for OutboxMailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutboxMailer")
            .field("outbox", &self.outbox)
            .field("transport", &self.transport)
            .finish()
    }
}

/// When it is due, or another process is at work on it.
const SOON: Duration = Duration::from_secs(1);
