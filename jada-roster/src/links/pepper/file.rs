//! The file of peppers: read, created exclusively, and replaced whole.

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::{BoxError, Error};
use crate::links::pepper::private::{Locked, create, read};
use crate::links::pepper::{Pepper, PepperId, Peppers};

/// `{"version": 1, "peppers": [{"id", "region", "secret", "created_at"}]}`, the current one last.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    version: u32,
    #[serde(borrow)]
    peppers: Vec<Row<'a>>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Row<'a> {
    id: &'a str,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    secret: &'a str,
    created_at: &'a str,
}

/// A pepper as text, of which a row borrows.
struct Texts {
    id: String,
    secret: Zeroizing<String>,
    created_at: String,
}

impl Peppers {
    /// The name of the file in a secrets folder.
    pub const FILE_NAME: &str = "link_peppers.json";

    /// Reads the file. It must be a file of this user, closed to others, in a folder that is so
    /// too. Blocks for the disk, as its siblings do; they are there on Unix alone.
    ///
    /// # Errors
    /// [`Error::Peppers`] says what is wrong and what mends it: missing, open to others, of another
    /// user, a symbolic link, empty, corrupt.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Self::read(path)?.ok_or_else(|| unusable(path, "there is no such file; restore it"))
    }

    /// Reads the file, or creates it (0600, in a folder of 0700) where it is not there, with one
    /// pepper. Of several processes that do so at once one creates it, and all get the same.
    ///
    /// Whoever keeps links in a table takes `DynamoLinks::peppers` instead, which creates no file
    /// where the table knows of another.
    ///
    /// # Errors
    /// As [`open`](Self::open), and [`Error::Random`].
    pub fn open_or_create(path: &Path) -> Result<Self, Error> {
        Self::open_or_create_at_home(path, None)
    }

    pub(crate) fn open_or_create_at_home(path: &Path, home: Option<&str>) -> Result<Self, Error> {
        if let Some(peppers) = Self::read(path)? {
            return Ok(peppers);
        }
        let new = Self::of([Pepper::generate(PepperId::FIRST, home)?], &path.display().to_string());
        create(path, &new.document(path)?)?;
        Self::open(path)
    }

    /// Adds a pepper to the file, under which links are made from now on. What was made under older
    /// ones goes on working.
    ///
    /// Processes that run take it when they start again. One that has not refuses links made under
    /// the new pepper, so restart those that verify before those that issue.
    ///
    /// # Errors
    /// As [`open`](Self::open), and [`Error::Random`].
    pub fn rotate(path: &Path) -> Result<Self, Error> {
        let locked = Locked::new(path)?;
        let peppers = Self::open(path)?;
        let rotated = peppers.and_new(peppers.current().home())?;
        locked.replace(&rotated.document(path)?)?;
        Ok(rotated)
    }

    /// As [`rotate`](Self::rotate), with the new pepper at home in another region: links made from
    /// now on are written and used up there.
    ///
    /// # Errors
    /// As [`rotate`](Self::rotate).
    pub fn rotate_to(path: &Path, region: &str) -> Result<Self, Error> {
        let locked = Locked::new(path)?;
        let rotated = Self::open(path)?.and_new(Some(region))?;
        locked.replace(&rotated.document(path)?)?;
        Ok(rotated)
    }

    /// Removes an older pepper from the file: links that were made under it open no more.
    ///
    /// The table still knows of it, and `DynamoLinks::open` reports it missing until
    /// `DynamoLinks::forget_missing_peppers` gives its links up.
    ///
    /// # Errors
    /// As [`open`](Self::open), and [`Error::Peppers`] for the current pepper, or for one that is
    /// not there.
    pub fn retire(path: &Path, id: PepperId) -> Result<Self, Error> {
        let locked = Locked::new(path)?;
        let peppers = Self::open(path)?;
        if peppers.current().id() == id {
            return Err(unusable(path, format!("pepper `{id}` is the current one; rotate first")));
        }
        if peppers.named(id).is_none() {
            return Err(unusable(path, format!("there is no pepper `{id}` in it")));
        }
        let left: Vec<_> = peppers.iter().filter(|pepper| pepper.id() != id).cloned().collect();
        let left = Self::of(left, &peppers.place);
        locked.replace(&left.document(path)?)?;
        Ok(left)
    }

    fn read(path: &Path) -> Result<Option<Self>, Error> {
        let Some(bytes) = read(path)? else {
            return Ok(None);
        };
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(corrupt(path, "it is empty", None));
        }
        let document: Document<'_> = serde_json::from_slice(&bytes)
            .map_err(|error| corrupt(path, "it is no list of peppers", Some(place_of(&error))))?;
        if document.version != VERSION {
            return Err(corrupt(path, "it is of another version", None));
        }
        let peppers = document.peppers.iter().map(|row| row.pepper(path));
        let peppers = peppers.collect::<Result<Vec<_>, _>>()?;
        let mut ids: Vec<_> = peppers.iter().map(Pepper::id).collect();
        ids.sort_unstable();
        ids.dedup();
        if peppers.is_empty() || ids.len() < peppers.len() {
            return Err(corrupt(path, "it holds no pepper, or two of one name", None));
        }
        Ok(Some(Self::of(peppers, &path.display().to_string())))
    }

    /// The same and a new one, which is the current one from now on.
    fn and_new(&self, home: Option<&str>) -> Result<Self, Error> {
        let mut id = self.current().id.next();
        while self.named(id).is_some() {
            if id == self.current().id {
                return Err(self.unusable("62 peppers are in use; retire one of them"));
            }
            id = id.next();
        }
        let new = Pepper::generate(id, home)?;
        let peppers: Vec<_> = self.iter().cloned().chain([new]).collect();
        Ok(Self { peppers: peppers.into(), place: Arc::clone(&self.place) })
    }

    fn document(&self, path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
        let texts: Vec<_> = self.iter().map(Texts::of).collect();
        let rows = self.iter().zip(&texts).map(|(pepper, texts)| Row {
            id: &texts.id,
            region: pepper.home(),
            secret: &texts.secret,
            created_at: &texts.created_at,
        });
        let document = Document { version: VERSION, peppers: rows.collect() };
        // Room for all, so that no copy stays behind where the buffer grew.
        let mut bytes = Zeroizing::new(Vec::with_capacity(1024 + 1024 * texts.len()));
        serde_json::to_writer_pretty(&mut *bytes, &document)
            .map_err(|error| corrupt(path, "it cannot be written", Some(error.into())))?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

impl Row<'_> {
    fn pepper(&self, path: &Path) -> Result<Pepper, Error> {
        let id = PepperId::parse(self.id)
            .map_err(|_| corrupt(path, "a pepper's name is not one letter or digit", None))?;
        let bytes = STANDARD.decode(self.secret).map(Zeroizing::new).unwrap_or_default();
        let mut secret = Zeroizing::new([0; 32]);
        if bytes.len() != secret.len() {
            return Err(corrupt(path, format!("pepper `{id}` is not 32 bytes in base64"), None));
        }
        secret.copy_from_slice(&bytes);
        let created_at = self
            .created_at
            .parse()
            .map_err(|_| corrupt(path, format!("pepper `{id}` has no `created_at`"), None))?;
        Ok(Pepper::new(id, self.region.map(str::to_owned), created_at, secret))
    }
}

impl Texts {
    fn of(pepper: &Pepper) -> Self {
        Self {
            id: pepper.id().to_string(),
            secret: Zeroizing::new(STANDARD.encode(*pepper.secret)),
            created_at: pepper.created_at().to_string(),
        }
    }
}

/// Where the parser stopped, and not at what: that may be a secret.
fn place_of(error: &serde_json::Error) -> BoxError {
    format!("line {}, column {}", error.line(), error.column()).into()
}

fn unusable(path: &Path, mend: impl Into<String>) -> Error {
    Error::Peppers { path: path.display().to_string(), mend: mend.into(), source: None }
}

fn corrupt(path: &Path, what: impl std::fmt::Display, source: Option<BoxError>) -> Error {
    let mend = format!("{what}; nothing was changed, restore it from a backup");
    Error::Peppers { path: path.display().to_string(), mend, source }
}

const VERSION: u32 = 1;
