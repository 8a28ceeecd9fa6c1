//! A process dies at every step that reaches the disk, and at every step of the server.

use super::{
    super::{Enqueued, spool::Claim},
    server::Fault,
    *,
};
use crate::{Proof, files::crash};

/// What is on the disk must be whole: each mail in one folder, unharmed.
fn assert_whole(bench: &Bench, case: &str) {
    let outbox = bench.outbox();
    let status = outbox.status().unwrap();
    assert_eq!(status.damaged, [], "{case}");
    for mail in status.mails {
        let Claim::Mine(claimed) = outbox.spool.claim(&mail.key).unwrap() else {
            panic!("{case}: {} is held by the dead", mail.key);
        };
        let record = claimed.record().unwrap().unwrap();
        assert_eq!(claimed.letter(&record).unwrap().bytes(), &message(mail.key.as_str()).render());
        let folders =
            MailState::ALL.iter().filter(|it| outbox.spool.path(**it, &mail.key).exists());
        assert_eq!(folders.count(), 1, "{case}");
    }
}

/// Drains until nothing waits, as the processes do that come after.
async fn settle(bench: &Bench, case: &str) {
    for _ in 0..8 {
        let drained = bench.drain_now().await;
        bench.pass_time(INDEX);
        if drained.waiting.is_empty() && drained.next.is_none() {
            return;
        }
    }
    panic!("{case}: it never comes to an end");
}

#[tokio::test]
async fn a_crash_at_any_step_of_queueing_leaves_no_mail_or_a_whole_one() {
    for steps in 0.. {
        let bench = Bench::new(Server::new(Proof::DraftsAndSearch));
        crash::after(steps);
        let queued = bench.outbox().enqueue(&message("a"));
        let died = crash::steps_left() == 0 && queued.is_err();
        crash::after(usize::MAX);
        let case = format!("after {steps} steps");

        assert_whole(&bench, &case);
        let again = bench.outbox().enqueue(&message("a")).unwrap();
        match queued {
            Ok(_) => assert_eq!(again, Enqueued::Before { state: MailState::Queued }, "{case}"),
            Err(_) => assert!(matches!(again, Enqueued::New | Enqueued::Before { .. }), "{case}"),
        }
        settle(&bench, &case).await;
        assert_eq!(bench.server.state().sent.len(), 1, "{case}");
        if !died {
            assert!(steps > 10, "{steps}");
            return;
        }
    }
}

#[tokio::test]
async fn bytes_without_a_record_give_way_to_those_of_another_mail() {
    let bench = Bench::new(Server::new(Proof::Search));
    bench.outbox().enqueue(&message("a")).unwrap();
    let record = bench.outbox().folder().join("queued/a.json");
    std::fs::remove_file(record).unwrap();
    assert_eq!(bench.outbox().enqueue(&changed("a")).unwrap(), Enqueued::New);
    let bytes = std::fs::read(bench.outbox().folder().join("mails/a.eml")).unwrap();
    assert_eq!(bytes, changed("a").render());
    assert_eq!(bench.drain().await.sent, [parsed("a")]);
}

