//! `call_to_crew` and `dispatcher` as an operator runs them.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use jada_mail::Received;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::program::{Bench, Ended, command, run_example, terminate};

const CHARTERS: &str = "\
charter_id,date,guest,total,currency,status,kind,brand,notes,hours,harbour
C-1,DAY,Ann Rivers,7654,USD,confirmed,charter,Example Sails,Pays $321 on board,09:00-12:00,
C-2,DAY,Bo Field,100,USD,pending,charter,Example Sails,,13:00-17:00,
";

const DESK: &str = "--db office.db --outbox outbox --time-zone America/New_York --quiet never --from crew@example.com --operations ops@example.com";

/// A folder with a database of these charters, which sail in three weeks, and of nobody.
fn office_without_crew(charters: &str) -> Bench {
    let bench = Bench::new();
    let day = (Timestamp::now() + SignedDuration::from_hours(21 * 24)).to_string()[..10].to_owned();
    bench.write("charters.csv", &charters.replace("DAY", &day));
    let words = format!("--charters charters.csv --month {} --db office.db", &day[..7]);
    let stated = bench.run(&words);
    assert_eq!(stated.status, 0, "{}", stated.stderr);
    bench
}

pub(crate) fn office() -> Bench {
    office_of(CHARTERS)
}

/// The same with the bundled crew.
fn office_of(charters: &str) -> Bench {
    let bench = office_without_crew(charters);
    bench.write("crew.csv", jada_examples::CREW);
    let imported = run(&bench, "crew", "import crew.csv --db office.db");
    assert_eq!(imported.status, 0, "{}", imported.stderr);
    bench
}

fn run(bench: &Bench, example: &str, words: &str) -> Ended {
    run_example(example, words, &bench.path(""), &[("JADA_SECRETS_DIR", "secrets")])
}

pub(crate) fn mails(bench: &Bench) -> Vec<Received> {
    let Ok(entries) = fs::read_dir(bench.path("outbox/eml")) else {
        return Vec::new();
    };
    let read = |entry: std::io::Result<fs::DirEntry>| fs::read(entry.unwrap().path()).unwrap();
    entries.map(|entry| Received::parse(&read(entry)).unwrap()).collect()
}

/// Calls the crew of a charter.
pub(crate) fn call(bench: &Bench, charter: &str) {
    let called = run(bench, "call_to_crew", &format!("--charter {charter} {DESK}"));
    assert_eq!(called.status, 0, "{}", called.stderr);
}

fn json(ended: &Ended) -> Value {
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    serde_json::from_str(&ended.stdout).unwrap()
}

#[test]
fn a_charter_is_called_for_once_however_often_it_is_asked() {
    let bench = office();
    let words = format!("--charter C-1 {DESK} --json");
    let dry = run(&bench, "call_to_crew", &format!("{words} --dry-run"));
    let waves = json(&dry)["waves"].as_array().unwrap().len();
    assert!(waves > 0 && mails(&bench).is_empty(), "nothing is written");

    let first = json(&run(&bench, "call_to_crew", &words));
    let asked = first["asked"].as_array().unwrap().len();
    assert!(asked > 0);
    assert_eq!(
        (first["phase"].as_str(), first["mailed"].as_u64()),
        (Some("calling"), Some(asked as u64))
    );
    assert_eq!(first["sent"].as_u64(), Some(asked as u64));
    let again = json(&run(&bench, "call_to_crew", &words));
    assert_eq!((again["mailed"].as_u64(), &again["asked"]), (Some(0), &first["asked"]));
    let sent = mails(&bench);
    assert_eq!(sent.len(), asked);
    for mail in sent {
        let text = mail.text();
        assert!(
            text.contains("token=") && !text.contains("321") && !text.contains("7654"),
            "{text}"
        );
        assert_eq!(mail.cc()[0].email(), "ops@example.com");
    }
}

#[test]
fn a_charter_that_is_not_confirmed_is_not_called_for() {
    let bench = office();
    let refused = run(&bench, "call_to_crew", &format!("--charter C-2 {DESK}"));
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("charter `C-2` is pending"), "{}", refused.stderr);
    assert!(mails(&bench).is_empty());
}

#[test]
fn a_bundled_charter_is_called_for_without_a_store() {
    let bench = Bench::new();
    let called = json(&run(&bench, "call_to_crew", "--charter JUL-018 --json"));
    assert!(called["sent"].as_u64().unwrap() > 0, "{called}");
    assert_eq!(mails(&bench).len() as u64, called["sent"].as_u64().unwrap());
}

