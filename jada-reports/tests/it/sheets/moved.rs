//! People who move rows and columns between reading and writing.

use jada_loopback_issuer::{SheetTab, Sheets, SheetsMethod};
use jada_reports::{Column, Columns, Error, SyncReport};

use super::{Booking, TAB, book, booking, bookings, builder, office, shown, sync, tab, with_rows};

/// What is synced to the office's tab: one is changed, one is new.
fn changed() -> Vec<Booking> {
    let mut rows = bookings();
    rows[1] = booking("C-2", "Bo", "cancelled");
    rows.push(booking("C-5", "Ed", "pending"));
    rows
}

/// Syncs while a person does this between reading and writing.
async fn synced(
    sheets: &Sheets,
    rows: &[Booking],
    act: impl FnOnce(&mut SheetTab) + Send + 'static,
) -> SyncReport {
    sheets.before_next(SheetsMethod::BatchUpdate, TAB, act);
    sync(sheets).sync(rows).await.unwrap()
}

/// The row of a key: what its cells show below `state`, `paid` and `guest`.
fn row_of(sheets: &Sheets, key: &str) -> [String; 3] {
    let tab = tab(sheets);
    let row = tab.find(tab.column("id").unwrap(), key).unwrap();
    ["state", "paid", "guest"].map(|name| match tab.cell(row, tab.column(name).unwrap()).value {
        jada_loopback_issuer::SheetValue::Formula(formula) => formula,
        other => other.text(),
    })
}

/// Each row of the office as it ought to be, and nothing but those.
fn assert_is_right(sheets: &Sheets) {
    assert_eq!(row_of(sheets, "C-1"), ["confirmed", "yes", "Ann"]);
    assert_eq!(row_of(sheets, "C-2"), ["cancelled", "=A2", "Bo"]);
    assert_eq!(row_of(sheets, "C-3"), ["confirmed", "", "Cy"]);
    assert_eq!(row_of(sheets, "C-4"), ["confirmed", "no", "Di"]);
    assert_eq!(row_of(sheets, "C-5"), ["pending", "", "Ed"]);
}

#[tokio::test]
async fn rows_that_are_sorted_meanwhile_are_mended() {
    let sheets = office().start().unwrap();
    let report = synced(&sheets, &changed(), |tab| {
        tab.sort(2);
        tab.move_row(4, 1);
    })
    .await;
    assert_is_right(&sheets);
    assert_eq!((report.requests, sheets.requests()), (4, 4));
    assert_eq!(report.added, ["C-5"]);
    assert_eq!(shown(&sheets).len(), 6);
    assert_eq!(sync(&sheets).sync(&changed()).await.unwrap().requests, 1);
}

#[tokio::test]
async fn a_row_that_is_inserted_meanwhile_is_no_harm() {
    let sheets = office().start().unwrap();
    synced(&sheets, &changed(), |tab| tab.insert_row(1)).await;
    assert_is_right(&sheets);
    assert!(shown(&sheets)[1].is_empty());
}

#[tokio::test]
async fn a_row_that_a_person_adds_meanwhile_is_not_overwritten() {
    let sheets = office().start().unwrap();
    synced(&sheets, &changed(), |tab| {
        for (column, text) in ["waits", "no", "Flo", "X-9"].into_iter().enumerate() {
            tab.set(5, column, text);
        }
    })
    .await;
    assert_is_right(&sheets);
    assert_eq!(row_of(&sheets, "X-9"), ["waits", "no", "Flo"]);
}

#[tokio::test]
async fn a_row_that_has_vanished_gets_back_what_was_overwritten() {
    let sheets = office().start().unwrap();
    let rows: Vec<_> = changed().into_iter().filter(|row| row.id != "C-1").collect();
    let report = synced(&sheets, &rows, |tab| tab.move_row(1, 3)).await;
    assert_is_right(&sheets);
    assert_eq!((report.restored, report.vanished), (vec!["A3".to_owned()], vec!["C-1".to_owned()]));
}

