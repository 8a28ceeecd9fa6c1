//! Processes, not tasks: several programs on one folder, against an issuer that rotates refresh
//! tokens and revokes all of them when one is presented twice.

#![expect(clippy::print_stdout, reason = "how a worker answers, and a sweep tells its counts")]

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use jada_auth::{FileStore, OAuthClient, RefreshToken, SharedProvider, TokenProvider, TokenStore};
use jada_loopback_issuer::{Fault, Issuer};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::support::{private_folder, put, scopes, sweep};

const ROUNDS: usize = 20;
const PROCESSES: usize = 8;

fn rotating() -> Issuer {
    let issuer = Issuer::builder().rotating().scope("mail drive");
    issuer.latency(Duration::from_millis(30)).start().unwrap()
}

#[test]
fn eight_processes_make_one_request_and_all_have_a_live_token() {
    let (issuer, folder) = (rotating(), Folder::new());
    folder.consent(&issuer);
    for round in 1..=ROUNDS {
        one_round(&issuer, &folder, 1, round);
    }
}

#[test]
fn eight_processes_with_64_tasks_each_make_one_request() {
    let (issuer, folder) = (rotating(), Folder::new());
    folder.consent(&issuer);
    for round in 1..=ROUNDS {
        one_round(&issuer, &folder, 64, round);
    }
}

fn one_round(issuer: &Issuer, folder: &Folder, tasks: usize, round: usize) {
    folder.expire();
    one_round_of(&mut folder.workers(issuer, tasks), issuer, round);
}

fn one_round_of(workers: &mut [Worker], issuer: &Issuer, round: usize) {
    workers.iter_mut().for_each(Worker::ask);
    for worker in workers {
        let answer = worker.answer();
        assert_eq!(answer.errors, BTreeSet::new(), "round {round}");
        assert_eq!(answer.tokens.len(), 1, "round {round}");
        assert!(answer.tokens.iter().all(|token| issuer.is_live(token)), "round {round}");
    }
    assert_eq!(issuer.requests(), round);
}

/// A kill at a random instant, of the lock's holder or of anyone. Either the survivors have a live
/// token, or the kill fell between the issuer's answer and the disk, and they are told so.
#[test]
fn survivors_of_a_kill_have_a_live_token_or_know_that_a_rotation_was_interrupted() {
    let rounds = sweep(20, 200);
    let (mut lived, mut interrupted) = (0, 0);
    for round in 0..rounds {
        let (issuer, folder) = (rotating(), Folder::new());
        folder.consent(&issuer);
        let mut workers = folder.workers(&issuer, 4);
        workers.iter_mut().for_each(Worker::ask);
        let fate = Duration::from_micros(fastrand::u64(0..60_000));
        let asked = Instant::now();
        while asked.elapsed() < fate {
            std::hint::spin_loop();
        }
        let holder = folder.holder().filter(|_| round % 2 == 0);
        let victim = workers.iter().position(|it| Some(it.child.id()) == holder).unwrap_or(0);
        let mut dead = workers.swap_remove(victim);
        dead.child.kill().unwrap();
        dead.child.wait().unwrap();

        let answers: Vec<_> = workers.iter_mut().map(Worker::answer).collect();
        let requests = issuer.requests();
        if answers.iter().all(|it| it.errors.is_empty()) {
            lived += 1;
            let tokens: BTreeSet<_> = answers.iter().flat_map(|it| &it.tokens).collect();
            assert!(!tokens.is_empty() && tokens.iter().all(|token| issuer.is_live(token)));
            assert!(requests <= 2, "round {round}: {requests} requests");
        } else {
            interrupted += 1;
            for answer in &answers {
                let told: Vec<_> = answer.errors.iter().map(String::as_str).collect();
                assert_eq!(told, ["RotationInterrupted"], "round {round}");
                assert!(answer.tokens.is_empty());
            }
            // The dead one's request was answered, and its refresh token presented once more.
            assert_eq!(requests, 2, "round {round}");
            let presented = issuer.recorded();
            assert_eq!(presented[0].refresh_token, presented[1].refresh_token, "round {round}");
            // New consent heals those who are still there.
            folder.consent(&issuer);
            workers.iter_mut().for_each(Worker::ask);
            for worker in &mut workers {
                let answer = worker.answer();
                assert_eq!(answer.errors, BTreeSet::new(), "round {round}");
                assert!(answer.tokens.iter().all(|token| issuer.is_live(token)));
            }
        }
    }
    println!("{rounds} kills: {lived} times all lived, {interrupted} times interrupted");
}

