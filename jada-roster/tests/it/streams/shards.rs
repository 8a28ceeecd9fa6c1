//! A stream of several shards, which split and are trimmed, over the engine's one.

use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_sdk_dynamodbstreams::types::{Record, ShardIteratorType};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use jada_roster::{dynamo_client, dynamo_streams_client};
use serde_json::{Value, json};

use super::*;
use crate::faults::response;

/// The engine's stream, dealt out to shards by the ids of charters; other requests go to the engine.
#[derive(Clone, Debug)]
pub(super) struct Sharded {
    store: Faulty,
    stream: String,
    shard: String,
    shards: Arc<Mutex<Vec<Part>>>,
}

/// Of the records behind one sequence number, up to another where it has ended, those of a share of
/// the ids.
#[derive(Clone, Debug)]
struct Part {
    id: String,
    parent: Option<String>,
    share: usize,
    after: String,
    end: Option<String>,
}

impl Sharded {
    /// A table whose stream has this many shards.
    pub(super) async fn new(count: usize) -> (Self, DynamoCharters) {
        let store = Faulty::new();
        let charters = DynamoCharters::new(store.client());
        charters.ensure_table().await.unwrap();
        charters.ensure_stream().await.unwrap();
        DynamoRoster::new(store.client()).ensure_tables().await.unwrap();
        let table = store.client().describe_table().table_name(charters.table()).send().await;
        let stream = table.unwrap().table.unwrap().latest_stream_arn.unwrap();
        let described = store.streams_client().describe_stream().stream_arn(&stream).send().await;
        let shard = described.unwrap().stream_description.unwrap().shards.unwrap().remove(0);
        let part = |share| Part {
            id: format!("shard-{share}"),
            parent: None,
            share,
            after: "0".to_owned(),
            end: None,
        };
        let shards = Arc::new(Mutex::new((0..count).map(part).collect()));
        (Self { store, stream, shard: shard.shard_id.unwrap(), shards }, charters)
    }

    /// Ends every shard that is open, each with a child.
    pub(super) async fn split(&self) {
        let last = self.records("0").await.last().map(sequence).unwrap_or("0".to_owned());
        let mut shards = self.shards.lock().unwrap();
        let mut children = Vec::new();
        let made = shards.len();
        for open in shards.iter_mut().filter(|part| part.end.is_none()) {
            let (id, share) = (format!("{}+{made}", open.id), open.share);
            let (parent, after) = (Some(open.id.clone()), last.clone());
            open.end = Some(last.clone());
            children.push(Part { id, parent, share, after, end: None });
        }
        shards.extend(children);
    }

    /// Shards that have ended are no longer there.
    pub(super) fn trim(&self) {
        self.shards.lock().unwrap().retain(|part| part.end.is_none());
    }

    pub(super) fn open(&self) -> usize {
        self.shards.lock().unwrap().iter().filter(|part| part.end.is_none()).count()
    }

    pub(super) fn worker(
        &self,
        clock: &Arc<RuntimeClock>,
        http: &SharedHttpClient,
    ) -> CharterChanges {
        let charters = DynamoCharters::new(dynamo_client(http.clone()));
        let worker = CharterChanges::builder(&charters, dynamo_streams_client(http.clone()));
        worker.clock(clock.clone()).lease_life(LIFE).pause(LIFE / 7).build().unwrap()
    }

    pub(super) async fn answer(self, request: HttpRequest) -> HttpResponse {
        let target = request.headers().get("x-amz-target").unwrap().to_owned();
        let body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        match target.rsplit('.').next().unwrap() {
            "DescribeStream" => response(200, &self.describe(&body)),
            "GetShardIterator" => {
                let after = body["SequenceNumber"].as_str().unwrap_or("0");
                let iterator = format!("{} {after}", body["ShardId"].as_str().unwrap());
                response(200, &json!({ "ShardIterator": iterator }))
            }
            "GetRecords" => self.page(&body).await,
            _ => self.store.call(request).await.unwrap(),
        }
    }

