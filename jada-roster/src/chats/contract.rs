//! The suite that every keeper of threads passes; run it on your own.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failed expectation is the verdict")]

use futures_util::future::join_all;
use futures_util::{StreamExt, TryStreamExt};
use jiff::{SignedDuration, Timestamp};

use crate::charter::CharterId;
use crate::chat::{ChatAuthor, ChatMessage, ChatMessageId, ChatText};
use crate::chats::CharterChats;
use crate::crew::id::CrewId;
use crate::error::Error;
use crate::random;

/// Checks a keeper of threads against the contract of [`CharterChats`].
///
/// It may hold any threads. Those that the suite writes, of charters that it makes up, stay.
///
/// # Panics
/// Panics with what was expected where it does otherwise.
pub async fn charter_chats_contract(chats: &dyn CharterChats) {
    what_is_posted_comes_in_the_order_of_time(chats).await;
    of_one_instant_all_are_kept(chats).await;
    posting_twice_is_posting_once(chats).await;
    a_place_is_not_taken_from_another(chats).await;
    threads_are_apart(chats).await;
    since_an_instant_comes_what_was_said_then_or_later(chats).await;
    a_long_thread_comes_whole(chats).await;
}

async fn what_is_posted_comes_in_the_order_of_time(chats: &dyn CharterChats) {
    let charter = some_charter();
    assert_eq!(thread(chats, &charter).await, []);
    let said = [
        (SignedDuration::from_nanos(1), ChatAuthor::Guest, "a nanosecond later"),
        (SignedDuration::ZERO, ChatAuthor::Operations, "two\nlines 🎉, and \"quotes\""),
        (SignedDuration::from_hours(24 * 365 * 100), ChatAuthor::System, "a century later"),
        (SignedDuration::from_millis(-1), crew("zoë ⛵"), "fee: $1,200, as it was said"),
        (SignedDuration::from_secs(1), ChatAuthor::Guest, "a second later"),
    ];
    let mut messages = Vec::new();
    for (after, author, text) in said {
        messages.push(message(&charter, noon() + after, author, text));
        chats.post(messages.last().unwrap()).await.unwrap();
    }
    messages.sort_by_key(ChatMessage::at);
    assert_eq!(thread(chats, &charter).await, messages);
    let mut stopped = chats.thread(&charter);
    assert_eq!(stopped.next().await.unwrap().unwrap(), messages[0], "a stream may be dropped");
}

async fn of_one_instant_all_are_kept(chats: &dyn CharterChats) {
    let charter = some_charter();
    let texts = (0..20).map(|number| format!("number {number}"));
    let messages: Vec<_> =
        texts.map(|text| message(&charter, noon(), ChatAuthor::Guest, &text)).collect();
    let posted = join_all(messages.iter().map(|message| chats.post(message))).await;
    posted.into_iter().for_each(|posted| posted.unwrap());
    let mut expected = messages;
    expected.sort_by_key(|message| message.id().clone());
    assert_eq!(thread(chats, &charter).await, expected);
    assert_eq!(thread(chats, &charter).await, expected, "in one order for ever");
}

async fn posting_twice_is_posting_once(chats: &dyn CharterChats) {
    let charter = some_charter();
    let message = message(&charter, noon(), ChatAuthor::System, "Confirmed");
    for posted in join_all((0..10).map(|_| chats.post(&message))).await {
        posted.expect("a message whose answer was lost");
    }
    assert_eq!(thread(chats, &charter).await, [message]);
}

async fn a_place_is_not_taken_from_another(chats: &dyn CharterChats) {
    let charter = some_charter();
    let id = ChatMessageId::new("<1#2@example.com>").unwrap();
    let with_id = |at, author, text| message(&charter, at, author, text).with_id(id.clone());
    let first = with_id(noon(), ChatAuthor::Guest, "first");
    chats.post(&first).await.unwrap();
    for other in
        [with_id(noon(), ChatAuthor::Guest, "other"), with_id(noon(), crew("ada"), "first")]
    {
        let refused = chats.post(&other).await;
        let names_it =
            matches!(&refused, Err(Error::Invalid { found, .. }) if found == id.as_str());
        assert!(names_it, "{refused:?}");
    }
    let later = with_id(noon() + SignedDuration::from_nanos(1), ChatAuthor::Guest, "later");
    chats.post(&later).await.expect("its instant is another");
    assert_eq!(thread(chats, &charter).await, [first, later]);
}

async fn threads_are_apart(chats: &dyn CharterChats) {
    let charter = some_charter();
    let longer = CharterId::new(&format!("{charter}#2")).unwrap();
    let one = message(&charter, noon(), ChatAuthor::Guest, "one");
    let other = message(&longer, noon(), ChatAuthor::Guest, "other").with_id(one.id().clone());
    chats.post(&one).await.unwrap();
    chats.post(&other).await.unwrap();
    assert_eq!(thread(chats, &charter).await, [one]);
    assert_eq!(thread(chats, &longer).await, [other]);
}

async fn since_an_instant_comes_what_was_said_then_or_later(chats: &dyn CharterChats) {
    let charter = some_charter();
    let nanosecond = SignedDuration::from_nanos(1);
    let hours = (-60..=60).step_by(4).map(SignedDuration::from_hours);
    let mut said = Vec::new();
    for after in hours.chain([-nanosecond, nanosecond]) {
        said.push(message(&charter, noon() + after, ChatAuthor::Guest, "ahoy"));
        chats.post(said.last().unwrap()).await.unwrap();
    }
    said.sort_by_key(ChatMessage::at);
    let edges = [noon(), noon() - nanosecond, noon() + nanosecond];
    let beyond = [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX];
    let hours = [-61, -60, -8, 59, 60, 61].map(|hours| noon() + SignedDuration::from_hours(hours));
    for at in [&edges[..], &beyond, &hours].concat() {
        let since: Vec<_> = chats.since(&charter, at).try_collect().await.unwrap();
        let expected: Vec<_> = said.iter().filter(|said| said.at() >= at).cloned().collect();
        assert_eq!(since, expected, "since {at}");
    }
}

/// More than 1 MB of rows, so that the thread comes in pages.
async fn a_long_thread_comes_whole(chats: &dyn CharterChats) {
    let charter = some_charter();
    let text = "🎉".repeat(4_000);
    let mut said = Vec::new();
    for second in 0..80 {
        let at = noon() + SignedDuration::from_secs(second * 37 % 80);
        said.push(message(&charter, at, ChatAuthor::Guest, &text));
        chats.post(said.last().unwrap()).await.unwrap();
    }
    said.sort_by_key(ChatMessage::at);
    let found = thread(chats, &charter).await;
    assert!(found == said, "{} of {} messages, in order", found.len(), said.len());
}

async fn thread(chats: &dyn CharterChats, charter: &CharterId) -> Vec<ChatMessage> {
    chats.thread(charter).try_collect().await.unwrap()
}

fn message(charter: &CharterId, at: Timestamp, author: ChatAuthor, text: &str) -> ChatMessage {
    ChatMessage::new(charter.clone(), at, author, ChatText::new(text).unwrap()).unwrap()
}

fn crew(id: &str) -> ChatAuthor {
    ChatAuthor::Crew(CrewId::new(id).unwrap())
}

/// One that no other run has made up.
fn some_charter() -> CharterId {
    CharterId::new(&format!("contract-{}", random::letters(12).unwrap())).unwrap()
}

fn noon() -> Timestamp {
    Timestamp::from_second(4_133_980_800).unwrap()
}
