//! Mails that break careless composers.

use jada_mail::{
    Address, Attachment, ContentType, InlineImage, Invite, Message, MessageBuilder, Parent,
    Received,
};
use jiff::{SignedDuration, Zoned};

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
        mail("lone-cr", "x", "x", "a\rb\r\rc\r\nd\n\re", "x.csv"),
        mail("long-lines", "x", "x", &format!("{word}{word}\n{}", "é".repeat(1_500)), "x.csv"),
        mail("rfc-2231", "x", "x", "x", &"é\"'%*=;\u{2028} ".repeat(15)),
        empty(),
        picture(),
        html_alone(),
        pictures(),
        answer(),
        everything(),
    ]
    .into_iter()
    .chain(invites())
    .collect()
}

/// 20 MB in one file.
pub(crate) fn large() -> Message {
    let bytes: Vec<u8> = (0..20_000_000_u32).map(|at| (at.wrapping_mul(at) >> 8) as u8).collect();
    let name = "large.bin".parse().unwrap();
    let attachment = Attachment::new(name, ContentType::OCTET_STREAM, bytes);
    draft("large").text("x").attachment(attachment).build().unwrap()
}

fn empty() -> Message {
    draft("empty-bodies").text("").html("").build().unwrap()
}

/// Without a word, so without a text.
fn picture() -> Message {
    let logo = image("logo@example.com", "logo.png", b"\x89PNG\r\n");
    draft("picture").html("<img src=cid:logo@example.com>").inline_image(logo).build().unwrap()
}

fn html_alone() -> Message {
    draft("html-alone")
        .html("<h1>Été</h1>\n<table><tr><td>Guest:<td>Ada &amp; Bo</table>")
        .build()
        .unwrap()
}

fn pictures() -> Message {
    let html = "<p>🛫</p>\r<img src=\"cid:1@example.com\"><div style='background:url(cid:2%40example.com)'>";
    draft("pictures")
        .text("🛫")
        .html(html)
        .inline_image(image("1@example.com", &"é\"".repeat(60), b"GIF89a"))
        .inline_image(image("2@example.com", "=?utf-8?Q?x?=", b""))
        .build()
        .unwrap()
}

fn image(id: &str, name: &str, bytes: &'static [u8]) -> InlineImage {
    InlineImage::new(id.parse().unwrap(), name.parse().unwrap(), ContentType::PNG, bytes).unwrap()
}

fn answer() -> Message {
    let id = |number: usize| format!("{number}{}@example.com", "x".repeat(number % 7 * 140));
    let references: Vec<_> = (1..40).map(|number| format!("<{}>", id(number))).collect();
    let mail = format!(
        "From: a@example.com\r\nMessage-ID: <{}>\r\nReferences: {}\r\n\
         Subject: =?utf-8?Q?=3D=3Futf-8=3FQ=3Fx=3F=3D_=F0=9F=9B=AB?=\r\n\r\nx\r\n",
        id(40),
        references.join("\r\n "),
    );
    let parent = Parent::from(&Received::parse(mail.as_bytes()).unwrap());
    let mail = MessageBuilder::in_reply_to(bare("answer"), parent);
    mail.text("> x\nYes.").build().unwrap()
}

fn invites() -> [Message; 3] {
    let start: Zoned = "2026-07-04T09:00[Europe/Rome]".parse().unwrap();
    let end = &start + SignedDuration::from_hours(3);
    let first = Invite::builder("a,b;c\\d:e\"f@example.com".parse().unwrap(), start, end)
        .organizer(named("\"Zoë\" ^, <x@y>"))
        .attendee(named(&"山田 🛫 ".repeat(20)))
        .attendee("\"grace..h\"@example.com".parse().unwrap())
        .summary(format!("Sail, \\; 🛫: {}", "w".repeat(1_000)).parse().unwrap())
        .location("Molo 3;\u{2028}\"Porto\"".parse().unwrap())
        .description("BEGIN:VEVENT\n\nEND:VCALENDAR\n\tx\\n".parse().unwrap())
        .url("https://example.com/?a=b;c,d".parse().unwrap())
        .build()
        .unwrap();
    let start = "2026-07-04T09:00:00Z".parse::<jiff::Timestamp>().unwrap();
    let update = first.update().moved_to(start, start + SignedDuration::from_mins(30)).build();
    let update = update.unwrap();
    let off = update.cancel();
    [("invite", first), ("invite-update", update), ("invite-cancel", off)]
        .map(|(key, invite)| draft(key).text("x").html("<p>x").invite(invite).build().unwrap())
}

fn everything() -> Message {
    let logo = image("logo@example.com", "logo.png", b"\0\r\n.\r\n");
    let start = "2026-07-04T09:00:00Z".parse::<jiff::Timestamp>().unwrap();
    let invite = Invite::builder("x".parse().unwrap(), start, start + SignedDuration::from_mins(1))
        .organizer(named("Ada"))
        .attendee(named(""))
        .summary("x".parse().unwrap());
    let parent = Parent::new("1@example.com".parse().unwrap());
    draft("everything")
        .in_reply_to(parent.with_thread_id("18c".parse().unwrap()))
        .text("x")
        .html("<img src=cid:logo@example.com>")
        .inline_image(logo)
        .attachment(Attachment::new("a.csv".parse().unwrap(), ContentType::CSV, "é\r"))
        .invite(invite.build().unwrap())
        .build()
        .unwrap()
}

fn draft(key: &str) -> MessageBuilder {
    bare(key).subject(key.parse().unwrap())
}

fn bare(key: &str) -> MessageBuilder {
    Message::builder(named(""))
        .to(named("Ada"))
        .date("2026-06-01T06:00:00Z".parse().unwrap())
        .idempotency_key(key.parse().unwrap())
}

fn named(name: &str) -> Address {
    let address: Address = "ada@example.com".parse().unwrap();
    address.with_name(name).unwrap()
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
