//! A month's tab of a Google spreadsheet, on a loopback Sheets.

use std::time::Duration;

use jada_auth::{AccessToken, Clock, FixedProvider, GoogleClient, Scopes, SystemClock};
use jada_loopback_issuer::{Sheets, SheetsBuilder, SheetsFault, SheetsMethod};
use jada_roster::{Error, MonthTab, TabWords};

use super::{may, told};

fn google(sheets: &Sheets) -> GoogleClient {
    let scopes = Scopes::new([MonthTab::SCOPE]).unwrap();
    let token = AccessToken::builder("good", SystemClock.now()).scopes(scopes.clone());
    GoogleClient::builder(FixedProvider::new(token.build().unwrap()), scopes)
        .endpoint(sheets.endpoint().as_str().try_into().unwrap())
        .deadline(Duration::from_secs(5))
        .backoff(Duration::from_millis(4))
        .build()
}

/// A spreadsheet with the month's tab among others.
fn book() -> SheetsBuilder {
    let scopes = [MonthTab::SCOPE];
    Sheets::builder().token("good", scopes).tab("April 2026", [["Name", "2026-04-01"]]).tab(
        "May 2026",
        [
            ["Name", "May", "", "", "", "", "", ""],
            ["", "1", "2", "3", "4", "5", "6", "7"],
            ["Ann's", "yes", "", "", "pm", "=1+1", "late", ""],
            ["Bo", "", "no", "", "", "", "", ""],
        ],
    )
}

const GOLDEN: &str = "A3 `Ann's`: 1-3y 4a 7.\n\
                      A4 `Bo`: 1. 2n 3-7.\n\
                      ? F3: `0`: expected one of yes, no, maybe, morning, afternoon, or nothing\n\
                      ? G3: `late`: expected one of yes, no, maybe, morning, afternoon, or nothing\n\
                      missing 8-31\n";

fn merged(sheets: &Sheets, title: &str) {
    assert!(sheets.edit(title, |tab| tab.merge((2, 3), (1, 4))));
}

async fn read(sheets: &Sheets, words: &TabWords) -> Result<String, Error> {
    let tab = MonthTab::from_sheet(&google(sheets), "book", may(), words).await?;
    Ok(told(&tab))
}

#[tokio::test]
async fn a_tab_is_read_with_its_merged_cells_by_one_request() {
    let sheets = book().start().unwrap();
    merged(&sheets, "May 2026");
    assert_eq!(read(&sheets, &TabWords::new()).await.unwrap(), GOLDEN);
    assert_eq!((sheets.requests(), sheets.calls(SheetsMethod::Get)), (1, 1));
}

#[tokio::test]
async fn a_title_that_is_declared_is_one_request_for_that_tab_alone() {
    let sheets = book().start().unwrap();
    merged(&sheets, "May 2026");
    let declared = TabWords::new().with_tab("{month} {year}");
    assert_eq!(read(&sheets, &declared).await.unwrap(), GOLDEN);
    assert_eq!(sheets.requests(), 1);
    let otherwise = TabWords::new().with_tab(" may 2026");
    assert_eq!(read(&sheets, &otherwise).await.unwrap(), GOLDEN, "in another case, and slower");
    assert_eq!(sheets.requests(), 4);
}

#[tokio::test]
async fn a_tab_that_is_not_there_is_an_error_that_lists_those_that_are() {
    let sheets = book().start().unwrap();
    let june = "2026-06".parse().unwrap();
    let words = TabWords::new();
    let missing = MonthTab::from_sheet(&google(&sheets), "book", june, &words).await.unwrap_err();
    assert_eq!(
        missing.to_string(),
        "spreadsheet `book`: no tab is called `June 2026`, `Jun 2026`, `2026-06`, `June`, `Jun`; \
         there are `April 2026`, `May 2026`"
    );
    let declared = TabWords::new().with_tab("Crew's {m}");
    let missing = read(&sheets, &declared).await.unwrap_err().to_string();
    assert!(missing.contains("no tab is called `Crew's 5`; there are `April 2026`"), "{missing}");
}

#[tokio::test]
async fn a_failure_that_heals_is_tried_again_and_another_says_what_to_mend() {
    let sheets = book().start().unwrap();
    merged(&sheets, "May 2026");
    sheets.fail_next(SheetsMethod::Get, SheetsFault::TooManyRequests(None));
    sheets.fail_next(SheetsMethod::Get, SheetsFault::HalfBody);
    assert_eq!(read(&sheets, &TabWords::new()).await.unwrap(), GOLDEN);
    let other = MonthTab::from_sheet(&google(&sheets), "other", may(), &TabWords::new()).await;
    let refused = other.unwrap_err();
    assert!(matches!(refused, Error::Google { .. }) && !refused.is_transient());
    assert_eq!(refused.to_string(), "reading the spreadsheet `other` failed");
}
