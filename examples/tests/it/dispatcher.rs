//! `dispatcher` as an operator runs it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use aws_sdk_dynamodb::types::AttributeValue;
use jada_roster::EmbeddedEngine;
use serde_json::Value;

use crate::gate::Gate;
use crate::office::{
    CALLS, CHARTERS, DESK, day, json, mails, office, office_of, office_without_crew, run,
};
use crate::post::Post;
use crate::program::{Bench, Ended, command, terminate};

/// A dispatcher that runs, and tells what it does line by line.
struct Dispatcher {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Dispatcher {
    fn start(bench: &Bench, words: &str) -> Self {
        Self::start_with(bench, words, &[("JADA_SECRETS_DIR", "secrets")])
    }

    fn start_with(bench: &Bench, words: &str, environment: &[(&str, &str)]) -> Self {
        let mut command = command("dispatcher", &bench.path(""), environment);
        let stderr = File::create(bench.path("stderr")).unwrap();
        command.args(words.split_whitespace()).stdout(Stdio::piped()).stderr(stderr);
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdout }
    }

    /// What the next look has done of which that holds.
    fn look(&mut self, holds: impl Fn(&Value) -> bool) -> Value {
        loop {
            let mut line = String::new();
            assert!(self.stdout.read_line(&mut line).unwrap() > 0, "it has ended");
            let look: Value = serde_json::from_str(&line).unwrap();
            if holds(&look) {
                return look;
            }
        }
    }

    /// How many mails the next look in which there were some has queued.
    fn mailed(&mut self) -> u64 {
        let look = self.look(|look| look["mailed"].as_u64() > Some(0));
        look["mailed"].as_u64().unwrap()
    }

