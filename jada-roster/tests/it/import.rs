//! Files of charters as people have them.

use std::path::Path;

use jada_roster::{Charter, Error, Format, Kind, OnConflict, Reading, Status};

const HEADER: &str = "charter_id,date,guest,total,currency,status,kind,brand,notes";

fn csv(rows: &str) -> Result<Reading, Error> {
    Reading::of("may.csv", format!("{HEADER}\n{rows}").as_bytes(), Format::Csv)
}

fn json(text: &str) -> Result<Reading, Error> {
    Reading::of("may.json", text.as_bytes(), Format::Json)
}

fn charters(reading: Result<Reading, Error>) -> Vec<Charter> {
    reading.unwrap().complete(OnConflict::Refuse).unwrap()
}

fn faults_of(reading: Result<Reading, Error>) -> Vec<String> {
    reading.unwrap().bad_rows().iter().map(ToString::to_string).collect()
}

#[test]
fn a_row_is_read_with_all_its_columns() {
    let text = "\u{feff}boat, notes,charter_id,date,guest,total,currency,status,kind,brand,\r\n\
                Zephyr,\"two\r\nlines\",C-1,2026-05-03,\"O'Brien, \"\"Jo\"\"\",\"$1,234.50\",usd,Confirmed,Charter,Blue,x\r\n\
                ,,,,,,,,,,\r\n";
    let charters = charters(Reading::of("may.csv", text.as_bytes(), Format::Csv));
    assert_eq!(charters.len(), 1);
    let charter = &charters[0];
    assert_eq!((charter.guest(), charter.notes()), ("O'Brien, \"Jo\"", "two\r\nlines"));
    assert_eq!(charter.total().unwrap().minor(), 123_450);
    assert_eq!((charter.status(), charter.kind()), (Status::Confirmed, &Kind::Charter));
    assert_eq!(charter.extra()[0], ("boat".into(), "Zephyr".into()));
    assert_eq!(charter.extra()[1], ("column 11".into(), "x".into()));
    let clash = text.replace("brand,\r", "brand,column 12,\r").replace(",x\r", ",,x\r");
    assert!(
        Reading::of("may.csv", clash.as_bytes(), Format::Csv).is_err(),
        "column 12 is named twice"
    );
}

#[test]
fn every_row_that_cannot_be_read_is_named_at_once_with_its_place() {
    let rows = "C-1,2026-05-03,Ann,100,USD,confirmed,charter,,\n\
                C-2,2026-05-33,Ann,\"1.234,50\",USD,booked,charter,,\n\
                 ,2026-05-03,Ann,100,USD,confirmed,charter,,\n\
                C-4,2026-05-03,Ann,100,USD,confirmed,,,\n\
                C-5,2026-05-03,Ann,100,DOLLAR,confirmed,charter,,\n\
                C-6,2026-05-03,Ann,100\n\
                C-7,2026-05-03,\"Ann\"e,100,USD,confirmed,charter,,\n\
                C-8,2026-05-03,An\u{1}n,100,USD,confirmed,charter,,\n";
    let faults = faults_of(csv(rows));
    let starts = [
        "may.csv:3:5: date `2026-05-33`",
        "may.csv:4:1: charter_id",
        "may.csv:5:38: kind",
        "may.csv:6:24: currency `DOLLAR`",
        "may.csv:7:1: expected 9 fields, found 4",
        "may.csv:8:21: expected a comma",
        "may.csv:9:1: guest",
    ];
    assert_eq!(faults.len(), starts.len(), "{faults:#?}");
    for (fault, start) in faults.iter().zip(starts) {
        assert!(fault.starts_with(start), "{fault}");
    }
    assert!(faults[0].contains("may.csv:3:20: amount `1.234,50`"), "{}", faults[0]);
    assert!(faults[0].contains("status `booked` is not valid: expected one of"), "{}", faults[0]);

    let reading = csv(rows).unwrap();
    assert!(
        matches!(reading.complete(OnConflict::Refuse), Err(Error::BadRows { rows }) if rows.len() == 7)
    );
    let (good, bad) = csv(rows).unwrap().skipping_bad_rows(OnConflict::Refuse).unwrap();
    assert_eq!((good.len(), bad.len()), (1, 7));
    assert_eq!(bad[0].id.as_deref(), Some("C-2"));
}

#[test]
fn a_file_whose_rows_cannot_be_told_apart_is_refused_whole() {
    let place = |reading: Result<Reading, Error>| match reading {
        Err(Error::UnreadableFile { line, column, expected, .. }) => (line, column, expected),
        other => panic!("{other:?}"),
    };
    let (line, column, expected) =
        place(csv("C-1,2026-05-03,Ann,100,USD,confirmed,charter,,\nC-2,2026-05-03,\"Ann,100\n"));
    assert_eq!((line, column), (3, 16), "{expected}");
    let missing = HEADER.replace(",kind", "");
    let (line, column, expected) = place(Reading::of("x.csv", missing.as_bytes(), Format::Csv));
    assert_eq!((line, column, expected.as_str()), (1, 1, "a header line with the columns kind"));
    let semicolons = HEADER.replace(',', ";");
    assert!(
        place(Reading::of("x.csv", semicolons.as_bytes(), Format::Csv))
            .2
            .contains("not separated by commas")
    );
    let twice = format!("{HEADER},date");
    assert!(
        place(Reading::of("x.csv", twice.as_bytes(), Format::Csv))
            .2
            .contains("`date` stands twice")
    );
    assert_eq!(place(Reading::of("x.csv", b"a,b\n\xe9", Format::Csv)).0, 2);
    assert_eq!(place(Reading::of("x.csv", b"", Format::Csv)).0, 1);
    assert_eq!(place(json("[{\"charter_id\": \"C-1\"},\n{]")).0, 2);
    assert_eq!(place(json("[{\"charter_id\": \"C-1\"}")).0, 1);
}

