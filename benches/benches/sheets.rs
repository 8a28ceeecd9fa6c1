//! 10,000 charters kept in a tab, of which one in a hundred has changed, against a Sheets on
//! 127.0.0.1, whose own time is in each figure.
//!
//! `jada` reads the tab, compares, and writes 100 cells: two requests, which is asserted. `rewrite`
//! is what is done by hand otherwise: all cells are written again, by one request, without a look
//! at what people did meanwhile. The bytes that each sends are printed.
//!
//! Measured: `jada` sends 17 kB, `rewrite` 4.4 MB, 250 times as much. In time `jada` takes 1.7 times
//! `rewrite`, since the Sheets on 127.0.0.1 has to answer with the whole tab, which it does not have
//! to where nobody looks.
//!
//! `cargo bench -p jada-benches --bench sheets -- --save-baseline main`, and later
//! `-- --baseline main`; with `--features peers` the rewrite stands beside.

#![expect(clippy::unwrap_used, reason = "a bench that fails is to stop")]
#![expect(clippy::print_stderr, reason = "bytes are no figure of criterion's")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jada_auth::{AccessToken, Clock as _, FixedProvider, GoogleClient, Scopes, SystemClock};
use jada_loopback_issuer::{SheetValue, Sheets};
use jada_reports::{SheetSync, charter_columns};
use jada_roster::Charter;
use tokio::runtime::Builder;

/// The same charters, every hundredth in another state.
fn changed(charters: &[Charter]) -> Vec<Charter> {
    let change = |(number, charter): (usize, &Charter)| match number % 100 {
        0 => with_notes(charter),
        _ => charter.clone(),
    };
    charters.iter().enumerate().map(change).collect()
}

fn with_notes(charter: &Charter) -> Charter {
    Charter::builder(charter.id().clone(), charter.date(), charter.currency())
        .guest(charter.guest())
        .total(charter.total())
        .status(charter.status())
        .kind(charter.kind().clone())
        .brand(charter.brand())
        .notes("called back")
        .build()
        .unwrap()
}

fn google(sheets: &Sheets) -> GoogleClient {
    let scopes = Scopes::new([SheetSync::SCOPE]).unwrap();
    let token = AccessToken::builder("good", SystemClock.now()).scopes(scopes.clone());
    let provider = FixedProvider::new(token.build().unwrap());
    let endpoint = sheets.endpoint().as_str().try_into().unwrap();
    GoogleClient::builder(provider, scopes).endpoint(endpoint).build()
}

fn sheets(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let charters = jada_benches::charters(ROWS);
    let inputs = [changed(&charters), charters];
    let columns = charter_columns(&inputs[1]);
    let empty: [[SheetValue; 0]; 0] = [];
    let sheets = Sheets::builder().tab_of(TAB, (1, columns.iter().len()), empty).start().unwrap();
    let google = google(&sheets);
    let sync = SheetSync::builder(google.clone(), "book", TAB, columns).build();
    runtime.block_on(sync.sync(&inputs[1])).unwrap();

    let before = (sheets.requests(), sheets.body_bytes());
    let report = runtime.block_on(sync.sync(&inputs[0])).unwrap();
    let sent = sheets.body_bytes() - before.1;
    assert_eq!((report.changed.len(), report.cells), (ROWS / 100, ROWS / 100));
    assert_eq!((report.requests, sheets.requests() - before.0), (2, 2));
    eprintln!("jada: {} requests, {sent} bytes sent", report.requests);

    let mut group = criterion.benchmark_group("sync of 10,000 rows, 1 % changed");
    group.throughput(Throughput::Elements(ROWS as u64)).sample_size(20);
    let mut turn = 0;
    group.bench_function("jada", |bencher| {
        bencher.iter(|| {
            turn += 1;
            black_box(runtime.block_on(sync.sync(&inputs[turn % 2])).unwrap())
        });
    });
    #[cfg(feature = "peers")]
    {
        let before = sheets.body_bytes();
        runtime.block_on(jada_benches::rewrite(&google, "book", &inputs[1]));
        eprintln!("rewrite: 1 request, {} bytes sent", sheets.body_bytes() - before);
        assert_eq!(runtime.block_on(sync.sync(&inputs[1])).unwrap().requests, 1);
        group.bench_function("rewrite", |bencher| {
            bencher.iter(|| {
                turn += 1;
                let rewrite = jada_benches::rewrite(&google, "book", &inputs[turn % 2]);
                runtime.block_on(rewrite);
            });
        });
    }
    group.finish();
}

const ROWS: usize = 10_000;
const TAB: &str = "Bookings";

criterion_group!(benches, sheets);
criterion_main!(benches);
