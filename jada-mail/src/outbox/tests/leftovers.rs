//! Drafts that are of no use any more: which are removed, when, and by whom.

use super::{
    server::Fault::{self, Blocked, Good, LostAfter, Refused, Unavailable},
    *,
};
use crate::{Letter, Proof, Receipt, Trace, Transport};

fn bench(faults: impl IntoIterator<Item = Fault>) -> Bench {
    let bench = Bench::new(Server::new(Proof::DraftsAndSearch).with_faults(faults));
    bench.outbox().enqueue(&message("a")).unwrap();
    bench
}

/// Has drafts of its own, and none of this mail.
#[derive(Debug)]
struct Other;

#[async_trait::async_trait]
impl Transport for Other {
    fn name(&self) -> &str {
        "other"
    }

    async fn proof(&self) -> Result<Proof, Error> {
        Ok(Proof::Drafts)
    }

    async fn send(&self, _: &Letter) -> Result<Receipt, Error> {
        panic!("it has drafts");
    }

    async fn remove_drafts(&self, _: &Trace) -> Result<usize, Error> {
        Ok(0)
    }
}

/// The mail is sent by another draft than the first, which was left behind.
async fn sent_by_the_second(bench: &Bench) {
    let _ = bench.drain().await;
    bench.pass_time(60 * SECOND);
    assert_eq!(bench.drain().await.sent, [parsed("a")]);
    assert_eq!(bench.server.state().drafts.len(), 1);
    bench.server.calls();
}

#[tokio::test]
async fn a_draft_is_removed_by_none_but_the_transport_that_made_it() {
    let bench = bench([LostAfter]);
    sent_by_the_second(&bench).await;
    bench.pass_time(INDEX);
    assert_eq!(bench.outbox().drain(&Other).await.unwrap(), Drained::default());
    assert_eq!(bench.drain().await.drafts_removed, 1);
}

#[tokio::test]
async fn a_draft_is_removed_no_sooner_than_it_can_be_found() {
    let bench = bench([LostAfter]);
    sent_by_the_second(&bench).await;
    let drained = bench.drain().await;
    assert_eq!(bench.server.calls(), [""; 0]);
    assert_eq!(drained.next, Some(bench.clock_now() + INDEX - 60 * SECOND));
}

#[tokio::test]
async fn a_draft_that_could_not_be_removed_is_removed_later() {
    let bench = bench([LostAfter]);
    sent_by_the_second(&bench).await;
    bench.pass_time(INDEX);
    bench.server.state().faults.push_back(Unavailable(None));
    assert_eq!(bench.drain().await.drafts_removed, 0);
    assert_eq!(bench.drain().await.drafts_removed, 1);
    assert!(bench.server.state().drafts.is_empty());
}

#[tokio::test]
async fn a_draft_waits_for_the_scope_that_removes_it() {
    let bench = bench([LostAfter]);
    sent_by_the_second(&bench).await;
    bench.pass_time(INDEX);
    bench.server.state().proof = Proof::Search;
    assert_eq!(bench.drain().await.drafts_removed, 0);
    assert_eq!(bench.server.calls(), [""; 0]);
    bench.server.state().proof = Proof::Drafts;
    assert_eq!(bench.drain().await.drafts_removed, 1);
}

#[tokio::test]
async fn nothing_more_is_asked_of_an_account_that_is_blocked() {
    let bench = bench([LostAfter]);
    let _ = bench.drain().await;
    bench.pass_time(INDEX);
    bench.server.state().faults.push_back(Blocked);
    bench.server.calls();
    bench.outbox().drain(&bench.server).await.unwrap_err();
    assert_eq!(bench.server.calls(), ["stage"]);
}

#[tokio::test]
async fn a_mail_that_goes_out_without_its_draft_leaves_none() {
    let bench = bench([Good, Unavailable(None)]);
    let _ = bench.drain().await;
    bench.server.state().proof = Proof::Search;
    bench.pass_time(HOUR);
    assert_eq!(bench.drain().await.sent, [parsed("a")]);
    bench.server.state().proof = Proof::DraftsAndSearch;
    bench.pass_time(INDEX);
    assert_eq!(bench.drain().await.drafts_removed, 1);
    assert_eq!(bench.server.state().sent.len(), 1);
    assert!(bench.server.state().drafts.is_empty());
}

#[tokio::test]
async fn a_mail_that_was_dropped_and_sent_again_in_vain_needs_a_person() {
    let bench = bench([Refused, Refused]);
    assert_eq!(bench.drain().await.failed.len(), 1);
    bench.outbox().discard(&parsed("a")).unwrap();
    assert!(!bench.entry("a").needs_person);
    bench.outbox().resend(&parsed("a")).unwrap();
    assert_eq!(bench.drain().await.failed.len(), 1);
    assert!(bench.entry("a").needs_person);
}
