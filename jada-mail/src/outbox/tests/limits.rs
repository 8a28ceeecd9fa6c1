//! For how long a mail is tried, how long it is left alone, and since when it is looked for.

use super::{
    server::Fault::{self, Good, LostAfter, LostBefore, Unavailable},
    *,
};
use crate::Proof;

fn bench(proof: Proof, faults: impl IntoIterator<Item = Fault>) -> Bench {
    let bench = Bench::new(Server::new(proof).with_faults(faults));
    bench.outbox().enqueue(&message("a")).unwrap();
    bench
}

#[tokio::test]
async fn a_mail_in_doubt_is_not_given_up_however_old_it_is() {
    for (proof, faults, state) in [
        (Proof::DraftsAndSearch, vec![Good, LostBefore], MailState::Sent),
        (Proof::DraftsAndSearch, vec![Good, LostAfter], MailState::Sent),
        (Proof::Drafts, vec![Good, LostAfter], MailState::Unknown),
        (Proof::Search, vec![LostAfter], MailState::Sent),
        (Proof::Search, vec![LostBefore], MailState::Unknown),
    ] {
        let bench = bench(proof, faults.clone());
        let outbox = bench.builder().max_attempts(1).build();
        assert_eq!(outbox.drain(&bench.server).await.unwrap().waiting, [parsed("a")]);
        bench.pass_time(Outbox::MAX_AGE + HOUR);
        let _ = outbox.drain(&bench.server).await.unwrap();
        assert_eq!(bench.state("a"), state, "{proof:?} {faults:?}");
    }
}

#[tokio::test]
async fn a_clock_that_was_set_back_gives_no_mail_up() {
    let bench = bench(Proof::Search, []);
    bench.clock.set_wall("2026-05-01T06:00:00Z".parse().unwrap());
    assert_eq!(bench.drain().await.sent, [parsed("a")]);
}

#[tokio::test]
async fn a_mail_that_is_unknown_is_looked_up_once_an_hour() {
    let bench = bench(Proof::Search, [LostBefore]);
    let _ = bench.drain().await;
    bench.pass_time(INDEX);
    let _ = bench.drain().await;
    bench.pass_time(HOUR);
    bench.server.calls();
    for _ in 0..3 {
        assert_eq!(bench.drain().await.unknown, [parsed("a")]);
    }
    assert_eq!(bench.server.calls(), ["find"]);
    assert_eq!(bench.drain_now().await.unknown, [parsed("a")]);
    assert_eq!(bench.server.calls(), ["find"]);
}

#[tokio::test]
async fn a_mail_is_looked_for_since_it_was_first_tried() {
    let bench = bench(Proof::Search, []);
    // Under the same key, from another outbox, while ours was waiting.
    bench.pass_time(HOUR);
    let others = (message("a").message_id().clone(), bench.clock_now());
    bench.server.state().sent.push(others);
    bench.pass_time(HOUR);
    bench.server.state().faults.push_back(LostBefore);
    assert_eq!(bench.drain().await.waiting, [parsed("a")]);
    bench.pass_time(INDEX);
    assert_eq!(bench.drain().await.unknown, [parsed("a")]);
}

/// Its answer was lost, and its draft sent again in vain: the first try may have sent it.
#[tokio::test]
async fn a_later_try_does_not_hide_what_the_first_one_sent() {
    let bench = bench(Proof::DraftsAndSearch, [Good, LostBefore, LostBefore, LostAfter]);
    for _ in 0..4 {
        let _ = bench.drain().await;
        bench.pass_time(HOUR);
    }
    assert_eq!(bench.drain().await, Drained::default());
    assert_eq!(bench.state("a"), MailState::Sent);
    assert_eq!(bench.server.state().sent.len(), 1);
}

#[tokio::test]
async fn a_mail_that_is_sent_again_is_looked_for_since_then() {
    let bench = bench(Proof::Search, [LostBefore]);
    let first = (message("a").message_id().clone(), bench.clock_now());
    let _ = bench.drain().await;
    bench.pass_time(INDEX);
    assert_eq!(bench.drain().await.unknown, [parsed("a")]);
    bench.pass_time(HOUR);
    bench.outbox().resend(&parsed("a")).unwrap();
    bench.server.state().sent.push(first);
    bench.server.state().faults.push_back(LostBefore);
    assert_eq!(bench.drain().await.waiting, [parsed("a")]);
    bench.pass_time(INDEX);
    assert_eq!(bench.drain().await.unknown, [parsed("a")]);
}

#[tokio::test]
async fn a_pause_doubles_with_each_failure_up_to_an_hour() {
    let bench = bench(Proof::Search, std::iter::repeat_n(Unavailable(None), 12));
    for failure in 0..12 {
        let drained = bench.drain().await;
        let pause = drained.next.unwrap().duration_since(bench.clock_now());
        let longest = (30 << failure).min(3_600);
        let pause = u64::try_from(pause.as_secs()).unwrap();
        assert!((longest / 2..=longest).contains(&pause), "{pause} s after {failure}");
        bench.pass_time(HOUR);
    }
    assert_eq!(bench.drain().await.sent, [parsed("a")]);
}

#[tokio::test]
async fn a_success_between_two_failures_is_a_sign_of_fair_weather() {
    let down = Unavailable(None);
    let bench = Bench::new(Server::new(Proof::Search).with_faults([down, down, Good, down, down]));
    for key in ["a", "b", "c", "d", "e", "f"] {
        bench.outbox().enqueue(&message(key)).unwrap();
        bench.pass_time(SECOND);
    }
    let drained = bench.drain().await;
    assert_eq!((drained.sent.len(), drained.waiting.len(), drained.paused), (2, 4, None));
}
