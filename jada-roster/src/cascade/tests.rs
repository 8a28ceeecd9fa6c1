//! Whom a plan calls and why not the others, case by case; `properties` looks at all cases at once.

mod properties;

use std::num::NonZero;
use std::time::Duration;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::*;
use crate::charter::assignment::Assignment;
use crate::charter::{Charter, CharterId};
use crate::crew::availability::DayState::{self, Afternoon, Maybe, Morning, No, Yes};
use crate::crew::contact::PersonName;
use crate::crew::id::CrewId;
use crate::event::EventColumns;
use crate::harbour::Harbour;
use crate::money::Currency;

const DAY: Date = date(2026, 6, 7);
const NOON: &str = "2026-06-05T12:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A member whose name is their id, who says this of the day.
fn member(id: &str, role: &str, level: u8, said: impl Into<Option<DayState>>) -> CrewMember {
    let (phone, email) = ("+15550100101".parse().unwrap(), format!("{id}@example.com"));
    let (name, role) = (PersonName::new(id).unwrap(), role.parse().unwrap());
    CrewMember::new(CrewId::new(id).unwrap(), name, phone, email.parse().unwrap(), role)
        .with_cascade_level(CascadeLevel::new(level).unwrap())
        .with_availability(said.into().map(|said| (DAY, said)).into_iter().collect())
}

/// Whoever sails, as `ada as captain`.
fn sailing<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<Assignment> {
    let assignment = |words: &str| {
        let (id, berth) = words.split_once(" as ").unwrap();
        Assignment::new(CrewId::new(id).unwrap(), berth.parse().unwrap())
    };
    words.into_iter().map(assignment).collect()
}

/// A charter by its id, its day and its hours, if they are known.
fn charter(id: &str, day: Date, hours: &str, assignments: Vec<Assignment>) -> CharterEvent {
    charter_of("charter", id, day, hours, Status::Confirmed, assignments)
}

fn charter_of(
    kind: &str,
    id: &str,
    day: Date,
    hours: &str,
    status: Status,
    assignments: Vec<Assignment>,
) -> CharterEvent {
    let charter = Charter::builder(CharterId::new(id).unwrap(), day, Currency::USD)
        .kind(kind.parse().unwrap())
        .status(status)
        .extra([("hours".to_owned(), hours.to_owned())])
        .assignments(assignments);
    CharterEvent::of(charter.build().unwrap(), &EventColumns::default()).unwrap()
}

fn rules(berths: &[&str]) -> CallRules {
    let berths = berths.iter().map(|berth| berth.parse().unwrap());
    CallRules::builder(Harbour::new("Pier 2", TimeZone::UTC)).berths(berths).build().unwrap()
}

/// The waves, as `captain 1 Sat 09:00: ada bo`.
fn told(plan: &CallPlan<'_>) -> Vec<String> {
    let wave = |Wave { berth, level, opens_at, members }: &Wave<'_>| {
        let ids: Vec<_> = members.iter().map(|member| member.id().as_str()).collect();
        format!("{berth} {level} {}: {}", opens_at.strftime("%a %H:%M"), ids.join(" "))
    };
    plan.waves().iter().map(wave).collect()
}

/// Why the others are not called, as `ada: is not free on that day`.
fn reasons(plan: &CallPlan<'_>) -> Vec<String> {
    let reason =
        |NotCalled { member, reason }: &NotCalled<'_>| format!("{}: {reason}", member.id());
    plan.not_called().iter().map(reason).collect()
}

