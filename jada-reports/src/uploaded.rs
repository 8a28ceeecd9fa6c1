//! What an upload came to.

use serde::{Deserialize, Serialize};

/// A file that is in a folder elsewhere, verified by its checksum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Uploaded {
    /// The service's id of it, which stays when its content is replaced.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where a person opens it.
    pub link: String,
    /// SHA-256 of its content, as the service told it: 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// Whether content was sent; it was not where the same was there already.
    pub uploaded: bool,
}