#[test]
fn dispatchers_at_once_call_everyone_once_and_say_how_they_do() {
    let bench = office();
    let once =
        |state: &str| run(&bench, "dispatcher", &format!("{DESK} --once --json --state {state}"));
    let looks = std::thread::scope(|scope| {
        let two = ["a", "b"].map(|state| scope.spawn(move || once(state)));
        two.map(|look| look.join().unwrap())
    });
    for look in &looks {
        assert_eq!(look.status, 0, "{}", look.stderr);
    }
    let shown = json(&run(&bench, "call_to_crew", &format!("--charter C-1 {DESK} --json")));
    let asked = shown["asked"].as_array().unwrap().len();
    assert!(asked > 0);
    assert_eq!(mails(&bench).len(), asked);
    let check = run(&bench, "dispatcher", &format!("{DESK} --check --state a"));
    assert_eq!(check.status, 0, "{}", check.stderr);
}

#[test]
fn a_dispatcher_is_loud_when_nobody_is_left() {
    let bench = office_without_crew(CHARTERS);
    for _ in 0..2 {
        let look = run(&bench, "dispatcher", &format!("{DESK} --once --state state"));
        assert_eq!(look.status, 1, "{}", look.stderr);
        assert!(look.stderr.contains("nobody is left to call for C-1"), "{}", look.stderr);
    }
    let sent = mails(&bench);
    assert_eq!(sent.len(), 1, "operations are told once");
    assert_eq!(sent[0].to()[0].email(), "ops@example.com");
    let check = run(&bench, "dispatcher", &format!("{DESK} --check --state state"));
    assert_eq!(check.status, 1, "{}", check.stderr);
}

/// A dispatcher that runs, and tells what it does line by line.
struct Dispatcher {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Dispatcher {
    fn start(bench: &Bench, words: &str) -> Self {
        let mut command =
            command("dispatcher", &bench.path(""), &[("JADA_SECRETS_DIR", "secrets")]);
        command.args(words.split_whitespace()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdout }
    }

    /// How many mails the next look in which there were some has queued.
    fn mailed(&mut self) -> u64 {
        loop {
            let mut line = String::new();
            assert!(self.stdout.read_line(&mut line).unwrap() > 0, "it has ended");
            let look: Value = serde_json::from_str(&line).unwrap();
            if let Some(mailed) = look["mailed"].as_u64().filter(|mailed| *mailed > 0) {
                return mailed;
            }
        }
    }

    fn stop(mut self) -> i32 {
        terminate(&self.child);
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Dispatcher {
    fn drop(&mut self) {
        // It has ended by itself in tests that hold.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_dispatcher_that_follows_the_stream_calls_as_soon_as_a_charter_is_confirmed() {
    let bench = office();
    let words = format!("{DESK} --streams --every 1h --poll 1h --json --state state");
    let mut dispatcher = Dispatcher::start(&bench, &words);
    let first = dispatcher.mailed();
    let confirmed = run(&bench, "charter", "status C-2 confirmed --db office.db");
    assert_eq!(confirmed.status, 0, "{}", confirmed.stderr);
    assert_eq!(dispatcher.mailed(), first, "the same crew, for another time of that day");
    assert_eq!(dispatcher.stop(), 0);

    // Whoever comes next need not wait for the share of the one that was stopped.
    let mut next = Dispatcher::start(&bench, &words);
    let cancelled = run(&bench, "charter", "status C-2 cancelled --db office.db");
    assert_eq!(cancelled.status, 0, "{}", cancelled.stderr);
    assert_eq!(next.mailed(), first);
    assert_eq!(next.stop(), 0);
    let off = mails(&bench).iter().filter(|mail| mail.subject().contains("Called off")).count();
    assert_eq!(off as u64, first);
}

#[test]
fn a_charter_that_cannot_be_called_for_is_told_at_every_look_until_it_is_mended() {
    let bench = office_of(&CHARTERS.replace("09:00-12:00", "at nine"));
    let words = format!("{DESK} --once --state state");
    for _ in 0..2 {
        let look = run(&bench, "dispatcher", &words);
        assert_eq!(look.status, 1, "{}", look.stderr);
        assert!(look.stderr.contains("charter `C-1`"), "{}", look.stderr);
        assert!(look.stderr.contains("at nine"), "{}", look.stderr);
    }
    assert!(mails(&bench).is_empty());
}