    /// Three shards a page.
    fn describe(&self, body: &Value) -> Value {
        let shards = self.shards.lock().unwrap();
        let after = body["ExclusiveStartShardId"].as_str();
        let is_start = |id: &str| shards.iter().position(|part| part.id == id).unwrap() + 1;
        let from = after.map_or(0, is_start);
        let page: Vec<_> = shards[from..].iter().take(3).collect();
        let last = (from + page.len() < shards.len()).then(|| &page[page.len() - 1].id);
        let shard = |part: &&Part| json!({"ShardId": part.id, "ParentShardId": part.parent});
        json!({"StreamDescription": {
            "StreamArn": self.stream,
            "Shards": page.iter().map(shard).collect::<Vec<_>>(),
            "LastEvaluatedShardId": last,
        }})
    }

    async fn page(&self, body: &Value) -> HttpResponse {
        let (id, after) = body["ShardIterator"].as_str().unwrap().split_once(' ').unwrap();
        let found = self.shards.lock().unwrap().iter().find(|part| part.id == id).cloned();
        let Some(part) = found else {
            let error = json!({"__type": "ResourceNotFoundException", "message": "no such shard"});
            return response(400, &error);
        };
        let after = after.max(&part.after);
        let count = self.shards.lock().unwrap().iter().filter(|part| part.end.is_none()).count();
        let records: Vec<_> = self.records(after).await;
        let records = records.iter().filter(|record| {
            let is_here = part.end.as_ref().is_none_or(|end| sequence(record) <= *end);
            is_here && share(&charter(record), count) == part.share
        });
        let most = usize::try_from(body["Limit"].as_u64().unwrap()).unwrap();
        let all: Vec<_> = records.collect();
        let (page, rest) = all.split_at(all.len().min(most));
        let last = page.last().map_or(after.to_owned(), |record| sequence(record));
        let next = (part.end.is_none() || !rest.is_empty()).then(|| format!("{id} {last}"));
        let record = |record: &&&Record| {
            let keys = json!({"charter_id": {"S": charter(record)}});
            json!({"dynamodb": {"Keys": keys, "SequenceNumber": sequence(record)}})
        };
        let records: Vec<_> = page.iter().map(|r| record(&r)).collect();
        response(200, &json!({ "Records": records, "NextShardIterator": next }))
    }

    /// All that the engine has behind a sequence number.
    async fn records(&self, after: &str) -> Vec<Record> {
        let streams = self.store.engine().streams_client();
        let request = streams.get_shard_iterator().stream_arn(&self.stream).shard_id(&self.shard);
        let request = match after {
            "0" => request.shard_iterator_type(ShardIteratorType::TrimHorizon),
            _ => request
                .shard_iterator_type(ShardIteratorType::AfterSequenceNumber)
                .sequence_number(after),
        };
        let mut iterator = request.send().await.unwrap().shard_iterator;
        let mut records = Vec::new();
        loop {
            let request = streams.get_records().set_shard_iterator(iterator);
            let page = request.send().await.unwrap();
            let page_records = page.records.unwrap_or_default();
            let is_last = page_records.len() < 1_000;
            records.extend(page_records);
            if is_last {
                return records;
            }
            iterator = page.next_shard_iterator;
        }
    }
}

/// Whose charter a shard has, of so many.
pub(super) fn share(id: &str, count: usize) -> usize {
    id.bytes().map(usize::from).sum::<usize>() % count
}

fn charter(record: &Record) -> String {
    let keys = record.dynamodb.as_ref().unwrap().keys.as_ref().unwrap();
    keys["charter_id"].as_s().unwrap().clone()
}

fn sequence(record: &Record) -> String {
    record.dynamodb.as_ref().unwrap().sequence_number.clone().unwrap()
}

impl HttpClient for Sharded {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Sharded {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let shards = self.clone();
        HttpConnectorFuture::new(async move { Ok(shards.answer(request).await) })
    }
}
