//! `monthly_statement --upload --send` and `statement verify` as an operator runs them, against a
//! Drive and a Gmail on loopback that fail at a word.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use jada_loopback_issuer::{
    Drive, DriveFault, DriveMethod, Gmail, GmailFault, GmailMethod, Google, When,
};
use jada_mail::Received;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::post::{COMPOSE, READONLY};
use crate::program::{Ended, run_example};
use crate::tokens::Secrets;

/// A folder to work in, an account, and what stands in for Google.
struct Office {
    folder: TempDir,
    secrets: Secrets,
    gmail: Gmail,
    drive: Drive,
    google: Google,
}

impl Office {
    fn new() -> Self {
        let scopes = [COMPOSE, READONLY, DRIVE_FILE];
        let gmail = Gmail::builder().token("at", scopes).start().unwrap();
        let drive = Drive::builder().folder("statements").token("at", scopes).start().unwrap();
        let google = Google::builder().gmail(&gmail).drive(&drive).start().unwrap();
        let secrets = Secrets::granting(&scopes.join(" "));
        Self { folder: tempfile::tempdir().unwrap(), secrets, gmail, drive, google }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs an example with the account; no secret is among what it says.
    fn run(&self, example: &str, words: &str) -> Ended {
        let endpoint = self.google.endpoint();
        let environment =
            [("JADA_SECRETS_DIR", self.secrets.folder()), ("JADA_GOOGLE_ENDPOINT", &endpoint)];
        let ended = run_example(example, words, self.folder.path(), &environment);
        for secret in self.secrets.all() {
            let said = format!("{}{}", ended.stdout, ended.stderr);
            assert!(!said.contains(&secret), "a secret is told: {said}");
        }
        ended
    }

    fn publish(&self, words: &str) -> Ended {
        self.run("monthly_statement", &format!("--out out --upload statements --json {words}"))
    }

    fn verify(&self, words: &str) -> Ended {
        self.run("statement", &format!("verify out/manifest.jsonl {words}"))
    }

    fn manifest(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path("out/manifest.jsonl")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

#[test]
fn a_statement_is_uploaded_shared_and_mailed_once_however_often_it_is_run() {
    let office = Office::new();
    let first = office.publish("--share anyone --send").summary();
    let again = office.publish("--share anyone --send").summary();
    let (files, sent) = (office.drive.files(), office.gmail.sent());
    assert_eq!((files.len(), sent.len(), files[0].permissions.len()), (1, 1, 1));
    assert_eq!(*files[0].bytes, *fs::read(office.path("out/statement-2026-05.xlsx")).unwrap());
    let uploaded = |summary: &Value| summary["uploads"][0]["uploaded"].clone();
    assert_eq!((uploaded(&first), uploaded(&again)), (json!(true), json!(false)));
    for summary in [&first, &again] {
        assert_eq!(summary["uploads"][0]["id"], files[0].id);
        assert_eq!(summary["mail"]["state"], "sent");
        assert_eq!(summary["artefacts"].as_array().unwrap().len(), 3);
    }
    let mail = Received::parse(&sent[0].raw).unwrap();
    let link = first["uploads"][0]["link"].as_str().unwrap();
    assert!(mail.html().unwrap().contains(link) && mail.text().contains(link));
    assert_eq!(office.manifest().len(), 2);
    assert!(!office.path("out/outbox/statement-2026-05.eml").exists());
}

#[test]
fn a_person_is_shown_the_link_and_what_became_of_the_mail() {
    let office = Office::new();
    let run =
        office.run("monthly_statement", "--out out --upload statements --send --share domain");
    assert_eq!((run.status, &*run.stderr), (0, ""));
    let file = office.drive.files().remove(0);
    assert!(run.stdout.contains(&format!("/{}/view", file.id)), "{}", run.stdout);
    assert!(
        run.stdout.lines().last().unwrap().ends_with("sent, to owner@example.com"),
        "{}",
        run.stdout
    );
    assert_eq!(file.permissions[0].to.as_deref(), Some("example.com"));
}

#[test]
fn without_an_account_a_mail_that_is_sent_is_a_file_of_the_outbox() {
    let office = Office::new();
    for _ in 0..2 {
        let run =
            run_example("monthly_statement", "--out out --send --json", office.folder.path(), &[]);
        assert_eq!(run.summary()["mail"]["state"], "sent");
        let note = "note: the mail is left as a file, `out/outbox/eml/";
        assert!(run.stderr.starts_with(note), "{}", run.stderr);
        assert!(run.stderr.contains("mailed to nobody"), "{}", run.stderr);
    }
    assert_eq!(fs::read_dir(office.path("out/outbox/eml")).unwrap().count(), 1);
    let status = run_example("outbox", "status --outbox out/outbox", office.folder.path(), &[]);
    assert_eq!(status.stdout, "1 sent\n");
}

/// A folder of secrets that nobody has named is an account all the same.
#[test]
fn whoever_has_an_account_sends_by_it() {
    let office = Office::new();
    let home = office.path("home");
    fs::create_dir_all(home.join(".secrets")).unwrap();
    fs::set_permissions(home.join(".secrets"), Permissions::from_mode(0o700)).unwrap();
    for file in fs::read_dir(office.secrets.folder()).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), home.join(".secrets").join(file.file_name())).unwrap();
    }
    let (home, endpoint) = (home.to_str().unwrap(), office.google.endpoint());
    let environment = [("HOME", home), ("JADA_GOOGLE_ENDPOINT", &*endpoint)];
    let words = "--out out --send";
    let run = run_example("monthly_statement", words, office.folder.path(), &environment);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert_eq!(office.gmail.sent().len(), 1);
}

