//! Invitations as a calendar reads them.

use jada_mail::{Error, EventTime, Invite, InviteBuilder, Message, Sequence};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp, Zoned};
use proptest::prelude::{any, prop, prop_assert_eq, proptest};

use crate::calendar::Calendar;

#[test]
fn an_invitation_renders_to_these_very_bytes() {
    let start: Zoned = "2026-07-04T09:00[Europe/Rome]".parse().unwrap();
    let end = &start + HOUR * 3;
    let invite = complete(start, end)
        .location("Molo 3; Porto".parse().unwrap())
        .description("Bring:\nhat, cream".parse().unwrap())
        .url("https://example.com/sail/42".parse().unwrap())
        .attendee("\"O'Neil \\\"Bo\\\", B. ^\" <bo@example.com>".parse().unwrap())
        .build()
        .unwrap();
    assert_eq!(invite.render(stamp()).replace("\r\n", "\n"), INVITATION);
}

#[test]
fn update_and_cancellation_are_of_the_same_event_and_each_is_a_later_word() {
    let first = simple().build().unwrap();
    let start = instant("2026-07-05T09:00:00Z");
    let update = first.update().moved_to(start, start + HOUR).build().unwrap();
    let off = update.cancel();
    for (invite, sequence, method, status) in [
        (&first, "0", "REQUEST", "CONFIRMED"),
        (&update, "1", "REQUEST", "CONFIRMED"),
        (&off, "2", "CANCEL", "CANCELLED"),
    ] {
        let calendar = Calendar::read(&invite.render(stamp()));
        assert_eq!(calendar.value("UID"), "sail-42@example.com");
        assert_eq!(calendar.value("SEQUENCE"), sequence);
        assert_eq!(calendar.value("METHOD"), method);
        assert_eq!(calendar.value("STATUS"), status);
        assert_eq!(calendar.value("DTSTAMP"), "20260601T060000Z");
        assert_eq!(calendar.all("ATTENDEE").len(), 1);
        assert_eq!(calendar.all("VTIMEZONE").len(), 0);
    }
    assert_eq!(Calendar::read(&off.render(stamp())).value("DTSTART"), "20260705T090000Z");
}

#[test]
fn who_is_named_twice_is_invited_once() {
    let invited = ["ada@example.com", "Ada <ada@example.com>", "bo@example.com"];
    let attendees = invited.map(|attendee| attendee.parse().unwrap());
    let invite = simple().attendees(attendees).build().unwrap();
    let emails: Vec<_> = invite.attendees().iter().map(jada_mail::Address::email).collect();
    assert_eq!(emails, ["ada@example.com", "bo@example.com"]);
}

#[test]
fn a_later_process_goes_on_from_the_sequence_it_kept() {
    let kept = Sequence::new(simple().build().unwrap().cancel().sequence().number()).unwrap();
    assert_eq!(simple().follows(kept).build().unwrap().sequence().number(), 2);
    let off = simple().follows(kept).build_cancellation().unwrap();
    assert!(off.is_cancellation() && off.sequence().number() == 2);
    let error = simple().build_cancellation().unwrap_err();
    assert!(error.to_string().contains("`follows`"), "{error}");
}

