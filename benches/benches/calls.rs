//! 10,000 open calls on the embedded engine, advanced by one tick: when none is due, and when all
//! are, so that each reads its row, asks the next wave, hands a mail over and writes it off.
//!
//! The mails go nowhere: an outbox has benches of its own. `cargo bench -p jada-benches --bench calls`.

#![expect(clippy::unwrap_used, reason = "a bench that fails is to stop")]

use std::time::{Duration, Instant};

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use jada_benches::OpenCalls;
use tokio::runtime::Builder;

fn tick(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let calls = runtime.block_on(OpenCalls::of(COUNT));
    let mut group = criterion.benchmark_group("tick of 10000 open calls");
    group.sample_size(10).sampling_mode(SamplingMode::Flat).throughput(Throughput::Elements(COUNT));
    group.warm_up_time(Duration::from_millis(1)).measurement_time(Duration::from_secs(1));
    assert_eq!(runtime.block_on(calls.tick()), 0, "nothing is due");
    group.bench_function("none due", |bencher| {
        bencher.to_async(&runtime).iter(|| calls.tick());
    });
    group.bench_function("all due", |bencher| {
        bencher.iter_custom(|times| {
            let mut took = Duration::ZERO;
            for _ in 0..times {
                calls.let_windows_pass();
                let start = Instant::now();
                assert_eq!(runtime.block_on(calls.tick()), COUNT);
                took += start.elapsed();
            }
            took
        });
    });
}

const COUNT: u64 = 10_000;

criterion_group!(benches, tick);
criterion_main!(benches);
