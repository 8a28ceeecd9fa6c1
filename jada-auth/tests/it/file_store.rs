//! The file store as its users meet it: wrong modes, broken files, seeds, full and read-only disks,
//! and processes that are killed.

mod seeds;

use std::{
    env, fs,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown, symlink},
        net::UnixListener,
        process::{CommandExt, parent_id},
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use jada_auth::{
    Error, FileProblem, FileStore, Fingerprint, Lease, Leasing, Pending, Secret, State,
    StoredToken, TokenStore,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::private_folder;

#[tokio::test]
async fn what_others_may_reach_is_refused_with_the_command_that_mends_it() {
    let folder = private_folder();
    let path = folder.path().join("my token.json");
    let store = FileStore::new(&path);
    put(&path, &json!({"token": "t"}));
    for mode in [0o644, 0o640, 0o602, 0o601] {
        set_mode(&path, mode);
        let error = store.load().await.unwrap_err();
        assert_problem(&error, &path, FileProblem::Mode { mode });
        let mend = format!(": run `chmod 600 '{}'`", path.display());
        assert!(error.to_string().ends_with(&mend), "{error}");
    }
    set_mode(&path, 0o600);
    for mode in [0o755, 0o710] {
        set_mode(folder.path(), mode);
        for error in [store.load().await.unwrap_err(), store.try_lease().await.unwrap_err()] {
            assert_problem(&error, folder.path(), FileProblem::Mode { mode });
            let mend = format!(": run `chmod 700 {}`", folder.path().display());
            assert!(error.to_string().ends_with(&mend), "{error}");
        }
    }
    set_mode(folder.path(), 0o700);
    store.load().await.unwrap();
    take(&store).await;
    let lock = folder.path().join("my token.json.lock");
    assert_eq!(fs::metadata(&lock).unwrap().mode() & 0o777, 0o600);
    set_mode(&lock, 0o666);
    let error = store.try_lease().await.unwrap_err();
    assert_problem(&error, &lock, FileProblem::Mode { mode: 0o666 });
}

#[tokio::test]
async fn what_is_no_regular_file_is_refused() {
    let folder = private_folder();
    let path = |name: &str| folder.path().join(name);
    put(&path("real.json"), &json!({}));
    symlink(path("real.json"), path("link.json")).unwrap();
    symlink(path("none.json"), path("dangling.json")).unwrap();
    fs::create_dir(path("folder.json")).unwrap();
    let _listener = UnixListener::bind(path("socket.json")).unwrap();
    assert!(Command::new("mkfifo").arg(path("pipe.json")).status().unwrap().success());
    let large = fs::File::create(path("large.json")).unwrap();
    large.set_len((1 << 20) + 1).unwrap();
    set_mode(&path("large.json"), 0o600);
    let cases = [
        ("link.json", FileProblem::Symlink),
        ("dangling.json", FileProblem::DanglingLink),
        ("folder.json", FileProblem::NotAFile),
        ("socket.json", FileProblem::NotAFile),
        ("pipe.json", FileProblem::NotAFile),
        ("large.json", FileProblem::TooLarge),
    ];
    for (name, problem) in cases {
        let error = FileStore::new(path(name)).load().await.unwrap_err();
        assert_problem(&error, &path(name), problem);
        let locked = FileStore::new(path("token.json")).with_lock(path(name));
        if problem != FileProblem::TooLarge {
            let error = locked.try_lease().await.unwrap_err();
            assert_problem(&error, &path(name), problem);
        }
    }
    assert!(!path("none.json").exists());
}

#[tokio::test]
async fn a_folder_may_be_reached_by_a_link_and_must_be_there() {
    let folder = private_folder();
    let (real, link) = (folder.path().join("real"), folder.path().join("link"));
    let store = FileStore::new(link.join("token.json"));
    for error in [store.load().await.unwrap_err(), store.try_lease().await.unwrap_err()] {
        assert_problem(&error, &link, FileProblem::Missing);
        assert!(error.to_string().contains("run `mkdir -m 700 "), "{error}");
    }
    fs::create_dir(&real).unwrap();
    set_mode(&real, 0o700);
    symlink(&real, &link).unwrap();
    take(&store).await.commit(&State::default()).await.unwrap();
    assert!(real.join("token.json").exists());

    let inside = FileStore::new(real.join("token.json/below.json"));
    let error = inside.load().await.unwrap_err();
    assert_problem(&error, &real.join("token.json"), FileProblem::NotAFolder);
}

#[tokio::test]
async fn whatever_stands_in_the_way_the_command_that_is_named_mends_it() {
    let obstacles: [fn(&Path); 9] = [
        |at| fs::write(at.join("above"), "").unwrap(),
        |at| symlink("none/such", at.join("above")).unwrap(),
        |at| symlink("above", at.join("above")).unwrap(),
        |at| symlink(at.join("none"), private(&at.join("above")).join("my folder")).unwrap(),
        |at| fs::write(private(&at.join("above")).join("my folder"), "").unwrap(),
        |at| symlink("none", whole(at).join("t.json")).unwrap(),
        |at| symlink(".", whole(at).join("t.json")).unwrap(),
        |at| {
            put(&at.join("real"), &json!({}));
            symlink(at.join("real"), whole(at).join("t.json")).unwrap();
        },
        |at| fs::create_dir(whole(at).join(".t.json.tmp")).unwrap(),
    ];
    for (index, obstacle) in obstacles.into_iter().enumerate() {
        let place = private_folder();
        obstacle(place.path());
        let store = FileStore::new(place.path().join("above/my folder/t.json"));
        let mut mends = 0;
        while let Err(error) = refresh(&store).await {
            assert!(mends < 3, "{index}: {error}");
            run_mend(&error);
            mends += 1;
        }
        assert!(mends > 0, "{index}");
        assert!(store.path().exists(), "{index}");
    }

    fn whole(place: &Path) -> PathBuf {
        private(&private(&place.join("above")).join("my folder"))
    }
}

#[tokio::test]
async fn what_stands_in_the_way_is_named_itself() {
    let folder = private_folder();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("file"), "").unwrap();
    symlink(at("gone"), at("link")).unwrap();
    let cases = [
        ("file/below/t.json", "file", FileProblem::NotAFolder),
        ("link/t.json", "link", FileProblem::DanglingLink),
        ("link/below/t.json", "link", FileProblem::DanglingLink),
    ];
    for (path, named, problem) in cases {
        let store = FileStore::new(at(path));
        for error in [store.load().await.unwrap_err(), store.try_lease().await.unwrap_err()] {
            assert_problem(&error, &at(named), problem);
        }
    }
    let error = FileStore::new(at("link/t.json")).load().await.unwrap_err().to_string();
    assert!(error.contains(&format!("restore `{}`", at("gone").display())), "{error}");

    fs::create_dir(at(".token.json.tmp")).unwrap();
    let store = FileStore::new(at("token.json"));
    let error = take(&store).await.prepare(None).await.unwrap_err();
    assert_problem(&error, &at(".token.json.tmp"), FileProblem::NotAFile);
}

