//! Rows that are removed because their key has vanished.

use jada_loopback_issuer::{SheetsFault, SheetsMethod, When};

use super::{TAB, booking, bookings, builder, office, shown, tab, with_rows};

#[tokio::test]
async fn a_row_that_is_ours_alone_is_removed_and_others_are_left() {
    let sheets = office().start().unwrap();
    let sync = builder(&sheets).prune().build();
    let report = sync.sync(&bookings()[1..2]).await.unwrap();
    assert_eq!(
        (report.removed, report.vanished),
        (vec!["C-3".to_owned()], vec!["C-1".to_owned(), "C-4".to_owned()])
    );
    let shown = shown(&sheets);
    assert_eq!((shown.len(), &shown[3][..], &shown[4][3][..]), (5, &[][..], "C-4"));
    let again = sync.sync(&bookings()[1..2]).await.unwrap();
    assert_eq!((again.removed.len(), again.requests), (0, 1));
}

#[tokio::test]
async fn a_row_with_a_formula_is_left() {
    let sheets = office().start().unwrap();
    sheets.edit(TAB, |tab| tab.set(3, 0, "=A2"));
    let sync = builder(&sheets).prune().build();
    let report = sync.sync(&bookings()[..2]).await.unwrap();
    assert_eq!((report.removed.len(), report.vanished.len()), (0, 2));
}

#[tokio::test]
async fn rows_that_are_moved_while_one_is_removed_are_mended() {
    for lost in
        [None, Some(SheetsFault::Reset(When::After)), Some(SheetsFault::Reset(When::Before))]
    {
        for (from, to) in [(3, 1), (3, 6), (1, 5), (2, 5), (5, 1)] {
            let sheets = office().start().unwrap();
            sheets.edit(TAB, |tab| tab.set(5, 0, "a remark"));
            sheets.before_next(SheetsMethod::BatchUpdate, TAB, move |tab| tab.move_row(from, to));
            if let Some(fault) = lost {
                sheets.fail_next(SheetsMethod::BatchUpdate, fault);
            }
            let rows: Vec<_> = bookings().into_iter().filter(|row| row.id != "C-3").collect();
            let rows = [&rows[..], &[booking("C-5", "Ed", "")]].concat();
            let report = builder(&sheets).prune().build().sync(&rows).await.unwrap();
            assert_eq!(
                (&report.removed[..], &report.vanished[..]),
                (&["C-3".to_owned()][..], &[][..])
            );
            let mut left: Vec<_> =
                shown(&sheets).into_iter().filter(|row| !row.is_empty()).collect();
            left.sort();
            let mut expected = vec![
                vec!["state", "paid", "guest", "id"],
                vec!["confirmed", "yes", "Ann", "C-1"],
                vec!["pending", "=A2", "Bo", "C-2"],
                vec!["confirmed", "no", "Di", "C-4"],
                vec!["", "", "Ed", "C-5"],
                vec!["a remark"],
            ];
            expected.sort();
            assert_eq!(left, expected, "{lost:?} {from} {to}\n{}", sheets.log());
        }
    }
}

#[tokio::test]
async fn a_key_is_cleared_only_where_it_is_the_whole_cell() {
    let sheets = office().start().unwrap();
    sheets.edit(TAB, |tab| {
        tab.set(5, 3, "C-33");
        tab.set(6, 3, "c-3");
    });
    builder(&sheets)
        .prune()
        .build()
        .sync(&[booking("C-33", "", ""), booking("c-3", "", "")])
        .await
        .unwrap();
    let keys = [3, 5, 6].map(|row| tab(&sheets).cell(row, 3).value.text());
    assert_eq!(keys, ["", "C-33", "c-3"]);
}

#[tokio::test]
async fn a_key_that_was_typed_with_spaces_is_removed() {
    for state in ["confirmed", ""] {
        let sheets = with_rows(&[["id", "guest", "state"], [" C-9  ", "", state]]).start().unwrap();
        let sync = builder(&sheets).prune().build();
        let report = sync.sync(&bookings()).await.unwrap();
        assert_eq!((&report.removed[..], &report.vanished[..]), (&["C-9".to_owned()][..], &[][..]));
        assert!(shown(&sheets)[1].is_empty());
        assert_eq!(sync.sync(&bookings()).await.unwrap().requests, 1);
    }
}

/// A person types it anew, with a space, between reading and writing.
#[tokio::test]
async fn a_row_whose_key_stays_is_not_told_to_be_removed() {
    let sheets = with_rows(&[["id", "guest", "state"], ["C-9", "", ""]]).start().unwrap();
    sheets.before_next(SheetsMethod::BatchUpdate, TAB, |tab| tab.set(1, 0, "C-9 "));
    let sync = builder(&sheets).prune().build();
    let report = sync.sync(&bookings()).await.unwrap();
    assert_eq!((&report.removed[..], &report.vanished[..]), (&[][..], &["C-9".to_owned()][..]));
    assert_eq!(sync.sync(&bookings()).await.unwrap().removed, ["C-9"]);
}

/// It is found by what it shows, which is not read.
#[tokio::test]
async fn a_key_that_is_a_number_with_a_format_is_told_to_be_there_if_it_is() {
    for (state, is_gone) in [("confirmed", true), ("", false)] {
        let sheets = with_rows(&[["id", "guest", "state"], ["", "", state]]).start().unwrap();
        sheets.edit(TAB, |tab| {
            tab.set(1, 0, 1_234.0);
            tab.format(1, 0, "#,##0");
        });
        let sync = builder(&sheets).prune().build();
        let report = sync.sync(&bookings()).await.unwrap();
        assert_eq!(shown(&sheets)[1].is_empty(), is_gone);
        let key = ["1234".to_owned()];
        let told = if is_gone { (&key[..], &[][..]) } else { (&[][..], &key[..]) };
        assert_eq!((&report.removed[..], &report.vanished[..]), told);
        let again = sync.sync(&bookings()).await.unwrap();
        assert!(again.removed.is_empty() && !again.is_changed(), "{again:?}");
        assert_eq!(again.vanished.len(), usize::from(!is_gone));
    }
}
