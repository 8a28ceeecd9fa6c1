//! A watched job again and again, on a paused clock.

use std::{
    cell::{Cell, RefCell},
    future::pending,
    sync::Arc,
    time::Duration,
};

use jada_auth::Clock;
use jada_reports::{Failure, Health, JobStatus, Schedule, Stage, Watch, WatchBuilder};
use jiff::Timestamp;
use jiff::civil::time;
use jiff::tz::{TimeZone, offset};
use tempfile::TempDir;
use tokio::time::{Instant, sleep, timeout};

use crate::desk::{TokioClock, Told};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const INTERVAL: Duration = Duration::from_secs(1800);

struct Bench {
    folder: TempDir,
    clock: Arc<TokioClock>,
}

impl Bench {
    fn new() -> Self {
        let clock = TokioClock::at("2026-05-01T12:00:00Z");
        Self { folder: tempfile::tempdir().unwrap(), clock }
    }

    fn schedule(&self) -> Schedule {
        self.watch().every(INTERVAL)
    }

    fn watch(&self) -> Watch {
        self.builder().build()
    }

    fn builder(&self) -> WatchBuilder {
        let folder = self.folder.path().join("state");
        Watch::builder(folder, "sheet-sync").clock(self.clock.clone())
    }

    fn now(&self) -> Timestamp {
        self.clock.now().wall
    }

    fn health(&self) -> Health {
        self.watch().health().unwrap().unwrap()
    }
}

/// The pauses between instants, in seconds.
fn pauses(runs: &[Instant]) -> Vec<u64> {
    runs.windows(2).map(|pair| (pair[1] - pair[0]).as_secs()).collect()
}

#[tokio::test(start_paused = true)]
async fn it_runs_at_once_and_then_each_interval_but_for_jitter() {
    let bench = Bench::new();
    let runs = RefCell::new(Vec::new());
    let stop = sleep(INTERVAL * 20);
    let job = async || {
        runs.borrow_mut().push(Instant::now());
        sleep(MINUTE).await;
        Ok::<_, Failure>(1)
    };
    let began = Instant::now();
    bench.schedule().until(stop, job).await;
    let runs = runs.into_inner();
    assert_eq!(runs[0], began);
    let pauses = pauses(&runs);
    assert!(pauses.iter().all(|pause| (1_700..=1_900).contains(pause)), "{pauses:?}");
    assert!((18..=21).contains(&runs.len()), "{}", runs.len());
    assert!(pauses.iter().any(|pause| *pause != pauses[0]), "without jitter: {pauses:?}");
}

/// When a job runs within some hours that is to run each day at 06:00, 8 h behind UTC. It takes an
/// hour, and its first run ends so.
async fn times(bench: &Bench, hours: u32, first: Result<u32, Failure>) -> Vec<String> {
    let zone = TimeZone::fixed(offset(-8));
    let mut schedule = bench.watch().every(HOUR * 24).at(time(6, 0, 0, 0), zone);
    let (runs, first) = (RefCell::new(Vec::new()), RefCell::new(Some(first)));
    let job = async || {
        runs.borrow_mut().push(bench.now().strftime("%d %H:%M").to_string());
        sleep(HOUR).await;
        first.take().unwrap_or(Ok(1))
    };
    schedule.until(sleep(HOUR * hours), job).await;
    runs.into_inner()
}

#[tokio::test(start_paused = true)]
async fn at_a_time_of_day_it_runs_then_and_at_once_only_where_a_good_run_is_missing() {
    let bench = Bench::new();
    assert_eq!(times(&bench, 48, Ok(1)).await, ["01 12:00", "01 14:00", "02 14:00"]);
    assert_eq!(times(&bench, 24, Ok(1)).await, ["03 14:00"], "none is missing");
    sleep(HOUR * 30).await;
    let no_tab = || Err(Failure::needs_person("no such tab"));
    assert_eq!(times(&bench, 6, no_tab()).await, ["05 18:00"], "one was missed");
    assert_eq!(times(&bench, 15, no_tab()).await, ["06 00:00", "06 14:00"], "the last had failed");
}

