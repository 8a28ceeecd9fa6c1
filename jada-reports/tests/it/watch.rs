//! A watched job: who is told what, and what stands in its folder.

mod mailed;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use jada_auth::{Clock, ManualClock};
use jada_mail::{EmlFolder, Outbox};
use jada_reports::{
    Alert, BoxError, Error, Failure, Health, Incident, JobStatus, MailAlert, Run, Stage, Watch,
    WatchBuilder,
};
use jiff::Timestamp;
use tempfile::TempDir;

use crate::desk::Told;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

struct Bench {
    folder: TempDir,
    clock: Arc<ManualClock>,
    told: Told,
}

impl Bench {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::new("2026-05-01T12:00:00Z".parse().unwrap()));
        Self { folder: tempfile::tempdir().unwrap(), clock, told: Told::default() }
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("state")
    }

    /// A watch of its own each time, as after a restart.
    fn builder(&self) -> WatchBuilder {
        let clock = Arc::clone(&self.clock);
        Watch::builder(self.path(), "sheet-sync").clock(clock).alert(self.told.alert())
    }

    async fn ends(&self, outcome: Result<u32, Failure>) -> Run<u32> {
        let run = self.builder().build().run(async || outcome).await.unwrap();
        self.clock.advance(MINUTE);
        run
    }

    fn health(&self) -> Health {
        Health::read(self.path()).unwrap().unwrap()
    }

    fn now(&self) -> Timestamp {
        self.clock.now().wall
    }
}

fn transient() -> Failure {
    Failure::transient("no route to the host")
}

fn consent() -> Failure {
    let command = "reauth".to_owned();
    Failure::from(jada_auth::Error::ConsentNeeded { what: "the grant".into(), command })
}

#[tokio::test]
async fn the_first_failure_is_told_once_and_so_is_the_recovery_whatever_restarts() {
    let bench = Bench::new();
    bench.ends(Ok(1)).await;
    assert_eq!(bench.told.incidents(), []);
    for _ in 0..5 {
        bench.ends(Err(transient())).await;
    }
    assert_eq!(bench.told.stages(), [Stage::Began]);
    bench.ends(Ok(2)).await;
    bench.ends(Ok(3)).await;
    assert_eq!(bench.told.stages(), [Stage::Began, Stage::Recovered]);
    let [began, recovered] = &bench.told.incidents()[..] else { panic!() };
    assert_eq!(began.since.to_string(), "2026-05-01T12:01:00Z");
    assert_eq!((began.failures, recovered.failures, recovered.since), (1, 5, began.since));
    assert_eq!(recovered.last_good.unwrap().to_string(), "2026-05-01T12:00:00Z");
    assert_eq!(recovered.subject(), "sheet-sync is good again after 5 min");
    bench.ends(Err(transient())).await;
    assert_eq!(bench.told.stages().len(), 3, "another incident");
}

#[tokio::test]
async fn what_was_to_heal_and_then_needs_a_person_is_told_once_more() {
    let bench = Bench::new();
    for failure in [transient(), consent(), transient(), consent(), Failure::needs_person("no tab")]
    {
        bench.ends(Err(failure)).await;
    }
    assert_eq!(bench.told.stages(), [Stage::Began, Stage::NeedsPerson]);
    let told = bench.told.incidents()[1].to_string();
    for part in [
        "sheet-sync fails until somebody consents.",
        "Failing since: 2026-05-01T12:00:00Z (2 runs)",
        "Last good run: none",
        "Why: the grant needs consent: run `reauth`",
        "What mends it: run `reauth`",
    ] {
        assert!(told.contains(part), "{told}");
    }
    assert_eq!(bench.health().status, JobStatus::NeedsPerson);
}

#[tokio::test]
async fn one_that_needs_a_person_from_the_start_is_told_once() {
    let bench = Bench::new();
    bench.ends(Err(consent())).await;
    bench.ends(Err(transient())).await;
    bench.ends(Err(consent())).await;
    assert_eq!(bench.told.stages(), [Stage::Began]);
}

