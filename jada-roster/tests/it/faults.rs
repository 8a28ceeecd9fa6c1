//! The embedded engine with the faults that a real DynamoDB has and it has not.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use jada_roster::{EmbeddedEngine, dynamo_client};
use serde_json::{Value, json};

/// What happens to the next request of an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
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
}

/// An engine that lets scripted faults happen, and counts requests.
#[derive(Clone, Debug)]
pub(crate) struct Faulty {
    engine: EmbeddedEngine,
    script: Arc<Mutex<VecDeque<(&'static str, Fault)>>>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Faulty {
    pub(crate) fn new() -> Self {
        Self {
            engine: EmbeddedEngine::in_memory().unwrap(),
            script: Arc::default(),
            requests: Arc::default(),
        }
    }

    pub(crate) fn client(&self) -> aws_sdk_dynamodb::Client {
        dynamo_client(SharedHttpClient::new(self.clone()))
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
        let at = script.iter().position(|(of, _)| *of == operation)?;
        script.remove(at).map(|(_, fault)| fault)
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
        match self.fault(&operation) {
            None => self.engine.call(request),
            Some(Fault::Throttle) => {
                let error = json!({"__type": "ProvisionedThroughputExceededException", "message": "slow down"});
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

fn response(status: u16, body: &Value) -> HttpResponse {
    HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body.to_string()))
}
