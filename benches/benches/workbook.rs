//! A statement as a workbook of three sheets: `jada` beside `plain`, which writes the same cells
//! by rust_xlsxwriter alone, in the same mode, with formats, widths, texts and sums made
//! beforehand. The target is 1.15 times its time.
//!
//! `cargo bench -p jada-benches --features peers --bench workbook -- --save-baseline main`, and
//! later `-- --baseline main`.

#![expect(clippy::unwrap_used, reason = "a bench that fails is to stop")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jada_benches::{charters, statement};
use jada_reports::workbook;

fn write(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("workbook");
    for count in [400, 5_000] {
        let statement = statement().build(charters(count)).unwrap();
        assert!(workbook(&statement).unwrap().starts_with(b"PK"));
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(BenchmarkId::new("jada", count), |bencher| {
            bencher.iter(|| workbook(&statement).unwrap());
        });
        #[cfg(feature = "peers")]
        {
            let plain = jada_benches::PlainWorkbook::of(&statement);
            let (ours, theirs) = (workbook(&statement).unwrap(), plain.write().unwrap());
            assert_eq!(jada_benches::difference(&ours, &theirs), None);
            group.bench_function(BenchmarkId::new("plain", count), |bencher| {
                bencher.iter(|| plain.write().unwrap());
            });
        }
    }
}

criterion_group!(benches, write);
criterion_main!(benches);
