//! Booking confirmations as sites send them, and rules as people write them.

use std::{collections::BTreeMap, fs, path::Path};

use jada_mail::{BookingLayouts, BookingProblem, BookingStatus, Received};
use serde_json::{Value, json};

mod property;
mod rules;

fn examples() -> BookingLayouts {
    BookingLayouts::examples().unwrap()
}

/// What reading a mail gives, as an operator's tool would print it.
fn shown(layouts: &BookingLayouts, mail: &Received) -> Value {
    match layouts.read(mail) {
        Ok(booking) => json!({ "booking": booking }),
        Err(problem) => json!({ "says": problem.to_string(), "problem": problem }),
    }
}

#[test]
fn every_mail_of_the_corpus_is_read_as_it_is_written_down() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/bookings");
    let expected = fs::read(folder.join("expected.json")).unwrap();
    let expected: BTreeMap<String, Value> = serde_json::from_slice(&expected).unwrap();
    let mut read = BTreeMap::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "eml") {
            let mail = Received::parse(&fs::read(&path).unwrap()).unwrap();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            read.insert(name, shown(&examples(), &mail));
        }
    }
    assert_eq!(read.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, value) in read {
        assert_eq!(value, expected[&name], "{name}: {value:#}");
    }
}

/// A mail of the first example, in plain text, which that layout reads too.
fn harbour_mail(subject: &str, lines: &str) -> Received {
    let mail = format!(
        "From: Tours <noreply@harbour-tours.example>\r\nSubject: {subject}\r\n\r\n\
         Booking number: HT-1\r\nGuest name: Ada\r\nGuests: 2\r\nTour: Sail\r\n\
         Date: May 3, 2026\r\nTime: 10:00 AM – 1:00 PM\r\n{lines}"
    );
    Received::parse(mail.as_bytes()).unwrap()
}

#[test]
fn a_reference_in_subject_and_body_has_to_be_the_same() {
    let read = |subject| examples().read(&harbour_mail(subject, "Total: $9"));
    assert_eq!(read("Booking HT-1 confirmed").unwrap().status, BookingStatus::Confirmed);
    let problem = read("Booking HT-2 confirmed").unwrap_err();
    let expected = r#"layout "Harbour Tours": reference is "HT-1" and "HT-2": which is not clear"#;
    assert_eq!(problem.to_string(), expected);
}

#[test]
fn amounts_are_exact_and_never_guessed() {
    for (text, expected) in [
        ("$1,234.50", Some("USD 1234.50")),
        ("US$ 1234.5", Some("USD 1234.5")),
        ("USD 0.10", Some("USD 0.10")),
        ("12,345,678 EUR", Some("EUR 12345678")),
        ("$1'234", Some("USD 1234")),
        ("$12 USD", Some("USD 12")),
        ("KWD 1.250", Some("KWD 1.250")),
        ("$1.250", None),
        ("$1,23", None),
        ("$1,2345", None),
        ("$1,234,56", None),
        ("$1.234,50", None),
        ("$12 EUR", None),
        ("12", None),
        ("£12", None),
        ("usd 12", None),
        ("-$12", None),
        ("$-12", None),
        ("($12)", None),
        ("$12 and $13", None),
        ("$12.", None),
        ("free", None),
    ] {
        let mail = harbour_mail("Booking HT-1 confirmed", &format!("Total: {text}\r\n"));
        let read = examples().read(&mail).ok().map(|booking| booking.total.unwrap().to_string());
        assert_eq!(read.as_deref(), expected, "{text}");
    }
}

#[test]
fn what_is_optional_and_wrong_is_a_fault_too() {
    for (line, fault) in [
        ("Phone: call me", r#"phone "call me" is not a telephone number"#),
        ("Phone: 1234", r#"phone "1234" is not a telephone number"#),
        ("Email: ada", r#"email "ada" is not an address such as ada@example.com"#),
        (
            "Email: a@example.com\r\nE-mail: b@example.com",
            r#"email is "a@example.com" and "b@example.com": which is not clear"#,
        ),
        ("Guests: 2 or 3", r#"guests "2 or 3" is not a whole number"#),
        ("Guests: +2", r#"guests "+2" is not a whole number"#),
        ("Guests: 99999999999", r#"guests "99999999999" is not a whole number"#),
        (
            "Date: Monday, May 3, 2026",
            r#"date "Monday, May 3, 2026" is not a date as %A, %B %d, %Y or %B %d, %Y"#,
        ),
        ("Time: 9", r#"start "9" is not like "{} – {_}""#),
    ] {
        let mail = harbour_mail("Booking HT-1 confirmed", &format!("Total: $9\r\n{line}\r\n"));
        let problem = examples().read(&mail).unwrap_err();
        assert!(problem.to_string().contains(fault), "{line}: {problem}");
    }
}

#[test]
fn a_reply_is_no_confirmation() {
    let problem = examples().read(&harbour_mail("Re: Booking HT-1 confirmed", "")).unwrap_err();
    let known = vec!["Harbour Tours".to_owned()];
    assert_eq!(problem, BookingProblem::NotABooking { sender_known_to: known });
}

#[test]
fn of_two_layouts_that_know_a_mail_the_one_that_finds_all_reads_it() {
    let old = r#"{ "name": "old", "from": ["harbour-tours.example"],
        "subjects": [{ "like": "Booking {_}" }], "fields": {
        "reference": { "labels": ["Booking ref"], "required": true },
        "phone": { "labels": ["Tel"], "required": true } } }"#;
    let new = old.replace("old", "new").replace("Booking ref", "Booking number");
    let layouts = |list: &str| BookingLayouts::from_json("x", list).unwrap();
    let mail = harbour_mail("Booking HT-1 confirmed", "Tel: +1 555 0100");

    let booking = layouts(&format!("[{old}, {new}]")).read(&mail).unwrap();
    assert_eq!((booking.layout.as_str(), booking.reference.as_deref()), ("new", Some("HT-1")));

    let mail = harbour_mail("Booking HT-1 confirmed", "");
    let problem = layouts(&format!("[{old}, {new}]")).read(&mail).unwrap_err();
    assert_eq!(problem.to_string(), r#"layout "new": no phone: looked for the label "Tel""#);
}

#[test]
fn of_many_values_five_are_shown() {
    let guests: String = (0..50_000).map(|guest| format!("Guest name: {guest}\n")).collect();
    let notes = "Special requests: x\n".to_owned() + &"x\n".repeat(50_000);
    let mail = harbour_mail("Booking HT-1 confirmed", &format!("Total: $9\n{guests}{notes}"));
    let problem = examples().read(&mail).unwrap_err();
    let expected = r#"layout "Harbour Tours": guest is "Ada" and "0" and "1" and "2" and "3": which is not clear"#;
    assert_eq!(problem.to_string(), expected);
}
