//! What was silent is loud: alerts that do not get through, a state that cannot be kept, and a grant
//! that dies while it runs.

use std::{
    fs,
    io::{BufRead, BufReader, Lines},
    process::{Child, ChildStderr, Command},
    time::Duration,
};

use jada_loopback_issuer::Issuer;
use serde_json::{Value, json};

use super::{ANN, BO, HEADER, Office, SCOPE, terminate};
use crate::{program::Ended, tokens::Secrets};

const BROKEN: &str = "--alert-to ops@example.com --alert-from sync@example.com --alert-via gmail \
                      --alert-secrets-dir nowhere";
const MENDED: &str = "--alert-to ops@example.com --alert-from sync@example.com --alert-via eml";

/// Its lines on stderr, as they come.
fn stderr_of(child: &mut Child) -> Lines<BufReader<ChildStderr>> {
    BufReader::new(child.stderr.take().unwrap()).lines()
}

fn ends_with(mut child: Child, stderr: Lines<BufReader<ChildStderr>>) -> (i32, Vec<String>) {
    terminate(&child);
    let rest = stderr.map(Result::unwrap).collect();
    (child.wait().unwrap().code().unwrap(), rest)
}

#[test]
fn a_broken_alert_account_keeps_no_sync_from_running_and_is_loud() {
    let office = Office::open();
    let ended = office.sync(BROKEN);
    assert_eq!(ended.stdout, "2 added, 0 changed, 0 unchanged, 0 removed\n", "{}", ended.stderr);
    let lines: Vec<_> = ended.stderr.lines().collect();
    let [warning, error] = lines[..] else { panic!("{lines:?}") };
    let why = "alerts by Gmail need an account: ";
    assert!(warning.starts_with(&format!("warning: nobody was alerted: {why}")), "{warning}");
    let expected = format!("error: nobody is alerted of sheet-sync book/Bookings: {why}");
    assert!(error.starts_with(&expected) && error.contains("nowhere"), "{error}");
    assert_eq!((ended.status, office.shown().len()), (1, 3));

    assert_eq!(office.health()["status"], "good");
    let problem = office.health()["alert_problem"]["why"].as_str().unwrap().to_owned();
    assert!(problem.starts_with(why), "{problem}");
    let journal = fs::read_to_string(office.path("sheet-sync/journal.jsonl")).unwrap();
    assert_eq!(journal.lines().count(), 1);
    let check = office.check("");
    assert_eq!(check.status, 1, "{}", check.stderr);
    assert!(check.stdout.contains(": good, ") && check.stdout.contains("nobody was alerted: "));
    assert!(check.stderr.starts_with(&expected), "{}", check.stderr);
}

#[test]
fn an_alert_that_could_not_leave_is_kept_and_leaves_with_a_later_run() {
    let office = Office::open();
    office.sync(BROKEN);
    office.grant_dies();
    for _ in 0..2 {
        let ended = office.sync(BROKEN);
        assert_eq!(ended.status, 2, "its own failure comes first: {}", ended.stderr);
        assert!(ended.stderr.contains("warning: nobody was alerted: "), "{}", ended.stderr);
    }
    assert_eq!(office.alerts(), [""; 0]);
    let told = "sheet-sync book/Bookings fails until somebody consents";
    assert_eq!(office.sync(MENDED).status, 2);
    assert_eq!(office.alerts(), [told]);
    assert_eq!(office.health()["alert_problem"], json!(null));
    assert_eq!(office.sync(MENDED).status, 2);
    assert_eq!(office.alerts(), [told], "once");
}

#[test]
fn alerts_that_do_not_get_through_are_told_once_while_it_runs_on() {
    let office = Office::open();
    let mut child = office.start(&format!("--every 1s --json {BROKEN}"));
    let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
    for _ in 0..3 {
        stdout.next().unwrap().unwrap();
    }
    let stderr = stderr_of(&mut child);
    let (status, lines) = ends_with(child, stderr);
    let [warning, error] = &lines[..] else { panic!("{lines:?}") };
    assert!(warning.starts_with("warning: nobody was alerted: "), "{warning}");
    assert!(error.starts_with("error: nobody is alerted of "), "{error}");
    assert_eq!(status, 1);
}

