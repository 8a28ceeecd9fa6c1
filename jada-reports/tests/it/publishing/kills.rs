//! A run that ends between any two steps, and the next one.

use jada_loopback_issuer::{DriveFault, DriveMethod, GmailFault, GmailMethod, When};
use jada_mail::MailState;
use jada_reports::Share;

use super::{Office, time};
use crate::sample::statement;

/// The first so many of five steps, and no more.
async fn die_after(office: &Office, steps: usize) {
    let (publication, statement) = (office.publication(), statement());
    if steps == 0 {
        return;
    }
    let mut publishing = publication.begin(&statement).unwrap();
    if steps > 1 {
        publishing.upload(&office.drive, "statements", Share::Anyone).await.unwrap();
    }
    if steps > 2 {
        publishing.enqueue(time()).unwrap();
    }
    if steps > 3 {
        assert_eq!(publication.outbox().drain(&office.gmail).await.unwrap().sent.len(), 1);
    }
    if steps > 4 {
        publishing.record(time()).unwrap();
    }
}

async fn finish(office: &Office, case: &str) {
    let published = office.publish(&statement()).await.unwrap();
    assert_eq!(published.mailed.unwrap().state, MailState::Sent, "{case}");
    assert_eq!(office.gmail_server.sent().len(), 1, "{case}");
    assert_eq!(office.gmail_server.drafts().len(), 0, "{case}");
    assert_eq!(office.drive_server.files().len(), 1, "{case}");
    assert_eq!(office.drive_server.files()[0].revisions, 0, "{case}");
    let line = office.manifest().pop().unwrap();
    assert_eq!(
        (&line["mail"]["state"], line["uploads"].as_array().unwrap().len()),
        (&"sent".into(), 1)
    );
}

#[tokio::test]
async fn whatever_step_was_the_last_the_next_run_does_the_rest_and_repeats_nothing() {
    for steps in 0..=5 {
        let office = Office::new();
        die_after(&office, steps).await;
        finish(&office, &format!("after {steps} steps")).await;
        assert_eq!(office.drive_server.calls(DriveMethod::FilesCreate), 1, "{steps}");
        assert_eq!(office.manifest().len(), if steps == 5 { 2 } else { 1 });
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_for_good_is_no_second_file_and_no_second_mail() {
    let office = Office::new();
    let lost = DriveFault::Reset(When::After);
    office.drive_server.fail_next(DriveMethod::UploadSession, lost);
    let (publication, statement) = (office.publication(), statement());
    let mut publishing = publication.begin(&statement).unwrap();
    let drive = office.impatient_drive();
    let failed = publishing.upload(&drive, "statements", Share::None).await.unwrap_err();
    assert!(failed.is_transient(), "{failed}");
    let published = publishing.record(time()).unwrap();
    assert_eq!((published.uploads.len(), published.mailed), (0, None));
    office.gmail_server.fail_next(GmailMethod::DraftsSend, GmailFault::Reset(When::After));
    let waits = office.publish(&statement).await.unwrap();
    assert_eq!(waits.mailed.unwrap().state, MailState::Sending);
    assert!(!waits.uploads[0].uploaded, "it was there already");
    assert_eq!(office.manifest().pop().unwrap()["mail"]["state"], "sending");
    office.clock.advance(std::time::Duration::from_secs(600));
    finish(&office, "in the end").await;
}

#[tokio::test]
async fn what_failed_is_on_record_as_far_as_it_came() {
    let office = Office::new();
    let refused = GmailFault::Status(500, When::Before);
    (0..100).for_each(|_| office.gmail_server.fail_next(GmailMethod::DraftsCreate, refused));
    let published = office.publish(&statement()).await.unwrap();
    assert_ne!(published.mailed.unwrap().state, MailState::Sent);
    let line = office.manifest().pop().unwrap();
    assert_eq!(
        (line["uploads"].as_array().unwrap().len(), &line["artefacts"][1]["path"]),
        (1, &"statement-2026-05.html".into())
    );
}