#[tokio::test]
async fn a_row_without_a_key_gets_back_what_was_overwritten() {
    for remark in ["June", "=SUM(A2:A4)", ""] {
        let sheets = office().start().unwrap();
        sheets.edit(TAB, move |tab| {
            tab.insert_row(1);
            tab.set(1, 0, remark);
            tab.set(1, 5, "a remark");
            tab.set(0, 5, "remarks");
        });
        let report = synced(&sheets, &changed(), |tab| tab.move_row(1, 4)).await;
        assert_is_right(&sheets);
        let tab = tab(&sheets);
        let row = tab.find(5, "a remark").unwrap();
        assert_eq!(tab.cell(row, 0).value, remark.into());
        assert_eq!(report.restored, ["A4"], "{remark}");
    }
}

#[tokio::test]
async fn a_column_of_others_gets_back_what_was_overwritten() {
    for act in [
        |tab: &mut SheetTab| tab.move_column(0, 4),
        |tab: &mut SheetTab| tab.move_column(1, 0),
        |tab: &mut SheetTab| {
            tab.insert_column(0);
            tab.set(0, 0, "boat");
            tab.set(3, 0, "Zephyr");
        },
        |tab: &mut SheetTab| tab.insert_column(0),
    ] {
        let sheets = office().start().unwrap();
        synced(&sheets, &changed(), act).await;
        assert_is_right(&sheets);
        let strangers = tab(&sheets).rows().iter().flatten().cloned().collect::<Vec<_>>();
        let ours = ["cancelled", "Ed", "pending", "C-5"];
        for cell in strangers {
            let is_ours = ours.contains(&cell.value.text().as_str());
            assert!(is_ours || cell.value == cell.by_person, "{cell:?} in {:?}", shown(&sheets));
        }
    }
}

#[tokio::test]
async fn rows_that_are_moved_again_and_again_are_mended_in_the_end() {
    let sheets = office().start().unwrap();
    for round in 0..5 {
        sheets
            .before_next(SheetsMethod::BatchUpdate, TAB, move |tab| tab.move_row(1 + round % 2, 5));
        sheets.before_next(SheetsMethod::Get, TAB, |tab| tab.sort(2));
    }
    sync(&sheets).sync(&changed()).await.unwrap();
    assert_is_right(&sheets);
}

#[tokio::test]
async fn a_tab_that_never_stands_still_is_left_to_the_next_sync() {
    let sheets = office().start().unwrap();
    for _ in 0..9 {
        sheets.before_next(SheetsMethod::BatchUpdate, TAB, |tab| tab.move_row(1, 5));
    }
    let sync = builder(&sheets).rounds(2).build();
    let failure = sync.sync(&changed()).await.unwrap_err();
    assert!(matches!(failure, Error::TabContended { rounds: 2, .. }), "{failure}");
    assert!(failure.is_transient());
    assert_eq!(sheets.calls(SheetsMethod::BatchUpdate), 3);
    sheets.heal();
    sync.sync(&changed()).await.unwrap();
    assert_is_right(&sheets);
}

#[tokio::test]
async fn what_a_write_hit_while_a_column_of_ours_was_deleted_is_mended_with_the_columns_that_are_left()
 {
    let sheets = office().start().unwrap();
    let mut rows = bookings();
    rows[0] = booking("C-1", "Ann", "cancelled");
    sheets.before_next(SheetsMethod::BatchUpdate, TAB, |tab| tab.delete_column(0));
    let sync = sync(&sheets);
    let failure = sync.sync(&rows).await.unwrap_err();
    assert!(matches!(failure, Error::Tab { .. }), "{failure}");
    assert_eq!(shown(&sheets)[1], ["cancelled", "Ann", "C-1"], "where `paid` is by now");
    let left = Columns::new("id", ["id", "guest"].map(Column::text)).unwrap();
    let report = sync.with_columns(left).sync(&rows).await.unwrap();
    assert_eq!(
        (&shown(&sheets)[1][..], &*report.restored[0]),
        (&["yes", "Ann", "C-1"].map(str::to_owned)[..], "A2")
    );
}

