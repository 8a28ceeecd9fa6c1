//! Hands the nasty mails to readers that are not ours: `.ci/check_mail.py` reads the folder.

use std::{fs, path::Path};

use jada_mail::{Address, Message};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The folder is that of `JADA_NASTY_DIR`, or one that is gone after the test.
#[test]
fn every_nasty_mail_is_written_with_what_it_says() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = std::env::var_os("JADA_NASTY_DIR").map(Into::into);
    let folder = folder.unwrap_or_else(|| temporary.path().join("nasty"));
    fs::create_dir_all(&folder).unwrap();
    let messages: Vec<_> =
        super::nasty::messages().into_iter().chain([super::nasty::large()]).collect();
    for message in &messages {
        write(&folder, message);
    }
    for message in &messages {
        let path = folder.join(format!("{}.json", message.idempotency_key()));
        let said: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(said["subject"], message.subject().as_str());
        assert_eq!(fs::read(path.with_extension("eml")).unwrap(), message.render());
    }
}

fn write(folder: &Path, message: &Message) {
    let path = folder.join(message.idempotency_key().as_str());
    fs::write(path.with_extension("eml"), message.render()).unwrap();
    fs::write(path.with_extension("json"), said(message).to_string()).unwrap();
}

fn said(message: &Message) -> Value {
    json!({
        "subject": message.subject().as_str(),
        "from": mailboxes(std::slice::from_ref(message.from())),
        "to": mailboxes(message.to()),
        "cc": mailboxes(message.cc()),
        "date": message.date().as_second(),
        "message_id": message.message_id().as_str(),
        "in_reply_to": message.in_reply_to().map(|id| id.as_str()),
        "references": message.references().iter().map(|id| id.as_str()).collect::<Vec<_>>(),
        "text": message.text(),
        "html": message.html(),
        "images": message.inline_images().iter().map(|image| json!({
            "name": image.file().name().as_str(),
            "type": image.file().content_type().as_str(),
            "id": image.content_id().as_str(),
            "sha256": sha256(image.file().bytes()),
        })).collect::<Vec<_>>(),
        "attachments": attachments(message),
        "calendar": message.invite().map(|invite| invite.render(message.date())),
        "method": message.invite().map(|invite| if invite.is_cancellation() { "CANCEL" } else { "REQUEST" }),
    })
}

fn attachments(message: &Message) -> Vec<Value> {
    let files = message
        .attachments()
        .iter()
        .map(|file| (file.name().as_str(), file.content_type().as_str(), sha256(file.bytes())));
    let calendar = message.invite().map(|invite| {
        ("invite.ics", "application/ics", sha256(invite.render(message.date()).as_bytes()))
    });
    files
        .chain(calendar)
        .map(|(name, kind, sha256)| json!({ "name": name, "type": kind, "sha256": sha256 }))
        .collect()
}

fn mailboxes(addresses: &[Address]) -> Vec<(&str, &str)> {
    addresses.iter().map(|address| (address.name().unwrap_or(""), address.email())).collect()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
