//! Lost answers, and what is found out about them.

use super::{
    server::Fault::{self, Blocked, Good, LostAfter, LostBefore, Refused, Unavailable},
    *,
};
use crate::Proof;

fn bench(proof: Proof, faults: impl IntoIterator<Item = Fault>) -> Bench {
    let bench = Bench::new(Server::new(proof).with_faults(faults));
    bench.outbox().enqueue(&message("a")).unwrap();
    bench
}

#[tokio::test]
async fn a_draft_that_is_still_there_was_not_sent() {
    let bench = bench(Proof::DraftsAndSearch, [Good, LostBefore]);
    assert_eq!(bench.drain().await.waiting, [parsed("a")]);
    assert_eq!(bench.state("a"), MailState::Sending);
    assert!(bench.entry("a").is_binding);
    bench.pass_time(INDEX - SECOND);
    assert_eq!(bench.drain_now().await.waiting, [parsed("a")]);
    assert_eq!(bench.server.calls(), ["stage", "release"]);
    bench.pass_time(SECOND);
    assert_eq!(bench.drain().await.sent, [parsed("a")]);
    assert_eq!(bench.server.calls(), ["release"]);
    assert_eq!(bench.server.state().sent.len(), 1);
}

#[tokio::test]
async fn a_draft_that_is_gone_was_sent_if_the_mail_is_found() {
    let bench = bench(Proof::DraftsAndSearch, [Good, LostAfter]);
    assert_eq!(bench.drain().await.waiting, [parsed("a")]);
    bench.pass_time(INDEX);
    assert_eq!(bench.drain().await.sent, [parsed("a")]);
    assert_eq!(bench.server.calls(), ["stage", "release", "release", "find"]);
    assert_eq!(bench.server.state().sent.len(), 1);
    assert_eq!(bench.entry("a").location.as_deref(), Some("m-1"));
}

#[tokio::test]
async fn a_draft_that_a_person_deleted_leaves_the_mail_unknown_and_never_sent_again() {
    let bench = bench(Proof::DraftsAndSearch, [Good, Unavailable(None)]);
    assert_eq!(bench.drain().await.waiting, [parsed("a")]);
    bench.server.state().drafts.clear();
    bench.pass_time(HOUR);
    assert_eq!(bench.drain().await.waiting, [parsed("a")]);
    bench.pass_time(INDEX);
    assert_eq!(bench.drain().await.unknown, [parsed("a")]);
    assert!(bench.why("a").contains("somebody may have deleted it"));
    bench.server.calls();
    for _ in 0..3 {
        bench.pass_time(HOUR);
        assert_eq!(bench.drain().await.unknown, [parsed("a")]);
    }
    assert_eq!(bench.server.calls(), ["find"; 3]);
    assert_eq!(bench.server.state().sent.len(), 0);
}

#[tokio::test]
async fn what_is_unknown_is_looked_up_again_and_may_be_found() {
    let bench = bench(Proof::Search, [LostBefore]);
    assert_eq!(bench.drain().await.waiting, [parsed("a")]);
    bench.pass_time(INDEX);
    assert_eq!(bench.drain().await.unknown, [parsed("a")]);
    let message_id = message("a").message_id().clone();
    let sent = (message_id, bench.clock_now());
    bench.server.state().sent.push(sent);
    bench.pass_time(HOUR);
    assert_eq!(bench.drain().await.sent, [parsed("a")]);
    assert_eq!(bench.server.calls(), ["send", "find", "find"]);
}

#[tokio::test]
async fn a_search_finds_what_was_sent_in_one_step() {
    let bench = bench(Proof::Search, [LostAfter]);
    assert_eq!(bench.drain().await.waiting, [parsed("a")]);
    bench.pass_time(INDEX);
    assert_eq!(bench.drain().await.sent, [parsed("a")]);
    assert_eq!(bench.server.calls(), ["send", "find"]);
}