/// What fails side by side, of which nothing heals by itself.
fn side_by_side(names: &[&str]) -> Result<u32, Failure> {
    let part = |name: &&str| ((*name).to_owned(), Failure::needs_person(format!("no {name}")));
    Err(Failure::all(names.iter().map(part)).unwrap())
}

#[tokio::test]
async fn each_of_what_fails_side_by_side_is_told_once() {
    let bench = Bench::new();
    for names in
        [&["C-1"][..], &["C-1"], &["C-1", "C-2"], &["C-1", "C-2"], &["C-2"], &["C-1", "C-2"]]
    {
        bench.ends(side_by_side(names)).await;
    }
    assert_eq!(bench.told.stages(), [Stage::Began, Stage::Worsened, Stage::Worsened]);
    let worsened = &bench.told.incidents()[1];
    assert_eq!(worsened.subject(), "sheet-sync fails in one more way");
    assert_eq!(worsened.failure.why, "no C-1; no C-2");

    // What fails as a whole says nothing of its parts.
    bench.ends(Err(transient())).await;
    bench.ends(Err(transient())).await;
    assert_eq!(bench.told.stages().len(), 4);
    bench.ends(side_by_side(&["C-1", "C-2"])).await;
    assert_eq!(bench.told.stages().len(), 4);
    bench.ends(Ok(1)).await;
    assert_eq!(bench.told.stages().last(), Some(&Stage::Recovered));
}

#[tokio::test]
async fn a_part_that_comes_to_need_consent_is_told_beside_one_that_needs_a_person() {
    let bench = Bench::new();
    let charter = || ("C-1".to_owned(), Failure::needs_person("nobody is left"));
    for mails in [transient(), consent(), consent(), transient()] {
        let failure = Failure::all([charter(), ("mails".to_owned(), mails)]).unwrap();
        bench.ends(Err(failure)).await;
    }
    assert_eq!(bench.told.stages(), [Stage::Began, Stage::Worsened]);
    assert!(bench.told.incidents()[1].failure.needs_consent());
}

#[tokio::test]
async fn what_is_over_is_told_once_and_the_good_run_after_it_is_no_recovery() {
    let bench = Bench::new();
    bench.ends(side_by_side(&["C-1"])).await;
    let over = ("C-1 sailed".to_owned(), Failure::over("C-1 has cast off"));
    let report = serde_json::json!({"sent": 2});
    bench.ends(Err(Failure::all([over]).unwrap().with_report(report.clone()))).await;
    bench.ends(Ok(1)).await;
    assert_eq!(bench.told.stages(), [Stage::Began, Stage::Worsened]);
    let subject = bench.told.incidents()[1].subject();
    assert_eq!(subject, "sheet-sync has failed, and that is over");
    assert_eq!(bench.health().status, JobStatus::Good);
    let entries = bench.builder().build().journal().entries().unwrap();
    assert_eq!(entries[1].report, Some(report), "what was done all the same");
    assert_eq!(entries[1].failure.as_ref().unwrap().why, "C-1 has cast off");
}

#[tokio::test]
async fn the_health_file_says_since_when_and_what_mends_it() {
    let bench = Bench::new();
    bench.ends(Ok(1)).await;
    let run = bench.ends(Err(consent())).await;
    let health = bench.health();
    assert_eq!(run.health, health);
    assert_eq!((health.status, health.failures), (JobStatus::NeedsConsent, 1));
    let json: serde_json::Value =
        serde_json::from_slice(&fs::read(bench.path().join("health.json")).unwrap()).unwrap();
    assert_eq!(json["status"], "needs-consent");
    assert_eq!(json["last_good"], "2026-05-01T12:00:00Z");
    assert_eq!(json["failing_since"], "2026-05-01T12:01:00Z");
    assert_eq!(json["failure"]["mend"], "run `reauth`");
    bench.clock.advance(18 * HOUR);
    assert_eq!(
        health.line(bench.now()),
        "sheet-sync: needs consent since 2026-05-01T12:01:00Z, last good run 18 h ago: the grant \
         needs consent: run `reauth`"
    );
}

