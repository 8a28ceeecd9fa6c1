//! Results on stdout, for a person or as JSON for a program; the rest on stderr.

use std::fmt::Display;
use std::io::{self, Write};

use anyhow::Context;
use serde::Serialize;

/// Prints a result as text, or as one JSON object on one line.
///
/// # Errors
/// When stdout cannot be written; a reader that has gone away (`| head`) is none.
pub fn print<T: Display + Serialize>(result: &T, json: bool) -> anyhow::Result<()> {
    let text = if json { serde_json::to_string(result)? } else { result.to_string() };
    print_bytes(format!("{text}\n").as_bytes())
}

/// Prints bytes as they are.
///
/// # Errors
/// As [`print()`].
pub fn print_bytes(bytes: &[u8]) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("stdout cannot be written")
        }
        _ => Ok(()),
    }
}

/// Says something on stderr; where that is gone, nobody listens, and the work goes on.
pub fn warn(line: &impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}