#[tokio::test]
async fn with_no_proof_a_lost_answer_is_unknown_at_once() {
    let bench = bench(Proof::Nothing, [LostAfter]);
    assert_eq!(bench.drain().await.unknown, [parsed("a")]);
    assert!(bench.why("a").contains("cannot be searched"));
    bench.pass_time(HOUR);
    assert_eq!(bench.drain_now().await.unknown, [parsed("a")]);
    assert_eq!(bench.server.calls(), ["send"]);

    // Once a search is granted, it is made.
    bench.server.state().proof = Proof::Search;
    assert_eq!(bench.drain_now().await.sent, [parsed("a")]);
}

#[tokio::test]
async fn with_drafts_alone_a_draft_that_is_gone_leaves_it_unknown() {
    for (fault, state) in [(LostAfter, MailState::Unknown), (LostBefore, MailState::Sent)] {
        let bench = bench(Proof::Drafts, [Good, fault]);
        assert_eq!(bench.drain().await.waiting, [parsed("a")]);
        bench.pass_time(INDEX);
        let _ = bench.drain().await;
        assert_eq!(bench.state("a"), state);
        assert_eq!(bench.server.state().sent.len(), 1);
    }
}

#[tokio::test]
async fn a_draft_that_cannot_be_asked_for_leaves_the_mail_in_doubt_until_it_can() {
    for (fault, lesser) in [
        (LostBefore, Proof::Nothing),
        (LostAfter, Proof::Nothing),
        (LostBefore, Proof::Search),
        (LostAfter, Proof::Search),
    ] {
        let bench = bench(Proof::DraftsAndSearch, [Good, fault]);
        assert_eq!(bench.drain().await.waiting, [parsed("a")]);
        // Consent to drafts is taken back for a while.
        bench.server.state().proof = lesser;
        bench.pass_time(INDEX);
        let found = (fault, lesser) == (LostAfter, Proof::Search);
        let drained = bench.drain().await;
        assert_eq!((drained.sent.len(), drained.waiting.len()), (found.into(), (!found).into()));
        if !found {
            assert!(bench.why("a").contains("drafts are not granted"), "{}", bench.why("a"));
        }
        bench.server.state().proof = Proof::DraftsAndSearch;
        bench.pass_time(INDEX);
        let _ = bench.drain().await;
        assert_eq!(bench.state("a"), MailState::Sent, "{fault:?} {lesser:?}");
        assert_eq!(bench.server.state().sent.len(), 1, "{fault:?} {lesser:?}");
    }
}

#[tokio::test]
async fn a_draft_whose_answer_was_lost_is_made_again_and_the_first_removed() {
    for (fault, drafts_removed) in [(LostAfter, 1), (LostBefore, 0)] {
        let bench = bench(Proof::DraftsAndSearch, [fault]);
        assert_eq!(bench.drain().await.waiting, [parsed("a")]);
        assert_eq!(bench.state("a"), MailState::Queued);
        bench.pass_time(60 * SECOND);
        assert_eq!(bench.drain().await.sent, [parsed("a")]);
        assert_eq!(bench.server.calls(), ["stage", "stage", "release"]);
        bench.pass_time(INDEX);
        assert_eq!(bench.drain().await.drafts_removed, drafts_removed);
        assert_eq!(bench.server.calls(), ["remove"]);
        assert_eq!(bench.drain().await, Drained::default());
        assert!(bench.server.state().drafts.is_empty());
        assert_eq!(bench.server.state().sent.len(), 1);
    }
}

#[tokio::test]
async fn a_draft_that_is_to_be_sent_is_not_taken_for_one_left_behind() {
    let faults = [LostAfter, Good, Unavailable(None)];
    let bench = bench(Proof::DraftsAndSearch, faults);
    assert_eq!(bench.drain().await.waiting, [parsed("a")]);
    bench.pass_time(60 * SECOND);
    assert_eq!(bench.drain().await.waiting, [parsed("a")]);
    bench.pass_time(INDEX);
    bench.server.state().faults.push_back(Unavailable(None));
    let drained = bench.drain().await;
    assert_eq!((drained.drafts_removed, drained.waiting.len()), (1, 1));
    assert_eq!(bench.server.state().drafts.len(), 1);
    assert_eq!(bench.drain_now().await.sent, [parsed("a")]);
    assert!(bench.server.state().drafts.is_empty());
}

