//! Fictional crew, rows of older tools, and what must hold of both tables whatever happens.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use jada_roster::{CrewId, CrewMember, DynamoRoster, EmailAddress, PersonName, PhoneNumber, Role};

pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) async fn roster(client: Client) -> DynamoRoster {
    let roster = DynamoRoster::new(client);
    roster.ensure_tables().await.unwrap();
    roster
}

pub(crate) fn person(number: usize) -> CrewMember {
    let name = PersonName::new(&format!("Ann Rivers {number}")).unwrap();
    CrewMember::new(id(number), name, phone(number), email(number), Role::Mate)
}

pub(crate) fn id(number: usize) -> CrewId {
    CrewId::new(&format!("c-{number:05}")).unwrap()
}

pub(crate) fn email(number: usize) -> EmailAddress {
    format!("ann.{number}@example.com").parse().unwrap()
}

pub(crate) fn phone(number: usize) -> PhoneNumber {
    format!("+1555010{number:04}").parse().unwrap()
}

/// Writes a row as an older tool does.
pub(crate) async fn put(client: &Client, attributes: &[(&str, AttributeValue)]) {
    let attribute = |(name, value): &(&str, AttributeValue)| ((*name).to_owned(), value.clone());
    let item = attributes.iter().map(attribute).collect();
    client.put_item().table_name("crew-roster").set_item(Some(item)).send().await.unwrap();
}

/// A person as an older tool writes them, who has claimed nothing.
pub(crate) async fn put_older(client: &Client, number: usize) {
    let row = [
        ("crew_id", text(id(number).as_str())),
        ("name", text("Ann Rivers")),
        ("email", text(email(number).as_str())),
        ("phone", text(phone(number).as_str())),
    ];
    put(client, &row).await;
}

pub(crate) fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

pub(crate) fn number(number: &str) -> AttributeValue {
    AttributeValue::N(number.to_owned())
}

pub(crate) async fn scan(client: &Client, table: &str) -> Vec<Item> {
    let pages = client.scan().table_name(table).into_paginator().items().send();
    pages.collect::<Result<_, _>>().await.unwrap()
}

/// Who has claimed what, by the claims' keys.
pub(crate) async fn claims(client: &Client) -> BTreeMap<String, String> {
    let rows = scan(client, "crew-keys").await.into_iter();
    let claims = rows.filter(|row| string(row, "key").starts_with("uniq#"));
    claims.map(|row| (string(&row, "key").to_owned(), string(&row, "owner").to_owned())).collect()
}

/// Checks that the tables agree, and gives back how many members there are: every row of
/// `crew-roster` is a member; every claim's owner has what is claimed; and every member whom this
/// crate wrote has claimed what reaches them.
pub(crate) async fn assert_whole(client: &Client) -> usize {
    let rows = scan(client, "crew-roster").await;
    let claims = claims(client).await;
    let contact = |row: &Item| -> Vec<String> {
        let email = row.get("email").map(|_| email_key(string(row, "email")));
        let phone = row.get("phone").map(|_| phone_key(string(row, "phone")));
        email.into_iter().chain(phone).collect()
    };
    for (key, owner) in &claims {
        let row = rows.iter().find(|row| string(row, "crew_id") == owner);
        let row =
            row.unwrap_or_else(|| panic!("`{key}` is claimed by `{owner}`, who is not there"));
        assert!(contact(row).contains(key), "`{owner}` has claimed `{key}`, and has it not");
    }
    for row in &rows {
        let crew = string(row, "crew_id");
        assert!(!string(row, "name").is_empty(), "`{crew}` is no crew");
        if row.contains_key("version") {
            for key in contact(row) {
                assert_eq!(claims.get(&key).map(String::as_str), Some(crew), "`{key}`");
            }
        }
    }
    rows.len()
}

pub(crate) fn email_key(email: &str) -> String {
    format!("uniq#email#{}", email.parse::<EmailAddress>().unwrap())
}

pub(crate) fn phone_key(phone: &str) -> String {
    format!("uniq#phone#{}", phone.parse::<PhoneNumber>().unwrap())
}

pub(crate) fn string<'a>(row: &'a Item, attribute: &str) -> &'a str {
    row[attribute].as_s().unwrap()
}

/// The same person by another id.
pub(crate) fn renamed(member: &CrewMember, id: CrewId) -> CrewMember {
    let (phone, email) = (member.phone().unwrap().clone(), member.email().unwrap().clone());
    CrewMember::new(id, member.name().clone(), phone, email, member.role().clone())
}
