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
    let stdin = io::stdin();
    // Dropped when a signal comes as well, so that the terminal shows again what is typed.
    let _hidden = stdin.is_terminal().then(|| Hidden::new(stdin, prompt)).transpose()?;
    unless_stopped(async { spawn_blocking(read).await?.context("stdin cannot be read") }).await
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
    fn new(terminal: Stdin, prompt: &str) -> io::Result<Self> {
        let shown = tcgetattr(&terminal)?;
        let mut hidden = shown.clone();
        hidden.local_modes -= LocalModes::ECHO;
        tcsetattr(&terminal, OptionalActions::Flush, &hidden)?;
        warn(&prompt);
        Ok(Self(terminal, shown))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // Nothing is left to do for a terminal that has gone away.
        let _ = tcsetattr(&self.0, OptionalActions::Flush, &self.1);
    }
}

const LIMIT: usize = 4096;
