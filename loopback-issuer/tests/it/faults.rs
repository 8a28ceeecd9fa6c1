//! What goes wrong on demand, and that nothing of it outlives the issuer.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use jada_loopback_issuer::{Fault, Issuer};
use serde_json::json;

use crate::client::Client;

#[test]
fn faults_befall_the_next_requests_in_their_order_and_then_the_lasting_one_does() {
    let issuer = Issuer::builder().rotating().start().unwrap();
    let (consent, mut client) = (issuer.consent(), Client::of(&issuer));
    issuer.fail_always(Fault::error(400, "invalid_grant"));
    issuer.fail_next(Fault::retry_after(503, 7));
    issuer.fail_next(Fault::Html);
    issuer.fail_next(Fault::answer(json!({ "access_token": "" })));
    issuer.fail_next(Fault::answer("{"));

    let unavailable = client.refresh(&consent).unwrap();
    assert_eq!((unavailable.status, unavailable.header("Retry-After")), (503, Some("7")));
    let html = client.refresh(&consent).unwrap();
    assert_eq!((html.status, html.header("Content-Type")), (200, Some("text/html; charset=utf-8")));
    assert_eq!(client.refresh(&consent).unwrap().text("access_token"), "");
    assert_eq!(client.refresh(&consent).unwrap().body, b"{");
    for _ in 0..2 {
        assert_eq!(client.refresh(&consent).unwrap().verdict(), (400, "invalid_grant".to_owned()));
    }
    issuer.fail_next(Fault::Html);
    issuer.heal();
    assert_eq!(client.refresh(&consent).unwrap().status, 200, "none of these touched the grant");
    assert_eq!(issuer.requests(), 7);
}

#[test]
fn a_status_brings_its_own_headers_and_date() {
    let issuer = Issuer::start().unwrap();
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    issuer.fail_next(Fault::Status {
        status: 429,
        headers: vec![header("date", "yesterday"), header("X-Mood", "tired")],
        content_type: "text/plain".to_owned(),
        body: "later".to_owned(),
    });
    let reply = Client::of(&issuer).refresh("any").unwrap();
    assert_eq!((reply.status, &*reply.body), (429, &b"later"[..]));
    assert_eq!((reply.header("X-Mood"), reply.header("date")), (Some("tired"), Some("yesterday")));
    assert_eq!(reply.header("Date"), None);
}

#[test]
fn a_clock_can_be_ahead_or_behind_for_one_answer() {
    let issuer = Issuer::start().unwrap();
    let (consent, mut client) = (issuer.consent(), Client::of(&issuer));
    let mut year_with = |fault| {
        issuer.fail_next(fault);
        let reply = client.refresh(&consent).unwrap();
        assert_eq!(reply.status, 200);
        reply.header("Date").unwrap().split(' ').nth(3).unwrap().parse::<i32>().unwrap()
    };
    let century = Duration::from_secs(36_525 * 86_400);
    assert_eq!(year_with(Fault::ClockAhead(century)) - year_with(Fault::ClockBehind(century)), 200);
    assert_eq!(year_with(Fault::ClockAhead(Duration::MAX)), 9999);
    assert_eq!(year_with(Fault::ClockBehind(Duration::MAX)), 1970);
}

#[test]
fn a_huge_answer_does_not_say_how_long_it_is() {
    let issuer = Issuer::start().unwrap();
    issuer.fail_next(Fault::Huge);
    let reply = Client::of(&issuer).refresh("any").unwrap();
    assert_eq!(reply.header("Content-Length"), None);
    assert!(reply.body.len() > 10_000_000);
    assert!(reply.text("access_token").starts_with("at-"));
}

#[test]
fn a_reset_is_seen_as_one() {
    let issuer = Issuer::start().unwrap();
    issuer.fail_next(Fault::Reset);
    let error = Client::of(&issuer).refresh("any").err().unwrap();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(issuer.requests(), 1);
}

#[test]
fn a_lost_answer_leaves_the_client_with_a_spent_token() {
    let issuer = Issuer::builder().rotating().start().unwrap();
    let consent = issuer.consent();
    issuer.fail_next(Fault::LostAnswer);
    let error = Client::of(&issuer).refresh(&consent).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    assert_eq!(
        Client::of(&issuer).refresh(&consent).unwrap().verdict(),
        (400, "invalid_grant".to_owned())
    );
}

