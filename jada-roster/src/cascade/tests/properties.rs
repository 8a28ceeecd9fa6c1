//! What holds of every plan, on crews, charters, rules and clocks of all sorts.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::time::Duration;

use jiff::civil::{Date, Time, date};
use jiff::{SignedDuration, Timestamp};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{charter_of, member};
use crate::cascade::reason::{Reason, Verdict};
use crate::cascade::rules::CallRules;
use crate::cascade::{CallPlan, plan};
use crate::charter::assignment::Assignment;
use crate::crew::CrewMember;
use crate::crew::availability::{Availability, DayState};
use crate::crew::id::CrewId;
use crate::event::CharterEvent;
use crate::harbour::Harbour;
use crate::status::Status;

/// All that a plan is made of.
#[derive(Clone, Debug)]
struct Case {
    event: CharterEvent,
    crew: Vec<CrewMember>,
    others: Vec<CharterEvent>,
    rules: CallRules,
    now: Timestamp,
}

impl Case {
    fn plan(&self) -> CallPlan<'_> {
        plan(&self.event, &self.crew, &self.others, &self.rules, self.now)
    }

    fn harbour(&self) -> &Harbour {
        self.rules.harbour()
    }

    fn is_quiet(&self, instant: Timestamp) -> bool {
        let clock = self.harbour().time_zone().to_datetime(instant).time();
        self.harbour().quiet_hours().is_some_and(|quiet| quiet.contains(clock))
    }

    /// The instant at which the charter casts off, or its day ends where its hours are not known.
    fn end(&self) -> Timestamp {
        let day = self.event.date();
        let end = match self.event.hours() {
            Some(hours) => day.to_datetime(hours.starts()),
            None => day.tomorrow().unwrap().to_datetime(Time::MIN),
        };
        self.harbour().time_zone().to_timestamp(end).unwrap()
    }

    /// The minutes from midnight before the charter in which another keeps its crew.
    fn minutes(&self, event: &CharterEvent) -> Vec<i64> {
        let midnight = self.event.date().to_datetime(Time::MIN);
        let minute = |at: jiff::civil::DateTime| midnight.duration_until(at).as_mins();
        let (from, to) = match event.hours() {
            Some(hours) => (hours.starts(), hours.ends()),
            None => (Time::MIN, Time::MIN),
        };
        let last = if to <= from { event.date().tomorrow().unwrap() } else { event.date() };
        (minute(event.date().to_datetime(from))..minute(last.to_datetime(to))).collect()
    }

    fn sails_elsewhere(&self, member: &CrewMember) -> bool {
        let mine = self.minutes(&self.event);
        self.others.iter().any(|other| {
            other.id() != self.event.id()
                && other.status() != Status::Cancelled
                && other.assignments().iter().any(|on| on.crew() == member.id())
                && self.minutes(other).iter().any(|minute| mine.contains(minute))
        })
    }

    /// The berths that may be filled by a member, by their place in the rules, and whether each has an
    /// open place.
    fn berths_for(&self, member: &CrewMember) -> Vec<(usize, bool)> {
        let berths = self.rules.berths();
        let fitting = (0..berths.len()).filter(|at| berths[*at].takes(member.role()));
        fitting.map(|at| (at, self.open_places(at) > 0)).collect()
    }

    fn open_places(&self, at: usize) -> usize {
        let berths = self.rules.berths();
        let fills = |assignment: &&Assignment| {
            let role = assignment.berth();
            let named = berths.iter().position(|berth| berth.role() == role);
            named.or_else(|| berths.iter().position(|berth| berth.takes(role))) == Some(at)
        };
        let filled = self.event.assignments().iter().filter(fills).count();
        usize::from(berths[at].places().get()).saturating_sub(filled)
    }
}

const ROLES: [&str; 5] = ["captain", "skipper", "mate", "crew", "cook"];
const BERTHS: [&[&str]; 5] = [
    &["captain/skipper"],
    &["captain/skipper", "mate/captain", "2*crew/mate"],
    &["skipper", "captain", "crew"],
    &["mate"],
    &["3*crew/mate/skipper", "captain/skipper"],
];
/// Zones, and days on and near which their clocks are changed.
const DAYS: [(&str, Date); 6] = [
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Europe/Oslo", date(2026, 6, 7)),
    ("UTC", date(2026, 2, 28)),
];

