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
    /// The id of the folder that it was put into, as it was named; none in the records of earlier
    /// versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// Where a person opens it.
    pub link: String,
    /// SHA-256 of its content, as the service told it: 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// Whether content was sent; it was not where the same was there already.
    pub uploaded: bool,
}

impl Uploaded {
    /// Whether a later upload stands where the `earlier` one stood: the same file, or another of
    /// that name in that folder, which was made as the earlier one was gone from there.
    pub(crate) fn replaces(&self, earlier: &Self) -> bool {
        let is_in_its_place =
            self.folder.is_some() && (&self.folder, &self.name) == (&earlier.folder, &earlier.name);
        self.id == earlier.id || is_in_its_place
    }
}
