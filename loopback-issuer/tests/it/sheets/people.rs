//! People who work in the same tab.

use jada_loopback_issuer::{PersonAct, SheetValue, Sheets, SheetsMethod};
use serde_json::json;

use super::{cells, get, update};

fn tab() -> Sheets {
    let rows = [["id", "n"], ["b", "2"], ["a", "1"], ["", "3"], ["c", ""]];
    Sheets::builder().tab("T", rows).start().unwrap()
}

fn shown(sheets: &Sheets) -> Vec<String> {
    let rows = sheets.tab("T").unwrap().values().into_iter();
    rows.map(|row| row.iter().map(SheetValue::text).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn rows_are_sorted_with_what_is_beside_them() {
    let sheets = tab();
    sheets.edit("T", |tab| tab.sort(0));
    assert_eq!(shown(&sheets), ["id n", "a 1", "b 2", "c", " 3"]);
    sheets.edit("T", |tab| tab.sort(1));
    assert_eq!(shown(&sheets), ["id n", "a 1", "b 2", " 3", "c"]);
}

#[test]
fn rows_and_columns_are_moved_before_what_was_there() {
    let sheets = tab();
    sheets.edit("T", |tab| tab.move_row(1, 3));
    assert_eq!(shown(&sheets), ["id n", "a 1", "b 2", " 3", "c"]);
    sheets.edit("T", |tab| tab.move_row(4, 1));
    assert_eq!(shown(&sheets)[..2], ["id n", "c"]);
    sheets.edit("T", |tab| tab.move_column(0, 2));
    assert_eq!(shown(&sheets)[..2], ["n id", " c"]);
}

#[test]
fn what_is_scripted_is_done_just_before_the_request() {
    let sheets = tab();
    sheets.before_next(SheetsMethod::BatchUpdate, "T", |tab| tab.move_row(1, 3));
    assert_eq!(get(&sheets, "").status, 200);
    assert_eq!(shown(&sheets)[1], "b 2");
    update(&sheets, &json!([cells(1, 1, &[json!({ "stringValue": "x" })])]));
    assert_eq!(shown(&sheets)[1..3], ["a x", "b 2"]);
    let cell = sheets.tab("T").unwrap().cell(1, 1);
    assert_eq!((cell.value, cell.by_person), ("x".into(), "1".into()));
}

/// What people do in a hundred requests.
fn log(seed: u64) -> (String, Vec<String>) {
    let rows = (0..9).map(|row| [format!("K{row}"), row.to_string()]);
    let rows = rows.map(|row| row.map(SheetValue::Text));
    let sheets = Sheets::builder().seed(seed).tab_of("T", (12, 4), rows).spares("K0");
    let acts = PersonAct::ALL.iter().copied().chain([PersonAct::DeleteRow]);
    let sheets = sheets.people(SheetsMethod::Get, 0.9, acts).start().unwrap();
    (0..100).for_each(|_| drop(get(&sheets, "")));
    (sheets.log(), shown(&sheets))
}

#[test]
fn a_seed_does_the_same_again() {
    let first = log(7);
    assert_eq!(first, log(7));
    assert_ne!(first, log(8));
    for act in PersonAct::ALL {
        assert!(first.0.contains(&format!("a person: {act:?}")), "{}", first.0);
    }
}

#[test]
fn nobody_comes_any_more_once_it_is_healed() {
    let sheets = tab();
    sheets.before_next(SheetsMethod::Get, "T", |tab| tab.delete_row(1));
    sheets.heal();
    get(&sheets, "");
    assert_eq!(shown(&sheets).len(), 5);
}
