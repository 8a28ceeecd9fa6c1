//! `send_mail` as a stranger runs it, who has no account: `.eml` files.

use std::{fs, os::unix::fs::PermissionsExt};

use mail_parser::{Address, MessageParser, MimeHeaders};

use crate::{post::Post, program::Ended};

const FROM: &str = "Crew Desk <crew@example.com>";
/// The mail of every test that minds no other.
const MAIL: [&str; 8] =
    ["--from", FROM, "--to", "ada@example.com", "--subject", "Morning sail", "--text", "body.txt"];

fn send(post: &Post, more: &[&str]) -> Ended {
    post.run("send_mail", &[&MAIL[..], more].concat())
}

/// The file of a mail that was sent just now, as its last line tells.
fn file(ended: &Ended) -> String {
    assert_eq!((ended.status, &*ended.stderr), (0, ""), "{}", ended.stdout);
    let (_, file) = ended.stdout.trim_end().rsplit_once(": ").unwrap();
    assert!(ended.stdout.starts_with("sent "), "{}", ended.stdout);
    file.to_owned()
}

fn emails(addresses: Option<&Address<'_>>) -> Vec<(Option<String>, String)> {
    let read = |one: &mail_parser::Addr<'_>| {
        (one.name().map(str::to_owned), one.address().unwrap().to_owned())
    };
    addresses.map(|all| all.iter().map(read).collect()).unwrap_or_default()
}

#[test]
fn the_mail_is_a_file_that_says_what_the_flags_said() {
    let post = Post::new();
    let bytes: Vec<u8> = (0..=255).cycle().take(40_000).collect();
    post.write("page.html", "<h1>Morning sail</h1><p>Can you <b>come</b>? Größe: 1 < 2</p>");
    post.write("route.pdf", &bytes);
    post.write("Relevé mai.csv", "a,b\n");
    post.write("old.eml", "From: a@example.com\n\n");
    let ended = post.run(
        "send_mail",
        &[
            "--from",
            FROM,
            "--to",
            "Ada <ada@example.com>",
            "--to",
            "\"Hopper, Grace\" <grace@example.com>",
            "--cc",
            "Zoë <zoe@example.com>",
            "--cc",
            "office@example.com",
            "--subject",
            "Morning sail ⛵",
            "--html",
            "page.html",
            "--attach",
            "route.pdf",
            "--attach",
            "Relevé mai.csv",
            "--attach",
            "old.eml",
            "--invite",
            "2026-06-07T09:00[Europe/Paris]/2h30m",
            "--date",
            "2026-06-01T06:00:00Z",
        ],
    );
    let path = file(&ended);
    assert!(path.starts_with("outbox/eml/mail-2026-06-01-"), "{path}");
    let raw = post.read(&path);
    let mail = MessageParser::default().parse(&raw).unwrap();

    let named = |name: &str, email: &str| (Some(name.to_owned()), email.to_owned());
    assert_eq!(emails(mail.from()), [named("Crew Desk", "crew@example.com")]);
    let to = [named("Ada", "ada@example.com"), named("Hopper, Grace", "grace@example.com")];
    assert_eq!(emails(mail.to()), to);
    let cc = [named("Zoë", "zoe@example.com"), (None, "office@example.com".to_owned())];
    assert_eq!(emails(mail.cc()), cc);
    assert!(mail.bcc().is_none());
    assert_eq!(mail.subject(), Some("Morning sail ⛵"));
    assert_eq!(mail.date().unwrap().to_rfc3339(), "2026-06-01T06:00:00Z");
    let text = mail.body_text(0).unwrap();
    assert!(text.contains("Can you come? Größe: 1 < 2"), "{text}");
    assert!(mail.body_html(0).unwrap().contains("<b>come</b>"));

    let attached: Vec<_> = mail.attachments().collect();
    let file = |name: &str| {
        let found = attached.iter().find(|part| part.attachment_name() == Some(name)).unwrap();
        let kind = found.content_type().unwrap();
        (format!("{}/{}", kind.ctype(), kind.subtype().unwrap()), found.contents())
    };
    assert_eq!(file("route.pdf"), ("application/pdf".to_owned(), &bytes[..]));
    assert_eq!(file("Relevé mai.csv"), ("text/csv".to_owned(), &b"a,b\n"[..]));
    // A mail may not be attached as one.
    assert_eq!(file("old.eml").0, "application/octet-stream");
    let (_, invite) = file("invite.ics");
    let invite = String::from_utf8(invite.to_vec()).unwrap().replace("\r\n ", "");
    for line in [
        "METHOD:REQUEST",
        "SUMMARY:Morning sail ⛵",
        "DTSTAMP:20260601T060000Z",
        "DTSTART;TZID=Europe/Paris:20260607T090000",
        "DTEND;TZID=Europe/Paris:20260607T113000",
        "ORGANIZER;CN=\"Crew Desk\":mailto:crew@example.com",
    ] {
        assert!(invite.lines().any(|found| found == line), "{line}\n{invite}");
    }
    let invited: Vec<_> = invite.lines().filter(|line| line.starts_with("ATTENDEE")).collect();
    let emails = ["ada", "grace", "zoe", "office"].map(|who| format!("mailto:{who}@example.com"));
    assert!(invited.iter().zip(&emails).all(|(line, email)| line.ends_with(email)), "{invite}");
    assert_eq!(invited.len(), 4);
}

