//! As much of HTTP/1.1 as an issuer needs: a request read, a form decoded, a response framed.

use std::collections::HashMap;
use std::io::{self, BufRead, Read as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::{Value, json};

/// A request that arrived completely.
pub(crate) struct Request {
    method: String,
    path: String,
    query: String,
    version: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    /// `None` where the client closed instead of asking again.
    pub(crate) fn read(reader: &mut impl BufRead) -> io::Result<Option<Self>> {
        let Some(first) = line(reader)? else { return Ok(None) };
        let [method, target, version] = first.split(' ').collect::<Vec<_>>()[..] else {
            return Err(malformed("a request line has three parts"));
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut request = Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            version: version.to_owned(),
            headers: headers(reader)?,
            body: Vec::new(),
        };
        let length = request.header("content-length").unwrap_or("0");
        let length = length.parse().map_err(|_| malformed("Content-Length is a number"))?;
        reader.take(length).read_to_end(&mut request.body)?;
        Ok((request.body.len() as u64 == length).then_some(request))
    }

    pub(crate) fn line(&self) -> (&str, &str) {
        (&self.method, &self.path)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// Its length is not announced: this server does not read chunks.
    pub(crate) fn is_chunked(&self) -> bool {
        self.header("transfer-encoding").is_some()
    }

    /// Whether the connection ends with this request.
    pub(crate) fn is_last(&self) -> bool {
        let asked = self.header("connection").is_some_and(|v| v.eq_ignore_ascii_case("close"));
        asked || self.is_chunked() || self.version != "HTTP/1.1" || self.method == "HEAD"
    }

    /// The fields of a form; `None` where it is none, or names a field twice, which RFC 6749 forbids.
    pub(crate) fn form(&self) -> Option<HashMap<String, String>> {
        let media_type = self.header("content-type")?.split(';').next()?.trim();
        if !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return None;
        }
        fields(str::from_utf8(&self.body).ok()?)
    }

    /// The fields of the target's query, by the same rules.
    pub(crate) fn query(&self) -> Option<HashMap<String, String>> {
        fields(&self.query)
    }

    pub(crate) fn bearer(&self) -> Option<&str> {
        self.credentials("Bearer")
    }

    /// Client id and secret: both are form-encoded before they are joined (RFC 6749, 2.3.1).
    pub(crate) fn basic(&self) -> Option<(String, String)> {
        let pair = String::from_utf8(STANDARD.decode(self.credentials("Basic")?).ok()?).ok()?;
        let (id, secret) = pair.split_once(':')?;
        Some((decoded(id)?, decoded(secret)?))
    }

    fn credentials(&self, scheme: &str) -> Option<&str> {
        let (given, credentials) = self.header("authorization")?.split_once(' ')?;
        given.eq_ignore_ascii_case(scheme).then_some(credentials)
    }
}

/// An answer, before it is known how it will be delivered.
pub(crate) struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Response {
    pub(crate) fn new(status: u16, content_type: &str, body: String) -> Self {
        Self { status, headers: Vec::new(), body }.with("Content-Type", content_type)
    }

    /// What RFC 6749 wants of an answer that may hold a token.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json; charset=utf-8", body.to_string())
            .with("Cache-Control", "no-store")
    }

    pub(crate) fn error(status: u16, code: &str, description: &str) -> Self {
        Self::json(status, &json!({ "error": code, "error_description": description }))
    }

    /// A page for a human, in which nothing runs and which nothing else may hold.
    pub(crate) fn page(status: u16, body: String) -> Self {
        Self::new(status, "text/html; charset=utf-8", body)
            .with("Cache-Control", "no-store")
            .with("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
            .with("Referrer-Policy", "no-referrer")
    }

    /// Sends the browser on; `location` has to be free of line breaks.
    pub(crate) fn redirect(location: &str) -> Self {
        Self::page(303, String::new()).with("Location", location)
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn body(&self) -> &[u8] {
        self.body.as_bytes()
    }

    /// The head, up to and with the empty line.
    pub(crate) fn head(&self, date: Timestamp, framing: Framing) -> String {
        let mut head = format!("HTTP/1.1 {} \r\n", self.status);
        let mut push = |name: &str, value: &str| head.extend([name, ": ", value, "\r\n"]);
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("date")) {
            push(
                "Date",
                &DateTimePrinter::new().timestamp_to_rfc9110_string(&date).unwrap_or_default(),
            );
        }
        self.headers.iter().for_each(|(name, value)| push(name, value));
        match framing {
            Framing::Length => push("Content-Length", &self.body.len().to_string()),
            Framing::UntilClose => push("Connection", "close"),
        }
        head.push_str("\r\n");
        head
    }
}

/// How the client learns where a body ends.
#[derive(Clone, Copy)]
pub(crate) enum Framing {
    Length,
    UntilClose,
}

fn line(reader: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = String::new();
    Ok((reader.read_line(&mut line)? > 0).then(|| line.trim_end().to_owned()))
}

fn headers(reader: &mut impl BufRead) -> io::Result<Vec<(String, String)>> {
    let mut headers = Vec::new();
    loop {
        let line = line(reader)?.ok_or_else(|| malformed("a head ends with an empty line"))?;
        if line.is_empty() {
            return Ok(headers);
        }
        let (name, value) =
            line.split_once(':').ok_or_else(|| malformed("a header has a colon"))?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
}

fn fields(text: &str) -> Option<HashMap<String, String>> {
    let mut fields = HashMap::new();
    for pair in text.split('&').filter(|p| !p.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if fields.insert(decoded(name)?, decoded(value)?).is_some() {
            return None;
        }
    }
    Some(fields)
}

/// Undoes the encoding of `application/x-www-form-urlencoded`.
pub(crate) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex(rest.next()?)? << 4 | hex(rest.next()?)?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

/// Encodes every byte that is not unreserved, as a query wants it.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' => encoded.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => encoded.push(byte.into()),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

fn malformed(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> io::Result<Option<Request>> {
        Request::read(&mut text.as_bytes())
    }

    fn form(body: &str) -> Option<HashMap<String, String>> {
        let head = "POST /token HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded; charset=utf-8";
        read(&format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
            .unwrap()
            .unwrap()
            .form()
    }

    #[test]
    fn a_form_is_decoded() {
        let form = form("scope=a+b%20c&token=1%2F%2fx%2B&empty=&bare").unwrap();
        assert_eq!(form["scope"], "a b c");
        assert_eq!(form["token"], "1//x+");
        assert_eq!(form["empty"], "");
        assert_eq!(form["bare"], "");
    }

    #[test]
    fn a_query_is_read_as_a_form_is() {
        let query = |target: &str| {
            read(&format!("GET {target} HTTP/1.1\r\n\r\n")).unwrap().unwrap().query()
        };
        let whole = query(&format!("/authorize?scope=a+b&state={}&", encoded("x&y=z ü"))).unwrap();
        assert_eq!((&*whole["scope"], &*whole["state"]), ("a b", "x&y=z ü"));
        assert_eq!(query("/authorize"), Some(HashMap::new()));
        assert_eq!(query("/authorize?a=1&a=2"), None);
    }

    #[test]
    fn a_form_that_is_ambiguous_or_broken_is_none() {
        for body in ["a=1&a=2", "a=%2", "a=%zz", "a=%ff"] {
            assert_eq!(form(body), None, "{body}");
        }
        assert_eq!(read("POST /token HTTP/1.1\r\n\r\n").unwrap().unwrap().form(), None);
    }

    #[test]
    fn a_basic_header_is_decoded_twice() {
        let credentials = STANDARD.encode("a%3Ab:s%26t");
        let request =
            read(&format!("GET / HTTP/1.1\r\nauthorization: basic {credentials}\r\n\r\n"));
        assert_eq!(request.unwrap().unwrap().basic(), Some(("a:b".to_owned(), "s&t".to_owned())));
    }

    #[test]
    fn a_request_that_is_cut_short_never_arrived() {
        assert!(read("").unwrap().is_none());
        assert!(read("POST /token HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc").unwrap().is_none());
        assert!(read("POST /token HTTP/1.1\r\nContent-").is_err());
        assert!(read("nonsense\r\n\r\n").is_err());
    }

    #[test]
    fn a_connection_is_kept_until_the_client_says_otherwise() {
        for (head, last) in [
            ("GET / HTTP/1.1\r\n", false),
            ("GET / HTTP/1.0\r\n", true),
            ("GET / HTTP/1.1\r\nConnection: Close\r\n", true),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n", true),
        ] {
            assert_eq!(read(&format!("{head}\r\n")).unwrap().unwrap().is_last(), last, "{head}");
        }
    }
}
