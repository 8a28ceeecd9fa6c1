//! The suite that every [`Mailer`] runs: call [`mailer_contract`] from a test.
//!
//! ```
//! # use jada_mail::{MemoryMailer, Message, contract::mailer_contract};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! mailer_contract(MemoryMailer::new, |mailer| {
//!     mailer.sent().iter().map(Message::render).collect()
//! })
//! .await;
//! # }
//! ```

#![allow(
    clippy::unwrap_used,
    reason = "a test suite fails by panicking, also when another crate runs it"
)]

use crate::{Attachment, ContentType, Mailer, Message};

/// Checks a mailer against the contract of [`Mailer`].
///
/// `new` makes a mailer whose other side holds no mail, once for every check; `mails` reads back
/// the bytes of the mails that side holds, in any order.
///
/// # Panics
///
/// On the first promise that is broken, naming it.
pub async fn mailer_contract<M: Mailer>(new: impl Fn() -> M, mails: impl Fn(&M) -> Vec<Vec<u8>>) {
    let (first, second) = (message("contract-1"), message("contract-2"));

    let mailer = new();
    let receipt = mailer.send(&first).await.unwrap();
    assert_eq!(mails(&mailer), [first.render()], "a mail goes out as it renders");
    assert_eq!(&receipt.message_id, first.message_id(), "the receipt names the mail");
    assert!(!receipt.location.is_empty(), "the receipt says where the mail went");

    let again = mailer.send(&first).await.unwrap();
    assert_eq!(mails(&mailer), [first.render()], "a key sent twice is one mail");
    assert_eq!(again, receipt, "a key sent twice has one receipt");

    let other = (&mailer as &dyn Mailer).send(&second).await.unwrap();
    let mut held = mails(&mailer);
    held.sort_unstable();
    let mut expected = [first.render(), second.render()];
    expected.sort_unstable();
    assert_eq!(held, expected, "two keys are two mails");
    assert_eq!(&receipt.message_id, first.message_id(), "a receipt names its own mail");
    assert_eq!(&other.message_id, second.message_id(), "a receipt names its own mail");

    let mailer = new();
    assert!(mails(&mailer).is_empty(), "a new mailer holds no mail");
    mailer.send(&first).await.unwrap();
    let changed = composed("contract-1", "Other content\r\n");
    mailer.send(&changed).await.unwrap();
    let held = mails(&mailer);
    assert_eq!(held.len(), 1, "other content under the same key is no second mail");
    assert!(
        held == [first.render()] || held == [changed.render()],
        "other content under the same key leaves one of the two whole"
    );
}

/// Composes a message with an accent, a twin body and an attachment, under `key`.
///
/// # Panics
///
/// If `key` is not an [`IdempotencyKey`](crate::IdempotencyKey).
pub fn message(key: &str) -> Message {
    composed(key, "Détails ci-joints.\r\n")
}

fn composed(key: &str, text: &str) -> Message {
    let name = "relevé.csv".parse().unwrap();
    Message::builder("Example Air <billing@example.com>".parse().unwrap())
        .to("ada@example.com".parse().unwrap())
        .subject("Relevé de mai".parse().unwrap())
        .text(text)
        .html("<p>Détails ci-joints.</p>\r\n")
        .attachment(Attachment::new(name, ContentType::CSV, "a,b\r\n1,2\r\n"))
        .date("2026-06-01T06:00:00Z".parse().unwrap())
        .idempotency_key(key.parse().unwrap())
        .build()
        .unwrap()
}
