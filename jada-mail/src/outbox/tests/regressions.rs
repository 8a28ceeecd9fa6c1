//! What went wrong once.

use std::fs;

use super::{
    super::{Enqueued, spool::Claim},
    server::Fault::{Blocked, DiesAfter, Good, LostAfter, LostBefore, Refused, Unavailable},
    *,
};
use crate::{DraftId, Letter, Proof, Receipt, Trace, Transport, files::crash};

/// The same server by another name.
#[derive(Debug)]
struct Named(&'static str, Server);

#[async_trait::async_trait]
impl Transport for Named {
    fn name(&self) -> &str {
        self.0
    }

    async fn proof(&self) -> Result<Proof, Error> {
        self.1.proof().await
    }

    async fn send(&self, letter: &Letter) -> Result<Receipt, Error> {
        self.1.send(letter).await
    }

    async fn stage(&self, letter: &Letter) -> Result<DraftId, Error> {
        self.1.stage(letter).await
    }

    async fn send_staged(&self, id: &DraftId, letter: &Letter) -> Result<Option<Receipt>, Error> {
        self.1.send_staged(id, letter).await
    }

    async fn find_sent(&self, trace: &Trace) -> Result<Option<Receipt>, Error> {
        self.1.find_sent(trace).await
    }

    async fn remove_drafts(&self, trace: &Trace) -> Result<usize, Error> {
        self.1.remove_drafts(trace).await
    }
}

/// Killed between the new content and the move, the record says `queued` in `failed/`, where no
/// drain looks.
#[tokio::test]
async fn a_kill_at_any_step_of_a_resend_leaves_the_mail_failed_or_due() {
    for steps in 0.. {
        let bench = queued(Proof::DraftsAndSearch, &["a"], [Refused]);
        assert_eq!(bench.drain().await.failed, [parsed("a")]);
        crash::after(steps);
        let resent = bench.outbox().resend(&parsed("a"));
        crash::after(usize::MAX);
        let said = bench.state("a");
        let _drained = bench.drain().await;
        match said {
            MailState::Failed => assert!(resent.is_err(), "after {steps} steps"),
            _ => assert_eq!(bench.state("a"), MailState::Sent, "after {steps} steps"),
        }
        if resent.is_ok() {
            return;
        }
    }
}

/// Each minute of a night by cron, while the account is blocked.
#[tokio::test]
async fn mails_of_a_blocked_account_wait_however_often_it_is_drained() {
    let bench = queued(Proof::DraftsAndSearch, &["a"], std::iter::repeat_n(Blocked, 300));
    for _ in 0..300 {
        let _blocked = bench.outbox().drain(&bench.server).await;
        bench.pass_time(60 * SECOND);
    }
    assert_eq!(bench.state("a"), MailState::Queued, "{}", bench.why("a"));
    assert_eq!(bench.drain().await.sent, [parsed("a")]);
}

/// A machine without a battery for its clock queues at boot, and then learns the time.
#[tokio::test]
async fn a_mail_is_not_given_up_before_it_was_tried() {
    let bench = queued(Proof::DraftsAndSearch, &["a"], []);
    bench.clock.set_wall("2036-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(bench.drain().await.sent, [parsed("a")]);
}

#[tokio::test]
async fn a_mail_in_doubt_is_not_said_to_have_failed() {
    let bench = queued(Proof::Idempotent, &["a"], [DiesAfter]);
    bench.outbox().drain(&bench.server).await.unwrap_err();
    crash::after(usize::MAX);
    assert_eq!(bench.server.state().sent.len(), 1);
    bench.pass_time(Outbox::MAX_AGE + HOUR);
    let _drained = bench.drain().await;
    assert_ne!(bench.state("a"), MailState::Failed, "{}", bench.why("a"));
}

#[tokio::test]
async fn a_pause_that_is_damaged_keeps_no_mail_back() {
    let bench = queued(Proof::Search, &["a"], []);
    fs::write(bench.outbox().folder().join("pause-server.json"), "").unwrap();
    let _damaged = bench.outbox().drain(&bench.server).await;
    assert_eq!(bench.state("a"), MailState::Sent);
}

#[tokio::test]
async fn a_pause_that_is_damaged_does_not_hide_the_mails() {
    let bench = queued(Proof::Search, &["a"], []);
    fs::write(bench.outbox().folder().join("pause-server.json"), "").unwrap();
    let status = bench.outbox().status().unwrap();
    assert_eq!((status.mails.len(), status.damaged.len()), (1, 1));
}

#[tokio::test]
async fn a_mark_of_a_draft_that_is_damaged_keeps_no_other_draft() {
    let bench = queued(Proof::DraftsAndSearch, &["a", "b"], [LostAfter, LostAfter]);
    let _ = bench.drain().await;
    bench.pass_time(INDEX);
    fs::write(bench.outbox().folder().join("drafts/a.json"), "").unwrap();
    let _damaged = bench.outbox().drain(&bench.server).await;
    let drafts: Vec<_> = bench.server.state().drafts.values().cloned().collect();
    assert_eq!(drafts, [message("a").message_id().clone()]);
}

/// As a file is that root's own drain has left, to whoever is not root.
#[tokio::test]
async fn a_record_that_cannot_be_opened_keeps_no_other_mail_back() {
    let bench = queued(Proof::Search, &["a", "b"], []);
    let record = bench.outbox().folder().join("queued/a.json");
    fs::remove_file(&record).unwrap();
    fs::create_dir(&record).unwrap();
    let _told = bench.outbox().drain(&bench.server).await;
    assert_eq!(bench.server.state().sent.len(), 1);
    assert_eq!(bench.state("b"), MailState::Sent);
}

#[tokio::test]
async fn a_folder_that_is_being_created_can_be_drained() {
    let bench = queued(Proof::Search, &["a"], []);
    fs::remove_dir(bench.outbox().folder().join("drafts")).unwrap();
    assert_eq!(bench.outbox().drain(&bench.server).await.unwrap().sent, [parsed("a")]);
}

/// `pause.json` is one for all transports.
#[tokio::test]
async fn what_a_server_asked_for_outlives_the_failures_of_another_transport() {
    let bench = queued(Proof::Search, &["a", "b"], [Unavailable(Some(HOUR))]);
    assert_eq!(bench.drain().await.waiting.len(), 2);
    let other = Named("other", Server::new(Proof::Search));
    other.1.tell_time(&bench.clock);
    other.1.state().faults.push_back(Unavailable(Some(SECOND)));
    assert_eq!(bench.outbox().drain(&other).await.unwrap().waiting.len(), 2);
    bench.pass_time(60 * SECOND);
    bench.server.calls();
    let _ = bench.drain().await;
    assert_eq!(bench.server.calls(), [""; 0]);
}

#[tokio::test]
async fn what_a_server_asked_for_outlives_a_pause_of_our_own() {
    let lost = [LostAfter; 3];
    let bench = queued(Proof::DraftsAndSearch, &["a", "b", "c"], lost);
    let _ = bench.drain().await;
    bench.pass_time(INDEX + HOUR);
    bench.server.state().faults.extend([Unavailable(Some(HOUR))]);
    bench.server.state().faults.extend([Unavailable(None); 3]);
    let _ = bench.drain().await;
    bench.server.calls();
    bench.pass_time(60 * SECOND);
    let _ = bench.drain().await;
    assert_eq!(bench.server.calls(), [""; 0]);
}

#[tokio::test]
async fn drafts_are_not_removed_while_the_server_wants_to_be_left_alone() {
    let bench = queued(Proof::DraftsAndSearch, &["a", "b"], [LostAfter]);
    assert_eq!(bench.drain().await.sent, [parsed("b")]);
    bench.pass_time(INDEX);
    bench.server.state().faults.push_back(Unavailable(Some(HOUR)));
    bench.server.calls();
    let _ = bench.drain().await;
    let _ = bench.drain().await;
    assert_eq!(bench.server.calls(), ["stage"]);
}

/// The clock was two years ahead when the answer was lost.
#[tokio::test]
async fn a_wait_does_not_outlive_a_clock_that_was_set_right() {
    let bench = queued(Proof::DraftsAndSearch, &[], [Good, LostBefore]);
    let right = bench.clock_now();
    bench.clock.set_wall("2028-06-01T06:00:00Z".parse().unwrap());
    bench.outbox().enqueue(&message("a")).unwrap();
    let _ = bench.drain().await;
    bench.clock.set_wall(right);
    for _ in 0..3 {
        bench.pass_time(INDEX);
        let _ = bench.drain_now().await;
    }
    assert_eq!(bench.state("a"), MailState::Sent, "{:?}", bench.entry("a").not_before);
}

#[tokio::test]
async fn a_server_that_asks_for_years_is_asked_again_within_days() {
    let bench = queued(Proof::Search, &["a"], [Unavailable(Some(Duration::from_secs(u64::MAX)))]);
    let drained = bench.drain().await;
    assert!(drained.next.is_some(), "{drained}");
    bench.pass_time(48 * HOUR);
    assert_eq!(bench.drain().await.sent, [parsed("a")]);
}

/// What is new and urgent waits for 500 reads for each mail that nobody has decided about.
#[tokio::test]
async fn mails_that_are_due_go_out_before_unknown_ones_are_looked_up() {
    let bench = queued(Proof::Search, &["a"], [LostBefore]);
    let _ = bench.drain().await;
    bench.pass_time(INDEX);
    assert_eq!(bench.drain().await.unknown, [parsed("a")]);
    bench.pass_time(HOUR);
    bench.outbox().enqueue(&message("urgent")).unwrap();
    bench.server.calls();
    let _ = bench.drain().await;
    assert_eq!(bench.server.calls(), ["send", "find"]);
}

/// A line that takes requests and drops answers makes every mail unknown in one pass.
#[tokio::test]
async fn a_server_that_loses_every_answer_is_left_alone_after_three() {
    let keys = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let bench = queued(Proof::Nothing, &keys, [LostBefore; 8]);
    let drained = bench.drain().await;
    assert_eq!(drained.unknown.len(), 3, "{drained}");
}

#[tokio::test]
async fn a_mail_whose_bytes_are_gone_can_be_given_up() {
    let bench = queued(Proof::Search, &["a"], []);
    fs::remove_file(bench.outbox().folder().join("mails/a.eml")).unwrap();
    let status = bench.outbox().status().unwrap();
    assert_eq!(status.mails.len(), 1);
    bench.outbox().discard(&parsed("a")).unwrap();
}

/// Its transport is no more: it neither goes on nor can be given up.
#[tokio::test]
async fn a_mail_that_was_begun_by_a_transport_of_old_can_be_decided_by_a_person() {
    let bench = queued(Proof::Search, &["a"], [LostBefore]);
    let _ = bench.drain().await;
    let new = Named("new", bench.server.clone());
    bench.pass_time(48 * HOUR);
    let drained = bench.outbox().drain_now(&new).await.unwrap();
    assert!(!drained.to_string().contains("nothing waits"), "{drained}");
    bench.outbox().discard(&parsed("a")).unwrap();
}

/// The scope for drafts is withdrawn for a while: the draft is there all the time.
#[tokio::test]
async fn a_draft_is_not_forgotten_while_drafts_cannot_be_asked_for() {
    let bench = queued(Proof::DraftsAndSearch, &["a"], [Good, LostBefore]);
    let _ = bench.drain().await;
    bench.pass_time(INDEX);
    bench.server.state().proof = Proof::Search;
    let _ = bench.drain().await;
    assert!(!bench.why("a").contains("its draft is gone"), "{}", bench.why("a"));
    bench.server.state().proof = Proof::DraftsAndSearch;
    bench.pass_time(HOUR);
    let _ = bench.drain().await;
    assert_eq!(bench.state("a"), MailState::Sent, "{}", bench.why("a"));
}

/// A loop that sleeps until `next` must not spin while another process is at work, or stopped.
#[tokio::test]
async fn a_mail_in_anothers_hand_is_not_due_at_once() {
    let bench = queued(Proof::Search, &["a"], []);
    let outbox = bench.outbox();
    let held = outbox.spool.claim(&parsed("a")).unwrap();
    assert!(matches!(held, Claim::Mine(_)));
    let drained = bench.drain().await;
    assert!(drained.next.is_none_or(|next| next > bench.clock_now()), "{drained}");
}

/// Bytes that a process left that died while it queued them, and a person asks about the key.
#[tokio::test]
async fn bytes_without_a_record_that_another_looks_at_are_no_damage() {
    let bench = queued(Proof::Search, &["a"], []);
    fs::remove_file(bench.outbox().folder().join("queued/a.json")).unwrap();
    let outbox = bench.outbox();
    let _held = outbox.spool.claim(&parsed("a")).unwrap();
    match bench.outbox().enqueue(&message("a")) {
        Ok(queued) => assert_eq!(queued, Enqueued::New),
        Err(error) => assert!(is_transient(&error), "{error}"),
    }
}

#[test]
fn a_status_tells_of_a_mail_that_another_puts_back_meanwhile() {
    super::together::while_it_moves(|outbox| assert_eq!(outbox.status().unwrap().mails.len(), 1));
}

/// It may have been renamed by a process that died before it synced the folder.
#[test]
fn a_mail_that_was_queued_before_is_durable_too() {
    let bench = queued(Proof::Search, &["a"], []);
    crash::after(1_000);
    bench.outbox().enqueue(&message("a")).unwrap();
    let left = crash::steps_left();
    crash::after(usize::MAX);
    assert!(left < 1_000, "nothing was synced");
}
