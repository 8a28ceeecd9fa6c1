//! Runs an example in a folder of its own.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::Value;
use tempfile::TempDir;

/// A folder with an example to run in it.
pub(crate) struct Bench {
    folder: TempDir,
}

/// How a run ended.
pub(crate) struct Ended {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).unwrap();
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Runs `monthly_statement`, by words.
    pub(crate) fn run(&self, words: &str) -> Ended {
        self.run_with(words, &[])
    }

    pub(crate) fn run_with(&self, words: &str, environment: &[(&str, &str)]) -> Ended {
        run_example("monthly_statement", words, self.folder.path(), environment)
    }
}

/// Runs an example in `folder`, by words, with nothing of this environment that it would heed.
pub(crate) fn run_example(
    name: &str,
    words: &str,
    folder: &Path,
    environment: &[(&str, &str)],
) -> Ended {
    Ended::of(command(name, folder, environment).args(words.split_whitespace()))
}

/// An example in `folder`, with nothing of this environment that it would heed.
pub(crate) fn command(name: &str, folder: &Path, environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(example(name));
    command.current_dir(folder);
    let heeded = [
        "AWS_ENDPOINT_URL",
        "BROWSER",
        "GOOGLE_CLIENT_ID",
        "GOOGLE_CLIENT_SECRET",
        "JADA_DB",
        "JADA_GOOGLE_ENDPOINT",
        "JADA_OUTBOX",
        "JADA_SECRETS_DIR",
        "JADA_SERVICE_KEY_HASH",
        "RUST_LOG",
    ];
    for name in heeded {
        command.env_remove(name);
    }
    // Nobody's own folder of secrets.
    command.env("HOME", folder);
    command.envs(environment.iter().copied());
    command
}

impl Ended {
    /// Runs it to its end.
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self {
            status: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs it to its end with a terminal for stderr.
    pub(crate) fn on_terminal(command: &mut Command) -> Self {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&terminal).unwrap();
        unlockpt(&terminal).unwrap();
        let name = ptsname(&terminal, Vec::new()).unwrap();
        let screen = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        command.env("TERM", "xterm").stdout(Stdio::piped()).stderr(screen);
        let child = command.spawn().unwrap();
        // So that the program alone has the other end.
        command.stderr(Stdio::null());
        let mut shown = Vec::new();
        // Once nobody has the other end, that is an error.
        let _ended = File::from(terminal).read_to_end(&mut shown);
        let output = child.wait_with_output().unwrap();
        Self {
            status: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(shown).unwrap(),
        }
    }

    /// What is left on a terminal's last line.
    pub(crate) fn last_on_terminal(&self) -> String {
        let last = self.stderr.rsplit('\r').next().unwrap();
        last.replace("\u{1b}[2K", "").trim().to_owned()
    }

    /// The summary of a run that ended well.
    pub(crate) fn summary(&self) -> Value {
        assert_eq!(self.status, 0, "{}", self.stderr);
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// The one line of a run that a person must mend.
    pub(crate) fn error(&self) -> &str {
        assert_eq!((self.status, self.stdout.as_str()), (1, ""), "{}", self.stderr);
        let line = self.stderr.lines().last().unwrap();
        assert!(line.starts_with("error: "), "{}", self.stderr);
        line
    }
}

/// Cargo builds the examples beside the tests, in the profile of both.
pub(crate) fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    profile.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Asks a program to end, as a service manager does.
pub(crate) fn terminate(child: &Child) {
    kill_process(Pid::from_child(child), Signal::TERM).unwrap();
}