#[test]
fn an_invitation_that_lacks_something_is_refused() {
    let start = instant("2026-07-04T09:00:00Z");
    let at = |seconds: i64| EventTime::from(Timestamp::from_second(seconds).unwrap());
    let bare = || Invite::builder("x".parse().unwrap(), start, start + HOUR);
    let ada = || "ada@example.com".parse().unwrap();
    for (builder, part) in [
        (bare().organizer(ada()).summary("x".parse().unwrap()), "`attendee`"),
        (bare().organizer(ada()).attendee(ada()), "`summary`"),
        (bare().attendee(ada()).summary("x".parse().unwrap()), "`organizer`"),
        (simple().moved_to(start, start), "an end after the start"),
        (simple().moved_to(date(2026, 7, 4), start + HOUR), "a day where the start is a day"),
        (simple().moved_to(at(0), at(3_600)), "the year 1970"),
        (simple().moved_to(at(253_370_678_399), at(253_370_678_400)), "the year 9998"),
        (simple().moved_to(at(86_400), at(86_400 * 368)), "366 days"),
    ] {
        let error = builder.build().unwrap_err();
        assert!(matches!(error, Error::Incomplete { .. } | Error::Invalid { .. }));
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn who_has_accepted_by_other_means_is_asked_for_no_answer() {
    let agreed = simple().accepted().build().unwrap();
    let told = agreed.render(stamp()).replace("\r\n ", "");
    assert!(agreed.is_accepted() && told.contains(";PARTSTAT=ACCEPTED;RSVP=FALSE"), "{told}");
    let later = agreed.update().build().unwrap();
    assert!(later.is_accepted());
    assert!(!simple().build().unwrap().render(stamp()).contains("ACCEPTED"));
}

#[test]
fn a_day_without_an_hour_is_told_as_one() {
    let days = simple().moved_to(date(2026, 7, 4), date(2026, 7, 6)).build().unwrap();
    assert!(days.start().is_day() && days.start().time_zone().is_none());
    let told = days.render(stamp());
    assert!(
        told.contains("DTSTART;VALUE=DATE:20260704\r\nDTEND;VALUE=DATE:20260706\r\n"),
        "{told}"
    );
}

/// What the clocks of a zone show is told by the changes around the event.
#[test]
fn a_zone_is_told_by_the_changes_around_the_event() {
    for (zone, day, expected) in [
        (
            "Europe/Rome",
            "2026-07-04",
            "D 20260329T020000 +0100 +0200, S 20261025T030000 +0200 +0100",
        ),
        (
            "Europe/Rome",
            "2026-12-04",
            "S 20261025T030000 +0200 +0100, D 20270328T020000 +0100 +0200",
        ),
        (
            "America/St_Johns",
            "2026-07-04",
            "D 20260308T020000 -0330 -0230, S 20261101T020000 -0230 -0330",
        ),
        (
            "Australia/Lord_Howe",
            "2026-12-04",
            "D 20261004T020000 +1030 +1100, S 20270404T020000 +1100 +1030",
        ),
        (
            "Europe/Dublin",
            "2026-07-04",
            "D 20260329T010000 +0000 +0100, S 20261025T020000 +0100 +0000",
        ),
        ("Asia/Dubai", "2026-07-04", "S 19700101T000000 +0400 +0400"),
        ("Asia/Kolkata", "2026-07-04", "S 19700101T000000 +0530 +0530"),
        ("America/Sao_Paulo", "2026-07-04", "S 20190217T000000 -0200 -0300"),
    ] {
        let start: Zoned = format!("{day}T09:00[{zone}]").parse().unwrap();
        let invite = complete(&start, &start + HOUR * 3).build().unwrap();
        let ics = invite.render(stamp());
        let calendar = Calendar::read(&ics);
        assert_eq!(calendar.value("TZID"), zone);
        assert_eq!(calendar.all("DTSTART").last().unwrap().parameters, format!("TZID={zone}"));
        assert_eq!(observances(&calendar).join(", "), expected, "{zone} {day}");
    }
}

/// Reads every change back and applies it as RFC 5545, 3.6.5 says: the clock must be jiff's.
#[test]
fn the_changes_give_the_instant_back_at_every_hour_of_a_year_in_every_kind_of_zone() {
    for zone in ["Europe/Rome", "America/New_York", "Africa/Casablanca", "Asia/Tokyo"] {
        let first: Zoned = format!("2026-01-01T00:30[{zone}]").parse().unwrap();
        for hours in (0..8_760).step_by(7) {
            let start = &first + SignedDuration::from_hours(hours);
            let invite = complete(&start, &start + SignedDuration::from_hours(5)).build().unwrap();
            let calendar = Calendar::read(&invite.render(stamp()));
            for (name, expected) in
                [("DTSTART", invite.start().timestamp()), ("DTEND", invite.end().timestamp())]
            {
                assert_eq!(instant_of(&calendar, name), expected, "{start}");
            }
        }
    }
}

#[test]
fn the_second_of_two_equal_hours_and_an_offset_are_told_in_utc() {
    let rome = "2026-10-25T02:30+02:00[Europe/Rome]".parse::<Zoned>().unwrap();
    let again = "2026-10-25T02:30+01:00[Europe/Rome]".parse::<Zoned>().unwrap();
    let offset = "2026-07-04T09:00+02:00[+02:00]".parse::<Zoned>().unwrap();
    let utc = "2026-07-04T09:00[UTC]".parse::<Zoned>().unwrap();
    assert!(EventTime::from(&rome).time_zone().is_some());
    for (zoned, start) in
        [(again, "20261025T013000Z"), (offset, "20260704T070000Z"), (utc, "20260704T090000Z")]
    {
        let invite = complete(&zoned, &zoned + HOUR).build().unwrap();
        assert_eq!(Calendar::read(&invite.render(stamp())).value("DTSTART"), start);
    }
}

#[test]
fn the_name_of_a_zone_cannot_add_a_line() {
    // A TZif file of one zone, five hours east, without changes.
    let mut tzif = b"TZif\0".to_vec();
    tzif.extend([0; 15 + 16]);
    tzif.extend([0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0x46, 0x50, 0, 0]);
    tzif.extend(b"EST\0");
    let begin = instant("2026-07-04T09:00:00Z");
    let start = |name| {
        let zone = jiff::tz::TimeZone::tzif(name, &tzif).unwrap();
        let invite = complete(begin.to_zoned(zone.clone()), begin.to_zoned(zone) + HOUR).build();
        Calendar::read(&invite.unwrap().render(stamp())).value("DTSTART").to_owned()
    };
    assert_eq!(start("Test/Good"), "20260704T140000");
    for name in ["A\r\nATTENDEE:x", "A\nB", "A\rB", "A\0", "A;B", "A\"", "É", ""] {
        assert_eq!(start(name), "20260704T090000Z", "{name:?}");
    }
}

#[test]
fn two_zones_are_told_once_each() {
    let start: Zoned = "2026-07-04T09:00[Europe/Rome]".parse().unwrap();
    let end: Zoned = "2026-07-04T13:00[Europe/Athens]".parse().unwrap();
    let zones = |start: &Zoned, end: &Zoned| {
        let invite = complete(start, end).build().unwrap();
        Calendar::read(&invite.render(stamp())).all("TZID").len()
    };
    assert_eq!(zones(&start, &end), 2);
    assert_eq!(zones(&start, &(&start + HOUR)), 1);
}

#[test]
fn a_mail_carries_the_invitation_last_of_the_alternatives_and_as_a_file() {
    let invite = simple().build().unwrap();
    let bytes = mail(invite.clone()).render();
    let rendered = String::from_utf8(bytes).unwrap();
    let parts: Vec<_> = rendered
        .lines()
        .filter_map(|line| line.strip_prefix("Content-Type: "))
        .map(|value| value.trim_end_matches(';'))
        .collect();
    assert_eq!(
        parts,
        [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain; charset=\"utf-8\"",
            "text/calendar; method=REQUEST; charset=utf-8",
            "application/ics; name=\"invite.ics\"",
        ]
    );
    assert!(rendered.contains(&invite.render(stamp())));
    let off = String::from_utf8(mail(invite.cancel()).render()).unwrap();
    assert!(off.contains("text/calendar; method=CANCEL; charset=utf-8"));
}

proptest! {
    #[test]
    fn what_an_invitation_says_is_what_a_calendar_reads(
        summary in any::<String>(),
        description in "[a-zé🛫\\\\,;:\"\n\t ]{0,200}",
        names in prop::collection::vec("[ -~é🛫]{0,90}", 1..4),
        uid in "[!-~]{1,200}",
    ) {
        let summary = format!("x{}", summary.replace(char::is_control, ""));
        let person = |(number, name): (usize, &String)| {
            let address = format!("\"a..b{number}\"@example.com");
            address.parse::<jada_mail::Address>().unwrap().with_name(name).unwrap()
        };
        let begin = instant("2026-07-04T09:00:00Z");
        let attendees: Vec<_> = names.iter().enumerate().map(person).collect();
        let invite = Invite::builder(uid.parse().unwrap(), begin, begin + HOUR)
            .summary(summary.parse().unwrap())
            .location(summary.parse().unwrap())
            .description(description.parse().unwrap())
            .organizer(attendees[0].clone())
            .attendees(attendees.clone())
            .build()
            .unwrap();
        let calendar = Calendar::read(&invite.render(stamp()));
        prop_assert_eq!(calendar.text("SUMMARY"), &*summary);
        prop_assert_eq!(calendar.text("LOCATION"), &*summary);
        prop_assert_eq!(calendar.text("DESCRIPTION"), description);
        prop_assert_eq!(calendar.text("UID"), uid);
        let read: Vec<_> = calendar.all("ATTENDEE").iter().map(|a| a.common_name()).collect();
        let names: Vec<_> = attendees.iter().map(|a| a.name().map(ToOwned::to_owned)).collect();
        prop_assert_eq!(read, names);
        let last = format!("mailto:%22a..b{}%22@example.com", attendees.len() - 1);
        prop_assert_eq!(calendar.value("ATTENDEE"), last);
    }
}

fn observances(calendar: &Calendar) -> Vec<String> {
    let kinds = calendar.all("BEGIN").into_iter().map(|begin| begin.value.clone());
    let kinds = kinds.filter(|kind| ["DAYLIGHT", "STANDARD"].contains(&kind.as_str()));
    let column = |name| calendar.all(name).into_iter().map(|property| property.value.as_str());
    kinds
        .zip(column("DTSTART"))
        .zip(column("TZOFFSETFROM"))
        .zip(column("TZOFFSETTO"))
        .map(|(((kind, begin), from), to)| format!("{} {begin} {from} {to}", &kind[..1]))
        .collect()
}

/// The offset is that of the last change before the clock's time, as that shows before the change.
fn instant_of(calendar: &Calendar, name: &str) -> Timestamp {
    let property = calendar.all(name).pop().unwrap();
    let offset = match property.value.strip_suffix('Z') {
        Some(_) => "+0000".to_owned(),
        None => {
            let changes = observances(calendar);
            let last = changes.iter().rfind(|change| change[2..17] <= *property.value);
            let last = last.unwrap_or_else(|| panic!("{} in {changes:?}", property.value));
            last.rsplit(' ').next().unwrap().to_owned()
        }
    };
    let clock = property.value.trim_end_matches('Z');
    jiff::fmt::strtime::parse("%Y%m%dT%H%M%S%z", format!("{clock}{offset}"))
        .unwrap()
        .to_timestamp()
        .unwrap()
}

fn complete(start: impl Into<EventTime>, end: impl Into<EventTime>) -> InviteBuilder {
    Invite::builder("sail-42@example.com".parse().unwrap(), start, end)
        .organizer("Example Sailing <crew@example.com>".parse().unwrap())
        .attendee("ada@example.com".parse().unwrap())
        .summary("Morning sail, with lunch".parse().unwrap())
}

fn simple() -> InviteBuilder {
    let start = instant("2026-07-04T09:00:00.9Z");
    complete(start, start + HOUR * 3)
}

fn mail(invite: Invite) -> Message {
    Message::builder("crew@example.com".parse().unwrap())
        .to("ada@example.com".parse().unwrap())
        .subject("Morning sail".parse().unwrap())
        .text("You are invited.\n")
        .invite(invite)
        .date(stamp())
        .idempotency_key("sail-42".parse().unwrap())
        .build()
        .unwrap()
}

fn stamp() -> Timestamp {
    instant("2026-06-01T06:00:00Z")
}

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const INVITATION: &str = r#"BEGIN:VCALENDAR
PRODID:-//jada//jada-mail//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:Europe/Rome
BEGIN:DAYLIGHT
DTSTART:20260329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20261025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:sail-42@example.com
DTSTAMP:20260601T060000Z
SEQUENCE:0
STATUS:CONFIRMED
DTSTART;TZID=Europe/Rome:20260704T090000
DTEND;TZID=Europe/Rome:20260704T120000
SUMMARY:Morning sail\, with lunch
LOCATION:Molo 3\; Porto
DESCRIPTION:Bring:\nhat\, cream
URL:https://example.com/sail/42
ORGANIZER;CN="Example Sailing":mailto:crew@example.com
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=
 TRUE:mailto:ada@example.com
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=
 TRUE;CN="O'Neil ^'Bo^', B. ^^":mailto:bo@example.com
END:VEVENT
END:VCALENDAR
"#;
