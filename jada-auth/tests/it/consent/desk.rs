//! An issuer, a folder and a browser of a few lines.

use std::{
    io::{self, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use jada_auth::{Consent, ConsentBuilder, Consented, Error, OAuthClient, Paste, SecretsDir};
use jada_loopback_issuer::{Issuer, IssuerBuilder};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::support::{private_folder, scopes};

pub(super) struct Desk {
    pub(super) issuer: Arc<Issuer>,
    pub(super) folder: tempfile::TempDir,
}

impl Desk {
    pub(super) fn new() -> Self {
        Self::at(Issuer::builder())
    }

    pub(super) fn at(issuer: IssuerBuilder) -> Self {
        let desk = Self { issuer: Arc::new(issuer.start().unwrap()), folder: private_folder() };
        desk.secrets().save_client(&desk.client()).unwrap();
        desk
    }

    pub(super) fn client(&self) -> OAuthClient {
        let client = OAuthClient::new(self.issuer.client_id(), self.issuer.token_uri());
        client.with_secret(self.issuer.client_secret()).with_auth_uri(self.issuer.authorize_uri())
    }

    pub(super) fn secrets(&self) -> SecretsDir {
        SecretsDir::new(self.folder.path())
    }

    pub(super) fn seed(&self) -> PathBuf {
        self.folder.path().join("refresh_token.json")
    }

    pub(super) fn builder(&self) -> ConsentBuilder {
        self.secrets().consent(scopes("mail drive")).unwrap()
    }

    /// Waits for the exchange to arrive at the issuer.
    pub(super) async fn arrived(&self) {
        let issuer = Arc::clone(&self.issuer);
        let wait = move || issuer.wait_for_requests(1, Duration::from_secs(30));
        assert!(spawn_blocking(wait).await.unwrap());
    }

    pub(super) async fn ask(&self) -> Asked {
        Asked::by(self.builder()).await
    }
}

/// A consent that is waited for in a task of its own.
pub(super) struct Asked {
    pub(super) url: String,
    pub(super) start_url: String,
    pub(super) paste: Paste,
    pub(super) waiting: JoinHandle<Result<Consented, Error>>,
}

impl Asked {
    pub(super) async fn by(builder: ConsentBuilder) -> Self {
        Self::of(builder.start().await.unwrap())
    }

    pub(super) fn of(consent: Consent) -> Self {
        Self {
            url: consent.url().to_owned(),
            start_url: consent.start_url().to_owned(),
            paste: consent.paste(),
            waiting: tokio::spawn(consent.wait()),
        }
    }

    /// Decides at the issuer; the address that the browser is sent back to.
    pub(super) async fn decide(&self, decision: &str) -> String {
        let page = get(&self.url).await;
        assert!(page.status == 200 && page.body.contains(">Allow</button>"), "{}", page.body);
        let (endpoint, query) = self.url.split_once('?').unwrap();
        let (url, form) = (format!("{endpoint}/decision"), format!("{query}&decision={decision}"));
        let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
        let answer = spawn_blocking(move || send("POST", &url, headers, &form)).await.unwrap();
        answer.unwrap().header("Location").unwrap().to_owned()
    }

    pub(super) async fn outcome(self) -> Result<Consented, Error> {
        let (port, outcome) = (self.port(), self.waiting.await.unwrap());
        // It is free again, as soon as a connection of another test that happens to be at it ends.
        for _ in 0..250 {
            if TcpListener::bind(("127.0.0.1", port)).is_ok() {
                return outcome;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("port {port} is not free again");
    }

    pub(super) async fn not_given(self) -> String {
        match self.outcome().await.unwrap_err() {
            Error::ConsentNotGiven { why, command } if command == "reauth" => why,
            other => panic!("{other:?}"),
        }
    }

    pub(super) async fn refused(builder: ConsentBuilder) -> String {
        match builder.start().await.unwrap_err() {
            error @ Error::Refused { .. } => error.to_string(),
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn port(&self) -> u16 {
        self.start_url.trim_end_matches('/').rsplit(':').next().unwrap().parse().unwrap()
    }

    pub(super) fn state(&self) -> &str {
        let (_, state) = self.url.split_once("&state=").unwrap();
        state.split('&').next().unwrap()
    }

    /// The address of an answer that no issuer gave.
    pub(super) fn answer(&self, query: &str) -> String {
        format!("{}callback?state={}&{query}", self.start_url, self.state())
    }
}

#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Reply {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (given, value) = line.split_once(": ")?;
            given.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

pub(super) async fn get(url: &str) -> Reply {
    request("GET", url, "").await
}

pub(super) async fn request(method: &'static str, url: &str, headers: &'static str) -> Reply {
    let url = url.to_owned();
    spawn_blocking(move || send(method, &url, headers, "")).await.unwrap().unwrap()
}

/// What a browser does, without following redirects.
pub(super) fn send(method: &str, url: &str, headers: &str, body: &str) -> io::Result<Reply> {
    let (authority, target) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(authority)?;
    let host = if headers.contains("Host: ") { "" } else { &format!("Host: {authority}\r\n") };
    let last = if headers.contains("Connection: ") { "" } else { "Connection: close\r\n" };
    let length = body.len();
    write!(
        stream,
        "{method} /{target} HTTP/1.1\r\n{host}{last}{headers}Content-Length: {length}\r\n\
         \r\n{body}"
    )?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let (head, body) = text.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Ok(Reply { status, head: head.to_owned(), body: body.to_owned() })
}
