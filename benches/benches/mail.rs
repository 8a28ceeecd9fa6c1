//! Mails: composed, queued, uploaded and drained.
//!
//! - Composing goes from texts and a file at hand to the bytes of a mail: `jada` beside
//!   `mail-builder`, which it writes with, and `lettre`. With a file of 10 MB the targets are 1.3
//!   times the time of `mail-builder`, and a tenth of that of `lettre`, which wants a copy of the
//!   file for itself that is not in its time. What shows in a small mail is that `jada` alone looks
//!   whether an HTML body and its images match, and that it derives boundaries and Message-ID from
//!   the key. A text that is not given it makes of the HTML; the others take that of mail-parser,
//!   which drops where links lead, and what stands beside what in a table.
//! - Queueing makes a mail and its record last with 4 syncs. `two files` is the same bytes and 4
//!   syncs by hand, in another order; `one file` is the same bytes in one file, with the 2 syncs
//!   that it needs.
//! - An upload of a mail with 10 MB goes to a loopback Gmail: `parts`, which is what `jada` does with
//!   a mail of this size, and `media`, both as the bytes that they are, beside `raw`, base64 in JSON
//!   by hand, which has a third more on the wire. The server reads what it gets in all three.
//! - Draining 20 mails has no target. A mail takes 10 syncs by `gmail`, since each of its steps is
//!   written down before it is taken, and 11 by `eml`, 3 of them for its file. `no outbox`
//!   sends by Gmail and writes nothing down.
//!
//! `cargo bench -p jada-benches --features peers --bench mail -- --save-baseline main`, and later
//! `-- --baseline main`.

#![expect(clippy::unwrap_used, reason = "a bench that fails is to stop")]

use std::time::{Duration, Instant};

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
#[cfg(feature = "peers")]
use jada_auth::GoogleClient;
use jada_benches::{MailParts, mailbox};
#[cfg(feature = "peers")]
use jada_benches::{PlainSpool, by_lettre, by_mail_builder, send_raw};
use jada_loopback_issuer::Gmail as Server;
use jada_mail::{EmlFolder, Enqueued, Gmail, Letter, Message, Outbox, Quota, Transport};
use mail_parser::{MessageParser, MimeHeaders as _};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

fn compose_large(criterion: &mut Criterion) {
    let parts = MailParts::with_random_file(LARGE);
    let file = parts.attachment.clone().unwrap();
    let mut group = criterion.benchmark_group("compose, 10 MB");
    group.throughput(Throughput::Bytes(LARGE as u64)).sample_size(50);
    let ours = Read::of(&parts.message("a").render());
    assert!(ours.files == [("statement.pdf".to_owned(), file.to_vec())]);
    group.bench_function("jada", |bencher| bencher.iter(|| parts.message("a").render()));
    #[cfg(feature = "peers")]
    {
        assert!(Read::of(&by_mail_builder(&parts)) == ours);
        group.bench_function("mail-builder", |bencher| {
            bencher.iter(|| by_mail_builder(&parts));
        });
        assert!(Read::of(&by_lettre(&parts, Some(file.to_vec()))) == ours);
        group.bench_function("lettre", |bencher| {
            let compose = |file| by_lettre(&parts, Some(file));
            bencher.iter_batched(|| file.to_vec(), compose, criterion::BatchSize::PerIteration);
        });
    }
}

fn compose_html(criterion: &mut Criterion) {
    let made = MailParts::call_sheet();
    let mut given = made.clone();
    given.text = made.message("a").text().map(str::to_owned);
    for (name, parts) in [("text given", given), ("text made", made)] {
        let mut group = criterion.benchmark_group(format!("compose, small HTML, {name}"));
        group.throughput(Throughput::Elements(1));
        let ours = Read::of(&parts.message("a").render());
        assert_eq!(ours.html, parts.html);
        assert!(ours.text.contains("Renée Müller 11 | Étoile 3 | 10:30 | +1 555 0111"));
        group.bench_function("jada", |bencher| bencher.iter(|| parts.message("a").render()));
        #[cfg(feature = "peers")]
        {
            assert!(Read::of(&by_mail_builder(&parts)).is_like(&ours, &parts));
            group.bench_function("mail-builder", |bencher| {
                bencher.iter(|| by_mail_builder(&parts));
            });
            assert!(Read::of(&by_lettre(&parts, None)).is_like(&ours, &parts));
            group.bench_function("lettre", |bencher| {
                bencher.iter(|| by_lettre(&parts, None));
            });
        }
    }
}

/// A mail as a recipient reads it, its lines ending in LF.
#[derive(PartialEq)]
struct Read {
    from: String,
    subject: String,
    text: String,
    html: Option<String>,
    files: Vec<(String, Vec<u8>)>,
}

