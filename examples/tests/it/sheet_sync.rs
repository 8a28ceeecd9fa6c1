//! `sheet_sync` as an operator runs it, against an issuer and a Sheets on loopback.

mod exit_status;
mod loud;
mod pruning;

use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use jada_loopback_issuer::{Sheets, SheetsBuilder, SheetsFault, SheetsMethod, When};
use mail_parser::MessageParser;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    program::{Ended, command, terminate},
    tokens::Secrets,
};

const SCOPE: &str = "https://www.googleapis.com/auth/spreadsheets";
const TAB: &str = "Bookings";
const HEADER: &str = "charter_id,date,guest,total,currency,status,kind,brand,notes";
const ANN: &str = "C-1,2026-05-03,Ann Rivers,1234.50,USD,confirmed,charter,Harbor,";
const BO: &str = "C-2,2026-06-09,=1+1,,USD,pending,charter,Harbor,+1";

/// An office with an account, a spreadsheet, and a file of bookings.
struct Office {
    folder: TempDir,
    secrets: Secrets,
    sheets: Sheets,
}

impl Office {
    fn open() -> Self {
        Self::with(Sheets::builder().tab(TAB, [[""; 0]; 0]))
    }

    fn with(sheets: SheetsBuilder) -> Self {
        let sheets = sheets.token("at", [SCOPE]).start().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let office = Self { folder, secrets: Secrets::granting(SCOPE), sheets };
        office.write("charters.csv", &[HEADER, ANN, BO].join("\n"));
        office
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).unwrap();
    }

    fn command(&self, words: &str) -> Command {
        let endpoint = self.sheets.endpoint();
        let environment =
            [("JADA_SECRETS_DIR", self.secrets.folder()), ("JADA_GOOGLE_ENDPOINT", &*endpoint)];
        let mut command = command("sheet_sync", self.folder.path(), &environment);
        command.args(words.split_whitespace());
        command
    }

    /// Syncs the file of bookings once; no secret is among what it says.
    fn sync(&self, words: &str) -> Ended {
        let words = format!("--sheet book --tab {TAB} --charters charters.csv {words}");
        let ended = Ended::of(&mut self.command(&words));
        let said = format!("{}{}", ended.stdout, ended.stderr);
        assert!(self.secrets.all().iter().all(|secret| !said.contains(secret)), "{said}");
        ended
    }

    fn check(&self, words: &str) -> Ended {
        Ended::of(&mut self.command(&format!("--check {words}")))
    }

    fn start(&self, words: &str) -> Child {
        let words = format!("--sheet book --tab {TAB} --charters charters.csv {words}");
        let mut command = self.command(&words);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn grant_dies(&self) {
        self.secrets.issuer.revoke_all();
        self.secrets.expire();
    }

    fn health(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path("sheet-sync/health.json")).unwrap()).unwrap()
    }

    /// What the tab shows, row by row.
    fn shown(&self) -> Vec<Vec<String>> {
        let rows = self.sheets.tab(TAB).unwrap().values();
        rows.iter().map(|row| row.iter().map(|cell| cell.text()).collect()).collect()
    }

    /// The subjects of the mails that alerts have sent.
    fn alerts(&self) -> Vec<String> {
        self.mails("sheet-sync/outbox/eml")
    }

    fn mails(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).into_iter().flatten();
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let subject = |path: &PathBuf| {
            let bytes = fs::read(path).unwrap();
            MessageParser::new().parse(&bytes).unwrap().subject().unwrap().to_owned()
        };
        paths.iter().map(subject).collect()
    }
}

