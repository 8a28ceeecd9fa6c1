//! Rules as people write them, and what is said when they are wrong.

use jada_mail::{BookingLayouts, Error, Received};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct File {
    layouts: BookingLayouts,
}

fn regatta() -> BookingLayouts {
    let file: File = toml::from_str(include_str!("../../data/regatta.toml")).unwrap();
    file.layouts
}

fn regatta_mail(subject: &str, body: &str) -> Received {
    let mail = format!("From: post@regatta.example\r\nSubject: {subject}\r\n\r\n{body}");
    Received::parse(mail.as_bytes()).unwrap()
}

#[test]
fn a_third_layout_comes_from_toml() {
    let body = "Guten Tag, Frau Änne Müller hat gebucht.\n\nPersonen\n 12\n\nAbfahrt:\n\n9.30 Uhr\n\
                Dauer\n3.25 Stunden\nAnlegestelle\nSteg 4\nSchiff\nAnlegestelle\nPreis\n1'250.–\n";
    let subject = "Neue Buchung R/26-7 vom Samstag, 2. mai 2026";
    let problem = regatta().read(&regatta_mail(subject, body)).unwrap_err();
    let expected = "layout \"Regattabüro\": total \"1'250.–\" is not an amount such as 1,234.50, \
                    of CHF or with a code";
    assert_eq!(problem.to_string(), expected);

    let mail = regatta_mail(subject, &body.replace(".–", ".00"));
    let booking = regatta().read(&mail).unwrap();
    assert_eq!(booking.reference.as_deref(), Some("R/26-7"));
    assert_eq!(booking.guest.as_deref(), Some("Frau Änne Müller"));
    assert_eq!(booking.guests, Some(12));
    assert_eq!(booking.date.unwrap().to_string(), "2026-05-02");
    assert_eq!(booking.start.unwrap().to_string(), "09:30:00");
    assert_eq!(booking.duration.unwrap().to_string(), "PT3H15M");
    assert_eq!(booking.product, None);
    assert_eq!(booking.total.unwrap().to_string(), "CHF 1250.00");
}

/// One layout with `rules` in place of those of its guest, and `more` beside its name.
fn layout(more: &str, field: &str, rules: &str) -> String {
    format!(
        r#"[{{ "name": "Tours", "from": ["tours.example"], "subjects": [{{ "like": "x" }}] {more},
        "fields": {{ "{field}": {{ {rules} }} }} }}]"#
    )
}

#[track_caller]
fn assert_wrong(json: &str, expected: &str) {
    let error = BookingLayouts::from_json("rules.json", json).unwrap_err();
    assert!(matches!(error, Error::Layouts { .. }), "{error:?}");
    assert!(error.to_string().contains(expected), "{error}");
}

