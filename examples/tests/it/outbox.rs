//! `outbox` as an operator runs it: what waits and why, and what a person decides.

use std::{fs, os::unix::fs::PermissionsExt};

use jada_loopback_issuer::{GmailFault, GmailMethod, When};
use serde_json::{Value, json};

use crate::{post::Post, program::Ended};

/// Leaves mails of these keys in the outbox, since Gmail does not work for a while.
fn queue(post: &Post, keys: &[&str]) {
    for key in keys {
        for _ in keys {
            post.gmail.fail_next(GmailMethod::DraftsCreate, GmailFault::Status(503, When::Before));
        }
        assert_eq!(post.send(key, &[]).status, 3);
    }
    post.gmail.heal();
}

fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap()
}

#[test]
fn status_lists_what_waits_since_when_and_why() {
    let post = Post::new();
    queue(&post, &["a", "b"]);
    let status = post.run("outbox", &["status"]);
    assert_eq!((status.status, status.stderr.lines().count()), (3, 1));
    let lines: Vec<_> = status.stdout.lines().collect();
    for (line, key) in lines.iter().zip(["a", "b"]) {
        assert!(line.starts_with(&format!("queued   {key}  since 2")), "{line}");
        assert!(line.contains("answered 503") && line.contains("; not before 2"), "{line}");
    }
    assert_eq!(lines.last(), Some(&"0 sent"));

    let status = json(&post.run("outbox", &["--json", "status"]));
    let mail = &status["mails"][0];
    for (field, value) in [
        ("key", json!("a")),
        ("state", json!("queued")),
        ("is_binding", json!(false)),
        ("needs_person", json!(false)),
        ("to", json!(["ada@example.com"])),
        ("subject", json!("Morning sail")),
        ("location", json!(null)),
    ] {
        assert_eq!(mail[field], value, "{field}");
    }
    for field in ["since", "not_before", "enqueued_at"] {
        assert!(mail[field].as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{mail}");
    }
}

#[test]
fn a_drain_that_a_person_asks_for_does_not_wait_out_our_own_back_off() {
    let post = Post::new();
    queue(&post, &["a", "b", "c", "d"]);
    let drained = post.run_by_gmail("outbox", &["drain", "--via", "gmail", "--json"]);
    assert_eq!((drained.status, &*drained.stderr), (0, ""));
    assert_eq!(json(&drained)["sent"], json!(["a", "b", "c", "d"]));
    assert_eq!(post.gmail.sent().len(), 4);
    let status = post.run("outbox", &["status"]);
    assert_eq!((status.status, &*status.stdout), (0, "4 sent\n"));
}

#[test]
fn a_drain_without_the_flag_goes_by_gmail_where_the_mails_were_to() {
    let post = Post::new();
    queue(&post, &["a"]);
    let stranger = post.run("outbox", &["drain", "--secrets-dir", "none"]);
    assert!(stranger.error().contains("mkdir"), "{}", stranger.stderr);
    let drained = post.run_by_gmail("outbox", &["drain"]);
    assert_eq!((drained.status, post.gmail.sent().len()), (0, 1), "{}", drained.stderr);

    // Until it is said otherwise.
    queue(&post, &["b"]);
    assert_eq!(post.run_by_gmail("outbox", &["drain", "--via", "eml"]).status, 0);
    assert!(post.path("outbox/eml/b.eml").exists());
    assert_eq!(post.read("outbox/via"), b"eml");
    post.write("outbox/via", "");
    let ended = post.run("outbox", &["drain"]);
    assert!(ended.error().contains("`outbox/via` says neither"), "{}", ended.stderr);
}

#[test]
fn how_a_mail_leaves_is_kept_before_the_mail_is() {
    let post = Post::new();
    std::fs::create_dir(post.path("outbox")).unwrap();
    std::fs::set_permissions(post.path("outbox"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let ended = post.send("a", &[]);
    assert!(ended.error().contains("0755"), "{}", ended.stderr);
    assert_eq!(post.read("outbox/via"), b"gmail");
    assert!(!post.path("outbox/mails").exists());
}

#[test]
fn a_mail_that_is_dropped_is_not_sent_and_its_key_stays_used() {
    let post = Post::new();
    queue(&post, &["a"]);
    let dropped = post.run("outbox", &["drop", "a"]);
    assert_eq!((dropped.status, &*dropped.stderr), (0, ""));
    assert!(dropped.stdout.contains("failed   a") && dropped.stdout.contains("by a person"));
    let drained = post.run_by_gmail("outbox", &["drain", "--via", "gmail"]);
    assert_eq!((drained.status, post.gmail.sent().len()), (0, 0));

    let again = post.send("a", &[]);
    assert!(again.error().contains("dropped by a person"), "{}", again.stderr);
    assert!(again.error().contains("`outbox resend a`"), "{}", again.stderr);
    assert_eq!(post.run("outbox", &["resend", "a"]).status, 0);
    let drained = post.run_by_gmail("outbox", &["drain", "--via", "gmail"]);
    assert_eq!((drained.status, post.gmail.sent().len()), (0, 1));
}

#[test]
fn what_cannot_be_decided_is_told_with_what_can_be_done() {
    let post = Post::new();
    queue(&post, &["waits"]);
    assert_eq!(post.run("outbox", &["drain", "--via", "eml"]).status, 0);
    for (arguments, part) in [
        (["resend", "waits"], "is sent: to send it again, queue it under another key"),
        (["drop", "waits"], "is sent: it cannot be taken back"),
        (["resend", "none"], "there is no mail `none` in outbox; `outbox status` lists them"),
        (["drop", "a/b"], "\"a/b\" is not an idempotency key"),
        (["resend", "--json"], "<KEY>"),
    ] {
        let ended = post.run("outbox", &arguments);
        assert!(ended.error().contains(part), "{arguments:?}: {}", ended.stderr);
    }
    let ended = post.run("outbox", &[]);
    assert!(ended.error().contains("--help tells what there is"), "{}", ended.stderr);
}

#[test]
fn a_record_that_is_damaged_is_named_and_keeps_no_other_mail() {
    let post = Post::new();
    queue(&post, &["a", "b"]);
    post.write("outbox/queued/a.json", "{\"version\": 1,");
    let status = post.run("outbox", &["status"]);
    assert_eq!(status.status, 1);
    assert!(status.stdout.contains("damaged  outbox/queued/a.json: "), "{}", status.stdout);
    assert!(status.stderr.contains("restore it, or move it away"), "{}", status.stderr);

    let drained = post.run_by_gmail("outbox", &["drain", "--via", "gmail"]);
    assert_eq!(drained.status, 1, "{}", drained.stderr);
    assert_eq!(post.gmail.sent().len(), 1);
    assert_eq!(post.read("outbox/queued/a.json"), b"{\"version\": 1,");

    let mail = post.send("c", &[]);
    assert_eq!(mail.status, 0, "its own fate is good: {}", mail.stderr);
    assert!(mail.stderr.starts_with("warning: outbox/queued/a.json is damaged"), "{}", mail.stderr);
    assert_eq!(post.gmail.sent().len(), 2);
}

#[test]
fn a_folder_that_is_open_to_others_is_refused_and_one_that_is_not_there_is_told() {
    let post = Post::new();
    queue(&post, &["a"]);
    fs::set_permissions(post.path("outbox"), fs::Permissions::from_mode(0o755)).unwrap();
    for arguments in [&["status"][..], &["drain", "--via", "eml"]] {
        let ended = post.run("outbox", arguments);
        assert!(ended.error().contains("`chmod 700 'outbox'`"), "{}", ended.stderr);
    }
    let ended = post.run_with("outbox", &["status"], &[("JADA_OUTBOX", "typo")]);
    let shown = (ended.status, &*ended.stdout, &*ended.stderr);
    assert_eq!(shown, (0, "0 sent\n", "note: there is no `typo` so far\n"));
    assert!(!post.path("typo").exists());
    for arguments in [&["drain"][..], &["status"]] {
        let ended = post.run("outbox", &[arguments, &["--outbox", "body.txt"]].concat());
        let line = ended.stderr.lines().last().unwrap();
        assert_eq!(ended.status, 1, "{line}");
        assert!(line.contains("cannot use the folder body.txt: a file stands"), "{line}");
    }
}
