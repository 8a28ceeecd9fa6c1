//! Stating a month: charters in, a [`Statement`](jada_reports::Statement) by the house rule with
//! two taxes out.
//!
//! `sorted` is the order in which a month query brings them, `shuffled` is none. The charters are
//! cloned, and the statement is dropped, outside the time. The target is 100 ns a charter.
//!
//! `cargo bench -p jada-benches --bench statement -- --save-baseline main`, and later
//! `-- --baseline main`.

#![expect(clippy::unwrap_used, reason = "a bench that fails is to stop")]

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jada_benches::{charters, shuffled, statement};
use jada_reports::Statement;
use jada_roster::Charter;

fn build(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("statement");
    group.sample_size(20);
    let inputs = [
        ("sorted", charters(1_000)),
        ("sorted", charters(100_000)),
        ("shuffled", shuffled(charters(100_000))),
        ("sorted", charters(1_000_000)),
    ];
    for (order, input) in &inputs {
        assert_states(input);
        group.throughput(Throughput::Elements(input.len() as u64));
        group.bench_function(BenchmarkId::new(*order, input.len()), |bencher| {
            let build = |charters| statement().build(charters).unwrap();
            bencher.iter_batched(|| input.clone(), build, BatchSize::LargeInput);
        });
    }
}

fn assert_states(charters: &[Charter]) {
    let stated: Statement = statement().build(charters.iter().cloned()).unwrap();
    assert_eq!(stated.source(), charters.len());
    let share = stated.counted().len() * 100 / charters.len();
    assert!((70..85).contains(&share), "{share} % count");
    let total = |charter: &Charter| charter.total().map_or(0, |total| total.minor());
    assert_eq!(stated.gross().minor(), stated.counted().iter().map(total).sum::<i64>());
}

criterion_group!(benches, build);
criterion_main!(benches);
