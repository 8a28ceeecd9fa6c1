//! The audit log, and what stands in no log.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use jada_roster::{
    AttemptLimit, BrowserNonce, CompactLength, LegacyLinks, LinkSpec, MagicLinks, MemoryLinks,
    MemoryRoster, RosterRepository,
};
use tracing::instrument::WithSubscriber;

use super::tables::{Tables, back, member, portal, presented, text};
use crate::faults::{Fault, Faulty};
use crate::log::Log;

impl Log {
    async fn of<T>(&self, run: impl Future<Output = T>) -> T {
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(self.clone())
            .finish();
        run.with_subscriber(subscriber).await
    }

    /// The events of the audit log, without their times.
    fn audit(&self) -> Vec<String> {
        let text = self.text();
        let events = text.lines().filter_map(|line| line.split_once("jada_roster::audit: "));
        events.map(|(_, event)| event.trim().to_owned()).collect()
    }
}

const OLDER: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

/// Everything that links do, well and not; gives back all that must stay secret.
async fn everything(tables: &Tables, faulty: &Faulty) -> Vec<String> {
    let links = &tables.links;
    for _ in 0..2 {
        links.open().await.unwrap();
    }
    let (ann, bob) = (tables.member(1).await, tables.member(2).await);
    let mut secrets = vec![OLDER.to_owned(), "1f8fad5b-d9cb-469f-a165-70867728950e".to_owned()];
    let row = [("crew_id", bob.id().as_str()), ("name", "Bo"), ("magic_token", OLDER)];
    let row = row.map(|(name, text)| (name.to_owned(), AttributeValue::S(text.to_owned())));
    // Not by our code, and not heard of: whoever runs the older tool logs what they like.
    let put = tables.client.put_item().table_name("crew-roster").set_item(Some(row.into()));
    put.send().with_subscriber(tracing::Dispatch::none()).await.unwrap();
    links.verify(&presented(OLDER)).await.unwrap();
    links.verify(&presented(&secrets[1])).await.unwrap_err();
    let short = CompactLength::SHORTEST;
    let specs = [
        LinkSpec::standing(portal()),
        LinkSpec::single_use(portal()),
        LinkSpec::single_use(portal()).compact(short),
        LinkSpec::session(portal()),
    ];
    let nonce = BrowserNonce::generate().unwrap();
    secrets.push(nonce.expose().to_owned());
    for spec in &specs {
        faulty.next("TransactWriteItems", &[Fault::LoseAnswer, Fault::Throttle, Fault::Fail]);
        let link = links.issue(ann.id(), spec).await.unwrap();
        secrets.push(link.text.expose().to_owned());
        let presented = back(&link).by(nonce.clone()).from("203.0.113.9");
        faulty.next("UpdateItem", &[Fault::LoseAnswer, Fault::Throttle, Fault::Conflict]);
        let _ = links.peek(&presented).await;
        let _ = links.redeem(&presented).await;
        faulty.heal();
        let _ = links.verify(&presented).await;
        let _ = links.consume(&presented).await;
    }
    for spec in [LinkSpec::standing(portal()).compact(short), LinkSpec::standing(portal())] {
        let link = links.rotate(ann.id(), &spec, Duration::from_secs(60)).await.unwrap();
        secrets.push(link.text.expose().to_owned());
    }
    links.verify(&presented("AguessOfMine").from("203.0.113.9")).await.unwrap_err();
    links.revoke(ann.id(), &portal()).await.unwrap();
    links.revoke_all(ann.id()).await.unwrap();
    secrets.extend(["AguessOfMine".to_owned()]);
    secrets
}

#[tokio::test]
async fn no_log_holds_a_text_a_digest_or_a_nonce() {
    let (log, faulty) = (Log::default(), Faulty::new());
    let legacy = LegacyLinks::new(portal(), 30..=40, AttemptLimit::default());
    let tables = Tables::built(faulty.client(), |builder| builder.legacy(legacy.clone())).await;
    let mut secrets = log.of(everything(&tables, &faulty)).await;
    for row in tables.scan("crew-keys").await {
        let key = text(&row, "key");
        secrets.extend(key.strip_prefix("tok#").map(str::to_owned));
        for name in ["used_nonce", "cur#portal", "old#portal"] {
            secrets.extend(row.contains_key(name).then(|| text(&row, name).to_owned()));
        }
    }
    assert!(secrets.len() >= 16, "{}", secrets.len());
    let logged = log.text();
    assert!(logged.contains("TRACE") && logged.contains("jada_roster::audit"));
    assert!(logged.contains("transmitting request"), "the SDK's own log is heard");
    assert!(logged.contains("fingerprints"), "and it shows whole answers");
    for secret in secrets.iter().filter(|secret| *secret != "-") {
        let line = logged.lines().find(|line| line.contains(secret.as_str()));
        assert!(line.is_none(), "{}", line.unwrap().replace(secret.as_str(), "SECRET"));
    }
}

