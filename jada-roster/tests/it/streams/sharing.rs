//! Workers share the shards of a stream, and a child is read after its parent.

use aws_sdk_dynamodb::config::SharedHttpClient;

use super::shards::{Sharded, share};
use super::*;

/// Ids of charters, `count` for each of so many shards.
fn ids(shards: usize, count: usize) -> Vec<String> {
    let of = |wanted| {
        let ids = (0..).map(|number: u32| format!("C-{number}"));
        ids.filter(move |id| share(id, shards) == wanted).take(count)
    };
    (0..shards).flat_map(of).collect()
}

async fn rounds(workers: &mut [CharterChanges], heard: &Heard, count: u32) -> Vec<usize> {
    let mut held = Vec::new();
    for _ in 0..count {
        held.clear();
        for worker in &mut *workers {
            held.push(worker.poll(|changes| heard.hear(changes)).await.unwrap().shards);
        }
        tokio::time::sleep(LIFE / 4).await;
    }
    held
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

#[tokio::test(start_paused = true)]
async fn workers_share_shards_evenly_and_each_change_comes_once() {
    for (count, shares) in [(2, vec![2, 2]), (4, vec![1, 1, 1, 1])] {
        let (sharded, charters) = Sharded::new(4).await;
        let (clock, http) = (RuntimeClock::new(), SharedHttpClient::new(sharded.clone()));
        let mut workers = vec![sharded.worker(&clock, &http)];
        let heard = Heard::default();
        assert_eq!(rounds(&mut workers, &heard, 1).await, [4], "one alone reads all");
        assert_eq!(heard.take(), [Changes::Missed(Gap::Begun)]);
        workers.extend((1..count).map(|_| sharded.worker(&clock, &http)));
        assert_eq!(rounds(&mut workers, &heard, 8).await, shares);

        let ids = ids(4, 3);
        for id in &ids {
            book(&charters, id).await;
        }
        assert_eq!(rounds(&mut workers, &heard, 4).await, shares, "and stays so");
        assert_eq!(sorted(heard.ids()), sorted(ids), "{count} workers");
    }
}

#[tokio::test(start_paused = true)]
async fn what_one_of_four_held_is_read_on_by_the_others() {
    let (sharded, charters) = Sharded::new(4).await;
    let (clock, http) = (RuntimeClock::new(), SharedHttpClient::new(sharded.clone()));
    let mut workers: Vec<_> = (0..4).map(|_| sharded.worker(&clock, &http)).collect();
    let heard = Heard::default();
    assert_eq!(rounds(&mut workers, &heard, 8).await, [1; 4]);
    heard.take();
    drop(workers.remove(0));
    workers.pop().unwrap().release().await.unwrap();
    let ids = ids(4, 3);
    for id in &ids {
        book(&charters, id).await;
    }
    assert_eq!(rounds(&mut workers, &heard, 8).await, [2, 2]);
    assert_eq!(sorted(heard.ids()), sorted(ids));
}

#[tokio::test(start_paused = true)]
async fn a_child_is_read_after_all_of_its_parent() {
    let (sharded, charters) = Sharded::new(1).await;
    let (clock, http) = (RuntimeClock::new(), SharedHttpClient::new(sharded.clone()));
    let (mut worker, heard) = (sharded.worker(&clock, &http), Heard::default());
    worker.poll(|changes| heard.hear(changes)).await.unwrap();
    heard.take();
    let all: Vec<_> = (0..150).map(|number| format!("C-{number}")).collect();
    for (number, id) in all.iter().enumerate() {
        book(&charters, id).await;
        if number == 119 {
            sharded.split().await;
        }
    }
    // A failure in the middle of the parent keeps the child waiting.
    worker.poll(|changes| heard.hear(changes)).await.unwrap();
    tokio::time::advance(LIFE / 4).await;
    worker.poll(|changes| heard.fail(changes)).await.unwrap_err();
    tokio::time::advance(LIFE / 4).await;
    worker.poll(|changes| heard.hear(changes)).await.unwrap();
    worker.poll(|changes| heard.hear(changes)).await.unwrap();
    let heard = heard.ids();
    assert_eq!(heard[..120], all[..120]);
    assert_eq!(heard[120..140], all[100..120], "again, as it had failed");
    assert_eq!(heard[140..], all[120..]);
    assert_eq!(sharded.open(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_shard_that_went_unread_is_a_gap_and_one_that_was_read_is_none() {
    for is_read in [true, false] {
        let (sharded, charters) = Sharded::new(2).await;
        let (clock, http) = (RuntimeClock::new(), SharedHttpClient::new(sharded.clone()));
        let (mut worker, heard) = (sharded.worker(&clock, &http), Heard::default());
        rounds(std::slice::from_mut(&mut worker), &heard, 1).await;
        heard.take();
        for id in ids(2, 2) {
            book(&charters, &id).await;
        }
        sharded.split().await;
        if is_read {
            let shares = rounds(std::slice::from_mut(&mut worker), &heard, 2).await;
            assert_eq!(shares, [2], "the children");
            assert_eq!(sorted(heard.ids()), sorted(ids(2, 2)));
        }
        sharded.split().await;
        if is_read {
            rounds(std::slice::from_mut(&mut worker), &heard, 2).await;
        }
        sharded.trim();
        tokio::time::advance(LIFE).await;
        let shares = rounds(std::slice::from_mut(&mut worker), &heard, 2).await;
        assert_eq!(shares, [2], "the open ones");
        let gaps = vec![Changes::Missed(Gap::Trimmed); usize::from(!is_read)];
        assert_eq!(heard.take(), gaps, "once, for all that was lost");
    }
}

#[tokio::test(start_paused = true)]
async fn a_shard_that_vanishes_while_it_is_read_is_a_gap() {
    let (sharded, charters) = Sharded::new(1).await;
    let (clock, http) = (RuntimeClock::new(), SharedHttpClient::new(sharded.clone()));
    let (mut worker, heard) = (sharded.worker(&clock, &http), Heard::default());
    worker.poll(|changes| heard.hear(changes)).await.unwrap();
    heard.take();
    book(&charters, "C-1").await;
    sharded.split().await;
    sharded.trim();
    let gone = worker.poll(|changes| heard.hear(changes)).await.unwrap_err();
    assert!(gone.is_transient(), "{gone}");
    tokio::time::advance(LIFE / 4).await;
    assert_eq!(worker.poll(|changes| heard.hear(changes)).await.unwrap().gaps, 1);
    assert_eq!(heard.take(), [Changes::Missed(Gap::Trimmed)]);
}

#[tokio::test(start_paused = true)]
async fn each_consumer_gets_all_changes_and_those_of_one_name_share_them() {
    let (harbour, heard) = (Harbour::new().await, Heard::default());
    let of = |name: &str| {
        let changes = CharterChanges::builder(&harbour.charters, harbour.store.streams_client());
        let changes = changes.clock(harbour.clock.clone()).lease_life(LIFE);
        changes.consumer(name).build().unwrap()
    };
    let mut workers =
        vec![harbour.newcomer(), of("dispatcher"), of("reports"), of("reports"), of("a.b-c_D")];
    assert_eq!(rounds(&mut workers, &heard, 1).await, [1, 1, 1, 0, 1]);
    assert_eq!(heard.take(), vec![Changes::Missed(Gap::Begun); 4], "each begins by itself");
    harbour.book("C-1").await;
    assert_eq!(rounds(&mut workers, &heard, 2).await, [1, 1, 1, 0, 1]);
    assert_eq!(heard.ids(), ["C-1"; 4]);
}

#[tokio::test]
async fn a_consumer_whose_name_would_not_do_in_a_key_is_refused() {
    let store = Faulty::new();
    let charters = DynamoCharters::new(store.client());
    for name in ["", "a#b", "a/b", "zoë", &"n".repeat(65)] {
        let built = CharterChanges::builder(&charters, store.streams_client()).consumer(name);
        assert!(matches!(built.build(), Err(Error::Invalid { what: "name of a consumer", .. })));
    }
}
