//! The embedded engine with the faults that a real DynamoDB has and it has not.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jada_roster::{EmbeddedEngine, dynamo_client, dynamo_streams_client};
use serde_json::{Value, json};

/// What happens to the next request of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Done as always.
    None,
    /// Refused as too many; nothing is done.
    Throttle,
    /// Done, but the answer never arrives.
    LoseAnswer,
    /// Of a batch only the first half is done.
    LeaveHalf,
    /// Status 500; nothing is done.
    Fail,
    /// Done, but of the items found the last is not shown: an index that lags.
    HideLast,
    /// Refused, as another transaction is writing the same rows; nothing is done.
    Conflict,
    /// The iterator of a stream was not used for too long.
    Expire,
    /// The records of a stream that were asked for are no longer kept.
    Trim,
    /// No answer ever, and nothing is done: the process is stopped before the request.
    Stop,
    /// No answer ever, but it is done: the process is stopped after the request.
    StopDone,
}

/// An engine that lets scripted faults happen, and counts requests.
#[derive(Clone)]
pub(crate) struct Faulty {
    engine: EmbeddedEngine,
    script: Arc<Mutex<VecDeque<(&'static str, Fault)>>>,
    requests: Arc<Mutex<Vec<String>>>,
    meanwhile: Meanwhile,
    forgetful: bool,
    contention: Option<Contention>,
}

/// Of transactions that begin while another is under way, none is done.
#[derive(Clone)]
struct Contention {
    takes: Duration,
    is_busy: Arc<AtomicBool>,
}

/// What happens between two requests of the one whom the engine serves.
type Meanwhile = Arc<Mutex<VecDeque<(&'static str, BoxFuture<'static, ()>)>>>;

impl Faulty {
    pub(crate) fn new() -> Self {
        Self {
            engine: EmbeddedEngine::in_memory().unwrap(),
            script: Arc::default(),
            requests: Arc::default(),
            meanwhile: Arc::default(),
            forgetful: false,
            contention: None,
        }
    }

    /// The same tables by a store whose transactions take this long, and conflict as DynamoDB's do.
    pub(crate) fn contended(&self, takes: Duration) -> Self {
        let contention = Contention { takes, is_busy: Arc::default() };
        Self { contention: Some(contention), ..self.clone() }
    }

    /// The same tables by a store that does not know a request again by its token, as DynamoDB
    /// after 10 minutes: what an earlier attempt wrote has to be recognised.
    pub(crate) fn forgetful(&self) -> Self {
        Self { forgetful: true, ..self.clone() }
    }

    /// The engine without faults.
    pub(crate) fn engine(&self) -> &EmbeddedEngine {
        &self.engine
    }

    /// Before the next request of an operation is done, this is.
    pub(crate) fn before(
        &self,
        operation: &'static str,
        happens: impl Future<Output = ()> + Send + 'static,
    ) {
        self.meanwhile.lock().unwrap().push_back((operation, happens.boxed()));
    }

    /// The operations asked for since the last call.
    pub(crate) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut *self.requests.lock().unwrap())
    }

    /// The fault happens to the request of this number from here on, whatever it is, counted from 0.
    pub(crate) fn at(&self, number: usize, fault: Fault) {
        let mut script = self.script.lock().unwrap();
        script.extend((0..number).map(|_| (ANY, Fault::None)));
        script.push_back((ANY, fault));
    }

    /// Whether a scripted fault has not happened yet.
    pub(crate) fn has_more(&self) -> bool {
        !self.script.lock().unwrap().is_empty()
    }

    /// Forgets the faults that have not happened.
    pub(crate) fn heal(&self) {
        self.script.lock().unwrap().clear();
    }

    pub(crate) fn client(&self) -> aws_sdk_dynamodb::Client {
        dynamo_client(SharedHttpClient::new(self.clone()))
    }

    pub(crate) fn streams_client(&self) -> aws_sdk_dynamodbstreams::Client {
        dynamo_streams_client(SharedHttpClient::new(self.clone()))
    }

    pub(crate) fn next(&self, operation: &'static str, faults: &[Fault]) {
        self.script.lock().unwrap().extend(faults.iter().map(|fault| (operation, *fault)));
    }

    /// Requests of an operation since the last call.
    pub(crate) fn count(&self, operation: &str) -> usize {
        let mut requests = self.requests.lock().unwrap();
        let count = requests.iter().filter(|request| *request == operation).count();
        requests.clear();
        count
    }

    fn fault(&self, operation: &str) -> Option<Fault> {
        let mut script = self.script.lock().unwrap();
        let at = script.iter().position(|(of, _)| *of == operation || *of == ANY)?;
        script.remove(at).map(|(_, fault)| fault)
    }

    fn meanwhile(&self, operation: &str) -> Option<BoxFuture<'static, ()>> {
        let mut meanwhile = self.meanwhile.lock().unwrap();
        let at = meanwhile.iter().position(|(of, _)| *of == operation)?;
        meanwhile.remove(at).map(|(_, happens)| happens)
    }
}

impl fmt::Debug for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faulty").field("script", &self.script).finish_non_exhaustive()
    }
}

