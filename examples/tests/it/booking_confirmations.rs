//! `booking_confirmations` as an operator runs it: bundled mails, a folder, and a Gmail on loopback.

use std::time::Duration;

use jada_examples::BUNDLED_MAILS;
use jada_loopback_issuer::{GmailFault, GmailMethod};
use jada_mail::{BookingLayouts, Received};
use serde_json::{Value, json};

use crate::{
    post::{Post, READONLY},
    program::Ended,
};

const MAY: &str = "\
2026-06-06  17:30  confirmed  HT-20417      Ada Lovelace, 4 guests, Sunset Sail & Dinner, USD 1234.50
2026-06-14  14:30  confirmed  SS-2026-0431  Grace Hopper, 6 guests, Dufour 412 \"Ariadne\", EUR 1890.00
2026-06-07  17:30  amended    HT-20417      Ada Lovelace, 6 guests, Sunset Sail & Dinner, USD 1851.75
2026-07-01  10:00  confirmed  SS-2026-0440  Søren Müller, 1 guest, Möwe, EUR 980.00
2026-06-07  17:30  cancelled  HT-20417      Ada Lovelace, 6 guests, Sunset Sail & Dinner, USD 1851.75
";
const APRIL: &str = "\
not read whole: \"Booking HT-20388 confirmed\" (`01-harbour-incomplete.eml`)
  by the layout \"Harbour Tours\"
  no guests: looked for the label \"Guests\"
  no total: looked for the label \"Total\", which stands there without a value
";
const NEWSLETTER: &str = "no booking by its subject: \"Five tours your guests will love this June\" \
    (`05-harbour-newsletter.eml`) from news@harbour-tours.example\n";
const BUNDLED: &str = "note: no account is named, so these are the bundled mails; see --gmail\n";

fn read(post: &Post, arguments: &[&str]) -> Ended {
    post.run("booking_confirmations", arguments)
}

/// An inbox with the bundled mails.
fn inbox() -> Post {
    let post = Post::granting(&[READONLY]);
    for (_, mail) in BUNDLED_MAILS {
        let date = Received::parse(mail.as_bytes()).unwrap().date().unwrap();
        post.gmail.deliver_at(mail, date);
    }
    post
}

/// What was printed, but for the names that Gmail gave the mails.
fn without_ids(printed: &str) -> String {
    let parts = printed.split("(`").map(|part| part.split_once("`)").map_or(part, |it| it.1));
    parts.collect()
}

#[test]
fn without_an_account_the_bundled_bookings_are_listed() {
    let post = Post::new();
    let ended = read(&post, &["--since", "2026-05-01"]);
    let counts = "bookings read: 5; not read whole: 0; other mails: 1\n";
    assert_eq!((ended.status, &*ended.stderr), (0, BUNDLED));
    assert_eq!(ended.stdout, format!("{MAY}{NEWSLETTER}{counts}"));
}

#[test]
fn a_mail_that_lacks_something_is_shown_with_every_field_and_is_status_1() {
    let post = Post::new();
    let ended = read(&post, &["--since", "2026-04-01"]);
    let counts = "bookings read: 5; not read whole: 1; other mails: 1\n";
    assert_eq!(ended.stdout, format!("{MAY}{APRIL}{NEWSLETTER}{counts}"));
    assert_eq!(ended.status, 1);
    let line = ended.stderr.strip_prefix(BUNDLED).unwrap();
    let expected = "error: \"Booking HT-20388 confirmed\" (`01-harbour-incomplete.eml`) was not read \
        whole; mend its layout, or enter it by hand\n";
    assert_eq!(line, expected);
}

#[test]
fn json_is_one_object_with_bookings_and_problems() {
    let post = Post::new();
    let ended = read(&post, &["--since", "2026-04-01", "--json"]);
    assert_eq!((ended.status, ended.stdout.lines().count()), (1, 1));
    let all: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(all["bookings"].as_array().unwrap().len(), 5);
    let booking = json!({
        "layout": "Harbour Tours",
        "status": "confirmed",
        "reference": "HT-20417",
        "guest": "Ada Lovelace",
        "guests": 4,
        "date": "2026-06-06",
        "start": "17:30:00",
        "end": "21:00:00",
        "duration": null,
        "product": "Sunset Sail & Dinner",
        "total": { "amount": "1234.50", "currency": "USD" },
        "email": "ada@example.com",
        "phone": "+1 555 010 0115",
        "notes": "One of us does not eat fish.\nWe celebrate a birthday.",
        "message_id": "20417.1@mail.harbour-tours.example",
        "received_at": "2026-05-04T16:12:44Z",
    });
    assert_eq!(all["bookings"][0], booking);
    let problem = &all["problems"][0];
    assert_eq!(
        (&problem["mail"], &problem["problem"]),
        (&json!("01-harbour-incomplete.eml"), &json!("unreadable"))
    );
    let fields: Vec<_> =
        problem["faults"].as_array().unwrap().iter().map(|fault| fault["field"].clone()).collect();
    assert_eq!(fields, ["guests", "total"]);
    assert_eq!(all["others"][0]["from"], "news@harbour-tours.example");
}

#[test]
fn a_folder_is_read_too_and_what_is_no_mail_is_named() {
    let post = Post::new();
    std::fs::create_dir(post.path("mails")).unwrap();
    for (name, mail) in BUNDLED_MAILS {
        post.write(&format!("mails/{name}"), mail);
    }
    post.write("mails/notes.txt", "no mail, and not asked for");
    let words = ["--since", "2026-05-01", "--eml", "mails"];
    let ended = read(&post, &words);
    assert_eq!((ended.status, &*ended.stderr), (0, ""));
    assert!(ended.stdout.starts_with(MAY), "{}", ended.stdout);

    post.write("mails/empty.eml", "");
    let ended = read(&post, &words);
    assert!(ended.stdout.contains("not read whole: `empty.eml`\n"), "{}", ended.stdout);
    assert_eq!((ended.status, ended.stderr.lines().count()), (1, 1));
    assert!(ended.stderr.contains("`empty.eml` was not read whole"), "{}", ended.stderr);
}

