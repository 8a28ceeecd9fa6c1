//! Lists the crew of a database file as a stream, and prints how many they are and the most memory
//! that it had resident meanwhile, in kB.
//!
//! `crew-memory fill FILE COUNT` adds a crew, `crew-memory list FILE` lists it, and
//! `crew-memory plain FILE` does so by the SDK's calls alone.

#![expect(clippy::unwrap_used, reason = "a bench whose input is wrong is to stop")]
#![expect(clippy::print_stdout, reason = "it is what the program is for")]

use std::path::Path;

use futures_util::TryStreamExt;
use jada_benches::{PlainCrew, crew, peak_memory};
use jada_roster::{DynamoRoster, EmbeddedEngine, RosterRepository};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    match args[..] {
        ["fill", file, count] => runtime.block_on(fill(file, count.parse().unwrap())),
        ["list", file] => {
            let count = runtime.block_on(list(file));
            println!("{count} {}", peak_memory());
        }
        ["plain", file] => {
            let engine = EmbeddedEngine::open(Path::new(file)).unwrap();
            let count = runtime.block_on(PlainCrew::of(&engine).count());
            println!("{count} {}", peak_memory());
        }
        _ => panic!("crew-memory fill FILE COUNT, or crew-memory list|plain FILE"),
    }
}

/// By whole rows, 25 to a request: what is measured is the list.
async fn fill(file: &str, count: usize) {
    let engine = EmbeddedEngine::open(Path::new(file)).unwrap();
    DynamoRoster::new(engine.client()).ensure_tables().await.unwrap();
    let plain = PlainCrew::of(&engine);
    for members in crew(count).chunks(25) {
        plain.put(members).await;
    }
}

async fn list(file: &str) -> usize {
    open(file).list().try_fold(0, async |count, _| Ok(count + 1)).await.unwrap()
}

fn open(file: &str) -> DynamoRoster {
    DynamoRoster::new(EmbeddedEngine::open(Path::new(file)).unwrap().client())
}
