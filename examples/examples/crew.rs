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
use jada_examples::{
    Crew, CrewArgs, CrewDone, CrewImportArgs, MemberLine, MemberPage, PortalArgs, print, run,
};
use jada_roster::{CrewId, LinkSpec, MagicLinks, Purpose, RosterRepository};
use jiff::SignedDuration;

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
        Command::Show(member) => print(&show(&crew.open().await?, &member.id).await?, json),
        Command::RotateLink { member, grace, portal } => {
            let crew = crew.open().await?;
            let member = crew.member(&member.id).await?;
            let (links, spec) = (crew.links().await?, LinkSpec::standing(Purpose::portal()));
            let link = links.rotate(member.id(), &spec, grace).await?;
            print(&portal.shown(&member, &link).in_grace(grace), json)
        }
        Command::Revoke { member, purpose, all } => {
            let purpose = (!all).then_some(purpose);
            print(&revoke(&crew.open().await?, &member.id, purpose).await?, json)
        }
        Command::Import(import) => {
            let summary = import.import(&crew).await?;
            print(&summary, json)?;
            summary.check()
        }
        Command::Remove(member) => {
            let crew = crew.open().await?;
            let member = crew.member(&member.id).await?;
            crew.roster.remove(&member).await?;
            print(&CrewDone::Removed { removed: MemberLine::from(&member) }, json)
        }
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

async fn show(crew: &Crew, id: &CrewId) -> anyhow::Result<MemberPage> {
    let member = crew.member(id).await?;
    let owners = crew.roster.contact_owners(&member).await?;
    Ok(MemberPage::new(&member, &owners, &crew.links_in_table()?.open_links(id).await?))
}

/// Those for one purpose, or all.
async fn revoke(crew: &Crew, id: &CrewId, purpose: Option<Purpose>) -> anyhow::Result<CrewDone> {
    let links = crew.links_in_table()?;
    let revoked = match &purpose {
        Some(purpose) => links.revoke(id, purpose).await?,
        None => links.revoke_all(id).await?,
    };
    // Only now: links whose member another tool has deleted are to be taken back too.
    if revoked == 0 {
        crew.member(id).await?;
    }
    let purpose = purpose.map(|purpose| purpose.to_string());
    Ok(CrewDone::Revoked { crew_id: id.to_string(), purpose, revoked })
}

/// As people write it: `90s`, `10m`, `2h 30m`, or as ISO 8601 has it.
fn duration(text: &str) -> anyhow::Result<Duration> {
    let duration: SignedDuration = text.parse()?;
    Ok(duration.try_into()?)
}
