//! One file of a name in a folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use jada_loopback_issuer::{Drive as Server, DriveFault, DriveMethod, When};
use jada_mail::ContentType;
use jada_reports::{Drive, DriveFile, Error};

use super::{NAME, builder, bytes, drive, file, only, server, state};
use crate::google::{SECRET, google};

/// The file in which the id is kept.
fn kept(state: &Path) -> PathBuf {
    let mut files = fs::read_dir(state).unwrap().map(|entry| entry.unwrap().path());
    files.find(|path| path.extension().unwrap() == "json").unwrap()
}

/// The lock of the file that the tests put.
fn lock_in(state: &Path) -> PathBuf {
    // 16 digits of SHA-256 of `statements`, NUL and the name.
    state.join("f16c1d14ff6508ce.lock")
}

#[tokio::test]
async fn a_file_is_made_verified_and_told_with_its_link() {
    let (server, state) = (server(), state());
    let uploaded = drive(&server).put(&file(1, 300_000), state.path()).await.unwrap();
    let stored = only(&server);
    assert_eq!((&*stored.name, &*stored.folder), (NAME, "statements"));
    assert_eq!(
        (&*stored.bytes, stored.mime_type),
        (&*bytes(1, 300_000), ContentType::XLSX.as_str().to_owned())
    );
    assert_eq!((&uploaded.id, uploaded.bytes, uploaded.uploaded), (&stored.id, 300_000, true));
    assert!(uploaded.link.contains(&stored.id), "{}", uploaded.link);
    let json = serde_json::to_value(&uploaded).unwrap();
    assert_eq!((&json["name"], json["sha256"].as_str().unwrap().len()), (&NAME.into(), 64));
    assert_eq!(stored.permissions, []);
}

#[tokio::test]
async fn the_same_content_is_not_sent_again_and_other_content_keeps_id_and_link() {
    let (server, state) = (server(), state());
    let drive = drive(&server);
    let first = drive.put(&file(1, 1000), state.path()).await.unwrap();
    let again = drive.put(&file(1, 1000), state.path()).await.unwrap();
    assert_eq!((&again.id, again.uploaded), (&first.id, false));
    assert_eq!(
        (server.calls(DriveMethod::FilesCreate), server.calls(DriveMethod::FilesUpdate)),
        (1, 0)
    );
    let other = drive.put(&file(2, 900), state.path()).await.unwrap();
    assert_eq!((&other.id, &other.link, other.uploaded), (&first.id, &first.link, true));
    assert_ne!(other.sha256, first.sha256);
    assert_eq!((&*only(&server).bytes, only(&server).revisions), (&*bytes(2, 900), 1));
}

#[tokio::test]
async fn an_id_that_another_account_was_given_is_replaced_by_one_of_this() {
    let (before, state) = (server(), state());
    drive(&before).put(&file(1, 1000), state.path()).await.unwrap();
    let server = builder().seed(2).start().unwrap();
    let uploaded = drive(&server).put(&file(1, 1000), state.path()).await.unwrap();
    assert_eq!((&only(&server).id, uploaded.uploaded), (&uploaded.id, true));
    assert!(fs::read_to_string(kept(state.path())).unwrap().contains(&uploaded.id));
    let refused = DriveFault::Refused(400, "badRequest");
    let other = builder().seed(3).start().unwrap();
    for _ in 0..2 {
        other.fail_next(DriveMethod::FilesCreate, refused);
    }
    let error = drive(&other).put(&file(1, 1000), state.path()).await.unwrap_err();
    assert!(matches!(error, Error::Google { .. }) && !error.is_transient(), "{error}");
    assert_eq!(other.calls(DriveMethod::FilesGenerateIds), 1);
}

#[tokio::test]
async fn an_empty_file_is_a_file() {
    let (server, state) = (server(), state());
    let uploaded = drive(&server).put(&file(0, 0), state.path()).await.unwrap();
    assert_eq!((uploaded.bytes, only(&server).bytes.len()), (0, 0));
}

#[tokio::test]
async fn a_file_that_a_person_put_there_is_replaced_in_place() {
    let (server, state) = (server(), state());
    let theirs = server.put_by_person("statements", NAME, "old");
    server.put_by_person("statements", "other.xlsx", "kept");
    server.put_by_person("statements", &NAME.to_uppercase(), "kept");
    let uploaded = drive(&server).put(&file(1, 1000), state.path()).await.unwrap();
    assert_eq!(uploaded.id, theirs);
    let files = server.files();
    assert_eq!((files.len(), &*files[0].bytes), (3, &*bytes(1, 1000)));
    assert!(files[1..].iter().all(|file| &*file.bytes == b"kept"));
}

