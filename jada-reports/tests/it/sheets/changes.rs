//! Changes of some rows, beside which all others stay as they are.

use jada_loopback_issuer::{SheetTab, Sheets, SheetsFault, SheetsMethod, When};
use jada_reports::{Error, SyncReport};

use super::{Booking, TAB, booking, bookings, builder, office, shown, sync, tab, with_rows};

/// The office's rows as they are shown, with these in the place of others.
fn office_with(changed: &[(usize, [&str; 4])]) -> Vec<Vec<String>> {
    let sheets = office().start().unwrap();
    let mut rows = shown(&sheets);
    for (row, cells) in changed {
        rows.resize_with(rows.len().max(row + 1), Vec::new);
        rows[*row] = cells.map(str::to_owned).to_vec();
    }
    rows
}

#[tokio::test]
async fn rows_that_are_upserted_are_all_that_is_written_and_told() {
    let sheets = office().start().unwrap();
    // Not by a sync that prunes either.
    let sync = builder(&sheets).prune().build();
    let rows = [booking("C-2", "Bo", "cancelled"), booking("C-5", "Ed", "pending")];
    let report = sync.upsert(&rows).await.unwrap();
    let changed = [(2, ["cancelled", "=A2", "Bo", "C-2"]), (5, ["pending", "", "Ed", "C-5"])];
    assert_eq!(shown(&sheets), office_with(&changed));
    assert_eq!((&report.added[..], report.changed.len()), (&["C-5".to_owned()][..], 1));
    assert_eq!((report.vanished.len(), report.removed.len(), report.unchanged), (0, 0, 0));
    assert_eq!((report.requests, sync.upsert(&rows).await.unwrap().requests), (2, 1));
    assert_eq!(sync.upsert::<Booking>(&[]).await.unwrap().cells, 0);
}

#[tokio::test]
async fn rows_that_are_removed_are_all_that_is_cleared_and_one_that_is_not_there_is_no_error() {
    let sheets = office().start().unwrap();
    let sync = sync(&sheets);
    let report = sync.remove(&["C-3", "C-99", " C-3 "]).await.unwrap();
    assert_eq!((&report.removed[..], report.vanished.len()), (&["C-3".to_owned()][..], 0));
    let mut left = office_with(&[]);
    left[3].clear();
    assert_eq!(shown(&sheets), left);
    let again = sync.remove(&["C-3", "C-99"]).await.unwrap();
    assert_eq!((again.requests, again.is_changed()), (1, false));
    assert_eq!(sync.remove::<&str>(&[]).await.unwrap().cells, 0);
}

#[tokio::test]
async fn a_row_in_which_others_have_something_is_told_and_stays() {
    let sheets = office().start().unwrap();
    let report = sync(&sheets).remove(&["C-1", "C-2", "C-3"]).await.unwrap();
    let expected = (vec!["C-3".to_owned()], vec!["C-1".to_owned(), "C-2".to_owned()]);
    assert_eq!((report.removed, report.vanished), expected);
    assert_eq!(shown(&sheets)[1], ["confirmed", "yes", "Ann", "C-1"]);
}

#[tokio::test]
async fn nothing_is_removed_from_a_tab_with_nothing_in_it() {
    let sheets = with_rows::<0>(&[]).start().unwrap();
    let report = sync(&sheets).remove(&["C-1"]).await.unwrap();
    assert_eq!((report.requests, shown(&sheets).len()), (1, 0));
}

#[tokio::test]
async fn changes_that_contradict_each_other_are_refused_before_anything_is_asked() {
    let sheets = office().start().unwrap();
    let sync = sync(&sheets);
    let refused = [
        sync.apply(&bookings(), &["C-2"]).await.unwrap_err(),
        sync.remove(&["C-1", " "]).await.unwrap_err(),
        sync.upsert(&[booking("C-1", "Ann", ""), booking("C-1", "Bo", "")]).await.unwrap_err(),
    ];
    for refused in refused {
        assert!(matches!(refused, Error::Row { .. }), "{refused}");
    }
    assert_eq!(sheets.requests(), 0);
}

/// A batch: one is changed, one is new, one is gone.
async fn applied(sheets: &Sheets) -> SyncReport {
    let rows = [booking("C-2", "Bo", "cancelled"), booking("C-5", "Ed", "pending")];
    sync(sheets).apply(&rows, &["C-3"]).await.unwrap()
}

#[tokio::test]
async fn a_batch_is_one_write_and_mended_where_rows_or_columns_were_moved_or_its_answer_was_lost() {
    let acts: [fn(&mut SheetTab); 8] = [
        |_| {},
        |tab| tab.move_row(3, 1),
        |tab| tab.move_row(3, 6),
        |tab| tab.move_row(1, 5),
        |tab| tab.sort(2),
        |tab| tab.insert_row(1),
        |tab| tab.move_column(0, 4),
        |tab| tab.insert_column(0),
    ];
    let faults = [None, Some(When::Before), Some(When::After)];
    for (number, act) in acts.into_iter().enumerate() {
        for lost in faults {
            let sheets = office().start().unwrap();
            sheets.before_next(SheetsMethod::BatchUpdate, TAB, act);
            if let Some(when) = lost {
                sheets.fail_next(SheetsMethod::BatchUpdate, SheetsFault::Reset(when));
            }
            let report = applied(&sheets).await;
            let context = format!("{number} {lost:?}\n{}", sheets.log());
            assert_eq!(
                (&report.removed[..], &report.added[..]),
                (&["C-3".to_owned()][..], &["C-5".to_owned()][..]),
                "{context}"
            );
            assert_eq!(report.vanished.len(), 0, "{context}");
            assert_eq!(rows_of(&sheets), EXPECTED, "{context}");
        }
    }
}

/// The rows that hold something, by their columns' names, sorted.
fn rows_of(sheets: &Sheets) -> Vec<[String; 4]> {
    let tab = tab(sheets);
    let places = ["state", "paid", "guest", "id"].map(|name| tab.column(name).unwrap());
    let values = tab.values();
    let text = |row: &Vec<_>, place: usize| row.get(place).map_or_else(String::new, as_entered);
    let rows = values[1..].iter().map(|row| places.map(|place| text(row, place)));
    let mut rows: Vec<_> = rows.filter(|row| row.iter().any(|it| !it.is_empty())).collect();
    rows.sort_by(|one, two| one[3].cmp(&two[3]));
    rows
}

fn as_entered(value: &jada_loopback_issuer::SheetValue) -> String {
    match value {
        jada_loopback_issuer::SheetValue::Formula(formula) => formula.clone(),
        other => other.text(),
    }
}

const EXPECTED: [[&str; 4]; 4] = [
    ["confirmed", "yes", "Ann", "C-1"],
    ["cancelled", "=A2", "Bo", "C-2"],
    ["confirmed", "no", "Di", "C-4"],
    ["pending", "", "Ed", "C-5"],
];
