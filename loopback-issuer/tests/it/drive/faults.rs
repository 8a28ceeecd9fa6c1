//! Accidents, each at its word, and at a rate the same for a seed.

use std::time::Duration;

use jada_loopback_issuer::{Drive, DriveFault, DriveMethod, When};
use serde_json::json;

use super::{CREATE, QUANTUM, begin, get, made, put, refusal, refused, session};

/// A session, and two quanta and a bit for it.
fn begun(drive: &Drive) -> (String, Vec<u8>) {
    let metadata = json!({ "name": "a", "parents": ["statements"] });
    (session(&begin(drive, CREATE, &metadata), drive), vec![7; 2 * QUANTUM + 5])
}

/// What is stored, by the server's word.
fn stored(drive: &Drive, session: &str, total: usize) -> Option<String> {
    let reply = put(drive, session, &format!("bytes */{total}"), b"").unwrap();
    reply.header("Range").map(str::to_owned)
}

#[test]
fn half_of_a_chunk_is_kept_in_whole_quanta() {
    for fault in [DriveFault::MidChunk(503), DriveFault::ResetMidChunk, DriveFault::ShortRange] {
        let drive = Drive::start().unwrap();
        let (session, whole) = begun(&drive);
        let total = whole.len();
        drive.fail_next(DriveMethod::UploadSession, fault);
        // A server that answers early closes while there is more to send.
        let reply = put(&drive, &session, &format!("bytes 0-{}/{total}", total - 1), &whole);
        match fault {
            DriveFault::MidChunk(_) if reply.is_ok() => assert_eq!(reply.unwrap().status, 503),
            DriveFault::ShortRange => assert_eq!(reply.unwrap().status, 308),
            _ => assert!(reply.is_err()),
        }
        assert_eq!(drive.files().len(), 0);
        assert_eq!(stored(&drive, &session, total).as_deref(), Some("bytes=0-262143"), "{fault:?}");
        let rest = format!("bytes {QUANTUM}-{}/{total}", total - 1);
        assert_eq!(put(&drive, &session, &rest, &whole[QUANTUM..]).unwrap().status, 200);
        assert_eq!(*drive.files()[0].bytes, *whole);
    }
}

#[test]
fn an_accident_is_before_the_deed_or_after_it() {
    for (fault, done) in [
        (DriveFault::ResetUnread, false),
        (DriveFault::CloseUnread, false),
        (DriveFault::Reset(When::Before), false),
        (DriveFault::Reset(When::After), true),
        (DriveFault::Close(When::Before), false),
        (DriveFault::Close(When::After), true),
        (DriveFault::Status(503, When::Before), false),
        (DriveFault::Status(503, When::After), true),
        (DriveFault::Html(When::Before), false),
        (DriveFault::Html(When::After), true),
        (DriveFault::HalfBody, true),
        (DriveFault::TruncatedJson, true),
        (DriveFault::Expire, false),
        (DriveFault::TooManyRequests(Some(Duration::from_secs(7))), false),
        (DriveFault::Refused(403, "userRateLimitExceeded"), false),
        (DriveFault::Unauthorized, false),
    ] {
        let drive = Drive::start().unwrap();
        let session = begun(&drive).0;
        drive.fail_next(DriveMethod::UploadSession, fault);
        let reply = put(&drive, &session, "bytes 0-0/1", b"x");
        assert_eq!(drive.files().len(), usize::from(done), "{fault:?}");
        if let Ok(reply) = reply {
            let is_json = serde_json::from_slice::<serde_json::Value>(&reply.body).is_ok();
            assert!(reply.status != 200 || !is_json, "{fault:?}");
            let wait = matches!(fault, DriveFault::TooManyRequests(_)).then_some("7");
            assert_eq!(reply.header("Retry-After"), wait);
        }
        let gone = fault == DriveFault::Expire;
        let again = put(&drive, &session, "bytes 0-0/1", b"x").unwrap();
        assert_eq!(again.status, if gone { 404 } else { 200 }, "{fault:?}");
    }
}

#[test]
fn a_complete_upload_does_not_expire() {
    let drive = Drive::start().unwrap();
    let session = begun(&drive).0;
    put(&drive, &session, "bytes 0-0/1", b"x").unwrap();
    drive.fail_next(DriveMethod::UploadSession, DriveFault::Expire);
    assert_eq!(put(&drive, &session, "bytes */1", b"").unwrap().status, 200);
}

#[test]
fn a_corrupt_file_has_another_checksum_than_its_upload() {
    let drive = Drive::start().unwrap();
    drive.fail_next(DriveMethod::UploadSession, DriveFault::Corrupt);
    made(&drive, "a", "abc");
    assert_eq!(&*drive.files()[0].bytes, &[!b'a', b'b', b'c']);
}

#[test]
fn a_token_that_is_refused_once_is_dead() {
    let drive = Drive::start().unwrap();
    drive.fail_next(DriveMethod::FilesGet, DriveFault::Unauthorized);
    for _ in 0..2 {
        assert_eq!(refusal(&get(&drive, "/statements")), refused(401, "authError"));
    }
}

#[test]
fn what_befalls_is_the_same_for_a_seed_until_it_is_healed() {
    let run = |seed| {
        let mix = [DriveFault::Status(500, When::Before), DriveFault::Refused(403, "x")];
        let drive = Drive::builder().folder("f").seed(seed).faults(0.5).mix(mix).start().unwrap();
        (0..20).for_each(|_| drop(get(&drive, "/f")));
        let log = drive.log();
        drive.heal();
        (0..20).for_each(|_| assert_eq!(get(&drive, "/f").status, 200));
        log
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
    assert!(run(1).contains("Status(500, Before)") && run(1).contains(": 200, got f"));
}
