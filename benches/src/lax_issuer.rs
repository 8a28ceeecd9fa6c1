//! A token endpoint that takes whatever it is sent, as Google's does and RFC 6749 does not.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    thread,
};

/// Answers each request on a port of 127.0.0.1 with the same token until the process ends.
///
/// The loopback issuer refuses two of the peers: gcp_auth pads the base64 of its JWT, which
/// RFC 7515 forbids, and google-cloud-auth posts JSON where RFC 6749 wants a form.
#[derive(Debug)]
pub struct LaxIssuer {
    token_uri: String,
}

impl LaxIssuer {
    /// The token that everybody gets, as long as the loopback issuer's.
    pub const TOKEN: &str = "at-0-0123456789abcdef";

    /// Starts it.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let token_uri = format!("http://{}/token", listener.local_addr().unwrap());
        thread::spawn(move || listener.incoming().flatten().for_each(|it| answer(it).unwrap()));
        Self { token_uri }
    }

    /// Where tokens are asked for.
    #[must_use]
    pub fn token_uri(&self) -> &str {
        &self.token_uri
    }
}

fn answer(stream: TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end().to_ascii_lowercase().split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap(),
            None if line.trim_end().is_empty() => break,
            _ => {}
        }
    }
    reader.read_exact(&mut vec![0; length])?;
    let token = LaxIssuer::TOKEN;
    let body = format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":3599}}"#);
    let head = format!("Content-Type: application/json\r\nContent-Length: {}", body.len());
    let mut stream = reader.into_inner();
    write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n{head}\r\n\r\n{body}")
}