#[test]
fn captains_of_level_1_are_called_first_then_those_of_level_2_and_then_the_rest() {
    let crew = [
        member("mo", "mate", 1, Yes),
        member("una", "captain", 3, Yes),
        member("bo", "skipper", 1, Yes),
        member("cy", "captain", 2, Yes),
        member("ada", "captain", 1, Yes),
        member("ned", "mate", 2, Yes),
    ];
    let event = charter("C-1", DAY, "09:00-13:00", Vec::new());
    let rules = rules(&["captain/skipper", "mate"]);
    let plan = plan(&event, &crew, &[], &rules, at(NOON));
    let waves = [
        "captain 1 Fri 12:00: ada bo",
        "captain 2 Fri 14:00: cy",
        "captain 3 Fri 16:00: una",
        "mate 1 Fri 18:00: mo",
        "mate 2 Fri 20:00: ned",
    ];
    assert_eq!((told(&plan), plan.not_called().len()), (waves.map(str::to_owned).into(), 0));
    assert_eq!((plan.verdict(), plan.shortages()), (Verdict::Called, &[][..]));
}

#[test]
fn everyone_who_is_not_called_has_their_reason() {
    let mut unreachable = member("fay", "captain", 1, Yes);
    unreachable.email = None;
    let crew = [
        member("ada", "captain", 1, Yes),
        member("bo", "mate", 1, Yes),
        member("cy", "cook", 1, Yes),
        member("di", "captain", 1, No),
        member("eli", "captain", 1, Afternoon),
        unreachable,
        member("gus", "captain", 1, Yes),
        member("hal", "captain", 1, Maybe),
        member("ida", "captain", 1, None),
        member("jo", "captain", 1, Morning),
        member("kai", "crew", 1, Yes),
    ];
    let event =
        charter("C-1", DAY, "09:00-12:00", sailing(["bo as mate", "ada as crew", "zoe as crew"]));
    let others = [charter("C-2", DAY, "11:00-15:00", sailing(["gus as captain"]))];
    let rules = CallRules::builder(Harbour::new("Pier 2", TimeZone::UTC))
        .berths(["captain", "mate", "2*crew"].map(|berth| berth.parse().unwrap()))
        .without_maybe()
        .without_silent();
    let rules = rules.build().unwrap();
    let plan = plan(&event, &crew, &others, &rules, at(NOON));
    assert_eq!(told(&plan), ["captain 1 Fri 12:00: jo"]);
    let expected = [
        "ada: sails on it already, as crew",
        "bo: sails on it already, as mate",
        "cy: no berth is for their role",
        "di: is not free on that day",
        "eli: is free in the afternoon alone",
        "fay: has no e-mail address",
        "gus: sails on `C-2` at that time",
        "hal: is perhaps free on that day",
        "ida: has said nothing of that day",
        "kai: the berth of crew is filled",
    ];
    assert_eq!(reasons(&plan), expected);
}

#[test]
fn those_of_a_level_are_called_by_what_they_have_said_and_then_by_name() {
    let crew = [
        member("ida", "captain", 1, None),
        member("hal", "captain", 1, Maybe),
        member("eli", "captain", 1, Morning),
        member("gus", "captain", 1, Yes),
        member("ada", "captain", 1, None),
        member("bo", "captain", 2, Yes),
    ];
    let event = charter("C-1", DAY, "08:00-12:00", Vec::new());
    let all = rules(&["captain"]);
    let plan_of = |rules| plan(&event, &crew, &[], rules, at(NOON));
    let waves = ["captain 1 Fri 12:00: eli gus hal ada ida", "captain 2 Fri 14:00: bo"];
    assert_eq!(told(&plan_of(&all)), waves);

    let two = CallRules { at_most: NonZero::new(2), ..all.clone() };
    let waves = [
        "captain 1 Fri 12:00: eli gus",
        "captain 1 Fri 14:00: hal ada",
        "captain 1 Fri 16:00: ida",
        "captain 2 Fri 18:00: bo",
    ];
    assert_eq!(told(&plan_of(&two)), waves);
}