#[test]
fn a_mail_that_was_left_as_a_file_is_none_that_gmail_has_sent() {
    let office = Office::new();
    let first = office.publish("--send --via eml");
    assert!(first.stderr.contains("mailed to nobody"), "{}", first.stderr);
    let again = office.publish("--send --via gmail");
    assert!(again.error().contains("was left as a file before"), "{}", again.stderr);
    assert_eq!(office.gmail.sent().len(), 0);
}

#[test]
fn without_sending_the_mail_waits_as_a_file_with_the_link() {
    let office = Office::new();
    let summary = office.publish("").summary();
    let eml = fs::read(office.path("out/outbox/statement-2026-05.eml")).unwrap();
    let link = summary["uploads"][0]["link"].as_str().unwrap();
    assert!(Received::parse(&eml).unwrap().html().unwrap().contains(link));
    assert_eq!((office.gmail.requests(), &summary["mail"]), (0, &Value::Null));
}

#[test]
fn what_failed_is_told_and_the_same_command_does_the_rest() {
    let office = Office::new();
    let full = DriveFault::Refused(403, "storageQuotaExceeded");
    office.drive.fail_next(DriveMethod::FilesCreate, full);
    let run = office.publish("--send");
    assert!(run.error().contains("a folder of a shared drive"), "{}", run.stderr);
    assert_eq!((office.manifest().len(), office.gmail.sent().len()), (1, 0));

    let tomorrow = DriveFault::Refused(403, "dailyLimitExceeded");
    office.drive.fail_next(DriveMethod::FilesCreate, tomorrow);
    let run = office.publish("--send");
    assert_eq!((run.status, run.stderr.lines().count()), (3, 1), "{}", run.stderr);
    assert!(run.stderr.contains("dailyLimitExceeded"), "{}", run.stderr);

    office.gmail.fail_next(GmailMethod::DraftsSend, GmailFault::Reset(When::After));
    let run = office.publish("--send");
    assert_eq!((run.status, office.gmail.sent().len()), (3, 1), "{}", run.stderr);
    assert!(run.stderr.contains("may have been sent"), "{}", run.stderr);
    assert_eq!(office.publish("--send").status, 3);
    assert_eq!((office.gmail.sent().len(), office.drive.files().len()), (1, 1));
    let line = office.manifest().pop().unwrap();
    assert_eq!(
        (&line["mail"]["state"], &line["uploads"][0]["uploaded"]),
        (&json!("sending"), &json!(false))
    );
}

