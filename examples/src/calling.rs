//! By which rules crew are called, as an operator says them, and what there is to call from.

use std::num::NonZero;
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use jada_roster::{Berth, CallRules, CharterEvent, Error, Harbour, QuietHours};
use jiff::tz::TimeZone;

use crate::{CallStores, duration};

/// The flags by which an operator says how crew are called.
#[derive(Args, Clone, Debug)]
pub struct CallArgs {
    /// The harbour, by its name [default: the charter's]
    #[arg(long, value_name = "NAME")]
    harbour: Option<String>,
    /// Its time zone, such as America/New_York [default: none; UTC for a bundled charter]
    #[arg(long, value_name = "ZONE", value_parser = TimeZone::get)]
    time_zone: Option<TimeZone>,
    /// When nobody is called, by its clocks, or `never`
    #[arg(long, value_name = "HOURS", default_value = "21:00-07:00")]
    quiet: Quiet,
    /// What is called for, such as captain/skipper, mate or 2*crew; repeatable, in order. All programs
    /// on one table need the same --berth, --window, --quiet and --time-zone: those with other berths
    /// undo each other's calls
    #[arg(long = "berth", value_name = "BERTH", default_value = "captain/skipper")]
    berths: Vec<Berth>,
    /// How long a wave has until the next one opens, in which quiet hours do not count
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "2h")]
    window: Duration,
    /// How long before it casts off everyone has been called
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "3h")]
    lead: Duration,
    /// How many are called at once [default: all of a level]
    #[arg(long, value_name = "NUMBER")]
    at_most: Option<NonZero<usize>>,
    /// Leave those alone who are perhaps free
    #[arg(long)]
    no_maybe: bool,
    /// Leave those alone who have said nothing of the day
    #[arg(long)]
    no_silent: bool,
}

/// When nobody is called.
#[derive(Clone, Copy, Debug)]
enum Quiet {
    During(QuietHours),
    Never,
}

impl FromStr for Quiet {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "never" => Ok(Self::Never),
            hours => hours.parse().map(Self::During),
        }
    }
}

impl CallArgs {
    /// The rules by which crew are called for a charter of these stores.
    ///
    /// # Errors
    /// A charter that sails from another harbour than was named, or by clocks that were not; rules
    /// that are none.
    pub fn rules(&self, event: &CharterEvent, stores: &CallStores) -> anyhow::Result<CallRules> {
        let time_zone =
            self.time_zone.clone().or_else(|| stores.time_zone()).with_context(|| {
                let id = event.id();
                format!("charter `{id}`: {CLOCKS_NEEDED}")
            })?;
        self.rules_at(self.harbour_of(event, time_zone)?)
    }

    /// The rules by which crew are called for all charters, which sail by the clocks of one harbour.
    ///
    /// # Errors
    /// Clocks that were not named; rules that are none.
    pub fn rules_of_all(&self) -> anyhow::Result<CallRules> {
        let name = self.harbour.as_deref().unwrap_or_default();
        let time_zone = self.time_zone.clone().context(CLOCKS_NEEDED)?;
        self.rules_at(self.keeping_quiet(Harbour::new(name, time_zone)))
    }

    /// Whether the clocks of the harbour were named.
    #[must_use]
    pub fn names_clocks(&self) -> bool {
        self.time_zone.is_some()
    }

    /// The flag that names those clocks to another command, after a space; none where they were not.
    pub(crate) fn clocks(&self) -> String {
        let zone = self.time_zone.as_ref().and_then(TimeZone::iana_name);
        zone.map(|zone| format!(" --time-zone {zone}")).unwrap_or_default()
    }

    /// The clocks of the harbour, where they were named; UTC's else.
    #[must_use]
    pub fn time_zone(&self) -> TimeZone {
        self.time_zone.clone().unwrap_or(TimeZone::UTC)
    }

    fn rules_at(&self, harbour: Harbour) -> anyhow::Result<CallRules> {
        let mut rules = CallRules::builder(harbour)
            .berths(self.berths.iter().cloned())
            .window(self.window)
            .lead(self.lead);
        if let Some(members) = self.at_most {
            rules = rules.at_most(members);
        }
        if self.no_maybe {
            rules = rules.without_maybe();
        }
        if self.no_silent {
            rules = rules.without_silent();
        }
        Ok(rules.build()?)
    }

    fn harbour_of(&self, event: &CharterEvent, time_zone: TimeZone) -> anyhow::Result<Harbour> {
        let (id, theirs) = (event.id(), event.harbour());
        let name = match &self.harbour {
            Some(named) if !theirs.is_empty() && theirs != named => anyhow::bail!(
                "charter `{id}` sails from `{theirs}` and not from `{named}`; name its harbour by \
                 --harbour, and the clocks there by --time-zone"
            ),
            Some(named) => named,
            None => theirs,
        };
        Ok(self.keeping_quiet(Harbour::new(name, time_zone)))
    }

    fn keeping_quiet(&self, harbour: Harbour) -> Harbour {
        match self.quiet {
            Quiet::During(hours) => harbour.with_quiet_hours(hours),
            Quiet::Never => harbour.without_quiet_hours(),
        }
    }
}

const CLOCKS_NEEDED: &str = "quiet hours are told by the clocks of the harbour, and those are not \
                             known; --time-zone names them, such as America/New_York";
