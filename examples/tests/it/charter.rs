//! `charter` as an operator runs it, on a database file with a fictional year and crew.

use std::process::Command;

use aws_sdk_dynamodb::types::AttributeValue;
use jada_examples::CHARTERS;
use jada_roster::{
    CrewId, CrewMember, DynamoCharters, DynamoRoster, EmbeddedEngine, Format, OnConflict,
    PersonName, Reading, Role, RosterRepository, import,
};
use serde_json::{Value, json};

use crate::program::{Ended, command, run_example};

/// A folder with a database file, in which the bundled year is, and Ada and Bo.
struct Office(tempfile::TempDir);

impl Office {
    async fn new() -> Self {
        let office = Self(tempfile::tempdir().unwrap());
        let client = office.engine().client();
        let charters = DynamoCharters::new(client.clone());
        charters.ensure_table().await.unwrap();
        let year = Reading::of("bundled charters", CHARTERS.as_bytes(), Format::Csv).unwrap();
        let year = year.complete(OnConflict::Refuse).unwrap();
        import(&charters, year, OnConflict::Refuse).await.unwrap();
        let roster = DynamoRoster::new(client);
        roster.ensure_tables().await.unwrap();
        for (id, digit) in [("ada", 1), ("bo", 2)] {
            let member = CrewMember::new(
                CrewId::new(id).unwrap(),
                PersonName::new(id).unwrap(),
                format!("+1555010000{digit}").parse().unwrap(),
                format!("{id}@example.com").parse().unwrap(),
                Role::Captain,
            );
            roster.add(&member).await.unwrap();
        }
        office
    }

    fn engine(&self) -> EmbeddedEngine {
        EmbeddedEngine::open(&self.0.path().join("office.db")).unwrap()
    }

    fn command(&self) -> Command {
        command("charter", self.0.path(), &[("JADA_DB", "office.db")])
    }

    fn run(&self, words: &str) -> Ended {
        Ended::of(self.command().args(words.split_whitespace()))
    }

    fn say(&self, id: &str, text: &str, words: &str) -> Ended {
        Ended::of(self.command().args(["say", id, text]).args(words.split_whitespace()))
    }