#[tokio::test]
async fn what_a_person_typed_into_an_empty_tab_meanwhile_is_kept() {
    let sheets = with_rows::<0>(&[]).start().unwrap();
    synced(&sheets, &bookings(), |tab| tab.set(0, 1, "mine")).await;
    let shown = shown(&sheets);
    assert_eq!(shown[0], ["id", "guest", "state"]);
    assert_eq!(shown[5], ["", "mine"]);
}

#[tokio::test]
async fn a_person_who_edits_a_cell_of_ours_meanwhile_is_overruled() {
    let sheets = office().start().unwrap();
    sheets.before_next(SheetsMethod::BatchUpdate, TAB, |tab| tab.set(1, 0, "typed"));
    sync(&sheets).sync(&changed()).await.unwrap();
    sync(&sheets).sync(&changed()).await.unwrap();
    assert_is_right(&sheets);
}

#[tokio::test]
async fn a_row_that_is_deleted_meanwhile_is_added_in_another_round() {
    for deleted in [1, 3] {
        let sheets = office().start().unwrap();
        let report = synced(&sheets, &changed(), move |tab| tab.delete_row(deleted)).await;
        assert_eq!(row_of(&sheets, "C-2"), ["cancelled", "=A2", "Bo"]);
        assert_eq!(shown(&sheets).iter().filter(|row| !row.is_empty()).count(), 6);
        let key = &bookings()[deleted - 1].id;
        assert!(report.added.contains(key) && report.added.len() == 2, "{report:?}");
    }
    let sheets = office().start().unwrap();
    let rows = [bookings(), vec![booking("C-5", "Ed", "pending")]].concat();
    let report = synced(&sheets, &rows, |tab| tab.delete_row(2)).await;
    assert_eq!((&report.added[..], report.unchanged), (&["C-2", "C-5"].map(str::to_owned)[..], 3));
    assert_eq!(row_of(&sheets, "C-2"), ["pending", "", "Bo"]);
    assert_eq!(sync(&sheets).sync(&rows).await.unwrap().requests, 1);
}

#[tokio::test]
async fn a_row_that_is_deleted_where_the_grid_has_no_other_is_no_failure() {
    let rows = [["id", "guest", "state"], ["C-1", "Ann", ""], ["C-2", "Bo", "pending"]];
    let sheets = book().tab_of(TAB, (3, 3), rows).start().unwrap();
    let rows = [booking("C-1", "Ann", ""), booking("C-2", "Bo", "cancelled")];
    let report = synced(&sheets, &rows, |tab| tab.delete_row(1)).await;
    assert_eq!(
        shown(&sheets),
        [vec!["id", "guest", "state"], vec!["C-2", "Bo", "cancelled"], vec!["C-1", "Ann"]]
    );
    assert_eq!((&report.added[..], report.requests), (&["C-1".to_owned()][..], 4));
}

#[tokio::test]
async fn a_write_that_is_refused_twice_is_left_to_the_next_sync() {
    let header = ["id", "guest", "state"];
    let rows = [header, ["C-1", "Ann", ""], ["C-2", "Bo", ""], ["C-3", "Cy", "pending"]];
    let sheets = book().tab_of(TAB, (4, 3), rows).start().unwrap();
    let rows =
        [booking("C-1", "Ann", ""), booking("C-2", "Bo", ""), booking("C-3", "Cy", "cancelled")];
    for _ in 0..2 {
        sheets.before_next(SheetsMethod::BatchUpdate, TAB, |tab| tab.delete_row(1));
    }
    let sync = sync(&sheets);
    let failure = sync.sync(&rows).await.unwrap_err();
    assert!(matches!(failure, Error::Google { .. }) && !failure.is_transient(), "{failure}");
    assert_eq!(sheets.calls(SheetsMethod::BatchUpdate), 2);
    sync.sync(&rows).await.unwrap();
    assert_eq!(
        shown(&sheets)[1..],
        [vec!["C-3", "Cy", "cancelled"], vec!["C-1", "Ann"], vec!["C-2", "Bo"]]
    );
}
