//! How an example ends: its exit status, and one line on stderr that says what mends it.

use std::{error::Error, io, process::ExitCode};

use clap::{Parser, ValueEnum, error::ErrorKind};
use jada_reports::Failure;
use tokio::runtime::Builder;

use crate::{Stopped, crew::PeppersLost, output::warn};

/// Parses the arguments, runs the example, and ends with
///
/// - 0 when it is done,
/// - 1 when the arguments, the configuration or the input must be mended by a person,
/// - 2 when a person has to consent,
/// - 3 when trying again later makes sense,
///
/// which the table of `examples/README.md` tells in full.
///
/// `RUST_LOG` turns on tracing to stderr, such as `RUST_LOG=jada_auth=debug`.
///
/// The last line on stderr is the chain of causes. Rows of the input that cannot be read, or that
/// contradict others, stand before it, a line each.
pub fn run<A: Parser>(example: impl AsyncFnOnce(A) -> anyhow::Result<()>) -> ExitCode {
    run_logged(|_| Log::Text, example)
}

/// How tracing is written to stderr.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
#[non_exhaustive]
pub enum Log {
    /// As text, if `RUST_LOG` says what of it.
    #[default]
    Text,
    /// As one JSON object a line: what `RUST_LOG` says, else all that an operator should know. The
    /// last line is one of them as well.
    Json,
}

impl Log {
    /// Says something that should be known, and is no error.
    pub(crate) fn note(self, line: &str) {
        match self {
            Self::Json => tracing::warn!("{line}"),
            Self::Text => warn(&line),
        }
    }
}

/// As [`run()`], with the log that the arguments ask for.
pub fn run_logged<A: Parser>(
    log: impl FnOnce(&A) -> Log,
    example: impl AsyncFnOnce(A) -> anyhow::Result<()>,
) -> ExitCode {
    let arguments = match A::try_parse() {
        Ok(arguments) => arguments,
        Err(usage) => {
            if usage.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
                warn(&"error: it was not said what to do; --help tells what there is");
                return ExitCode::from(MEND);
            }
            if usage.use_stderr() {
                warn(&format!("{}; --help tells more", first_paragraph(&usage.to_string())));
                return ExitCode::from(MEND);
            }
            // Nothing is left to do for a terminal that has gone away.
            let _ = usage.print();
            return ExitCode::SUCCESS;
        }
    };
    let log = log(&arguments);
    trace(log);
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            warn(&format!("error: the runtime cannot start: {error}"));
            return ExitCode::from(LATER);
        }
    };
    let outcome = runtime.block_on(example(arguments));
    // A name that is still being looked up is nobody's business any more.
    runtime.shutdown_background();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            for cause in error.chain() {
                match cause.downcast_ref() {
                    Some(jada_roster::Error::BadRows { rows }) => rows.iter().for_each(warn),
                    Some(jada_roster::Error::Conflicts { conflicts }) => {
                        conflicts.iter().for_each(warn);
                    }
                    _ => {}
                }
            }
            let line = format!("{}{}", one_line(&error), mend(&error));
            match log {
                Log::Text => warn(&format!("error: {line}")),
                Log::Json => tracing::error!("{line}"),
            }
            ExitCode::from(match &error {
                _ if needs_consent(&error) => CONSENT,
                _ if is_transient(&error) => LATER,
                _ => MEND,
            })
        }
    }
}

/// Nothing is traced unless the operator asks for it: stderr is for the one line that matters.
fn trace(log: Log) {
    let filter = std::env::var("RUST_LOG").ok();
    let to_stderr = tracing_subscriber::fmt().with_writer(std::io::stderr);
    match (log, filter) {
        (Log::Text, None) => {}
        (Log::Text, Some(filter)) => to_stderr.with_env_filter(filter).init(),
        (Log::Json, filter) => {
            let filter = filter.unwrap_or_else(|| "info".to_owned());
            to_stderr.json().with_env_filter(filter).init();
        }
    }
}

