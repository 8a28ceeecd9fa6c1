//! What was missed is told, until whoever is told has done with it.

use std::time::Duration;

use aws_sdk_dynamodb::config::SharedHttpClient;

use super::shards::Sharded;
use super::*;

const HOUR: Duration = Duration::from_secs(60 * 60);

fn missed(gap: Gap) -> Changes {
    Changes::Missed(gap)
}

fn charters_of(ids: &[&str]) -> Changes {
    Changes::Charters(ids.iter().map(|id| CharterId::new(id).unwrap()).collect())
}

async fn set_stream(harbour: &Harbour, is_on: bool) {
    use aws_sdk_dynamodb::types::{StreamSpecification, StreamViewType};
    let stream = StreamSpecification::builder().stream_enabled(is_on);
    let view = is_on.then_some(StreamViewType::KeysOnly);
    let stream = stream.set_stream_view_type(view).build().unwrap();
    let update = harbour.store.client().update_table().table_name("crew-dispatch");
    update.stream_specification(stream).send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_first_look_says_that_there_was_none_before() {
    let harbour = Harbour::new().await;
    let (mut worker, heard) = (harbour.newcomer(), Heard::default());
    harbour.book("C-1").await;
    for _ in 0..2 {
        worker.poll(|changes| heard.fail(changes)).await.unwrap_err();
        assert_eq!(heard.take(), [missed(Gap::Begun)], "until it is done with");
    }
    let polled = worker.poll(|changes| heard.hear(changes)).await.unwrap();
    assert_eq!((polled.gaps, polled.charters), (1, 1));
    assert_eq!(heard.take(), [missed(Gap::Begun), charters_of(&["C-1"])]);

    worker.release().await.unwrap();
    let polled = harbour.newcomer().poll(|changes| heard.hear(changes)).await.unwrap();
    assert_eq!((polled.gaps, polled.shards), (0, 1), "another worker goes on");
}

#[tokio::test(start_paused = true)]
async fn an_iterator_that_expired_is_made_anew() {
    let harbour = Harbour::new().await;
    let (mut worker, heard) = (harbour.worker().await, Heard::default());
    harbour.book("C-1").await;
    worker.poll(|changes| heard.hear(changes)).await.unwrap();
    harbour.book("C-2").await;
    harbour.store.requests();
    harbour.store.next("GetRecords", &[Fault::Expire]);
    let polled = worker.poll(|changes| heard.hear(changes)).await.unwrap();
    assert_eq!((polled.charters, polled.gaps), (1, 0));
    assert_eq!(heard.ids(), ["C-1", "C-2"], "from the checkpoint: nothing again, nothing left out");
    let asked = ["GetRecords", "GetShardIterator", "GetRecords", "UpdateItem"];
    assert_eq!(harbour.store.requests(), asked);

    harbour.store.next("GetRecords", &[Fault::Expire; 2]);
    let hopeless = worker.poll(|changes| heard.hear(changes)).await.unwrap_err();
    assert!(hopeless.is_transient(), "{hopeless}");
}

#[tokio::test(start_paused = true)]
async fn trimmed_data_is_told_and_the_rest_is_read() {
    for operation in ["GetShardIterator", "GetRecords"] {
        let harbour = Harbour::new().await;
        let (mut worker, heard) = (harbour.worker().await, Heard::default());
        harbour.book("C-1").await;
        worker.poll(|changes| heard.hear(changes)).await.unwrap();
        worker.release().await.unwrap();
        assert_eq!(heard.ids(), ["C-1"]);
        harbour.book("C-2").await;

        let mut worker = harbour.newcomer();
        harbour.store.next(operation, &[Fault::Trim; 2]);
        worker.poll(|changes| heard.fail(changes)).await.unwrap_err();
        let polled = worker.poll(|changes| heard.hear(changes)).await.unwrap();
        assert_eq!((polled.charters, polled.gaps), (0, 1), "{operation}");
        assert_eq!(heard.take(), [missed(Gap::Trimmed), missed(Gap::Trimmed)], "{operation}");
        assert!(!harbour.store.has_more());

        // The engine has trimmed nothing, so the first that is kept is the first of all.
        worker.poll(|changes| heard.hear(changes)).await.unwrap();
        assert_eq!(heard.ids(), ["C-1", "C-2"], "{operation}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_was_off_meanwhile_says_so() {
    let harbour = Harbour::new().await;
    let (mut worker, heard) = (harbour.worker().await, Heard::default());
    harbour.book("C-1").await;
    worker.poll(|changes| heard.hear(changes)).await.unwrap();
    set_stream(&harbour, false).await;
    harbour.book("C-2").await;
    tokio::time::advance(LIFE).await;
    let off = worker.poll(|changes| heard.hear(changes)).await.unwrap_err();
    assert!(matches!(off, Error::StreamOff { .. }), "{off}");
    set_stream(&harbour, true).await;
    heard.take();
    let polled = worker.poll(|changes| heard.hear(changes)).await.unwrap();
    assert_eq!((polled.gaps, polled.shards), (1, 1));
    assert_eq!(heard.take()[0], missed(Gap::Replaced));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_nobody_looked_at_for_most_of_a_day_may_have_dropped_some() {
    for (away, gaps) in [(19 * HOUR, 0), (21 * HOUR, 1)] {
        let (harbour, heard) = (Harbour::new().await, Heard::default());
        let mut worker = harbour.worker().await;
        harbour.book("C-1").await;
        worker.poll(|changes| heard.hear(changes)).await.unwrap();
        worker.release().await.unwrap();
        heard.take();
        tokio::time::advance(away).await;
        let polled = harbour.newcomer().poll(|changes| heard.hear(changes)).await.unwrap();
        assert_eq!(polled.gaps, gaps, "{away:?}");
        assert_eq!(heard.take(), vec![missed(Gap::Trimmed); gaps]);
    }
}

/// A parent was read to its end, and then nobody was there to take its child.
#[tokio::test(start_paused = true)]
async fn a_child_that_nobody_took_for_most_of_a_day_may_have_dropped_some() {
    for (away, gaps) in [(19 * HOUR, 0), (26 * HOUR, 1)] {
        for is_kept in [true, false] {
            let (sharded, charters) = Sharded::new(1).await;
            let (clock, http) = (RuntimeClock::new(), SharedHttpClient::new(sharded.clone()));
            let (mut worker, heard) = (sharded.worker(&clock, &http), Heard::default());
            worker.poll(|changes| heard.hear(changes)).await.unwrap();
            book(&charters, "C-1").await;
            sharded.split().await;
            worker.poll(|changes| heard.hear(changes)).await.unwrap();
            drop(worker);
            book(&charters, "C-2").await;
            tokio::time::advance(away).await;
            if !is_kept {
                sharded.trim();
            }
            heard.take();
            let mut worker = sharded.worker(&clock, &http);
            let polled = worker.poll(|changes| heard.hear(changes)).await.unwrap();
            assert_eq!((polled.gaps, polled.shards), (gaps, 1), "{away:?}, {is_kept}");
            let mut expected = vec![missed(Gap::Trimmed); gaps];
            expected.push(charters_of(&["C-2"]));
            assert_eq!(heard.take(), expected, "{away:?}, {is_kept}");
        }
    }
}

/// From the first record that is kept on DynamoDB does not say that there were others.
#[tokio::test(start_paused = true)]
async fn changes_that_a_handler_refused_for_most_of_a_day_may_have_been_dropped() {
    let harbour = Harbour::new().await;
    let (mut worker, heard) = (harbour.worker().await, Heard::default());
    harbour.book("C-1").await;
    for _ in 0..30 * 6 {
        worker.poll(|changes| heard.fail(changes)).await.unwrap_err();
        assert_eq!(heard.take(), [charters_of(&["C-1"])]);
        tokio::time::advance(HOUR / 6).await;
    }
    // By the same worker, whose iterator is no longer good, and by the next.
    harbour.store.next("GetRecords", &[Fault::Expire]);
    worker.poll(|changes| heard.fail(changes)).await.unwrap_err();
    assert_eq!(heard.take(), [missed(Gap::Trimmed)]);
    worker.release().await.unwrap();
    let mut next = harbour.newcomer();
    let polled = next.poll(|changes| heard.hear(changes)).await.unwrap();
    assert_eq!((polled.gaps, polled.charters), (1, 0));
    next.poll(|changes| heard.hear(changes)).await.unwrap();
    assert_eq!(heard.take(), [missed(Gap::Trimmed), charters_of(&["C-1"])], "once");
}

#[tokio::test(start_paused = true)]
async fn days_without_a_change_are_no_gap() {
    let harbour = Harbour::new().await;
    let (mut worker, heard) = (harbour.worker().await, Heard::default());
    for _ in 0..50 {
        worker.poll(|changes| heard.hear(changes)).await.unwrap();
        tokio::time::advance(HOUR).await;
    }
    harbour.store.next("GetRecords", &[Fault::Expire]);
    worker.poll(|changes| heard.hear(changes)).await.unwrap();
    worker.release().await.unwrap();
    harbour.newcomer().poll(|changes| heard.hear(changes)).await.unwrap();
    assert_eq!(heard.take(), []);
}

#[test]
fn a_gap_says_what_happened() {
    let texts = [
        (Gap::Begun, "the stream of changes was not followed before"),
        (Gap::Replaced, "the stream of changes was turned off and on again"),
        (Gap::Trimmed, "the stream has dropped changes that nobody had read for 24 hours"),
    ];
    for (gap, text) in texts {
        assert_eq!(gap.to_string(), text);
    }
}
