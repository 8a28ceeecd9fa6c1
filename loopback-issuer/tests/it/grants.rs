//! What is minted, for whom, and for how long.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jada_loopback_issuer::Issuer;

use crate::client::Client;

#[test]
fn a_refresh_token_is_good_for_access_tokens_until_it_is_revoked() {
    let issuer = Issuer::builder().scope("a b").start().unwrap();
    let (consent, mut client) = (issuer.consent(), Client::of(&issuer));

    let (first, second) = (client.refresh(&consent).unwrap(), client.refresh(&consent).unwrap());
    assert_eq!(first.json()["token_type"], "Bearer");
    assert_eq!(first.json()["expires_in"], 3599);
    assert_eq!(first.json()["scope"], "a b");
    assert!(first.json().get("refresh_token").is_none());
    assert_ne!(first.text("access_token"), second.text("access_token"));
    assert!(
        issuer.is_live(&first.text("access_token")) && issuer.is_live(&second.text("access_token"))
    );

    issuer.revoke_all();
    assert!(!issuer.is_live(&first.text("access_token")));
    assert_eq!(client.refresh(&consent).unwrap().verdict(), (400, "invalid_grant".to_owned()));
    assert_eq!(client.refresh(&issuer.consent()).unwrap().status, 200);
}

#[test]
fn a_spent_refresh_token_that_comes_again_revokes_its_family_alone() {
    let issuer = Issuer::builder().rotating().start().unwrap();
    let (first, other, mut client) = (issuer.consent(), issuer.consent(), Client::of(&issuer));
    let bystander = client.refresh(&other).unwrap();

    let second = client.refresh(&first).unwrap();
    let third = client.refresh(&second.text("refresh_token")).unwrap();
    assert!(
        third.text("refresh_token").starts_with("rt-")
            && third.text("access_token").starts_with("at-")
    );
    assert!(
        issuer.is_live(&second.text("access_token")) && issuer.is_live(&third.text("access_token"))
    );

    for dead in [first, second.text("refresh_token"), third.text("refresh_token")] {
        assert_eq!(client.refresh(&dead).unwrap().verdict(), (400, "invalid_grant".to_owned()));
    }
    assert!(
        !issuer.is_live(&second.text("access_token"))
            && !issuer.is_live(&third.text("access_token"))
    );
    assert!(issuer.is_live(&bystander.text("access_token")));
    assert_eq!(client.refresh(&bystander.text("refresh_token")).unwrap().status, 200);
}

#[test]
fn an_access_token_dies_of_age() {
    let issuer = Issuer::builder().expires_in(Duration::from_secs(600)).start().unwrap();
    let (consent, mut client) = (issuer.consent(), Client::of(&issuer));
    let reply = client.refresh(&consent).unwrap();
    assert_eq!(reply.json()["expires_in"], 600);

    let token = reply.text("access_token");
    let bearer = format!("Authorization: Bearer {token}\r\n");
    issuer.age(Duration::from_secs(300));
    assert!(issuer.is_live(&token));
    assert_eq!(client.get("/whoami", &bearer).status, 200);
    issuer.age(Duration::from_secs(300));
    assert!(!issuer.is_live(&token));
    assert_eq!(client.get("/whoami", &bearer).verdict(), (401, "invalid_token".to_owned()));
    assert_eq!(client.refresh(&consent).unwrap().status, 200);
}

#[test]
fn a_life_without_end_is_no_trouble() {
    let issuer = Issuer::builder().expires_in(Duration::MAX).start().unwrap();
    let token = Client::of(&issuer).refresh(&issuer.consent()).unwrap().text("access_token");
    issuer.age(Duration::MAX);
    assert!(issuer.is_live(&token));
}

#[test]
fn a_client_shows_its_secret_in_the_header_or_in_the_form() {
    let issuer = Issuer::start().unwrap();
    let grant = format!("grant_type=refresh_token&refresh_token={}", issuer.consent());
    let (id, secret) = (issuer.client_id(), issuer.client_secret());
    let mut client = Client::of(&issuer);
    let basic = |id: &str, secret: &str| {
        format!("Authorization: Basic {}\r\n", STANDARD.encode(format!("{id}:{secret}")))
    };

    assert_eq!(client.post(&basic(id, secret), &grant).status, 200);
    assert_eq!(
        client.post("", &format!("{grant}&client_id={id}&client_secret={secret}")).status,
        200
    );
    for (headers, form) in [
        (String::new(), grant.clone()),
        (String::new(), format!("{grant}&client_id={id}")),
        (String::new(), format!("{grant}&client_id={id}&client_secret=other")),
        (basic(id, "other"), grant.clone()),
        (basic("other", secret), grant.clone()),
    ] {
        assert_eq!(
            client.post(&headers, &form).verdict(),
            (401, "invalid_client".to_owned()),
            "{form}"
        );
    }
}

