//! Token providers against an issuer on 127.0.0.1, `jada` beside `yup-oauth2`, `gcp_auth` and
//! `google-cloud-auth`: the token that is at hand by one task and by 64 on two threads, the same as
//! the generated `google-*` crates get it, the time from a process's start to its first token from
//! disk, and a refresh.
//!
//! `floor` is an `ArcSwap` that asks nothing; the target of `jada cached` is twice its time, and of
//! `jada token` a third of that of each peer. `jada` hands out a token that has its header already,
//! the others a text, unless they say headers. In the groups `get_token` all go through
//! google-apis-common's trait, which wants a boxed future and a text of its own from everybody: the
//! target of `jada` is half the time of `yup-oauth2` there. The target of the first token is twice the time of
//! `empty`, which does nothing. A refresh is beside `exchange`, the same request alone; what
//! `jada, file` takes longer are its five fsyncs, and `yup-oauth2` writes in place without any.
//!
//! `gcp_auth` and `google-cloud-auth` were refreshed at an issuer that is laxer than the loopback
//! issuer, see `LaxIssuer`. They keep no file, and neither refreshes when it is told to, so they
//! are in the first two groups alone.
//!
//! `cargo bench -p jada-benches --features peers --bench token -- --save-baseline main`, and later
//! `-- --baseline main`.

#![expect(clippy::unwrap_used, reason = "a bench that fails is to stop")]

use std::{
    fs::{self, Permissions},
    hint::black_box,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::Command,
    sync::Arc,
    time::Duration,
};

use criterion::{
    BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};
use jada_auth::{
    FileStore, GoogleApis, MemoryStore, MintRequest, OAuthClient, RefreshToken, Scopes, Secret,
    SharedProvider, TokenProvider as _, TokenSource as _, TokenStore,
};
use jada_benches::{Asked, AtHand, Cached, Floor, Generated};
#[cfg(feature = "peers")]
use jada_benches::{Gcp, Google, LaxIssuer, Yup};
use jada_loopback_issuer::Issuer;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

fn one_task(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let mut group = group(criterion, "cached token, 1 task");
    group.throughput(Throughput::Elements(1));
    each_at_hand(&runtime, &mut OneTask { group, runtime: &runtime });
}

fn many_tasks(criterion: &mut Criterion) {
    let mut builder = Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).enable_all().build().unwrap();
    let mut group = group(criterion, "cached token, 64 tasks");
    group.throughput(Throughput::Elements((TASKS * CALLS) as u64));
    each_at_hand(&runtime, &mut ManyTasks { group, runtime: &runtime });
}

fn get_token_of_one_task(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let mut group = group(criterion, "get_token, 1 task");
    group.throughput(Throughput::Elements(1));
    each_generated(&runtime, &mut OneTask { group, runtime: &runtime });
}

fn get_token_of_many_tasks(criterion: &mut Criterion) {
    let mut builder = Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).enable_all().build().unwrap();
    let mut group = group(criterion, "get_token, 64 tasks");
    group.throughput(Throughput::Elements((TASKS * CALLS) as u64));
    each_generated(&runtime, &mut ManyTasks { group, runtime: &runtime });
}

/// Shows what the generated crates take, with a token at hand, to `bench`.
fn each_generated(runtime: &Runtime, bench: &mut impl Bench) {
    let desk = Desk::new();
    let provider = desk.provider(MemoryStore::with_refresh_token(desk.issuer.consent()));
    let token = runtime.block_on(provider.token(provider.scopes())).unwrap();
    let generated = Generated::new(GoogleApis::new(provider));
    bench.of("jada", token.secret().expose(), generated);
    assert_eq!(desk.issuer.requests(), 1);
    #[cfg(feature = "peers")]
    {
        let yup = runtime.block_on(desk.yup());
        let token = runtime.block_on(yup.refresh());
        bench.of("yup-oauth2", Yup::text(&token), Generated::new(yup.into_authenticator()));
        assert_eq!(desk.issuer.requests(), 2);
    }
}