#[tokio::test]
async fn a_crash_at_any_step_of_a_sending_sends_once_and_leaves_nothing_unknown() {
    for (proof, fewest) in [(Proof::DraftsAndSearch, 15), (Proof::Idempotent, 10)] {
        for steps in 0.. {
            let bench = Bench::new(Server::new(proof));
            bench.outbox().enqueue(&message("a")).unwrap();
            crash::after(steps);
            let drained = bench.outbox().drain(&bench.server).await;
            let died = crash::steps_left() == 0 && drained.is_err();
            crash::after(usize::MAX);
            let case = format!("{proof:?} after {steps} steps");

            assert_whole(&bench, &case);
            settle(&bench, &case).await;
            assert_eq!(bench.server.state().sent.len(), 1, "{case}");
            assert_eq!(bench.state("a"), MailState::Sent, "{case}");
            assert!(bench.server.state().drafts.is_empty(), "{case}");
            if !died {
                assert!(steps > fewest, "{steps}");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_death_at_any_step_of_the_server_sends_once_at_most() {
    use Fault::{DiesAfter, DiesBefore, Good, LostAfter, LostBefore};

    // Whether it may end as unknown without a proof of both kinds.
    for proof in [Proof::DraftsAndSearch, Proof::Drafts, Proof::Search, Proof::Nothing] {
        let mut cases = Vec::new();
        for fault in [DiesAfter, DiesBefore, LostAfter, LostBefore] {
            for next in [Good, DiesAfter, DiesBefore, LostAfter, LostBefore] {
                cases.push(vec![fault, next]);
                cases.push(vec![Good, fault, next]);
                cases.push(vec![Good, fault, Good, next]);
            }
        }
        for faults in cases {
            let case = format!("{proof:?} {faults:?}");
            let bench = Bench::new(Server::new(proof).with_faults(faults));
            bench.outbox().enqueue(&message("a")).unwrap();
            for _ in 0..12 {
                let _died = bench.outbox().drain_now(&bench.server).await;
                crash::after(usize::MAX);
                assert_whole(&bench, &case);
                bench.pass_time(INDEX);
            }
            let sent = bench.server.state().sent.len();
            match (proof, bench.state("a")) {
                (_, MailState::Sent) => assert_eq!(sent, 1, "{case}"),
                (Proof::DraftsAndSearch, state) => panic!("{case}: {state}"),
                (_, MailState::Unknown) => assert!(sent <= 1, "{case}"),
                (_, state) => panic!("{case}: {state}"),
            }
            assert!(bench.server.state().drafts.is_empty(), "{case}");
        }
    }
}

#[tokio::test]
async fn a_crash_at_any_step_of_a_persons_decision_is_before_it_or_after_it() {
    for steps in 0.. {
        let faults = [Fault::Good, Fault::Unavailable(None)];
        let bench = Bench::new(Server::new(Proof::DraftsAndSearch).with_faults(faults));
        bench.outbox().enqueue(&message("a")).unwrap();
        let _ = bench.drain().await;
        crash::after(steps);
        let decided = bench.outbox().discard(&parsed("a"));
        crash::after(usize::MAX);
        let case = format!("after {steps} steps");

        assert_whole(&bench, &case);
        settle(&bench, &case).await;
        let sent = bench.server.state().sent.len();
        match bench.state("a") {
            MailState::Sent => assert!(decided.is_err() && sent == 1, "{case}"),
            MailState::Failed => assert_eq!(sent, 0, "{case}"),
            state => panic!("{case}: {state}"),
        }
        assert!(bench.server.state().drafts.is_empty(), "{case}");
        if decided.is_ok() {
            assert!(steps > 5, "{steps}");
            return;
        }
    }
}

#[tokio::test]
async fn a_record_that_a_dead_process_left_in_the_wrong_folder_is_moved_by_the_next() {
    for steps in 0.. {
        let bench = Bench::new(Server::new(Proof::Search));
        bench.outbox().enqueue(&message("a")).unwrap();
        crash::after(steps);
        let decided = bench.outbox().discard(&parsed("a"));
        crash::after(usize::MAX);
        let _ = bench.drain().await;
        let path = bench.outbox().spool.path(bench.state("a"), &parsed("a"));
        assert!(path.exists(), "after {steps} steps");
        if decided.is_ok() {
            return;
        }
    }
}

#[tokio::test]
async fn a_decision_that_was_killed_can_be_repeated() {
    for steps in 0.. {
        let bench = Bench::new(Server::new(Proof::Search).with_faults([Fault::Refused]));
        bench.outbox().enqueue(&message("a")).unwrap();
        let _ = bench.drain().await;
        crash::after(steps);
        let first = bench.outbox().resend(&parsed("a"));
        crash::after(usize::MAX);
        let second = bench.outbox().resend(&parsed("a"));
        let path = bench.outbox().spool.path(MailState::Queued, &parsed("a"));
        assert!(path.exists(), "after {steps} steps: {second:?}");
        if first.is_ok() {
            return;
        }
    }
}
