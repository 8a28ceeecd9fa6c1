//! `send_mail --via gmail` as an operator runs it, against a Gmail on loopback that fails at a word.

use std::{process::Command, time::Duration};

use jada_loopback_issuer::{GmailFault, GmailMethod, When};

use crate::{
    post::{Post, READONLY, SEND},
    program::{Ended, example},
};

/// Its answer is lost after the mail went out.
const LOST: GmailFault = GmailFault::Reset(When::After);

#[test]
fn the_mail_arrives_as_it_was_composed_and_once() {
    let post = Post::new();
    let ended = post.send("sail-42", &[]);
    assert_eq!((ended.status, &*ended.stderr), (0, ""));
    let sent = post.gmail.sent();
    assert_eq!(ended.stdout, format!("sent sail-42: {}\n", sent[0].id));
    assert_eq!(sent[0].raw[..], post.read("outbox/mails/sail-42.eml"));

    let again = post.send("sail-42", &[]);
    assert!(again.status == 0 && again.stdout.contains("was sent before"), "{}", again.stderr);
    assert_eq!((post.gmail.sent().len(), post.gmail.drafts().len()), (1, 0));
    assert_eq!(post.only_mail().0, 0);
}

#[test]
fn a_large_mail_is_uploaded_in_parts_and_a_terminal_shows_how_far_it_is() {
    let post = Post::new();
    post.write("large.bin", vec![7; 6_000_000]);
    let ended = post.send("large", &["--attach", "large.bin"]);
    assert_eq!((ended.status, &*ended.stderr), (0, ""), "stderr is no terminal");
    assert_eq!(post.gmail.sent()[0].raw[..], post.read("outbox/mails/large.eml"));

    let ended = Ended::on_terminal(
        Command::new(example("send_mail"))
            .args(["--from", "crew@example.com", "--to", "ada@example.com", "--subject", "Route"])
            .args(["--text", "body.txt", "--attach", "large.bin", "--via", "gmail"])
            .args(["--secrets-dir", post.secrets.folder()])
            .env("JADA_GOOGLE_ENDPOINT", post.gmail.endpoint())
            .current_dir(post.folder()),
    );
    let shown = &ended.stderr;
    assert_eq!(ended.status, 0, "{shown}");
    assert!(shown.contains("sending [███"), "{shown}");
    assert!(shown.contains("MiB/7.83 MiB"), "{shown}");
    assert_eq!(ended.last_on_terminal(), "", "the bar is gone: {shown:?}");
    assert!(ended.stdout.starts_with("sent mail-"), "{}", ended.stdout);
}

#[test]
fn a_grant_that_was_revoked_is_status_2_and_the_mail_is_sent_after_consent() {
    let post = Post::new();
    assert_eq!(post.send("first", &[]).status, 0);
    post.secrets.issuer.revoke_all();
    post.secrets.expire();
    let ended = post.send("second", &[]);
    assert_eq!((ended.status, &*ended.stdout, ended.stderr.lines().count()), (2, "", 1));
    for part in ["the mail `second` waits in `outbox`", "invalid_grant", "run `reauth`"] {
        assert!(ended.stderr.contains(part), "{}", ended.stderr);
    }
    let status = post.run("outbox", &["status"]);
    assert_eq!(status.status, 3, "{}", status.stderr);
    assert!(status.stdout.starts_with("queued   second  since "), "{}", status.stdout);

    post.secrets.consent();
    let drained = post.run_by_gmail("send_mail", &["--drain-only", "--via", "gmail"]);
    assert_eq!((drained.status, &*drained.stderr), (0, ""), "{}", drained.stdout);
    assert_eq!(post.gmail.sent().len(), 2);
}

