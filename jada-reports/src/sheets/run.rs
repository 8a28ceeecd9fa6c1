//! A sync, round by round, until the tab is as the input wants it.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use jada_auth::{ApiUrl, Call};
use serde::de::DeserializeOwned;

use super::SheetSync;
use super::a1::{address, quoted};
use super::batch;
use super::doubt::Doubt;
use super::entered::Entered;
use super::grid::{Grid, at};
use super::layout::Layout;
use super::plan::Plan;
use super::report::{ChangedRow, SyncReport};
use super::wanted::Wanted;
use super::wire::{Spreadsheet, TAB, TITLES, Updated, WRITTEN};
use crate::error::Error;

/// What became of a round.
pub(super) enum Round {
    /// The tab is as the input wants it.
    Settled,
    /// It was written, and has to be looked at again.
    Unsettled,
}

/// A sync under way.
pub(super) struct Run<'a> {
    sync: &'a SheetSync,
    wanted: &'a Wanted,
    /// Of the last write, unless it is known to be right.
    doubt: &'a mut Option<Doubt>,
    /// Whether the last write was.
    refused: bool,
    tally: Tally,
}

/// What was found and done over all rounds.
#[derive(Default)]
struct Tally {
    added: BTreeSet<usize>,
    changed: BTreeSet<(usize, usize)>,
    removed: Vec<String>,
    restored: Vec<String>,
    /// As the last round found them.
    vanished: Vec<String>,
    keyless: Vec<String>,
    cells: usize,
    requests: usize,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        sync: &'a SheetSync,
        wanted: &'a Wanted,
        doubt: &'a mut Option<Doubt>,
    ) -> Self {
        Self { sync, wanted, doubt, refused: false, tally: Tally::default() }
    }

    /// Reads the tab, and writes to it what is missing there.
    pub(super) async fn round(&mut self) -> Result<Round, Error> {
        let Self { sync, wanted, .. } = *self;
        let mut grid = self.read(&quoted(&sync.tab)).await?;
        let (restored, earlier) = match self.doubt.as_ref() {
            Some(doubt) => doubt.restorations(&grid, &sync.columns, wanted),
            None => Default::default(),
        };
        let below = grid.used_rows();
        for ((row, column), cell) in &restored {
            grid.set(*row, *column, cell.clone());
        }
        let mut plan = match grid.used_rows() {
            0 if wanted.is_of_none() => Plan::default(),
            0 => Plan::of_empty(wanted, &sync.columns),
            _ => {
                let layout =
                    Layout::of(&grid, &sync.columns).map_err(|what| sync.tab_error(what))?;
                Plan::of(&grid, &layout, wanted, &sync.columns)
            }
        };
        if let Some(insertion) = &mut plan.insertion {
            insertion.row = insertion.row.max(below);
        }
        for (place, cell) in &restored {
            plan.cells.entry(*place).or_insert_with(|| cell.clone());
        }
        self.tally.found(&plan);
        if plan.is_empty() {
            *self.doubt = None;
            return Ok(Round::Settled);
        }
        let places = restored.keys().map(|(row, column)| address(*row, *column));
        let restored: Vec<String> = places.collect();
        let doubt = Doubt::new(earlier, grid, plan);
        self.write(doubt, restored).await
    }

    /// Reads the header alone.
    pub(super) async fn header(&mut self) -> Result<Vec<String>, Error> {
        Ok(self.read(&format!("{}!1:1", quoted(&self.sync.tab))).await?.header())
    }

    async fn read(&mut self, range: &str) -> Result<Grid, Error> {
        let sync = self.sync;
        let call = sync.google.get(sync.url("")?);
        let call = call.query("ranges", range).query("fields", TAB);
        let read: Result<Spreadsheet, _> = self.fetch(call.answer_limit(ANSWER_LIMIT)).await;
        let sheet = match read {
            Ok(spreadsheet) => {
                let mut sheets = spreadsheet.sheets.into_iter();
                sheets.find(|sheet| sheet.properties.title == sync.tab)
            }
            Err(jada_auth::Error::Api { status: 400, .. }) => None,
            Err(failure) => return Err(sync.google_error("reading", failure)),
        };
        match sheet.map(|sheet| sheet.grid()) {
            Some(Some(grid)) => Ok(grid),
            Some(None) => Err(sync.tab_error("it has no cells; name another".to_owned())),
            None => Err(self.missing().await),
        }
    }

    /// There is no tab of that name.
    async fn missing(&mut self) -> Error {
        let sync = self.sync;
        let url = match sync.url("") {
            Ok(url) => url,
            Err(refused) => return refused,
        };
        let read = self.fetch(sync.google.get(url).query("fields", TITLES)).await;
        match read {
            Ok(Spreadsheet { sheets }) => {
                let titles = sheets.iter().map(|sheet| format!("`{}`", sheet.properties.title));
                let titles: Vec<_> = titles.collect();
                sync.tab_error(format!(
                    "the spreadsheet has no such tab; it has {}",
                    titles.join(", ")
                ))
            }
            Err(failure) => sync.google_error("looking for", failure),
        }
    }

    /// One atomic request. Before it is sent, it is in doubt.
    async fn write(&mut self, doubt: Doubt, restored: Vec<String>) -> Result<Round, Error> {
        let sync = self.sync;
        let body = batch::body(&doubt.plan, &doubt.before, &sync.tab, &sync.columns);
        let call = sync.google.post(sync.url(":batchUpdate")?).query("fields", WRITTEN);
        let call = call.json(&body).answer_limit(ANSWER_LIMIT);
        let doubt = self.doubt.insert(doubt);
        self.tally.requests += 1;
        let written: Result<Updated, _> = call.query("prettyPrint", "false").fetch().await;
        if written.as_ref().err().is_none_or(jada_auth::Error::may_have_been_executed) {
            self.tally.did(&doubt.plan, restored);
        }
        let was_refused = std::mem::replace(&mut self.refused, is_refused(&written));
        if self.refused && !was_refused {
            tracing::debug!(tab = sync.tab, "a write was refused: another round");
            return Ok(Round::Unsettled);
        }
        let written = written.map_err(|failure| sync.google_error("writing to", failure))?;
        let mut sheets = written.updated_spreadsheet.sheets.into_iter();
        let mut ranges = sheets.next().into_iter().flat_map(|sheet| sheet.ranges());
        let header = ranges.next().and_then(|rows| rows.into_iter().next()).unwrap_or_default();
        let keys = ranges.next().unwrap_or_default();
        if doubt.is_settled(&header, &keys) {
            let there = keys.iter().skip(1).filter_map(|row| at(row, 0).name()).collect();
            self.tally.stayed(&doubt.plan, &there);
            *self.doubt = None;
            // Of rows that were not written, one may have been deleted since the tab was read.
            return Ok(if self.wanted.are_in(&there) { Round::Settled } else { Round::Unsettled });
        }
        let name = |cell: &Entered| cell.name().unwrap_or_default();
        doubt.answered(header.iter().map(name).collect());
        tracing::debug!(tab = sync.tab, "rows or columns were moved: another round");
        Ok(Round::Unsettled)
    }

    async fn fetch<T: DeserializeOwned>(&mut self, call: Call) -> Result<T, jada_auth::Error> {
        self.tally.requests += 1;
        call.query("prettyPrint", "false").fetch().await
    }

    pub(super) fn report(self) -> SyncReport {
        let Self { sync, wanted, tally, .. } = self;
        let key = |row: &usize| wanted.keys[*row].clone();
        let names: Vec<&str> = sync.columns.iter().map(|column| column.name()).collect();
        let mut changed: Vec<ChangedRow> = Vec::new();
        for (row, column) in tally.changed.iter().filter(|(row, _)| !tally.added.contains(row)) {
            let (key, column) = (key(row), names[*column].to_owned());
            match changed.last_mut().filter(|last| last.key == key) {
                Some(last) => last.columns.push(column),
                None => changed.push(ChangedRow { key, columns: vec![column] }),
            }
        }
        let mut removed = tally.removed;
        removed.retain(|key| !tally.vanished.contains(key));
        SyncReport {
            added: tally.added.iter().map(key).collect(),
            unchanged: wanted.keys.len() - tally.added.len() - changed.len(),
            changed,
            vanished: tally.vanished,
            removed,
            keyless: tally.keyless,
            restored: tally.restored,
            cells: tally.cells,
            requests: tally.requests,
        }
    }
}

