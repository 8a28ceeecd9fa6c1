//! The most memory that is taken by a tick in which all of so many open calls are due, beside what the
//! tables that hold them have taken: `calls-memory 10000`, in KiB.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement, and its result")]

use jada_benches::{OpenCalls, peak_memory};

fn main() {
    let count = std::env::args().nth(1).unwrap().parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let calls = OpenCalls::of(count, count).await;
        let before = peak_memory();
        assert_eq!(calls.tick().await, 0);
        calls.pass_an_hour();
        assert_eq!(calls.tick().await, count);
        println!("{before} {}", peak_memory());
    });
}