#[test]
fn the_same_command_is_one_mail_a_day() {
    let post = Post::new();
    let first = file(&send(&post, &["--date", "2026-06-01T00:00:00Z"]));
    let raw = post.read(&first);
    let again = send(&post, &["--date", "2026-06-01T23:59:59Z"]);
    assert_eq!((again.status, &*again.stderr), (0, ""));
    assert!(again.stdout.contains(&format!("was sent before: {first}")), "{}", again.stdout);
    assert_eq!(post.read(&first), raw);

    let tomorrow = file(&send(&post, &["--date", "2026-06-02T00:00:00Z"]));
    post.write("body.txt", "Can you come today?\n");
    let changed = file(&send(&post, &["--date", "2026-06-01T00:00:00Z"]));
    assert_eq!(fs::read_dir(post.path("outbox/eml")).unwrap().count(), 3);
    assert!(tomorrow.contains("mail-2026-06-02-") && changed.contains("mail-2026-06-01-"));
}

#[test]
fn of_two_mails_under_one_key_the_first_stands_and_the_second_is_told() {
    let post = Post::new();
    let key = ["--key", "sail-42"];
    assert_eq!(file(&send(&post, &key)), "outbox/eml/sail-42.eml");
    let raw = post.read("outbox/eml/sail-42.eml");
    post.write("body.txt", "Can you come today?\n");
    let ended = send(&post, &key);
    let line = ended.error();
    for part in ["`sail-42`", "stands (sent)", "this one was not queued", "another key"] {
        assert!(line.contains(part), "{line}");
    }
    assert_eq!(ended.stderr.lines().count(), 1);
    assert_eq!(post.read("outbox/eml/sail-42.eml"), raw);
}

#[test]
fn an_invitation_that_is_sent_again_is_the_same_whenever_it_is() {
    let post = Post::new();
    let more = |date| ["--key", "sail-42", "--invite", "2026-06-07T07:00:00Z/PT2H", "--date", date];
    file(&send(&post, &more("2026-06-01T06:00:00Z")));
    let again = send(&post, &more("2026-06-01T06:05:00Z"));
    assert!(again.status == 0 && again.stdout.contains("was sent before"), "{}", again.stderr);
}

#[test]
fn what_a_person_must_mend_is_named_in_one_line() {
    let post = Post::new();
    post.write("latin1.txt", b"Gr\xfc\xdfe");
    post.write(" ", "a name that no mail can carry");
    fs::File::create(post.path("half.bin")).unwrap().set_len(14_000_000).unwrap();
    fs::create_dir(post.path("folder")).unwrap();
    let without_body = &MAIL[..6];
    let cases: &[(&[&str], &str)] = &[
        (&[without_body].concat(), "a mail needs a body; name a file with it by --text or --html"),
        (
            &[without_body, &["--html", "none.html"]].concat(),
            "`none.html` of --html cannot be read; name a file that is there: No such file",
        ),
        (
            &[&MAIL[..], &["--attach", "none.pdf"]].concat(),
            "`none.pdf` of --attach cannot be read; name a file that is there",
        ),
        (
            &[&MAIL[..], &["--attach", "folder"]].concat(),
            "`folder` of --attach cannot be read; name a file, not a folder",
        ),
        (&[&MAIL[..], &["--attach", " "]].concat(), "rename it: \" \" is not a file name"),
        (
            &[&MAIL[..], &["--attach", "half.bin", "--attach", "half.bin"]].concat(),
            "the limit is 26214400: attach less, or send a link instead",
        ),
        (
            &[&MAIL[..], &["--attach", "/dev/zero"]].concat(),
            "`/dev/zero` of --attach has more bytes than a mail can hold, which is 26214400",
        ),
        (
            &[without_body, &["--text", "latin1.txt"]].concat(),
            "`latin1.txt` of --text is not UTF-8; save it as UTF-8",
        ),
        (&[&MAIL[..], &["--cc", "grace"]].concat(), "\"grace\" is not an address: expected an @"),
        (&[&MAIL[..], &["--key", "a/b"]].concat(), "\"a/b\" is not an idempotency key"),
        (&[&MAIL[..], &["--date", "today"]].concat(), "'--date <RFC3339>'"),
        (&[&MAIL[..], &["--date", "1899-01-01T00:00:00Z"]].concat(), "the year 1900 or later"),
        (
            &[&MAIL[..], &["--invite", "2026-06-07/2h"]].concat(),
            "such as 2026-06-07T07:00:00Z/PT2H",
        ),
        (&[&MAIL[..], &["--invite", "2026-06-07T09:00[Mars/Base]/2h"]].concat(), "Mars/Base"),
        (&[&MAIL[..], &["--invite", "1969-06-07T07:00:00Z/2h"]].concat(), "--invite: "),
        (&[&MAIL[..], &["--via", "pigeon"]].concat(), "possible values: eml, gmail"),
        (&[&MAIL[..], &["--drain-only"]].concat(), "cannot be used with '--drain-only'"),
        (&["--from", FROM, "--text", "body.txt"], "--to <ADDRESS> --subject <TEXT>"),
        (&["--subject", "a\nBcc: eve@example.com"], "no line break or control character"),
    ];
    for (arguments, part) in cases {
        let ended = post.run("send_mail", arguments);
        assert!(ended.error().contains(part), "{arguments:?}: {}", ended.stderr);
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    }
    assert!(!post.path("outbox").exists(), "nothing was queued");
}

