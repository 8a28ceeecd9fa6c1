//! A publication stated again from its charters: untouched, and after each thing that can be
//! changed was changed.

use std::fs;

use jada_reports::{Artefact, Manifest, Record, StatementStyle, Verified, YearStatement};
use jada_roster::Charter;

use super::{Office, time};
use crate::sample::{charters, counted, rules, statement};

fn manifest(office: &Office) -> Manifest {
    Manifest::new(office.path().join("manifest.jsonl"))
}

fn record(office: &Office) -> Record {
    manifest(office).records().unwrap().pop().unwrap()
}

fn restated(office: &Office, charters: Vec<Charter>) -> Verified {
    record(office).restate_files(charters, &StatementStyle::default()).unwrap()
}

/// What each mismatch is of.
fn things(verified: &Verified) -> Vec<&str> {
    verified.mismatches.iter().map(|mismatch| mismatch.what.as_str()).collect()
}

fn year() -> YearStatement {
    let months = YearStatement::months_of(2026).unwrap().map(|month| {
        let of_month = charters().into_iter().filter(|it| month.contains(it.date()));
        rules().statement(month).build(of_month).unwrap()
    });
    YearStatement::of(2026, months).unwrap()
}

#[tokio::test]
async fn what_is_untouched_is_stated_again_to_the_byte() {
    let office = Office::new();
    office.publish(&statement()).await.unwrap();
    let mut shuffled = charters();
    shuffled.reverse();
    shuffled.push(counted("C-99", 1, 100).build().map(|it| in_june(&it)).unwrap());
    let verified = restated(&office, shuffled);
    assert_eq!(verified.to_string(), "3 things looked at, all as recorded");
    assert_eq!(record(&office).months(), ["2026-05".parse().unwrap()]);
}

fn in_june(charter: &Charter) -> Charter {
    let june = jiff::civil::date(2026, 6, 3);
    let builder = Charter::builder(charter.id().clone(), june, charter.currency());
    builder.guest("Ann").build().unwrap()
}

#[tokio::test]
async fn a_year_is_stated_again_to_the_byte() {
    let office = Office::new();
    office.publication().write(&year(), time()).await.unwrap();
    let verified = restated(&office, charters());
    assert_eq!(verified.to_string(), "3 things looked at, all as recorded");
    assert_eq!((record(&office).months().len(), record(&office).period()), (12, "2026"));
    let fewer = charters().into_iter().skip(1).collect();
    let verified = restated(&office, fewer);
    assert_eq!(things(&verified), ["the statement", "charter C-01"]);
}

#[tokio::test]
async fn a_charter_that_was_changed_added_or_removed_is_named() {
    let office = Office::new();
    office.publish(&statement()).await.unwrap();
    let changed = |id: &str| counted(id, 3, 1_011).guest("=SUM(A1)").brand("=1+1").build().unwrap();
    let mut now = charters();
    now[1] = changed("C-02");
    let verified = restated(&office, now);
    assert_eq!(things(&verified), ["the statement", "charter C-02"]);
    let line = verified.mismatches[1].to_string();
    assert!(line.contains(" has row digest ") && line.contains("find out who"), "{line}");

    let mut now = charters();
    now.remove(11);
    now.push(changed("C-13"));
    let verified = restated(&office, now);
    assert_eq!(things(&verified), ["the statement", "charter C-12", "charter C-13"]);
    assert_eq!((&verified.mismatches[1].found, verified.checked), (&None, 14));

    let twice = [charters(), charters()].concat();
    let verified = restated(&office, twice);
    assert!(verified.to_string().contains("cannot be stated again, as charter `C-0"), "{verified}");
}

#[tokio::test]
async fn a_file_that_was_forged_together_with_its_record_is_not_what_the_statement_gives() {
    let office = Office::new();
    let (publication, statement) = (office.publication(), statement());
    let mut published = publication.begin(&statement).unwrap().record(time()).unwrap();
    let workbook = office.path().join("statement-2026-05.xlsx");
    let mut bytes = fs::read(&workbook).unwrap();
    bytes[100] ^= 1;
    fs::write(&workbook, bytes).unwrap();
    published.artefacts.truncate(2);
    published.artefacts[0] = Artefact::of(&workbook).unwrap();
    manifest(&office).append_published(&statement, &published, time()).unwrap();
    assert!(manifest(&office).verify().unwrap().is_good());
    let verified = restated(&office, charters());
    assert_eq!(things(&verified), ["statement-2026-05.xlsx, rendered again,"]);
    assert!(verified.to_string().contains("publish it again"), "{verified}");
}

