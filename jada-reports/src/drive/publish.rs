//! The workbook of a statement into a folder of Drive.

use jada_mail::ContentType;

use super::{Drive, DriveFile, Share};
use crate::error::Error;
use crate::publication::Publishing;
use crate::uploaded::Uploaded;

impl Publishing<'_> {
    /// Puts the workbook into the folder of this id, under the name that it has here, and lets
    /// `share` see it: see [`Drive::put`]. Its link goes into the mail. The state of uploads is kept
    /// in the folder `drive` of the publication's.
    ///
    /// # Errors
    /// Those of [`Drive::put`].
    pub async fn upload(
        &mut self,
        drive: &Drive,
        folder: &str,
        share: Share,
    ) -> Result<Uploaded, Error> {
        let name = format!("{}.xlsx", self.stated().file_stem());
        let workbook = self.workbook().to_vec();
        let file = DriveFile::new(name, ContentType::XLSX, workbook, folder).shared(share);
        let uploaded = drive.put(&file, &self.folder().join("drive")).await?;
        self.uploaded(uploaded.clone());
        Ok(uploaded)
    }
}
