//! The outbox as several processes use it, against a Gmail that fails, and under kill -9.

#![expect(clippy::print_stdout, reason = "how a worker answers, and a sweep tells its counts")]

mod kills;
mod processes;
mod stopped;
mod worker;

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use jada_auth::{AccessToken, Clock, Health, Moment, Scopes, SystemClock, TokenProvider};
use jada_loopback_issuer::{Gmail as LoopbackGmail, SentMail};
use jada_mail::{IdempotencyKey, Message, Outbox, OutboxBuilder};

/// Runs so many times as fast as the clock on the wall, and is behind it at any time: a server
/// whose clock is right takes no mail for older than it is.
#[derive(Clone, Copy, Debug)]
struct FastClock {
    start: SystemTime,
}

impl FastClock {
    const SPEED: u32 = 200;

    fn starting_now() -> Self {
        Self { start: SystemTime::now() }
    }
}

impl Clock for FastClock {
    fn now(&self) -> Moment {
        let passed = self.start.elapsed().unwrap_or_default();
        let start = jiff::Timestamp::try_from(self.start).unwrap();
        let wall = start - Duration::from_secs(30 * 24 * 3600) + passed * Self::SPEED;
        Moment::new(wall, SystemClock.now().monotonic)
    }
}

/// Has a token of its own process, and another one after each that was rejected.
#[derive(Debug)]
struct Renewing {
    scopes: Scopes,
    rejected: AtomicUsize,
}

impl Renewing {
    fn new(scopes: &str) -> Self {
        Self { scopes: scopes.parse().unwrap(), rejected: AtomicUsize::new(0) }
    }

    fn name(&self) -> String {
        format!("good-{}-{}", std::process::id(), self.rejected.load(Ordering::SeqCst))
    }
}

#[async_trait]
impl TokenProvider for Renewing {
    fn cached(&self, _: &Scopes) -> Option<AccessToken> {
        let token = AccessToken::builder(self.name(), SystemClock.now());
        let token = token.expires_in(Duration::from_secs(3600)).scopes(self.scopes.clone());
        Some(token.build().unwrap())
    }

    async fn token(&self, scopes: &Scopes) -> Result<AccessToken, jada_auth::Error> {
        let missing = scopes.missing_from(&self.scopes);
        match missing.is_empty() {
            true => Ok(self.cached(scopes).unwrap()),
            false => Err(jada_auth::Error::ScopesMissing { missing }),
        }
    }

    async fn invalidate(&self, rejected: &AccessToken) {
        if rejected.secret().expose() == self.name() {
            self.rejected.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn health(&self) -> Health {
        Health::good()
    }
}

/// With both proofs.
const BOTH: &str = "https://www.googleapis.com/auth/gmail.compose \
                    https://www.googleapis.com/auth/gmail.readonly";
const SEARCH: &str = "https://www.googleapis.com/auth/gmail.send \
                      https://www.googleapis.com/auth/gmail.readonly";
const DRAFTS: &str = "https://www.googleapis.com/auth/gmail.compose";
const SEND: &str = "https://www.googleapis.com/auth/gmail.send";

/// The settings that count in minutes count in parts of a second here.
fn builder(folder: &std::path::Path, clock: FastClock) -> OutboxBuilder {
    Outbox::builder(folder).clock(std::sync::Arc::new(clock)).backoff(Duration::from_secs(20))
}

fn mail(key: &str) -> Message {
    Message::builder("Example Air <ops@example.com>".parse().unwrap())
        .to(format!("\"Lovelace, Ada\" <ada+{key}@example.com>").parse().unwrap())
        .subject(format!("Charter {key} 🛫").parse().unwrap())
        .text(format!("Can you come? {key}\n"))
        .date("2026-06-01T06:00:00Z".parse().unwrap())
        .idempotency_key(key.parse().unwrap())
        .build()
        .unwrap()
}

/// How often each key was sent, by what the server has of it.
fn times_sent(gmail: &LoopbackGmail, keys: &[IdempotencyKey]) -> BTreeMap<IdempotencyKey, usize> {
    let sent: Vec<SentMail> = gmail.sent();
    let mut times = BTreeMap::new();
    for key in keys {
        let message = mail(key.as_str());
        let reference = message.message_id().as_str().split('@').next().unwrap().to_owned();
        let of_key = sent.iter().filter(|it| it.reference.as_deref() == Some(&*reference));
        let bodies = of_key.inspect(|it| assert_same_body(&it.raw, &message.render()));
        times.insert(key.clone(), bodies.count());
    }
    assert_eq!(times.values().sum::<usize>(), sent.len(), "something else was sent");
    times
}

/// Whatever Gmail makes of the Message-ID, all else goes out as it was composed.
fn assert_same_body(sent: &[u8], composed: &[u8]) {
    let body = |mail: &[u8]| {
        let at = mail.windows(4).position(|at| at == b"\r\n\r\n").unwrap();
        mail[at..].to_vec()
    };
    assert_eq!(body(sent), body(composed));
}

fn sweep(some: usize, full: usize) -> usize {
    if std::env::var("JADA_SWEEP").is_ok_and(|it| it == "full") { full } else { some }
}
