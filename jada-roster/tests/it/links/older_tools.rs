//! Links that older tools wrote as plain text into members' rows.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::join_all;
use jada_roster::{
    AttemptLimit, CompactLength, Error, LegacyLinks, LinkKind, LinkRefusal, LinkSpec, MagicLinks,
    Purpose,
};

use super::tables::{Item, Tables, assert_listed, back, portal, presented, refusal, with_prefix};
use crate::faults::{Fault, Faulty};

const TEXT: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const HOUR: Duration = Duration::from_secs(60 * 60);

async fn honouring(faulty: &Faulty) -> Tables {
    let legacy = LegacyLinks::new(portal(), 8..=64, AttemptLimit::default());
    let tables = Tables::built(faulty.client(), |builder| builder.legacy(legacy.clone())).await;
    faulty.requests();
    tables
}

/// A row as an older tool has it: with a link, without most else, with something of its own.
async fn older(tables: &Tables, crew: &str, token: &str) {
    let row = [("crew_id", crew), ("name", "Bo Field"), ("boat", "Zephyr"), ("magic_token", token)];
    let row = row.map(|(name, text)| (name.to_owned(), AttributeValue::S(text.to_owned())));
    let put = tables.client.put_item().table_name("crew-roster").set_item(Some(row.into()));
    put.send().await.unwrap();
}

async fn row(tables: &Tables, crew: &str) -> Item {
    let get = tables.client.get_item().table_name("crew-roster").consistent_read(true);
    let get = get.key("crew_id", AttributeValue::S(crew.to_owned()));
    get.send().await.unwrap().item.unwrap()
}

#[tokio::test]
async fn it_is_rewritten_when_it_is_first_used_and_goes_on_working() {
    let faulty = Faulty::new();
    let tables = honouring(&faulty).await;
    older(&tables, "old-1", TEXT).await;
    faulty.requests();
    let opened = tables.links.verify(&presented(TEXT)).await.unwrap();
    assert_eq!((opened.crew.as_str(), opened.kind), ("old-1", LinkKind::Standing));
    assert_eq!((opened.issued_at, opened.expires_at), (None, None));
    let requests = faulty.requests();
    assert_eq!(requests, ["BatchGetItem", "Query", "TransactWriteItems"], "2, and 1 once");

    let row = row(&tables, "old-1").await;
    assert!(!row.contains_key("magic_token"), "the table holds no text that opens anything");
    assert_eq!(row["boat"], AttributeValue::S("Zephyr".to_owned()));
    assert_eq!(row.len(), 3, "nothing else has changed: {row:?}");
    assert_listed(&tables).await;
    for _ in 0..3 {
        faulty.requests();
        tables.links.verify(&presented(TEXT)).await.unwrap();
        assert_eq!(tables.links.redeem(&presented(TEXT)).await.unwrap().crew.as_str(), "old-1");
        assert_eq!(faulty.requests(), ["BatchGetItem"; 2]);
    }
    assert_eq!(refusal(tables.links.consume(&presented(TEXT)).await), LinkRefusal::WrongKind);
}

#[tokio::test]
async fn where_nobody_allows_it_it_opens_nothing() {
    let faulty = Faulty::new();
    let tables = Tables::new(faulty.client()).await;
    older(&tables, "old-1", TEXT).await;
    faulty.requests();
    assert_eq!(refusal(tables.links.verify(&presented(TEXT)).await), LinkRefusal::NotAccepted);
    assert_eq!(refusal(tables.links.redeem(&presented(TEXT)).await), LinkRefusal::NotAccepted);
    assert_eq!(faulty.requests(), [""; 0], "nothing is asked");

    let tables = honouring(&faulty).await;
    older(&tables, "old-2", "short").await;
    older(&tables, "old-3", "has spaces in it").await;
    faulty.requests();
    assert_eq!(refusal(tables.links.verify(&presented("short")).await), LinkRefusal::NotAccepted);
    let elsewhere = presented(TEXT);
    let elsewhere =
        jada_roster::Presented::new(elsewhere.text().clone(), Purpose::new("calendar").unwrap());
    assert_eq!(refusal(tables.links.verify(&elsewhere).await), LinkRefusal::NotAccepted);
    assert_eq!(faulty.requests(), [""; 0], "nothing is asked");
}