#[tokio::test]
async fn whoever_asks_learns_who_has_to_act() {
    let bench = Bench::new();
    bench.ends(Ok(1)).await;
    let check = || bench.health().check(2 * HOUR, bench.now());
    check().unwrap();

    bench.ends(Err(transient())).await;
    let error = check().unwrap_err();
    assert!(matches!(error, Error::Failing { .. }) && error.is_transient(), "{error}");
    bench.ends(Err(Failure::needs_person("no tab"))).await;
    let error = check().unwrap_err();
    assert!(!error.is_transient() && !error.needs_consent(), "{error}");
    bench.ends(Err(consent())).await;
    bench.clock.advance(18 * HOUR);
    let error = check().unwrap_err();
    assert!(error.needs_consent(), "{error}");
    assert_eq!(
        error.to_string(),
        "sheet-sync fails since 2026-05-01T12:01:00Z, last good run 18 h ago: the grant needs \
         consent: run `reauth`"
    );

    bench.ends(Err(transient())).await;
    let error = check().unwrap_err();
    assert!(matches!(error, Error::Stale { .. }) && !error.is_transient(), "{error}");
    assert!(error.to_string().ends_with("; no route to the host"), "{error}");
}

#[tokio::test]
async fn a_health_file_of_a_process_that_died_is_stale_by_its_time() {
    let bench = Bench::new();
    bench.ends(Ok(1)).await;
    let health = bench.health();
    let at = |seconds: i64| {
        "2026-05-01T12:00:00Z".parse::<Timestamp>().unwrap()
            + jiff::SignedDuration::from_secs(seconds)
    };
    for (seconds, stale) in [(0, false), (7_200, false), (7_201, true), (-300, false), (-301, true)]
    {
        assert_eq!(health.is_stale(2 * HOUR, at(seconds)), stale, "{seconds}");
    }
    let error = health.check(2 * HOUR, at(64_800)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "sheet-sync is stale, last good run 18 h ago: see whether its process runs"
    );
}

#[tokio::test]
async fn one_whose_next_run_is_overdue_is_stale_unless_a_run_is_under_way() {
    let bench = Bench::new();
    let watch = bench.builder().build();
    watch.every(HOUR).turn().await.run(async || Ok::<_, Failure>(1)).await.unwrap();
    let mut health = bench.health();
    let due = health.next_run.unwrap();
    let late = due + Health::CLOCK_TOLERANCE;
    assert!(!health.is_stale(9 * HOUR, late));
    let error = health.check(9 * HOUR, late + MINUTE).unwrap_err();
    assert!(matches!(error, Error::Stale { .. }), "{error}");
    assert!(error.to_string().contains("it was to run at 2026-05-01T"), "{error}");
    health.running_since = Some(due);
    assert!(!health.is_stale(9 * HOUR, late + MINUTE));
    assert!(health.is_stale(HOUR, due + HOUR));
}

#[tokio::test]
async fn one_that_was_never_good_is_stale_when_it_could_have_been() {
    let bench = Bench::new();
    bench.ends(Err(transient())).await;
    let health = bench.health();
    assert!(!health.is_stale(HOUR, bench.now()));
    bench.clock.advance(HOUR);
    assert!(health.is_stale(HOUR, bench.now()));
    assert_eq!(health.last_good_ago(bench.now()), "no good run in the 61 min it is watched");
}

#[tokio::test]
async fn a_run_that_was_cut_off_counts_as_a_failure_and_is_told() {
    let bench = Bench::new();
    bench.ends(Ok(1)).await;
    let watch = bench.builder().build();
    // A process that dies half way drops all it had.
    let run = watch.run(std::future::pending::<Result<u32, Failure>>);
    tokio::time::timeout(Duration::from_millis(1), run).await.unwrap_err();
    assert_eq!(bench.health().running_since, Some(bench.now()));
    bench.clock.advance(MINUTE);
    bench.ends(Ok(2)).await;
    assert_eq!(bench.told.stages(), [Stage::Began, Stage::Recovered]);
    let entries = watch.journal().entries().unwrap();
    let why: Vec<_> =
        entries.iter().map(|entry| entry.failure.as_ref().map(|it| &*it.why)).collect();
    let cut = "the run that began at 2026-05-01T12:01:00Z was cut off: its process died";
    assert_eq!(why, [None, Some(cut), None]);
    assert_eq!(bench.health().running_since, None);
}

