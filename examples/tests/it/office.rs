//! An office on which crew are called: a database of charters and of the crew, and the programs that
//! call.

use std::fs;

use jada_mail::Received;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::program::{Bench, Ended, run_example};

pub(crate) const CHARTERS: &str = "\
charter_id,date,guest,total,currency,status,kind,brand,notes,hours,harbour
C-1,DAY,Ann Rivers,7654,USD,confirmed,charter,Example Sails,Pays $321 on board,09:00-12:00,
C-2,DAY,Bo Field,100,USD,pending,charter,Example Sails,,13:00-17:00,
";

/// What is said of calls, but by which clocks.
pub(crate) const CALLS: &str = "--db office.db --outbox outbox --quiet never --from crew@example.com --operations ops@example.com --answers https://crew.example.com/crew/answer";

pub(crate) const DESK: &str = "--db office.db --outbox outbox --quiet never --from crew@example.com --operations ops@example.com --answers https://crew.example.com/crew/answer --time-zone America/New_York";

/// A day, so many from today.
pub(crate) fn day(from_today: i64) -> String {
    (Timestamp::now() + SignedDuration::from_hours(from_today * 24)).to_string()[..10].to_owned()
}

/// A folder with a database of these charters, which sail in three weeks, and of nobody.
pub(crate) fn office_without_crew(charters: &str) -> Bench {
    let (bench, day) = (Bench::new(), day(21));
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
pub(crate) fn office_of(charters: &str) -> Bench {
    let bench = office_without_crew(charters);
    bench.write("crew.csv", jada_examples::CREW);
    let imported = run(&bench, "crew", "import crew.csv --db office.db");
    assert_eq!(imported.status, 0, "{}", imported.stderr);
    bench
}

pub(crate) fn run(bench: &Bench, example: &str, words: &str) -> Ended {
    run_example(example, words, &bench.path(""), &[("JADA_SECRETS_DIR", "secrets")])
}

/// The mails that have left this outbox.
pub(crate) fn mails(bench: &Bench, outbox: &str) -> Vec<Received> {
    let Ok(entries) = fs::read_dir(bench.path(outbox).join("eml")) else {
        return Vec::new();
    };
    let read = |entry: std::io::Result<fs::DirEntry>| fs::read(entry.unwrap().path()).unwrap();
    entries.map(|entry| Received::parse(&read(entry)).unwrap()).collect()
}

pub(crate) fn json(ended: &Ended) -> Value {
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    serde_json::from_str(&ended.stdout).unwrap()
}

/// Calls the crew of a charter.
pub(crate) fn call(bench: &Bench, charter: &str) {
    let called = run(bench, "call_to_crew", &format!("--charter {charter} {DESK}"));
    assert_eq!(called.status, 0, "{}", called.stderr);
}