/// Shows each provider with a token at hand to `bench`.
fn each_at_hand(runtime: &Runtime, bench: &mut impl Bench) {
    let desk = Desk::new();
    let provider = desk.provider(MemoryStore::with_refresh_token(desk.issuer.consent()));
    let token = runtime.block_on(provider.token(provider.scopes())).unwrap();
    let (text, scopes) = (token.secret().expose(), provider.scopes());
    bench.of("floor", text, Floor::new(text));
    bench.of("jada cached", text, Cached::new(&provider, scopes));
    let mail: Scopes = "mail".parse().unwrap();
    bench.of("jada cached, one of its scopes", text, Cached::new(&provider, &mail));
    bench.of("jada token", text, Asked::new(&provider, scopes));
    assert_eq!(desk.issuer.requests(), 1);
    #[cfg(feature = "peers")]
    {
        let yup = runtime.block_on(desk.yup());
        let token = runtime.block_on(yup.refresh());
        assert!(desk.issuer.is_live(Yup::text(&token)));
        bench.of("yup-oauth2", Yup::text(&token), yup);
        assert_eq!(desk.issuer.requests(), 2);
        let issuer = LaxIssuer::start();
        bench.of("gcp_auth", LaxIssuer::TOKEN, Gcp::new(issuer.token_uri()));
        let google = runtime.block_on(async { Google::new(issuer.token_uri()) });
        let headers = google.headers();
        bench.of("google-cloud-auth", LaxIssuer::TOKEN, google);
        bench.of("google-cloud-auth, headers", LaxIssuer::TOKEN, headers);
    }
}

/// Measures one provider after the other.
trait Bench {
    /// `text` is what the provider has to hand out.
    fn of(&mut self, name: &str, text: &str, provider: impl AtHand);
}

struct OneTask<'a> {
    group: BenchmarkGroup<'a, WallTime>,
    runtime: &'a Runtime,
}

impl Bench for OneTask<'_> {
    fn of(&mut self, name: &str, text: &str, provider: impl AtHand) {
        assert_text(text, &provider, self.runtime);
        self.group.bench_function(name, |bencher| {
            bencher.to_async(self.runtime).iter(|| provider.token());
        });
    }
}

struct ManyTasks<'a> {
    group: BenchmarkGroup<'a, WallTime>,
    runtime: &'a Runtime,
}

impl Bench for ManyTasks<'_> {
    fn of(&mut self, name: &str, text: &str, provider: impl AtHand) {
        assert_text(text, &provider, self.runtime);
        let provider = Arc::new(provider);
        self.group.bench_function(name, |bencher| {
            bencher.to_async(self.runtime).iter(async || {
                let tasks = [(); TASKS].map(|()| {
                    let provider = Arc::clone(&provider);
                    tokio::spawn(async move {
                        for _ in 0..CALLS {
                            black_box(provider.token().await);
                        }
                    })
                });
                for task in tasks {
                    task.await.unwrap();
                }
            });
        });
    }
}

/// Asks once as well, so that each has a token at hand afterwards.
fn assert_text<P: AtHand>(text: &str, provider: &P, runtime: &Runtime) {
    assert_eq!(P::text(&runtime.block_on(provider.token())), text);
}

fn first_token(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let mut group = group(criterion, "process start to first token from disk");
    group.throughput(Throughput::Elements(1)).sample_size(50);
    let desk = Desk::new();
    let empty = env!("CARGO_BIN_EXE_empty");
    group.bench_function("empty", |bencher| bencher.iter(|| run(empty, &[])));
    let provider = desk.provider(FileStore::new(desk.token_file()));
    runtime.block_on(provider.token(provider.scopes())).unwrap();
    let jada = env!("CARGO_BIN_EXE_first-token");
    let arguments = desk.arguments(desk.file("token.json"));
    group.bench_function("jada", |bencher| bencher.iter(|| run(jada, &arguments)));
    assert_eq!(desk.issuer.requests(), 1);
    #[cfg(feature = "peers")]
    {
        runtime.block_on(async { desk.yup().await.refresh().await });
        let yup = env!("CARGO_BIN_EXE_first-token-yup");
        let arguments = desk.arguments(desk.file("yup.json"));
        group.bench_function("yup-oauth2", |bencher| bencher.iter(|| run(yup, &arguments)));
        assert_eq!(desk.issuer.requests(), 2);
    }
}

