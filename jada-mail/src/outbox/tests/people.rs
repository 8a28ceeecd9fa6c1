//! What people decide.

use super::{
    server::Fault::{Good, LostBefore, Refused, Unavailable},
    *,
};
use crate::Proof;

#[tokio::test]
async fn a_person_sends_an_unknown_mail_again_or_drops_it() {
    let faults = [LostBefore, LostBefore];
    let bench = Bench::new(Server::new(Proof::Search).with_faults(faults));
    for key in ["again", "never"] {
        bench.outbox().enqueue(&message(key)).unwrap();
    }
    assert_eq!(bench.drain().await.waiting.len(), 2);
    bench.pass_time(INDEX);
    assert_eq!(bench.drain().await.unknown.len(), 2);

    bench.outbox().resend(&parsed("again")).unwrap();
    bench.outbox().discard(&parsed("never")).unwrap();
    assert_eq!(bench.drain().await.sent, [parsed("again")]);
    assert_eq!(bench.state("never"), MailState::Failed);
    let why = bench.why("never");
    assert!(why.starts_with("dropped by a person, when it was unknown: its answer was"), "{why}");
    assert!(!bench.entry("never").needs_person);
    let again = bench.outbox().enqueue(&message("never")).unwrap();
    assert_eq!(again, super::super::Enqueued::Before { state: MailState::Failed });
    assert_eq!(bench.server.state().sent.len(), 1);
}

#[tokio::test]
async fn a_failed_mail_is_sent_again_with_as_many_tries_as_a_new_one() {
    let bench = Bench::new(Server::new(Proof::DraftsAndSearch).with_faults([Refused]));
    bench.outbox().enqueue(&message("a")).unwrap();
    assert_eq!(bench.drain().await.failed.len(), 1);
    bench.pass_time(Outbox::MAX_AGE + HOUR);
    bench.outbox().resend(&parsed("a")).unwrap();
    assert_eq!(bench.entry("a").attempts, 0);
    assert_eq!(bench.drain().await.sent, [parsed("a")]);
}

#[tokio::test]
async fn a_queued_mail_that_is_dropped_takes_its_draft_with_it() {
    let faults = [Good, Unavailable(None)];
    let bench = Bench::new(Server::new(Proof::DraftsAndSearch).with_faults(faults));
    bench.outbox().enqueue(&message("a")).unwrap();
    assert_eq!(bench.drain().await.waiting.len(), 1);
    bench.outbox().discard(&parsed("a")).unwrap();
    bench.pass_time(INDEX);
    assert_eq!(bench.drain().await.drafts_removed, 1);
    assert!(bench.server.state().drafts.is_empty() && bench.server.state().sent.is_empty());
}

#[tokio::test]
async fn what_waits_is_withdrawn_with_its_draft_and_what_may_have_been_sent_is_not() {
    let faults = [Good, Unavailable(Some(HOUR))];
    let bench = Bench::new(Server::new(Proof::DraftsAndSearch).with_faults(faults));
    let outbox = bench.outbox();
    outbox.enqueue(&message("a")).unwrap();
    assert_eq!(bench.drain().await.waiting.len(), 1);
    outbox.withdraw(&parsed("a")).unwrap();
    let withdrawn = bench.entry("a");
    assert_eq!((withdrawn.state, withdrawn.needs_person), (MailState::Failed, false));
    assert!(withdrawn.is_withdrawn && bench.why("a").starts_with("withdrawn by its sender"));
    assert!(matches!(outbox.withdraw(&parsed("a")), Err(Error::OtherState { .. })));
    bench.pass_time(HOUR + INDEX);
    assert_eq!(bench.drain().await.drafts_removed, 1);
    assert!(bench.server.state().drafts.is_empty() && bench.server.state().sent.is_empty());
    outbox.resend(&parsed("a")).unwrap();
    assert!(!bench.entry("a").is_withdrawn);

    let bench = queued(Proof::Search, &["doubted"], [LostBefore]);
    assert_eq!(bench.drain().await.waiting.len(), 1);
    for state in [MailState::Sending, MailState::Unknown] {
        assert_eq!(bench.state("doubted"), state);
        let error = bench.outbox().withdraw(&parsed("doubted")).unwrap_err();
        assert!(error.to_string().contains("may have been sent"), "{error}");
        bench.pass_time(INDEX);
        let _ = bench.drain().await;
    }
}