#[test]
fn half_a_body_is_less_than_was_announced() {
    let issuer = Issuer::start().unwrap();
    let (consent, mut client) = (issuer.consent(), Client::of(&issuer));
    issuer.fail_next(Fault::HalfBody);
    client.ask_to_refresh(&consent);
    assert_eq!(client.head().unwrap().status, 200);
    assert_eq!(client.byte().unwrap(), b'{');
    assert_eq!(client.reply().err().unwrap().kind(), ErrorKind::UnexpectedEof);
}

#[test]
fn a_drip_takes_its_time_for_each_byte() {
    let issuer = Issuer::start().unwrap();
    let (consent, mut client) = (issuer.consent(), Client::of(&issuer));
    issuer.fail_next(Fault::Drip);
    client.ask_to_refresh(&consent);
    assert!(client.head().unwrap().header("Content-Length").is_some());
    let since = Instant::now();
    assert_eq!([client.byte().unwrap(), client.byte().unwrap()], *b"{\"");
    assert!(since.elapsed() >= Duration::from_millis(200));
}

#[test]
fn a_gate_holds_the_answer_after_the_grant_has_rotated() {
    let issuer = Issuer::builder().rotating().start().unwrap();
    let (consent, mut client) = (issuer.consent(), Client::of(&issuer));
    issuer.open_gate(); // For nobody: a gate opens for those who wait.
    issuer.fail_next(Fault::Gate);
    client.ask_to_refresh(&consent);
    assert!(issuer.wait_for_requests(1, PATIENCE));

    let reuse = Client::of(&issuer).refresh(&consent).unwrap();
    assert_eq!(
        reuse.verdict(),
        (400, "invalid_grant".to_owned()),
        "it rotated before the answer is out"
    );
    issuer.open_gate();
    let reply = client.reply().unwrap();
    assert!(!issuer.is_live(&reply.text("access_token")), "the reuse revoked it");
}

#[test]
fn a_latency_is_the_least_that_an_answer_takes() {
    let latency = Duration::from_millis(60);
    let issuer = Issuer::builder().latency(latency).start().unwrap();
    let since = Instant::now();
    Client::of(&issuer).refresh(&issuer.consent()).unwrap();
    assert!(since.elapsed() >= latency);
}

#[test]
fn a_wait_for_requests_that_do_not_come_ends() {
    let issuer = Issuer::start().unwrap();
    assert!(issuer.wait_for_requests(0, Duration::ZERO));
    assert!(!issuer.wait_for_requests(1, Duration::from_millis(1)));
}

#[test]
fn a_dropped_issuer_ends_every_connection_and_frees_its_port() {
    let issuer = Issuer::builder().latency(Duration::ZERO).start().unwrap();
    let consent = issuer.consent();
    let address = issuer.token_uri().replace("http://", "").replace("/token", "");
    let mut clients = vec![Client::of(&issuer)]; // This one never asks.
    for (number, fault) in [Fault::Hang, Fault::Gate, Fault::Drip].into_iter().enumerate() {
        issuer.fail_next(fault);
        clients.push(Client::of(&issuer));
        clients[number + 1].ask_to_refresh(&consent);
        assert!(issuer.wait_for_requests(number + 1, PATIENCE));
    }

    let since = Instant::now();
    drop(issuer);
    for mut client in clients {
        assert!(client.reply().is_err());
    }
    assert!(since.elapsed() < PATIENCE);
    assert_eq!(TcpStream::connect(&address).unwrap_err().kind(), ErrorKind::ConnectionRefused);

    let port = address.rsplit(':').next().unwrap().parse().unwrap();
    let again = Issuer::builder().port(port).start().unwrap();
    assert_eq!(again.token_uri(), format!("http://{address}/token"));
}

#[test]
fn a_dropped_issuer_does_not_sit_out_its_latency() {
    let issuer = Issuer::builder().latency(Duration::from_secs(3600)).start().unwrap();
    let mut client = Client::of(&issuer);
    client.ask_to_refresh(&issuer.consent());
    assert!(issuer.wait_for_requests(1, PATIENCE));
    drop(issuer);
    assert!(client.reply().is_err());
}

/// Long enough for a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(20);