#[test]
fn what_is_wrong_with_a_field_is_said_with_layout_and_field() {
    for (field, rules, expected) in [
        ("guest", "", "nothing says where it stands"),
        ("guest", r#""values": ["a {}"]"#, "nothing says where it stands"),
        ("guest", r#""labels": [""]"#, "a label is empty"),
        ("guest", r#""labels": ["Guest: "]"#, r#"label "Guest: ": expected single spaces"#),
        ("guest", r#""labels": ["Guest:"]"#, "no colon at the end"),
        ("guest", r#""lines": ["a {_}"]"#, r#""a {_}": expected one {} in it"#),
        ("guest", r#""lines": ["{} a {}"]"#, r#""{} a {}": expected one {} in it"#),
        ("guest", r#""labels": ["a"], "formats": ["%H"]"#, "it has formats"),
        ("guest", r#""labels": ["a"], "unit": "hours""#, "it has a unit"),
        ("guest", r#""lines": ["a {}"], "below": true"#, "expected labels"),
        ("date", r#""labels": ["a"]"#, "it has no formats"),
        ("date", r#""labels": ["a"], "formats": ["%d %B"]"#, "expected year, month and day"),
        ("date", r#""labels": ["a"], "formats": ["%d %J %Y"]"#, r#"format "%d %J %Y""#),
        ("date", r#""labels": ["a"], "formats": ["May"]"#, "expected year, month and day"),
        ("start", r#""labels": ["a"], "formats": ["%I:%M"]"#, "with AM and PM"),
        ("end", r#""labels": ["a"], "formats": [":%M"]"#, "expected hours"),
    ] {
        let json = layout("", field, rules);
        assert_wrong(&json, expected);
        assert_wrong(&json, &format!(r#"rules.json: layout "Tours", field {field}: "#));
    }
}

#[test]
fn what_is_wrong_with_a_layout_is_said_with_its_name() {
    let guest = r#""labels": ["Guest"]"#;
    for (more, expected) in [
        (r#", "forwarded_by": ["Ada <a@b.example>"]"#, "expected an address or a domain"),
        (r#", "forwarded_by": ["a b"]"#, "expected an address or a domain"),
        (r#", "currency": "usd""#, "expected a code such as USD"),
        (r#", "symbols": { "$": "Dollar" }"#, "expected a code such as USD"),
        (r#", "date_words": { "Februar": "Febuary" }"#, r#"date_words: "Febuary""#),
        (r#", "other_labels": [" Boat"]"#, "other_labels: label"),
    ] {
        let json = layout(more, "guest", guest);
        assert_wrong(&json, expected);
        assert_wrong(&json, r#"rules.json: layout "Tours", "#);
    }
    let good = layout("", "guest", guest);
    assert!(BookingLayouts::from_json("rules.json", &good).is_ok());
    let twice = format!("[{0}, {0}]", good.trim_matches(['[', ']']));
    assert_wrong(&twice, r#"layout "Tours" stands twice"#);
    assert_wrong(&good.replace("Tours", " "), "expected a name");
    assert_wrong(&good.replace(r#""tours.example""#, ""), "from: there is none");
    assert_wrong(&good.replace(r#"{ "like": "x" }"#, ""), "subjects: there is none");
    assert_wrong("[]", "there is no layout");
}

#[test]
fn what_is_no_layout_is_said_with_line_and_column() {
    let guest = layout("", "guest", r#""labels": ["Guest"]"#);
    for (json, expected) in [
        ("", "rules.json:1:0: EOF"),
        ("{}", "rules.json:1:0: invalid type: map, expected a sequence"),
        (&guest.replace("labels", "label"), "rules.json:2:38: unknown field `label`"),
        (&guest.replace("\"guest", "\"gest"), "unknown variant `gest`"),
        (&guest.replace("\"x\"", "\"{x}\""), "is not a template: expected {} or {_}"),
        (&layout(r#", "symbols": { "$": "USD", "$": "CAD" }"#, "guest", ""), "stands twice"),
        (&guest.replace("\"guest", "\"guest\": {}, \"guest"), "stands twice"),
        (&layout(r#", "body": "pdf""#, "guest", ""), "unknown variant `pdf`"),
    ] {
        assert_wrong(json, expected);
    }
}

#[test]
fn two_formats_have_to_agree() {
    let rules = r#""labels": ["Date"], "formats": ["%m/%d/%Y", "%d/%m/%Y"]"#;
    let layouts = BookingLayouts::from_json("x", &layout("", "date", rules)).unwrap();
    let read = |date| {
        let mail = format!("From: a@tours.example\r\nSubject: x\r\n\r\nDate: {date}\r\n");
        layouts.read(&Received::parse(mail.as_bytes()).unwrap())
    };
    assert_eq!(read("05/05/2026").unwrap().date.unwrap().to_string(), "2026-05-05");
    assert_eq!(read("05/13/2026").unwrap().date.unwrap().to_string(), "2026-05-13");
    let problem = read("05/06/2026").unwrap_err().to_string();
    assert!(problem.contains("two formats read it differently"), "{problem}");
}

#[test]
fn times_and_lengths_are_read_as_people_write_them() {
    let layouts = |field, rules: &str| {
        let rules = format!(r#""labels": ["T"] {rules}"#);
        BookingLayouts::from_json("x", &layout("", field, &rules)).unwrap()
    };
    let mail = |text: &str| {
        let mail = format!("From: a@tours.example\r\nSubject: x\r\n\r\nT: {text}\r\n");
        Received::parse(mail.as_bytes()).unwrap()
    };
    let times = layouts("start", r#", "formats": ["%I:%M %p", "%I %p", "%H:%M"]"#);
    for (text, expected) in [
        ("9:05 p.m.", Some("21:05:00")),
        ("9 AM", Some("09:00:00")),
        ("12:00 am", Some("00:00:00")),
        ("17:00", Some("17:00:00")),
        ("25:00", None),
        ("9", None),
    ] {
        let start = layouts_read(&times, &mail(text)).and_then(|booking| booking.start);
        assert_eq!(start.map(|time| time.to_string()).as_deref(), expected, "{text}");
    }
    for (unit, text, expected) in [
        ("", "4 Hours", Some("PT4H")),
        ("", "1h 30m", Some("PT1H30M")),
        ("", "2 hours, 15 minutes", Some("PT2H15M")),
        ("", "0 hours", None),
        ("", "-1 hour", None),
        ("", "90", None),
        (r#", "unit": "minutes""#, "90", Some("PT1H30M")),
        (r#", "unit": "hours""#, "2,5", Some("PT2H30M")),
        (r#", "unit": "hours""#, "2.5.1", None),
        (r#", "unit": "hours""#, "-2", None),
        (r#", "unit": "hours""#, "2 hours", None),
        (r#", "unit": "hours""#, "", None),
    ] {
        let booking = layouts_read(&layouts("duration", unit), &mail(text));
        let duration = booking.and_then(|booking| booking.duration);
        assert_eq!(duration.map(|d| d.to_string()).as_deref(), expected, "{text} {unit}");
    }
}

fn layouts_read(
    layouts: &BookingLayouts,
    mail: &Received,
) -> Option<jada_mail::BookingConfirmation> {
    layouts.read(mail).ok()
}
