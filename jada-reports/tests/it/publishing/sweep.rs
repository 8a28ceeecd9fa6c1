//! Random runs: faults at every step of Drive and of Gmail, and kills in the middle.

use std::time::Duration;

use fastrand::Rng;
use futures_util::{StreamExt as _, stream};
use jada_mail::MailState;
use jada_reports::Published;
use tokio::time::timeout;

use super::Office;
use crate::sample::{statement, sweep};

/// Publishes until the mail is sent, as an operator does who runs the command again; every other
/// run is killed in the middle, if it lasts that long.
async fn publish_at_last(office: &Office, rng: &mut Rng) -> Published {
    for _ in 0..RUNS {
        office.clock.advance(Duration::from_secs(3600));
        let millis = if rng.bool() { rng.u64(1..80) } else { 60_000 };
        let run = timeout(Duration::from_millis(millis), office.publish(&statement())).await;
        if let Ok(Ok(published)) = run
            && published.mailed.as_ref().is_some_and(|mailed| mailed.state == MailState::Sent)
        {
            return published;
        }
    }
    panic!("no run came to an end");
}

async fn run(seed: u64) {
    let office = Office::failing(0.25, seed);
    let published = publish_at_last(&office, &mut Rng::with_seed(seed)).await;
    let (files, sent) = (office.drive_server.files(), office.gmail_server.sent());
    let logs = || format!("{}\n{}", office.drive_server.log(), office.gmail_server.log());
    assert_eq!((files.len(), sent.len()), (1, 1), "seed {seed}\n{}", logs());
    let workbook = std::fs::read(office.path().join("statement-2026-05.xlsx")).unwrap();
    assert!(*files[0].bytes == *workbook, "seed {seed}\n{}", logs());
    assert_eq!(published.uploads[0].sha256, published.artefacts[0].sha256, "seed {seed}");
    assert_eq!(published.uploads[0].id, files[0].id, "seed {seed}");
    let line = office.manifest().pop().unwrap();
    assert_eq!(line["mail"]["state"], "sent", "seed {seed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_befalls_a_publication_there_is_one_file_and_one_mail() {
    stream::iter(0..sweep(25, 100)).for_each_concurrent(AT_ONCE, run).await;
}

const RUNS: usize = 60;
const AT_ONCE: usize = 4;
