//! A grant dies at 14:00 and nobody looks until the next morning: who is told, what the health file
//! says, and what is in the sheet once somebody has consented.

use std::{cell::RefCell, fs, path::PathBuf, sync::Arc, time::Duration};

use jada_auth::{ApiUrl, Clock, GoogleClient, OAuthClient, Scopes, SecretsDir, SharedProvider};
use jada_loopback_issuer::{Issuer, Sheets, SheetsFault, SheetsMethod};
use jada_mail::{EmlFolder, MailState, Outbox};
use jada_reports::{
    Change, ChangeQueue, Failure, Health, JobStatus, MailAlert, Schedule, SheetSync, Stage,
    SyncReport, Watch, charter_columns,
};
use jada_roster::{Charter, CharterId, Currency, Status};
use jiff::Timestamp;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::desk::{TokioClock, Told};

const INTERVAL: Duration = Duration::from_secs(1800);
const HOUR: Duration = Duration::from_secs(3600);
const TAB: &str = "Bookings";

/// The office: an issuer, a spreadsheet, bookings, and the folders of the job.
struct Office {
    folder: TempDir,
    issuer: Issuer,
    sheets: Sheets,
    clock: Arc<TokioClock>,
    told: Told,
    bookings: RefCell<Vec<Charter>>,
}

/// A process that syncs.
struct Process {
    provider: SharedProvider,
    sync: SheetSync,
    queue: ChangeQueue,
    schedule: Schedule,
}

impl Office {
    fn open() -> Self {
        let office = Self {
            folder: tempfile::tempdir().unwrap(),
            issuer: Issuer::builder().rotating().scope(SheetSync::SCOPE).start().unwrap(),
            sheets: Sheets::builder()
                .token("at", [SheetSync::SCOPE])
                .tab(TAB, [[""; 0]; 0])
                .start()
                .unwrap(),
            clock: TokioClock::at("2026-05-01T09:00:00Z"),
            told: Told::default(),
            bookings: RefCell::new((1..=5).map(|number| booking(number, "Ann")).collect()),
        };
        let client = OAuthClient::new(office.issuer.client_id(), office.issuer.token_uri());
        let client = client.with_secret(office.issuer.client_secret());
        office.secrets().create().unwrap();
        office.secrets().save_client(&client).unwrap();
        office.consent();
        office
    }

    fn secrets(&self) -> SecretsDir {
        SecretsDir::new(self.path("secrets"))
    }

    fn consent(&self) {
        self.secrets().save_refresh_token(&self.issuer.consent().into()).unwrap();
    }

