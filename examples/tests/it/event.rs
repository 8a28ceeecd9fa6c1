//! `event` as an operator runs it: what crew see, what operations see, and money out of tables.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::TryStreamExt;
use jada_roster::{
    Assignment, Charter, CharterId, CharterRepository, CrewId, Currency, DynamoCharters,
    DynamoEvents, EmbeddedEngine, EventRepository, Filter, Money, Status, Version,
};
use jiff::civil::date;
use serde_json::{Value, json};

use crate::program::{Bench, Ended, run_example};

fn event(bench: &Bench, words: &str) -> Ended {
    run_example("event", words, &bench.path(""), &[])
}

fn id(id: &str) -> CharterId {
    CharterId::new(id).unwrap()
}

/// A database with a charter that has money in its texts.
async fn desk() -> (Bench, DynamoCharters) {
    let bench = Bench::new();
    let client = EmbeddedEngine::open(&bench.path("charters.db")).unwrap().client();
    let charters = DynamoCharters::new(client);
    charters.ensure_table().await.unwrap();
    let column = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
    let columns =
        [("boat", "Isla"), ("hours", "09:00-13:00"), ("guests", "6"), ("menu", "fish, $77")];
    let charter = Charter::builder(id("C-1"), date(2026, 5, 3), Currency::USD)
        .guest("Ann Rivers")
        .total(Money::from_minor(123_450, Currency::USD))
        .status(Status::Confirmed)
        .notes("Slip 12, balance due 777 at 08:30")
        .extra(columns.map(column));
    charters.save(&[charter.build().unwrap()]).await.unwrap();
    (bench, charters)
}

