//! Berths for which nobody is left, or no time, and members who are asked again.

use super::*;

/// At 04:00 on the day it sails, an hour before its last call.
fn late() -> World {
    let mut world = World::new();
    world.now = "2026-05-03T04:00:00Z".parse().unwrap();
    world
}

#[test]
fn a_charter_that_is_waited_for_too_long_is_told_before_it_casts_off() {
    let mut world = late();
    world.crew.truncate(2);
    world.tick();
    world.told();
    assert_eq!(world.due(), Some(world.last_call().since));
    world.later(1);
    world.tick();
    assert_eq!(world.told(), [""; 0], "half of the time that was left when they were asked");
    assert_eq!(world.due(), Some(world.now + 1.hour()));
    world.later(1);
    world.tick();
    assert_eq!(world.told(), ["nobody-left operations"]);
    assert_eq!(world.phase(), Phase::Exhausted);
    world.say(2, Answer::Accept);
    assert_eq!((world.told().len(), world.phase()), (2, Phase::Filled));
}

#[test]
fn whoever_is_left_at_the_last_call_is_asked_though_others_are_waited_for() {
    let mut world = late();
    world.tick();
    assert_eq!(world.told(), ["ask c1", "ask c2"]);
    world.later(1);
    world.tick();
    assert_eq!(world.told(), ["ask c3", "ask c4"]);
}

#[test]
fn a_charter_that_casts_off_with_a_berth_free_ends_exhausted_and_says_so_once() {
    let mut world = World::new();
    world.tick();
    world.told();
    world.now = world.casts_off();
    for _ in 0..2 {
        world.tick();
        assert_eq!((world.phase(), world.due()), (Phase::Exhausted, None));
    }
    assert_eq!(world.told(), ["nobody-left operations"]);
    let mut world = World::new();
    world.tick();
    world.say(1, Answer::Accept);
    world.told();
    world.now = world.casts_off();
    world.tick();
    assert_eq!((world.phase(), world.due(), world.told().len()), (Phase::Filled, None, 0));
}

#[test]
fn whoever_was_too_late_is_asked_again_when_the_berth_is_free_again() {
    let mut world = World::new();
    world.crew.truncate(2);
    world.tick();
    world.say(1, Answer::Accept);
    assert_eq!(world.told(), ["aboard c1", "taken c2"]);
    world.say(1, Answer::Decline);
    world.tick();
    assert_eq!(world.told(), ["released c1", "ask c2"], "not who has said no");
    let call = world.call.as_ref().unwrap();
    assert_eq!((call.asked().len(), call.asked()[1].wave()), (2, 2));
    world.say(2, Answer::Decline);
    world.tick();
    assert_eq!(world.told(), ["nobody-left operations"]);
}

#[test]
fn whoever_was_too_late_and_says_no_is_not_asked_again() {
    let mut world = World::new();
    world.crew.truncate(2);
    world.tick();
    world.say(1, Answer::Accept);
    assert_eq!(world.told(), ["aboard c1", "taken c2"]);
    world.opens = Some(world.now + 10.hours());
    world.say(1, Answer::Decline);
    world.tick();
    assert_eq!(world.so_far(2), None, "the berth is free, and nobody may be asked at night");
    assert_eq!(world.say_once(2, Answer::Decline), Outcome::Declined);
    world.later(10);
    world.tick();
    assert_eq!(world.told(), ["released c1", "nobody-left operations"]);
}

#[test]
fn an_ask_that_never_left_is_not_sent_beside_the_one_that_follows_it() {
    let mut world = World::new();
    world.berths = ["captain", "crew"].map(|berth| berth.parse().unwrap()).into();
    world.crew = vec![(id(1), Role::Captain), (id(2), Role::Captain), (id(8), Role::Crew)];
    world.tick();
    world.assignments.push(Assignment::new(id(9), Role::Captain));
    world.crew = vec![(id(1), Role::Crew)];
    world.call.as_mut().unwrap().due = Some(world.now);
    world.tick();
    assert_eq!(world.told(), ["taken c1", "taken c2", "ask c1"]);
}