#[test]
fn a_folder_that_is_closed_to_its_owner_is_opened_by_the_command_that_is_named() {
    if let Some(store) = store_of_worker() {
        return in_runtime(opens_its_folder(store));
    }
    let (folder, store) = seeded();
    put(store.path(), &json!({"refresh_token": "1//old"}));
    let (_program, command) = as_another(&[folder.path(), store.path()]);
    set_mode(folder.path(), 0o000);
    succeed(
        command,
        "file_store::a_folder_that_is_closed_to_its_owner_is_opened_by_the_command_that_is_named",
        folder.path(),
    );
}

async fn opens_its_folder(store: FileStore) {
    for error in [store.load().await.unwrap_err(), store.try_lease().await.unwrap_err()] {
        assert_problem(&error, store.path().parent().unwrap(), FileProblem::Io);
        run_mend(&error);
        assert_eq!(refresh_token(&store.load().await.unwrap()), "1//old");
        set_mode(store.path().parent().unwrap(), 0o000);
    }
    set_mode(store.path().parent().unwrap(), 0o700);
}

#[tokio::test]
async fn a_byte_order_mark_is_skipped_and_not_written() {
    let folder = private_folder();
    let path = folder.path().join("token.json");
    let store = FileStore::new(&path);
    fs::write(&path, "\u{feff}{\"refresh_token\": \"1//r\", \"theirs\": 1}").unwrap();
    set_mode(&path, 0o600);
    assert_eq!(refresh_token(&store.load().await.unwrap()), "1//r");
    refresh(&store).await.unwrap();
    assert_eq!(value(&path)["theirs"], 1);
}

