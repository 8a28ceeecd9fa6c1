//! What is read of a spreadsheet, and in which form.

use serde_json::json;

use super::{book, get, refusal};

#[test]
fn tabs_are_told_with_their_size_and_cells_when_asked_for() {
    let sheets = book().start().unwrap();
    let reply = get(&sheets, "").json();
    let properties = &reply["sheets"][0]["properties"];
    assert_eq!((&properties["title"], &properties["sheetId"]), (&json!("Ann's"), &json!(0)));
    assert_eq!(properties["gridProperties"], json!({ "rowCount": 1000, "columnCount": 26 }));
    assert_eq!(reply["sheets"].as_array().unwrap().len(), 2);
    assert_eq!(reply["sheets"][0]["data"], json!(null));
    let data = get(&sheets, "?includeGridData=true&ranges=%27Ann%27%27s%27").json();
    let rows = &data["sheets"][0]["data"][0]["rowData"];
    assert_eq!((data["sheets"].as_array().unwrap().len(), &rows[2]), (1, &json!({})));
    let kinds = [0, 1, 2, 3].map(|at| rows[1]["values"][at]["userEnteredValue"].clone());
    assert_eq!(
        kinds,
        [
            json!({ "stringValue": "C-1" }),
            json!({ "numberValue": 1.5 }),
            json!({ "boolValue": true }),
            json!({ "formulaValue": "=B2" }),
        ]
    );
    assert_eq!(rows[1]["values"][3]["effectiveValue"], json!({ "numberValue": 0 }));
    assert_eq!(
        (rows[1]["values"].as_array().unwrap().len(), rows.as_array().unwrap().len()),
        (4, 4)
    );
}

#[test]
fn a_mask_picks_and_is_checked() {
    let sheets = book().start().unwrap();
    let mask = "sheets(properties/title,data.rowData(values(userEnteredValue)))";
    let reply = get(&sheets, &format!("?ranges=Crew&fields={mask}")).json();
    let cell = json!({ "userEnteredValue": { "stringValue": "name" } });
    let expected = json!({ "sheets": [{
        "properties": { "title": "Crew" },
        "data": [{ "rowData": [{ "values": [cell] }] }],
    }] });
    assert_eq!(reply, expected);
    let titles = get(&sheets, "?includeGridData=true&fields=sheets.properties.title").json();
    assert_eq!(titles["sheets"][1], json!({ "properties": { "title": "Crew" } }));
    for mask in ["sheet", "sheets(", "sheets)", "sheets(titel)", "a,,b"] {
        refusal(&get(&sheets, &format!("?fields={mask}")), 400);
    }
}

#[test]
fn ranges_are_read_as_they_are_written() {
    let sheets = book().start().unwrap();
    let values = |range: &str| {
        let options = "valueRenderOption=UNFORMATTED_VALUE&dateTimeRenderOption=SERIAL_NUMBER";
        let reply = get(&sheets, &format!("/values:batchGet?{options}&ranges={range}")).json();
        reply["valueRanges"][0]["values"].clone()
    };
    let all = json!([["id", "n", "b", "f"], ["C-1", 1.5, true, 0], [], ["C-2", "", false]]);
    for range in ["%27Ann%27%27s%27", "A1:Z1000", "A:D", "1:4", "%27Ann%27%27s%27!A1:D"] {
        assert_eq!(values(range), all, "{range}");
    }
    assert_eq!(values("B2"), json!([[1.5]]));
    assert_eq!(values("b2:c4"), json!([[1.5, true], [], ["", false]]));
    assert_eq!(values("A5:D9"), json!(null));
    assert_eq!(values("Crew!A:A"), json!([["name"]]));
    for range in ["Nope", "%27Nope%27!A1", "Crew!", "A1:", "%27Crew", "A0", "Crew!nope1x"] {
        let reply = get(&sheets, &format!("?ranges={range}"));
        assert!(refusal(&reply, 400).starts_with("Unable to parse range"), "{range}");
    }
    refusal(&get(&sheets, "/values:batchGet?ranges=A1"), 400);
}