impl Read {
    fn of(bytes: &[u8]) -> Self {
        let mail = MessageParser::default().parse(bytes).unwrap();
        let lf = |text: &str| format!("{}\n", text.replace("\r\n", "\n").trim_end());
        let has_html = mail.html_bodies().any(mail_parser::MessagePart::is_text_html);
        Self {
            from: format!("{:?}", mail.from()),
            subject: mail.subject().unwrap().to_owned(),
            text: lf(&mail.body_text(0).unwrap()),
            html: has_html.then(|| lf(&mail.body_html(0).unwrap())),
            files: mail
                .attachments()
                .map(|file| (file.attachment_name().unwrap().to_owned(), file.contents().to_vec()))
                .collect(),
        }
    }

    /// Whether it is the same, but for a text that was not given.
    #[cfg(feature = "peers")]
    fn is_like(&self, ours: &Self, parts: &MailParts) -> bool {
        let same_text = parts.text.is_none() || self.text == ours.text;
        let others = |read: &Self| (read.from.clone(), read.subject.clone(), read.html.clone());
        same_text && self.text.contains("Renée Müller 11") && others(self) == others(ours)
    }
}

fn enqueue(criterion: &mut Criterion) {
    let mails = [("small", MailParts::small()), ("1 MB", MailParts::with_random_file(1_000_000))];
    for (name, parts) in mails {
        let mut group = criterion.benchmark_group(format!("enqueue, {name}"));
        group.throughput(Throughput::Elements(1)).sample_size(20);
        group.sampling_mode(SamplingMode::Flat);
        group.bench_function("jada", |bencher| {
            bencher.iter_custom(|times| {
                let (_folder, outbox) = outbox();
                assert_eq!(outbox.enqueue(&parts.message("first")).unwrap(), Enqueued::New);
                let messages = messages(&parts, times);
                let start = Instant::now();
                for message in &messages {
                    assert_eq!(outbox.enqueue(message).unwrap(), Enqueued::New);
                }
                start.elapsed()
            });
        });
        #[cfg(feature = "peers")]
        {
            let [mail, record] = spooled(&parts);
            assert_eq!(mail, parts.message("first").render());
            group.bench_function("two files", |bencher| {
                bencher.iter_custom(|times| {
                    let folder = folder();
                    let [mails, records] =
                        ["mails", "queued"].map(|it| PlainSpool::create(folder.path().join(it)));
                    timed(times, |name| {
                        mails.keep(name, &mail);
                        records.keep(name, &record);
                    })
                });
            });
            let whole = [mail.clone(), record.clone()].concat();
            group.bench_function("one file", |bencher| {
                bencher.iter_custom(|times| {
                    let folder = folder();
                    let spool = PlainSpool::create(folder.path().join("mails"));
                    timed(times, |name| spool.keep(name, &whole))
                });
            });
        }
    }
}

/// The files that a mail takes in the outbox: itself, and its record.
#[cfg(feature = "peers")]
fn spooled(parts: &MailParts) -> [Vec<u8>; 2] {
    let (_folder, outbox) = outbox();
    assert_eq!(outbox.enqueue(&parts.message("first")).unwrap(), Enqueued::New);
    ["mails/first.eml", "queued/first.json"]
        .map(|path| std::fs::read(outbox.folder().join(path)).unwrap())
}

#[cfg(feature = "peers")]
fn timed(times: u64, mut keep: impl FnMut(&str)) -> Duration {
    let names: Vec<String> = (0..times).map(|number| format!("mail-{number}")).collect();
    let start = Instant::now();
    names.iter().for_each(|name| keep(name));
    start.elapsed()
}

fn upload(criterion: &mut Criterion) {
    let runtime = runtime();
    let letter = Letter::of(&MailParts::with_random_file(LARGE).message("a"));
    let ways = [
        Way::Parts,
        Way::Media,
        #[cfg(feature = "peers")]
        Way::Raw,
    ];
    let bytes = ways.map(|way| runtime.block_on(on_the_wire(way, &letter)));
    assert_eq!(bytes[0], letter.bytes().len() as u64);
    assert_eq!(bytes[1], bytes[0]);
    if let Some(raw) = bytes.get(2) {
        assert!((1333..1335).contains(&(raw * 1000 / bytes[0])), "{bytes:?}");
    }
    let mut group = criterion.benchmark_group("upload, 10 MB");
    group.throughput(Throughput::Bytes(LARGE as u64)).sample_size(20);
    group.sampling_mode(SamplingMode::Flat);
    for way in ways {
        group.bench_function(way.name(), |bencher| {
            bencher.to_async(&runtime).iter_custom(async |times| {
                // One server for each sample: it keeps in memory what it sent.
                let account = Account::open().await;
                let start = Instant::now();
                for _ in 0..times {
                    account.send(way, &letter).await;
                }
                start.elapsed()
            });
        });
    }
}

