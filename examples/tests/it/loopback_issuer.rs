//! `loopback_issuer` as a stranger runs it, and what its text says to run against it.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Stdio},
};

use crate::{
    post::Post,
    program::{Ended, command, run_example},
};

struct Issuer {
    child: Child,
    endpoint: String,
}

impl Issuer {
    /// Started, with its secrets in the folder `secrets`.
    fn start(post: &Post) -> Self {
        let mut command = command("loopback_issuer", post.folder(), &[]);
        command.args(["--secrets-dir", "secrets"]).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let lines: Vec<_> = stdout.lines().take(3).map(Result::unwrap).collect();
        let (endpoint, what) = lines[2].split_once(' ').unwrap();
        assert_eq!(what, "stands in for Gmail, Drive and Sheets, for JADA_GOOGLE_ENDPOINT");
        Self { child, endpoint: endpoint.to_owned() }
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.child.kill().and_then(|()| self.child.wait()).unwrap();
    }
}

#[test]
fn it_mints_tokens_sends_mails_keeps_files_and_sheets_and_has_bookings_in_its_inbox() {
    let post = Post::new();
    let issuer = Issuer::start(&post);
    let environment =
        [("JADA_SECRETS_DIR", "secrets"), ("JADA_GOOGLE_ENDPOINT", &*issuer.endpoint)];
    let run = |example: &str, words: &str| -> Ended {
        run_example(example, words, post.folder(), &environment)
    };
    assert_eq!(run("access_token", "--scope mail --json").summary()["origin"], "refreshed");
    let mail = "--from me@example.com --to ada@example.com --subject Sail --text body.txt";
    let sent = run("send_mail", &format!("--via gmail {mail}"));
    assert_eq!((sent.status, &*sent.stderr), (0, ""));
    assert_eq!(run("outbox", "status").stdout, "1 sent\n");
    let words = "--out out --upload statements --send --json";
    let stated = run("monthly_statement", words).summary();
    assert_eq!(
        (&stated["mail"]["state"], &stated["uploads"][0]["uploaded"]),
        (&"sent".into(), &true.into())
    );
    assert_eq!(run("statement", "verify out/manifest.jsonl --drive").status, 0);
    let found = run("booking_confirmations", "--since 2026-05-01 --json").summary();
    assert_eq!(found["bookings"].as_array().unwrap().len(), 5);
    let sync = "--sheet book --tab Bookings --month 2026-05 --json";
    let added = run("sheet_sync", sync).summary()["added"].as_array().unwrap().len();
    assert!(added > 20, "{added}");
    assert_eq!(run("sheet_sync", sync).summary()["unchanged"], added);
}

#[test]
fn it_replaces_what_it_has_made_and_no_secrets_of_anybody_else() {
    let post = Post::new();
    drop(Issuer::start(&post));
    drop(Issuer::start(&post));
    let client =
        r#"{"installed":{"client_id":"x","token_uri":"https://oauth2.googleapis.com/token"}}"#;
    post.write("secrets/gmail_credentials.json", client);
    let words = "--secrets-dir secrets --for 0";
    let ended = run_example("loopback_issuer", words, post.folder(), &[]);
    assert!(ended.error().contains("name another folder by --secrets-dir"), "{}", ended.stderr);
    assert_eq!(post.read("secrets/gmail_credentials.json"), client.as_bytes());
}
