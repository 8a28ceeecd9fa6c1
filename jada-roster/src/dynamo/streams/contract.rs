//! What a stream of changes has to do, on whatever serves it.

#![expect(clippy::expect_used, reason = "a failed expectation is the verdict")]

use std::future::ready;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodbstreams::Client;

use crate::charter::{Charter, CharterId};
use crate::dynamo::charters::DynamoCharters;
use crate::dynamo::keys::CrewTables;
use crate::dynamo::streams::{Changes, CharterChanges};
use crate::error::Error;
use crate::money::Currency;
use crate::random::letters;
use crate::repository::CharterRepository;

/// Checks that the stream of a table tells every change, again after a failure, and to the next
/// worker only what the last had not handled. For a DynamoDB of your own, or a stand-in for one.
///
/// It turns the stream on, and leaves two charters of the year 2101 behind. Nobody else may follow
/// the stream meanwhile. Changes may take half a minute to be told.
///
/// # Panics
/// When it does not.
pub async fn charter_changes_contract(
    charters: &DynamoCharters,
    streams: &Client,
    tables: &CrewTables,
) {
    charters.ensure_stream().await.expect("the stream is turned on");
    charters.ensure_stream().await.expect("one that is on stays so");
    let worker = || {
        let worker = CharterChanges::builder(charters, streams.clone()).tables(tables.clone());
        worker.build().expect("a worker")
    };
    let (mut first, mut second) = (worker(), worker());
    let told = Told::default();
    while first.poll(|changes| told.by(&changes, Ok(()))).await.expect("a round").charters > 0 {}

    let booked = book(charters).await;
    told.until(&mut first, &booked, || Err(interrupted())).await;
    told.until(&mut first, &booked, || Ok(())).await;
    let polled = second.poll(|changes| told.by(&changes, Ok(()))).await.expect("a round");
    assert_eq!(polled.shards, 0, "nobody takes the lease of one who lives");
    first.release().await.expect("the leases are given up");

    let later = book(charters).await;
    // It holds none; but the next round looks at the leases then, without waiting until that is due.
    second.release().await.expect("the leases are given up");
    told.until(&mut second, &later, || Ok(())).await;
    assert!(!told.has(&booked), "the next worker goes on from the checkpoint");
    second.release().await.expect("the leases are given up");
}

/// The charters that were told, in order.
#[derive(Clone, Debug, Default)]
struct Told(Arc<Mutex<Vec<CharterId>>>);

impl Told {
    fn by(
        &self,
        changes: &Changes,
        answer: Result<(), Error>,
    ) -> std::future::Ready<Result<(), Error>> {
        if let (Changes::Charters(ids), Ok(mut told)) = (changes, self.0.lock()) {
            told.extend(ids.iter().cloned());
        }
        ready(answer)
    }

    /// Polls until a charter is told.
    async fn until(
        &self,
        worker: &mut CharterChanges,
        wanted: &CharterId,
        answer: impl Fn() -> Result<(), Error>,
    ) {
        self.forget();
        for _ in 0..ROUNDS {
            let polled = worker.poll(|changes| self.by(&changes, answer())).await;
            if self.has(wanted) {
                assert_eq!(polled.is_ok(), answer().is_ok(), "{polled:?}");
                return;
            }
            assert!(polled.is_ok(), "{polled:?}");
            tokio::time::sleep(PAUSE).await;
        }
        panic!("the change of charter `{wanted}` is never told");
    }

    fn has(&self, wanted: &CharterId) -> bool {
        self.0.lock().is_ok_and(|told| told.contains(wanted))
    }

    fn forget(&self) {
        if let Ok(mut told) = self.0.lock() {
            told.clear();
        }
    }
}

async fn book(charters: &DynamoCharters) -> CharterId {
    let id = CharterId::new(&format!("changes-{}", letters(12).expect("randomness")));
    let id = id.expect("an id");
    let charter = Charter::builder(id.clone(), jiff::civil::date(2101, 5, 3), Currency::USD);
    let charter = charter.build().expect("a charter");
    charters.save(&[charter]).await.expect("a charter is saved");
    id
}

fn interrupted() -> Error {
    let (table, operation) = ("none".to_owned(), "look at a charter");
    Error::Unavailable { table, operation, source: "a failure on purpose".into() }
}

const ROUNDS: u32 = 60;
const PAUSE: Duration = Duration::from_millis(500);
