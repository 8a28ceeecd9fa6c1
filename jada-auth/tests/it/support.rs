//! What the tests of the shared provider share: an issuer in this process that does as it is
//! told, a clock that follows Tokio's, and a store that can fail.

use std::{
    collections::VecDeque,
    fmt,
    fs::OpenOptions,
    io::Write as _,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use jada_auth::{
    AccessToken, Clock, Error, FileProblem, Heals, Lease, Leasing, MemoryStore, MintFailure,
    MintRequest, Minted, Moment, OAuthClient, Pending, Principal, Scopes, SharedProvider, State,
    TokenSource, TokenStore,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

pub(crate) const HOUR: Duration = Duration::from_secs(3600);

pub(crate) fn scopes(text: &str) -> Scopes {
    text.parse().unwrap()
}

/// A folder that is closed to others, as secrets are kept in.
pub(crate) fn private_folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::Permissions::from_mode(0o700);
    tempfile::Builder::new().permissions(mode).tempdir().unwrap()
}

/// Writes a secret's file, in place.
pub(crate) fn put(path: &Path, value: &Value) {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    let mut file = options.create(true).write(true).truncate(true).mode(0o600).open(path).unwrap();
    file.write_all(value.to_string().as_bytes()).unwrap();
}

/// A service account's key as Google hands it out, for that issuer.
pub(crate) fn key_of(token_uri: &str) -> Value {
    json!({
        "type": "service_account",
        "client_email": "roster@project.example",
        "private_key_id": "1",
        "private_key": include_str!("../data/test-only-key.pem"),
        "token_uri": token_uri,
    })
}

/// How often a sweep is run: the full number when `JADA_SWEEP` says so.
pub(crate) fn sweep(some: usize, full: usize) -> usize {
    if std::env::var("JADA_SWEEP").is_ok_and(|it| it == "full") { full } else { some }
}

/// Follows Tokio's clock, which a test may pause and advance; the wall clock can be set apart.
#[derive(Debug)]
pub(crate) struct TokioClock {
    start: Instant,
    wall: Mutex<Timestamp>,
}

impl TokioClock {
    pub(crate) fn new() -> Arc<Self> {
        let wall = Mutex::new("2026-05-01T12:00:00Z".parse().unwrap());
        Arc::new(Self { start: Instant::now(), wall })
    }

    pub(crate) fn set_wall(&self, forward: Duration, back: Duration) {
        let mut wall = self.wall.lock().unwrap();
        *wall = *wall + forward - back;
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Moment {
        let now = Instant::now();
        Moment::new(*self.wall.lock().unwrap() + (now - self.start), now.into_std())
    }
}

/// What the issuer of these tests answers next.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Token,
    Fail(MintFailure),
    /// Never.
    Silence,
}

/// An issuer that rotates refresh tokens: each may be presented once.
#[derive(Clone)]
pub(crate) struct Issuer(Arc<IssuerState>);

struct IssuerState {
    principal: Mutex<Principal>,
    script: Mutex<VecDeque<Answer>>,
    lasting: Mutex<Option<Answer>>,
    latency: Mutex<Duration>,
    life: Mutex<Option<Duration>>,
    granted: Mutex<Option<Scopes>>,
    requests: AtomicUsize,
    presented: Mutex<Vec<String>>,
    rotates: AtomicBool,
}

impl Issuer {
    pub(crate) fn new() -> Self {
        let client = OAuthClient::new("charter", "https://issuer.example/token");
        Self::of(Principal::AuthorizedUser(client.with_secret("s3cr3t-client")))
    }

    pub(crate) fn of(principal: Principal) -> Self {
        Self(Arc::new(IssuerState {
            principal: Mutex::new(principal),
            script: Mutex::default(),
            lasting: Mutex::default(),
            latency: Mutex::new(Duration::from_millis(100)),
            life: Mutex::new(Some(HOUR)),
            granted: Mutex::new(Some(scopes("mail drive"))),
            requests: AtomicUsize::new(0),
            presented: Mutex::default(),
            rotates: AtomicBool::new(true),
        }))
    }

    pub(crate) fn then(&self, answer: Answer) -> &Self {
        self.0.script.lock().unwrap().push_back(answer);
        self
    }

    pub(crate) fn then_fail(&self, heals: Heals, code: &str) -> &Self {
        self.then(Answer::Fail(MintFailure::new(heals, code)))
    }

    pub(crate) fn always(&self, answer: Option<Answer>) {
        *self.0.lasting.lock().unwrap() = answer;
    }

    pub(crate) fn lives(&self, life: Option<Duration>) {
        *self.0.life.lock().unwrap() = life;
    }

    pub(crate) fn grants(&self, granted: Option<Scopes>) {
        *self.0.granted.lock().unwrap() = granted;
    }

    pub(crate) fn takes(&self, latency: Duration) {
        *self.0.latency.lock().unwrap() = latency;
    }

    pub(crate) fn becomes(&self, principal: Principal) {
        *self.0.principal.lock().unwrap() = principal;
    }

    pub(crate) fn requests(&self) -> usize {
        self.0.requests.load(Ordering::SeqCst)
    }

    pub(crate) fn presented(&self) -> Vec<String> {
        self.0.presented.lock().unwrap().clone()
    }

    pub(crate) fn provider(
        &self,
        store: impl TokenStore,
        clock: &Arc<TokioClock>,
    ) -> SharedProvider {
        let builder = SharedProvider::builder(self.clone(), store, scopes("mail drive"));
        builder.clock(clock.clone()).build()
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Issuer")
    }
}

#[async_trait]
impl TokenSource for Issuer {
    fn principal(&self) -> Principal {
        self.0.principal.lock().unwrap().clone()
    }

    async fn mint(&self, request: MintRequest<'_>) -> Result<Minted, MintFailure> {
        let count = self.0.requests.fetch_add(1, Ordering::SeqCst) + 1;
        if let Some(token) = request.refresh_token {
            self.0.presented.lock().unwrap().push(token.expose().to_owned());
        }
        let latency = *self.0.latency.lock().unwrap();
        tokio::time::sleep(latency).await;
        let next = self.0.script.lock().unwrap().pop_front();
        match next.or_else(|| self.0.lasting.lock().unwrap().clone()).unwrap_or(Answer::Token) {
            Answer::Token => {}
            Answer::Fail(failure) => return Err(failure),
            Answer::Silence => std::future::pending().await,
        }
        let mut minted = Minted::new(format!("s3cr3t-access-{count}"));
        minted.expires_in = *self.0.life.lock().unwrap();
        minted.scopes = self.0.granted.lock().unwrap().clone();
        if request.refresh_token.is_some() && self.0.rotates.load(Ordering::SeqCst) {
            minted.refresh_token = Some(format!("s3cr3t-refresh-{count}").into());
        }
        Ok(minted)
    }
}

/// A store whose writes can be made to fail.
#[derive(Clone, Debug)]
pub(crate) struct FrailStore {
    pub(crate) inner: MemoryStore,
    fails_to_prepare: Arc<AtomicBool>,
    fails_to_commit: Arc<AtomicBool>,
}

impl FrailStore {
    pub(crate) fn new(inner: MemoryStore) -> Self {
        Self { inner, fails_to_prepare: Arc::default(), fails_to_commit: Arc::default() }
    }

    pub(crate) fn fails_to_prepare(&self, fails: bool) {
        self.fails_to_prepare.store(fails, Ordering::SeqCst);
    }

    pub(crate) fn fails_to_commit(&self, fails: bool) {
        self.fails_to_commit.store(fails, Ordering::SeqCst);
    }
}

#[async_trait]
impl TokenStore for FrailStore {
    async fn load(&self) -> Result<State, Error> {
        self.inner.load().await
    }

    async fn try_lease(&self) -> Result<Leasing, Error> {
        Ok(match self.inner.try_lease().await? {
            Leasing::Taken(lease) => {
                Leasing::Taken(Box::new(FrailLease { lease, store: self.clone() }))
            }
            held => held,
        })
    }

    fn name(&self) -> String {
        "a frail store".to_owned()
    }
}

#[derive(Debug)]
struct FrailLease {
    lease: Box<dyn Lease>,
    store: FrailStore,
}

#[async_trait]
impl Lease for FrailLease {
    async fn load(&mut self) -> Result<State, Error> {
        self.lease.load().await
    }

    async fn prepare(&mut self, pending: Option<&Pending>) -> Result<(), Error> {
        if self.store.fails_to_prepare.load(Ordering::SeqCst) {
            return Err(full());
        }
        self.lease.prepare(pending).await
    }

    async fn commit(&mut self, state: &State) -> Result<(), Error> {
        if self.store.fails_to_commit.load(Ordering::SeqCst) {
            return Err(full());
        }
        self.lease.commit(state).await
    }
}

fn full() -> Error {
    Error::File {
        path: "token.json".into(),
        problem: FileProblem::Full,
        mend: "free some space".to_owned(),
        source: None,
    }
}

pub(crate) fn store() -> MemoryStore {
    MemoryStore::with_refresh_token("s3cr3t-seed")
}

pub(crate) fn all() -> Scopes {
    scopes("mail drive")
}

pub(crate) async fn lease(store: &impl TokenStore) -> Box<dyn Lease> {
    let Leasing::Taken(lease) = store.try_lease().await.unwrap() else {
        panic!("the lease is not free");
    };
    lease
}

/// As consent, or an operator's hand, would.
pub(crate) async fn change(store: &MemoryStore, change: impl FnOnce(&mut State)) {
    let mut lease = lease(store).await;
    let mut state = lease.load().await.unwrap();
    change(&mut state);
    lease.commit(&state).await.unwrap();
}

pub(crate) fn text(token: &AccessToken) -> &str {
    token.secret().expose()
}
