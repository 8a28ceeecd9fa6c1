//! Texts short enough to be guessed.

use std::time::Duration;

use jada_roster::{
    AttemptLimit, CompactLength, DynamoLinks, EmbeddedEngine, Error, LegacyLinks, LinkRefusal,
    LinkSpec, MagicLinks, MemoryLinks, MemoryRoster, RosterRepository,
};

use super::tables::{Tables, back, member, portal, presented, refusal};
use crate::faults::Faulty;

fn short() -> LinkSpec {
    LinkSpec::single_use(portal()).compact(CompactLength::SHORTEST)
}

#[tokio::test]
async fn without_a_limit_none_is_made_and_none_is_accepted() {
    let faulty = Faulty::new();
    let tables = Tables::new(faulty.client()).await;
    let ann = tables.member(1).await;
    let link = tables.links.issue(ann.id(), &short()).await.unwrap();
    let unlimited =
        DynamoLinks::builder(tables.client.clone(), tables.peppers.clone()).build().unwrap();
    let in_memory = MemoryRoster::new();
    in_memory.add(&member(1)).await.unwrap();
    let in_memory = MemoryLinks::new(&in_memory).unwrap();
    faulty.requests();
    let all: [&dyn MagicLinks; 2] = [&unlimited, &in_memory];
    for links in all {
        let refused = links.issue(ann.id(), &short()).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid { .. }), "{refused}");
        for outcome in [
            links.verify(&back(&link)).await,
            links.consume(&back(&link)).await,
            links.redeem(&back(&link)).await,
        ] {
            assert_eq!(refusal(outcome), LinkRefusal::NotAccepted);
        }
    }
    assert_eq!(faulty.requests(), [""; 0], "nothing is asked");
    tables.links.consume(&back(&link)).await.unwrap();
}

#[tokio::test]
async fn attempts_are_limited_by_source_and_all_together() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let limit = AttemptLimit::per_minute(3.try_into().unwrap(), 5.try_into().unwrap());
    let tables = Tables::built(client, |builder| builder.compact(limit)).await;
    let ann = tables.member(1).await;
    let long = tables.links.issue(ann.id(), &LinkSpec::standing(portal())).await.unwrap();
    let guess =
        |number: usize, source: &str| presented(&format!("A{number:07}")).from(source.to_owned());
    let mut outcomes = Vec::new();
    for source in ["203.0.113.1", "203.0.113.2", "203.0.113.3"] {
        for number in 0..4 {
            outcomes.push(match tables.links.redeem(&guess(number, source)).await {
                Err(Error::LinkRefused { reason: LinkRefusal::Unknown }) => 'u',
                Err(Error::TooManyAttempts { retry_after }) => {
                    assert!(retry_after <= Duration::from_secs(20), "{retry_after:?}");
                    't'
                }
                other => panic!("{other:?}"),
            });
        }
    }
    assert_eq!(outcomes.iter().collect::<String>(), "uuutuutttttt");
    tables.links.verify(&back(&long)).await.expect("what nobody guesses is not limited");
    tables.clock.advance(Duration::from_secs(60));
    let again = tables.links.redeem(&guess(9, "203.0.113.1")).await;
    assert_eq!(refusal(again), LinkRefusal::Unknown);
}

#[tokio::test]
async fn links_of_older_tools_do_not_let_ours_in_without_a_limit_of_their_own() {
    let faulty = Faulty::new();
    let tables = Tables::new(faulty.client()).await;
    let ann = tables.member(1).await;
    let legacy = LegacyLinks::new(portal(), 8..=200, AttemptLimit::default());
    let lenient = DynamoLinks::builder(tables.client.clone(), tables.peppers.clone())
        .legacy(legacy)
        .clock(tables.clock.clone())
        .build()
        .unwrap();
    let standing = LinkSpec::standing(portal()).compact(CompactLength::LONGEST);
    for spec in [short(), standing] {
        let link = tables.links.issue(ann.id(), &spec).await.unwrap();
        faulty.requests();
        for number in 0..4 {
            let by = back(&link).from(format!("203.0.113.{number}"));
            assert_eq!(refusal(lenient.redeem(&by).await), LinkRefusal::NotAccepted);
            assert_eq!(refusal(lenient.verify(&by).await), LinkRefusal::NotAccepted);
        }
        assert_eq!(faulty.requests(), ["BatchGetItem"; 8], "no text of ours is asked for");
        tables.links.redeem(&back(&link)).await.expect("none of these used it up");
    }
}
