//! What befalls requests on the way, before and after they are done.

use std::time::Duration;

use jada_loopback_issuer::{SheetTab, SheetsFault, SheetsMethod, When};
use jada_reports::{Error, SheetSync};

use super::{
    Booking, TAB, booking, bookings, builder, columns, google, google_builder, office, shown, sync,
    tab,
};

fn changed() -> Vec<Booking> {
    let mut rows = bookings();
    rows[0] = booking("C-1", "Ann", "cancelled");
    rows.push(booking("C-5", "Ed", "pending"));
    rows
}

fn expected() -> Vec<Vec<String>> {
    let rows: [&[&str]; 6] = [
        &["state", "paid", "guest", "id"],
        &["cancelled", "yes", "Ann", "C-1"],
        &["pending", "=A2", "Bo", "C-2"],
        &["confirmed", "", "Cy", "C-3"],
        &["confirmed", "no", "Di", "C-4"],
        &["pending", "", "Ed", "C-5"],
    ];
    rows.map(|row| row.iter().map(|text| (*text).to_owned()).collect()).into()
}

fn failure(error: &Error) -> &jada_auth::Error {
    let Error::Google { source, .. } = error else { panic!("{error}") };
    source
}

#[tokio::test]
async fn one_fault_of_any_kind_fails_no_sync() {
    for method in [SheetsMethod::Get, SheetsMethod::BatchUpdate] {
        for fault in SheetsFault::MIX {
            let sheets = office().start().unwrap();
            sheets.fail_next(method, *fault);
            let report = sync(&sheets).sync(&changed()).await;
            let report = report.unwrap_or_else(|error| panic!("{method:?} {fault:?}: {error}"));
            assert!(sheets.log().contains(&format!("[{fault:?}]")), "{}", sheets.log());
            assert_eq!(shown(&sheets), expected(), "{method:?} {fault:?}");
            assert_eq!((report.added.len(), report.changed.len()), (1, 1), "{method:?} {fault:?}");
        }
    }
}

#[tokio::test]
async fn rows_that_are_moved_while_an_answer_is_lost_are_mended() {
    let lost = [
        SheetsFault::Reset(When::After),
        SheetsFault::Status(503, When::After),
        SheetsFault::Html(When::After),
        SheetsFault::HalfJson,
        SheetsFault::Reset(When::Before),
    ];
    let acts: [fn(&mut SheetTab); 4] = [
        |tab| tab.move_row(1, 4),
        |tab| tab.move_column(0, 2),
        |tab| tab.insert_column(0),
        |tab| tab.sort(2),
    ];
    for fault in lost {
        for before in acts {
            for after in acts {
                let sheets = office().start().unwrap();
                sheets.edit(TAB, |tab| {
                    tab.insert_row(2);
                    tab.set(2, 0, "a remark");
                });
                sheets.before_next(SheetsMethod::Get, TAB, |_| ());
                sheets.before_next(SheetsMethod::BatchUpdate, TAB, before);
                sheets.before_next(SheetsMethod::Get, TAB, after);
                sheets.fail_next(SheetsMethod::BatchUpdate, fault);
                let rows = &changed()[..4];
                sync(&sheets).sync(rows).await.unwrap();
                let tab = tab(&sheets);
                let (key, state) = (tab.column("id").unwrap(), tab.column("state").unwrap());
                for (row, column) in cells(&tab) {
                    let cell = tab.cell(row, column);
                    let is_changed = column == state && tab.cell(row, key).value.text() == "C-1";
                    let expected = if is_changed { "cancelled".into() } else { cell.by_person };
                    assert_eq!(cell.value, expected, "{fault:?} {row} {column} {}", sheets.log());
                }
            }
        }
    }
}

fn cells(tab: &SheetTab) -> impl Iterator<Item = (usize, usize)> {
    let columns = tab.column_count();
    (0..tab.row_count()).flat_map(move |row| (0..columns).map(move |column| (row, column)))
}