#[test]
fn nobody_left_is_said_of_each_berth_while_others_are_called_for() {
    let mut world = World::new();
    world.berths = ["captain", "crew"].map(|berth| berth.parse().unwrap()).into();
    world.crew = vec![(id(1), Role::Captain), (id(6), Role::Crew)];
    world.tick();
    world.told();
    world.say(1, Answer::Decline);
    world.tick();
    assert_eq!(world.told(), ["nobody-left operations", "ask c6"]);
    let call = world.call.as_ref().unwrap();
    assert_eq!((call.phase(), call.unmanned()), (Phase::Calling, &[Role::Captain][..]));
    assert_eq!(call.due(), Some(world.now + 1.hour()), "so that an alert finds it");
    world.later(1);
    world.tick();
    assert_eq!(world.told(), [""; 0], "once");
    world.say(6, Answer::Decline);
    world.tick();
    assert_eq!(
        (world.told(), world.phase()),
        (vec!["nobody-left operations".to_owned()], Phase::Exhausted)
    );
}

#[test]
fn an_alert_looks_again_within_the_hour_though_nobody_may_be_asked_at_night() {
    let mut world = World::new();
    world.crew.clear();
    world.tick();
    assert_eq!(world.phase(), Phase::Exhausted);
    world.crew.push((id(7), Role::Captain));
    world.opens = Some(world.now + 10.hours());
    for _ in 0..3 {
        world.later(1);
        world.tick();
        assert_eq!((world.phase(), world.due()), (Phase::Exhausted, Some(world.now + 1.hour())));
    }
}

#[test]
fn no_wave_follows_one_of_which_no_ask_has_left() {
    let mut world = World::new();
    world.tick();
    for _ in 0..3 {
        world.later(1);
        assert!(!world.tick(), "the outbox takes nothing");
    }
    assert_eq!(world.told(), ["ask c1", "ask c2"]);
    assert_eq!(world.due(), Some(world.now + 2.hours()));
    let mut world = World::new();
    world.tick();
    world.call.as_mut().unwrap().owed.pop();
    world.later(2);
    world.tick();
    assert_eq!(world.told(), ["ask c1", "ask c3", "ask c4"], "one has left");
}

#[test]
fn an_outbox_that_takes_nothing_keeps_no_alert() {
    let mut world = late();
    world.crew.truncate(2);
    world.tick();
    world.later(2);
    world.tick();
    assert_eq!(world.phase(), Phase::Exhausted);
}

#[test]
fn whoever_was_not_told_that_they_are_asked_is_asked_when_it_goes_on() {
    let mut world = World::new();
    world.tick();
    world.wants = Wants::Nothing;
    world.tick();
    assert_eq!(world.told(), [""; 0]);
    world.wants = Wants::Crew;
    world.tick();
    assert_eq!(world.told(), ["ask c1", "ask c2"]);
}

#[test]
fn an_ask_that_is_never_taken_holds_a_call_for_one_window_more() {
    let mut world = World::new();
    world.tick();
    world.later(3);
    assert!(!world.tick(), "the outbox may be down");
    world.later(1);
    assert!(world.tick());
    let asked = world.call.as_ref().unwrap().asked().iter();
    assert_eq!(asked.filter(|asked| asked.wave() == 2).count(), 2);
}

#[test]
fn a_wave_that_could_open_after_the_last_call_only_is_told_at_the_last_call() {
    let mut world = World::new();
    world.now = "2026-05-02T22:00:00Z".parse().unwrap();
    let morning = "2026-05-03T07:00:00Z".parse().unwrap();
    world.opens = Some(morning);
    world.tick();
    assert_eq!((world.told(), world.due()), (vec![], Some(world.last_call().since)));
    world.now = world.last_call().since;
    world.tick();
    assert_eq!(world.told(), ["nobody-left operations"], "three hours before it casts off");
    world.now = morning;
    world.tick();
    assert_eq!(world.told(), ["ask c1", "ask c2"], "and whoever is left is asked all the same");
    let mut world = late();
    (world.now, world.opens) = (world.last_call().since + 1.hour(), Some(morning));
    world.tick();
    assert_eq!(world.told(), ["nobody-left operations"], "at once");
}

#[test]
fn whoever_has_not_answered_in_their_window_is_waited_for_no_more() {
    let mut world = World::new();
    world.berths = ["captain", "crew"].map(|berth| berth.parse().unwrap()).into();
    world.crew = vec![(id(1), Role::Captain), (id(6), Role::Crew)];
    world.tick();
    world.told();
    assert!(!world.call.as_ref().unwrap().wants_person(world.now));
    world.later(2);
    world.tick();
    assert_eq!(world.told(), ["nobody-left operations", "ask c6"]);
    assert!(world.call.as_ref().unwrap().wants_person(world.now), "the captain's window is over");
}
