//! Queueing, the order of things, and what waits.

use super::{super::Enqueued, *};
use crate::{Address, EmlFolder, Invite, Mailer, Proof, contract};

use super::server::Fault::{Blocked, Good, Refused, Unavailable};

#[tokio::test]
async fn a_mail_is_queued_once_whatever_became_of_it() {
    let bench = Bench::new(Server::new(Proof::DraftsAndSearch));
    let outbox = bench.outbox();
    let first = message("a");
    assert_eq!(outbox.enqueue(&first).unwrap(), Enqueued::New);
    let queued = MailState::Queued;
    assert_eq!(outbox.enqueue(&first).unwrap(), Enqueued::Before { state: queued });
    assert!(
        matches!(outbox.enqueue(&changed("a")), Err(Error::KeyTaken { state: s, .. }) if s == queued)
    );

    assert_eq!(bench.drain().await.sent, [parsed("a")]);
    let sent = MailState::Sent;
    assert_eq!(outbox.enqueue(&first).unwrap(), Enqueued::Before { state: sent });
    assert!(
        matches!(outbox.enqueue(&changed("a")), Err(Error::KeyTaken { state: s, .. }) if s == sent)
    );
    assert_eq!(bench.drain().await, Drained::default());
    assert_eq!(bench.server.state().sent.len(), 1);
    assert_eq!(bench.server.calls(), ["stage", "release"]);
}

#[test]
fn a_mail_that_is_composed_again_later_is_the_same() {
    let bench = Bench::new(Server::new(Proof::Search));
    let composed = |date: &str, text: &str| {
        Message::builder("billing@example.com".parse().unwrap())
            .to("ada@example.com".parse().unwrap())
            .subject("Date: tomorrow".parse().unwrap())
            .text(text)
            .date(date.parse().unwrap())
            .idempotency_key("a".parse().unwrap())
            .build()
            .unwrap()
    };
    let outbox = bench.outbox();
    let first = composed("2026-06-01T06:00:00Z", "\r\nDate: x\r\n");
    assert_eq!(outbox.enqueue(&first).unwrap(), Enqueued::New);
    let later = outbox.enqueue(&composed("2026-06-02T06:00:00Z", "\r\nDate: x\r\n")).unwrap();
    assert_eq!(later, Enqueued::Before { state: MailState::Queued });
    let other = outbox.enqueue(&composed("2026-06-01T06:00:00Z", "\r\nDate: y\r\n"));
    assert!(matches!(other, Err(Error::KeyTaken { state: MailState::Queued, .. })));
}

#[test]
fn an_invitation_that_is_composed_again_later_is_the_same() {
    let bench = Bench::new(Server::new(Proof::Search));
    let composed = |date: &str, begin: &str| {
        let [date, begin]: [Timestamp; 2] = [date, begin].map(|text| text.parse().unwrap());
        let crew: Address = "crew@example.com".parse().unwrap();
        let invite = Invite::builder("sail-42".parse().unwrap(), begin, begin + 3600 * SECOND)
            .organizer(crew.clone())
            .attendee("ada@example.com".parse().unwrap())
            .summary("Morning sail".parse().unwrap());
        Message::builder(crew)
            .to("ada@example.com".parse().unwrap())
            .subject("Morning sail".parse().unwrap())
            .text("Can you come?")
            .invite(invite.build().unwrap())
            .date(date)
            .idempotency_key("a".parse().unwrap())
            .build()
            .unwrap()
    };
    let outbox = bench.outbox();
    let nine = "2026-06-07T09:00:00Z";
    assert_eq!(outbox.enqueue(&composed("2026-06-01T06:00:00Z", nine)).unwrap(), Enqueued::New);
    let later = outbox.enqueue(&composed("2026-06-01T06:01:00Z", nine)).unwrap();
    assert_eq!(later, Enqueued::Before { state: MailState::Queued });
    let moved = composed("2026-06-01T06:00:00Z", "2026-06-07T10:00:00Z");
    let moved = outbox.enqueue(&moved).unwrap_err().to_string();
    assert!(moved.contains("`a`") && moved.contains("(queued)"), "{moved}");
}

