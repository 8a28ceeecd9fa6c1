//! A secret from stdin: neither the arguments nor the shell's history ever hold it.

use std::io::{self, IsTerminal, Read, Stdin};

use anyhow::Context;
use jada_auth::Secret;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::task::spawn_blocking;

use crate::{output::warn, unless_stopped};

/// Reads a secret from stdin: a line that is not shown where that is a terminal, else all of it.
/// White space around it is no part of it.
///
/// # Errors
/// When stdin cannot be read or holds more than 4 KiB; when a signal comes first.
pub async fn secret_from_stdin(prompt: &str) -> anyhow::Result<Secret> {
    unless_stopped(async {
        // Not before a signal would be noticed, and dropped when one comes: a terminal that goes on
        // hiding what is typed is of no use.
        let _hidden = Hidden::where_terminal(io::stdin(), prompt)?;
        spawn_blocking(read).await?.context("stdin cannot be read; give it one key, as text")
    })
    .await
}

fn read() -> io::Result<Secret> {
    let stdin = io::stdin();
    // With room for all of it, since a `String` that grows leaves copies behind.
    let mut text = String::with_capacity(LIMIT + 1);
    match stdin.is_terminal() {
        true => stdin.read_line(&mut text)?,
        false => stdin.take(LIMIT as u64 + 1).read_to_string(&mut text)?,
    };
    let all = Secret::new(text);
    match all.expose().len() {
        ..=LIMIT => Ok(all.expose().trim().into()),
        _ => Err(io::Error::other("it is longer than 4 KiB")),
    }
}

/// Keeps a terminal from showing what is typed.
struct Hidden(Stdin, Termios);

impl Hidden {
    fn where_terminal(stdin: Stdin, prompt: &str) -> io::Result<Option<Self>> {
        if !stdin.is_terminal() {
            return Ok(None);
        }
        let shown = tcgetattr(&stdin)?;
        let mut hidden = shown.clone();
        hidden.local_modes -= LocalModes::ECHO;
        tcsetattr(&stdin, OptionalActions::Flush, &hidden)?;
        warn(&prompt);
        Ok(Some(Self(stdin, shown)))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // Nothing is left to do for a terminal that has gone away.
        let _ = tcsetattr(&self.0, OptionalActions::Flush, &self.1);
    }
}

const LIMIT: usize = 4096;
