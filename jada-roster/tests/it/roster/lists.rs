//! Lists come page by page, and no faster than they are read.

use futures_util::{StreamExt, TryStreamExt};
use jada_roster::{CrewMember, Role, RosterRepository};

use super::tables::{id, number, person, roster, text};
use crate::faults::Faulty;

const CREW: usize = 10_000;

/// Rows as an older tool has them, of about 300 bytes.
async fn fill(faulty: &Faulty) {
    let client = faulty.engine().client();
    let rows = Vec::from_iter(0..CREW);
    let notes = text(&"n".repeat(200));
    for group in rows.chunks(25) {
        let put = |row: &usize| {
            let put = aws_sdk_dynamodb::types::PutRequest::builder()
                .item("crew_id", text(id(*row).as_str()))
                .item("name", text(person(row % 100).name().as_str()))
                .item("role", text(if row.is_multiple_of(10) { "Captain" } else { "crew" }))
                .item("cascade_level", number("3"))
                .item("notes", notes.clone());
            let put = put.build().unwrap();
            aws_sdk_dynamodb::types::WriteRequest::builder().put_request(put).build()
        };
        let request = client.batch_write_item();
        let request = request.request_items("crew-roster", group.iter().map(put).collect());
        request.send().await.unwrap();
    }
}

#[tokio::test]
async fn ten_thousand_members_are_listed_by_pages_that_are_asked_for_as_they_are_read() {
    let faulty = Faulty::new();
    let roster = roster(faulty.client()).await;
    fill(&faulty).await;
    faulty.requests();

    let mut list = roster.list();
    assert_eq!(faulty.requests().len(), 0, "nothing is asked for before the list is polled");
    let mut read = 0;
    let mut pages = 0;
    while let Some(member) = list.try_next().await.unwrap() {
        assert_eq!(member.version().number(), 0);
        let asked = faulty.count("Scan");
        assert!(asked <= 1, "one page at a time");
        pages += asked;
        read += 1;
    }
    assert_eq!(read, CREW);
    assert!(pages > 2, "{pages} pages of 1 MB");

    let first: Vec<_> = roster.list().take(10).try_collect().await.unwrap();
    assert_eq!(first.len(), 10);
    assert_eq!(faulty.requests(), ["Scan"], "who reads ten is not made to wait for all");

    let captains: Vec<CrewMember> = roster.in_role(&Role::Captain).try_collect().await.unwrap();
    assert_eq!(captains.len(), CREW / 10);
}
