use jiff::civil::date;
use jiff::{SignedDuration, ToSpan};

use super::*;

/// A charter, its call, and a world in which five captains can be asked, two at a time.
struct World {
    now: Timestamp,
    wants: Wants,
    sailing: Sailing,
    berths: Vec<Berth>,
    crew: Vec<(CrewId, Role)>,
    call: Option<Call>,
    elsewhere: u8,
    assignments: Vec<Assignment>,
}

impl World {
    fn new() -> Self {
        let crew = (1..=5).map(|number| (id(number), Role::Captain)).collect();
        Self {
            now: "2026-05-01T09:00:00Z".parse().unwrap(),
            wants: Wants::Crew,
            sailing: Sailing { date: date(2026, 5, 3), hours: None },
            berths: vec![Berth::captain()],
            crew,
            call: None,
            elsewhere: 0,
            assignments: Vec::new(),
        }
    }

    fn take<T>(
        &mut self,
        step: impl FnOnce(Option<&Call>, &Facts<'_>, Timestamp) -> (T, Option<Step>),
    ) -> T {
        let casts_off =
            self.sailing.date.at(8, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
        let facts = Facts {
            wants: self.wants,
            sailing: self.sailing,
            casts_off,
            assignments: &self.assignments,
            berths: &self.berths,
            look_again: self.now + 1.hour(),
        };
        let (told, step) = step(self.call.as_ref(), &facts, self.now);
        if let Some(Step { call, assignments }) = step {
            (self.call, self.assignments) = (Some(call), assignments);
        }
        told
    }

    /// Two at a time, each wave for two hours.
    fn tick(&mut self) -> bool {
        let (crew, now) = (self.crew.clone(), self.now);
        self.take(|call, facts, at| {
            let step = tick(call, facts, at, |asked| {
                let left = crew.into_iter().filter(|(crew, _)| !asked.contains(crew));
                let members: Vec<_> = left.take(2).collect();
                Some(NextWave { members, opens_at: now, closes_at: now + 2.hours() })
            });
            (step.is_some(), step)
        })
    }

    fn say(&mut self, number: u8, word: Answer) -> Outcome {
        let crew = id(number);
        let reply = Reply { crew: &crew, answer: word, sails_elsewhere: self.elsewhere == number };
        self.take(|call, facts, now| answer(call.unwrap(), facts, reply, now))
    }

    fn later(&mut self, hours: i64) {
        self.now += SignedDuration::from_hours(hours);
    }

    /// What is owed, to whom, as if all of it went into an outbox now.
    fn sent(&mut self) -> Vec<String> {
        let call = self.call.as_mut().unwrap();
        let told = |notice: Notice| {
            let to = notice.to.map_or("operations".to_owned(), |crew| crew.to_string());
            format!("{} {to}", notice.kind.as_str())
        };
        std::mem::take(&mut call.owed).into_iter().map(told).collect()
    }

    fn phase(&self) -> Phase {
        self.call.as_ref().unwrap().phase
    }

    fn aboard(&self) -> Vec<&str> {
        self.assignments.iter().map(|sails| sails.crew().as_str()).collect()
    }
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
    assert_eq!(world.sent(), ["ask c1", "ask c2", "aboard c2", "taken c1"]);
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
    world.say(1, Answer::Decline);
    world.tick();
    assert_eq!(world.sent(), ["ask c1", "nobody-left operations"]);
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
    assert_eq!(world.sent(), ["released c1", "ask c3", "ask c4"], "nobody of the first wave waits");
    world.assignments.push(Assignment::new(id(9), Role::Captain));
    world.tick();
    assert_eq!(world.sent(), ["taken c3", "taken c4"]);
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
    assert_eq!(world.sent(), ["ask c3", "ask c4"]);
}

#[test]
fn nobody_is_asked_once_it_has_cast_off() {
    let mut world = World::new();
    world.tick();
    world.later(48);
    world.tick();
    assert_eq!(world.sent(), ["ask c1", "ask c2"]);
    assert_eq!(world.call.as_ref().unwrap().due(), None);
    assert_eq!(world.say(1, Answer::Accept), Outcome::Over);
}
