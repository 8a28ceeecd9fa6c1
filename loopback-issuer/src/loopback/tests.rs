//! What a raw client sees on the wire.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::{Delivery, Loopback, OnAccept, OnHead, Reply, Request};

const AT_MOST: Duration = Duration::from_secs(20);
const PUT: &str = "PUT /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello";

fn echo(request: &Request) -> Reply {
    Reply::new(200).body("text/plain", request.body())
}

fn delivering(delivery: Delivery) -> Loopback {
    Loopback::start(move |request| echo(request).delivered(delivery)).unwrap()
}

fn heads(on_head: impl Fn() -> OnHead + Send + Sync + 'static) -> Loopback {
    Loopback::builder().on_head(move |_| on_head()).start(echo).unwrap()
}

struct Client(TcpStream);

impl Client {
    fn of(loopback: &Loopback) -> Self {
        let uri = loopback.uri("/");
        let authority = uri.trim_start_matches("http://").trim_end_matches('/');
        let stream = TcpStream::connect(authority).unwrap();
        // A test that would hang fails instead.
        stream.set_read_timeout(Some(AT_MOST)).unwrap();
        Self(stream)
    }

    fn sending(loopback: &Loopback, text: &str) -> Self {
        let mut client = Self::of(loopback);
        client.send(text).unwrap();
        client
    }

    fn send(&mut self, text: &str) -> io::Result<()> {
        self.0.write_all(text.as_bytes())
    }

    fn head(&mut self) -> String {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let mut byte = [0];
            self.0.read_exact(&mut byte).unwrap();
            head.push(char::from(byte[0]));
        }
        head
    }

    fn body(&mut self, length: usize) -> String {
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).unwrap();
        String::from_utf8(body).unwrap()
    }

    /// What comes until the end; an error where that is no orderly one.
    fn rest(&mut self) -> io::Result<String> {
        let mut rest = String::new();
        self.0.read_to_string(&mut rest).map(|_| rest)
    }

    fn is_reset(&mut self) -> bool {
        let reset = |error: io::Error| error.kind() == io::ErrorKind::ConnectionReset;
        self.rest().is_err_and(reset)
    }
}