#[tokio::test]
async fn two_files_of_the_name_are_refused_and_both_are_named() {
    let (server, state) = (server(), state());
    let ids = ["one", "two"].map(|text| server.put_by_person("statements", NAME, text));
    let error = drive(&server).put(&file(1, 1000), state.path()).await.unwrap_err();
    assert!(matches!(&error, Error::Drive { file, .. } if file == NAME), "{error}");
    assert!(ids.iter().all(|id| error.to_string().contains(id.as_str())), "{error}");
    assert!(!error.is_transient());
    assert!(server.files().iter().all(|file| file.bytes.len() == 3));
}

#[tokio::test]
async fn our_file_that_is_not_listed_yet_beside_one_of_a_person_is_two() {
    let lag = std::time::Duration::from_secs(600);
    let (server, state) = (builder().index_lag(lag).start().unwrap(), state());
    let ours = drive(&server).put(&file(1, 10), state.path()).await.unwrap();
    assert_eq!(drive(&server).put(&file(1, 10), state.path()).await.unwrap().id, ours.id);
    let theirs = server.put_by_person("statements", NAME, "theirs");
    let error = drive(&server).put(&file(2, 10), state.path()).await.unwrap_err().to_string();
    assert!(error.contains(&ours.id) && error.contains(&theirs), "{error}");
}

#[tokio::test]
async fn what_a_person_renamed_or_put_into_the_bin_is_left_alone() {
    let (server, state) = (server(), state());
    let drive = drive(&server);
    let first = drive.put(&file(1, 10), state.path()).await.unwrap();
    server.rename(&first.id, "archive.xlsx");
    let second = drive.put(&file(2, 10), state.path()).await.unwrap();
    server.trash(&second.id);
    let third = drive.put(&file(3, 10), state.path()).await.unwrap();
    let salts: Vec<_> = server.files().iter().map(|file| file.bytes.to_vec()).collect();
    assert_eq!(salts, [bytes(1, 10), bytes(2, 10), bytes(3, 10)]);
    assert!(first.id != second.id && second.id != third.id && third.uploaded);
}

#[tokio::test]
async fn a_file_that_was_deleted_for_good_is_told_with_the_state_to_remove() {
    let (server, state) = (server(), state());
    let drive = drive(&server);
    let first = drive.put(&file(1, 10), state.path()).await.unwrap();
    server.delete(&first.id);
    let error = drive.put(&file(1, 10), state.path()).await.unwrap_err();
    assert!(matches!(error, Error::NotAsWritten { .. }), "{error}");
    let kept = kept(state.path());
    assert!(error.to_string().contains(kept.to_str().unwrap()), "{error}");
    fs::remove_file(kept).unwrap();
    let second = drive.put(&file(1, 10), state.path()).await.unwrap();
    assert!(second.uploaded && only(&server).id == second.id && second.id != first.id);
}

