//! What those aboard are told of what the office changes.

use super::*;

/// A captain is aboard, and a mate is wanted too.
fn with_a_captain() -> World {
    let mut world = World::new();
    world.berths = ["captain", "mate"].map(|berth| berth.parse().unwrap()).into();
    world.crew.truncate(1);
    world.tick();
    world.say(1, Answer::Accept);
    world.told();
    world
}

#[test]
fn whoever_is_taken_off_when_the_hours_change_hears_that_alone() {
    let mut world = with_a_captain();
    world.sailing.hours = Some("10:00-12:00".parse().unwrap());
    world.assignments.clear();
    world.tick();
    let told = world.told();
    assert_eq!(told.first().unwrap(), "released c1", "{told:?}");
    assert!(!told.contains(&"changed c1".to_owned()), "{told:?}");
}

#[test]
fn whoever_is_given_another_berth_is_told_once() {
    for hours in [None, Some("10:00-12:00".parse().unwrap())] {
        let mut world = with_a_captain();
        world.assignments =
            vec![Assignment::new(id(1), Role::Mate), Assignment::new(id(2), Role::Captain)];
        world.sailing.hours = hours;
        world.tick();
        let owed = world.call.as_ref().unwrap().owed();
        assert_eq!(owed.first().and_then(Notice::berth), Some(&Role::Mate));
        assert_eq!(world.told(), ["changed c1"], "{hours:?}");
        world.tick();
        assert_eq!(world.told(), [""; 0]);
    }
}