impl Tally {
    fn found(&mut self, plan: &Plan) {
        self.vanished.clone_from(&plan.vanished);
        self.keyless.clone_from(&plan.keyless);
    }

    /// Whose key was typed anew before it was cleared, or is a number that is shown otherwise, stays.
    fn stayed(&mut self, plan: &Plan, there: &HashSet<String>) {
        let removed = plan.removed.iter().map(|(key, _)| key);
        let stayed: Vec<_> = removed.filter(|key| there.contains(*key)).cloned().collect();
        self.cells -= stayed.len();
        self.vanished.extend(stayed);
    }

    fn did(&mut self, plan: &Plan, restored: Vec<String>) {
        self.added.extend(&plan.added);
        let cells = |(row, columns): &(usize, Vec<usize>)| {
            let row = *row;
            columns.clone().into_iter().map(move |column| (row, column))
        };
        self.changed.extend(plan.changed.iter().flat_map(cells));
        for (key, _) in &plan.removed {
            if !self.removed.contains(key) {
                self.removed.push(key.clone());
            }
        }
        self.restored.extend(restored);
        self.cells += plan.count();
    }
}

impl SheetSync {
    fn url(&self, method: &str) -> Result<ApiUrl, Error> {
        let template = format!("{SPREADSHEETS}/{{}}{method}");
        ApiUrl::fill(&template, [&self.spreadsheet])
            .map_err(|refused| self.google_error("addressing", refused))
    }

