//! What the sources send over the wire, and what they make of everything that may come back.

use std::{
    error::Error,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener},
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use jada_auth::{
    GOOGLE_TOKEN_URI, Heals, HttpClient, ManualClock, MintFailure, MintRequest, Minted,
    OAuthClient, Principal, RefreshToken, Scopes, Secret, ServiceAccount, Spent, TokenSource,
};
use jada_loopback_issuer::{Fault, Issuer};
use jiff::Timestamp;

#[tokio::test]
async fn a_refresh_token_mints_and_its_successor_is_passed_on() {
    let issuer = Issuer::builder().rotating().scope("mail drive").start().unwrap();
    let refresh_token = issuer.consent();
    let minted = mint(&refresher(&issuer), &refresh_token).await.unwrap();
    assert!(issuer.is_live(minted.access_token.expose()));
    assert_eq!(minted.expires_in, Some(Duration::from_secs(3599)));
    assert_eq!(minted.scopes, Some(scopes("drive mail")));
    assert_ne!(minted.refresh_token.unwrap().expose(), refresh_token);
    let now = Timestamp::now().as_second();
    assert!(now.abs_diff(minted.issuer_time.unwrap().as_second()) <= 2);
    let recorded = &issuer.recorded()[0];
    assert_eq!(recorded.grant_type, "refresh_token");
    assert_eq!(recorded.scope, None);
}

#[tokio::test]
async fn a_service_account_signs_for_itself_and_for_a_user() {
    let issuer = Issuer::start().unwrap();
    let source = service_account(&issuer).with_subject("ops@charter.example");
    let asked = scopes("mail drive");
    let minted = source.mint(MintRequest::new(None, &asked)).await.unwrap();
    assert!(issuer.is_live(minted.access_token.expose()));
    assert_eq!(minted.scopes, Some(asked));
    let recorded = &issuer.recorded()[0];
    assert_eq!(recorded.grant_type, "urn:ietf:params:oauth:grant-type:jwt-bearer");
    assert!(recorded.assertion.is_some() && recorded.refresh_token.is_none());
    let Principal::Key { name, subject, token_uri, .. } = source.principal() else {
        panic!("{:?}", source.principal())
    };
    assert_eq!(name, "roster@p.iam.gserviceaccount.com");
    assert_eq!((subject.as_deref(), token_uri), (Some("ops@charter.example"), issuer.token_uri()));
}