#[tokio::test]
async fn an_empty_or_broken_file_is_an_error_and_stays_as_it_is() {
    let folder = private_folder();
    let path = folder.path().join("token.json");
    let store = FileStore::new(&path);
    let cases = [
        ("", FileProblem::Empty),
        (" \n ", FileProblem::Empty),
        ("{\n\"token\": \"s3cr3t", FileProblem::Malformed { line: 2, column: 16 }),
    ];
    for (text, problem) in cases {
        fs::write(&path, text).unwrap();
        set_mode(&path, 0o600);
        let mut lease = take(&store).await;
        let failures = [
            store.load().await.unwrap_err(),
            lease.load().await.unwrap_err(),
            lease.commit(&State::default()).await.unwrap_err(),
        ];
        for error in failures {
            assert_problem(&error, &path, problem);
            assert!(error.to_string().contains("nothing was changed"), "{error}");
            assert!(!format!("{error:?}").contains("s3cr3t"), "{error:?}");
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[tokio::test]
async fn fields_of_others_survive_ten_commits() {
    let folder = private_folder();
    let path = folder.path().join("token.json");
    let store = FileStore::new(&path);
    put(
        &path,
        &json!({
            "type": "authorized_user", "client_id": "id", "token": "t0", "account": "ops@x.example",
            "universe_domain": "googleapis.com", "theirs": {"deep": [1, 2.5, null, "é\u{1f680}"]},
            "jada": {"ours_later": {"kept": true}, "generation": 3},
        }),
    );
    for round in 1..=10 {
        let mut lease = take(&store).await;
        let mut state = lease.load().await.unwrap();
        state.generation += 1;
        state.token = Some(StoredToken::new(format!("t{round}")));
        lease.prepare(None).await.unwrap();
        lease.commit(&state).await.unwrap();
    }
    let written = value(&path);
    assert_eq!(written["theirs"], json!({"deep": [1, 2.5, null, "é\u{1f680}"]}));
    assert_eq!(written["account"], "ops@x.example");
    assert_eq!(written["universe_domain"], "googleapis.com");
    assert_eq!(written["client_id"], "id");
    assert_eq!(written["jada"]["ours_later"], json!({"kept": true}));
    assert_eq!((&written["token"], &written["jada"]["generation"]), (&json!("t10"), &json!(13)));
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_lock_that_is_held_names_its_holder() {
    let (_folder, store) = seeded();
    let before = Timestamp::now();
    let _lease = take(&store).await;
    let Leasing::Held(holder) = store.try_lease().await.unwrap() else { panic!("it is held") };
    assert_eq!(holder.pid, Some(std::process::id()));
    assert!(holder.since.unwrap() >= before);
    fs::write(store.path().with_file_name("google_token.json.lock"), "{\"pid\": -1").unwrap();
    let Leasing::Held(holder) = store.try_lease().await.unwrap() else { panic!("it is held") };
    assert_eq!((holder.pid, holder.since), (None, None));
}

#[test]
fn a_full_disk_is_found_before_anything_is_asked() {
    if let Some(store) = store_of_worker() {
        return in_runtime(finds_the_disk_full(store));
    }
    let (folder, store) = seeded();
    put(store.path(), &json!({"refresh_token": "1//old", "theirs": 1}));
    let before = fs::read(store.path()).unwrap();
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh"]);
    limited.arg(env::current_exe().unwrap());
    succeed(limited, "file_store::a_full_disk_is_found_before_anything_is_asked", folder.path());
    assert_eq!(fs::read(store.path()).unwrap(), before);
}

async fn finds_the_disk_full(store: FileStore) {
    let mut lease = take(&store).await;
    let state = lease.load().await.unwrap();
    let error = lease.prepare(Some(&pending(1))).await.unwrap_err();
    assert_problem(&error, store.path(), FileProblem::Full);
    let error = lease.commit(&state).await.unwrap_err();
    assert_problem(&error, store.path(), FileProblem::Full);
    let after = store.load().await.unwrap();
    assert_eq!((refresh_token(&after), &after.pending), ("1//old", &None));
}

#[test]
fn a_read_only_folder_is_found_before_anything_is_asked() {
    if let Some(store) = store_of_worker() {
        return in_runtime(finds_the_folder_read_only(store));
    }
    let (folder, store) = seeded();
    put(store.path(), &json!({"refresh_token": "1//old"}));
    let lock = folder.path().join("google_token.json.lock");
    fs::write(&lock, "").unwrap();
    set_mode(&lock, 0o600);
    let (_program, command) = as_another(&[folder.path(), store.path(), &lock]);
    set_mode(folder.path(), 0o500);
    succeed(
        command,
        "file_store::a_read_only_folder_is_found_before_anything_is_asked",
        folder.path(),
    );
    set_mode(folder.path(), 0o700);
}

async fn finds_the_folder_read_only(store: FileStore) {
    let mut lease = take(&store).await;
    assert_eq!(refresh_token(&lease.load().await.unwrap()), "1//old");
    let error = lease.prepare(Some(&pending(1))).await.unwrap_err();
    assert_problem(&error, store.path(), FileProblem::ReadOnly);
    let folder = store.path().parent().unwrap();
    let mend = format!(": run `chmod u+rwx {}`", folder.display());
    assert!(error.to_string().ends_with(&mend), "{error}");

    let unlocked = store.clone().with_lock(folder.join("other.lock"));
    let error = unlocked.try_lease().await.unwrap_err();
    assert_problem(&error, &folder.join("other.lock"), FileProblem::ReadOnly);
}

/// `JADA_SWEEP=full` kills 500 times.
#[test]
fn a_process_killed_at_any_instant_leaves_the_old_state_or_the_new_one() {
    if let Some(store) = store_of_worker() {
        return in_runtime(refreshes_until_killed(store));
    }
    let kills =
        if env::var_os("JADA_SWEEP").is_some_and(|sweep| sweep == "full") { 500 } else { 20 };
    let (folder, store) = seeded();
    put(store.path(), &json!({"refresh_token": "1//0", "theirs": "x".repeat(5_000)}));
    let (stop, seen) = (AtomicBool::new(false), AtomicU64::new(0));
    let mut random = fastrand::Rng::with_seed(20_260_501);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| read_until(&stop, &seen, &store));
        }
        let stopped = StopOnDrop(&stop);
        for _ in 0..kills {
            let start = seen.load(Ordering::SeqCst);
            let mut command = Command::new(env::current_exe().unwrap());
            let child = worker(
                &mut command,
                "file_store::a_process_killed_at_any_instant_leaves_the_old_state_or_the_new_one",
                folder.path(),
            );
            let mut child = KillOnDrop(child.stdout(Stdio::null()).spawn().unwrap());
            while seen.load(Ordering::SeqCst) == start {
                assert!(child.0.try_wait().unwrap().is_none(), "the worker ended by itself");
                assert!(!stop.load(Ordering::SeqCst), "a reader failed");
                thread::yield_now();
            }
            let instant = Instant::now() + Duration::from_micros(random.u64(0..4_000));
            while Instant::now() < instant {
                std::hint::spin_loop();
            }
            drop(child);
            the_next_holder_goes_on(&store);
        }
        drop(stopped);
    });
}