#[tokio::test]
async fn mails_that_were_sent_long_ago_give_their_room_back_and_keep_their_keys() {
    let bench = Bench::new(Server::new(Proof::Search));
    let outbox = bench.outbox();
    for key in ["old", "new", "waiting"] {
        assert_eq!(outbox.enqueue(&message(key)).unwrap(), super::super::Enqueued::New);
        if key != "waiting" {
            assert_eq!(bench.drain().await.sent, [parsed(key)]);
        }
        bench.pass_time(HOUR);
    }
    let length = |key: &str| {
        let path = outbox.folder().join(format!("mails/{key}.eml"));
        path.metadata().unwrap().len()
    };
    assert_eq!(outbox.prune(3 * HOUR).unwrap(), 1);
    assert_eq!(outbox.prune(3 * HOUR).unwrap(), 0);
    assert_eq!(length("old"), 0);
    assert!(length("new") > 0 && length("waiting") > 0);
    let before = super::super::Enqueued::Before { state: MailState::Sent };
    assert_eq!(outbox.enqueue(&message("old")).unwrap(), before);
    assert!(matches!(outbox.enqueue(&changed("old")), Err(Error::KeyTaken { .. })));
    assert_eq!(bench.drain().await.sent, [parsed("waiting")]);
    assert_eq!(outbox.receipt(&parsed("old")).unwrap().location, "m-1");
}

#[tokio::test]
async fn what_cannot_be_decided_now_says_why_not() {
    let bench = Bench::new(Server::new(Proof::Search).with_faults([Good, LostBefore]));
    let outbox = bench.outbox();
    let missing = outbox.resend(&parsed("nobody")).unwrap_err();
    assert!(matches!(missing, Error::NoSuchMail { .. }), "{missing}");
    for key in ["sent", "sending", "queued"] {
        outbox.enqueue(&message(key)).unwrap();
        bench.pass_time(SECOND);
    }
    bench.server.state().faults.push_back(Unavailable(Some(SECOND)));
    let _ = bench.drain().await;
    let missing = outbox.discard(&parsed("nobody")).unwrap_err();
    assert!(missing.to_string().contains("`nobody`"), "{missing}");
    for (key, resend, discard) in [
        ("sent", Some("under another key"), Some("cannot be taken back")),
        ("sending", Some("outbox drain"), None),
        ("queued", Some("outbox drain"), None),
    ] {
        let told = |done: Result<(), Error>| done.err().map(|error| error.to_string());
        let resent = told(outbox.resend(&parsed(key)));
        assert!(resent.unwrap_or_default().contains(resend.unwrap_or_default()), "{key}");
        match (told(outbox.discard(&parsed(key))), discard) {
            (Some(text), Some(mend)) => assert!(text.contains(mend), "{text}"),
            (None, None) => assert_eq!(bench.state(key), MailState::Failed),
            (told, _) => panic!("{key}: {told:?}"),
        }
    }
}

#[tokio::test]
async fn a_mail_that_another_is_at_work_on_is_left_to_him() {
    let bench = Bench::new(Server::new(Proof::Search));
    let outbox = bench.outbox();
    outbox.enqueue(&message("a")).unwrap();
    let held = outbox.spool.claim(&parsed("a")).unwrap();
    assert_eq!(bench.drain().await.waiting, [parsed("a")]);
    let error = outbox.discard(&parsed("a")).unwrap_err();
    assert!(error.to_string().contains("another process"), "{error}");
    let before = super::super::Enqueued::Before { state: MailState::Queued };
    assert_eq!(outbox.enqueue(&message("a")).unwrap(), before);
    drop(held);
    assert_eq!(bench.drain().await.sent, [parsed("a")]);
}

#[tokio::test]
async fn a_list_says_what_became_of_each_and_what_is_to_be_done() {
    let faults = [Good, Refused, LostBefore, Unavailable(Some(60 * SECOND))];
    let bench = Bench::new(Server::new(Proof::Search).with_faults(faults));
    for key in ["a", "b", "c", "d", "e"] {
        bench.outbox().enqueue(&message(key)).unwrap();
        bench.pass_time(SECOND);
    }
    let drained = bench.drain().await.to_string();
    let expected = "\
sent     a
failed   b
waiting  c
waiting  d
waiting  e
all wait: it cannot be done for now: busy
the next drain is worth while at 2026-06-01T06:01:05Z";
    assert_eq!(drained, expected);
    let status = bench.outbox().status().unwrap().to_string();
    let expected = "\
failed   b  since 2026-06-01T06:00:05Z: it was refused for good: no such recipient
sending  c  since 2026-06-01T06:00:05Z: the mail may have been sent: the \
line was cut; not before 2026-06-01T06:02:05Z
queued   d  since 2026-06-01T06:00:05Z: it cannot be done for now: busy; not before \
2026-06-01T06:01:05Z
queued   e  since 2026-06-01T06:00:04Z
all wait until 2026-06-01T06:01:05Z: it cannot be done for now: busy
1 sent";
    assert_eq!(status, expected);
}
