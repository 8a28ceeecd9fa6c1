//! Many mails through several processes under a random mix of faults, one of them killed again and
//! again.

use std::{
    thread,
    time::{Duration, Instant},
};

use jada_loopback_issuer::{Gmail as LoopbackGmail, MessageIds};
use jada_mail::{IdempotencyKey, MailState, Status};
use serde_json::Value;

use super::{
    BOTH, DRAFTS, FastClock, SEARCH, SEND, builder, mail, sweep, times_sent,
    worker::{Worker, order, ordered},
};

const PROCESSES: usize = 4;
/// For a search, in real time; the outbox waits for twice as long.
const INDEX_LAG: Duration = Duration::from_millis(300);

#[test]
fn every_mail_is_sent_once_with_both_proofs_and_nothing_stays_unknown() {
    let ended = Run { scopes: BOTH, person_deletes: 0.0, mails: sweep(40, 200), seed: 1 }.run();
    assert_eq!(ended.status.count(MailState::Sent), ended.keys.len(), "{}", ended.report());
    assert_eq!(ended.gmail.drafts().len(), 0, "{}", ended.report());
}

#[test]
fn what_stays_unknown_with_both_proofs_is_what_a_person_deleted() {
    let ended = Run { scopes: BOTH, person_deletes: 0.1, mails: sweep(40, 200), seed: 2 }.run();
    let deleted = ended.gmail.deleted_by_person();
    assert!(!deleted.is_empty());
    for mail in ended.status.mails.iter().filter(|mail| mail.state == MailState::Unknown) {
        let message = super::mail(mail.key.as_str());
        let reference = message.message_id().as_str().split('@').next();
        let by_person = deleted.iter().any(|draft| draft.reference.as_deref() == reference);
        assert!(by_person, "{}: {}", mail.key, ended.report());
        assert_eq!(ended.times(&mail.key), 0, "{}: {}", mail.key, ended.report());
    }
}

#[test]
fn no_mail_is_sent_twice_or_lost_with_lesser_proofs() {
    for (scopes, seed) in [(SEARCH, 3), (DRAFTS, 4), (SEND, 5)] {
        let _ = Run { scopes, person_deletes: 0.0, mails: sweep(20, 200), seed }.run();
    }
}

struct Run {
    scopes: &'static str,
    person_deletes: f64,
    mails: usize,
    seed: u64,
}

struct Ended {
    gmail: LoopbackGmail,
    status: Status,
    keys: Vec<IdempotencyKey>,
    kills: usize,
}

impl Run {
    /// Runs until nothing waits, and looks after each mail.
    fn run(self) -> Ended {
        let gmail = LoopbackGmail::builder()
            .seed(self.seed)
            .token("good", self.scopes.split_whitespace())
            .index_lag(INDEX_LAG)
            .message_ids(MessageIds::Mixed)
            .faults(0.25)
            .person_deletes(self.person_deletes)
            .start()
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (folder, clock) = (folder.path().join("outbox"), FastClock::starting_now());
        let outbox = builder(&folder, clock).build();
        let keys: Vec<IdempotencyKey> =
            (0..self.mails).map(|number| format!("m-{number}").parse().unwrap()).collect();
        for key in &keys {
            outbox.enqueue(&mail(key.as_str())).unwrap();
        }
        let order = order(&folder, &gmail, clock, self.scopes, None);
        let kills = work(
            &order,
            || is_over(&outbox.status().unwrap()),
            || format!("{}\n{}", outbox.status().unwrap(), gmail.log()),
        );
        gmail.heal();
        let status = settled(&order);
        let ended = Ended { gmail, status, keys, kills };
        ended.check();
        ended
    }
}

/// Four processes, one of which is killed each second, until it is over: how many were killed.
fn work(order: &Value, is_over: impl Fn() -> bool, report: impl Fn() -> String) -> usize {
    let mut workers: Vec<_> = (0..PROCESSES).map(|_| Worker::spawn(order)).collect();
    let (began, mut killed, mut kills) = (Instant::now(), Instant::now(), 0);
    while !is_over() {
        assert!(began.elapsed() < Duration::from_secs(180), "no end:\n{}", report());
        if killed.elapsed() > Duration::from_secs(1) {
            let victim = fastrand::usize(..PROCESSES);
            workers[victim].kill();
            workers[victim] = Worker::spawn(order);
            (killed, kills) = (Instant::now(), kills + 1);
        }
        thread::sleep(Duration::from_millis(50));
    }
    kills
}

fn is_over(status: &Status) -> bool {
    assert_eq!(status.damaged, []);
    status.count(MailState::Queued) + status.count(MailState::Sending) == 0
}

/// What is left once nothing fails any more and drafts that were left behind are removed.
fn settled(order: &Value) -> Status {
    let (outbox, gmail) = ordered(order);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for _ in 0..10 {
        let drained = runtime.block_on(outbox.drain_now(&gmail)).unwrap();
        if drained.next.is_none() && drained.paused.is_none() {
            break;
        }
        thread::sleep(2 * INDEX_LAG);
    }
    outbox.status().unwrap()
}

impl Ended {
    /// Every mail is there once, or is listed as unknown; none is lost, none doubled.
    fn check(&self) {
        let times = times_sent(&self.gmail, &self.keys);
        assert_eq!(self.status.mails.len(), self.keys.len(), "{}", self.report());
        for mail in &self.status.mails {
            let count = times[&mail.key];
            match mail.state {
                MailState::Sent => assert_eq!(count, 1, "{}: {}", mail.key, self.report()),
                MailState::Unknown => assert!(count <= 1, "{}: {}", mail.key, self.report()),
                _ => panic!("{mail}: {}", self.report()),
            }
        }
        println!(
            "{} mails, {} unknown, {} kills, {} requests",
            self.keys.len(),
            self.status.count(MailState::Unknown),
            self.kills,
            self.gmail.requests()
        );
    }

    fn times(&self, key: &IdempotencyKey) -> usize {
        times_sent(&self.gmail, &self.keys)[key]
    }

    fn report(&self) -> String {
        format!("{}\n{}", self.status, self.gmail.log())
    }
}
