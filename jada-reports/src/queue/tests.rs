//! A crash at each step to the disk, one after the other, and what is left.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value;

use super::{Change, ChangeQueue};
use crate::error::Error;
use crate::failure::Failure;
use crate::files::crash;

/// What has been applied by now, by key.
type Applied = RefCell<BTreeMap<String, Vec<Value>>>;

async fn drain(queue: &ChangeQueue, applied: &Applied) -> Result<(), Error> {
    let handler = async |change: Change| {
        if change.key == "bad" && change.attempts == 0 && change.change == 1 {
            return Err(Failure::rejected("never"));
        }
        applied.borrow_mut().entry(change.key).or_default().push(change.change);
        Ok(())
    };
    queue.drain(handler).await.map(drop)
}

/// All that is done with a queue, up to the crash. What was pushed by then is in `pushed`.
async fn life(
    queue: &ChangeQueue,
    pushed: &mut BTreeMap<&'static str, u32>,
    applied: &Applied,
) -> Result<(), Error> {
    for (key, change) in [("a", 1), ("bad", 1), ("b", 1), ("a", 2)] {
        queue.push(key, &change)?;
        pushed.insert(key, change);
    }
    drain(queue, applied).await?;
    for (key, change) in [("b", 2), ("c", 1)] {
        queue.push(key, &change)?;
        pushed.insert(key, change);
    }
    queue.revive("bad")?;
    drain(queue, applied).await?;
    queue.push("bad", &2)?;
    pushed.insert("bad", 2);
    drain(queue, applied).await
}

#[tokio::test]
async fn a_crash_at_any_step_loses_no_change_and_ends_with_the_latest() {
    for steps in (0..).step_by(crash::stride()) {
        let folder = tempfile::tempdir().unwrap();
        let queue = ChangeQueue::open(folder.path().join("queue")).unwrap();
        let (mut pushed, applied) = (BTreeMap::new(), Applied::default());
        crash::after(steps);
        let lived = life(&queue, &mut pushed, &applied).await;
        crash::after(usize::MAX);
        let crashed = lived.is_err();
        assert!(!crashed || matches!(lived, Err(Error::File { .. })), "{steps}: {lived:?}");

        let status = queue.status().unwrap();
        assert_eq!(status.damaged, Vec::<String>::new(), "{steps}");
        for (key, change) in &pushed {
            let there = |list: &[super::Waiting]| list.iter().any(|it| it.key == *key);
            let done = applied.borrow().get(*key).and_then(|it| it.last().cloned());
            let done = done.is_some_and(|done| done.as_u64() >= Some(u64::from(*change)));
            assert!(
                done || there(&status.waiting) || there(&status.dead),
                "{steps}: {key} is lost"
            );
        }
        drain(&queue, &applied).await.unwrap();
        for (key, change) in &pushed {
            let dead = queue.status().unwrap().dead.iter().any(|it| it.key == *key);
            let last = applied.borrow().get(*key).and_then(|it| it.last().cloned());
            // The one whose push the crash cut off may be there as well.
            let latest = last.as_ref().and_then(Value::as_u64) >= Some(u64::from(*change));
            assert!(latest || (dead && *key == "bad"), "{steps}: {key} ended as {last:?}");
        }
        assert_eq!(queue.status().unwrap().waiting, [], "{steps}");
        if !crashed {
            assert!(steps > 40, "{steps} steps");
            return;
        }
    }
}

/// Whether a change of 1 that is given up is left when a change of 2 has been applied.
async fn outlived(steps: usize) -> (bool, Vec<u64>) {
    let folder = tempfile::tempdir().unwrap();
    let queue = ChangeQueue::open(folder.path().join("queue")).unwrap();
    let applied = RefCell::new(Vec::new());
    let take = async |change: Change| {
        applied.borrow_mut().push(change.parse()?);
        Ok::<_, Failure>(())
    };
    queue.push("a", &1).unwrap();
    crash::after(steps);
    let lived = async {
        let given_up = queue.drain(async |_| Err::<(), _>(Failure::rejected("never"))).await?;
        drop(given_up);
        queue.push("a", &2)
    };
    let crashed = lived.await.is_err();
    crash::after(usize::MAX);
    let _ = queue.drain(take).await.unwrap();
    if queue.status().unwrap().dead.iter().any(|dead| dead.key == "a") {
        queue.revive("a").unwrap();
        let _ = queue.drain(take).await.unwrap();
    }
    (crashed, applied.into_inner())
}

#[tokio::test]
async fn a_crash_leaves_no_dead_change_that_could_be_revived_over_a_later_one() {
    for steps in 0.. {
        let (crashed, applied) = outlived(steps).await;
        assert!([&[1][..], &[2], &[1, 2]].contains(&&applied[..]), "{steps}: {applied:?}");
        if !crashed {
            assert!(steps > 6 && applied == [2], "{steps} steps: {applied:?}");
            return;
        }
    }
}
