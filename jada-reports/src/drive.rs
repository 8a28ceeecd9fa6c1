//! Google Drive: a file into a folder, once, and verified.

mod file;
mod kept;
#[cfg(all(feature = "mail", feature = "xlsx"))]
mod publish;
mod put;
mod share;
mod verify;
mod wire;

use std::fmt;
use std::sync::Arc;

use jada_auth::{Call, GoogleClient, Upload, UploadProgress};
use serde::de::DeserializeOwned;

pub use file::{DriveFile, Share};

use crate::error::Error;

/// A Drive, by [its API](https://developers.google.com/workspace/drive/api/reference/rest/v3).
///
/// [`put`](Self::put) leaves one file of a name in a folder, with the content that it was given,
/// however often it is called again after a lost answer or a kill. A file of that name is replaced
/// in place, so that its id and its link stay. Nothing is converted.
///
/// The token needs [`SCOPE_FILE`](Self::SCOPE_FILE), or [`SCOPE`](Self::SCOPE) where a person made
/// the folder and has not opened it with the app.
///
/// A clone shares the connections.
///
/// ```no_run
/// use jada_auth::{GoogleClient, Scopes, SecretsDir};
/// use jada_mail::ContentType;
/// use jada_reports::{Drive, DriveFile};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let scopes = Scopes::new([Drive::SCOPE_FILE])?;
/// let provider = SecretsDir::from_env()?.provider(scopes.clone())?.build();
/// let drive = Drive::new(GoogleClient::new(provider.clone(), scopes));
/// let workbook = std::fs::read("statement-2026-05.xlsx")?;
/// let file = DriveFile::new("statement-2026-05.xlsx", ContentType::XLSX, workbook, "1aB-c");
/// let uploaded = drive.put(&file, "drive".as_ref()).await?;
/// println!("{}", uploaded.link);
/// provider.shutdown().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Drive {
    google: GoogleClient,
    chunk_size: usize,
    progress: Option<Arc<Progress>>,
}

type Progress = dyn Fn(UploadProgress) + Send + Sync;

impl Drive {
    /// The scope for files that the app made, and for those and the folders that a person opened
    /// with it ([Google's page](https://developers.google.com/workspace/drive/api/guides/api-specific-auth)).
    pub const SCOPE_FILE: &'static str = "https://www.googleapis.com/auth/drive.file";

    /// The scope for everything in the account's Drive.
    pub const SCOPE: &'static str = "https://www.googleapis.com/auth/drive";

    /// Calls by `google`, with tokens of the scopes that it has.
    #[must_use]
    pub fn new(google: GoogleClient) -> Self {
        Self { google, chunk_size: Upload::CHUNK_SIZE, progress: None }
    }

    /// Calls `progress` each time Drive has confirmed a part of a file, and at its end.
    #[must_use]
    pub fn with_progress(
        mut self,
        progress: impl Fn(UploadProgress) + Send + Sync + 'static,
    ) -> Self {
        self.progress = Some(Arc::new(progress));
        self
    }

    /// Sends chunks of `bytes`, rounded up to a multiple of 256 KiB, instead of
    /// [8 MiB](Upload::CHUNK_SIZE).
    #[must_use]
    pub fn with_chunk_size(mut self, bytes: usize) -> Self {
        self.chunk_size = bytes;
        self
    }

    /// Reads again where an answer came that is none of Drive's: a proxy's page.
    async fn read<T: DeserializeOwned>(
        &self,
        call: impl Fn(&GoogleClient) -> Call,
    ) -> Result<T, jada_auth::Error> {
        let mut reads = 1;
        loop {
            let call = call(&self.google).query("supportsAllDrives", "true");
            // What it holds on the way is too much for its callers' stacks.
            match Box::pin(call.fetch()).await {
                Err(jada_auth::Error::Decode { .. }) if reads < ROUNDS => reads += 1,
                read => return read,
            }
        }
    }
}

impl fmt::Debug for Drive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drive")
            .field("google", &self.google)
            .field("chunk_size", &self.chunk_size)
            .finish_non_exhaustive()
    }
}

fn failed(doing: impl Into<String>) -> impl FnOnce(jada_auth::Error) -> Error {
    let doing = doing.into();
    |source| Error::Google { doing, source: Box::new(source) }
}

/// How often something is done that an unusable answer leaves open.
const ROUNDS: u32 = 4;
/// How many pages of a list are read, which no folder and no file has.
const PAGES: u32 = 1_000;
const FILES: &str = "https://www.googleapis.com/drive/v3/files";
const UPLOAD: &str = "https://www.googleapis.com/upload/drive/v3/files";
