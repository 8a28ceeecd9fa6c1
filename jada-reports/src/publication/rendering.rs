//! The files of a month and of a year.

use std::io::Write;

use crate::error::{BoxError, Error};
use crate::html::{write_html, year_html};
use crate::lines::Lines;
use crate::stated::Stated;
use crate::style::StatementStyle;
use crate::xlsx::{styled_workbook, year_workbook};

impl Stated<'_> {
    /// What its files are called: `statement-2026-05`.
    pub(crate) fn file_stem(self) -> String {
        format!("statement-{}", self.period())
    }

    pub(crate) fn workbook(self, style: &StatementStyle) -> Result<Vec<u8>, Error> {
        match self {
            Self::Month(statement) => styled_workbook(statement, style),
            Self::Year(year) => year_workbook(year, style),
        }
    }

    pub(crate) fn write_page(self, to: &mut dyn Write) -> Result<(), Error> {
        let failed = |source: BoxError| Error::Render { artefact: "page", source };
        match self {
            Self::Month(statement) => write_html(statement, Lines::All, to),
            Self::Year(year) => {
                to.write_all(year_html(year)?.as_bytes()).map_err(|error| failed(error.into()))
            }
        }
    }
}
