//! Each file of the folder for a diagnosis: whether it is there, whose it is, whether it is whole.

use std::{
    error::Error as _,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::{
    CLIENT, GCLOUD, KEY, KEY_STATE, LOCK, ONE_FILE, SEED, STATE, SecretsDir,
    client::{downloaded, of_one_file},
    credential::{read, read_key},
    misplaced::misplaced,
};
use crate::{
    Error, FileFinding,
    store::file::{Document, Remedy, check_folder, effective_uid, read_private, state_of},
};

impl SecretsDir {
    /// Looks at the folder and at each file that may lie in it, in that order. A file that is not
    /// there is no problem of its own: what is missing is [`read`](Self::read)'s to say.
    pub fn survey(&self) -> Vec<FileFinding> {
        let folder = finding(&self.path, |path| check_folder(path, effective_uid()));
        let known = KNOWN.into_iter().map(|(name, check)| finding(&self.path.join(name), check));
        let states = self.key_states().into_iter().map(|path| finding(&path, key_state));
        [folder].into_iter().chain(known).chain(states).collect()
    }

    fn key_states(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        let is_state = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.starts_with(KEY_STATE) && name.ends_with(".json")
        };
        let mut paths: Vec<_> = entries.map(|entry| entry.path()).filter(is_state).collect();
        paths.sort_unstable();
        paths
    }
}

fn finding(path: &Path, check: fn(&Path) -> Result<(), Error>) -> FileFinding {
    let found = path.symlink_metadata();
    let problem = if found.is_ok() { check(path).err() } else { None };
    FileFinding {
        path: path.to_owned(),
        found: found.is_ok(),
        mode: found.as_ref().ok().map(|found| found.mode() & 0o7777),
        owner: found.as_ref().ok().map(MetadataExt::uid),
        problem: problem.map(|error| match error.source() {
            Some(source) => format!("{error} ({source})"),
            None => error.to_string(),
        }),
    }
}

fn parsed(
    path: &Path,
    remedy: Remedy,
    check: impl Fn(&Document) -> Result<(), Error>,
) -> Result<(), Error> {
    read(path, remedy)?.as_ref().map_or(Ok(()), check)
}

fn client(path: &Path) -> Result<(), Error> {
    parsed(path, Remedy::Client, |document| downloaded(document).map(drop))
}

fn seed(path: &Path) -> Result<(), Error> {
    let checked =
        parsed(path, Remedy::Seed, |document| document.required("refresh_token").map(drop));
    checked.map_err(|error| {
        let state = read(&path.with_file_name(STATE), Remedy::Consent).ok().flatten();
        let kept = state.and_then(|state| state_of(&state).ok()?.refresh_token);
        Remedy::of_seed(kept.as_ref()).applied(error)
    })
}

fn state(path: &Path) -> Result<(), Error> {
    parsed(path, Remedy::Consent, |document| state_of(document).map(drop))
}

fn key_state(path: &Path) -> Result<(), Error> {
    parsed(path, Remedy::Removal, |document| state_of(document).map(drop))
}

fn one_file(path: &Path) -> Result<(), Error> {
    parsed(path, Remedy::Consent, |document| {
        of_one_file(document)?;
        state_of(document).map(drop)
    })
}

fn gcloud(path: &Path) -> Result<(), Error> {
    parsed(path, Remedy::Gcloud, |document| match document.text("type")?.unwrap_or_default() {
        "service_account" => read_key(path).map(drop),
        "authorized_user" => document.required("refresh_token").map(drop),
        _ => Err(misplaced(document, "type")),
    })
}

fn key(path: &Path) -> Result<(), Error> {
    read_key(path).map(drop)
}

fn lock(path: &Path) -> Result<(), Error> {
    read_private(path, effective_uid()).map(drop)
}

type Check = fn(&Path) -> Result<(), Error>;

const KNOWN: [(&str, Check); 7] = [
    (CLIENT, client),
    (SEED, seed),
    (STATE, state),
    (ONE_FILE, one_file),
    (GCLOUD, gcloud),
    (KEY, key),
    (LOCK, lock),
];
