//! Mails as others send them, and bytes that are none.

use jada_mail::{Error, Received};
use proptest::{
    collection::vec,
    prelude::{ProptestConfig, Strategy, any},
    prop_assert, prop_assert_eq, prop_oneof, proptest,
};

fn received(mail: &str) -> Received {
    received_bytes(mail.as_bytes())
}

fn received_bytes(mail: &[u8]) -> Received {
    Received::parse(mail).unwrap()
}

/// A mail with this content, from its first header about it.
fn with_content(content: &str) -> Received {
    received(&format!("From: ada@example.com\r\nMIME-Version: 1.0\r\n{content}"))
}

#[test]
fn the_headers_of_a_mail_are_read() {
    let mail = received(
        "From: Ada <ada@example.com>, b@example.com\r\nReply-To: desk@example.com\r\n\
         To: a@example.com, Team: b@example.com, \"C, D\" <c@example.com>;\r\nCC: d@example.com\r\n\
         Date: Mon, 1 Jun 2026 08:00:00 +0200\r\nMessage-ID: <1@example.com>\r\n\
         In-Reply-To: <0@example.com>\r\nReferences: <00@example.com>\r\n <not an id> <0@example.com>\r\n\
         Subject: =?utf-8?Q?Caf=C3=A9?=\r\n =?iso-8859-1?Q?_=E9t=E9=0A?=\r\n\
         X-Jada-Reference: a\r\n b\r\nX-Jada-Reference: c\r\n\r\nHello\r\n",
    );
    assert_eq!(mail.from().unwrap().to_string(), "Ada <ada@example.com>");
    assert_eq!(mail.reply_to()[0].email(), "desk@example.com");
    let to: Vec<_> = mail.to().iter().map(ToString::to_string).collect();
    assert_eq!(to, ["a@example.com", "b@example.com", "C, D <c@example.com>"]);
    assert_eq!(mail.cc()[0].email(), "d@example.com");
    assert_eq!(mail.date().unwrap().to_string(), "2026-06-01T06:00:00Z");
    assert_eq!(mail.message_id().unwrap().as_str(), "1@example.com");
    assert_eq!(mail.in_reply_to()[0].as_str(), "0@example.com");
    let references: Vec<_> = mail.references().iter().map(|id| id.as_str()).collect();
    assert_eq!(references, ["00@example.com", "0@example.com"]);
    assert_eq!(mail.subject(), "Café été");
    assert_eq!(mail.header("x-jada-reference"), Some("a b"));
    assert_eq!(mail.header("X-Other"), None);
    assert_eq!(mail.text(), "Hello\n");
    assert_eq!(mail.html(), None);
    assert!(mail.attachments().is_empty());
}

#[test]
fn ids_that_no_standard_knows_are_kept_for_those_who_answer() {
    let mail =
        received("From: a@b.example\r\nMessage-ID: <a..b@x>\r\nReferences: <1:2> <c.@d>\r\n\r\n");
    assert_eq!(mail.message_id().unwrap().as_str(), "a..b@x");
    let references: Vec<_> = mail.references().iter().map(|id| id.as_str()).collect();
    assert_eq!(references, ["1:2", "c.@d"]);
}

#[test]
fn what_a_header_should_have_and_has_not_is_none() {
    let mail = received(
        "From: undisclosed\r\nDate: yesterday\r\nMessage-ID: <a b>\r\nReferences: <é>\r\n\r\n",
    );
    assert_eq!(mail.message_id(), None);
    assert_eq!(mail.date(), None);
    assert!(mail.references().is_empty());
    assert!(mail.from().unwrap().to_address().is_err());
    assert_eq!((mail.subject(), mail.text()), ("", ""));
    assert_eq!((mail.id(), mail.thread_id()), (None, None));
}

#[test]
fn a_server_adds_its_names() {
    let mail = with_content("\r\nx").with_server_ids("18c2", "18c0".parse().unwrap());
    assert_eq!(mail.id(), Some("18c2"));
    assert_eq!(mail.thread_id().unwrap().as_str(), "18c0");
}

