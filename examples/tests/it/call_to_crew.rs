//! `call_to_crew` as an operator runs it.

use std::fs;

use aws_sdk_dynamodb::types::AttributeValue;
use jada_loopback_issuer::{GmailFault, GmailMethod, When};
use jada_roster::EmbeddedEngine;
use serde_json::Value;

use crate::office::{
    CHARTERS, DESK, day, json, mails, office, office_of, office_without_crew, run,
};
use crate::post::{Post, SEND};
use crate::program::{Bench, run_example};

#[test]
fn a_charter_is_called_for_once_however_often_it_is_asked() {
    let bench = office();
    let words = format!("--charter C-1 {DESK} --json");
    let dry = run(&bench, "call_to_crew", &format!("{words} --dry-run"));
    let waves = json(&dry)["waves"].as_array().unwrap().len();
    assert!(waves > 0 && mails(&bench, "outbox").is_empty(), "nothing is written");

    let first = json(&run(&bench, "call_to_crew", &words));
    let asked = first["asked"].as_array().unwrap().len();
    assert!(asked > 0);
    assert_eq!(
        (first["phase"].as_str(), first["mailed"].as_u64()),
        (Some("calling"), Some(asked as u64))
    );
    assert_eq!(first["sent"].as_u64(), Some(asked as u64));
    let again = json(&run(&bench, "call_to_crew", &words));
    assert_eq!((again["mailed"].as_u64(), &again["asked"]), (Some(0), &first["asked"]));
    let sent = mails(&bench, "outbox");
    assert_eq!(sent.len(), asked);
    for mail in sent {
        let text = mail.text();
        assert!(
            text.contains("token=") && !text.contains("321") && !text.contains("7654"),
            "{text}"
        );
        assert_eq!(mail.cc()[0].email(), "ops@example.com");
    }
}

#[test]
fn a_charter_that_is_not_confirmed_is_not_called_for() {
    let bench = office();
    let refused = run(&bench, "call_to_crew", &format!("--charter C-2 {DESK}"));
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("charter `C-2` is pending"), "{}", refused.stderr);
    assert!(mails(&bench, "outbox").is_empty());
}

#[test]
fn a_bundled_charter_is_called_for_by_files_alone_whatever_the_environment_says() {
    let bench = Bench::new();
    let environment = [("JADA_SECRETS_DIR", "secrets"), ("JADA_OUTBOX", "outbox")];
    let call = |words: &str| run_example("call_to_crew", words, &bench.path(""), &environment);
    let called = call("--charter JUL-018");
    assert_eq!(called.status, 0, "{}", called.stderr);
    assert!(called.stdout.contains("captain"), "{}", called.stdout);
    assert!(!called.stdout.contains("no longer on the crew"), "{}", called.stdout);
    assert!(!mails(&bench, "fictional-outbox").is_empty());
    assert!(!bench.path("outbox").exists(), "real mails go there");

    for words in ["--via gmail", "--outbox real"] {
        fs::create_dir_all(bench.path("real")).unwrap();
        bench.write("real/via", "gmail");
        let refused = call(&format!("--charter JUL-018 {words}"));
        assert_eq!(refused.status, 1);
        assert!(refused.stderr.contains("mails nobody"), "{}", refused.stderr);
    }
    assert_eq!(fs::read_dir(bench.path("real")).unwrap().count(), 1);
}

#[test]
fn who_is_asked_needs_a_page_to_answer_on() {
    let bench = office();
    let (words, _) = DESK.split_once(" --answers").unwrap();
    let words = format!("{words} --time-zone UTC");
    for (example, more) in [("call_to_crew", "--charter C-1"), ("dispatcher", "--once")] {
        let refused = run(&bench, example, &format!("{more} {words}"));
        assert_eq!(refused.status, 1);
        assert!(refused.stderr.contains("--answers URL"), "{}", refused.stderr);
    }
    assert!(mails(&bench, "outbox").is_empty());
}

#[test]
fn a_page_that_is_not_that_of_answers_is_refused_naming_the_right_one() {
    let bench = office();
    let (words, _) = DESK.split_once(" --answers").unwrap();
    for (page, right) in [
        ("https://crew.example.com/crew", "https://crew.example.com/crew/answer"),
        ("https://crew.example.com/crew/", "https://crew.example.com/crew/answer"),
        ("https://crew.example.com", "https://crew.example.com/crew/answer"),
        ("https://crew.example.com/crew/answer/", "https://crew.example.com/crew/answer"),
        ("https://example.com/sails/crew", "https://example.com/sails/crew/answer"),
    ] {
        let words = format!("{words} --time-zone UTC --answers {page}");
        for (example, more) in [("call_to_crew", "--charter C-1"), ("dispatcher", "--once")] {
            let refused = run(&bench, example, &format!("{more} {words}"));
            assert_eq!(refused.status, 1);
            let said = format!("such as {right}; ");
            assert!(refused.stderr.contains(&said), "{page}: {}", refused.stderr);
        }
    }
    assert!(mails(&bench, "outbox").is_empty());
}

