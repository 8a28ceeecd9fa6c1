//! That the server is as strict as Google, and that it tells a right client from a wrong one.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpStream},
};

use serde_json::{Value, json};

use super::{FaultRate, GOOD, UploadServer, session::QUANTUM};
use crate::support::sweep;

/// What came back; none where it did not come back whole.
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let answer = Self { status, head, body: bytes[end..].to_vec() };
        (answer.header("Content-Length")?.parse() == Ok(answer.body.len())).then_some(answer)
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    fn stored(&self) -> usize {
        let last = self.header("Range").map(|it| it.strip_prefix("bytes=0-").unwrap());
        last.map_or(0, |last| last.parse::<usize>().unwrap() + 1)
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

fn ask(line: &str, uri: &str, headers: &str, body: &[u8]) -> Option<Answer> {
    let (host, target) = uri.strip_prefix("http://")?.split_once('/')?;
    let mut stream = TcpStream::connect(host).unwrap();
    let head = format!("{line} /{target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    stream.write_all(format!("{head}{headers}\r\n").as_bytes()).ok()?;
    stream.write_all(body).ok()?;
    stream.shutdown(Shutdown::Write).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    Answer::parse(&answer)
}

fn begin(server: &UploadServer, headers: &str) -> String {
    let body = br#"{"name":"a.bin"}"#;
    let headers =
        format!("Authorization: Bearer {GOOD}\r\nContent-Length: {}\r\n{headers}", body.len());
    let answer = ask("POST", &server.uri(), &headers, body).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.head);
    answer.header("Location").unwrap().to_owned()
}

fn put(session: &str, range: &str, body: &[u8]) -> Option<Answer> {
    let range =
        if range.is_empty() { String::new() } else { format!("Content-Range: {range}\r\n") };
    let headers = format!("Authorization: Bearer {GOOD}\r\nContent-Length: {}\r\n", body.len());
    ask("PUT", session, &format!("{headers}{range}"), body)
}

/// The status, and how much is stored.
fn put_well(session: &str, range: &str, body: &[u8]) -> (u16, usize) {
    let answer = put(session, range, body).unwrap();
    (answer.status, answer.stored())
}

/// No two of its quanta are alike.
fn content(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i / 251 + i) as u8).collect()
}

fn healthy() -> UploadServer {
    UploadServer::start(0, FaultRate::NONE)
}

#[test]
fn a_file_is_stored_chunk_by_chunk_and_stays_known() {
    let (server, content) = (healthy(), content(QUANTUM + 9));
    let session = begin(&server, "X-Upload-Content-Type: image/png\r\n");
    assert_eq!(put_well(&session, "bytes */*", b""), (308, 0));
    let first = format!("bytes 0-{}/{}", QUANTUM - 1, QUANTUM + 9);
    assert_eq!(put_well(&session, &first, &content[..QUANTUM]), (308, QUANTUM));
    assert!(server.files().is_empty());

    let last = format!("bytes {QUANTUM}-{}/{}", QUANTUM + 8, QUANTUM + 9);
    let done = put(&session, &last, &content[QUANTUM..]).unwrap();
    assert_eq!((done.status, &done.json()["size"]), (200, &json!("262153")));
    assert_eq!(done.json()["sha256Checksum"].as_str().unwrap().len(), 64);
    let status = put(&session, &format!("bytes */{}", QUANTUM + 9), b"").unwrap();
    assert_eq!((status.status, status.json()), (200, done.json()));
    let metadata = json!({ "name": "a.bin", "mimeType": "image/png" });
    assert_eq!(server.files(), [(metadata, content)]);
    assert_eq!(server.sessions(), 1);
}

#[test]
fn an_empty_file_is_complete_without_a_byte() {
    for range in ["bytes */0", ""] {
        let server = healthy();
        let session = begin(&server, "X-Upload-Content-Length: 0\r\n");
        assert_eq!(put_well(&session, "bytes */*", b""), (308, 0));
        assert!(server.files().is_empty());
        assert_eq!(put_well(&session, range, b"").0, 200);
        assert_eq!(server.files()[0].1, b"");
    }
}

#[test]
fn a_file_whose_length_is_not_known_is_completed_by_its_total() {
    let (server, content) = (healthy(), content(QUANTUM));
    let session = begin(&server, "");
    let chunk = format!("bytes 0-{}/*", QUANTUM - 1);
    assert_eq!(put_well(&session, &chunk, &content), (308, QUANTUM));
    assert_eq!(put_well(&session, "bytes */*", b""), (308, QUANTUM));
    assert_eq!(put_well(&session, &format!("bytes */{QUANTUM}"), b"").0, 200);
    assert_eq!(server.files()[0].1, content);
}

#[test]
fn a_chunk_that_does_not_fit_is_refused_and_stores_nothing() {
    let server = healthy();
    let session = begin(&server, "X-Upload-Content-Length: 1000000\r\n");
    for (range, length) in [
        ("bytes 0-999/1000000", 1000),
        ("bytes 0-999/*", 1000),
        ("bytes 0-262143/1000001", QUANTUM),
        ("bytes 0-262143/1000000", QUANTUM - 1),
        ("bytes 262144-524287/1000000", QUANTUM),
        ("bytes 5-4/1000000", 0),
        ("bytes 0-9/5", 10),
        ("nonsense", 0),
    ] {
        assert_eq!(put_well(&session, range, &content(length)).0, 400, "{range}");
        assert_eq!(put_well(&session, "bytes */1000000", b""), (308, 0), "{range}");
    }
}

