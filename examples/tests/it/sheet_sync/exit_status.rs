//! How a program that works on its own ends: each status is brought about, and is in the one table
//! of `examples/README.md`.

use std::{
    fs,
    io::{BufRead, BufReader},
    time::Duration,
};

use jada_loopback_issuer::{SheetsFault, SheetsMethod, When};
use serde_json::json;

use super::{Office, terminate};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

/// What the table says of each status.
fn table() -> Vec<(i32, String)> {
    let readme = fs::read_to_string(README).unwrap();
    let rows = readme.lines().skip_while(|line| !line.starts_with("| status |")).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let mut cells = row.trim_matches('|').split('|').map(str::trim);
        (cells.next().unwrap().parse().unwrap(), cells.next().unwrap().to_owned())
    })
    .collect()
}

#[test]
fn each_ending_has_the_status_that_the_table_says() {
    let office = Office::open();
    let mut endings = vec![
        ("it is done", office.sync("").status),
        ("does well", office.check("").status),
        ("the arguments", office.sync("--no-such-flag").status),
        ("never ran", office.check("--state other").status),
    ];
    let good = office.health();
    let mut stale = good.clone();
    stale["last_good"] = json!("2026-01-01T00:00:00Z");
    office.write("sheet-sync/health.json", &stale.to_string());
    endings.push(("stale", office.check("").status));
    office.write("sheet-sync/health.json", &good.to_string());

    let busy = SheetsFault::TooManyRequests(Some(Duration::from_secs(600)));
    office.sheets.fail_next(SheetsMethod::Get, busy);
    endings.push(("heals by itself", office.sync("").status));
    endings.push(("heals by itself", office.check("").status));

    let input = fs::read_to_string(office.path("charters.csv")).unwrap();
    office.write("charters.csv", &input.replace("2026-05-03", "May 3rd"));
    endings.push(("the input", office.sync("").status));
    endings.push(("fails until a person", office.check("").status));
    office.write("charters.csv", &input);
    office.sync("");
    let alerts = "--alert-to ops@example.com --alert-via gmail --alert-secrets-dir nowhere";
    endings.push(("nobody can be alerted", office.sync(alerts).status));
    office.sync("");

    endings.push(("cut off by a signal", cut_off(&office)));
    office.sync("");
    endings.push(("told to stop", told_to_stop(&office)));
    office.grant_dies();
    endings.push(("consent", office.sync("").status));
    endings.push(("consent", office.check("").status));

    let table = table();
    let statuses: Vec<_> = table.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [0, 1, 2, 3]);
    for (ending, status) in &endings {
        let told: Vec<_> = table.iter().filter(|(_, when)| when.contains(ending)).collect();
        let [(expected, _)] = told[..] else { panic!("`{ending}` is in {} rows", told.len()) };
        assert_eq!(status, expected, "{ending}");
    }
}

/// By a second signal, while the first waits for the run to end.
fn cut_off(office: &Office) -> i32 {
    let requests = office.sheets.requests();
    office.sheets.fail_next(SheetsMethod::Get, SheetsFault::Hang(When::Before));
    let mut child = office.start("");
    assert!(office.sheets.wait_for_requests(requests + 1, Duration::from_secs(20)));
    let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
    terminate(&child);
    stderr.next().unwrap().unwrap();
    terminate(&child);
    child.wait().unwrap().code().unwrap()
}

/// While it waits for its next run.
fn told_to_stop(office: &Office) -> i32 {
    let mut child = office.start("--every 30m");
    BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    terminate(&child);
    child.wait().unwrap().code().unwrap()
}
