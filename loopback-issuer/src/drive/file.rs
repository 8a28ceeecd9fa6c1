//! A file as it is stored, as a test sees it, and as JSON.

use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::md5::md5;

/// A file that a [`Drive`](crate::Drive) keeps.
///
/// Its `Debug` shows of the bytes no more than their length.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredFile {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its media type, which is one of Google's own where it was converted.
    pub mime_type: String,
    /// The folder that it is in.
    pub folder: String,
    /// Its content.
    pub bytes: Arc<[u8]>,
    /// Whether it is in the bin.
    pub trashed: bool,
    /// Who may see it, beside its owner.
    pub permissions: Vec<DrivePermission>,
    /// How often its content was replaced.
    pub revisions: u64,
}

impl fmt::Debug for StoredFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredFile")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("mime_type", &self.mime_type)
            .field("folder", &self.folder)
            .field("bytes", &format_args!("{} bytes", self.bytes.len()))
            .field("trashed", &self.trashed)
            .field("permissions", &self.permissions)
            .field("revisions", &self.revisions)
            .finish()
    }
}

/// A permission that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DrivePermission {
    /// Its id, which is the same for the same beneficiary.
    pub id: String,
    /// `anyone`, `domain`, `group` or `user`.
    pub kind: String,
    /// `reader`, `commenter` or `writer`.
    pub role: String,
    /// The domain or the address; none for anyone.
    pub to: Option<String>,
}

impl DrivePermission {
    pub(super) fn json(&self) -> Value {
        let mut permission = json!({
            "kind": "drive#permission",
            "id": self.id,
            "type": self.kind,
            "role": self.role,
        });
        if let Some(to) = &self.to {
            let name = if self.kind == "domain" { "domain" } else { "emailAddress" };
            permission[name] = to.as_str().into();
        }
        permission
    }
}

/// A file or a folder.
pub(super) struct File {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) mime_type: String,
    /// None for a folder at the top.
    pub(super) parent: Option<String>,
    pub(super) shared_drive: Option<String>,
    pub(super) content: Content,
    pub(super) trashed: bool,
    pub(super) editable: bool,
    /// Whether the scope `drive.file` shows it.
    pub(super) opened: bool,
    pub(super) permissions: Vec<DrivePermission>,
    pub(super) revisions: u64,
    pub(super) indexed: Instant,
}

impl File {
    pub(super) fn folder(id: &str, shared_drive: Option<String>) -> Self {
        Self {
            id: id.to_owned(),
            name: id.to_owned(),
            mime_type: FOLDER.to_owned(),
            parent: None,
            shared_drive,
            content: Content::of(Vec::new()),
            trashed: false,
            editable: true,
            opened: true,
            permissions: Vec::new(),
            revisions: 0,
            indexed: Instant::now(),
        }
    }

    pub(super) fn is_folder(&self) -> bool {
        self.mime_type == FOLDER
    }

    pub(super) fn set_bytes(&mut self, bytes: Vec<u8>) {
        self.content = Content::of(bytes);
        self.revisions += 1;
    }

    pub(super) fn stored(&self) -> StoredFile {
        StoredFile {
            id: self.id.clone(),
            name: self.name.clone(),
            mime_type: self.mime_type.clone(),
            folder: self.parent.clone().unwrap_or_default(),
            bytes: Arc::clone(&self.content.bytes),
            trashed: self.trashed,
            permissions: self.permissions.clone(),
            revisions: self.revisions,
        }
    }

    /// With all that a client may ask for.
    pub(super) fn json(&self) -> Value {
        let mut file = json!({
            "kind": "drive#file",
            "id": self.id,
            "name": self.name,
            "mimeType": self.mime_type,
            "trashed": self.trashed,
            "parents": self.parent.as_slice(),
            "webViewLink": format!("https://drive.google.com/file/d/{}/view?usp=drivesdk", self.id),
            "capabilities": { "canEdit": self.editable, "canShare": self.editable },
            "version": (self.revisions + 1).to_string(),
            "permissions": self.permissions.iter().map(DrivePermission::json).collect::<Vec<_>>(),
        });
        if let Some(drive) = &self.shared_drive {
            file["driveId"] = drive.as_str().into();
        }
        if !self.mime_type.starts_with(NATIVE) {
            let Content { bytes, sha256, md5 } = &self.content;
            file["size"] = bytes.len().to_string().into();
            file["sha256Checksum"] = sha256.as_str().into();
            file["md5Checksum"] = md5.as_str().into();
        }
        file
    }
}

/// What a file holds, with its digests: they are asked for more often than it changes.
pub(super) struct Content {
    pub(super) bytes: Arc<[u8]>,
    sha256: String,
    md5: String,
}

impl Content {
    pub(super) fn of(bytes: Vec<u8>) -> Self {
        let (sha256, md5) = (hex(&Sha256::digest(&bytes)), hex(&md5(&bytes)));
        Self { bytes: bytes.into(), sha256, md5 }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _never_fails = write!(hex, "{byte:02x}");
        hex
    })
}

pub(super) const FOLDER: &str = "application/vnd.google-apps.folder";
/// What begins the media types of Google's own, which have neither size nor checksum.
const NATIVE: &str = "application/vnd.google-apps.";
