//! Rows that tools write which number nothing: what they say between a list and a write is not lost.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use jada_roster::DayState::{Maybe, No, Yes};
use jada_roster::{DynamoRoster, RosterRepository, Version};

use super::sheet::{Sheet, hire, id, may, member, name, stored, sync};
use crate::faults::Faulty;
use crate::roster::tables::{assert_whole, put, roster, text};

/// A row of an older tool, which spells in its own way and numbers nothing.
async fn put_older(client: &Client, number: usize, email: &str) {
    let days = [("2026-05-09".to_owned(), text("MAYBE")), ("2026-05-10".to_owned(), text(" "))];
    let row = [
        ("crew_id", text(id(number).as_str())),
        ("name", text(name(number).as_str())),
        ("email", text(email)),
        ("availability", AttributeValue::M(days.into())),
    ];
    put(client, &row).await;
}

/// A tool that sets one word, and leaves the number of the row as it was.
async fn say_unnumbered(client: Client, number: usize, day: &'static str, word: &'static str) {
    let update = client.update_item().table_name("crew-roster");
    let update = update.key("crew_id", text(id(number).as_str()));
    let update = update.update_expression("SET availability.#day = :word");
    let update = update.expression_attribute_names("#day", day);
    update.expression_attribute_values(":word", text(word)).send().await.unwrap();
}

async fn crew_of_two() -> (Faulty, DynamoRoster, Sheet) {
    let faulty = Faulty::new();
    let roster = roster(faulty.client()).await;
    hire(&roster, 1).await;
    put_older(&faulty.engine().client(), 1, "Older.1@Example.com").await;
    let mut sheet = Sheet::of("2026-05", 2);
    sheet.set(0, may(1), Some(Yes));
    sheet.set(1, may(1), Some(Yes));
    (faulty, roster, sheet)
}

#[tokio::test]
async fn what_a_tool_says_that_numbers_nothing_is_not_lost_and_told_where_it_is_overruled() {
    for (number, operation) in [(0, "UpdateItem"), (1, "TransactWriteItems")] {
        let (faulty, roster, sheet) = crew_of_two().await;
        let client = faulty.engine().client();
        faulty.before(operation, async move {
            say_unnumbered(client.clone(), number, "2026-05-20", "no").await;
            say_unnumbered(client, number, "2026-05-01", "NO").await;
        });
        let synced = sync(&roster, &sheet).await;
        assert_eq!(synced.written, [id(0), id(1)]);
        assert_eq!(stored(&roster, number, may(20)).await, Some(No), "{operation}");
        assert_eq!(stored(&roster, number, may(1)).await, Some(Yes), "{operation}");
        assert_eq!(stored(&roster, 1, may(9)).await, Some(Maybe));
        let overruled: Vec<_> = synced.overruled.iter().map(|day| (&day.crew, day.day)).collect();
        assert_eq!(overruled, [(&id(number), may(1))]);
        assert!(sync(&roster, &sheet).await.written.is_empty());
        assert_eq!(assert_whole(&faulty.client()).await, 2);
    }
}

#[tokio::test]
async fn whoever_updates_a_member_by_what_an_unnumbered_write_has_changed_is_refused() {
    let (faulty, roster, _) = crew_of_two().await;
    for number in 0..2 {
        let read = member(&roster, number).await;
        say_unnumbered(faulty.engine().client(), number, "2026-05-20", "no").await;
        let days = read.availability().clone().with(may(2), Some(Yes));
        let refused = roster.update(&read.with_availability(days)).await.unwrap_err();
        assert!(matches!(refused, jada_roster::Error::VersionConflict { .. }), "{refused:?}");
        let updated = roster.update(&member(&roster, number).await).await.unwrap();
        assert_ne!(updated.version(), Version::Unnumbered);
        assert_eq!(updated, member(&roster, number).await);
    }
}

#[tokio::test]
async fn the_words_of_a_member_whose_row_cannot_be_read_go_to_nobody_of_the_same_name() {
    let (faulty, roster, mut sheet) = crew_of_two().await;
    let client = faulty.engine().client();
    let row = [
        ("crew_id", text("c-0009")),
        ("name", text(name(0).as_str())),
        ("cascade_level", text("first")),
    ];
    put(&client, &row).await;
    sheet.name_row(0, "", name(0).as_str());
    sheet.name_row(1, "", name(1).as_str());
    let synced = sync(&roster, &sheet).await;
    let told: Vec<String> = synced.ambiguous.iter().map(ToString::to_string).collect();
    let row = "B2: `Ann Rivers 0` is `c-0000`, or a row that cannot be read: `c-0009`";
    assert_eq!(told, [row]);
    assert_eq!((synced.written.as_slice(), synced.unreadable.len()), ([id(1)].as_slice(), 1));
    assert_eq!(stored(&roster, 0, may(1)).await, None);

    sheet.name_row(0, id(0).as_str(), name(0).as_str());
    assert_eq!(sync(&roster, &sheet).await.written, [id(0)], "the key says who is meant");
}
