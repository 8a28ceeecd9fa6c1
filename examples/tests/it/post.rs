//! A desk that sends and reads mail: a folder to work in, an account at an issuer and a Gmail on
//! loopback, and the examples that use them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use jada_loopback_issuer::Gmail;
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    program::{Ended, command},
    tokens::Secrets,
};

pub(crate) const SEND: &str = "https://www.googleapis.com/auth/gmail.send";
pub(crate) const COMPOSE: &str = "https://www.googleapis.com/auth/gmail.compose";
pub(crate) const READONLY: &str = "https://www.googleapis.com/auth/gmail.readonly";

pub(crate) struct Post {
    folder: TempDir,
    pub(crate) secrets: Secrets,
    pub(crate) gmail: Gmail,
}

impl Post {
    /// With both scopes that an outbox wants.
    pub(crate) fn new() -> Self {
        Self::granting(&[COMPOSE, READONLY])
    }

    pub(crate) fn granting(scopes: &[&str]) -> Self {
        let gmail = Gmail::builder().token("at", scopes.iter().copied()).start().unwrap();
        let secrets = Secrets::granting(&scopes.join(" "));
        let post = Self { folder: tempfile::tempdir().unwrap(), secrets, gmail };
        post.write("body.txt", "Can you come?\n");
        post
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// Runs an example as a stranger does, who has no account.
    pub(crate) fn run(&self, example: &str, arguments: &[&str]) -> Ended {
        self.run_with(example, arguments, &[])
    }

    pub(crate) fn run_with(
        &self,
        example: &str,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Ended {
        Ended::of(command(example, self.folder(), environment).args(arguments))
    }

    /// Runs an example with the account and the Gmail; no secret is among what it says.
    pub(crate) fn run_by_gmail(&self, example: &str, arguments: &[&str]) -> Ended {
        let endpoint = self.gmail.endpoint();
        let environment =
            [("JADA_SECRETS_DIR", self.secrets.folder()), ("JADA_GOOGLE_ENDPOINT", &endpoint)];
        let ended = self.run_with(example, arguments, &environment);
        for secret in self.secrets.all() {
            let said = format!("{}{}", ended.stdout, ended.stderr);
            assert!(!said.contains(&secret), "a secret is told: {said}");
        }
        ended
    }

    /// Sends a mail of this key by Gmail.
    pub(crate) fn send(&self, key: &str, more: &[&str]) -> Ended {
        let mail = ["--from", "crew@example.com", "--to", "Ada <ada@example.com>", "--subject"];
        let rest = ["Morning sail", "--text", "body.txt", "--via", "gmail", "--key", key];
        self.run_by_gmail("send_mail", &[&mail[..], &rest, more].concat())
    }

    /// What `outbox status` says of the only mail there is, and how it ended.
    pub(crate) fn only_mail(&self) -> (i32, Value) {
        let ended = self.run("outbox", &["status", "--json"]);
        let mut status: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(status["mails"].as_array().unwrap().len(), 1, "{status}");
        (ended.status, status["mails"][0].take())
    }
}
