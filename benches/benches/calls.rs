//! 10,000 open calls on the embedded engine, advanced by one tick: when none is due, when 100 are, as
//! on a busy day, and when all are. One that is due is read, asks its next wave in a write, hands a mail
//! over and writes it off.
//!
//! Beside it the SDK's requests alone, as many and as large, on the same tables: nothing is read from
//! the items, planned or told. After each tick the rows that it wrote are put back as they were. The
//! mails go nowhere: an outbox has benches of its own. What is counted is the processor's time. `nobody
//! is left` is the look that follows in a dispatcher, when all are due within the hour.
//!
//! And how long it takes from a charter that becomes confirmed to its call's first mail in the outbox, by a
//! dispatcher that is told of it by a stream, and by one that finds it in a month of 300; beside it the
//! requests alone and one mail of that size. Where the tables are a file, either way waits for the disk 8
//! times, 4 of them in the outbox.
//!
//! `cargo bench -p jada-benches --bench calls`.

#![expect(clippy::unwrap_used, reason = "a bench that fails is to stop")]

use std::time::Duration;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use jada_benches::{FirstMail, OpenCalls, cpu_time};
use tokio::runtime::Builder;

fn tick(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let calls = runtime.block_on(OpenCalls::of(COUNT, EARLY));
    let mut group = criterion.benchmark_group("tick of 10000 open calls");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.warm_up_time(Duration::from_millis(1)).measurement_time(Duration::from_secs(2));
    for (due, name) in [(0, "none due"), (EARLY, "100 due"), (COUNT, "all due")] {
        let (plain, now) = (calls.plain(), calls.now());
        let rows = runtime.block_on(async { plain.read(&plain.due(now).await).await });
        assert_eq!(rows.len() as u64, due);
        let put_back = async |start, ticked| {
            let took = cpu_time() - start;
            assert_eq!(ticked, due);
            plain.put_back(&rows).await;
            took
        };
        let jada = async || put_back(cpu_time(), calls.tick().await).await;
        let sdk = async || put_back(cpu_time(), plain.tick(now).await).await;
        group.throughput(Throughput::Elements(due.max(1)));
        group.bench_function(format!("{name}, jada"), |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| runtime.block_on(jada())).sum());
        });
        group.bench_function(format!("{name}, sdk"), |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| runtime.block_on(sdk())).sum());
        });
        if due == EARLY {
            assert_eq!(runtime.block_on(calls.exhausted()), 0);
            group.bench_function("nobody is left", |bencher| {
                let once = async || {
                    let start = cpu_time();
                    calls.exhausted().await;
                    cpu_time() - start
                };
                bencher.iter_custom(|times| (0..times).map(|_| runtime.block_on(once())).sum());
            });
        }
        calls.pass_an_hour();
    }
}

fn first_mail(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut first = runtime.block_on(FirstMail::in_folder(folder.path()));
    let mail = runtime.block_on(async {
        let charter = first.book_one().await;
        first.confirm(&charter).await;
        first.clear_away(&charter).await;
        first.sent(folder.path()).await.remove(0)
    });
    assert!(mail.html().unwrap().contains("https://crew.example.com/crew/answer"));
    let mut group = criterion.benchmark_group("confirmed to first mail");
    for way in ["told", "polled", "by hand"] {
        let mut once = async || {
            let charter = first.book_one().await;
            let start = cpu_time();
            match way {
                "told" => first.confirm(&charter).await,
                "polled" => first.confirm_and_poll(&charter).await,
                _ => first.by_hand(&charter, &mail).await,
            }
            let took = cpu_time() - start;
            first.clear_away(&charter).await;
            took
        };
        group.bench_function(way, |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| runtime.block_on(once())).sum());
        });
    }
}

const COUNT: u64 = 10_000;
const EARLY: u64 = 100;

criterion_group!(benches, tick, first_mail);
criterion_main!(benches);
