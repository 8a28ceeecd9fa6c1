//! The methods of Gmail's API that are served, and what each costs and wants.

use crate::loopback::Head;

/// A method of [Gmail's API](https://developers.google.com/workspace/gmail/api/reference/rest), as
/// far as it is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GmailMethod {
    /// `POST drafts`, which creates one; with a resumable upload, the request that begins it.
    DraftsCreate,
    /// `DELETE drafts/{id}`, for good.
    DraftsDelete,
    /// `GET drafts/{id}`.
    DraftsGet,
    /// `GET drafts`.
    DraftsList,
    /// `POST drafts/send`.
    DraftsSend,
    /// `POST messages/send`; with a resumable upload, the request that begins it.
    MessagesSend,
    /// `GET messages/{id}`.
    MessagesGet,
    /// `GET messages`.
    MessagesList,
    /// `GET messages/{id}/attachments/{id}`.
    AttachmentsGet,
    /// `GET profile`.
    Profile,
    /// `PUT` to the address of a resumable upload: a chunk, or the question how much is stored.
    UploadSession,
}

impl GmailMethod {
    /// None where there is no such method.
    pub(super) fn of(head: &Head) -> Option<Self> {
        match (head.method(), &head.segments()[..]) {
            ("PUT", ["upload", "gmail", "v1", "users", ..]) => {
                head.query("upload_id").map(|_| Self::UploadSession)
            }
            ("POST", ["upload", "gmail", "v1", "users", _, path @ ..]) => match path {
                ["drafts"] => Some(Self::DraftsCreate),
                ["messages", "send"] => Some(Self::MessagesSend),
                _ => None,
            },
            (method, ["gmail", "v1", "users", _, path @ ..]) => Self::plain(method, path),
            _ => None,
        }
    }

    fn plain(method: &str, path: &[&str]) -> Option<Self> {
        Some(match (method, path) {
            ("POST", ["drafts"]) => Self::DraftsCreate,
            ("GET", ["drafts"]) => Self::DraftsList,
            ("POST", ["drafts", "send"]) => Self::DraftsSend,
            ("GET", ["drafts", _]) => Self::DraftsGet,
            ("DELETE", ["drafts", _]) => Self::DraftsDelete,
            ("POST", ["messages", "send"]) => Self::MessagesSend,
            ("GET", ["messages"]) => Self::MessagesList,
            ("GET", ["messages", _]) => Self::MessagesGet,
            ("GET", ["messages", _, "attachments", _]) => Self::AttachmentsGet,
            ("GET", ["profile"]) => Self::Profile,
            _ => return None,
        })
    }

    /// Google's name for it, such as `drafts.create`.
    pub fn name(self) -> &'static str {
        match self {
            Self::DraftsCreate => "drafts.create",
            Self::DraftsDelete => "drafts.delete",
            Self::DraftsGet => "drafts.get",
            Self::DraftsList => "drafts.list",
            Self::DraftsSend => "drafts.send",
            Self::MessagesSend => "messages.send",
            Self::MessagesGet => "messages.get",
            Self::MessagesList => "messages.list",
            Self::AttachmentsGet => "messages.attachments.get",
            Self::Profile => "getProfile",
            Self::UploadSession => "upload session",
        }
    }

    /// What a call costs in [quota units](https://developers.google.com/workspace/gmail/api/reference/quota).
    /// A resumable upload costs what its method does, once.
    pub fn units(self) -> u64 {
        match self {
            Self::DraftsSend | Self::MessagesSend => 100,
            Self::DraftsCreate | Self::DraftsDelete => 10,
            Self::DraftsGet
            | Self::DraftsList
            | Self::MessagesGet
            | Self::MessagesList
            | Self::AttachmentsGet => 5,
            Self::Profile => 1,
            Self::UploadSession => 0,
        }
    }

    /// One of these is enough, beside the scope of everything.
    pub(super) fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::DraftsCreate | Self::DraftsDelete | Self::DraftsSend => &[COMPOSE, MODIFY],
            Self::DraftsGet | Self::DraftsList => &[COMPOSE, MODIFY, READONLY],
            Self::MessagesSend => &[SEND, COMPOSE, MODIFY],
            Self::MessagesGet | Self::MessagesList => &[READONLY, MODIFY, METADATA],
            Self::AttachmentsGet => &[READONLY, MODIFY],
            Self::Profile => &[READONLY, COMPOSE, MODIFY, METADATA],
            Self::UploadSession => &[SEND, COMPOSE, MODIFY],
        }
    }
}

pub(super) const EVERYTHING: &str = "https://mail.google.com/";
pub(super) const METADATA: &str = "https://www.googleapis.com/auth/gmail.metadata";
const COMPOSE: &str = "https://www.googleapis.com/auth/gmail.compose";
const MODIFY: &str = "https://www.googleapis.com/auth/gmail.modify";
const READONLY: &str = "https://www.googleapis.com/auth/gmail.readonly";
const SEND: &str = "https://www.googleapis.com/auth/gmail.send";
