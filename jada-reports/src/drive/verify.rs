//! Whether Drive still holds what the record says.

use super::{Drive, failed};
use crate::error::Error;
use crate::manifest::{Manifest, SHA256, Verified};

impl Drive {
    /// Asks for the checksum of each upload that the record names, the last of each period, folder
    /// and name, and compares.
    ///
    /// # Errors
    /// [`Error::File`] for a manifest that cannot be read; [`Error::Google`].
    pub async fn verify(&self, manifest: &Manifest) -> Result<Verified, Error> {
        let mut verified = Verified::default();
        for (period, upload) in manifest.uploads()? {
            let doing = format!("looking at `{}` ({})", upload.name, upload.id);
            let found = self.found(&upload.id).await.map_err(failed(doing))?;
            let found = found.and_then(|found| found.sha256().map(str::to_owned));
            let what = format!("{} ({})", upload.name, upload.link);
            let mend = if found.is_some() { CHANGED } else { GONE };
            verified.compare(&period, &what, SHA256, upload.sha256, found, mend);
        }
        Ok(verified)
    }
}

const CHANGED: &str = "publish it into that folder again, which puts it back under its link; its \
                       versions on Drive tell who changed it";
const GONE: &str = "take it out of Drive's bin if it is there, or publish it into that folder \
                    again, which makes it anew, under another link";