#[tokio::test]
async fn an_outbox_that_is_not_there_has_nothing_to_send() {
    let bench = Bench::new(Server::new(Proof::Idempotent));
    assert_eq!(bench.drain().await, Drained::default());
    assert!(bench.outbox().status().unwrap().is_settled());
    assert_eq!(bench.outbox().mail(&parsed("a")).unwrap(), None);
    assert!(!bench.outbox().folder().exists());
}

#[tokio::test]
async fn mails_go_out_in_the_order_in_which_they_came() {
    let bench = Bench::new(Server::new(Proof::Search));
    for key in ["z", "m", "a"] {
        bench.outbox().enqueue(&message(key)).unwrap();
        bench.pass_time(SECOND);
    }
    assert_eq!(bench.drain().await.sent, ["z", "m", "a"].map(parsed));
}

#[tokio::test]
async fn what_fails_for_now_comes_back_later_and_at_a_persons_wish_at_once() {
    let faults = [Unavailable(None), Unavailable(None), Good];
    let bench = Bench::new(Server::new(Proof::Search).with_faults(faults));
    bench.outbox().enqueue(&message("a")).unwrap();
    let drained = bench.drain().await;
    assert_eq!(drained.waiting, [parsed("a")]);
    let pause = drained.next.unwrap().duration_since(bench.clock_now());
    assert!((15..=30).contains(&pause.as_secs()), "{pause}");
    assert!(bench.why("a").contains("busy"), "{}", bench.why("a"));

    assert_eq!(bench.drain().await.waiting.len(), 1);
    assert_eq!(bench.server.calls(), ["send"]);
    assert_eq!(bench.drain_now().await.waiting.len(), 1);
    assert_eq!(bench.server.calls(), ["send"]);
    bench.pass_time(60 * SECOND);
    assert_eq!(bench.drain().await.sent, [parsed("a")]);
}

#[tokio::test]
async fn a_server_that_asks_for_time_gets_it_for_every_mail_and_from_everybody() {
    let asked = Unavailable(Some(300 * SECOND));
    let bench = Bench::new(Server::new(Proof::Search).with_faults([asked]));
    for key in ["a", "b", "c"] {
        bench.outbox().enqueue(&message(key)).unwrap();
    }
    for _ in 0..2 {
        let drained = bench.drain_now().await;
        assert_eq!(drained.waiting.len(), 3);
        assert_eq!(drained.next.unwrap().duration_since(bench.clock_now()).as_secs(), 300);
    }
    assert_eq!(bench.server.calls(), ["send"]);
    let status = bench.outbox().status().unwrap();
    assert!(status.paused[0].why.contains("busy"));
    bench.pass_time(300 * SECOND);
    assert_eq!(bench.drain().await.sent.len(), 3);
    assert_eq!(bench.outbox().status().unwrap().paused, []);
}