#[tokio::test]
async fn a_workbook_is_rendered_again_in_the_style_that_it_was_made_in() {
    let office = Office::new();
    let style = StatementStyle::from_toml("s.toml", "[title]\nfont = \"Georgia\"").unwrap();
    let publication = office.publication().styled(style.clone());
    publication.write(&statement(), time()).await.unwrap();
    let verified = restated(&office, charters());
    assert_eq!(things(&verified), ["the style of statement-2026-05.xlsx"]);
    assert!(verified.to_string().ends_with("1 not as recorded"), "{verified}");
    let verified = record(&office).restate_files(charters(), &style).unwrap();
    assert!(verified.is_good(), "{verified}");
}

#[tokio::test]
async fn an_edit_of_the_manifest_is_found_wherever_it_is() {
    let office = Office::new();
    let corrected = rules().statement("2026-05".parse().unwrap()).build(charters()).unwrap();
    for statement in [&statement(), &corrected, &statement()] {
        office.publish(statement).await.unwrap();
    }
    let path = office.path().join("manifest.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    assert!(manifest(&office).verify().unwrap().is_good());
    let edited = |at: usize, from: &str, to: &str| {
        let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        assert!(lines[at].contains(from), "{from}");
        lines[at] = lines[at].replacen(from, to, 1);
        lines.concat()
    };
    let cases = [
        (edited(0, "\"state\":\"sent\"", "\"state\":\"failed\""), "line 1 of the manifest"),
        (edited(1, "owner@example.com", "other@example.com"), "line 2 of the manifest"),
        (edited(2, "\"C-01\"", "\"C-91\""), "line 3 of the manifest"),
        (edited(2, ",\"seal\":\"", ",\"lael\":\""), "line 3 of the manifest"),
        ([lines[0], lines[2]].concat(), "line 2 of the manifest"),
        (lines[1..].concat(), "line 1 of the manifest"),
        (format!("{}{}", lines[2], lines[..2].concat()), "line 1 of the manifest"),
        (whole[..whole.len() - 80].to_owned(), "the end of the manifest"),
    ];
    for (content, expected) in cases {
        fs::write(&path, content).unwrap();
        let verified = manifest(&office).verify().unwrap();
        assert!(!verified.is_good() && things(&verified).contains(&expected), "{verified}");
    }
    // The files are those of a record that was cut off.
    office.publish(&corrected).await.unwrap();
    fs::write(&path, &whole).unwrap();
    let verified = manifest(&office).verify().unwrap();
    assert_eq!(things(&verified), ["statement-2026-05.xlsx", "statement-2026-05.html"]);
}

/// Without a seal, as a manifest was before there were any, or with seals that are made anew.
#[tokio::test]
async fn seals_that_are_stripped_or_made_anew_hide_no_charter_that_was_renamed() {
    let office = Office::new();
    office.publication().write(&statement(), time()).await.unwrap();
    let path = office.path().join("manifest.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    let (content, _) = whole.split_once(",\"seal\":\"").unwrap();
    let stripped = format!("{content}}}\n");
    let aspects = |content: &str| {
        fs::write(&path, content).unwrap();
        let verified = manifest(&office).verify().unwrap();
        verified.mismatches.iter().map(|mismatch| mismatch.aspect).collect::<Vec<_>>()
    };
    assert_eq!(aspects(&stripped), ["the seal"]);
    let renamed = stripped.replacen("\"C-01\"", "\"C-91\"", 1);
    assert_eq!(aspects(&renamed), ["the seal", "ids without a match"]);
    let unnamed = renamed.replacen("\"made_by\"", "\"made_of\"", 1);
    assert_eq!(aspects(&unnamed), ["the seal", "ids without a match"]);

    let twice = stripped.replace("\"C-01\"", "\"C-91\"");
    assert_eq!(aspects(&sealed(&twice)), Vec::<&str>::new());
    let verified = restated(&office, charters());
    assert_eq!(things(&verified), ["charter C-91", "charter C-01"]);
}

/// As who edits a manifest may seal it.
fn sealed(line: &str) -> String {
    use std::fmt::Write as _;

    use sha2::{Digest as _, Sha256};

    let content = line.trim_end().strip_suffix('}').unwrap();
    let digest = Sha256::digest(content);
    let seal = digest.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    format!("{content},\"seal\":\"{seal}\"}}\n")
}

#[test]
fn those_who_append_at_once_seal_each_others_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("manifest.jsonl");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let artefact = Artefact::with_content(folder.path().join("a"), b"a");
                for _ in 0..5 {
                    let artefacts = std::slice::from_ref(&artefact);
                    Manifest::new(&path).append(&statement(), artefacts, time()).unwrap();
                }
            });
        }
    });
    fs::write(folder.path().join("a"), "a").unwrap();
    let verified = Manifest::new(&path).verify().unwrap();
    assert!(verified.is_good(), "{verified}");
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 20);
}