    fn tab_error(&self, what: String) -> Error {
        Error::Tab { tab: self.tab.clone(), what }
    }

    /// A sync may be done again whatever failed: it looks first.
    fn google_error(&self, doing: &str, failure: jada_auth::Error) -> Error {
        let failure = match failure {
            jada_auth::Error::Ambiguous { request, source, .. } => {
                jada_auth::Error::Ambiguous { request, repeatable: true, source }
            }
            jada_auth::Error::Api { request, status, reason, message, retry_after, .. } => {
                let (repeatable, after_doubt) = (true, false);
                jada_auth::Error::Api {
                    request,
                    status,
                    reason,
                    message,
                    retry_after,
                    repeatable,
                    after_doubt,
                }
            }
            other => other,
        };
        let doing = format!("{doing} the tab `{}`", self.tab);
        Error::Google { doing, source: Box::new(failure) }
    }
}

/// The pauses between rounds that failed: with full jitter, and longer each time.
pub(super) struct Pauses {
    ceiling: Duration,
    left: u32,
}

impl Pauses {
    pub(super) fn new(backoff: Duration) -> Self {
        Self { ceiling: backoff, left: FAILURES }
    }

    /// # Errors
    ///
    /// `failure`, where the next round would fare no better for now.
    pub(super) async fn after(&mut self, failure: Error) -> Result<(), Error> {
        let wait = failure.retry_after().unwrap_or_default();
        if self.left == 0 || !heals_soon(&failure) || wait > LONGEST_WAIT {
            return Err(failure);
        }
        self.left -= 1;
        let pause = wait + self.ceiling.mul_f64(fastrand::f64());
        self.ceiling *= 2;
        tracing::debug!(%failure, ?pause, "another round");
        tokio::time::sleep(pause).await;
        Ok(())
    }
}

/// As it is where a place that was read is not in the tab any more, since rows were deleted.
fn is_refused<T>(written: &Result<T, jada_auth::Error>) -> bool {
    matches!(written, Err(jada_auth::Error::Api { status: 400, .. }))
}

/// Within seconds, and not by the tries that the client makes by itself.
fn heals_soon(failure: &Error) -> bool {
    let Error::Google { source, .. } = failure else { return false };
    match &**source {
        jada_auth::Error::Ambiguous { .. } | jada_auth::Error::Decode { .. } => true,
        jada_auth::Error::Api { reason, .. } => {
            let tomorrow = ["dailyLimitExceeded", "quotaExceeded"];
            source.is_transient() && !reason.as_deref().is_some_and(|it| tomorrow.contains(&it))
        }
        _ => false,
    }
}

const SPREADSHEETS: &str = "https://sheets.googleapis.com/v4/spreadsheets";
/// Bytes: a tab of a million cells is some 60 MB of JSON.
const ANSWER_LIMIT: usize = 512 * 1024 * 1024;
/// How many rounds may fail in a sync before it does.
const FAILURES: u32 = 4;
const LONGEST_WAIT: Duration = Duration::from_secs(60);