#[tokio::test]
async fn one_that_two_rows_hold_is_refused_and_stays() {
    let faulty = Faulty::new();
    let tables = honouring(&faulty).await;
    older(&tables, "old-1", TEXT).await;
    older(&tables, "old-2", TEXT).await;
    for _ in 0..2 {
        assert_eq!(refusal(tables.links.verify(&presented(TEXT)).await), LinkRefusal::Ambiguous);
    }
    assert!(row(&tables, "old-1").await.contains_key("magic_token"));

    let crew = "old-1".to_owned();
    let crew = jada_roster::CrewId::new(&crew).unwrap();
    tables.links.rotate(&crew, &LinkSpec::standing(portal()), HOUR).await.unwrap();
    assert!(!row(&tables, "old-1").await.contains_key("magic_token"));
    assert_eq!(
        refusal(tables.links.verify(&presented(TEXT)).await),
        LinkRefusal::Revoked,
        "it was no one's alone, and does not become the other's"
    );
    assert!(row(&tables, "old-2").await.contains_key("magic_token"));
}

#[tokio::test]
async fn an_index_that_lags_opens_nothing() {
    let faulty = Faulty::new();
    let tables = honouring(&faulty).await;
    older(&tables, "old-1", TEXT).await;
    let client = faulty.engine().client();
    // Between the index's answer and the rewriting the row gets another text.
    faulty.before("TransactWriteItems", async move {
        let update = client.update_item().table_name("crew-roster");
        let update = update.key("crew_id", AttributeValue::S("old-1".to_owned()));
        let update = update.update_expression("SET magic_token = :other");
        let other = AttributeValue::S("another-older-tools-text".to_owned());
        update.expression_attribute_values(":other", other).send().await.unwrap();
    });
    assert_eq!(refusal(tables.links.verify(&presented(TEXT)).await), LinkRefusal::Unknown);
    let opened = tables.links.verify(&presented("another-older-tools-text")).await.unwrap();
    assert_eq!(opened.crew.as_str(), "old-1");
}

#[tokio::test]
async fn of_many_first_uses_all_succeed_and_one_rewrites_it() {
    let tables = honouring(&Faulty::new()).await;
    older(&tables, "old-1", TEXT).await;
    let from = |number: usize| presented(TEXT).from(format!("203.0.113.{number}"));
    let presented: Vec<_> = (0..20).map(from).collect();
    let uses = presented.iter().map(|presented| tables.links.verify(presented));
    for used in join_all(uses).await {
        assert_eq!(used.unwrap().crew.as_str(), "old-1");
    }
    assert_eq!(with_prefix(&tables.scan("crew-keys").await, "tok#").len(), 1);
    assert_listed(&tables).await;
}

#[tokio::test]
async fn a_first_use_whose_answer_was_lost_is_a_success() {
    let faulty = Faulty::new().forgetful();
    let tables = honouring(&faulty).await;
    older(&tables, "old-1", TEXT).await;
    faulty.next("TransactWriteItems", &[Fault::LoseAnswer, Fault::LoseAnswer]);
    assert_eq!(tables.links.verify(&presented(TEXT)).await.unwrap().crew.as_str(), "old-1");
    assert_listed(&tables).await;

    older(&tables, "old-2", "another-older-tools-text").await;
    faulty.next("TransactWriteItems", &[Fault::LoseAnswer; 5]);
    let lost = tables.links.verify(&presented("another-older-tools-text")).await.unwrap_err();
    assert!(matches!(lost, Error::Unavailable { .. }), "{lost}");
    tables.links.verify(&presented("another-older-tools-text")).await.unwrap();
    assert_listed(&tables).await;
}

#[tokio::test]
async fn what_was_rotated_or_revoked_does_not_come_back() {
    for used_before in [false, true] {
        for ends_by in ["rotate", "rotate with grace", "revoke", "revoke_all"] {
            let tables = honouring(&Faulty::new()).await;
            older(&tables, "old-1", TEXT).await;
            let crew = jada_roster::CrewId::new("old-1").unwrap();
            if used_before {
                tables.links.verify(&presented(TEXT)).await.unwrap();
            }
            let spec = LinkSpec::standing(portal());
            let exists = tables.links.issue(&crew, &spec).await;
            assert!(matches!(exists, Err(Error::LinkExists { .. })), "{exists:?}");
            match ends_by {
                "rotate" => drop(tables.links.rotate(&crew, &spec, Duration::ZERO).await.unwrap()),
                "rotate with grace" => {
                    drop(tables.links.rotate(&crew, &spec, HOUR).await.unwrap());
                    tables.links.verify(&presented(TEXT)).await.expect("it is in its grace");
                    tables.clock.advance(HOUR);
                }
                "revoke" => assert_eq!(tables.links.revoke(&crew, &portal()).await.unwrap(), 1),
                _ => assert_eq!(tables.links.revoke_all(&crew).await.unwrap(), 1),
            }
            assert!(!row(&tables, "old-1").await.contains_key("magic_token"), "{ends_by}");
            let refused = refusal(tables.links.verify(&presented(TEXT)).await);
            let is_ended = [LinkRefusal::Revoked, LinkRefusal::Expired].contains(&refused);
            assert!(is_ended, "{ends_by}: {refused}");
            assert_listed(&tables).await;
        }
    }
}

