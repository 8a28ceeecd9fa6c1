//! An upload under way: what is stored by the server's word, and what is sent next.

use std::{fmt, sync::Arc};

use hyper::{
    HeaderMap, Method, StatusCode,
    body::Bytes,
    header::{CONTENT_RANGE, HeaderValue, LOCATION, RANGE},
};
use tokio::time::Instant;

use super::{
    Progress, UploadProgress,
    content::{Chunk, Content, NoChunk},
};
use crate::{
    Error,
    google::{
        Answer, ApiUrl, Call, GoogleClient, Renewals,
        outgoing::{Outgoing, Reply},
        tries::{Tries, in_doubt},
    },
};

pub(super) struct Session<'a> {
    client: GoogleClient,
    beginning: Outgoing,
    /// Whether uploading it all twice does nothing twice.
    repeatable: bool,
    chunk_size: usize,
    content: Content<'a>,
    progress: Progress<'a>,
    tries: Tries,
    renewals: Renewals,
    /// The most that any session had stored, and the most that this one had.
    furthest: u64,
    stored: u64,
    /// Sessions in a row that expired before one of them had stored more than any before.
    vain: u32,
    /// Bytes from the first on that were sent in this session.
    sent: u64,
    /// Whether the last byte was sent and the answer to it was lost, so that the server may have
    /// taken it all.
    in_doubt: bool,
    /// The same of an earlier session.
    was_in_doubt: bool,
}

/// What a server said about the session.
enum Word {
    Stored(u64),
    Done(Answer),
    Expired(Error),
}

impl<'a> Session<'a> {
    pub(super) fn new(
        beginning: Call,
        chunk_size: usize,
        content: Content<'a>,
        progress: Progress<'a>,
    ) -> Result<Self, Error> {
        let (client, mut beginning) = beginning.into_parts()?;
        // A session that nothing is sent to makes nothing.
        let repeatable = std::mem::replace(&mut beginning.repeatable, true);
        Ok(Self {
            tries: Tries::new(&client.settings, chunk_size),
            client,
            beginning,
            repeatable,
            chunk_size,
            content,
            progress,
            renewals: Renewals::default(),
            furthest: 0,
            stored: 0,
            vain: 0,
            sent: 0,
            in_doubt: false,
            was_in_doubt: false,
        })
    }

    pub(super) async fn run(mut self) -> Result<Answer, Error> {
        loop {
            let url = self.begin().await?;
            if let Some(answer) = self.upload_to(&url).await.map_err(|it| self.verdict(it))? {
                return Ok(answer);
            }
        }
    }

    /// Asks for a session.
    async fn begin(&mut self) -> Result<ApiUrl, Error> {
        (self.sent, self.stored, self.in_doubt) = (0, 0, false);
        loop {
            match self.client.answer(&self.beginning, &mut self.renewals).await {
                Ok(answer) => return self.location(&answer),
                Err(failure) => {
                    let paused = self.tries.pause(failure).await;
                    paused.map_err(|failure| self.verdict(failure))?;
                }
            }
        }
    }

    fn location(&self, answer: &Answer) -> Result<ApiUrl, Error> {
        let location = answer.header(LOCATION.as_str()).map(ApiUrl::parse).and_then(Result::ok);
        let location = location.ok_or_else(|| self.nonsense("it names no place to send to"))?;
        Ok(match &self.client.endpoint {
            Some(endpoint) if !location.same_origin(endpoint) => location.moved_to(endpoint),
            _ => location,
        })
    }

    /// Sends chunks until all is taken; none when the session expired and is to be begun anew.
    async fn upload_to(&mut self, url: &ApiUrl) -> Result<Option<Answer>, Error> {
        let mut stored = Some(0);
        loop {
            let said = match stored {
                Some(start) => self.send_from(url, start).await,
                None => self.ask(url).await,
            };
            stored = match said {
                Ok(Word::Done(answer)) => return self.done(answer).map(Some),
                Ok(Word::Stored(bytes)) => Some(self.heed(bytes).await?),
                Ok(Word::Expired(failure)) => {
                    self.expired(failure).await?;
                    return Ok(None);
                }
                Err(failure) => {
                    self.tries.pause(failure).await?;
                    None
                }
            };
        }
    }

    async fn send_from(&mut self, url: &ApiUrl, start: u64) -> Result<Word, Error> {
        let reading = Instant::now();
        let chunk = self.content.chunk(start, self.chunk_size).await;
        self.tries.without(reading.elapsed());
        let chunk = chunk.map_err(|no_chunk| self.unreadable(no_chunk))?;
        let end = start + chunk.bytes.len() as u64;
        self.sent = self.sent.max(end);
        let range = chunk.range();
        self.exchange(url, &range, chunk.bytes).await
    }

    /// Asks how much is stored.
    async fn ask(&mut self, url: &ApiUrl) -> Result<Word, Error> {
        let range = format!("bytes */{}", star(self.content.total()));
        self.exchange(url, &range, Bytes::new()).await
    }

    async fn exchange(&mut self, url: &ApiUrl, range: &str, body: Bytes) -> Result<Word, Error> {
        let said = self.put_once(url, range, body).await;
        let is_all_sent = self.content.total() == Some(self.sent);
        match &said {
            Ok(Word::Stored(_)) => self.in_doubt = false,
            Err(failure) if is_all_sent && failure.may_have_been_executed() => self.in_doubt = true,
            _ => {}
        }
        said
    }

