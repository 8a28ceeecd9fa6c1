//! Calls against their contract, and on a store that is not at its best.

use std::sync::Arc;

use futures_util::TryStreamExt;
use jada_auth::ManualClock;
use jada_roster::{
    Answer, CallRepository, CallRules, Charter, CharterId, CharterRepository, CrewCall, CrewId,
    Currency, DynamoCharters, EmbeddedEngine, Harbour, MemoryCharters, MemoryRoster,
    MockCallRepository, MockPostman, Outcome, Status, call_repository_contract,
};
use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::faults::{Fault, Faulty};

#[tokio::test]
async fn calls_in_memory_keep_the_contract() {
    call_repository_contract(&MemoryCharters::new()).await;
}

#[tokio::test]
async fn calls_on_dynamodb_keep_the_contract() {
    let charters = DynamoCharters::new(EmbeddedEngine::in_memory().unwrap().client());
    charters.ensure_call_index().await.unwrap();
    call_repository_contract(&charters).await;
}

#[tokio::test]
async fn a_mock_says_what_a_store_of_calls_does() {
    let mut mock = MockCallRepository::new();
    mock.expect_open().times(1).returning(|_| Ok(None));
    let calls: &dyn CallRepository = &mock;
    assert!(calls.open(&id()).await.unwrap().is_none());
}

/// A confirmed charter on a store that has its faults from here on, and who calls its crew.
async fn confirmed(faulty: &Faulty) -> (Arc<DynamoCharters>, CrewCall) {
    let charters = Arc::new(DynamoCharters::new(faulty.client()));
    charters.ensure_call_index().await.unwrap();
    let day = jiff::Zoned::now().date().checked_add(jiff::ToSpan::days(9)).unwrap();
    let charter = Charter::builder(id(), day, Currency::USD).status(Status::Confirmed);
    charters.save(&[charter.build().unwrap()]).await.unwrap();
    let mut post = MockPostman::new();
    post.expect_take().returning(|_| Ok(()));
    let rules = CallRules::builder(harbour()).build().unwrap();
    let roster = Arc::new(MemoryRoster::new());
    roster_of_one(&roster).await;
    let call = CrewCall::builder(charters.clone(), roster, rules, Arc::new(post)).build();
    faulty.requests();
    (charters, call)
}

async fn roster_of_one(roster: &MemoryRoster) {
    use jada_roster::{CrewMember, PersonName, Role, RosterRepository};
    let name = PersonName::new("Ada Marsh").unwrap();
    let (phone, email) = ("+15550100101".parse().unwrap(), "ada@example.com".parse().unwrap());
    roster.add(&CrewMember::new(ada(), name, phone, email, Role::Captain)).await.unwrap();
}

fn id() -> CharterId {
    CharterId::new("C-1").unwrap()
}

fn ada() -> CrewId {
    CrewId::new("ada").unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_call_takes_as_few_requests_as_it_can() {
    let faulty = Faulty::new();
    let (_, call) = confirmed(&faulty).await;
    let advanced = call.advance(&id()).await.unwrap();
    assert_eq!((advanced.mails, advanced.unreadable.len()), (1, 0));
    let requests = faulty.requests();
    let count = |operation: &str| requests.iter().filter(|request| *request == operation).count();
    assert_eq!((count("GetItem"), count("UpdateItem")), (1, 2), "{requests:?}");
    assert!(count("Query") <= 2, "the month, or two at the end of one: {requests:?}");
    call.advance(&id()).await.unwrap();
    assert_eq!(faulty.requests(), ["GetItem"], "one that rests is read, and that is all");
    assert_eq!(call.advance_due().count_all().await, 0);
    assert_eq!(faulty.requests(), ["Query"]);
}

#[tokio::test(start_paused = true)]
async fn where_nobody_is_left_is_found_without_reading_the_others() {
    let faulty = Faulty::new();
    let charters = Arc::new(DynamoCharters::new(faulty.client()));
    charters.ensure_call_index().await.unwrap();
    let charter = Charter::builder(id(), date(2026, 5, 9), Currency::USD);
    charters.save(&[charter.status(Status::Confirmed).build().unwrap()]).await.unwrap();
    let mut post = MockPostman::new();
    post.expect_take().returning(|_| Ok(()));
    let (roster, rules) = (Arc::new(MemoryRoster::new()), CallRules::builder(harbour()));
    let clock = Arc::new(ManualClock::new("2026-05-01T09:00:00Z".parse().unwrap()));
    let (post, rules) = (Arc::new(post), rules.build().unwrap());
    let call = CrewCall::builder(charters, Arc::clone(&roster) as Arc<_>, rules, post);
    let call = call.clock(Arc::clone(&clock) as Arc<_>).build();
    call.advance(&id()).await.unwrap();
    faulty.requests();
    let exhausted = async || call.exhausted().try_collect::<Vec<_>>().await.unwrap().len();
    assert_eq!((exhausted().await, faulty.requests()), (1, strings(["Query", "Query", "GetItem"])));

    roster_of_one(&roster).await;
    clock.advance(CrewCall::LOOK_AGAIN.unsigned_abs());
    assert_eq!(call.advance(&id()).await.unwrap().mails, 1);
    clock.advance(CrewCall::LOOK_AGAIN.unsigned_abs());
    faulty.requests();
    // It was an alert, so it is looked at each hour as long as the berth is free.
    let read = strings(["Query", "GetItem", "Query"]);
    assert_eq!((exhausted().await, faulty.requests()), (0, read));
}

fn strings<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).into()
}

