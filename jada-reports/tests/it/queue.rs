//! A queue of changes: order, retries, the dead, and processes that are killed.

mod kills;

use std::{
    cell::{Cell, RefCell},
    sync::Arc,
    time::Duration,
};

use jada_auth::{Clock, ManualClock};
use jada_reports::{Change, ChangeQueue, ChangeQueueBuilder, Drained, Error, Failure};
use jiff::Timestamp;
use serde_json::json;
use tempfile::TempDir;

const HOUR: Duration = Duration::from_secs(3600);

struct Bench {
    folder: TempDir,
    clock: Arc<ManualClock>,
    /// What the handler was given.
    handed: RefCell<Vec<String>>,
}

impl Bench {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::new("2026-05-01T12:00:00Z".parse().unwrap()));
        Self { folder: tempfile::tempdir().unwrap(), clock, handed: RefCell::default() }
    }

    fn builder(&self) -> ChangeQueueBuilder {
        ChangeQueue::builder(self.folder.path().join("queue")).clock(self.clock.clone())
    }

    fn queue(&self) -> ChangeQueue {
        self.builder().open().unwrap()
    }

    /// A queue in which these keys wait.
    fn with(&self, keys: &[&str]) -> ChangeQueue {
        let queue = self.queue();
        keys.iter().for_each(|key| queue.push(key, &json!({ "of": key })).unwrap());
        queue
    }

    /// Drains by a handler that is told the key and how often it was tried before.
    async fn drain(
        &self,
        queue: &ChangeQueue,
        handler: impl Fn(&str, u32) -> Result<(), Failure>,
    ) -> Drained {
        let drained = queue.drain(async |change: Change| {
            self.handed.borrow_mut().push(change.key.clone());
            handler(&change.key, change.attempts)
        });
        drained.await.unwrap()
    }

    fn handed(&self) -> Vec<String> {
        self.handed.take()
    }

    fn now(&self) -> Timestamp {
        self.clock.now().wall
    }
}

fn consent() -> Failure {
    let command = "reauth".to_owned();
    Failure::from(jada_auth::Error::ConsentNeeded { what: "the grant".into(), command })
}

#[tokio::test]
async fn changes_are_applied_in_the_order_in_which_they_came_and_the_latest_of_a_key_alone() {
    let bench = Bench::new();
    let queue = bench.with(&["b", "a", "../c", "b"]);
    let drained = bench.drain(&queue, |_, _| Ok(())).await;
    assert_eq!(drained.applied, ["a", "../c", "b"]);
    assert_eq!((bench.handed().len(), drained.waiting, drained.next), (3, 0, None));
    assert_eq!(drained.to_string(), "3 applied, 0 waiting");
    assert_eq!(bench.drain(&queue, |_, _| Ok(())).await.applied, Vec::<String>::new());
}

#[tokio::test]
async fn the_order_outlives_a_clock_that_is_set_back() {
    let bench = Bench::new();
    let queue = bench.with(&["first"]);
    bench.clock.set_wall("2020-01-01T00:00:00Z".parse().unwrap());
    bench.queue().push("second", &1).unwrap();
    let drained = bench.drain(&queue, |_, _| Ok(())).await;
    assert_eq!(drained.applied, ["first", "second"]);
}

#[tokio::test]
async fn a_change_that_comes_while_its_key_is_applied_is_not_lost() {
    let bench = Bench::new();
    let queue = bench.with(&["a", "b"]);
    let handler = async |change: Change| {
        if change.change["of"] == "a" {
            queue.push("a", &json!({ "of": "later" })).unwrap();
            queue.push("b", &json!({ "of": "later" })).unwrap();
        }
        bench.handed.borrow_mut().push(change.change["of"].as_str().unwrap().to_owned());
        Ok::<_, Failure>(())
    };
    let drained = queue.drain(handler).await.unwrap();
    assert_eq!((drained.waiting, drained.next), (2, Some(bench.now())));
    assert_eq!(bench.handed(), ["a"], "b is replaced by what is for the next drain");
    let _ = queue.drain(handler).await.unwrap();
    assert_eq!(bench.handed(), ["later", "later"]);
}

