//! Each call asks for the smallest scope that suffices and was granted.

use jada_loopback_issuer::{Gmail as Server, GmailMethod};
use jada_mail::{DraftId, Error, Gmail, MessageRef, Proof, Query, Transport};

use super::{FULL, MODIFY, SECRET, Tokens, failure, google, letter};

const SEND: &str = Gmail::SCOPE_SEND;
const COMPOSE: &str = Gmail::SCOPE_COMPOSE;
const READONLY: &str = Gmail::SCOPE_READONLY;

/// A server whose token is good for these scopes alone, and an account with them.
fn granting(scopes: &[&'static str]) -> (Server, Gmail, Tokens) {
    let server = Server::builder().token(SECRET, scopes.iter().copied()).start().unwrap();
    let tokens = Tokens::granting(scopes);
    let gmail = Gmail::new(google(&server.endpoint(), tokens.clone()).build());
    (server, gmail, tokens)
}

/// What was asked for last.
fn asked(tokens: &Tokens) -> String {
    tokens.asked.lock().unwrap().last().unwrap().to_string()
}

#[tokio::test]
async fn a_mail_is_sent_by_the_smallest_scope_that_was_granted() {
    for (granted, smallest) in [
        (&[SEND, COMPOSE, MODIFY, FULL, READONLY][..], SEND),
        (&[COMPOSE, MODIFY, FULL], COMPOSE),
        (&[MODIFY, FULL], MODIFY),
        (&[FULL], FULL),
    ] {
        let (server, gmail, tokens) = granting(granted);
        Transport::send(&gmail, &letter("a")).await.unwrap();
        assert_eq!(asked(&tokens), smallest);
        assert_eq!(server.sent().len(), 1);
    }
}

#[tokio::test]
async fn drafts_and_search_have_scopes_of_their_own() {
    let (server, gmail, tokens) = granting(&[SEND, COMPOSE, READONLY]);
    let letter = letter("a");
    let draft = gmail.stage(&letter).await.unwrap();
    assert_eq!(asked(&tokens), COMPOSE);
    gmail.send_staged(&draft, &letter).await.unwrap();
    assert_eq!(asked(&tokens), COMPOSE);
    let trace = letter.trace(server.sent()[0].internal_date);
    assert!(gmail.find_sent(&trace).await.unwrap().is_some());
    assert_eq!(asked(&tokens), READONLY);
    assert_eq!(gmail.remove_drafts(&trace).await.unwrap(), 0);
    assert_eq!(asked(&tokens), COMPOSE);
    let found = gmail.search(&Query::new()).next().await.unwrap().unwrap();
    assert_eq!(asked(&tokens), READONLY);
    gmail.fetch(&found).await.unwrap();
    assert_eq!(asked(&tokens), READONLY);
    assert_eq!(gmail.address().await.unwrap().email(), "me@example.com");
    assert_eq!(asked(&tokens), READONLY);
    assert_eq!(server.calls(GmailMethod::Profile), 1);
}

#[tokio::test]
async fn the_proof_is_what_the_scopes_allow() {
    for (granted, proof) in [
        (&[][..], Proof::Nothing),
        (&[SEND], Proof::Nothing),
        (&[SEND, COMPOSE], Proof::Drafts),
        (&[SEND, READONLY], Proof::Search),
        (&[COMPOSE, READONLY], Proof::DraftsAndSearch),
        (&[MODIFY], Proof::DraftsAndSearch),
        (&[FULL], Proof::DraftsAndSearch),
    ] {
        let (server, gmail, _) = granting(granted);
        assert_eq!(gmail.proof().await.unwrap(), proof, "{granted:?}");
        assert_eq!(server.requests(), 0);
    }
}

#[tokio::test]
async fn what_no_scope_allows_is_blocked_and_says_which_to_consent_to() {
    let (server, gmail, _) = granting(&["https://www.googleapis.com/auth/drive.file"]);
    let letter = letter("a");
    let trace = letter.trace("2026-05-01T12:00:00Z".parse().unwrap());
    let draft: DraftId = "r-1".parse().unwrap();
    let mail = MessageRef::new("19a", "19a".parse().unwrap()).unwrap();
    for (error, scope) in [
        (Transport::send(&gmail, &letter).await.unwrap_err(), SEND),
        (gmail.stage(&letter).await.unwrap_err(), COMPOSE),
        (gmail.send_staged(&draft, &letter).await.unwrap_err(), COMPOSE),
        (gmail.find_sent(&trace).await.unwrap_err(), READONLY),
        (gmail.remove_drafts(&trace).await.unwrap_err(), COMPOSE),
        (gmail.search(&Query::new()).next().await.unwrap().unwrap_err(), READONLY),
        (gmail.raw(&mail).await.unwrap_err(), READONLY),
        (gmail.address().await.unwrap_err(), READONLY),
    ] {
        assert!(matches!(error, Error::Blocked { .. }), "{error:?}");
        let jada_auth::Error::ScopesMissing { missing } = failure(&error) else {
            panic!("{error:?}");
        };
        assert_eq!(missing.to_string(), scope);
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn a_scope_that_google_does_not_honour_is_blocked_by_its_word() {
    let server = Server::builder().token(SECRET, [READONLY]).start().unwrap();
    let gmail = Gmail::new(google(&server.endpoint(), Tokens::granting(&[SEND])).build());
    let error = Transport::send(&gmail, &letter("a")).await.unwrap_err();
    assert!(matches!(error, Error::Blocked { .. }), "{error:?}");
    let text = failure(&error).to_string();
    assert!(text.contains("403 (insufficientPermissions)"), "{text}");
}