#[tokio::test]
async fn a_service_account_is_granted_what_it_asked_for_unless_the_answer_says_otherwise() {
    let (issuer, asked) = (Issuer::start().unwrap(), scopes("mail drive"));
    let source = service_account(&issuer);
    for (answer, granted) in [
        (r#"{"access_token":"s3cr3t"}"#, "mail drive"),
        (r#"{"access_token":"s3cr3t","scope":"mail"}"#, "mail"),
    ] {
        issuer.fail_next(Fault::answer(answer));
        let minted = source.mint(MintRequest::new(None, &asked)).await.unwrap();
        assert_eq!(minted.scopes, Some(scopes(granted)));
    }
}

#[tokio::test]
async fn a_client_may_say_who_it_is_in_a_header() {
    let issuer = Issuer::builder().rotating().start().unwrap();
    let client = OAuthClient::new(issuer.client_id(), issuer.token_uri());
    let client = client.with_secret(issuer.client_secret());
    let source = RefreshToken::builder(client).basic_auth().build().unwrap();
    let minted = mint(&source, &issuer.consent()).await.unwrap();
    assert!(issuer.is_live(minted.access_token.expose()));
}

#[tokio::test]
async fn the_form_carries_every_character_as_it_is() {
    let (uri, received) = answer_once("HTTP/1.1 503 \r\nContent-Length: 0\r\n\r\n");
    let client = OAuthClient::new("1-2.apps_x", &uri).with_secret("+&= %ü");
    let source = RefreshToken::builder(client).build().unwrap();
    mint(&source, "1//a~b").await.unwrap_err();
    let request = received.join().unwrap();
    let (head, form) = request.split_once("\r\n\r\n").unwrap();
    assert_eq!(
        form,
        "grant_type=refresh_token&refresh_token=1%2F%2Fa%7Eb&client_id=1-2.apps_x\
         &client_secret=%2B%26%3D+%25%C3%BC"
    );
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("post /token http/1.1\r\n"), "{head}");
    for header in [
        "accept: application/json",
        "content-type: application/x-www-form-urlencoded",
        concat!("user-agent: jada-auth/", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(head.lines().any(|line| line == header), "{head}");
    }
}

#[tokio::test]
async fn a_public_client_sends_no_secret() {
    let (uri, received) = answer_once("HTTP/1.1 503 \r\nContent-Length: 0\r\n\r\n");
    let source = RefreshToken::builder(OAuthClient::new("charter", &uri)).build().unwrap();
    mint(&source, "rt").await.unwrap_err();
    let request = received.join().unwrap();
    assert!(request.ends_with("grant_type=refresh_token&refresh_token=rt&client_id=charter"));
}

#[tokio::test]
async fn a_refusal_says_what_heals_it() {
    let html = Fault::Status {
        status: 404,
        headers: Vec::new(),
        content_type: "text/html".to_owned(),
        body: "<p>loopback-secret-that-guards-nothing</p>".to_owned(),
    };
    let table = [
        (Fault::error(400, "invalid_grant"), Heals::ByConsent, "invalid_grant", None),
        (Fault::error(401, "invalid_client"), Heals::ByConfiguration, "invalid_client", None),
        (Fault::error(400, "s3cr3t"), Heals::ByConfiguration, "http 400", None),
        (Fault::error(503, "invalid_grant"), Heals::ByItself, "http 503", None),
        (Fault::retry_after(503, 7), Heals::ByItself, "temporarily_unavailable", Some(7)),
        (Fault::retry_after(429, 120), Heals::ByItself, "temporarily_unavailable", Some(120)),
        (html, Heals::ByConfiguration, "http 404", None),
    ];
    for (fault, heals, code, wait) in table {
        let failure = refused(fault.clone()).await;
        assert_eq!((failure.heals, &*failure.code), (heals, code), "{fault:?}");
        assert_eq!(failure.spent, Spent::No, "{fault:?}");
        assert_eq!(failure.retry_after, wait.map(Duration::from_secs), "{fault:?}");
        assert!(failure.issuer_time.is_some(), "{fault:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_may_have_spent_the_refresh_token() {
    let table = [
        (Fault::Html, "not json"),
        (Fault::Hang, "no answer in time"),
        (Fault::Gate, "no answer in time"),
        (Fault::Reset, "answer lost"),
        (Fault::LostAnswer, "answer lost"),
        (Fault::Drip, "answer cut short"),
        (Fault::HalfBody, "answer cut short"),
        (Fault::Huge, "answer cut short"),
    ];
    let minting = table.map(|(fault, code)| (tokio::spawn(refused(fault.clone())), fault, code));
    for (failure, fault, code) in minting {
        let failure = failure.await.unwrap();
        assert_eq!((failure.heals, &*failure.code), (Heals::ByItself, code), "{fault:?}");
        assert_eq!((failure.spent, failure.retry_after), (Spent::Perhaps, None), "{fault:?}");
        assert_eq!(failure.source.is_some(), fault != Fault::Html, "{fault:?}");
    }
}

#[tokio::test]
async fn a_refresh_token_is_saved_from_an_answer_that_was_cut_short() {
    let (uri, received) = answer_once(
        "HTTP/1.1 200 \r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n\
         {\"refresh_token\":\"rt-2\",\"access_tok",
    );
    let source = RefreshToken::builder(OAuthClient::new("charter", &uri)).build().unwrap();
    let failure = mint(&source, "rt-1").await.unwrap_err();
    received.join().unwrap();
    assert_eq!(&*failure.code, "answer cut short");
    assert_eq!(failure.refresh_token.unwrap().expose(), "rt-2");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (issuer, elsewhere) = (Issuer::start().unwrap(), Issuer::start().unwrap());
    for status in [301, 302, 303, 307, 308] {
        issuer.fail_next(Fault::Status {
            status,
            headers: vec![("Location".to_owned(), elsewhere.token_uri())],
            content_type: "text/html".to_owned(),
            body: String::new(),
        });
        let failure = mint(&refresher(&issuer), &issuer.consent()).await.unwrap_err();
        assert_eq!((failure.heals, failure.spent), (Heals::ByItself, Spent::No));
        assert_eq!(failure.code, format!("http {status}"));
    }
    assert_eq!((issuer.requests(), elsewhere.requests()), (5, 0));
}

#[tokio::test]
async fn a_connection_that_is_refused_spends_nothing() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let uri = format!("http://{}/token", listener.local_addr().unwrap());
    drop(listener);
    let client = OAuthClient::new("charter", uri).with_secret("s3cr3t-client");
    let source = RefreshToken::builder(client).build().unwrap();
    let failure = mint(&source, "s3cr3t-refresh").await.unwrap_err();
    assert_eq!((failure.heals, failure.spent), (Heals::ByItself, Spent::No));
    assert_eq!(failure.code, "no connection");
    assert_silent(&failure, "s3cr3t");
    assert!(printed(&failure).contains("refused"), "{failure:?}");
}

#[tokio::test]
async fn a_time_out_before_the_request_is_sent_spends_nothing() {
    // Accepted by the system, and nobody ever shakes hands for TLS.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let uri = format!("https://{}/token", listener.local_addr().unwrap());
    let http = HttpClient::new().with_timeout(SHORT);
    let source = RefreshToken::builder(OAuthClient::new("charter", uri)).http(http);
    let failure = mint(&source.build().unwrap(), "s3cr3t").await.unwrap_err();
    assert_eq!(failure.spent, Spent::No, "{failure:?}");
    assert_silent(&failure, "s3cr3t");
}

#[tokio::test]
async fn one_mint_is_one_request_whatever_becomes_of_it() {
    for fault in [Fault::Reset, Fault::LostAnswer, Fault::retry_after(503, 0), Fault::HalfBody] {
        let issuer = Issuer::start().unwrap();
        let (source, refresh_token) = (refresher(&issuer), issuer.consent());
        mint(&source, &refresh_token).await.unwrap();
        issuer.fail_always(fault.clone());
        mint(&source, &refresh_token).await.unwrap_err();
        assert_eq!(issuer.requests(), 2, "{fault:?}");
    }
}

#[tokio::test]
async fn a_service_accounts_refusal_is_for_who_configures_it() {
    let issuer = Issuer::start().unwrap();
    let hour = Duration::from_secs(3600);
    let slow = ManualClock::new(Timestamp::now() - hour);
    let fast = ManualClock::new(Timestamp::now() + hour);
    let right = ManualClock::new(Timestamp::now());
    let table = [
        (slow, "invalid_grant", "s behind the issuer's"),
        (fast, "invalid_grant", "s ahead of the issuer's"),
        (right, "invalid_grant", "the key k1 of roster@p.iam.gserviceaccount.com was deleted"),
        (ManualClock::new(Timestamp::now()), "unauthorized_client", "domain-wide delegation"),
        (ManualClock::new(Timestamp::now()), "access_denied", "domain-wide delegation"),
    ];
    for (clock, code, advice) in table {
        issuer.fail_next(Fault::error(400, code));
        let source = service_account(&issuer).with_clock(Arc::new(clock));
        let asked = scopes("mail");
        let failure = source.mint(MintRequest::new(None, &asked)).await.unwrap_err();
        assert_eq!((failure.heals, &*failure.code), (Heals::ByConfiguration, code));
        assert!(failure.mend.as_ref().unwrap().contains(advice), "{failure:?}");
        let assertion = issuer.recorded().pop().unwrap().assertion.unwrap();
        assert_silent(&failure, &assertion);
    }
}

#[test]
fn a_source_is_built_without_a_runtime_and_prints_no_secret() {
    let google = RefreshToken::google("1234.apps", "s3cr3t-client");
    let Principal::AuthorizedUser(client) = google.principal() else { panic!("{google:?}") };
    assert_eq!((&*client.id, &*client.token_uri), ("1234.apps", GOOGLE_TOKEN_URI));
    let builder = RefreshToken::builder(client).http(HttpClient::default());
    let key = ServiceAccount::from_json(key(GOOGLE_TOKEN_URI)).unwrap();
    let printed = format!("{google:?} {builder:?} {key:#?} {:?}", key.principal());
    assert!(!printed.contains("s3cr3t") && !printed.contains(&PEM[400..410]), "{printed}");
    assert!(printed.contains("roster@p.iam.gserviceaccount.com"), "{printed}");
}

#[test]
fn secrets_are_not_sent_in_the_clear() {
    let client = OAuthClient::new("charter", "http://accounts.example/token?key=s3cr3t");
    let error = RefreshToken::builder(client).build().unwrap_err();
    assert!(!error.is_transient());
    assert!(error.to_string().starts_with("using `http://accounts.example/token`"), "{error}");
    assert!(!format!("{error:?}").contains("s3cr3t"));
    assert!(ServiceAccount::from_json(key("http://accounts.example/token")).is_err());
}

/// Mints with that fault, and sees that no secret is in the failure.
async fn refused(fault: Fault) -> MintFailure {
    let issuer = Issuer::builder().rotating().start().unwrap();
    let refresh_token = issuer.consent();
    let endless = matches!(fault, Fault::Hang | Fault::Gate | Fault::Drip);
    let timeout = if endless { SHORT } else { HttpClient::REQUEST_TIMEOUT };
    issuer.fail_next(fault);
    let source = refresher_within(timeout, &issuer);
    let failure = mint(&source, &refresh_token).await.unwrap_err();
    for secret in [&*refresh_token, issuer.client_secret(), "at-", "s3cr3t", "<"] {
        assert_silent(&failure, secret);
    }
    failure
}

fn refresher(issuer: &Issuer) -> RefreshToken {
    refresher_within(HttpClient::REQUEST_TIMEOUT, issuer)
}

fn refresher_within(timeout: Duration, issuer: &Issuer) -> RefreshToken {
    let client = OAuthClient::new(issuer.client_id(), issuer.token_uri());
    let http = HttpClient::new().with_timeout(timeout);
    RefreshToken::builder(client.with_secret(issuer.client_secret())).http(http).build().unwrap()
}

fn service_account(issuer: &Issuer) -> ServiceAccount {
    ServiceAccount::from_json(key(&issuer.token_uri())).unwrap()
}

fn key(token_uri: &str) -> String {
    let pem = PEM.replace('\n', "\\n");
    format!(
        r#"{{"type":"service_account","client_email":"roster@p.iam.gserviceaccount.com",
            "private_key":"{pem}","private_key_id":"k1","token_uri":"{token_uri}"}}"#
    )
}

async fn mint(source: &RefreshToken, refresh_token: &str) -> Result<Minted, MintFailure> {
    let (presented, asked) = (Secret::new(refresh_token), scopes("mail"));
    source.mint(MintRequest::new(Some(&presented), &asked)).await
}

fn scopes(text: &str) -> Scopes {
    text.parse().unwrap()
}

#[track_caller]
fn assert_silent(failure: &MintFailure, secret: &str) {
    let printed = printed(failure);
    assert!(!printed.contains(secret), "{printed}");
}

/// All that can be printed of a failure, down to what caused it at last.
fn printed(failure: &MintFailure) -> String {
    let mut printed = format!("{failure:?} {failure:#?}");
    let mut cause = failure.source.as_deref().map(|source| source as &dyn Error);
    while let Some(error) = cause {
        printed.push_str(&format!(" {error} {error:?} {error:#?}"));
        cause = error.source();
    }
    printed
}

/// Reads one request whole, answers it, and closes.
fn answer_once(answer: &'static str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let uri = format!("http://{}/token", listener.local_addr().unwrap());
    let received = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !is_whole(&request) {
            let mut bytes = [0; 1024];
            let count = stream.read(&mut bytes).unwrap();
            assert!(count > 0, "closed too early");
            request.extend_from_slice(&bytes[..count]);
        }
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8(request).unwrap()
    });
    (uri, received)
}

fn is_whole(request: &[u8]) -> bool {
    let request = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.unwrap().parse::<usize>().unwrap()
}

const PEM: &str = include_str!("../data/test-only-key.pem");

/// Ends what hangs or drips.
const SHORT: Duration = Duration::from_secs(1);
