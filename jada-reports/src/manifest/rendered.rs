//! Workbook and page rendered again, and compared with what is on record.

use jada_roster::Charter;

use super::entry::MADE_BY;
use super::record::Record;
use super::verify::{SHA256, Verified};
use crate::artefact::sha256;
use crate::error::Error;
use crate::stated::Stated;
use crate::style::StatementStyle;

impl Record {
    /// As [`restate`](Self::restate); and where the statement says the same, workbook and page are
    /// rendered again and their bytes compared too. `style` is the one that the workbook was made
    /// in.
    ///
    /// # Errors
    /// Those of [`workbook`](crate::workbook).
    pub fn restate_files(
        &self,
        charters: impl IntoIterator<Item = Charter>,
        style: &StatementStyle,
    ) -> Result<Verified, Error> {
        let mut verified = Verified::default();
        if let Some(restated) = self.restated(charters, &mut verified) {
            self.compare_page(&mut verified, restated.stated())?;
            self.compare_workbook(&mut verified, restated.stated(), style)?;
        }
        Ok(verified)
    }

    fn compare_page(&self, verified: &mut Verified, stated: Stated<'_>) -> Result<(), Error> {
        let mut page = Vec::new();
        stated.write_page(&mut page)?;
        self.compare_file(verified, &format!("{}.html", stated.file_stem()), &page);
        Ok(())
    }

    fn compare_workbook(
        &self,
        verified: &mut Verified,
        stated: Stated<'_>,
        style: &StatementStyle,
    ) -> Result<(), Error> {
        let (name, found) = (format!("{}.xlsx", stated.file_stem()), style.sha256());
        match self.style_sha256.as_ref().filter(|expected| **expected != found) {
            None => self.compare_file(verified, &name, &stated.workbook(style)?),
            Some(expected) => {
                let (what, expected) = (format!("the style of {name}"), expected.clone());
                verified.compare(&self.period, &what, SHA256, expected, Some(found), STYLE);
            }
        }
        Ok(())
    }

    /// One that is not on record was not published.
    fn compare_file(&self, verified: &mut Verified, name: &str, bytes: &[u8]) {
        let Some(file) = self.artefacts.iter().find(|it| it.path.ends_with(name)) else { return };
        let mend = match self.made_by.as_deref() {
            Some(MADE_BY) => {
                "what is on record is not what the statement gives: publish it again".to_owned()
            }
            other => {
                let other = other.unwrap_or("another version");
                format!("it was made by {other}, and {MADE_BY} may render it otherwise")
            }
        };
        let (what, found) = (format!("{name}, rendered again,"), Some(sha256(bytes)));
        verified.compare(&self.period, &what, SHA256, file.sha256.clone(), found, &mend);
    }
}

const STYLE: &str = "name the style that it was made in";