#[test]
fn a_connection_is_kept_alive_and_its_requests_are_told_apart() {
    let loopback = Loopback::start(|request| {
        let place = [request.connection(), request.number()];
        Reply::new(200).json(&json!({ "place": place, "name": request.query("name") }))
    })
    .unwrap();
    let mut first = Client::of(&loopback);
    for expected in [r#"{"name":"x y","place":[0,0]}"#, r#"{"name":"x y","place":[0,1]}"#] {
        first.send("GET /?name=x+y HTTP/1.1\r\n\r\n").unwrap();
        let head = first.head();
        assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("\r\nDate: "), "{head}");
        assert!(!head.contains("Connection"), "{head}");
        assert_eq!(first.body(expected.len()), expected);
    }
    let mut second = Client::sending(&loopback, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert!(second.rest().unwrap().ends_with(r#"{"name":null,"place":[1,0]}"#));
    assert_eq!((loopback.connections(), loopback.requests()), (2, 3));
}

#[test]
fn requests_that_are_sent_at_once_are_answered_in_order() {
    let loopback = Loopback::start(echo).unwrap();
    let chunked = "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    let mut client = Client::sending(&loopback, &format!("{PUT}{chunked}{PUT}"));
    for expected in ["hello", "abc", "hello"] {
        assert!(client.head().contains(&format!("Content-Length: {}", expected.len())));
        assert_eq!(client.body(expected.len()), expected);
    }
}

#[test]
fn a_head_that_comes_in_pieces_is_one() {
    let loopback = Loopback::start(echo).unwrap();
    let mut client = Client::of(&loopback);
    let (first, second) = PUT.split_at(20);
    client.send(first).unwrap();
    client.send(second).unwrap();
    client.head();
    assert_eq!(client.body(5), "hello");
}

#[test]
fn what_is_no_request_is_answered_400() {
    let loopback = Loopback::start(echo).unwrap();
    let mut client = Client::sending(&loopback, "nonsense\r\n\r\n");
    assert!(client.rest().unwrap().starts_with("HTTP/1.1 400 "));
    assert_eq!(loopback.requests(), 0);
}

#[test]
fn a_head_is_answered_without_the_body_that_it_announces() {
    let loopback = Loopback::start(|_| Reply::new(200).body("text/plain", "hello")).unwrap();
    let mut client = Client::sending(&loopback, "HEAD / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n");
    assert!(client.head().contains("Content-Length: 5"));
    assert!(client.head().contains("Content-Length: 5"));
    assert_eq!(client.body(5), "hello");
}

#[test]
fn a_header_of_a_reply_may_lie() {
    let reply = |_: &Request| Reply::new(200).header("content-length", "9").body("text/plain", "x");
    let loopback = Loopback::start(reply).unwrap();
    let mut client = Client::sending(&loopback, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    let answer = client.rest().unwrap();
    assert!(answer.contains("content-length: 9") && !answer.contains("Content-Length"), "{answer}");
}

#[test]
fn a_reply_has_one_date_which_may_be_its_own() {
    let loopback = Loopback::start(|_| Reply::new(200).date(Timestamp::UNIX_EPOCH)).unwrap();
    let head = Client::sending(&loopback, PUT).head();
    assert!(head.contains("Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"), "{head}");
    assert_eq!(head.matches("Date").count(), 1, "{head}");
}

#[test]
fn a_request_is_answered_with_a_reset() {
    let loopback = delivering(Delivery::Reset);
    assert!(Client::sending(&loopback, PUT).is_reset());
    assert_eq!(loopback.requests(), 1);
}

#[test]
fn a_request_is_answered_with_a_close() {
    let loopback = delivering(Delivery::Close);
    assert_eq!(Client::sending(&loopback, PUT).rest().unwrap(), "");
    assert_eq!(loopback.requests(), 1);
}

#[test]
fn half_a_head_ends_before_its_empty_line() {
    let answer = Client::sending(&delivering(Delivery::HalfHead), PUT).rest().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 ") && !answer.contains("\r\n\r\n"), "{answer}");
}

#[test]
fn half_a_body_is_announced_as_a_whole() {
    let loopback = delivering(Delivery::HalfBody);
    let mut client = Client::sending(&loopback, PUT);
    assert!(client.head().contains("Content-Length: 5"));
    assert_eq!(client.rest().unwrap(), "he");
}

#[test]
fn a_body_whose_length_is_not_announced_ends_with_the_connection() {
    let loopback = delivering(Delivery::UntilClose);
    let mut client = Client::sending(&loopback, PUT);
    let head = client.head();
    assert!(head.contains("Connection: close") && !head.contains("Content-Length"), "{head}");
    assert_eq!(client.rest().unwrap(), "hello");
}

#[test]
fn an_endless_body_goes_on_until_the_client_goes() {
    let loopback = delivering(Delivery::Endless);
    let mut client = Client::sending(&loopback, PUT);
    assert!(!client.head().contains("Content-Length"));
    let body = client.body(10_000_000);
    assert!(body.starts_with("hellohello") && body.ends_with("hello"));
    drop(client);
    let mut next = Client::sending(&loopback, PUT);
    assert_eq!((next.head(), next.body(5)).1, "hello");
}

#[test]
fn a_dripping_body_is_whole_and_the_connection_is_kept() {
    let loopback = delivering(Delivery::Drip(Duration::from_millis(1)));
    let mut client = Client::of(&loopback);
    for _ in 0..2 {
        client.send(PUT).unwrap();
        assert!(client.head().contains("Content-Length: 5"));
        assert_eq!(client.body(5), "hello");
    }
    assert_eq!(loopback.connections(), 1);
}

#[test]
fn a_server_that_hangs_or_drips_stops_all_the_same() {
    for delivery in [Delivery::Hang, Delivery::Drip(Duration::MAX), Delivery::Endless] {
        let loopback = delivering(delivery);
        let mut client = Client::sending(&loopback, PUT);
        assert!(loopback.wait_for_requests(1, AT_MOST));
        drop(loopback);
        // Drained, so that an endless answer comes to its end.
        assert!(client.0.read_to_end(&mut Vec::new()).is_ok(), "{delivery:?}");
    }
}

#[test]
fn a_server_stops_while_a_head_or_a_body_is_outstanding() {
    for text in ["", "PUT /", "PUT / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhe"] {
        let loopback = Loopback::start(echo).unwrap();
        let mut client = Client::sending(&loopback, text);
        drop(loopback);
        let end = client.rest();
        assert!(end.as_ref().is_ok_and(String::is_empty) || client_was_reset(&end), "{end:?}");
    }
}

/// What a server closes without having read it, the system answers with a reset.
fn client_was_reset(end: &io::Result<String>) -> bool {
    end.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::ConnectionReset)
}

#[test]
fn a_request_is_reset_or_closed_before_anything_of_it_is_read() {
    let loopback = heads(|| OnHead::ResetUnread);
    assert!(Client::sending(&loopback, PUT).is_reset());
    assert_eq!(loopback.requests(), 0);

    let loopback = heads(|| OnHead::CloseUnread);
    let mut client = Client::sending(&loopback, PUT);
    assert_eq!(client.rest().unwrap(), "");
    // No reset follows while the client goes on sending.
    client.send(&"x".repeat(1_000_000)).unwrap();
    assert_eq!(loopback.requests(), 0);
}

#[test]
fn a_request_is_reset_in_the_middle_of_its_body() {
    let loopback = heads(|| OnHead::ResetAfter(3));
    let mut client = Client::of(&loopback);
    client.send("PUT / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhel").unwrap();
    assert!(client.is_reset());
    assert_eq!(loopback.requests(), 0);
}

#[test]
fn a_part_of_a_body_is_handled_and_the_connection_is_over() {
    let loopback = heads(|| OnHead::ReadPart(3));
    let mut client =
        Client::sending(&loopback, "PUT / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\nhel");
    let answer = client.rest().unwrap();
    assert!(answer.contains("Connection: close") && answer.ends_with("\r\n\r\nhel"), "{answer}");
    client.send(&"x".repeat(999_997)).unwrap();
    assert_eq!(loopback.requests(), 0);
}

#[test]
fn an_answer_by_the_head_alone_survives_the_body() {
    let loopback = heads(|| OnHead::Answer(Reply::new(413)));
    let head = "PUT / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n";
    let mut client = Client::sending(&loopback, head);
    client.send(&"x".repeat(1_000_000)).unwrap();
    let answer = client.rest().unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 413 ") && answer.contains("Connection: close"),
        "{answer}"
    );
    assert_eq!(loopback.requests(), 0);
}

#[test]
fn a_connection_is_reset_when_it_is_accepted() {
    let on_accept = |number| if number == 0 { OnAccept::Reset } else { OnAccept::Serve };
    let loopback = Loopback::builder().on_accept(on_accept).start(echo).unwrap();
    assert!(Client::of(&loopback).is_reset());
    let mut client = Client::sending(&loopback, PUT);
    assert_eq!((client.head(), client.body(5)).1, "hello");
    assert_eq!(loopback.connections(), 2);
}

#[test]
fn idle_connections_are_disconnected_and_busy_ones_are_not() {
    let (go, gate) = mpsc::channel();
    let gate = std::sync::Mutex::new(gate);
    let loopback = Loopback::start(move |request| {
        if request.path() == "/slow" {
            gate.lock().unwrap().recv().unwrap();
        }
        echo(request)
    })
    .unwrap();
    let mut idle = Client::sending(&loopback, PUT);
    assert_eq!((idle.head(), idle.body(5)).1, "hello");
    let mut busy = Client::sending(&loopback, &PUT.replace("/a", "/slow"));
    assert!(loopback.wait_for_requests(2, AT_MOST));

    assert_eq!(loopback.disconnect_idle(), 1);
    assert_eq!(idle.rest().unwrap(), "");
    go.send(()).unwrap();
    assert_eq!((busy.head(), busy.body(5)).1, "hello");
    assert_eq!(loopback.disconnect_idle(), 1);
    assert_eq!(busy.rest().unwrap(), "");
    assert_eq!(loopback.disconnect_idle(), 0);
}

#[test]
fn waiting_for_requests_ends_when_they_do_not_come() {
    let loopback = Loopback::start(echo).unwrap();
    assert!(!loopback.wait_for_requests(1, Duration::ZERO));
    assert!(loopback.wait_for_requests(0, Duration::ZERO));
}

#[test]
fn an_assertion_in_a_handler_fails_the_test() {
    let loopback = Loopback::start(|_| panic!("no such thing")).unwrap();
    assert_eq!(Client::sending(&loopback, PUT).rest().unwrap(), "");
    let panicked = panic::catch_unwind(AssertUnwindSafe(|| drop(loopback))).unwrap_err();
    assert_eq!(panicked.downcast_ref::<&str>(), Some(&"no such thing"));
}

#[test]
fn debug_shows_of_a_reply_no_more_than_its_length() {
    let reply = Reply::new(200).header("Location", "/hunter2").body("text/plain", "hunter2");
    let printed = format!("{reply:?} {:?}", OnHead::Answer(reply.clone()));
    assert!(printed.contains("7 bytes") && !printed.contains("hunter2"), "{printed}");
}
