//! Who takes the mails of calls: each under a key, so that it is sent once.

use std::fmt;

use async_trait::async_trait;

use crate::call::Call;
use crate::call::notice::Notice;
use crate::crew::CrewMember;
use crate::error::Error;
use crate::event::CharterEvent;

/// A mail that a call owes, with whom and what it is about.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Letter {
    /// What it says.
    pub notice: Notice,
    /// The charter as it is now.
    pub event: CharterEvent,
    /// The call as it is now.
    pub call: Call,
    /// The member it goes to; none for operations.
    pub member: Option<CrewMember>,
    /// Those it may name: who sails, by the charter's row, and for operations who was asked too.
    pub crew: Vec<CrewMember>,
}

/// Who takes the mails of calls.
///
/// A letter is handed over at least once: after a kill, or by two programs at once, the same
/// [key](Notice::key) comes again, and whoever takes it tells by the key that it has it already.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Postman: fmt::Debug + Send + Sync {
    /// Takes a letter: when this returns it will be sent, once for its key.
    ///
    /// # Errors
    /// Whatever keeps it from being taken. It stays owed, and is handed over again.
    async fn take(&self, letter: &Letter) -> Result<(), Error>;
}

/// Takes no mail: what a call owes stays owed until a program with an outbox looks at it, such as a
/// dispatcher. For whoever takes answers where there is no outbox, as a `Portal` in a Lambda does.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "there is nothing that it could come to hold")]
pub struct NoPostman;

#[async_trait]
impl Postman for NoPostman {
    async fn take(&self, _: &Letter) -> Result<(), Error> {
        let (table, source) = ("outbox".to_owned(), "mails are left to another program".into());
        Err(Error::Unavailable { table, operation: "take", source })
    }
}

/// Compiles only while the trait can be a trait object.
const _: fn(&dyn Postman) = |_| {};
