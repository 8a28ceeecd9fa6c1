//! What is composed is what `mail-parser` reads.

use jada_mail::{
    Address, Attachment, ContentType, InlineImage, Invite, Message, MessageBuilder, MessageId,
    Parent,
};
use jiff::{SignedDuration, Timestamp};
use mail_parser::{Addr, MessageParser, MessagePart, MimeHeaders};
use proptest::{
    collection::vec,
    prelude::{ProptestConfig, Strategy, any},
    prop_oneof, proptest,
};

#[test]
fn every_nasty_message_is_read_as_composed() {
    for message in super::nasty::messages() {
        assert_read_as_composed(&message);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_message_is_read_as_composed(
        subject in line(),
        names in vec(line(), 1..4),
        text in any::<String>(),
        html in any::<String>(),
        files in vec((line(), vec(any::<u8>(), 0..300)), 0..4),
        images in vec((line(), vec(any::<u8>(), 0..300)), 0..3),
        conversation in vec("[a-z!#+=]{1,150}", 0..30),
        invited in any::<bool>(),
    ) {
        let mut builder = composed(&subject, &names, &text, &html, &files, &images);
        if let Some((parent, before)) = conversation.split_last() {
            let parent = Parent::new(id(parent)).with_references(before.iter().map(id).collect());
            builder = builder.in_reply_to(parent);
        }
        if invited {
            builder = builder.invite(invite(&subject, &names));
        }
        assert_read_as_composed(&builder.build().unwrap());
    }
}

/// One line of arbitrary text: any script, what is special to a header, and long words.
fn line() -> impl Strategy<Value = String> {
    let printable = |text: String| text.replace(char::is_control, "");
    prop_oneof![
        any::<String>().prop_map(printable),
        r#"[ "\\=?_<>@,;:()é🛫utf8QB-]{1,120}"#,
        "([a-z]{1,90} {1,3}){1,5}",
        "(=\\?utf-8\\?[QB]\\?[a-zA-Z=]{0,8}\\?= ?){1,4}",
    ]
}

fn composed(
    subject: &str,
    names: &[String],
    text: &str,
    html: &str,
    files: &[(String, Vec<u8>)],
    images: &[(String, Vec<u8>)],
) -> MessageBuilder {
    let shown = |at: usize| format!("<img src=\"cid:{at}@example.com\">");
    let shown: String = (0..images.len()).map(shown).collect();
    let html = html.replace('\0', "").to_ascii_lowercase().replace("cid:", "");
    let mut builder = Message::builder(address(&names[0]))
        .subject(format!("x{subject}").parse().unwrap())
        .text(text.replace('\0', ""))
        .html(format!("{shown}{html}"))
        .date("2026-06-01T06:00:00Z".parse().unwrap())
        .idempotency_key("property".parse().unwrap());
    for name in names {
        builder = builder.to(address(name)).cc(address(name));
    }
    for (name, bytes) in files {
        let file = Attachment::new(file_name(name), ContentType::XLSX, bytes.clone());
        builder = builder.attachment(file);
    }
    for (at, (name, bytes)) in images.iter().enumerate() {
        let cid = format!("{at}@example.com").parse().unwrap();
        let image = InlineImage::new(cid, file_name(name), ContentType::PNG, bytes.clone());
        builder = builder.inline_image(image.unwrap());
    }
    builder
}

fn invite(summary: &str, names: &[String]) -> Invite {
    let start: Timestamp = "2026-07-04T09:00:00Z".parse().unwrap();
    Invite::builder(
        "sail@example.com".parse().unwrap(),
        start,
        start + SignedDuration::from_hours(1),
    )
    .summary(format!("x{summary}").parse().unwrap())
    .organizer(address(&names[0]))
    .attendees(names.iter().map(|name| address(name)))
    .build()
    .unwrap()
}

fn file_name(name: &str) -> jada_mail::AttachmentName {
    let name: String = name.replace(['/', '\\'], "").chars().take(60).collect();
    format!("x{}", name.trim()).parse().unwrap()
}

fn id(left: impl AsRef<str>) -> MessageId {
    format!("{}@example.com", left.as_ref()).parse().unwrap()
}

fn address(name: &str) -> Address {
    let address: Address = "ada@example.com".parse().unwrap();
    address.with_name(name).unwrap()
}

fn assert_read_as_composed(message: &Message) {
    let bytes = message.render();
    let read = MessageParser::default().parse(&bytes).unwrap();
    let key = message.idempotency_key();

    assert_eq!(read.subject(), Some(message.subject().as_str()), "{key}");
    assert_eq!(read.message_id(), Some(message.message_id().as_str()), "{key}");
    assert_eq!(read.date().unwrap().to_timestamp(), message.date().as_second(), "{key}");
    assert_addresses(read.from(), std::slice::from_ref(message.from()));
    assert_addresses(read.to(), message.to());
    assert_addresses(read.cc(), message.cc());
    assert!(read.bcc().is_none(), "{key}");
    assert_bodies(&read, message);
    assert_eq!(
        ids(read.in_reply_to()),
        message.in_reply_to().map(MessageId::as_str).into_iter().collect::<Vec<_>>()
    );
    assert_eq!(
        ids(read.references()),
        message.references().iter().map(MessageId::as_str).collect::<Vec<_>>()
    );
    let reference = read.header_raw("X-Jada-Reference").unwrap().trim();
    assert!(message.message_id().as_str().starts_with(&format!("{reference}@")), "{key}");
    assert_files(&read.attachments().collect::<Vec<_>>(), message);
}

fn assert_bodies(read: &mail_parser::Message<'_>, message: &Message) {
    let key = message.idempotency_key();
    let body = |subtype| {
        let mut parts = read.parts.iter().filter(|part| part.content_disposition().is_none());
        parts
            .find(|part| part.is_content_type("text", subtype))
            .and_then(MessagePart::text_contents)
    };
    assert_eq!(body("plain"), message.text(), "{key}");
    assert_eq!(body("html"), message.html(), "{key}");
}

/// What is shown in the mail comes first, as it stands in it.
fn assert_files(read: &[&MessagePart<'_>], message: &Message) {
    let calendar = message.invite().map(|invite| invite.render(message.date()));
    let images = message.inline_images().iter().map(|image| {
        let id = Some(image.content_id().as_str());
        (
            image.file().content_type().as_str(),
            Some(image.file().name().as_str()),
            id,
            &image.file().bytes()[..],
        )
    });
    let shown = calendar.iter().map(|ics| ("text/calendar", None, None, ics.as_bytes()));
    let attachments = message.attachments().iter().map(|file| {
        (file.content_type().as_str(), Some(file.name().as_str()), None, &file.bytes()[..])
    });
    let attached =
        calendar.iter().map(|ics| ("application/ics", Some("invite.ics"), None, ics.as_bytes()));
    let expected: Vec<_> = images.chain(shown).chain(attachments).chain(attached).collect();

    assert_eq!(read.len(), expected.len(), "{}", message.idempotency_key());
    for (part, (content_type, name, id, bytes)) in read.iter().zip(expected) {
        let read = part.content_type().unwrap();
        assert_eq!(format!("{}/{}", read.ctype(), read.subtype().unwrap()), content_type);
        assert_eq!((part.attachment_name(), part.content_id()), (name, id));
        assert_eq!(part.contents(), bytes);
    }
}

fn ids<'a>(header: &'a mail_parser::HeaderValue<'_>) -> Vec<&'a str> {
    header.as_text_list().map(|ids| ids.iter().map(AsRef::as_ref).collect()).unwrap_or_default()
}

fn assert_addresses(read: Option<&mail_parser::Address<'_>>, composed: &[Address]) {
    let read: Vec<_> = read.into_iter().flat_map(|list| list.iter()).collect();
    let pair = |addr: &&Addr<'_>| {
        let name = addr.name().map(ToOwned::to_owned);
        (name, addr.address().unwrap_or_default().to_owned())
    };
    let read: Vec<_> = read.iter().map(pair).collect();
    let expected: Vec<_> = composed
        .iter()
        .map(|address| (address.name().map(ToOwned::to_owned), address.email().to_owned()))
        .collect();
    assert_eq!(read, expected);
}
