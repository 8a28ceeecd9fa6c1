//! Which columns of a tab are ours, from one process to the next.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context;
use jada_reports::{Artefact, Columns, Error};

/// A file with the names of the columns that were synced.
#[derive(Debug)]
pub(crate) struct KeptColumns {
    path: PathBuf,
}

impl KeptColumns {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { path: folder.join("columns.json") }
    }

    /// None before the first sync.
    pub(crate) fn names(&self) -> anyhow::Result<Vec<String>> {
        let shown = self.path.display();
        match std::fs::read(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            json => {
                serde_json::from_slice(&json.with_context(|| format!("cannot read `{shown}`"))?)
                    .with_context(|| format!("`{shown}` is not what a sync keeps; remove it"))
            }
        }
    }

    /// To be called before they are synced, so that no crash comes between.
    pub(crate) fn keep(&self, columns: &Columns) -> anyhow::Result<()> {
        let names: Vec<_> = columns.iter().map(|column| column.name().to_owned()).collect();
        if self.names()? == names {
            return Ok(());
        }
        let (path, action) = (self.path.clone(), "written");
        let json = serde_json::to_vec(&names)?;
        Artefact::write(&self.path, |to| {
            to.write_all(&json).map_err(|error| Error::File { path, action, source: error.into() })
        })?;
        Ok(())
    }
}
