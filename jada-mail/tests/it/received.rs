//! Mails as others send them, and bytes that are none.

use jada_mail::{Error, Received};
use proptest::{
    collection::vec,
    prelude::{ProptestConfig, any},
    proptest,
};

fn received(mail: &str) -> Received {
    Received::parse(mail.as_bytes()).unwrap()
}

#[test]
fn a_plain_mail_is_read() {
    let mail = received(
        "From: Ada <ada@example.com>\r\nTo: a@example.com, B <b@example.com>\r\n\
         Date: Mon, 1 Jun 2026 08:00:00 +0200\r\nMessage-ID: <1@example.com>\r\n\
         In-Reply-To: <0@example.com>\r\nReferences: <00@example.com>\r\n <0@example.com>\r\n\
         Subject: =?utf-8?Q?Caf=C3=A9?=\r\nX-Jada-Reference: abc\r\n\r\nHello\r\n",
    );
    assert_eq!(mail.from().unwrap().to_string(), "Ada <ada@example.com>");
    assert_eq!(mail.to().len(), 2);
    assert_eq!(mail.date().unwrap().to_string(), "2026-06-01T06:00:00Z");
    assert_eq!(mail.message_id().unwrap().as_str(), "1@example.com");
    assert_eq!(mail.in_reply_to()[0].as_str(), "0@example.com");
    assert_eq!(mail.references().len(), 2);
    assert_eq!(mail.subject(), "Café");
    assert_eq!(mail.header("x-jada-reference"), Some("abc"));
    assert_eq!(mail.text(), "Hello\n");
    assert_eq!(mail.html(), None);
}

#[test]
fn what_is_no_mail_is_refused() {
    for bytes in ["", "hello", "http://example.com/", "a: b\r\n\r\nFrom: x\r\n", "\0\0\0"] {
        let error = Received::parse(bytes.as_bytes()).unwrap_err();
        assert!(matches!(error, Error::NotAMail { .. }), "{bytes:?}: {error:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..2_000)) {
        let _ = Received::parse(&bytes);
    }
}