#[test]
fn a_retry_after_is_status_3_and_no_drain_overrules_it() {
    let post = Post::new();
    let fault = GmailFault::TooManyRequests(Some(Duration::from_secs(600)));
    post.gmail.fail_next(GmailMethod::DraftsCreate, fault);
    let ended = post.send("sail-42", &[]);
    assert_eq!((ended.status, &*ended.stdout, ended.stderr.lines().count()), (3, "", 1));
    for part in [
        "the mail `sail-42` is not sent yet",
        "rateLimitExceeded",
        "drain the outbox again after 2",
    ] {
        assert!(ended.stderr.contains(part), "{}", ended.stderr);
    }
    let (status, mail) = post.only_mail();
    assert_eq!((status, &mail["state"], &mail["is_binding"]), (3, &"queued".into(), &true.into()));
    let requests = post.gmail.requests();
    for arguments in [["drain", "--via", "gmail"], ["drain", "--via", "eml"]] {
        let drained = post.run_by_gmail("outbox", &arguments);
        assert_eq!(drained.status, 3, "{}", drained.stderr);
    }
    let other = post.send("sail-43", &[]);
    assert_eq!(other.status, 3, "{}", other.stderr);
    assert!(other.stderr.starts_with("note: all wait until 2"), "{}", other.stderr);
    assert!(other.stderr.lines().last().unwrap().contains("`sail-43`"), "{}", other.stderr);
    assert_eq!((post.gmail.requests(), post.gmail.sent().len()), (requests, 0));
}

#[test]
fn an_answer_that_was_lost_is_status_3_and_the_mail_is_not_sent_again() {
    let post = Post::new();
    post.gmail.fail_next(GmailMethod::DraftsSend, LOST);
    let ended = post.send("sail-42", &[]);
    assert_eq!((ended.status, ended.stderr.lines().count()), (3, 1), "{}", ended.stderr);
    assert!(ended.stderr.contains("may have been sent"), "{}", ended.stderr);

    let (status, mail) = post.only_mail();
    assert_eq!((status, &mail["state"], &mail["is_binding"]), (3, &"sending".into(), &true.into()));
    assert!(mail["why"].as_str().unwrap().contains("was lost"), "{mail}");
    let table = post.run("outbox", &["status"]).stdout;
    assert!(table.starts_with("sending  sail-42  since 2"), "{table}");
    assert!(table.contains("was lost") && table.contains("; not before 2"), "{table}");

    assert_eq!(post.send("sail-42", &[]).status, 3);
    assert_eq!(post.run_by_gmail("outbox", &["drain", "--via", "gmail"]).status, 3);
    assert_eq!((post.gmail.sent().len(), post.gmail.calls(GmailMethod::DraftsSend)), (1, 1));
}

#[test]
fn without_a_proof_a_person_decides() {
    let post = Post::granting(&[SEND]);
    post.gmail.fail_next(GmailMethod::MessagesSend, LOST);
    let ended = post.send("sail-42", &[]);
    assert_eq!((ended.status, ended.stderr.lines().count()), (1, 1), "{}", ended.stderr);
    for part in ["cannot be told", "see whether it arrived", "`outbox resend sail-42`"] {
        assert!(ended.stderr.contains(part), "{}", ended.stderr);
    }
    let drain = ["drain", "--via", "gmail"];
    assert_eq!(post.run_by_gmail("outbox", &drain).status, 1);
    let (status, mail) = post.only_mail();
    assert_eq!(
        (status, &mail["state"], &mail["needs_person"]),
        (1, &"unknown".into(), &true.into())
    );
    assert_eq!(post.gmail.sent().len(), 1);

    let resent = post.run("outbox", &["resend", "sail-42"]);
    assert_eq!((resent.status, &*resent.stderr), (0, ""));
    assert!(resent.stdout.starts_with("queued   sail-42"), "{}", resent.stdout);
    assert_eq!(post.run_by_gmail("outbox", &drain).status, 0);
    assert_eq!(post.gmail.sent().len(), 2);
}

#[test]
fn scopes_that_are_missing_are_named_before_anything_is_sent() {
    let post = Post::granting(&[READONLY]);
    let ended = post.send("sail-42", &[]);
    assert_eq!((ended.status, ended.stderr.lines().count()), (1, 1), "{}", ended.stderr);
    assert!(ended.stderr.contains(SEND), "{}", ended.stderr);
    assert!(ended.stderr.contains("the mail `sail-42` waits in `outbox`"), "{}", ended.stderr);
    assert_eq!(post.gmail.requests(), 0);
}