fn lines(ended: &Ended) -> Vec<Value> {
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn without_a_store_there_are_fictional_charters_to_look_at() {
    let bench = Bench::new();
    let ops = event(&bench, "show --charter MAY-001 --as ops --json").summary();
    let crew = event(&bench, "show --charter MAY-001 --as crew --json").summary();
    assert_eq!(ops["total"], "1487.34");
    assert_eq!((&crew["boat"], &crew["guest"]), (&ops["boat"], &ops["guest"]));
    let known = |shown: &Value| shown.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let money: Vec<String> =
        known(&ops).into_iter().filter(|name| !known(&crew).contains(name)).collect();
    assert_eq!(money, ["currency", "total"]);
    let rows = event(&bench, "scrub --table older-events --all --dry-run");
    let last = rows.stdout.lines().last().unwrap();
    assert!(last.starts_with("48 of 48 rows had money in them"), "{last}");
    assert!(rows.stderr.contains("fictional") && bench.names().is_empty());
}

#[tokio::test]
async fn what_is_published_is_what_crew_see_and_doing_it_again_changes_nothing() {
    let (bench, charters) = desk().await;
    let unpublished = event(&bench, "show --charter C-1 --db charters.db");
    assert!(unpublished.error().contains("`event publish`"), "{}", unpublished.stderr);
    let publish = "publish --month 2026-05 --column menu --db charters.db --json";
    let published = |written: u64, unchanged: u64| json!({ "written": written, "unchanged": unchanged, "withdrawn": 0, "left_out": 2, "refused": [] });
    assert_eq!(event(&bench, publish).summary(), published(1, 0));
    assert_eq!(event(&bench, publish).summary(), published(0, 1));
    let shown = event(&bench, "show --charter C-1 --as crew --db charters.db");
    let expected = "C-1 on 2026-05-03\n\
                    hours   09:00-13:00\n\
                    status  confirmed\n\
                    kind    charter\n\
                    boat    Isla\n\
                    guest   Ann Rivers\n\
                    guests  6\n\
                    notes   Slip 12, balance due [amount removed] at 08:30\n";
    assert_eq!((shown.status, shown.stdout.as_str()), (0, expected), "{}", shown.stderr);
    let json = event(&bench, "show --charter C-1 --db charters.db --json").summary();
    assert_eq!(json["columns"], json!({ "menu": "fish, [amount removed]" }));

    let charter = charters.find(&[id("C-1")]).await.unwrap().remove(0);
    let ada = Assignment::new(CrewId::new("ada").unwrap(), "captain".parse().unwrap());
    charters.assign(&charter, &[ada]).await.unwrap();
    let one = "publish --charter C-1 --db charters.db --json";
    assert_eq!(event(&bench, one).summary()["written"], 1);
    let json = event(&bench, "show --charter C-1 --db charters.db --json").summary();
    assert_eq!(json["assignments"], json!([{ "crew_id": "ada", "berth": "captain" }]));
    assert_eq!(json["columns"], json!({}), "menu was not allowed this time");
    let missing = event(&bench, "publish --charter C-9 --db charters.db");
    assert!(missing.error().contains("there is no charter `C-9`"), "{}", missing.stderr);
}

#[tokio::test]
async fn a_charter_that_cannot_be_copied_is_named_and_the_run_fails() {
    let (bench, charters) = desk().await;
    let soon = Charter::builder(id("C-2"), date(2026, 5, 4), Currency::USD)
        .extra([("hours".to_owned(), "soon".to_owned())]);
    charters.save(&[soon.build().unwrap()]).await.unwrap();
    let published = event(&bench, "publish --month 2026-05 --db charters.db");
    assert_eq!(published.status, 1);
    assert!(published.stdout.starts_with("1 copied"), "{}", published.stdout);
    let named = "C-2: hours `(not shown)` is not valid: expected two times such as 09:00-13:00\n";
    assert!(published.stderr.contains(named), "{}", published.stderr);
    assert!(published.stderr.ends_with("charters that were not copied: 1; mend them\n"));
}

#[tokio::test]
async fn money_leaves_a_table_of_events_and_is_printed_on_request_alone() {
    let (bench, charters) = desk().await;
    let client = EmbeddedEngine::open(&bench.path("charters.db")).unwrap().client();
    let bookings = DynamoEvents::new(client.clone(), &charters).with_table("bookings");
    bookings.ensure_table().await.unwrap();
    let text = |text: &str| AttributeValue::S(text.to_owned());
    for (id, notes) in [("B-1", "Fee: 987"), ("B-2", "Slip 12")] {
        let row = client.put_item().table_name("bookings").item("charter_id", text(id));
        let row = row.item("notes", text(notes)).item("date", text("2026-05-03"));
        row.item("deposit", AttributeValue::N("654".to_owned())).send().await.unwrap();
    }
    let before = charters.month("2026-05".parse().unwrap(), &Filter::everything());
    let before: Vec<Charter> = before.try_collect().await.unwrap();
    let scrub = |words: &str| event(&bench, &format!("scrub --db charters.db --json {words}"));

    let dry = scrub("--table bookings --all --dry-run");
    assert!(!format!("{}{}", dry.stdout, dry.stderr).contains("987"));
    let mut dry = lines(&dry);
    assert_eq!(
        dry.pop().unwrap(),
        json!({ "rows": 2, "with_money": 2, "removed": 3, "dry_run": true })
    );
    dry.sort_by_key(|row| row["key"].as_str().unwrap().to_owned());
    assert_eq!(dry[0], json!({ "key": "B-1", "attributes": ["deposit", "notes"] }));
    let one = lines(&scrub("--table bookings --charter B-1 --show-removed"));
    let taken = json!({
        "key": "B-1", "attributes": ["deposit", "notes"], "removed": ["654", "987"]
    });
    assert_eq!(one[0], taken);
    let rest = lines(&scrub("--table bookings --all"));
    assert_eq!(
        rest,
        [
            json!({ "key": "B-2", "attributes": ["deposit"] }),
            json!({ "rows": 2, "with_money": 1, "removed": 1, "dry_run": false }),
        ]
    );
    assert_eq!(lines(&scrub("--table bookings --all"))[0]["with_money"], 0);

    for words in ["--table crew-dispatch --all", "--table crew-dispatch --charter C-1"] {
        let refused = scrub(words);
        assert!(refused.error().contains("charters feed the statement"), "{}", refused.stderr);
    }
    let missing = scrub("--table bookings --charter B-9");
    assert!(missing.error().contains("there is no row of events `B-9"), "{}", missing.stderr);
    let wrong = scrub("--table bookings --all --key booking");
    assert!(wrong.error().contains("`booking`"), "{}", wrong.stderr);
    let unsaid = scrub("--table bookings");
    assert!(unsaid.error().contains("--charter"), "{}", unsaid.stderr);
    let after = charters.find(&[id("C-1")]).await.unwrap();
    assert!(after[0].says_the_same(&before[0]) && after[0].version() == Version::Number(1));
}

#[tokio::test]
async fn a_store_that_is_not_there_is_told_with_its_mend() {
    let bench = Bench::new();
    let missing = event(&bench, "show --charter C-1 --db none.db");
    assert!(missing.error().contains("`none.db` does not exist"), "{}", missing.stderr);
    let (bench, charters) = desk().await;
    let client = EmbeddedEngine::open(&bench.path("charters.db")).unwrap().client();
    let events = DynamoEvents::new(client, &charters);
    events.ensure_table().await.unwrap();
    let unpublished = event(&bench, "show --charter C-1 --db charters.db");
    assert!(unpublished.error().contains("`event publish`"), "{}", unpublished.stderr);
    assert!(events.find(&id("C-1")).await.unwrap().is_none());
    let ops = event(&bench, "show --charter C-9 --as ops --db charters.db");
    assert!(ops.error().contains("there is no charter `C-9`"), "{}", ops.stderr);
}