#[tokio::test]
async fn the_id_is_on_disk_before_the_file_is_made() {
    let (server, state) = (server(), state());
    for _ in 0..200 {
        server.fail_next(DriveMethod::FilesCreate, DriveFault::Status(503, When::Before));
    }
    let google = google(&server.endpoint(), &[Drive::SCOPE]).deadline(std::time::Duration::ZERO);
    let impatient = Drive::new(google.build());
    let error = impatient.put(&file(1, 10), state.path()).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    server.heal();
    let uploaded = drive(&server).put(&file(1, 10), state.path()).await.unwrap();
    assert_eq!(server.calls(DriveMethod::FilesGenerateIds), 1);
    let kept: serde_json::Value =
        serde_json::from_slice(&fs::read(kept(state.path())).unwrap()).unwrap();
    assert_eq!(kept["id"], uploaded.id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_put_the_same_file_one_makes_it() {
    let (server, state) = (Arc::new(server()), state());
    let puts = (0..6).map(|_| {
        let (drive, state) = (drive(&server), state.path().to_owned());
        tokio::spawn(async move { drive.put(&file(1, 1000), &state).await.unwrap().id })
    });
    let ids = futures_util::future::join_all(puts).await;
    let stored = only(&server);
    assert!(ids.into_iter().all(|id| id.unwrap() == stored.id));
}

#[tokio::test(start_paused = true)]
async fn who_is_at_work_on_the_same_file_for_long_is_named() {
    let (server, state) = (server(), state());
    let drive = drive(&server);
    let path = lock_in(state.path());
    let holder = fs::File::create(&path).unwrap();
    holder.lock().unwrap();
    fs::write(&path, r#"{"pid":4242,"since":"2026-05-01T12:00:00Z"}"#).unwrap();
    let began = tokio::time::Instant::now();
    let error = drive.put(&file(1, 10), state.path()).await.unwrap_err();
    assert_eq!(began.elapsed().as_secs(), 60);
    assert!(matches!(error, Error::Busy { .. }) && error.is_transient(), "{error:?}");
    let holder_named = "is in use by process 4242, since 2026-05-01T12:00:00Z";
    assert!(error.to_string().ends_with(holder_named), "{error}");
    assert_eq!(server.files().len(), 0);
    holder.unlock().unwrap();
    tokio::time::resume();
    assert!(drive.put(&file(1, 10), state.path()).await.unwrap().uploaded);
    let signed = fs::read_to_string(&path).unwrap();
    assert!(signed.contains(&std::process::id().to_string()), "{signed}");
}

#[tokio::test]
async fn a_name_with_quotes_is_found_again() {
    let (server, name) = (server(), r"Ann's \ “May”.xlsx");
    let file = DriveFile::new(name, ContentType::XLSX, "x", "statements");
    let first = drive(&server).put(&file, state().path()).await.unwrap();
    let again = drive(&server).put(&file, state().path()).await.unwrap();
    assert_eq!((again.id, again.uploaded, only(&server).name), (first.id, false, name.to_owned()));
}

#[tokio::test]
async fn a_service_account_is_told_about_shared_drives_and_may_use_them() {
    let server = builder().service_account().shared_folder("shared").start().unwrap();
    let error = drive(&server).put(&file(1, 10), state().path()).await.unwrap_err();
    assert!(matches!(error, Error::NoStorage { .. }), "{error}");
    assert!(error.to_string().contains("a folder of a shared drive"), "{error}");
    assert!(!error.is_transient());
    let file = DriveFile::new(NAME, ContentType::XLSX, "x", "shared");
    let (drive, state) = (drive(&server), state());
    let first = drive.put(&file, state.path()).await.unwrap();
    let again = drive.put(&file, state.path()).await.unwrap();
    assert_eq!(
        (again.id, again.uploaded, only(&server).folder),
        (first.id, false, "shared".to_owned())
    );
}

#[tokio::test]
async fn the_narrow_scope_is_enough_for_a_folder_that_was_opened_with_the_app() {
    let server = Server::builder().folder("statements").token(SECRET, [Drive::SCOPE_FILE]);
    let server = server.start().unwrap();
    let google = google(&server.endpoint(), &[Drive::SCOPE_FILE]);
    let drive = Drive::new(google.build());
    let uploaded = drive.put(&file(1, 10), state().path()).await.unwrap();
    assert_eq!(only(&server).id, uploaded.id);
}

#[tokio::test]
async fn what_cannot_be_put_is_told_with_its_folder_or_its_mend() {
    let server = server();
    let lost = DriveFile::new(NAME, ContentType::XLSX, "x", "no-such-folder");
    let error = drive(&server).put(&lost, state().path()).await.unwrap_err();
    assert_eq!(error.to_string(), format!("uploading `{NAME}` into `no-such-folder` failed"));
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("File not found: no-such-folder."), "{source}");
    let theirs = server.put_by_person("statements", NAME, "theirs");
    server.protect(&theirs);
    let error = drive(&server).put(&file(1, 10), state().path()).await.unwrap_err();
    assert!(error.to_string().contains("may not be edited"), "{error}");
    assert!(error.to_string().contains(&theirs), "{error}");
}

#[tokio::test]
async fn a_state_that_is_damaged_is_named_and_left() {
    let (server, state) = (server(), state());
    drive(&server).put(&file(1, 10), state.path()).await.unwrap();
    let kept = kept(state.path());
    fs::write(&kept, "{\"id\":").unwrap();
    let error = drive(&server).put(&file(2, 10), state.path()).await.unwrap_err();
    assert!(error.to_string().contains(kept.to_str().unwrap()), "{error}");
    assert_eq!(fs::read_to_string(&kept).unwrap(), "{\"id\":");
}

#[tokio::test]
async fn progress_is_told_up_to_the_end() {
    let (server, state) = (server(), state());
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = Arc::clone(&told);
    let drive = drive(&server).with_progress(move |it| telling.lock().unwrap().push(it.stored));
    drive.put(&file(1, 600_000), state.path()).await.unwrap();
    assert_eq!(*told.lock().unwrap(), [262_144, 524_288, 600_000]);
}