#[tokio::test]
async fn a_clock_that_goes_back_keeps_no_mail_for_years() {
    let faults = [Unavailable(Some(60 * SECOND)), Good];
    let bench = Bench::new(Server::new(Proof::Search).with_faults(faults));
    bench.outbox().enqueue(&message("a")).unwrap();
    assert_eq!(bench.drain().await.waiting, [parsed("a")]);
    bench.clock.set_wall("2020-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(bench.drain().await.sent, [parsed("a")]);
}

#[tokio::test]
async fn a_server_that_fails_three_times_running_is_left_alone_for_a_while() {
    let down = std::iter::repeat_n(Unavailable(None), 6);
    let bench = Bench::new(Server::new(Proof::Search).with_faults(down));
    for key in ["a", "b", "c", "d", "e"] {
        bench.outbox().enqueue(&message(key)).unwrap();
    }
    let drained = bench.drain().await;
    assert_eq!(drained.waiting.len(), 5);
    assert!(drained.paused.unwrap().contains("busy"));
    assert_eq!(bench.server.calls(), ["send"; 3]);
    assert_eq!(bench.drain().await.waiting.len(), 5);
    assert_eq!(bench.server.calls(), [""; 0]);
    assert_eq!(bench.drain_now().await.waiting.len(), 5);
    assert_eq!(bench.server.calls(), ["send"; 3]);
    assert_eq!(bench.drain_now().await.sent.len(), 5);
    assert_eq!(bench.outbox().status().unwrap().paused, []);
}

#[tokio::test]
async fn a_mail_that_is_refused_fails_and_the_others_go_out() {
    let bench = Bench::new(Server::new(Proof::Search).with_faults([Refused]));
    for key in ["a", "b"] {
        bench.outbox().enqueue(&message(key)).unwrap();
    }
    let drained = bench.drain().await;
    assert_eq!((drained.failed, drained.sent), (vec![parsed("a")], vec![parsed("b")]));
    assert!(bench.why("a").contains("no such recipient"));
    assert_eq!(bench.drain().await, Drained::default());
}

#[tokio::test]
async fn an_account_that_is_blocked_is_an_error_and_its_mails_wait() {
    let bench = Bench::new(Server::new(Proof::DraftsAndSearch).with_faults([Blocked; 2]));
    for key in ["a", "b", "c"] {
        bench.outbox().enqueue(&message(key)).unwrap();
    }
    let error = bench.outbox().drain(&bench.server).await.unwrap_err();
    assert!(matches!(error, Error::Blocked { .. }) && !is_transient(&error), "{error}");
    // One alone may be blocked for what it is.
    assert_eq!(bench.server.calls(), ["stage"; 2]);
    assert!(bench.why("a").contains("revoked"));
    assert_eq!(bench.state("c"), MailState::Queued);
    assert_eq!(bench.drain().await.sent.len(), 3);
}

#[tokio::test]
async fn a_mail_is_given_up_at_last_with_the_reason() {
    let bench = Bench::new(Server::new(Proof::Search));
    bench.outbox().enqueue(&message("old")).unwrap();
    bench.server.state().faults.push_back(Unavailable(None));
    assert_eq!(bench.drain().await.waiting.len(), 1);
    bench.pass_time(Outbox::MAX_AGE + HOUR);
    assert_eq!(bench.drain().await.failed, [parsed("old")]);
    let why = bench.why("old");
    assert!(why.starts_with("given up after 121 h: ") && why.contains("busy"), "{why}");

    let outbox = bench.builder().max_attempts(2).build();
    outbox.enqueue(&message("tried")).unwrap();
    bench.server.state().faults.extend([Unavailable(None); 2]);
    for _ in 0..3 {
        let _ = outbox.drain_now(&bench.server).await.unwrap();
    }
    assert_eq!(bench.state("tried"), MailState::Failed);
    assert!(bench.why("tried").starts_with("given up after 2 attempts"), "{}", bench.why("tried"));
    assert_eq!(bench.server.state().sent.len(), 0);
}

#[tokio::test]
async fn what_is_damaged_is_told_and_keeps_no_other_mail_back() {
    let bench = Bench::new(Server::new(Proof::Search));
    for key in ["a", "b", "c", "d"] {
        bench.outbox().enqueue(&message(key)).unwrap();
    }
    let folder = bench.outbox().folder().to_owned();
    std::fs::write(folder.join("queued/a.json"), "{").unwrap();
    std::fs::write(folder.join("mails/b.eml"), "Subject: forged\r\n\r\n").unwrap();
    std::fs::remove_file(folder.join("mails/c.eml")).unwrap();
    let error = bench.outbox().drain(&bench.server).await.unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
    assert_eq!(bench.server.state().sent.len(), 1);
    assert_eq!(bench.state("d"), MailState::Sent);
    assert_eq!(bench.state("b"), MailState::Queued);
    let status = bench.outbox().status().unwrap();
    assert!(status.damaged[0].path.ends_with("a.json") && !status.is_settled());
    assert!(matches!(status.check(), Err(Error::Damaged { .. })));
}

#[cfg(unix)]
#[test]
fn a_folder_that_others_can_look_into_is_refused_with_the_mend() {
    use std::os::unix::fs::PermissionsExt;

    let bench = Bench::new(Server::new(Proof::Search));
    bench.outbox().enqueue(&message("a")).unwrap();
    let folder = bench.outbox().folder().to_owned();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&folder.join("queued")), 0o700);
    assert_eq!(mode(&folder.join("queued/a.json")), 0o600);
    assert_eq!(mode(&folder.join("mails/a.eml")), 0o600);

    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o750)).unwrap();
    for error in [
        bench.outbox().enqueue(&message("b")).unwrap_err(),
        bench.outbox().status().unwrap_err(),
        bench.outbox().resend(&parsed("a")).unwrap_err(),
    ] {
        let text = error.to_string();
        assert!(text.contains("(0750)") && text.contains("chmod 700 '"), "{text}");
    }
}

