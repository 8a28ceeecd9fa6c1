//! A month of charters as crew get to see it.

use jada_roster::{
    Charter, CharterBuilder, CharterRepository, Currency, DynamoCharters, MemoryCharters,
    MockCharterRepository, Money, Published, Status, Version, ViewRules, publish_month,
};

use super::*;

fn charter(name: &str, day: i8) -> CharterBuilder {
    Charter::builder(id(name), date(2026, 5, day), Currency::USD)
        .guest("Ann Rivers")
        .total(Money::from_minor(45_000, Currency::USD))
        .status(Status::Confirmed)
        .notes("Slip 12, fee 300")
}

/// A month of three charters and the copies of it.
struct Bench {
    charters: MemoryCharters,
    events: MemoryEvents,
}

impl Bench {
    async fn new() -> Self {
        let bench = Self { charters: MemoryCharters::new(), events: MemoryEvents::new() };
        let charters = [charter("C-1", 1), charter("C-2", 2), charter("C-3", 3)];
        bench.save(charters).await;
        bench
    }

    async fn save(&self, charters: impl IntoIterator<Item = CharterBuilder>) {
        let charters = charters.into_iter().map(|charter| charter.build().unwrap());
        self.charters.save(&charters.collect::<Vec<_>>()).await.unwrap();
    }

    async fn publish(&self, month: &str) -> Published {
        let rules = ViewRules::default();
        let month = month.parse().unwrap();
        publish_month(&self.charters, &self.events, month, &rules).await.unwrap()
    }

    async fn view(&self, name: &str) -> Option<CrewView> {
        self.events.find(&id(name)).await.unwrap()
    }
}

fn counts(published: &Published) -> [usize; 4] {
    [published.written, published.unchanged, published.withdrawn, published.left_out]
}

#[tokio::test]
async fn a_month_is_published_and_the_second_time_nothing_is_written() {
    let bench = Bench::new().await;
    assert_eq!(counts(&bench.publish("2026-05").await), [3, 0, 0, 3]);
    assert_eq!(counts(&bench.publish("2026-05").await), [0, 3, 0, 3]);
    let view = bench.view("C-1").await.unwrap();
    assert_eq!(view.note().as_str(), "Slip 12, fee [amount removed]");
    assert_eq!(view.charter_version(), Version::Number(1));
}

#[tokio::test]
async fn a_charter_that_is_called_off_or_moved_is_followed_by_its_copy() {
    let bench = Bench::new().await;
    bench.publish("2026-05").await;
    let off = charter("C-1", 1).status(Status::Cancelled).version(Version::Number(1));
    let moved = Charter::builder(id("C-2"), date(2026, 7, 9), Currency::USD);
    bench.save([off, moved.version(Version::Number(1))]).await;
    assert_eq!(counts(&bench.publish("2026-05").await), [2, 1, 0, 2]);
    assert_eq!(bench.view("C-1").await.unwrap().status(), Status::Cancelled);
    assert_eq!(bench.view("C-2").await.unwrap().date(), date(2026, 7, 9));
    assert_eq!(counts(&bench.publish("2026-07").await), [0, 1, 0, 0]);
}

#[tokio::test]
async fn the_copy_of_a_charter_that_is_no_more_is_taken_away() {
    let bench = Bench::new().await;
    bench.events.put(&CrewView::builder(id("C-9"), date(2026, 5, 9)).build()).await.unwrap();
    assert_eq!(counts(&bench.publish("2026-05").await), [3, 0, 1, 3]);
    assert_eq!(bench.view("C-9").await, None);
}

#[tokio::test]
async fn a_charter_that_was_deleted_and_made_anew_gets_a_new_copy() {
    let bench = Bench::new().await;
    let of_before = CrewView::builder(id("C-2"), date(2026, 5, 30));
    let of_before = of_before.charter_version(Version::Number(7)).build();
    bench.events.put(&of_before).await.unwrap();
    assert_eq!(counts(&bench.publish("2026-05").await), [3, 0, 0, 3]);
    let view = bench.view("C-2").await.unwrap();
    assert_eq!((view.date(), view.charter_version()), (date(2026, 5, 2), Version::Number(1)));
    assert_eq!(counts(&bench.publish("2026-05").await), [0, 3, 0, 3]);
}

#[tokio::test]
async fn a_copy_that_another_run_has_made_of_a_later_state_stays() {
    let bench = Bench::new().await;
    bench.publish("2026-05").await;
    let was = bench.charters.find(&[id("C-2")]).await.unwrap().remove(0);
    let off = charter("C-2", 2).status(Status::Cancelled).version(Version::Number(1));
    bench.save([off]).await;
    bench.publish("2026-05").await;
    let mut stale = MockCharterRepository::new();
    stale
        .expect_month()
        .returning(move |_, _| Box::pin(futures_util::stream::iter([Ok(was.clone())])));
    let charters = bench.charters.clone();
    stale
        .expect_find()
        .returning(move |ids| futures_util::FutureExt::now_or_never(charters.find(ids)).unwrap());
    let may = "2026-05".parse().unwrap();
    let published = publish_month(&stale, &bench.events, may, &ViewRules::default()).await.unwrap();
    assert_eq!(counts(&published), [0, 3, 0, 3]);
    assert_eq!(bench.view("C-2").await.unwrap().status(), Status::Cancelled);
}

#[tokio::test]
async fn a_charter_that_cannot_be_copied_is_named_and_its_copy_from_before_stays() {
    let bench = Bench::new().await;
    bench.publish("2026-05").await;
    let soon = charter("C-2", 20).extra([("hours".to_owned(), "soon".to_owned())]);
    bench.save([soon.version(Version::Number(1)), charter("C-4", 4)]).await;
    let published = bench.publish("2026-05").await;
    assert_eq!(counts(&published), [1, 2, 0, 3]);
    let (refused, error) = &published.refused[0];
    assert_eq!((refused.as_str(), published.refused.len()), ("C-2", 1));
    assert!(error.to_string().contains("hours `(not shown)`"), "{error}");
    assert_eq!(bench.view("C-2").await.unwrap().date(), date(2026, 5, 2));
}

#[tokio::test]
async fn a_charter_whose_row_cannot_be_read_is_named_and_the_others_are_published() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let (charters, events) = (DynamoCharters::new(client.clone()), events(client.clone()).await);
    charters.ensure_table().await.unwrap();
    charters
        .save(&[charter("C-1", 1).build().unwrap(), charter("C-2", 2).build().unwrap()])
        .await
        .unwrap();
    let month = "2026-05".parse().unwrap();
    let publish =
        async || publish_month(&charters, &events, month, &ViewRules::default()).await.unwrap();
    assert_eq!(counts(&publish().await), [2, 0, 0, 2]);
    assert_eq!(counts(&publish().await), [0, 2, 0, 2]);
    let spoiled = client.update_item().table_name("crew-dispatch").key("charter_id", text("C-1"));
    let spoiled = spoiled.update_expression("SET #status = :status REMOVE #month");
    let spoiled = spoiled.expression_attribute_names("#status", "status");
    let spoiled = spoiled.expression_attribute_names("#month", "month");
    spoiled.expression_attribute_values(":status", text("maybe $901")).send().await.unwrap();
    let published = publish().await;
    assert_eq!(counts(&published), [0, 1, 0, 1]);
    assert!(!format!("{:?}", published.refused).contains("901"));
    assert!(
        matches!(&published.refused[..], [(id, Error::CorruptItem { .. })] if id.as_str() == "C-1")
    );
    assert!(events.find(&id("C-1")).await.unwrap().is_some(), "its copy stays");
}