#[test]
fn bookings_arrive_as_they_are_and_the_same_again_change_nothing() {
    let office = Office::open();
    let report = office.sync("--json").summary();
    assert_eq!((&report["added"], &report["unchanged"]), (&json!(["C-1", "C-2"]), &json!(0)));
    let shown = office.shown();
    assert_eq!(shown[0].join(","), HEADER);
    assert_eq!((&*shown[1][0], &*shown[1][2], &*shown[1][3]), ("C-1", "Ann Rivers", "1234.5"));
    assert_eq!((&*shown[2][2], &*shown[2][8]), ("=1+1", "+1"), "as text");

    office.write("charters.csv", &[HEADER, &ANN.replace("Rivers", "Brooks"), BO].join("\n"));
    let ended = office.sync("--once");
    assert_eq!((ended.status, &*ended.stderr), (0, ""));
    assert_eq!(ended.stdout, "0 added, 1 changed, 1 unchanged, 0 removed\n");
    let requests = office.sheets.requests();
    assert_eq!(office.sync("").stdout, "0 added, 0 changed, 2 unchanged, 0 removed\n");
    assert_eq!(office.sheets.calls(SheetsMethod::BatchUpdate), 2);
    assert_eq!(office.sheets.requests(), requests + 1);

    let check = office.check("");
    assert_eq!((check.status, &*check.stderr), (0, ""));
    assert!(
        check.stdout.starts_with("sheet-sync book/Bookings: good, last good run "),
        "{}",
        check.stdout
    );
    assert_eq!(office.check("--json").summary()["status"], "good");
}

#[test]
fn a_spreadsheet_is_named_by_its_address_too_and_another_is_told_what_is_expected() {
    let office = Office::open();
    let words = format!("--tab {TAB} --charters charters.csv --sheet");
    let address = "https://docs.google.com/spreadsheets/d/book/edit#gid=0";
    let ended = Ended::of(&mut office.command(&format!("{words} {address}")));
    assert_eq!((ended.status, office.shown().len()), (0, 3), "{}", ended.stderr);
    assert_eq!(office.health()["job"], "sheet-sync book/Bookings");
    let wrong = "https://docs.google.com/document/d/book";
    let ended = Ended::of(&mut office.command(&format!("{words} {wrong}")));
    assert!(
        ended.error().contains("https://docs.google.com/spreadsheets/d/ID"),
        "{}",
        ended.stderr
    );
}

#[test]
fn the_bookings_of_a_database_are_synced_by_month() {
    let office = Office::open();
    let import = "--charters charters.csv --db charters.db --month 2026-05 --out out";
    let mut imports = command("monthly_statement", office.folder.path(), &[]);
    assert_eq!(Ended::of(imports.args(import.split_whitespace())).status, 0);
    let words = format!("--sheet book --tab {TAB} --db charters.db --month 2026-05 --json");
    let report = Ended::of(&mut office.command(&words)).summary();
    assert_eq!(report["added"], json!(["C-1"]));

    let words = format!("--sheet book --tab {TAB} --db other.db");
    let ended = Ended::of(&mut office.command(&words));
    assert!(ended.error().contains("`other.db` does not exist"), "{}", ended.stderr);
    assert_eq!(office.health()["status"], "needs-person");
}

#[test]
fn a_dead_grant_is_loud_once_and_new_consent_heals_it() {
    let office = Office::open();
    let words = "--alert-to ops@example.com --alert-from sync@example.com --alert-via eml";
    assert_eq!(office.sync(words).status, 0);
    office.grant_dies();
    let ended = office.sync(words);
    assert_eq!((ended.status, &*ended.stdout), (2, ""), "{}", ended.stderr);
    let lines: Vec<_> = ended.stderr.lines().collect();
    assert_eq!(lines[0], "alert: sheet-sync book/Bookings fails until somebody consents");
    assert!(lines[1].contains("last good run ") && lines[1].contains("run `reauth`"), "{lines:?}");
    assert_eq!((lines.len(), office.sync(words).stderr.lines().count()), (2, 1), "told once");

    let health = office.health();
    assert_eq!((&health["status"], &health["failures"]), (&json!("needs-consent"), &json!(2)));
    assert_eq!(health["failure"]["mend"], "run `reauth`");
    let check = office.check("");
    assert_eq!(check.status, 2, "{}", check.stderr);
    assert!(
        check.stdout.starts_with("sheet-sync book/Bookings: needs consent since 2"),
        "{}",
        check.stdout
    );
    assert_eq!(office.alerts(), ["sheet-sync book/Bookings fails until somebody consents"]);

    office.write("charters.csv", &[HEADER, ANN, BO, &ANN.replace("C-1", "C-3")].join("\n"));
    office.secrets.consent();
    let ended = office.sync(words);
    assert_eq!(ended.stdout, "1 added, 0 changed, 2 unchanged, 0 removed\n", "{}", ended.stderr);
    assert!(
        ended.stderr.starts_with("alert: sheet-sync book/Bookings is good again after "),
        "{}",
        ended.stderr
    );
    assert_eq!((office.alerts().len(), office.check("").status), (2, 0));
    let journal = fs::read_to_string(office.path("sheet-sync/journal.jsonl")).unwrap();
    assert_eq!(journal.lines().count(), 4);
}

