//! A crash at each step to the disk, one after the other, and who has heard of it.

use std::cell::Cell;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::{Entry, Incident, MailAlert, Stage, Watch};
use crate::error::Error;
use crate::failure::Failure;
use crate::files::crash;

async fn fails(watch: &Watch) -> Result<(), Error> {
    watch.run(async || Err::<u32, _>(Failure::transient("no route"))).await.map(drop)
}

#[tokio::test]
async fn a_crash_at_any_step_keeps_no_incident_from_being_told_and_its_mail_is_one() {
    for steps in (0..).step_by(crash::stride()) {
        let folder = tempfile::tempdir().unwrap();
        let outbox = jada_mail::Outbox::new(folder.path().join("outbox"));
        let told = Arc::new(Mutex::new(Vec::new()));
        let (told_to, outbox_of) = (Arc::clone(&told), outbox.clone());
        let watch = || {
            let told = Arc::clone(&told_to);
            let from = "sync@example.com".parse().unwrap();
            let to = vec!["ops@example.com".parse().unwrap()];
            Watch::builder(folder.path().join("state"), "sync")
                .alert(move |incident: &Incident| told.lock().unwrap().push(incident.stage))
                .alert(MailAlert::new(outbox_of.clone(), from, to))
                .build()
        };
        crash::after(steps);
        let lived = fails(&watch()).await;
        crash::after(usize::MAX);
        let crashed = lived.is_err();
        assert!(!crashed || matches!(lived, Err(Error::File { .. })), "{steps}: {lived:?}");

        fails(&watch()).await.unwrap();
        let good = watch().run(async || Ok::<_, Failure>(1)).await.unwrap();
        assert_eq!(good.health.untold, [], "{steps}");
        let told = told.lock().unwrap().clone();
        assert!(told.contains(&Stage::Began), "{steps}");
        assert_eq!(told.iter().filter(|it| **it == Stage::Recovered).count(), 1, "{steps}");
        let mails = outbox.status().unwrap().mails;
        let since = |stage: &str| mails.iter().filter(|it| it.key.as_str().contains(stage)).count();
        assert_eq!(since("-recovered-"), 1, "{steps}");
        // One that could not be put on record at all is an incident of its own.
        assert!((1..=2).contains(&since("-began-")), "{steps}");
        if !crashed {
            assert_eq!((told.len(), mails.len()), (2, 2));
            assert!(steps > 8, "{steps} steps");
            return;
        }
    }
}

/// A job that is good, and counts how often it was done.
struct Bench {
    folder: tempfile::TempDir,
    done: Cell<usize>,
    /// What is told of runs that are on record; a process that dies tells nobody of the others.
    told: Arc<Mutex<Vec<Stage>>>,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, done: Cell::new(0), told: Arc::default() }
    }

    fn watch(&self) -> Watch {
        let told = Arc::clone(&self.told);
        Watch::builder(self.folder.path().join("state"), "sync")
            .alert(move |incident: &Incident| {
                if !incident.unrecorded {
                    told.lock().unwrap().push(incident.stage);
                }
            })
            .build()
    }

    /// By a process of its own.
    async fn run(&self) -> Result<(), Error> {
        let job = async || {
            self.done.set(self.done.get() + 1);
            Ok::<_, Failure>(self.done.get())
        };
        self.watch().run(job).await.map(drop)
    }

    /// One that dies after so many steps to the disk; whether it did.
    async fn dies_after(&self, steps: usize) -> bool {
        crash::after(steps);
        let died = self.run().await.is_err();
        crash::after(usize::MAX);
        died
    }

    fn journal(&self) -> Vec<Entry> {
        self.watch().journal().entries().unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("state").join(name)
    }
}

#[tokio::test]
async fn a_crash_at_any_step_leaves_a_good_run_on_record_once_or_cut_off() {
    let mut in_between = 0;
    for steps in 0.. {
        let bench = Bench::new();
        bench.run().await.unwrap();
        let died = bench.dies_after(steps).await;
        let on_record = bench.journal();
        let under_way = bench.watch().health().unwrap().unwrap().running_since;
        let ended = on_record.last().map(|entry| entry.started);
        let cut_off = under_way.is_some() && under_way != ended;
        in_between += (under_way.is_some() && under_way == ended) as usize;
        assert!(died || under_way.is_none());

        bench.run().await.unwrap();
        let entries = bench.journal();
        assert_eq!(entries.len(), on_record.len() + 1 + cut_off as usize, "{steps}");
        let bad = entries.iter().filter(|entry| entry.failure.is_some()).count();
        assert_eq!(bad, cut_off as usize, "{steps}: {entries:?}");
        let told = bench.told.lock().unwrap().clone();
        let expected: &[Stage] = if cut_off { &[Stage::Began, Stage::Recovered] } else { &[] };
        assert_eq!(told, expected, "{steps}");
        let mut starts: Vec<_> = entries.iter().map(|entry| entry.started).collect();
        starts.dedup();
        assert_eq!(starts.len(), entries.len(), "{steps}: on record twice");
        // Each time that the job was done is a good run on record, or the one that was cut off.
        let good = entries.len() - bad;
        assert!((good..=good + bad).contains(&bench.done.get()), "{steps}: {entries:?}");
        if !died {
            assert!(steps > 6 && in_between > 1, "{in_between} of {steps} steps");
            return;
        }
    }
}

#[tokio::test]
async fn a_crash_at_any_step_of_a_rebuilding_leaves_it_to_the_next_run() {
    for steps in (0..).step_by(crash::stride()) {
        let bench = Bench::new();
        bench.run().await.unwrap();
        fs::write(bench.path("health.json"), "damage").unwrap();
        let died = bench.dies_after(steps).await;
        bench.run().await.unwrap();
        assert_eq!(fs::read(bench.path("health.damaged.json")).unwrap(), b"damage", "{steps}");
        let told = bench.told.lock().unwrap().clone();
        assert!(told.contains(&Stage::Began), "{steps}: {told:?}");
        assert_eq!(told.last(), Some(&Stage::Recovered), "{steps}: {told:?}");
        let health = bench.watch().health().unwrap().unwrap();
        assert_eq!(health.watched_since, bench.journal()[0].started, "{steps}");
        if !died {
            assert!(steps > 12, "{steps} steps");
            return;
        }
    }
}