#[tokio::test(start_paused = true)]
async fn what_heals_by_itself_is_tried_again_soon_and_a_retry_after_is_heeded() {
    let bench = Bench::new();
    let runs = RefCell::new(Vec::new());
    let job = async || {
        runs.borrow_mut().push(Instant::now());
        match runs.borrow().len() {
            1 => Err(Failure::transient("no route")),
            2 => Err(Failure::transient("busy").with_retry_after(MINUTE * 10)),
            3 => Err(Failure::needs_person("no tab")),
            _ => Ok(1),
        }
    };
    bench.schedule().until(sleep(MINUTE * 60), job).await;
    let pauses = pauses(&runs.into_inner());
    assert!((15..=30).contains(&pauses[0]), "{pauses:?}");
    assert!((600..=601).contains(&pauses[1]), "{pauses:?}");
    assert!((1_700..=1_900).contains(&pauses[2]), "what needs a person: {pauses:?}");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_under_way_ends_when_it_is_told_to_stop() {
    let bench = Bench::new();
    let ended = Cell::new(0);
    let job = async || {
        sleep(MINUTE * 5).await;
        ended.set(ended.get() + 1);
        Ok::<_, Failure>(1)
    };
    let began = Instant::now();
    bench.schedule().until(sleep(MINUTE), job).await;
    assert_eq!((ended.get(), began.elapsed().as_secs()), (1, 300));
    assert_eq!(bench.health().running_since, None);
    assert!(bench.health().next_run.unwrap() > bench.now());
}

#[tokio::test(start_paused = true)]
async fn of_two_on_one_folder_one_runs_and_the_other_takes_over_when_it_dies() {
    let bench = Bench::new();
    let (one, other) = (Cell::new(0), Cell::new(0));
    let count = async |runs: &Cell<u32>| {
        sleep(MINUTE).await;
        runs.set(runs.get() + 1);
        Ok::<_, Failure>(1)
    };
    let (mut first, mut second) = (bench.schedule(), bench.schedule());
    let both = async {
        let first = first.until(pending(), || count(&one));
        let first = timeout(INTERVAL * 10, first);
        let second = second.until(sleep(INTERVAL * 20), || count(&other));
        tokio::join!(first, second)
    };
    let (died, ()) = both.await;
    assert!(died.is_err());
    let runs = bench.watch().journal().entries().unwrap();
    let good = runs.iter().filter(|run| run.failure.is_none()).count() as u32;
    assert_eq!(one.get() + other.get(), good);
    assert!((18..=22).contains(&good), "{good} runs in 20 intervals");
    assert!(other.get() >= 9, "{} by the second", other.get());
}

#[tokio::test(start_paused = true)]
async fn a_run_that_another_process_died_in_is_done_again_at_once() {
    let bench = Bench::new();
    let mut schedule = bench.schedule();
    let watch = bench.watch();
    let dies = watch.run(pending::<Result<u32, Failure>>);
    timeout(MINUTE, dies).await.unwrap_err();
    let runs = Cell::new(0);
    let job = async || {
        runs.set(runs.get() + 1);
        Ok::<_, Failure>(1)
    };
    schedule.until(sleep(MINUTE), job).await;
    assert_eq!(runs.get(), 1);
    let entries = bench.watch().journal().entries().unwrap();
    assert!(entries[0].failure.as_ref().unwrap().why.contains("was cut off"));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_in_the_journal_is_not_done_again_though_its_process_died_right_after() {
    let bench = Bench::new();
    let told = Told::default();
    let mut schedule = bench.builder().alert(told.alert()).build().every(INTERVAL);
    let fails = async || Err::<u32, _>(Failure::needs_person("no tab"));
    bench.watch().run(fails).await.unwrap();
    let path = bench.folder.path().join("state/health.json");
    let mut health: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    health["running_since"] = health["last_run"].clone();
    for since_then in ["failing_since", "failure"] {
        health[since_then] = serde_json::Value::Null;
    }
    (health["status"], health["untold"]) = ("new".into(), serde_json::json!([]));
    std::fs::write(&path, health.to_string()).unwrap();

    schedule.until(sleep(MINUTE), async || -> Result<u32, Failure> { panic!("it ran") }).await;
    assert_eq!(bench.watch().journal().entries().unwrap().len(), 1);
    let health = bench.health();
    assert_eq!((health.status, health.running_since), (JobStatus::NeedsPerson, None));
    assert_eq!(told.stages(), [Stage::Began], "by the one that lives");
}

#[tokio::test(start_paused = true)]
async fn one_waits_while_another_runs_and_then_for_the_next_time() {
    let bench = Bench::new();
    let other = bench.watch();
    let runs = Cell::new(0);
    let mut schedule = bench.schedule();
    let by_hand = other.run(async || {
        sleep(MINUTE * 20).await;
        Ok::<_, Failure>(1)
    });
    let scheduled = schedule.until(sleep(MINUTE * 45), async || {
        runs.set(runs.get() + 1);
        Ok::<_, Failure>(2)
    });
    let (by_hand, ()) = tokio::join!(by_hand, scheduled);
    assert_eq!(by_hand.unwrap().outcome, Ok(1));
    assert_eq!(runs.get(), 0, "an interval after the run by hand had ended it is due");
}

#[tokio::test(start_paused = true)]
async fn a_wall_clock_that_is_set_back_holds_nothing_up() {
    let bench = Bench::new();
    let runs = RefCell::new(Vec::new());
    let job = async || {
        runs.borrow_mut().push(Instant::now());
        bench.clock.set_back(INTERVAL * 10);
        Ok::<_, Failure>(1)
    };
    bench.schedule().until(sleep(INTERVAL * 10), job).await;
    let pauses = pauses(&runs.into_inner());
    assert!(pauses.len() > 7 && pauses.iter().all(|pause| *pause < 1_900), "{pauses:?}");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_put_on_record_is_tried_again_ever_later_and_then_goes_on() {
    let bench = Bench::new();
    let state = bench.folder.path().join("state");
    std::fs::write(&state, "no folder").unwrap();
    let ran = Cell::new(false);
    let mend = async {
        sleep(MINUTE * 10).await;
        std::fs::remove_file(&state).unwrap();
    };
    let told = Told::default();
    let mut schedule = bench.builder().alert(told.alert()).build().every(INTERVAL);
    let job = async || {
        ran.set(true);
        Ok::<_, Failure>(1)
    };
    tokio::join!(mend, schedule.until(sleep(MINUTE * 30), job));
    assert!(ran.get());
    assert!(bench.health().last_good.is_some());
    assert_eq!(told.stages(), [Stage::Began, Stage::Recovered], "once each, whatever was tried");
}

#[tokio::test(start_paused = true)]
async fn an_event_makes_a_run_due_at_once_and_the_interval_is_counted_from_it() {
    let bench = Bench::new();
    let mut schedule = bench.schedule();
    let mut begun = Vec::new();
    for pause in [None, Some(MINUTE), None, Some(INTERVAL * 2)] {
        let event = async {
            match pause {
                Some(pause) => sleep(pause).await,
                None => pending().await,
            }
        };
        let turn = schedule.turn_or(event).await;
        begun.push(Instant::now());
        turn.run(async || Ok::<_, Failure>(1)).await.unwrap();
    }
    let pauses = pauses(&begun);
    assert_eq!(pauses[0], 60, "by the event");
    assert!(pauses[1..].iter().all(|pause| (1_700..=1_900).contains(pause)), "{pauses:?}");
    assert_eq!(bench.health().interval, Some(1800));
}

#[tokio::test(start_paused = true)]
async fn no_event_hurries_what_cannot_be_put_on_record() {
    let bench = Bench::new();
    let mut schedule = bench.schedule();
    let state = bench.folder.path().join("state");
    let mut begun = Vec::new();
    for is_kept in [false, true, true] {
        let turn = schedule.turn_or(sleep(Duration::from_secs(1))).await;
        begun.push(Instant::now());
        if !is_kept {
            std::fs::remove_dir_all(&state).unwrap();
            std::fs::write(&state, "no folder").unwrap();
        }
        let ran = turn.run(async || Ok::<_, Failure>(1)).await;
        assert_eq!(ran.is_ok(), is_kept);
        if !is_kept {
            std::fs::remove_file(&state).unwrap();
        }
    }
    let pauses = pauses(&begun);
    assert!((15..=30).contains(&pauses[0]) && pauses[1] == 1, "{pauses:?}");
}