#[test]
fn what_a_person_must_mend_is_status_1_and_what_heals_is_status_3() {
    let rows = [["charter_id", "guest"], ["C-1", "Ann"]];
    let office = Office::with(Sheets::builder().tab(TAB, rows).tab("Empty", [[""; 0]; 0]));
    let ended = office.sync("");
    let line = ended.stderr.lines().last().unwrap();
    assert_eq!((ended.status, office.check("").status), (1, 1), "{line}");
    assert!(line.contains("tab `Bookings`: "), "{line}");
    assert_eq!(office.shown(), rows, "left as it is");

    let fault = SheetsFault::TooManyRequests(Some(Duration::from_secs(600)));
    office.sheets.fail_next(SheetsMethod::Get, fault);
    let ended = office.sync("");
    assert_eq!(ended.status, 3, "{}", ended.stderr);
    assert_eq!((office.check("").status, &office.health()["status"]), (3, &json!("failing")));

    office.write("charters.csv", &[HEADER, &ANN.replace("2026-05-03", "May 3rd")].join("\n"));
    let ended = office.sync("");
    let place = "1 row cannot be read: charters.csv:2:5: ";
    assert!(ended.status == 1 && ended.stderr.contains(place), "{}", ended.stderr);
}

#[test]
fn a_sync_that_is_stale_is_status_1_whatever_it_said_last() {
    let office = Office::open();
    assert!(office.check("").error().contains("it never ran"));
    assert_eq!(office.sync("").status, 0);
    let mut health = office.health();
    health["last_good"] = json!("2026-01-01T00:00:00Z");
    office.write("sheet-sync/health.json", &health.to_string());
    let check = office.check("");
    assert_eq!(check.status, 1);
    let line = check.stderr;
    assert!(
        line.contains("sheet-sync book/Bookings is stale, last good run ")
            && line.contains(" days ago"),
        "{line}"
    );
    assert_eq!(office.check("--stale-after 999999h").status, 0);
    assert!(office.check("--stale-after 0s").stderr.contains("such as `30m`"));
}

#[test]
fn it_syncs_again_and_again_logs_json_and_ends_a_run_that_is_under_way_on_a_signal() {
    let office = Office::open();
    let mut child = office.start("--every 1s --log json --json");
    let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut report =
        || -> Value { serde_json::from_str(&stdout.next().unwrap().unwrap()).unwrap() };
    assert_eq!(report()["added"], json!(["C-1", "C-2"]));
    office.write("charters.csv", &[HEADER, ANN, BO, &ANN.replace("C-1", "C-3")].join("\n"));
    while report()["added"] != json!(["C-3"]) {}

    let good = fs::read_to_string(office.path("charters.csv")).unwrap();
    office.write("charters.csv", &good.replace("2026-05-03", "May 3rd"));
    let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut events = Vec::new();
    while !events.iter().any(|event: &Value| event["level"] == "ERROR") {
        events.push(serde_json::from_str(&stderr.next().unwrap().unwrap()).unwrap());
    }
    let alert = &events.last().unwrap()["fields"];
    assert_eq!(alert["message"], "sheet-sync book/Bookings fails until somebody mends it");
    assert_eq!(alert["job"], "sheet-sync book/Bookings");
    assert!(alert["why"].as_str().unwrap().contains("charters.csv:2:5: "), "{alert}");
    let good_run = |event: &Value| {
        let report = event["fields"]["report"].as_str().unwrap_or_default();
        let short = "\"added\":{\"count\":1,\"first\":[\"C-3\"]}";
        event["fields"]["message"] == "a run was good" && report.contains(short)
    };
    assert!(events.iter().any(good_run), "{events:?}");

    office.write("charters.csv", &good);
    report();
    terminate(&child);
    assert!(child.wait().unwrap().success());
    let rest: Vec<Value> =
        stderr.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    let recovered = |event: &Value| {
        event["fields"]["message"]
            .as_str()
            .unwrap()
            .starts_with("sheet-sync book/Bookings is good again after ")
    };
    assert_eq!(rest.iter().filter(|event| recovered(event)).count(), 1, "{rest:?}");
    assert_eq!(
        (&office.health()["status"], &office.health()["running_since"]),
        (&json!("good"), &json!(null))
    );
}

