//! Rows whose booking is gone: which they are, and that no other is told or cleared.

use std::fs;

use serde_json::{Value, json};

use super::{ANN, BO, HEADER, Office, TAB};
use crate::program::{Ended, command};

const CY: &str = "C-3,2025-05-09,Cy Lane,800.00,USD,confirmed,charter,Harbor,";
const DI: &str = "C-4,2026-05-11,Di Moor,900.00,USD,confirmed,charter,Harbor,";

impl Office {
    /// Brings these bookings into a database.
    fn import(&self, db: &str, rows: &[&str]) {
        self.write("import.csv", &[&[HEADER], rows].concat().join("\n"));
        let words = format!("--charters import.csv --db {db} --month 2026-05 --out out");
        let mut imports = command("monthly_statement", self.folder.path(), &[]);
        let ended = Ended::of(imports.args(words.split_whitespace()));
        assert_eq!(ended.status, 0, "{}", ended.stderr);
    }

    fn sync_db(&self, words: &str) -> Ended {
        Ended::of(&mut self.command(&format!("--sheet book --tab {TAB} --db charters.db {words}")))
    }

    fn last_report(&self) -> Value {
        let journal = fs::read_to_string(self.path("sheet-sync/journal.jsonl")).unwrap();
        serde_json::from_str::<Value>(journal.lines().last().unwrap()).unwrap()["report"].take()
    }
}

#[test]
fn months_of_a_file_are_synced_alone_and_only_a_booking_that_is_gone_is_told_or_pruned() {
    let office = Office::open();
    assert_eq!(office.sync("").status, 0);
    let ended = office.sync("--month 2026-05 --month 2026-07");
    assert_eq!((ended.status, &*ended.stdout), (0, "0 added, 0 changed, 1 unchanged, 0 removed\n"));
    assert_eq!(office.last_report(), json!({ "unchanged": 1, "cells": 0, "requests": 1 }));

    office.write("charters.csv", &[HEADER, ANN].join("\n"));
    let told = "0 added, 0 changed, 1 unchanged, 0 removed, 1 in the tab alone: C-2\n";
    assert_eq!(office.sync("--month 2026-05").stdout, told);
    assert_eq!(office.last_report()["vanished"], json!({ "count": 1, "first": ["C-2"] }));
    let report = office.sync("--month 2026-05 --prune --json").summary();
    assert_eq!((&report["removed"], &report["vanished"]), (&json!(["C-2"]), &json!([])));
    assert_eq!(office.shown().len(), 2);
}

#[test]
fn a_file_without_a_booking_clears_nothing() {
    let office = Office::open();
    assert_eq!(office.sync("").status, 0);
    let before = office.shown();
    office.write("charters.csv", HEADER);
    let ended = office.sync("--prune");
    assert!(ended.error().contains("--prune would clear the whole tab"), "{}", ended.stderr);
    assert_eq!(office.shown(), before);
}

#[test]
fn of_a_database_only_the_row_of_a_booking_that_is_gone_is_cleared() {
    let office = Office::open();
    office.import("charters.db", &[ANN, BO, CY]);
    // The tab has another month, another year, and one booking more, which was deleted since.
    office.write("charters.csv", &[HEADER, ANN, BO, CY, DI].join("\n"));
    assert_eq!(office.sync("").status, 0);
    let before = office.shown();

    let ended = office.sync_db("--month 2026-05");
    let told = "0 added, 0 changed, 1 unchanged, 0 removed, 1 in the tab alone: C-4\n";
    assert_eq!((ended.status, &*ended.stdout), (0, told), "{}", ended.stderr);
    let report = office.sync_db("--month 2026-05 --prune --json").summary();
    assert_eq!((&report["removed"], &report["vanished"]), (&json!(["C-4"]), &json!([])));
    assert_eq!(office.shown(), before[..4]);
    assert_eq!(office.last_report()["removed"], json!({ "count": 1, "first": ["C-4"] }));
    let year = office.sync_db("--month 2025-05 --prune --json").summary();
    assert_eq!((&year["unchanged"], &year["removed"]), (&json!(1), &json!([])));
    assert_eq!(office.shown(), before[..4]);
}

#[test]
fn a_row_in_which_others_have_something_stays_and_is_told() {
    let office = Office::open();
    office.import("charters.db", &[ANN]);
    office.write("charters.csv", &[HEADER, ANN, DI].join("\n"));
    assert_eq!(office.sync("").status, 0);
    office.sheets.edit(TAB, |tab| {
        tab.set(0, 9, "paid");
        tab.set(2, 9, "yes");
    });
    let before = office.shown();
    let report = office.sync_db("--month 2026-05 --prune --json").summary();
    assert_eq!((&report["removed"], &report["vanished"]), (&json!([]), &json!(["C-4"])));
    assert_eq!(office.shown(), before);
}

/// As where a wrong file is named.
#[test]
fn a_database_without_a_booking_of_the_tab_clears_nothing() {
    let office = Office::open();
    assert_eq!(office.sync("").status, 0);
    let before = office.shown();
    office.import("charters.db", &[CY]);
    let ended = office.sync_db("--month 2026-05 --prune");
    assert!(ended.error().contains("--prune would clear the whole tab"), "{}", ended.stderr);
    assert_eq!(office.shown(), before);
}
