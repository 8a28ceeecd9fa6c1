//! A statement on its way out, by a Drive and a Gmail on loopback.

mod kills;
mod mail;
mod restated;
mod sweep;
mod verify;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jada_auth::ManualClock;
use jada_loopback_issuer::{
    Drive as DriveServer, DriveFault, Gmail as GmailServer, GmailFault, Google,
};
use jada_mail::{Address, Gmail, Outbox, Quota};
use jada_reports::{Drive, Error, Publication, Published, Share, Statement};
use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;

use crate::google::{SECRET, google};
use crate::sample::rules;

/// A folder to publish into, and where a statement goes from there.
struct Office {
    folder: TempDir,
    drive_server: DriveServer,
    gmail_server: GmailServer,
    google: Google,
    drive: Drive,
    gmail: Gmail,
    clock: Arc<ManualClock>,
}

impl Office {
    fn new() -> Self {
        Self::failing(0.0, 0)
    }

    /// Where this share of all requests fails.
    fn failing(rate: f64, seed: u64) -> Self {
        let of_drive = DriveFault::MIX.iter().filter(|it| !matches!(it, DriveFault::Hang(_)));
        let drive_server =
            DriveServer::builder().folder("statements").token(SECRET, [Drive::SCOPE]);
        let drive_server = drive_server.seed(seed).faults(rate).mix(of_drive.copied());
        let drive_server = drive_server.start().unwrap();
        let of_gmail = GmailFault::MIX.iter().filter(|it| !matches!(it, GmailFault::Hang(_)));
        let gmail_server = GmailServer::builder().token(SECRET, [MAIL]).seed(seed);
        let gmail_server = gmail_server.faults(rate).mix(of_gmail.copied()).start().unwrap();
        let both = Google::builder().drive(&drive_server).gmail(&gmail_server).start().unwrap();
        let google = google(&both.endpoint(), &[Drive::SCOPE, MAIL]).build();
        // A server whose clock is right takes no mail for older than it is.
        let clock = Timestamp::now() - Duration::from_secs(30 * 24 * 3600);
        let clock = Arc::new(ManualClock::new(clock));
        Self {
            folder: tempfile::tempdir().unwrap(),
            drive_server,
            gmail_server,
            google: both,
            drive: Drive::new(google.clone()),
            gmail: Gmail::builder(google)
                .quota(Quota::per_minute(10_000_000))
                .clock(clock.clone())
                .build(),
            clock,
        }
    }

    /// The same Drive, by a client that gives up at once.
    fn impatient_drive(&self) -> Drive {
        let google = google(&self.google.endpoint(), &[Drive::SCOPE]);
        Drive::new(google.deadline(Duration::ZERO).build())
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn publication(&self) -> Publication {
        let rules = rules();
        self.publication_to(rules.to())
    }

    fn publication_to(&self, to: &[Address]) -> Publication {
        let outbox = Outbox::builder(self.path().join("outbox")).clock(self.clock.clone());
        let publication =
            Publication::new(self.path(), rules().from().unwrap().clone(), to.to_vec());
        publication.with_outbox(outbox.build())
    }

    /// All of it, as an operator's one command does it.
    async fn publish(&self, statement: &Statement) -> Result<Published, Error> {
        self.publish_by(&self.publication(), statement).await
    }

    async fn publish_by(
        &self,
        publication: &Publication,
        statement: &Statement,
    ) -> Result<Published, Error> {
        let mut publishing = publication.begin(statement)?;
        publishing.upload(&self.drive, "statements", Share::Anyone).await?;
        publishing.enqueue(time())?;
        let _told_by_its_state = publication.outbox().drain_now(&self.gmail).await;
        publishing.record(time())
    }

    fn manifest(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path().join("manifest.jsonl")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn time() -> Timestamp {
    "2026-06-01T08:00:00Z".parse().unwrap()
}

const MAIL: &str = "https://mail.google.com/";
