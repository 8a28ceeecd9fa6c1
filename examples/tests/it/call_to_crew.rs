//! `call_to_crew` and `dispatcher` as an operator runs them.

use std::fs;

use jada_mail::Received;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::program::{Bench, Ended, run_example};

const CHARTERS: &str = "\
charter_id,date,guest,total,currency,status,kind,brand,notes,hours,harbour
C-1,DAY,Ann Rivers,7654,USD,confirmed,charter,Example Sails,Pays $321 on board,09:00-12:00,
C-2,DAY,Bo Field,100,USD,pending,charter,Example Sails,,13:00-17:00,
";

const DESK: &str = "--db office.db --outbox outbox --time-zone America/New_York --quiet never --from crew@example.com --operations ops@example.com";

/// A folder with a database of these charters, which sail in three weeks, and of nobody.
fn office_without_crew() -> Bench {
    let bench = Bench::new();
    let day = (Timestamp::now() + SignedDuration::from_hours(21 * 24)).to_string()[..10].to_owned();
    bench.write("charters.csv", &CHARTERS.replace("DAY", &day));
    let words = format!("--charters charters.csv --month {} --db office.db", &day[..7]);
    let stated = bench.run(&words);
    assert_eq!(stated.status, 0, "{}", stated.stderr);
    bench
}

/// The same with the bundled crew.
pub(crate) fn office() -> Bench {
    let bench = office_without_crew();
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
    let bench = office_without_crew();
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
