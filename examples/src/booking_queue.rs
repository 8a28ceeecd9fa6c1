//! Changes of bookings that wait in a folder, and are brought to a tab as they come.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::path::Path;
use std::time::Duration;

use jada_reports::{
    Change, ChangeQueue, Drained, Error, Failure, Few, QueueStatus, SyncBrief, SyncReport, Waiting,
};
use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::booking_change::sorted;
use crate::{Progress, SyncedTab};

/// The queue in the folder of a state.
///
/// # Errors
/// A folder that cannot be made, or that others can look into.
pub fn booking_queue(state: &Path) -> Result<ChangeQueue, Error> {
    ChangeQueue::open(state.join("changes"))
}

/// How it stands with a queue.
///
/// # Errors
/// That changes were given up, which a person decides; that changes wait, and why.
pub fn check_queue(status: &QueueStatus) -> Result<(), Failure> {
    match (&status.dead[..], &status.damaged[..], &status.waiting[..]) {
        ([], [], []) => Ok(()),
        ([], [], [first, ..]) => Err(waits(status.waiting.len(), first)),
        ([], damaged, _) => Err(Failure::needs_person(damaged.join("; "))),
        ([first, ..], ..) => Err(given_up(status.dead.len(), first)),
    }
}

fn waits(count: usize, first: &Waiting) -> Failure {
    let wait =
        if count == 1 { "1 change waits".to_owned() } else { format!("{count} changes wait") };
    match first.failure.clone() {
        Some(failure) => {
            let mut failure = with(&format!("{wait}: "), failure);
            if let Some(until) = first.not_before {
                failure.why += &format!("; it is tried again from {until:.0}");
            }
            failure
        }
        None => Failure::transient(wait)
            .with_mend("`booking_changes drain` brings what waits to the tab"),
    }
}

/// The same, with this before the reason.
fn with(what: &str, mut failure: Failure) -> Failure {
    failure.why.insert_str(0, what);
    failure
}

fn given_up(count: usize, first: &Waiting) -> Failure {
    let why = match count {
        1 => "1 change was given up".to_owned(),
        count => format!("{count} changes were given up, the first"),
    };
    let key = &first.key;
    let reason = first.failure.as_ref().map_or("", |failure| &failure.why);
    Failure::needs_person(format!("{why}: `{key}`: {reason}")).with_mend(format!(
        "`booking_changes status` lists them, `revive {key}` tries it again, `discard {key}` drops it"
    ))
}

/// Brings what waits to a tab.
#[derive(Debug)]
pub struct Drainer {
    queue: ChangeQueue,
    tab: SyncedTab,
    /// The latest change before the last run.
    seen: Cell<u64>,
    /// When what failed may be tried again.
    next: Cell<Option<Timestamp>>,
    /// Whether the last write failed by what time heals: what comes then waits as well.
    ails: Cell<bool>,
}

/// What a run brought to the tab.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Brought {
    /// The ids of bookings whose change was applied.
    pub applied: Vec<String>,
    /// What that did to the tab.
    pub report: SyncReport,
}

impl Drainer {
    /// From that queue to this tab.
    #[must_use]
    pub fn new(queue: ChangeQueue, tab: SyncedTab) -> Self {
        Self { queue, tab, seen: Cell::default(), next: Cell::default(), ails: Cell::default() }
    }

    /// The tab.
    #[must_use]
    pub fn tab(&self) -> &SyncedTab {
        &self.tab
    }

