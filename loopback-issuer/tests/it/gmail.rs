//! Gmail, and a client of it that says what it sends.

mod access;
mod at_once;
mod drafts;
mod faults;
mod index;
mod message_ids;
mod messages;
mod search;
mod uploads;

use std::io;

use jada_loopback_issuer::Gmail;
use serde_json::{Value, json};

use crate::client::{Client, Reply};

/// A mail whose reference is `name`.
fn mail(name: &str) -> String {
    format!(
        "From: Ann <ann@example.com>\r\nTo: Bo <bo@example.org>\r\nSubject: Call for {name}\r\n\
         Message-ID: <{name}@example.com>\r\nX-Jada-Reference: {name}\r\n\r\nHello {name}\r\n"
    )
}

/// Asks once, on a connection of its own.
fn ask(gmail: &Gmail, line: &str, headers: &str, body: impl AsRef<[u8]>) -> io::Result<Reply> {
    let mut client = Client::of_gmail(gmail);
    client.try_to_send(line, headers, body.as_ref())?;
    client.reply()
}

/// As `good`.
fn ask_well(gmail: &Gmail, line: &str, headers: &str, body: impl AsRef<[u8]>) -> io::Result<Reply> {
    ask(gmail, line, &format!("{GOOD}{headers}"), body)
}

fn get(gmail: &Gmail, path: &str) -> Reply {
    ask_well(gmail, &format!("GET {ME}/{path}"), "", "").unwrap()
}

fn post(gmail: &Gmail, path: &str, body: &Value) -> io::Result<Reply> {
    let json = "Content-Type: application/json\r\n";
    ask_well(gmail, &format!("POST {ME}/{path}"), json, body.to_string())
}

fn create_draft(gmail: &Gmail, mail: &str) -> io::Result<Reply> {
    ask_well(gmail, &format!("POST /upload{ME}/drafts?uploadType=media"), RFC822, mail)
}

fn drafted(gmail: &Gmail, name: &str) -> String {
    create_draft(gmail, &mail(name)).unwrap().text("id")
}

fn send_draft(gmail: &Gmail, id: &str) -> io::Result<Reply> {
    post(gmail, "drafts/send", &json!({ "id": id }))
}

/// The field of each entry of a list.
fn fields(list: &Value, field: &str) -> Vec<String> {
    let entries = list.as_array().map_or(&[][..], Vec::as_slice);
    entries.iter().map(|entry| entry[field].as_str().unwrap().to_owned()).collect()
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

const GOOD: &str = "Authorization: Bearer good\r\n";
const ME: &str = "/gmail/v1/users/me";
const RFC822: &str = "Content-Type: message/rfc822\r\n";
