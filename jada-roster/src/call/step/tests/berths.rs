//! Berths that come to be free while members are waited for.

use super::*;

/// One captain is aboard, and two of the crew are asked. Three captains are left, and one of the crew.
fn with_a_captain() -> World {
    let mut world = World::new();
    world.berths = ["captain", "crew"].map(|berth| berth.parse().unwrap()).into();
    world.crew.extend((6..=8).map(|number| (id(number), Role::Crew)));
    world.tick();
    world.say(1, Answer::Accept);
    world.tick();
    assert_eq!(world.told(), ["aboard c1", "taken c2", "ask c6", "ask c7"]);
    world
}

#[test]
fn a_captain_who_drops_out_is_called_for_while_crew_are_waited_for() {
    for by_office in [true, false] {
        let mut world = with_a_captain();
        let crew_have_until = world.due();
        world.later(1);
        match by_office {
            true => world.assignments.clear(),
            false => _ = world.say(1, Answer::Decline),
        }
        world.tick();
        assert_eq!(world.told(), ["released c1", "ask c2", "ask c3"], "the office: {by_office}");
        assert_eq!(world.due(), Some(world.now + 2.hours()));
        world.say(3, Answer::Accept);
        assert_eq!(world.told(), ["aboard c3", "taken c2"]);
        assert_eq!(world.due(), crew_have_until, "the crew have their window all the same");
        assert!(!world.tick());
        world.later(1);
        world.tick();
        assert_eq!(world.told(), ["ask c8"]);
    }
}

#[test]
fn captains_who_decline_are_followed_by_captains_while_crew_are_waited_for() {
    let mut world = with_a_captain();
    world.say(1, Answer::Decline);
    world.tick();
    world.say(2, Answer::Decline);
    assert!(!world.tick(), "one is waited for");
    world.say(3, Answer::Decline);
    world.tick();
    assert_eq!(world.told(), ["released c1", "ask c4", "ask c5"]);
    world.say(4, Answer::Decline);
    world.say(5, Answer::Decline);
    world.tick();
    assert_eq!(world.told(), ["nobody-left operations"], "no captain is left");
    assert_eq!(world.phase(), Phase::Calling);
    assert!(!world.tick());
    world.later(2);
    world.tick();
    assert_eq!(world.told(), ["ask c8"]);
}

#[test]
fn a_captain_of_the_office_who_drops_out_is_called_for_too() {
    let mut world = World::new();
    world.berths = ["captain", "crew"].map(|berth| berth.parse().unwrap()).into();
    world.crew.extend((6..=8).map(|number| (id(number), Role::Crew)));
    world.assignments.push(Assignment::new(id(9), Role::Captain));
    world.tick();
    assert_eq!(world.told(), ["ask c6", "ask c7"]);
    assert_eq!(world.call.as_ref().unwrap().vacant(), [Role::Crew]);
    world.assignments.clear();
    assert!(world.tick());
    assert_eq!(world.told(), ["ask c1", "ask c2"]);
    world.assignments.push(Assignment::new(id(9), Role::Captain));
    world.tick();
    assert_eq!(world.told(), ["taken c1", "taken c2"]);
    world.assignments.clear();
    world.tick();
    assert_eq!(world.told(), ["ask c1", "ask c2"], "as often as it happens");
}

#[test]
fn a_captain_who_drops_out_at_night_is_called_for_in_the_morning() {
    let mut world = with_a_captain();
    let morning = world.now + 1.hour();
    world.opens = Some(morning);
    world.assignments.clear();
    world.tick();
    assert_eq!((world.told(), world.due()), (vec!["released c1".to_owned()], Some(morning)));
    assert!(!world.tick());
    world.later(1);
    world.tick();
    assert_eq!(world.told(), ["ask c2", "ask c3"]);
}

#[test]
fn a_captain_who_drops_out_when_nobody_is_left_for_another_berth_is_called_for() {
    let mut world = with_a_captain();
    for number in [6, 7, 8] {
        world.say(number, Answer::Decline);
        world.tick();
    }
    assert_eq!(world.told(), ["nobody-left operations"]);
    world.assignments.clear();
    world.tick();
    assert_eq!(
        (world.phase(), world.told()),
        (Phase::Calling, vec!["released c1".to_owned(), "ask c2".to_owned(), "ask c3".to_owned()])
    );
}

#[test]
fn crew_who_drop_out_while_captains_are_waited_for_come_after_them() {
    let mut world = with_a_captain();
    world.say(6, Answer::Accept);
    assert_eq!(
        (world.told(), world.phase()),
        (vec!["aboard c6".to_owned(), "taken c7".to_owned()], Phase::Filled)
    );
    world.say(1, Answer::Decline);
    world.tick();
    let due = world.due();
    assert_eq!(world.told(), ["released c1", "ask c2", "ask c3"]);
    world.later(1);
    world.say(6, Answer::Decline);
    assert!(!world.tick());
    assert_eq!((world.told(), world.due()), (vec!["released c6".to_owned()], due));
    world.say(3, Answer::Accept);
    world.tick();
    assert_eq!(world.told(), ["aboard c3", "taken c2", "ask c7", "ask c8"]);
}

#[test]
fn asks_that_are_late_do_not_put_off_a_captain() {
    let mut world = with_a_captain();
    let Call { round, sailing, .. } = *world.call.as_ref().unwrap();
    world.later(1);
    world.say(1, Answer::Decline);
    let due = world.due();
    assert_eq!(due, Some(world.now));
    // The ask of one of the crew is in the outbox only now.
    let since = world.now;
    let late = Notice {
        call: None,
        kind: NoticeKind::Ask,
        to: Some(id(6)),
        berth: Some(Role::Crew),
        round,
        sequence: 99,
        sailing,
        since,
        about: None,
    };
    world.call.as_mut().unwrap().owed.push(late);
    world.told();
    assert_eq!(world.due(), due);
    world.tick();
    assert_eq!(world.told(), ["ask c2", "ask c3"]);
    world.say(3, Answer::Accept);
    assert_eq!(world.due(), Some(since + 2.hours()), "who was asked late has the whole window");
}

#[test]
fn an_ask_that_is_later_than_the_next_wave_puts_nobody_off() {
    let mut world = World::new();
    world.tick();
    let to_the_first = |notice: &Notice| notice.to == Some(id(1));
    world.call.as_mut().unwrap().owed.retain(to_the_first);
    world.later(2);
    world.tick();
    let due = world.due();
    world.later(1);
    world.call.as_mut().unwrap().owed.retain(to_the_first);
    assert_eq!(world.told(), ["ask c1"]);
    assert_eq!(world.due(), due);
}

#[test]
fn the_last_who_declines_is_the_last_though_half_a_yes_is_not_settled() {
    let mut world = with_a_captain();
    world.berths = ["captain", "2*crew"].map(|berth| berth.parse().unwrap()).into();
    world.later(2);
    world.tick();
    assert_eq!(world.told(), ["ask c8"]);
    world.half_say(6, Answer::Accept);
    world.half_say(8, Answer::Decline);
    assert_eq!(world.due(), Some(world.now));
    world.turns_out = 6;
    world.tick();
    assert_eq!(world.told(), ["nobody-left operations"]);
}
