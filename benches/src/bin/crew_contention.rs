//! Consumes links of a database file at the word, as several processes do at the same time.
//!
//! `crew-contention jada|sdk NUMBER COUNT FILE`: issues the links, says `ready`, waits for a line,
//! consumes them, and says `done`.

#![expect(clippy::unwrap_used, reason = "a bench whose input is wrong is to stop")]
#![expect(clippy::print_stdout, reason = "it is what the program is for")]

use std::path::Path;

use jada_benches::{OneTimeLinks, PlainCrew};
use jada_roster::EmbeddedEngine;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [way, number, count, file] = args.as_slice() else {
        panic!("crew-contention jada|sdk NUMBER COUNT FILE");
    };
    let (number, count) = (number.parse().unwrap(), count.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let engine = EmbeddedEngine::open(Path::new(file)).unwrap();
        let mut links = OneTimeLinks::of(&engine).await;
        if way == "jada" {
            links.skip(number);
            let mut texts = Vec::new();
            for _ in 0..count {
                texts.push(links.issue().await);
            }
            at_the_word();
            for text in &texts {
                links.consume(text).await;
            }
        } else {
            let plain = PlainCrew::of(&engine);
            let mut keys = Vec::new();
            for _ in 0..count {
                keys.push(plain.issue().await);
            }
            at_the_word();
            for key in &keys {
                plain.consume(key).await;
            }
        }
    });
    println!("done");
}

fn at_the_word() {
    println!("ready");
    std::io::stdin().read_line(&mut String::new()).unwrap();
}