fn run(program: &str, arguments: &[String]) {
    assert!(Command::new(program).args(arguments).status().unwrap().success());
}

fn refresh(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let mut group = group(criterion, "refresh");
    group.throughput(Throughput::Elements(1));
    let desk = Desk::new();
    let (source, refresh_token) = (desk.source(), Secret::new(desk.issuer.consent()));
    let scopes = scopes();
    let request = MintRequest::new(Some(&refresh_token), &scopes);
    let minted = runtime.block_on(source.mint(request)).unwrap();
    assert!(desk.issuer.is_live(minted.access_token.expose()));
    group.bench_function("exchange", |bencher| {
        bencher.to_async(&runtime).iter(|| async { source.mint(request).await.unwrap() });
    });
    let memory = desk.provider(MemoryStore::with_refresh_token(desk.issuer.consent()));
    let file = desk.provider(FileStore::new(desk.token_file()));
    for (name, provider) in [("jada, memory", memory), ("jada, file", file)] {
        let token = runtime.block_on(provider.refresh()).unwrap();
        assert!(desk.issuer.is_live(token.secret().expose()));
        group.bench_function(name, |bencher| {
            bencher.to_async(&runtime).iter(|| async { provider.refresh().await.unwrap() });
        });
    }
    #[cfg(feature = "peers")]
    {
        let yup = runtime.block_on(desk.yup());
        assert!(desk.issuer.is_live(Yup::text(&runtime.block_on(yup.refresh()))));
        group.bench_function("yup-oauth2", |bencher| {
            bencher.to_async(&runtime).iter(|| yup.refresh());
        });
    }
}

/// An issuer, and a folder for tokens on the disk that is built on.
struct Desk {
    issuer: Issuer,
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        let issuer = Issuer::builder().scope("drive mail").start().unwrap();
        let mut folder = tempfile::Builder::new();
        let folder = folder.permissions(Permissions::from_mode(0o700));
        Self { issuer, folder: folder.tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap() }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file that was just consented to.
    fn token_file(&self) -> PathBuf {
        let file = self.file("token.json");
        let refresh_token = self.issuer.consent();
        fs::write(&file, format!(r#"{{"refresh_token": "{refresh_token}"}}"#)).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        file
    }

    fn client(&self) -> OAuthClient {
        let client = OAuthClient::new(self.issuer.client_id(), self.issuer.token_uri());
        client.with_secret(self.issuer.client_secret())
    }

    fn source(&self) -> RefreshToken {
        RefreshToken::builder(self.client()).build().unwrap()
    }

    fn provider(&self, store: impl TokenStore) -> SharedProvider {
        SharedProvider::builder(self.source(), store, scopes()).build()
    }

    #[cfg(feature = "peers")]
    async fn yup(&self) -> Yup {
        let file = self.file("yup.json");
        Yup::consent(&file, &self.issuer.consent());
        Yup::open(file, &self.client()).await
    }

    /// What the programs of the third group want to know.
    fn arguments(&self, file: PathBuf) -> [String; 4] {
        let file = file.into_os_string().into_string().unwrap();
        let (id, secret) = (self.issuer.client_id(), self.issuer.client_secret());
        [file, self.issuer.token_uri(), id.to_owned(), secret.to_owned()]
    }
}

fn scopes() -> Scopes {
    "drive mail".parse().unwrap()
}

fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    group
}

const TASKS: usize = 64;
/// So many that starting the tasks does not show.
const CALLS: usize = 2_000;

criterion_group!(
    benches,
    one_task,
    many_tasks,
    get_token_of_one_task,
    get_token_of_many_tasks,
    first_token,
    refresh
);
criterion_main!(benches);