fn hours() -> impl Strategy<Value = String> {
    let times = (0..24_u8, select(vec![0, 30]), 0..24_u8, select(vec![0, 15]));
    let hours =
        times.prop_map(|(from, minute, to, other)| format!("{from}:{minute:02}-{to}:{other:02}"));
    prop_oneof![1 => Just(String::new()), 3 => hours]
}

/// Who sails, each once, of those who may be in the crew and of others.
fn assignments(most: usize) -> impl Strategy<Value = Vec<Assignment>> {
    btree_map(0..20_usize, select(&ROLES[..]), 0..=most).prop_map(|sailing| {
        let assignment =
            |(id, role): (_, &str)| Assignment::new(crew_id(id), role.parse().unwrap());
        sailing.into_iter().map(assignment).collect()
    })
}

fn crew_id(number: usize) -> CrewId {
    CrewId::new(&format!("c{number}")).unwrap()
}

/// A crew of which nobody has the same id; names are shared.
fn crew(day: Date) -> impl Strategy<Value = Vec<CrewMember>> {
    let states = option::of(select(DayState::ALL.to_vec()));
    let one = (select(&ROLES[..]), 1..4_u8, states, 0..8_u8, 0..4_u8);
    let crew = vec(one, 0..24).prop_map(move |crew| {
        let member = |(number, (role, level, said, unreachable, name)): (usize, _)| {
            let mut member = member(crew_id(number).as_str(), role, level, None);
            member.name = crate::PersonName::new(&format!("Name {name}")).unwrap();
            member.email = member.email.filter(|_| unreachable > 0);
            member.availability = Availability::default().with(day, said);
            member
        };
        crew.into_iter().enumerate().map(member).collect::<Vec<_>>()
    });
    crew.prop_shuffle()
}

fn rules(zone: &'static str) -> impl Strategy<Value = CallRules> {
    let quiet = select(vec!["", "21:00-07:00", "22:30-02:30", "01:30-09:00", "13:00-15:00"]);
    let times = (5..400_u64, 0..2_000_u64);
    (quiet, select(&BERTHS[..]), times, option::of(1..4_usize), any::<[bool; 2]>()).prop_map(
        move |(quiet, berths, (window, lead), at_most, [maybe, silent])| {
            let harbour = Harbour::new("Harbour", jiff::tz::TimeZone::get(zone).unwrap());
            let harbour = match quiet {
                "" => harbour.without_quiet_hours(),
                quiet => harbour.with_quiet_hours(quiet.parse().unwrap()),
            };
            let mut rules = CallRules::builder(harbour)
                .berths(berths.iter().map(|berth| berth.parse().unwrap()))
                .window(Duration::from_secs(60 * window))
                .lead(Duration::from_secs(60 * lead));
            rules =
                at_most.and_then(NonZero::new).into_iter().fold(rules, |r, most| r.at_most(most));
            rules = if maybe { rules } else { rules.without_maybe() };
            if silent { rules } else { rules.without_silent() }.build().unwrap()
        },
    )
}

fn others(day: Date) -> impl Strategy<Value = Vec<CharterEvent>> {
    let status = select(vec![Status::Confirmed, Status::Pending, Status::Cancelled]);
    let other = (0..4_u8, -1..=1_i64, hours(), status, assignments(4));
    let event = move |(id, away, hours, status, assignments): (_, i64, String, _, _)| {
        let day = day.checked_add(jiff::Span::new().days(away)).unwrap();
        charter_of("charter", &format!("C-{id}"), day, &hours, status, assignments)
    };
    vec(other.prop_map(event), 0..4)
}

