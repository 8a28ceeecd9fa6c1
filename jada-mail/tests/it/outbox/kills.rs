//! A process that queues and sends is killed at any moment: what is on disk is whole, and what it
//! said is true.

use std::{collections::BTreeMap, fs, path::Path, thread, time::Duration};

use jada_loopback_issuer::Gmail as LoopbackGmail;
use jada_mail::{IdempotencyKey, MailState, Outbox, Status};

use super::{
    BOTH, FastClock, SEARCH, builder, mail, sweep, times_sent,
    worker::{Worker, order, ordered},
};

#[test]
fn a_kill_at_any_moment_leaves_the_spool_whole_and_no_mail_lost_or_doubled() {
    let (status, times) = kills(BOTH, sweep(20, 400));
    for mail in &status.mails {
        assert_eq!((mail.state, times[&mail.key]), (MailState::Sent, 1), "{mail}");
    }
}

#[test]
fn a_kill_at_any_moment_of_a_sending_in_one_step_leaves_no_mail_lost_or_doubled() {
    let (status, times) = kills(SEARCH, sweep(10, 100));
    for mail in &status.mails {
        match mail.state {
            MailState::Sent => assert_eq!(times[&mail.key], 1, "{mail}"),
            // It was killed before the server had read it.
            MailState::Unknown => assert_eq!(times[&mail.key], 0, "{mail}"),
            _ => panic!("{mail}"),
        }
    }
}

/// What the outbox says at last, and how often each mail was sent.
fn kills(scopes: &str, kills: usize) -> (Status, BTreeMap<IdempotencyKey, usize>) {
    let gmail = LoopbackGmail::builder()
        .token("good", scopes.split_whitespace())
        .index_lag(Duration::from_millis(100))
        .start()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (folder, clock) = (folder.path().join("outbox"), FastClock::starting_now());
    let outbox = builder(&folder, clock).build();
    let (mut said, mut midway): (Vec<IdempotencyKey>, _) = (Vec::new(), 0);
    for kill in 0..kills {
        let queues = format!("k{kill}");
        let mut worker = Worker::spawn(&order(&folder, &gmail, clock, scopes, Some(&queues)));
        assert_eq!(worker.line().as_deref(), Some("ready"));
        thread::sleep(Duration::from_micros(fastrand::u64(0..100_000)));
        worker.kill();
        while let Some(key) = worker.line() {
            said.push(key.parse().unwrap());
        }
        midway += usize::from(assert_whole(&outbox, &folder, &said));
    }
    assert!(midway > 0 && said.len() * 2 > kills, "{midway} midway, {} queued", said.len());

    let status = drained(&folder, &gmail, clock, scopes);
    let keys: Vec<_> = status.mails.iter().map(|mail| mail.key.clone()).collect();
    assert!(said.iter().all(|key| keys.contains(key)));
    assert!(gmail.drafts().is_empty(), "{:?}", gmail.drafts());
    println!("{kills} kills, {midway} of them within a sending, in {} mails", keys.len());
    (status, times_sent(&gmail, &keys))
}

/// Each mail that was said to be queued is there, once, as it was composed. Whether one of them was
/// being sent.
fn assert_whole(outbox: &Outbox, folder: &Path, said: &[IdempotencyKey]) -> bool {
    let status = outbox.status().unwrap();
    assert_eq!(status.damaged, []);
    for key in said {
        assert!(status.mails.iter().any(|mail| mail.key == *key), "{key} is lost");
    }
    let states = ["queued", "sending", "unknown", "failed", "sent"];
    for entry in &status.mails {
        let name = format!("{}.json", entry.key);
        let found = states.iter().filter(|state| folder.join(state).join(&name).exists());
        assert_eq!(found.count(), 1, "{name}");
        let bytes = fs::read(folder.join("mails").join(format!("{}.eml", entry.key))).unwrap();
        assert_eq!(bytes, mail(entry.key.as_str()).render());
    }
    status.mails.iter().any(|mail| mail.state == MailState::Sending && mail.why.is_none())
}

/// What the outbox says once nothing waits any more.
pub(super) fn drained(
    folder: &Path,
    gmail: &LoopbackGmail,
    clock: FastClock,
    scopes: &str,
) -> Status {
    let (outbox, transport) = ordered(&order(folder, gmail, clock, scopes, None));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for _ in 0..20 {
        let drained = runtime.block_on(outbox.drain_now(&transport)).unwrap();
        if drained.next.is_none() {
            break;
        }
        thread::sleep(Duration::from_millis(300));
    }
    outbox.status().unwrap()
}