async fn refreshes_until_killed(store: FileStore) {
    let parent = parent_id();
    while parent_id() == parent {
        let mut lease = take(&store).await;
        let mut state = lease.load().await.unwrap();
        lease.prepare(Some(&pending(state.generation))).await.unwrap();
        state.generation += 1;
        state.refresh_token = Some(Secret::new(format!("1//{}", state.generation)));
        state.pending = None;
        lease.commit(&state).await.unwrap();
    }
}

/// Reads without a pause: each state is whole, and none is older than one seen before.
fn read_until(stop: &AtomicBool, seen: &AtomicU64, store: &FileStore) {
    let _stop = StopOnDrop(stop);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    while !stop.load(Ordering::SeqCst) {
        let least = seen.load(Ordering::SeqCst);
        let state = runtime.block_on(store.load()).unwrap();
        assert!(state.generation >= least, "{} after {least}", state.generation);
        assert_eq!(refresh_token(&state), format!("1//{}", state.generation));
        if let Some(pending) = state.pending {
            assert_eq!(pending.grant, grant(state.generation), "a mark of this state's refresh");
        }
        assert_eq!(value(store.path())["theirs"].as_str().unwrap().len(), 5_000);
        seen.fetch_max(state.generation, Ordering::SeqCst);
    }
}

