//! A mailer that writes each mail as an `.eml` file, which any mail program opens.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use async_trait::async_trait;

use crate::{Error, IdempotencyKey, Mailer, Message, Receipt};

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

    fn create_folder(&self) -> Result<(), Error> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let missing: Vec<&Path> =
            self.folder.ancestors().take_while(|folder| !folder.exists()).collect();
        builder
            .create(&self.folder)
            .map_err(|source| Error::io("create the folder", &self.folder, source))?;
        for folder in missing {
            let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
            sync_folder(parent.unwrap_or(Path::new(".")))
                .map_err(|source| Error::io("sync the folder above", folder, source))?;
        }
        Ok(())
    }

    /// Writes beside `path` and renames; the temporary file is readable by its owner alone and is
    /// removed on failure.
    fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), Error> {
        let failed = |source| Error::io("write", path, source);
        let mut file = tempfile::Builder::new()
            .prefix(".unfinished-")
            .suffix(".tmp")
            .tempfile_in(&self.folder)
            .map_err(|error| Error::io("write a file in", &self.folder, error))?;
        file.write_all(bytes).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(path).map_err(|error| failed(error.error))?;
        Ok(())
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
        let path = self.path(message.idempotency_key());
        let bytes = message.render();
        self.create_folder()?;
        if !holds(&path, &bytes).map_err(|source| Error::io("read", &path, source))? {
            self.replace(&path, &bytes)?;
        }
        // Also for an unchanged file: a process that died may have renamed it and synced nothing.
        sync_folder(&self.folder).map_err(|source| Error::io("sync", &self.folder, source))?;
        Ok(Receipt::new(message.message_id().clone(), path.display().to_string()))
    }
}

fn holds(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    match fs::metadata(path) {
        Ok(file) if file.is_file() && file.len() != bytes.len() as u64 => Ok(false),
        Ok(_) => Ok(fs::read(path)? == bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Makes the rename durable. Windows offers no such call for a folder and needs none on NTFS.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_created_before_the_first_mail() {
        let parent = tempfile::tempdir().unwrap();
        let mailer = EmlFolder::new(parent.path().join("mails"));
        let path = mailer.path(&"statement-2026-05".parse().unwrap());
        assert!(path.ends_with("mails/statement-2026-05.eml"));
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }
}