#[test]
fn a_state_that_cannot_be_kept_is_loud_and_leaves_by_an_outbox_elsewhere() {
    let office = Office::open();
    office.write("sheet-sync", "no folder");
    let ended = office.sync(&format!("{MENDED} --alert-outbox elsewhere"));
    assert_eq!(ended.status, 1);
    let lines: Vec<_> = ended.stderr.lines().collect();
    let [alert, error] = lines[..] else { panic!("{lines:?}") };
    let told = "sheet-sync book/Bookings cannot keep its state";
    assert_eq!(alert, format!("alert: {told}"));
    let expected = "error: its state in `sheet-sync` cannot be used; move `sheet-sync` away: there \
                    is to be a folder: sheet-sync could not be created";
    assert!(error.starts_with(expected), "{error}");
    assert_eq!(office.mails("elsewhere/eml"), [told]);
    assert_eq!(office.sheets.requests(), 0);
    let check = office.check("");
    assert!(check.error().contains("move `sheet-sync` away"), "{}", check.stderr);

    let ended = office.sync(MENDED);
    assert!(ended.stderr.contains("warning: nobody was alerted: "), "{}", ended.stderr);
}

#[test]
fn a_disk_that_takes_no_file_is_loud() {
    let office = Office::open();
    assert_eq!(office.sync("").status, 0);
    let health = office.health();
    let sync = office.command("--sheet book --tab Bookings --charters charters.csv");
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh"]);
    limited.arg(sync.get_program()).args(sync.get_args()).current_dir(office.folder.path());
    limited.envs(sync.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let ended = Ended::of(&mut limited);
    let lines: Vec<_> = ended.stderr.lines().collect();
    let [alert, error] = lines[..] else { panic!("{lines:?}") };
    assert_eq!(alert, "alert: sheet-sync book/Bookings cannot keep its state");
    assert!(error.contains("`sheet-sync`") && error.contains("ulimit"), "{error}");
    assert_eq!((ended.status, ended.stdout.as_str()), (1, ""));
    assert_eq!(office.health(), health, "the old one is whole");
    assert_eq!(office.sync("").status, 0);
}

#[test]
fn a_state_that_cannot_be_kept_is_told_once_and_it_goes_on_trying() {
    let office = Office::open();
    office.write("sheet-sync", "no folder");
    let mut child = office.start("--every 1s --json");
    let mut stderr = stderr_of(&mut child);
    let alert = stderr.next().unwrap().unwrap();
    let expected = "alert: sheet-sync book/Bookings cannot keep its state: sheet-sync could not be \
                    created: ";
    assert!(alert.starts_with(expected), "{alert}");
    assert!(alert.ends_with("; move `sheet-sync` away: there is to be a folder"), "{alert}");
    fs::remove_file(office.path("sheet-sync")).unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = stdout.next().unwrap().unwrap();
    assert!(first.contains("\"added\":[\"C-1\",\"C-2\"]"), "{first}");
    let recovered = stderr.next().unwrap().unwrap();
    assert!(recovered.starts_with("alert: sheet-sync book/Bookings is good again"), "{recovered}");
    assert_eq!(ends_with(child, stderr), (0, vec![]));
}

#[test]
fn one_that_could_keep_nothing_to_its_end_does_not_end_well() {
    let office = Office::open();
    assert_eq!(office.sync("").status, 0);
    fs::rename(office.path("sheet-sync"), office.path("before")).unwrap();
    office.write("sheet-sync", "no folder");
    let mut child = office.start("--every 1s");
    let mut stderr = stderr_of(&mut child);
    stderr.next().unwrap().unwrap();
    let (status, rest) = ends_with(child, stderr);
    let [error] = &rest[..] else { panic!("{rest:?}") };
    assert!(error.starts_with("error: sheet-sync book/Bookings fails since 2"), "{error}");
    assert!(status == 1 && error.ends_with("there is to be a folder"), "{status}: {error}");
}

#[test]
fn a_damaged_health_file_is_loud_and_rebuilt_by_the_next_run() {
    let office = Office::open();
    assert_eq!(office.sync("").status, 0);
    let good = office.health();
    office.write("sheet-sync/health.json", "{\"job\":");
    let check = office.check("");
    let expected = "error: sheet-sync/health.json could not be read: it is no health file (EOF";
    let line = check.error();
    assert!(line.starts_with(expected), "{line}");
    assert!(line.contains("the next run rebuilds it from the journal"), "{line}");

    let ended = office.sync("");
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    let lines: Vec<_> = ended.stderr.lines().collect();
    let [began, recovered] = lines[..] else { panic!("{lines:?}") };
    assert_eq!(began, "alert: sheet-sync book/Bookings fails");
    assert!(recovered.contains("is good again"), "{recovered}");
    assert_eq!(office.health()["watched_since"], good["last_run"]);
    assert_eq!(fs::read(office.path("sheet-sync/health.damaged.json")).unwrap(), b"{\"job\":");
    assert_eq!(office.check("").status, 0);
}

#[test]
fn a_grant_that_dies_while_it_runs_is_told_once_and_new_consent_heals_it_without_a_restart() {
    let mut office = Office::open();
    // So that it asks for another token before long.
    let short = Issuer::builder().rotating().scope(SCOPE).expires_in(Duration::from_secs(2));
    office.secrets = Secrets::of(short);
    let mut child = office.start(&format!("--every 1s --json --log json {MENDED}"));
    let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut report = || stdout.next().unwrap().unwrap();
    report();
    office.secrets.issuer.revoke_all();
    let mut stderr = stderr_of(&mut child);
    let mut events: Vec<Value> = Vec::new();
    let failed = |events: &[Value]| events.iter().filter(|it| said(it) == "a run failed").count();
    while failed(&events) < 2 {
        events.push(serde_json::from_str(&stderr.next().unwrap().unwrap()).unwrap());
    }
    let alerts: Vec<_> = events.iter().filter(|event| event["level"] == "ERROR").collect();
    let [alert] = alerts[..] else { panic!("{events:?}") };
    assert_eq!(said(alert), "sheet-sync book/Bookings fails until somebody consents");
    assert_eq!(alert["fields"]["mend"], "run `reauth`");

    let health = office.health();
    assert_eq!(health["status"], "needs-consent");
    assert_eq!(health["failure"]["mend"], "run `reauth`");
    let since = health["failing_since"].as_str().unwrap();
    assert_eq!(alert["fields"]["since"], since);
    let check = office.check("");
    assert_eq!(check.status, 2, "{}", check.stderr);
    assert!(check.stderr.contains(&since[..19]), "since {since}: {}", check.stderr);

    office.write("charters.csv", &[HEADER, ANN, BO, &ANN.replace("C-1", "C-3")].join("\n"));
    office.secrets.consent();
    while !report().contains("\"added\":[\"C-3\"]") {}
    assert_eq!(office.shown().len(), 4);
    let (status, rest) = ends_with(child, stderr);
    let rest: Vec<Value> = rest.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let recovered = rest.iter().filter(|event| said(event).contains("is good again after "));
    assert_eq!((status, recovered.count()), (0, 1), "{rest:?}");
    assert!(rest.iter().all(|event| event["level"] != "ERROR"), "{rest:?}");
    let mails = office.alerts();
    assert_eq!((mails.len(), &*mails[0]), (2, said(alert)), "{mails:?}");
}

fn said(event: &Value) -> &str {
    event["fields"]["message"].as_str().unwrap()
}