#[test]
fn of_two_that_sync_at_once_the_second_says_who_does() {
    let office = Office::open();
    office.sheets.fail_next(SheetsMethod::Get, SheetsFault::Hang(When::Before));
    let mut child = office.start("--once");
    assert!(office.sheets.wait_for_requests(1, Duration::from_secs(20)));
    let ended = office.sync("");
    let holder = format!("is in use by process {}, since 2", child.id());
    assert!(ended.status == 3 && ended.stderr.contains(&holder), "{}", ended.stderr);
    child.kill().unwrap();
    child.wait().unwrap();

    let ended = office.sync("");
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    assert!(
        ended.stderr.starts_with("alert: sheet-sync book/Bookings fails\n"),
        "a run was cut off"
    );
    assert!(ended.stderr.contains("is good again"), "{}", ended.stderr);
}

#[test]
fn a_terminal_shows_what_is_going_on_and_nothing_is_left_of_it() {
    let office = Office::open();
    office
        .sheets
        .fail_next(SheetsMethod::Get, SheetsFault::TooManyRequests(Some(Duration::from_secs(1))));
    let words = format!("--sheet book --tab {TAB} --charters charters.csv");
    let ended = Ended::on_terminal(&mut office.command(&words));
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    assert!(ended.stderr.contains("syncing 2 bookings to `Bookings`"), "{}", ended.stderr);
    assert_eq!(ended.last_on_terminal(), "");
}

#[test]
fn who_alerts_into_files_without_saying_so_is_told_that_nobody_is_mailed() {
    let office = Office::open();
    let ended = office.sync("--alert-to ops@example.com");
    let note = "note: alerts are left as files in `sheet-sync/outbox/eml` and mailed to nobody; ";
    assert!(ended.stderr.starts_with(note), "{}", ended.stderr);
    assert_eq!((ended.status, ended.stderr.lines().count()), (0, 1), "{}", ended.stderr);
    assert_eq!(office.sync("--alert-to ops@example.com --alert-via eml").stderr, "");
}

#[test]
fn two_tabs_never_share_a_state() {
    let office = Office::with(
        Sheets::builder().tab(TAB, [[""; 0]; 0]).tab("Other", [["charter_id", "guest"]]),
    );
    assert_eq!(office.sync("").status, 0);
    let good = office.health();
    let words = "--sheet book --tab Other --charters charters.csv";
    let ended = Ended::of(&mut office.command(words));
    assert_eq!(ended.status, 1, "{}", ended.stderr);
    let line = ended.stderr.lines().last().unwrap();
    let expected = "`sheet-sync` is the state of `sheet-sync book/Bookings`, not of `sheet-sync \
                    book/Other`";
    assert!(line.contains(expected), "{line}");
    assert_eq!(office.health(), good);

    let ended = Ended::of(&mut office.command(&format!("{words} --state other")));
    assert_eq!(ended.status, 1, "{}", ended.stderr);
    let ended = office.check("--state other");
    assert!(ended.stdout.starts_with("sheet-sync book/Other: needs a person"), "{}", ended.stdout);
}