#[test]
fn character_sets_are_decoded() {
    for (charset, bytes, expected) in [
        ("utf-8", "é€".as_bytes(), "é€"),
        ("us-ascii", "é€".as_bytes(), "Ã©â‚¬"),
        ("iso-8859-1", b"\xe9\xa3", "é£"),
        ("ISO-8859-15", b"\xe9\xa4", "é€"),
        ("windows-1252", b"\xe9\x80\x93", "é€“"),
        ("windows-1251", b"\xcf\xf0\xe8", "При"),
        ("koi8-r", b"\xf0\xd2\xc9", "При"),
        ("utf-7", b"+AOk-", "é"),
        ("utf-16le", b"\xe9\0\xac\x20", "é€"),
        ("unheard-of", b"a\xe9", "a\u{fffd}"),
        ("iso-2022-jp", b"\xe9", "\u{fffd}"),
    ] {
        let header =
            format!("From: a@b.example\r\nContent-Type: text/plain; charset={charset}\r\n");
        let mail = [header.as_bytes(), b"\r\n", bytes].concat();
        assert_eq!(received_bytes(&mail).text(), expected, "{charset}");
    }
}

#[test]
fn the_text_of_html_alone_is_made_of_it() {
    let html = "Content-Type: text/html; charset=utf-8\r\n\r\n\
                <table><tr><td>Guest</td><td>Ada</td></tr></table>\r\n";
    let mail = with_content(html);
    assert_eq!(mail.text(), "Guest | Ada\n");
    assert!(mail.html().unwrap().starts_with("<table>"));

    let empty_text = "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\n \r\n";
    let mail = with_content(&format!("{empty_text}--b\r\n{html}--b--\r\n"));
    assert_eq!(mail.text(), "Guest | Ada\n");
}

#[test]
fn attachments_keep_their_bytes_and_a_name_without_folders() {
    let mail = with_content(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nText\r\n\
         --b\r\nContent-Type: Application/PDF\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment; filename=\"../..\\\\etc/a\0b.pdf\"\r\n\r\nAP/+\r\n\
         --b\r\nContent-Type: image/png; name=x.png\r\nContent-ID: <logo>\r\n\
         Content-Disposition: inline\r\n\r\npng\r\n\
         --b\r\nContent-Type: text/csv; charset=iso-8859-1\r\n\
         Content-Disposition: attachment; filename*=utf-8''caf%C3%A9.csv\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\r\n=E9=\r\nt=E9\r\n\
         --b\r\nContent-Disposition: attachment; filename=..\r\n\r\nz\r\n--b--\r\n",
    );
    assert_eq!(mail.text(), "Text");
    let seen: Vec<_> = mail
        .attachments()
        .iter()
        .map(|file| {
            let name = file.name().map(|name| name.as_str());
            (name, file.content_type(), file.content_id(), file.is_inline(), &file.bytes()[..])
        })
        .collect();
    assert_eq!(
        seen,
        [
            (Some("a b.pdf"), "application/pdf", None, false, b"\0\xff\xfe".as_slice()),
            (Some("x.png"), "image/png", Some("logo"), true, b"png"),
            (Some("café.csv"), "text/csv", None, false, "été".as_bytes()),
            (None, "text/plain", None, false, b"z"),
        ]
    );
}

#[test]
fn a_mail_within_a_mail_is_an_attachment() {
    let inner = "From: b@example.com\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny";
    let outer = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nA message/rfc822\r\n";
    for encoding in ["7bit", "quoted-printable"] {
        let mail = with_content(&format!(
            "{outer}--b\r\nContent-Type: Message/RFC822; name=m.eml\r\n\
             Content-Transfer-Encoding: {encoding}\r\n\r\n{inner}\r\n--b--\r\n"
        ));
        assert_eq!(mail.text(), "A message/rfc822");
        let [file] = mail.attachments() else { panic!("{mail:?}") };
        assert_eq!(file.content_type(), "message/rfc822");
        assert_eq!(file.name().unwrap().as_str(), "m.eml");
        assert_eq!(file.bytes(), inner);
        assert_eq!(Received::parse(file.bytes()).unwrap().attachments()[0].bytes().len(), 15);
    }
}