#[test]
fn a_mail_to_a_mistyped_address_is_corrected_once_it_is_dropped() {
    let office = Office::new();
    let words = "--out out --send --via gmail --to typo@example.com";
    let no_account = [("JADA_SECRETS_DIR", "nowhere")];
    let ended = run_example("monthly_statement", words, office.folder.path(), &no_account);
    assert_eq!(ended.status, 1, "{}", ended.stderr);
    let key = office.manifest().pop().unwrap()["mail"]["key"].as_str().unwrap().to_owned();
    let refused = office.publish("--send --to owner@example.com");
    let said = refused.error();
    assert!(said.contains("queued") && said.contains(&format!("outbox drop {key}")), "{said}");
    assert!(said.contains("typo@example.com") && !said.contains("mailed before"), "{said}");

    assert_eq!(office.run("outbox", &format!("drop {key} --outbox out/outbox")).status, 0);
    for _ in 0..2 {
        let summary = office.publish("--send --to owner@example.com").summary();
        assert_eq!(summary["mail"]["to"], json!(["owner@example.com"]));
        assert_eq!(summary["mail"]["state"], "sent");
    }
    let sent = office.gmail.sent();
    assert_eq!(sent.len(), 1);
    assert!(!String::from_utf8_lossy(&sent[0].raw).contains("typo@example.com"));
    let run = office.verify("");
    assert_eq!(run.status, 0, "{}", run.stdout);
    let late = office.publish("--send --to third@example.com");
    assert!(late.error().contains("was mailed before"), "{}", late.stderr);
    assert_eq!(office.gmail.sent().len(), 1);
}

#[test]
fn a_grant_that_was_revoked_is_status_2() {
    let office = Office::new();
    office.secrets.issuer.revoke_all();
    let run = office.publish("");
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(run.stderr.contains("run `reauth`"), "{}", run.stderr);
}

#[test]
fn a_folder_that_is_not_there_and_two_of_one_name_are_told_in_one_line() {
    let office = Office::new();
    let run = office.run("monthly_statement", "--out out --upload nowhere");
    assert!(run.error().contains("File not found: nowhere."), "{}", run.stderr);
    let [one, two] = [(); 2].map(|()| office.publish("").summary()["uploads"][0]["id"].clone());
    assert_eq!(one, two);
    for words in ["--share anyone", "--upload statements --share world"] {
        let run = office.run("monthly_statement", &format!("--out out {words}"));
        assert_eq!((run.status, run.stdout.as_str()), (1, ""), "{words}");
    }
}

#[test]
fn what_leaves_is_remembered_in_a_folder_that_is_named() {
    let office = Office::new();
    for words in ["--send", "--upload statements", "--year 2026 --send"] {
        let run = office.run("monthly_statement", words);
        let period = if words.contains("--year") { "2026" } else { "2026-05" };
        let mend = format!("such as --out statements/{period}");
        assert!(run.error().contains(&mend) && run.stderr.lines().count() == 1, "{}", run.stderr);
    }
    assert_eq!((office.drive.files().len(), office.gmail.sent().len()), (0, 0));
    assert_eq!(fs::read_dir(office.folder.path()).unwrap().count(), 0);
}

#[test]
fn a_folder_may_be_named_by_its_address() {
    let office = Office::new();
    let address = "https://drive.google.com/drive/u/0/folders/statements?usp=sharing";
    let run = office.run("monthly_statement", &format!("--out out --upload {address}"));
    assert_eq!((run.status, office.drive.files().len()), (0, 1), "{}", run.stderr);
    let elsewhere = "https://drive.google.com/drive/my-drive";
    let run = office.run("monthly_statement", &format!("--out out --upload {elsewhere}"));
    assert!(run.error().contains("https://drive.google.com/drive/folders/ID"), "{}", run.stderr);
}

