//! What became of bookings, from a file, from stdin or by ids, put on disk.

use std::fmt;
use std::io;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use jada_reports::{ChangeQueue, Error};
use serde::Serialize;

use crate::BookingChange;

/// The flag by which an operator says where changes wait.
#[derive(Args, Clone, Debug)]
pub struct ChangesArgs {
    /// The folder in which changes wait
    #[arg(long, value_name = "DIR", default_value = "booking-changes")]
    state: PathBuf,
}

/// The flags by which is told what became of bookings.
#[derive(Args, Clone, Debug)]
pub struct PushArgs {
    /// Bookings that are new or changed, as JSON: a file, or `-` for stdin [default: stdin, unless
    /// --deleted is said]
    file: Option<PathBuf>,
    /// The id of a booking that was deleted, repeatable
    #[arg(long, value_name = "ID", value_parser = booking_id)]
    deleted: Vec<String>,
    #[command(flatten)]
    changes: ChangesArgs,
}

/// What was pushed.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Pushed {
    /// The ids of the bookings, in the order in which they were told.
    pub pushed: Vec<String>,
}

impl ChangesArgs {
    /// The queue.
    ///
    /// # Errors
    /// A folder that cannot be made, or that others can look into.
    pub fn queue(&self) -> Result<ChangeQueue, Error> {
        crate::booking_queue(&self.state)
    }
}

impl PushArgs {
    /// Pushes it. When this returns all of it is on disk.
    ///
    /// # Errors
    /// What is no JSON or has no id: nothing was pushed. A disk that does not take it: what was
    /// pushed by then is there, and again does no harm.
    pub fn push(self) -> anyhow::Result<Pushed> {
        let mut told = match (&self.file, &self.deleted[..]) {
            (None, [_, ..]) => Vec::new(),
            _ => BookingChange::of_json(&self.text()?)?,
        };
        told.extend(self.deleted.into_iter().map(|id| (id, BookingChange::Deleted)));
        let queue = self.changes.queue()?;
        for (done, (id, change)) in told.iter().enumerate() {
            let of = told.len();
            queue
                .push(id, change)
                .with_context(|| format!("{done} of {of} changes are on disk"))?;
        }
        Ok(Pushed { pushed: told.into_iter().map(|(id, _)| id).collect() })
    }

    fn text(&self) -> anyhow::Result<String> {
        match self.file.as_ref().filter(|file| file.as_os_str() != "-") {
            None => io::read_to_string(io::stdin()).context("stdin cannot be read"),
            Some(file) => std::fs::read_to_string(file)
                .with_context(|| format!("`{}` cannot be read", file.display())),
        }
    }
}

/// Without the spaces around it, as the id of a booking is read.
fn booking_id(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("expected the id of a booking, such as `C-7`".to_owned()),
        id => Ok(id.to_owned()),
    }
}

impl fmt::Display for Pushed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pushed.len() {
            1 => f.write_str("1 change is on disk"),
            count => write!(f, "{count} changes are on disk"),
        }
    }
}
