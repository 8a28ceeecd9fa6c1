//! A statement as a workbook of three sheets, and a year of fourteen: `jada` beside `plain`, which
//! writes the same cells by rust_xlsxwriter alone, in the same mode, with formats, widths, texts
//! and sums made beforehand. The target is 1.15 times its time. `rows` is the export of charters
//! without an end, beside rust_xlsxwriter in constant memory: 1.1 times.
//!
//! `benches/python/year.py` makes the like of the year by XlsxWriter and openpyxl; run it by hand,
//! beside this.
//!
//! Measured, as ratios of CPU time: a year of 12 × 400 charters takes 1.00 to 1.04 times `plain`, a
//! month of 5,000 takes 1.00 to 1.08 times; XlsxWriter takes 4.2 times what the year takes here, and
//! openpyxl, which writes formulas without their results, 14 times. The export takes what `plain` in
//! constant memory takes; a million rows (`export-memory`) are 4.7 MB resident at most, as are a
//! hundred thousand.
//!
//! `cargo bench -p jada-benches --features peers --bench workbook -- --save-baseline main`, and
//! later `-- --baseline main`.

#![expect(clippy::unwrap_used, reason = "a bench that fails is to stop")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jada_benches::{charters, statement, year};
use jada_reports::{StatementStyle, bulk_export, workbook, year_workbook};

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

fn write_year(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("year");
    for count in [40, 400] {
        let year = year(count);
        let style = StatementStyle::default();
        assert!(year_workbook(&year, &style).unwrap().starts_with(b"PK"));
        group.throughput(Throughput::Elements(12 * count as u64));
        group.bench_function(BenchmarkId::new("jada", count), |bencher| {
            bencher.iter(|| year_workbook(&year, &style).unwrap());
        });
        #[cfg(feature = "peers")]
        {
            let plain = jada_benches::PlainYear::of(&year);
            let (ours, theirs) = (year_workbook(&year, &style).unwrap(), plain.write().unwrap());
            assert_eq!(jada_benches::difference(&ours, &theirs), None);
            group.bench_function(BenchmarkId::new("plain", count), |bencher| {
                bencher.iter(|| plain.write().unwrap());
            });
        }
    }
}

fn export(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("rows");
    group.sample_size(10);
    let charters = charters(50_000);
    let ours = || {
        let mut workbook = Vec::new();
        assert_eq!(bulk_export(&charters, &mut workbook).unwrap(), 50_000);
        workbook
    };
    group.throughput(Throughput::Elements(50_000));
    group.bench_function("jada", |bencher| bencher.iter(ours));
    #[cfg(feature = "peers")]
    {
        let theirs = || {
            let mut workbook = Vec::new();
            jada_benches::plain_rows(&charters, &mut workbook).unwrap();
            workbook
        };
        assert_eq!(jada_benches::difference(&ours(), &theirs()), None);
        group.bench_function("plain", |bencher| bencher.iter(theirs));
    }
}

criterion_group!(benches, write, write_year, export);
criterion_main!(benches);