#[test]
fn gmail_is_searched_for_the_senders_that_the_layouts_know() {
    let post = inbox();
    let ended = post.run_by_gmail("booking_confirmations", &["--since", "2026-04-01"]);
    let all = format!("{MAY}{APRIL}{NEWSLETTER}");
    assert!(without_ids(&ended.stdout).starts_with(&without_ids(&all)), "{}", ended.stdout);
    assert_eq!((ended.status, ended.stderr.lines().count()), (1, 1), "{}", ended.stderr);

    let ended = post.run_by_gmail("booking_confirmations", &["--since", "2026-05-01"]);
    assert_eq!((ended.status, &*ended.stderr), (0, ""));
    assert!(ended.stdout.starts_with(MAY), "{}", ended.stdout);
}

#[test]
fn a_mail_in_gmail_that_cannot_be_read_keeps_no_other_back() {
    let post = inbox();
    let parts = "multipart/mixed\r\n".repeat(1_001);
    let mail = format!("From: mail@harbour-tours.example\r\nSubject: x\r\n\r\n{parts}");
    let id = post.gmail.deliver_at(mail, "2026-05-02T00:00:00Z".parse().unwrap());
    let ended = post.run_by_gmail("booking_confirmations", &["--since", "2026-05-01"]);
    assert!(ended.stdout.contains(MAY), "{}", ended.stdout);
    assert!(ended.stdout.contains(&format!("not read whole: `{id}`\n")), "{}", ended.stdout);
    assert_eq!((ended.status, ended.stderr.lines().count()), (1, 1), "{}", ended.stderr);
    assert!(ended.stderr.contains(&format!("`{id}` was not read whole")), "{}", ended.stderr);
}

#[test]
fn a_query_of_ones_own_finds_what_it_says() {
    let post = inbox();
    let query = ["--since", "2026-05-01", "--query", "from:bookings@sailandstay.example", "--json"];
    let found = post.run_by_gmail("booking_confirmations", &query).summary();
    assert_eq!(found["bookings"].as_array().unwrap().len(), 1);
    assert_eq!(found["bookings"][0]["reference"], "SS-2026-0431");
    let query = ["--since", "2026-05-07", "--query", "from:bookings@sailandstay.example", "--json"];
    let found = post.run_by_gmail("booking_confirmations", &query).summary();
    assert_eq!(found, json!({ "bookings": [], "problems": [], "others": [] }));
}

#[test]
fn layouts_of_ones_own_are_rules_in_a_file() {
    let post = Post::new();
    post.write(
        "layouts.json",
        BookingLayouts::EXAMPLES
            .replace("\"Guests\"", "\"Party\"")
            .replace("\"required\": true", "\"required\": false"),
    );
    let ended = read(&post, &["--since", "2026-04-01", "--layouts", "layouts.json"]);
    assert!(ended.stdout.contains("HT-20388"), "{}", ended.stdout);
    let line = ended.stderr.lines().last().unwrap();
    assert!(line.contains("HT-20388"), "three adults are no number: {line}");

    post.write("layouts.json", BookingLayouts::EXAMPLES.replacen("\"labels\"", "\"label\"", 1));
    let ended = read(&post, &["--since", "2026-04-01", "--layouts", "layouts.json"]);
    assert!(ended.error().contains("layouts.json:16:"), "{}", ended.stderr);
    let ended = read(&post, &["--since", "2026-04-01", "--layouts", "none.json"]);
    assert!(ended.error().contains("`none.json` of --layouts cannot be read"), "{}", ended.stderr);
}

#[test]
fn what_keeps_mails_from_being_read_is_told_by_line_and_status() {
    let post = inbox();
    std::fs::create_dir(post.path("none")).unwrap();
    let since = ["--since", "2026-05-01"];
    let cases: [(&[&str], &str); 6] = [
        (&["--since", "May"], "--since <YYYY-MM-DD>"),
        (&["--json"], "--since <YYYY-MM-DD>"),
        (&["--since", "2026-05-01", "--eml", "none"], "there is no .eml file in `none`"),
        (
            &["--since", "2026-05-01", "--eml", "nowhere"],
            "the folder `nowhere` of --eml cannot be read",
        ),
        (&["--since", "2026-05-01", "--eml", "none", "--gmail"], "cannot be used with"),
        (&["--since", "2026-05-01", "--secrets-dir", "nowhere"], "`mkdir -m 700 -p nowhere`"),
    ];
    for (arguments, part) in cases {
        let ended = read(&post, arguments);
        assert!(ended.error().contains(part), "{arguments:?}: {}", ended.stderr);
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    }
    let fault = GmailFault::TooManyRequests(Some(Duration::from_secs(600)));
    post.gmail.fail_next(GmailMethod::MessagesList, fault);
    let ended = post.run_by_gmail("booking_confirmations", &since);
    assert_eq!((ended.status, ended.stderr.lines().count()), (3, 1), "{}", ended.stderr);
    post.secrets.issuer.revoke_all();
    post.secrets.expire();
    let ended = post.run_by_gmail("booking_confirmations", &since);
    assert_eq!((ended.status, ended.stderr.lines().count()), (2, 1), "{}", ended.stderr);
    assert!(ended.stderr.contains("run `reauth`"), "{}", ended.stderr);
}
