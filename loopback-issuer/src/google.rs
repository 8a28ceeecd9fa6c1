//! What Google's APIs have in common, and all of them behind one address.

pub(crate) mod accident;
pub(crate) mod auth;
pub(crate) mod fault;
pub(crate) mod refusal;
pub(crate) mod session;
pub(crate) mod settings;

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use crate::drive::Drive;
use crate::gmail::Gmail;
use crate::google::refusal::Refusal;
use crate::loopback::{Head, Loopback, OnHead, Reply, Request};
use crate::sheets::Sheets;

/// An API as it is served, by itself or beside others.
pub(crate) trait Api: Send {
    /// Whether a path is one of its own.
    fn is_meant(&self, path: &[&str]) -> bool;

    /// What befalls a request, before anything of it is read.
    fn plan(&mut self, head: &Head) -> OnHead;

    fn answer(&mut self, request: &Request) -> Reply;
}

/// The state of an API, which whoever started it shares with its servers.
pub(crate) type Shared = Arc<Mutex<dyn Api>>;

/// Several of Google's APIs behind one address, by their paths, as one endpoint of a client's
/// stands in for all of Google's hosts. It stops when it is dropped.
///
/// Each API answers at its own address as well, and remains what a test asks about. A client uses
/// the one address or the other: faults are told apart by the connection that they befall.
///
/// ```
/// use jada_loopback_issuer::{Drive, Gmail, Google};
///
/// # fn main() -> std::io::Result<()> {
/// let (gmail, drive) = (Gmail::start()?, Drive::start()?);
/// let google = Google::builder().gmail(&gmail).drive(&drive).start()?;
/// // Here the client under test mails and uploads by `google.endpoint()`.
/// assert_eq!((gmail.sent().len(), drive.files().len()), (0, 0));
/// # Ok(())
/// # }
/// ```
pub struct Google {
    loopback: Loopback,
}

impl Google {
    /// Builds one that answers 404 to everything, until it is given an API.
    pub fn builder() -> GoogleBuilder {
        GoogleBuilder { port: 0, apis: Vec::new() }
    }

    /// What stands in for each of Google's hosts: `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        self.loopback.uri("")
    }

    /// How many requests were read completely, for all APIs.
    pub fn requests(&self) -> usize {
        self.loopback.requests()
    }
}

impl fmt::Debug for Google {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Google")
            .field("endpoint", &self.endpoint())
            .field("requests", &self.requests())
            .finish_non_exhaustive()
    }
}

/// A [`Google`] that is yet to start.
#[must_use]
pub struct GoogleBuilder {
    port: u16,
    apis: Vec<Shared>,
}

impl GoogleBuilder {
    /// Sets the port; one that is free by default.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Serves this Gmail below `/gmail` and `/upload/gmail`.
    pub fn gmail(self, gmail: &Gmail) -> Self {
        self.api(gmail.api())
    }

    /// Serves this Drive below `/drive` and `/upload/drive`.
    pub fn drive(self, drive: &Drive) -> Self {
        self.api(drive.api())
    }

    /// Serves this Sheets below `/v4/spreadsheets`.
    pub fn sheets(self, sheets: &Sheets) -> Self {
        self.api(sheets.api())
    }

    fn api(mut self, api: Shared) -> Self {
        self.apis.push(api);
        self
    }

    /// Starts it on 127.0.0.1.
    ///
    /// # Errors
    ///
    /// Whatever the system says against listening on that port, or against a thread.
    pub fn start(self) -> io::Result<Google> {
        Ok(Google { loopback: serve(self.port, self.apis)? })
    }
}

impl fmt::Debug for GoogleBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoogleBuilder")
            .field("port", &self.port)
            .field("apis", &self.apis.len())
            .finish()
    }
}

/// Serves each request by the first API that it is meant for.
pub(crate) fn serve(port: u16, apis: Vec<Shared>) -> io::Result<Loopback> {
    let planning = apis.clone();
    Loopback::builder()
        .port(port)
        .on_head(move |head| meant(&planning, head, |api| api.plan(head)).unwrap_or(OnHead::Read))
        .start(move |request| {
            let reply = meant(&apis, request, |api| api.answer(request));
            reply.unwrap_or_else(|| Refusal::not_found().reply())
        })
}

fn meant<T>(apis: &[Shared], head: &Head, ask: impl Fn(&mut dyn Api) -> T) -> Option<T> {
    apis.iter().find_map(|api| {
        let mut api = api.lock().unwrap_or_else(PoisonError::into_inner);
        api.is_meant(&head.segments()).then(|| ask(&mut *api))
    })
}
