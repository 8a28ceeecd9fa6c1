//! The file through everything that may happen to it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use super::*;

/// A file of peppers in a folder of its own, which is removed with the value.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("secrets").join(Peppers::FILE_NAME)
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path().join("secrets")).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn prints(peppers: &Peppers) -> Vec<String> {
    peppers.iter().map(|pepper| format!("{}{}", pepper.id(), pepper.fingerprint())).collect()
}

fn mend(error: &Error) -> String {
    assert!(matches!(error, Error::Peppers { .. }), "{error}");
    error.to_string()
}

#[test]
fn sixty_two_peppers_have_names_of_their_own_and_then_one_must_go() {
    let mut peppers = Peppers::generate().unwrap();
    for _ in 1..62 {
        peppers = peppers.and_new(None).unwrap();
    }
    let names: std::collections::BTreeSet<_> = peppers.iter().map(Pepper::id).collect();
    assert_eq!(names.len(), 62);
    assert!(matches!(peppers.and_new(None), Err(Error::Peppers { .. })));
}

#[test]
fn what_was_created_is_private_and_read_again() {
    let place = Place::new();
    let created = Peppers::open_or_create(&place.path()).unwrap();
    assert_eq!(mode(&place.path()), 0o600);
    assert_eq!(mode(place.path().parent().unwrap()), 0o700);
    assert_eq!(place.files(), [Peppers::FILE_NAME], "nothing is left beside it");
    for read in [Peppers::open(&place.path()), Peppers::open_or_create(&place.path())] {
        assert_eq!(prints(&read.unwrap()), prints(&created));
    }
}

#[test]
fn of_many_who_create_it_at_once_all_get_the_same() {
    let place = Place::new();
    let (path, all) = (place.path(), std::sync::Barrier::new(16));
    let create = || {
        all.wait();
        prints(&Peppers::open_or_create(&path).unwrap())
    };
    let got: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(create)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(got.iter().all(|one| *one == got[0]), "{got:?}");
    assert_eq!(place.files(), [Peppers::FILE_NAME]);
}

#[test]
fn a_missing_file_is_an_error_where_it_is_to_be_there() {
    let place = Place::new();
    assert!(mend(&Peppers::open(&place.path()).unwrap_err()).contains("no such file"));
    Peppers::open_or_create(&place.path()).unwrap();
    fs::remove_file(place.path()).unwrap();
    for failed in [Peppers::rotate(&place.path()), Peppers::retire(&place.path(), PepperId::FIRST)]
    {
        assert!(mend(&failed.unwrap_err()).contains("no such file"));
    }
    assert!(!place.path().exists());
}

#[test]
fn rotating_adds_a_current_one_and_retiring_takes_an_older_one_out() {
    let place = Place::new();
    let first = Peppers::open_or_create(&place.path()).unwrap();
    let second = Peppers::rotate(&place.path()).unwrap();
    let third = Peppers::rotate_to(&place.path(), "eu-west-1").unwrap();
    assert_eq!(prints(&third)[..2], prints(&second));
    assert_eq!(prints(&third)[..1], prints(&first));
    assert_eq!(third.current().home(), Some("eu-west-1"));
    assert_eq!(prints(&Peppers::open(&place.path()).unwrap()), prints(&third));
    assert_eq!(mode(&place.path()), 0o600);

    let current = Peppers::retire(&place.path(), third.current().id()).unwrap_err();
    assert!(mend(&current).contains("rotate first"));
    let left = Peppers::retire(&place.path(), first.current().id()).unwrap();
    assert_eq!(prints(&left), prints(&third)[1..]);
    assert_eq!(prints(&Peppers::open(&place.path()).unwrap()), prints(&left));
    let gone = Peppers::retire(&place.path(), first.current().id()).unwrap_err();
    assert!(mend(&gone).contains("no pepper `A`"), "{gone}");
}

#[test]
fn many_rotate_at_once_and_none_is_lost() {
    let place = Place::new();
    let path = place.path();
    Peppers::open_or_create(&path).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| Peppers::rotate(&path).unwrap());
        }
    });
    assert_eq!(Peppers::open(&path).unwrap().iter().count(), 9);
}

#[test]
fn a_file_open_to_others_is_refused_with_the_command_that_mends_it() {
    let place = Place::new();
    Peppers::open_or_create(&place.path()).unwrap();
    chmod(&place.path(), 0o640);
    let refused = mend(&Peppers::open_or_create(&place.path()).unwrap_err());
    let command = format!("(mode 0640); run `chmod 600 '{}'`", place.path().display());
    assert!(refused.contains(&command), "{refused}");
    chmod(&place.path(), 0o600);

    let folder = place.path().parent().unwrap().to_owned();
    chmod(&folder, 0o755);
    let refused = mend(&Peppers::open(&place.path()).unwrap_err());
    let command = format!("(mode 0755); run `chmod 700 '{}'`", folder.display());
    assert!(refused.contains(&command), "{refused}");
    chmod(&folder, 0o700);
    Peppers::open(&place.path()).unwrap();
}

#[test]
fn what_is_no_file_is_refused() {
    let place = Place::new();
    Peppers::open_or_create(&place.path()).unwrap();
    let elsewhere = place.path().with_file_name("elsewhere.json");
    fs::rename(place.path(), &elsewhere).unwrap();
    symlink(&elsewhere, place.path()).unwrap();
    assert!(mend(&Peppers::open(&place.path()).unwrap_err()).contains("symbolic link"));
    assert!(mend(&Peppers::open_or_create(&place.path()).unwrap_err()).contains("symbolic"));
    fs::remove_file(place.path()).unwrap();
    fs::create_dir(place.path()).unwrap();
    assert!(mend(&Peppers::open_or_create(&place.path()).unwrap_err()).contains("no file"));
}

#[test]
fn an_empty_or_corrupt_file_is_an_error_and_is_never_written_over() {
    let place = Place::new();
    Peppers::open_or_create(&place.path()).unwrap();
    let good = fs::read_to_string(place.path()).unwrap();
    let secret = serde_json::from_str::<serde_json::Value>(&good).unwrap();
    let secret = secret["peppers"][0]["secret"].as_str().unwrap().to_owned();
    let cases = [
        String::new(),
        " \n".to_owned(),
        good[..good.len() / 2].to_owned(),
        good.replace("\"version\": 1", "\"version\": 2"),
        good.replace("\"A\"", "\"AB\""),
        good.replace(&secret, &secret[4..]),
        good.replace(&secret, "%"),
        good.replace("created_at", "made_at"),
        "{\"version\": 1, \"peppers\": []}".to_owned(),
        format!("[{secret:?}]"),
    ];
    for bad in cases {
        fs::write(place.path(), &bad).unwrap();
        for failed in [
            Peppers::open(&place.path()),
            Peppers::open_or_create(&place.path()),
            Peppers::rotate(&place.path()),
            Peppers::retire(&place.path(), PepperId::FIRST.next()),
        ] {
            let failed = failed.unwrap_err();
            let said = format!("{failed} {failed:?}");
            assert!(mend(&failed).contains("nothing was changed"), "{failed}");
            assert!(!said.contains(&secret[4..24]), "the secret is not shown");
        }
        assert_eq!(fs::read_to_string(place.path()).unwrap(), bad);
    }
}
