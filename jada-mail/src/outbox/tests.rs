//! The outbox on a clock that a test moves, against a server that a test breaks.

mod crashes;
mod disk;
mod doubts;
mod leftovers;
mod limits;
mod more_regressions;
mod people;
mod queue;
mod regressions;
mod server;
mod together;

use std::{sync::Arc, time::Duration};

use jada_auth::{Clock, ManualClock};
use jiff::Timestamp;
use tempfile::TempDir;

use self::server::Server;
use super::{Drained, MailState, Outbox, OutboxBuilder};
use crate::{Error, IdempotencyKey, Message, contract::message};

/// An outbox in a folder of its own, and the server that it sends by.
struct Bench {
    folder: TempDir,
    clock: Arc<ManualClock>,
    server: Server,
}

impl Bench {
    fn new(server: Server) -> Self {
        let clock = Arc::new(ManualClock::new("2026-06-01T06:00:00Z".parse().unwrap()));
        server.tell_time(&clock);
        Self { folder: tempfile::tempdir().unwrap(), clock, server }
    }

    fn builder(&self) -> OutboxBuilder {
        Outbox::builder(self.folder.path().join("outbox")).clock(self.clock.clone())
    }

    fn outbox(&self) -> Outbox {
        self.builder().build()
    }

    async fn drain(&self) -> Drained {
        self.outbox().drain(&self.server).await.unwrap()
    }

    async fn drain_now(&self) -> Drained {
        self.outbox().drain_now(&self.server).await.unwrap()
    }

    fn pass_time(&self, by: Duration) {
        self.clock.advance(by);
    }

    fn clock_now(&self) -> Timestamp {
        self.clock.now().wall
    }

    fn state(&self, key: &str) -> MailState {
        self.entry(key).state
    }

    fn why(&self, key: &str) -> String {
        self.entry(key).why.unwrap_or_default()
    }

    fn entry(&self, key: &str) -> super::Entry {
        self.outbox().mail(&parsed(key)).unwrap().unwrap()
    }
}

/// A bench whose outbox holds a mail of each key, a second apart.
fn queued(
    proof: crate::Proof,
    keys: &[&str],
    faults: impl IntoIterator<Item = server::Fault>,
) -> Bench {
    let bench = Bench::new(Server::new(proof).with_faults(faults));
    for key in keys {
        bench.outbox().enqueue(&message(key)).unwrap();
        bench.pass_time(SECOND);
    }
    bench
}

fn parsed(key: &str) -> IdempotencyKey {
    key.parse().unwrap()
}

fn changed(key: &str) -> Message {
    Message::builder("billing@example.com".parse().unwrap())
        .to("ada@example.com".parse().unwrap())
        .subject("Other".parse().unwrap())
        .text("other")
        .date("2026-06-01T06:00:00Z".parse().unwrap())
        .idempotency_key(key.parse().unwrap())
        .build()
        .unwrap()
}

fn is_transient(error: &Error) -> bool {
    error.is_transient()
}

const INDEX: Duration = Outbox::INDEX_WAIT;
const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);