fn cases() -> impl Strategy<Value = Case> {
    let statuses = prop_oneof![
        12 => Just(Status::Confirmed),
        1 => select(vec![Status::Pending, Status::Completed, Status::Cancelled]),
    ];
    let kinds = prop_oneof![12 => Just("charter"), 1 => Just("training"), 1 => Just("sunset")];
    (select(&DAYS[..]), statuses, kinds, hours(), -7_200..1_000_i64).prop_flat_map(
        |((zone, day), status, kind, hours, minutes)| {
            let parts = (assignments(3), crew(day), others(day), rules(zone));
            parts.prop_map(move |(assignments, crew, others, rules)| {
                let event = charter_of(kind, "C-0", day, &hours, status, assignments);
                let noon = date_noon(day, zone);
                let now = noon + SignedDuration::from_mins(minutes);
                Case { event, crew, others, rules, now }
            })
        },
    )
}

fn date_noon(day: Date, zone: &str) -> Timestamp {
    let noon = day.at(12, 0, 0, 0);
    jiff::tz::TimeZone::get(zone).unwrap().to_timestamp(noon).unwrap()
}

/// Whether a member's word leaves them free for the charter; none where they are perhaps.
fn word(case: &Case, member: &CrewMember) -> Option<bool> {
    let (morning, afternoon) = match case.event.hours() {
        Some(hours) => {
            let noon = Time::constant(12, 0, 0, 0);
            (hours.ends() <= noon && hours.ends() > hours.starts(), hours.starts() >= noon)
        }
        None => (false, false),
    };
    match member.availability().on(case.event.date()) {
        Some(DayState::Yes) => Some(true),
        Some(DayState::No) => Some(false),
        Some(DayState::Morning) => Some(morning),
        Some(DayState::Afternoon) => Some(afternoon),
        Some(DayState::Maybe) | None => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(sweep(256, 5_000)))]

    #[test]
    fn everyone_stands_in_a_plan_once(case in cases()) {
        let plan = case.plan();
        let called = plan.waves().iter().flat_map(|wave| wave.members.iter().copied());
        let not_called = plan.not_called().iter().map(|not| not.member);
        let mut found: Vec<_> = called.chain(not_called).map(CrewMember::id).collect();
        let mut crew: Vec<_> = case.crew.iter().map(CrewMember::id).collect();
        found.sort();
        crew.sort();
        prop_assert_eq!(found, crew);
    }

    #[test]
    fn berths_are_called_for_in_order_and_for_each_the_levels(case in cases()) {
        let plan = case.plan();
        let place = |role: &crate::Role| {
            case.rules.berths().iter().position(|berth| berth.role() == role).unwrap()
        };
        let waves: Vec<_> =
            plan.waves().iter().map(|wave| (place(wave.berth), wave.level)).collect();
        prop_assert!(waves.is_sorted(), "{:?}", waves);
        if case.rules.at_most.is_none() {
            prop_assert!(waves.windows(2).all(|two| two[0] < two[1]), "{:?}", waves);
        }
        let most = case.rules.at_most.map_or(usize::MAX, usize::from);
        for wave in plan.waves() {
            prop_assert!((1..=most).contains(&wave.members.len()));
            for member in &wave.members {
                let open = case.berths_for(member).into_iter().find(|(_, is_open)| *is_open);
                prop_assert_eq!(open, Some((place(wave.berth), true)));
                prop_assert_eq!(member.cascade_level(), wave.level);
            }
        }
    }

    #[test]
    fn within_a_level_those_who_are_free_come_first_and_then_it_goes_by_name(case in cases()) {
        let plan = case.plan();
        let mut levels: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for wave in plan.waves() {
            levels.entry((wave.berth.as_str(), wave.level)).or_default().extend(&wave.members);
        }
        for members in levels.values() {
            let order = members.iter().map(|member: &&CrewMember| {
                let silent = member.availability().on(case.event.date()).is_none();
                (word(&case, member).is_none(), silent, member.name(), member.id())
            });
            prop_assert!(order.is_sorted());
        }
    }

    #[test]
    fn who_is_called_can_come_and_who_is_not_cannot(case in cases()) {
        let plan = case.plan();
        let (may_ask, may_ask_silent) = (case.rules.maybe, case.rules.silent);
        let asks = |call| call == crate::cascade::rules::Call::Last;
        let can_be_called = |member: &CrewMember| {
            let assigned = case.event.assignments();
            let asked = match (word(&case, member), member.availability().on(case.event.date())) {
                (Some(free), _) => free,
                (None, Some(_)) => asks(may_ask),
                (None, None) => asks(may_ask_silent),
            };
            plan.verdict() == Verdict::Called
                && asked
                && member.email().is_some()
                && !assigned.iter().any(|assignment| assignment.crew() == member.id())
                && case.berths_for(member).iter().any(|(_, is_open)| *is_open)
                && !case.sails_elsewhere(member)
        };
        for member in plan.waves().iter().flat_map(|wave| &wave.members) {
            prop_assert!(can_be_called(member), "{:?}", member);
        }
        for not in plan.not_called() {
            prop_assert!(!can_be_called(not.member), "{:?}", not);
        }
    }

    #[test]
    fn a_reason_is_true(case in cases()) {
        let plan = case.plan();
        for not in plan.not_called() {
            let (member, berths) = (not.member, case.berths_for(not.member));
            let said = member.availability().on(case.event.date());
            let assignments = case.event.assignments();
            let is_true = match not.reason {
                Reason::Nobody(verdict) => verdict == plan.verdict() && verdict != Verdict::Called,
                Reason::Assigned { berth } => assignments
                    .iter()
                    .any(|found| found.crew() == member.id() && found.berth() == berth),
                Reason::RoleNotNeeded => berths.is_empty(),
                Reason::BerthFilled { berth } => {
                    let first = berths.first().map(|(at, _)| case.rules.berths()[*at].role());
                    berths.iter().all(|(_, is_open)| !is_open) && first == Some(berth)
                }
                Reason::SailsElsewhere { charter } => {
                    let others = case.others.iter().filter(|other| other.id() == charter);
                    let others: Vec<_> = others.cloned().collect();
                    Case { others, ..case.clone() }.sails_elsewhere(member)
                }
                Reason::NotFree => said == Some(DayState::No),
                Reason::OtherPart { said: part } => {
                    said == Some(part) && word(&case, member) == Some(false)
                }
                Reason::Maybe => said == Some(DayState::Maybe),
                Reason::Silent => said.is_none(),
                Reason::NoEmail => member.email().is_none(),
            };
            prop_assert!(is_true, "{:?}", not);
        }
    }

    #[test]
    fn waves_open_one_after_the_other_in_time_and_never_in_quiet_hours(case in cases()) {
        let plan = case.plan();
        let opens: Vec<_> = plan.waves().iter().map(|wave| wave.opens_at).collect();
        prop_assert!(opens.is_sorted());
        let window = SignedDuration::try_from(case.rules.window()).unwrap();
        for two in opens.windows(2).filter(|two| two[0] < two[1]) {
            prop_assert!(two[0].duration_until(two[1]) >= window);
        }
        for opens_at in opens {
            prop_assert!(!case.is_quiet(opens_at), "{}", opens_at);
            prop_assert!(case.now <= opens_at && opens_at < case.end(), "{}", opens_at);
        }
    }

    #[test]
    fn the_order_of_the_crew_and_of_other_charters_does_not_matter(
        (case, shuffled) in cases().prop_flat_map(|case| {
            let (crew, others) = (Just(case.crew.clone()), Just(case.others.clone()));
            let shuffled = (crew.prop_shuffle(), others.prop_shuffle());
            (Just(case), shuffled)
        })
    ) {
        let again = Case { crew: shuffled.0, others: shuffled.1, ..case.clone() };
        let (plan, again) = (case.plan(), again.plan());
        prop_assert_eq!(plan.waves(), again.waves());
        prop_assert_eq!(plan.shortages(), again.shortages());
        let reasons = |plan: &CallPlan<'_>| {
            let reason = |not: &crate::NotCalled<'_>| (not.member.id().clone(), not.reason.to_string());
            plan.not_called().iter().map(reason).collect::<BTreeMap<_, _>>()
        };
        prop_assert_eq!(reasons(&plan), reasons(&again));
    }
}

/// How many cases: all where `JADA_SWEEP=full` asks for them.
fn sweep(some: u32, all: u32) -> u32 {
    if std::env::var("JADA_SWEEP").is_ok_and(|sweep| sweep == "full") { all } else { some }
}
