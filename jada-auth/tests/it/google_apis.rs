//! A generated crate, google-gmail1, with the tokens of a provider: which calls are tried again,
//! how often, and what the others end with.

use std::{
    future::{self, Future},
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use google_apis_common::{Delegate, Error as CallError, GetToken, Retry};
use google_gmail1::{
    Gmail,
    api::{Message, Profile, Scope},
};
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{AUTHORIZATION, CONTENT_TYPE, LOCATION},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use jada_auth::{
    AccessToken, Clock as _, Error, FixedProvider, GoogleApis, Health, HealthStatus, ManualClock,
    MemoryStore, OAuthClient, RefreshToken, RetryOn401, Scopes, SharedProvider, SystemClock,
    TokenProvider,
};
use jada_loopback_issuer::Issuer;
use jiff::Timestamp;
use serde_json::json;
use tokio::{
    net::TcpListener,
    sync::{Barrier, Semaphore},
    task::JoinSet,
};

use crate::support::HOUR;

#[tokio::test]
async fn a_call_is_sent_with_the_token_of_the_provider() {
    let desk = Desk::new();
    let server = desk.serve().await;
    let hub = hub(&server, desk.auth());
    let (_, profile) = hub.users().get_profile("me").doit().await.unwrap();
    assert_eq!(profile.email_address.unwrap(), "crew@charter.example");
    let token = desk.provider.cached(desk.provider.scopes()).unwrap();
    assert_eq!(server.bearers(), [token.secret().expose()]);
    assert_eq!(desk.issuer.requests(), 1);
}

#[tokio::test]
async fn a_rejected_token_is_replaced_and_the_call_is_answered() {
    let desk = Desk::new();
    let server = desk.serve().await;
    let auth = desk.auth();
    let (hub, mut retry) = (hub(&server, auth.clone()), auth.delegate());
    call(&hub, &mut retry).await.unwrap();
    for round in 1..=2 {
        desk.end_tokens();
        call(&hub, &mut retry).await.unwrap();
        assert_eq!(server.bearers().len(), 1 + 2 * round);
        assert_eq!(desk.issuer.requests(), 1 + round);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_calls_whose_token_is_rejected_cause_one_refresh() {
    for _ in 0..10 {
        let desk = Desk::new();
        let (arrived, all) = (Arc::new(AtomicUsize::new(0)), Arc::new(Barrier::new(CALLS)));
        let issuer = Arc::clone(&desk.issuer);
        let server = Server::start(move |seen| {
            let (issuer, arrived, all) = (issuer.clone(), arrived.clone(), all.clone());
            async move {
                // Each is sent with the first token before any is answered.
                if arrived.fetch_add(1, Ordering::SeqCst) < CALLS {
                    all.wait().await;
                }
                gmail(&issuer, &seen)
            }
        })
        .await;
        desk.provider.token(desk.provider.scopes()).await.unwrap();
        desk.end_tokens();
        let (auth, mut calls) = (desk.auth(), JoinSet::new());
        let hub = hub(&server, auth.clone());
        for _ in 0..CALLS {
            let (hub, mut retry) = (hub.clone(), auth.delegate());
            calls.spawn(async move { call(&hub, &mut retry).await.map(drop) });
        }
        for outcome in calls.join_all().await {
            outcome.unwrap();
        }
        assert_eq!((server.bearers().len(), desk.issuer.requests()), (2 * CALLS, 2));
        assert_eq!(desk.provider.counters().rejections, 1);
    }
}

#[tokio::test]
async fn an_answer_that_comes_late_spoils_no_newer_token() {
    let desk = Desk::new();
    let (arrived, released) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (issuer, held) = (Arc::clone(&desk.issuer), (arrived.clone(), released.clone()));
    let server = Server::start(move |seen| {
        let (issuer, (arrived, released)) = (issuer.clone(), held.clone());
        async move {
            let answer = gmail(&issuer, &seen);
            if seen.path.contains("/late/") {
                arrived.add_permits(1);
                released.acquire().await.unwrap().forget();
            }
            answer
        }
    })
    .await;
    desk.provider.token(desk.provider.scopes()).await.unwrap();
    desk.end_tokens();
    let auth = desk.auth();
    let hub = hub(&server, auth.clone());
    let (mut slow, mut quick) = (auth.delegate(), auth.delegate());
    let late = tokio::spawn({
        let hub = hub.clone();
        async move { hub.users().get_profile("late").delegate(&mut slow).doit().await.map(drop) }
    });
    arrived.acquire().await.unwrap().forget();
    call(&hub, &mut quick).await.unwrap();
    let newer = desk.provider.cached(desk.provider.scopes()).unwrap();

    released.add_permits(2);
    late.await.unwrap().unwrap();
    assert!(desk.provider.cached(desk.provider.scopes()).unwrap().is_same_as(&newer));
    assert_eq!((server.bearers().len(), desk.issuer.requests()), (4, 2));
    assert_eq!(server.bearers()[3], newer.secret().expose());
}

#[tokio::test]
async fn a_second_401_ends_the_call_with_what_the_server_said() {
    for in_json in [true, false] {
        let desk = Desk::new();
        let body = if in_json { unauthorized() } else { "<p>no</p>".to_owned() };
        let server = Server::start(move |_| future::ready(answer(401, body.clone()))).await;
        let auth = desk.auth();
        desk.provider.token(desk.provider.scopes()).await.unwrap();
        desk.clock.advance(LONGER_THAN_FRESH);
        let error = call(&hub(&server, auth.clone()), &mut auth.delegate()).await.unwrap_err();
        match error {
            CallError::BadRequest(said) if in_json => assert_eq!(said["error"]["code"], 401),
            CallError::Failure(said) if !in_json => assert_eq!(said.status(), 401),
            other => panic!("{other:?}"),
        }
        let bearers = server.bearers();
        assert_eq!((bearers.len(), desk.issuer.requests()), (2, 2));
        assert_ne!(bearers[0], bearers[1]);
    }
}

#[tokio::test]
async fn a_token_that_is_rejected_right_after_its_minting_is_not_replaced() {
    let desk = Desk::new();
    let server = Server::start(|_| future::ready(answer(401, unauthorized()))).await;
    let auth = desk.auth();
    let error = call(&hub(&server, auth.clone()), &mut auth.delegate()).await.unwrap_err();
    assert!(matches!(ours(error), Error::FreshTokenRejected { .. }));
    assert_eq!((server.bearers().len(), desk.issuer.requests()), (1, 1));
}

#[tokio::test]
async fn other_failures_are_not_tried_again() {
    for status in [400, 403, 404, 429, 500, 503] {
        let desk = Desk::new();
        let server = Server::start(move |_| future::ready(answer(status, "{}".to_owned()))).await;
        let auth = desk.auth();
        let error = call(&hub(&server, auth.clone()), &mut auth.delegate()).await.unwrap_err();
        assert!(matches!(error, CallError::BadRequest(_)), "{error:?}");
        assert_eq!((server.bearers().len(), desk.provider.counters().rejections), (1, 0));
    }
}

#[tokio::test]
async fn a_chunk_of_an_upload_is_not_sent_again() {
    let desk = Desk::new();
    let chunks = Arc::new(AtomicUsize::new(0));
    let (address, counted) = (Arc::new(Mutex::new(None::<SocketAddr>)), chunks.clone());
    let known = address.clone();
    let server = Server::start(move |seen| {
        let (address, counted) = (known.lock().unwrap().unwrap(), counted.clone());
        async move {
            if !seen.path.starts_with("/chunks") {
                let mut started = answer(200, String::new());
                let location = format!("http://{address}/chunks").parse().unwrap();
                started.headers_mut().insert(LOCATION, location);
                return started;
            }
            // The generated crate takes the second answer for that to the whole upload.
            let refused = counted.fetch_add(1, Ordering::SeqCst) == 0;
            if refused { answer(401, unauthorized()) } else { answer(200, "{}".to_owned()) }
        }
    })
    .await;
    *address.lock().unwrap() = Some(server.address);
    let auth = desk.auth();
    let (hub, mut retry) = (hub(&server, auth.clone()), auth.delegate());
    let users = hub.users();
    let send = users.messages_send(Message::default(), "me").add_scope(Scope::Readonly);
    let mail = std::io::Cursor::new(vec![b'a'; 300_000]);
    let mime = "message/rfc822".parse().unwrap();
    let sent = send.delegate(&mut retry).upload_resumable(mail, mime).await;
    assert!(matches!(sent.unwrap_err(), CallError::Failure(said) if said.status() == 401));
    assert_eq!((chunks.load(Ordering::SeqCst), desk.provider.counters().rejections), (1, 0));
}

#[tokio::test]
async fn a_dead_grant_asks_for_consent_before_the_call_and_after_a_401() {
    for called_before in [false, true] {
        let desk = Desk::new();
        let server = desk.serve().await;
        let auth = desk.auth();
        let (hub, mut retry) = (hub(&server, auth.clone()), auth.delegate());
        if called_before {
            call(&hub, &mut retry).await.unwrap();
        }
        desk.end_tokens();
        desk.issuer.revoke_all();
        let error = call(&hub, &mut retry).await.unwrap_err();
        assert!(matches!(ours(error), Error::ConsentNeeded { .. }));
        assert_eq!(server.bearers().len(), if called_before { 2 } else { 0 });
    }
}

#[tokio::test]
async fn a_scope_that_was_not_granted_is_named_unless_the_caller_adds_another() {
    let token = AccessToken::builder("ya29.send", SystemClock.now());
    let token = token.scopes(Scopes::new([Scope::Send]).unwrap()).build().unwrap();
    let server = Server::start(|_| future::ready(answer(200, profile()))).await;
    let hub = hub(&server, GoogleApis::new(FixedProvider::new(token)));
    let error = hub.users().get_profile("me").doit().await.unwrap_err();
    let Error::ScopesMissing { missing } = ours(error) else { panic!("another error") };
    assert_eq!(missing, Scopes::new([Scope::Readonly]).unwrap());
    assert!(server.bearers().is_empty());

    hub.users().get_profile("me").add_scope(Scope::Send).doit().await.unwrap();
    assert_eq!(server.bearers(), ["ya29.send"]);
}

#[tokio::test]
async fn the_delegate_of_another_adapter_does_nothing() {
    let (desk, other) = (Desk::new(), Desk::new());
    let server = desk.serve().await;
    let auth = desk.auth();
    let (hub, text) = (hub(&server, auth.clone()), hub(&server, "ya29.text".to_owned()));
    call(&hub, &mut other.auth().delegate()).await.unwrap();
    desk.end_tokens();
    call(&hub, &mut other.auth().delegate()).await.unwrap_err();
    // It leaves its token behind on this thread.
    hub.users().get_profile("me").doit().await.unwrap_err();
    call(&text, &mut auth.delegate()).await.unwrap_err();
    assert_eq!((server.bearers().len(), desk.issuer.requests()), (4, 1));
    assert_eq!(desk.provider.counters().rejections, 0);
    assert_eq!(other.provider.counters().rejections, 0);
}

#[tokio::test]
async fn a_rejection_outlives_the_calls_that_were_dropped_while_reporting_it() {
    let token = AccessToken::builder("ya29.stale", SystemClock.now()).build().unwrap();
    let provider = Arc::new(Reluctant { token, told: Semaphore::new(0), may: Semaphore::new(0) });
    let auth = GoogleApis::new(provider.clone());
    let mut retry = auth.delegate();
    auth.get_token(&[]).await.unwrap();
    retry.pre_request();
    assert!(matches!(retry.http_failure(&rejection(), None), Retry::After(Duration::ZERO)));

    let dropped = auth.clone();
    let dropped = tokio::spawn(async move { dropped.get_token(&[]).await.map(drop) });
    provider.told.acquire().await.unwrap().forget();
    dropped.abort();
    assert!(dropped.await.unwrap_err().is_cancelled());

    provider.may.add_permits(1);
    auth.get_token(&[]).await.unwrap();
    assert_eq!(provider.told.available_permits(), 1);
    auth.get_token(&[]).await.unwrap();
    assert_eq!(provider.told.available_permits(), 1);
}

#[tokio::test]
async fn a_call_that_got_no_token_reports_none() {
    let token = AccessToken::builder("ya29.fixed", SystemClock.now()).build().unwrap();
    let provider = Arc::new(FixedProvider::new(token));
    let auth = GoogleApis::new(provider.clone());
    let mut retry = auth.delegate();
    auth.get_token(&[]).await.unwrap();
    auth.get_token(&["mail"]).await.unwrap_err();
    // As after a delegate that had a token of its own for this case.
    retry.pre_request();
    assert!(matches!(retry.http_failure(&rejection(), None), Retry::Abort));
    auth.get_token(&[]).await.unwrap();
    assert_eq!(provider.health().status, HealthStatus::Good);
}

#[tokio::test]
async fn no_secret_is_in_what_is_printed() {
    let desk = Desk::new();
    let server = desk.serve().await;
    let auth = desk.auth();
    let (hub, mut retry) = (hub(&server, auth.clone()), auth.delegate());
    call(&hub, &mut retry).await.unwrap();
    let token = desk.provider.cached(desk.provider.scopes()).unwrap();
    desk.end_tokens();
    let rejected = hub.users().get_profile("me").doit().await.unwrap_err();
    let mut printed = format!("{auth:#?} {retry:#?} {rejected} {rejected:#?}");
    desk.issuer.revoke_all();
    let dead = call(&hub, &mut retry).await.unwrap_err();
    printed.push_str(&format!("{auth:#?} {retry:#?} {dead} {dead:#?}"));
    assert!(printed.contains("GoogleApis") && printed.contains("consent"), "{printed}");
    for secret in [token.secret().expose(), desk.issuer.client_secret()] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

/// A grant to read mails, and the provider of its tokens.
struct Desk {
    issuer: Arc<Issuer>,
    clock: Arc<ManualClock>,
    provider: SharedProvider,
}

impl Desk {
    fn new() -> Self {
        let readonly = Scope::Readonly.as_ref();
        let issuer = Arc::new(Issuer::builder().rotating().scope(readonly).start().unwrap());
        let clock = Arc::new(ManualClock::new(Timestamp::now()));
        let client = OAuthClient::new(issuer.client_id(), issuer.token_uri());
        let source = RefreshToken::builder(client.with_secret(issuer.client_secret()));
        let store = MemoryStore::with_refresh_token(issuer.consent());
        let provider =
            SharedProvider::builder(source.build().unwrap(), store, readonly.parse().unwrap());
        let provider = provider.clock(clock.clone()).build();
        Self { issuer, clock, provider }
    }

    fn auth(&self) -> GoogleApis {
        GoogleApis::new(self.provider.clone())
    }

    /// Takes the tokens of this issuer that are live.
    async fn serve(&self) -> Server {
        let issuer = Arc::clone(&self.issuer);
        Server::start(move |seen| future::ready(gmail(&issuer, &seen))).await
    }

    /// No server takes the tokens minted so far any more, and the provider does not know.
    fn end_tokens(&self) {
        self.clock.advance(LONGER_THAN_FRESH);
        self.issuer.age(HOUR);
    }
}

/// A server at Gmail's address, as far as these tests call it.
struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

#[derive(Clone)]
struct Seen {
    path: String,
    bearer: String,
}

impl Server {
    /// Answers until the runtime ends.
    async fn start<A, F>(answer: A) -> Self
    where
        A: Fn(Seen) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Response<Full<Bytes>>> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let (address, seen) = (listener.local_addr().unwrap(), Arc::default());
        let server = Self { address, seen: Arc::clone(&seen) };
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (answer, seen) = (answer.clone(), Arc::clone(&seen));
                let service = service_fn(move |request| {
                    let (answer, seen) = (answer.clone(), Arc::clone(&seen));
                    async move {
                        let request = Seen::read(request).await?;
                        seen.lock().unwrap().push(request.clone());
                        Ok::<_, hyper::Error>(answer(request).await)
                    }
                });
                let connection = http1::Builder::new();
                tokio::spawn(connection.serve_connection(TokioIo::new(stream), service));
            }
        });
        server
    }

    /// The tokens that requests came with, in their order.
    fn bearers(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|seen| seen.bearer.clone()).collect()
    }
}