#[tokio::test]
async fn a_mail_begun_by_one_transport_is_not_continued_by_another() {
    let faults = [server::Fault::LostAfter];
    let bench = Bench::new(Server::new(Proof::Search).with_faults(faults));
    bench.outbox().enqueue(&message("a")).unwrap();
    assert_eq!(bench.drain().await.waiting.len(), 1);
    bench.pass_time(HOUR);
    let eml = EmlFolder::new(bench.folder.path().join("eml"));
    let drained = bench.outbox().drain_now(&eml).await.unwrap();
    assert_eq!((drained.waiting.len(), drained.next), (1, None));
    assert_eq!(bench.drain().await.sent.len(), 1);
    assert_eq!(bench.server.state().sent.len(), 1);
}

#[tokio::test]
async fn an_outbox_and_a_folder_keep_the_mailers_contract() {
    let folder = tempfile::tempdir().unwrap();
    let fresh = std::cell::Cell::new(0);
    let eml = || folder.path().join(format!("eml-{}", fresh.get()));
    let new = || {
        fresh.set(fresh.get() + 1);
        let outbox = Outbox::new(folder.path().join(format!("outbox-{}", fresh.get())));
        outbox.through(EmlFolder::new(eml()))
    };
    let mails = |_: &super::super::OutboxMailer| {
        let entries = std::fs::read_dir(eml()).into_iter().flatten();
        entries.map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect()
    };
    contract::mailer_contract(new, mails).await;
}

#[tokio::test]
async fn a_mailer_says_what_a_mail_waits_for() {
    let faults = [Unavailable(Some(60 * SECOND)), Refused, server::Fault::LostBefore];
    let bench = Bench::new(Server::new(Proof::Search).with_faults(faults));
    let mailer = bench.outbox().through(bench.server.clone());
    let error = mailer.send(&message("a")).await.unwrap_err();
    let text = error.to_string();
    assert!(is_transient(&error) && text.ends_with("again after 2026-06-01T06:01:00Z"), "{text}");
    bench.pass_time(60 * SECOND);
    let error = mailer.send(&message("a")).await.unwrap_err();
    assert!(error.to_string().contains("`a` was not sent: it was refused"), "{error}");
    assert_eq!(
        bench.outbox().status().unwrap().check().unwrap_err().to_string(),
        error.to_string()
    );

    let error = mailer.send(&message("b")).await.unwrap_err();
    assert!(is_transient(&error), "{error}");
    bench.pass_time(INDEX);
    let error = mailer.send(&message("b")).await.unwrap_err();
    assert!(matches!(&error, Error::Undecided { key, .. } if *key == parsed("b")), "{error}");
    assert!(error.to_string().ends_with("then resend it or drop it"), "{error}");
    assert_eq!(bench.server.state().sent.len(), 0);
}

#[tokio::test]
async fn a_drain_that_is_to_stop_ends_after_the_mail_under_way() {
    let bench = queued(Proof::DraftsAndSearch, &["a", "b", "c"], []);
    let goes_on = || bench.server.state().sent.is_empty();
    let drained = bench.outbox().drain_while(&bench.server, goes_on).await.unwrap();
    assert_eq!(
        (drained.sent, drained.waiting),
        (vec![parsed("a")], vec![parsed("b"), parsed("c")])
    );
    assert_eq!(bench.state("b"), MailState::Queued);
    assert_eq!(bench.drain().await.sent, [parsed("b"), parsed("c")]);
}
