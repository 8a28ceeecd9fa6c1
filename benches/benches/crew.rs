//! The crew and their links on the embedded engine, beside the SDK's calls alone on the same engine:
//! a single-use link consumed, 10,000 members listed as a stream, and four processes that consume
//! links of one database file.
//!
//! The SDK's consumption is the same conditional update, without digest, audit and judgement; its
//! list stops at the items, where `jada` reads each into a member.
//!
//! `cargo bench -p jada-benches --features peers --bench crew`.

#![expect(clippy::unwrap_used, reason = "a bench that fails is to stop")]

use std::time::Instant;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use futures_util::TryStreamExt;
#[cfg(feature = "peers")]
use jada_benches::{Contenders, PlainCrew};
use jada_benches::{OneTimeLinks, crew};
use jada_roster::{DynamoRoster, EmbeddedEngine, RosterRepository};
use tokio::runtime::{Builder, Runtime};

fn consume(criterion: &mut Criterion) {
    let runtime = runtime();
    let mut group = criterion.benchmark_group("consume");
    let engine = EmbeddedEngine::in_memory().unwrap();
    let mut links = runtime.block_on(OneTimeLinks::of(&engine));
    group.bench_function("jada", |bencher| {
        bencher.iter_custom(|times| {
            runtime.block_on(async {
                let mut texts = Vec::new();
                for _ in 0..times {
                    texts.push(links.issue().await);
                }
                let start = Instant::now();
                for text in &texts {
                    links.consume(text).await;
                }
                start.elapsed()
            })
        });
    });
    #[cfg(feature = "peers")]
    {
        let plain = PlainCrew::of(&engine);
        group.bench_function("sdk", |bencher| {
            bencher.iter_custom(|times| {
                runtime.block_on(async {
                    let mut keys = Vec::new();
                    for _ in 0..times {
                        keys.push(plain.issue().await);
                    }
                    let start = Instant::now();
                    for key in &keys {
                        plain.consume(key).await;
                    }
                    start.elapsed()
                })
            });
        });
    }
}

fn list(criterion: &mut Criterion) {
    let runtime = runtime();
    let mut group = criterion.benchmark_group("list");
    group.sample_size(10).throughput(Throughput::Elements(COUNT as u64));
    let engine = EmbeddedEngine::in_memory().unwrap();
    let roster = DynamoRoster::new(engine.client());
    runtime.block_on(async {
        roster.ensure_tables().await.unwrap();
        for member in crew(COUNT) {
            roster.add(&member).await.unwrap();
        }
    });
    let listed =
        || async { roster.list().try_fold(0, async |count, _| Ok(count + 1)).await.unwrap() };
    assert_eq!(runtime.block_on(listed()), COUNT);
    group.bench_function(BenchmarkId::new("jada", COUNT), |bencher| {
        bencher.to_async(&runtime).iter(listed);
    });
    #[cfg(feature = "peers")]
    {
        let plain = PlainCrew::of(&engine);
        assert_eq!(runtime.block_on(plain.count()), COUNT);
        group.bench_function(BenchmarkId::new("sdk", COUNT), |bencher| {
            bencher.to_async(&runtime).iter(|| plain.count());
        });
    }
}

#[cfg(feature = "peers")]
fn contention(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("contention of 4 processes");
    group.sample_size(10).throughput(Throughput::Elements(4 * EACH as u64));
    let program = env!("CARGO_BIN_EXE_crew-contention");
    for way in ["jada", "sdk"] {
        group.bench_function(way, |bencher| {
            bencher.iter_custom(|times| {
                (0..times).map(|_| Contenders::start(program, way, 4, EACH).race()).sum()
            });
        });
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

const COUNT: usize = 10_000;
#[cfg(feature = "peers")]
const EACH: usize = 25;

#[cfg(feature = "peers")]
criterion_group!(benches, consume, list, contention);
#[cfg(not(feature = "peers"))]
criterion_group!(benches, consume, list);
criterion_main!(benches);
