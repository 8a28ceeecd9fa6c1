//! `booking_changes` as an operator and a service run it, against an issuer and a Sheets on loopback.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use jada_loopback_issuer::{Sheets, SheetsFault, SheetsMethod, When};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    program::{Ended, command, terminate},
    tokens::Secrets,
};

const SCOPE: &str = "https://www.googleapis.com/auth/spreadsheets";
const TAB: &str = "Bookings";
const HEADER: [&str; 10] = [
    "charter_id",
    "date",
    "guest",
    "total",
    "currency",
    "status",
    "kind",
    "brand",
    "notes",
    "paid",
];
const DRAIN: &str = "drain --sheet book --tab Bookings";

/// An office with an account, a tab of bookings in which people work too, and no change yet.
struct Office {
    folder: TempDir,
    secrets: Secrets,
    sheets: Sheets,
}

impl Office {
    fn open() -> Self {
        let row = |id: &'static str, guest: &'static str, paid: &'static str| {
            [id, "46145", guest, "", "USD", "pending", "charter", "", "", paid]
        };
        let rows =
            [HEADER, row("C-1", "Ann", "yes"), row("C-2", "Bo", ""), row("X-1", "Fay", "=A2")];
        let sheets = Sheets::builder().token("at", [SCOPE]).tab(TAB, rows).start().unwrap();
        let folder = tempfile::tempdir().unwrap();
        Self { folder, secrets: Secrets::granting(SCOPE), sheets }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, words: &str) -> Command {
        let endpoint = self.sheets.endpoint();
        let environment =
            [("JADA_SECRETS_DIR", self.secrets.folder()), ("JADA_GOOGLE_ENDPOINT", &*endpoint)];
        let mut command = command("booking_changes", self.folder.path(), &environment);
        command.args(words.split_whitespace());
        command
    }

    /// Runs it to its end; no secret is among what it says.
    fn run(&self, words: &str) -> Ended {
        let ended = Ended::of(&mut self.command(words));
        let said = format!("{}{}", ended.stdout, ended.stderr);
        assert!(self.secrets.all().iter().all(|secret| !said.contains(secret)), "{said}");
        ended
    }

    /// A service tells by stdin that a booking is so by now.
    fn push(&self, booking: &Value) {
        let mut command = self.command("push");
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(booking.to_string().as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.stdout, b"1 change is on disk\n");
        assert!(output.status.success() && output.stderr.is_empty());
    }

    fn start(&self, words: &str) -> Child {
        let mut command = self.command(words);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Google turns away the next request.
    fn outage(&self) {
        self.sheets.fail_next(SheetsMethod::Get, SheetsFault::TooManyRequests(Some(HOUR)));
    }

    /// What is in the tab, row by row, a formula as it was entered.
    fn shown(&self) -> Vec<Vec<String>> {
        let text = |value: &jada_loopback_issuer::SheetValue| match value {
            jada_loopback_issuer::SheetValue::Formula(formula) => formula.clone(),
            other => other.text(),
        };
        let rows = self.sheets.tab(TAB).unwrap().values();
        rows.iter().map(|row| row.iter().map(text).collect()).collect()
    }

    fn status(&self) -> Value {
        serde_json::from_str(&self.run("status --json").stdout).unwrap()
    }

    fn health(&self) -> Value {
        let health = fs::read(self.path("booking-changes/health.json")).unwrap();
        serde_json::from_slice(&health).unwrap()
    }
}

fn booking(id: &str, guest: &str, status: &str) -> Value {
    json!({
        "charter_id": id, "date": "2026-05-03", "guest": guest, "total": 1234.5, "currency": "USD",
        "status": status, "kind": "charter",
    })
}

fn shown(id: &str, guest: &str, status: &str, paid: &str) -> Vec<String> {
    let row = [id, "46145", guest, "1234.5", "USD", status, "charter", "", "", paid];
    let row = row.map(str::to_owned).to_vec();
    // Blank cells at the end are not there.
    row[..row.iter().rposition(|cell| !cell.is_empty()).unwrap() + 1].to_vec()
}