const OBJECT: &str = r#"{"charter_id":"C-1","date":"2026-05-03","guest":"Ann","total":1234.5,"currency":"USD","status":"confirmed","kind":"charter","brand":null,"boat":"Zephyr","berths":4}"#;

#[test]
fn json_is_an_array_or_one_object_a_line() {
    let other = OBJECT.replace("C-1", "C-2").replace("1234.5", "\"$1,234.50\"");
    let bare = OBJECT.replace("C-1", "C-3").replace("\"total\":1234.5,", "");
    let null = OBJECT.replace("C-1", "C-4").replace("1234.5", "null");
    let array = format!(" [{OBJECT},\n{other},{bare},{null}]");
    let lines = format!("{OBJECT}\n\n{other}\r\n{bare}\n{null}");
    for text in [array, lines] {
        let charters = charters(json(&text));
        let totals: Vec<_> =
            charters.iter().map(|c| c.total().map(|total| total.minor())).collect();
        assert_eq!(totals, [Some(123_450), Some(123_450), None, None]);
        assert_eq!(charters[0].extra()[1], ("boat".into(), "Zephyr".into()));
        assert_eq!(charters[0].extra()[0], ("berths".into(), "4".into()));
        assert_eq!(charters[0].brand(), "");
    }
    assert!(matches!(json(" \n"), Err(Error::UnreadableFile { .. })), "a download cut short");
    assert!(charters(json("[]")).is_empty());
}

#[test]
fn json_rows_that_cannot_be_read_are_named_with_their_place() {
    let renamed = OBJECT.replace("\"guest\"", "\"guest_name\"");
    let twice = OBJECT.replace("\"brand\":null", "\"total\":1");
    let boolean = OBJECT.replace("1234.5", "true");
    let fine = OBJECT.replace("1234.5", "1234.567");
    let exponent = OBJECT.replace("1234.5", "1e3");
    let lines =
        format!("{OBJECT}\n{renamed}\n{twice}\n{boolean}\n{fine}\n{exponent}\n[1]\n{{\"a\" 1}}\n");
    let faults = faults_of(json(&lines));
    let starts = [
        "may.json:2:1: key `guest` is missing",
        "may.json:3:",
        "may.json:4:63: total `true` is not valid: expected a string, a number or null",
        "may.json:5:63: amount `1234.567`",
        "may.json:6:63: amount `1e3`",
        "may.json:7:1: expected a JSON object",
        "may.json:8:",
    ];
    assert_eq!(faults.len(), starts.len(), "{faults:#?}");
    for (fault, start) in faults.iter().zip(starts) {
        assert!(fault.starts_with(start), "{fault}");
    }
    assert!(faults[1].contains("key `total` stands twice"), "{}", faults[1]);
    let nameless = OBJECT.replace("\"boat\"", "\"\"");
    assert!(faults_of(json(&nameless))[0].contains("expected a name for this key"));
    let blank = r#"{"charter_id":"","date":"","guest":"","currency":"","status":"","kind":""}"#;
    assert_eq!(faults_of(json(blank)).len(), 1, "in JSON nobody writes blank rows by accident");
}

#[test]
fn other_keys_of_json_compare_by_what_they_say() {
    let deep =
        OBJECT.replace("\"berths\":4", "\"berths\": {\"b\": [1, 2], \"a\": null}, \"x\": \" \"");
    let dense = OBJECT.replace("\"berths\":4", "\"berths\":{\"a\":null,\"b\":[1,2]},\"x\":null");
    let (deep, dense) = (charters(json(&deep)), charters(json(&dense)));
    assert!(deep[0].says_the_same(&dense[0]), "{:?}", deep[0].differences(&dense[0]));
    assert_eq!(deep[0].extra()[0].1, r#"{"a":null,"b":[1,2]}"#);
}

#[test]
fn a_stray_quote_never_hides_good_rows() {
    let rows = "C-2,2026-05-03,\"Ann,100,USD,confirmed,charter,,\n\
                C-3,2026-05-03,Bob,100,USD,confirmed,charter,,\n\
                C-5,2026-05-03,\"Cy, Jr\",100,USD,confirmed,charter,,\n";
    match csv(rows) {
        Err(Error::UnreadableFile { line, column, .. }) => assert_eq!((line, column), (2, 16)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_charter_told_twice_is_one_or_a_conflict() {
    let row = "C-1,2026-05-03,Ann,100,USD,confirmed,charter,,\n";
    assert_eq!(charters(csv(&row.repeat(2))).len(), 1);
    let changed = row.replace("100", "110");
    let conflict =
        csv(&format!("{row}{changed}")).unwrap().complete(OnConflict::Refuse).unwrap_err();
    assert_eq!(
        conflict.to_string(),
        "1 charter is told in two ways: `C-1` (line 2 and line 3): total `100.00` or `110.00`"
    );
    let taken = csv(&format!("{row}{changed}")).unwrap().complete(OnConflict::TakeNew).unwrap();
    assert_eq!((taken.len(), taken[0].total().unwrap().minor()), (1, 11_000));
}

#[test]
fn the_format_is_told_by_the_ending() {
    assert_eq!(Format::of(Path::new("a/May.CSV")).unwrap(), Format::Csv);
    assert_eq!(Format::of(Path::new("may.json")).unwrap(), Format::Json);
    assert!(Format::of(Path::new("may.xlsx")).is_err());
    assert!(Format::of(Path::new("may")).is_err());
}