/// How many bytes the bodies of the requests had.
async fn on_the_wire(way: Way, letter: &Letter) -> u64 {
    let account = Account::open().await;
    account.send(way, letter).await;
    let sent = account.server.sent();
    assert!(sent.len() == 1 && sent[0].raw[..] == letter.bytes()[..]);
    account.server.body_bytes()
}

#[derive(Clone, Copy)]
enum Way {
    Parts,
    Media,
    #[cfg(feature = "peers")]
    Raw,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Parts => "parts",
            Self::Media => "media",
            #[cfg(feature = "peers")]
            Self::Raw => "raw",
        }
    }
}

/// An account at a Gmail of its own, with a connection that is open.
struct Account {
    server: Server,
    #[cfg(feature = "peers")]
    google: GoogleClient,
    gmail: Gmail,
    whole: Gmail,
}

impl Account {
    async fn open() -> Self {
        let server = Server::start().unwrap();
        let google = mailbox(&server.endpoint());
        let gmail = || Gmail::builder(google.clone()).quota(Quota::per_minute(u32::MAX));
        let (gmail, whole) = (gmail().build(), gmail().resumable_above(usize::MAX).build());
        assert_eq!(gmail.address().await.unwrap().email(), "me@example.com");
        Self {
            server,
            #[cfg(feature = "peers")]
            google,
            gmail,
            whole,
        }
    }

    async fn send(&self, way: Way, letter: &Letter) {
        match way {
            Way::Parts => drop(Transport::send(&self.gmail, letter).await.unwrap()),
            Way::Media => drop(Transport::send(&self.whole, letter).await.unwrap()),
            #[cfg(feature = "peers")]
            Way::Raw => drop(send_raw(&self.google, letter.bytes()).await),
        }
    }
}

fn drain(criterion: &mut Criterion) {
    let runtime = runtime();
    let mut group = criterion.benchmark_group(format!("drain, {MAILS} mails"));
    group.throughput(Throughput::Elements(MAILS)).sample_size(10);
    group.sampling_mode(SamplingMode::Flat);
    group.bench_function("gmail", |bencher| {
        bencher.to_async(&runtime).iter_custom(async |times| {
            let mut time = Duration::ZERO;
            for _ in 0..times {
                let account = Account::open().await;
                time += drained_by(&account.gmail).await;
                assert_eq!(account.server.sent().len() as u64, MAILS);
                assert_eq!(account.server.drafts(), []);
            }
            time
        });
    });
    group.bench_function("eml", |bencher| {
        bencher.to_async(&runtime).iter_custom(async |times| {
            let mut time = Duration::ZERO;
            for _ in 0..times {
                let folder = folder();
                time += drained_by(&EmlFolder::new(folder.path())).await;
                assert_eq!(std::fs::read_dir(folder.path()).unwrap().count() as u64, MAILS);
            }
            time
        });
    });
    group.bench_function("no outbox", |bencher| {
        bencher.to_async(&runtime).iter_custom(async |times| {
            let account = Account::open().await;
            let messages = messages(&MailParts::small(), times * MAILS);
            let start = Instant::now();
            for message in &messages {
                account.gmail.send(message).await.unwrap();
            }
            start.elapsed()
        });
    });
}

/// The time that a pass over a full outbox takes.
async fn drained_by(transport: &dyn Transport) -> Duration {
    let (_folder, outbox) = outbox();
    for message in messages(&MailParts::small(), MAILS) {
        assert_eq!(outbox.enqueue(&message).unwrap(), Enqueued::New);
    }
    let start = Instant::now();
    let drained = outbox.drain(transport).await.unwrap();
    let time = start.elapsed();
    assert_eq!(drained.sent.len() as u64, MAILS);
    time
}

fn messages(parts: &MailParts, count: u64) -> Vec<Message> {
    (0..count).map(|number| parts.message(&format!("mail-{number}"))).collect()
}

/// An outbox on the disk that is built on, where a sync takes its time.
fn outbox() -> (TempDir, Outbox) {
    let folder = folder();
    let outbox = Outbox::new(folder.path().join("outbox"));
    (folder, outbox)
}

fn folder() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

const LARGE: usize = 10_000_000;
const MAILS: u64 = 20;

criterion_group!(benches, compose_large, compose_html, enqueue, upload, drain);
criterion_main!(benches);
