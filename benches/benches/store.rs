//! Charters in the embedded engine, in memory: 1,000 imported into an empty table, and the query
//! of a month of 1,000, beside the SDK's calls alone on the same engine.
//!
//! The SDK's import puts ready items without a condition, where `jada` looks first for what is
//! stored, builds each item, and updates on the condition of its version; its query stops at the
//! items, where `jada` reads each into a charter and checks it.
//!
//! `cargo bench -p jada-benches --features peers --bench store -- --save-baseline main`, and later
//! `-- --baseline main`.

#![expect(clippy::unwrap_used, reason = "a bench that fails is to stop")]

use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use futures_util::TryStreamExt;
#[cfg(feature = "peers")]
use jada_benches::PlainTable;
use jada_benches::{charters, month};
use jada_roster::{
    Charter, CharterRepository, DynamoCharters, EmbeddedEngine, Filter, OnConflict, import,
};
use tokio::runtime::{Builder, Runtime};

fn import_charters(criterion: &mut Criterion) {
    let runtime = runtime();
    let mut group = criterion.benchmark_group("import");
    group.sample_size(20).throughput(Throughput::Elements(COUNT as u64));
    let input = charters(COUNT);
    group.bench_function(BenchmarkId::new("jada", COUNT), |bencher| {
        bencher.to_async(&runtime).iter_custom(async |times| {
            let mut time = Duration::ZERO;
            for _ in 0..times {
                let (_engine, repository) = empty().await;
                let charters = input.clone();
                let start = Instant::now();
                import(&repository, charters, OnConflict::Refuse).await.unwrap();
                time += start.elapsed();
            }
            time
        });
    });
    #[cfg(feature = "peers")]
    {
        let items = runtime.block_on(async { PlainTable::of(&full(&input).await.0).month().await });
        group.bench_function(BenchmarkId::new("sdk", COUNT), |bencher| {
            bencher.to_async(&runtime).iter_custom(async |times| {
                let mut time = Duration::ZERO;
                for _ in 0..times {
                    let (engine, _) = empty().await;
                    let (table, items) = (PlainTable::of(&engine), items.clone());
                    let start = Instant::now();
                    table.put(items).await;
                    time += start.elapsed();
                }
                time
            });
        });
    }
}

fn query_a_month(criterion: &mut Criterion) {
    let runtime = runtime();
    let mut group = criterion.benchmark_group("month");
    group.throughput(Throughput::Elements(COUNT as u64));
    let (_engine, repository) = runtime.block_on(full(&charters(COUNT)));
    assert_eq!(runtime.block_on(month_of(&repository)).len(), COUNT);
    group.bench_function(BenchmarkId::new("jada", COUNT), |bencher| {
        bencher.to_async(&runtime).iter(|| month_of(&repository));
    });
    #[cfg(feature = "peers")]
    {
        let table = PlainTable::of(&_engine);
        assert_eq!(runtime.block_on(table.month()).len(), COUNT);
        group.bench_function(BenchmarkId::new("sdk", COUNT), |bencher| {
            bencher.to_async(&runtime).iter(|| table.month());
        });
    }
}

async fn month_of(repository: &DynamoCharters) -> Vec<Charter> {
    repository.month(month(), &Filter::everything()).try_collect().await.unwrap()
}

async fn empty() -> (EmbeddedEngine, DynamoCharters) {
    let engine = EmbeddedEngine::in_memory().unwrap();
    let repository = DynamoCharters::new(engine.client());
    repository.ensure_table().await.unwrap();
    (engine, repository)
}

async fn full(charters: &[Charter]) -> (EmbeddedEngine, DynamoCharters) {
    let (engine, repository) = empty().await;
    let imported = import(&repository, charters.to_vec(), OnConflict::Refuse).await.unwrap();
    assert_eq!(imported.added, charters.len());
    (engine, repository)
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

const COUNT: usize = 1_000;

criterion_group!(benches, import_charters, query_a_month);
criterion_main!(benches);
