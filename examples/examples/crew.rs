//! Shows who is on the crew, brings them in from a file, and looks after their links.
//!
//! ```text
//! cargo run -p jada-examples --example crew -- import examples/data/crew.csv --db crew.db
//! cargo run -p jada-examples --example crew -- list --db crew.db
//! cargo run -p jada-examples --example crew -- show ID --db crew.db
//! cargo run -p jada-examples --example crew -- rotate-link ID --grace 10m --db crew.db
//! cargo run -p jada-examples --example crew -- revoke ID --all --db crew.db
//! cargo run -p jada-examples --example crew -- remove ID --db crew.db
//! cargo run -p jada-examples --example crew -- rotate-peppers --db crew.db
//! ```
//!
//! A link is printed once, on stdout, when it is made; no table and no log holds it. `import` names
//! every row that cannot be read, or that disagrees with what is stored, and done twice it changes
//! nothing. `JADA_DB` names the database file, `JADA_SECRETS_DIR` the folder of secrets.

use std::{process::ExitCode, time::Duration};

use clap::{Args as Flags, Parser, Subcommand};
use jada_examples::{CrewArgs, CrewImportArgs, PortalArgs, duration, print, run};
use jada_roster::{CrewId, Purpose};

/// Show who is on the crew, bring them in from a file, and look after their links.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    crew: CrewArgs,
    /// Print JSON: one object, of a list one a line
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List all members, in no order
    List,
    /// Show a member: what reaches them, what they have said of which day, which links they have
    Show(Member),
    /// Make a member's standing link anew, or their first, and print it
    RotateLink {
        #[command(flatten)]
        member: Member,
        /// How long the link before it still opens, such as 10m or 2h
        #[arg(long, value_name = "TIME", value_parser = duration, default_value = "0s")]
        grace: Duration,
        #[command(flatten)]
        portal: PortalArgs,
    },
    /// Take a member's links back, and end their sessions
    Revoke {
        #[command(flatten)]
        member: Member,
        /// Those for this purpose alone; sessions end whatever it is
        #[arg(long, value_parser = Purpose::new, default_value = "portal")]
        purpose: Purpose,
        /// Those for every purpose
        #[arg(long, conflicts_with = "purpose")]
        all: bool,
    },
    /// Bring crew in from a file
    Import(CrewImportArgs),
    /// Remove a member, with what they claimed and their links
    Remove(Member),
    /// Make new links under a new pepper; those under the peppers before it go on opening
    RotatePeppers {
        /// Give up the links under peppers that are lost, instead
        #[arg(long)]
        lost: bool,
    },
}

#[derive(Flags)]
struct Member {
    /// The member's id
    #[arg(value_name = "ID", value_parser = CrewId::new)]
    id: CrewId,
}

fn main() -> ExitCode {
    run(act)
}

async fn act(args: Args) -> anyhow::Result<()> {
    let (crew, json) = (args.crew, args.json);
    match args.command {
        Command::List => crew.open().await?.print_all(json).await,
        Command::Show(member) => print(&crew.open().await?.page_of(&member.id).await?, json),
        Command::RotateLink { member, grace, portal } => {
            let (member, link) = crew.open().await?.rotate_link(&member.id, grace).await?;
            print(&portal.shown(&member, &link).in_grace(grace), json)
        }
        Command::Revoke { member, purpose, all } => {
            let purpose = (!all).then_some(purpose);
            print(&crew.open().await?.revoke(&member.id, purpose).await?, json)
        }
        Command::Import(import) => {
            let summary = import.import(&crew).await?;
            print(&summary, json)?;
            summary.check()
        }
        Command::Remove(member) => print(&crew.open().await?.remove(&member.id).await?, json),
        Command::RotatePeppers { lost } => {
            let crew = crew.open().await?;
            let rotated = match lost {
                true => crew.give_up_lost_peppers().await?,
                false => crew.rotate_peppers().await?,
            };
            print(&rotated, json)
        }
    }
}
