//! A request that was read, and how its body is read from the wire.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Read};
use std::ops::Deref;

use serde_json::Value;

use super::head::{Framing, Head, malformed};
use crate::form;

/// A request as the handler gets it: its [`Head`], to which it dereferences, and its body.
///
/// Its `Debug` shows of the body no more than its length.
pub struct Request {
    head: Head,
    body: Vec<u8>,
    extent: Extent,
}

impl Request {
    /// Reads the body, or as much of it as that, and not a byte of what follows.
    pub(super) fn read(head: Head, from: &mut impl Read, at_most: usize) -> io::Result<Self> {
        let mut body = Vec::new();
        let extent = match head.framing()? {
            Framing::Chunked => read_chunks(from, at_most, &mut body)?,
            Framing::Length(length) => {
                read_exactly(from, length.min(at_most), &mut body)?;
                if length > at_most { Extent::Part } else { Extent::Whole }
            }
        };
        Ok(Self { head, body, extent })
    }

    /// The body, without the framing that it came in.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body as JSON; `None` where it is none.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The fields of a form; `None` where it is none, or names a field twice.
    pub fn form(&self) -> Option<HashMap<String, String>> {
        let media_type = self.header("content-type")?.split(';').next()?.trim();
        let is_form = media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded");
        if is_form { form::fields(str::from_utf8(&self.body).ok()?) } else { None }
    }

    /// Whether the body was read to its end: all are that [`OnHead::ReadPart`](crate::OnHead) did
    /// not cut.
    pub fn is_whole(&self) -> bool {
        self.extent == Extent::Whole
    }
}

impl Deref for Request {
    type Target = Head;

    fn deref(&self) -> &Head {
        &self.head
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("head", &self.head)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("extent", &self.extent)
            .finish()
    }
}

/// How much of a body was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    Whole,
    Part,
}

/// Undoes the coding of [RFC 9112, 7.1](https://www.rfc-editor.org/rfc/rfc9112#section-7.1).
fn read_chunks(from: &mut impl Read, at_most: usize, body: &mut Vec<u8>) -> io::Result<Extent> {
    loop {
        let size = line(from)?;
        let size = size.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).map_err(|_| malformed("a chunk has a size"))?;
        if size == 0 {
            while !line(from)?.is_empty() {}
            return Ok(Extent::Whole);
        }
        let room = at_most - body.len();
        read_exactly(from, size.min(room), body)?;
        if size >= room {
            return Ok(Extent::Part);
        }
        line(from)?;
    }
}

fn read_exactly(from: &mut impl Read, length: usize, into: &mut Vec<u8>) -> io::Result<()> {
    let read = from.take(length as u64).read_to_end(into)?;
    if read < length { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

/// Read byte by byte, since what follows may be no line.
fn line(from: &mut impl Read) -> io::Result<String> {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        let mut byte = [0];
        from.read_exact(&mut byte)?;
        line.extend(byte);
    }
    line.truncate(line.len() - 2);
    String::from_utf8(line).map_err(|_| malformed("a chunk's size is text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(head: &str, rest: &str, at_most: usize) -> (io::Result<Request>, String) {
        let head = Head::parse(format!("{head}\r\n\r\n").as_bytes(), 0, 0).unwrap();
        let mut rest = rest.as_bytes();
        let request = Request::read(head, &mut rest, at_most);
        (request, String::from_utf8(rest.to_vec()).unwrap())
    }

    const CHUNKED: &str = "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked";
    const LENGTH: &str = "PUT / HTTP/1.1\r\nContent-Length: 8";

    #[test]
    fn a_body_is_read_to_its_end_and_no_further() {
        let chunks = "3;ext=1\r\n{\"a\r\n5\r\n\": 1}\r\n0\r\nTrailer: x\r\n\r\nGET /";
        for (head, rest) in [(CHUNKED, chunks), (LENGTH, "{\"a\": 1}GET /")] {
            let (request, rest) = read(head, rest, usize::MAX);
            let request = request.unwrap();
            assert_eq!(request.json(), Some(serde_json::json!({ "a": 1 })));
            assert!(request.is_whole());
            assert_eq!(rest, "GET /");
        }
    }

    #[test]
    fn a_form_is_told_by_its_media_type() {
        let form = |media_type| {
            let head = format!("{LENGTH}\r\nContent-Type: {media_type}");
            read(&head, "a=b+c%26", usize::MAX).0.unwrap().form()
        };
        let read = form("application/x-www-form-urlencoded; charset=utf-8").unwrap();
        assert_eq!((read.len(), &*read["a"]), (1, "b c&"));
        assert_eq!(form("text/plain"), None);
    }

    #[test]
    fn a_body_that_is_cut_leaves_the_rest_unread() {
        for (head, rest) in [(CHUNKED, "3\r\nabc\r\n5\r\ndefgh\r\n0\r\n\r\n"), (LENGTH, "abcdefgh")]
        {
            let (request, rest) = read(head, rest, 5);
            let request = request.unwrap();
            assert_eq!((request.body(), request.is_whole()), (&b"abcde"[..], false));
            assert!(rest.starts_with("fgh"), "{rest}");
        }
    }

    #[test]
    fn a_body_that_breaks_off_or_is_malformed_is_an_error() {
        for (head, rest, kind) in [
            (LENGTH, "abc", io::ErrorKind::UnexpectedEof),
            (CHUNKED, "5\r\nabc", io::ErrorKind::UnexpectedEof),
            (CHUNKED, "3\r\nabc\r\n", io::ErrorKind::UnexpectedEof),
            (CHUNKED, "x\r\nabc\r\n", io::ErrorKind::InvalidData),
        ] {
            assert_eq!(read(head, rest, usize::MAX).0.unwrap_err().kind(), kind, "{rest}");
        }
    }

    #[test]
    fn debug_does_not_show_the_body() {
        let printed = format!("{:?}", read(LENGTH, "hunter22", usize::MAX).0.unwrap());
        assert!(printed.contains("8 bytes") && !printed.contains("hunter2"), "{printed}");
    }
}