/// What is wrong, on one line; a list of flags is part of it.
fn first_paragraph(usage: &str) -> String {
    let lines = usage.lines().map(str::trim).take_while(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}

/// The chain of causes, without those that repeat what was said, or are meant for programmers.
#[must_use]
pub fn one_line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain() {
        let text = in_plain_words(cause).replace('\n', " ");
        if !line.contains(&text) {
            line.push_str(if line.is_empty() { "" } else { ": " });
            line.push_str(&text);
        }
        if is_of_no_database(cause) {
            break;
        }
    }
    line
}

/// Whether what follows is the engine's advice to whoever writes programs.
fn is_of_no_database(cause: &(dyn Error + 'static)) -> bool {
    match cause.downcast_ref() {
        Some(jada_roster::Error::Database { source, .. }) => !source.is::<io::Error>(),
        _ => false,
    }
}

/// What is said to an operator, who creates tables by a command and not by a method.
fn in_plain_words(cause: &(dyn Error + 'static)) -> String {
    match cause.downcast_ref() {
        Some(jada_roster::Error::TableMissing { table }) => {
            format!("table `{table}` does not exist")
        }
        _ => cause.to_string(),
    }
}

/// What an error says, with what the operator can do.
pub(crate) fn failure_of(error: &anyhow::Error) -> Failure {
    let failure = Failure::of(error.as_ref());
    match (mend(error).strip_prefix("; "), &failure.mend) {
        (Some(mend), None) => failure.with_mend(mend),
        _ => failure,
    }
}

/// What the operator can do, where the crates' own words cannot name a flag or a command.
fn mend(error: &anyhow::Error) -> String {
    if error.downcast_ref::<PeppersLost>().is_some() {
        return "; only where they are lost for good, `crew rotate-peppers --lost` gives up the links \
                that were made under them"
            .to_owned();
    }
    let by_roster = match error.chain().find_map(|cause| cause.downcast_ref()) {
        Some(jada_roster::Error::BadRows { .. }) => {
            "; nothing was imported; mend them, or --skip-bad imports the rest"
        }
        Some(jada_roster::Error::Conflicts { .. }) => {
            "; nothing was imported; mend them, or --update takes the later"
        }
        Some(jada_roster::Error::TableMissing { table }) => match table.as_str() {
            "charter-chats" => "; `charter say` creates it",
            "crew-roster" | "crew-keys" => "; add_crew or `crew import` creates it",
            _ => {
                "; `monthly_statement --charters FILE` creates it, with the same --db FILE or \
                 --dynamodb"
            }
        },
        Some(jada_roster::Error::Duplicate { owner, .. }) => {
            return format!("; nobody was added; `crew show {owner}` tells more");
        }
        _ => "",
    };
    match error.chain().find_map(|cause| cause.downcast_ref()) {
        Some(jada_mail::Error::Failed { key, .. } | jada_mail::Error::Undecided { key, .. }) => {
            format!("; `outbox resend {key}` and `outbox drop {key}` do")
        }
        Some(jada_mail::Error::KeyTaken { .. }) => "; --key names it".to_owned(),
        Some(jada_mail::Error::NoSuchMail { .. }) => "; `outbox status` lists them".to_owned(),
        _ => by_roster.to_owned(),
    }
}

fn needs_consent(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref().is_some_and(jada_auth::Error::needs_consent)
            || cause.downcast_ref().is_some_and(jada_reports::Error::needs_consent)
            || cause.downcast_ref().is_some_and(jada_reports::Failure::needs_consent)
    })
}

pub(crate) fn is_transient(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.is::<Stopped>()
            || cause.downcast_ref().is_some_and(jada_auth::Error::is_transient)
            || cause.downcast_ref().is_some_and(jada_auth::KeyRefusal::is_transient)
            || cause.downcast_ref().is_some_and(jada_roster::Error::is_transient)
            || cause.downcast_ref().is_some_and(jada_mail::Error::is_transient)
            || cause.downcast_ref().is_some_and(jada_reports::Error::is_transient)
            || cause.downcast_ref().is_some_and(jada_reports::Failure::is_transient)
    })
}

const MEND: u8 = 1;
const CONSENT: u8 = 2;
const LATER: u8 = 3;
