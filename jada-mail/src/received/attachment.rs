//! What comes with a mail that was received.

use std::fmt;

use bytes::Bytes;

use crate::AttachmentName;

/// A file that came with a mail, an image of its HTML, or another mail (`message/rfc822`).
///
/// A clone shares the bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceivedAttachment {
    pub(super) name: Option<AttachmentName>,
    pub(super) content_type: String,
    pub(super) content_id: Option<String>,
    pub(super) inline: bool,
    pub(super) bytes: Bytes,
}

impl ReceivedAttachment {
    /// Returns the file name, if it has one: a name, never a path, whatever the sender wrote.
    pub fn name(&self) -> Option<&AttachmentName> {
        self.name.as_ref()
    }

    /// Returns the media type in lower case, without parameters, such as `application/pdf`.
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// Returns the id by which the HTML shows it (`cid:`), without angle brackets.
    pub fn content_id(&self) -> Option<&str> {
        self.content_id.as_deref()
    }

    /// Tells whether it is shown within the mail rather than beside it.
    pub fn is_inline(&self) -> bool {
        self.inline
    }

    /// Returns the bytes of the file. A text is in UTF-8, whatever it was sent in.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

/// Shows the size, never the bytes.
impl fmt::Debug for ReceivedAttachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedAttachment")
            .field("name", &self.name)
            .field("content_type", &self.content_type)
            .field("content_id", &self.content_id)
            .field("inline", &self.inline)
            .field("bytes", &format_args!("{} bytes", self.bytes.len()))
            .finish()
    }
}
