//! Leases: who reads a shard, for how long, and what becomes of it when they die.

use super::*;

/// Renewed by polling, as long as it lasts.
async fn poll_for(worker: &mut CharterChanges, time: Duration) {
    let ends = tokio::time::Instant::now() + time;
    while tokio::time::Instant::now() < ends {
        worker.poll(|_| async { Ok(()) }).await.unwrap();
        tokio::time::sleep(LIFE / 10).await;
    }
}

fn text(value: Option<AttributeValue>) -> String {
    value.unwrap().as_s().unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_dies_holding_a_lease_is_followed_by_another_after_its_life() {
    let harbour = Harbour::new().await;
    let (mut dies, mut waits, heard) =
        (harbour.worker().await, harbour.newcomer(), Heard::default());
    harbour.book("C-1").await;
    dies.poll(|changes| heard.hear(changes)).await.unwrap();
    assert_eq!(heard.ids(), ["C-1"]);
    for _ in 0..20 {
        poll_for(&mut dies, LIFE / 4).await;
        assert_eq!(waits.poll(|changes| heard.hear(changes)).await.unwrap().shards, 0);
    }
    drop(dies);
    harbour.book("C-2").await;

    let died = tokio::time::Instant::now();
    while waits.poll(|changes| heard.hear(changes)).await.unwrap().shards == 0 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let took = died.elapsed();
    assert!(took > LIFE * 3 / 4, "not while the lease may be alive: {took:?}");
    assert!(took < LIFE * 3 / 2, "{took:?}");
    assert_eq!(heard.ids(), ["C-2"], "from the checkpoint");
}

#[tokio::test(start_paused = true)]
async fn a_wall_clock_that_is_wrong_takes_nobody_s_lease() {
    let harbour = Harbour::new().await;
    let mut holds = harbour.worker().await;
    for wall in ["2026-05-01T05:00:00Z", "2026-05-01T23:00:00Z"] {
        let began = (wall.parse().unwrap(), tokio::time::Instant::now());
        let clock = Arc::new(RuntimeClock { began });
        let wrong = CharterChanges::builder(&harbour.charters, harbour.store.streams_client());
        let mut wrong = wrong.clock(clock).lease_life(LIFE).build().unwrap();
        for _ in 0..10 {
            poll_for(&mut holds, LIFE / 4).await;
            let polled = wrong.poll(|_| async { Ok(()) }).await.unwrap();
            assert_eq!((polled.shards, polled.gaps), (0, 0), "{wall}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_may_take_longer_than_a_lease_lives() {
    let harbour = Harbour::new().await;
    let (mut slow, mut waits, heard) =
        (harbour.worker().await, harbour.newcomer(), Heard::default());
    harbour.book("C-1").await;
    let hears = heard.clone();
    let works = tokio::spawn(async move {
        let slowly = |changes| {
            let heard = hears.hear(changes);
            async move {
                tokio::time::sleep(LIFE * 10).await;
                heard.await
            }
        };
        slow.poll(slowly).await.map(|polled| (slow, polled))
    });
    while !works.is_finished() {
        assert_eq!(waits.poll(|changes| heard.hear(changes)).await.unwrap().shards, 0);
        tokio::time::sleep(LIFE / 10).await;
    }
    let (_slow, polled) = works.await.unwrap().unwrap();
    assert_eq!((polled.charters, polled.shards), (1, 1));
    assert_eq!(heard.ids(), ["C-1"]);
}

#[tokio::test(start_paused = true)]
async fn one_who_slept_too_long_leaves_the_checkpoint_to_whoever_reads_on() {
    let harbour = Harbour::new().await;
    let (mut sleeps, mut reads, heard) =
        (harbour.worker().await, harbour.newcomer(), Heard::default());
    harbour.book("C-1").await;
    reads.poll(|changes| heard.hear(changes)).await.unwrap();
    tokio::time::advance(LIFE).await;
    reads.poll(|changes| heard.hear(changes)).await.unwrap();
    harbour.book("C-2").await;
    reads.poll(|changes| heard.hear(changes)).await.unwrap();
    assert_eq!(heard.ids(), ["C-1", "C-2"]);
    let client = harbour.store.client();
    let (owner, checkpoint) =
        (text(lease(&client, "owner").await), text(lease(&client, "checkpoint").await));

    let polled = sleeps.poll(|changes| heard.hear(changes)).await.unwrap();
    assert_eq!(polled.shards, 0);
    assert_eq!(text(lease(&client, "owner").await), owner);
    assert_eq!(text(lease(&client, "checkpoint").await), checkpoint);
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_is_taken_while_a_handler_works_is_let_go() {
    let harbour = Harbour::new().await;
    let (mut loses, heard) = (harbour.worker().await, Heard::default());
    harbour.book("C-1").await;
    let store = harbour.store.clone();
    let steal = |changes| {
        let heard = heard.hear(changes);
        let client = store.client();
        async move {
            let rows = client.scan().table_name("crew-keys").send().await.unwrap().items.unwrap();
            let row = rows.into_iter().find(|row| row.contains_key("owner")).unwrap();
            let update =
                client.update_item().table_name("crew-keys").key("key", row["key"].clone());
            let update = update.update_expression("SET #owner = :thief ADD #counter :one");
            let update = update.expression_attribute_names("#owner", "owner");
            let update = update.expression_attribute_names("#counter", "counter");
            let thief = AttributeValue::S("thief".to_owned());
            let update = update.expression_attribute_values(":thief", thief);
            let one = AttributeValue::N("1".to_owned());
            update.expression_attribute_values(":one", one).send().await.unwrap();
            heard.await
        }
    };
    let polled = loses.poll(steal).await.unwrap();
    assert_eq!((polled.charters, polled.shards), (1, 0));
    assert_eq!(lease(&harbour.store.client(), "checkpoint").await, None, "it was not ours to move");
    assert_eq!(heard.ids(), ["C-1"]);
    tokio::time::advance(LIFE).await;
    loses.poll(|changes| heard.hear(changes)).await.unwrap();
    tokio::time::advance(LIFE).await;
    loses.poll(|changes| heard.hear(changes)).await.unwrap();
    assert_eq!(heard.ids(), ["C-1"], "again, once the lease has lapsed");
}

#[tokio::test(start_paused = true)]
async fn of_two_who_take_a_lease_at_once_one_has_it() {
    let harbour = Harbour::new().await;
    harbour.worker().await.release().await.unwrap();
    let (mut late, mut fast) = (harbour.newcomer(), harbour.newcomer());
    let (faster, taken) = tokio::sync::oneshot::channel();
    harbour.store.before("UpdateItem", async move {
        let polled = fast.poll(|_| async { Ok(()) }).await.unwrap();
        faster.send((fast, polled.shards)).unwrap();
    });
    assert_eq!(late.poll(|_| async { Ok(()) }).await.unwrap().shards, 0);
    let (mut fast, held) = taken.await.unwrap();
    assert_eq!(held, 1);
    assert_eq!(fast.poll(|_| async { Ok(()) }).await.unwrap().shards, 1, "and keeps it");
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_was_taken_unawares_is_held() {
    for fault in [Fault::LoseAnswer, Fault::StopDone] {
        let harbour = Harbour::new().await;
        let (mut worker, heard) = (harbour.newcomer(), Heard::default());
        harbour.book("C-1").await;
        harbour.store.next("UpdateItem", &[fault]);
        let round = worker.poll(|_| async { Ok(()) });
        let ended = tokio::time::timeout(LIFE / 100, round).await;
        assert_eq!(ended.is_ok(), fault == Fault::LoseAnswer, "one is tried again, one dropped");
        let polled = worker.poll(|changes| heard.hear(changes)).await.unwrap();
        assert_eq!(polled.shards, 1, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lease_says_who_holds_it_and_is_swept_when_nobody_does() {
    let harbour = Harbour::new().await;
    let worker = CharterChanges::builder(&harbour.charters, harbour.store.streams_client());
    let worker = worker.clock(harbour.clock.clone()).worker("pier-2");
    worker.build().unwrap().poll(|_| async { Ok(()) }).await.unwrap();
    let client = harbour.store.client();
    let owner = text(lease(&client, "owner").await);
    assert!(owner.starts_with("pier-2#") && owner.len() == 7 + 22, "{owner}");
    let number = |value: Option<AttributeValue>| value.unwrap().as_n().unwrap().parse::<i64>();
    let renewed_at = number(lease(&client, "renewed_at").await).unwrap();
    let ttl = number(lease(&client, "ttl").await).unwrap();
    assert_eq!(renewed_at / 1_000, harbour.clock.now().wall.as_second());
    assert_eq!(ttl - renewed_at / 1_000, 7 * 24 * 60 * 60);
    let key = text(lease(&client, "key").await);
    assert!(key.starts_with("stream#crew-dispatch#"), "{key}");
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_cannot_be_read_is_named() {
    let harbour = Harbour::new().await;
    harbour.worker().await.release().await.unwrap();
    let client = harbour.store.client();
    let key = lease(&client, "key").await.unwrap();
    let update = client.update_item().table_name("crew-keys").key("key", key.clone());
    let update = update.update_expression("SET #counter = :many");
    let update = update.expression_attribute_names("#counter", "counter");
    let many = AttributeValue::S("many".to_owned());
    update.expression_attribute_values(":many", many).send().await.unwrap();
    let corrupt = harbour.newcomer().poll(|_| async { Ok(()) }).await.unwrap_err();
    let expected = format!(
        "table `crew-keys`, row `{}`: attribute `counter` cannot be read: expected a whole number",
        key.as_s().unwrap()
    );
    assert_eq!(corrupt.to_string(), expected);
}
