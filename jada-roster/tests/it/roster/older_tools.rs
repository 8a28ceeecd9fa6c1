//! Rows of older tools: what they lack, what they hold besides, what cannot be read.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{StreamExt, TryStreamExt};
use jada_roster::{
    CascadeLevel, CrewMember, DayState, EmbeddedEngine, Error, Role, RosterRepository, UniqueField,
    Version,
};
use jiff::civil::date;

use super::tables::{
    assert_whole, claims, email, email_key, id, number, person, phone, phone_key, put, roster,
    scan, string, text,
};
use crate::faults::Faulty;

fn map(entries: &[(&str, AttributeValue)]) -> AttributeValue {
    let entry = |(key, value): &(&str, AttributeValue)| ((*key).to_owned(), value.clone());
    AttributeValue::M(entries.iter().map(entry).collect())
}

async fn put_full(client: &Client, member: &CrewMember, besides: &[(&str, AttributeValue)]) {
    let mut row = vec![
        ("crew_id", text(member.id().as_str())),
        ("name", text(member.name().as_str())),
        ("email", text(member.email().unwrap().as_str())),
        ("phone", text(member.phone().unwrap().as_str())),
    ];
    row.retain(|(name, _)| besides.iter().all(|(other, _)| other != name));
    row.extend(besides.iter().cloned());
    put(client, &row).await;
}

#[tokio::test]
async fn what_an_older_row_lacks_or_has_blank_is_read_as_nothing() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let roster = roster(client.clone()).await;
    put(&client, &[("crew_id", text("bare")), ("name", text(" Bo Field "))]).await;
    let null = || AttributeValue::Null(true);
    let blank = [
        ("crew_id", text("blank")),
        ("name", text("Bo Field")),
        ("phone", text(" ")),
        ("email", null()),
        ("role", text("")),
        ("cascade_level", null()),
        ("availability", null()),
    ];
    put(&client, &blank).await;
    for name in ["bare", "blank"] {
        let found = roster.find(&jada_roster::CrewId::new(name).unwrap()).await.unwrap().unwrap();
        assert_eq!(found.name().as_str(), "Bo Field");
        assert_eq!((found.phone(), found.email(), found.role()), (None, None, &Role::Crew));
        assert_eq!(found.cascade_level(), CascadeLevel::LAST);
        assert_eq!(found.availability().days().count(), 0);
        assert_eq!(found.version(), Version::Unnumbered);
        let claimed = roster.update(&found.with_role(Role::Mate)).await.unwrap();
        assert_eq!(claimed.version(), Version::Number(1));
    }
    assert_eq!(assert_whole(&client).await, 2);
    assert_eq!(claims(&client).await.len(), 0);
}

#[tokio::test]
async fn what_an_older_tool_wrote_in_its_own_way_is_read() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let roster = roster(client.clone()).await;
    let days = map(&[
        ("2026-05-03", text("YES")),
        ("2026-05-04", text(" ")),
        ("2026-05-05", AttributeValue::Null(true)),
        ("2026-05-06", text("morning")),
    ]);
    let besides = [
        ("email", text(" Ann.1@EXAMPLE.com")),
        ("phone", text("+1 (555) 010-0001")),
        ("role", text("CAPTAIN")),
        ("cascade_level", text("2")),
        ("availability", days),
    ];
    put_full(&client, &person(1), &besides).await;
    let found = roster.find(&id(1)).await.unwrap().unwrap();
    assert_eq!((found.email(), found.phone()), (Some(&email(1)), Some(&phone(1))));
    assert_eq!((found.role(), found.cascade_level().number()), (&Role::Captain, 2));
    let days: Vec<_> = found.availability().days().collect();
    let expected = [(date(2026, 5, 3), DayState::Yes), (date(2026, 5, 6), DayState::Morning)];
    assert_eq!(days, expected);
    let captains: Vec<_> = roster.in_role(&Role::Captain).try_collect().await.unwrap();
    assert_eq!(captains, std::slice::from_ref(&found));

    let updated = roster.update(&found.with_cascade_level(CascadeLevel::FIRST)).await.unwrap();
    assert_eq!(roster.find(&id(1)).await.unwrap(), Some(updated));
    let row = scan(&client, "crew-roster").await.remove(0);
    assert_eq!(
        (string(&row, "email"), string(&row, "phone")),
        ("ann.1@example.com", "+15550100001")
    );
    assert_eq!(row["cascade_level"], number("1"));
    assert_eq!(assert_whole(&client).await, 1);
}

