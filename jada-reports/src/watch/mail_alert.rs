//! Incidents as mails.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use jada_mail::{Address, IdempotencyKey, Message, Outbox, Transport};

use super::alert::{Alert, Incident};
use crate::error::BoxError;

/// Tells of each incident by mail, exactly once for each stage, however many processes alert: the
/// mail's idempotency key is the incident's.
///
/// The mail is durable in the outbox before the alert counts as told. Unless a
/// [transport](Self::through) is named, somebody else drains it. Give it another grant than the
/// job's: a mail that says that consent is needed cannot leave by the very grant that is dead.
#[derive(Clone)]
pub struct MailAlert {
    outbox: Outbox,
    from: Address,
    to: Vec<Address>,
    transport: Option<Arc<dyn Transport>>,
}

impl MailAlert {
    /// Puts a mail to these recipients into the outbox.
    #[must_use]
    pub fn new(outbox: Outbox, from: Address, to: Vec<Address>) -> Self {
        Self { outbox, from, to, transport: None }
    }

    /// Sends what waits in the outbox after each run.
    #[must_use]
    pub fn through(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    fn message(&self, incident: &Incident) -> Result<Message, jada_mail::Error> {
        let key: IdempotencyKey = incident.key().parse()?;
        let message = Message::builder(self.from.clone())
            .subject(incident.subject().parse()?)
            .text(incident.to_string())
            .date(incident.at)
            .idempotency_key(key);
        self.to.iter().cloned().fold(message, |message, to| message.to(to)).build()
    }
}

#[async_trait]
impl Alert for MailAlert {
    async fn alert(&self, incident: &Incident) -> Result<(), BoxError> {
        match self.outbox.enqueue(&self.message(incident)?) {
            // Of a process that died after it had told, with other words: told is told.
            Ok(_) | Err(jada_mail::Error::KeyTaken { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn deliver(&self) -> Result<(), BoxError> {
        let Some(transport) = &self.transport else { return Ok(()) };
        // What waits says why in the outbox, and that is more than a drain can tell.
        let drained = self.outbox.drain(&**transport).await.map(drop);
        drained.and_then(|()| self.outbox.status()?.check()).map_err(Into::into)
    }
}

impl fmt::Debug for MailAlert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailAlert")
            .field("outbox", &self.outbox)
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}
