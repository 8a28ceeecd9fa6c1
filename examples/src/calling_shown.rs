//! A plan of calls on stdout: a table for a person, JSON for a program.

use std::fmt;

use jada_roster::{CallPlan, CallRules, CrewMember, NotCalled, Shortage, Verdict, Wave};
use jiff::{Timestamp, Zoned};
use serde::Serialize;

/// A plan, with instants by the clocks of the harbour.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CallSheet {
    charter_id: String,
    date: String,
    hours: Option<String>,
    harbour: String,
    time_zone: String,
    quiet_hours: Option<String>,
    planned_at: String,
    is_planned: bool,
    verdict: String,
    waves: Vec<WaveLines>,
    not_called: Vec<NotCalledLine>,
    shortages: Vec<ShortageLine>,
    #[serde(skip)]
    needs_person: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct WaveLines {
    opens_at: String,
    berth: String,
    cascade_level: u8,
    members: Vec<CalledLine>,
    #[serde(skip)]
    opens: String,
}

#[derive(Clone, Debug, Serialize)]
struct CalledLine {
    crew_id: String,
    name: String,
    email: Option<String>,
    role: String,
    said: Option<&'static str>,
}

#[derive(Clone, Debug, Serialize)]
struct NotCalledLine {
    crew_id: String,
    name: String,
    role: String,
    cascade_level: u8,
    reason: String,
}

#[derive(Clone, Debug, Serialize)]
struct ShortageLine {
    berth: String,
    open: usize,
    called: usize,
}

impl CallSheet {
    /// A plan that was made by these rules at this instant.
    #[must_use]
    pub fn of(plan: &CallPlan<'_>, rules: &CallRules, at: Timestamp) -> Self {
        let (event, harbour) = (plan.event(), rules.harbour());
        let there = |instant: Timestamp| instant.to_zoned(harbour.time_zone().clone());
        let verdict = plan.verdict();
        Self {
            charter_id: event.id().to_string(),
            date: event.date().to_string(),
            hours: event.hours().map(|hours| hours.to_string()),
            harbour: harbour.name().to_owned(),
            time_zone: there(at).strftime("%Q").to_string(),
            quiet_hours: harbour.quiet_hours().map(|quiet| quiet.to_string()),
            planned_at: there(at).strftime(ISO).to_string(),
            is_planned: verdict == Verdict::Called,
            verdict: match (verdict, plan.waves()) {
                (Verdict::Called, []) if plan.shortages().is_empty() => {
                    "every berth is filled".to_owned()
                }
                (Verdict::Called, []) => "there is nobody to call".to_owned(),
                (verdict, _) => verdict.to_string(),
            },
            waves: plan.waves().iter().map(|wave| WaveLines::of(wave, plan, there)).collect(),
            not_called: plan.not_called().iter().map(NotCalledLine::from).collect(),
            shortages: plan.shortages().iter().map(ShortageLine::from).collect(),
            needs_person: needs_person(plan),
        }
    }

    /// Whether everyone who is needed is called.
    ///
    /// # Errors
    /// A berth for which too few are; quiet hours that leave no time for calls.
    pub fn check(&self) -> anyhow::Result<()> {
        match &self.needs_person {
            None => Ok(()),
            Some(why) => anyhow::bail!("charter `{}`: {why}", self.charter_id),
        }
    }
}

fn needs_person(plan: &CallPlan<'_>) -> Option<String> {
    if plan.verdict() == Verdict::Quiet {
        return Some(format!("nobody is called: {}; decide whom to wake", plan.verdict()));
    }
    let short = plan.shortages().iter().map(|Shortage { berth, open, called, .. }| {
        format!("{called} called for {open} open as {berth}")
    });
    let short = short.collect::<Vec<_>>().join(", ");
    (!short.is_empty()).then(|| format!("too few can be called: {short}; ask others"))
}

impl WaveLines {
    fn of(wave: &Wave<'_>, plan: &CallPlan<'_>, there: impl Fn(Timestamp) -> Zoned) -> Self {
        let opens_at = there(wave.opens_at);
        let said = |member: &CrewMember| member.availability().on(plan.event().date());
        let called = |member: &&CrewMember| CalledLine {
            crew_id: member.id().to_string(),
            name: member.name().to_string(),
            email: member.email().map(ToString::to_string),
            role: member.role().to_string(),
            said: said(member).map(jada_roster::DayState::as_str),
        };
        Self {
            opens_at: opens_at.strftime(ISO).to_string(),
            opens: opens_at.strftime("%a %F %H:%M").to_string(),
            berth: wave.berth.to_string(),
            cascade_level: wave.level.number(),
            members: wave.members.iter().map(called).collect(),
        }
    }
}

impl From<&NotCalled<'_>> for NotCalledLine {
    fn from(NotCalled { member, reason, .. }: &NotCalled<'_>) -> Self {
        Self {
            crew_id: member.id().to_string(),
            name: member.name().to_string(),
            role: member.role().to_string(),
            cascade_level: member.cascade_level().number(),
            reason: reason.to_string(),
        }
    }
}

impl From<&Shortage<'_>> for ShortageLine {
    fn from(Shortage { berth, open, called, .. }: &Shortage<'_>) -> Self {
        Self { berth: berth.to_string(), open: *open, called: *called }
    }
}

impl fmt::Display for CallSheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { charter_id, date, harbour, time_zone, verdict, .. } = self;
        let hours = self.hours.as_deref().unwrap_or("hours not known");
        let from = if harbour.is_empty() { String::new() } else { format!("from {harbour}, ") };
        let quiet = self.quiet_hours.as_deref().unwrap_or("never");
        writeln!(f, "{charter_id}  {date}, {hours}, {from}{time_zone}, quiet {quiet}")?;
        write!(f, "planned {}: {verdict}", self.planned_at)?;
        if !self.is_planned {
            return write!(f, ", so nobody is called, of {} members", self.not_called.len());
        }
        if !self.waves.is_empty() {
            write!(f, "\n\n{}", called("opens", "as", "level", "name", "said", "e-mail"))?;
        }
        self.waves.iter().try_for_each(|wave| wave.fmt(f))?;
        if !self.not_called.is_empty() {
            write!(f, "\n\n{}", not_called("not called", "role", "level", "why"))?;
        }
        self.not_called.iter().try_for_each(|line| line.fmt(f))
    }
}

impl fmt::Display for NotCalledLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, role, cascade_level, reason, .. } = self;
        write!(f, "\n{}", not_called(name, role, cascade_level, reason))
    }
}

impl fmt::Display for WaveLines {
    /// When it opens stands in its first line alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { opens, berth, cascade_level: level, members, .. } = self;
        for (at, CalledLine { name, email, said, .. }) in members.iter().enumerate() {
            let (opens, berth, level): (_, _, &dyn fmt::Display) =
                if at == 0 { (opens.as_str(), berth.as_str(), level) } else { ("", "", &"") };
            let (said, email) = (said.unwrap_or("-"), email.as_deref().unwrap_or("-"));
            write!(f, "\n{}", called(opens, berth, level, name, said, email))?;
        }
        Ok(())
    }
}

fn called(
    opens: &str,
    berth: &str,
    level: impl fmt::Display,
    name: &str,
    said: &str,
    email: &str,
) -> String {
    format!("{opens:20}  {berth:10}  {level:>5}  {name:24}  {said:9}  {email}")
}

fn not_called(name: &str, role: &str, level: impl fmt::Display, why: &str) -> String {
    format!("{name:24}  {role:10}  {level:>5}  {why}")
}

const ISO: &str = "%FT%H:%M:%S%:z";
