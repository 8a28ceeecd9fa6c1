//! A resumable upload: what it was begun with, and what it has stored.

use std::ops::Range;

use serde_json::Value;

use super::super::mailbox::Incoming;
use super::super::method::GmailMethod;
use super::super::refusal::Refusal;
use super::{location, within_limit};
use crate::loopback::{Head, Reply, Request};

pub(in super::super) struct Session {
    upload_id: String,
    method: GmailMethod,
    thread_id: Option<String>,
    total: Option<usize>,
    stored: Vec<u8>,
    /// What the whole mail was answered: whoever asks again gets that again.
    answer: Option<Value>,
}

/// How far an upload is.
pub(in super::super) enum Progress {
    /// There is more to come.
    Partial(Reply),
    /// All is there, and is to be done with as the method says.
    Complete(GmailMethod, Incoming),
    /// It was done.
    Answered(Reply),
}

impl Session {
    /// The session, and the answer that tells where it goes on.
    pub(in super::super) fn begin(
        request: &Request,
        method: GmailMethod,
        thread_id: Option<String>,
        upload_id: String,
    ) -> Result<(Self, Reply), Refusal> {
        let total = request.header("x-upload-content-length").map(str::parse).transpose();
        let total = total.map_err(|_| Refusal::invalid("X-Upload-Content-Length is a number"))?;
        within_limit(total.unwrap_or(0))?;
        let reply = Reply::new(200)
            .header("Location", &location(request, &upload_id)?)
            .header("X-GUploader-UploadID", &upload_id);
        let session =
            Self { upload_id, method, thread_id, total, stored: Vec::new(), answer: None };
        Ok((session, reply))
    }

    pub(in super::super) fn is_meant(&self, head: &Head) -> bool {
        head.query("upload_id") == Some(&self.upload_id)
    }

    /// Takes a chunk, or a question.
    pub(in super::super) fn put(&mut self, request: &Request) -> Result<Progress, Refusal> {
        if let Some(answer) = &self.answer {
            return Ok(Progress::Answered(Reply::new(200).json(answer)));
        }
        let range = ContentRange::of(request)?;
        let contradicts = |total| self.total.unwrap_or(total) != total || total < self.stored.len();
        if range.total.is_some_and(contradicts) {
            return Err(invalid_range());
        }
        within_limit(range.total.unwrap_or(0))?;
        self.total = self.total.or(range.total);
        if let Some(chunk) = &range.chunk {
            self.store(chunk, range.total, request.body())?;
        }
        if range.total != Some(self.stored.len()) {
            return Ok(Progress::Partial(self.partial()));
        }
        let mail = Incoming { raw: self.stored.clone(), thread_id: self.thread_id.clone() };
        Ok(Progress::Complete(self.method, mail))
    }

    pub(in super::super) fn complete(&mut self, answer: Value) {
        self.answer = Some(answer);
        self.stored = Vec::new();
    }

    fn store(
        &mut self,
        chunk: &Range<usize>,
        total: Option<usize>,
        body: &[u8],
    ) -> Result<(), Refusal> {
        let stored = self.stored.len();
        let is_last = total == Some(chunk.end);
        if chunk.start > stored || !is_last && !chunk.len().is_multiple_of(QUANTUM) {
            return Err(invalid_range());
        }
        within_limit(chunk.end)?;
        if chunk.end > stored {
            self.stored.extend(&body[stored - chunk.start..]);
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
        let fits = |range: &Self| range.chunk.as_ref().map_or(0, Range::len) == length;
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

fn invalid_range() -> Refusal {
    Refusal::new(400, "invalidContentRange", "Invalid Content-Range")
}

/// Chunks but the last are multiples of it.
const QUANTUM: usize = 256 * 1024;
