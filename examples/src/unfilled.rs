//! Calls that do not fill a berth: nobody is left to ask, or the charter has cast off.

use jada_reports::Failure;
use jada_roster::{Call, CharterId, Phase};

/// How a dispatcher's own charters and clocks are named to the commands that help.
#[derive(Clone, Debug)]
pub(crate) struct Helps {
    /// The flags of the store, each after a space.
    pub(crate) store: String,
    /// The flag of the harbour's clocks, after a space.
    pub(crate) clocks: String,
}

impl Helps {
    /// The command that says of everyone why they are called, or are not.
    pub(crate) fn plan(&self, charter: &str) -> String {
        let Self { store, clocks } = self;
        format!("call_plan --charter {charter}{store}{clocks}")
    }

    /// The command that puts members aboard, in place of those who were.
    pub(crate) fn assign(&self, charter: &str) -> String {
        format!("charter assign {charter} captain=<crew id> mate=<crew id>{}", self.store)
    }
}

/// Why a call leaves a berth free unless a person acts, under a name that is of this round; none while
/// members are asked.
pub(crate) fn unfilled(id: &CharterId, call: &Call, helps: &Helps) -> Option<(String, Failure)> {
    let round = call.round();
    match (call.phase(), call.due()) {
        (Phase::Exhausted, Some(_)) => {
            let why = format!("nobody is left to call for {id}, which lacks a {}", berths(call));
            let plan = helps.plan(id.as_str());
            let mend = format!("`{plan}` says why the others are not called");
            let failure = Failure::needs_person(why).with_mend(mend);
            Some((format!("{NOBODY_LEFT}{id}/{round}"), failure))
        }
        _ if has_cast_off(call) => {
            let why = format!("{id} has cast off unfilled: nobody was found as {}", berths(call));
            Some((format!("{CAST_OFF}{id}/{round}"), Failure::over(why)))
        }
        _ => None,
    }
}

/// Whether a charter has cast off with a berth that is free.
pub(crate) fn has_cast_off(call: &Call) -> bool {
    call.due().is_none() && [Phase::Calling, Phase::Exhausted].contains(&call.phase())
}

/// The charter of which it was told by this name that nobody is left.
pub(crate) fn told_of(name: &str) -> Option<CharterId> {
    let (id, _) = name.strip_prefix(NOBODY_LEFT)?.rsplit_once('/')?;
    CharterId::new(id).ok()
}

fn berths(call: &Call) -> String {
    let vacant: Vec<_> = call.vacant().iter().map(ToString::to_string).collect();
    vacant.join(", ")
}

const NOBODY_LEFT: &str = "nobody-left/";
const CAST_OFF: &str = "cast-off-unfilled/";
