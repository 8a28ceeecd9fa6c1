//! Several at once on one folder.

use std::{
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use super::{
    super::{Enqueued, spool::Claim},
    server::Fault::Unavailable,
    *,
};
use crate::{Letter, Proof, Receipt, Transport};

/// Sends by a server, and drains the same outbox by another transport while it is at the first.
#[derive(Debug)]
struct Meanwhile {
    server: Server,
    outbox: Outbox,
    other: Server,
}

#[async_trait::async_trait]
impl Transport for Meanwhile {
    fn name(&self) -> &str {
        "server"
    }

    async fn proof(&self) -> Result<Proof, Error> {
        self.server.proof().await
    }

    async fn send(&self, letter: &Letter) -> Result<Receipt, Error> {
        let _ = self.outbox.drain(&self.other).await?;
        self.server.send(letter).await
    }
}

fn queued(bench: &Bench, keys: &[&str]) {
    for key in keys {
        bench.outbox().enqueue(&message(key)).unwrap();
        bench.pass_time(SECOND);
    }
}

#[test]
fn of_many_who_queue_a_key_at_once_one_adds_it() {
    const MANY: usize = 8;

    let bench = Bench::new(Server::new(Proof::Search));
    for round in 0..40 {
        let key = format!("k-{round}");
        let barrier = Barrier::new(MANY);
        let queue = |number: usize| {
            let mail = if number.is_multiple_of(2) { message(&key) } else { changed(&key) };
            let outbox = bench.outbox();
            barrier.wait();
            (outbox.enqueue(&mail), mail.render())
        };
        let queued: Vec<_> = thread::scope(|scope| {
            let queue = &queue;
            let all: Vec<_> = (0..MANY).map(|number| scope.spawn(move || queue(number))).collect();
            all.into_iter().map(|it| it.join().unwrap()).collect()
        });
        let (new, others): (Vec<_>, Vec<_>) =
            queued.into_iter().partition(|(queued, _)| matches!(queued, Ok(Enqueued::New)));
        assert_eq!(new.len(), 1, "{key}");
        let bytes =
            std::fs::read(bench.outbox().folder().join(format!("mails/{key}.eml"))).unwrap();
        assert_eq!(bytes, new[0].1, "{key}");
        for (queued, mail) in others {
            let as_expected = match mail == bytes {
                true => matches!(queued, Ok(Enqueued::Before { state: MailState::Queued })),
                false => matches!(queued, Err(Error::KeyTaken { state: MailState::Queued, .. })),
            };
            assert!(as_expected, "{key}: {queued:?}");
        }
    }
}

#[test]
fn many_who_drain_at_once_send_each_mail_once() {
    let bench = Bench::new(Server::new(Proof::Search));
    let keys: Vec<_> = (0..40).map(|number| format!("k-{number}")).collect();
    for key in &keys {
        bench.outbox().enqueue(&message(key)).unwrap();
    }
    let barrier = Barrier::new(4);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                barrier.wait();
                let _ = runtime.block_on(bench.outbox().drain(&bench.server)).unwrap();
            });
        }
    });
    assert_eq!(bench.server.state().sent.len(), keys.len());
    assert_eq!(bench.outbox().status().unwrap().count(MailState::Sent), keys.len());
}

#[tokio::test]
async fn what_another_sent_since_the_list_was_made_is_not_sent_again() {
    let bench = Bench::new(Server::new(Proof::Search));
    queued(&bench, &["a", "b", "c"]);
    let (server, other) = (bench.server.clone(), bench.server.clone());
    let meanwhile = Meanwhile { server, outbox: bench.outbox(), other };
    let drained = bench.outbox().drain(&meanwhile).await.unwrap();
    assert_eq!(drained.sent, [parsed("a")]);
    assert_eq!(bench.server.calls(), ["send"; 3]);
    assert_eq!(bench.outbox().status().unwrap().count(MailState::Sent), 3);
}

#[tokio::test]
async fn what_a_server_asked_another_for_is_not_forgotten_by_who_was_just_done() {
    let bench = Bench::new(Server::new(Proof::Search));
    queued(&bench, &["a", "b"]);
    let other = Server::new(Proof::Search).with_faults([Unavailable(Some(HOUR))]);
    let meanwhile = Meanwhile { server: bench.server.clone(), outbox: bench.outbox(), other };
    assert_eq!(bench.outbox().drain(&meanwhile).await.unwrap().sent, [parsed("a")]);
    assert_eq!(bench.outbox().status().unwrap().paused.len(), 1);
}

#[tokio::test]
async fn of_two_pauses_that_a_server_asked_for_the_longer_counts() {
    let bench = Bench::new(Server::new(Proof::Search));
    queued(&bench, &["a", "b"]);
    let other = Server::new(Proof::Search).with_faults([Unavailable(Some(HOUR))]);
    bench.server.state().faults.push_back(Unavailable(Some(SECOND)));
    let meanwhile = Meanwhile { server: bench.server.clone(), outbox: bench.outbox(), other };
    assert_eq!(bench.outbox().drain(&meanwhile).await.unwrap().waiting.len(), 2);
    bench.outbox().enqueue(&message("c")).unwrap();
    bench.pass_time(60 * SECOND);
    bench.server.calls();
    let _ = bench.drain().await;
    assert_eq!(bench.server.calls(), [""; 0]);
}

/// Tells the other thread that it is over, also when this one panics.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Calls `look` again and again while another, who holds the mail, moves it to and fro.
pub(super) fn while_it_moves(look: impl Fn(&Outbox)) {
    let bench = Bench::new(Server::new(Proof::Search));
    queued(&bench, &["a"]);
    let (outbox, over, held) = (bench.outbox(), AtomicBool::new(false), Barrier::new(2));
    thread::scope(|scope| {
        scope.spawn(|| {
            let claim = outbox.spool.claim(&parsed("a")).unwrap();
            let Claim::Mine(claimed) = claim else { panic!("it is held") };
            let mut record = claimed.record().unwrap().unwrap();
            held.wait();
            while !over.load(Ordering::SeqCst) {
                for state in [MailState::Sending, MailState::Queued] {
                    record.enter(state, record.enqueued_at);
                    claimed.save(&record).unwrap();
                }
            }
        });
        let _over = Over(&over);
        held.wait();
        for _ in 0..2_000 {
            look(&outbox);
        }
    });
}

#[test]
fn a_mail_that_is_being_moved_is_never_missed() {
    while_it_moves(|outbox| {
        assert!(outbox.spool.look(&parsed("a")).unwrap().is_some());
    });
}

#[test]
fn a_drain_lists_a_mail_that_another_puts_back_meanwhile() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    while_it_moves(|outbox| {
        let drained = runtime.block_on(outbox.drain(&Server::new(Proof::Search))).unwrap();
        assert_eq!(drained.waiting, [parsed("a")]);
    });
}