#[test]
fn a_check_knows_how_often_it_runs_and_that_a_dead_process_is_late() {
    let office = Office::open();
    let mut child = office.start("--every 4h");
    BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    terminate(&child);
    assert!(child.wait().unwrap().success());
    let mut health = office.health();
    let ago = |minutes: i64| {
        (jiff::Timestamp::now() - jiff::SignedDuration::from_mins(minutes)).to_string()
    };
    (health["last_good"], health["next_run"]) = (json!(ago(230)), json!(ago(-10)));
    office.write("sheet-sync/health.json", &health.to_string());
    assert_eq!(office.check("").status, 0, "{}", office.check("").stderr);
    health["next_run"] = json!(ago(7));
    office.write("sheet-sync/health.json", &health.to_string());
    let check = office.check("");
    assert_eq!(check.status, 1, "{}", check.stdout);
    assert!(check.stderr.contains("see whether its process runs; it was to run at"));
}

#[test]
fn a_single_run_that_is_under_way_at_a_signal_comes_to_its_end() {
    let office = Office::open();
    let busy = SheetsFault::TooManyRequests(Some(Duration::from_secs(1)));
    office.sheets.fail_next(SheetsMethod::Get, busy);
    let child = office.start("");
    assert!(office.sheets.wait_for_requests(1, Duration::from_secs(20)));
    terminate(&child);
    let ended = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(ended.stderr).unwrap();
    assert!(ended.status.success(), "{stderr}");
    assert!(stderr.contains("the run under way comes to its end"), "{stderr}");
    assert_eq!(office.health()["running_since"], json!(null));
    assert_eq!(office.sync("").stderr, "");
}

#[test]
fn a_second_signal_cuts_a_single_run_off() {
    let office = Office::open();
    office.sheets.fail_next(SheetsMethod::Get, SheetsFault::Hang(When::Before));
    let mut child = office.start("");
    assert!(office.sheets.wait_for_requests(1, Duration::from_secs(20)));
    let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
    terminate(&child);
    let note = stderr.next().unwrap().unwrap();
    assert!(note.contains("the run under way comes to its end"), "{note}");
    terminate(&child);
    assert_eq!(child.wait().unwrap().code(), Some(3));
    assert!(stderr.next().unwrap().unwrap().contains("stopped by a signal"));
}

#[test]
fn a_cell_of_a_column_that_was_synced_is_cleared_when_it_was_the_last() {
    let office = Office::open();
    let with = |deposit: &str| {
        let rows = [format!("{HEADER},deposit"), format!("{ANN},{deposit}"), format!("{BO},")];
        office.write("charters.csv", &rows.join("\n"));
    };
    with("200");
    assert_eq!(office.sync("").status, 0);
    assert_eq!((&*office.shown()[0][9], &*office.shown()[1][9]), ("deposit", "200"));
    with("");
    assert_eq!(office.sync("").stdout, "0 added, 1 changed, 1 unchanged, 0 removed\n");
    assert!(office.shown()[1].get(9).is_none_or(String::is_empty), "{:?}", office.shown());

    // What a person made of it is that person's from then on.
    office.sheets.edit(TAB, |tab| {
        tab.set(0, 9, "mine");
        tab.set(1, 9, "kept");
    });
    assert_eq!(office.sync("").stdout, "0 added, 0 changed, 2 unchanged, 0 removed\n");
    assert_eq!((&*office.shown()[0][9], &*office.shown()[1][9]), ("mine", "kept"));
}

#[test]
fn a_column_of_ours_that_is_deleted_while_it_is_written_costs_others_nothing() {
    let office = Office::open();
    let rows = [format!("{HEADER},deposit"), format!("{ANN},200"), format!("{BO},")];
    office.write("charters.csv", &rows.join("\n"));
    assert_eq!(office.sync("").status, 0);
    office.sheets.edit(TAB, |tab| {
        tab.set(0, 10, "paid");
        tab.set(1, 10, "yes");
    });
    // Its last cell is to be cleared, and by then `paid` stands there.
    office.write("charters.csv", &[HEADER, ANN, BO].join("\n"));
    office.sheets.before_next(SheetsMethod::BatchUpdate, TAB, |tab| tab.delete_column(9));
    let report = office.sync("--json").summary();
    assert_eq!((&*office.shown()[0][9], &*office.shown()[1][9]), ("paid", "yes"));
    assert_eq!(report["restored"], json!(["J2"]));
}
