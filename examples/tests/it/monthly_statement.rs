//! The month-end statement, end to end.

use std::fmt::Write as _;
use std::fs;

use aws_sdk_dynamodb::types::AttributeValue;
use jada_roster::{Charter, CharterId, Currency, EmbeddedEngine};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::program::Bench;

const HEADER: &str = "charter_id,date,guest,total,currency,status,kind,brand,notes\n";

fn rows(rows: &[&str]) -> String {
    rows.iter().fold(HEADER.to_owned(), |csv, row| csv + row + "\n")
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

#[test]
fn without_an_argument_the_bundled_may_is_stated() {
    let bench = Bench::new();
    let run = bench.run("");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    for line in [
        "Revenue statement, May 2026, in USD",
        "Charters counted                                39",
        "Charters not counted                             9",
        "  no confirmed total                             2",
        "Gross                                    44,328.89",
        "Sales tax, 7.75 % of 44,328.89            3,435.50",
        "Net                                      40,006.78",
        "target/statement/2026-05/statement-2026-05.xlsx",
    ] {
        assert!(run.stdout.lines().any(|found| found == line), "{line}\n{}", run.stdout);
    }
}

#[test]
fn the_summary_is_one_object_and_its_artefacts_are_as_it_says() {
    let bench = Bench::new();
    let run = bench.run("--json --out out");
    let summary = run.summary();
    let keys: Vec<&String> = summary.as_object().unwrap().keys().collect();
    let mut expected = [
        "period",
        "currency",
        "source",
        "included",
        "excluded",
        "excluded_by",
        "gross",
        "taxes",
        "net",
        "artefacts",
    ];
    expected.sort_unstable();
    assert_eq!(keys, expected);
    assert_eq!(summary["source"], 48);
    assert_eq!(
        summary["excluded_by"],
        json!({"cancelled": 1, "pending": 2, "training": 2, "no guest": 2, "no confirmed total": 2})
    );
    let tax = json!({"name": "Harbor fee", "rate": "0.02", "base": "44328.89", "amount": "886.61"});
    assert_eq!(summary["taxes"][1], tax);
    let artefacts = summary["artefacts"].as_array().unwrap();
    assert_eq!(artefacts.len(), 4);
    for artefact in artefacts {
        let bytes = fs::read(bench.path(artefact["path"].as_str().unwrap())).unwrap();
        assert_eq!(artefact["bytes"], bytes.len());
        assert_eq!(artefact["sha256"], hex(&bytes));
    }
}

#[test]
fn a_second_run_gives_the_same_bytes_and_one_mail() {
    let bench = Bench::new();
    let files =
        ["statement-2026-05.xlsx", "statement-2026-05.html", "outbox/statement-2026-05.eml"];
    let read = || files.map(|file| fs::read(bench.path("out").join(file)).unwrap());
    bench.run("--out out --json").summary();
    let first = read();
    bench.run("--out out --json").summary();
    assert!(first == read());
    assert_eq!(fs::read_dir(bench.path("out/outbox")).unwrap().count(), 1);
    let manifest = fs::read_to_string(bench.path("out/manifest.jsonl")).unwrap();
    assert_eq!(manifest.lines().count(), 2);
}

#[test]
fn every_month_of_the_bundled_year_can_be_stated() {
    let bench = Bench::new();
    let counted: u64 = (1..=12)
        .map(|month| {
            let summary = bench.run(&format!("--month 2026-{month:02} --json --out out")).summary();
            assert!(summary["included"].as_u64() > Some(0), "{summary}");
            summary["source"].as_u64().unwrap()
        })
        .sum();
    assert_eq!(counted, 291);
}

#[test]
fn one_bad_row_and_nothing_is_imported_or_written() {
    let bench = Bench::new();
    bench.write(
        "c.csv",
        &rows(&[
            "a,2026-05-01,Ann,100,USD,confirmed,charter,,",
            "b,2026-05-01,Ann,\"1.234,50\",USD,confirmed,charter,,",
            "c,2026-05-01,Ann,100,USD,booked,charter,,",
        ]),
    );
    let run = bench.run("--charters c.csv --out out --db c.db");
    assert!(run.error().contains("2 rows cannot be read; nothing was imported"), "{}", run.stderr);
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(lines.len(), 3, "{}", run.stderr);
    assert!(lines[0].starts_with("c.csv:3:18: amount `1.234,50`"), "{}", lines[0]);
    assert!(lines[1].starts_with("c.csv:4:26: status `booked`"), "{}", lines[1]);
    assert_eq!(bench.names(), ["c.csv"]);

    let run = bench.run("--charters c.csv --out out --skip-bad --json");
    let summary = run.summary();
    assert_eq!((&summary["source"], &summary["gross"]), (&json!(1), &json!("100.00")));
    let page = fs::read_to_string(bench.path("out/statement-2026-05.html")).unwrap();
    assert!(page.contains("c.csv:4:26: status"), "what was skipped is listed");
}

#[test]
fn importing_again_changes_nothing_and_what_vanishes_stays() {
    let bench = Bench::new();
    bench.write(
        "all.csv",
        &rows(&[
            "a,2026-05-01,Ann,100,USD,confirmed,charter,,",
            "b,2026-05-02,Bob,50,USD,completed,charter,,",
        ]),
    );
    bench.write("one.csv", &rows(&["a,2026-05-01,Ann,100.00,USD,confirmed,charter,,"]));
    let first = bench.run("--charters all.csv --db c.db --out out --json").summary();
    let again = bench.run("--charters all.csv --db c.db --out out --json").summary();
    let fewer = bench.run("--charters one.csv --db c.db --out out --json").summary();
    let stored = bench.run("--db c.db --out out --json").summary();
    let by_environment = bench.run_with("--out out --json", &[("JADA_DB", "c.db")]).summary();
    assert_eq!((&first["source"], &first["gross"]), (&json!(2), &json!("150.00")));
    for summary in [again, fewer, stored, by_environment] {
        for key in ["source", "gross", "net"] {
            assert_eq!(summary[key], first[key]);
        }
    }
}

#[test]
fn a_database_may_have_any_name() {
    let bench = Bench::new();
    bench.write("c.csv", &rows(&["a,2026-05-01,Ann,100,USD,confirmed,charter,,"]));
    for name in [":memory:", "file:x.db?mode=memory", "über.db"] {
        bench.run(&format!("--charters c.csv --db {name} --out out --json")).summary();
        let stored = bench.run(&format!("--db {name} --out out --json")).summary();
        assert_eq!(stored["gross"], "100.00", "{name}");
    }
}

#[test]
fn two_accounts_of_one_charter_are_an_error_until_told_to_take_the_later() {
    let bench = Bench::new();
    bench.write("old.csv", &rows(&["a,2026-05-01,Ann,100,USD,confirmed,charter,,"]));
    bench.write(
        "new.csv",
        &rows(&[
            "a,2026-05-01,Ann,120,USD,confirmed,charter,,",
            "b,2026-05-02,Bob,50,USD,completed,charter,,",
        ]),
    );
    bench.run("--charters old.csv --db c.db --out out --json").summary();
    let run = bench.run("--charters new.csv --db c.db --out out");
    let line = run.error();
    assert!(line.contains("`a` (the store and the import): total `100.00` or `120.00`"), "{line}");
    assert!(line.contains("--update"), "{line}");
    assert_eq!(run.stderr.lines().count(), 2, "each has its line: {}", run.stderr);
    let stored = bench.run("--db c.db --out out --json").summary();
    assert_eq!((&stored["source"], &stored["gross"]), (&json!(1), &json!("100.00")));
    let updated = bench.run("--charters new.csv --db c.db --out out --update --json").summary();
    assert_eq!((&updated["source"], &updated["gross"]), (&json!(2), &json!("170.00")));

    let both = fs::read_to_string(bench.path("old.csv")).unwrap()
        + "a,2026-05-01,Ann,120,USD,confirmed,charter,,\n";
    bench.write("both.csv", &both);
    let line = bench.run("--charters both.csv").error().to_owned();
    assert!(line.contains("`a` (line 2 and line 3)"), "{line}");
}

#[test]
fn what_a_person_must_mend_is_named_in_one_line() {
    let bench = Bench::new();
    bench.write(
        "mixed.csv",
        &rows(&[
            "a,2026-05-01,Ann,100,USD,confirmed,charter,,",
            "b,2026-05-01,Ann,100,EUR,pending,charter,,",
        ]),
    );
    bench.write("euro.csv", &rows(&["b,2026-05-01,Ann,100,EUR,confirmed,charter,,"]));
    bench.write("open.csv", &rows(&["a,2026-05-01,\"Ann,100,USD,confirmed,charter,,"]));
    bench.write("few.csv", "charter_id,date\n");
    bench.write("rules.toml", "currency = \"USD\"\nsender = \"a@example.com\"\n");
    bench.write("to.toml", "to = [\"a@@example.com\"]\n");
    bench.write("text.txt", &"not a database of charters\n".repeat(100));
    let cases = [
        ("--charters mixed.csv", "2026-05 has charters in EUR, USD"),
        (
            "--charters euro.csv --db new.db",
            "2026-05 has charters in EUR, but a statement is in one currency, and the rules say USD",
        ),
        ("--charters open.csv", "open.csv:2:14: expected a closing quote"),
        ("--charters few.csv", "few.csv:1:1: expected a header line with the columns guest, total"),
        ("--charters none.csv", "`none.csv` cannot be read: No such file"),
        ("--charters text.txt", "a name that ends in .csv or .json"),
        ("--rules rules.toml", "rules.toml:2: unknown field `sender`, expected one of `currency`"),
        ("--rules to.toml", "a@@example.com"),
        ("--rules none.toml", "`none.toml` cannot be read"),
        ("--db none.db", "database `none.db` does not exist; --charters FILE creates it"),
        ("--db text.txt", "database `text.txt` cannot be opened"),
        ("--out text.txt", "text.txt"),
    ];
    for (words, part) in cases {
        let run = bench.run(words);
        assert!(run.error().contains(part), "{words}: {}", run.stderr);
        assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
        for new in ["target", "new.db"] {
            assert!(!bench.names().contains(&new.to_owned()), "{words}: nothing was written");
        }
    }
}

#[test]
fn wrong_usage_is_status_1_and_help_is_status_0() {
    let bench = Bench::new();
    for words in
        ["--month 2026-5", "--to nobody", "--date yesterday", "--flag", "--db a --dynamodb"]
    {
        let run = bench.run(words);
        assert_eq!((run.status, run.stdout.as_str()), (1, ""), "{words}");
        assert!(run.stderr.starts_with("error: "), "{words}: {}", run.stderr);
    }
    let help = bench.run("--help");
    assert!(help.status == 0 && help.stdout.contains("--skip-bad"), "{}", help.stderr);
}

#[test]
fn the_mail_goes_where_the_flags_say_before_the_rules() {
    let bench = Bench::new();
    bench.write("rules.toml", "from = \"office@example.com\"\nto = \"owner@example.com\"\n");
    bench.write("bare.toml", "currency = \"USD\"\n");
    let mail = |words: &str| {
        let run = bench.run(&format!("{words} --out out"));
        assert_eq!(run.status, 0, "{}", run.stderr);
        (fs::read_to_string(bench.path("out/outbox/statement-2026-05.eml")).unwrap(), run.stderr)
    };
    let (eml, _) = mail("--rules rules.toml");
    assert!(eml.contains("To: <owner@example.com>"), "{}", &eml[..400]);
    let (eml, _) = mail("--rules rules.toml --to a@example.com --to b@example.com");
    assert!(eml.contains("a@example.com") && eml.contains("b@example.com"));
    assert!(!eml.contains("owner@example.com"));
    let (eml, warnings) = mail("--rules bare.toml --date 2026-06-02T09:30:00+02:00");
    assert_eq!(warnings.lines().count(), 2, "{warnings}");
    assert!(eml.contains("Date: Tue, 2 Jun 2026 07:30:00 +0000"), "{}", &eml[..400]);
}

#[tokio::test]
async fn rows_without_index_keys_are_told_and_mended() {
    let bench = Bench::new();
    bench.write("c.csv", &rows(&["a,2026-05-01,Ann,100,USD,confirmed,charter,,"]));
    bench.run("--charters c.csv --db c.db --out out --json").summary();
    let client = EmbeddedEngine::open(&bench.path("c.db")).unwrap().client();
    let texts = [
        ("charter_id", "b"),
        ("date", "2026-05-02"),
        ("guest", "Bob"),
        ("total", "50"),
        ("currency", "USD"),
        ("status", "confirmed"),
    ];
    let item = texts.map(|(name, text)| (name.to_owned(), AttributeValue::S(text.to_owned())));
    client.put_item().table_name("crew-dispatch").set_item(Some(item.into())).send().await.unwrap();

    let run = bench.run("--db c.db --out out --json");
    assert_eq!(run.summary()["source"], 1);
    assert_eq!(run.stderr, "warning: rows that cannot be seen by month: 1; --reindex mends them\n");
    let page = fs::read_to_string(bench.path("out/statement-2026-05.html")).unwrap();
    assert!(page.contains("Not seen by month: 1 row of the table"), "the statement says so too");
    let run = bench.run("--db c.db --out out --json --reindex");
    assert_eq!((&run.summary()["source"], run.stderr.as_str()), (&json!(2), ""));
}

#[tokio::test]
async fn a_crew_of_another_tool_that_cannot_be_read_leaves_the_statement_as_it_is() {
    let bench = Bench::new();
    bench.write("c.csv", &rows(&["a,2026-05-01,Ann,100,USD,confirmed,charter,,"]));
    let before = bench.run("--charters c.csv --db c.db --out out --json").summary();
    let client = EmbeddedEngine::open(&bench.path("c.db")).unwrap().client();
    let names = AttributeValue::L(vec![AttributeValue::S("Ada Marsh".into())]);
    let row = client.update_item().table_name("crew-dispatch");
    let row = row.key("charter_id", AttributeValue::S("a".into()));
    let row = row.update_expression("SET assignments = :names");
    row.expression_attribute_values(":names", names).send().await.unwrap();
    drop(client);

    let run = bench.run("--db c.db --out out --json");
    // All but the manifest, which has grown by this run.
    let told = |mut summary: Value| {
        summary["artefacts"].as_array_mut().unwrap().truncate(3);
        summary
    };
    assert_eq!((told(run.summary()), run.stderr.as_str()), (told(before), ""));
}

#[test]
fn json_rows_are_charters_too() {
    let bench = Bench::new();
    let row = |id: &str, total: Value| {
        json!({"charter_id": id, "date": "2026-05-01", "guest": "Ann", "total": total, "currency": "USD",
               "status": "confirmed", "kind": "charter", "brand": "", "notes": "", "boat": "Zephyr"})
    };
    let rows = [row("a", json!(100.5)), row("b", json!("$1,000")), row("c", Value::Null)];
    bench.write("array.json", &json!(rows).to_string());
    bench.write("lines.json", &rows.iter().map(|row| format!("{row}\n")).collect::<String>());
    for file in ["array.json", "lines.json"] {
        let summary = bench.run(&format!("--charters {file} --out out --json")).summary();
        assert_eq!((&summary["included"], &summary["gross"]), (&json!(2), &json!("1100.50")));
        assert_eq!(summary["excluded_by"], json!({"no confirmed total": 1}));
    }
}

/// The bundled rows are what the README promises of them.
#[test]
fn the_bundled_year_has_every_oddity() {
    let charters =
        jada_roster::Reading::of("c", jada_examples::CHARTERS.as_bytes(), jada_roster::Format::Csv);
    let charters = charters.unwrap().complete(Default::default()).unwrap();
    let guests: Vec<&str> = charters.iter().map(Charter::guest).collect();
    for guest in ["=SUM(A1)", "<script>", "O'Brien, \"Jo\"", "", "   ", "Grace Whitfield 🎆"] {
        assert!(guests.contains(&guest), "{guest}");
    }
    let refund = CharterId::new("MAY-040").unwrap();
    let refund = charters.iter().find(|charter| *charter.id() == refund).unwrap();
    assert!(refund.total().unwrap().minor() < 0 && refund.currency() == Currency::USD);
}
