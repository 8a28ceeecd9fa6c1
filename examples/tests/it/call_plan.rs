//! `call_plan` as an operator runs it, on what is bundled and on a database of their own.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use jada_roster::EmbeddedEngine;
use serde_json::{Value, json};

use crate::program::{Bench, Ended, run_example};

const CHARTERS: &str = "\
charter_id,date,guest,total,currency,status,kind,brand,notes,hours,harbour
C-1,2026-06-07,Ann Rivers,100,USD,confirmed,charter,Example Sails,,09:00-12:00,Pier 2
C-2,2026-06-07,Bo Field,100,USD,pending,charter,Example Sails,,13:00-17:00,Pier 2
C-3,2026-06-08,Cy Meadow,100,USD,confirmed,charter,Example Sails,,soon,
C-5,2026-06-07,Ed Moor,100,USD,confirmed,charter,Example Sails,,11:00-15:00,Pier 2
C-4,2026-06-09,Di Brook,100,USD,confirmed,training,Example Sails,,,
";

/// A folder with a database of these charters and of the bundled crew.
fn office() -> Bench {
    let bench = Bench::new();
    bench.write("charters.csv", CHARTERS);
    bench.write("crew.csv", jada_examples::CREW);
    let environment = [("JADA_DB", "office.db"), ("JADA_SECRETS_DIR", "secrets")];
    let stated = bench.run_with("--charters charters.csv --month 2026-06", &environment);
    assert_eq!(stated.status, 0, "{}", stated.stderr);
    let folder = bench.path("");
    let imported = run_example("crew", "import crew.csv", &folder, &environment);
    assert_eq!(imported.status, 0, "{}", imported.stderr);
    bench
}

/// Assigns a member of the office to a charter, by their name.
fn assign(bench: &Bench, charter: &str, berth: &str, name: &str) {
    let run = |example, words: &str| run_example(example, words, &bench.path(""), &[]);
    let crew = run("crew", "list --db office.db --json");
    let mut members = crew.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let member = members.find(|member| member["name"] == name).unwrap();
    let words = format!("assign {charter} {berth}={} --db office.db", text(&member["crew_id"]));
    let assigned = run("charter", &words);
    assert_eq!(assigned.status, 0, "{}", assigned.stderr);
}

fn call(bench: &Bench, words: &str) -> Ended {
    run_example("call_plan", words, &bench.path(""), &[])
}

/// The waves of a plan, as `2026-06-05T12:00:00+00:00 captain 1: Ada Marsh, Bruno Keel`.
fn waves(plan: &Value) -> Vec<String> {
    let wave = |wave: &Value| {
        let names: Vec<_> = members(wave).map(|member| text(&member["name"])).collect();
        let (opens, berth) = (text(&wave["opens_at"]), text(&wave["berth"]));
        format!("{opens} {berth} {}: {}", wave["cascade_level"], names.join(", "))
    };
    plan["waves"].as_array().unwrap().iter().map(wave).collect()
}

fn members(wave: &Value) -> impl Iterator<Item = &Value> {
    wave["members"].as_array().unwrap().iter()
}

/// Why somebody is not called, by their name.
fn reason<'a>(plan: &'a Value, name: &str) -> &'a str {
    let mut not_called = plan["not_called"].as_array().unwrap().iter();
    text(&not_called.find(|not| not["name"] == name).unwrap()["reason"])
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn a_bundled_charter_is_planned_for_with_a_fictional_crew() {
    let bench = Bench::new();
    let shown = call(&bench, "--charter JUL-018");
    assert_eq!((shown.status, shown.stderr.as_str()), (0, ""));
    let lines: Vec<Vec<&str>> =
        shown.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0].join(" "), "JUL-018 2026-07-13, hours not known, UTC, quiet 21:00-07:00");
    let ada = "Thu 2026-07-09 12:00 captain 1 Ada Marsh yes ada.marsh@example.com";
    assert_eq!(lines[4].join(" "), ada);
    let chiara = "Thu 2026-07-09 14:00 captain 2 Chiara Sound maybe chiara.sound@example.com";
    assert_eq!(lines[5].join(" "), chiara);
    assert!(
        shown
            .stdout
            .contains("Bruno Keel                captain         1  is not free on that day")
    );

    let plan = call(&bench, "--charter JUL-018 --json").summary();
    let called = plan["waves"].as_array().unwrap().iter().flat_map(members);
    let everyone = called.chain(plan["not_called"].as_array().unwrap());
    let ids: Vec<_> = everyone.map(|member| text(&member["crew_id"])).collect();
    assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (12, 12));
    assert_eq!(bench.names(), [""; 0], "nothing is kept");
}

