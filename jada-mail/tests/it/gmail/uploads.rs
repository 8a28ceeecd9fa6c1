//! What goes over the wire for a mail: its bytes, and nothing that is larger than they are.

use std::sync::{Arc, Mutex};

use jada_loopback_issuer::{Gmail as Server, GmailFault, GmailMethod, When};
use jada_mail::{
    Attachment, ContentType, Error, Gmail, Letter, Message, Parent, Receipt, Transport,
};

use super::{FULL, Tokens, account, google, letter, server};

#[tokio::test]
async fn a_mail_goes_out_as_its_bytes() {
    let (server, letter) = (server(), letter("statement"));
    let receipt = Transport::send(&account(&server), &letter).await.unwrap();
    let sent = server.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(*sent[0].raw, **letter.bytes());
    assert_eq!(server.body_bytes(), letter.bytes().len() as u64);
    assert_eq!(receipt.location, sent[0].id);
    assert_eq!(receipt.thread_id.unwrap().as_str(), sent[0].thread_id);
    assert_eq!(&receipt.message_id, letter.message_id());
}

#[tokio::test]
async fn a_message_is_sent_once_for_each_call() {
    let (server, message) = (server(), jada_mail::contract::message("twice"));
    let gmail = account(&server);
    let first = gmail.send(&message).await.unwrap();
    let second = gmail.send(&message).await.unwrap();
    assert_ne!(first.location, second.location);
    assert_eq!(server.sent().len(), 2);
}

#[tokio::test]
async fn a_draft_is_the_same_bytes_and_is_sent_by_its_id() {
    let (server, letter) = (server(), letter("statement"));
    let gmail = account(&server);
    let draft = gmail.stage(&letter).await.unwrap();
    let drafts = server.drafts();
    assert_eq!(drafts.len(), 1);
    assert_eq!((drafts[0].id.as_str(), &*drafts[0].raw), (draft.as_str(), &**letter.bytes()));
    assert_eq!(server.body_bytes(), letter.bytes().len() as u64);
    assert!(server.sent().is_empty());

    let receipt = gmail.send_staged(&draft, &letter).await.unwrap().unwrap();
    assert!(server.drafts().is_empty());
    assert_eq!(server.sent()[0].id, receipt.location);
    assert_eq!(gmail.send_staged(&draft, &letter).await.unwrap(), None);
    assert_eq!(server.sent().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_mail_is_uploaded_in_parts_and_survives_what_befalls_them() {
    let (server, letter) = (server(), large("large"));
    for fault in [
        GmailFault::Status(503, When::Before),
        GmailFault::Reset(When::After),
        GmailFault::Unauthorized,
    ] {
        server.fail_next(GmailMethod::UploadSession, fault);
    }
    let (gmail, seen) = watched(&server);
    let receipt = Transport::send(&gmail, &letter).await.unwrap();
    assert_eq!(*server.sent()[0].raw, **letter.bytes());
    assert_eq!(receipt.location, server.sent()[0].id);

    let seen = seen.lock().unwrap().clone();
    let total = letter.bytes().len() as u64;
    assert!(seen.len() >= 2 && seen.iter().all(|(_, of)| *of == Some(total)), "{seen:?}");
    assert!(seen.is_sorted() && seen.last().unwrap().0 == total, "{seen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_draft_is_uploaded_in_parts_too() {
    let (server, letter) = (server(), large("large-draft"));
    let (gmail, seen) = watched(&server);
    let draft = gmail.stage(&letter).await.unwrap();
    assert_eq!(*server.drafts()[0].raw, **letter.bytes());
    assert_eq!(server.drafts()[0].id, draft.as_str());
    assert!(seen.lock().unwrap().len() >= 2);
    assert!(server.calls(GmailMethod::UploadSession) >= 2);
}

#[tokio::test]
async fn a_small_mail_is_one_request_and_shows_no_progress() {
    let server = server();
    let (gmail, seen) = watched(&server);
    Transport::send(&gmail, &letter("small")).await.unwrap();
    assert_eq!(server.requests(), 1);
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_goes_into_its_conversation_as_its_bytes_and_a_few_more() {
    let server = server();
    let first = account(&server).send(&jada_mail::contract::message("first")).await.unwrap();
    for (number, gmail) in [account(&server), watched(&server).0].into_iter().enumerate() {
        let answer = if number == 0 { answer(&first, "small") } else { answer(&first, &noise()) };
        let before = server.body_bytes();
        let draft = gmail.stage(&answer).await.unwrap();
        Transport::send(&gmail, &answer).await.unwrap();
        let extra = server.body_bytes() - before - 2 * answer.bytes().len() as u64;
        assert!((1..600).contains(&extra), "{extra}");

        let (drafts, sent) = (server.drafts(), server.sent());
        let (staged, sent) = (drafts.last().unwrap(), sent.last().unwrap());
        assert_eq!(staged.id, draft.as_str());
        for (raw, thread_id) in [(&staged.raw, &staged.thread_id), (&sent.raw, &sent.thread_id)] {
            assert_eq!(**raw, **answer.bytes());
            assert_eq!(thread_id, first.thread_id.as_ref().unwrap().as_str());
        }
    }
}

#[tokio::test]
async fn a_conversation_that_is_not_there_is_about_the_mail() {
    let server = server();
    let mut gone = account(&server).send(&jada_mail::contract::message("first")).await.unwrap();
    gone.thread_id = Some("19ffffffffffffff".parse().unwrap());
    let error = Transport::send(&account(&server), &answer(&gone, "hello")).await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
    assert_eq!(server.sent().len(), 1);
}

fn answer(to: &Receipt, text: &str) -> Letter {
    let parent = Parent::new(to.message_id.clone()).with_subject(&"Statement".parse().unwrap());
    let message = Message::builder("billing@example.com".parse().unwrap())
        .to("ada@example.com".parse().unwrap())
        .in_reply_to(parent.with_thread_id(to.thread_id.clone().unwrap()))
        .text(text)
        .date("2026-06-01T06:00:00Z".parse().unwrap())
        .idempotency_key("answer".parse().unwrap());
    Letter::of(&message.build().unwrap())
}

fn noise() -> String {
    (0..200_000_u32).map(|n| format!("{n}\n")).collect()
}

/// Bytes that are stored, and bytes in all.
type Progress = (u64, Option<u64>);

/// An account that uploads all but small mails in parts, and what it has told of them.
fn watched(server: &Server) -> (Gmail, Arc<Mutex<Vec<Progress>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = seen.clone();
    let google = google(&server.endpoint(), Tokens::granting(&[FULL])).build();
    let gmail = Gmail::builder(google)
        .resumable_above(100_000)
        .progress(move |progress| told.lock().unwrap().push((progress.stored, progress.total)));
    (gmail.build(), seen)
}

/// A mail of more than one part.
fn large(key: &str) -> Letter {
    let noise: Vec<u8> =
        (0..2_500_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let message = Message::builder("billing@example.com".parse().unwrap())
        .to("ada@example.com".parse().unwrap())
        .subject("Your statement".parse().unwrap())
        .text("See the attachment.\n")
        .attachment(Attachment::new("noise.bin".parse().unwrap(), ContentType::OCTET_STREAM, noise))
        .date("2026-06-01T06:00:00Z".parse().unwrap())
        .idempotency_key(key.parse().unwrap());
    Letter::of(&message.build().unwrap())
}