    fn stop(mut self) -> i32 {
        terminate(&self.child);
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Dispatcher {
    fn drop(&mut self) {
        // It has ended by itself in tests that hold.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn dispatchers_at_once_call_everyone_once_and_say_how_they_do() {
    let bench = office();
    let once =
        |state: &str| run(&bench, "dispatcher", &format!("{DESK} --once --json --state {state}"));
    let looks = std::thread::scope(|scope| {
        let two = ["a", "b"].map(|state| scope.spawn(move || once(state)));
        two.map(|look| look.join().unwrap())
    });
    for look in &looks {
        assert_eq!(look.status, 0, "{}", look.stderr);
    }
    let shown = json(&run(&bench, "call_to_crew", &format!("--charter C-1 {DESK} --json")));
    let asked = shown["asked"].as_array().unwrap().len();
    assert!(asked > 0);
    assert_eq!(mails(&bench, "outbox").len(), asked);
    let check = run(&bench, "dispatcher", &format!("{DESK} --check --state a"));
    assert_eq!(check.status, 0, "{}", check.stderr);
}

#[test]
fn a_look_tells_of_mails_that_it_leaves_as_files() {
    let bench = office();
    let look = run(&bench, "dispatcher", &format!("{DESK} --once --state state"));
    assert_eq!(look.status, 0, "{}", look.stderr);
    let note = "left as files in `outbox/eml`, and mailed to nobody";
    assert_eq!(look.stderr.matches(note).count(), 1, "{}", look.stderr);
    assert!(look.stdout.contains("left as files in `outbox/eml`"), "{}", look.stdout);
    let journal = fs::read_to_string(bench.path("state/journal.jsonl")).unwrap();
    let entry: Value = serde_json::from_str(journal.lines().next().unwrap()).unwrap();
    assert_eq!(entry["report"]["left_in"], "outbox/eml");
}

#[test]
fn each_charter_without_anybody_alerts_once_and_the_look_is_shown_and_recorded() {
    let bench = office_without_crew(CHARTERS);
    let look = || run(&bench, "dispatcher", &format!("{DESK} --once --json --state state"));
    let alerts =
        |ended: &Ended| ended.stderr.lines().filter(|it| it.starts_with("alert: ")).count();
    let first = look();
    assert_eq!((first.status, alerts(&first)), (1, 1), "{}", first.stderr);
    assert!(first.stderr.contains("nobody is left to call for C-1"), "{}", first.stderr);
    let shown: Value = serde_json::from_str(&first.stdout).unwrap();
    assert_eq!(shown["sent"], 1);
    let again = look();
    assert_eq!((again.status, alerts(&again)), (1, 0), "{}", again.stderr);

    assert_eq!(run(&bench, "charter", "status C-2 confirmed --db office.db").status, 0);
    let second = look();
    assert_eq!((second.status, alerts(&second)), (1, 1), "{}", second.stderr);
    for id in ["C-1", "C-2"] {
        let told = format!("nobody is left to call for {id}");
        assert!(second.stderr.contains(&told), "{}", second.stderr);
    }
    assert_eq!(alerts(&look()), 0);
    assert_eq!(mails(&bench, "outbox").len(), 2, "operations are told once of each");
    let journal = fs::read_to_string(bench.path("state/journal.jsonl")).unwrap();
    let entry: Value = serde_json::from_str(journal.lines().next().unwrap()).unwrap();
    assert_eq!((&entry["report"]["sent"], entry["failure"].is_object()), (&1.into(), true));
    let check = run(&bench, "dispatcher", "--check --state state");
    assert_eq!(check.status, 1, "{}", check.stderr);
}

#[test]
fn what_casts_off_unfilled_is_told_once_and_is_no_recovery() {
    let today = CHARTERS.replace("DAY", &day(0)).replace("09:00-12:00", "12:00-13:00");
    let bench = office_without_crew(&today);
    let look = |zone: &str| {
        run(&bench, "dispatcher", &format!("{CALLS} --time-zone {zone} --once --state state"))
    };
    // It is yet to come in the far west, and over in the far east.
    let left = look("Etc/GMT+12");
    assert!(left.stderr.contains("nobody is left to call for C-1"), "{}", left.stderr);
    let over = look("Pacific/Kiritimati");
    assert_eq!(over.status, 1, "{}", over.stderr);
    assert!(over.stderr.contains("C-1 has cast off unfilled"), "{}", over.stderr);
    assert!(over.stderr.contains("alert: "), "{}", over.stderr);
    let after = look("Pacific/Kiritimati");
    assert_eq!((after.status, &*after.stderr), (0, ""), "nothing is good again");
    let journal = fs::read_to_string(bench.path("state/journal.jsonl")).unwrap();
    assert!(journal.lines().nth(1).unwrap().contains("has cast off unfilled"), "{journal}");
}

#[test]
fn what_cannot_be_opened_is_on_record() {
    let bench = office();
    let words = format!("{DESK} --state state");
    let once = || run(&bench, "dispatcher", &format!("{words} --once"));
    let check = || run(&bench, "dispatcher", "--check --state state").status;
    assert_eq!((once().status, check()), (0, 0));
    for (name, told) in [("secrets/link_peppers.json", "--lost"), ("office.db", "does not exist")] {
        fs::rename(bench.path(name), bench.path("moved")).unwrap();
        let failed = once();
        assert_eq!((failed.status, check()), (1, 1), "{}", failed.stderr);
        assert!(failed.stderr.contains("alert: "), "{}", failed.stderr);
        assert!(failed.stderr.contains(told), "{}", failed.stderr);
        fs::rename(bench.path("moved"), bench.path(name)).unwrap();
        assert_eq!((once().status, check()), (0, 0));
    }
    let journal = fs::read_to_string(bench.path("state/journal.jsonl")).unwrap();
    assert_eq!(journal.lines().count(), 5);
}

#[tokio::test]
async fn a_row_of_the_crew_that_cannot_be_read_is_told_at_every_look_until_it_can() {
    let bench = office();
    let once = || run(&bench, "dispatcher", &format!("{DESK} --once --state state"));
    let client = EmbeddedEngine::open(&bench.path("office.db")).unwrap().client();
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let put = client.put_item().table_name("crew-roster").item("crew_id", text("odd"));
    put.item("name", AttributeValue::N("7".to_owned())).send().await.unwrap();
    for _ in 0..3 {
        let look = once();
        assert_eq!(look.status, 1, "{}", look.stderr);
        assert!(look.stderr.contains("row `odd`"), "{}", look.stderr);
    }
    assert!(!mails(&bench, "outbox").is_empty(), "the others are asked");
    let delete = client.delete_item().table_name("crew-roster").key("crew_id", text("odd"));
    delete.send().await.unwrap();
    let look = once();
    assert_eq!(look.status, 0, "{}", look.stderr);
}

#[test]
fn a_charter_of_another_harbour_is_not_called_for_by_the_clocks_of_this_one() {
    let bench = office_of(&CHARTERS.replace("09:00-12:00,", "09:00-12:00,Pier1"));
    let look = |harbour: &str| {
        run(&bench, "dispatcher", &format!("{DESK} --harbour {harbour} --once --state state"))
    };
    let refused = look("Pier2");
    assert_eq!(refused.status, 1);
    for part in ["charter `C-1`", "`Pier1`", "`Pier2`"] {
        assert!(refused.stderr.contains(part), "{}", refused.stderr);
    }
    assert!(mails(&bench, "outbox").is_empty());
    assert_eq!(look("Pier1").status, 0);
    assert!(!mails(&bench, "outbox").is_empty());
}

#[test]
fn a_signal_while_gmail_sends_cuts_no_mail_off_and_is_no_failure() {
    let (bench, post) = (office(), Post::new());
    let gate = Gate::before(&post.gmail.endpoint(), "/drafts/send");
    let endpoint = gate.endpoint();
    let environment =
        [("JADA_SECRETS_DIR", post.secrets.folder()), ("JADA_GOOGLE_ENDPOINT", &*endpoint)];
    let words = format!("{DESK} --via gmail --every 1h --json --state state");
    let dispatcher = Dispatcher::start_with(&bench, &words, &environment);
    gate.wait();
    terminate(&dispatcher.child);
    gate.open();
    let status = dispatcher.stop();
    let stderr = fs::read_to_string(bench.path("stderr")).unwrap();
    assert_eq!((status, &*stderr), (0, ""));
    assert!(!post.gmail.sent().is_empty());
    let sending = fs::read_dir(bench.path("outbox/sending")).unwrap().count();
    assert_eq!((sending, post.gmail.drafts().len()), (0, 0));
    let journal = fs::read_to_string(bench.path("state/journal.jsonl")).unwrap();
    assert!(!journal.contains("failure"), "{journal}");
}

#[test]
fn a_dispatcher_that_follows_the_stream_calls_as_soon_as_a_charter_is_confirmed() {
    let bench = office();
    let words = format!("{DESK} --streams --every 1h --poll 1h --json --state state");
    let mut dispatcher = Dispatcher::start(&bench, &words);
    let first = dispatcher.mailed();
    let confirmed = run(&bench, "charter", "status C-2 confirmed --db office.db");
    assert_eq!(confirmed.status, 0, "{}", confirmed.stderr);
    assert_eq!(dispatcher.mailed(), first, "the same crew, for another time of that day");
    assert_eq!(dispatcher.stop(), 0);

    // Whoever comes next need not wait for the share of the one that was stopped.
    let mut next = Dispatcher::start(&bench, &words);
    let cancelled = run(&bench, "charter", "status C-2 cancelled --db office.db");
    assert_eq!(cancelled.status, 0, "{}", cancelled.stderr);
    assert_eq!(next.mailed(), first);
    assert_eq!(next.stop(), 0);
    let off =
        mails(&bench, "outbox").iter().filter(|mail| mail.subject().contains("Called off")).count();
    assert_eq!(off as u64, first);
}

#[test]
fn a_charter_that_cannot_be_called_for_is_told_at_every_look_until_it_is_mended() {
    let bench = office_of(&CHARTERS.replace("09:00-12:00", "at nine"));
    let words = format!("{DESK} --once --state state");
    for _ in 0..2 {
        let look = run(&bench, "dispatcher", &words);
        assert_eq!(look.status, 1, "{}", look.stderr);
        assert!(look.stderr.contains("charter `C-1`"), "{}", look.stderr);
        assert!(look.stderr.contains("at nine"), "{}", look.stderr);
    }
    assert!(mails(&bench, "outbox").is_empty());
}