#[tokio::test]
async fn a_draft_is_sent_later_when_its_sending_failed_for_now() {
    let bench = bench(Proof::DraftsAndSearch, [Good, Unavailable(None), Blocked]);
    assert_eq!(bench.drain().await.waiting, [parsed("a")]);
    bench.pass_time(60 * SECOND);
    bench.outbox().drain(&bench.server).await.unwrap_err();
    assert_eq!(bench.drain().await.sent, [parsed("a")]);
    assert_eq!(bench.server.calls(), ["stage", "release", "release", "release"]);
}

#[tokio::test]
async fn a_draft_that_is_refused_is_removed() {
    let bench = bench(Proof::DraftsAndSearch, [Good, Refused]);
    assert_eq!(bench.drain().await.failed, [parsed("a")]);
    bench.pass_time(INDEX);
    assert_eq!(bench.drain().await.drafts_removed, 1);
    assert!(bench.server.state().drafts.is_empty());
}

#[tokio::test]
async fn a_doubt_outlives_failures_of_the_search() {
    for fault in [Unavailable(None), Unavailable(Some(SECOND)), Blocked] {
        let bench = bench(Proof::DraftsAndSearch, [Good, LostAfter, Good, fault]);
        assert_eq!(bench.drain().await.waiting, [parsed("a")]);
        bench.pass_time(INDEX);
        let _stopped = bench.outbox().drain(&bench.server).await;
        assert_eq!(bench.state("a"), MailState::Sending);
        bench.pass_time(INDEX);
        assert_eq!(bench.drain().await.sent, [parsed("a")], "{fault:?}");
        assert_eq!(bench.server.state().sent.len(), 1);
    }
}

#[tokio::test]
async fn a_doubt_outlives_failures_of_the_second_sending() {
    for fault in [Unavailable(None), Blocked, LostBefore, LostAfter] {
        let bench = bench(Proof::DraftsAndSearch, [Good, LostBefore, fault]);
        assert_eq!(bench.drain().await.waiting, [parsed("a")]);
        bench.pass_time(INDEX);
        let _stopped = bench.outbox().drain(&bench.server).await;
        assert_eq!(bench.state("a"), MailState::Sending);
        bench.pass_time(INDEX);
        assert_eq!(bench.drain().await.sent, [parsed("a")], "{fault:?}");
        assert_eq!(bench.server.state().sent.len(), 1);
    }
}

#[tokio::test]
async fn an_older_mail_of_the_same_key_is_not_taken_for_this_one() {
    let bench = bench(Proof::Search, [LostBefore]);
    let before = (message("a").message_id().clone(), bench.clock_now() - HOUR);
    bench.server.state().sent.push(before);
    assert_eq!(bench.drain().await.waiting, [parsed("a")]);
    bench.pass_time(INDEX);
    assert_eq!(bench.drain().await.unknown, [parsed("a")]);
}

#[tokio::test(start_paused = true)]
async fn a_drain_that_is_dropped_midway_leaves_the_mail_in_doubt() {
    let bench = bench(Proof::DraftsAndSearch, []);
    let (outbox, server) = (bench.outbox(), Stuck);
    let drain = outbox.drain(&server);
    assert!(tokio::time::timeout(SECOND, drain).await.is_err());
    assert_eq!(bench.state("a"), MailState::Sending);
    assert_eq!(bench.outbox().drain(&Stuck).await.unwrap().waiting, [parsed("a")]);
    assert!(bench.why("a").contains("died"), "{}", bench.why("a"));
}

/// Never answers.
#[derive(Debug)]
struct Stuck;

#[async_trait::async_trait]
impl crate::Transport for Stuck {
    fn name(&self) -> &str {
        "stuck"
    }

    async fn proof(&self) -> Result<Proof, Error> {
        Ok(Proof::Search)
    }

    async fn send(&self, _: &crate::Letter) -> Result<crate::Receipt, Error> {
        std::future::pending().await
    }
}
