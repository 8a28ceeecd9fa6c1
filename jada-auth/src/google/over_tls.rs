//! Tests of the client over https and HTTP/2, which is how Google is called.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use h2::{
    Reason,
    server::{Connection, SendResponse},
};
use hyper::{Response, body::Bytes};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::*;
use crate::{AccessToken, FixedProvider};

const CERTIFICATE: &[u8] = include_bytes!("../../tests/data/test-only-cert.pem");
const KEY: &[u8] = include_bytes!("../../tests/data/test-only-key.pem");

#[tokio::test]
async fn calls_share_one_http_2_connection() {
    let server = Server::start(|_, respond| answer(respond, 200)).await;
    let google = client();
    google.get(server.url()).send().await.unwrap();
    let calls: Vec<_> = (0..20).map(|_| tokio::spawn(google.get(server.url()).send())).collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().status(), 200);
    }
    assert_eq!((server.requests(), server.connections()), (21, 1));
}

#[tokio::test]
async fn a_head_announces_more_than_it_sends() {
    let server = Server::start(|_, mut respond| {
        let response = Response::builder().header("content-length", "100000000").body(());
        respond.send_response(response.unwrap(), true).unwrap();
    })
    .await;
    let answer = client().call(Method::HEAD, server.url()).send().await.unwrap();
    assert_eq!((answer.header("content-length"), answer.body().len()), (Some("100000000"), 0));
}

#[tokio::test]
async fn a_stream_that_the_server_refused_to_look_at_was_not_sent() {
    let server = Server::start(|number, mut respond| match number {
        0 | 1 => respond.send_reset(Reason::REFUSED_STREAM),
        _ => answer(respond, 201),
    })
    .await;
    let at_once = builder().deadline(Duration::ZERO).build();
    let error = at_once.post(server.url()).json(&1).send().await.unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{error:?}");
    assert_eq!(client().post(server.url()).json(&1).send().await.unwrap().status(), 201);
    assert_eq!(server.requests(), 3);
}

#[tokio::test]
async fn a_stream_that_was_reset_otherwise_may_have_been_executed() {
    for reason in [Reason::INTERNAL_ERROR, Reason::CANCEL, Reason::NO_ERROR] {
        let server = Server::start(move |_, mut respond| respond.send_reset(reason)).await;
        let error = client().post(server.url()).json(&1).send().await.unwrap_err();
        assert!(matches!(error, Error::Ambiguous { .. }), "{reason:?}: {error:?}");
        assert_eq!(server.requests(), 1);
    }
}

#[tokio::test]
async fn a_server_that_nobody_trusts_is_sent_nothing() {
    let server = Server::start(|_, respond| answer(respond, 200)).await;
    let nobody = RootCertStore::empty();
    let google = GoogleClient { transport: Transport::trusting(trust(nobody)), ..client() };
    let google = GoogleClientBuilder(google).deadline(Duration::ZERO).build();
    let error = google.post(server.url()).json(&1).send().await.unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{error:?}");
    let told = crate::health::with_causes(&error);
    assert!(told.contains("certificate"), "{told}");
    assert_eq!(server.requests(), 0);
}

fn builder() -> GoogleClientBuilder {
    let token = AccessToken::builder("s3cr3t-good", SystemClock.now()).build().unwrap();
    let google = GoogleClient::new(FixedProvider::new(token), Scopes::default());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(CERTIFICATE).unwrap()).unwrap();
    GoogleClientBuilder(GoogleClient { transport: Transport::trusting(trust(roots)), ..google })
        .backoff(Duration::from_millis(20))
}

fn client() -> GoogleClient {
    builder().build()
}

fn trust(roots: RootCertStore) -> ClientConfig {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    builder.with_root_certificates(roots).with_no_client_auth()
}

/// An HTTP/2 server that does to the nth request what it is told.
struct Server {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    async fn start(answer: impl Fn(usize, SendResponse<Bytes>) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let [requests, connections] = [(); 2].map(|()| Arc::new(AtomicUsize::new(0)));
        let (seen, accepted, answer) = (requests.clone(), connections.clone(), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                accepted.fetch_add(1, Ordering::SeqCst);
                let (seen, answer) = (seen.clone(), answer.clone());
                tokio::spawn(async move {
                    let Ok(mut connection) = handshake(stream).await else { return };
                    while let Some(Ok((request, respond))) = connection.accept().await {
                        let number = seen.fetch_add(1, Ordering::SeqCst);
                        assert_eq!(request.headers()["authorization"], "Bearer s3cr3t-good");
                        answer(number, respond);
                    }
                });
            }
        });
        Self { address, requests, connections }
    }

    fn url(&self) -> String {
        format!("https://{}/x", self.address)
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn handshake(
    stream: TcpStream,
) -> Result<Connection<TlsStream<TcpStream>, Bytes>, Box<dyn std::error::Error>> {
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions()?.with_no_client_auth();
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE)?;
    let key = PrivateKeyDer::from_pem_slice(KEY)?;
    let mut config = builder.with_single_cert(vec![certificate], key)?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    let stream = TlsAcceptor::from(Arc::new(config)).accept(stream).await?;
    Ok(h2::server::handshake(stream).await?)
}

fn answer(mut respond: SendResponse<Bytes>, status: u16) {
    let response = Response::builder().status(status).body(()).unwrap();
    respond.send_response(response, true).unwrap();
}