#[tokio::test]
async fn a_job_whose_process_dies_in_every_run_is_told_of_before_it_dies_again() {
    let bench = Bench::new();
    for _ in 0..4 {
        let watch = bench.builder().build();
        let run = watch.run(std::future::pending::<Result<u32, Failure>>);
        tokio::time::timeout(Duration::from_millis(1), run).await.unwrap_err();
        bench.clock.advance(MINUTE);
    }
    assert_eq!(bench.told.stages(), [Stage::Began]);
    assert_eq!((bench.health().status, bench.health().failures), (JobStatus::Failing, 3));
}

#[tokio::test]
async fn the_journal_says_of_each_run_what_it_changed_or_why_it_failed() {
    let bench = Bench::new();
    bench.ends(Ok(7)).await;
    bench.ends(Err(consent())).await;
    let text = fs::read_to_string(bench.path().join("journal.jsonl")).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["report"], &lines[0]["failure"]), (&7.into(), &().into()));
    assert_eq!(lines[1]["started"], "2026-05-01T12:01:00Z");
    assert_eq!(lines[1]["failure"]["healed_by"], "consent");
    assert_eq!(bench.builder().build().journal().entries().unwrap().len(), 2);
}

#[tokio::test]
async fn the_journal_is_bounded_and_half_a_line_harms_no_other() {
    let bench = Bench::new();
    let watch = bench.builder().build();
    let large = "x".repeat(300_000);
    let path = watch.journal().path();
    for _ in 0..4 {
        watch.run(async || Ok::<_, Failure>(&large)).await.unwrap();
    }
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}{{\"job\":\"sh")).unwrap();
    bench.ends(Ok(5)).await;
    bench.ends(Ok(6)).await;
    let before = bench.path().join("journal.1.jsonl");
    assert!(before.metadata().unwrap().len() < 1_500_000);
    let reports: Vec<_> =
        watch.journal().entries().unwrap().into_iter().map(|it| it.report.unwrap()).collect();
    assert_eq!(reports.len(), 6);
    assert_eq!(reports[4..], [5, 6]);
}

#[tokio::test]
async fn of_two_that_run_at_once_the_second_says_who_runs() {
    let bench = Bench::new();
    let (one, other) = (bench.builder().build(), bench.builder().build());
    let run = async || {
        let error = other.run(async || Ok::<_, Failure>(1)).await.unwrap_err();
        assert!(error.is_transient());
        let process = format!("is in use by process {}, since 2026", std::process::id());
        assert!(error.to_string().contains(&process), "{error}");
        Ok::<_, Failure>(2)
    };
    assert_eq!(one.run(run).await.unwrap().outcome, Ok(2));
    assert_eq!(bench.told.incidents(), [], "to wait is no failure");
}

/// Fails until it is mended.
#[derive(Clone, Default)]
struct Broken {
    told: Told,
    mended: Arc<AtomicBool>,
}

#[async_trait]
impl Alert for Broken {
    async fn alert(&self, incident: &Incident) -> Result<(), BoxError> {
        if !self.mended.load(Ordering::Relaxed) {
            return Err("the mail server is away".into());
        }
        self.told.alert()(incident);
        Ok(())
    }
}

#[tokio::test]
async fn an_alert_that_fails_is_called_again_and_the_others_are_not() {
    let bench = Bench::new();
    let broken = Broken::default();
    let run = async |outcome: Result<u32, Failure>| {
        let watch = bench.builder().alert(broken.clone()).build();
        watch.run(async || outcome).await.unwrap()
    };
    run(Err(transient())).await;
    let health = run(Err(transient())).await.health;
    assert_eq!(health.alert_problem.as_ref().unwrap().why, "the mail server is away");
    assert!(health.line(bench.now()).ends_with("; nobody was alerted: the mail server is away"));
    let health = run(Ok(1)).await.health;
    let error = health.check(HOUR, bench.now()).unwrap_err();
    assert!(matches!(error, Error::Unalerted { .. }) && !error.is_transient(), "{error}");
    assert_eq!(error.to_string(), "nobody is alerted of sheet-sync: the mail server is away");
    broken.mended.store(true, Ordering::Relaxed);
    let health = run(Ok(1)).await.health;
    assert_eq!(health.alert_problem, None);
    health.check(HOUR, bench.now()).unwrap();
    let both = [Stage::Began, Stage::Recovered];
    assert_eq!((bench.told.stages(), broken.told.stages()), (both.to_vec(), both.to_vec()));
    assert_eq!(bench.health(), health);
}

