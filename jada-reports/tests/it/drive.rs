//! Drive against a loopback one that keeps state, and fails on the wire in every way.

mod faults;
mod put;
mod sharing;
mod sweep;

use std::time::Duration;

use jada_loopback_issuer::{Drive as Server, DriveBuilder, StoredFile};
use jada_mail::ContentType;
use jada_reports::{Drive, DriveFile};
use tempfile::TempDir;

use crate::google::{SECRET, google};

/// A Drive with the folder `statements`.
fn builder() -> DriveBuilder {
    Server::builder().folder("statements").token(SECRET, [Drive::SCOPE])
}

fn server() -> Server {
    builder().start().unwrap()
}

fn drive(server: &Server) -> Drive {
    let google = google(&server.endpoint(), &[Drive::SCOPE]).timeout(Duration::from_millis(300));
    Drive::new(google.build()).with_chunk_size(1)
}

fn state() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A name, and this many bytes that differ by `salt`.
fn file(salt: u8, length: usize) -> DriveFile {
    DriveFile::new(NAME, ContentType::XLSX, bytes(salt, length), "statements")
}

fn bytes(salt: u8, length: usize) -> Vec<u8> {
    (0..length).map(|at| (at / 7) as u8 ^ (at / 1009) as u8 ^ salt).collect()
}

/// The only file there is.
fn only(server: &Server) -> StoredFile {
    let mut files = server.files();
    assert_eq!(files.len(), 1, "{}", server.log());
    files.remove(0)
}

const NAME: &str = "statement-2026-05.xlsx";
