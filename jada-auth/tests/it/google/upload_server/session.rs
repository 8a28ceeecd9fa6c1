//! One session: what it was begun with, what it has stored, and what it makes of a chunk.

use std::ops::Range;

use jada_loopback_issuer::{Head, Reply, Request};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    Refusal,
    fault::{Fault, Kept},
};

pub(super) struct Session {
    number: usize,
    upload_id: String,
    metadata: Value,
    total: Option<usize>,
    stored: Vec<u8>,
    stage: Stage,
    /// The last answer was a 401 that the token did not deserve: a second would be a verdict.
    challenged: Challenged,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Open,
    Completed,
    Expired { status: u16 },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Challenged {
    Just,
    NotLately,
}

impl Session {
    pub(super) fn begin(
        number: usize,
        upload_id: String,
        request: &Request,
    ) -> Result<Self, Refusal> {
        if request.query("uploadType") != Some("resumable") {
            return Err(Refusal(400, "badRequest"));
        }
        let total = request.header("x-upload-content-length").map(str::parse).transpose();
        Ok(Self {
            number,
            upload_id,
            metadata: metadata(request)?,
            total: total.map_err(|_| Refusal(400, "invalidContentLength"))?,
            stored: Vec::new(),
            stage: Stage::Open,
            challenged: Challenged::NotLately,
        })
    }

    /// Who knows the session's address in full may use it while it lives.
    pub(super) fn admit(&self, head: &Head) -> Result<(), Refusal> {
        match self.stage {
            Stage::Expired { status } => Err(Refusal(status, "notFound")),
            _ if head.query("upload_id") != Some(&self.upload_id) => Err(Refusal(404, "notFound")),
            Stage::Open | Stage::Completed => Ok(()),
        }
    }

    pub(super) fn may_suffer(&self, fault: Fault) -> bool {
        match fault {
            Fault::Expired { .. } => self.stage != Stage::Completed,
            Fault::Unauthorized => self.challenged == Challenged::NotLately,
            _ => true,
        }
    }

    pub(super) fn suffer(&mut self, fault: Option<Fault>) {
        self.challenged = match fault {
            Some(Fault::Unauthorized) => Challenged::Just,
            _ => Challenged::NotLately,
        };
        if let Some(Fault::Expired { status }) = fault {
            self.stage = Stage::Expired { status };
            self.stored.clear();
        }
    }

    /// Stores as much of a chunk as is kept, or completes the file.
    pub(super) fn take(
        &mut self,
        range: ContentRange,
        body: &[u8],
        kept: Kept,
    ) -> Result<(), Refusal> {
        if self.stage == Stage::Completed {
            return Ok(());
        }
        let contradicts = |given| self.total.unwrap_or(given) != given || given < self.stored.len();
        if range.total.is_some_and(contradicts) {
            return Err(Refusal(400, "invalidContentRange"));
        }
        self.total = self.total.or(range.total);
        if let Some(chunk) = range.chunk {
            self.store(chunk, range.total, body, kept)?;
        }
        if kept != Kept::Nothing && range.total == Some(self.stored.len()) {
            self.stage = Stage::Completed;
        }
        Ok(())
    }

    /// A chunk that would leave a gap is refused for good: a client that believes what it is told
    /// sends none.
    fn store(
        &mut self,
        chunk: Range<usize>,
        total: Option<usize>,
        body: &[u8],
        kept: Kept,
    ) -> Result<(), Refusal> {
        let stored = self.stored.len();
        if chunk.start > stored {
            return Err(Refusal(400, "gap"));
        }
        if total != Some(chunk.end) && !chunk.len().is_multiple_of(QUANTUM) {
            return Err(Refusal(400, "chunkSize"));
        }
        let end = match kept {
            Kept::Nothing => stored,
            Kept::Part(length) => (chunk.start + length) / QUANTUM * QUANTUM,
            Kept::All => chunk.end,
        };
        if end > stored {
            self.stored.extend(&body[stored - chunk.start..end - chunk.start]);
        }
        Ok(())
    }

    /// The file, once it is complete, or else how much of it is stored.
    pub(super) fn progress(&self) -> Reply {
        match (self.stage, self.stored.len()) {
            (Stage::Completed, _) => Reply::new(200).json(&self.resource()),
            (_, 0) => Reply::new(308),
            (_, length) => Reply::new(308).header("Range", &format!("bytes=0-{}", length - 1)),
        }
    }

    /// As Drive describes a file: a length is text.
    fn resource(&self) -> Value {
        let mut resource = json!({
            "id": format!("file-{}", self.number),
            "size": self.stored.len().to_string(),
            "sha256Checksum": hex(&Sha256::digest(&self.stored)),
        });
        for field in ["name", "mimeType"] {
            resource[field] = self.metadata[field].clone();
        }
        resource
    }

    pub(super) fn file(&self) -> Option<(Value, Vec<u8>)> {
        (self.stage == Stage::Completed).then(|| (self.metadata.clone(), self.stored.clone()))
    }
}

/// `Content-Range`, as a client of uploads writes it.
pub(super) struct ContentRange {
    /// None where it asks for the status.
    chunk: Option<Range<usize>>,
    total: Option<usize>,
}

impl ContentRange {
    /// Without the header, the body is all there is.
    pub(super) fn of(request: &Request) -> Result<Self, Refusal> {
        let announced = request.header("content-length").and_then(|it| it.parse().ok());
        let length = announced.unwrap_or(request.body().len());
        let range = match request.header("content-range") {
            None if length == 0 => Some(Self { chunk: None, total: Some(0) }),
            None => Some(Self { chunk: Some(0..length), total: Some(length) }),
            Some(text) => Self::parse(text),
        };
        let fits = |range: &Self| range.chunk.as_ref().map_or(0, Range::len) == length;
        range.filter(fits).ok_or(Refusal(400, "invalidContentRange"))
    }

    fn parse(text: &str) -> Option<Self> {
        let (chunk, total) = text.strip_prefix("bytes ")?.split_once('/')?;
        let total = if total == "*" { None } else { Some(total.parse().ok()?) };
        if chunk == "*" {
            return Some(Self { chunk: None, total });
        }
        let (first, last) = chunk.split_once('-')?;
        let chunk = first.parse().ok()?..last.parse::<usize>().ok()? + 1;
        let sound = chunk.start < chunk.end && total.is_none_or(|total| chunk.end <= total);
        sound.then_some(Self { chunk: Some(chunk), total })
    }
}

/// The body, and the media type that was announced where the body names none.
fn metadata(request: &Request) -> Result<Value, Refusal> {
    let mut metadata = match request.body() {
        b"" => Map::new(),
        body => serde_json::from_slice(body).map_err(|_| Refusal(400, "parseError"))?,
    };
    if let Some(media_type) = request.header("x-upload-content-type") {
        metadata.entry("mimeType").or_insert_with(|| media_type.into());
    }
    Ok(metadata.into())
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Chunks but the last are multiples of it.
pub(super) const QUANTUM: usize = 256 * 1024;
