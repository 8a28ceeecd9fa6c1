//! `availability_sync` as an operator runs it: a bundled month, a file, a spreadsheet on loopback.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use jada_loopback_issuer::{Sheets, SheetsFault, SheetsMethod};
use jada_roster::{CrewId, DayState, DynamoRoster, EmbeddedEngine, RosterRepository};
use jiff::civil::date;
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Ended, command, terminate};
use crate::tokens::Secrets;

const SCOPE: &str = "https://www.googleapis.com/auth/spreadsheets.readonly";
const CREW: &str = "crew_id,name,phone,email,role,cascade_level\n\
                    ada,Ada Marsh,+15550100101,ada.marsh@example.com,captain,1\n\
                    bruno,Bruno Keel,+15550100102,bruno.keel@example.com,mate,2\n\
                    chiara,Chiara Sound,+15550100103,chiara.sound@example.com,crew,3\n";

/// An office with a crew in a database file, and a file or a sheet of who is free when.
struct Office {
    folder: TempDir,
    secrets: Option<(Secrets, Sheets)>,
}

impl Office {
    /// Where no crew is stored.
    fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), secrets: None }
    }

    fn open() -> Self {
        let office = Self::empty();
        office.write("crew.csv", CREW);
        let mut import = command("crew", office.folder.path(), &[]);
        import.args(["import", "crew.csv", "--db", "crew.db"]);
        assert_eq!(Ended::of(&mut import).status, 0);
        office
    }

    fn with_sheet(rows: &[Vec<String>]) -> Self {
        let sheets = Sheets::builder()
            .tab("May 2026", rows.iter().map(|row| row.iter().map(|cell| cell.as_str())));
        let sheets = sheets.tab("June 2026", [["name", "1"]]).token("at", [SCOPE]).start().unwrap();
        Self { secrets: Some((Secrets::granting(SCOPE), sheets)), ..Self::open() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: &str) {
        std::fs::write(self.path(name), content).unwrap();
    }

    fn command(&self, words: &str) -> Command {
        let mut command = command("availability_sync", self.folder.path(), &[]);
        if let Some((secrets, sheets)) = &self.secrets {
            command.env("JADA_SECRETS_DIR", secrets.folder());
            command.env("JADA_GOOGLE_ENDPOINT", sheets.endpoint());
        }
        command.args(words.split_whitespace());
        command
    }

    fn run(&self, words: &str) -> Ended {
        Ended::of(&mut self.command(words))
    }

    /// Syncs the file `may.csv`.
    fn sync(&self, words: &str) -> Ended {
        self.run(&format!("--file may.csv --month 2026-05 --db crew.db {words}"))
    }

    /// A member as `crew show` tells.
    fn member(&self, id: &str) -> Value {
        let mut show = command("crew", self.folder.path(), &[]);
        Ended::of(show.args(["show", id, "--db", "crew.db", "--json"])).summary()
    }

    fn health(&self) -> Value {
        let health = std::fs::read(self.path("availability-sync/health.json")).unwrap();
        serde_json::from_slice(&health).unwrap()
    }
}

