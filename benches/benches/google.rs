//! `GoogleClient` beside hyper's own pooled client, against a server on 127.0.0.1: a small GET of
//! one that shares the client's thread, and an upload of 64 MiB to one that does not.
//!
//! `jada` adds a bearer from a `SharedProvider`, two time-outs, a limit and an answer that is whole
//! to the GET, of which `hyper` does the least that gives the same bytes; the target is 1.15 times
//! its time. `jada, bytes` and `jada, reader` upload by the resumable protocol in chunks of 8 MiB,
//! `hyper` by one PUT; the target is 1.1 times its time.
//!
//! `cargo bench -p jada-benches --bench google -- --save-baseline main`, and later
//! `-- --baseline main`.

#![expect(clippy::unwrap_used, reason = "a bench that fails is to stop")]

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Method, Request, Response,
    body::{Bytes, Incoming},
    header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, LOCATION, RANGE},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use jada_auth::{
    GoogleClient, MemoryStore, OAuthClient, RefreshToken, Scopes, SharedProvider,
    TokenProvider as _,
};
use jada_loopback_issuer::Issuer;
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
};

fn small_get(criterion: &mut Criterion) {
    let runtime = runtime();
    let server = Server::beside(&runtime);
    let (google, hyper) = (runtime.block_on(google()), hyper());
    let uri = server.uri("/profile");
    assert_eq!(runtime.block_on(google.get(&*uri).send()).unwrap().body(), PROFILE);
    assert_eq!(runtime.block_on(plain(&hyper, Method::GET, &uri, Bytes::new())), PROFILE);
    let mut group = criterion.benchmark_group("small GET");
    group.throughput(Throughput::Elements(1));
    group.bench_function("hyper", |bencher| {
        bencher.to_async(&runtime).iter(|| plain(&hyper, Method::GET, &uri, Bytes::new()));
    });
    group.bench_function("jada", |bencher| {
        bencher.to_async(&runtime).iter(async || google.get(&*uri).send().await.unwrap());
    });
}

fn upload(criterion: &mut Criterion) {
    let (runtime, server) = (runtime(), Server::apart());
    let (google, hyper) = (runtime.block_on(google()), hyper());
    let (whole, chunked) = (server.uri("/whole"), server.uri("/upload"));
    let content = Bytes::from((0..UPLOAD).map(|it| (it % 251) as u8).collect::<Vec<_>>());
    let by_bytes =
        async || google.upload(Method::POST, &*chunked).bytes("x/y", content.clone()).await;
    let by_reader = async || {
        let upload = google.upload(Method::POST, &*chunked);
        upload.reader("x/y", &content[..], Some(UPLOAD as u64)).await
    };
    runtime.block_on(plain(&hyper, Method::PUT, &whole, content.clone()));
    assert_eq!(server.received(), UPLOAD as u64);
    assert_eq!(runtime.block_on(by_bytes()).unwrap().status(), 200);
    assert_eq!(server.received(), 2 * UPLOAD as u64);
    assert_eq!(runtime.block_on(by_reader()).unwrap().status(), 200);
    assert_eq!(server.received(), 3 * UPLOAD as u64);
    let mut group = criterion.benchmark_group("upload 64 MiB");
    group.throughput(Throughput::Bytes(UPLOAD as u64)).sample_size(20);
    group.measurement_time(Duration::from_secs(8));
    group.bench_function("hyper", |bencher| {
        bencher.to_async(&runtime).iter(|| plain(&hyper, Method::PUT, &whole, content.clone()));
    });
    group.bench_function("jada, bytes", |bencher| {
        bencher.to_async(&runtime).iter(async || by_bytes().await.unwrap());
    });
    group.bench_function("jada, reader", |bencher| {
        bencher.to_async(&runtime).iter(async || by_reader().await.unwrap());
    });
}

type Hyper = Client<HttpConnector, Full<Bytes>>;

fn hyper() -> Hyper {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector)
}

