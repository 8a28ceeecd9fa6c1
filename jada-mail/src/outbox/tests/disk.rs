//! What reaches the disk, and what is swept from it.

use std::{
    fs::{self, File},
    time::SystemTime,
};

use super::*;
use crate::{
    Proof,
    files::{self, UNFINISHED, crash},
};

/// In how many steps `act` reaches the disk: each write, each rename, and each sync of a folder.
fn steps(act: impl FnOnce() -> Result<(), Error>) -> usize {
    crash::after(1_000);
    act().unwrap();
    let left = crash::steps_left();
    crash::after(usize::MAX);
    1_000 - left
}

#[test]
fn each_change_of_a_name_is_followed_by_a_sync_of_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("x/a"), folder.path().join("y/a"));
    for folder in [&from, &to].map(|path| path.parent().unwrap()) {
        // The folder itself, and its parent.
        assert_eq!(steps(|| files::create_folder(folder)), 2);
        assert_eq!(steps(|| files::create_folder(folder)), 0);
    }
    // The file, its content, its name, its folder.
    assert_eq!(steps(|| files::replace(&from, b"a")), 4);
    // The name, and both folders.
    assert_eq!(steps(|| files::rename(&from, &to)), 3);
    assert_eq!(steps(|| files::remove(&to)), 2);
}

#[tokio::test]
async fn what_the_dead_left_unfinished_is_swept_after_an_hour() {
    let bench = Bench::new(Server::new(Proof::Search));
    bench.outbox().enqueue(&message("a")).unwrap();
    let folder = bench.outbox().folder().to_owned();
    let folders = ["", "mails", "queued", "sending", "unknown", "failed", "sent", "drafts"];
    let (mut old, mut fresh) = (Vec::new(), Vec::new());
    for (number, name) in folders.into_iter().enumerate() {
        for (files, age) in [(&mut old, 61), (&mut fresh, 59)] {
            let path = folder.join(name).join(format!("{UNFINISHED}{number}-{age}.tmp"));
            let file = File::create(&path).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(60 * age)).unwrap();
            files.push(path);
        }
    }
    assert_eq!(bench.drain().await.sent, [parsed("a")]);
    assert!(old.iter().all(|path| !path.exists()));
    assert!(fresh.iter().all(|path| path.exists()));
}

#[tokio::test]
async fn a_record_of_a_later_version_is_left_to_the_program_that_wrote_it() {
    let bench = Bench::new(Server::new(Proof::Search));
    bench.outbox().enqueue(&message("a")).unwrap();
    let path = bench.outbox().folder().join("queued/a.json");
    let newer = fs::read_to_string(&path).unwrap().replace("\"version\": 1", "\"version\": 2");
    fs::write(&path, &newer).unwrap();
    let error = bench.outbox().drain(&bench.server).await.unwrap_err();
    assert!(error.to_string().contains("newer version"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), newer);
    assert_eq!(bench.server.calls(), [""; 0]);
}

#[tokio::test]
async fn a_record_under_the_name_of_another_mail_is_not_sent() {
    let bench = Bench::new(Server::new(Proof::Search));
    for key in ["a", "b"] {
        bench.outbox().enqueue(&message(key)).unwrap();
    }
    let queued = bench.outbox().folder().join("queued");
    fs::copy(queued.join("b.json"), queued.join("a.json")).unwrap();
    let error = bench.outbox().drain(&bench.server).await.unwrap_err();
    assert!(error.to_string().contains("a.json is damaged: it is of another mail"), "{error}");
    assert_eq!(bench.server.state().sent.len(), 1);
}