#[tokio::test]
async fn a_record_of_an_earlier_version_is_told_to_lack_what_it_was_stated_by() {
    let office = Office::new();
    let line = "{\"period\":\"2026-05\",\"artefacts\":[],\"canonical_sha256\":\"ab\"}\n";
    fs::write(office.path().join("manifest.jsonl"), line).unwrap();
    let verified = record(&office).restate(charters());
    assert!(verified.to_string().contains("publish the period again"), "{verified}");
    office.publish(&statement()).await.unwrap();
    assert!(manifest(&office).verify().unwrap().is_good());
    assert!(record(&office).restate(charters()).is_good());
}

#[tokio::test]
async fn the_mail_is_in_the_outbox_as_it_is_on_record() {
    let office = Office::new();
    let (publication, statement) = (office.publication(), statement());
    let mails = |office: &Office| manifest(office).verify_mails(office.publication().outbox());
    let mut publishing = publication.begin(&statement).unwrap();
    let key = publishing.enqueue(time()).unwrap();
    let unrecorded = mails(&office);
    assert!(unrecorded.is_err(), "there is no manifest");
    publishing.record(time()).unwrap();
    assert_eq!(mails(&office).unwrap().to_string(), "2 things looked at, all as recorded");
    let drained = publication.outbox().drain(&office.gmail).await.unwrap();
    assert_eq!(drained.sent, std::slice::from_ref(&key));
    assert!(mails(&office).unwrap().is_good(), "sent since");

    let path = office.path().join("manifest.jsonl");
    let line = fs::read_to_string(&path).unwrap();
    let other = line.replace("books@example.com", "thief@example.com");
    fs::write(&path, other).unwrap();
    let verified = mails(&office).unwrap();
    assert_eq!(verified.mismatches[0].aspect, "recipients");
    assert_eq!(verified.mismatches.len(), 1);

    fs::write(&path, &line).unwrap();
    let corrected = rules().statement("2026-05".parse().unwrap()).build(charters()).unwrap();
    let mut unrecorded = publication.begin(&corrected).unwrap();
    let other = unrecorded.enqueue(time()).unwrap();
    let verified = mails(&office).unwrap();
    assert_eq!(things(&verified), [format!("mail {other}")]);
    assert!(verified.to_string().contains("instead of none on record"), "{verified}");

    fs::remove_dir_all(office.path().join("outbox")).unwrap();
    let verified = mails(&office).unwrap();
    assert_eq!(
        (things(&verified), verified.mismatches[0].found.clone()),
        (vec![&*format!("mail {key}")], None)
    );
}

#[tokio::test]
async fn a_year_is_uploaded_mailed_once_and_recorded() {
    let (office, year) = (Office::new(), year());
    for _ in 0..2 {
        let publication = office.publication();
        let mut publishing = publication.begin(&year).unwrap();
        let share = jada_reports::Share::Anyone;
        publishing.upload(&office.drive, "statements", share).await.unwrap();
        publishing.enqueue(time()).unwrap();
        let drained = publication.outbox().drain_now(&office.gmail).await.unwrap();
        assert!(drained.failed.is_empty());
        let published = publishing.record(time()).unwrap();
        let mailed = published.mailed.unwrap();
        let digest = &year.canonical_sha256()[..12];
        assert_eq!(mailed.key, format!("statement-2026-{digest}"));
    }
    let (files, sent) = (office.drive_server.files(), office.gmail_server.sent());
    assert_eq!((files.len(), sent.len()), (1, 1));
    assert_eq!((&*files[0].name, files[0].permissions.len()), ("statement-2026.xlsx", 1));
    let mail = mail_parser::MessageParser::new().parse(&*sent[0].raw).unwrap();
    assert_eq!(mail.subject(), Some("Revenue statement, 2026"));
    let (html, text) = (mail.body_html(0).unwrap(), mail.body_text(0).unwrap());
    for body in [html, text] {
        assert!(body.contains("/view") && body.contains("May 2026"), "{body}");
    }
    assert_eq!(mail.attachment(0).unwrap().contents(), &*files[0].bytes);
    let line = office.manifest().pop().unwrap();
    assert_eq!((&line["period"], &line["uploads"][0]["uploaded"]), (&"2026".into(), &false.into()));
    assert_eq!(line["charters"]["counted"].as_array().unwrap().len(), 6);
    assert_eq!(line["charters"]["not_counted"]["no guest"], serde_json::json!(["C-10"]));
    let by_drive = office.drive.verify(&manifest(&office)).await.unwrap();
    let verified = manifest(&office).verify().unwrap().and(by_drive);
    assert_eq!(verified.to_string(), "4 things looked at, all as recorded");
}
