//! The health as its file says, brought up to the journal where a crash or damage came between.

use jiff::Timestamp;

use super::Health;
use super::health::Found;
use super::journal::{Entry, Journal};
use crate::error::Error;
use crate::failure::Failure;
use crate::folder::Folder;

/// The health of the job whose folder this is. Who asks has the folder to itself.
pub(super) fn recovered(folder: &Folder, job: &str, now: Timestamp) -> Result<Health, Error> {
    match Health::find(folder)? {
        Found::Whole(health) => caught_up(own(*health, folder, job)?, folder),
        Found::Nothing => begun(folder, job, now),
        Found::Damaged(what) => rebuilt(folder, job, &what, now),
    }
}

/// A run that is in the journal came to its end, though a crash kept that from the health.
fn caught_up(mut health: Health, folder: &Folder) -> Result<Health, Error> {
    let Some(began) = health.running_since else { return Ok(health) };
    let last = Journal::new(folder.clone()).last()?;
    if let Some(entry) = last.filter(|last| last.started == began && last.job == health.job) {
        health.record(&entry);
        health.save(folder)?;
    }
    Ok(health)
}

/// That of a new job, unless somebody took the file away from one that has a journal.
fn begun(folder: &Folder, job: &str, now: Timestamp) -> Result<Health, Error> {
    let Some(health) = of_journal(folder)? else { return Ok(Health::new(folder, job, now)) };
    let health = own(health, folder, job)?;
    health.save(folder)?;
    Ok(health)
}

/// What the file said is lost, such as that a run was under way, so it counts as a bad run.
fn rebuilt(
    folder: &Folder,
    job: &str,
    what: &serde_json::Error,
    now: Timestamp,
) -> Result<Health, Error> {
    let Some(health) = of_journal(folder)? else { return Err(Health::damaged(folder, what)) };
    let mut health = own(health, folder, job)?;
    let why = Failure::transient(Health::was_rebuilt(what));
    let entry = Entry::new(job, now, now, Err(why));
    Journal::new(folder.clone()).append(&entry)?;
    Health::set_aside(folder)?;
    health.record(&entry);
    health.save(folder)?;
    Ok(health)
}

/// What the runs on record add up to; none where there are none. Nobody knows who has heard of the
/// last incident, so it is told again.
fn of_journal(folder: &Folder) -> Result<Option<Health>, Error> {
    let entries = Journal::new(folder.clone()).entries()?;
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(None) };
    let mut health = Health::new(folder, &last.job, first.started);
    entries.iter().for_each(|entry| health.record(entry));
    let since = health.failing_since;
    health
        .untold
        .retain(|untold| Some(untold.incident.since) == since || untold.incident.at == last.ended);
    Ok(Some(health))
}

fn own(health: Health, folder: &Folder, job: &str) -> Result<Health, Error> {
    if health.job == job {
        return Ok(health);
    }
    let (folder, job) = (folder.path().to_owned(), job.to_owned());
    Err(Error::OtherJob { folder, job, found: health.job })
}
