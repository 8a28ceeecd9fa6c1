//! A statement of 5,000 charters as an HTML page, into memory that is there already: `jada` beside
//! `plain`, which writes the same bytes by hand. The target is 1.3 times its time.
//!
//! `cargo bench -p jada-benches --features peers --bench html -- --save-baseline main`, and later
//! `-- --baseline main`.

#![expect(clippy::unwrap_used, reason = "a bench that fails is to stop")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jada_benches::{charters, statement};
use jada_reports::{Lines, html, write_html};

fn write(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("html");
    let statement = statement().build(charters(ROWS)).unwrap();
    let page = html(&statement, Lines::All).unwrap();
    assert_eq!(page.matches("<tr><td class=\"d\">").count(), ROWS);
    group.throughput(Throughput::Elements(ROWS as u64));

    let mut bytes = Vec::with_capacity(page.len());
    write_html(&statement, Lines::All, &mut bytes).unwrap();
    assert_eq!(bytes, page.as_bytes());
    group.bench_function(BenchmarkId::new("jada", ROWS), |bencher| {
        bencher.iter(|| {
            bytes.clear();
            write_html(&statement, Lines::All, &mut bytes).unwrap();
        });
    });

    #[cfg(feature = "peers")]
    {
        let plain = jada_benches::PlainHtml::new(&page);
        let mut text = String::with_capacity(page.len());
        plain.write(&statement, &mut text);
        assert!(text == page, "the page by hand is another: {text:.2000}");
        group.bench_function(BenchmarkId::new("plain", ROWS), |bencher| {
            bencher.iter(|| {
                text.clear();
                plain.write(&statement, &mut text);
            });
        });
    }
}

const ROWS: usize = 5_000;

criterion_group!(benches, write);
criterion_main!(benches);