    /// As Google does it: the tokens that are out die with the grant.
    fn grant_dies(&self) {
        self.issuer.revoke_all();
        self.sheets.fail_next(SheetsMethod::Get, SheetsFault::Unauthorized);
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn outbox(&self) -> Outbox {
        Outbox::new(self.path("outbox"))
    }

    fn start(&self) -> Process {
        let scopes = Scopes::new([SheetSync::SCOPE]).unwrap();
        let provider = self.secrets().provider(scopes.clone()).unwrap();
        let provider = provider.clock(self.clock.clone()).build();
        let google = GoogleClient::builder(provider.clone(), scopes)
            .endpoint(ApiUrl::parse(&self.sheets.endpoint()).unwrap())
            .build();
        let columns = charter_columns(&*self.bookings.borrow());
        let (from, to) = ("sync@example.com".parse().unwrap(), "ops@example.com".parse().unwrap());
        let mail = MailAlert::new(self.outbox(), from, vec![to]);
        let watch = Watch::builder(self.path("state"), "sheet-sync")
            .alert(self.told.alert())
            .alert(mail.through(EmlFolder::new(self.path("eml"))))
            .clock(self.clock.clone())
            .build();
        let queue = ChangeQueue::builder(self.path("queue")).clock(self.clock.clone());
        Process {
            provider,
            sync: SheetSync::builder(google, "book", TAB, columns).build(),
            queue: queue.open().unwrap(),
            schedule: watch.every(INTERVAL),
        }
    }

    /// What is asked over a socket takes its time, which a paused clock would skip.
    async fn sync(&self, sync: &SheetSync, queue: &ChangeQueue) -> Result<SyncReport, Failure> {
        tokio::time::resume();
        let synced = self.bring_across(sync, queue).await;
        tokio::time::pause();
        synced
    }

    /// What changed comes first, and then all there is.
    async fn bring_across(
        &self,
        sync: &SheetSync,
        queue: &ChangeQueue,
    ) -> Result<SyncReport, Failure> {
        let handler = async |changes: Vec<Change>| {
            let rows = changes.iter().map(|change| {
                let (id, guest): (u32, String) = change.parse()?;
                Ok::<_, Failure>(booking(id, &guest))
            });
            sync.upsert(&rows.collect::<Result<Vec<_>, _>>()?).await?;
            Ok::<_, Failure>(())
        };
        if let Some(failure) = queue.drain_batches(100, handler).await?.stopped {
            return Err(failure);
        }
        let bookings = self.bookings.borrow().clone();
        Ok(sync.sync(&bookings).await?)
    }

    fn now(&self) -> Timestamp {
        self.clock.now().wall
    }

    fn until(&self, time: &str) -> impl Future<Output = ()> + use<> {
        let time: Timestamp = time.parse().unwrap();
        sleep(Duration::try_from(time.duration_since(self.now())).unwrap_or_default())
    }

    fn health(&self) -> Health {
        Health::read(self.path("state")).unwrap().unwrap()
    }

    /// As a monitor reads it that knows nothing of this crate.
    fn health_file(&self) -> serde_json::Value {
        serde_json::from_slice(&fs::read(self.path("state/health.json")).unwrap()).unwrap()
    }

    /// Guests by charter, as the tab shows them.
    fn shown(&self) -> Vec<(String, String)> {
        let tab = self.sheets.tab(TAB).unwrap();
        let text = |row: usize, column: usize| tab.cell(row, column).value.text();
        let rows = (1..tab.row_count()).map(|row| (text(row, 0), text(row, 2)));
        let mut rows: Vec<_> = rows.filter(|(id, _)| !id.is_empty()).collect();
        rows.sort();
        rows
    }

    fn wanted(&self) -> Vec<(String, String)> {
        let bookings = self.bookings.borrow();
        let rows = bookings.iter().map(|row| (row.id().to_string(), row.guest().to_owned()));
        rows.collect()
    }
}

fn booking(number: u32, guest: &str) -> Charter {
    let id = CharterId::new(&format!("C-{number:03}")).unwrap();
    let date = "2026-05-03".parse().unwrap();
    Charter::builder(id, date, Currency::USD)
        .guest(guest)
        .status(Status::Confirmed)
        .build()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn eighteen_hours_are_loud_from_the_first_failure_and_heal_without_a_restart() {
    let office = Office::open();
    let mut process = office.start();
    let Process { sync, queue, schedule, .. } = &mut process;
    schedule.until(office.until("2026-05-01T14:00:00Z"), || office.sync(sync, queue)).await;
    assert_eq!(office.shown(), office.wanted());
    assert_eq!(office.told.incidents(), []);
    office.health().check(HOUR, office.now()).unwrap();

    office.grant_dies();
    let died = Instant::now();
    let first = schedule.turn().await.run(|| office.sync(sync, queue)).await.unwrap();
    // It was not needed where the token had come to its end by then.
    office.sheets.heal();
    let failure = first.outcome.unwrap_err();
    assert!(failure.needs_consent(), "{failure}");
    let [incident] = &office.told.incidents()[..] else { panic!() };
    assert_eq!(
        (incident.stage, incident.failure.mend.as_deref()),
        (Stage::Began, Some("run `reauth`"))
    );
    let two: Timestamp = "2026-05-01T14:00:00Z".parse().unwrap();
    let soon = two..two + INTERVAL.mul_f64(1.05);
    assert!(soon.contains(&incident.since), "{incident}");
    assert_eq!(office.outbox().status().unwrap().count(MailState::Sent), 1, "within the half hour");
    let file = office.health_file();
    assert_eq!(file["failing_since"], incident.since.to_string());
    assert_eq!(
        (&file["status"], &file["failure"]["mend"]),
        (&"needs-consent".into(), &"run `reauth`".into())
    );
    let checked = office.health().check(HOUR, office.now()).unwrap_err();
    assert!(checked.needs_consent(), "an exit status that is not 0: {checked}");

    // Bookings go on: events are queued, and others are in the full list alone.
    for number in 6..=30 {
        office.bookings.borrow_mut().push(booking(number, "Bo"));
        queue.push(&format!("C-{number:03}"), &(number, "Bo")).unwrap();
    }
    for number in 1..=3 {
        office.bookings.borrow_mut()[number - 1] = booking(number as u32, "=Cy");
    }
    let asked = office.issuer.requests();
    for _ in 0..18 {
        schedule.turn().await.run(|| office.sync(sync, queue)).await.unwrap();
    }
    // Another process takes its place in the evening, which knows what was told.
    process.provider.shutdown().await.unwrap();
    let mut process = office.start();
    let Process { sync, queue, schedule, .. } = &mut process;
    for _ in 0..18 {
        let run = schedule.turn().await.run(|| office.sync(sync, queue)).await.unwrap();
        assert!(run.outcome.unwrap_err().needs_consent());
    }
    let hours = died.elapsed().as_secs_f64() / 3600.0;
    assert!((16.5..19.0).contains(&hours), "{hours} h");
    assert_eq!(office.issuer.requests(), asked, "a dead grant is presented once");

    let health = office.health();
    assert_eq!((health.status, health.failures), (JobStatus::NeedsConsent, 37));
    assert_eq!(health.failing_since, Some(incident.since));
    assert!(health.line(office.now()).contains(" h ago"), "{}", health.line(office.now()));
    assert!(health.is_stale(HOUR, office.now()));
    let error = health.check(HOUR, office.now()).unwrap_err();
    assert!(error.needs_consent() && error.to_string().ends_with("run `reauth`"), "{error}");
    assert_eq!(office.told.incidents().len(), 1, "37 failures, one alert");
    assert_eq!(office.outbox().status().unwrap().count(MailState::Sent), 1);
    assert_eq!((office.shown().len(), queue.status().unwrap().waiting.len()), (5, 25));
    assert!(queue.status().unwrap().waiting.iter().all(|change| change.attempts == 0));

    office.consent();
    let healed = schedule.turn().await.run(|| office.sync(sync, queue)).await.unwrap();
    let report = healed.outcome.as_ref().unwrap();
    assert_eq!((report.added.len(), report.changed.len()), (0, 3), "after the queue: {report}");
    assert_eq!(office.shown(), office.wanted());
    assert_eq!(queue.status().unwrap().waiting, []);
    schedule.until(sleep(HOUR * 2), || office.sync(sync, queue)).await;
    assert_eq!(office.told.stages(), [Stage::Began, Stage::Recovered]);
    let recovered = &office.told.incidents()[1];
    assert_eq!((recovered.since, recovered.failures), (incident.since, 37));
    let good = healed.health.last_good.unwrap();
    assert!((good..good + Duration::from_secs(60)).contains(&recovered.at), "{recovered}");
    assert_eq!(office.outbox().status().unwrap().count(MailState::Sent), 2);
    office.health().check(HOUR, office.now()).unwrap();
    process.provider.shutdown().await.unwrap();
}
