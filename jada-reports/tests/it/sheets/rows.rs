//! Rows that are added, changed, left and found to have vanished.

use jada_loopback_issuer::SheetsMethod;
use jada_reports::{Cell, Column, Columns, Error, SheetRow, SheetSync};

use super::{TAB, book, booking, bookings, columns, google, office, shown, sync, tab, with_rows};

#[tokio::test]
async fn an_empty_tab_gets_the_header_and_the_rows() {
    let sheets = with_rows::<0>(&[]).start().unwrap();
    let report = sync(&sheets).sync(&bookings()).await.unwrap();
    assert_eq!(report.added, ["C-1", "C-2", "C-3", "C-4"]);
    assert_eq!((report.requests, sheets.requests()), (2, 2));
    assert_eq!(shown(&sheets)[..2], [["id", "guest", "state"], ["C-1", "Ann", "confirmed"]]);
    assert_eq!(shown(&sheets).len(), 5);
}

#[tokio::test]
async fn an_empty_tab_gets_the_header_though_there_are_no_rows() {
    let sheets = with_rows::<0>(&[]).start().unwrap();
    let report = sync(&sheets).sync(&bookings()[..0]).await.unwrap();
    assert_eq!(shown(&sheets), [["id", "guest", "state"]]);
    assert!(report.is_changed() && report.added.is_empty());
}

/// A row that says of each column what its header says.
struct Wide;

impl SheetRow for Wide {
    fn key(&self) -> &'static str {
        "C-1"
    }

    fn cell(&self, column: &Column) -> Cell {
        column.name().into()
    }
}

#[tokio::test]
async fn an_empty_tab_grows_by_the_columns_that_it_lacks() {
    for (grid, count) in [((1000, 26), 30), ((1, 1), 2), ((1000, 26), 26), ((9, 30), 27)] {
        let sheets = book().tab_of(TAB, grid, [[""; 0]; 0]).start().unwrap();
        let names: Vec<_> = (0..count).map(|number| format!("c{number}")).collect();
        let columns = Columns::new("c0", names.iter().map(|name| Column::text(name))).unwrap();
        let sync = SheetSync::builder(google(&sheets), "book", TAB, columns).build();
        let report = sync.sync(&[Wide]).await.unwrap();
        assert_eq!((report.added.len(), report.requests), (1, 2));
        assert_eq!(tab(&sheets).column_count(), grid.1.max(count));
        let shown = shown(&sheets);
        assert_eq!((&shown[0], shown[1][0].as_str(), &shown[1][1..]), (&names, "C-1", &names[1..]));
    }
}

#[tokio::test]
async fn a_tab_that_is_right_is_read_once_and_not_written() {
    let sheets = office().start().unwrap();
    let before = tab(&sheets);
    let report = sync(&sheets).sync(&bookings()).await.unwrap();
    assert_eq!((report.unchanged, report.requests, report.cells), (4, 1, 0));
    assert!(!report.is_changed());
    assert_eq!((tab(&sheets), sheets.calls(SheetsMethod::BatchUpdate)), (before, 0));
}

#[tokio::test]
async fn only_cells_that_differ_are_written() {
    let sheets = office().start().unwrap();
    let before = tab(&sheets);
    let mut rows = bookings();
    rows[1] = booking("C-2", "Bo", "confirmed");
    rows.push(booking("C-5", "Ed", "pending"));
    let report = sync(&sheets).sync(&rows).await.unwrap();
    assert_eq!(report.added, ["C-5"]);
    let [changed] = &report.changed[..] else { panic!("{report:?}") };
    assert_eq!((changed.key.as_str(), &changed.columns[..]), ("C-2", &["state".to_owned()][..]));
    assert_eq!((report.unchanged, report.cells, report.requests), (3, 4, 2));
    let after = tab(&sheets);
    for (row, cells) in before.rows().iter().enumerate().take(5) {
        for (column, cell) in cells.iter().enumerate() {
            let is_changed = (row, column) == (2, 0);
            assert_eq!(after.cell(row, column) == *cell, !is_changed, "{row} {column}");
        }
    }
    assert_eq!(shown(&sheets)[5], ["pending", "", "Ed", "C-5"]);
}

#[tokio::test]
async fn rows_are_added_below_the_last_with_data_and_the_grid_grows() {
    let rows = [["id", "guest", "state"], ["C-1", "Ann", "confirmed"]];
    let sheets = book().tab_of(TAB, (3, 3), rows);
    let sheets = sheets.start().unwrap();
    sheets.edit(TAB, |tab| tab.set(2, 1, "a remark"));
    sync(&sheets).sync(&bookings()).await.unwrap();
    assert_eq!(tab(&sheets).row_count(), 6);
    assert_eq!(shown(&sheets)[2..4], [vec!["", "a remark"], vec!["C-2", "Bo", "pending"]]);
}

