//! The threads of charters against their contract, and DynamoDB's own corners.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{StreamExt, TryStreamExt};
use jada_roster::{
    CharterChats, CharterId, ChatAuthor, ChatMessage, ChatText, DynamoChats, EmbeddedEngine, Error,
    MemoryChats, MockCharterChats, charter_chats_contract,
};
use jiff::Timestamp;

use crate::faults::{Fault, Faulty};

async fn chats(client: Client) -> DynamoChats {
    let chats = DynamoChats::new(client);
    chats.ensure_table().await.unwrap();
    chats
}

fn charter() -> CharterId {
    CharterId::new("C-1").unwrap()
}

fn said(second: i64, text: &str) -> ChatMessage {
    let at = Timestamp::from_second(1_777_800_000 + second).unwrap();
    ChatMessage::new(charter(), at, ChatAuthor::Guest, ChatText::new(text).unwrap()).unwrap()
}

/// A row of another tool, whose thread is that of the charter `C-1`.
async fn put(client: &Client, texts: &[(&str, &str)]) {
    let text =
        |(name, text): &(&str, &str)| ((*name).to_owned(), AttributeValue::S((*text).to_owned()));
    let row = [("charter_id", "C-1")].iter().chain(texts).map(text).collect();
    client.put_item().table_name("charter-chats").set_item(Some(row)).send().await.unwrap();
}

async fn thread(chats: &dyn CharterChats) -> Result<Vec<ChatMessage>, Error> {
    chats.thread(&charter()).try_collect().await
}

#[tokio::test]
async fn chats_in_memory_keep_the_contract() {
    charter_chats_contract(&MemoryChats::new()).await;
}

#[tokio::test]
async fn chats_on_dynamodb_in_memory_keep_the_contract() {
    charter_chats_contract(&chats(EmbeddedEngine::in_memory().unwrap().client()).await).await;
}

#[tokio::test]
async fn chats_on_dynamodb_in_a_file_keep_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let engine = EmbeddedEngine::open(&folder.path().join("chats.db")).unwrap();
    charter_chats_contract(&chats(engine.client()).await).await;
}

#[tokio::test]
async fn table_and_keys_have_the_names_that_they_are_given() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let chats = DynamoChats::new(client.clone()).with_table("talk").with_keys("trip", "said_at");
    let missing = chats.post(&said(0, "ahoy")).await.unwrap_err();
    assert!(matches!(&missing, Error::TableMissing { table } if table == "talk"), "{missing:?}");
    chats.ensure_table().await.unwrap();
    chats.ensure_table().await.unwrap();
    charter_chats_contract(&chats).await;

    let message = said(0, "ahoy");
    chats.post(&message).await.unwrap();
    let rows = client.query().table_name("talk").key_condition_expression("trip = :trip");
    let rows = rows.expression_attribute_values(":trip", AttributeValue::S("C-1".into()));
    let [row] = &rows.send().await.unwrap().items.unwrap()[..] else { panic!("one row") };
    let mut texts: Vec<_> =
        row.iter().map(|(name, text)| (name.as_str(), text.as_s().unwrap().as_str())).collect();
    texts.sort();
    let time = format!("2026-05-03T09:20:00.000000000Z#{}", message.id());
    assert_eq!(texts, [("author", "guest"), ("said_at", &time), ("text", "ahoy"), ("trip", "C-1")]);
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_answer_is_lost_is_posted_once() {
    let faulty = Faulty::new();
    let chats = chats(faulty.client()).await;
    faulty.requests();
    let message = said(0, "ahoy");
    chats.post(&message).await.unwrap();
    assert_eq!(faulty.requests(), ["PutItem"]);
    let next = said(1, "ahoy again");
    faulty.next("PutItem", &[Fault::Throttle, Fault::LoseAnswer, Fault::Fail]);
    chats.post(&next).await.unwrap();
    let last = said(2, "and again");
    faulty.next("PutItem", &[Fault::LoseAnswer; 5]);
    let lost = chats.post(&last).await.unwrap_err();
    assert!(lost.is_transient(), "{lost:?}");
    faulty.requests();
    chats.post(&last).await.unwrap();
    assert_eq!(faulty.requests(), ["PutItem"], "its own write is told by what the refusal shows");
    assert_eq!(thread(&chats).await.unwrap(), [message, next, last]);
}

