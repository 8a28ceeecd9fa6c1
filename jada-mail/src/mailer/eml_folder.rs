//! A mailer that writes each mail as an `.eml` file, which any mail program opens.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use async_trait::async_trait;

use crate::{
    Error, IdempotencyKey, Letter, Mailer, Message, Proof, Receipt, Transport,
    files::{create_folder, replace, sync_folder},
};

/// A folder of mails, one `<key>.eml` a key.
///
/// A file appears whole or not at all, in a crash as well: it is written beside its place under a
/// name that does not end in `.eml`, synced, renamed, and the folder synced. A mail sent again
/// unchanged leaves its file untouched; other content under the same key replaces the file. On
/// Unix the folder is created with mode 0700 and the files with 0600, since mails carry links that
/// open things. Several processes may write to one folder.
///
/// The work is done inline on the calling thread: a few system calls and two syncs, milliseconds
/// on a local disk. It needs no async runtime. A server that minds the wait sends from a blocking
/// thread.
#[derive(Clone, Debug)]
pub struct EmlFolder {
    folder: PathBuf,
}

impl EmlFolder {
    /// Names the folder; it is created, with its parents, when the first mail is sent.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Returns where the mail of `key` is, or will be once it is sent.
    pub fn path(&self, key: &IdempotencyKey) -> PathBuf {
        self.folder.join(format!("{key}.eml"))
    }

    fn keep(&self, letter: &Letter) -> Result<Receipt, Error> {
        let path = self.path(letter.idempotency_key());
        create_folder(&self.folder)?;
        if !holds(&path, letter.bytes()).map_err(|source| Error::io("read", &path, source))? {
            replace(&path, letter.bytes())?;
        }
        // Also for an unchanged file: a process that died may have renamed it and synced nothing.
        sync_folder(&self.folder)?;
        Ok(Receipt::new(letter.message_id().clone(), path.display().to_string()))
    }
}

#[async_trait]
impl Mailer for EmlFolder {
    /// Writes `message` to its file. Blocks the thread while it does.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], naming the path and the mend; transient if the file system was merely busy.
    async fn send(&self, message: &Message) -> Result<Receipt, Error> {
        self.keep(&Letter::of(message))
    }
}

#[async_trait]
impl Transport for EmlFolder {
    fn name(&self) -> &str {
        "eml"
    }

    /// A folder holds one file a key, however often it is written.
    ///
    /// # Errors
    ///
    /// None.
    async fn proof(&self) -> Result<Proof, Error> {
        Ok(Proof::Idempotent)
    }

    /// As [`Mailer::send`].
    ///
    /// # Errors
    ///
    /// The same.
    async fn send(&self, letter: &Letter) -> Result<Receipt, Error> {
        self.keep(letter)
    }
}

/// Compares piece by piece: a large mail is not in memory a second time.
fn holds(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    if file.metadata()?.len() != bytes.len() as u64 {
        return Ok(false);
    }
    let mut piece = [0; 16 * 1024];
    for expected in bytes.chunks(piece.len()) {
        let piece = &mut piece[..expected.len()];
        file.read_exact(piece)?;
        if piece != expected {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_holds_these_bytes_and_no_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.eml");
        assert!(!holds(&path, b"").unwrap());
        for length in [0, 1, 16 * 1024, 16 * 1024 + 1, 50_000] {
            let bytes = vec![b'x'; length];
            fs::write(&path, &bytes).unwrap();
            assert!(holds(&path, &bytes).unwrap());
            assert!(!holds(&path, &[&bytes[..], b"y"].concat()).unwrap());
            let Some((last, rest)) = bytes.split_last() else { continue };
            assert!(!holds(&path, rest).unwrap());
            assert!(!holds(&path, &[rest, &[last + 1]].concat()).unwrap());
        }
    }

    #[test]
    fn nothing_is_created_before_the_first_mail() {
        let parent = tempfile::tempdir().unwrap();
        let mailer = EmlFolder::new(parent.path().join("mails"));
        let path = mailer.path(&"statement-2026-05".parse().unwrap());
        assert!(path.ends_with("mails/statement-2026-05.eml"));
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }
}
