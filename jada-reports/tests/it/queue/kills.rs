//! Processes that push and drain are killed at any moment: what was said to be pushed is applied,
//! and at last as it was pushed last.

#![expect(clippy::print_stdout, reason = "a worker tells its test what it did")]

use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::Duration,
};

use jada_reports::{Change, ChangeQueue, Failure};

const MARK: &str = "@@";
const KEYS: u64 = 5;

#[test]
fn a_kill_at_any_moment_loses_no_change_and_the_latest_is_applied_at_last() {
    let kills = if std::env::var("JADA_SWEEP").is_ok_and(|it| it == "full") { 300 } else { 12 };
    let folder = tempfile::tempdir().unwrap();
    let mut said = BTreeMap::new();
    for kill in 0..kills {
        let mut worker = Worker::spawn(folder.path(), kill * 1_000_003);
        assert_eq!(worker.line().as_deref(), Some("ready"));
        thread::sleep(Duration::from_micros(fastrand::u64(0..60_000)));
        worker.child.kill().unwrap();
        worker.child.wait().unwrap();
        while let Some(line) = worker.line() {
            let number: u64 = line.parse().unwrap();
            said.insert(key(number), number);
        }
    }
    assert!(said.len() > 2, "killed too soon each time: {said:?}");
    let queue = ChangeQueue::open(folder.path().join("queue")).unwrap();
    assert_eq!(queue.status().unwrap().damaged, Vec::<String>::new());
    runtime().block_on(drain(&queue, folder.path()));
    let status = queue.status().unwrap();
    assert_eq!((status.waiting, status.dead), (vec![], vec![]));
    let applied = fs::read_to_string(folder.path().join("applied")).unwrap();
    let mut last = BTreeMap::new();
    for line in applied.lines() {
        let number: u64 = line.parse().unwrap();
        last.insert(key(number), number);
    }
    for (key, number) in said {
        assert!(last[&key] >= number, "{key}: {} after {number} was pushed", last[&key]);
    }
}

/// The worker of the test above; by itself it is asked to push a few.
#[test]
fn a_process_pushes_and_drains() {
    if let Ok(folder) = std::env::var("JADA_QUEUE_WORKER") {
        let first = std::env::var("JADA_QUEUE_FIRST").unwrap();
        return work(Path::new(&folder), first.parse().unwrap());
    }
    let folder = tempfile::tempdir().unwrap();
    let mut worker = Worker::spawn(folder.path(), 7);
    let lines: Vec<_> = (0..4).map(|_| worker.line().unwrap()).collect();
    assert_eq!(lines, ["ready", "7", "8", "9"]);
}

fn work(folder: &Path, first: u64) {
    let queue = ChangeQueue::open(folder.join("queue")).unwrap();
    let runtime = runtime();
    println!("{MARK}ready");
    for number in first.. {
        queue.push(&key(number), &number).unwrap();
        println!("{MARK}{number}");
        if number % 3 == 0 {
            runtime.block_on(drain(&queue, folder));
        }
    }
}

/// Applies changes to a file, whose lines are whole since they are shorter than a block.
async fn drain(queue: &ChangeQueue, folder: &Path) {
    let handler = async |change: Change| {
        let mut options = OpenOptions::new();
        let mut file = options.create(true).append(true).open(folder.join("applied")).unwrap();
        let number: u64 = change.parse()?;
        file.write_all(format!("{number}\n").as_bytes()).unwrap();
        Ok::<_, Failure>(())
    };
    assert_eq!(queue.drain(handler).await.unwrap().stopped, None);
}

fn key(number: u64) -> String {
    format!("C-{}", number % KEYS)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

struct Worker {
    child: Child,
    answers: BufReader<ChildStdout>,
}

impl Worker {
    fn spawn(folder: &Path, first: u64) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["queue::kills::a_process_pushes_and_drains", "--exact", "--nocapture"])
            .env("JADA_QUEUE_WORKER", folder)
            .env("JADA_QUEUE_FIRST", first.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Self { child, answers }
    }

    /// The next line that is ours and whole; none when the worker has ended.
    fn line(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.answers.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            if let Some((_, ours)) = line.split_once(MARK)
                && let Some(ours) = ours.strip_suffix('\n')
            {
                return Some(ours.to_owned());
            }
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
