//! The mail of a statement: what it carries, and that it goes out once.

use jada_loopback_issuer::{DriveMethod, GmailFault, GmailMethod, When};
use jada_mail::MailState;
use jada_reports::{Error, Manifest, StatementMail, mail};
use mail_parser::MessageParser;

use super::{Office, time};
use crate::sample::{charters, rules, statement};

#[tokio::test]
async fn the_workbook_is_uploaded_and_the_mail_has_it_with_its_link() {
    let office = Office::new();
    let published = office.publish(&statement()).await.unwrap();
    let (file, sent) = (office.drive_server.files().remove(0), office.gmail_server.sent());
    let workbook = std::fs::read(office.path().join("statement-2026-05.xlsx")).unwrap();
    assert_eq!((&*file.bytes, &*file.name), (&*workbook, "statement-2026-05.xlsx"));
    assert_eq!((sent.len(), file.permissions.len()), (1, 1));
    let mail = MessageParser::new().parse(&*sent[0].raw).unwrap();
    let link = &published.uploads[0].link;
    let (html, text) = (mail.body_html(0).unwrap(), mail.body_text(0).unwrap());
    assert!(html.contains(&format!("<a href=\"{link}\">statement-2026-05.xlsx</a>")), "{html}");
    assert!(
        text.contains(&format!("is attached, and can be opened here:\r\n{link}\r\n")),
        "{text}"
    );
    assert!(
        html.contains("<th class=\"g\">Guest</th>") && html.contains("</ol>"),
        "table and footnotes"
    );
    assert_eq!(mail.attachment(0).unwrap().contents(), workbook);
    assert_eq!(mail.date().unwrap().to_rfc3339(), "2026-06-01T08:00:00Z");
    let mailed = published.mailed.unwrap();
    assert_eq!((mailed.state, mailed.to.len()), (MailState::Sent, 2));
    let digest = &statement().canonical_sha256()[..12];
    assert_eq!(mailed.key, format!("statement-2026-05-{digest}"));
}

#[tokio::test]
async fn the_record_says_what_went_where() {
    let office = Office::new();
    let published = office.publish(&statement()).await.unwrap();
    let line = office.manifest().remove(0);
    let (upload, file) = (&line["uploads"][0], office.drive_server.files().remove(0));
    assert_eq!((&upload["id"], &upload["uploaded"]), (&file.id.into(), &true.into()));
    assert_eq!(upload["sha256"], line["artefacts"][0]["sha256"]);
    assert_eq!(upload["link"], published.uploads[0].link);
    let mail = &line["mail"];
    assert_eq!((&mail["state"], mail["to"].as_array().unwrap().len()), (&"sent".into(), 2));
    assert_eq!(mail["location"], office.gmail_server.sent()[0].id);
    let path = office.path().join(mail["path"].as_str().unwrap());
    assert_eq!(std::fs::read(path).unwrap(), &*office.gmail_server.sent()[0].raw);
    let paths: Vec<_> =
        line["artefacts"].as_array().unwrap().iter().map(|it| &it["path"]).collect();
    assert_eq!(paths, ["statement-2026-05.xlsx", "statement-2026-05.html"]);
}

#[tokio::test]
async fn the_same_statement_is_sent_once_and_a_corrected_one_once_more() {
    let office = Office::new();
    let corrected = rules().statement("2026-05".parse().unwrap()).build(charters()).unwrap();
    for statement in [&statement(), &statement(), &corrected, &corrected, &statement()] {
        let published = office.publish(statement).await.unwrap();
        assert_eq!(published.mailed.unwrap().state, MailState::Sent);
    }
    assert_eq!((office.gmail_server.sent().len(), office.drive_server.files().len()), (2, 1));
    let uploaded: Vec<_> =
        office.manifest().iter().map(|line| line["uploads"][0]["uploaded"].clone()).collect();
    assert_eq!(uploaded, [true, false, true, false, true]);
    assert_eq!(office.drive_server.calls(DriveMethod::FilesCreate), 1);
}

