//! Mails as large as they may be.

use jada_mail::{Attachment, ContentType, Error, InlineImage, Message};
use mail_parser::MessageParser;

#[test]
fn a_mail_is_refused_from_the_first_byte_beyond_the_limit() {
    let limit = usize::try_from(Message::LIMIT).unwrap();
    let build = |attached: usize| {
        let image = InlineImage::new(
            "a@example.com".parse().unwrap(),
            "a.png".parse().unwrap(),
            ContentType::PNG,
            vec![0; 1_000],
        );
        builder(attached)
            .text("t".repeat(70))
            .html("<img src=cid:a@example.com>aaa")
            .inline_image(image.unwrap())
            .build()
    };
    let fits = limit - 1_000 - 100;
    assert_eq!(build(fits).unwrap().attachments()[0].bytes().len(), fits);
    let error = build(fits + 1).unwrap_err();
    assert!(matches!(error, Error::TooLarge { bytes, limit, .. } if bytes == limit + 1), "{error}");
    assert!(error.to_string().contains("26214401 bytes"), "{error}");
}

#[test]
fn a_clone_shares_its_attachments() {
    let message = builder(1_000_000).text("x").build().unwrap();
    let clone = message.clone();
    let address = |message: &Message| message.attachments()[0].bytes().as_ptr();
    assert_eq!(address(&message), address(&clone));
}

/// One buffer, as large as it will be from the start: it holds the attachment once, in base64 and
/// with its line ends (78 bytes for 57). What it grew by would show in its capacity.
#[test]
fn twenty_megabytes_are_rendered_into_one_buffer_of_their_size() {
    let message = builder(20_000_000).text("x".repeat(10_000)).build().unwrap();
    let bytes = message.render();
    assert!(bytes.len() > 20_000_000 / 57 * 78);
    assert!(bytes.capacity() < 20_000_000 / 100 * 138, "{}", bytes.capacity());
    let read = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(read.attachment(0).unwrap().contents(), message.attachments()[0].bytes());
}

fn builder(attached: usize) -> jada_mail::MessageBuilder {
    let bytes: Vec<u8> = (0..attached).map(|at| (at * at % 251) as u8).collect();
    let name = "large.bin".parse().unwrap();
    Message::builder("billing@example.com".parse().unwrap())
        .to("ada@example.com".parse().unwrap())
        .subject("Large".parse().unwrap())
        .attachment(Attachment::new(name, ContentType::OCTET_STREAM, bytes))
        .date("2026-06-01T06:00:00Z".parse().unwrap())
        .idempotency_key("large".parse().unwrap())
}
