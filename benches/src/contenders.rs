//! Processes that consume links of one database file at the same time.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Processes that have their links, and wait for the word.
#[derive(Debug)]
pub struct Contenders {
    processes: Vec<(Child, BufReader<ChildStdout>)>,
    _folder: TempDir,
}

impl Contenders {
    /// Starts them one after the other; each issues what it is going to consume.
    #[must_use]
    pub fn start(program: &str, way: &str, count: usize, each: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let processes = (0..count).map(|number| {
            let mut process = Command::new(program)
                .args([way, &number.to_string(), &each.to_string()])
                .arg(folder.path().join("crew.db"))
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut out = BufReader::new(process.stdout.take().unwrap());
            wait_for(&mut out, "ready");
            (process, out)
        });
        Self { processes: processes.collect(), _folder: folder }
    }

    /// Gives the word, and tells how long it took until the last was done.
    pub fn race(mut self) -> Duration {
        let start = Instant::now();
        for (process, _) in &mut self.processes {
            process.stdin.take().unwrap().write_all(b"go\n").unwrap();
        }
        for (_, out) in &mut self.processes {
            wait_for(out, "done");
        }
        let time = start.elapsed();
        for (process, _) in &mut self.processes {
            assert!(process.wait().unwrap().success());
        }
        time
    }
}

fn wait_for(out: &mut impl BufRead, word: &str) {
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert_eq!(line.trim(), word);
}
