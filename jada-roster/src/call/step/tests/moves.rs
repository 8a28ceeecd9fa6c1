//! Charters that move, are called off, and what is corrected about them afterwards.

use super::*;

/// One captain is aboard, and was told.
fn with_a_captain() -> World {
    let mut world = World::new();
    world.tick();
    world.say(1, Answer::Accept);
    world.told();
    world
}

/// When one that sails at an hour that nobody knows has cast off.
fn midnight() -> Timestamp {
    "2026-05-04T00:00:00Z".parse().unwrap()
}

#[test]
fn what_is_corrected_after_the_sail_leaves_who_sailed_alone() {
    let cancelled = |world: &mut World| world.wants = Wants::Nobody;
    let moved = |world: &mut World| world.sailing.date = date(2026, 5, 2);
    let taken_off = |world: &mut World| world.assignments.clear();
    for (correct, aboard) in
        [(cancelled as fn(&mut World), vec!["c1"]), (moved, vec!["c1"]), (taken_off, vec![])]
    {
        let mut world = with_a_captain();
        world.now = midnight();
        correct(&mut world);
        world.tick();
        assert_eq!((world.told(), world.aboard()), (vec![], aboard));
        assert_eq!((world.phase(), world.due()), (Phase::Filled, None));
    }
}

#[test]
fn one_that_did_not_sail_after_all_is_called_for_anew() {
    let mut world = with_a_captain();
    world.now = midnight();
    world.sailing.date = date(2026, 5, 9);
    world.tick();
    assert_eq!(world.told(), ["released c1", "ask c1", "ask c2"]);
}

#[test]
fn whoever_is_penciled_in_on_a_charter_that_is_off_is_told_when_it_is_on() {
    let mut world = with_a_captain();
    world.wants = Wants::Nobody;
    world.tick();
    assert_eq!(world.told(), ["released c1"]);
    world.assignments.push(Assignment::new(id(1), Role::Captain));
    assert!(!world.tick(), "it is off");
    world.wants = Wants::Crew;
    world.tick();
    assert_eq!((world.told(), world.phase()), (vec!["aboard c1".to_owned()], Phase::Filled));
    world.wants = Wants::Nobody;
    world.tick();
    assert_eq!(world.told(), ["released c1"], "they have an invitation");
}

#[test]
fn whoever_is_put_aboard_for_the_new_day_hears_that_last() {
    let mut world = World::new();
    world.tick();
    world.told();
    world.sailing.date = date(2026, 5, 4);
    world.assignments.push(Assignment::new(id(1), Role::Captain));
    world.tick();
    assert_eq!(world.told(), ["called-off c1", "called-off c2", "aboard c1"]);
    assert!(!world.tick());
}

#[test]
fn whoever_was_told_that_they_do_not_sail_two_rounds_ago_is_told_that_they_do() {
    let mut world = with_a_captain();
    world.sailing.date = date(2026, 5, 4);
    world.crew.remove(0);
    world.tick();
    world.sailing.date = date(2026, 5, 5);
    world.tick();
    world.told();
    world.assignments.push(Assignment::new(id(1), Role::Captain));
    world.tick();
    assert_eq!(world.told(), ["aboard c1", "taken c2", "taken c3"]);
}

#[test]
fn whoever_cannot_move_along_is_named_to_operations_once() {
    let mut world = with_a_captain();
    world.turns_out = 1;
    world.sailing.hours = Some("10:00-12:00".parse().unwrap());
    world.tick();
    let clash = world.call.as_ref().unwrap().owed().last().unwrap().clone();
    assert_eq!(
        (clash.about(), clash.to(), clash.berth()),
        (Some(&id(1)), None, Some(&Role::Captain))
    );
    assert_eq!(world.told(), ["changed c1", "clash operations"]);
    assert!(!world.tick());
}

#[test]
fn whether_those_aboard_can_move_along_is_not_forgotten_over_an_answer() {
    let mut world = with_a_captain();
    (world.turns_out, world.sailing.hours) = (1, Some("10:00-12:00".parse().unwrap()));
    world.half_say(2, Answer::Decline);
    assert_eq!(world.told(), ["changed c1"]);
    assert_eq!(world.call.as_ref().unwrap().wakes(), Some(world.now));
    world.tick();
    assert_eq!(world.told(), ["clash operations"]);
}

#[test]
fn another_boat_is_told_to_those_aboard_where_it_is_known_which_they_were_told() {
    let mut world = with_a_captain();
    world.boat = "Moana".to_owned();
    world.tick();
    assert_eq!(world.told(), ["changed c1"]);
    assert!(!world.tick());
    world.call.as_mut().unwrap().place = None;
    world.boat = "Isla".to_owned();
    world.tick();
    assert_eq!(world.told(), [""; 0], "an older version did not write it");
    world.boat = "Moana".to_owned();
    world.tick();
    assert_eq!(world.told(), ["changed c1"]);
}
