//! The filter for a query never drops a charter that counts, not even in rows of other tools.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::TryStreamExt;
use jada_reports::{Rule, Test, Verdict};
use jada_roster::{
    Charter, CharterRepository, Currency, DynamoCharters, EmbeddedEngine, Filter, Kind, Month,
    Status, import,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::properties::any_month;
use crate::sample::cases;

fn ids(charters: &[Charter], rule: &Rule) -> Vec<String> {
    let counts = |charter: &&Charter| rule.verdict(charter) == Verdict::Included;
    charters.iter().filter(counts).map(|charter| charter.id().to_string()).collect()
}

fn rules() -> [Rule; 3] {
    let other = Rule::named("other")
        .excluding(Test::Kind(Kind::Charter), "not here")
        .excluding(Test::Status(Status::Completed), "done");
    [Rule::house(), other, Rule::named("all")]
}

proptest! {
    #![proptest_config(cases(256, 20_000))]

    #[test]
    fn in_memory_no_charter_that_counts_is_dropped(charters in any_month()) {
        for rule in rules() {
            let filter = rule.prefilter();
            let admitted: Vec<Charter> =
                charters.iter().filter(|charter| filter.admits(charter)).cloned().collect();
            prop_assert_eq!(ids(&admitted, &rule), ids(&charters, &rule));
        }
    }
}

/// A row as some other tool may have left it, always readable.
fn any_row() -> impl Strategy<Value = Vec<(&'static str, AttributeValue)>> {
    let text = |name: &'static str, texts: &[&'static str]| {
        let values = texts.to_vec();
        prop::option::of(prop::sample::select(values))
            .prop_map(move |text| text.map(|text| (name, AttributeValue::S(text.to_owned()))))
    };
    let status =
        prop::sample::select(vec!["confirmed", "Confirmed", "PENDING", " cancelled", "completed"])
            .prop_map(|text| Some(("status", AttributeValue::S(text.to_owned()))));
    let total = prop::sample::select(vec![
        None,
        Some(AttributeValue::N("0".into())),
        Some(AttributeValue::N("12.5".into())),
        Some(AttributeValue::N("-3".into())),
        Some(AttributeValue::S("0.00".into())),
        Some(AttributeValue::S(" 1,250.00".into())),
        Some(AttributeValue::S(String::new())),
        Some(AttributeValue::Null(true)),
    ])
    .prop_map(|total| total.map(|total| ("total", total)));
    let guest = text("guest", &["Ann", "", "  "]);
    let kind = text("kind", &["charter", "Training", "training", "regatta"]);
    (status, total, guest, kind).prop_map(|(status, total, guest, kind)| {
        [status, total, guest, kind].into_iter().flatten().collect()
    })
}

#[tokio::test]
async fn in_the_store_no_charter_that_counts_is_dropped() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let charters = DynamoCharters::new(client.clone()).assuming_currency(Currency::USD);
    charters.ensure_table().await.unwrap();
    let mut runner = TestRunner::deterministic();
    let rows = cases(400, 20_000).cases;
    for number in 0..rows {
        let row = any_row().new_tree(&mut runner).unwrap().current();
        let id = format!("row-{number}");
        let keys = [
            ("charter_id", id.clone()),
            ("date", "2026-05-09".to_owned()),
            ("month", "2026-05".to_owned()),
            ("date_key", format!("2026-05-09#{id}")),
        ];
        let item: HashMap<String, AttributeValue> = keys
            .into_iter()
            .map(|(name, text)| (name.to_owned(), AttributeValue::S(text)))
            .chain(row.into_iter().map(|(name, value)| (name.to_owned(), value)))
            .collect();
        client.put_item().table_name("crew-dispatch").set_item(Some(item)).send().await.unwrap();
    }
    let own = any_month().new_tree(&mut runner).unwrap().current();
    import(&charters, own, Default::default()).await.unwrap();

    let month: Month = "2026-05".parse().unwrap();
    let all: Vec<Charter> =
        charters.month(month, &Filter::everything()).try_collect().await.unwrap();
    assert!(all.len() >= rows as usize);
    for rule in rules() {
        let some: Vec<Charter> =
            charters.month(month, &rule.prefilter()).try_collect().await.unwrap();
        assert_eq!(ids(&some, &rule), ids(&all, &rule), "{}", rule.name());
        assert!(rule.name() == "all" || some.len() < all.len(), "it fetches less");
    }
}
