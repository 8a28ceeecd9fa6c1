//! Drive's JSON, as far as it is read.

use serde::Deserialize;

use super::DriveFile;
use crate::error::Error;

/// A file that is there.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Found {
    pub(super) id: String,
    name: String,
    mime_type: String,
    #[serde(default)]
    parents: Vec<String>,
    #[serde(default)]
    trashed: bool,
    size: Option<String>,
    sha256_checksum: Option<String>,
    web_view_link: Option<String>,
    #[serde(default)]
    capabilities: Capabilities,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Capabilities {
    can_edit: Option<bool>,
}

impl Found {
    /// What of it is asked for.
    pub(super) const FIELDS: &str =
        "id,name,mimeType,parents,trashed,size,sha256Checksum,webViewLink,capabilities/canEdit";

    /// Whether it goes by that name in that folder, and is not in the bin.
    pub(super) fn is_in_place_of(&self, file: &DriveFile) -> bool {
        // Of the top, Drive tells another name.
        let is_in_folder = file.folder == "root" || self.parents.contains(&file.folder);
        self.name == file.name && is_in_folder && !self.trashed
    }

    /// What differs, if anything does.
    pub(super) fn difference(&self, file: &DriveFile) -> Option<String> {
        let Self { mime_type, size, sha256_checksum, .. } = self;
        let (wanted, length) = (file.content_type.as_str(), file.bytes.len().to_string());
        match (sha256_checksum, size) {
            _ if mime_type != wanted => Some(format!("it is {mime_type} instead of {wanted}")),
            (None, _) => Some("Drive tells no SHA-256 of it".to_owned()),
            (Some(sha256), _) if *sha256 != file.sha256 => {
                Some(format!("its SHA-256 is {sha256} instead of {}", file.sha256))
            }
            (_, Some(size)) if *size != length => {
                Some(format!("it has {size} bytes instead of {length}"))
            }
            _ => None,
        }
    }

    pub(super) fn sha256(&self) -> Option<&str> {
        self.sha256_checksum.as_deref().filter(|_| !self.trashed)
    }

    pub(super) fn link(&self) -> String {
        let link = self.web_view_link.clone();
        link.unwrap_or_else(|| format!("https://drive.google.com/file/d/{}/view", self.id))
    }

    /// Whether its content may be replaced.
    pub(super) fn check_replaceable(&self, file: &DriveFile) -> Result<(), Error> {
        let what = if self.mime_type.starts_with(NATIVE) {
            "is there as what Google calls a document of its own, which holds no file: rename it"
        } else if self.capabilities.can_edit == Some(false) {
            "is there and may not be edited by this account: give it the right to, or rename it"
        } else {
            return Ok(());
        };
        Err(file.refused(format!("{what} ({})", self.link())))
    }
}

/// A page of a list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Files {
    #[serde(default)]
    pub(super) files: Vec<Found>,
    pub(super) next_page_token: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Ids {
    pub(super) ids: Vec<String>,
}

/// A page of a list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Permissions {
    #[serde(default)]
    pub(super) permissions: Vec<Permission>,
    pub(super) next_page_token: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Permission {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) domain: Option<String>,
}

const NATIVE: &str = "application/vnd.google-apps.";