    async fn put_once(&mut self, url: &ApiUrl, range: &str, body: Bytes) -> Result<Word, Error> {
        let put = self.put(url, range, body);
        let reply = match put.url.same_origin(&self.beginning.url) {
            true => self.client.attempt(&put, &mut self.renewals).await?,
            // The session's address is all the leave that it needs; the token is not for others.
            false => self.client.once(&put, None).await?,
        };
        if reply.status.is_success() || reply.status == StatusCode::PERMANENT_REDIRECT {
            // The token is good: a 401 that comes later is about a later one.
            self.renewals = Renewals::default();
        }
        match reply.status.as_u16() {
            308 => self.stored(&reply).map(Word::Stored),
            200..=299 => Answer::whole(reply, &put).map(Word::Done),
            404 | 410 => Ok(Word::Expired(self.refusal(&reply, &put))),
            _ => Err(self.refusal(&reply, &put)),
        }
    }

    fn put(&self, url: &ApiUrl, range: &str, body: Bytes) -> Outgoing {
        let range = HeaderValue::try_from(range).ok();
        Outgoing {
            method: Method::PUT,
            url: url.clone(),
            headers: HeaderMap::from_iter(range.map(|range| (CONTENT_RANGE, range))),
            body,
            // What is stored is asked for before anything is sent again.
            repeatable: true,
            limit: self.beginning.limit,
        }
    }

    /// What a `Range` of the form `bytes=0-41` confirms; without one, nothing is stored.
    fn stored(&self, reply: &Reply) -> Result<u64, Error> {
        let Some(range) = reply.headers.get(RANGE) else { return Ok(0) };
        let last = range.to_str().ok().and_then(|range| range.strip_prefix("bytes=0-"));
        let stored = last.and_then(|last| last.trim().parse::<u64>().ok()?.checked_add(1));
        let stored = stored.filter(|stored| *stored <= self.sent);
        stored.ok_or_else(|| self.nonsense("it confirms bytes that were not sent"))
    }

    /// Notes how far it is. A server that stores no more is given time.
    async fn heed(&mut self, stored: u64) -> Result<u64, Error> {
        (self.progress)(UploadProgress { stored, total: self.content.total() });
        if stored > self.furthest {
            (self.furthest, self.vain) = (stored, 0);
        }
        if stored > self.stored {
            self.stored = stored;
            self.tries = Tries::new(&self.client.settings, self.chunk_size);
        } else {
            let stalled = format!("the server stores no more than {stored} bytes");
            self.tries.pause_anyhow(self.transient(Said(stalled))).await?;
        }
        Ok(stored)
    }

    fn done(&mut self, answer: Answer) -> Result<Answer, Error> {
        match self.content.total() {
            Some(total) if self.sent == total => {
                (self.progress)(UploadProgress { stored: total, total: Some(total) });
                Ok(answer)
            }
            _ => Err(self.nonsense("it calls the upload complete before it was all sent")),
        }
    }

    /// Pauses, if the upload may be begun anew.
    async fn expired(&mut self, failure: Error) -> Result<(), Error> {
        if self.in_doubt && !self.repeatable || self.vain == VAIN_SESSIONS {
            return Err(failure);
        }
        if !self.content.is_whole() {
            let why = "its session expired, and what was confirmed cannot be read again";
            return Err(self.transient(Said(why.to_owned())));
        }
        self.vain += 1;
        self.was_in_doubt |= self.in_doubt;
        self.tries.pause_anyhow(self.transient(failure)).await
    }

    /// What `failure` means for the upload as a whole.
    fn verdict(&self, failure: Error) -> Error {
        match self.in_doubt || self.was_in_doubt {
            false => failure,
            true if self.repeatable => in_doubt(failure),
            true if matches!(failure, Error::Decode { .. }) => failure,
            true => {
                let (request, source) = (self.beginning.to_string(), Some(Arc::new(failure) as _));
                Error::Ambiguous { request, repeatable: false, source }
            }
        }
    }

    fn refusal(&self, reply: &Reply, put: &Outgoing) -> Error {
        reply.refusal(put, self.client.clock.now().wall)
    }

    fn unreadable(&self, no_chunk: NoChunk) -> Error {
        match no_chunk {
            NoChunk::Gone => self.transient(no_chunk),
            _ => Error::Refused {
                action: format!("reading what {} uploads", self.beginning),
                mend: "see what is read, and state its length in bytes".to_owned(),
                source: Some(Arc::new(no_chunk)),
            },
        }
    }

    fn transient(&self, source: impl std::error::Error + Send + Sync + 'static) -> Error {
        Error::Transient {
            action: format!("uploading by {}", self.beginning),
            retry_after: None,
            source: Some(Arc::new(source)),
        }
    }

    fn nonsense(&self, what: &str) -> Error {
        let source = Some(Arc::new(Said(what.to_owned())) as _);
        Error::Decode { request: self.beginning.to_string(), source }
    }
}

impl Chunk {
    fn range(&self) -> String {
        let total = star(self.total);
        match self.bytes.len() as u64 {
            0 => format!("bytes */{total}"),
            length => format!("bytes {}-{}/{total}", self.start, self.start + length - 1),
        }
    }
}

fn star(total: Option<u64>) -> String {
    total.map_or_else(|| "*".to_owned(), |total| total.to_string())
}

/// A server that forgets each session is not asked for more of them.
const VAIN_SESSIONS: u32 = 3;

/// A sentence of ours about the server.
#[derive(Debug)]
struct Said(String);

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Said {}