#[test]
fn drain_only_sends_what_waits_and_ends_like_outbox_drain() {
    let post = Post::new();
    let none = post.run("send_mail", &["--drain-only"]);
    assert_eq!((none.status, &*none.stderr), (0, ""), "{}", none.stdout);
    // There is no account, so what is to go by Gmail waits.
    let missing = ["--via", "gmail", "--key", "a", "--secrets-dir", "none"];
    let ended = send(&post, &missing);
    let line = ended.error();
    assert!(line.contains("the mail `a` waits in `outbox`") && line.contains("mkdir"), "{line}");
    let status = post.run("outbox", &["status"]);
    assert_eq!(status.status, 3);
    let drained = post.run("send_mail", &["--drain-only", "--via", "eml"]);
    assert_eq!((drained.status, &*drained.stderr), (0, ""));
    assert!(drained.stdout.lines().any(|line| line == "sent     a"), "{}", drained.stdout);
    assert!(post.path("outbox/eml/a.eml").exists());
}

#[test]
fn mails_lie_where_the_flag_or_the_environment_says_and_nobody_else_reads_them() {
    let post = Post::new();
    let environment = [("JADA_OUTBOX", "by-env")];
    let arguments = [&MAIL[..], &["--key", "a"]].concat();
    let ended = post.run_with("send_mail", &arguments, &environment);
    assert_eq!(file(&ended), "by-env/eml/a.eml");
    let arguments = [&arguments[..], &["--outbox", "by-flag"]].concat();
    let ended = post.run_with("send_mail", &arguments, &environment);
    assert_eq!(file(&ended), "by-flag/eml/a.eml");
    assert!(!post.path("outbox").exists());

    let mode = |name: &str| fs::metadata(post.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode("by-flag"), mode("by-flag/eml"), mode("by-flag/eml/a.eml")),
        (0o700, 0o700, 0o600)
    );
    fs::set_permissions(post.path("by-flag"), fs::Permissions::from_mode(0o755)).unwrap();
    let ended = post.run("send_mail", &[&MAIL[..], &["--outbox", "by-flag"]].concat());
    let line = ended.error();
    assert!(line.contains("0755") && line.contains("`chmod 700 'by-flag'`"), "{line}");
}

#[test]
fn every_flag_is_explained() {
    let post = Post::new();
    let help = post.run("send_mail", &["--help"]);
    assert_eq!(help.status, 0, "{}", help.stderr);
    for flag in [
        "from",
        "to",
        "cc",
        "subject",
        "html",
        "text",
        "attach",
        "invite",
        "key",
        "date",
        "drain-only",
        "outbox",
        "via",
        "secrets-dir",
        "scope",
        "as",
    ] {
        let mut lines = help.stdout.lines();
        let stands = |line: &str| {
            let mut words = line.split_whitespace();
            words.next() == Some(&format!("--{flag}"))
        };
        assert!(lines.any(stands), "--{flag} is not there");
        assert!(lines.next().is_some_and(|line| line.trim().len() > 10), "--{flag}");
    }
}
