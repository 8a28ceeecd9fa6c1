//! A client that shows what came over the wire.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use jada_loopback_issuer::{Gmail, Issuer};
use serde_json::Value;

pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    authority: String,
    credentials: String,
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    headers: String,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) fn of(issuer: &Issuer) -> Self {
        let authority = issuer.token_uri().replace("http://", "").replace("/token", "");
        let credentials =
            format!("client_id={}&client_secret={}", issuer.client_id(), issuer.client_secret());
        Self::at(authority, credentials)
    }

    pub(crate) fn of_gmail(gmail: &Gmail) -> Self {
        Self::of_api(&gmail.endpoint())
    }

    /// Of an API at such as `http://127.0.0.1:8766`.
    pub(crate) fn of_api(endpoint: &str) -> Self {
        Self::at(endpoint.replace("http://", ""), String::new())
    }

    fn at(authority: String, credentials: String) -> Self {
        let stream = BufReader::new(TcpStream::connect(&authority).unwrap());
        // A test that would hang fails instead.
        stream.get_ref().set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self { stream, authority, credentials }
    }

    pub(crate) fn refresh(&mut self, refresh_token: &str) -> io::Result<Reply> {
        self.ask_to_refresh(refresh_token);
        self.reply()
    }

    pub(crate) fn ask_to_refresh(&mut self, refresh_token: &str) {
        let form =
            format!("grant_type=refresh_token&refresh_token={refresh_token}&{}", self.credentials);
        self.send("POST /token", FORM, &form);
    }

    pub(crate) fn post(&mut self, headers: &str, form: &str) -> Reply {
        self.send("POST /token", &format!("{FORM}{headers}"), form);
        self.reply().unwrap()
    }

    pub(crate) fn get(&mut self, path: &str, headers: &str) -> Reply {
        self.send(&format!("GET {path}"), headers, "");
        self.reply().unwrap()
    }

    pub(crate) fn send(&mut self, line: &str, headers: &str, body: &str) {
        self.try_to_send(line, headers, body.as_bytes()).unwrap();
    }

    /// A server may be gone before it has read all of it.
    pub(crate) fn try_to_send(&mut self, line: &str, headers: &str, body: &[u8]) -> io::Result<()> {
        let head = format!("{line} HTTP/1.1\r\nHost: {}\r\n{headers}", self.authority);
        let head = format!("{head}Content-Length: {}\r\n\r\n", body.len());
        self.stream.get_mut().write_all(&[head.as_bytes(), body].concat())
    }

    pub(crate) fn reply(&mut self) -> io::Result<Reply> {
        let mut reply = self.head()?;
        match reply.header("Content-Length") {
            Some(length) => {
                reply.body.resize(length.parse().unwrap(), 0);
                self.stream.read_exact(&mut reply.body)?;
            }
            None if reply.status == 204 => {}
            None => drop(self.stream.read_to_end(&mut reply.body)?),
        }
        Ok(reply)
    }

    pub(crate) fn head(&mut self) -> io::Result<Reply> {
        let mut headers = String::new();
        while !headers.ends_with("\r\n\r\n") {
            if self.stream.read_line(&mut headers)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let status = headers.split(' ').nth(1).unwrap().parse().unwrap();
        Ok(Reply { status, headers, body: Vec::new() })
    }

    pub(crate) fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.stream.read_exact(&mut byte)?;
        Ok(byte[0])
    }
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn text(&self, field: &str) -> String {
        self.json()[field].as_str().unwrap().to_owned()
    }

    pub(crate) fn verdict(&self) -> (u16, String) {
        (self.status, self.text("error"))
    }
}

pub(crate) const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