#[test]
fn a_dead_grant_is_presented_once_by_four_processes_and_new_consent_heals_them() {
    let (issuer, folder) = (rotating(), Folder::new());
    folder.consent(&issuer);
    issuer.revoke_all();
    let mut workers = folder.workers(&issuer, 1);
    workers.truncate(4);
    for _ in 0..5 {
        workers.iter_mut().for_each(Worker::ask);
        for worker in &mut workers {
            assert_eq!(worker.answer().errors, BTreeSet::from(["ConsentNeeded".to_owned()]));
        }
    }
    assert_eq!(issuer.requests(), 1);

    folder.consent(&issuer);
    workers.iter_mut().for_each(Worker::ask);
    for worker in &mut workers {
        let answer = worker.answer();
        assert_eq!(answer.errors, BTreeSet::new());
        assert!(answer.tokens.iter().all(|token| issuer.is_live(token)));
    }
    assert_eq!(issuer.requests(), 2);
}

#[test]
fn a_stopped_holder_is_named_and_nothing_is_lost_when_it_goes_on() {
    let (issuer, folder) = (rotating(), Folder::new());
    folder.consent(&issuer);
    let mut workers = folder.workers(&issuer, 1);
    workers.truncate(2);
    issuer.fail_next(Fault::Gate);
    let (stopped, other) = workers.split_at_mut(1);
    let (stopped, other) = (&mut stopped[0], &mut other[0]);
    stopped.ask();
    assert!(issuer.wait_for_requests(1, Duration::from_secs(20)));
    signal(&stopped.child, Signal::STOP);
    issuer.open_gate();

    other.ask();
    let answer = other.answer();
    assert_eq!(answer.errors, BTreeSet::from(["LeaseHeld".to_owned()]));
    assert!(answer.told[0].contains(&format!("process {}", stopped.child.id())), "{answer:?}");
    assert_eq!(issuer.requests(), 1);

    signal(&stopped.child, Signal::CONT);
    let first = stopped.answer();
    other.ask();
    let second = other.answer();
    assert_eq!((&first.errors, &second.errors), (&BTreeSet::new(), &BTreeSet::new()));
    assert_eq!(first.tokens, second.tokens);
    assert!(first.tokens.iter().all(|token| issuer.is_live(token)));
    assert_eq!(issuer.requests(), 1);
}

fn signal(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(child.id().try_into().unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

/// A folder of secrets that several processes use.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(private_folder())
    }

    fn state(&self) -> PathBuf {
        self.0.path().join("token.json")
    }

    fn seed(&self) -> PathBuf {
        self.0.path().join("refresh_token.json")
    }

    fn consent(&self, issuer: &Issuer) {
        let new = self.0.path().join("new");
        put(&new, &json!({ "refresh_token": issuer.consent() }));
        std::fs::rename(new, self.seed()).unwrap();
    }

    /// As a tool that wrote no expiry: it is refreshed once.
    fn expire(&self) {
        if let Ok(text) = std::fs::read(self.state()) {
            let mut state: Value = serde_json::from_slice(&text).unwrap();
            state["expiry"] = Value::Null;
            put(&self.state(), &state);
        }
    }

    fn holder(&self) -> Option<u32> {
        let lock = std::fs::read(self.0.path().join("token.json.lock")).ok()?;
        let lock: Value = serde_json::from_slice(&lock).ok()?;
        u32::try_from(lock["pid"].as_u64()?).ok()
    }

    /// What a worker has to know.
    fn order(&self, issuer: &Issuer, tasks: usize) -> Value {
        json!({
            "state": self.state(),
            "seed": self.seed(),
            "token_uri": issuer.token_uri(),
            "client_id": issuer.client_id(),
            "client_secret": issuer.client_secret(),
            "tasks": tasks,
        })
    }

    fn workers(&self, issuer: &Issuer, tasks: usize) -> Vec<Worker> {
        let order = self.order(issuer, tasks);
        let mut workers: Vec<_> = (0..PROCESSES).map(|_| Worker::spawn(&order)).collect();
        workers.iter_mut().for_each(Worker::wait_until_ready);
        workers
    }
}

