//! The most memory that is taken by a tick in which all of so many open calls are due, with the tables in
//! memory that hold them: `calls-memory tick 10000`, in kB. `plain` makes the SDK's requests alone.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement, and its result")]

use jada_benches::{OpenCalls, peak_memory};

fn main() {
    let mut args = std::env::args().skip(1);
    let way = args.next().unwrap();
    let count = args.next().unwrap().parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ticked = runtime.block_on(async {
        let calls = OpenCalls::of(count, 0).await;
        assert_eq!(calls.tick().await, 0);
        calls.pass_an_hour();
        calls.pass_an_hour();
        match way.as_str() {
            "tick" => calls.tick().await,
            "plain" => calls.plain().tick(calls.now()).await,
            _ => panic!("{way}: tick or plain"),
        }
    });
    println!("{ticked} {}", peak_memory());
}