#[tokio::test]
async fn a_server_is_left_alone_for_as_long_as_it_asks() {
    let sheets = office().start().unwrap();
    let long = SheetsFault::TooManyRequests(Some(Duration::from_secs(3_600)));
    sheets.fail_next(SheetsMethod::BatchUpdate, long);
    let error = sync(&sheets).sync(&changed()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3_600)));
    assert!(error.is_transient());
    assert_eq!(sheets.requests(), 2);
}

#[tokio::test]
async fn a_quota_of_the_day_is_told_at_once() {
    let sheets = office().start().unwrap();
    sheets.fail_next(SheetsMethod::BatchUpdate, SheetsFault::QuotaExceeded);
    let error = sync(&sheets).sync(&changed()).await.unwrap_err();
    assert!(error.is_transient(), "it is over tomorrow");
    assert_eq!(sheets.requests(), 2);
}

#[tokio::test]
async fn a_server_that_goes_on_failing_fails_the_sync_and_it_can_be_repeated() {
    let sheets = office().faults(1.0).mix([SheetsFault::Status(503, When::After)]);
    let sheets = sheets.start().unwrap();
    let google = google_builder(&sheets).deadline(Duration::from_millis(50)).build();
    let sync = SheetSync::builder(google, "book", TAB, columns()).backoff(Duration::ZERO).build();
    let error = sync.sync(&changed()).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    sheets.heal();
    sync.sync(&changed()).await.unwrap();
    assert_eq!(shown(&sheets), expected());
}

#[tokio::test]
async fn writes_whose_answers_are_all_lost_are_found_to_be_done() {
    let sheets = office().start().unwrap();
    for _ in 0..9 {
        sheets.fail_next(SheetsMethod::BatchUpdate, SheetsFault::Reset(When::After));
    }
    let report = sync(&sheets).sync(&changed()).await.unwrap();
    assert_eq!(sheets.calls(SheetsMethod::BatchUpdate), 1);
    assert_eq!((report.added, report.requests), (vec!["C-5".to_owned()], 3));
}

#[tokio::test]
async fn what_only_a_person_mends_is_told_at_once() {
    let sheets = office().read_only().start().unwrap();
    let error = sync(&sheets).sync(&changed()).await.unwrap_err();
    let jada_auth::Error::Api { status: 403, .. } = failure(&error) else { panic!("{error}") };
    assert!(!error.is_transient());
    assert_eq!(error.to_string(), "writing to the tab `Bookings` failed");
    let other = SheetSync::builder(google(&sheets), "other-book", TAB, columns()).build();
    let error = other.sync(&changed()).await.unwrap_err();
    let jada_auth::Error::Api { status: 404, .. } = failure(&error) else { panic!("{error}") };
    assert!(!error.is_transient());
    let blank = SheetSync::builder(google(&sheets), "", TAB, columns()).build();
    let error = blank.sync(&changed()).await.unwrap_err();
    assert!(matches!(failure(&error), jada_auth::Error::Refused { .. }), "{error}");
    assert_eq!(sheets.requests(), 3);
}

#[tokio::test]
async fn a_sync_that_is_dropped_leaves_nothing_undone_for_the_next() {
    let sheets = office().start().unwrap();
    sheets.before_next(SheetsMethod::BatchUpdate, TAB, |tab| tab.move_row(1, 4));
    sheets.fail_next(SheetsMethod::BatchUpdate, SheetsFault::Hang(When::After));
    let sync = builder(&sheets).build();
    let rows = &changed()[..3];
    let dropped = tokio::time::timeout(Duration::from_millis(100), sync.sync(rows)).await;
    assert!(dropped.is_err());
    sync.sync(rows).await.unwrap();
    let tab = tab(&sheets);
    let ours = tab.find(3, "C-1").unwrap();
    assert_eq!(tab.cell(ours, 0).value.text(), "cancelled");
    let strays = cells(&tab).filter(|(row, column)| {
        let cell = tab.cell(*row, *column);
        (*row, *column) != (ours, 0) && cell.value != cell.by_person
    });
    assert_eq!(strays.count(), 0, "{:?}", shown(&sheets));
}
