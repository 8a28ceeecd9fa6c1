//! `service_key` as an operator runs it: keys on stdin, hashes by flag, file and environment.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::program::{Ended, example};

const CHOSEN: &str = "correct-horse-battery";

#[test]
fn a_new_key_matches_its_hash_and_no_other() {
    let (key, hash) = new_key();
    let (other, other_hash) = new_key();
    assert_ne!(key, other);
    assert_eq!(run("hash", &format!("{key}\n")).stdout, format!("{hash}\n"));

    let matched = run(&format!("verify --hash {hash}"), &key);
    assert_eq!((matched.status, &*matched.stdout), (0, "the key is that of hash 1\n"));
    let rotation = format!("verify --json --hash {other_hash} --hash {hash}");
    assert_eq!(run(&rotation, &key).summary(), json!({ "matches": 2 }));
    assert_eq!(run(&rotation, &other).summary(), json!({ "matches": 1 }));
    refused(&run(&format!("verify --hash {hash}"), &other), "the key is wrong: ");

    let shown = run("new", "").stdout;
    assert!(shown.contains("jsk_") && shown.contains("sha256:"), "{shown}");
}

#[test]
fn a_chosen_key_gets_a_hash_of_its_own_each_time() {
    let hashed = run("hash --json", CHOSEN).summary();
    let hash = hashed["hash"].as_str().unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    assert_ne!(hashed, run("hash --json", CHOSEN).summary());
    assert_eq!(verify_by_environment(hash, CHOSEN).status, 0);
    refused(&verify_by_environment(hash, "correct-horse-batterz"), "the key is wrong: ");
}

#[test]
fn hashes_come_from_a_file_or_the_environment_and_are_named_by_it() {
    let (key, hash) = new_key();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hashes");
    let words = format!("verify --hashes-from {}", file.display());
    refused(&run(&words, &key), "the file of --hashes-from cannot be read");
    std::fs::write(&file, format!("{}\n{hash}\n", new_key().1)).unwrap();
    assert_eq!(run(&words, &key).stdout, "the key is that of hash 2\n");
    std::fs::write(&file, "").unwrap();
    refused(&run(&words, &key), "`--hashes-from` is empty");

    assert_eq!(verify_by_environment(&hash, &key).stdout, "the key is that of hash 1\n");
    refused(&verify_by_environment(" ", &key), "`JADA_SERVICE_KEY_HASH` is empty");
    refused(&verify_by_environment(&key, &key), "is a plain key");
    refused(&run("verify", &key), "`JADA_SERVICE_KEY_HASH` is not set");
    refused(&run(&format!("{words} --hash {hash}"), &key), "cannot be used with");
}

#[test]
fn a_key_that_is_unfit_is_refused_and_not_repeated() {
    let (key, hash) = new_key();
    let refused = |ended: &Ended, given: &str, said: &str| {
        refused(ended, said);
        assert!(given.is_empty() || !ended.stderr.contains(given), "{}", ended.stderr);
    };
    for (given, said) in [
        ("", "is empty"),
        ("hunter2", "fewer than 12"),
        ("correct\thorse\tbattery", "neither visible ASCII nor a space"),
        (&key[..46], "and is none"),
        (&hash, "is a hash already"),
    ] {
        refused(&run("hash", given), given, said);
    }
    let verify = |given: &str| run(&format!("verify --hash {hash}"), given);
    refused(&verify(""), "", "the key is empty");
    refused(&verify(&format!("{key}\n{key}")), &key, "neither visible ASCII nor a space");
    refused(&verify(&"k".repeat(4097)), "kkkk", "longer than 4 KiB");
}

#[test]
fn a_key_among_the_arguments_is_refused_and_not_repeated() {
    let (key, _) = new_key();
    for key in [&key, CHOSEN] {
        for words in ["", "new", "hash", "verify", "hash --", "hash --key", "verify --hashes-from"]
        {
            let ended = run(&format!("{words} {key}"), key);
            assert!(!ended.error().contains(key), "{}", ended.stderr);
            let ended = run(&format!("verify --hash {key}"), key);
            assert!(!ended.error().contains(key), "{}", ended.stderr);
        }
    }
}

fn new_key() -> (String, String) {
    let made = run("new --json", "").summary();
    let text = |name: &str| made[name].as_str().map(str::to_owned).unwrap();
    assert!(matches!(&made, Value::Object(fields) if fields.len() == 2), "{made}");
    (text("key"), text("hash"))
}

fn run(words: &str, stdin: &str) -> Ended {
    run_with(words, stdin, None)
}

fn verify_by_environment(hashes: &str, key: &str) -> Ended {
    run_with("verify", key, Some(hashes))
}

fn run_with(words: &str, stdin: &str, hashes: Option<&str>) -> Ended {
    let mut command = Command::new(example("service_key"));
    command
        .args(words.split_whitespace())
        .env_remove("JADA_SERVICE_KEY_HASH")
        .env_remove("RUST_LOG");
    command.envs(hashes.map(|hashes| ("JADA_SERVICE_KEY_HASH", hashes)));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // One that refuses its arguments does not read.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    Ended {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// One line on stderr, with these words in it.
fn refused(ended: &Ended, said: &str) {
    assert!(ended.error().contains(said), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
}
