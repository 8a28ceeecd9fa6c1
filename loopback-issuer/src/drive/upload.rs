//! The methods of files that write: each a resumable upload.

use std::time::Instant;

use serde_json::Value;

use super::fields::select;
use super::file::{Content, File};
use super::files::DEFAULT;
use super::state::{Account, Done, State, file_not_found};
use crate::google::refusal::Refusal;
use crate::google::session::{Progress, Session};
use crate::loopback::{Reply, Request};

/// What an upload is begun for.
#[derive(Clone)]
pub(super) struct Purpose {
    id: String,
    is_new: bool,
    name: Option<String>,
    parent: String,
    media_type: Option<String>,
    fields: String,
}

impl State {
    pub(super) fn begin_create(&mut self, request: &Request) -> Result<Done, Refusal> {
        let metadata = metadata(request)?;
        let id = match metadata["id"].as_str() {
            None => self.new_id(),
            Some(id) if self.generated.contains(id) => id.to_owned(),
            Some(_) => {
                return Err(Refusal::new(400, "invalid", "The provided file ID is not usable."));
            }
        };
        self.check_free(&id)?;
        let parent = match metadata["parents"].as_array().map(Vec::as_slice) {
            None | Some([]) => "root",
            Some([Value::String(parent)]) => parent.as_str(),
            Some(_) => {
                let message = "A file cannot be added to multiple folders.";
                return Err(Refusal::new(400, "cannotAddParent", message));
            }
        };
        self.check_room(request, parent)?;
        let purpose =
            Purpose { is_new: true, parent: parent.to_owned(), ..purpose(request, &metadata, id) };
        self.begin(request, purpose)
    }

    pub(super) fn begin_update(&mut self, request: &Request, id: &str) -> Result<Done, Refusal> {
        let metadata = metadata(request)?;
        for field in ["id", "parents"] {
            if !metadata[field].is_null() {
                let message =
                    format!("The {field} field is not directly writable in update requests.");
                return Err(Refusal::new(403, "fieldNotWritable", message));
            }
        }
        if !self.file(request, id)?.editable {
            let message = "The user does not have sufficient permissions for this file.";
            return Err(Refusal::new(403, "insufficientFilePermissions", message));
        }
        let purpose = Purpose { is_new: false, ..purpose(request, &metadata, id.to_owned()) };
        self.begin(request, purpose)
    }

    fn begin(&mut self, request: &Request, purpose: Purpose) -> Result<Done, Refusal> {
        if request.query("uploadType") != Some("resumable") {
            return Err(Refusal::new(400, "badRequest", "uploadType: resumable is served"));
        }
        let (upload_id, what) =
            (format!("{:016x}", self.rng.u64(..)), format!("began {}", purpose.id));
        let (session, reply) = Session::begin(request, purpose, upload_id, MAX_UPLOAD)?;
        self.sessions.push(session);
        Ok(Done::new(reply, what))
    }

    /// Takes more of an upload, of this request at most so many bytes.
    pub(super) fn put(&mut self, request: &Request, keep: usize) -> Result<Done, Refusal> {
        let session = self.session(request)?;
        match self.sessions[session].put(request, keep)? {
            Progress::Partial(reply) => Ok(Done::new(reply, "more to come")),
            Progress::Answered(reply) => Ok(Done::new(reply, "done before")),
            Progress::Complete(bytes) => {
                let purpose = self.sessions[session].purpose().clone();
                let what = format!("stored {}, {} bytes", purpose.id, bytes.len());
                let answer = self.store(purpose, bytes)?;
                self.sessions[session].complete(answer.clone());
                Ok(Done::new(Reply::new(200).json(&answer), what))
            }
        }
    }

    /// Forgets an upload, unless it is complete.
    pub(super) fn expire(&mut self, request: &Request) -> Result<Done, Refusal> {
        let session = self.session(request)?;
        if self.sessions[session].is_complete() {
            return self.put(request, usize::MAX);
        }
        self.sessions.remove(session);
        Err(Refusal::not_found())
    }

