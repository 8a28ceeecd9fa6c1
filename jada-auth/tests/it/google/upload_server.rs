//! A server of resumable uploads in
//! [Google's manner](https://developers.google.com/workspace/drive/api/guides/manage-uploads#resumable),
//! which fails as a seed says.

mod fault;
mod session;
mod tests;

use std::{
    collections::HashMap,
    fmt::{self, Write as _},
    sync::{Arc, Mutex, MutexGuard},
};

use fastrand::Rng;
use jada_loopback_issuer::{Head, Loopback, OnHead, Reply, Request};
use serde_json::{Value, json};

use self::{
    fault::{Fault, Kept},
    session::{ContentRange, Session},
};

pub(crate) use self::fault::FaultRate;

/// The token that it takes.
pub(crate) const GOOD: &str = "good";

/// A running server. What it does is the same for a seed and a sequence of requests.
///
/// A session that has completed its file does not expire, so a client can always learn of it: one
/// upload makes one file at most, and a client that says `Ok` has made exactly one.
pub(crate) struct UploadServer {
    loopback: Loopback,
    drive: Arc<Mutex<Drive>>,
}

impl UploadServer {
    pub(crate) fn start(seed: u64, rate: FaultRate) -> Self {
        let drive = Arc::new(Mutex::new(Drive::new(seed, rate)));
        let (planning, answering) = (Arc::clone(&drive), Arc::clone(&drive));
        let loopback = Loopback::builder()
            .on_head(move |head| planning.lock().unwrap().plan(head))
            .start(move |request| answering.lock().unwrap().answer(request))
            .unwrap();
        Self { loopback, drive }
    }

    /// Where a session is begun, by `POST`.
    pub(crate) fn uri(&self) -> String {
        self.loopback.uri("/upload/drive/v3/files?uploadType=resumable")
    }

    /// What was completed, in the order of the sessions: metadata and bytes.
    pub(crate) fn files(&self) -> Vec<(Value, Vec<u8>)> {
        self.drive().sessions.iter().filter_map(Session::file).collect()
    }

    /// How many sessions were begun.
    pub(crate) fn sessions(&self) -> usize {
        self.drive().sessions.len()
    }

    /// What it did, a line for each request, for the report of a seed that fails.
    pub(crate) fn log(&self) -> String {
        self.drive().log.clone()
    }

    fn drive(&self) -> MutexGuard<'_, Drive> {
        self.drive.lock().unwrap()
    }
}

struct Drive {
    rng: Rng,
    rate: FaultRate,
    sessions: Vec<Session>,
    /// By the request that it befalls: its connection, and its number there.
    planned: HashMap<(usize, usize), Fault>,
    log: String,
}

impl Drive {
    fn new(seed: u64, rate: FaultRate) -> Self {
        let log = format!("seed {seed}, {rate:?}\n");
        let rng = Rng::with_seed(seed);
        Self { rng, rate, sessions: Vec::new(), planned: HashMap::new(), log }
    }

    /// Draws what befalls a request on a session, before anything of it is read.
    fn plan(&mut self, head: &Head) -> OnHead {
        let Ok(number) = self.session(head) else { return OnHead::Read };
        let length = head.header("content-length").and_then(|it| it.parse().ok()).unwrap_or(0);
        let Some(fault) = self.rate.draw(&mut self.rng, length) else { return OnHead::Read };
        if !self.sessions[number].may_suffer(fault) {
            return OnHead::Read;
        }
        if let Fault::ResetUnread | Fault::CloseUnread = fault {
            self.note(head, format_args!("{fault:?}"));
        }
        match fault {
            Fault::ResetUnread => return OnHead::ResetUnread,
            Fault::CloseUnread => return OnHead::CloseUnread,
            _ => self.planned.insert((head.connection(), head.number()), fault),
        };
        if let Fault::Cut { read, .. } = fault { OnHead::ReadPart(read) } else { OnHead::Read }
    }

    fn answer(&mut self, request: &Request) -> Reply {
        let fault = self.planned.remove(&(request.connection(), request.number()));
        let answer = match (request.method(), &request.segments()[..]) {
            ("POST", ["upload", ..]) => self.begin(request),
            ("PUT", ["session", _]) => self.put(request, fault),
            _ => Err(Refusal(404, "notFound")),
        };
        let reply = answer.unwrap_or_else(Refusal::reply);
        self.note(request, format_args!("{fault:?}: {reply:?}"));
        reply
    }

    fn begin(&mut self, request: &Request) -> Result<Reply, Refusal> {
        admit(request)?;
        let host = request.header("host").ok_or(Refusal(400, "badRequest"))?;
        let (number, upload_id) = (self.sessions.len(), format!("{:016x}", self.rng.u64(..)));
        let query = format!("uploadType=resumable&upload_id={upload_id}");
        self.sessions.push(Session::begin(number, upload_id, request)?);
        let location = format!("http://{host}/session/{number}?{query}");
        Ok(Reply::new(200).header("Location", &location))
    }

    fn put(&mut self, request: &Request, fault: Option<Fault>) -> Result<Reply, Refusal> {
        let number = self.session(request)?;
        let range = ContentRange::of(request)?;
        let session = &mut self.sessions[number];
        session.suffer(fault);
        let kept = fault.map_or(Ok(Kept::All), Fault::kept)?;
        session.take(range, request.body(), kept)?;
        match fault {
            Some(Fault::Unavailable { status, .. }) => Err(Refusal(status, "backendError")),
            Some(Fault::Cut { delivery, .. } | Fault::Lost(delivery)) => {
                Ok(session.progress().delivered(delivery))
            }
            _ => Ok(session.progress()),
        }
    }

    /// The number of a session that is alive, and asked for by somebody who may.
    fn session(&self, head: &Head) -> Result<usize, Refusal> {
        admit(head)?;
        let number = head.segments().get(1).and_then(|number| number.parse().ok());
        let number: usize = number.ok_or(Refusal(404, "notFound"))?;
        let session = self.sessions.get(number).ok_or(Refusal(404, "notFound"))?;
        session.admit(head)?;
        Ok(number)
    }

    fn note(&mut self, head: &Head, what: fmt::Arguments<'_>) {
        let (method, path) = (head.method(), head.path());
        let range = head.header("content-range").unwrap_or_default();
        writeln!(self.log, "{method} {path} {range}: {what}").unwrap();
    }
}

/// Who has no good token, or sends without a length, gets no further.
fn admit(head: &Head) -> Result<(), Refusal> {
    if head.bearer() != Some(GOOD) {
        return Err(Refusal(401, "authError"));
    }
    match head.header("content-length").or(head.header("transfer-encoding")) {
        Some(_) => Ok(()),
        None => Err(Refusal(411, "lengthRequired")),
    }
}

/// An answer that is an error: its status, and Google's word for it.
#[derive(Clone, Copy, Debug)]
struct Refusal(u16, &'static str);

impl Refusal {
    fn reply(self) -> Reply {
        let Self(status, reason) = self;
        let errors = [json!({ "reason": reason, "message": reason })];
        let error = json!({ "code": status, "message": reason, "errors": errors });
        let reply = Reply::new(status).json(&json!({ "error": error }));
        if status == 429 { reply.header("Retry-After", "0") } else { reply }
    }
}
