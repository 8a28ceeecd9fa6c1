//! What the bytes of a mail promise on the wire.

use jada_mail::{Attachment, ContentType, IdempotencyKey, Message, MessageBuilder};
use mail_parser::{MessageParser, MimeHeaders};

#[test]
fn a_statement_renders_to_these_very_bytes() {
    let attachment = Attachment::new("may.xlsx".parse().unwrap(), ContentType::XLSX, "PK");
    let message = statement()
        .html("<p>The statement is attached.</p>\n")
        .attachment(attachment)
        .build()
        .unwrap();
    let rendered = String::from_utf8(message.render()).unwrap();
    assert_eq!(rendered.replace("\r\n", "\n"), STATEMENT);
}

#[test]
fn the_same_message_renders_to_the_same_bytes() {
    for (first, second) in super::nasty::messages().iter().zip(super::nasty::messages()) {
        assert_eq!(first.render(), first.render());
        assert_eq!(first.render(), second.render());
    }
}

#[test]
fn every_line_is_ascii_and_ends_in_crlf_and_has_at_most_998_bytes() {
    for message in super::nasty::messages() {
        let bytes = message.render();
        let key = message.idempotency_key();
        assert!(bytes.is_ascii() && !bytes.contains(&0), "{key}");
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "{key}");
        assert_eq!(text.split("\r\n").find(|line| line.len() > 998), None, "{key}");
    }
}

#[test]
fn a_quoted_local_part_is_written_as_it_was_read() {
    let to = "\"grace..h\"@example.com";
    let bytes = statement().to(to.parse().unwrap()).build().unwrap().render();
    let rendered = String::from_utf8(bytes).unwrap();
    assert!(rendered.contains("To: <ada@example.com>, <\"grace..h\"@example.com>\r\n"));
}

#[test]
fn one_body_alone_is_no_multipart() {
    let bytes = statement().build().unwrap().render();
    let read = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(read.parts.len(), 1);
    assert_eq!(read.content_type().unwrap().subtype(), Some("plain"));
}

#[test]
fn two_keys_have_two_ids_and_two_boundaries() {
    let other: IdempotencyKey = "statement-2026-06".parse().unwrap();
    let [first, second] = [statement(), statement().idempotency_key(other)]
        .map(|builder| builder.html("<p>").build().unwrap());
    assert_ne!(first.message_id(), second.message_id());
    assert_ne!(boundary(&first), boundary(&second));
}

#[test]
fn a_body_that_holds_the_boundary_gets_another() {
    let stolen = boundary(&statement().html("<p>").build().unwrap());
    let thief = format!("--{stolen}--\r\nforged\r\n");
    for (text, html) in [(thief.as_str(), "<p>\r\n"), ("text\r\n", &thief), (&thief, &thief)] {
        let message = statement().text(text).html(html).build().unwrap();
        assert_ne!(boundary(&message), stolen);
        let bytes = message.render();
        let read = MessageParser::default().parse(&bytes).unwrap();
        assert_eq!(read.parts.len(), 3);
        assert_eq!(read.body_text(0).as_deref(), message.text());
        assert_eq!(read.body_html(0).as_deref(), message.html());
    }
}

#[test]
fn a_space_at_the_front_of_a_subject_is_encoded_to_survive() {
    let bytes = statement().subject(" x".parse().unwrap()).build().unwrap().render();
    let rendered = String::from_utf8(bytes).unwrap();
    assert!(rendered.contains("\r\nSubject: =?"), "{rendered}");
}

#[test]
fn a_text_attachment_is_base64_and_says_utf_8_only_if_it_is() {
    let attach = |bytes: &[u8]| {
        let name = "a.csv".parse().unwrap();
        statement()
            .attachment(Attachment::new(name, ContentType::CSV, bytes.to_vec()))
            .build()
            .unwrap()
    };
    for (bytes, charset) in [("é\r\0".as_bytes(), Some("utf-8")), (b"\xe9", None)] {
        let rendered = attach(bytes).render();
        let read = MessageParser::default().parse(&rendered).unwrap();
        let part = read.attachment(0).unwrap();
        assert_eq!(part.content_transfer_encoding(), Some("base64"));
        assert_eq!(part.content_type().unwrap().attribute("charset"), charset);
    }
}

fn statement() -> MessageBuilder {
    Message::builder("Example Air <billing@example.com>".parse().unwrap())
        .to("ada@example.com".parse().unwrap())
        .subject("Relevé de mai".parse().unwrap())
        .text("The statement is attached.\n")
        .date("2026-06-01T06:00:00Z".parse().unwrap())
        .idempotency_key("statement-2026-05".parse().unwrap())
}

fn boundary(message: &Message) -> String {
    let bytes = message.render();
    let read = MessageParser::default().parse(&bytes).unwrap();
    read.content_type().unwrap().attribute("boundary").unwrap().to_owned()
}

const STATEMENT: &str = r#"Date: Mon, 1 Jun 2026 06:00:00 +0000
From: "Example Air" <billing@example.com>
To: <ada@example.com>
Subject: =?utf-8?Q?Relev=C3=A9_de_mai?=
Message-ID: <f0ba0332de83549ae0242af7ba32b4c27bf74f2c8b3ee5699329cf566005a410@example.com>
X-Jada-Reference: f0ba0332de83549ae0242af7ba32b4c27bf74f2c8b3ee5699329cf566005a410
MIME-Version: 1.0
Content-Type: multipart/mixed;
 boundary="=_mixed_f0ba0332de83549ae0242af7ba32b4c2_0"

--=_mixed_f0ba0332de83549ae0242af7ba32b4c2_0
Content-Type: multipart/alternative;
 boundary="=_alternative_f0ba0332de83549ae0242af7ba32b4c2_0"

--=_alternative_f0ba0332de83549ae0242af7ba32b4c2_0
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: 7bit

The statement is attached.

--=_alternative_f0ba0332de83549ae0242af7ba32b4c2_0
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: 7bit

<p>The statement is attached.</p>

--=_alternative_f0ba0332de83549ae0242af7ba32b4c2_0--

--=_mixed_f0ba0332de83549ae0242af7ba32b4c2_0
Content-Type: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
Content-Disposition: attachment; filename="may.xlsx"
Content-Transfer-Encoding: base64

UEs=

--=_mixed_f0ba0332de83549ae0242af7ba32b4c2_0--
"#;
