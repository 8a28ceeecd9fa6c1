//! Whatever the office and the crew change, and however syncs end: what one side alone has changed
//! since the last sync stands, and what both have is the tab's, with the other word reported.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jada_roster::{AvailabilitySynced, CrewId, DayState, RosterRepository};
use jiff::civil::Date;
use proptest::prelude::{
    Just, ProptestConfig, Strategy, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use proptest::test_runner::TestCaseError;

use super::meddled::{Meddled, Meddling};
use super::sheet::{Sheet, hire, id, may, plan, say};
use crate::sweep;

const MEMBERS: usize = 3;
const MONTHS: [&str; 2] = ["2026-05", "2026-06"];

/// Something that somebody does; days are few, so that they meet.
#[derive(Clone, Debug)]
enum Act {
    /// The office writes a word, or clears a cell.
    Write { member: usize, day: Date, state: Option<DayState> },
    /// The office writes what nobody can read.
    Scribble { member: usize, day: Date },
    /// A member says something in the portal.
    Say { member: usize, day: Date, state: Option<DayState> },
    /// Something happens to the next write of a member, which may be in this sync or a later one.
    Meddle { member: usize, meddling: Meddling },
    /// A month is synced; it is not tried again.
    Sync { month: usize },
}

fn acts() -> impl Strategy<Value = Act> {
    let member = || 0..MEMBERS;
    let day = || {
        prop_oneof![
            Just(may(1)),
            Just(may(30)),
            Just(may(30).tomorrow().unwrap()),
            Just(june(1)),
            Just(june(2))
        ]
    };
    let state = || {
        let words = proptest::sample::select(&DayState::ALL[..3]);
        proptest::option::weighted(0.7, words)
    };
    let meddling = prop_oneof![
        (day(), state()).prop_map(|(day, state)| Meddling::Says(day, state)),
        Just(Meddling::Fails),
        Just(Meddling::LosesAnswer),
    ];
    prop_oneof![
        4 => (member(), day(), state()).prop_map(|(member, day, state)| Act::Write { member, day, state }),
        1 => (member(), day()).prop_map(|(member, day)| Act::Scribble { member, day }),
        3 => (member(), day(), state()).prop_map(|(member, day, state)| Act::Say { member, day, state }),
        1 => (member(), meddling).prop_map(|(member, meddling)| Act::Meddle { member, meddling }),
        3 => (0..MONTHS.len()).prop_map(|month| Act::Sync { month }),
    ]
}

fn june(day: i8) -> Date {
    jiff::civil::date(2026, 6, day)
}

/// A cell of the tab as it stands.
type Cell = Result<Option<DayState>, Unreadable>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Unreadable;

/// What each side had said of a day when a sync last took it.
#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    tab: Option<DayState>,
    stored: Option<DayState>,
}

struct World {
    roster: Meddled,
    sheets: Vec<Sheet>,
    cells: BTreeMap<(usize, Date), Cell>,
    taken: BTreeMap<(usize, Date), Taken>,
}

impl World {
    async fn new() -> Self {
        let roster = Meddled::default();
        hire(&roster, MEMBERS).await;
        let sheets = MONTHS.map(|month| Sheet::of(month, MEMBERS)).to_vec();
        Self { roster, sheets, cells: BTreeMap::new(), taken: BTreeMap::new() }
    }

    fn sheet(&mut self, day: Date) -> &mut Sheet {
        self.sheets.iter_mut().find(|sheet| sheet.month.contains(day)).unwrap()
    }

    async fn act(&mut self, act: Act) -> Result<(), TestCaseError> {
        match act {
            Act::Write { member, day, state } => {
                self.sheet(day).set(member, day, state);
                self.cells.insert((member, day), Ok(state));
            }
            Act::Scribble { member, day } => {
                self.sheet(day).write(member, day, "ask again");
                self.cells.insert((member, day), Err(Unreadable));
            }
            Act::Say { member, day, state } => say(&self.roster.inner, member, day, state).await,
            Act::Meddle { member, meddling } => self.roster.next(member, meddling),
            Act::Sync { month } => self.sync(month).await?,
        }
        Ok(())
    }

