//! Processes that queue the same keys at once, and one that is stopped for a while and goes on.

use std::{thread, time::Duration};

use jada_loopback_issuer::Gmail as LoopbackGmail;
use jada_mail::{IdempotencyKey, MailState};

use super::{
    BOTH, FastClock, builder,
    kills::drained,
    mail, times_sent,
    worker::{Worker, order},
};

fn gmail() -> LoopbackGmail {
    LoopbackGmail::builder()
        .token("good", BOTH.split_whitespace())
        .index_lag(Duration::from_millis(100))
        .start()
        .unwrap()
}

#[test]
fn processes_that_queue_the_same_keys_at_once_send_each_once() {
    let gmail = gmail();
    let folder = tempfile::tempdir().unwrap();
    let (folder, clock) = (folder.path().join("outbox"), FastClock::starting_now());
    let order = order(&folder, &gmail, clock, BOTH, Some("same"));
    let mut workers: Vec<_> = (0..4).map(|_| Worker::spawn(&order)).collect();
    thread::sleep(Duration::from_millis(1_500));
    workers.iter_mut().for_each(Worker::kill);
    let mut said = Vec::new();
    for worker in &mut workers {
        said.extend(std::iter::from_fn(|| worker.line()).filter(|line| line != "ready"));
    }
    let status = drained(&folder, &gmail, clock, BOTH);
    assert_eq!(status.count(MailState::Sent), status.mails.len(), "{status}");
    let keys: Vec<_> = status.mails.into_iter().map(|mail| mail.key).collect();
    for (key, times) in times_sent(&gmail, &keys) {
        assert_eq!(times, 1, "{key}\n{}", gmail.log());
    }
    assert!(said.len() > keys.len(), "no key was queued by two: {said:?}");
    assert!(said.iter().all(|key| keys.contains(&key.parse::<IdempotencyKey>().unwrap())));
}

/// It holds what it was at work on, and finds out about it when it goes on.
#[cfg(unix)]
#[test]
fn a_process_that_is_stopped_for_a_while_sends_nothing_twice_and_keeps_nothing_else_back() {
    let gmail = gmail();
    let folder = tempfile::tempdir().unwrap();
    let (folder, clock) = (folder.path().join("outbox"), FastClock::starting_now());
    let outbox = builder(&folder, clock).build();
    let order = order(&folder, &gmail, clock, BOTH, None);
    let (stopped, _other) = (Worker::spawn(&order), Worker::spawn(&order));
    let mut keys: Vec<IdempotencyKey> = Vec::new();
    let (mut held, mut round) = (0, 0);
    while held < 3 {
        round += 1;
        assert!(round < 100, "it held a mail {held} times");
        let first = keys.len();
        for number in 0..8 {
            let key = format!("r{round}-{number}");
            outbox.enqueue(&mail(&key)).unwrap();
            keys.push(key.parse().unwrap());
        }
        thread::sleep(Duration::from_micros(fastrand::u64(0..20_000)));
        stopped.signal("-STOP");
        // Whatever it does not hold is sent by the other.
        let waiting = || {
            let of_round = keys[first..].iter().map(|key| outbox.mail(key).unwrap().unwrap());
            of_round.filter(|mail| mail.state != MailState::Sent).count()
        };
        let began = std::time::Instant::now();
        while waiting() > 1 {
            assert!(began.elapsed() < Duration::from_secs(30), "{}", outbox.status().unwrap());
            thread::sleep(Duration::from_millis(10));
        }
        if waiting() > 0 {
            // Longer than its client waits for an answer, and than the outbox waits for the index.
            thread::sleep(Duration::from_millis(700));
            held += waiting();
        }
        stopped.signal("-CONT");
    }
    drop(stopped);
    let status = drained(&folder, &gmail, clock, BOTH);
    assert_eq!(status.count(MailState::Sent), keys.len(), "{status}");
    for (key, times) in times_sent(&gmail, &keys) {
        assert_eq!(times, 1, "{key}\n{}", gmail.log());
    }
}
