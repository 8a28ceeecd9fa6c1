//! Charters into a tab by hand: all of it is written again, whatever is there.

use jada_auth::GoogleClient;
use jada_roster::Charter;
use serde_json::{Value, json};

/// Writes the header and every row in one request, without looking: people's columns are safe as
/// long as nobody moves one, and rows as long as nobody sorts them.
pub async fn rewrite(google: &GoogleClient, spreadsheet: &str, charters: &[Charter]) {
    let text = |text: &str| json!({ "userEnteredValue": { "stringValue": text } });
    let number = |number: f64| json!({ "userEnteredValue": { "numberValue": number } });
    let epoch = jiff::civil::date(1899, 12, 30);
    let row = |charter: &Charter| {
        let days = charter.date().duration_since(epoch).as_hours() / 24;
        let total = charter.total().map(|total| total.decimal().as_str().parse().unwrap());
        json!({ "values": [
            text(charter.id().as_str()),
            number(days as f64),
            text(charter.guest()),
            total.map_or(json!({}), number),
            text(charter.currency().code()),
            text(charter.status().as_str()),
            text(charter.kind().as_str()),
            text(charter.brand()),
            text(charter.notes()),
        ] })
    };
    let request = json!({ "updateCells": {
        "start": { "sheetId": 0, "rowIndex": 1, "columnIndex": 0 },
        "rows": charters.iter().map(row).collect::<Vec<_>>(),
        "fields": "userEnteredValue",
    } });
    let url = format!("https://sheets.googleapis.com/v4/spreadsheets/{spreadsheet}:batchUpdate");
    let call = google.post(&*url).json(&json!({ "requests": [request] }));
    let _answer: Value = call.fetch().await.unwrap();
}