#[test]
fn a_member_who_may_fill_two_berths_is_called_for_the_first_that_is_open() {
    let crew = [
        member("ada", "captain", 1, Yes),
        member("bo", "skipper", 2, Yes),
        member("mo", "mate", 1, Yes),
    ];
    let rules = rules(&["captain/skipper", "mate/captain/skipper"]);
    let open = charter("C-1", DAY, "", Vec::new());
    let waves = ["captain 1 Fri 12:00: ada", "captain 2 Fri 14:00: bo", "mate 1 Fri 16:00: mo"];
    assert_eq!(told(&plan(&open, &crew, &[], &rules, at(NOON))), waves);

    // A skipper who sails as such commands the boat.
    for berth in ["una as captain", "una as skipper"] {
        let filled = charter("C-1", DAY, "", sailing([berth]));
        let waves = ["mate 1 Fri 12:00: ada mo", "mate 2 Fri 14:00: bo"];
        assert_eq!(told(&plan(&filled, &crew, &[], &rules, at(NOON))), waves, "{berth}");
    }
    let manned = charter("C-1", DAY, "", sailing(["una as captain", "vic as mate"]));
    let plan = plan(&manned, &crew, &[], &rules, at(NOON));
    let filled =
        ["captain", "captain", "mate"].map(|berth| format!("the berth of {berth} is filled"));
    assert_eq!(told(&plan), [""; 0]);
    assert_eq!(
        plan.not_called().iter().map(|not| not.reason.to_string()).collect::<Vec<_>>(),
        filled
    );
}

#[test]
fn nobody_is_called_for_a_charter_that_is_not_to_be_sailed() {
    let crew = [member("ada", "captain", 1, Yes), member("cy", "cook", 2, No)];
    let rules = rules(&["captain"]);
    let of = |kind, status| charter_of(kind, "C-1", DAY, "06:30-13:00", status, Vec::new());
    let confirmed = of("charter", Status::Confirmed);
    let unknown = charter("C-1", DAY, "", Vec::new());
    for (event, now, said) in [
        (of("charter", Status::Pending), NOON, "it is pending"),
        (of("charter", Status::Cancelled), NOON, "it is cancelled"),
        (of("training", Status::Confirmed), NOON, "it is a training sail of the crew"),
        (confirmed.clone(), "2026-06-07T06:30:00Z", "it has cast off"),
        (confirmed, "2026-06-07T06:29:00Z", "quiet hours last until it casts off"),
        (unknown.clone(), "2026-06-08T00:00:00Z", "it has cast off"),
        (unknown, "2026-06-07T23:00:00Z", "quiet hours last until it casts off"),
    ] {
        let plan = plan(&event, &crew, &[], &rules, at(now));
        let told = ["ada", "cy"].map(|id| format!("{id}: nobody is called: {said}"));
        assert_eq!((reasons(&plan), plan.waves().len()), (told.into(), 0), "{said}");
        assert_eq!((plan.verdict().to_string().as_str(), plan.shortages().len()), (said, 0));
    }
}

#[test]
fn waves_wait_for_each_other_while_there_is_time_and_no_longer() {
    let crew = [1, 2, 3, 4].map(|level| member(&format!("c{level}"), "captain", level, Yes));
    let rules = rules(&["captain"]);
    let opens = |hours: &str, now| {
        let event = charter("C-1", DAY, hours, Vec::new());
        let plan = plan(&event, &crew, &[], &rules, at(now));
        plan.waves().iter().map(|wave| wave.opens_at.strftime("%d %H:%M").to_string()).collect()
    };
    for (hours, now, expected) in [
        // Over night, and in time for the latest at 06:00.
        ("15:00-18:00", "2026-06-06T18:00:00Z", ["06 18:00", "06 20:00", "07 08:00", "07 10:00"]),
        ("12:59-18:00", "2026-06-06T18:00:00Z", ["06 18:00", "06 20:00", "07 08:00", "07 08:00"]),
        ("09:00-18:00", "2026-06-06T19:30:00Z", ["06 19:30"; 4]),
        // Before 21:00 of the day before, since it may cast off as soon as its day begins.
        ("", "2026-06-06T16:30:00Z", ["06 16:30", "06 18:30", "06 20:30", "06 20:30"]),
        // All at once on the day itself.
        ("09:00-12:00", "2026-06-07T08:59:00Z", ["07 08:59"; 4]),
        ("", "2026-06-07T12:00:00Z", ["07 12:00"; 4]),
    ] {
        let opened: Vec<String> = opens(hours, now);
        assert_eq!(opened, expected, "{hours} {now}");
    }
}

