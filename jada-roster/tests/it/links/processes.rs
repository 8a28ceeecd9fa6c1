//! Several processes on one database file: this test's binary once more, as a worker.

#![expect(clippy::print_stdout, reason = "a worker answers the test by its output")]

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use futures_util::future::join_all;
use jada_roster::{
    CrewMember, DynamoLinks, DynamoRoster, EmbeddedEngine, Error, LinkRefusal, LinkSpec, LinkText,
    MagicLinks, Peppers, Presented, RosterRepository, Verified,
};
use serde_json::{Value, json};

use super::tables::{member, portal};

const PROCESSES: usize = 4;
const EACH: usize = 250;

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_who_use_one_link_in_four_processes_one_wins() {
    let mut outcomes = contend(PROCESSES).await;
    outcomes.sort();
    let loser = format!("0 {EACH}");
    let winner = format!("1 {}", EACH - 1);
    assert_eq!(outcomes, [loser.clone(), loser.clone(), loser, winner], "won, and used already");
}

/// The worker of the test above; by itself it is one of one.
#[test]
fn a_process_uses_a_link() {
    if let Ok(order) = std::env::var("JADA_LINKS_WORKER") {
        return work(&serde_json::from_str(&order).unwrap());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    assert_eq!(runtime.block_on(contend(1)), [format!("1 {}", EACH - 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn four_processes_that_write_at_once_all_get_through() {
    let shared = Shared::new().await;
    let mut workers = shared.workers(PROCESSES);
    for (number, worker) in workers.iter_mut().enumerate() {
        worker.say(&format!("{ISSUE}{number}"));
    }
    let outcomes: Vec<_> = workers.iter_mut().map(Worker::line).collect();
    assert_eq!(outcomes, vec![format!("{MADE} 0"); PROCESSES], "all won, none was used already");
}

/// Lets processes use one link, and gives back what each says.
async fn contend(processes: usize) -> Vec<String> {
    let shared = Shared::new().await;
    let spec = LinkSpec::single_use(portal());
    let link = shared.links.issue(member(0).id(), &spec).await.unwrap();
    let mut workers = shared.workers(processes);
    for worker in &mut workers {
        worker.say(link.text.expose());
    }
    workers.iter_mut().map(Worker::line).collect()
}

/// A database file with a member for each process, and the peppers beside it.
struct Shared {
    folder: tempfile::TempDir,
    links: DynamoLinks,
}

impl Shared {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let order = order(&folder);
        let client = EmbeddedEngine::open(&path(&order, "database")).unwrap().client();
        let roster = DynamoRoster::new(client.clone());
        roster.ensure_tables().await.unwrap();
        for number in 0..PROCESSES {
            roster.add(&member(number.try_into().unwrap())).await.unwrap();
        }
        let peppers = Peppers::open_or_create(&path(&order, "peppers")).unwrap();
        let links = DynamoLinks::builder(client, peppers).build().unwrap();
        links.open().await.unwrap();
        Self { folder, links }
    }

    /// All are there, and wait for what to do.
    fn workers(&self, count: usize) -> Vec<Worker> {
        let order = order(&self.folder);
        let mut workers: Vec<_> = (0..count).map(|_| Worker::spawn(&order)).collect();
        for worker in &mut workers {
            assert_eq!(worker.line(), "ready");
        }
        workers
    }
}

fn order(folder: &tempfile::TempDir) -> Value {
    let (folder, name) = (folder.path(), Peppers::FILE_NAME);
    json!({"database": folder.join("crew.db"), "peppers": folder.join("secrets").join(name)})
}

fn path(order: &Value, key: &str) -> PathBuf {
    PathBuf::from(order[key].as_str().unwrap())
}

/// Says how many of its attempts won, and how many came too late.
fn work(order: &Value) {
    let client = EmbeddedEngine::open(&path(order, "database")).unwrap().client();
    let peppers = Peppers::open(&path(order, "peppers")).unwrap();
    let links = DynamoLinks::builder(client, peppers).build().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(links.open()).unwrap();
    println!("{MARK}ready");
    // The text comes by a pipe: the arguments and the environment of a process are open to others.
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    let attempts: Vec<_> = match line.trim().strip_prefix(ISSUE) {
        Some(number) => {
            let crew = member(number.parse().unwrap());
            let attempt = |_| runtime.spawn(make_and_use(links.clone(), crew.clone()));
            (0..MADE).map(attempt).collect()
        }
        None => (0..EACH).map(|_| runtime.spawn(use_up(links.clone(), line.clone()))).collect(),
    };
    let (mut won, mut used) = (0, 0);
    for outcome in runtime.block_on(join_all(attempts)) {
        match outcome.unwrap() {
            Ok(_) => won += 1,
            Err(Error::LinkRefused { reason: LinkRefusal::Used }) => used += 1,
            Err(other) => println!("{MARK}{other:?}"),
        }
    }
    println!("{MARK}{won} {used}");
}

async fn use_up(links: DynamoLinks, text: String) -> Result<Verified, Error> {
    links.consume(&Presented::new(LinkText::parse(&text)?, portal())).await
}

async fn make_and_use(links: DynamoLinks, crew: CrewMember) -> Result<Verified, Error> {
    let link = links.issue(crew.id(), &LinkSpec::single_use(portal())).await?;
    links.consume(&Presented::new(link.text, portal())).await
}

struct Worker {
    child: Child,
    answers: BufReader<ChildStdout>,
}

impl Worker {
    fn spawn(order: &Value) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["links::processes::a_process_uses_a_link", "--exact", "--nocapture"])
            .env("JADA_LINKS_WORKER", order.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Self { child, answers }
    }

    fn say(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// The next line that is ours; the test harness prints its own.
    fn line(&mut self) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(self.answers.read_line(&mut line).unwrap(), 0, "the worker has ended");
            if let Some((_, ours)) = line.split_once(MARK) {
                return ours.trim_end().to_owned();
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

const MARK: &str = "@@";
/// Before the number of the member whose links a worker is to make.
const ISSUE: &str = "issue ";
/// How many each makes.
const MADE: usize = 40;
