//! A call as it runs on stdout: lines for a person, JSON for a program.

use std::fmt;
use std::path::PathBuf;

use jada_reports::Failure;
use jada_roster::{Advanced, Call, CharterId, CrewId, CrewMember};
use serde::Serialize;

use crate::mailed::write_sent;
use crate::{CallDesk, Mailed};

/// Where the call of a charter stands.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CallShown {
    charter_id: String,
    /// `none` for a charter that nobody was called for.
    phase: &'static str,
    round: u32,
    due: Option<String>,
    asked: Vec<AskedLine>,
    /// How many mails are yet to be put into the outbox.
    owed: usize,
    /// How many mails were put into the outbox by this run, and how many were sent.
    mailed: usize,
    sent: usize,
    /// The folder in which those are left as files, which mails nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    left_in: Option<PathBuf>,
}

#[derive(Clone, Debug, Serialize)]
struct AskedLine {
    crew_id: String,
    /// None of one who has left the crew.
    name: Option<String>,
    berth: String,
    wave: u32,
    standing: &'static str,
}

impl CallShown {
    /// What there is to say of a call, with the names of this crew.
    #[must_use]
    pub fn of(
        id: &CharterId,
        call: Option<&Call>,
        crew: &[CrewMember],
        (queued, mailed): (usize, &Mailed),
    ) -> Self {
        let name = |id: &CrewId| crew.iter().find(|member| member.id() == id).map(CrewMember::name);
        let asked = call.map(Call::asked).unwrap_or_default().iter();
        Self {
            charter_id: id.to_string(),
            phase: call.map_or("none", |call| call.phase().as_str()),
            round: call.map_or(0, Call::round),
            due: call.and_then(Call::due).map(|due| due.to_string()),
            asked: asked
                .map(|asked| AskedLine {
                    crew_id: asked.crew().to_string(),
                    name: name(asked.crew()).map(ToString::to_string),
                    berth: asked.berth().to_string(),
                    wave: asked.wave(),
                    standing: asked.standing().as_str(),
                })
                .collect(),
            owed: call.map_or(0, |call| call.owed().len()),
            mailed: queued,
            sent: mailed.sent,
            left_in: mailed.left_in.clone(),
        }
    }
}

/// Whether a look has done for a charter what it was to do.
///
/// # Errors
/// All that a person is to know: that nobody is left, or that it has cast off; rows that cannot be
/// read; mails that are kept back, of others too.
pub fn check_call(
    desk: &CallDesk,
    id: &CharterId,
    advanced: &Advanced,
    mailed: Mailed,
) -> anyhow::Result<()> {
    let own = match &advanced.call {
        Some(call) => desk.unfilled(id, call),
        None => {
            let why = format!("charter `{id}` has cast off, and nobody is called for it any more");
            Some((String::new(), Failure::over(why)))
        }
    };
    let rows = advanced.unreadable.iter().map(|row| (row.to_string(), Failure::of(row)));
    match Failure::all(own.into_iter().chain(rows).chain(mailed.kept_back)) {
        None => Ok(()),
        Some(failure) => Err(failure.into()),
    }
}

impl fmt::Display for CallShown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { charter_id, phase, round, mailed, sent, owed, left_in, .. } = self;
        write!(f, "{charter_id}: {phase}, round {round}; {mailed} mails queued, ")?;
        write_sent(f, *sent, left_in.as_ref())?;
        if *owed > 0 {
            write!(f, ", {owed} owed")?;
        }
        if let Some(due) = &self.due {
            write!(f, "; looked at again at {due}")?;
        }
        for AskedLine { crew_id, name, berth, wave, standing } in &self.asked {
            let name = name.as_deref().unwrap_or("no longer on the crew");
            write!(f, "\n  wave {wave}  {berth:<10} {name:<24} {crew_id:<20} {standing}")?;
        }
        Ok(())
    }
}
