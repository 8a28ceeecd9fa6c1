//! Each accident at each step: one file all the same, or an error that tells whether to try again.

use std::time::Duration;

use jada_loopback_issuer::{DriveFault, DriveMethod, When};
use jada_reports::{Error, Share};

use super::{bytes, drive, file, only, server, state};
use crate::google::SECRET;

const METHODS: [DriveMethod; 7] = [
    DriveMethod::FilesGenerateIds,
    DriveMethod::FilesCreate,
    DriveMethod::FilesGet,
    DriveMethod::FilesList,
    DriveMethod::PermissionsCreate,
    DriveMethod::PermissionsList,
    DriveMethod::UploadSession,
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_accident_at_any_step_fails_no_run_and_makes_no_second_file() {
    for method in METHODS {
        for fault in DriveFault::MIX.iter().filter(|it| !is_slow(method, **it)) {
            let (server, state) = (server(), state());
            server.fail_next(method, *fault);
            let file = file(1, length(method)).shared(Share::Anyone);
            let uploaded = drive(&server).put(&file, state.path()).await;
            let case = format!("{method:?} {fault:?}: {uploaded:?}\n{}", server.log());
            let stored = only(&server);
            assert_eq!(uploaded.expect(&case).id, stored.id, "{case}");
            assert!(*stored.bytes == *bytes(1, length(method)), "{case}");
            assert_eq!(stored.permissions.len(), 1, "{case}");
            assert!(!server.log().contains(SECRET), "{case}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_accident_in_a_replacement_replaces_all_the_same() {
    for method in [DriveMethod::FilesUpdate, DriveMethod::UploadSession, DriveMethod::FilesGet] {
        for fault in DriveFault::MIX.iter().filter(|it| !is_slow(method, **it)) {
            let (server, state) = (server(), state());
            let id = drive(&server).put(&file(1, 1000), state.path()).await.unwrap().id;
            server.fail_next(method, *fault);
            let replaced = drive(&server).put(&file(2, length(method)), state.path()).await;
            let case = format!("{method:?} {fault:?}: {replaced:?}\n{}", server.log());
            assert_eq!(replaced.expect(&case).id, id, "{case}");
            assert!(*only(&server).bytes == *bytes(2, length(method)), "{case}");
        }
    }
}

#[tokio::test]
async fn a_wait_that_is_longer_than_our_patience_is_told() {
    let (server, state) = (server(), state());
    let wait = Duration::from_secs(600);
    server.fail_next(DriveMethod::FilesCreate, DriveFault::TooManyRequests(Some(wait)));
    let error = drive(&server).put(&file(1, 10), state.path()).await.unwrap_err();
    assert!(error.is_transient() && error.retry_after() == Some(wait), "{error}");
    assert_eq!(server.calls(DriveMethod::UploadSession), 0);
}

#[tokio::test]
async fn a_quota_of_the_day_and_a_full_account_are_told_apart() {
    for (reason, is_full) in [("dailyLimitExceeded", false), ("storageQuotaExceeded", true)] {
        let (server, state) = (server(), state());
        server.fail_next(DriveMethod::FilesCreate, DriveFault::Refused(403, reason));
        let error = drive(&server).put(&file(1, 10), state.path()).await.unwrap_err();
        assert_eq!(matches!(error, Error::NoStorage { .. }), is_full, "{error}");
        assert_eq!(error.is_transient(), !is_full, "{error}");
        assert_eq!(server.calls(DriveMethod::UploadSession), 0);
    }
}

#[tokio::test]
async fn a_proxy_that_goes_on_answering_for_drive_is_told() {
    let (server, state) = (server(), state());
    for _ in 0..4 {
        server.fail_next(DriveMethod::FilesList, DriveFault::Html(When::Before));
    }
    let error = drive(&server).put(&file(1, 10), state.path()).await.unwrap_err();
    assert!(matches!(error, Error::Google { .. }), "{error}");
    assert_eq!((server.requests(), server.files().len()), (4, 0));
    for _ in 0..4 {
        server.fail_next(DriveMethod::FilesCreate, DriveFault::Html(When::Before));
    }
    let error = drive(&server).put(&file(1, 10), state.path()).await.unwrap_err();
    assert!(matches!(error, Error::Google { .. }), "{error}");
    assert_eq!(server.files().len(), 0);
}

#[tokio::test]
async fn what_drive_holds_in_the_end_is_read_and_not_believed() {
    for (times, heals) in [(1, true), (4, false)] {
        let (server, state) = (server(), state());
        for _ in 0..times {
            server.fail_next(DriveMethod::UploadSession, DriveFault::Corrupt);
        }
        let put = drive(&server).put(&file(1, 10), state.path()).await;
        assert_eq!(put.is_ok(), heals, "{put:?}");
        assert_eq!(*only(&server).bytes == *bytes(1, 10), heals);
        if let Err(error) = put {
            assert!(matches!(error, Error::NotAsWritten { .. }), "{error}");
            assert!(error.to_string().contains("instead of") && !error.is_transient(), "{error}");
        }
    }
}

/// Three chunks where it is about them.
fn length(method: DriveMethod) -> usize {
    if method == DriveMethod::UploadSession { 600_000 } else { 2000 }
}

/// What takes long is no fault of ours: a client has seconds for each chunk.
fn is_slow(method: DriveMethod, fault: DriveFault) -> bool {
    method == DriveMethod::UploadSession && matches!(fault, DriveFault::Hang(_))
}
