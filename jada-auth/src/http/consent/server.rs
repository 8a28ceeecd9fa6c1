//! The port that the browser comes back to: takes an answer, and shows what became of it.

use std::{convert::Infallible, sync::Arc, time::Duration};

use http_body_util::Full;
use hyper::{
    Method, Request, Response,
    body::{Bytes, Incoming},
    header::{HOST, HeaderMap},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{oneshot, watch},
    task::JoinSet,
    time::sleep,
};

use super::{
    desk::{Desk, HandedIn, Reply, TooLate},
    page::{Page, redirect},
    question::CALLBACK,
};

/// Goes on until it is dropped. Each connection is for one request, and a task of `connections`.
pub(super) async fn serve(listener: &TcpListener, desk: &Arc<Desk>, connections: &mut JoinSet<()>) {
    loop {
        while connections.try_join_next().is_some() {}
        if connections.len() >= MOST_CONNECTIONS {
            connections.join_next().await;
        }
        match listener.accept().await {
            Ok((stream, _)) => drop(connections.spawn(converse(stream, Arc::clone(desk)))),
            // Out of descriptors, most likely.
            Err(_) => sleep(PAUSE).await,
        }
    }
}

async fn converse(stream: TcpStream, desk: Arc<Desk>) {
    // Dropped at the end, which tells whoever waits for it.
    let (_open, closed) = watch::channel(());
    let service = service_fn(|request| respond(&desk, request, closed.clone()));
    let _gone = http1::Builder::new()
        .keep_alive(false)
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_LIMIT)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn respond(
    desk: &Desk,
    request: Request<Incoming>,
    closed: watch::Receiver<()>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let uri = request.uri();
    let page = match (request.method(), uri.path()) {
        _ if !is_ours(request.headers(), desk.port) => Page::other_host(),
        (_, path) if path != "/" && path != CALLBACK => Page::not_found(),
        (&Method::HEAD, _) => Page::nothing(),
        (method, _) if method != Method::GET => Page::not_a_get(),
        _ if !is_opened(request.headers()) => Page::not_opened_by_a_human(),
        (_, CALLBACK) => answered(desk, uri.query().unwrap_or(""), closed).await,
        _ => match desk.start().and_then(redirect) {
            Some(redirect) => return Ok(redirect),
            None => Page::opened_already(),
        },
    };
    Ok(page.into_response())
}

/// Hands the answer in, and waits for what comes of it.
async fn answered(desk: &Desk, query: &str, closed: watch::Receiver<()>) -> Page {
    let answer = match desk.question.read(query) {
        Ok(answer) => answer,
        Err(astray) => return Page::astray(astray),
    };
    let (page, outcome) = oneshot::channel();
    let reply = Some(Reply { page, closed });
    match desk.hand_in(HandedIn { answer, reply }) {
        Ok(()) => outcome.await.unwrap_or_else(|_| Page::over()),
        Err(TooLate) => Page::answered_already(),
    }
}

/// Whether the browser knows whom it speaks to: a foreign name that leads here by a trick of DNS
/// would let a foreign page read what is answered.
fn is_ours(headers: &HeaderMap, port: u16) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let host = host.to_str().unwrap_or("");
    let (name, given) = host.rsplit_once(':').unwrap_or((host, "80"));
    (name == "127.0.0.1" || name.eq_ignore_ascii_case("localhost")) && given == port.to_string()
}

/// Whether it is opened in a window, and not fetched ahead or from within a foreign page.
fn is_opened(headers: &HeaderMap) -> bool {
    let says = |name: &str, word: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.is_some_and(|value| value.to_ascii_lowercase().contains(word))
    };
    let ahead = ["sec-purpose", "purpose", "x-moz", "x-purpose"];
    !ahead.iter().any(|name| says(name, "prefetch") || says(name, "preview"))
        && (!headers.contains_key("sec-fetch-dest") || says("sec-fetch-dest", "document"))
}

/// Browsers open connections ahead that they never use.
const MOST_CONNECTIONS: usize = 256;
const HEAD_TIMEOUT: Duration = Duration::from_secs(3);
const HEAD_LIMIT: usize = 64 * 1024;
const PAUSE: Duration = Duration::from_millis(100);
