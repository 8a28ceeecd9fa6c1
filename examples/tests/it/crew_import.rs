//! `crew import` as an operator runs it: all bad rows at once, and nothing twice.

use serde_json::json;

use crate::crew::{ADA, Desk};
use crate::program::Ended;

#[test]
fn crew_from_a_file_is_listed_and_importing_it_again_changes_nothing() {
    let desk = Desk::new();
    let bundled = concat!(env!("CARGO_MANIFEST_DIR"), "/data/crew.csv");
    let imported = desk.crew(&format!("import {bundled} --json"));
    assert_eq!(imported.stderr, "", "progress is for a terminal");
    assert_eq!(imported.summary()["added"].as_array().unwrap().len(), 12);
    let before = desk.listed();
    assert_eq!(before.len(), 12);
    let again = desk.crew(&format!("import {bundled}")).stdout;
    assert_eq!(again, "0 added, 0 updated, 12 unchanged, 0 refused, 0 skipped\n");
    assert_eq!(desk.listed(), before);

    let table = desk.crew("list").stdout;
    assert_eq!(table.lines().count(), 13);
    let grace = table.lines().find(|line| line.starts_with("Grace Tiller")).unwrap();
    let words: Vec<&str> = grace.split_whitespace().collect();
    assert_eq!(words[2..6], ["crew", "3", "+15550100107", "grace.tiller@example.com"]);
    let header = table.lines().next().unwrap();
    assert_eq!(header.find("e-mail"), grace.find("grace.tiller"));
}

#[test]
fn a_terminal_shows_how_far_a_long_import_is() {
    let desk = Desk::new();
    let rows =
        (0..300).map(|n| format!("Crew {n},+1555010{n:04},c{n}@example.com,crew,{}\n", n % 9 + 1));
    desk.write("c.csv", &(HEADER.to_owned() + &rows.collect::<String>()));
    let ended = Ended::on_terminal(desk.command("crew").args(["import", "c.csv"]));
    assert!(ended.stdout.starts_with("300 added"), "{}", ended.stderr);
    assert!(ended.stderr.contains("importing crew [█"), "{}", ended.stderr);
    assert_eq!(ended.last_on_terminal(), "", "the bar is gone: {:?}", ended.stderr);
}

#[test]
fn one_bad_row_and_nothing_is_imported() {
    let desk = Desk::new();
    let bad = "Cy,5550100103,cy@example.com,crew,3\nDi,+15550100104,bo@example.com,crew,0\n";
    desk.write("c.csv", &format!("{HEADER}{BO}{bad}"));
    let run = desk.crew("import c.csv");
    assert!(run.error().contains("3 rows cannot be read; nothing was imported"), "{}", run.stderr);
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(lines.len(), 4, "{}", run.stderr);
    let shared = "c.csv:2:23: e-mail address `bo@example.com` stands in line 4 too";
    assert_eq!(lines[0], shared);
    assert!(lines[1].starts_with("c.csv:3:4: phone `5550100103` is not valid"), "{}", lines[1]);
    assert!(lines[2].contains("c.csv:4:37: cascade level `0` is not valid"), "{}", lines[2]);
    assert!(!desk.0.path().join("crew.db").exists(), "the store was not touched");

    desk.write("c.csv", &format!("shoe,{HEADER}41,{BO}42,{}", bad.lines().next().unwrap()));
    let run = desk.crew("import c.csv --skip-bad --json");
    let summary = run.summary();
    assert_eq!(summary["added"].as_array().unwrap().len(), 1);
    assert_eq!(summary["not_imported"], json!(["shoe"]));
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(lines[0], "note: column `shoe` is not imported");
    assert_eq!(json!([lines[1]]), summary["skipped"]);
}

#[test]
fn a_row_that_disagrees_with_the_store_is_refused_until_that_is_asked_for() {
    let (desk, _) = Desk::with_ada();
    desk.write("c.csv", &format!("{HEADER}Ada Lake,{},{},mate,1\n{BO}", ADA[1], ADA[2]));
    let refused = desk.crew("import c.csv --json");
    assert_eq!(refused.status, 1);
    let lines: Vec<&str> = refused.stderr.lines().collect();
    assert_eq!(
        lines[0],
        "c.csv:2: crew member `ada` has this e-mail address already: name `Ada Marsh` or \
         `Ada Lake`, role `captain` or `mate`"
    );
    assert!(lines[1].contains("rows that disagree with what is stored: 1;"), "{}", lines[1]);
    assert_eq!(desk.listed().len(), 2, "the other row is imported");
    let updated = desk.crew("import c.csv --update").stdout;
    assert_eq!(updated, "0 added, 1 updated, 1 unchanged, 0 refused, 0 skipped\n");
    assert_eq!(desk.crew("show ada --json").summary()["name"], "Ada Lake");
}

const HEADER: &str = "name,phone,email,role,cascade_level\n";
const BO: &str = "Bo Field,+15550100102,bo@example.com,mate,2\n";