#[tokio::test]
async fn columns_and_rows_stay_where_they_are() {
    let sheets = office().start().unwrap();
    sheets.edit(TAB, |tab| {
        tab.insert_row(2);
        tab.sort(2);
        tab.insert_row(3);
        tab.set(3, 1, "June");
    });
    let before = shown(&sheets);
    let mut rows = bookings();
    rows.reverse();
    rows.push(booking("C-0", "Al", "pending"));
    sync(&sheets).sync(&rows).await.unwrap();
    let after = shown(&sheets);
    assert_eq!(after[..before.len()], before);
    assert_eq!(after[before.len()..], [["pending", "", "Al", "C-0"]]);
}

#[tokio::test]
async fn a_row_whose_key_has_vanished_is_reported_and_left() {
    let sheets = office().start().unwrap();
    let before = tab(&sheets);
    let report = sync(&sheets).sync(&bookings()[1..3]).await.unwrap();
    assert_eq!(report.vanished, ["C-1", "C-4"]);
    assert_eq!(tab(&sheets), before);
    assert!(report.to_string().ends_with("2 in the tab alone: C-1, C-4"), "{report}");
}

#[tokio::test]
async fn a_row_that_lost_its_key_is_reported_and_added_again() {
    let sheets = office().start().unwrap();
    sheets.edit(TAB, |tab| tab.set(2, 3, ""));
    let report = sync(&sheets).sync(&bookings()).await.unwrap();
    assert_eq!(
        (&report.added[..], &report.keyless[..]),
        (&["C-2".to_owned()][..], &["D3".to_owned()][..])
    );
    assert_eq!(shown(&sheets)[2], ["pending", "=A2", "Bo"]);
}

#[tokio::test]
async fn a_key_twice_in_the_input_is_refused_before_anything_is_asked() {
    let sheets = office().start().unwrap();
    let rows = [booking("C-1", "Ann", ""), booking(" C-1 ", "Bo", "")];
    let Err(Error::Row { key, .. }) = sync(&sheets).sync(&rows).await else {
        panic!("it was taken")
    };
    assert_eq!(key, "C-1");
    let Err(Error::Row { what, .. }) = sync(&sheets).sync(&[booking(" ", "Ann", "")]).await else {
        panic!("a blank key was taken")
    };
    assert!(what.contains("row 1"), "{what}");
    assert_eq!(sheets.requests(), 0);
}

#[tokio::test]
async fn a_key_twice_in_the_tab_is_refused_with_both_addresses() {
    let sheets = office().start().unwrap();
    sheets.edit(TAB, |tab| tab.set(7, 3, "C-2"));
    let before = tab(&sheets);
    let Err(Error::Tab { what, .. }) = sync(&sheets).sync(&bookings()).await else {
        panic!("it was synced")
    };
    assert!(what.contains("`C-2`") && what.contains("D3") && what.contains("D8"), "{what}");
    assert_eq!(tab(&sheets), before);
}

#[tokio::test]
async fn ten_thousand_rows_with_one_in_a_hundred_changed_take_two_requests() {
    let state = |row: usize| if row.is_multiple_of(3) { "confirmed" } else { "pending" };
    let row = |row: usize| [format!("C-{row}"), format!("Guest {row}"), state(row).to_owned()];
    let header = ["id", "guest", "state"].map(str::to_owned);
    let texts = std::iter::once(header).chain((0..10_000).map(row));
    let cells = texts.map(|row| row.map(jada_loopback_issuer::SheetValue::Text));
    let sheets = book().tab_of(TAB, (10_001, 5), cells).start().unwrap();
    let rows: Vec<_> = (0..10_000)
        .map(|row| {
            let state = if row % 100 == 7 { "cancelled" } else { state(row) };
            booking(&format!("C-{row}"), &format!("Guest {row}"), state)
        })
        .collect();
    let report = sync(&sheets).sync(&rows).await.unwrap();
    assert_eq!((report.changed.len(), report.cells, report.unchanged), (100, 100, 9_900));
    assert_eq!((report.requests, sheets.requests()), (2, 2));
    assert!(sheets.body_bytes() < 20_000, "{}", sheets.body_bytes());
}

#[tokio::test]
async fn a_tab_that_is_not_there_is_told_with_those_that_are() {
    let sheets = office().tab("Crew", [["name"]]).start().unwrap();
    let sync = SheetSync::builder(google(&sheets), "book", "Bookigns", columns()).build();
    let Err(Error::Tab { tab, what }) = sync.sync(&bookings()).await else {
        panic!("it was synced")
    };
    assert_eq!(tab, "Bookigns");
    assert!(what.ends_with("it has `Bookings`, `Crew`"), "{what}");
}

#[tokio::test]
async fn a_title_with_quotes_is_found() {
    let sheets = book().tab("A1", [["x"]]).tab("Ann's 2026!", [[""; 0]; 0]);
    let sheets = sheets.start().unwrap();
    for tab in ["Ann's 2026!", "A1"] {
        let sync = SheetSync::builder(google(&sheets), "book", tab, columns()).build();
        let synced = sync.sync(&bookings()).await;
        assert_eq!(synced.is_ok(), tab != "A1", "{synced:?}");
    }
    assert_eq!(sheets.tab("Ann's 2026!").unwrap().values().len(), 5);
}
