//! What is uploaded, chunk by chunk, and again from where the server has it.

use std::{io, mem, time::Duration};

use hyper::body::Bytes;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    time::timeout,
};

type Reader<'a> = Box<dyn AsyncRead + Send + Unpin + 'a>;

pub(super) struct Content<'a> {
    /// What is held in memory, from `start` on.
    window: Bytes,
    start: u64,
    /// What comes after the window; none when that is all.
    rest: Option<Reader<'a>>,
    total: Option<u64>,
}

/// A part of the content.
pub(super) struct Chunk {
    pub(super) start: u64,
    pub(super) bytes: Bytes,
    /// The length of the whole content, where it is known by now.
    pub(super) total: Option<u64>,
}

/// Why there is no chunk.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoChunk {
    #[error("it cannot be read")]
    Read(#[source] io::Error),
    #[error("it ends after {0} bytes, and was said to be longer")]
    TooShort(u64),
    #[error("it is longer than the {0} bytes that it was said to be")]
    TooLong(u64),
    #[error("the server forgot bytes that it had confirmed, and they cannot be read again")]
    Gone,
}

impl<'a> Content<'a> {
    pub(super) fn bytes(window: Bytes) -> Self {
        let total = Some(window.len() as u64);
        Self { window, start: 0, rest: None, total }
    }

    pub(super) fn reader(reader: Reader<'a>, total: Option<u64>) -> Self {
        Self { window: Bytes::new(), start: 0, rest: Some(reader), total }
    }

    pub(super) fn total(&self) -> Option<u64> {
        self.total
    }

    /// Whether it can be given from its first byte on.
    pub(super) fn is_whole(&self) -> bool {
        self.start == 0
    }

    /// At most `size` bytes from `start` on. Of a reader, what stands before that is forgotten.
    pub(super) async fn chunk(&mut self, start: u64, size: usize) -> Result<Chunk, NoChunk> {
        let skipped = start.checked_sub(self.start).ok_or(NoChunk::Gone)?;
        let skipped = usize::try_from(skipped).ok().filter(|it| *it <= self.window.len());
        let skipped = skipped.ok_or(NoChunk::Gone)?;
        if self.rest.is_none() {
            return Ok(self.part(start, self.window.slice(skipped..), size));
        }
        (self.window, self.start) = (self.window.split_off(skipped), start);
        // One byte more tells whether this chunk is the last.
        self.fill(size + 1).await.map_err(NoChunk::Read)?;
        self.check_length()?;
        Ok(self.part(start, self.window.clone(), size))
    }

    fn part(&self, start: u64, mut bytes: Bytes, size: usize) -> Chunk {
        bytes.truncate(size);
        Chunk { start, bytes, total: self.total }
    }

    /// Reads until the window has so many bytes, or all. Memory that nobody else holds any more is
    /// used again.
    async fn fill(&mut self, wanted: usize) -> io::Result<()> {
        let window = mem::take(&mut self.window).try_into_mut();
        let mut window = window.unwrap_or_else(|shared| shared[..].into());
        while let Some(reader) = &mut self.rest
            && window.len() < wanted
        {
            let missing = wanted - window.len();
            window.reserve(missing.min(READ));
            let is_all = self.total.is_some_and(|total| self.start + window.len() as u64 >= total);
            let mut some = reader.take(missing as u64);
            let reading = some.read_buf(&mut window);
            let read = match is_all {
                false => reading.await,
                // Only to learn whether there is more than was said.
                true => timeout(PATIENCE, reading).await.unwrap_or(Ok(0)),
            };
            if read? == 0 {
                self.rest = None;
            }
        }
        self.window = window.freeze();
        Ok(())
    }

    /// Compares the length that was stated with what was read, or learns it.
    fn check_length(&mut self) -> Result<(), NoChunk> {
        let read = self.start + self.window.len() as u64;
        match (self.total, &self.rest) {
            (Some(total), _) if read > total => Err(NoChunk::TooLong(total)),
            (Some(total), None) if read < total => Err(NoChunk::TooShort(read)),
            (None, None) => {
                self.total = Some(read);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// How much memory is made ready at a time, since a reader may end at once.
const READ: usize = 1024 * 1024;
/// How long a reader may take to end that has given all that was said.
const PATIENCE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(text: &'static str, total: Option<u64>) -> Content<'static> {
        Content::reader(Box::new(text.as_bytes()), total)
    }

    async fn text(content: &mut Content<'_>, start: u64) -> (String, Option<u64>) {
        let chunk = content.chunk(start, 4).await.unwrap();
        assert_eq!(chunk.start, start);
        (String::from_utf8(chunk.bytes.to_vec()).unwrap(), chunk.total)
    }

    fn chunk(text: &str, total: Option<u64>) -> (String, Option<u64>) {
        (text.to_owned(), total)
    }

    #[tokio::test]
    async fn a_reader_gives_each_chunk_again_until_it_is_confirmed() {
        let mut content = reader("abcdefghij", None);
        assert_eq!(text(&mut content, 0).await, chunk("abcd", None));
        assert_eq!(text(&mut content, 0).await, chunk("abcd", None));
        assert_eq!(text(&mut content, 2).await, chunk("cdef", None));
        assert_eq!(text(&mut content, 6).await, chunk("ghij", Some(10)));
        assert_eq!(text(&mut content, 8).await, chunk("ij", Some(10)));
        assert_eq!(text(&mut content, 10).await, chunk("", Some(10)));
        assert!(matches!(content.chunk(5, 4).await, Err(NoChunk::Gone)));
        assert!(!content.is_whole());
    }

    #[tokio::test]
    async fn bytes_are_given_from_anywhere_without_being_copied() {
        let mut content = Content::bytes(Bytes::from_static(b"abcdef"));
        assert_eq!(text(&mut content, 4).await, chunk("ef", Some(6)));
        assert_eq!(text(&mut content, 0).await, chunk("abcd", Some(6)));
        assert!(content.is_whole());
        assert!(matches!(content.chunk(7, 4).await, Err(NoChunk::Gone)));
    }

    #[tokio::test]
    async fn the_end_is_known_when_a_chunk_is_the_last() {
        for (given, expected) in [("", Some(0)), ("abcd", Some(4)), ("abcde", None)] {
            let mut content = reader(given, None);
            assert_eq!(content.chunk(0, 4).await.unwrap().total, expected, "{given}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_gave_all_and_stays_open_is_not_waited_for() {
        let open = "abcd".as_bytes().chain(PendingForEver);
        let mut content = Content::reader(Box::new(open), Some(4));
        assert_eq!(text(&mut content, 0).await, chunk("abcd", Some(4)));
    }

    struct PendingForEver;

    impl AsyncRead for PendingForEver {
        fn poll_read(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            _: &mut tokio::io::ReadBuf<'_>,
        ) -> std::task::Poll<io::Result<()>> {
            std::task::Poll::Pending
        }
    }

    #[tokio::test]
    async fn a_length_that_is_wrong_is_told_before_the_last_chunk() {
        let short = reader("abc", Some(5)).chunk(0, 4).await;
        assert!(matches!(short, Err(NoChunk::TooShort(3))));
        let long = reader("abcde", Some(4)).chunk(0, 4).await;
        assert!(matches!(long, Err(NoChunk::TooLong(4))));
        assert!(reader("abcd", Some(4)).chunk(0, 4).await.is_ok());
    }
}