impl Seen {
    async fn read(request: Request<Incoming>) -> Result<Self, hyper::Error> {
        let path = request.uri().path().to_owned();
        let bearer = request.headers().get(AUTHORIZATION);
        let bearer = bearer.and_then(|it| it.to_str().ok()?.strip_prefix("Bearer "));
        let seen = Self { path, bearer: bearer.unwrap_or_default().to_owned() };
        request.into_body().collect().await?;
        Ok(seen)
    }
}

/// Hears of a rejection, and takes note of it only when it may.
#[derive(Debug)]
struct Reluctant {
    token: AccessToken,
    told: Semaphore,
    may: Semaphore,
}

#[async_trait]
impl TokenProvider for Reluctant {
    fn cached(&self, _: &Scopes) -> Option<AccessToken> {
        Some(self.token.clone())
    }

    async fn token(&self, _: &Scopes) -> Result<AccessToken, Error> {
        Ok(self.token.clone())
    }

    async fn invalidate(&self, rejected: &AccessToken) {
        assert!(rejected.is_same_as(&self.token));
        self.told.add_permits(1);
        self.may.acquire().await.unwrap().forget();
    }

    fn health(&self) -> Health {
        Health::good()
    }
}

fn hub(server: &Server, auth: impl GetToken + 'static) -> Gmail<HttpConnector> {
    let mut hub = Gmail::new(Client::builder(TokioExecutor::new()).build_http(), auth);
    hub.base_url(format!("http://{}/", server.address));
    hub.root_url(format!("http://{}/", server.address));
    hub
}