#[test]
fn a_year_is_uploaded_shared_mailed_once_and_verified_as_a_month_is() {
    let office = Office::new();
    for _ in 0..2 {
        let summary = office.publish("--year 2026 --share domain --send").summary();
        assert_eq!(
            (&summary["period"], &summary["mail"]["state"]),
            (&json!("2026"), &json!("sent"))
        );
        assert_eq!(summary["uploads"][0]["name"], "statement-2026.xlsx");
    }
    let (files, sent) = (office.drive.files(), office.gmail.sent());
    assert_eq!((files.len(), sent.len()), (1, 1));
    assert_eq!(files[0].permissions[0].to.as_deref(), Some("example.com"));
    let mail = Received::parse(&sent[0].raw).unwrap();
    assert!(mail.html().unwrap().contains(&files[0].id) && mail.text().contains(&files[0].id));
    fs::write(office.path("charters.csv"), jada_examples::CHARTERS).unwrap();
    let run = office.verify("--drive --charters charters.csv");
    assert_eq!(
        (run.status, &*run.stdout),
        (0, "9 things looked at, all as recorded\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_was_published_is_verified_and_a_changed_byte_is_found() {
    let office = Office::new();
    office.publish("--send").summary();
    let run = office.verify("--drive");
    assert_eq!(
        (run.status, &*run.stdout),
        (0, "6 things looked at, all as recorded\n"),
        "{}",
        run.stderr
    );

    let id = office.drive.files().remove(0).id;
    office.drive.overwrite(&id, "forged");
    let mut page = fs::read(office.path("out/statement-2026-05.html")).unwrap();
    page[10] ^= 1;
    fs::write(office.path("out/statement-2026-05.html"), page).unwrap();
    let run = office.verify("--drive");
    assert_eq!(run.status, 1);
    assert!(run.stdout.contains("statement-2026-05.html has SHA-256 "), "{}", run.stdout);
    assert!(run.stdout.contains(&id), "{}", run.stdout);
    assert!(run.stderr.contains("2 of 6 things are not as recorded"), "{}", run.stderr);

    let json = office.verify("--json");
    let found: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(
        (json.status, &found["checked"], &found["mismatches"][0]["period"]),
        (1, &json!(5), &json!("2026-05"))
    );
}

/// What is published and then stated again from a database.
struct Archive(Office);

impl Archive {
    fn new() -> Self {
        let office = Office::new();
        fs::write(office.path("charters.csv"), jada_examples::CHARTERS).unwrap();
        office.publish("--db charters.db --charters charters.csv --send").summary();
        Self(office)
    }

    fn verify(&self) -> Ended {
        self.0.verify("--db charters.db --drive")
    }

    /// The one thing that is not as recorded, and how many lines are told.
    fn told(&self, expected: &str) -> usize {
        let run = self.verify();
        assert_eq!((run.status, run.stdout.contains(expected)), (1, true), "{}", run.stdout);
        assert!(run.stderr.contains("not as recorded in `out/manifest.jsonl`"), "{}", run.stderr);
        run.stdout.lines().count() - 1
    }
}

#[test]
fn what_is_untouched_is_stated_and_rendered_again_to_the_byte() {
    let archive = Archive::new();
    let run = archive.verify();
    let good = (0, "9 things looked at, all as recorded\n");
    assert_eq!((run.status, &*run.stdout), good, "{}", run.stderr);
    let run = archive.0.verify("--charters charters.csv --drive");
    assert_eq!((run.status, &*run.stdout), good, "{}", run.stderr);
    let run = archive.0.verify("--charters charters.csv --db charters.db");
    assert!(run.error().contains("cannot be used with"), "{}", run.stderr);
}

#[test]
fn a_row_that_was_changed_in_the_database_is_named() {
    let archive = Archive::new();
    let row = jada_examples::CHARTERS.lines().find(|line| line.contains("2026-05-09")).unwrap();
    let id = row.split(',').next().unwrap();
    let header = jada_examples::CHARTERS.lines().next().unwrap();
    let other = row.replacen("2026-05-09", "2026-05-10", 1);
    fs::write(archive.0.path("other.csv"), format!("{header}\n{other}\n")).unwrap();
    let words = "--out other --db charters.db --charters other.csv --update";
    assert_eq!(archive.0.run("monthly_statement", words).status, 0);
    assert_eq!(archive.told(&format!("2026-05: charter {id} has row digest ")), 2);
    let run = archive.verify();
    assert!(run.stdout.contains("publish it again to correct it"), "{}", run.stdout);
}

#[test]
fn a_byte_a_file_on_drive_and_the_record_that_were_changed_are_told_with_the_mend() {
    let archive = Archive::new();
    let office = &archive.0;
    let (path, manifest) =
        (office.path("out/statement-2026-05.xlsx"), office.path("out/manifest.jsonl"));
    let (workbook, record) = (fs::read(&path).unwrap(), fs::read_to_string(&manifest).unwrap());
    let mut changed = workbook.clone();
    changed[100] ^= 1;
    fs::write(&path, changed).unwrap();
    assert_eq!(archive.told("statement-2026-05.xlsx has SHA-256"), 1);
    assert_eq!(archive.told("put back a copy, or publish the period again"), 1);
    fs::write(&path, &workbook).unwrap();

    let file = office.drive.files().remove(0);
    office.drive.overwrite(&file.id, "a person's");
    assert_eq!(archive.told("which puts it back under its link"), 1);
    office.publish("--db charters.db --send").summary();
    assert_eq!(archive.verify().status, 0);
    assert_eq!(office.drive.files().remove(0).id, file.id);

    let sum = |text: &str| text.replacen("\"unindexed\":0", "\"unindexed\":1", 1);
    fs::write(&manifest, sum(&record)).unwrap();
    assert_eq!(archive.told("line 1 of the manifest has the seal"), 2);
    fs::write(&manifest, &record[..record.len() / 2]).unwrap();
    let run = archive.verify();
    assert!(run.status == 1 && run.stdout.contains("the end of the manifest"), "{}", run.stdout);
    office.publish("--db charters.db --send").summary();
    assert_eq!((archive.verify().status, office.gmail.sent().len()), (0, 1));
}

#[test]
fn a_manifest_that_records_nothing_is_no_proof() {
    let office = Office::new();
    office.publish("").summary();
    fs::copy(office.path("out/manifest.jsonl"), office.path("kept")).unwrap();
    for content in ["", "\n\n", "{\"period\":1}\n", "{\"period\":\"2026-0"] {
        fs::write(office.path("out/manifest.jsonl"), content).unwrap();
        assert_eq!(office.verify("").status, 1, "{content:?}");
    }
    let workbook = office.run("statement", "verify out/statement-2026-05.xlsx");
    assert_eq!(workbook.status, 1, "{}", workbook.stdout);
    assert!(workbook.stderr.contains("is no record of a statement"), "{}", workbook.stderr);

    let spoilt = fs::read_to_string(office.path("kept")).unwrap() + "{\"period\":\"2026-06\"}\n";
    fs::write(office.path("out/manifest.jsonl"), spoilt).unwrap();
    let ended = office.verify("");
    assert!(ended.status == 1 && ended.stderr.contains("1 line"), "{}", ended.stderr);
}

#[test]
fn a_manifest_that_is_not_there_is_named() {
    let run = Office::new().verify("");
    assert!(run.error().contains("out/manifest.jsonl could not be read"), "{}", run.stderr);
}

const DRIVE_FILE: &str = "https://www.googleapis.com/auth/drive.file";