    async fn sync(&mut self, month: usize) -> Result<(), TestCaseError> {
        let sheet = self.sheets[month].clone();
        let mut before = self.all_stored().await;
        let script = self.roster.script();
        let plan = plan(&self.roster, &sheet).await;
        let synced = plan.write_within(&self.roster, Duration::ZERO).await;
        let to_come = self.roster.script();
        let mut not_written = BTreeSet::new();
        for (who, meddling) in script.into_iter().filter(|(who, _)| !to_come.contains_key(who)) {
            match meddling {
                // What is said between the read and the write is said before the write.
                Meddling::Says(day, state) => {
                    before.insert((number(&who), day), state);
                }
                Meddling::Fails => {
                    not_written.insert(number(&who));
                }
                _ => {}
            }
        }
        let after = self.all_stored().await;
        for (place, before) in before {
            let is_read = sheet.month.contains(place.1) && !not_written.contains(&place.0);
            match self.cells.get(&place).copied().unwrap_or(Ok(None)) {
                Ok(said) if is_read => self.judge(place, said, before, after[&place], &synced)?,
                _ => prop_assert_eq!(after[&place], before, "{:?}: nothing was taken of it", place),
            }
        }
        Ok(())
    }

    /// Whether a day that was read came out of a sync as it must.
    fn judge(
        &mut self,
        (member, day): (usize, Date),
        said: Option<DayState>,
        before: Option<DayState>,
        after: Option<DayState>,
        synced: &AvailabilitySynced,
    ) -> Result<(), TestCaseError> {
        let taken = self.taken.get(&(member, day)).copied().unwrap_or_default();
        match (said != taken.tab, before != taken.stored) {
            (false, _) => prop_assert_eq!(after, before, "{} {}: no news", member, day),
            (true, false) => prop_assert_eq!(after, said, "{} {}: the tab alone", member, day),
            (true, true) => {
                prop_assert_eq!(after, said, "{} {}: the tab's word", member, day);
                let is_lost = before != said && before != taken.tab;
                let left = synced.left_over.iter().flat_map(|left| &left.changes);
                let mut told = synced.overruled.iter().chain(left);
                let is_told =
                    told.any(|it| (&it.crew, it.day, it.before) == (&id(member), day, before));
                prop_assert!(is_told || !is_lost, "{} {}: not told", member, day);
            }
        }
        self.taken.insert((member, day), Taken { tab: said, stored: after });
        Ok(())
    }

    async fn all_stored(&self) -> BTreeMap<(usize, Date), Option<DayState>> {
        let mut all = BTreeMap::new();
        let days: Vec<Date> = self.sheets.iter().flat_map(Sheet::days).collect();
        for member in 0..MEMBERS {
            let found = self.roster.find(&id(member)).await.unwrap().unwrap();
            all.extend(days.iter().map(|day| ((member, *day), found.availability().on(*day))));
        }
        all
    }
}

fn number(who: &CrewId) -> usize {
    (0..MEMBERS).find(|number| id(*number) == *who).unwrap()
}

async fn nothing_is_lost(acts: Vec<Act>) -> Result<(), TestCaseError> {
    let mut world = World::new().await;
    for act in acts {
        world.act(act).await?;
    }
    world.roster.heal();
    for month in 0..MONTHS.len() {
        world.sync(month).await?;
        let again = plan(&world.roster, &world.sheets[month]).await;
        prop_assert!(again.report().written.is_empty(), "twice writes nothing");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(sweep(48, 2_000)))]

    #[test]
    fn what_one_side_alone_has_changed_stands(acts in proptest::collection::vec(acts(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(nothing_is_lost(acts))?;
    }
}