#[test]
fn a_chunk_that_overlaps_overwrites_nothing() {
    let (server, content) = (healthy(), content(2 * QUANTUM));
    let session = begin(&server, "");
    let first = format!("bytes 0-{}/{}", QUANTUM - 1, 2 * QUANTUM);
    assert_eq!(put_well(&session, &first, &content[..QUANTUM]), (308, QUANTUM));
    assert_eq!(put_well(&session, &first, &[0; QUANTUM]), (308, QUANTUM));
    let all = format!("bytes 0-{}/{}", 2 * QUANTUM - 1, 2 * QUANTUM);
    let other = [&[0; QUANTUM], &content[QUANTUM..]].concat();
    assert_eq!(put_well(&session, &all, &other).0, 200);
    assert_eq!(server.files()[0].1, content);
}

#[test]
fn who_may_not_is_refused() {
    let server = healthy();
    let session = begin(&server, "");
    let status = |line, uri: &str, headers| ask(line, uri, headers, b"").unwrap().status;
    for (line, uri) in [("POST", &server.uri()), ("PUT", &session)] {
        assert_eq!(status(line, uri, "Content-Length: 0\r\n"), 401);
        assert_eq!(status(line, uri, "Authorization: Bearer bad\r\nContent-Length: 0\r\n"), 401);
        assert_eq!(status(line, uri, "Authorization: Bearer good\r\n"), 411);
    }
    for wrong in [session.replace("upload_id=", "upload_id=0"), session.replace("/0?", "/1?")] {
        assert_eq!(put_well(&wrong, "bytes */*", b"").0, 404, "{wrong}");
    }
}

/// Uploads as the protocol wants it; none where it gave up.
fn upload(server: &UploadServer, content: &[u8]) -> Option<Answer> {
    let (total, mut session, mut stored) = (content.len(), begin(server, ""), 0);
    for _ in 0..200 {
        let end = total.min(stored + 2 * QUANTUM);
        let range = format!("bytes {stored}-{}/{total}", end.max(1) - 1);
        let empty = if total == 0 { "bytes */0" } else { &range };
        let mut answer = put(&session, empty, &content[stored..end]);
        while answer.as_ref().is_none_or(|it| matches!(it.status, 401 | 429 | 500..)) {
            answer = put(&session, &format!("bytes */{total}"), b"");
        }
        match answer.as_ref()?.status {
            200 => return answer,
            308 => stored = answer?.stored(),
            404 | 410 => (session, stored) = (begin(server, ""), 0),
            _ => return None,
        }
    }
    None
}

#[test]
fn a_client_that_believes_the_server_gets_every_file_through() {
    let mut all_kinds = String::new();
    let lengths = [0, 1, QUANTUM, 5 * QUANTUM + 77].into_iter().cycle();
    for (seed, length) in (0..).zip(lengths).take(sweep(200, 2_000)) {
        let server = UploadServer::start(seed, FaultRate::of(0.5));
        let content = content(length);
        let answer = upload(&server, &content).unwrap_or_else(|| panic!("{}", server.log()));
        let [(_, stored)] = &server.files()[..] else { panic!("{}", server.log()) };
        assert!(*stored == content, "{}", server.log());
        assert_eq!(answer.json()["size"], length.to_string(), "{}", server.log());
        all_kinds += &server.log();
    }
    for kind in KINDS {
        assert!(all_kinds.contains(kind), "{kind} never befell");
    }
}

/// As they are written in the log.
const KINDS: [&str; 16] = [
    "ResetUnread",
    "CloseUnread",
    "Cut {",
    "Short(Nothing)",
    "Short(Part(",
    "kept: Nothing",
    "kept: Part(",
    "kept: All",
    "Lost(Reset)",
    "Lost(Close)",
    "Lost(HalfHead)",
    "Lost(HalfBody)",
    "TooManyRequests",
    "Unauthorized",
    "Expired { status: 404 }",
    "Expired { status: 410 }",
];

/// Takes each answer for success, as the generated crates do after a 503.
#[test]
fn a_client_that_skips_what_was_not_stored_gets_no_file_through() {
    let mut skipped = 0;
    for seed in 0..20 {
        let (server, content) =
            (UploadServer::start(seed, FaultRate::of(0.5).without_expiry()), content(8 * QUANTUM));
        let session = begin(&server, "");
        let chunks = content.chunks(QUANTUM).enumerate();
        let gaps = chunks.filter(|(i, chunk)| {
            let first = i * QUANTUM;
            let range = format!("bytes {first}-{}/{}", first + QUANTUM - 1, 8 * QUANTUM);
            put(&session, &range, chunk).is_some_and(|answer| answer.status == 400)
        });
        let gaps = gaps.count();
        skipped += gaps;
        assert!(gaps == 0 || server.files().is_empty(), "{}", server.log());
        assert!(server.files().iter().all(|(_, bytes)| *bytes == content), "{}", server.log());
    }
    assert!(skipped > 0);
}

#[test]
fn a_seed_does_the_same_again() {
    let log = |seed| {
        let server = UploadServer::start(seed, FaultRate::of(0.5));
        upload(&server, &content(3 * QUANTUM)).unwrap();
        server.log()
    };
    assert_eq!(log(7), log(7));
    assert_ne!(log(7), log(8));
}
