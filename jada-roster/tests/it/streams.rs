//! The changes of a table of charters, handed over at least once.

mod calls;
mod gaps;
mod kills;
mod leases;
mod shards;
mod sharing;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use jada_auth::{Clock, Moment};
use jada_roster::{
    Changes, Charter, CharterChanges, CharterId, CharterRepository, CrewTables, Currency,
    DynamoCharters, DynamoRoster, Error, Gap, Polled, charter_changes_contract,
};
use jiff::Timestamp;
use jiff::civil::date;

use crate::faults::{Fault, Faulty};

/// Tables with a stream, and time as the runtime has it.
#[derive(Debug)]
struct Harbour {
    store: Faulty,
    charters: DynamoCharters,
    clock: Arc<RuntimeClock>,
}

/// Both clocks follow the runtime's, which a test pauses.
#[derive(Debug)]
struct RuntimeClock {
    began: (Timestamp, tokio::time::Instant),
}

/// What was handed over, in order.
#[derive(Clone, Debug, Default)]
struct Heard(Arc<Mutex<Vec<Changes>>>);

impl Harbour {
    async fn new() -> Self {
        let store = Faulty::new();
        let charters = DynamoCharters::new(store.client());
        charters.ensure_call_index().await.unwrap();
        charters.ensure_stream().await.unwrap();
        DynamoRoster::new(store.client()).ensure_tables().await.unwrap();
        Self { store, charters, clock: RuntimeClock::new() }
    }

    /// One that has taken its leases, so that what is asked for next is records.
    async fn worker(&self) -> CharterChanges {
        let mut worker = self.newcomer();
        let polled = worker.poll(|_| async { Ok(()) }).await.unwrap();
        assert_eq!(polled.shards, 1);
        worker
    }

    fn newcomer(&self) -> CharterChanges {
        let worker = CharterChanges::builder(&self.charters, self.store.streams_client());
        worker.clock(self.clock.clone()).lease_life(LIFE).build().unwrap()
    }

    async fn book(&self, id: &str) {
        book(&self.charters, id).await;
    }
}

impl RuntimeClock {
    fn new() -> Arc<Self> {
        let wall = "2026-05-01T09:00:00Z".parse().unwrap();
        Arc::new(Self { began: (wall, tokio::time::Instant::now()) })
    }
}

impl Clock for RuntimeClock {
    fn now(&self) -> Moment {
        let (wall, began) = self.began;
        let now = tokio::time::Instant::now();
        Moment::new(wall + (now - began), now.into_std())
    }
}

impl Heard {
    /// A handler that hears and does no more.
    fn hear(&self, changes: Changes) -> std::future::Ready<Result<(), Error>> {
        self.0.lock().unwrap().push(changes);
        std::future::ready(Ok(()))
    }

    /// A handler that hears, and fails.
    fn fail(&self, changes: Changes) -> std::future::Ready<Result<(), Error>> {
        self.0.lock().unwrap().push(changes);
        std::future::ready(Err(unavailable()))
    }

    fn take(&self) -> Vec<Changes> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// The charters that were handed over, and nothing but charters.
    fn ids(&self) -> Vec<String> {
        let ids = self.take().into_iter().flat_map(|changes| match changes {
            Changes::Charters(ids) => ids,
            other => panic!("{other:?}"),
        });
        ids.map(|id| id.to_string()).collect()
    }
}

async fn book(charters: &DynamoCharters, id: &str) {
    let charter = Charter::builder(CharterId::new(id).unwrap(), date(2026, 5, 3), Currency::USD);
    charters.save(&[charter.build().unwrap()]).await.unwrap();
}

fn unavailable() -> Error {
    Error::Unavailable { table: "outbox".into(), operation: "Put", source: "full".into() }
}

/// The attribute of a lease's row; of the only one.
async fn lease(client: &Client, attribute: &str) -> Option<AttributeValue> {
    let rows = client.scan().table_name("crew-keys").send().await.unwrap().items.unwrap();
    let leases: Vec<_> = rows.iter().filter(|row| row.contains_key("counter")).collect();
    assert_eq!(leases.len(), 1, "{leases:?}");
    leases[0].get(attribute).cloned()
}

const LIFE: Duration = Duration::from_secs(20);

#[tokio::test(start_paused = true)]
async fn the_embedded_engine_keeps_the_contract() {
    let store = Faulty::new();
    let charters = DynamoCharters::new(store.client());
    charters.ensure_table().await.unwrap();
    DynamoRoster::new(store.client()).ensure_tables().await.unwrap();
    charter_changes_contract(&charters, &store.streams_client(), &CrewTables::default()).await;
}

