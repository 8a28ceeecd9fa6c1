//! What is composed is what `mail-parser` reads.

use jada_mail::{Address, Attachment, ContentType, Message};
use mail_parser::{Addr, MessageParser, MimeHeaders};
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
    ) {
        assert_read_as_composed(&composed(&subject, &names, &text, &html, &files));
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
) -> Message {
    let mut builder = Message::builder(address(&names[0]))
        .subject(format!("x{subject}").parse().unwrap())
        .text(text.replace('\0', ""))
        .html(html.replace('\0', ""))
        .date("2026-06-01T06:00:00Z".parse().unwrap())
        .idempotency_key("property".parse().unwrap());
    for name in names {
        builder = builder.to(address(name)).cc(address(name));
    }
    for (name, bytes) in files {
        let name: String = name.replace(['/', '\\'], "").chars().take(60).collect();
        let name = format!("x{}", name.trim()).parse().unwrap();
        let kind = ContentType::XLSX;
        builder = builder.attachment(Attachment::new(name, kind, bytes.clone()));
    }
    builder.build().unwrap()
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
    assert_eq!(read.body_text(0).as_deref(), message.text(), "{key}");
    assert_eq!(read.body_html(0).as_deref(), message.html(), "{key}");

    assert_eq!(read.attachment_count(), message.attachments().len(), "{key}");
    for (part, attachment) in read.attachments().zip(message.attachments()) {
        assert_eq!(part.attachment_name(), Some(attachment.name().as_str()), "{key}");
        assert_eq!(part.contents(), attachment.bytes(), "{key}");
        let read = part.content_type().unwrap();
        let content_type = format!("{}/{}", read.ctype(), read.subtype().unwrap());
        assert_eq!(content_type, attachment.content_type().as_str(), "{key}");
    }
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
