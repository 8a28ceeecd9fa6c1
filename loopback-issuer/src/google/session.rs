//! A resumable upload: what it was begun for, and what it has stored
//! ([Google's protocol](https://developers.google.com/workspace/drive/api/guides/manage-uploads#resumable)).

use std::ops::Range;

use serde_json::Value;

use super::refusal::Refusal;
use crate::loopback::{Head, Reply, Request};

/// An upload that was begun for the purpose `T`.
pub(crate) struct Session<T> {
    upload_id: String,
    purpose: T,
    limit: usize,
    total: Option<usize>,
    stored: Vec<u8>,
    /// What the whole was answered: whoever asks again gets that again.
    answer: Option<Value>,
}

/// How far an upload is.
pub(crate) enum Progress {
    /// There is more to come.
    Partial(Reply),
    /// All is there, and is to be done with as the purpose says.
    Complete(Vec<u8>),
    /// It was done.
    Answered(Reply),
}

impl<T> Session<T> {
    /// The session, and the answer that tells where it goes on. It takes `limit` bytes at most.
    pub(crate) fn begin(
        request: &Request,
        purpose: T,
        upload_id: String,
        limit: usize,
    ) -> Result<(Self, Reply), Refusal> {
        let total = request.header("x-upload-content-length").map(str::parse).transpose();
        let total = total.map_err(|_| Refusal::invalid("X-Upload-Content-Length is a number"))?;
        within(limit, total.unwrap_or(0))?;
        let reply = Reply::new(200)
            .header("Location", &location(request, &upload_id)?)
            .header("X-GUploader-UploadID", &upload_id);
        let (stored, answer) = (Vec::new(), None);
        Ok((Self { upload_id, purpose, limit, total, stored, answer }, reply))
    }

    pub(crate) fn is_meant(&self, head: &Head) -> bool {
        head.query("upload_id") == Some(&self.upload_id)
    }

    pub(crate) fn purpose(&self) -> &T {
        &self.purpose
    }

    /// Whether it was done.
    pub(crate) fn is_complete(&self) -> bool {
        self.answer.is_some()
    }

    /// Takes a chunk, of which at most so many bytes are kept, or a question.
    pub(crate) fn put(&mut self, request: &Request, keep: usize) -> Result<Progress, Refusal> {
        if let Some(answer) = &self.answer {
            return Ok(Progress::Answered(Reply::new(200).json(answer)));
        }
        let range = ContentRange::of(request)?;
        let contradicts = |total| self.total.unwrap_or(total) != total || total < self.stored.len();
        if range.total.is_some_and(contradicts) {
            return Err(invalid_range());
        }
        within(self.limit, range.total.unwrap_or(0))?;
        self.total = self.total.or(range.total);
        if let Some(chunk) = &range.chunk {
            self.store(chunk, range.total, request.body(), keep)?;
        }
        if range.total != Some(self.stored.len()) {
            return Ok(Progress::Partial(self.partial()));
        }
        Ok(Progress::Complete(self.stored.clone()))
    }

    pub(crate) fn complete(&mut self, answer: Value) {
        self.answer = Some(answer);
        self.stored = Vec::new();
    }

    fn store(
        &mut self,
        chunk: &Range<usize>,
        total: Option<usize>,
        body: &[u8],
        keep: usize,
    ) -> Result<(), Refusal> {
        let stored = self.stored.len();
        let is_last = total == Some(chunk.end);
        if chunk.start > stored || !is_last && !chunk.len().is_multiple_of(QUANTUM) {
            return Err(invalid_range());
        }
        within(self.limit, chunk.end)?;
        let kept = body.len().min(keep);
        // What came in part is kept in whole quanta.
        let kept = if kept < chunk.len() { kept - kept % QUANTUM } else { kept };
        if chunk.start + kept > stored {
            self.stored.extend(&body[stored - chunk.start..kept]);
        }
        Ok(())
    }

    fn partial(&self) -> Reply {
        match self.stored.len() {
            0 => Reply::new(308),
            length => Reply::new(308).header("Range", &format!("bytes=0-{}", length - 1)),
        }
    }
}

/// `Content-Range`, as a client of uploads writes it.
struct ContentRange {
    /// None where it asks how much is stored.
    chunk: Option<Range<usize>>,
    total: Option<usize>,
}

impl ContentRange {
    /// Without the header, the body is all there is.
    fn of(request: &Request) -> Result<Self, Refusal> {
        let length = request.body().len();
        let range = match request.header("content-range") {
            None if length == 0 => Some(Self { chunk: None, total: Some(0) }),
            None => Some(Self { chunk: Some(0..length), total: Some(length) }),
            Some(text) => Self::parse(text),
        };
        let announced = |range: &Self| range.chunk.as_ref().map_or(0, Range::len);
        let fits = |range: &Self| announced(range) == length || !request.is_whole();
        range.filter(fits).ok_or_else(invalid_range)
    }

    fn parse(text: &str) -> Option<Self> {
        let (chunk, total) = text.strip_prefix("bytes ")?.split_once('/')?;
        let total = if total == "*" { None } else { Some(total.parse().ok()?) };
        if chunk == "*" {
            return Some(Self { chunk: None, total });
        }
        let (first, last) = chunk.split_once('-')?;
        let chunk = first.parse().ok()?..last.parse::<usize>().ok()?.checked_add(1)?;
        let sound = chunk.start < chunk.end && total.is_none_or(|total| chunk.end <= total);
        sound.then_some(Self { chunk: Some(chunk), total })
    }
}

/// Where a resumable upload goes on.
fn location(head: &Head, upload_id: &str) -> Result<String, Refusal> {
    let host = head.header("host").ok_or_else(|| Refusal::invalid("a request names its host"))?;
    Ok(format!("http://{host}{}?uploadType=resumable&upload_id={upload_id}", head.path()))
}

/// Whether that many bytes are few enough.
pub(crate) fn within(limit: usize, length: usize) -> Result<(), Refusal> {
    if length > limit { Err(Refusal::too_large(limit)) } else { Ok(()) }
}

fn invalid_range() -> Refusal {
    Refusal::new(400, "invalidContentRange", "Invalid Content-Range")
}

/// Chunks but the last are multiples of it.
const QUANTUM: usize = 256 * 1024;
