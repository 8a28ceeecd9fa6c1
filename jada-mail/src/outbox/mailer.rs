//! An outbox and a transport together are a mailer.

use std::{fmt, sync::Arc};

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
    /// [`Error::Waiting`], which is worth another drain, [`Error::Failed`], [`Error::Undecided`],
    /// [`Error::NoSuchMail`], and those of the spool.
    pub fn receipt(&self, key: &IdempotencyKey) -> Result<Receipt, Error> {
        let missing = || Error::NoSuchMail { key: key.clone(), folder: self.folder().to_owned() };
        let record = match self.spool.exists()? {
            true => self.spool.look(key)?.ok_or_else(missing)?,
            false => return Err(missing()),
        };
        match record.receipt() {
            Some(receipt) => Ok(receipt),
            None => Err(self.entry(record).error()),
        }
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
    /// Those of [`Outbox::enqueue`] but [`Error::KeyTaken`], of [`Outbox::drain`] and of [`Outbox::receipt`]. To send it again is
    /// always safe, and worth while where [`Error::is_transient`] says so.
    async fn send(&self, message: &Message) -> Result<Receipt, Error> {
        let key = message.idempotency_key();
        match self.outbox.enqueue(message) {
            Ok(_) | Err(Error::KeyTaken { .. }) => {}
            Err(error) => return Err(error),
        }
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
