mod berths;
mod changes;
mod moves;
mod shortage;

use jiff::civil::date;
use jiff::{SignedDuration, ToSpan};

use super::*;
use crate::call::{Answer, Outcome};

/// A charter, its call, and a world in which five captains can be asked, two at a time.
struct World {
    now: Timestamp,
    wants: Wants,
    sailing: Sailing,
    boat: String,
    berths: Vec<Berth>,
    crew: Vec<(CrewId, Role)>,
    opens: Option<Timestamp>,
    call: Option<Call>,
    /// Who is known to sail elsewhere before they answer, and who turns out to after.
    elsewhere: u8,
    turns_out: u8,
    assignments: Vec<Assignment>,
}

impl World {
    fn new() -> Self {
        let crew = (1..=5).map(|number| (id(number), Role::Captain)).collect();
        Self {
            now: "2026-05-01T09:00:00Z".parse().unwrap(),
            wants: Wants::Crew,
            sailing: Sailing { date: date(2026, 5, 3), hours: None },
            boat: "Isla".to_owned(),
            berths: vec![Berth::captain()],
            crew,
            opens: None,
            call: None,
            elsewhere: 0,
            turns_out: 0,
            assignments: Vec::new(),
        }
    }

    fn take<T>(
        &mut self,
        step: impl FnOnce(Option<&Call>, Facts<'_>, Timestamp) -> (T, Option<Step>),
    ) -> T {
        let facts = Facts {
            wants: self.wants,
            sailing: self.sailing,
            boat: &self.boat,
            harbour: "Pier 2",
            zone: &TimeZone::UTC,
            last_call: self.last_call(),
            assignments: &self.assignments,
            berths: &self.berths,
            look_again: self.now + 1.hour(),
        };
        let (told, step) = step(self.call.as_ref(), facts, self.now);
        if let Some(Step { call, assignments }) = step {
            (self.call, self.assignments) = (Some(call), assignments);
        }
        told
    }

    /// At 08:00, or when its hours begin.
    fn casts_off(&self) -> Timestamp {
        let hour = self.sailing.hours.map_or(8, |hours| hours.starts().hour());
        let at = self.sailing.date.at(hour, 0, 0, 0);
        at.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp()
    }

    /// With three hours' lead.
    fn last_call(&self) -> LastCall {
        let casts_off = self.casts_off();
        LastCall { since: casts_off - 3.hours(), casts_off }
    }

    /// Two at a time for the first berth that is free, each wave for two hours, and none before
    /// `opens`.
    fn tick(&mut self) -> bool {
        let (crew, now) = (self.crew.clone(), self.now);
        let (opens_at, away) = (self.opens.unwrap_or(now).max(now), id(self.turns_out));
        self.take(|call, facts, at| {
            let Some(mut look) = Look::at(call, facts, at) else {
                return (false, None);
            };
            look.settle(|crew| *crew == away);
            if look.wants_wave() {
                let asked = look.asked();
                let (waited_for, crew_left) = (look.waited_for(), crew.clone().into_iter());
                let can_come = |crew: &CrewId| !asked.contains(crew) || waited_for.contains(crew);
                let mut left = crew.into_iter().filter(|(crew, _)| !asked.contains(crew));
                let first = left.clone().find(|(_, role)| look.is_vacant(role));
                let of_first = |(_, role): &_| first.as_ref().is_some_and(|(_, of)| of == role);
                let members: Vec<_> = left.by_ref().filter(of_first).take(2).collect();
                let berths = crew_left.filter(|(crew, _)| can_come(crew)).map(|(_, role)| role);
                let berths = berths.collect();
                let wave = NextWave { members, opens_at, closes_at: opens_at + 2.hours() };
                look.ask(Next { wave: Some(wave).filter(|wave| !wave.members.is_empty()), berths });
            }
            let step = look.step();
            (step.is_some(), step)
        })
    }

    /// Half of what a member says.
    fn half_say(&mut self, number: u8, word: Answer) -> Outcome {
        self.half_say_it(number, word, Counts::Last)
    }

    fn half_say_it(&mut self, number: u8, word: Answer, counts: Counts) -> Outcome {
        let (crew, sails_elsewhere) = (id(number), self.elsewhere == number);
        let reply = Reply { crew: &crew, answer: word, counts, sails_elsewhere };
        self.take(|call, facts, now| answer(call.unwrap(), facts, reply, now))
    }

    /// What a member says by a link, whose first word counts.
    fn say_once(&mut self, number: u8, word: Answer) -> Outcome {
        let outcome = self.half_say_it(number, word, Counts::First);
        self.settle();
        outcome
    }

    /// What has become of a member's answer.
    fn so_far(&mut self, number: u8) -> Option<Outcome> {
        self.take(|call, facts, now| (so_far(call.unwrap(), facts, &id(number), now).1, None))
    }

    /// What a member says, and what follows from it but for another wave.
    fn say(&mut self, number: u8, word: Answer) -> Outcome {
        let outcome = self.half_say(number, word);
        self.settle();
        outcome
    }

    fn settle(&mut self) {
        let away = id(self.turns_out);
        self.take(|call, facts, now| {
            let step = Look::at(call, facts, now).and_then(|mut look| {
                look.settle(|crew| *crew == away);
                look.step()
            });
            ((), step)
        });
    }

    /// Everything that is owed is in an outbox now.
    fn told(&mut self) -> Vec<String> {
        let call = self.call.take().unwrap();
        let (owed, closes_at) = (call.owed().to_vec(), self.now + 2.hours());
        let last_call = self.last_call();
        self.call = Some(call.told(&owed, self.now, closes_at, last_call));
        owed.into_iter().map(words).collect()
    }

    fn due(&self) -> Option<Timestamp> {
        self.call.as_ref().unwrap().due
    }

    fn later(&mut self, hours: i64) {
        self.now += SignedDuration::from_hours(hours);
    }

    /// What is owed, to whom, as if all of it went into an outbox now.
    fn sent(&mut self) -> Vec<String> {
        let call = self.call.as_mut().unwrap();
        std::mem::take(&mut call.owed).into_iter().map(words).collect()
    }

    fn phase(&self) -> Phase {
        self.call.as_ref().unwrap().phase
    }

    fn aboard(&self) -> Vec<&str> {
        self.assignments.iter().map(|sails| sails.crew().as_str()).collect()
    }
}

fn words(notice: Notice) -> String {
    let to = notice.to.map_or("operations".to_owned(), |crew| crew.to_string());
    format!("{} {to}", notice.kind.as_str())
}

fn id(number: u8) -> CrewId {
    CrewId::new(&format!("c{number}")).unwrap()
}

#[test]
fn a_wave_goes_out_once_and_the_next_when_its_window_has_passed() {
    let mut world = World::new();
    assert!(world.tick());
    assert_eq!(world.sent(), ["ask c1", "ask c2"]);
    world.later(1);
    assert!(!world.tick(), "nothing is due");
    world.later(1);
    assert!(world.tick());
    assert_eq!(world.sent(), ["ask c3", "ask c4"]);
    assert_eq!(world.say(1, Answer::Accept), Outcome::Aboard, "a late yes is one");
    assert_eq!(world.sent(), ["aboard c1", "taken c2", "taken c3", "taken c4"]);
    assert_eq!((world.phase(), world.aboard()), (Phase::Filled, vec!["c1"]));
    assert!(!world.tick());
}

#[test]
fn the_first_yes_is_aboard_and_the_second_too_late() {
    let mut world = World::new();
    world.tick();
    assert_eq!(world.say(2, Answer::Accept), Outcome::Aboard);
    assert_eq!(world.say(2, Answer::Accept), Outcome::Aboard, "said twice");
    assert_eq!(world.say(1, Answer::Accept), Outcome::Taken);
    assert_eq!(world.say(5, Answer::Accept), Outcome::NotAsked);
    assert_eq!(world.sent(), ["aboard c2", "taken c1"], "asks that had not left do not");
}

#[test]
fn whoever_sails_elsewhere_by_now_cannot_come() {
    let mut world = World::new();
    world.tick();
    world.elsewhere = 1;
    assert_eq!(world.say(1, Answer::Accept), Outcome::Elsewhere);
    assert_eq!(world.say(1, Answer::Decline), Outcome::Declined);
    assert_eq!(world.say(2, Answer::Accept), Outcome::Aboard);
}

#[test]
fn when_all_have_declined_the_next_wave_does_not_wait() {
    let mut world = World::new();
    world.tick();
    assert_eq!(world.say(1, Answer::Decline), Outcome::Declined);
    assert!(!world.tick(), "one is waited for");
    world.say(2, Answer::Decline);
    world.sent();
    assert!(world.tick());
    assert_eq!(world.sent(), ["ask c3", "ask c4"]);
    assert_eq!(world.say(1, Answer::Accept), Outcome::Aboard, "they may change their mind");
}

#[test]
fn nobody_left_is_said_once_and_somebody_new_is_asked() {
    let mut world = World::new();
    world.crew.truncate(1);
    world.tick();
    assert_eq!(world.sent(), ["ask c1"]);
    world.say(1, Answer::Decline);
    world.tick();
    assert_eq!(world.sent(), ["nobody-left operations"]);
    assert_eq!(world.phase(), Phase::Exhausted);
    world.later(1);
    world.tick();
    assert_eq!(world.sent(), [""; 0], "it was said");
    world.crew.push((id(7), Role::Captain));
    world.later(1);
    world.tick();
    assert_eq!((world.phase(), world.sent()), (Phase::Calling, vec!["ask c7".to_owned()]));
}

#[test]
fn a_charter_that_is_cancelled_calls_off_and_one_confirmed_again_calls_anew() {
    let mut world = World::new();
    world.berths = vec!["2*captain".parse().unwrap()];
    world.tick();
    world.say(1, Answer::Accept);
    world.sent();
    world.wants = Wants::Nobody;
    world.tick();
    assert_eq!(world.sent(), ["released c1", "called-off c2"]);
    assert_eq!((world.phase(), world.aboard().len()), (Phase::CalledOff, 0));
    assert!(!world.tick());
    assert_eq!(world.say(2, Answer::Accept), Outcome::Over);
    world.wants = Wants::Crew;
    assert_eq!(world.say(2, Answer::Accept), Outcome::Over, "of the round before");
    world.tick();
    assert_eq!(world.sent(), ["ask c1", "ask c2"]);
    assert_eq!(world.call.as_ref().unwrap().round(), 2);
}

#[test]
fn a_charter_that_moves_is_called_for_anew_and_other_hours_are_told() {
    let mut world = World::new();
    world.tick();
    world.say(1, Answer::Accept);
    world.sent();
    world.sailing.hours = Some("10:00-12:00".parse().unwrap());
    world.tick();
    assert_eq!((world.sent(), world.aboard()), (vec!["changed c1".to_owned()], vec!["c1"]));
    world.sailing.date = date(2026, 5, 4);
    world.tick();
    assert_eq!(world.sent(), ["released c1", "ask c1", "ask c2"]);
    assert_eq!(world.aboard(), [""; 0]);
}

#[test]
fn the_office_has_the_last_word() {
    let mut world = World::new();
    world.tick();
    world.say(1, Answer::Accept);
    world.sent();
    world.assignments.clear();
    world.tick();
    assert_eq!(world.sent(), ["released c1", "ask c2", "ask c3"], "who was too late may come now");
    world.assignments.push(Assignment::new(id(9), Role::Captain));
    world.tick();
    assert_eq!(world.sent(), ["taken c2", "taken c3"]);
    assert_eq!((world.phase(), world.aboard()), (Phase::Filled, vec!["c9"]));
}

#[test]
fn whoever_the_office_puts_aboard_has_accepted() {
    let mut world = World::new();
    world.tick();
    world.sent();
    world.assignments.push(Assignment::new(id(2), Role::Captain));
    world.tick();
    assert_eq!(world.sent(), ["aboard c2", "taken c1"]);
    assert_eq!(world.say(2, Answer::Accept), Outcome::Aboard);
    assert_eq!(world.sent(), [""; 0]);
}

#[test]
fn one_who_is_aboard_and_declines_frees_the_berth() {
    let mut world = World::new();
    world.tick();
    world.say(1, Answer::Accept);
    world.sent();
    assert_eq!(world.say(1, Answer::Decline), Outcome::Declined);
    assert_eq!(world.sent(), ["released c1"]);
    world.tick();
    assert_eq!(world.sent(), ["ask c2", "ask c3"]);
}

#[test]
fn nobody_is_asked_once_it_has_cast_off() {
    let mut world = World::new();
    world.tick();
    world.later(48);
    world.tick();
    assert_eq!(world.sent(), ["nobody-left operations"], "not even those whose ask is late");
    assert_eq!(world.call.as_ref().unwrap().due(), None);
    assert_eq!(world.say(1, Answer::Accept), Outcome::Over);
}

#[test]
fn an_ask_that_is_late_leaves_for_those_who_are_waited_for_alone() {
    let mut world = World::new();
    world.berths = vec!["2*captain".parse().unwrap()];
    world.tick();
    world.wants = Wants::Nobody;
    world.tick();
    assert_eq!(world.sent(), ["called-off c1", "called-off c2"], "they may have had it");
    world.wants = Wants::Crew;
    world.tick();
    world.say(1, Answer::Decline);
    assert_eq!(world.sent(), ["ask c2"]);
}

#[test]
fn a_wave_has_its_window_from_when_its_asks_have_left() {
    let mut world = World::new();
    world.tick();
    world.later(3);
    assert_eq!(world.told(), ["ask c1", "ask c2"]);
    assert_eq!(world.due(), Some(world.now + 2.hours()));
    world.later(1);
    assert!(!world.tick());
    world.say(1, Answer::Decline);
    world.say(2, Answer::Decline);
    assert_eq!(world.due(), Some(world.now), "nobody is waited for");
    world.tick();
    world.later(2);
    world.tick();
    world.sent();
    let due = world.due();
    world.later(1);
    world.told();
    assert_eq!(world.due(), due, "an ask of an earlier wave gives nobody time");
}

#[test]
fn whoever_turns_out_to_sail_elsewhere_is_as_if_they_had_not_answered() {
    let mut world = World::new();
    world.tick();
    world.told();
    let due = world.due();
    assert_eq!(world.half_say(1, Answer::Accept), Outcome::Aboard);
    assert_eq!(world.aboard(), ["c1"]);
    assert_eq!(world.told(), [""; 0], "nobody is told on half a yes");
    assert_eq!(world.call.as_ref().unwrap().wakes(), Some(world.now), "and it is not forgotten");
    assert_eq!(world.half_say(2, Answer::Accept), Outcome::Taken);
    world.turns_out = 1;
    world.tick();
    assert_eq!(world.aboard(), [""; 0]);
    assert_eq!((world.told(), world.due()), (vec![], due));
    assert_eq!(world.say(2, Answer::Accept), Outcome::Aboard);
    assert_eq!(world.told(), ["aboard c2", "taken c1"]);
}

#[test]
fn half_a_yes_is_finished_by_whoever_looks_next() {
    for (word, told) in [
        (None, vec!["aboard c1", "taken c2"]),
        (Some(Wants::Nobody), vec!["called-off c1", "called-off c2"]),
        (Some(Wants::Nothing), vec!["aboard c1", "taken c2"]),
    ] {
        let mut world = World::new();
        world.tick();
        world.told();
        world.half_say(1, Answer::Accept);
        world.wants = word.unwrap_or(world.wants);
        world.tick();
        assert_eq!(world.told(), told, "{word:?}");
        assert!(!world.tick());
    }
}

#[test]
fn whoever_the_office_took_off_does_not_come_back_by_a_link() {
    let mut world = World::new();
    world.tick();
    world.say(1, Answer::Accept);
    world.assignments.clear();
    assert_eq!(world.say(1, Answer::Accept), Outcome::Taken);
    assert_eq!(world.aboard(), [""; 0]);
}

#[test]
fn whoever_the_office_puts_into_another_berth_is_told_of_that_one() {
    let mut world = World::new();
    world.tick();
    world.assignments.push(Assignment::new(id(2), Role::Mate));
    world.tick();
    let call = world.call.as_ref().unwrap();
    assert_eq!(call.owed().last().unwrap().berth(), Some(&Role::Mate));
    assert_eq!(call.phase(), Phase::Calling, "the captain's berth is free");
}

#[test]
fn a_call_goes_on_when_the_office_corrects_what_had_ended_it() {
    for (end, told) in [(Wants::Nothing, 0), (Wants::Crew, 1)] {
        let mut world = World::new();
        world.tick();
        world.told();
        world.now = world.casts_off();
        world.wants = end;
        world.tick();
        assert_eq!(world.due(), None);
        world.wants = Wants::Crew;
        world.sailing.hours = Some("20:00-22:00".parse().unwrap());
        world.tick();
        let all = ["nobody-left operations", "ask c3", "ask c4"];
        assert_eq!(world.told(), all[1 - told..], "{end:?}");
    }
}

#[test]
fn of_several_berths_each_has_its_member_and_the_others_wait() {
    let mut world = World::new();
    world.berths = ["captain", "2*crew"].map(|berth| berth.parse().unwrap()).into();
    world.crew.extend((6..=9).map(|number| (id(number), Role::Crew)));
    world.crew.drain(2..5);
    world.tick();
    assert_eq!(world.told(), ["ask c1", "ask c2"]);
    world.say(2, Answer::Accept);
    assert_eq!(world.due(), Some(world.now), "the captain's wave is over");
    world.tick();
    assert_eq!(world.told(), ["aboard c2", "taken c1", "ask c6", "ask c7"]);
    world.say(7, Answer::Accept);
    assert_eq!((world.told(), world.phase()), (vec!["aboard c7".to_owned()], Phase::Calling));
    world.later(2);
    world.tick();
    world.say(9, Answer::Accept);
    assert_eq!(world.told(), ["aboard c9", "taken c6", "taken c8"]);
    let tomorrow = Some(world.now + 24.hours());
    assert_eq!((world.phase(), world.due()), (Phase::Filled, tomorrow));
}

#[test]
fn a_wave_that_may_not_open_yet_is_waited_for() {
    let mut world = World::new();
    let morning = world.now + 10.hours();
    world.opens = Some(morning);
    world.tick();
    assert_eq!((world.due(), world.told()), (Some(morning), vec![]));
    assert!(!world.tick());
    world.crew.clear();
    world.now = morning;
    world.tick();
    world.crew.push((id(7), Role::Captain));
    world.opens = Some(morning + 10.hours());
    world.later(1);
    world.tick();
    assert_eq!((world.phase(), world.due()), (Phase::Exhausted, Some(world.now + 1.hour())));
    world.crew.clear();
    world.later(10);
    world.tick();
    assert_eq!(world.told(), ["nobody-left operations"], "once, though somebody was free at night");
}

#[test]
fn a_charter_that_has_its_crew_is_called_for_nobody() {
    let mut world = World::new();
    world.assignments.push(Assignment::new(id(9), Role::Captain));
    assert!(world.tick());
    assert_eq!((world.phase(), world.told()), (Phase::Filled, vec![]));
    for wants in [Wants::Nobody, Wants::Nothing] {
        let mut world = World::new();
        world.wants = wants;
        assert!(!world.tick());
    }
    let mut world = World::new();
    world.now = world.casts_off();
    assert!(!world.tick());
}

#[test]
fn a_look_says_whether_there_is_something_to_do() {
    let wants = |world: &mut World| {
        world.take(|call, facts, now| {
            (Look::at(call, facts, now).is_some_and(Look::wants_something), None)
        })
    };
    let mut world = World::new();
    assert!(wants(&mut world), "it was not called for");
    world.tick();
    world.told();
    assert!(!wants(&mut world));
    world.half_say(1, Answer::Accept);
    assert!(wants(&mut world), "half a yes");
    world.tick();
    assert!(!wants(&mut world));
    world.sailing.hours = Some("10:00-12:00".parse().unwrap());
    assert!(wants(&mut world), "other hours");
    world.tick();
    world.assignments.clear();
    assert!(wants(&mut world), "the office took the captain off");
    world.tick();
    world.wants = Wants::Nobody;
    assert!(wants(&mut world), "cancelled");
}

#[test]
fn where_the_first_word_counts_another_changes_nothing_and_hears_what_stands() {
    for (first, outcome) in
        [(Answer::Accept, Outcome::Aboard), (Answer::Decline, Outcome::Declined)]
    {
        let mut world = World::new();
        world.tick();
        assert_eq!(world.so_far(1), None);
        assert_eq!(world.say_once(1, first), outcome);
        let (call, aboard) = (world.call.clone(), world.assignments.clone());
        for word in [Answer::Accept, Answer::Decline] {
            assert_eq!(world.say_once(1, word), outcome);
        }
        assert_eq!((&world.call, &world.assignments), (&call, &aboard));
        assert_eq!(world.so_far(1), Some(outcome));
    }
}

#[test]
fn half_a_yes_is_no_word_yet() {
    let mut world = World::new();
    world.tick();
    world.half_say_it(1, Answer::Accept, Counts::First);
    assert_eq!(world.so_far(1), None, "it is to be said to the end");
    world.turns_out = 1;
    assert_eq!(world.say_once(1, Answer::Decline), Outcome::Aboard, "until it is settled");
    assert_eq!(world.so_far(1), None);
    assert_eq!(world.say_once(1, Answer::Decline), Outcome::Declined);
}

#[test]
fn what_has_become_of_an_answer_is_told_without_one() {
    let mut world = World::new();
    world.tick();
    assert_eq!(world.so_far(5), Some(Outcome::NotAsked));
    world.say_once(1, Answer::Accept);
    assert_eq!((world.so_far(1), world.so_far(2)), (Some(Outcome::Aboard), Some(Outcome::Taken)));
    world.assignments.clear();
    assert_eq!(world.so_far(1), Some(Outcome::Taken), "the office took them off");
    assert_eq!(world.so_far(2), None, "the berth is free again");
    world.wants = Wants::Nobody;
    assert_eq!((world.so_far(1), world.so_far(5)), (Some(Outcome::Over), Some(Outcome::Over)));
}
