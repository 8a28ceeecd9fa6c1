//! Rows whose booking is gone or of another month: which they are, and that no other is told or cleared.

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
    assert_eq!((ended.status, &*ended.stdout), (0, "0 added, 0 changed, 2 unchanged, 0 removed\n"));
    assert_eq!(office.last_report(), json!({ "unchanged": 2, "cells": 0, "requests": 2 }));

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
    let told = "0 added, 0 changed, 3 unchanged, 0 removed, 1 in the tab alone: C-4\n";
    assert_eq!((ended.status, &*ended.stdout), (0, told), "{}", ended.stderr);
    let report = office.sync_db("--month 2026-05 --prune --json").summary();
    assert_eq!((&report["removed"], &report["vanished"]), (&json!(["C-4"]), &json!([])));
    assert_eq!(office.shown(), before[..4]);
    assert_eq!(office.last_report()["removed"], json!({ "count": 1, "first": ["C-4"] }));
    let year = office.sync_db("--month 2025-05 --prune --json").summary();
    assert_eq!((&year["unchanged"], &year["removed"]), (&json!(3), &json!([])));
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

/// As where a wrong one is named: not even its own bookings are written.
#[test]
fn bookings_of_another_tab_clear_nothing_and_are_not_written() {
    let office = Office::open();
    assert_eq!(office.sync("").status, 0);
    let before = office.shown();
    office.import("charters.db", &[DI]);
    office.write("charters.csv", &[HEADER, DI].join("\n"));
    for _ in 0..2 {
        for ended in [office.sync("--prune"), office.sync_db("--month 2026-05 --prune")] {
            let error = ended.error();
            assert!(error.contains("--prune would clear the whole tab"), "{error}");
            assert!(error.contains("name the bookings of this tab"), "{error}");
            assert_eq!(office.shown(), before);
        }
    }
    assert_eq!(office.sync_db("--month 2026-05").status, 0, "without --prune they are added");
    assert_eq!(office.shown()[..3], before);
}

#[test]
fn nobody_syncs_the_bundled_bookings_to_a_tab_that_may_be_real() {
    let office = Office::open();
    let before = office.shown();
    let words = format!("--sheet book --tab {TAB}");
    let mut away = office.command(&words);
    // Nothing listens there, and nobody gets so far.
    away.env("JADA_GOOGLE_ENDPOINT", "https://127.0.0.1:9");
    let mut google = office.command(&words);
    google.env_remove("JADA_GOOGLE_ENDPOINT");
    for mut command in [away, google, office.command(&format!("{words} --prune"))] {
        let ended = Ended::of(&mut command);
        assert_eq!(ended.status, 1, "{}", ended.stderr);
        let line = ended.stderr.lines().last().unwrap();
        assert!(line.contains("--charters FILE, --db FILE, --dynamodb or JADA_DB"), "{line}");
        assert_eq!(office.shown(), before);
    }
    let ended = Ended::of(office.command(&words).env("JADA_DB", "other.db"));
    assert!(ended.stderr.contains("`other.db` does not exist"), "{}", ended.stderr);
    let ended = Ended::of(&mut office.command(&format!("{words} --month 2026-05")));
    assert_eq!(ended.status, 0, "to a Google on this machine: {}", ended.stderr);
}

#[test]
fn a_booking_that_leaves_the_synced_months_is_kept_up_where_its_row_is() {
    let moved = DI.replace("2026-05-11", "2027-01-02").replace("confirmed", "cancelled");
    for prune in ["", "--prune"] {
        let office = Office::open();
        office.write("charters.csv", &[HEADER, ANN, DI].join("\n"));
        assert_eq!(office.sync("").status, 0);
        office.import("charters.db", &[ANN, &moved, CY]);
        let ended = office.sync_db(&format!("--month 2026-05 {prune}"));
        let told = "0 added, 1 changed, 1 unchanged, 0 removed\n";
        assert_eq!((ended.status, &*ended.stdout), (0, told), "{}", ended.stderr);
        let changed = office.last_report()["changed"].take();
        assert_eq!(changed, json!({ "count": 1, "first": ["C-4"] }));
        assert_eq!((&*office.shown()[2][5], office.shown().len()), ("cancelled", 3));

        office.write("charters.csv", &[HEADER, ANN, DI, CY].join("\n"));
        let ended = office.sync(&format!("--month 2025-01 {prune}"));
        assert_eq!(ended.stdout, "0 added, 1 changed, 1 unchanged, 0 removed\n", "of a file too");
        assert_eq!((&*office.shown()[2][5], office.shown().len()), ("confirmed", 3));
    }
}