#[test]
fn who_sails_on_another_charter_is_called_unless_it_is_at_that_time() {
    let crew = [member("ada", "captain", 1, Yes)];
    let rules = rules(&["captain"]);
    let (yesterday, tomorrow) = (DAY - 1.day(), DAY + 1.day());
    let day = Status::Confirmed;
    for (hours, other, other_hours, status, called) in [
        ("13:00-17:00", DAY, "09:00-13:00", day, true),
        ("13:00-17:00", DAY, "09:00-13:01", day, false),
        ("13:00-17:00", DAY, "", day, false),
        ("", DAY, "20:00-21:00", day, false),
        ("", DAY, "20:00-21:00", Status::Pending, false),
        ("", DAY, "20:00-21:00", Status::Cancelled, true),
        ("", yesterday, "20:00-00:00", day, true),
        ("", yesterday, "20:00-00:01", day, false),
        ("21:00-08:00", tomorrow, "07:59-12:00", day, false),
        ("21:00-08:00", tomorrow, "08:00-12:00", day, true),
        ("09:00-12:00", tomorrow, "", day, true),
    ] {
        let event = charter("C-1", DAY, hours, Vec::new());
        let captain = sailing(["ada as captain"]);
        let others = [charter_of("charter", "C-2", other, other_hours, status, captain)];
        let plan = plan(&event, &crew, &others, &rules, at(NOON));
        let expected: &[&str] = if called { &[] } else { &["ada: sails on `C-2` at that time"] };
        assert_eq!(reasons(&plan), expected, "{hours} {other} {other_hours} {status}");
    }
}

#[test]
fn the_charter_that_is_sailed_first_is_named_and_the_one_that_is_planned_is_none() {
    let crew = [member("ada", "captain", 1, Yes)];
    let (event, rules) = (charter("C-1", DAY, "", Vec::new()), rules(&["captain"]));
    let other = |id, hours| charter(id, DAY, hours, sailing(["ada as crew"]));
    let others =
        [other("C-4", "14:00-15:00"), other("C-3", "09:00-10:00"), other("C-2", "14:00-15:00")];
    let plan_with =
        |others: &[CharterEvent]| reasons(&plan(&event, &crew, others, &rules, at(NOON)));
    assert_eq!(plan_with(&others[..]), ["ada: sails on `C-3` at that time"]);
    assert_eq!(
        plan_with(&[others[0].clone(), others[2].clone()]),
        ["ada: sails on `C-2` at that time"]
    );
    assert_eq!(plan_with(&[other("C-1", "")]), [""; 0]);
}

#[test]
fn a_berth_for_which_too_few_are_called_is_told() {
    let crew = [
        member("ada", "captain", 1, No),
        member("di", "crew", 1, Yes),
        member("eli", "crew", 1, Yes),
    ];
    let event = charter("C-1", DAY, "", sailing(["una as crew"]));
    let rules = rules(&["captain", "4*crew", "2*mate"]);
    let plan = plan(&event, &crew, &[], &rules, at(NOON));
    let short: Vec<_> =
        plan.shortages().iter().map(|s| (s.berth.as_str(), s.open, s.called)).collect();
    assert_eq!(short, [("captain", 1, 0), ("crew", 3, 2), ("mate", 2, 0)]);
}

#[test]
fn the_window_of_the_rules_is_the_time_between_waves() {
    let crew = [1, 2].map(|level| member(&format!("c{level}"), "captain", level, Yes));
    let rules = CallRules::builder(Harbour::new("Pier 2", TimeZone::UTC).without_quiet_hours())
        .window(Duration::from_secs(45 * 60));
    let rules = rules.build().unwrap();
    let event = charter("C-1", DAY, "", Vec::new());
    let plan = plan(&event, &crew, &[], &rules, at("2026-06-05T23:30:00Z"));
    assert_eq!(told(&plan), ["captain 1 Fri 23:30: c1", "captain 2 Sat 00:15: c2"]);
}
