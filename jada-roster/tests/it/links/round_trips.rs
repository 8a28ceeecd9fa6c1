//! How many requests each call takes.

use std::time::Duration;

use jada_roster::{BrowserNonce, CompactLength, LinkSpec, MagicLinks};

use super::tables::{Tables, back, portal};
use crate::faults::Faulty;

const READ: &str = "GetItem";
const WRITE: &str = "UpdateItem";
const TRANSACTION: &str = "TransactWriteItems";

#[tokio::test]
async fn each_call_takes_one_request() {
    let faulty = Faulty::new();
    let tables = Tables::new(faulty.client()).await;
    let (links, ann) = (&tables.links, tables.member(1).await);
    let crew = ann.id();
    faulty.requests();

    let single = links.issue(crew, &LinkSpec::single_use(portal())).await.unwrap();
    let session = links.issue(crew, &LinkSpec::session(portal())).await.unwrap();
    let standing = links.issue(crew, &LinkSpec::standing(portal())).await.unwrap();
    assert_eq!(faulty.requests(), [TRANSACTION; 3], "issue");
    links.rotate(crew, &LinkSpec::standing(portal()), Duration::ZERO).await.unwrap();
    let rotated = links.rotate(crew, &LinkSpec::standing(portal()), HOUR).await.unwrap();
    assert_eq!(faulty.requests(), [TRANSACTION; 2], "rotate");

    links.verify(&back(&rotated)).await.unwrap();
    links.redeem(&back(&rotated)).await.unwrap();
    links.verify(&back(&standing)).await.unwrap_err();
    links.verify(&back(&session)).await.unwrap();
    assert_eq!(faulty.requests(), [READ; 4], "verify");

    links.peek(&back(&single)).await.unwrap();
    links.peek(&back(&session)).await.unwrap();
    links.peek(&back(&rotated)).await.unwrap_err();
    assert_eq!(faulty.requests(), [READ; 2], "peek, where the text may be of such a link");

    let nonce = BrowserNonce::generate().unwrap();
    links.consume(&back(&single).by(nonce.clone())).await.unwrap();
    links.consume(&back(&single).by(nonce)).await.unwrap();
    links.consume(&back(&single)).await.unwrap_err();
    links.redeem(&back(&session)).await.unwrap_err();
    links.end_session(&back(&session)).await.unwrap();
    assert_eq!(faulty.requests(), [WRITE; 5], "consume, and the reason of a refusal with it");

    links.consume(&back(&rotated)).await.unwrap_err();
    assert_eq!(faulty.requests(), [""; 0], "a text that shows its kind asks nothing");
}

#[tokio::test]
async fn compact_links_take_one_request_too() {
    let faulty = Faulty::new();
    let tables = Tables::new(faulty.client()).await;
    let (links, ann) = (&tables.links, tables.member(1).await);
    let standing = LinkSpec::standing(portal()).compact(CompactLength::LONGEST);
    faulty.requests();

    let link = links.issue(ann.id(), &standing).await.unwrap();
    assert_eq!(faulty.requests(), [TRANSACTION]);
    links.verify(&back(&link)).await.unwrap();
    assert_eq!(faulty.requests(), [READ]);
    links.redeem(&back(&link)).await.unwrap();
    assert_eq!(faulty.requests(), [WRITE], "what comes back with the refusal says that it stands");
    links.rotate(ann.id(), &standing, HOUR).await.unwrap();
    assert_eq!(faulty.requests(), [TRANSACTION, "BatchGetItem", TRANSACTION]);
}

const HOUR: Duration = Duration::from_secs(60 * 60);