fn harbour() -> Harbour {
    Harbour::new("Pier 2", TimeZone::UTC).without_quiet_hours()
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_or_late_is_one_answer() {
    for fault in [Fault::LoseAnswer, Fault::Throttle, Fault::Fail] {
        let faulty = Faulty::new();
        let (charters, call) = confirmed(&faulty).await;
        faulty.next("UpdateItem", &[fault]);
        assert_eq!(call.advance(&id()).await.unwrap().mails, 1);
        faulty.next("UpdateItem", &[fault; 2]);
        let outcome = call.answer(&id(), &ada(), Answer::Accept).await.unwrap();
        assert_eq!(outcome, Outcome::Aboard, "{fault:?}");
        let opened = charters.open(&id()).await.unwrap().unwrap();
        assert_eq!(opened.charter.assignments().unwrap().len(), 1, "{fault:?}");
        assert_eq!(opened.call.unwrap().owed(), [], "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_answers_nobody_is_an_error_that_heals() {
    let faulty = Faulty::new();
    let (charters, call) = confirmed(&faulty).await;
    faulty.next("UpdateItem", &[Fault::LoseAnswer; 5]);
    assert!(call.advance(&id()).await.unwrap_err().is_transient());
    assert_eq!(call.advance_due().count_all().await, 1, "it was written, and is owed");
    let opened = charters.open(&id()).await.unwrap().unwrap();
    assert_eq!(opened.call.unwrap().asked().len(), 1, "once");
    faulty.next("Query", &[Fault::Fail; 5]);
    let failed = call.advance_due().try_collect::<Vec<_>>().await.unwrap_err();
    assert!(failed.is_transient(), "{failed:?}");
}

#[tokio::test]
async fn a_call_that_cannot_be_read_is_named_and_the_others_go_on() {
    let engine = EmbeddedEngine::in_memory().unwrap();
    let client = engine.client();
    let charters = DynamoCharters::new(client.clone());
    charters.ensure_call_index().await.unwrap();
    for name in ["C-1", "C-2"] {
        let charter =
            Charter::builder(CharterId::new(name).unwrap(), date(2026, 5, 3), Currency::USD);
        charters.save(&[charter.build().unwrap()]).await.unwrap();
    }
    let text = aws_sdk_dynamodb::types::AttributeValue::S("{}".to_owned());
    let key = aws_sdk_dynamodb::types::AttributeValue::S("C-1".to_owned());
    let update = client.update_item().table_name("crew-dispatch").key("charter_id", key);
    let update = update.update_expression("SET #call = :call");
    let update = update.expression_attribute_names("#call", "call");
    update.expression_attribute_values(":call", text).send().await.unwrap();
    let refused = charters.open(&id()).await.unwrap_err();
    assert!(refused.to_string().contains("C-1"), "{refused}");
    use futures_util::StreamExt;
    let rows: Vec<_> = charters.calls_of("2026-05".parse().unwrap()).collect().await;
    let failed: Vec<bool> = rows.iter().map(Result::is_err).collect();
    assert_eq!(failed, [true, false]);
    let far: Timestamp = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1_000_000);
    assert!(charters.due(far).try_collect::<Vec<_>>().await.unwrap().is_empty());
}

trait CountAll {
    /// How many calls were looked at, none of which failed.
    async fn count_all(self) -> usize;
}

impl CountAll for jada_roster::LookedStream<'_> {
    async fn count_all(self) -> usize {
        let all: Vec<_> = self.try_collect().await.unwrap();
        all.iter().for_each(|looked| assert!(looked.outcome.is_ok(), "{looked:?}"));
        all.len()
    }
}
