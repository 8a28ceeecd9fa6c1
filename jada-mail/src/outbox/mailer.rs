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

impl OutboxMailer {
    fn receipt(&self, key: &IdempotencyKey) -> Result<Receipt, Error> {
        let missing =
            || Error::NoSuchMail { key: key.clone(), folder: self.outbox.folder().to_owned() };
        let record = self.outbox.spool.look(key)?.ok_or_else(missing)?;
        if let Some(receipt) = record.receipt() {
            return Ok(receipt);
        }
        let now = self.outbox.settings.now();
        let wait = record.wait.map_or(SOON, |wait| {
            wait.until.duration_since(now).try_into().unwrap_or(Duration::ZERO)
        });
        let why = record.why.unwrap_or_else(|| "another process is at work on it".to_owned());
        let waits = || Error::Unavailable {
            retry_after: Some(wait),
            source: format!("it waits in {}: {why}", self.outbox.folder().display()).into(),
        };
        Err(match record.state {
            MailState::Failed => Error::Refused { source: why.into() },
            MailState::Unknown => Error::Undecided { key: key.clone(), why },
            MailState::Queued | MailState::Sending | MailState::Sent => waits(),
        })
    }
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
        self.receipt(key)
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

/// When another process is at work on it.
const SOON: Duration = Duration::from_secs(1);