#[test]
fn mails_within_mails_without_end_are_read_on_a_small_stack() {
    let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(200_000);
    let multiparts = |count: usize| {
        let part = |at| format!("--b\r\nContent-Type: multipart/mixed; boundary=b{at}\r\n\r\n");
        (0..count).map(part).collect::<String>()
    };
    let mixed = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
    assert_eq!(with_content(&nested).attachments().len(), 1);
    assert_eq!(with_content(&format!("{mixed}{}", multiparts(300))).text(), "");
    let error = Received::parse(format!("From: x\r\n{mixed}{}", multiparts(1_000)).as_bytes());
    assert!(matches!(error, Err(Error::NotAMail { .. })));
}

#[test]
fn what_is_no_mail_is_refused() {
    for bytes in ["", "hello", "http://example.com/", "a: b\r\n\r\nFrom: x\r\n", "\0\0\0"] {
        let error = Received::parse(bytes.as_bytes()).unwrap_err();
        assert!(matches!(error, Error::NotAMail { .. }), "{bytes:?}: {error:?}");
    }
}

#[test]
fn debug_shows_sizes_and_no_content() {
    let mail = with_content(
        "X-Secret: hush\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\n\r\nhush\r\n--b\r\nContent-Type: text/html\r\n\r\nhush\r\n\
         --b\r\nContent-Disposition: attachment\r\n\r\nhush\r\n--b--\r\n",
    );
    let shown = format!("{mail:?}");
    assert!(!shown.contains("hush"), "{shown}");
    assert!(shown.contains("4 bytes"), "{shown}");
}

/// Scraps of mails, which a mail is more likely to break a reader with than any bytes are.
fn scraps() -> impl Strategy<Value = Vec<u8>> {
    let scrap = prop_oneof![
        4 => proptest::sample::select(SCRAPS).prop_map(|scrap| scrap.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..8),
    ];
    (vec(scrap, 0..40), any::<proptest::sample::Index>()).prop_map(|(scraps, cut)| {
        let mut mail = scraps.concat();
        mail.truncate(cut.index(mail.len() + 1));
        mail
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..2_000)) {
        let _ = Received::parse(&bytes);
    }

    #[test]
    fn any_scraps_of_mails_are_read_or_refused(bytes in scraps()) {
        let Ok(mail) = Received::parse(&[b"From: a@example.com\r\n".as_slice(), &bytes].concat()) else {
            return Err(proptest::test_runner::TestCaseError::fail("not a mail"));
        };
        let headers = [mail.subject(), mail.from().map_or("", |from| from.email())];
        prop_assert!(!headers.iter().any(|text| text.contains(char::is_control)), "{mail:?}");
        prop_assert!(!mail.text().contains('\r'));
        for file in mail.attachments() {
            prop_assert_eq!(file.content_type().to_lowercase(), file.content_type());
        }
    }
}

const SCRAPS: &[&str] = &[
    "\r\n",
    "\r\n",
    "\n",
    "\r",
    "--b\r\n",
    "--b--\r\n",
    "--c",
    "--c--",
    "Content-Type: message/rfc822\r\n",
    "Content-Type: multipart/mixed; boundary=b\r\n",
    "Content-Type: multipart/alternative; boundary=\"c\"\r\n",
    "Content-Type: multipart/digest; boundary=b\r\n",
    "Content-Type: multipart/related; boundary=c\r\n",
    "Content-Type: text/html; charset=utf-8\r\n",
    "Content-Type: text/plain; charset=utf-16\r\n",
    "Content-Type: text/plain; charset=utf-7\r\n",
    "Content-Transfer-Encoding: base64\r\n",
    "Content-Transfer-Encoding: quoted-printable\r\n",
    "Content-Disposition: attachment; filename*0=\"a\"; filename*1*=utf-8''b%20\r\n",
    "Content-ID: <x>\r\n",
    "From: a <a@b>, \"x\r\n",
    "Subject: =?utf-8?Q?a=C3=A9=00?= =?iso-8859-1?B?4Q==?=\r\n",
    "Date: Mon, 31 Feb 2999 23:59:60 -9959\r\n",
    "Received: from x (y [1.2.3.4]) by z with ESMTP; Mon, 1\r\n",
    "Message-ID: <a@b>\r\n",
    "To: g: a@b, c@d;\r\n",
    " folded\r\n",
    "<p>hi &amp; &#x1F600; <!-- x --><br>",
    "<style>",
    "é",
    "=C3=A9=\r\n",
    "SGVsbG8=\r\n",
    "+AGE-",
    "=?utf-8?",
    "(",
    "\"",
    "\\",
];