#[tokio::test]
async fn a_page_is_asked_for_when_the_one_before_it_is_read() {
    let faulty = Faulty::new();
    let chats = chats(faulty.client()).await;
    for second in 0..150 {
        chats.post(&said(second, &"🎉".repeat(4_000))).await.unwrap();
    }
    faulty.requests();
    let mut thread = chats.thread(&charter());
    assert!(faulty.requests().is_empty());
    thread.next().await.unwrap().unwrap();
    assert_eq!(faulty.requests(), ["Query"]);
    assert_eq!(thread.count().await, 149);
    assert_eq!(faulty.requests(), ["Query", "Query"]);
    let last = chats.since(&charter(), said(149, "x").at());
    assert_eq!(last.count().await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_busy_table_ends_the_thread() {
    let faulty = Faulty::new();
    let chats = chats(faulty.client()).await;
    faulty.next("Query", &[Fault::Throttle; 5]);
    let mut thread = chats.thread(&charter());
    let busy = thread.next().await.unwrap().unwrap_err();
    assert!(matches!(&busy, Error::Unavailable { operation: "Query", .. }), "{busy:?}");
    assert!(thread.next().await.is_none());
}

#[tokio::test]
async fn messages_of_another_tool_are_read_whatever_their_offset() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let chats = chats(client.clone()).await;
    let rows = [
        ("2026-05-03 23:30:00Z", "2026-05-03T23:30:00Z"),
        ("2026-05-03T09:00:00.123456+00:00#7", "2026-05-03T09:00:00.123456Z"),
        ("2026-05-03T09:00:00Z", "2026-05-03T09:00:00Z"),
        ("2026-05-03T20:00:00-11:00", "2026-05-04T07:00:00Z"),
        ("2026-05-04T05:00:00+14:00", "2026-05-03T15:00:00Z"),
    ];
    for (time, _) in rows {
        put(&client, &[("time", time), ("author", "crew:ada"), ("text", " hi "), ("seen", "yes")])
            .await;
    }
    let found = thread(&chats).await.unwrap();
    let told: Vec<_> = found.iter().map(|said| said.at().to_string()).collect();
    assert_eq!(told, rows.map(|(_, at)| at));
    let ids: Vec<_> = found.iter().map(|said| said.id().as_str()).collect();
    assert_eq!(ids, [rows[0].0, "7", rows[2].0, rows[3].0, rows[4].0]);
    for (time, at) in rows {
        let at: Timestamp = at.parse().unwrap();
        let since: Vec<_> = chats.since(&charter(), at).try_collect().await.unwrap();
        let later = found.iter().filter(|said| said.at() >= at).count();
        assert_eq!(since.len(), later, "since {time}");
    }
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_named_and_the_thread_goes_on() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let chats = chats(client.clone()).await;
    let time = ("time", "2026-05-03T10:00:00Z");
    let (author, text) = (("author", "guest"), ("text", "hi"));
    let rows = [
        ("time", [("time", "1777800000"), author, text]),
        ("time", [("time", "2026-05-03T09:00:00"), author, text]),
        ("time", [("time", "2026-05-03T25:00:00Z"), author, text]),
        ("time", [("time", "20260503T090000Z"), author, text]),
        ("author", [time, ("author", "Ada"), text]),
        ("author", [("time", "2026-05-03T10:00:01Z"), ("by", "guest"), text]),
        ("text", [("time", "2026-05-03T10:00:02Z"), author, ("text", "")]),
    ];
    for (_, row) in rows {
        put(&client, &row).await;
    }
    chats.post(&said(0, "ahoy")).await.unwrap();
    let found: Vec<_> = chats.thread(&charter()).collect().await;
    assert_eq!(found.len(), rows.len() + 1);
    assert_eq!(found.iter().filter(|found| found.is_ok()).count(), 1);
    for (attribute, row) in rows {
        let place = format!("C-1 {}", row[0].1);
        let named = found.iter().any(|found| {
            matches!(found, Err(Error::CorruptItem { table, key, attribute: named, .. })
                if (table.as_str(), key, named.as_str()) == ("charter-chats", &place, attribute))
        });
        assert!(named, "{attribute} of {place}: {found:?}");
    }
}

#[tokio::test]
async fn a_mock_keeps_threads() {
    let mut mock = MockCharterChats::new();
    mock.expect_post().times(1).returning(|_| Ok(()));
    let chats: &dyn CharterChats = &mock;
    chats.post(&said(0, "ahoy")).await.unwrap();
}
