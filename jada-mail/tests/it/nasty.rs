//! Mails that break careless composers.

use jada_mail::{Attachment, ContentType, Message};

/// Each under a key that names what is nasty about it.
pub(crate) fn messages() -> Vec<Message> {
    let word = "w".repeat(1_000);
    let long_name = "Éléonore 山田 🛫 ".repeat(40);
    let crowd = "Ångström, \"Zoë\" <x@y> ".repeat(6);
    let lines = format!("{}\n. dot\n.\nFrom here\n\u{b}\n trailing \t\n\n", "é".repeat(2_000));
    let boundary = "--=_mixed_0\n--=_alternative_0--\n";
    vec![
        mail("looks-encoded", "=?utf-8?Q?x?=", "=?utf-8?B?eA==?=", "b", "=?utf-8?Q?x?=.csv"),
        mail("looks-half-encoded", "a =?utf-8?Q?x?= é =?", "=?", "=?utf-8?Q?x?=", "é =?x?=.csv"),
        mail("emoji", "🛫 Paris → 東京 👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦.csv"),
        mail("long-word", &word, &word, &word, &"n".repeat(250)),
        mail("long-word-accent", &format!("é{word}"), &format!("{word}é"), &word, "é.csv"),
        mail("long-encoded-look", &format!("=?{word}"), &format!("=?{word}"), "x", "=?.csv"),
        mail("long-name", "Long", &long_name, &long_name, &"é".repeat(127)),
        mail("quotes", "\"quoted\" \\ <x@y>", &crowd, "\"'`", "a \"b\" 'c';d=e%20,(f).csv"),
        mail("folded-quotes", "x", &"a \"b\" \\ ".repeat(8), "x", &"a \"b\" ".repeat(10)),
        mail("spaces", " leading  and trailing ", "in   side", " \n  ", "a   b.csv"),
        mail("almost-a-line", &"a bc ".repeat(15), &"a bc ".repeat(15), "x", &"a b ".repeat(19)),
        mail("headerlike", "Bcc: eve@example.com", "Bcc: eve@example.com", "Bcc: x\n\nx", "Bcc: x"),
        mail("line-ends", "x", "x", &lines, "x.csv"),
        mail("boundary", "x", "x", boundary, "=_mixed_0"),
        mail(
            "separators",
            "a\u{2028}b\u{2029}c\u{feff}\u{202e}d",
            "\u{200f}x",
            "\u{2028}",
            "a\u{2028}b",
        ),
        mail("empty-body", "x", "x", "", "x.csv"),
    ]
}

fn mail(key: &str, subject: &str, name: &str, body: &str, file: &str) -> Message {
    let address = |email: &str| {
        let address: jada_mail::Address = email.parse().unwrap();
        address.with_name(name).unwrap()
    };
    let file = |content_type, bytes: &[u8]| {
        Attachment::new(file.trim().parse().unwrap(), content_type, bytes.to_vec())
    };
    let every_byte: Vec<u8> = (0..=255).collect();
    Message::builder(address("billing@example.com"))
        .to(address("ada@example.com"))
        .to("\"grace..h\"@example.com".parse().unwrap())
        .cc(address("alan@example.com"))
        .subject(subject.parse().unwrap())
        .text(body)
        .html(format!("<p>{body}</p>"))
        .attachment(file(ContentType::XLSX, &every_byte))
        .attachment(file(ContentType::CSV, "é,\0\r\r\n\n".as_bytes()))
        .attachment(file(ContentType::HTML, &[]))
        .date("2026-06-01T06:00:00.5Z".parse().unwrap())
        .idempotency_key(key.parse().unwrap())
        .build()
        .unwrap()
}