    /// Brings all that is due to the tab, many changes at once.
    ///
    /// # Errors
    /// Why something still waits that was tried, or what was given up; the rest was applied.
    pub async fn drain(&self, progress: &Progress) -> Result<Brought, Failure> {
        self.next.set(None);
        self.ails.set(false);
        self.seen.set(self.queue.latest()?);
        let report = RefCell::new(SyncReport::default());
        let bring = async |changes: Vec<Change>| {
            progress.now(format!("bringing {} changes to `{}`", changes.len(), self.tab.name()));
            let (booked, deleted) = sorted(&changes)?;
            let applied = self.tab.apply(&booked, &deleted).await;
            report.borrow_mut().add(self.noted(applied.map_err(|it| Failure::of(it.as_ref())))?);
            Ok::<_, Failure>(())
        };
        let drained = self.queue.drain_batches(BATCH, bring).await?;
        self.next.set(drained.next.filter(|_| drained.stopped.is_none()));
        self.verdict(drained, report.into_inner())
    }

    fn noted(&self, written: Result<SyncReport, Failure>) -> Result<SyncReport, Failure> {
        self.ails.set(written.as_ref().is_err_and(Failure::is_transient));
        written
    }

    fn verdict(&self, drained: Drained, report: SyncReport) -> Result<Brought, Failure> {
        let mut status = self.queue.status()?;
        // What was pushed meanwhile is for the next run.
        status.waiting.retain(|change| change.failure.is_some());
        let verdict = match (drained.stopped, &status.waiting[..]) {
            (Some(stopped), _) => Err(stopped),
            (None, [first, ..]) => Err(waits(status.waiting.len(), first)),
            (None, []) => check_queue(&status),
        };
        match verdict {
            Ok(()) => Ok(Brought { applied: drained.applied, report }),
            Err(failure) if drained.applied.is_empty() => Err(failure),
            Err(failure) => Err(with(&format!("{} applied; ", drained.applied.len()), failure)),
        }
    }

    /// Ready when a change was pushed since the last run began, or may be tried again. While the tab
    /// cannot be written for now, what is pushed makes nothing due: its pauses are not cut short.
    pub async fn change_is_due(&self) {
        loop {
            tokio::time::sleep(LOOK).await;
            if self.is_due() {
                return;
            }
        }
    }

    /// What keeps the queue from being read is told by the next run.
    fn is_due(&self) -> bool {
        let is_new = || self.queue.latest().is_ok_and(|latest| latest != self.seen.get());
        let may_be_tried = self.next.get().is_some_and(|next| next <= Timestamp::now());
        may_be_tried || (!self.ails.get() && is_new())
    }
}

/// In short, for a journal: how many, and the first of them.
impl Serialize for Brought {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Short {
            applied: Few,
            #[serde(flatten)]
            tab: SyncBrief,
        }
        Short { applied: Few::of(&self.applied), tab: self.report.brief() }.serialize(serializer)
    }
}

impl fmt::Display for Brought {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} applied: {}", self.applied.len(), self.report)
    }
}

/// How many changes are one write.
const BATCH: usize = 500;
/// How soon a change is seen that comes.
const LOOK: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::{BookingChange, TabArgs};

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        tab: TabArgs,
        #[arg(long)]
        check: bool,
    }

    #[test]
    fn what_is_pushed_makes_nothing_due_while_the_tab_cannot_be_written_for_now() {
        let folder = tempfile::tempdir().unwrap();
        let queue = booking_queue(folder.path()).unwrap();
        let Cli { tab, check } = Cli::parse_from(["drain", "--sheet", "book", "--tab", "Bookings"]);
        let drainer = Drainer::new(queue.clone(), tab.tab(folder.path()));
        assert!(!drainer.is_due() && !check);
        queue.push("C-1", &BookingChange::Deleted).unwrap();
        assert!(drainer.is_due());
        let busy = Failure::transient("busy").with_retry_after(Duration::from_secs(7200));
        drainer.noted(Err(busy)).unwrap_err();
        assert!(!drainer.is_due(), "its pause is not cut short");
        drainer.next.set(Some(Timestamp::now()));
        assert!(drainer.is_due(), "a change is tried again after its own pause");
        drainer.next.set(None);
        drainer.noted(Err(Failure::needs_person("no such tab"))).unwrap_err();
        assert!(drainer.is_due(), "whatever needs a person holds no other change up");
    }
}
