//! Exports of rows without an end.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use jada_reports::{BulkCell, BulkColumn, BulkRow, Error, bulk_export, bulk_export_file};
use jada_roster::{Currency, Money};

use crate::sample::charters;

struct Numbered(u32);

impl BulkRow for Numbered {
    fn columns() -> Vec<BulkColumn> {
        vec![BulkColumn::new("Number", 10.0), BulkColumn::new("Empty", f64::NAN)]
    }

    fn cells(&self) -> impl Iterator<Item = BulkCell<'_>> {
        [BulkCell::Number(self.0.into()), BulkCell::Number(f64::NAN)].into_iter()
    }
}

#[test]
fn another_reader_finds_every_row() {
    let charters = charters();
    let mut workbook = Vec::new();
    assert_eq!(bulk_export(&charters, &mut workbook).unwrap(), 12);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(workbook)).unwrap();
    let sheet = book.worksheet_range("Rows").unwrap();
    assert_eq!(sheet.height(), 13);
    for (row, charter) in sheet.rows().skip(1).zip(&charters) {
        assert_eq!(row[1].to_string(), charter.id().as_str());
        assert_eq!(row[2].to_string().trim(), charter.guest().trim());
        assert_eq!(row[7].to_string(), "USD");
        match charter.total() {
            None => assert_eq!(row[6], Data::Empty),
            Some(total) => assert_eq!(row[6].to_string(), f64_of(total).to_string()),
        }
    }
}

fn f64_of(amount: Money) -> f64 {
    amount.decimal().to_string().parse().unwrap()
}

#[test]
fn the_same_rows_give_the_same_bytes_and_an_empty_export_has_its_header() {
    let export = || {
        let mut workbook = Vec::new();
        bulk_export((0..1_000).map(Numbered), &mut workbook).unwrap();
        workbook
    };
    assert!(export() == export());
    let mut empty = Vec::new();
    assert_eq!(bulk_export(std::iter::empty::<Numbered>(), &mut empty).unwrap(), 0);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(empty)).unwrap();
    assert_eq!(book.worksheet_range("Rows").unwrap().height(), 1);
}

#[test]
fn a_file_appears_whole_or_not_at_all() {
    struct Large;
    impl BulkRow for Large {
        fn columns() -> Vec<BulkColumn> {
            vec![BulkColumn::new("Amount", 20.0)]
        }
        fn cells(&self) -> impl Iterator<Item = BulkCell<'_>> {
            let amount = Money::from_minor(1_000_000_000_000_000, Currency::USD);
            std::iter::once(BulkCell::Amount(amount))
        }
    }

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.xlsx");
    assert!(matches!(bulk_export_file([Large], &path), Err(Error::Amount { .. })));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let written = bulk_export_file((0..10).map(Numbered), &path).unwrap();
    assert_eq!(written.bytes, std::fs::metadata(&path).unwrap().len());
}
