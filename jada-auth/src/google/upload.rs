//! A resumable upload as it is put together.

mod content;
mod session;

use std::fmt;

use hyper::{Method, body::Bytes};
use serde::Serialize;
use tokio::io::AsyncRead;

use self::{content::Content, session::Session};
use super::{Answer, ApiUrl, Call, GoogleClient};
use crate::Error;

/// An upload in chunks that survives what befalls it on the way
/// ([Google's protocol](https://developers.google.com/workspace/drive/api/guides/manage-uploads#resumable)).
///
/// The server's word counts for what is stored: after a 5xx, a broken connection or an answer that
/// confirms less than was sent, it is asked, and the upload goes on from there. A session that
/// expires before the last byte was sent is begun anew. A caller who drops the future leaves a
/// session behind, which the server forgets, and no file unless the last chunk was under way.
///
/// ```no_run
/// # async fn upload(google: jada_auth::GoogleClient, workbook: Vec<u8>) -> Result<(), jada_auth::Error> {
/// let answer = google
///     .upload(http::Method::POST, "https://www.googleapis.com/upload/drive/v3/files")
///     .metadata(&serde_json::json!({ "name": "statement-2026-05.xlsx" }))
///     .progress(|progress| println!("{} bytes stored", progress.stored))
///     .bytes("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", workbook)
///     .await?;
/// let file: serde_json::Value = answer.json()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "an upload does nothing until it is given its content"]
pub struct Upload<'a> {
    beginning: Call,
    chunk_size: usize,
    progress: Progress<'a>,
}

type Progress<'a> = Box<dyn FnMut(UploadProgress) + Send + 'a>;

/// How far an upload is, by the server's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadProgress {
    /// Bytes that are stored. They become fewer when a server forgets what it had.
    pub stored: u64,
    /// Bytes in all; none while the length is unknown.
    pub total: Option<u64>,
}

impl GoogleClient {
    /// Begins an upload to an address of the form `https://…/upload/…`: POST makes something new,
    /// PATCH or PUT replaces what is there. `uploadType=resumable` is added where no `uploadType`
    /// is named.
    pub fn upload<U>(&self, method: Method, url: U) -> Upload<'static>
    where
        U: TryInto<ApiUrl, Error: Into<Error>>,
    {
        Upload {
            beginning: self.call(method, url).query_unless_there("uploadType", "resumable"),
            chunk_size: Upload::CHUNK_SIZE,
            progress: Box::new(|_| ()),
        }
    }
}

impl<'a> Upload<'a> {
    /// Bytes of a chunk, unless it is said otherwise: 8 MiB.
    pub const CHUNK_SIZE: usize = 8 * 1024 * 1024;

    /// Sends `value` as JSON along with the content, such as a file's name and folder.
    pub fn metadata(mut self, value: &(impl Serialize + ?Sized)) -> Self {
        self.beginning = self.beginning.json(value);
        self
    }

    /// Says that uploading it twice does nothing twice, whatever the method: it replaces what is
    /// there, or it has an id of the caller's. It is begun anew then even if its last byte was
    /// sent.
    pub fn repeatable(mut self) -> Self {
        self.beginning = self.beginning.repeatable();
        self
    }

    /// Sends chunks of `bytes`, rounded up to a multiple of 256 KiB, as the protocol wants it, and
    /// 1 GiB at most. A reader's chunk is held in memory until it is confirmed.
    pub fn chunk_size(mut self, bytes: usize) -> Self {
        self.chunk_size = bytes.clamp(1, LARGEST_CHUNK).next_multiple_of(GRANULE);
        self
    }

    /// Calls `progress` each time the server has confirmed something, and at the end.
    pub fn progress<'b>(self, progress: impl FnMut(UploadProgress) + Send + 'b) -> Upload<'b> {
        let Self { beginning, chunk_size, .. } = self;
        Upload { beginning, chunk_size, progress: Box::new(progress) }
    }

    /// Uploads `bytes` of this content type, and gives back the answer to the last of them.
    ///
    /// # Errors
    ///
    /// Those of [`Call::send`], and [`Error::Transient`] for a server that stores nothing more.
    /// [`Error::Ambiguous`] means that the last byte was sent, and that the server did not tell
    /// whether it took it; [`Error::Decode`] that it claims what cannot be. What
    /// [heals by itself](Error::is_transient) is worth another upload.
    pub async fn bytes(self, content_type: &str, bytes: impl Into<Bytes>) -> Result<Answer, Error> {
        self.content(content_type, Content::bytes(bytes.into())).await
    }

    /// Uploads what `reader` gives until its end; with a `length` in bytes, exactly as much. The
    /// time that reading takes has no limit.
    ///
    /// # Errors
    ///
    /// Those of [`bytes`](Self::bytes), and [`Error::Refused`] for a reader that fails, or gives
    /// another number of bytes than `length`: nothing is made then. A session that expires when
    /// part of it is confirmed cannot be begun anew, since a reader is not read twice:
    /// [`Error::Transient`].
    pub async fn reader(
        self,
        content_type: &str,
        reader: impl AsyncRead + Send + Unpin + 'a,
        length: Option<u64>,
    ) -> Result<Answer, Error> {
        self.content(content_type, Content::reader(Box::new(reader), length)).await
    }

    async fn content(self, content_type: &str, content: Content<'a>) -> Result<Answer, Error> {
        let mut call = self.beginning.header("x-upload-content-type", content_type);
        if let Some(length) = content.total() {
            call = call.header("x-upload-content-length", &length.to_string());
        }
        Session::new(call, self.chunk_size, content, self.progress)?.run().await
    }
}

impl fmt::Debug for Upload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("beginning", &self.beginning)
            .field("chunk_size", &self.chunk_size)
            .finish_non_exhaustive()
    }
}

/// What chunks but the last are multiples of.
const GRANULE: usize = 256 * 1024;
const LARGEST_CHUNK: usize = 1024 * 1024 * 1024;