#[tokio::test]
async fn what_cannot_be_put_on_record_is_told_once_and_does_not_run() {
    let bench = Bench::new();
    fs::write(bench.path(), "no folder").unwrap();
    let watch = bench.builder().build();
    for _ in 0..3 {
        let ran = watch.run(async || -> Result<u32, Failure> { panic!("it ran") }).await;
        assert!(matches!(ran, Err(Error::File { .. })));
        bench.clock.advance(MINUTE);
    }
    let [told] = &bench.told.incidents()[..] else { panic!() };
    assert_eq!(watch.unrecorded().as_ref(), Some(told));
    assert_eq!(told.subject(), "sheet-sync cannot keep its state");
    let mend = format!("move `{}` away: there is to be a folder", bench.path().display());
    assert_eq!(told.failure.mend, Some(mend));

    fs::remove_file(bench.path()).unwrap();
    let run = watch.run(async || Ok::<_, Failure>(1)).await.unwrap();
    assert_eq!((run.health.status, watch.unrecorded()), (JobStatus::Good, None));
    assert_eq!(bench.told.stages(), [Stage::Began, Stage::Recovered]);
    assert_eq!(bench.told.incidents()[1].since, told.since);
    watch.run(async || Ok::<_, Failure>(1)).await.unwrap();
    assert_eq!(bench.told.stages().len(), 2);
}

#[tokio::test]
async fn what_fails_once_it_is_on_record_again_is_the_same_incident() {
    let bench = Bench::new();
    fs::write(bench.path(), "no folder").unwrap();
    let watch = bench.builder().build();
    watch.run(async || Ok::<_, Failure>(1)).await.unwrap_err();
    bench.clock.advance(MINUTE);
    fs::remove_file(bench.path()).unwrap();
    let run = watch.run(async || Err::<u32, _>(transient())).await.unwrap();
    let since = run.health.failing_since.unwrap();
    assert_eq!((since.to_string().as_str(), run.health.failures), ("2026-05-01T12:00:00Z", 2));
    bench.clock.advance(MINUTE);
    watch.run(async || Ok::<_, Failure>(1)).await.unwrap();
    assert_eq!(bench.told.stages(), [Stage::Began, Stage::Recovered]);
}

#[tokio::test]
async fn an_alert_that_fails_while_nothing_is_on_record_is_called_again() {
    let bench = Bench::new();
    let broken = Broken::default();
    fs::write(bench.path(), "no folder").unwrap();
    let watch = bench.builder().alert(broken.clone()).build();
    let run = async || watch.run(async || Ok::<_, Failure>(1)).await;
    run().await.unwrap_err();
    fs::remove_file(bench.path()).unwrap();
    let problem = run().await.unwrap().health.alert_problem.unwrap();
    assert_eq!(problem.why, "the mail server is away");
    broken.mended.store(true, Ordering::Relaxed);
    assert_eq!(run().await.unwrap().health.alert_problem, None);
    let both = [Stage::Began, Stage::Recovered];
    assert_eq!((bench.told.stages(), broken.told.stages()), (both.to_vec(), both.to_vec()));

    fs::rename(bench.path(), bench.folder.path().join("away")).unwrap();
    fs::write(bench.path(), "no folder").unwrap();
    broken.mended.store(false, Ordering::Relaxed);
    run().await.unwrap_err();
    broken.mended.store(true, Ordering::Relaxed);
    run().await.unwrap_err();
    assert_eq!((bench.told.stages().len(), broken.told.stages().len()), (3, 3));
}

