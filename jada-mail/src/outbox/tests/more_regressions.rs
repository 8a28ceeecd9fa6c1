//! What else went wrong once: clocks, accounts and drafts.

use super::{
    server::Fault::{DiesAfter, Good, LostAfter, LostBefore, Unavailable},
    *,
};
use crate::{Letter, Proof, Receipt, Transport, files::crash};

/// Its wait for the index is begun anew then, and not over at once.
#[tokio::test]
async fn a_clock_that_is_set_back_a_little_ends_no_wait_for_the_index() {
    let bench = queued(Proof::DraftsAndSearch, &["a"], [Good, LostAfter]);
    let _ = bench.drain().await;
    bench.clock.set_wall(bench.clock_now() - 2 * SECOND);
    assert_eq!(bench.drain().await.unknown, [], "{}", bench.why("a"));
}

/// Root has queued one, say by `sudo`: nobody else may open what it wrote.
#[cfg(unix)]
#[tokio::test]
async fn a_mail_that_cannot_be_opened_keeps_no_other_mail_back() {
    let bench = queued(Proof::Search, &["a", "b"], []);
    let mail = bench.outbox().folder().join("mails/a.eml");
    std::fs::remove_file(&mail).unwrap();
    std::os::unix::fs::symlink(&mail, &mail).unwrap();
    let _told = bench.outbox().drain(&bench.server).await;
    assert_eq!(bench.state("b"), MailState::Sent);
}

#[tokio::test]
async fn a_mail_that_is_dropped_while_it_was_being_staged_leaves_no_draft() {
    let bench = queued(Proof::DraftsAndSearch, &["a"], [DiesAfter]);
    bench.outbox().drain(&bench.server).await.unwrap_err();
    crash::after(usize::MAX);
    bench.outbox().discard(&parsed("a")).unwrap();
    bench.pass_time(INDEX);
    let _ = bench.drain().await;
    assert!(bench.server.state().drafts.is_empty());
}

#[tokio::test]
async fn a_lost_answer_of_an_idempotent_transport_is_not_said_to_have_failed() {
    let bench = queued(Proof::Idempotent, &["a"], [LostAfter]);
    let _ = bench.drain().await;
    bench.pass_time(Outbox::MAX_AGE + HOUR);
    let _ = bench.drain().await;
    assert_ne!(bench.state("a"), MailState::Failed, "{}", bench.why("a"));
}

/// It is listed as unknown, and a person may have phoned instead: it must not go out by itself in
/// the month in which somebody consents to drafts again.
#[tokio::test]
async fn what_is_unknown_is_never_sent_by_itself_though_its_draft_is_there() {
    let bench = queued(Proof::DraftsAndSearch, &["a"], [Good, LostBefore]);
    let _ = bench.drain().await;
    bench.pass_time(INDEX);
    bench.server.state().proof = Proof::Search;
    let _ = bench.drain().await;
    let was_unknown = bench.state("a") == MailState::Unknown;
    bench.pass_time(30 * 24 * HOUR);
    bench.server.state().proof = Proof::DraftsAndSearch;
    let _ = bench.drain().await;
    assert!(!was_unknown || bench.server.state().sent.is_empty());
}

/// Two years ahead, a server had asked for a minute. What it asks for since then counts.
#[tokio::test]
async fn a_pause_of_a_wrong_clock_hides_no_later_one() {
    let bench = queued(Proof::Search, &[], []);
    let right = bench.clock_now();
    bench.clock.set_wall("2028-06-01T06:00:00Z".parse().unwrap());
    bench.outbox().enqueue(&message("a")).unwrap();
    bench.server.state().faults.push_back(Unavailable(Some(60 * SECOND)));
    let _ = bench.drain().await;
    bench.clock.set_wall(right);
    bench.outbox().enqueue(&message("b")).unwrap();
    bench.server.state().faults.push_back(Unavailable(Some(HOUR)));
    let _ = bench.drain().await;
    bench.outbox().enqueue(&message("c")).unwrap();
    bench.server.calls();
    let _ = bench.drain().await;
    assert_eq!(bench.server.calls(), [""; 0]);
}

/// Takes all mails but one.
#[derive(Debug)]
struct Picky(Server);

#[async_trait::async_trait]
impl Transport for Picky {
    fn name(&self) -> &str {
        "server"
    }

    async fn proof(&self) -> Result<Proof, Error> {
        self.0.proof().await
    }

    async fn send(&self, letter: &Letter) -> Result<Receipt, Error> {
        match letter.idempotency_key().as_str() {
            "a" => Err(Error::Blocked { source: "a status that nobody has heard of".into() }),
            _ => self.0.send(letter).await,
        }
    }
}

/// What is unknown of a refusal counts as blocked, and one such mail at the head is tried first
/// each time, for ever.
#[tokio::test]
async fn a_mail_that_alone_is_blocked_does_not_keep_the_others_back_for_ever() {
    let bench = queued(Proof::Search, &["a", "b"], []);
    let picky = Picky(bench.server.clone());
    for _ in 0..300 {
        let _blocked = bench.outbox().drain(&picky).await;
        bench.pass_time(HOUR);
    }
    assert_eq!(bench.state("b"), MailState::Sent);
}
