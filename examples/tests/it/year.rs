//! A year's statement, and workbooks in a style.

use std::fs;

use crate::program::Bench;

#[test]
fn the_bundled_year_is_one_workbook_that_adds_up() {
    let bench = Bench::new();
    let summary = bench.run("--year 2026 --out out --json").summary();
    assert_eq!((summary["period"].as_str(), summary["source"].as_u64()), (Some("2026"), Some(291)));
    let cents = |amount: &serde_json::Value| -> i64 {
        amount.as_str().unwrap().replace('.', "").parse().unwrap()
    };
    let sum = |list: &str| -> i64 {
        summary[list].as_array().unwrap().iter().map(|part| cents(&part["gross"])).sum()
    };
    for list in ["months", "by_brand", "by_kind"] {
        assert_eq!(sum(list), cents(&summary["gross"]), "{list}");
    }
    let may = bench.run("--month 2026-05 --out may --json").summary();
    assert_eq!(summary["months"][4]["gross"], may["gross"]);
    let path = bench.path("out/statement-2026.xlsx");
    let first = fs::read(&path).unwrap();
    let text = bench.run("--year 2026 --out out");
    assert!(text.stdout.starts_with("Revenue statement, 2026, in USD"), "{}", text.stdout);
    assert!(fs::read(&path).unwrap() == first, "the same bytes");
    let page = fs::read_to_string(bench.path("out/statement-2026.html")).unwrap();
    let gross = summary["gross"].as_str().unwrap();
    let grouped = format!("{},{}", &gross[..gross.len() - 6], &gross[gross.len() - 6..]);
    assert!(page.contains(&grouped) && page.contains("December 2026"), "{grouped}");
    assert!(bench.path("out/outbox/statement-2026.eml").exists());
    let record = fs::read_to_string(bench.path("out/manifest.jsonl")).unwrap();
    assert_eq!(record.matches("\"period\":\"2026\"").count(), 2, "both runs are on record");
}

#[test]
fn a_month_looks_like_the_workbook_it_is_dressed_as() {
    let bench = Bench::new();
    bench.write("house.toml", "[title]\nfont = \"Georgia\"\n[widths]\nguest = 44\n");
    let run = bench.run("--year 2026 --style house.toml --out year");
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(
        run.stderr.starts_with("note: not in `house.toml`, so as by default: "),
        "{}",
        run.stderr
    );
    let from_toml = bench.run("--style house.toml --out toml --json");
    let from_book = bench.run("--style year/statement-2026.xlsx --out book --json");
    assert_eq!((from_toml.status, from_book.status), (0, 0), "{}", from_book.stderr);
    assert!(from_book.stderr.contains("header_text, logo"), "{}", from_book.stderr);
    let plain = bench.run("--out plain --json");
    let book = |folder: &str| fs::read(bench.path(folder).join("statement-2026-05.xlsx")).unwrap();
    assert_eq!(plain.status, 0);
    assert!(book("book") != book("plain") && book("toml") != book("plain"));
}

#[test]
fn a_style_that_cannot_be_had_is_named_and_nothing_is_written() {
    let bench = Bench::new();
    bench.write("bad.toml", "[title]\nsize = 900\n");
    bench.write("bad.xlsx", "PK no workbook");
    for (style, said) in [
        ("bad.toml", "bad.toml:2: title.size"),
        ("bad.xlsx", "bad.xlsx"),
        ("none.toml", "none.toml"),
    ] {
        let run = bench.run(&format!("--style {style} --out out"));
        assert!(run.error().contains(said), "{}", run.stderr);
        assert!(!bench.path("out").exists());
    }
    assert!(bench.run("--year 2026 --month 2026-05").stderr.contains("cannot be used with"));
    assert!(bench.run("--year 99").error().contains("99 is not from 1900 to 9999"));
}
