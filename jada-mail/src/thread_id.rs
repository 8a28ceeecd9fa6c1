//! A server's own name for a conversation.

use std::{fmt, str::FromStr};

use crate::{Error, syntax::opaque_id};

/// A server's own name for a conversation, such as Gmail's
/// [`threadId`](https://developers.google.com/workspace/gmail/api/guides/threads); 1 to 200
/// printable ASCII characters without space.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThreadId(String);

impl ThreadId {
    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ThreadId {
    type Err = Error;

    /// Checks an id.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a text of another form; not worth a retry.
    fn from_str(text: &str) -> Result<Self, Error> {
        opaque_id("the id of a thread", text).map(Self)
    }
}

impl fmt::Display for ThreadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
