//! What no header may hold is refused where it stands, whatever the header.

use std::str::FromStr;

use jada_mail::{
    Address, AttachmentName, ContentId, ContentType, Error, EventDescription, EventUid, HeaderText,
    IdempotencyKey, MessageId, ThreadId, WebAddress,
};

#[test]
fn a_line_break_or_nul_is_refused_in_every_value_of_a_header() {
    let refuse: [(&str, &str, &str, Refuse); 14] = [
        ("an address, local part", "ada", "@example.com", refused::<Address>),
        ("an address, quoted", "\"ada", "\"@example.com", refused::<Address>),
        ("an address, domain", "ada@example", ".com", refused::<Address>),
        ("an address, name", "Ada", " <ada@example.com>", refused::<Address>),
        ("an address, quoted name", "\"Ada", "\" <ada@example.com>", refused::<Address>),
        ("a display name", "Ada", "", |text| {
            "ada@example.com".parse::<Address>().unwrap().with_name(text).unwrap_err()
        }),
        ("a subject, summary or location", "Statement", "", refused::<HeaderText>),
        ("a file name", "a", ".csv", refused::<AttachmentName>),
        ("a media type", "text/c", "sv", refused::<ContentType>),
        ("a Message-ID", "a", "@example.com", refused::<MessageId>),
        ("a content id", "a@exam", "ple.com", refused::<ContentId>),
        ("the id of a thread", "18c", "f", refused::<ThreadId>),
        ("the UID of an event", "sail", "@example.com", refused::<EventUid>),
        ("the address of a page", "https://example.com/a", "", refused::<WebAddress>),
    ];
    for (what, before, after, refuse) in refuse {
        for inside in
            ["\r\nBcc: eve@example.com", "\nBcc: eve@example.com", "\rx", "\0", "\r", "\n"]
        {
            let text = format!("{before}{inside}{after}");
            let Error::Invalid { at, .. } = refuse(&text) else {
                panic!("{what}: {text:?} is refused for another reason");
            };
            assert_eq!(at, before.len(), "{what}: {text:?}");
        }
    }
}

#[test]
fn a_key_and_a_description_are_refused_for_what_would_not_survive() {
    for inside in ["\r\n", "\n", "\r", "\0"] {
        let Error::Invalid { at, .. } = refused::<IdempotencyKey>(&format!("key{inside}")) else {
            panic!("{inside:?}");
        };
        assert_eq!(at, 3);
    }
    let Error::Invalid { at, .. } = refused::<EventDescription>("line\nline\0") else {
        panic!("a NUL");
    };
    assert_eq!(at, 9);
}

#[test]
fn a_group_is_no_address() {
    for (text, position) in [
        ("Crew:ada@example.com;", 4),
        ("Crew: ada@example.com, bo@example.com;", 4),
        ("undisclosed-recipients:;", 22),
        ("Crew: Ada <ada@example.com>;", 4),
        ("ada@example.com, bo@example.com", 15),
        ("Ada <ada@example.com>, bo@example.com", 21),
    ] {
        let Error::Invalid { at, .. } = refused::<Address>(text) else {
            panic!("{text:?}");
        };
        assert_eq!(at, position, "{text:?}");
    }
}

type Refuse = fn(&str) -> Error;

fn refused<T: FromStr<Err = Error>>(text: &str) -> Error {
    match text.parse::<T>() {
        Err(error) => error,
        Ok(_) => panic!("{text:?} was accepted"),
    }
}