/// The lock of a dead process is free at once, and its state can be changed.
fn the_next_holder_goes_on(store: &FileStore) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut lease = take(store).await;
        let mut state = lease.load().await.unwrap();
        lease.prepare(None).await.unwrap();
        state.pending = None;
        lease.commit(&state).await.unwrap();
        assert_eq!(lease.load().await.unwrap().pending, None);
    });
}

struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

struct KillOnDrop(Child);

impl Drop for KillOnDrop {
    /// SIGKILL, and the wait that ends the zombie.
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn worker<'a>(command: &'a mut Command, name: &str, folder: &Path) -> &'a mut Command {
    command.args(["--exact", name, "--nocapture"]).env(FOLDER, folder)
}

fn succeed(mut command: Command, name: &str, folder: &Path) {
    let output = worker(&mut command, name, folder).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}{complaint}");
    assert!(told.contains("1 passed"), "{told}{complaint}");
}

/// Runs this program as one whom the modes bind, who then owns `paths`: root goes everywhere.
fn as_another(paths: &[&Path]) -> (TempDir, Command) {
    let folder = tempfile::tempdir().unwrap();
    set_mode(folder.path(), 0o755);
    let program = folder.path().join("it");
    // By another process: a child forked meanwhile would keep it open for writing, and so busy.
    let copied = Command::new("cp").arg(env::current_exe().unwrap()).arg(&program).status();
    assert!(copied.unwrap().success());
    let mut command = Command::new(program);
    if folder.path().metadata().unwrap().uid() == 0 {
        for path in paths {
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        command.uid(NOBODY).gid(NOBODY);
    }
    (folder, command)
}

/// Does what an error says, as its reader would.
pub(crate) fn run_mend(error: &Error) {
    let text = error.to_string();
    let mend = text.split("run `").nth(1).and_then(|rest| rest.split('`').next());
    run(mend.unwrap_or_else(|| panic!("{text}")));
}

pub(crate) fn run(command: &str) {
    let output = Command::new("sh").args(["-c", command]).output().unwrap();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
}

async fn refresh(store: &FileStore) -> Result<(), Error> {
    let Leasing::Taken(mut lease) = store.try_lease().await? else { panic!("it is free") };
    let state = lease.load().await?;
    lease.prepare(None).await?;
    lease.commit(&state).await
}

/// Where this process is the one that a test has started, what it is to work on.
fn store_of_worker() -> Option<FileStore> {
    let folder = PathBuf::from(env::var_os(FOLDER)?);
    Some(FileStore::new(folder.join("google_token.json")))
}

fn in_runtime(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work);
}

fn seeded() -> (TempDir, FileStore) {
    let folder = private_folder();
    let store = FileStore::new(folder.path().join("google_token.json"));
    let seed = folder.path().join("refresh_token.json");
    (folder, store.with_seed(seed))
}

async fn take(store: &FileStore) -> Box<dyn Lease> {
    match store.try_lease().await.unwrap() {
        Leasing::Taken(lease) => lease,
        other => panic!("{other:?}"),
    }
}

fn pending(generation: u64) -> Pending {
    Pending::new(grant(generation), Timestamp::UNIX_EPOCH)
}

fn grant(generation: u64) -> Fingerprint {
    Fingerprint::of([&*format!("1//{generation}")])
}

fn refresh_token(state: &State) -> &str {
    state.refresh_token.as_ref().unwrap().expose()
}

fn put(path: &Path, value: &Value) {
    fs::write(path, value.to_string()).unwrap();
    set_mode(path, 0o600);
}

/// Makes a folder that is closed to others.
fn private(path: &Path) -> PathBuf {
    fs::create_dir(path).unwrap();
    set_mode(path, 0o700);
    path.to_owned()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn value(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn assert_problem(error: &Error, at: &Path, expected: FileProblem) {
    let Error::File { path, problem, .. } = error else { panic!("{error:?}") };
    assert_eq!((path.as_path(), *problem), (at, expected), "{error}");
}

const FOLDER: &str = "JADA_TEST_FOLDER";
const NOBODY: u32 = 65_534;
