//! What is to be in a folder, and who may see it.

use std::fmt;

use bytes::Bytes;
use jada_mail::ContentType;

use crate::artefact::sha256;

/// A file as it is to be in a folder of a [`Drive`](crate::Drive).
///
/// Its `Debug` shows of the content no more than its length.
#[derive(Clone)]
pub struct DriveFile {
    pub(super) name: String,
    pub(super) content_type: ContentType,
    pub(super) bytes: Bytes,
    pub(super) sha256: String,
    pub(super) folder: String,
    pub(super) share: Share,
}

impl DriveFile {
    /// A file of this name in the folder of this id, which a URL such as
    /// `https://drive.google.com/drive/folders/1aB-c` ends with; `root` is the top of the account's
    /// own Drive. Nobody is given the right to see it.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        content_type: ContentType,
        bytes: impl Into<Bytes>,
        folder: impl Into<String>,
    ) -> Self {
        let bytes = bytes.into();
        let (name, folder, sha256) = (name.into(), folder.into(), sha256(&bytes));
        Self { name, content_type, bytes, sha256, folder, share: Share::None }
    }

    /// Lets these see it as well.
    #[must_use]
    pub fn shared(mut self, share: Share) -> Self {
        self.share = share;
        self
    }
}

impl fmt::Debug for DriveFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DriveFile")
            .field("name", &self.name)
            .field("content_type", &self.content_type)
            .field("bytes", &self.bytes.len())
            .field("folder", &self.folder)
            .field("share", &self.share)
            .finish_non_exhaustive()
    }
}

/// Who is given the right to see a file, beside those who have it already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Share {
    /// Nobody.
    #[default]
    None,
    /// Whoever has the link and an account of this domain, such as `example.com`.
    Domain(String),
    /// Whoever has the link.
    Anyone,
}