#[tokio::test]
async fn the_audit_log_has_every_issue_use_refusal_and_rotation_with_the_true_reason() {
    let tables = Tables::new(Faulty::new().client()).await;
    let in_memory = MemoryRoster::new();
    in_memory.add(&member(1)).await.unwrap();
    let memory = MemoryLinks::new(&in_memory).unwrap();
    tables.member(1).await;
    let all: [&dyn MagicLinks; 2] = [&tables.links, &memory];
    for links in all {
        let log = Log::default();
        log.of(audited(links)).await;
        assert_eq!(log.audit(), AUDIT, "{links:?}");
    }
}

/// In a process of its own, since what a process hears of a line is decided once.
#[test]
fn what_is_kept_out_of_the_log_silences_no_other_request() {
    if std::env::var_os("JADA_LOG_WORKER").is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        return runtime.block_on(links_first_and_charters_then());
    }
    let own = "links::logs::what_is_kept_out_of_the_log_silences_no_other_request";
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    let child = child.args([own, "--exact"]).env("JADA_LOG_WORKER", "1").output().unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
}

async fn links_first_and_charters_then() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
    subscriber.with_writer(log.clone()).init();
    let client = Faulty::new().client();
    let peppers = jada_roster::Peppers::generate().unwrap();
    let links = jada_roster::DynamoLinks::builder(client.clone(), peppers).build().unwrap();
    let text = "A0123456789abcdefghijkl";
    links.verify(&presented(text)).await.unwrap_err();
    assert!(!log.text().contains("transmitting request"), "it was to be kept out");
    client.list_tables().send().await.unwrap();
    assert!(log.text().contains("transmitting request"));
}

async fn audited(links: &dyn MagicLinks) {
    let crew = member(1).id().clone();
    let single = links.issue(&crew, &LinkSpec::single_use(portal())).await.unwrap();
    let presented = back(&single).from("203.0.113.9");
    links.verify(&presented).await.unwrap_err();
    links.peek(&presented).await.unwrap();
    links.consume(&presented).await.unwrap();
    links.consume(&presented).await.unwrap_err();
    links.peek(&presented).await.unwrap_err();
    let spec = LinkSpec::standing(portal());
    let standing = links.rotate(&crew, &spec, Duration::ZERO).await.unwrap();
    links.redeem(&back(&standing)).await.unwrap();
    let session = links.issue(&crew, &LinkSpec::session(portal())).await.unwrap();
    links.end_session(&back(&session)).await.unwrap();
    links.revoke(&crew, &portal()).await.unwrap();
    links.verify(&back(&standing)).await.unwrap_err();
    links.revoke_all(&crew).await.unwrap();
}

const AUDIT: [&str; 13] = [
    r#"event="issued" crew="c-00001" purpose="portal" kind="single-use""#,
    r#"event="refused" crew="c-00001" purpose="portal" reason="it is of another kind" source="203.0.113.9""#,
    r#"event="peeked" crew="c-00001" purpose="portal" kind="single-use" source="203.0.113.9""#,
    r#"event="consumed" crew="c-00001" purpose="portal" kind="single-use" source="203.0.113.9""#,
    r#"event="refused" crew="c-00001" purpose="portal" reason="it was used" source="203.0.113.9""#,
    r#"event="refused" crew="c-00001" purpose="portal" reason="it was used" source="203.0.113.9""#,
    r#"event="rotated" crew="c-00001" purpose="portal" kind="standing""#,
    r#"event="verified" crew="c-00001" purpose="portal" kind="standing""#,
    r#"event="issued" crew="c-00001" purpose="portal" kind="session""#,
    r#"event="revoked" crew="c-00001" purpose="portal" kind="session""#,
    r#"event="revoked" crew="c-00001" purpose="portal" count=1"#,
    r#"event="refused" crew="c-00001" purpose="portal" reason="it was taken back""#,
    r#"event="revoked" crew="c-00001" count=0"#,
];
