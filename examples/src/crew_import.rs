//! A file of crew brought in, and what became of each of its rows.

use std::{fmt, path::PathBuf};

use anyhow::Context;
use clap::Args;
use jada_roster::{
    BadRow, CrewImported, CrewMember, CrewReading, CrewRow, OnConflict, import_crew,
};
use serde::Serialize;

use crate::{CrewArgs, Progress, unless_stopped, warn};

/// The flags by which an operator says which file is brought in, and how strictly.
#[derive(Args, Clone, Debug)]
pub struct CrewImportArgs {
    /// A .csv with the columns name, phone, email, role, cascade_level, and perhaps crew_id
    file: PathBuf,
    /// Import what can be read, and name the rest
    #[arg(long)]
    skip_bad: bool,
    /// Where a row disagrees with what is stored of a member, take the row
    #[arg(long)]
    update: bool,
}

/// What became of a file's rows.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CrewSummary {
    /// The ids of the members who are new.
    pub added: Vec<String>,
    /// The ids of those of whom something was replaced.
    pub updated: Vec<String>,
    /// How many were stored already, word for word.
    pub unchanged: usize,
    /// Rows that disagree with what is stored, a line each.
    pub refused: Vec<String>,
    /// Rows that cannot be read, a line each.
    pub skipped: Vec<String>,
    /// Columns that mean nothing here.
    pub not_imported: Vec<String>,
}

impl CrewImportArgs {
    /// Reads the file and brings in what it says. Rows that are skipped or refused, and columns
    /// that mean nothing here, are named on stderr.
    ///
    /// # Errors
    /// A file that cannot be read, or has rows that cannot be, unless those are to be skipped:
    /// nothing was imported. Those of the store; what was imported stays, and again finishes it.
    pub async fn import(&self, crew: &CrewArgs) -> anyhow::Result<CrewSummary> {
        let (rows, skipped, not_imported) = self.read()?;
        let crew = crew.create().await?;
        let progress = Progress::new();
        let total = rows.len() as u64;
        let counted = (0..).zip(rows).map(|(done, row)| {
            progress.count("importing crew", done, total);
            row
        });
        let on_conflict = if self.update { OnConflict::TakeNew } else { OnConflict::Refuse };
        let import = async { Ok(import_crew(&crew.roster, counted, on_conflict).await?) };
        let imported = unless_stopped(import).await?;
        drop(progress);
        Ok(CrewSummary::new(imported, &skipped, not_imported))
    }

    /// The rows, those that cannot be read, and the columns that are not imported.
    fn read(&self) -> anyhow::Result<(Vec<CrewRow>, Vec<BadRow>, Vec<String>)> {
        let name = self.file.display().to_string();
        let bytes =
            std::fs::read(&self.file).with_context(|| format!("`{name}` cannot be read"))?;
        let reading = CrewReading::of(&name, &bytes)?;
        let not_imported = reading.not_imported().to_vec();
        let (rows, skipped) = match self.skip_bad {
            true => reading.skipping_bad_rows(),
            false => (reading.complete()?, Vec::new()),
        };
        Ok((rows, skipped, not_imported))
    }
}

impl CrewSummary {
    fn new(imported: CrewImported, skipped: &[BadRow], not_imported: Vec<String>) -> Self {
        let ids = |members: Vec<CrewMember>| -> Vec<String> {
            members.iter().map(|member| member.id().to_string()).collect()
        };
        let summary = Self {
            added: ids(imported.added),
            updated: ids(imported.updated),
            unchanged: imported.unchanged,
            refused: lines(&imported.refused),
            skipped: lines(skipped),
            not_imported,
        };
        for column in &summary.not_imported {
            warn(&format!("note: column `{column}` is not imported"));
        }
        summary.skipped.iter().chain(&summary.refused).for_each(warn);
        summary
    }

    /// Fails where rows disagree with what is stored.
    ///
    /// # Errors
    /// Says how many, and what mends it.
    pub fn check(&self) -> anyhow::Result<()> {
        let refused = self.refused.len();
        anyhow::ensure!(
            refused == 0,
            "rows that disagree with what is stored: {refused}; nothing was imported of them; mend \
             them, or --update takes what a row says where one member alone is meant"
        );
        Ok(())
    }
}

impl fmt::Display for CrewSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (added, updated) = (self.added.len(), self.updated.len());
        let (refused, skipped) = (self.refused.len(), self.skipped.len());
        write!(f, "{added} added, {updated} updated, {} unchanged, ", self.unchanged)?;
        write!(f, "{refused} refused, {skipped} skipped")?;
        if added > 0 {
            f.write_str("; `crew rotate-link ID` makes a member's link")
        } else {
            Ok(())
        }
    }
}

fn lines<T: fmt::Display>(rows: &[T]) -> Vec<String> {
    rows.iter().map(ToString::to_string).collect()
}
