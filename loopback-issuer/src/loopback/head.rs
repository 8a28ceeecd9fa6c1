//! The head of a request: parsed before anything of it is read.

use std::fmt;
use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::form::{decoded, pairs};

/// A request's first line and its headers.
///
/// Its `Debug` shows neither headers nor the query: they may hold a token, or the address of an
/// upload, which is as good as one.
pub struct Head {
    method: String,
    target: String,
    segments: Vec<String>,
    query: Vec<(String, String)>,
    version: String,
    headers: Vec<(String, String)>,
    connection: usize,
    number: usize,
    length: usize,
}

impl Head {
    /// From the text up to and with the empty line.
    pub(super) fn parse(bytes: &[u8], connection: usize, number: usize) -> io::Result<Self> {
        let text = str::from_utf8(bytes).map_err(|_| malformed("a head is text"))?;
        let mut lines = text.trim_end().split("\r\n");
        let first = lines.next().unwrap_or_default();
        let [method, target, version] = first.split(' ').collect::<Vec<_>>()[..] else {
            return Err(malformed("a request line has three parts"));
        };
        let headers = lines.map(header).collect::<Option<_>>();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Ok(Self {
            method: method.to_owned(),
            target: target.to_owned(),
            segments: segments(path).ok_or_else(|| malformed("a path is percent-encoded"))?,
            query: pairs(query).ok_or_else(|| malformed("a query is percent-encoded"))?,
            version: version.to_owned(),
            headers: headers.ok_or_else(|| malformed("a header has a colon"))?,
            connection,
            number,
            length: bytes.len(),
        })
    }

    /// `GET`, `POST` and so on.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// What was asked for, as it was sent: path and query.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The path as it was sent, without the query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or(&self.target)
    }

    /// The path's segments, each decoded: two for `/files/a%2Fb`.
    pub fn segments(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }

    /// A parameter of the query, decoded; the first where there are several.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a parameter that the query names several times, decoded, in its order.
    pub fn queries(&self, name: &str) -> Vec<&str> {
        let given = self.query.iter().filter(|(given, _)| given == name);
        given.map(|(_, value)| value.as_str()).collect()
    }

    /// A header, however its name is capitalised; the first where there are several.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The token of `Authorization: Bearer`.
    pub fn bearer(&self) -> Option<&str> {
        self.credentials("Bearer")
    }

    /// Client id and secret of `Authorization: Basic`: both are form-encoded before they are joined
    /// ([RFC 6749, 2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1)).
    pub fn basic(&self) -> Option<(String, String)> {
        let pair = String::from_utf8(STANDARD.decode(self.credentials("Basic")?).ok()?).ok()?;
        let (id, secret) = pair.split_once(':')?;
        Some((decoded(id)?, decoded(secret)?))
    }

    fn credentials(&self, scheme: &str) -> Option<&str> {
        let (given, credentials) = self.header("authorization")?.split_once(' ')?;
        given.eq_ignore_ascii_case(scheme).then_some(credentials)
    }

    /// Which of the server's connections it came by, counted from 0.
    pub fn connection(&self) -> usize {
        self.connection
    }

    /// Which request of its connection it is, counted from 0.
    pub fn number(&self) -> usize {
        self.number
    }

    /// How many bytes it took on the wire.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    pub(super) fn framing(&self) -> io::Result<Framing> {
        match (self.header("transfer-encoding"), self.header("content-length")) {
            (Some(coding), _) if coding.eq_ignore_ascii_case("chunked") => Ok(Framing::Chunked),
            (Some(_), _) => Err(malformed("the one Transfer-Encoding is chunked")),
            (None, Some(length)) => {
                length.parse().map(Framing::Length).map_err(|_| malformed("a length is a number"))
            }
            (None, None) => Ok(Framing::Length(0)),
        }
    }

    /// Whether the connection ends with this request.
    pub(super) fn is_last(&self) -> bool {
        let asked = self.header("connection").is_some_and(|v| v.eq_ignore_ascii_case("close"));
        asked || self.version != "HTTP/1.1"
    }
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head")
            .field("method", &self.method)
            .field("path", &self.path())
            .field("connection", &self.connection)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

/// How the server learns where a body ends.
pub(super) enum Framing {
    Length(usize),
    Chunked,
}

fn segments(path: &str) -> Option<Vec<String>> {
    let segments = path.trim_start_matches('/').split('/');
    // A plus is a space in a query alone.
    segments.map(|segment| decoded(&segment.replace('+', "%2B"))).collect()
}

fn header(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    Some((name.to_owned(), value.trim().to_owned()))
}

pub(super) fn malformed(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> io::Result<Head> {
        Head::parse(text.as_bytes(), 3, 4)
    }

    #[test]
    fn a_target_is_kept_raw_and_decoded() {
        let head = head("GET /v1/a%2Fb+c?q=x+y%26&flag&q=2 HTTP/1.1\r\n\r\n").unwrap();
        assert_eq!(head.method(), "GET");
        assert_eq!(head.target(), "/v1/a%2Fb+c?q=x+y%26&flag&q=2");
        assert_eq!(head.path(), "/v1/a%2Fb+c");
        assert_eq!(head.segments(), ["v1", "a/b+c"]);
        assert_eq!((head.query("q"), head.query("flag")), (Some("x y&"), Some("")));
        assert_eq!(head.query("x"), None);
        assert_eq!(head.queries("q"), ["x y&", "2"]);
        assert_eq!((head.connection(), head.number()), (3, 4));
    }

    #[test]
    fn a_head_that_is_malformed_is_refused() {
        for text in [
            "nonsense\r\n\r\n",
            "GET /%zz HTTP/1.1\r\n\r\n",
            "GET /?a=%2 HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        ] {
            assert_eq!(head(text).unwrap_err().kind(), io::ErrorKind::InvalidData, "{text}");
        }
        for header in ["Transfer-Encoding: gzip", "Content-Length: -1"] {
            let head = head(&format!("PUT / HTTP/1.1\r\n{header}\r\n\r\n")).unwrap();
            assert!(head.framing().is_err(), "{header}");
        }
    }

    #[test]
    fn basic_credentials_are_decoded_twice() {
        let credentials = STANDARD.encode("a%3Ab:s%26t");
        let head = head(&format!("GET / HTTP/1.1\r\nauthorization: basic {credentials}\r\n\r\n"));
        assert_eq!(head.unwrap().basic(), Some(("a:b".to_owned(), "s&t".to_owned())));
    }

    #[test]
    fn a_connection_is_kept_until_the_client_says_otherwise() {
        for (text, last) in [
            ("GET / HTTP/1.1\r\n\r\n", false),
            ("GET / HTTP/1.0\r\n\r\n", true),
            ("GET / HTTP/1.1\r\nConnection: Close\r\n\r\n", true),
        ] {
            assert_eq!(head(text).unwrap().is_last(), last, "{text}");
        }
    }

    #[test]
    fn debug_shows_neither_token_nor_query() {
        let text = "GET /path?upload_id=hunter2 HTTP/1.1\r\nauthorization: bearer hunter2\r\n\r\n";
        let head = head(text).unwrap();
        assert_eq!(head.bearer(), Some("hunter2"));
        let printed = format!("{head:?}");
        assert!(printed.contains("/path") && !printed.contains("hunter2"), "{printed}");
    }
}
