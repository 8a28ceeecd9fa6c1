//! The methods of Drive's API that are served, and what each wants.

use crate::loopback::Head;

/// A method of [Drive's API](https://developers.google.com/workspace/drive/api/reference/rest/v3),
/// as far as it is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DriveMethod {
    /// `GET files/generateIds`.
    FilesGenerateIds,
    /// `POST files` below `/upload`, with `uploadType=resumable`: the request that begins it.
    FilesCreate,
    /// `PATCH files/{id}` below `/upload`, with `uploadType=resumable`: the request that begins it.
    FilesUpdate,
    /// `GET files/{id}`.
    FilesGet,
    /// `GET files`.
    FilesList,
    /// `POST files/{id}/permissions`.
    PermissionsCreate,
    /// `GET files/{id}/permissions`.
    PermissionsList,
    /// `PUT` to the address of a resumable upload: a chunk, or the question how much is stored.
    UploadSession,
}

impl DriveMethod {
    /// None where there is no such method.
    pub(super) fn of(head: &Head) -> Option<Self> {
        Some(match (head.method(), &head.segments()[..]) {
            ("PUT", ["upload", "drive", "v3", "files", ..]) => {
                return head.query("upload_id").map(|_| Self::UploadSession);
            }
            ("POST", ["upload", "drive", "v3", "files"]) => Self::FilesCreate,
            ("PATCH", ["upload", "drive", "v3", "files", _]) => Self::FilesUpdate,
            ("GET", ["drive", "v3", "files"]) => Self::FilesList,
            ("GET", ["drive", "v3", "files", "generateIds"]) => Self::FilesGenerateIds,
            ("GET", ["drive", "v3", "files", _]) => Self::FilesGet,
            ("POST", ["drive", "v3", "files", _, "permissions"]) => Self::PermissionsCreate,
            ("GET", ["drive", "v3", "files", _, "permissions"]) => Self::PermissionsList,
            _ => return None,
        })
    }

    /// Google's name for it, such as `files.create`.
    pub fn name(self) -> &'static str {
        match self {
            Self::FilesGenerateIds => "files.generateIds",
            Self::FilesCreate => "files.create",
            Self::FilesUpdate => "files.update",
            Self::FilesGet => "files.get",
            Self::FilesList => "files.list",
            Self::PermissionsCreate => "permissions.create",
            Self::PermissionsList => "permissions.list",
            Self::UploadSession => "upload session",
        }
    }

    /// One of these is enough, beside the scope of everything.
    pub(super) fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::FilesGenerateIds
            | Self::FilesCreate
            | Self::FilesUpdate
            | Self::PermissionsCreate
            | Self::UploadSession => &[FILE],
            Self::FilesGet | Self::FilesList | Self::PermissionsList => &[FILE, READONLY],
        }
    }
}

pub(super) const EVERYTHING: &str = "https://www.googleapis.com/auth/drive";
pub(super) const READONLY: &str = "https://www.googleapis.com/auth/drive.readonly";
const FILE: &str = "https://www.googleapis.com/auth/drive.file";