#[tokio::test(start_paused = true)]
async fn a_change_is_handed_over_once_while_all_is_well() {
    let harbour = Harbour::new().await;
    let (mut worker, heard) = (harbour.worker().await, Heard::default());
    for id in ["C-1", "C-2", "C-1"] {
        let found = harbour.charters.find(&[CharterId::new(id).unwrap()]).await.unwrap();
        match found.first() {
            None => harbour.book(id).await,
            Some(charter) => {
                let confirmed = jada_roster::Status::Confirmed;
                harbour.charters.change_status(charter, confirmed).await.unwrap();
            }
        }
    }
    let polled = worker.poll(|changes| heard.hear(changes)).await.unwrap();
    assert_eq!((polled.charters, polled.gaps, polled.shards), (2, 0, 1));
    assert_eq!(heard.ids(), ["C-1", "C-2"], "each once, in the order of its first change");
    let polled = worker.poll(|changes| heard.hear(changes)).await.unwrap();
    assert_eq!((polled.charters, polled.gaps), (0, 0));
    assert!(heard.take().is_empty());
}

#[tokio::test(start_paused = true)]
async fn more_than_a_hundred_changes_come_in_parts() {
    let harbour = Harbour::new().await;
    let (mut worker, heard) = (harbour.worker().await, Heard::default());
    let id = |number: u32| format!("C-{number:03}");
    for number in 0..250 {
        harbour.book(&id(number)).await;
    }
    let mut parts = Vec::new();
    for _ in 0..3 {
        parts.push(worker.poll(|changes| heard.hear(changes)).await.unwrap().charters);
    }
    assert_eq!(parts, [100, 100, 50]);
    assert_eq!(heard.ids(), (0..250).map(id).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_fails_gets_its_changes_again() {
    let harbour = Harbour::new().await;
    let (mut worker, heard) = (harbour.worker().await, Heard::default());
    harbour.book("C-1").await;
    for _ in 0..2 {
        let failed = worker.poll(|changes| heard.fail(changes)).await;
        assert!(matches!(failed, Err(Error::Unavailable { operation: "Put", .. })), "{failed:?}");
    }
    harbour.book("C-2").await;
    worker.poll(|changes| heard.hear(changes)).await.unwrap();
    assert_eq!(heard.ids(), ["C-1", "C-1", "C-1", "C-2"]);
}

#[tokio::test(start_paused = true)]
async fn a_kill_between_delivery_and_checkpoint_delivers_again() {
    let harbour = Harbour::new().await;
    let (mut worker, heard) = (harbour.worker().await, Heard::default());
    harbour.book("C-1").await;
    harbour.store.next("UpdateItem", &[Fault::Stop]);
    let killed = tokio::time::timeout(LIFE, worker.poll(|changes| heard.hear(changes))).await;
    assert!(killed.is_err());
    drop(worker);
    assert_eq!(heard.ids(), ["C-1"]);

    let mut next = harbour.newcomer();
    let polled = next.poll(|changes| heard.hear(changes)).await.unwrap();
    assert_eq!(polled, Polled::default(), "the lease is another's for its life");
    tokio::time::advance(LIFE).await;
    assert_eq!(next.poll(|changes| heard.hear(changes)).await.unwrap().charters, 1);
    assert_eq!(heard.ids(), ["C-1"]);
}

#[tokio::test(start_paused = true)]
async fn a_round_that_is_dropped_loses_nothing() {
    let harbour = Harbour::new().await;
    let (mut worker, heard) = (harbour.worker().await, Heard::default());
    harbour.book("C-1").await;
    harbour.store.next("GetRecords", &[Fault::Expire]);
    for operation in ["GetShardIterator", "GetRecords", "UpdateItem"] {
        harbour.store.next(operation, &[Fault::Stop]);
        let round = worker.poll(|changes| heard.hear(changes));
        // Shorter than what passes between two looks: the requests are those of reading.
        assert!(tokio::time::timeout(LIFE / 100, round).await.is_err(), "{operation}");
        assert!(!harbour.store.has_more(), "{operation}");
    }
    worker.poll(|changes| heard.hear(changes)).await.unwrap();
    assert_eq!(heard.ids(), ["C-1", "C-1"], "the last that was dropped had handed it over");
}

#[tokio::test(start_paused = true)]
async fn what_heals_by_itself_is_asked_again() {
    let harbour = Harbour::new().await;
    let (mut worker, heard) = (harbour.worker().await, Heard::default());
    harbour.book("C-1").await;
    harbour.store.next("GetRecords", &[Fault::Expire]);
    for operation in ["GetShardIterator", "GetRecords", "UpdateItem"] {
        harbour.store.next(operation, &[Fault::Throttle, Fault::Fail, Fault::LoseAnswer]);
    }
    worker.poll(|changes| heard.hear(changes)).await.unwrap();
    assert!(!harbour.store.has_more());
    assert_eq!(heard.ids(), ["C-1"]);

    harbour.store.next("GetRecords", &[Fault::Throttle; 5]);
    let busy = worker.poll(|changes| heard.hear(changes)).await.unwrap_err();
    assert!(busy.is_transient(), "{busy}");
    assert_eq!(busy.to_string(), "table `crew-dispatch`: GetRecords got no answer from the store");
}

#[tokio::test(start_paused = true)]
async fn a_table_without_a_stream_says_what_turns_it_on() {
    let store = Faulty::new();
    let charters = DynamoCharters::new(store.client());
    let (clock, life) = (RuntimeClock::new(), LIFE);
    let worker = || {
        let worker = CharterChanges::builder(&charters, store.streams_client());
        worker.clock(clock.clone()).lease_life(life).build().unwrap()
    };
    let missing = worker().poll(|_| async { Ok(()) }).await.unwrap_err();
    assert!(matches!(&missing, Error::TableMissing { table } if table == "crew-dispatch"));
    charters.ensure_table().await.unwrap();
    let off = worker().poll(|_| async { Ok(()) }).await.unwrap_err();
    assert!(matches!(&off, Error::StreamOff { table } if table == "crew-dispatch"), "{off}");
    charters.ensure_stream().await.unwrap();
    charters.ensure_stream().await.unwrap();
    let keys = worker().poll(|_| async { Ok(()) }).await.unwrap_err();
    assert!(matches!(&keys, Error::TableMissing { table } if table == "crew-keys"), "{keys}");
    DynamoRoster::new(store.client()).ensure_tables().await.unwrap();
    assert_eq!(worker().poll(|_| async { Ok(()) }).await.unwrap().shards, 1);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_someone_else_turns_on_meanwhile_is_on() {
    let store = Faulty::new();
    let charters = DynamoCharters::new(store.client());
    charters.ensure_table().await.unwrap();
    let other = DynamoCharters::new(store.engine().client());
    store.before("UpdateTable", async move { other.ensure_stream().await.unwrap() });
    charters.ensure_stream().await.unwrap();
    let table = store.client().describe_table().table_name("crew-dispatch").send().await.unwrap();
    let stream = table.table.unwrap().stream_specification.unwrap();
    assert_eq!(stream.stream_view_type.unwrap().as_str(), "KEYS_ONLY");
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_followed_until_it_is_time_to_stop() {
    let harbour = Harbour::new().await;
    let (mut worker, heard) = (harbour.worker().await, Heard::default());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let stopped = async move { stopped.await.unwrap() };
    let (store, charters, hears) = (harbour.store.clone(), harbour.charters.clone(), heard.clone());
    let runs = tokio::spawn(async move {
        let ended = worker.run(|changes| hears.hear(changes), stopped).await;
        (worker, ended)
    });
    for id in ["C-1", "C-2"] {
        book(&charters, id).await;
        store.next("GetRecords", &[Fault::Throttle; 5]);
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
    stop.send(()).unwrap();
    let (_worker, ended) = runs.await.unwrap();
    ended.unwrap();
    assert_eq!(heard.ids(), ["C-1", "C-2"]);
    assert_eq!(lease(&store.client(), "owner").await, None, "given up in order");
    assert_eq!(harbour.worker().await.poll(|_| async { Ok(()) }).await.unwrap().shards, 1);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_heal_ends_the_run_and_gives_up_the_leases() {
    let harbour = Harbour::new().await;
    let mut worker = harbour.worker().await;
    harbour.book("C-1").await;
    let mut handled = 0;
    let handler = |_| {
        handled += 1;
        std::future::ready(Err(match handled {
            1 => unavailable(),
            _ => Error::NotFound { what: "crew member", id: "ada".to_owned() },
        }))
    };
    let ended = worker.run(handler, std::future::pending()).await;
    assert!(matches!(ended, Err(Error::NotFound { .. })), "{ended:?}");
    assert_eq!(handled, 2, "what heals was tried again");
    assert_eq!(lease(&harbour.store.client(), "owner").await, None);
}

#[tokio::test]
async fn a_life_outside_its_range_is_refused() {
    let store = Faulty::new();
    let charters = DynamoCharters::new(store.client());
    for life in [Duration::ZERO, Duration::from_millis(999), Duration::from_secs(3601)] {
        let built = CharterChanges::builder(&charters, store.streams_client()).lease_life(life);
        assert!(matches!(built.build(), Err(Error::Invalid { what: "life of a lease", .. })));
    }
}