#[test]
fn a_call_for_which_nobody_is_left_is_shown_and_ends_with_the_reason() {
    let bench = office_without_crew(CHARTERS);
    let ended = run(&bench, "call_to_crew", &format!("--charter C-1 {DESK} --json"));
    assert_eq!(ended.status, 1);
    let shown: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(shown["phase"], "exhausted");
    let plan = "call_plan --charter C-1 --db office.db --time-zone America/New_York";
    for part in ["nobody is left to call for C-1", "captain", &format!("`{plan}`")] {
        assert!(ended.stderr.contains(part), "{}", ended.stderr);
    }
    let told = mails(&bench, "outbox").pop().unwrap();
    let assign = "by hand, with everyone else who sails: charter assign C-1 captain=<crew id> \
                  mate=<crew id> --db office.db";
    for part in [plan, assign] {
        assert!(told.text().contains(part), "{}", told.text());
    }
    // As it is advised.
    let (example, words) = plan.split_once(' ').unwrap();
    bench.write("crew.csv", jada_examples::CREW);
    assert_eq!(run(&bench, "crew", "import crew.csv --db office.db").status, 0);
    let planned = run(&bench, example, words);
    assert_eq!(planned.status, 0, "{}", planned.stderr);
}

#[test]
fn a_charter_that_is_not_called_for_says_why() {
    let rows = CHARTERS.to_owned()
        + "C-3,DAY,Jo Lane,0,USD,confirmed,training,Example Sails,,09:00-12:00,\n"
        + &format!("C-4,{},Jo Lane,0,USD,confirmed,charter,Example Sails,,09:00-12:00,\n", day(-9));
    let bench = office_of(&rows);
    for (id, why) in [("C-3", "a training sail"), ("C-4", "has cast off")] {
        let ended = run(&bench, "call_to_crew", &format!("--charter {id} {DESK}"));
        assert_eq!(ended.status, 1);
        assert!(ended.stderr.contains(why), "{}", ended.stderr);
    }
    assert!(mails(&bench, "outbox").is_empty());
}

#[test]
fn a_mail_that_is_kept_back_hides_no_call_and_is_named_by_whom_it_is_to() {
    let bench = office();
    let post = Post::granting(&[SEND]);
    // An answer that is lost, where nothing can be looked up: a person decides.
    post.gmail.fail_next(GmailMethod::MessagesSend, GmailFault::Reset(When::After));
    let outbox = bench.path("outbox");
    assert_eq!(post.send("sail-42", &["--outbox", outbox.to_str().unwrap()]).status, 1);

    let words = format!("--charter C-1 {DESK} --via eml --json");
    let ended = run(&bench, "call_to_crew", &words);
    assert_eq!(ended.status, 1);
    let shown: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert!(shown["sent"].as_u64().unwrap() > 0, "{shown}");
    for part in ["`Morning sail` to ada@example.com", "`outbox resend sail-42`"] {
        assert!(ended.stderr.contains(part), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn a_row_of_the_crew_that_cannot_be_read_is_told_and_the_others_are_asked() {
    let bench = office();
    let client = EmbeddedEngine::open(&bench.path("office.db")).unwrap().client();
    let odd = AttributeValue::S("odd".to_owned());
    let put = client.put_item().table_name("crew-roster").item("crew_id", odd);
    put.item("name", AttributeValue::N("7".to_owned())).send().await.unwrap();
    let ended = run(&bench, "call_to_crew", &format!("--charter C-1 {DESK}"));
    assert_eq!(ended.status, 1);
    assert!(ended.stdout.starts_with("C-1: calling"), "{}", ended.stdout);
    assert!(ended.stderr.contains("row `odd`"), "{}", ended.stderr);
    assert!(!mails(&bench, "outbox").is_empty());
}

#[test]
fn a_folder_of_secrets_that_cannot_be_looked_into_is_not_called_lost() {
    let bench = office();
    let words = format!("--charter C-1 {DESK}");
    assert_eq!(run(&bench, "call_to_crew", &words).status, 0);
    fs::rename(bench.path("secrets"), bench.path("elsewhere")).unwrap();
    bench.write("secrets", "no folder");
    let refused = run(&bench, "call_to_crew", &words);
    assert_eq!(refused.status, 1);
    assert!(!refused.stderr.contains("--lost"), "{}", refused.stderr);
    assert!(refused.stderr.contains("secrets"), "{}", refused.stderr);

    fs::remove_file(bench.path("secrets")).unwrap();
    let lost = run(&bench, "call_to_crew", &words);
    assert!(lost.stderr.contains("--lost"), "{}", lost.stderr);
}

#[test]
fn mails_of_a_store_that_nobody_said_how_to_mail_are_told_to_be_files() {
    let bench = office();
    let words = format!("--charter C-1 {DESK}");
    let called = run(&bench, "call_to_crew", &words);
    assert_eq!(called.status, 0, "{}", called.stderr);
    let left = " left as files in `outbox/eml`, mailed to nobody";
    assert!(called.stdout.contains(left) && !called.stdout.contains(" sent"), "{}", called.stdout);
    let note = "note: the mails are left as files in `outbox/eml`, and mailed to nobody";
    assert!(called.stderr.contains(note), "{}", called.stderr);
    assert!(called.stderr.contains("--via gmail"), "{}", called.stderr);
    let again = run(&bench, "call_to_crew", &words);
    assert_eq!((&*again.stderr, again.stdout.contains("0 sent")), ("", true), "{}", again.stdout);
}

#[test]
fn mails_that_are_meant_to_be_files_are_no_note() {
    let bench = office();
    let called = run(&bench, "call_to_crew", &format!("--charter C-1 {DESK} --via eml"));
    assert_eq!((called.status, &*called.stderr), (0, ""));
    assert!(called.stdout.contains("mailed to nobody"), "{}", called.stdout);
    assert_eq!(run(&bench, "charter", "status C-2 confirmed --db office.db").status, 0);
    let look = run(&bench, "dispatcher", &format!("{DESK} --once"));
    assert_eq!((look.status, &*look.stderr), (0, ""), "it was said before");
}
