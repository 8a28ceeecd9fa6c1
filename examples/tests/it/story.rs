//! The office of `examples/README.md`: each of its lines works, in the order in which they stand.

use std::path::Path;
use std::process::Command;

use crate::office::mails;
use crate::program::{Bench, Ended, command, example};

const README: &str = include_str!("../../README.md");
const CARGO: &str = "cargo run -p jada-examples --example ";

/// The commands from the crew of the office on, by the programs that cargo would run, but for the
/// pages, which are served until somebody ends them.
fn story() -> String {
    let (_, office) = README.split_once("## The crew\n").unwrap();
    let blocks = office.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let lines: String = blocks.collect::<String>().replace("\\\n", " ");
    let programs = example("crew").parent().unwrap().display().to_string();
    let own = |line: &str| match line.strip_prefix(CARGO) {
        Some(program) => format!("'{programs}'/{}", program.replacen(" -- ", " ", 1)),
        None => line.to_owned(),
    };
    let serves = |line: &&str| line.contains("--example crew_portal");
    lines.lines().filter(|line| !serves(line)).map(|line| own(line) + "\n").collect()
}

#[test]
fn the_lines_of_the_office_work_from_top_to_bottom() {
    let bench = Bench::new();
    std::fs::create_dir_all(bench.path("target")).unwrap();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("examples");
    std::os::unix::fs::symlink(data, bench.path("examples")).unwrap();
    let story = story();
    assert!(story.lines().count() > 20 && !story.contains("cargo"), "{story}");

    let like = command("crew", &bench.path(""), &[]);
    let mut shell = Command::new("bash");
    shell.args(["-euc", &story]).current_dir(bench.path(""));
    for (name, value) in like.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    let ended = Ended::of(&mut shell);
    assert_eq!(ended.status, 0, "{}\n{}", ended.stdout, ended.stderr);
    let asked = mails(&bench, "target/office-outbox");
    let link = "http://127.0.0.1:8080/crew/answer?token=";
    let names_it = |line: &str| line.trim_end().ends_with(" C-1");
    let is_of_it = |text: &str| text.contains(link) && text.lines().any(names_it);
    assert!(asked.iter().any(|mail| is_of_it(mail.text())), "nobody is asked for the charter");
}
