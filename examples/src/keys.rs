//! Which service keys are let in; and that no key is given where others see it.

use std::{env, fs, path::PathBuf};

use anyhow::Context;
use clap::Args;
use jada_auth::ServiceKeys;

/// The flags by which an operator says which keys are let in.
#[derive(Args, Clone, Debug)]
pub struct HashesArgs {
    /// The hash of a key, twice during a rotation [default: those in JADA_SERVICE_KEY_HASH]
    #[arg(long = "hash", value_name = "HASH", conflicts_with = "hashes_from")]
    hashes: Vec<String>,
    /// A file with the hashes, which other users do not see as they do arguments
    #[arg(long, value_name = "FILE")]
    hashes_from: Option<PathBuf>,
}

impl HashesArgs {
    /// The keys: flags first, then the environment.
    ///
    /// # Errors
    /// A file that cannot be read; hashes that are missing or malformed, by where they stand.
    pub fn keys(&self) -> anyhow::Result<ServiceKeys> {
        let (origin, text) = match &self.hashes_from {
            // Without its name, which may be a key in the wrong place.
            Some(path) => {
                let text = fs::read_to_string(path);
                ("--hashes-from", Some(text.context("the file of --hashes-from cannot be read")?))
            }
            None if self.hashes.is_empty() => {
                let text = env::var_os(VARIABLE).map(|it| it.to_string_lossy().into_owned());
                (VARIABLE, text)
            }
            None => ("--hash", Some(self.hashes.join(" "))),
        };
        Ok(ServiceKeys::parse("X-Service-Key", origin, text.as_deref())?)
    }
}

/// What stands where no argument is expected: a key, as likely as not, so it is not repeated.
#[derive(Args, Clone, Debug)]
pub struct NoKeyHere {
    #[arg(hide = true)]
    misplaced: Vec<String>,
}

impl NoKeyHere {
    /// Refuses an argument without repeating it.
    ///
    /// # Errors
    /// When there is one.
    pub fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.misplaced.is_empty(),
            "an argument is not understood; --help tells more: if it is a key, make a new one, \
             since others can see arguments, and give that on stdin"
        );
        Ok(())
    }
}

impl From<Vec<String>> for NoKeyHere {
    fn from(misplaced: Vec<String>) -> Self {
        Self { misplaced }
    }
}

const VARIABLE: &str = "JADA_SERVICE_KEY_HASH";