/// This test's binary once more, as a process that gets tokens when it is told to.
struct Worker {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

#[derive(Debug)]
struct Answer {
    tokens: BTreeSet<String>,
    errors: BTreeSet<String>,
    told: Vec<String>,
}

impl Worker {
    fn spawn(order: &Value) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "processes::a_process_gets_a_token_when_it_is_told_to",
                "--exact",
                "--nocapture",
            ])
            .env("JADA_WORKER", order.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (orders, answers) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, orders, answers: BufReader::new(answers) }
    }

    fn wait_until_ready(&mut self) {
        assert_eq!(self.line(), json!("ready"));
    }

    fn ask(&mut self) {
        self.orders.write_all(b"token\n").unwrap();
    }

    fn answer(&mut self) -> Answer {
        let answer = self.line();
        let texts = |key: &str| {
            let texts = answer[key].as_array().unwrap().iter();
            texts.map(|text| text.as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let (tokens, errors) = (texts("tokens"), texts("errors"));
        let (tokens, errors) = (tokens.into_iter().collect(), errors.into_iter().collect());
        Answer { tokens, errors, told: texts("told") }
    }

    /// The next line that is ours; the test harness prints its own.
    fn line(&mut self) -> Value {
        loop {
            let mut line = String::new();
            assert_ne!(self.answers.read_line(&mut line).unwrap(), 0, "the worker ended");
            if let Some((_, ours)) = line.split_once(MARK) {
                return serde_json::from_str(ours).unwrap();
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

/// Where this process is the one that a test has started: the provider that it was ordered to have.
fn ordered() -> Option<(SharedProvider, Value)> {
    let order = std::env::var("JADA_WORKER").ok()?;
    let order: Value = serde_json::from_str(&order).unwrap();
    let text = |key: &str| order[key].as_str().unwrap().to_owned();
    let client = OAuthClient::new(text("client_id"), text("token_uri"));
    let source = RefreshToken::builder(client.with_secret(text("client_secret"))).build().unwrap();
    let store = FileStore::new(text("state")).with_seed(text("seed"));
    let provider = SharedProvider::builder(source, store, scopes("mail drive")).build();
    Some((provider, order))
}

/// The worker of the tests above; by itself it is asked once, as they ask it.
#[test]
fn a_process_gets_a_token_when_it_is_told_to() {
    if let Some((provider, order)) = ordered() {
        return work(&provider, &order);
    }
    let (issuer, folder) = (rotating(), Folder::new());
    folder.consent(&issuer);
    one_round_of(&mut folder.workers(&issuer, 1)[..1], &issuer, 1);
}

fn work(provider: &SharedProvider, order: &Value) {
    let tasks = order["tasks"].as_u64().unwrap();

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    println!("{MARK}{}", json!("ready"));
    for _ in std::io::stdin().lines() {
        let answer = runtime.block_on(async {
            let calls = (0..tasks).map(|_| {
                let provider = provider.clone();
                tokio::spawn(async move { provider.token(&scopes("mail")).await })
            });
            let calls: Vec<_> = calls.collect();
            let (mut tokens, mut errors) = (BTreeSet::new(), BTreeSet::new());
            let mut told = Vec::new();
            for call in calls {
                match call.await.unwrap() {
                    Ok(token) => drop(tokens.insert(token.secret().expose().to_owned())),
                    Err(error) => {
                        let name = format!("{error:?}");
                        errors.insert(name.split([' ', '{']).next().unwrap().to_owned());
                        told.push(error.to_string());
                    }
                }
            }
            json!({ "tokens": tokens, "errors": errors, "told": told })
        });
        println!("{MARK}{answer}");
    }
    runtime.block_on(provider.shutdown()).unwrap();
}

/// Readers beside a process that refreshes all the time and is killed again and again.
#[test]
fn a_kill_during_refresh_never_leaves_a_bad_file() {
    if let Some((provider, _)) = ordered() {
        return refresh_forever(&provider);
    }
    let kills = sweep(20, 500);
    let issuer = Issuer::builder().scope("mail drive").start().unwrap();
    let folder = Folder::new();
    folder.consent(&issuer);
    let order = folder.order(&issuer, 1);
    let over = std::sync::atomic::AtomicBool::new(false);
    let reads = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2).map(|_| scope.spawn(|| read_until(&over, &folder))).collect();
        for _ in 0..kills {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args([
                    "processes::a_kill_during_refresh_never_leaves_a_bad_file",
                    "--exact",
                    "--nocapture",
                ])
                .env("JADA_WORKER", order.to_string())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
            assert!(lines.any(|line| line.unwrap().contains(MARK)), "the worker ended");
            std::thread::sleep(Duration::from_micros(fastrand::u64(0..150_000)));
            child.kill().unwrap();
            child.wait().unwrap();
        }
        over.store(true, std::sync::atomic::Ordering::Relaxed);
        readers.into_iter().map(|reader| reader.join().unwrap()).sum::<usize>()
    });
    assert!(issuer.requests() > kills / 2 && reads > kills, "{} requests", issuer.requests());
    println!("{kills} kills in {} refreshes beside {reads} reads", issuer.requests());
}

fn read_until(over: &std::sync::atomic::AtomicBool, folder: &Folder) -> usize {
    let store = FileStore::new(folder.state()).with_seed(folder.seed());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (mut reads, mut generation) = (0, 0);
    while !over.load(std::sync::atomic::Ordering::Relaxed) {
        let state = runtime.block_on(store.load()).unwrap();
        assert!(state.refresh_token.is_some());
        assert!(state.generation >= generation, "{} after {generation}", state.generation);
        (reads, generation) = (reads + 1, state.generation);
    }
    reads
}

fn refresh_forever(provider: &SharedProvider) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        println!("{MARK}{}", json!("ready"));
        loop {
            provider.refresh().await.unwrap();
        }
    });
}
