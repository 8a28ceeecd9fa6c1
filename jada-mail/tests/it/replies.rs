//! Answers as a mail program threads them.

use jada_mail::{Message, MessageBuilder, Parent, Received, ThreadId};
use mail_parser::MessageParser;

#[test]
fn an_answer_names_its_parent_and_the_conversation() {
    let parent = received(
        "Message-ID: <3@example.com>\r\nReferences: <1@example.com>\r\n <2@example.com>\r\n",
        "=?utf-8?Q?Charter_=C3=A0_voile?=",
    );
    let answer = answer(&parent).build().unwrap();
    assert_eq!(answer.subject().as_str(), "Re: Charter à voile");
    assert_eq!(answer.in_reply_to(), parent.message_id());
    assert_eq!(answer.thread_id().map(ThreadId::as_str), Some("18cf"));

    let bytes = answer.render();
    let read = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(read.in_reply_to().as_text(), Some("3@example.com"));
    let references = ["1@example.com", "2@example.com", "3@example.com"];
    assert_eq!(read.references().as_text_list().unwrap(), references);

    let again = Parent::from(&answer);
    let follow_up = draft().in_reply_to(again).build().unwrap();
    assert_eq!(follow_up.subject(), answer.subject());
    assert_eq!(follow_up.references().len(), 4);
    assert_eq!(follow_up.thread_id(), answer.thread_id());
}

#[test]
fn an_answer_to_a_mail_without_ids_has_no_empty_headers() {
    let bytes = answer(&received("", "Charter")).build().unwrap().render();
    let rendered = String::from_utf8(bytes).unwrap();
    assert!(rendered.contains("\r\nSubject: Re: Charter\r\n"), "{rendered}");
    assert!(!rendered.contains("In-Reply-To") && !rendered.contains("References"), "{rendered}");
}

#[test]
fn a_subject_that_is_set_stays() {
    let parent = received("Message-ID: <3@example.com>\r\n", "Charter");
    let answer = answer(&parent).subject("Other".parse().unwrap()).build().unwrap();
    assert_eq!(answer.subject().as_str(), "Other");
}

#[test]
fn a_subject_cannot_smuggle_a_header_into_the_answer() {
    let parent = received("", "=?utf-8?Q?a=0D=0ABcc:_eve@example.com=00?=");
    let answer = answer(&parent).build().unwrap();
    let bytes = answer.render();
    let read = MessageParser::default().parse(&bytes).unwrap();
    assert!(read.bcc().is_none());
    assert_eq!(read.subject(), Some(answer.subject().as_str()));
    assert!(answer.subject().as_str().starts_with("Re: a"), "{}", answer.subject());
}

#[test]
fn ids_as_long_as_they_may_be_stay_below_998_bytes_a_line() {
    let id = |number: usize| format!("{number}{}@example.com", "x".repeat(870)).parse().unwrap();
    let parent = Parent::new(id(0)).with_references((1..=60).map(id).collect());
    let subject = "x".parse().unwrap();
    let answer = draft().in_reply_to(parent.with_subject(&subject)).build().unwrap();
    assert_eq!(answer.references().len(), 20);
    let bytes = answer.render();
    assert_eq!(bytes.split(|byte| *byte == b'\n').find(|line| line.len() > 998), None);
    let read = MessageParser::default().parse(&bytes).unwrap();
    let references = read.references().as_text_list().unwrap();
    let expected: Vec<_> = answer.references().iter().map(|id| id.as_str()).collect();
    assert_eq!(references, expected);
}

fn answer(parent: &Received) -> MessageBuilder {
    draft().in_reply_to(parent)
}

fn draft() -> MessageBuilder {
    Message::builder("crew@example.com".parse().unwrap())
        .to("ada@example.com".parse().unwrap())
        .text("Yes.\n")
        .date("2026-06-01T06:00:00Z".parse().unwrap())
        .idempotency_key("answer-1".parse().unwrap())
}

fn received(ids: &str, subject: &str) -> Received {
    let mail = format!("From: ada@example.com\r\n{ids}Subject: {subject}\r\n\r\nCan I?\r\n");
    let received = Received::parse(mail.as_bytes()).unwrap();
    received.with_server_ids("18d0", "18cf".parse().unwrap())
}