    fn thread(&self, words: &str) -> Vec<Value> {
        let thread = self.run(&format!("thread MAY-002 --json {words}"));
        assert_eq!((thread.status, thread.stderr.as_str()), (0, ""));
        thread.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

#[test]
fn a_charter_of_the_bundled_year_is_shown_without_any_store() {
    let folder = tempfile::tempdir().unwrap();
    let shown = run_example("charter", "show JAN-010", folder.path(), &[]);
    assert_eq!((shown.status, shown.stderr.as_str()), (0, ""));
    let expected = "\
JAN-010, 2026-01-26, training, confirmed
  total     not agreed
  brand     Harbor Lights
  notes     Man-overboard drill, crew only
  boat      Isla
  crew      nobody yet
";
    assert_eq!(shown.stdout, expected);
    let page = run_example("charter", "show JAN-009 --json", folder.path(), &[]).summary();
    assert_eq!((&page["total"], &page["currency"]), (&json!("1162.34"), &json!("USD")));
    assert_eq!(page["assignments"], json!([]));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");

    let missing = run_example("charter", "show JAN-999", folder.path(), &[]);
    assert_eq!(missing.error(), "error: there is no charter `JAN-999`");
    let nowhere =
        "error: it was not said where the charters are kept; --db FILE or --dynamodb says it";
    for words in
        ["status JAN-009 confirmed", "assign JAN-009 --nobody", "say JAN-009 hi", "thread JAN-009"]
    {
        let refused = run_example("charter", words, folder.path(), &[]);
        assert_eq!(refused.error(), nowhere, "{words}");
    }
    let gone = run_example("charter", "show JAN-009 --db none.db", folder.path(), &[]);
    let creates = "error: database `none.db` does not exist; `monthly_statement --charters FILE \
                   --db none.db` creates it";
    assert_eq!(gone.error(), creates);
}

#[tokio::test]
async fn a_booking_takes_the_steps_that_there_are() {
    let office = Office::new().await;
    let confirmed = office.run("status MAY-002 confirmed --json").summary();
    assert_eq!((&confirmed["status"], &confirmed["version"]), (&json!("confirmed"), &json!(2)));
    let refused = office.run("status MAY-002 confirmed");
    let stays = "error: charter `MAY-002` is confirmed, and does not become confirmed";
    assert_eq!(refused.error(), stays);
    let refused = office.run("status MAY-001 pending");
    let no_step = "error: charter `MAY-001` is completed, and does not become pending";
    assert_eq!(refused.error(), no_step);
    assert_eq!(office.run("show MAY-002 --json").summary(), confirmed);
    assert!(office.run("status MAY-002 booked").error().contains("one of pending, confirmed"));
}

#[tokio::test]
async fn a_crew_is_assigned_of_those_who_are_on_it() {
    let office = Office::new().await;
    let assigned = office.run("assign MAY-002 captain=ada mate=bo --json").summary();
    let crew = json!([
        {"berth": "captain", "crew_id": "ada"},
        {"berth": "mate", "crew_id": "bo"},
    ]);
    assert_eq!(assigned["assignments"], crew);
    let shown = office.run("show MAY-002").stdout;
    assert!(shown.ends_with("  crew      captain: ada\n            mate: bo\n"), "{shown}");
    for (words, said) in [
        ("captain=ada mate=cy", "error: there is no crew member `cy`"),
        ("captain=ada mate=ada", "error: assignment `ada` is not valid: expected each member once"),
        ("ada", "such as captain=ada"),
        ("=ada", "role ``"),
        ("", "BERTH=CREW"),
    ] {
        let refused = office.run(&format!("assign MAY-002 {words}"));
        assert!(refused.error().contains(said), "{words}: {}", refused.stderr);
    }
    assert_eq!(office.run("show MAY-002 --json").summary(), assigned);
    let nobody = office.run("assign MAY-002 --nobody --json").summary();
    assert_eq!(nobody["assignments"], json!([]));
}

#[tokio::test]
async fn a_crew_that_cannot_be_read_is_shown_so_and_stays_as_it_is() {
    let office = Office::new().await;
    let client = office.engine().client();
    let names = AttributeValue::L(vec![AttributeValue::S("Ada Marsh".into())]);
    let row = || AttributeValue::S("MAY-002".into());
    let update = client.update_item().table_name("crew-dispatch").key("charter_id", row());
    let update = update.update_expression("SET assignments = :names");
    update.expression_attribute_values(":names", names.clone()).send().await.unwrap();
    drop(client);

    let why = "table `crew-dispatch`, row `MAY-002`: attribute `assignments` cannot be read: \
               expected a list of maps, each with the texts `crew_id` and `berth`";
    let shown = office.run("show MAY-002");
    assert_eq!((shown.status, shown.stderr.as_str()), (0, ""));
    assert!(shown.stdout.ends_with(&format!("  crew      {why}\n")), "{}", shown.stdout);
    let page = office.run("status MAY-002 confirmed --json").summary();
    assert_eq!([&page["status"], &page["crew_unread"]], [&json!("confirmed"), &json!(why)]);
    assert_eq!(page["assignments"], json!(null), "not nobody");
    for words in ["assign MAY-002 captain=ada", "assign MAY-002 --nobody"] {
        assert_eq!(office.run(words).error(), format!("error: {why}"), "{words}");
    }
    let client = office.engine().client();
    let stored = client.get_item().table_name("crew-dispatch").key("charter_id", row());
    assert_eq!(stored.send().await.unwrap().item.unwrap()["assignments"], names);
}

#[tokio::test]
async fn a_thread_holds_what_was_said_once() {
    let office = Office::new().await;
    assert!(office.thread("").is_empty());
    let at = "--at 2026-05-03T09:00:00Z";
    for _ in 0..2 {
        let said = office.say("MAY-002", "Dock 4\nat nine", &format!("{at} --message-id mail-17"));
        assert_eq!(said.stdout, "2026-05-03T09:00:00Z  operations: Dock 4\n  at nine\n");
        assert_eq!((said.status, said.stderr.as_str()), (0, ""));
    }
    let later = office.say("MAY-002", "Aye", "--author crew:ada --at 2026-05-03T09:05:00Z --json");
    let later = later.summary();
    assert_eq!(later["author"], "crew:ada");
    let thread = office.thread("");
    let first = json!({
        "charter_id": "MAY-002", "time": "2026-05-03T09:00:00Z", "message_id": "mail-17",
        "author": "operations", "text": "Dock 4\nat nine",
    });
    assert_eq!(thread, [first, later.clone()]);
    assert_eq!(office.thread("--since 2026-05-03T09:00:01Z"), [later]);

    for (text, words, said) in [
        ("other", format!("{at} --message-id mail-17"), "message id `mail-17` is not valid"),
        (" ", String::new(), "1 to 4,000 characters"),
        ("hi", "--author ada".to_owned(), "operations, guest, system, or crew:"),
        ("hi", "--message-id mail-17".to_owned(), "--at <INSTANT>"),
        ("hi", "--at noon".to_owned(), "--at"),
    ] {
        let refused = office.say("MAY-002", text, &words);
        assert!(refused.error().contains(said), "{words}: {}", refused.stderr);
    }
    let nowhere = office.say("MAY-999", "hi", "");
    assert_eq!(nowhere.error(), "error: there is no charter `MAY-999`");
    assert_eq!(office.thread("").len(), 2);
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_named_and_the_rest_is_shown() {
    let office = Office::new().await;
    assert_eq!(office.say("MAY-002", "Ahoy", "").status, 0);
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let row = [("charter_id", "MAY-002"), ("time", "noon"), ("author", "guest"), ("text", "hi")];
    let row = row.map(|(name, value)| (name.to_owned(), text(value))).into();
    let put = office.engine().client().put_item().table_name("charter-chats").set_item(Some(row));
    put.send().await.unwrap();
    let thread = office.run("thread MAY-002");
    assert_eq!(thread.status, 1);
    assert!(thread.stdout.ends_with("operations: Ahoy\n"), "{}", thread.stdout);
    let lines: Vec<&str> = thread.stderr.lines().collect();
    assert!(lines[0].contains("row `MAY-002 noon`: attribute `time` cannot be read"), "{lines:?}");
    assert_eq!(lines[1], "error: messages that cannot be read: 1; mend them");
}
