//! Exports so many rows into a file, and prints the most memory that it had resident meanwhile, in
//! kB, and the seconds that it took.
//!
//! `export-memory ROWS FILE`
//!
//! The rows are made one at a time, so that all that is resident is the export's own.

#![expect(clippy::unwrap_used, reason = "a bench whose input is wrong is to stop")]
#![expect(clippy::print_stdout, reason = "it is what the program is for")]

use std::path::Path;
use std::time::Instant;

use jada_benches::charters;
use jada_reports::bulk_export_file;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [rows, file] = &args[..] else { panic!("export-memory ROWS FILE") };
    let rows: usize = rows.parse().unwrap();
    let some = charters(1_000);
    let begun = Instant::now();
    bulk_export_file(some.iter().cycle().take(rows), Path::new(file)).unwrap();
    println!("{} {:.2}", peak(), begun.elapsed().as_secs_f64());
}

/// `VmHWM`, which Linux keeps of each process.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
