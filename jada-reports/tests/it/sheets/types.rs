//! Cells with their types, and texts that look like something else.

use jada_loopback_issuer::SheetValue;
use jada_reports::{Cell, Column, ColumnKind, Columns, SheetRow, SheetSync, charter_columns};
use jada_roster::{Charter, CharterId, Currency, Money, Status};
use jiff::civil::date;

use super::{TAB, book, booking, google, office, shown, sync, tab, with_rows};

fn charter(id: &str, guest: &str) -> Charter {
    Charter::builder(CharterId::new(id).unwrap(), date(2026, 5, 3), Currency::USD)
        .guest(guest)
        .status(Status::Confirmed)
        .total(Money::from_minor(123_450, Currency::USD))
        .extra([("boat".to_owned(), "Zephyr".to_owned())])
        .build()
        .unwrap()
}

#[tokio::test]
async fn texts_of_guests_arrive_as_text() {
    let nasty = [
        "=1+1",
        "+1",
        "@x",
        "-5",
        "'x",
        "''",
        "=HYPERLINK(\"http://x\")",
        "1e3",
        "TRUE",
        "12/5/2026",
        " leading",
        "trailing ",
        "\ttab",
        "two\nlines",
        "Renée 🎉",
        "#REF!",
        "0042",
        "{\"a\":1}",
        "%",
    ];
    let rows: Vec<_> = nasty
        .iter()
        .enumerate()
        .map(|(at, text)| booking(&format!("C-{at}"), text, "=A1"))
        .collect();
    let sheets = with_rows::<0>(&[]).start().unwrap();
    sync(&sheets).sync(&rows).await.unwrap();
    for (row, text) in nasty.iter().enumerate() {
        let values = [1, 2].map(|column| tab(&sheets).cell(row + 1, column).value);
        assert_eq!(values, [*text, "=A1"].map(|text| SheetValue::Text(text.to_owned())));
    }
    let again = sync(&sheets).sync(&rows).await.unwrap();
    assert_eq!((again.unchanged, again.requests), (rows.len(), 1));
}

#[tokio::test]
async fn what_a_person_typed_over_a_text_is_told_from_it() {
    for typed in [SheetValue::from("=1+1"), 2.0.into(), true.into(), SheetValue::Blank] {
        let sheets = with_rows(&[["id", "guest", "state"], ["C-1", "x", ""]]).start().unwrap();
        sheets.edit(TAB, |tab| tab.set(1, 1, typed.clone()));
        let text = match &typed {
            SheetValue::Formula(formula) => formula.clone(),
            SheetValue::Blank => "Ann".to_owned(),
            other => other.text(),
        };
        let report = sync(&sheets).sync(&[booking("C-1", &text, "")]).await.unwrap();
        assert_eq!(report.cells, 1, "{typed:?}");
        assert_eq!(tab(&sheets).cell(1, 1).value, SheetValue::Text(text));
    }
}

#[tokio::test]
async fn charters_are_written_with_their_types() {
    let charters = [charter("C-1", "Ann"), charter("C-2", "=1+1")];
    let columns = charter_columns(&charters);
    let sheets = with_rows::<0>(&[]).start().unwrap();
    let sync = SheetSync::builder(google(&sheets), "book", TAB, columns).build();
    sync.sync(&charters).await.unwrap();
    let header = "charter_id date guest total currency status kind brand notes boat";
    assert_eq!(shown(&sheets)[0].join(" "), header);
    let tab = tab(&sheets);
    let place = |name: &str| tab.cell(1, tab.column(name).unwrap());
    assert_eq!(place("date").value, SheetValue::Number(46_145.0));
    assert_eq!(place("total").value, SheetValue::Number(1_234.5));
    assert_eq!(place("boat").value, SheetValue::Text("Zephyr".into()));
    assert_eq!(place("date").pattern.as_deref(), Some("yyyy-mm-dd"));
    assert_eq!(place("total").pattern.as_deref(), Some("#,##0.00"));
    assert_eq!((place("guest").pattern, place("notes").value), (None, SheetValue::Blank));
    assert_eq!(sync.sync(&charters).await.unwrap().requests, 1);
}

#[tokio::test]
async fn a_row_that_is_added_is_shown_as_the_one_above() {
    let charters = [charter("C-1", "Ann"), charter("C-2", "Bo")];
    let columns = charter_columns(&charters);
    let sheets = with_rows::<0>(&[]).start().unwrap();
    let sync = SheetSync::builder(google(&sheets), "book", TAB, columns).build();
    sync.sync(&charters[..1]).await.unwrap();
    sync.sync(&charters).await.unwrap();
    assert_eq!(tab(&sheets).cell(2, 1).pattern.as_deref(), Some("yyyy-mm-dd"));
}

struct Typed;

impl SheetRow for Typed {
    fn key(&self) -> &str {
        "1001"
    }

    fn cell(&self, column: &Column) -> Cell {
        match column.name() {
            "n" => Cell::Number("0.1".parse().unwrap()),
            "b" => Cell::Bool(false),
            "t" => Cell::DateTime(date(2026, 5, 3).at(9, 30, 0, 0)),
            _ => Cell::Empty,
        }
    }
}

#[tokio::test]
async fn a_key_that_a_person_typed_as_a_number_is_the_same_key() {
    let kinds = [
        Column::text("id"),
        Column::new("n", ColumnKind::Number),
        Column::new("b", ColumnKind::Bool),
        Column::new("t", ColumnKind::DateTime),
    ];
    let sheets = book().tab(TAB, [["id", "n", "b", "t"]]).start().unwrap();
    sheets.edit(TAB, |tab| tab.set(1, 0, 1_001.0));
    let columns = Columns::new("id", kinds).unwrap();
    let sync = SheetSync::builder(google(&sheets), "book", TAB, columns).build();
    let report = sync.sync(&[Typed]).await.unwrap();
    assert_eq!((report.changed.len(), report.cells, report.added.len()), (1, 3, 0));
    let values = [1, 2, 3].map(|column| tab(&sheets).cell(1, column).value);
    assert_eq!(values, [0.1.into(), false.into(), (46_145.0 + 9.5 / 24.0).into()]);
    assert_eq!(sync.sync(&[Typed]).await.unwrap().requests, 1);
}

#[tokio::test]
async fn a_cell_that_is_to_be_blank_is_cleared() {
    let sheets = office().start().unwrap();
    let report = sync(&sheets).sync(&[booking("C-1", "", "confirmed")]).await.unwrap();
    assert_eq!(
        (report.cells, shown(&sheets)[1].clone()),
        (1, ["confirmed", "yes", "", "C-1"].map(String::from).into())
    );
}
