//! A year's statement and the style of workbooks, as flags of an example.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use jada_reports::{Rules, Statement, StatementStyle, YearStatement};
use jada_roster::{DynamoCharters, Month};

use crate::output::warn;

/// The flags by which an operator asks for a year, and says how workbooks look.
#[derive(Args, Clone, Debug)]
pub struct YearArgs {
    /// State this year instead of a month: one workbook, a tab for each month and a summary
    #[arg(long, value_name = "YYYY", conflicts_with = "month")]
    year: Option<i16>,
    #[command(flatten)]
    style: StyleArgs,
}

/// The flag by which an operator says how workbooks look.
#[derive(Args, Clone, Debug)]
pub struct StyleArgs {
    /// Dress the workbook as this TOML file says, or as this .xlsx workbook is
    #[arg(long, value_name = "FILE|WORKBOOK")]
    style: Option<PathBuf>,
}

impl YearArgs {
    /// The year that is asked for, if one is.
    #[must_use]
    pub fn year(&self) -> Option<i16> {
        self.year
    }

    /// The months to be stated: those of the year, or the one.
    ///
    /// # Errors
    /// A year that is not from 1900 to 9999.
    pub fn months(&self, month: Month) -> anyhow::Result<Vec<Month>> {
        match self.year {
            None => Ok(vec![month]),
            Some(year) => Ok(YearStatement::months_of(year)?.collect()),
        }
    }

    /// As [`StyleArgs::style`].
    ///
    /// # Errors
    /// Those of it.
    pub fn style(&self) -> anyhow::Result<StatementStyle> {
        self.style.style()
    }
}

impl StyleArgs {
    /// The style of workbooks. What is not in the file is said on stderr.
    ///
    /// # Errors
    /// A file that cannot be read, or is neither a style nor a workbook.
    pub fn style(&self) -> anyhow::Result<StatementStyle> {
        let Some(path) = &self.style else { return Ok(StatementStyle::default()) };
        let style = StatementStyle::open(path)?;
        if !style.fallbacks().is_empty() {
            let missing = style.fallbacks().join(", ");
            warn(&format!("note: not in `{}`, so as by default: {missing}", path.display()));
        }
        Ok(style)
    }
}

/// States months of what is stored, and warns of rows that no month shows, once.
///
/// # Errors
/// Those of the store, and of a statement.
pub async fn state(
    charters: &DynamoCharters,
    months: &[Month],
    rules: &Rules,
    bad: &[String],
) -> anyhow::Result<Vec<Statement>> {
    let mut statements = Vec::with_capacity(months.len());
    for month in months {
        let (of_month, unindexed) = charters.settled_month(*month, SETTLED_WITHIN).await?;
        if statements.is_empty() {
            let dateless = || unindexed.iter().filter(|row| row.date.is_none());
            let lost = unindexed.len() - dateless().count();
            if lost > 0 {
                warn(&format!(
                    "warning: rows that cannot be seen by month: {lost}; --reindex mends them"
                ));
            }
            for row in dateless() {
                let key = &row.key;
                warn(&format!("warning: charter `{key}` cannot be seen by month; mend its `date`"));
            }
        }
        let statement = bad.iter().fold(rules.statement(*month), |to, row| to.skipped(row));
        statements.push(statement.unindexed(unindexed.len()).build(of_month)?);
    }
    Ok(statements)
}

/// How long the month index of a DynamoDB may lag behind an import.
pub(crate) const SETTLED_WITHIN: Duration = Duration::from_secs(30);
