//! What is there, compared with what is on record.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::time::Duration;

use jada_reports::{Manifest, Verified};

use super::{Office, time};
use crate::sample::statement;

fn manifest(office: &Office) -> Manifest {
    Manifest::new(office.path().join("manifest.jsonl"))
}

fn verified(office: &Office) -> Verified {
    manifest(office).verify().unwrap()
}

/// Each mismatch, as it is shown.
fn shown(verified: &Verified) -> Vec<String> {
    verified.mismatches.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn what_is_as_recorded_is_good_also_after_it_was_replaced_and_recorded_anew() {
    let office = Office::new();
    office.publication().write(&statement(), time()).await.unwrap();
    office.publish(&statement()).await.unwrap();
    let verified = verified(&office);
    assert!(verified.is_good() && verified.checked == 3, "{verified}");
    let by_drive = verified.and(office.drive.verify(&manifest(&office)).await.unwrap());
    assert_eq!(by_drive.to_string(), "4 things looked at, all as recorded");
}

#[tokio::test]
async fn a_changed_byte_and_a_missing_file_are_found() {
    let office = Office::new();
    office.publish(&statement()).await.unwrap();
    let book = office.path().join("statement-2026-05.xlsx");
    let mut bytes = fs::read(&book).unwrap();
    bytes[100] ^= 1;
    fs::write(&book, bytes).unwrap();
    fs::remove_file(office.path().join("statement-2026-05.html")).unwrap();
    let verified = verified(&office);
    let lines = shown(&verified);
    assert_eq!((verified.checked, lines.len(), verified.is_good()), (3, 2, false));
    assert!(lines[0].starts_with("2026-05: statement-2026-05.xlsx has SHA-256 "), "{}", lines[0]);
    assert_eq!(
        lines[1],
        "2026-05: statement-2026-05.html is missing, or cannot be told: put back a copy, or publish \
         the period again"
    );
    let json = serde_json::to_value(&verified).unwrap();
    assert_eq!(json["mismatches"][0]["expected"], office.manifest()[0]["artefacts"][0]["sha256"]);
}

#[tokio::test]
async fn what_somebody_changed_on_drive_is_found_and_so_is_what_is_gone() {
    let office = Office::new();
    let id = office.publish(&statement()).await.unwrap().uploads.remove(0).id;
    office.drive_server.overwrite(&id, "forged");
    let found = office.drive.verify(&manifest(&office)).await.unwrap();
    assert!(shown(&found)[0].contains("instead of") && shown(&found)[0].contains(&id), "{found}");
    office.drive_server.trash(&id);
    let found = office.drive.verify(&manifest(&office)).await.unwrap();
    assert_eq!((found.checked, found.mismatches[0].found.as_ref()), (1, None));
}

#[tokio::test]
async fn what_is_gone_from_drive_is_good_again_once_it_was_made_anew() {
    let office = Office::new();
    let verified = async || office.drive.verify(&manifest(&office)).await.unwrap();
    let published = async || office.publish(&statement()).await.unwrap().uploads.remove(0);
    let first = published().await;
    assert_eq!(first.folder.as_deref(), Some("statements"));
    office.drive_server.trash(&first.id);
    let gone = verified().await;
    assert!(shown(&gone)[0].contains("makes it anew, under another link"), "{gone}");
    let second = published().await;
    assert_ne!(second.id, first.id);
    assert_eq!(verified().await.to_string(), "1 thing looked at, all as recorded");

    office.drive_server.delete(&second.id);
    assert!(!verified().await.is_good());
    // Drive may show it late, so that a person says that it is gone for good.
    let refused = office.publish(&statement()).await.unwrap_err().to_string();
    let kept = refused.split('`').find(|word| word.ends_with(".json")).unwrap();
    fs::remove_file(kept).unwrap();
    published().await;
    assert_eq!(verified().await.to_string(), "1 thing looked at, all as recorded");
}

#[tokio::test]
async fn half_a_line_is_tolerated_once_a_later_record_stands() {
    let office = Office::new();
    fs::write(office.path().join("manifest.jsonl"), "{\"period\":\"2026-0").unwrap();
    office.publish(&statement()).await.unwrap();
    let mended = verified(&office);
    assert!(mended.is_good() && mended.unreadable_lines == 1, "{mended}");
    let mut file =
        OpenOptions::new().append(true).open(office.path().join("manifest.jsonl")).unwrap();
    file.write_all(b"{\"artefacts\":[{\"pa").unwrap();
    let broken = verified(&office);
    assert!(!broken.is_good() && broken.unreadable_lines == 2, "{broken}");
    assert!(broken.to_string().contains("publish it again, which repeats nothing"), "{broken}");
    office.publish(&statement()).await.unwrap();
    let mended = verified(&office);
    assert!(mended.is_good() && mended.unreadable_lines == 2, "{mended}");
}

#[tokio::test]
async fn a_whole_line_that_is_no_record_and_a_manifest_without_any_are_not_good() {
    let office = Office::new();
    let path = office.path().join("manifest.jsonl");
    for content in ["", "\n", "PK\u{3}\u{4}\n", "{\"period\":\"2026-0"] {
        fs::write(&path, content).unwrap();
        assert!(!verified(&office).is_good(), "{content:?}");
    }
    fs::remove_file(&path).unwrap();
    office.publish(&statement()).await.unwrap();
    let line = fs::read_to_string(&path).unwrap();
    for spoilt in ["{}", "[]", "null", "{\"period\":\"2026-05\",\"artefacts\":7}"] {
        fs::write(&path, format!("{line}{spoilt}\n")).unwrap();
        let verified = verified(&office);
        assert!(!verified.is_good() && verified.mismatches.is_empty(), "{spoilt}: {verified}");
    }
}

#[tokio::test]
async fn a_mail_whose_bytes_were_pruned_is_not_missed() {
    let office = Office::new();
    office.publish(&statement()).await.unwrap();
    office.clock.advance(Duration::from_secs(3600));
    assert_eq!(office.publication().outbox().prune(Duration::from_secs(1)).unwrap(), 1);
    let verified = verified(&office);
    assert!(verified.is_good() && verified.checked == 2, "{verified}");
}

#[test]
fn a_manifest_that_is_not_there_is_named() {
    let error = Manifest::new("no/such/manifest.jsonl").verify().unwrap_err();
    assert!(error.to_string().contains("no/such/manifest.jsonl"), "{error}");
}