#[test]
fn what_is_pushed_is_on_disk_and_one_write_brings_it_and_nothing_else_changes() {
    let office = Office::open();
    let before = office.shown();
    office.push(&booking("C-1", "Ann Rivers", "confirmed"));
    office.push(&booking("C-3", "=1+1", "pending"));
    let mut deleted = office.command("push --deleted");
    assert_eq!(Ended::of(deleted.arg(" C-2 ")).stdout, "1 change is on disk\n");
    assert_eq!((office.sheets.requests(), office.shown()), (0, before.clone()));
    let status = office.run("status");
    assert_eq!((status.status, status.stdout.lines().count()), (3, 4), "{}", status.stderr);
    assert!(status.stderr.contains("3 changes wait; `booking_changes drain`"), "{}", status.stderr);

    let ended = office.run(DRAIN);
    assert_eq!((ended.status, &*ended.stderr), (0, ""));
    assert_eq!(ended.stdout, "3 applied: 1 added, 1 changed, 0 unchanged, 1 removed\n");
    let after = office.shown();
    assert_eq!(after[1], shown("C-1", "Ann Rivers", "confirmed", "yes"));
    assert_eq!((after[2].len(), &after[3], &after[0]), (0, &before[3], &before[0]));
    assert_eq!(after[4], shown("C-3", "=1+1", "pending", ""));
    assert_eq!((after.len(), office.sheets.calls(SheetsMethod::BatchUpdate)), (5, 1));
    let status = office.run("status");
    assert_eq!((status.status, &*status.stdout), (0, "0 waiting, 0 dead\n"));
    assert_eq!(office.run(DRAIN).stdout, "0 applied: 0 added, 0 changed, 0 unchanged, 0 removed\n");
    assert_eq!(office.run("drain --check").status, 0);
    let journal = fs::read_to_string(office.path("booking-changes/journal.jsonl")).unwrap();
    assert!(journal.contains(r#""applied":{"count":3,"first":["C-1","C-3","C-2"]}"#), "{journal}");
}

#[test]
fn of_a_file_all_bookings_are_pushed_or_none() {
    let office = Office::open();
    let file = office.path("changes.json");
    let bookings = [booking("C-1", "Ann", "confirmed"), json!({ "guest": "Bo" })];
    fs::write(&file, json!(bookings).to_string()).unwrap();
    let ended = office.run("push changes.json");
    assert!(ended.error().contains("booking 2 has no `charter_id`"), "{}", ended.stderr);
    assert!(office.run("push nowhere.json").error().contains("`nowhere.json` cannot be read"));
    assert_eq!(office.status()["waiting"], json!([]));
    fs::write(&file, json!(bookings[..1]).to_string()).unwrap();
    let pushed = office.run("push changes.json --deleted C-9 --json").summary();
    assert_eq!(pushed, json!({ "pushed": ["C-1", "C-9"] }));
}

#[test]
fn two_changes_of_one_booking_while_google_is_down_arrive_as_one() {
    let office = Office::open();
    office.push(&booking("C-1", "Ann Rivers", "pending"));
    office.outage();
    let ended = office.run(DRAIN);
    assert_eq!(ended.status, 3, "{}", ended.stderr);
    assert!(ended.stderr.contains("fails since "), "{}", ended.stderr);
    assert_eq!(
        (office.run("drain --check").status, office.health()["failures"].clone()),
        (3, json!(1))
    );
    let waits = office.run("status");
    assert!(waits.status == 3 && waits.stderr.contains("1 change waits: "), "{}", waits.stderr);
    assert!(waits.stderr.contains("; it is tried again from 2"), "{}", waits.stderr);
    assert_eq!(office.sheets.calls(SheetsMethod::BatchUpdate), 0);

    office.push(&booking("C-1", "Ann Brooks", "confirmed"));
    let ended = office.run(DRAIN);
    assert_eq!(ended.stdout, "1 applied: 0 added, 1 changed, 0 unchanged, 0 removed\n");
    assert!(ended.stderr.contains("is good again"), "{}", ended.stderr);
    assert_eq!(office.shown()[1], shown("C-1", "Ann Brooks", "confirmed", "yes"));
    assert_eq!(office.sheets.calls(SheetsMethod::BatchUpdate), 1);
}

#[test]
fn a_deleted_booking_in_whose_row_others_have_something_is_told_and_stays() {
    let office = Office::open();
    let before = office.shown();
    office.run("push --deleted C-1 --deleted C-99");
    let ended = office.run(DRAIN);
    let told = "2 applied: 0 added, 0 changed, 0 unchanged, 0 removed, 1 in the tab alone: C-1\n";
    assert_eq!((ended.status, &*ended.stdout), (0, told), "{}", ended.stderr);
    assert_eq!(office.shown(), before);
}

#[test]
fn a_change_with_a_bad_row_is_given_up_with_the_reason_until_a_person_decides() {
    let office = Office::open();
    let mut bad = booking("C-9", "Ida", "confirmed");
    bad["date"] = json!("May 3rd");
    office.push(&bad);
    office.push(&booking("C-1", "Ann Rivers", "confirmed"));
    let ended = office.run(DRAIN);
    let line = ended.error();
    for part in [
        "booking-changes book/Bookings fails since 2",
        "1 applied; 1 change was given up: `C-9`: ",
        "date `May 3rd`",
        "`booking_changes status` lists them, `revive C-9` tries it again, `discard C-9` drops it",
    ] {
        assert!(line.contains(part), "{line}");
    }
    assert_eq!(
        ended.stderr.lines().next().unwrap(),
        "alert: booking-changes book/Bookings fails until somebody mends it"
    );
    assert_eq!(office.shown()[1], shown("C-1", "Ann Rivers", "confirmed", "yes"));
    let dead = fs::read_dir(office.path("booking-changes/changes/dead")).unwrap().count();
    let status = office.status();
    assert_eq!((dead, &status["waiting"]), (1, &json!([])));
    assert!(status["dead"][0]["failure"]["why"].as_str().unwrap().contains("May 3rd"), "{status}");

    // It is said again until then, and holds nothing else up.
    office.push(&booking("C-2", "Bo", "confirmed"));
    let ended = office.run(DRAIN);
    assert!(ended.error().contains("1 applied; 1 change was given up"), "{}", ended.stderr);
    assert_eq!((office.run("status").status, office.run("drain --check").status), (1, 1));
    assert_eq!(office.run("revive C-9").stdout.lines().last(), Some("1 waiting, 0 dead"));
    assert!(office.run(DRAIN).error().contains("`C-9`"));
    assert_eq!(office.run("discard C-9").stdout, "0 waiting, 0 dead\n");
    let ended = office.run(DRAIN);
    assert!(ended.status == 0 && ended.stderr.contains("is good again"), "{}", ended.stderr);
    assert!(office.run("discard C-9").error().contains("there is no change `C-9`"));
}

#[test]
fn a_corrected_booking_takes_the_place_of_one_that_was_given_up() {
    let office = Office::open();
    let mut bad = booking("C-9", "Ida", "confirmed");
    bad["date"] = json!("May 3rd");
    office.push(&bad);
    assert_eq!(office.run(DRAIN).status, 1);
    office.push(&booking("C-9", "Ida", "confirmed"));
    let ended = office.run(DRAIN);
    assert_eq!(
        ended.stdout, "1 applied: 1 added, 0 changed, 0 unchanged, 0 removed\n",
        "{}",
        ended.stderr
    );
}

#[test]
fn a_kill_between_the_write_and_its_acknowledgement_applies_again_and_does_no_harm() {
    let office = Office::open();
    office.push(&booking("C-1", "Ann Rivers", "confirmed"));
    office.run("push --deleted C-2");
    office.sheets.fail_next(SheetsMethod::BatchUpdate, SheetsFault::Hang(When::After));
    let mut child = office.start(DRAIN);
    assert!(office.sheets.wait_for_requests(2, Duration::from_secs(20)));
    while office.sheets.calls(SheetsMethod::BatchUpdate) == 0 {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let after = office.shown();
    assert_eq!((&after[1], after[2].len()), (&shown("C-1", "Ann Rivers", "confirmed", "yes"), 0));
    assert_eq!(office.status()["waiting"].as_array().unwrap().len(), 2);

    let ended = office.run(DRAIN);
    assert_eq!(ended.stdout, "2 applied: 0 added, 0 changed, 1 unchanged, 0 removed\n");
    assert!(ended.stderr.starts_with("alert: "), "a run was cut off: {}", ended.stderr);
    assert_eq!((office.shown(), office.sheets.calls(SheetsMethod::BatchUpdate)), (after, 1));
    assert_eq!(office.run("status").status, 0);
}

#[test]
fn a_drainer_brings_a_change_as_it_comes_and_ends_on_a_signal() {
    let office = Office::open();
    let mut child = office.start(&format!("{DRAIN} --every 4h --json"));
    let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut brought =
        || -> Value { serde_json::from_str(&stdout.next().unwrap().unwrap()).unwrap() };
    assert_eq!(brought()["applied"]["count"], 0, "at once, whatever waits");
    for guest in ["Ann Rivers", "Ann Brooks"] {
        office.push(&booking("C-1", guest, "confirmed"));
        assert_eq!(brought()["applied"]["first"], json!(["C-1"]));
        assert_eq!(office.shown()[1], shown("C-1", guest, "confirmed", "yes"));
    }
    terminate(&child);
    assert!(child.wait().unwrap().success());
    assert_eq!(
        (&office.health()["status"], &office.health()["interval"]),
        (&json!("good"), &json!(14_400))
    );
}

#[test]
fn a_dead_grant_costs_no_attempt_and_after_consent_all_arrives() {
    let office = Office::open();
    office.push(&booking("C-1", "Ann Rivers", "confirmed"));
    assert_eq!(office.run(DRAIN).status, 0);
    office.secrets.issuer.revoke_all();
    office.secrets.expire();
    office.push(&booking("C-2", "Bo Lane", "confirmed"));
    let ended = office.run(DRAIN);
    assert_eq!(ended.status, 2, "{}", ended.stderr);
    assert!(ended.stderr.contains("run `reauth`"), "{}", ended.stderr);
    assert_eq!(office.status()["waiting"][0]["attempts"], 0);
    office.secrets.consent();
    let ended = office.run(DRAIN);
    assert_eq!(ended.stdout, "1 applied: 0 added, 1 changed, 0 unchanged, 0 removed\n");
}

const HOUR: Duration = Duration::from_secs(3600);