#[tokio::test]
async fn what_this_crate_does_not_know_survives_updates() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let roster = roster(client.clone()).await;
    let certificates = AttributeValue::L(vec![text("radio"), text("first aid")]);
    let besides = [
        ("magic_token", text("an-older-link")),
        ("certificates", certificates),
        ("Name", text("another attribute")),
    ];
    put_full(&client, &person(1), &besides).await;
    let read = roster.find(&id(1)).await.unwrap().unwrap();
    let claimed = roster.update(&read.with_role(Role::Captain)).await.unwrap();
    let again = roster.update(&claimed.with_role(Role::Mate)).await.unwrap();
    roster.update(&again.with_email(email(2))).await.unwrap();
    let row = scan(&client, "crew-roster").await.remove(0);
    for (attribute, value) in besides {
        assert_eq!(row[attribute], value, "{attribute}");
    }
    assert_eq!(row["version"], number("3"));
}

#[tokio::test]
async fn a_row_that_cannot_be_read_names_table_key_and_attribute_and_the_list_goes_on() {
    let cases = [
        ("name", text(" ")),
        ("name", number("7")),
        ("phone", text("555 0100")),
        ("phone", number("15550100001")),
        ("email", text("ann")),
        ("role", AttributeValue::Bool(true)),
        ("cascade_level", text("first")),
        ("cascade_level", number("0")),
        ("cascade_level", number("100")),
        ("cascade_level", number("1.5")),
        ("availability", text("always")),
        ("availability", map(&[("3 May", text("yes"))])),
        ("availability", map(&[("2026-05-03", text("perhaps"))])),
        ("availability", map(&[("2026-05-03", number("1"))])),
        ("version", text("one")),
        ("version", number("-1")),
    ];
    for (attribute, value) in cases {
        let client = EmbeddedEngine::in_memory().unwrap().client();
        let roster = roster(client.clone()).await;
        for other in [2, 3] {
            roster.add(&person(other)).await.unwrap();
        }
        put_full(&client, &person(1), &[(attribute, value.clone())]).await;
        let assert_names_it = |error: Error| match error {
            Error::CorruptItem { table, key, attribute: named, .. } => {
                assert_eq!((table.as_str(), key.as_str()), ("crew-roster", "c-00001"));
                assert_eq!(named, attribute);
            }
            other => panic!("{attribute}: {other:?}"),
        };
        assert_names_it(roster.find(&id(1)).await.unwrap_err());
        assert_names_it(roster.find_all(&[id(1), id(2)]).await.unwrap_err());
        let rows: Vec<_> = roster.list().collect().await;
        let (read, corrupt): (Vec<_>, Vec<_>) = rows.into_iter().partition(Result::is_ok);
        assert_eq!((read.len(), corrupt.len()), (2, 1), "{attribute}");
        corrupt.into_iter().for_each(|error| assert_names_it(error.unwrap_err()));
        let rows: Vec<_> = roster.in_role(&Role::Skipper).collect().await;
        assert_eq!(rows.len(), 1, "whose role cannot be read may be a skipper");
        if attribute != "email" {
            assert_names_it(roster.find_by_email(&email(1)).await.unwrap_err());
        }
    }
}

#[tokio::test]
async fn an_id_with_blanks_around_it_is_not_taken_for_another() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let roster = roster(client.clone()).await;
    put_full(&client, &person(1), &[("crew_id", text(" c-00001 "))]).await;
    let rows: Vec<_> = roster.list().collect().await;
    assert!(
        matches!(&rows[..], [Err(Error::CorruptItem { key, attribute, .. })]
            if key == " c-00001 " && attribute == "crew_id"),
        "{rows:?}"
    );
    assert_eq!(roster.find(&id(1)).await.unwrap(), None);
}

#[tokio::test]
async fn a_member_whom_nobody_has_claimed_is_found_in_the_whole_table() {
    let faulty = Faulty::new();
    let roster = roster(faulty.client()).await;
    let besides = [("email", text("Ann.1@Example.com")), ("phone", text("+1 555 010 0001"))];
    put_full(&faulty.client(), &person(1), &besides).await;
    faulty.requests();
    let found = roster.find_by_email(&email(1)).await.unwrap().unwrap();
    assert_eq!(found.id(), &id(1));
    assert_eq!(faulty.requests(), ["GetItem", "Scan"]);
    assert_eq!(roster.find_by_phone(&phone(1)).await.unwrap(), Some(found));
    assert_eq!(roster.find_by_phone(&phone(2)).await.unwrap(), None);
}

