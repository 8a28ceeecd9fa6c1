//! Who may do what.

use jada_loopback_issuer::{Gmail, Google, SheetsMethod};
use serde_json::json;

use super::{BOOK, GOOD, ask, book, cells, get, refusal, update};
use crate::client::Client;

#[test]
fn another_id_is_not_found_and_a_reader_may_not_write() {
    let sheets = book().read_only().start().unwrap();
    assert_eq!(get(&sheets, "").status, 200);
    let requests = json!([cells(0, 0, &[json!({ "numberValue": 1 })])]);
    refusal(&update(&sheets, &requests), 403);
    refusal(&ask(&sheets, "GET /v4/spreadsheets/other", GOOD, "").unwrap(), 404);
    refusal(&ask(&sheets, "GET /v4/nothing", GOOD, "").unwrap(), 404);
    assert_eq!((sheets.requests(), sheets.calls(SheetsMethod::Get)), (4, 2));
}

#[test]
fn a_token_does_what_its_scopes_allow() {
    let scope = |name: &str| format!("https://www.googleapis.com/auth/{name}");
    let (all, readonly) = (scope("spreadsheets"), scope("spreadsheets.readonly"));
    let sheets = book().token("all", [&*all]).token("some", [&*readonly]).token("none", ["mail"]);
    let sheets = sheets.start().unwrap();
    let body = json!({ "requests": [cells(0, 0, &[])] }).to_string();
    for (token, read, write) in
        [("all-7", 200, 200), ("some", 200, 403), ("none", 403, 403), ("x", 401, 401)]
    {
        let bearer = format!("Authorization: Bearer {token}\r\n");
        let read_status = ask(&sheets, &format!("GET {BOOK}"), &bearer, "").unwrap().status;
        let line = format!("POST {BOOK}:batchUpdate");
        let write_status = ask(&sheets, &line, &bearer, &body).unwrap().status;
        assert_eq!((read_status, write_status), (read, write), "{token}");
    }
}

#[test]
fn it_is_served_beside_others_too() {
    let (sheets, gmail) = (book().start().unwrap(), Gmail::start().unwrap());
    let google = Google::builder().gmail(&gmail).sheets(&sheets).start().unwrap();
    let mut client = Client::of_api(&google.endpoint());
    assert_eq!(client.get(BOOK, GOOD).status, 200);
    assert_eq!(client.get("/gmail/v1/users/me/profile", GOOD).status, 200);
    assert_eq!(sheets.calls(SheetsMethod::Get), 1);
}
