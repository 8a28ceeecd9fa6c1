//! Which tab of availability is read, and for which crew.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use clap::Args;
use jada_auth::GoogleClient;
use jada_roster::{
    Aliases, AvailabilitySync, CrewReading, DayState, DynamoRoster, MemoryRoster, Month, MonthTab,
    OnConflict, RosterRepository, TabLayout, TabWords, import_crew,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::account::Account;
use crate::{
    AVAILABILITY, AvailabilityCounts, AvailabilitySummary, CREW, Log, Progress, SecretsArgs, Store,
    StoreArgs, spreadsheet_id,
};

/// The flags by which an operator says which tab is read, and for which crew.
#[derive(Args, Clone, Debug)]
pub struct AvailabilityArgs {
    /// Read a tab of this Google spreadsheet, by its address or the id that stands there
    #[arg(long, value_name = "ID", value_parser = spreadsheet_id, conflicts_with = "file")]
    sheet: Option<String>,
    /// Read this file, .csv or .xlsx, anew each time [default: a bundled month, for a fictional crew
    /// in memory]
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The month [default: the one that it is in --time-zone, where the tab says that it is of it]
    #[arg(long, value_name = "YYYY-MM")]
    month: Option<Month>,
    /// The tab, by its title, in which {month}, {mm} and {year} stand for those of the month
    /// [default: the one that is named by the month, such as `May 2026`]
    #[arg(long, value_name = "TITLE")]
    tab: Option<String>,
    /// The heading of the key column, if it is not crew_id, id or key, such as email
    #[arg(long, value_name = "HEADING")]
    key: Option<String>,
    /// The heading of the name column, if it is not name, crew, crew member or full name
    #[arg(long, value_name = "HEADING")]
    name: Option<String>,
    /// Which way the days run: across, a person being a row, or down
    #[arg(long, value_name = "WAY", value_parser = layout)]
    layout: Option<TabLayout>,
    /// A word of the sheet that is as a blank cell, such as n/a; repeatable
    #[arg(long = "blank", value_name = "WORD")]
    blanks: Vec<String>,
    /// What stands in place of a name in rows that are nobody's, such as Captains; repeatable
    #[arg(long, value_name = "NAME")]
    pass_over: Vec<String>,
    /// A word of the sheet and what it says of a day, such as frei=yes; repeatable
    #[arg(long = "word", value_name = "WORD=STATE", value_parser = declared_word)]
    words: Vec<(String, DayState)>,
    /// What members are called in the sheet: a .csv with the columns alias and crew_id
    #[arg(long, value_name = "FILE")]
    aliases: Option<PathBuf>,
    /// Say what would be done, and write nothing
    #[arg(long, conflicts_with_all = ["every", "check"])]
    dry_run: bool,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    secrets: SecretsArgs,
}

/// An office's sheet, the crew that it is of, and the account by which it is read.
#[derive(Debug)]
pub struct AvailabilityOffice {
    args: AvailabilityArgs,
    time_zone: TimeZone,
    account: Account,
}

impl AvailabilityArgs {
    /// The office, in a time zone in which months begin. Nothing is read or asked yet.
    ///
    /// # Errors
    /// A crew without a sheet, or a sheet without a crew.
    pub fn office(self, time_zone: &TimeZone) -> anyhow::Result<AvailabilityOffice> {
        let names_store = self.store.store() != Store::Memory;
        match self.names_tab() {
            true => ensure!(
                names_store,
                "it was not said where the crew is kept; --db FILE or --dynamodb says it"
            ),
            false => ensure!(
                !names_store,
                "it was not said what is read; --sheet ID or --file FILE says it"
            ),
        }
        let time_zone = time_zone.clone();
        Ok(AvailabilityOffice { args: self, time_zone, account: Account::default() })
    }

    fn names_tab(&self) -> bool {
        self.sheet.is_some() || self.file.is_some()
    }

    fn words(&self) -> TabWords {
        let words = TabWords::new();
        let words = self.tab.iter().fold(words, |words, title| words.with_tab(title));
        let words = self.key.iter().fold(words, |words, heading| words.with_key(heading));
        let words = self.name.iter().fold(words, |words, heading| words.with_name(heading));
        let words = self.layout.iter().fold(words, |words, layout| words.with_layout(*layout));
        let words = self.blanks.iter().fold(words, |words, word| words.with_blank(word));
        let words = self.pass_over.iter().fold(words, |words, it| words.with_passed_over(it));
        self.words.iter().fold(words, |words, (word, state)| words.with_word(word, *state))
    }

    /// Whether the month is named by the operator, or by the title of the tab that is looked for.
    fn name_month(&self) -> bool {
        let is_csv = self.file.as_deref().is_some_and(|file| ending(file) == Some("csv"));
        let is_titled = !is_csv && self.tab.as_ref().is_none_or(|title| title.contains('{'));
        self.month.is_some() || !self.names_tab() || is_titled
    }

    fn aliases(&self) -> anyhow::Result<Aliases> {
        let Some(path) = &self.aliases else { return Ok(Aliases::default()) };
        Ok(Aliases::of_csv(&name_of(path), &read(path)?)?)
    }
}

impl AvailabilityOffice {
    /// What tells its sync from that of any other sheet.
    #[must_use]
    pub fn job(&self) -> String {
        let file = || self.args.file.as_deref().map(name_of);
        let sheet = self.args.sheet.clone().or_else(file).unwrap_or_default();
        format!("availability-sync {sheet}")
    }

    /// Whether a run of it is to be on record: not one that writes nothing, or to memory.
    #[must_use]
    pub fn is_on_record(&self) -> bool {
        self.args.names_tab() && !self.args.dry_run
    }

    /// Brings what is new in the tab to the crew, and prints what that was.
    ///
    /// # Errors
    /// A tab or a crew that cannot be read. What could not be taken, or not be written; the rest is.
    pub async fn sync(
        &self,
        progress: &Progress,
        log: Log,
        json: bool,
    ) -> anyhow::Result<AvailabilityCounts> {
        let (roster, aliases) = (self.roster().await?, self.args.aliases()?);
        progress.now("reading the tab");
        let tab = self.tab().await?;
        ensure!(
            tab.names_its_month() || self.args.name_month(),
            "the tab does not say of which month its days are; --month YYYY-MM says it, or May 2026 \
             above them"
        );
        progress.now(format!("comparing {} people with the crew", tab.people().len()));
        let sync = AvailabilitySync::read(&*roster, &tab, &aliases).await?;
        let summary = if self.args.dry_run {
            AvailabilitySummary::planned(sync.report())
        } else {
            progress.now(format!("writing {} members", sync.report().written.len()));
            AvailabilitySummary::done(sync.write(&*roster).await)
        };
        summary.show(log, json)?;
        summary.check()
    }

    async fn roster(&self) -> anyhow::Result<Box<dyn RosterRepository>> {
        if !self.args.names_tab() {
            let roster = MemoryRoster::new();
            let rows = CrewReading::of("crew.csv", CREW.as_bytes())?.complete()?;
            import_crew(&roster, rows, OnConflict::Refuse).await?;
            return Ok(Box::new(roster));
        }
        let store = self.args.store.store();
        store.check_exists("add_crew")?;
        Ok(Box::new(DynamoRoster::new(store.client().await?)))
    }

    fn month(&self) -> anyhow::Result<Month> {
        match self.args.month {
            Some(month) => Ok(month),
            None if !self.args.names_tab() => Ok(BUNDLED_MONTH.parse()?),
            None => Ok(Month::of(Timestamp::now().to_zoned(self.time_zone.clone()).date())?),
        }
    }

    async fn tab(&self) -> anyhow::Result<MonthTab> {
        let (month, words) = (self.month()?, self.args.words());
        if let Some(sheet) = &self.args.sheet {
            return Ok(MonthTab::from_sheet(&self.google().await?, sheet, month, &words).await?);
        }
        let Some(path) = &self.args.file else {
            return Ok(MonthTab::from_csv(BUNDLED, AVAILABILITY.as_bytes(), month, &words)?);
        };
        let (name, bytes) = (name_of(path), read(path)?);
        Ok(match ending(path) {
            Some("csv") => MonthTab::from_csv(&name, &bytes, month, &words)?,
            Some("xlsx") => MonthTab::from_xlsx(&name, &bytes, month, &words)?,
            _ => bail!("`{name}` is neither a .csv nor an .xlsx; name one by --file"),
        })
    }

    async fn google(&self) -> anyhow::Result<GoogleClient> {
        self.account.google(&self.args.secrets, MonthTab::SCOPE).await
    }

    /// Brings to disk what the issuer answered, which must be before this process ends.
    ///
    /// # Errors
    /// A disk that does not take it.
    pub async fn shutdown(&self) -> anyhow::Result<()> {
        self.account.shutdown().await
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("`{}` cannot be read", path.display()))
}

fn ending(path: &Path) -> Option<&str> {
    path.extension().and_then(|ending| ending.to_str())
}

fn name_of(path: &Path) -> String {
    path.display().to_string()
}

fn layout(text: &str) -> Result<TabLayout, String> {
    match text {
        "across" => Ok(TabLayout::Across),
        "down" => Ok(TabLayout::Down),
        _ => Err("expected across or down".to_owned()),
    }
}

/// `frei=yes`.
fn declared_word(text: &str) -> Result<(String, DayState), String> {
    let (word, state) = text.rsplit_once('=').ok_or("expected WORD=STATE, such as frei=yes")?;
    let state = state.parse().map_err(|error: jada_roster::Error| error.to_string())?;
    Ok((word.to_owned(), state))
}

const BUNDLED: &str = "availability-2026-05.csv";
const BUNDLED_MONTH: &str = "2026-05";