/// Who a row of a tab is of, by key and name, and some words by their days.
type Person<'a> = (&'a str, &'a str, &'a [(usize, &'a str)]);

/// The rows of a month's tab.
fn rows(people: &[Person<'_>]) -> Vec<Vec<String>> {
    let header = ["crew_id".to_owned(), "name".to_owned()].into_iter();
    let header = header.chain((1..=31).map(|day| format!("2026-05-{day:02}"))).collect();
    let row = |(key, name, words): &Person<'_>| {
        let mut row = vec![String::new(); 33];
        (row[0], row[1]) = ((*key).to_owned(), (*name).to_owned());
        for (day, word) in *words {
            (*word).clone_into(&mut row[day + 1]);
        }
        row
    };
    [header].into_iter().chain(people.iter().map(row)).collect()
}

fn csv(people: &[Person<'_>]) -> String {
    rows(people).iter().map(|row| row.join(",") + "\n").collect()
}

#[test]
fn without_any_flag_a_bundled_month_is_synced_and_nothing_is_left() {
    let office = Office::empty();
    let ended = office.run("");
    assert_eq!((ended.status, ended.stderr.as_str()), (0, ""));
    let expected = "2026-05: 326 added, 0 changed, 0 removed, 12 members written\n";
    assert_eq!(ended.stdout, expected);
    let report = office.run("--json").summary();
    assert_eq!(report["added"][0]["name"], "Ada Marsh");
    assert_eq!(report["written"].as_array().unwrap().len(), 12);
    for list in ["overruled", "left_over", "unknown", "ambiguous", "absent", "unread", "missing"] {
        assert_eq!(report[list], json!([]), "{list}");
    }
    assert_eq!(std::fs::read_dir(office.folder.path()).unwrap().count(), 0);
}

#[test]
fn a_file_is_synced_once_and_what_members_say_since_then_stays() {
    let office = Office::open();
    office.write(
        "may.csv",
        &csv(&[("", "Ada Marsh", &[(3, "yes"), (4, "no")]), ("bruno", "", &[(3, "maybe")])]),
    );
    let first = office.sync("--json").summary();
    assert_eq!((&first["dry_run"], &first["written"]), (&json!(false), &json!(["ada", "bruno"])));
    let day = json!({"at": "B2", "crew_id": "ada", "name": "Ada Marsh", "day": "2026-05-03", "before": null, "after": "yes"});
    assert_eq!(first["added"][0], day);
    assert_eq!(
        office.member("ada")["availability"],
        json!({"2026-05-03": "yes", "2026-05-04": "no"})
    );
    let again = office.sync("");
    assert_eq!(
        (again.status, &*again.stdout),
        (0, "2026-05: 0 added, 0 changed, 0 removed, 0 members written\n")
    );
    assert_eq!(
        (office.member("ada")["version"].clone(), office.member("chiara")["version"].clone()),
        (json!(2), json!(1))
    );
    let health = office.health();
    assert_eq!(
        (&health["status"], &health["job"]),
        (&json!("good"), &json!("availability-sync may.csv"))
    );
    assert_eq!(office.run("--check").status, 0);
    let journal = std::fs::read_to_string(office.path("availability-sync/journal.jsonl")).unwrap();
    let first: Value = serde_json::from_str(journal.lines().next().unwrap()).unwrap();
    let counts = json!({"month": "2026-05", "added": 3, "changed": 0, "removed": 0, "overruled": 0, "written": 2});
    assert_eq!(first["report"], counts, "a line of the journal is short");
}

#[test]
fn a_dry_run_says_what_would_be_done_and_writes_nothing() {
    let office = Office::open();
    office.write("may.csv", &csv(&[("ada", "Ada Marsh", &[(3, "yes")])]));
    let ended = office.sync("--dry-run");
    let expected = "2026-05: 1 added, 0 changed, 0 removed, 1 member written; a dry run, nothing was written\n  \
                    B2: Ada Marsh, 2026-05-03: yes instead of nothing\n";
    assert_eq!((ended.status, ended.stdout.as_str(), ended.stderr.as_str()), (0, expected, ""));
    assert_eq!(office.sync("--dry-run --json").summary()["dry_run"], json!(true));
    assert_eq!(office.member("ada")["version"], json!(1));
    assert!(!office.path("availability-sync").exists(), "no run is on record");
    let ended = office.sync("--dry-run --every 24h");
    assert!(ended.error().contains("cannot be used with"), "{}", ended.stderr);
}

#[test]
fn what_cannot_be_taken_is_named_with_its_cell_and_all_else_is_written() {
    let office = Office::open();
    let people: &[Person<'_>] = &[
        ("", "Ada Marsh", &[(3, "yes"), (5, "till 3pm")]),
        ("", "Cap Keel", &[(3, "frei")]),
        ("ada", "Chiara Sound", &[(3, "no")]),
    ];
    office.write("may.csv", &csv(people));
    let ended = office.sync("");
    assert_eq!(ended.status, 1, "{}", ended.stderr);
    let line = "2026-05: 1 added, 0 changed, 0 removed, 1 member written, 1 unknown, 1 ambiguous, 2 unread\n";
    assert_eq!(ended.stdout, line);
    let lines: Vec<&str> = ended.stderr.lines().collect();
    assert_eq!(lines[0], "warning: B3: nobody on the crew is called `Cap Keel`");
    assert_eq!(lines[1], "warning: B4: the key is that of `ada`, and `Chiara Sound` is `chiara`");
    assert!(
        lines[2].starts_with("warning: G2: `till 3pm`: expected one of yes, no, "),
        "{lines:?}"
    );
    assert!(lines[3].starts_with("warning: E3: `frei`: expected one of "), "{lines:?}");
    let last = lines.last().unwrap();
    assert!(
        last.starts_with("error: ") && last.contains("--aliases") && last.contains("--word"),
        "{last}"
    );
    assert_eq!(office.member("ada")["availability"], json!({"2026-05-03": "yes"}));
    assert_eq!(office.member("chiara")["version"], json!(1));
    assert_eq!(office.health()["status"], json!("needs-person"));
    assert_eq!(office.run("--check").status, 1);

    office.write("may.csv", &csv(&people[..2]).replace("till 3pm", ""));
    office.write("aliases.csv", "alias,crew_id\nCap Keel,bruno\n");
    let mended = office.sync("--aliases aliases.csv --word frei=yes");
    let good = "alert: availability-sync may.csv is good again after 0 s\n";
    assert_eq!(mended.status, 0, "{}", mended.stderr);
    assert!(mended.stderr.starts_with(&good[..46]) && mended.stderr.lines().count() == 1);
    assert_eq!(office.member("bruno")["availability"], json!({"2026-05-03": "yes"}));
    assert_eq!(office.health()["status"], json!("good"));

    office.write("aliases.csv", "alias,crew_id\nCap Keel,bruno\nCap Keel,ada\n");
    let ended = office.sync("--aliases aliases.csv");
    assert!(ended.stderr.contains("aliases.csv:3:1: "), "{}", ended.stderr);
    assert_eq!(ended.status, 1);
}

#[tokio::test]
async fn a_key_column_may_be_declared_and_a_word_that_was_said_meanwhile_is_told() {
    let office = Office::open();
    let tab =
        |word| csv(&[("Bruno.Keel@example.com", "Bru", &[(3, word)])]).replace("crew_id", "E-mail");
    office.write("may.csv", &tab("yes"));
    assert_eq!(office.sync("--key E-mail").status, 0);

    let roster = DynamoRoster::new(EmbeddedEngine::open(&office.path("crew.db")).unwrap().client());
    let bruno = roster.find(&CrewId::new("bruno").unwrap()).await.unwrap().unwrap();
    let days = bruno.availability().clone().with(date(2026, 5, 3), Some(DayState::No));
    roster.update(&bruno.with_availability(days)).await.unwrap();
    assert_eq!(office.sync("--key E-mail").status, 0);
    assert_eq!(office.member("bruno")["availability"], json!({"2026-05-03": "no"}));

    office.write("may.csv", &tab("morning"));
    let ended = office.sync("--key E-mail");
    let line = "2026-05: 0 added, 1 changed, 0 removed, 1 member written, 1 overruled\n";
    assert_eq!((ended.status, ended.stdout.as_str()), (0, line));
    let told = "note: B2: Bruno Keel had said otherwise since the last sync: 2026-05-03 is morning, \
                was no\n";
    assert_eq!(ended.stderr, told);
}

#[test]
fn a_sheet_is_read_by_one_request_and_by_its_pasted_address() {
    let tab =
        rows(&[("", "Ada Marsh", &[(3, "yes")]), ("bruno", "Bruno Keel", &[(31, "Morning ")])]);
    let office = Office::with_sheet(&tab);
    let words = "--sheet https://docs.google.com/spreadsheets/d/book/edit#gid=0 --month 2026-05 --db crew.db";
    let ended = office.run(words);
    assert_eq!((ended.status, ended.stderr.as_str()), (0, ""));
    assert_eq!(ended.stdout, "2026-05: 2 added, 0 changed, 0 removed, 2 members written\n");
    let (secrets, sheets) = office.secrets.as_ref().unwrap();
    assert_eq!(sheets.requests(), 1);
    assert!(secrets.all().iter().all(|secret| !ended.stdout.contains(secret)));
    assert_eq!(office.member("bruno")["availability"], json!({"2026-05-31": "morning"}));

    sheets.edit("May 2026", |tab| tab.set(1, 4, "no"));
    let again = office.run(words).stdout;
    assert_eq!(again, "2026-05: 0 added, 1 changed, 0 removed, 1 member written\n");
    let none = office.run(&words.replace("2026-05", "2026-07"));
    assert_eq!(none.status, 1);
    assert!(none.error().contains("June 2026"), "the tabs are listed: {}", none.stderr);
}

#[test]
fn a_sheet_that_cannot_be_reached_is_on_record_and_worth_a_retry() {
    let office = Office::with_sheet(&rows(&[("ada", "", &[(3, "yes")])]));
    let words = "--sheet book --month 2026-05 --db crew.db";
    let (secrets, sheets) = office.secrets.as_ref().unwrap();
    secrets.issuer.revoke_all();
    secrets.expire();
    let dead = office.run(words);
    assert_eq!(
        (dead.status, office.health()["status"].clone()),
        (2, json!("needs-consent")),
        "{}",
        dead.stderr
    );
    secrets.consent();
    sheets.fail_next(SheetsMethod::Get, SheetsFault::RateLimitExceeded);
    assert_eq!(office.run(words).status, 0);
    assert_eq!(office.health()["status"], json!("good"));
}

#[test]
fn a_workbook_is_read_as_a_file_is() {
    let office = Office::open();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("May 2026").unwrap();
    let tab = rows(&[("chiara", "Chiara Sound", &[(1, "afternoon"), (30, "no")])]);
    for (row, cells) in (0..).zip(&tab) {
        sheet.write_row(row, 0, cells).unwrap();
    }
    workbook.save(office.path("crew days.xlsx")).unwrap();
    let words = ["--file", "crew days.xlsx", "--month", "2026-05", "--db", "crew.db"];
    let ended = Ended::of(office.command("").args(words));
    let line = "2026-05: 2 added, 0 changed, 0 removed, 1 member written\n";
    assert_eq!((ended.status, ended.stdout.as_str(), ended.stderr.as_str()), (0, line, ""));
}

#[test]
fn numbers_alone_are_of_no_month_until_one_is_named() {
    let office = Office::open();
    let numbers: Vec<String> = (1..=28).map(|day| day.to_string()).collect();
    let rows = format!("Wer,{}\nChiara Sound{}\n", numbers.join(","), ",yes".repeat(28));
    office.write("numbers.csv", &rows);
    let refused = office.run("--file numbers.csv --db crew.db --name Wer");
    assert!(refused.error().contains("--month YYYY-MM says it"), "{}", refused.stderr);
    let words = "--file numbers.csv --db crew.db --name Wer --month 2026-05 --dry-run";
    let named = office.run(words);
    assert_eq!(named.status, 0, "{}", named.stderr);
    assert!(named.stdout.contains("28 added"), "{}", named.stdout);
}

#[test]
fn what_is_meant_may_be_declared_by_flags() {
    let office = Office::open();
    office.write(
        "may.csv",
        "Wer,2026-05-01,2026-05-02\n2026-05-01,n/a,\n2026-05-02,,\nChiara Sound,yes,n/a\nCaptains,,\n",
    );
    let words = "--file may.csv --month 2026-05 --db crew.db --dry-run";
    assert!(office.run(words).error().contains("declare which is meant"));
    let words = format!(
        "{words} --layout across --name Wer --blank n/a --pass-over Captains \
         --pass-over 2026-05-01 --pass-over 2026-05-02"
    );
    let ended = office.run(&words);
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    assert!(ended.stdout.contains("1 added") && !ended.stderr.contains("warning"));
    let wrong = office.run("--file may.csv --db crew.db --layout up");
    assert!(wrong.error().contains("across or down"), "{}", wrong.stderr);
}

#[test]
fn flags_that_leave_something_open_are_refused_in_one_line() {
    let office = Office::open();
    office.write("may.csv", &csv(&[("ada", "", &[(3, "yes")])]));
    for (number, (words, said)) in (0..).zip([
        ("--file may.csv --month 2026-05", "--db FILE or --dynamodb says it"),
        ("--db crew.db", "--sheet ID or --file FILE says it"),
        ("--file may.csv --sheet book --db crew.db", "cannot be used with"),
        ("--file may.csv --db other.db --month 2026-05", "`other.db` does not exist"),
        ("--file crew.db --db crew.db", "`crew.db` is neither a .csv nor an .xlsx"),
        ("--file none.csv --db crew.db", "`none.csv` cannot be read"),
        ("--file may.csv --db crew.db --month 2026-06", "may.csv"),
        ("--file may.csv --db crew.db --word frei", "frei=yes"),
        ("--file may.csv --db crew.db --at 06:00", "--every"),
        ("--file may.csv --db crew.db --every 30m --at 06:00", "an --every of whole days"),
        ("--sheet a/b --db crew.db", "https://docs.google.com/spreadsheets/d/ID"),
    ]) {
        let ended = office.run(&format!("{words} --state state-{number}"));
        assert!(ended.error().contains(said), "{words}: {}", ended.stderr);
    }
    assert_eq!(office.member("ada")["version"], json!(1));
}

#[test]
fn it_syncs_at_once_and_then_each_day_until_a_signal() {
    let office = Office::open();
    office.write("may.csv", &csv(&[("ada", "", &[(3, "yes")])]));
    let words = "--file may.csv --month 2026-05 --db crew.db --every 24h --at 06:00 --time-zone Europe/Paris --json";
    let mut child = office.command(words).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
    let report: Value = serde_json::from_str(&stdout.next().unwrap().unwrap()).unwrap();
    assert_eq!(report["written"], json!(["ada"]));
    let begun = std::time::Instant::now();
    while office.health()["next_run"].is_null() {
        assert!(begun.elapsed() < std::time::Duration::from_secs(60), "no next run is on record");
        std::thread::yield_now();
    }
    terminate(&child);
    assert!(child.wait().unwrap().success());
    let next: jiff::Timestamp = office.health()["next_run"].as_str().unwrap().parse().unwrap();
    let next = next.in_tz("Europe/Paris").unwrap();
    assert_eq!((next.hour(), next.minute(), next.second()), (6, 0, 0));
}