#[tokio::test]
async fn one_that_fails_waits_ever_longer_and_the_others_go_on() {
    let bench = Bench::new();
    let queue = bench.with(&["a", "b", "c"]);
    let fail = |key: &str, _| match key {
        "b" => Err(Failure::transient("busy")),
        _ => Ok(()),
    };
    let drained = bench.drain(&queue, fail).await;
    assert_eq!((drained.applied.len(), drained.waiting, &drained.stopped), (2, 1, &None));
    let wait = drained.next.unwrap().duration_since(bench.now()).as_secs();
    assert!((15..=30).contains(&wait), "{wait}");
    bench.handed();
    let _ = bench.drain(&queue, fail).await;
    assert_eq!(bench.handed(), Vec::<String>::new(), "it is not due");
    bench.clock.advance(Duration::from_secs(30));
    let wait = bench.drain(&queue, fail).await.next.unwrap().duration_since(bench.now()).as_secs();
    assert!((30..=60).contains(&wait), "{wait}");
    let status = queue.status().unwrap();
    assert_eq!((status.waiting[0].attempts, &*status.waiting[0].key), (2, "b"));
    assert!(status.to_string().starts_with("waiting  b  since 2026-05-01T12:00:00Z: busy; not b"));
}

#[tokio::test]
async fn a_wait_that_a_clock_set_back_made_endless_is_over() {
    let bench = Bench::new();
    let queue = bench.with(&["a"]);
    let _ = bench.drain(&queue, |_, _| Err(Failure::transient("busy"))).await;
    bench.clock.set_wall("2020-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(bench.drain(&queue, |_, _| Ok(())).await.applied, ["a"]);
}

#[tokio::test]
async fn one_that_was_tried_too_often_is_dead_with_the_reason_and_can_be_revived() {
    let bench = Bench::new();
    let queue = bench.builder().max_attempts(3).open().unwrap();
    queue.push("a", &1).unwrap();
    for _ in 0..3 {
        let _ = bench.drain(&queue, |_, _| Err(Failure::needs_person("busy"))).await;
        bench.clock.advance(HOUR);
    }
    let status = queue.status().unwrap();
    assert_eq!((status.waiting.len(), status.dead.len()), (0, 1));
    assert_eq!(
        (status.dead[0].attempts, &*status.dead[0].failure.clone().unwrap().why),
        (3, "busy")
    );
    assert!(status.dead[0].died_at.is_some());
    queue.revive("a").unwrap();
    let drained = bench.drain(&queue, |_, attempts| match attempts {
        0 => Ok(()),
        _ => Err(Failure::needs_person("busy")),
    });
    assert_eq!(drained.await.applied, ["a"]);
    let error = queue.revive("a").unwrap_err();
    assert!(matches!(&error, Error::NoSuchChange { key, .. } if key == "a"), "{error}");
}

#[tokio::test]
async fn an_outage_of_any_length_kills_no_change() {
    let bench = Bench::new();
    let queue = bench.builder().max_attempts(3).open().unwrap();
    queue.push("a", &1).unwrap();
    for _ in 0..60 {
        let drained = bench.drain(&queue, |_, _| Err(Failure::transient("no route"))).await;
        assert_eq!((drained.waiting, drained.dead.len()), (1, 0));
        bench.clock.advance(HOUR);
    }
    // Nor does it count once something else is wrong.
    let drained = bench.drain(&queue, |_, _| Err(Failure::needs_person("no such tab"))).await;
    assert_eq!((drained.waiting, drained.dead.len()), (1, 0));
    bench.clock.advance(2 * HOUR);
    assert_eq!(bench.drain(&queue, |_, _| Ok(())).await.applied, ["a"]);
}

#[tokio::test]
async fn one_that_will_never_be_taken_is_dead_at_once_until_a_later_one_comes() {
    let bench = Bench::new();
    let queue = bench.with(&["a", "b", "c"]);
    let reject = |key: &str, _| match key {
        "a" => Err(Failure::from(Error::Row { key: "a".into(), what: "it is there twice".into() })),
        _ => Ok(()),
    };
    let drained = bench.drain(&queue, reject).await;
    assert_eq!(
        (drained.dead, drained.applied),
        (vec!["a".to_owned()], vec!["b".into(), "c".into()])
    );
    queue.push("a", &2).unwrap();
    assert_eq!(queue.status().unwrap().dead, []);
    assert_eq!(bench.drain(&queue, |_, _| Ok(())).await.applied, ["a"]);

    queue.push("a", &3).unwrap();
    let _ = bench.drain(&queue, reject).await;
    queue.discard("a").unwrap();
    assert_eq!(queue.status().unwrap().to_string(), "0 waiting, 0 dead");
}

#[tokio::test]
async fn a_dead_one_never_replaces_a_later_one() {
    let bench = Bench::new();
    let queue = bench.with(&["a"]);
    let _ = bench.drain(&queue, |_, _| Err(Failure::rejected("never"))).await;
    // A process died right before it removed the dead one.
    let dead = bench.folder.path().join("queue/dead");
    let kept = std::fs::read_dir(&dead).unwrap().next().unwrap().unwrap().path();
    let json = std::fs::read(&kept).unwrap();
    queue.push("a", &"later").unwrap();
    std::fs::write(&kept, json).unwrap();
    queue.revive("a").unwrap();
    let last = RefCell::new(json!(null));
    let drained = queue.drain(async |change: Change| {
        last.replace(change.change);
        Ok::<_, Failure>(())
    });
    assert_eq!(drained.await.unwrap().applied, ["a"]);
    assert_eq!(last.take(), "later");
}

#[tokio::test]
async fn a_grant_that_is_dead_stops_all_and_costs_none_an_attempt() {
    let bench = Bench::new();
    let queue = bench.with(&["a", "b", "c"]);
    for _ in 0..100 {
        let drained = bench.drain(&queue, |_, _| Err(consent())).await;
        assert!(drained.stopped.is_some_and(|failure| failure.needs_consent()));
        assert_eq!((drained.waiting, drained.next), (3, Some(bench.now())));
    }
    assert_eq!(bench.handed().len(), 100, "one a drain");
    let drained = bench.drain(&queue, |_, attempts| {
        assert_eq!(attempts, 0);
        Ok(())
    });
    assert_eq!(drained.await.applied, ["a", "b", "c"]);
}

#[tokio::test]
async fn what_is_not_the_changes_fault_stops_the_drain() {
    let keys = ["a", "b", "c", "d", "e"];
    let table = [
        (Failure::transient("no route"), 3),
        (Failure::transient("busy").with_retry_after(HOUR), 1),
        (Failure::needs_person("no such tab"), 2),
    ];
    for (failure, tried) in table {
        let bench = Bench::new();
        let queue = bench.with(&keys);
        let drained = bench.drain(&queue, |_, _| Err(failure.clone())).await;
        assert_eq!((bench.handed().len(), drained.waiting), (tried, 5), "{failure}");
        assert_eq!(drained.stopped, Some(failure));
    }
}

#[tokio::test]
async fn a_retry_after_is_heeded() {
    let bench = Bench::new();
    let queue = bench.with(&["a"]);
    let busy = Failure::transient("busy").with_retry_after(HOUR * 2);
    let drained = bench.drain(&queue, |_, _| Err(busy.clone())).await;
    assert_eq!(drained.next, Some(bench.now() + HOUR * 2));
}

#[tokio::test]
async fn what_is_wrong_with_one_of_a_batch_is_found_and_the_others_are_applied() {
    let bench = Bench::new();
    let queue = bench.with(&["a", "b", "c", "d", "e"]);
    let sizes = RefCell::new(Vec::new());
    let handler = async |changes: Vec<Change>| {
        sizes.borrow_mut().push(changes.len());
        match changes.iter().any(|change| change.key == "b") {
            true => Err(Failure::rejected("never")),
            false => Ok(()),
        }
    };
    let drained = queue.drain_batches(3, handler).await.unwrap();
    assert_eq!((drained.dead, drained.waiting), (vec!["b".to_owned()], 0));
    assert_eq!(drained.applied, ["a", "c", "d", "e"]);
    assert_eq!(sizes.take(), [3, 1, 2, 1, 1, 2]);
}

#[tokio::test]
async fn one_that_is_wrong_among_many_is_found_by_few_calls() {
    let bench = Bench::new();
    let keys: Vec<_> = (0..64).map(|key| key.to_string()).collect();
    let queue = bench.with(&keys.iter().map(String::as_str).collect::<Vec<_>>());
    let calls = Cell::new(0);
    let drained = queue.drain_batches(64, async |changes: Vec<Change>| {
        calls.set(calls.get() + 1);
        match changes.iter().any(|change| change.key == "33") {
            true => Err(Failure::rejected("never")),
            false => Ok(()),
        }
    });
    let drained = drained.await.unwrap();
    assert_eq!((drained.dead, drained.applied.len()), (vec!["33".to_owned()], 63));
    assert!(calls.get() <= 13, "{}", calls.get());
}

#[tokio::test]
async fn a_batch_that_needs_a_person_whatever_is_in_it_stops_the_drain_and_kills_none() {
    let bench = Bench::new();
    let keys: Vec<_> = (0..40).map(|key| key.to_string()).collect();
    let queue = bench.with(&keys.iter().map(String::as_str).collect::<Vec<_>>());
    let calls = Cell::new(0);
    let drained = queue.drain_batches(20, async |_| {
        calls.set(calls.get() + 1);
        Err(Failure::needs_person("no such tab"))
    });
    let drained = drained.await.unwrap();
    assert_eq!(drained.stopped, Some(Failure::needs_person("no such tab")));
    assert_eq!((drained.waiting, drained.dead.len()), (40, 0));
    assert!(calls.get() <= 8, "{}", calls.get());
    let tried = queue.status().unwrap().waiting.iter().filter(|it| it.attempts > 0).count();
    assert!(tried <= 3, "{tried}");
}

#[tokio::test]
async fn whether_something_came_is_known_without_a_look_at_the_changes() {
    let bench = Bench::new();
    let queue = bench.queue();
    assert_eq!(queue.latest().unwrap(), 0);
    queue.push("a", &1).unwrap();
    let pushed = queue.latest().unwrap();
    let _ = bench.drain(&queue, |_, _| Err(Failure::rejected("never"))).await;
    assert_eq!(bench.queue().latest().unwrap(), pushed, "a drain is no push");
    queue.push("b", &1).unwrap();
    queue.revive("a").unwrap();
    assert!(queue.latest().unwrap() > pushed);
    assert_eq!(bench.drain(&queue, |_, _| Ok(())).await.applied, ["b", "a"]);
}

#[tokio::test]
async fn one_drains_at_a_time_and_the_other_says_who() {
    let bench = Bench::new();
    let (queue, other) = (bench.with(&["a"]), bench.queue());
    let drained = queue.drain(async |_| {
        let error = other.drain(async |_| Ok::<_, Failure>(())).await.unwrap_err();
        assert!(error.is_transient() && matches!(error, Error::Busy { .. }), "{error}");
        Ok::<_, Failure>(())
    });
    assert_eq!(drained.await.unwrap().applied, ["a"]);
}

#[tokio::test]
async fn what_many_push_at_once_while_it_is_drained_arrives_as_it_was_pushed_last() {
    let bench = Bench::new();
    let queue = bench.queue();
    let pushing: Vec<_> = (0..4)
        .map(|pusher| {
            let queue = queue.clone();
            std::thread::spawn(move || {
                for number in 0..12 {
                    queue.push(&format!("{pusher}-{}", number % 3), &number).unwrap();
                }
            })
        })
        .collect();
    let last = RefCell::new(std::collections::BTreeMap::new());
    let handler = async |change: Change| {
        let number: u64 = change.parse()?;
        let before = last.borrow_mut().insert(change.key, number);
        assert!(before < Some(number), "{number} after {before:?}");
        Ok::<_, Failure>(())
    };
    while pushing.iter().any(|pusher| !pusher.is_finished()) {
        let _ = queue.drain(handler).await.unwrap();
    }
    pushing.into_iter().for_each(|pusher| pusher.join().unwrap());
    let _ = queue.drain(handler).await.unwrap();
    let keys =
        (0..4).flat_map(|pusher| (0..3).map(move |key| (format!("{pusher}-{key}"), 9 + key)));
    assert_eq!(last.take(), keys.collect());
    assert_eq!(queue.status().unwrap().to_string(), "0 waiting, 0 dead");
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_told_and_left_and_keeps_no_other_back() {
    let bench = Bench::new();
    let queue = bench.with(&["a"]);
    let odd = bench.folder.path().join("queue/waiting/odd.json");
    std::fs::write(&odd, "{}").unwrap();
    let drained = bench.drain(&queue, |_, _| Ok(())).await;
    assert_eq!(drained.applied, ["a"]);
    assert!(drained.damaged[0].contains("odd.json could not be read: "), "{drained}");
    assert_eq!(queue.status().unwrap().damaged, drained.damaged);
    assert!(odd.exists());
}
