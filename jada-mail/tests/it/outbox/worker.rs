//! This test's binary once more, as a process that queues and sends mails until it is killed.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, SystemTime},
};

use jada_auth::{ApiUrl, GoogleClient, Scopes};
use jada_loopback_issuer::Gmail as LoopbackGmail;
use jada_mail::{Gmail, Outbox, Quota};
use serde_json::{Value, json};

use super::{BOTH, FastClock, Renewing, builder, mail, times_sent};

/// What a worker has to know, as JSON in its environment.
pub(super) fn order(
    folder: &Path,
    gmail: &LoopbackGmail,
    clock: FastClock,
    scopes: &str,
    queues: Option<&str>,
) -> Value {
    json!({
        "folder": folder,
        "endpoint": gmail.endpoint(),
        "start": clock.start.duration_since(SystemTime::UNIX_EPOCH).unwrap(),
        "scopes": scopes,
        "queues": queues,
    })
}

pub(super) struct Worker {
    child: Child,
    answers: BufReader<ChildStdout>,
}

impl Worker {
    pub(super) fn spawn(order: &Value) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["outbox::worker::a_process_queues_and_sends", "--exact", "--nocapture"])
            .env("JADA_WORKER", order.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Self { child, answers }
    }

    /// The next line that is ours; the test harness prints its own. None when the worker has ended.
    pub(super) fn line(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.answers.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            // One that was cut off by the kill was not said.
            if let Some((_, ours)) = line.split_once(MARK)
                && let Some(ours) = ours.strip_suffix('\n')
            {
                return Some(ours.to_owned());
            }
        }
    }

    #[cfg(unix)]
    pub(super) fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }

    pub(super) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const MARK: &str = "@@";

/// The outbox and the transport that were ordered.
pub(super) fn ordered(order: &Value) -> (Outbox, Gmail) {
    let start: Duration = serde_json::from_value(order["start"].clone()).unwrap();
    let clock = FastClock { start: SystemTime::UNIX_EPOCH + start };
    let text = |key: &str| order[key].as_str().unwrap();
    let google = GoogleClient::builder(Renewing::new(text("scopes")), Scopes::default())
        .endpoint(ApiUrl::parse(text("endpoint")).unwrap())
        .timeout(Duration::from_millis(250))
        .deadline(Duration::from_secs(5))
        .backoff(Duration::from_millis(5))
        .build();
    let gmail = Gmail::builder(google).quota(Quota::per_minute(1_000_000_000)).build();
    (builder(Path::new(text("folder")), clock).build(), gmail)
}

/// The worker of the tests here; by itself it is asked to queue and send a few.
#[test]
fn a_process_queues_and_sends() {
    if let Ok(order) = std::env::var("JADA_WORKER") {
        return work(&serde_json::from_str(&order).unwrap());
    }
    let (folder, gmail) = (tempfile::tempdir().unwrap(), LoopbackGmail::start().unwrap());
    let folder = folder.path().join("outbox");
    let clock = FastClock::starting_now();
    let order = order(&folder, &gmail, clock, BOTH, Some("x"));
    let mut worker = Worker::spawn(&order);
    let queued: Vec<_> = (0..3).map(|_| worker.line().unwrap()).collect();
    assert_eq!(queued, ["ready", "x-0", "x-1"]);
    worker.kill();
    while let Some(more) = worker.line() {
        assert!(more.starts_with("x-"), "{more}");
    }
    let keys = [queued[1].parse().unwrap()];
    assert!(times_sent_at_most(&gmail, &keys) <= 1);
}

fn times_sent_at_most(gmail: &LoopbackGmail, keys: &[jada_mail::IdempotencyKey]) -> usize {
    let sent = gmail.sent().len();
    if sent == 1 { times_sent(gmail, keys)[&keys[0]] } else { sent.min(1) }
}

/// Goes on until it is killed.
fn work(order: &Value) {
    let (outbox, gmail) = ordered(order);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    println!("{MARK}ready");
    for number in 0_u64.. {
        if let Some(queues) = order["queues"].as_str() {
            let key = format!("{queues}-{number}");
            outbox.enqueue(&mail(&key)).unwrap();
            println!("{MARK}{key}");
        }
        // What it could not do is in the outbox.
        let drained = runtime.block_on(outbox.drain(&gmail));
        if drained.is_ok_and(|drained| drained.sent.is_empty()) && order["queues"].is_null() {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