#[test]
fn an_assertion_is_good_for_the_scope_it_claims_and_no_client_is_asked_for() {
    let issuer = Issuer::start().unwrap();
    let mut client = Client::of(&issuer);
    let [header, claims] =
        [r#"{"alg":"RS256"}"#, r#"{"iss":"x","scope":"a b"}"#].map(|p| URL_SAFE_NO_PAD.encode(p));
    let form = |jwt: &str| {
        format!("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={jwt}")
    };

    let jwt = format!("{header}.{claims}.c2ln");
    let reply = client.post("", &form(&jwt));
    assert_eq!(reply.status, 200);
    assert!(reply.json().get("scope").is_none() && reply.json().get("refresh_token").is_none());
    let bearer = format!("Authorization: Bearer {}\r\n", reply.text("access_token"));
    assert_eq!(client.get("/whoami", &bearer).json()["scope"], "a b");
    assert_eq!(client.post("", &form("a.b.c")).verdict(), (400, "invalid_grant".to_owned()));

    assert_eq!(issuer.recorded()[0].assertion.as_deref(), Some(&*jwt));
    issuer.revoke_all();
    assert!(!issuer.is_live(&reply.text("access_token")));
}

#[test]
fn a_request_that_breaks_the_rules_is_told_which() {
    let issuer = Issuer::builder().scope("a b").start().unwrap();
    let mut client = Client::of(&issuer);
    let secret =
        format!("client_id={}&client_secret={}", issuer.client_id(), issuer.client_secret());
    let refresh = format!("grant_type=refresh_token&{secret}");
    let consent = issuer.consent();

    for (form, code) in [
        (String::new(), "invalid_request"),
        (refresh.clone(), "invalid_request"),
        (format!("{refresh}&refresh_token={consent}&refresh_token={consent}"), "invalid_request"),
        ("grant_type=password".to_owned(), "unsupported_grant_type"),
        (format!("{refresh}&refresh_token=rt-other"), "invalid_grant"),
        (format!("{refresh}&refresh_token={consent}&scope=a+c"), "invalid_scope"),
    ] {
        assert_eq!(client.post("", &form).verdict(), (400, code.to_owned()), "{form}");
    }
    let narrowed = client.post("", &format!("{refresh}&refresh_token={consent}&scope=b"));
    assert_eq!(narrowed.json()["scope"], "b");
}

#[test]
fn one_connection_serves_many_requests_and_counts_those_for_tokens() {
    let issuer = Issuer::start().unwrap();
    let mut client = Client::of(&issuer);
    assert_eq!(client.get("/requests", "").body, b"0");
    client.refresh(&issuer.consent()).unwrap();
    client.refresh("rt-other").unwrap();
    assert_eq!(client.get("/requests?now", "").body, b"2");
    assert_eq!(client.get("/token", "").status, 405);
    assert_eq!(client.get("/elsewhere", "").status, 404);
    assert!(client.get("/whoami", "").header("Date").unwrap().ends_with(" GMT"));
    assert_eq!(issuer.requests(), 2);

    client.get("/requests", "Connection: close\r\n");
    assert!(client.byte().is_err());
}

#[test]
fn what_arrived_is_recorded_and_shown_without_its_secrets() {
    let issuer = Issuer::start().unwrap();
    let consent = issuer.consent();
    Client::of(&issuer).refresh(&consent).unwrap();

    let recorded = issuer.recorded();
    assert_eq!(recorded[0].grant_type, "refresh_token");
    assert_eq!(recorded[0].refresh_token.as_ref(), Some(&consent));
    assert_eq!(recorded[0].scope, None);
    let shown = format!("{recorded:?} {issuer:?}");
    assert!(shown.contains("refresh_token") && shown.contains(&issuer.token_uri()));
    assert!(!shown.contains(&consent) && !shown.contains(issuer.client_secret()));
}
