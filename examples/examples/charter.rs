//! Shows a charter, moves its booking on, assigns its crew, and keeps its thread.
//!
//! ```text
//! cargo run -p jada-examples --example charter -- show MAY-002
//! cargo run -p jada-examples --example charter -- status MAY-002 completed --db charters.db
//! cargo run -p jada-examples --example charter -- assign MAY-002 captain=ada mate=bo --db charters.db
//! cargo run -p jada-examples --example charter -- say MAY-002 "Dock 4 at nine" --db charters.db
//! cargo run -p jada-examples --example charter -- thread MAY-002 --db charters.db
//! ```
//!
//! A booking takes the steps that there are, and a change of what someone else has changed meanwhile
//! is refused; run it again. Whatever asks twice for the same message, as a script may, names it by
//! `--at` and `--message-id`: it is posted once. Without `--db` or `--dynamodb` a charter of a
//! bundled year is shown. `JADA_DB` names the database file.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use jada_examples::{CharterArgs, CharterPage, MessageArgs, MessageLine, berth, print, run};
use jada_roster::{Assignment, CharterId, Status};
use jiff::Timestamp;

/// Show a charter, move its booking on, assign its crew, and keep its thread.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    charters: CharterArgs,
    /// Print JSON: one object, of a thread one a line
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show all that is known of a charter
    Show {
        /// The charter's id
        #[arg(value_parser = CharterId::new)]
        id: CharterId,
    },
    /// Move a booking to another status
    Status {
        /// The charter's id
        #[arg(value_parser = CharterId::new)]
        id: CharterId,
        /// pending, confirmed, completed or cancelled
        to: Status,
    },
    /// Say who sails, and as what, in place of those who were to
    Assign {
        /// The charter's id
        #[arg(value_parser = CharterId::new)]
        id: CharterId,
        /// As what, and a member's id, such as captain=ada
        #[arg(value_name = "BERTH=CREW", value_parser = berth, required_unless_present = "nobody")]
        crew: Vec<Assignment>,
        /// Nobody sails yet
        #[arg(long, conflicts_with = "crew")]
        nobody: bool,
    },
    /// Add a message to the thread of a charter
    Say(MessageArgs),
    /// Print the thread of a charter
    Thread {
        /// The charter's id
        #[arg(value_parser = CharterId::new)]
        id: CharterId,
        /// What was said at this instant or later, such as 2026-05-03T09:00:00Z
        #[arg(long, value_name = "INSTANT")]
        since: Option<Timestamp>,
    },
}

fn main() -> ExitCode {
    run(act)
}

async fn act(args: Args) -> anyhow::Result<()> {
    let (charters, json) = (args.charters, args.json);
    let charter = match args.command {
        Command::Show { id } => charters.open_or_bundled().await?.charter(&id).await?,
        Command::Status { id, to } => charters.open().await?.change_status(&id, to).await?,
        Command::Assign { id, crew, .. } => charters.open().await?.assign(&id, &crew).await?,
        Command::Say(message) => {
            let message = message.message()?;
            charters.open().await?.say(&message).await?;
            return print(&MessageLine::from(&message), json);
        }
        Command::Thread { id, since } => {
            return charters.open().await?.print_thread(&id, since, json).await;
        }
    };
    print(&CharterPage::from(&charter), json)
}
