//! Calls that do not fill a berth: nobody is left to ask, or the charter has cast off.

use jada_reports::Failure;
use jada_roster::{Call, CharterId, Phase};

/// Why a call leaves a berth free unless a person acts, under a name that is of this round; none while
/// members are asked.
pub(crate) fn unfilled(id: &CharterId, call: &Call) -> Option<(String, Failure)> {
    let round = call.round();
    match (call.phase(), call.due()) {
        (Phase::Exhausted, Some(_)) => {
            let why = format!("nobody is left to call for {id}, which lacks a {}", berths(call));
            let mend = format!("`call_plan --charter {id}` says why the others are not called");
            let failure = Failure::needs_person(why).with_mend(mend);
            Some((format!("{NOBODY_LEFT}{id}/{round}"), failure))
        }
        (Phase::Calling | Phase::Exhausted, None) => {
            let why = format!("{id} has cast off unfilled: nobody was found as {}", berths(call));
            Some((format!("{CAST_OFF}{id}/{round}"), Failure::over(why)))
        }
        _ => None,
    }
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