impl HttpClient for Faulty {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Faulty {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap().to_owned();
        let operation = target.rsplit('.').next().unwrap().to_owned();
        self.requests.lock().unwrap().push(operation.clone());
        if self.forgetful {
            forget_token(&mut request);
        }
        if let Some(happens) = self.meanwhile(&operation) {
            let engine = self.engine.clone();
            return HttpConnectorFuture::new(async move {
                happens.await;
                engine.call(request).await
            });
        }
        if let Some(contention) = self.contention.clone().filter(|_| operation == WRITE) {
            return contention.call(self.engine.clone(), request);
        }
        match self.fault(&operation) {
            None | Some(Fault::None) => self.engine.call(request),
            Some(Fault::Stop) => HttpConnectorFuture::new(std::future::pending()),
            Some(Fault::StopDone) => {
                let done = self.engine.call(request);
                HttpConnectorFuture::new(async move {
                    done.await?;
                    std::future::pending().await
                })
            }
            Some(Fault::Conflict) => {
                let body = request.body().bytes().unwrap();
                HttpConnectorFuture::ready(Ok(response(400, &conflict(&operation, body))))
            }
            Some(Fault::Throttle) => {
                let error = json!({"__type": "ProvisionedThroughputExceededException", "message": "slow down"});
                HttpConnectorFuture::ready(Ok(response(400, &error)))
            }
            Some(Fault::Expire) => {
                let error = json!({"__type": "ExpiredIteratorException", "message": "too late"});
                HttpConnectorFuture::ready(Ok(response(400, &error)))
            }
            Some(Fault::Trim) => {
                let error = json!({"__type": "TrimmedDataAccessException", "message": "gone"});
                HttpConnectorFuture::ready(Ok(response(400, &error)))
            }
            Some(Fault::Fail) => {
                let error = json!({"__type": "InternalServerError", "message": "sorry"});
                HttpConnectorFuture::ready(Ok(response(500, &error)))
            }
            Some(Fault::LoseAnswer) => {
                let done = self.engine.call(request);
                HttpConnectorFuture::new(async move {
                    done.await?;
                    Err(ConnectorError::timeout("the answer was lost".into()))
                })
            }
            Some(Fault::LeaveHalf) => {
                let body = request.body().bytes().unwrap();
                let mut body: Value = serde_json::from_slice(body).unwrap();
                let left = leave_half(&mut body);
                *request.body_mut() = SdkBody::from(body.to_string());
                changed(self.engine.call(request), move |answer| answer["UnprocessedKeys"] = left)
            }
            Some(Fault::HideLast) => changed(self.engine.call(request), |answer| {
                answer["Items"].as_array_mut().unwrap().pop().unwrap();
            }),
        }
    }
}

impl Contention {
    fn call(self, engine: EmbeddedEngine, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(async move {
            if self.is_busy.swap(true, Ordering::SeqCst) {
                return Ok(response(400, &conflict(WRITE, request.body().bytes().unwrap())));
            }
            tokio::time::sleep(self.takes).await;
            let done = engine.call(request).await;
            self.is_busy.store(false, Ordering::SeqCst);
            done
        })
    }
}

/// That the rows are being written by another transaction, as DynamoDB says it.
fn conflict(operation: &str, body: &[u8]) -> Value {
    if operation != WRITE {
        return json!({"__type": "TransactionConflictException", "message": "in a transaction"});
    }
    let body: Value = serde_json::from_slice(body).unwrap();
    let writes = body["TransactItems"].as_array().unwrap().len();
    let mut reasons = vec![json!({"Code": "None"}); writes];
    reasons[writes - 1] = json!({"Code": "TransactionConflict", "Message": "in a transaction"});
    json!({
        "__type": "TransactionCanceledException",
        "message": "cancelled",
        "CancellationReasons": reasons,
    })
}

fn forget_token(request: &mut HttpRequest) {
    let body = request.body().bytes().unwrap();
    let mut body: Value = serde_json::from_slice(body).unwrap();
    if body.as_object_mut().unwrap().remove("ClientRequestToken").is_some() {
        *request.body_mut() = SdkBody::from(body.to_string());
    }
}

/// An answer that arrives changed.
fn changed(
    done: HttpConnectorFuture,
    change: impl FnOnce(&mut Value) + Send + 'static,
) -> HttpConnectorFuture {
    HttpConnectorFuture::new(async move {
        let answer = done.await?;
        let mut body: Value = serde_json::from_slice(answer.body().bytes().unwrap()).unwrap();
        change(&mut body);
        Ok(response(200, &body))
    })
}

/// Takes the second half of each table's keys out of a `BatchGetItem`.
fn leave_half(body: &mut Value) -> Value {
    let mut left = json!({});
    for (table, wanted) in body["RequestItems"].as_object_mut().unwrap() {
        let keys = wanted["Keys"].as_array_mut().unwrap();
        let rest = keys.split_off(keys.len().div_ceil(2));
        if !rest.is_empty() {
            left[table] = json!({ "Keys": rest });
        }
    }
    left
}

const WRITE: &str = "TransactWriteItems";
/// Stands for every operation.
const ANY: &str = "*";

pub(crate) fn response(status: u16, body: &Value) -> HttpResponse {
    HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body.to_string()))
}