#[test]
fn a_stored_charter_is_planned_for_by_the_rules_and_the_clocks_that_are_named() {
    let bench = office();
    let by = "--db office.db --time-zone America/New_York --at 2026-06-06T02:30:00Z --json";
    let plan = call(&bench, &format!("--charter C-1 {by}")).summary();
    let expected = [
        "2026-06-06T07:00:00-04:00 captain 1: Ada Marsh, Bruno Keel",
        "2026-06-06T09:00:00-04:00 captain 2: Chiara Sound",
    ];
    assert_eq!(waves(&plan), expected);
    assert_eq!([&plan["hours"], &plan["harbour"]], [&json!("09:00-12:00"), &json!("Pier 2")]);

    let rules = "--berth captain --berth 2*crew/cook --quiet never --window 45m --at-most 3";
    let plan = call(&bench, &format!("--charter C-1 {by} {rules}")).summary();
    let expected = [
        "2026-06-05T22:30:00-04:00 captain 1: Ada Marsh, Bruno Keel",
        "2026-06-05T23:15:00-04:00 crew 3: Finn O'Shoal, Grace Tiller, Hana Kawa",
        "2026-06-06T00:00:00-04:00 crew 3: Ivo Reef, Jr",
        "2026-06-06T00:45:00-04:00 crew 4: Jun Bay, Kofi Anker",
    ];
    assert_eq!(waves(&plan), expected);
}

#[test]
fn who_is_assigned_fills_a_berth_and_is_away_from_others_at_that_time() {
    let bench = office();
    let plan = || {
        call(
            &bench,
            "--charter C-1 --db office.db --time-zone UTC --at 2026-06-05T12:00:00Z --json",
        )
    };
    assign(&bench, "C-5", "captain", "Ada Marsh");
    assign(&bench, "C-2", "mate", "Bruno Keel");
    let expected = [
        "2026-06-05T12:00:00+00:00 captain 1: Bruno Keel",
        "2026-06-05T14:00:00+00:00 captain 2: Chiara Sound",
    ];
    let away = plan().summary();
    assert_eq!(waves(&away), expected);
    assert_eq!(reason(&away, "Ada Marsh"), "sails on `C-5` at that time");

    assign(&bench, "C-3", "captain", "Ada Marsh");
    let warned = plan();
    let said = "warning: charter `C-3` takes its whole day, since hours `soon` is not valid";
    assert!(warned.status == 0 && warned.stderr.starts_with(said), "{}", warned.stderr);

    assign(&bench, "C-1", "skipper", "Chiara Sound");
    let filled = plan();
    assert_eq!(filled.status, 0);
    let filled: Value = serde_json::from_str(&filled.stdout).unwrap();
    assert_eq!((waves(&filled).len(), text(&filled["verdict"])), (0, "every berth is filled"));
    assert_eq!(reason(&filled, "Chiara Sound"), "sails on it already, as skipper");
    assert_eq!(reason(&filled, "Bruno Keel"), "the berth of captain is filled");
}

#[test]
fn when_a_berth_stays_open_the_plan_is_shown_and_a_person_is_asked() {
    let bench = office();
    let words =
        "--charter C-1 --db office.db --time-zone UTC --at 2026-06-05T09:00:00Z --no-silent --json";
    let ended = call(&bench, &format!("{words} --berth captain --berth 3*deckhand"));
    let plan: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((ended.status, waves(&plan).len()), (1, 0));
    let reasons = plan["not_called"].as_array().unwrap().iter().map(|not| text(&not["reason"]));
    let silent = reasons.filter(|reason| *reason == "has said nothing of that day").count();
    assert_eq!((silent, text(&plan["verdict"])), (3, "there is nobody to call"));
    let said = "error: charter `C-1`: too few can be called: 0 called for 1 open as captain, \
                0 called for 3 open as deckhand; ask others\n";
    assert_eq!(ended.stderr, said);

    let night = call(
        &bench,
        "--charter C-1 --db office.db --time-zone UTC --at 2026-06-07T05:00:00Z --quiet 21:00-09:00",
    );
    assert_eq!(night.status, 1);
    assert!(night.stderr.contains("quiet hours last until it casts off; decide whom to wake"));
}

#[test]
fn a_charter_for_which_nobody_is_called_says_why() {
    let bench = office();
    for (id, at, said) in [
        ("C-2", "2026-06-05T09:00:00Z", "it is pending"),
        ("C-4", "2026-06-05T09:00:00Z", "it is a training sail of the crew"),
        ("C-1", "2026-06-07T09:00:00Z", "it has cast off"),
    ] {
        let ended =
            call(&bench, &format!("--charter {id} --db office.db --time-zone UTC --at {at}"));
        let last = ended.stdout.lines().last().unwrap();
        assert_eq!((ended.status, ended.stderr.as_str()), (0, ""));
        assert!(last.ends_with(&format!("{said}, so nobody is called, of 12 members")), "{last}");
    }
}