#[tokio::test]
async fn a_text_that_looks_like_ours_is_tried_as_that_first() {
    let faulty = Faulty::new();
    let tables = honouring(&faulty).await;
    // As long as a compact, a single-use and a standing text; under our pepper, and under none.
    let (compact, single) = ("AbcdefgH12", "A0123456789abcdefghijkl");
    let standing = "A0123456789abcdefghijkl0123456789a";
    let foreign = "z0123456789abcdefghijkl";
    for (number, text) in [compact, single, standing, foreign].into_iter().enumerate() {
        let crew = format!("old-{number}");
        older(&tables, &crew, text).await;
        let opened = tables.links.redeem(&presented(text)).await.unwrap();
        assert_eq!(opened.crew.as_str(), crew);
        faulty.requests();
        let opened = tables.links.verify(&presented(text)).await.unwrap();
        assert_eq!(opened.crew.as_str(), crew);
    }
    let ann = tables.member(1).await;
    let short = LinkSpec::standing(Purpose::portal()).compact(CompactLength::LONGEST);
    let ours = tables.links.issue(ann.id(), &short).await.unwrap();
    faulty.requests();
    tables.links.verify(&back(&ours)).await.unwrap();
    assert_eq!(faulty.requests(), ["GetItem"], "ours are found at once");
}

#[tokio::test]
async fn attempts_are_limited() {
    let faulty = Faulty::new();
    let tables = honouring(&faulty).await;
    faulty.requests();
    let mut refused = Vec::new();
    for number in 0..12 {
        let guess = format!("0f8fad5b-d9cb-469f-a165-{number:012}");
        refused.push(tables.links.verify(&presented(&guess).from("203.0.113.9")).await);
    }
    let limited = refused.iter().filter(|outcome| {
        matches!(outcome, Err(error @ Error::TooManyAttempts { .. }) if error.is_transient())
    });
    assert_eq!(limited.count(), 2);
    assert_eq!(faulty.count("Query"), 10, "what is over the limit asks nothing");
    tables.clock.advance(Duration::from_secs(60));
    let guess = presented(TEXT).from("203.0.113.9");
    assert_eq!(refusal(tables.links.verify(&guess).await), LinkRefusal::Unknown);
}

#[tokio::test]
async fn what_has_ended_does_not_open_when_an_older_tool_writes_its_row_again() {
    for ends_by in ["rotate", "rotate with grace", "revoke", "revoke_all", "remove"] {
        let tables = honouring(&Faulty::new()).await;
        let ann = tables.member(1).await;
        let crew = ann.id();
        older(&tables, crew.as_str(), TEXT).await;
        tables.links.verify(&presented(TEXT)).await.unwrap();
        let spec = LinkSpec::standing(portal());
        match ends_by {
            "rotate" => drop(tables.links.rotate(crew, &spec, Duration::ZERO).await.unwrap()),
            "rotate with grace" => drop(tables.links.rotate(crew, &spec, HOUR).await.unwrap()),
            "revoke" => drop(tables.links.revoke(crew, &portal()).await.unwrap()),
            "revoke_all" => drop(tables.links.revoke_all(crew).await.unwrap()),
            _ => tables.remove(crew).await,
        }
        tables.clock.advance(HOUR);
        let rows = tables.scan("crew-keys").await;
        let token = with_prefix(&rows, "tok#")[0];
        assert_eq!(token["ttl"].as_n(), Err(&AttributeValue::S("never".to_owned())), "it stays");

        older(&tables, crew.as_str(), TEXT).await;
        let refused = refusal(tables.links.verify(&presented(TEXT)).await);
        let is_ended = [LinkRefusal::Revoked, LinkRefusal::Expired].contains(&refused);
        assert!(is_ended, "{ends_by}: {refused}");
        let left = usize::from(ends_by.starts_with("rotate"));
        assert_eq!(tables.links.open_links(crew).await.unwrap().len(), left, "{ends_by}");
        assert_eq!(tables.links.revoke_all(crew).await.unwrap(), left, "{ends_by}");
        assert!(!row(&tables, crew.as_str()).await.contains_key("magic_token"), "{ends_by}");

        older(&tables, crew.as_str(), TEXT).await;
        tables.links.issue(crew, &spec).await.expect("the text is in nobody's way");
        assert!(!row(&tables, crew.as_str()).await.contains_key("magic_token"), "{ends_by}");
    }
}

