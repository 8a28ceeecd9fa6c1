//! The folder of `.eml` files.

use std::{fs, path::Path};

use jada_mail::{EmlFolder, Error, Mailer, Message, contract};

#[tokio::test]
async fn the_mailer_contract_holds() {
    let parent = tempfile::tempdir().unwrap();
    let fresh = std::cell::Cell::new(0);
    let new = || {
        fresh.set(fresh.get() + 1);
        EmlFolder::new(parent.path().join(format!("{}", fresh.get())))
    };
    let mails = |_: &EmlFolder| mails(&parent.path().join(format!("{}", fresh.get())));
    contract::mailer_contract(new, mails).await;
    assert_eq!(fresh.get(), 2);
}

#[tokio::test]
async fn a_mail_lies_where_path_says_and_nothing_else_lies_there() {
    let folder = tempfile::tempdir().unwrap();
    let (mailer, message) = (EmlFolder::new(folder.path()), message());
    let receipt = mailer.send(&message).await.unwrap();
    let path = mailer.path(message.idempotency_key());
    assert_eq!(receipt.location, path.display().to_string());
    assert_eq!(fs::read(path).unwrap(), message.render());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn an_unchanged_mail_leaves_its_file_untouched_and_another_replaces_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mailer, message) = (EmlFolder::new(folder.path()), message());
    let path = mailer.path(message.idempotency_key());
    mailer.send(&message).await.unwrap();
    // A second name shows whether the name still leads to the same file.
    let witness = folder.path().join("witness");
    fs::hard_link(&path, &witness).unwrap();

    mailer.send(&message).await.unwrap();
    fs::OpenOptions::new().append(true).open(&witness).unwrap().set_len(3).unwrap();
    assert_eq!(fs::read(&path).unwrap().len(), 3, "the file was replaced");

    mailer.send(&message).await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), message.render());
    assert_eq!(fs::read(&witness).unwrap().len(), 3, "the file was written in place");
}

#[tokio::test]
async fn a_file_left_by_a_killed_run_is_no_mail_and_in_nobodys_way() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".unfinished-x.tmp"), "half a ma").unwrap();
    let message = message();
    EmlFolder::new(folder.path()).send(&message).await.unwrap();
    assert_eq!(mails(folder.path()), [message.render()]);
}

#[cfg(unix)]
#[tokio::test]
async fn folder_and_file_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("a/b");
    let (mailer, message) = (EmlFolder::new(&folder), message());
    mailer.send(&message).await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&mailer.path(message.idempotency_key())), 0o600);
}

#[tokio::test]
async fn a_file_in_place_of_the_folder_is_named_with_the_mend() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("mails");
    fs::write(&folder, "").unwrap();
    let error = EmlFolder::new(&folder).send(&message()).await.unwrap_err();
    let Error::Io { path, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(path, &folder);
    assert!(error.to_string().contains("move it away"), "{error}");
}

#[tokio::test]
async fn a_folder_in_place_of_the_mail_is_an_error_and_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let (mailer, message) = (EmlFolder::new(folder.path()), message());
    fs::create_dir(mailer.path(message.idempotency_key())).unwrap();
    let error = mailer.send(&message).await.unwrap_err();
    assert!(error.to_string().contains(".eml"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

fn message() -> Message {
    contract::message("statement-2026-05")
}

fn mails(folder: &Path) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "eml"))
        .map(|path| fs::read(path).unwrap())
        .collect()
}
