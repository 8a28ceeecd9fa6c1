//! The state as it is now: the file, the mark of a refresh on its way, and the seed.

use std::{fs::File, io::ErrorKind, os::unix::fs::MetadataExt, path::Path};

use super::{
    Document, FileStore, Remedy, check_folder, format,
    mark::Mark,
    private, read_private,
    seed::{self, Seed, check_account},
};
use crate::{Error, Fingerprint, State};

/// What a load saw.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) state: State,
    pub(super) document: Option<Document>,
    pub(super) seed: Option<Seed>,
}

/// Reads the state file and the mark of the same instant, then the seed.
///
/// The seed comes last: an older seed beside a newer state would look like new consent.
pub(super) fn load(store: &FileStore) -> Result<Loaded, Error> {
    let uid = store.uid();
    check_folder(private::folder_of(&store.state), uid)?;
    let (document, mark) = load_state(store, || {})?;
    let mut state = document.as_ref().map_or(Ok(State::default()), format::state)?;
    state.pending = Mark::of(mark.as_ref(), document.as_ref());

    let Some(seed) = read_seed(store, &state)? else {
        return Ok(Loaded { state, document, seed: None });
    };
    let fingerprint = Fingerprint::of([seed.required("refresh_token")?]);
    let adopted = match document.as_ref().map_or(Ok(None), format::seed)? {
        Some(adopted) => adopted == fingerprint,
        // Another tool wrote the state: it knew of the seed if it came later.
        None => state.refresh_token.is_some() && is_newer(&store.state, seed.path()),
    };
    if adopted {
        document.as_ref().map_or(Ok(()), |state| check_account(store, state, &seed))?;
    } else {
        // The client as well: consent may have been to another one.
        state = State {
            refresh_token: Some(seed.required("refresh_token")?.into()),
            generation: state.generation,
            pending: state.pending,
            ..State::default()
        };
    }
    let account = seed::account(&seed).map(str::to_owned);
    let seed = Some(Seed { fingerprint, account, is_new: !adopted });
    Ok(Loaded { state, document, seed })
}

/// A file's fields; none when it is not there.
pub(super) fn read_document(
    path: &Path,
    remedy: Remedy,
    uid: u32,
) -> Result<Option<Document>, Error> {
    Document::read(path, remedy, || read_private(path, uid))
}

/// A refresh that ends between two reads replaces the file, and then they begin anew. The file is
/// held open meanwhile, so that no other gets its number. `between` is what a test does there.
fn load_state(
    store: &FileStore,
    mut between: impl FnMut(),
) -> Result<(Option<Document>, Option<Mark>), Error> {
    let mut open = None;
    for _ in 0..MOST_LOOKS {
        let document = Document::read(&store.state, store.remedy, || {
            open = private::open(&store.state, store.uid())?;
            open.as_ref().map(|file| private::read_all(&store.state, file)).transpose()
        })?;
        between();
        let mark = Mark::read(&store.mark(), store.uid())?;
        if is_still(open.as_ref(), &store.state) {
            return Ok((document, mark));
        }
    }
    Err(Error::Transient {
        action: format!("reading `{}`, which is replaced all the time,", store.state.display()),
        retry_after: None,
        source: None,
    })
}

/// Tells whether the path still leads to that file, or to none.
fn is_still(open: Option<&File>, path: &Path) -> bool {
    match (open.map(File::metadata), path.symlink_metadata()) {
        (Some(Ok(open)), Ok(now)) => (open.dev(), open.ino()) == (now.dev(), now.ino()),
        (None, Err(error)) => error.kind() == ErrorKind::NotFound,
        _ => false,
    }
}

fn is_newer(one: &Path, other: &Path) -> bool {
    let written = |path: &Path| path.symlink_metadata().and_then(|file| file.modified()).ok();
    written(one) > written(other)
}

/// Refreshes do not follow each other so fast; a file system that numbers its files anew each time
/// would have us look for ever.
const MOST_LOOKS: usize = 1000;

fn read_seed(store: &FileStore, state: &State) -> Result<Option<Document>, Error> {
    let Some(path) = &store.seed else { return Ok(None) };
    check_folder(private::folder_of(path), store.uid())?;
    read_document(path, Remedy::of_seed(state.refresh_token.as_ref()), store.uid())
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use jiff::Timestamp;

    use super::*;
    use crate::{Pending, store::file::Replacement};

    #[test]
    fn a_mark_is_read_with_the_state_that_it_belongs_to() {
        let mode = fs::Permissions::from_mode(0o700);
        let folder = tempfile::Builder::new().permissions(mode).tempdir().unwrap();
        let store = FileStore::new(folder.path().join("token.json"));
        let put = |token: &str| {
            let text = format!("{{\"token\": \"{token}\"}}");
            Replacement::create(&store.state).unwrap().publish(text.as_bytes()).unwrap();
        };
        for first in [None, Some("old")] {
            first.into_iter().for_each(put);
            let mut turns = 0;
            let a_refresh_ends_and_the_next_begins = || {
                turns += 1;
                if turns == 1 {
                    put("new");
                    let next = Pending::new(Fingerprint::of(["new"]), Timestamp::UNIX_EPOCH);
                    Mark::write(&store.mark(), &next).unwrap();
                }
            };
            let seen = load_state(&store, a_refresh_ends_and_the_next_begins).unwrap();
            assert_eq!(seen.0.unwrap().text("token").unwrap(), Some("new"));
            assert_eq!(seen.1.unwrap().pending.grant, Fingerprint::of(["new"]));
            assert_eq!(turns, 2);
            fs::remove_file(&store.state).unwrap();
        }
    }
}