#[tokio::test]
async fn an_open_one_that_is_written_again_is_one_link_under_whichever_pepper() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secrets").join(jada_roster::Peppers::FILE_NAME);
    let first = jada_roster::Peppers::open_or_create(&file).unwrap();
    let rotated = jada_roster::Peppers::rotate(&file).unwrap();
    let tables = honouring(&Faulty::new()).await;
    let under = |peppers| {
        let legacy = LegacyLinks::new(portal(), 8..=64, AttemptLimit::default());
        let builder = jada_roster::DynamoLinks::builder(tables.client.clone(), peppers);
        builder.legacy(legacy).clock(tables.clock.clone()).build().unwrap()
    };
    let (before, after) = (under(first), under(rotated));
    older(&tables, "old-1", TEXT).await;
    let crew = jada_roster::CrewId::new("old-1").unwrap();
    before.verify(&presented(TEXT)).await.unwrap();
    older(&tables, "old-1", TEXT).await;
    assert_eq!(after.open_links(&crew).await.unwrap().len(), 1);
    let exists = after.issue(&crew, &LinkSpec::standing(portal())).await;
    assert!(matches!(exists, Err(Error::LinkExists { .. })), "{exists:?}");
    older(&tables, "old-1", TEXT).await;
    assert_eq!(after.revoke(&crew, &portal()).await.unwrap(), 1);
    assert!(!row(&tables, "old-1").await.contains_key("magic_token"));
    assert_eq!(with_prefix(&tables.scan("crew-keys").await, "tok#").len(), 1, "no second record");
    for links in [&before, &after] {
        assert_eq!(refusal(links.verify(&presented(TEXT)).await), LinkRefusal::Revoked);
    }
}

#[tokio::test]
async fn one_of_fewer_than_eight_letters_is_never_honoured() {
    let faulty = Faulty::new();
    let legacy = LegacyLinks::new(portal(), 1..=200, AttemptLimit::default());
    let tables = Tables::built(faulty.client(), |builder| builder.legacy(legacy.clone())).await;
    older(&tables, "old-1", "1234567").await;
    older(&tables, "old-2", "12345678").await;
    faulty.requests();
    let refused = refusal(tables.links.verify(&presented("1234567")).await);
    assert_eq!(refused, LinkRefusal::NotAccepted);
    assert_eq!(faulty.requests(), [""; 0], "nothing is asked");
    let opened = tables.links.verify(&presented("12345678")).await.unwrap();
    assert_eq!(opened.crew.as_str(), "old-2");
}

#[tokio::test]
async fn a_member_whose_text_is_not_honoured_is_a_member_and_gets_a_link_by_rotating() {
    let tables = honouring(&Faulty::new()).await;
    for text in ["short", "has spaces in it"] {
        older(&tables, "old-1", text).await;
        let crew = jada_roster::CrewId::new("old-1").unwrap();
        let spec = LinkSpec::standing(portal());
        let exists = tables.links.issue(&crew, &spec).await;
        assert!(matches!(exists, Err(Error::LinkExists { .. })), "{exists:?}");
        let link = tables.links.rotate(&crew, &spec, Duration::ZERO).await.unwrap();
        tables.links.verify(&back(&link)).await.unwrap();
        tables.links.revoke_all(&crew).await.unwrap();
    }
    let missing = jada_roster::CrewId::new("nobody").unwrap();
    let missing = tables.links.issue(&missing, &LinkSpec::standing(portal())).await;
    assert!(matches!(missing, Err(Error::NotFound { .. })), "{missing:?}");
}
