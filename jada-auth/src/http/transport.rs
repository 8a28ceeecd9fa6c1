//! The connections under every request: https by the certificates of the system, and http.

use std::{error::Error as StdError, io, sync::Arc, time::Duration};

use http_body_util::Full;
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
};
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{
        Builder, Client,
        connect::{Connect, HttpConnector},
    },
    rt::{TokioExecutor, TokioTimer},
};
use rustls::{ClientConfig, crypto::ring};
use tokio::{sync::OnceCell, task};

pub(crate) type Body = Full<Bytes>;

/// Sends requests and gives back the heads of their answers. A clone shares the connections and
/// the certificates, which are read at the first https request.
#[derive(Clone)]
pub(crate) struct Transport(Arc<Clients>);

struct Clients {
    plain: Client<HttpConnector, Body>,
    tls: OnceCell<Client<HttpsConnector<HttpConnector>, Body>>,
    reuse: Reuse,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reuse {
    Never,
    /// HTTP/2 where the server speaks it.
    Pooled,
}

impl Transport {
    /// A connection for each request, HTTP/1 alone. Nothing is ever sent twice.
    pub(crate) fn fresh() -> Self {
        Self::with(Reuse::Never)
    }

    /// Connections are kept and shared. What was not sent at all, because a kept connection turned
    /// out to be closed, goes out by another.
    pub(crate) fn pooled() -> Self {
        Self::with(Reuse::Pooled)
    }

    fn with(reuse: Reuse) -> Self {
        let plain = reuse.client(connector());
        Self(Arc::new(Clients { plain, tls: OnceCell::new(), reuse }))
    }

    /// # Errors
    ///
    /// [`Broken::Certificates`] and [`Broken::Transport`].
    pub(crate) async fn send(&self, request: Request<Body>) -> Result<Response<Incoming>, Broken> {
        let Clients { plain, tls, reuse } = &*self.0;
        let response = if request.uri().scheme_str() == Some("http") {
            plain.request(request)
        } else {
            let tls = tls.get_or_try_init(|| reuse.with_certificates()).await;
            tls.map_err(Broken::Certificates)?.request(request)
        };
        response.await.map_err(Broken::transport)
    }

    /// One that trusts whom `config` trusts.
    #[cfg(test)]
    pub(crate) fn trusting(config: ClientConfig) -> Self {
        let transport = Self::pooled();
        let tls = OnceCell::new_with(Some(Reuse::Pooled.over_tls(config)));
        Self(Arc::new(Clients { plain: transport.0.plain.clone(), tls, reuse: Reuse::Pooled }))
    }

    #[cfg(test)]
    pub(crate) fn has_certificates(&self) -> bool {
        self.0.tls.initialized()
    }
}

impl Reuse {
    /// Reads the certificates, which takes milliseconds. A failure is not kept, so that
    /// certificates which are installed meanwhile are found.
    async fn with_certificates(self) -> io::Result<Client<HttpsConnector<HttpConnector>, Body>> {
        let config = task::spawn_blocking(native_roots).await.map_err(io::Error::other)??;
        Ok(self.over_tls(config))
    }

    fn over_tls(self, config: ClientConfig) -> Client<HttpsConnector<HttpConnector>, Body> {
        let mut connector = connector();
        connector.enforce_http(false);
        let builder = HttpsConnectorBuilder::new().with_tls_config(config).https_only();
        self.client(match self {
            Self::Never => builder.enable_http1().wrap_connector(connector),
            Self::Pooled => builder.enable_all_versions().wrap_connector(connector),
        })
    }

    fn client<C: Connect + Clone>(self, connector: C) -> Client<C, Body> {
        let mut builder = Client::builder(TokioExecutor::new());
        match self {
            Self::Never => builder.pool_max_idle_per_host(0).retry_canceled_requests(false),
            Self::Pooled => pooled(&mut builder),
        }
        .build(connector)
    }
}

fn native_roots() -> io::Result<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(io::Error::other)?;
    Ok(builder.with_native_roots()?.with_no_client_auth())
}

/// A connection that is silent while an answer is due is asked whether it lives, or else all that
/// share it would wait for their time-outs.
fn pooled(builder: &mut Builder) -> &mut Builder {
    builder
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .http2_adaptive_window(true)
        .http2_keep_alive_interval(PING)
        .http2_keep_alive_timeout(PING)
}

fn connector() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    // Shared between the addresses of a name, so that one which is dead leaves time for the next.
    connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
    connector
}

/// What cut an exchange short; holds nothing of the request or the answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    #[error("the system's certificates cannot be used")]
    Certificates(#[source] io::Error),
    #[error("the connection failed")]
    Transport(#[source] Box<dyn StdError + Send + Sync>),
    #[error("the exchange took longer than {0:?}")]
    TimedOut(Duration),
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
}

impl Broken {
    pub(crate) fn transport(error: impl StdError + Send + Sync + 'static) -> Self {
        Self::Transport(Box::new(error))
    }
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Less than servers keep a connection, so that few requests meet a closed one.
const IDLE: Duration = Duration::from_secs(60);
const PING: Duration = Duration::from_secs(10);