/// Runs that add up to a job that fails since its second one.
async fn failing(bench: &Bench) -> Health {
    bench.ends(Ok(1)).await;
    bench.ends(Err(consent())).await;
    bench.ends(Err(consent())).await.health
}

#[tokio::test]
async fn a_damaged_health_file_says_what_is_wrong_and_what_mends_it() {
    let bench = Bench::new();
    failing(&bench).await;
    for (damage, what) in
        [("", "EOF"), ("{\"job\":\"sheet-sy", "EOF"), ("{}", "missing field `job`")]
    {
        fs::write(bench.path().join("health.json"), damage).unwrap();
        let Err(Error::File { path, source, .. }) = Health::read(bench.path()) else { panic!() };
        assert_eq!(path, bench.path().join("health.json"));
        let source = source.to_string();
        assert!(source.starts_with(&format!("it is no health file ({what}")), "{source}");
        assert!(source.ends_with("leaves this one as `health.damaged.json`"), "{source}");
    }
    fs::remove_file(bench.path().join("journal.jsonl")).unwrap();
    let Err(Error::File { source, .. }) = Health::read(bench.path()) else { panic!() };
    assert!(source.to_string().contains("move it away, and the next run begins anew"), "{source}");
    let watch = bench.builder().build();
    let ran = watch.run(async || -> Result<u32, Failure> { panic!("it ran") }).await.unwrap_err();
    assert!(matches!(&ran, Error::File { path, .. } if path.ends_with("health.json")), "{ran}");
    assert_eq!(fs::read(bench.path().join("health.json")).unwrap(), b"{}", "it is left");
    fs::remove_file(bench.path().join("health.json")).unwrap();
    assert_eq!(bench.ends(Ok(1)).await.health.status, JobStatus::Good);
}

#[tokio::test]
async fn a_damaged_health_file_is_rebuilt_from_the_journal_and_counts_as_a_bad_run() {
    let bench = Bench::new();
    bench.ends(Ok(1)).await;
    let last_good = bench.ends(Ok(1)).await.health.last_good;
    fs::write(bench.path().join("health.json"), "damage").unwrap();
    let health = bench.ends(Err(transient())).await.health;
    assert_eq!((health.last_good, health.failures), (last_good, 2));
    assert_eq!(health.watched_since.to_string(), "2026-05-01T12:00:00Z");
    let [told] = &bench.told.incidents()[..] else { panic!() };
    let why = "`health.json` was no health file (expected value at line 1 column 1): it was rebuilt \
               from the journal, and what was there is `health.damaged.json`";
    assert_eq!((&*told.failure.why, told.last_good), (why, last_good));
    assert_eq!(fs::read(bench.path().join("health.damaged.json")).unwrap(), b"damage");
    let entries = bench.builder().build().journal().entries().unwrap();
    assert_eq!((entries.len(), &*entries[2].failure.as_ref().unwrap().why), (4, why));
    bench.ends(Ok(1)).await;
    assert_eq!(bench.told.stages(), [Stage::Began, Stage::Recovered]);
}

#[tokio::test]
async fn what_the_runs_add_up_to_is_what_the_health_file_said() {
    let bench = Bench::new();
    let before = failing(&bench).await;
    fs::remove_file(bench.path().join("health.json")).unwrap();
    let health = bench.ends(Err(consent())).await.health;
    assert_eq!((health.failing_since, health.last_good), (before.failing_since, before.last_good));
    assert_eq!((health.status, health.failures), (JobStatus::NeedsConsent, 3));
    // Nobody knows whether they have heard; a mail of the same key is one mail.
    let [first, again] = &bench.told.incidents()[..] else { panic!() };
    assert_eq!((first, first.key()), (again, again.key()));

    fs::write(bench.path().join("health.json"), "damage").unwrap();
    let clock = Arc::clone(&bench.clock);
    let other = Watch::builder(bench.path(), "other").clock(clock).build();
    let ran = other.run(async || Ok::<_, Failure>(1)).await.unwrap_err();
    assert!(matches!(ran, Error::OtherJob { .. }), "{ran}");
    assert_eq!(fs::read(bench.path().join("health.json")).unwrap(), b"damage");
}