async fn call(hub: &Gmail<HttpConnector>, retry: &mut RetryOn401) -> Result<Profile, CallError> {
    Ok(hub.users().get_profile("me").delegate(retry).doit().await?.1)
}

/// Our error, taken out of theirs as the documentation says.
fn ours(error: CallError) -> Error {
    let CallError::MissingToken(error) = error else { panic!("{error:?}") };
    error.downcast_ref::<Error>().unwrap().clone()
}

fn gmail(issuer: &Issuer, seen: &Seen) -> Response<Full<Bytes>> {
    if issuer.is_live(&seen.bearer) { answer(200, profile()) } else { answer(401, unauthorized()) }
}

fn answer(status: u16, body: String) -> Response<Full<Bytes>> {
    let response = Response::builder().status(status).header(CONTENT_TYPE, "application/json");
    response.body(body.into()).unwrap()
}

/// A 401 as a generated method shows it to its delegate.
fn rejection() -> google_apis_common::Response {
    let empty = Empty::new().map_err(|never| match never {}).boxed();
    Response::builder().status(StatusCode::UNAUTHORIZED).body(empty).unwrap()
}

fn profile() -> String {
    json!({ "emailAddress": "crew@charter.example", "messagesTotal": 3 }).to_string()
}

/// As Google says it.
fn unauthorized() -> String {
    let message = "Request had invalid authentication credentials.";
    json!({ "error": { "code": 401, "message": message, "status": "UNAUTHENTICATED" } }).to_string()
}

const CALLS: usize = 64;

/// A token that is rejected later than that after its minting is replaced.
const LONGER_THAN_FRESH: Duration = Duration::from_secs(120);
