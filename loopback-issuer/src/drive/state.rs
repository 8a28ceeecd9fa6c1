//! What Drive knows, and what becomes of a request.

use std::collections::{HashMap, HashSet};
use std::fmt::{self, Write as _};
use std::time::{Duration, Instant};

use fastrand::Rng;

use super::fault::DriveFault;
use super::file::{Content, File};
use super::method::{DriveMethod, EVERYTHING, READONLY};
use super::upload::Purpose;
use crate::google::Api;
use crate::google::auth::Tokens;
use crate::google::fault::{Faults, When};
use crate::google::refusal::Refusal;
use crate::google::session::Session;
use crate::loopback::{Head, OnHead, Reply, Request};

/// All of it, under one lock, which is free again before an answer is delivered.
pub(super) struct State {
    pub(super) tokens: Tokens,
    pub(super) account: Account,
    pub(super) faults: Faults<DriveMethod, DriveFault>,
    pub(super) files: Vec<File>,
    /// Ids that were handed out, and those that a file has or had.
    pub(super) generated: HashSet<String>,
    pub(super) used: HashSet<String>,
    pub(super) index_lag: Duration,
    /// Whose lists never end.
    pub(super) endless: Option<DriveMethod>,
    pub(super) sessions: Vec<Session<Purpose>>,
    /// For ids of files and of uploads.
    pub(super) rng: Rng,
    pub(super) calls: HashMap<DriveMethod, usize>,
    pub(super) log: String,
    /// By the request that it befalls: its connection, and its number there.
    pub(super) planned: HashMap<(usize, usize), DriveFault>,
}

/// Whose Drive it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Account {
    Person,
    Service,
}

/// A method's answer, and what it did, for the log.
pub(super) struct Done {
    pub(super) reply: Reply,
    pub(super) what: String,
}

impl Done {
    pub(super) fn new(reply: Reply, what: impl Into<String>) -> Self {
        Self { reply, what: what.into() }
    }
}

impl Api for State {
    fn is_meant(&self, path: &[&str]) -> bool {
        matches!(path, ["drive", ..] | ["upload", "drive", ..])
    }

    /// Draws what befalls a request.
    fn plan(&mut self, head: &Head) -> OnHead {
        let Some(method) = DriveMethod::of(head) else { return OnHead::Read };
        let tokens = &self.tokens;
        let may_befall = |fault| fault != DriveFault::Unauthorized || tokens.may_die(head);
        let Some(fault) = self.faults.next(method, may_befall) else { return OnHead::Read };
        let fault = self.fitting(head, fault);
        match fault {
            DriveFault::ResetUnread => {
                self.note(head, Some(fault), format_args!("not read"));
                return OnHead::ResetUnread;
            }
            DriveFault::CloseUnread => {
                self.note(head, Some(fault), format_args!("not read"));
                return OnHead::CloseUnread;
            }
            _ => self.planned.insert((head.connection(), head.number()), fault),
        };
        if fault.cuts() { OnHead::ReadPart(length(head) / 2) } else { OnHead::Read }
    }

    fn answer(&mut self, request: &Request) -> Reply {
        let fault = self.planned.remove(&(request.connection(), request.number()));
        if let Some(fault) = fault.filter(|fault| fault.accident().prevents()) {
            if fault == DriveFault::Unauthorized {
                self.tokens.kill(request);
            }
            if fault.cuts() {
                let _kept = self.put(request, usize::MAX);
            }
            self.note(request, Some(fault), format_args!("nothing done"));
            return fault.accident().befall(Reply::new(200));
        }
        let done = self.perform(request, fault).unwrap_or_else(|refusal| {
            Done::new(refusal.reply(), format!("refused: {}", refusal.reason()))
        });
        let status = done.reply.status();
        self.note(request, fault, format_args!("{status}, {}", done.what));
        match fault {
            Some(fault) => fault.accident().befall(done.reply),
            None => done.reply,
        }
    }
}