/// What a client of one's own would do at least.
async fn plain(client: &Hyper, method: Method, uri: &str, body: Bytes) -> Bytes {
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = uri.parse().unwrap();
    request.headers_mut().insert(AUTHORIZATION, "Bearer not-a-real-token".parse().unwrap());
    let response = client.request(request).await.unwrap();
    assert_eq!(response.status(), 200);
    response.into_body().collect().await.unwrap().to_bytes()
}

async fn google() -> GoogleClient {
    let issuer = Issuer::start().unwrap();
    let client = OAuthClient::new(issuer.client_id(), issuer.token_uri());
    let source = RefreshToken::builder(client.with_secret(issuer.client_secret())).build();
    let store = MemoryStore::with_refresh_token(issuer.consent());
    let provider = SharedProvider::builder(source.unwrap(), store, Scopes::default()).build();
    provider.token(provider.scopes()).await.unwrap();
    GoogleClient::new(provider.clone(), provider.scopes().clone())
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Answers `/profile`, and takes whatever is put: whole, or by the resumable protocol.
struct Server {
    address: SocketAddr,
    received: Arc<AtomicU64>,
}

impl Server {
    /// On a thread of its own, as an upload wants it.
    fn apart() -> Self {
        let runtime = runtime();
        let (server, serving) = runtime.block_on(Self::bind());
        thread::spawn(move || runtime.block_on(serving));
        server
    }

    /// On the client's thread, so that no time goes into waking the other one up.
    fn beside(runtime: &Runtime) -> Self {
        let (server, serving) = runtime.block_on(Self::bind());
        runtime.spawn(serving);
        server
    }

    async fn bind() -> (Self, impl Future<Output = ()> + Send) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(AtomicU64::new(0));
        let serving = serve(listener, received.clone());
        (Self { address, received }, serving)
    }

    fn uri(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn received(&self) -> u64 {
        self.received.load(Ordering::SeqCst)
    }
}

async fn serve(listener: TcpListener, received: Arc<AtomicU64>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let received = received.clone();
        let service = service_fn(move |request| answer(request, received.clone()));
        let builder = http1::Builder::new();
        // It ends when its client is done.
        tokio::spawn(builder.serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(
    request: Request<Incoming>,
    received: Arc<AtomicU64>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, mut body) = request.into_parts();
    while let Some(frame) = body.frame().await {
        let bytes = frame.unwrap().into_data().map_or(0, |data| data.len());
        received.fetch_add(bytes as u64, Ordering::Relaxed);
    }
    let header =
        |name| head.headers.get(name).and_then(|it: &hyper::header::HeaderValue| it.to_str().ok());
    let response = Response::builder();
    let response = match (head.uri.path(), header(CONTENT_RANGE)) {
        ("/upload", None) => {
            let host = head.headers["host"].to_str().unwrap();
            response.header(LOCATION, format!("http://{host}/upload?upload_id=1"))
        }
        (_, Some(range)) if !is_last(range) => {
            let (_, last) = range.split_once('-').unwrap();
            let last = last.split('/').next().unwrap();
            response.status(308).header(RANGE, format!("bytes=0-{last}")).header(CONTENT_LENGTH, 0)
        }
        _ => response,
    };
    let body = if head.method == Method::GET { PROFILE } else { b"" };
    Ok(response.body(Full::new(Bytes::from_static(body))).unwrap())
}

/// Whether a range such as `bytes 4-7/8` reaches the end.
fn is_last(range: &str) -> bool {
    let (range, total) = range.split_once('/').unwrap();
    let (_, last) = range.split_once('-').unwrap();
    last.parse::<u64>().unwrap() + 1 == total.parse::<u64>().unwrap()
}

const PROFILE: &[u8] = br#"{"emailAddress":"ops@charter.example","messagesTotal":4242}"#;
const UPLOAD: usize = 64 * 1024 * 1024;

criterion_group!(benches, small_get, upload);
criterion_main!(benches);