#[test]
fn hours_that_cannot_be_read_stop_their_own_charter_and_no_other() {
    let bench = office();
    let theirs = call(&bench, "--charter C-3 --db office.db --time-zone UTC");
    let said = "error: charter `C-3` cannot be planned for: hours `soon` is not valid: expected two \
                times such as 09:00-13:00";
    assert_eq!(theirs.error(), said);
    let other =
        call(&bench, "--charter C-1 --db office.db --time-zone UTC --at 2026-06-05T09:00:00Z");
    assert_eq!((other.status, other.stderr.as_str()), (0, ""), "nobody sails on C-3");
}

#[tokio::test]
async fn a_crew_that_cannot_be_read_stops_plans_for_it_and_for_others_of_its_days() {
    let bench = office();
    let client = EmbeddedEngine::open(&bench.path("office.db")).unwrap().client();
    let row = client.update_item().table_name("crew-dispatch");
    let row = row.key("charter_id", AttributeValue::S("C-5".into()));
    let row = row.update_expression("SET assignments = :names");
    let names = AttributeValue::L(vec![AttributeValue::S("Ada Marsh".into())]);
    row.expression_attribute_values(":names", names).send().await.unwrap();
    drop(client);
    let why = "table `crew-dispatch`, row `C-5`: attribute `assignments` cannot be read: expected a \
               list of maps, each with the texts `crew_id` and `berth`";
    let by = "--db office.db --time-zone UTC --at 2026-06-05T09:00:00Z";
    let theirs = call(&bench, &format!("--charter C-5 {by}"));
    assert_eq!(theirs.error(), format!("error: charter `C-5` cannot be planned for: {why}"));
    let other = call(&bench, &format!("--charter C-1 {by}"));
    assert_eq!(other.error(), format!("error: {why}"), "Ada may be away");
}

#[tokio::test]
async fn a_member_whose_row_cannot_be_read_is_named_and_the_others_are_planned_for() {
    let bench = office();
    let client = EmbeddedEngine::open(&bench.path("office.db")).unwrap().client();
    let row = client.put_item().table_name("crew-roster");
    row.item("crew_id", AttributeValue::S("zoe".into())).send().await.unwrap();
    drop(client);
    let ended = call(
        &bench,
        "--charter C-1 --db office.db --time-zone UTC --at 2026-06-05T09:00:00Z --json",
    );
    let plan: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((ended.status, waves(&plan).len()), (1, 2));
    assert!(ended.stderr.contains("table `crew-roster`, row `zoe`"), "{}", ended.stderr);
    let last = "error: rows that cannot be read: 1; mend them, and plan again";
    assert_eq!(ended.stderr.lines().last(), Some(last));
}

#[test]
fn what_is_wrong_is_told_with_what_mends_it() {
    let bench = office();
    for (words, said) in [
        ("", "--charter <ID>"),
        ("--charter C-9", "there is no charter `C-9`; confirmed are, among others, "),
        ("--charter C-9 --db office.db", "there is no charter `C-9`; "),
        (
            "--charter C-1 --db none.db",
            "`monthly_statement --charters FILE --db none.db` creates it",
        ),
        (
            "--charter C-1 --db office.db --time-zone UTC --harbour Pier-3",
            "from `Pier 2` and not from `Pier-3`",
        ),
        ("--charter C-1 --db office.db", "--time-zone names them, such as America/New_York"),
        ("--charter C-1 --quiet 21:00", "quiet hours `21:00`"),
        ("--charter C-1 --berth 0*crew", "berth `0*crew`"),
        ("--charter C-1 --time-zone Nowhere", "Nowhere"),
        ("--charter C-1 --db office.db --time-zone UTC --window 8d", "--window"),
        ("--charter C-1 --db office.db --time-zone UTC --window 200h", "a minute to a week"),
        (
            "--charter C-1 --db office.db --time-zone UTC --berth crew --berth 2*crew",
            "each role once",
        ),
    ] {
        let ended = call(&bench, words);
        assert!(ended.error().contains(said), "{words}: {}", ended.stderr);
    }
    let alone = Bench::new();
    alone.write("charters.csv", CHARTERS);
    let stated = alone.run("--charters charters.csv --month 2026-06 --db office.db");
    assert_eq!(stated.status, 0, "{}", stated.stderr);
    let said = "table `crew-roster` does not exist; add_crew or `crew import` creates it";
    assert!(call(&alone, "--charter C-1 --db office.db --time-zone UTC").error().ends_with(said));
}