impl State {
    /// What is about chunks is something else to a request that has none.
    fn fitting(&self, head: &Head, fault: DriveFault) -> DriveFault {
        let has_chunk =
            DriveMethod::of(head) == Some(DriveMethod::UploadSession) && length(head) > 1;
        match fault {
            DriveFault::MidChunk(status) if !has_chunk => DriveFault::Status(status, When::Before),
            DriveFault::ResetMidChunk if !has_chunk => DriveFault::Reset(When::Before),
            fault => fault,
        }
    }

    fn perform(&mut self, request: &Request, fault: Option<DriveFault>) -> Result<Done, Refusal> {
        let method = DriveMethod::of(request).ok_or_else(Refusal::not_found)?;
        *self.calls.entry(method).or_default() += 1;
        // The address of an upload is leave enough; a token that is shown has to be good.
        if method != DriveMethod::UploadSession || request.bearer().is_some() {
            self.tokens.admit(request, method.scopes())?;
        }
        let segments = request.segments();
        let id = segments.iter().skip_while(|it| **it != "files").nth(1).copied();
        let id = id.unwrap_or_default();
        match method {
            DriveMethod::FilesGenerateIds => self.generate_ids(request),
            DriveMethod::FilesCreate => self.begin_create(request),
            DriveMethod::FilesUpdate => self.begin_update(request, id),
            DriveMethod::FilesGet => self.get_file(request, id),
            DriveMethod::FilesList => self.list_files(request),
            DriveMethod::PermissionsCreate => self.create_permission(request, id),
            DriveMethod::PermissionsList => self.list_permissions(request, id),
            DriveMethod::UploadSession => match fault {
                Some(DriveFault::Expire) => self.expire(request),
                Some(DriveFault::Corrupt) => {
                    let done = self.put(request, usize::MAX);
                    self.corrupt(request);
                    done
                }
                Some(DriveFault::ShortRange) => self.put(request, request.body().len() / 2),
                _ => self.put(request, usize::MAX),
            },
        }
    }

    /// A file that the request may see. Those of shared drives are for clients that support them.
    pub(super) fn file(&self, head: &Head, id: &str) -> Result<&File, Refusal> {
        let supports = head.query("supportsAllDrives") == Some("true");
        let file = self.files.iter().find(|file| file.id == id);
        file.filter(|file| self.shows(head, file))
            .filter(|file| supports || file.shared_drive.is_none())
            .ok_or_else(|| file_not_found(id))
    }

    pub(super) fn shows(&self, head: &Head, file: &File) -> bool {
        file.opened || [EVERYTHING, READONLY].iter().any(|scope| self.tokens.has(head, scope))
    }

    pub(super) fn is_indexed(file: &File) -> bool {
        file.indexed <= Instant::now()
    }

    pub(super) fn put_by_person(&mut self, folder: &str, name: &str, bytes: Vec<u8>) -> String {
        let id = self.new_id();
        self.used.insert(id.clone());
        let mut file = File::folder(&id, None);
        file.shared_drive =
            self.files.iter().find(|it| it.id == folder).and_then(|it| it.shared_drive.clone());
        file.name = name.to_owned();
        file.mime_type = "application/octet-stream".to_owned();
        (file.parent, file.content, file.opened) =
            (Some(folder.to_owned()), Content::of(bytes), false);
        self.files.push(file);
        id
    }

    /// As long as Drive's, and never handed out before.
    pub(super) fn new_id(&mut self) -> String {
        let rest: String = (0..32).map(|_| self.rng.alphanumeric()).collect();
        format!("1{rest}")
    }

    fn note(&mut self, head: &Head, fault: Option<DriveFault>, what: fmt::Arguments<'_>) {
        let (method, path) = (head.method(), head.path());
        let query = head.query("q").map_or(String::new(), |q| format!(" `{q}`"));
        let range = head.header("content-range").map_or(String::new(), |it| format!(" {it}"));
        let fault = fault.map_or(String::new(), |fault| format!(" [{fault:?}]"));
        let _never_fails = writeln!(self.log, "{method} {path}{query}{range}{fault}: {what}");
    }
}

pub(super) fn file_not_found(id: &str) -> Refusal {
    Refusal::new(404, "notFound", format!("File not found: {id}."))
}

fn length(head: &Head) -> usize {
    head.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0)
}
