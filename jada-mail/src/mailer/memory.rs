//! A mailer that keeps messages in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::{Error, Mailer, Message, Receipt};

/// Keeps every message in memory, for tests and dry runs.
///
/// A key already sent is replaced where it stands. Clones share the messages, so a test may give
/// one away and look at the other.
///
/// ```
/// # use jada_mail::{Mailer, MemoryMailer, Message};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let message = Message::builder("billing@example.com".parse()?)
/// #     .to("ada@example.com".parse()?)
/// #     .subject("Hello".parse()?)
/// #     .text("Hello")
/// #     .date("2026-06-01T06:00:00Z".parse()?)
/// #     .idempotency_key("hello-1".parse()?)
/// #     .build()?;
/// let mailer = MemoryMailer::new();
/// mailer.send(&message).await?;
/// mailer.send(&message).await?;
/// assert_eq!(mailer.sent(), [message]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryMailer {
    sent: Arc<Mutex<Vec<Message>>>,
}

impl MemoryMailer {
    /// Makes a mailer that has sent nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the messages sent so far, one a key, in the order in which keys were first sent.
    pub fn sent(&self) -> Vec<Message> {
        self.lock().clone()
    }

    /// A message is stored in one step, so a panic elsewhere leaves no half of one behind.
    fn lock(&self) -> MutexGuard<'_, Vec<Message>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Mailer for MemoryMailer {
    /// Keeps `message`.
    ///
    /// # Errors
    ///
    /// None.
    async fn send(&self, message: &Message) -> Result<Receipt, Error> {
        let key = message.idempotency_key();
        let mut sent = self.lock();
        match sent.iter_mut().find(|kept| kept.idempotency_key() == key) {
            Some(kept) => *kept = message.clone(),
            None => sent.push(message.clone()),
        }
        Ok(Receipt::new(message.message_id().clone(), format!("memory:{key}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract;

    #[tokio::test]
    async fn the_mailer_contract_holds() {
        contract::mailer_contract(MemoryMailer::new, |mailer| {
            mailer.sent().iter().map(Message::render).collect()
        })
        .await;
    }

    #[tokio::test]
    async fn a_clone_sees_what_the_other_sent_in_order() {
        let mailer = MemoryMailer::new();
        let (first, second) = (contract::message("z"), contract::message("a"));
        for message in [&first, &second, &first] {
            mailer.clone().send(message).await.unwrap();
        }
        assert_eq!(mailer.sent(), [first, second]);
    }
}
