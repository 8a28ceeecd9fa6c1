//! Files that a statement is published as: written whole or not at all, with their digests.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::files::{Access, create_folder, folder_of, publish, unfinished};

/// A published file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Artefact {
    /// Where it is.
    #[serde(serialize_with = "as_text")]
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its content, 64 lower-case hexadecimal digits.
    pub sha256: String,
}

impl Artefact {
    /// Writes a file: a kill at any instant leaves the old content or the new.
    ///
    /// The folder is created when it is missing.
    ///
    /// # Errors
    /// [`Error::File`] naming the path; whatever `content` returns.
    pub fn write(
        path: impl Into<PathBuf>,
        content: impl FnOnce(&mut (dyn Write + Send)) -> Result<(), Error>,
    ) -> Result<Self, Error> {
        let path = path.into();
        let failed = |error: io::Error| Error::file(&path, "written", error);
        let folder = folder_of(&path);
        create_folder(folder, Access::Usual).map_err(failed)?;
        let file = unfinished(folder, ".statement-", Access::Usual).map_err(failed)?;
        let mut counting = Counting::new(BufWriter::new(file));
        content(&mut counting)?;
        let (writer, bytes, sha256) = counting.finish();
        let file = writer.into_inner().map_err(|error| failed(error.into_error()))?;
        publish(file, &path).map_err(failed)?;
        Ok(Self { path, bytes, sha256 })
    }

    /// A file that something else wrote with this content.
    #[must_use]
    pub fn with_content(path: impl Into<PathBuf>, content: &[u8]) -> Self {
        Self { path: path.into(), bytes: content.len() as u64, sha256: sha256(content) }
    }

    /// Looks at a file that something else wrote.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be read.
    pub fn of(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
        let failed = |error| Error::file(&path, "read", error);
        let mut counting = Counting::new(io::sink());
        let mut file = File::open(&path).map_err(failed)?;
        io::copy(&mut file, &mut counting).map_err(failed)?;
        let (_, bytes, sha256) = counting.finish();
        Ok(Self { path, bytes, sha256 })
    }
}

/// SHA-256 in hexadecimal.
pub(crate) fn sha256(content: &[u8]) -> String {
    let mut counting = Counting::new(io::sink());
    // Writing into a sink cannot fail.
    let _ = counting.write_all(content);
    counting.finish().2
}

/// A writer that counts and digests what passes through.
pub(crate) struct Counting<W> {
    inner: W,
    bytes: u64,
    digest: Sha256,
}

impl<W: Write> Counting<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self { inner, bytes: 0, digest: Sha256::new() }
    }

    /// The writer, how many bytes went into it, and their digest in hexadecimal.
    pub(crate) fn finish(self) -> (W, u64, String) {
        (self.inner, self.bytes, hex(&self.digest.finalize()))
    }
}

/// In lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing into a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

impl<W: Write> Write for Counting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.digest.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// As it is shown; a path that is no Unicode must not fail what is done already.
pub(crate) fn as_text<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&path.display())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_is_written_with_its_digest() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/a.txt");
        let written = Artefact::write(&path, |to| {
            to.write_all(b"abc").map_err(|error| Error::file(Path::new("a"), "written", error))
        });
        let written = written.unwrap();
        assert_eq!(written.bytes, 3);
        assert_eq!(
            written.sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(Artefact::of(&path).unwrap(), written);
    }

    #[test]
    fn a_content_that_fails_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "old").unwrap();
        let failed = Artefact::write(&path, |to| {
            to.write_all(b"half").unwrap();
            Err(Error::TooManyRows { rows: 1 })
        });
        assert!(matches!(failed, Err(Error::TooManyRows { .. })));
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }
}