    /// Changes a byte of what an upload has made.
    pub(super) fn corrupt(&mut self, request: &Request) {
        let Ok(session) = self.session(request) else { return };
        let id = &self.sessions[session].purpose().id;
        if let Some(file) = self.files.iter_mut().find(|file| file.id == *id) {
            let mut bytes = file.content.bytes.to_vec();
            bytes.iter_mut().take(1).for_each(|byte| *byte = !*byte);
            file.content = Content::of(bytes);
        }
    }

    fn session(&self, request: &Request) -> Result<usize, Refusal> {
        self.sessions.iter().position(|it| it.is_meant(request)).ok_or_else(Refusal::not_found)
    }

    fn store(&mut self, purpose: Purpose, bytes: Vec<u8>) -> Result<Value, Refusal> {
        let Purpose { id, is_new, name, parent, media_type, fields } = purpose;
        if is_new {
            self.check_free(&id)?;
            let mut file = File::folder(&id, self.shared_drive(&parent));
            file.mime_type = "application/octet-stream".to_owned();
            "Untitled".clone_into(&mut file.name);
            (file.parent, file.content) = (Some(parent), Content::of(bytes));
            file.indexed = Instant::now() + self.index_lag;
            self.used.insert(id.clone());
            self.files.push(file);
        } else if let Some(file) = self.files.iter_mut().find(|file| file.id == id) {
            file.set_bytes(bytes);
        }
        let file = self.files.iter_mut().find(|file| file.id == id);
        let file = file.ok_or_else(|| file_not_found(&id))?;
        file.name = name.unwrap_or_else(|| file.name.clone());
        file.mime_type = media_type.unwrap_or_else(|| file.mime_type.clone());
        select(&file.json(), &fields)
    }

    /// An id is used once, also where its file is gone.
    fn check_free(&self, id: &str) -> Result<(), Refusal> {
        if self.used.contains(id) {
            let message = "A file already exists with the provided ID.";
            return Err(Refusal::new(409, "fileIdInUse", message));
        }
        Ok(())
    }

    /// A service account owns nothing, so it makes files in shared drives alone.
    fn check_room(&self, request: &Request, parent: &str) -> Result<(), Refusal> {
        if parent != "root" && !self.file(request, parent)?.is_folder() {
            return Err(Refusal::new(
                403,
                "parentNotAFolder",
                "The specified parent is not a folder.",
            ));
        }
        if self.account == Account::Service && self.shared_drive(parent).is_none() {
            let message = "Service Accounts do not have storage quota. Leverage shared drives, or \
                use OAuth delegation instead.";
            return Err(Refusal::new(403, "storageQuotaExceeded", message));
        }
        Ok(())
    }

    fn shared_drive(&self, folder: &str) -> Option<String> {
        self.files.iter().find(|file| file.id == folder).and_then(|it| it.shared_drive.clone())
    }
}

/// The metadata of a file, which may be missing altogether.
fn metadata(request: &Request) -> Result<Value, Refusal> {
    if request.body().trim_ascii().is_empty() {
        return Ok(Value::Null);
    }
    request.json().ok_or_else(|| Refusal::new(400, "parseError", "Parse Error"))
}

fn purpose(request: &Request, metadata: &Value, id: String) -> Purpose {
    let text = |name: &str| metadata[name].as_str().map(str::to_owned);
    let sent = request.header("x-upload-content-type").map(str::to_owned);
    Purpose {
        id,
        is_new: true,
        name: text("name"),
        parent: String::new(),
        media_type: text("mimeType").or(sent),
        fields: request.query("fields").unwrap_or(DEFAULT).to_owned(),
    }
}

/// Drive takes 5 TB; a test has less to give.
const MAX_UPLOAD: usize = 1 << 30;
