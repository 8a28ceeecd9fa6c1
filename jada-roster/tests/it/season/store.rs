//! The embedded engine as dispatchers see it: they may be stopped before and after each request, and
//! some requests fail, or are done and their answer lost.

use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_sdk_dynamodb::config::retry::RetryPartition;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use jada_roster::{EmbeddedEngine, dynamo_client};

/// An engine on which things go wrong, as often as its weather says.
#[derive(Clone)]
pub(super) struct Store {
    engine: EmbeddedEngine,
    weather: Arc<Weather>,
}

/// What goes wrong next.
#[derive(Debug)]
pub(super) struct Weather(Mutex<Sky>);

#[derive(Debug)]
struct Sky {
    dice: fastrand::Rng,
    is_calm: bool,
    /// So many requests more fail, one after another.
    outage: u32,
    /// So many writes of calls were begun.
    writes: u32,
    /// What was done last.
    done: Vec<&'static str>,
}

pub(super) enum Fault {
    /// Nothing is done, and will not be for a while.
    Outage,
    Throttle,
    Fail,
    LoseAnswer,
}

impl Weather {
    pub(super) fn new(dice: fastrand::Rng) -> Self {
        Self(Mutex::new(Sky { dice, is_calm: false, outage: 0, writes: 0, done: Vec::new() }))
    }

    /// From here on nothing goes wrong.
    pub(super) fn calm(&self) {
        self.0.lock().unwrap().is_calm = true;
    }

    /// From here on things go wrong again.
    pub(super) fn turns(&self) {
        self.0.lock().unwrap().is_calm = false;
    }

    pub(super) fn write_begins(&self) {
        self.0.lock().unwrap().writes += 1;
    }

    pub(super) fn writes(&self) -> u32 {
        self.0.lock().unwrap().writes
    }

    pub(super) fn done(&self, what: &'static str) {
        self.0.lock().unwrap().done.push(what);
    }

    /// What was done since this was asked last.
    pub(super) fn news(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.0.lock().unwrap().done)
    }

    pub(super) fn fault(&self) -> Option<Fault> {
        let mut sky = self.0.lock().unwrap();
        if sky.is_calm {
            return None;
        }
        if sky.dice.u32(0..2_000) == 0 {
            sky.outage = sky.dice.u32(5..15);
        }
        if sky.outage > 0 {
            sky.outage -= 1;
            return Some(Fault::Outage);
        }
        match sky.dice.u32(0..200) {
            0 => Some(Fault::Throttle),
            1 => Some(Fault::Fail),
            2..=4 => Some(Fault::LoseAnswer),
            _ => None,
        }
    }
}

impl Store {
    pub(super) fn new(engine: EmbeddedEngine, weather: Arc<Weather>) -> Self {
        Self { engine, weather }
    }

    /// A client whose retries are budgeted apart from those of other seasons, so that each is the same
    /// whenever it is run.
    pub(super) fn client(&self, season: &str) -> Client {
        let client = dynamo_client(SharedHttpClient::new(self.clone()));
        let budget = RetryPartition::new(season.to_owned());
        Client::from_conf(client.config().to_builder().retry_partition(budget).build())
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl HttpClient for Store {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Store {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let store = self.clone();
        HttpConnectorFuture::new(async move {
            pause().await;
            match store.weather.fault() {
                None => {
                    let answer = store.engine.call(request).await;
                    pause().await;
                    answer
                }
                Some(Fault::Throttle) => Ok(refusal(400, "ProvisionedThroughputExceededException")),
                Some(Fault::Fail | Fault::Outage) => Ok(refusal(500, "InternalServerError")),
                Some(Fault::LoseAnswer) => {
                    store.engine.call(request).await?;
                    pause().await;
                    Err(ConnectorError::timeout("the answer was lost".into()))
                }
            }
        })
    }
}

/// Lets others go first, or whoever waits be stopped here.
pub(super) async fn pause() {
    let mut has_waited = false;
    poll_fn(|context| {
        if has_waited {
            return Poll::Ready(());
        }
        has_waited = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn refusal(status: u16, kind: &str) -> HttpResponse {
    let body = format!(r#"{{"__type": "{kind}", "message": "sorry"}}"#);
    HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body))
}
