//! Drive, and a client of it that says what it sends.

mod access;
mod faults;
mod lists;
mod uploads;

use std::io;

use jada_loopback_issuer::Drive;
use serde_json::{Value, json};

use crate::client::{Client, Reply};

/// Asks once, on a connection of its own.
fn ask(drive: &Drive, line: &str, headers: &str, body: impl AsRef<[u8]>) -> io::Result<Reply> {
    let mut client = Client::of_api(&drive.endpoint());
    client.try_to_send(line, headers, body.as_ref())?;
    client.reply()
}

fn get(drive: &Drive, path: &str) -> Reply {
    ask(drive, &format!("GET /drive/v3/files{path}"), GOOD, "").unwrap()
}

fn post(drive: &Drive, path: &str, body: &Value) -> Reply {
    let headers = format!("{GOOD}Content-Type: application/json\r\n");
    ask(drive, &format!("POST /drive/v3/files{path}"), &headers, body.to_string()).unwrap()
}

/// Begins an upload: its answer.
fn begin(drive: &Drive, line: &str, metadata: &Value) -> Reply {
    let line = line.replace('?', "?uploadType=resumable&");
    let headers = format!("{GOOD}X-Upload-Content-Type: text/csv\r\n");
    ask(drive, &line, &headers, metadata.to_string()).unwrap()
}

fn session(begun: &Reply, drive: &Drive) -> String {
    assert_eq!(begun.status, 200, "{}", String::from_utf8_lossy(&begun.body));
    begun.header("Location").unwrap().replace(&drive.endpoint(), "")
}

/// Without a token: the address is leave enough.
fn put(drive: &Drive, session: &str, range: &str, body: &[u8]) -> io::Result<Reply> {
    ask(drive, &format!("PUT {session}"), &format!("Content-Range: {range}\r\n"), body)
}

fn generated(drive: &Drive) -> String {
    get(drive, "/generateIds?count=1").json()["ids"][0].as_str().unwrap().to_owned()
}

/// Makes a file in the folder `statements`: its id.
fn made(drive: &Drive, name: &str, content: &str) -> String {
    let metadata = json!({ "name": name, "parents": ["statements"] });
    let session = session(&begin(drive, CREATE, &metadata), drive);
    let range = format!("bytes 0-{}/{}", content.len() - 1, content.len());
    put(drive, &session, &range, content.as_bytes()).unwrap().text("id")
}

/// The reason of an error in Google's form, beside its status.
fn refusal(reply: &Reply) -> (u16, String) {
    let error = &reply.json()["error"];
    assert_eq!(error["code"], reply.status);
    (reply.status, error["errors"][0]["reason"].as_str().unwrap().to_owned())
}

fn refused(status: u16, reason: &str) -> (u16, String) {
    (status, reason.to_owned())
}

const CREATE: &str = "POST /upload/drive/v3/files?";
const GOOD: &str = "Authorization: Bearer good\r\n";
const QUANTUM: usize = 256 * 1024;
