//! What lies in the folder afterwards.

use std::fs;
use std::path::Path;

use jada_mail::Address;
use jada_reports::{Artefact, Publication, Statement};
use jiff::Timestamp;
use mail_parser::{MessageParser, MimeHeaders};

use crate::sample::{charters, rules, statement};

fn publication(folder: &Path) -> Publication {
    let rules = rules();
    Publication::new(folder, rules.from().unwrap().clone(), rules.to().to_vec())
}

fn time() -> Timestamp {
    "2026-06-01T08:00:00Z".parse().unwrap()
}

async fn publish(folder: &Path, statement: &Statement) -> Vec<Artefact> {
    publication(folder).write(statement, time()).await.unwrap()
}

fn manifest(folder: &Path) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(folder.join("manifest.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn the_same_statement_gives_the_same_bytes() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = publish(one.path(), &statement()).await;
    let second = publish(two.path(), &statement()).await;
    assert_eq!(first.len(), 4);
    for (first, second) in first.iter().zip(&second) {
        assert_eq!(first.sha256, second.sha256, "{}", first.path.display());
        assert_eq!(&Artefact::of(&first.path).unwrap(), first);
    }
}

#[tokio::test]
async fn a_second_run_leaves_one_mail_and_one_more_line_on_the_record() {
    let folder = tempfile::tempdir().unwrap();
    publish(folder.path(), &statement()).await;
    let first = fs::read_to_string(folder.path().join("manifest.jsonl")).unwrap();
    let corrected = rules().statement("2026-05".parse().unwrap()).build(charters()).unwrap();
    publish(folder.path(), &corrected).await;
    assert!(fs::read_to_string(folder.path().join("manifest.jsonl")).unwrap().starts_with(&first));
    let names = |folder: &Path| {
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&folder.path().join("outbox")), ["statement-2026-05.eml"]);
    assert_eq!(
        names(folder.path()),
        ["manifest.jsonl", "outbox", "statement-2026-05.html", "statement-2026-05.xlsx"]
    );
    let lines = manifest(folder.path());
    assert_eq!(lines.len(), 2);
    assert_ne!(lines[0]["canonical_sha256"], lines[1]["canonical_sha256"]);
}

#[tokio::test]
async fn the_record_says_what_was_reported_from_which_rows() {
    let folder = tempfile::tempdir().unwrap();
    let artefacts = publish(folder.path(), &statement()).await;
    let line = manifest(folder.path()).remove(0);
    assert_eq!(line["period"], "2026-05");
    assert_eq!(line["time"], "2026-06-01T08:00:00Z");
    assert_eq!(line["canonical_sha256"], statement().canonical_sha256());
    assert_eq!(line["charters"]["counted"].as_array().unwrap().len(), 6);
    assert_eq!(line["charters"]["not_counted"]["no guest"], serde_json::json!(["C-10"]));
    let recorded = line["artefacts"].as_array().unwrap();
    let paths: Vec<&str> = recorded.iter().map(|a| a["path"].as_str().unwrap()).collect();
    assert_eq!(
        paths,
        ["statement-2026-05.xlsx", "statement-2026-05.html", "outbox/statement-2026-05.eml"]
    );
    assert_eq!(recorded[2]["sha256"], artefacts[2].sha256);
}

#[tokio::test]
async fn half_a_line_that_a_crash_left_is_kept_and_harms_no_other() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("manifest.jsonl"), "{\"period\":\"2026-0").unwrap();
    publish(folder.path(), &statement()).await;
    let text = fs::read_to_string(folder.path().join("manifest.jsonl")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines.len(), lines[0]), (2, "{\"period\":\"2026-0"));
    let line: serde_json::Value = serde_json::from_str(lines[1]).unwrap();
    assert_eq!(line["period"], "2026-05");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = publication(&file).write(&statement(), time()).await.unwrap_err();
    assert!(error.to_string().contains("statement-2026-05.xlsx"), "{error}");
}

#[tokio::test]
async fn the_mail_has_the_page_its_text_and_the_workbook() {
    let folder = tempfile::tempdir().unwrap();
    let artefacts = publish(folder.path(), &statement()).await;
    let bytes = fs::read(&artefacts[2].path).unwrap();
    let mail = MessageParser::new().parse(&bytes).unwrap();
    assert_eq!(mail.subject(), Some("Revenue statement, May 2026"));
    let to = mail.to().unwrap().as_list().unwrap();
    let to: Vec<_> = to.iter().map(|address| address.address().unwrap()).collect();
    assert_eq!(to, ["owner@example.com", "books@example.com"]);
    assert_eq!(mail.date().unwrap().to_rfc3339(), "2026-05-31T23:59:59Z");
    let text = mail.body_text(0).unwrap();
    assert!(text.contains("REVENUE STATEMENT, MAY 2026") && text.contains("Chloé 🎉"), "{text}");
    assert!(mail.body_html(0).unwrap().contains("&#60;script&#62;"));
    let workbook = mail.attachment(0).unwrap();
    assert_eq!(workbook.attachment_name(), Some("statement-2026-05.xlsx"));
    assert_eq!(workbook.contents(), fs::read(&artefacts[0].path).unwrap());
}

#[tokio::test]
async fn a_mail_is_dated_as_it_was_told() {
    let folder = tempfile::tempdir().unwrap();
    let date: Timestamp = "2026-06-02T09:30:00+02:00".parse().unwrap();
    let artefacts = publication(folder.path()).dated(date).write(&statement(), time()).await;
    let bytes = fs::read(&artefacts.unwrap()[2].path).unwrap();
    let mail = MessageParser::new().parse(&bytes).unwrap();
    assert_eq!(mail.date().unwrap().to_timestamp(), date.as_second());
}

#[tokio::test]
async fn a_long_month_is_cut_in_the_mail_and_whole_in_the_workbook_and_the_page() {
    let rows = (0..1_000).map(|n| crate::sample::counted(&format!("L-{n:04}"), 1, 100));
    let statement = rules()
        .statement("2026-05".parse().unwrap())
        .build(rows.map(|row| row.build().unwrap()))
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let artefacts = publish(folder.path(), &statement).await;
    let page = fs::read_to_string(&artefacts[1].path).unwrap();
    assert_eq!(page.matches("L-").count(), 1_000);
    let bytes = fs::read(&artefacts[2].path).unwrap();
    let mail = MessageParser::new().parse(&bytes).unwrap();
    let html = mail.body_html(0).unwrap();
    assert_eq!(html.matches("L-").count(), 200);
    assert!(html.contains("and 800 more") && html.len() < 102_000, "{}", html.len());
    assert!(mail.body_text(0).unwrap().contains("... and 800 more"));
}

#[test]
fn a_mail_without_a_recipient_is_refused() {
    let from: Address = "office@example.com".parse().unwrap();
    let error = jada_reports::mail(&statement(), &from, &[], Vec::new(), None).unwrap_err();
    assert_eq!(error.to_string(), "the mail could not be rendered");
}