#[tokio::test]
async fn a_claim_whose_row_an_older_tool_changed_misleads_nobody() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let roster = roster(client.clone()).await;
    for member in 1..=2 {
        roster.add(&person(member)).await.unwrap();
    }
    put_full(&client, &person(1), &[("email", text("new@example.com"))]).await;
    client
        .delete_item()
        .table_name("crew-roster")
        .key("crew_id", text("c-00002"))
        .send()
        .await
        .unwrap();
    assert_eq!(roster.find_by_email(&email(1)).await.unwrap(), None);
    assert_eq!(roster.find_by_email(&email(2)).await.unwrap(), None);
    let found = roster.find_by_email(&"new@example.com".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(found.id(), &id(1));

    let report = roster.claim_contacts().await.unwrap();
    assert_eq!((report.claimed, report.released), (1, 3));
    assert_eq!(assert_whole(&client).await, 1);
    assert_eq!(claims(&client).await.len(), 2);
    roster.add(&person(2)).await.expect("nothing of the deleted row is claimed");
}

#[tokio::test]
async fn the_contact_of_older_rows_is_claimed_once() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let roster = roster(client.clone()).await;
    roster.add(&person(1)).await.unwrap();
    put_full(&client, &person(2), &[("email", text("Ann.2@Example.com"))]).await;
    put_full(&client, &person(3), &[("phone", text("+1 555 010 0001"))]).await;
    put_full(&client, &person(4), &[("cascade_level", text("first"))]).await;
    put_full(&client, &person(5), &[("email", text("ann"))]).await;
    put(&client, &[("crew_id", text("bare")), ("name", text("Bo Field"))]).await;
    for claimed in [6, 0] {
        let report = roster.claim_contacts().await.unwrap();
        assert_eq!((report.claimed, report.released), (claimed, 0));
        let contested: Vec<_> = report
            .contested
            .iter()
            .map(|row| (row.crew.as_str(), row.field, row.owner.as_str()))
            .collect();
        assert_eq!(contested, [("c-00003", UniqueField::Phone, "c-00001")]);
        let mut unreadable: Vec<_> = report
            .unreadable
            .iter()
            .map(|error| match error {
                Error::CorruptItem { key, attribute, .. } => (key.as_str(), attribute.as_str()),
                other => panic!("{other:?}"),
            })
            .collect();
        unreadable.sort_unstable();
        assert_eq!(unreadable, [("c-00004", "cascade_level"), ("c-00005", "email")]);
    }
    let claims = claims(&client).await;
    assert_eq!(claims[&email_key("ann.2@example.com")], "c-00002");
    assert_eq!(claims[&phone_key("+15550100001")], "c-00001");
    let refused = roster.add(&person(7).with_email(email(2))).await;
    assert!(
        matches!(&refused, Err(Error::Duplicate { field: UniqueField::Email, owner }) if owner == &id(2)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn of_two_older_rows_with_one_address_one_has_it_and_the_other_is_told() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let roster = roster(client.clone()).await;
    for member in [1, 2] {
        put_full(&client, &person(member), &[("email", text("both@example.com"))]).await;
    }
    let report = roster.claim_contacts().await.unwrap();
    assert_eq!((report.claimed, report.contested.len()), (3, 1));
    let contested = &report.contested[0];
    assert_eq!(contested.field, UniqueField::Email);
    let refused = roster.find(&contested.crew).await.unwrap().unwrap();
    let refused = roster.update(&refused.with_role(Role::Mate)).await.unwrap_err();
    assert!(
        matches!(&refused, Error::Duplicate { field: UniqueField::Email, owner } if *owner == contested.owner),
        "{refused:?}"
    );
    let mended = roster.find(&contested.crew).await.unwrap().unwrap().with_email(email(3));
    roster.update(&mended).await.expect("another's claim stays with them");
    assert_eq!(assert_whole(&client).await, 2);
}

#[tokio::test]
async fn a_row_that_an_older_tool_changes_meanwhile_is_written_by_what_it_holds() {
    let faulty = Faulty::new();
    let roster = roster(faulty.client()).await;
    let client = faulty.engine().client();
    put_full(&client, &person(1), &[]).await;
    let read = roster.find(&id(1)).await.unwrap().unwrap();
    let changed = client.clone();
    faulty.before("TransactWriteItems", async move {
        put_full(&changed, &person(1), &[("email", text("new@example.com"))]).await;
    });
    let updated = roster.update(&read.with_role(Role::Captain)).await.unwrap();
    assert_eq!(updated.email(), Some(&email(1)), "the update says what they are to have");
    assert_eq!(assert_whole(&client).await, 1);
}
