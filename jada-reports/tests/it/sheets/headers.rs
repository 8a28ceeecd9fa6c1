//! Tabs whose header is not known are refused, and left as they are.

use jada_loopback_issuer::{SheetTab, SheetsFault, SheetsMethod, When};
use jada_reports::Error;

use super::{TAB, bookings, office, shown, sync, tab, with_rows};

/// What is wrong with the office's tab after this was done to it.
async fn refusal(act: impl FnOnce(&mut SheetTab)) -> String {
    let sheets = office().start().unwrap();
    sheets.edit(TAB, act);
    let before = tab(&sheets);
    let Err(Error::Tab { what, tab: name }) = sync(&sheets).sync(&bookings()).await else {
        panic!("it was synced")
    };
    assert_eq!((name.as_str(), tab(&sheets)), (TAB, before));
    what
}

#[tokio::test]
async fn a_column_of_ours_that_is_missing_is_named() {
    let what = refusal(|tab| tab.set(0, 2, "Guest")).await;
    assert!(what.contains("`guest`") && what.contains("A1:D1"), "{what}");
}

#[tokio::test]
async fn a_column_of_ours_that_stands_twice_is_named_with_both_places() {
    let what = refusal(|tab| tab.set(0, 5, "guest")).await;
    assert!(what.contains("`guest`") && what.contains("C1") && what.contains("F1"), "{what}");
}

#[tokio::test]
async fn a_blank_header_over_data_is_refused_with_the_place() {
    let what = refusal(|tab| tab.set(3, 6, "whose?")).await;
    assert!(what.starts_with("G1 is blank") && what.contains("G4"), "{what}");
    let what = refusal(|tab| tab.set(0, 1, "")).await;
    assert!(what.starts_with("B1 is blank") && what.contains("B2"), "{what}");
}

#[tokio::test]
async fn a_tab_with_rows_and_no_header_is_refused() {
    let what = refusal(|tab| tab.delete_row(0)).await;
    assert!(what.contains("`id`"), "{what}");
    let what = refusal(|tab| tab.insert_row(0)).await;
    assert!(what.contains("`id`"), "{what}");
}

#[tokio::test]
async fn a_key_that_is_a_formula_is_refused() {
    let what = refusal(|tab| tab.set(2, 3, "=D2")).await;
    assert!(what.starts_with("D3 is a formula"), "{what}");
}

#[tokio::test]
async fn merged_cells_over_ours_are_refused() {
    let what = refusal(|tab| tab.merge((2, 3), (1, 3))).await;
    assert!(what.starts_with("C3 is under merged cells"), "{what}");
    let what = refusal(|tab| tab.merge((1, 3), (2, 3))).await;
    assert!(what.starts_with("C3 is under merged cells"), "{what}");
}

#[tokio::test]
async fn merged_cells_of_others_are_kept() {
    let sheets = office().start().unwrap();
    sheets.edit(TAB, |tab| {
        tab.insert_row(2);
        tab.set(2, 0, "June");
        tab.merge((2, 3), (0, 4));
        tab.merge((3, 5), (1, 2));
    });
    let before = tab(&sheets);
    let report = sync(&sheets).sync(&bookings()).await.unwrap();
    assert_eq!((report.requests, tab(&sheets)), (1, before));
}

#[tokio::test]
async fn a_header_over_merged_cells_names_them_all() {
    let sheets = with_rows(&[
        ["id", "guest", "state", "paid", ""],
        ["C-1", "Ann", "confirmed", "yes", "cash"],
    ]);
    let sheets = sheets.start().unwrap();
    sheets.edit(TAB, |tab| tab.merge((0, 1), (3, 5)));
    sync(&sheets).sync(&bookings()).await.unwrap();
    assert_eq!(shown(&sheets)[1], ["C-1", "Ann", "confirmed", "yes", "cash"]);
}

#[tokio::test]
async fn the_header_is_read_alone_and_tells_which_columns_are_there() {
    let sheets = office().start().unwrap();
    sheets.fail_next(SheetsMethod::Get, SheetsFault::Html(When::Before));
    assert_eq!(sync(&sheets).header().await.unwrap(), ["state", "paid", "guest", "id"]);
    assert_eq!(sheets.requests(), 2);
    let empty = with_rows(&[[""; 0]; 0]).start().unwrap();
    assert_eq!(sync(&empty).header().await.unwrap(), [""; 0]);
}
