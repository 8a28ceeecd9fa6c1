//! A process that queues and sends is killed at any moment: what is on disk is whole, and what it
//! said is true.

use std::{fs, path::Path, thread, time::Duration};

use jada_loopback_issuer::Gmail as LoopbackGmail;
use jada_mail::{IdempotencyKey, MailState, Outbox};

use super::{
    BOTH, FastClock, builder, mail, sweep, times_sent,
    worker::{Worker, order, ordered},
};

#[test]
fn a_kill_at_any_moment_leaves_the_spool_whole_and_no_mail_lost_or_doubled() {
    let kills = sweep(25, 500);
    let gmail = LoopbackGmail::builder()
        .token("good", BOTH.split_whitespace())
        .index_lag(Duration::from_millis(100))
        .start()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (folder, clock) = (folder.path().join("outbox"), FastClock::starting_now());
    let outbox = builder(&folder, clock).build();
    let (mut said, mut midway): (Vec<IdempotencyKey>, _) = (Vec::new(), 0);
    for kill in 0..kills {
        let queues = format!("k{kill}");
        let mut worker = Worker::spawn(&order(&folder, &gmail, clock, BOTH, Some(&queues)));
        assert_eq!(worker.line().as_deref(), Some("ready"));
        thread::sleep(Duration::from_micros(fastrand::u64(0..100_000)));
        worker.kill();
        while let Some(key) = worker.line() {
            said.push(key.parse().unwrap());
        }
        midway += usize::from(assert_whole(&outbox, &folder, &said));
    }
    assert!(midway > 0 && said.len() * 2 > kills, "{midway} midway, {} queued", said.len());

    let keys = drained(&folder, &gmail, clock);
    for (key, times) in times_sent(&gmail, &keys) {
        assert_eq!(times, 1, "{key}\n{}", gmail.log());
    }
    assert!(said.iter().all(|key| keys.contains(key)));
    assert!(gmail.drafts().is_empty(), "{:?}", gmail.drafts());
    println!("{kills} kills, {midway} of them within a sending, in {} mails", keys.len());
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

/// Every key of the outbox, once all its mails are sent.
pub(super) fn drained(
    folder: &Path,
    gmail: &LoopbackGmail,
    clock: FastClock,
) -> Vec<IdempotencyKey> {
    let (outbox, transport) = ordered(&order(folder, gmail, clock, BOTH, None));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for _ in 0..20 {
        let drained = runtime.block_on(outbox.drain_now(&transport)).unwrap();
        if drained.next.is_none() {
            break;
        }
        thread::sleep(Duration::from_millis(300));
    }
    let status = outbox.status().unwrap();
    assert_eq!(status.count(MailState::Sent), status.mails.len(), "{status}");
    status.mails.into_iter().map(|mail| mail.key).collect()
}