#[tokio::test]
async fn a_corrected_statement_withdraws_what_still_waits_and_so_does_its_correction() {
    let office = Office::new();
    let publication = office.publication();
    let corrected = rules().statement("2026-05".parse().unwrap()).build(charters()).unwrap();
    let june = rules().statement("2026-06".parse().unwrap()).build([]).unwrap();
    publication.begin(&june).unwrap().enqueue(time()).unwrap();
    let mut keys = Vec::new();
    for statement in [&statement(), &corrected, &statement(), &statement()] {
        let mut publishing = publication.begin(statement).unwrap();
        let key = publishing.enqueue(time()).unwrap();
        let old = keys.last().filter(|old| **old != key).cloned();
        assert_eq!(publishing.withdrawn(), old.as_slice());
        assert_eq!(publishing.record(time()).unwrap().mailed.unwrap().state, MailState::Queued);
        keys.push(key);
    }
    assert_eq!(keys[2].as_str(), format!("{}-2", keys[0]));
    let drained = publication.outbox().drain(&office.gmail).await.unwrap();
    assert!(drained.sent.len() == 2 && drained.sent.contains(&keys[2]), "{drained:?}");
    let manifest = Manifest::new(office.path().join("manifest.jsonl"));
    let verified = manifest.verify_mails(publication.outbox()).unwrap();
    assert!(verified.is_good(), "{verified}");
}

#[tokio::test]
async fn what_may_have_been_sent_is_not_withdrawn() {
    let office = Office::new();
    let corrected = rules().statement("2026-05".parse().unwrap()).build(charters()).unwrap();
    office.gmail_server.fail_next(GmailMethod::DraftsSend, GmailFault::Reset(When::After));
    let doubted = office.publish(&statement()).await.unwrap().mailed.unwrap();
    assert_eq!(doubted.state, MailState::Sending);
    let publication = office.publication();
    let mut publishing = publication.begin(&corrected).unwrap();
    publishing.enqueue(time()).unwrap();
    assert!(publishing.withdrawn().is_empty());
    let entry = publication.outbox().mail(&doubted.key.parse().unwrap()).unwrap().unwrap();
    assert_eq!(entry.state, MailState::Sending);
}

#[tokio::test]
async fn another_link_is_no_reason_to_mail_again_and_other_recipients_are_told() {
    let office = Office::new();
    let publication = office.publication();
    publication.begin(&statement()).unwrap().enqueue(time()).unwrap();
    office.publish(&statement()).await.unwrap();
    assert_eq!(office.gmail_server.sent().len(), 1);
    let shouted: Vec<_> = rules().to().iter().rev().map(|it| it.email().to_uppercase()).collect();
    let shouted: Vec<_> = shouted.iter().map(|it| it.parse().unwrap()).collect();
    office.publish_by(&office.publication_to(&shouted), &statement()).await.unwrap();
    let others = office.publication_to(&["new@example.com".parse().unwrap()]);
    let error = office.publish_by(&others, &statement()).await.unwrap_err();
    assert!(matches!(error, Error::MailedBefore { .. }), "{error}");
    assert!(error.to_string().contains("owner@example.com"), "{error}");
    assert_eq!(office.gmail_server.sent().len(), 1);
}

#[tokio::test]
async fn a_workbook_that_is_too_large_goes_by_its_link_alone() {
    let office = Office::new();
    let publication = office.publication().attach_up_to(1000);
    let error = publication.begin(&statement()).unwrap().enqueue(time()).unwrap_err();
    assert!(matches!(error, Error::TooLargeToMail { limit: 1000, .. }), "{error}");
    assert!(error.to_string().contains("upload it"), "{error}");
    let published = office.publish_by(&publication, &statement()).await.unwrap();
    let sent = office.gmail_server.sent();
    let mail = MessageParser::new().parse(&*sent[0].raw).unwrap();
    assert_eq!((sent.len(), mail.attachment_count()), (1, 0));
    for body in [mail.body_html(0).unwrap(), mail.body_text(0).unwrap()] {
        assert!(body.contains("too large to be attached"), "{body}");
        assert!(body.contains(&published.uploads[0].link), "{body}");
    }
}

#[test]
fn the_limit_of_a_mail_holds_for_bodies_and_workbook_together() {
    let (statement, rules) = (statement(), rules());
    let (from, to) = (rules.from().unwrap(), rules.to());
    let workbook = vec![0; 26_214_400];
    let error = mail(&statement, from, to, workbook.clone(), None).unwrap_err();
    assert!(matches!(error, Error::TooLargeToMail { bytes: 26_214_400, .. }), "{error}");
    let linked = StatementMail::new(&statement, from, to).workbook(workbook);
    let linked = linked.link("https://example.com/a?b&c").build().unwrap();
    assert!(linked.attachments().is_empty());
    assert!(linked.text().unwrap().contains("https://example.com/a?b&c\r\n"));
    assert!(linked.html().unwrap().contains("href=\"https://example.com/a?b&#38;c\""));
}
