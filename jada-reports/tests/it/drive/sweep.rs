//! Random runs with faults at every step, and with kills between any two of them.

use std::path::Path;
use std::time::Duration;

use fastrand::Rng;
use futures_util::{StreamExt as _, stream};
use jada_loopback_issuer::{DriveFault, DriveMethod};
use jada_reports::{Drive, DriveFile, Error, Share, Uploaded};
use tokio::time::timeout;

use super::{builder, bytes, drive, file, only, state};
use crate::sample::sweep;

/// Puts until it is done, as an operator does who runs the command again; every other run is
/// killed in the middle, if it lasts that long.
async fn put_at_last(drive: &Drive, file: &DriveFile, state: &Path, rng: &mut Rng) -> Uploaded {
    for _ in 0..RUNS {
        let millis = if rng.bool() { rng.u64(1..60) } else { 60_000 };
        match timeout(Duration::from_millis(millis), drive.put(file, state)).await {
            Ok(Ok(uploaded)) => return uploaded,
            Ok(Err(error)) => assert!(error.is_transient() || is_page(&error), "{error:?}"),
            Err(_killed) => {}
        }
    }
    panic!("no run came to an end");
}

/// A proxy's page in place of each of four answers: nothing that we can tell is transient.
fn is_page(error: &Error) -> bool {
    matches!(error, Error::Google { source, .. }
        if matches!(**source, jada_auth::Error::Decode { .. }))
}

async fn run(seed: u64) {
    let mix = DriveFault::MIX.iter().filter(|fault| !matches!(fault, DriveFault::Hang(_)));
    let server = builder().seed(seed).faults(0.3).mix(mix.copied());
    let server = server.index_lag(Duration::from_millis(20)).start().unwrap();
    let (drive, state, mut rng) = (drive(&server), state(), Rng::with_seed(seed));
    let mut ids = Vec::new();
    for (salt, length) in [(1, 300_000), (2, 600_000), (3, 10)] {
        let file = file(salt, length).shared(Share::Anyone);
        let uploaded = put_at_last(&drive, &file, state.path(), &mut rng).await;
        let stored = only(&server);
        assert_eq!(uploaded.id, stored.id, "seed {seed}\n{}", server.log());
        let is_right = *stored.bytes == *bytes(salt, length);
        assert!(is_right, "seed {seed}\n{}", server.log());
        assert_eq!(stored.permissions.len(), 1, "seed {seed}\n{}", server.log());
        ids.push(uploaded.id);
    }
    assert!(ids.iter().all(|id| *id == ids[0]), "seed {seed}: {ids:?}");
    server.heal();
    let before = server.calls(DriveMethod::UploadSession);
    let again = drive.put(&file(3, 10), state.path()).await.unwrap();
    assert!(!again.uploaded && server.calls(DriveMethod::UploadSession) == before, "seed {seed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_befalls_a_run_there_is_one_file_with_the_right_bytes() {
    stream::iter(0..sweep(25, 100)).for_each_concurrent(AT_ONCE, run).await;
}

const RUNS: usize = 60;
const AT_ONCE: usize = 4;
