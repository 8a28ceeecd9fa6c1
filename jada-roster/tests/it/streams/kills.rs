//! Workers are killed, stopped and slowed at random while charters change: nothing is left out.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use serde_json::json;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::shards::Sharded;
use super::*;
use crate::faults::response;
use crate::sweep;

const WORKERS: usize = 4;
const SHARDS: usize = 4;

/// A store that takes its time before and after it does what is asked, and sometimes fails.
#[derive(Clone, Debug)]
struct Slow {
    shards: Sharded,
    draws: Draws,
}

/// Random numbers, the same for the same seed.
#[derive(Clone, Debug)]
struct Draws(Arc<Mutex<u64>>);

/// What the rows were changed to, and what those who were handed them saw.
#[derive(Debug, Default)]
struct Rows {
    stored: BTreeMap<String, u32>,
    seen: BTreeMap<String, u32>,
    gaps: Vec<Gap>,
}

/// A worker as it runs; whether it still holds leases when it ends is its own affair.
struct Worker {
    runs: JoinHandle<Result<(), Error>>,
    stop: oneshot::Sender<()>,
}

impl Draws {
    fn below(&self, bound: u64) -> u64 {
        let mut state = self.0.lock().unwrap();
        // SplitMix64: as good as it needs to be, and the same everywhere.
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = *state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn pause(&self, most: Duration) -> tokio::time::Sleep {
        let most = u64::try_from(most.as_millis()).unwrap();
        tokio::time::sleep(Duration::from_millis(self.below(most)))
    }
}

impl HttpClient for Slow {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Slow {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let slow = self.clone();
        let records = request.headers().get("x-amz-target").unwrap().ends_with(".GetRecords");
        HttpConnectorFuture::new(async move {
            slow.draws.pause(Duration::from_millis(40)).await;
            let luck = slow.draws.below(100);
            let refused = |name: &str| response(400, &json!({"__type": name, "message": "no"}));
            match luck {
                0..4 => return Ok(refused("ThrottlingException")),
                4..8 if records => return Ok(refused("ExpiredIteratorException")),
                _ => {}
            }
            let answer = slow.shards.answer(request).await;
            slow.draws.pause(Duration::from_millis(40)).await;
            match luck {
                8..12 => Err(ConnectorError::timeout("the answer was lost".into())),
                _ => Ok(answer),
            }
        })
    }
}

impl Worker {
    fn begin(slow: &Slow, clock: &Arc<RuntimeClock>, rows: &Arc<Mutex<Rows>>) -> Self {
        let mut worker = slow.shards.worker(clock, &SharedHttpClient::new(slow.clone()));
        let (stop, stopped) = oneshot::channel();
        let (draws, rows) = (slow.draws.clone(), Arc::clone(rows));
        let runs = tokio::spawn(async move {
            let handler = |changes| look(changes, draws.clone(), Arc::clone(&rows));
            let stopped = async { stopped.await.unwrap() };
            worker.run(handler, stopped).await
        });
        Self { runs, stop }
    }

    async fn end(self, draws: &Draws) {
        match draws.below(3) {
            0 => {
                self.stop.send(()).unwrap();
                self.runs.await.unwrap().ok();
            }
            _ => {
                self.runs.abort();
                self.runs.await.unwrap_err();
            }
        }
    }
}

/// A handler: it sees the rows as they are when it begins, works, and fails now and then.
async fn look(changes: Changes, draws: Draws, rows: Arc<Mutex<Rows>>) -> Result<(), Error> {
    let now = rows.lock().unwrap().stored.clone();
    let longest = if draws.below(50) == 0 { LIFE * 2 } else { LIFE / 40 };
    draws.pause(longest).await;
    if draws.below(10) == 0 {
        return Err(unavailable());
    }
    let mut rows = rows.lock().unwrap();
    match changes {
        Changes::Charters(ids) => {
            for id in ids {
                let seen = rows.seen.entry(id.to_string()).or_default();
                *seen = (*seen).max(now[id.as_str()]);
            }
        }
        Changes::Missed(gap) => rows.gaps.push(gap),
        other => panic!("{other:?}"),
    }
    Ok(())
}

async fn change(charters: &DynamoCharters, draws: &Draws, rows: &Mutex<Rows>) {
    let id = format!("C-{}", draws.below(12));
    let found = charters.find(&[CharterId::new(&id).unwrap()]).await.unwrap();
    match found.first() {
        None => book(charters, &id).await,
        // Who is confirmed may be pending again, and the other way round.
        Some(charter) => {
            use jada_roster::Status::{Confirmed, Pending};
            let to = if charter.status() == Pending { Confirmed } else { Pending };
            charters.change_status(charter, to).await.unwrap();
        }
    }
    *rows.lock().unwrap().stored.entry(id).or_default() += 1;
}

async fn storm(seed: u64) {
    let draws = Draws(Arc::new(Mutex::new(seed)));
    let (shards, charters) = Sharded::new(SHARDS).await;
    let slow = Slow { shards: shards.clone(), draws: draws.clone() };
    let (clock, rows) = (RuntimeClock::new(), Arc::new(Mutex::new(Rows::default())));
    let mut workers: Vec<_> = (0..WORKERS).map(|_| Worker::begin(&slow, &clock, &rows)).collect();
    for _ in 0..30 {
        draws.pause(Duration::from_secs(4)).await;
        match draws.below(10) {
            0 => shards.split().await,
            1..4 => {
                let unlucky = usize::try_from(draws.below(WORKERS as u64)).unwrap();
                workers.swap_remove(unlucky).end(&draws).await;
                workers.push(Worker::begin(&slow, &clock, &rows));
            }
            _ => change(&charters, &draws, &rows).await,
        }
    }
    tokio::time::sleep(LIFE * 4).await;
    let rows = rows.lock().unwrap();
    assert!(!rows.stored.is_empty());
    assert_eq!(rows.seen, rows.stored, "seed {seed}: what was seen, and what is stored");
    assert!(rows.gaps.iter().all(|gap| *gap == Gap::Begun), "seed {seed}: {:?}", rows.gaps);
    for worker in workers {
        assert!(!worker.runs.is_finished(), "seed {seed}");
        worker.runs.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn every_change_is_delivered_whoever_is_killed_when() {
    for seed in 0..sweep(3, 300) {
        storm(u64::from(seed)).await;
    }
}
