//! Adds a member of the crew, and prints the link by which they open their page, this once.
//!
//! ```text
//! cargo run -p jada-examples --example add_crew -- --db crew.db --name "Ada Marsh" \
//!     --phone "+1 555 010 0101" --email ada.marsh@example.com --role captain --level 1
//! ```
//!
//! Nobody is added twice: an e-mail address, a phone number or an id that another member has is
//! refused, and it is said whose it is. The table holds nothing that opens the page; what would is
//! made under the peppers in the folder of secrets (`link_peppers.json`), which are created with the
//! first link and belong into a backup of their own. Without `--db` or `--dynamodb` nothing is kept.

use std::process::ExitCode;

use clap::Parser;
use jada_examples::{CrewArgs, PortalArgs, print, run};
use jada_roster::{
    CascadeLevel, CrewId, CrewMember, EmailAddress, Error, LinkSpec, MagicLinks, PersonName,
    PhoneNumber, Purpose, Role, RosterRepository,
};

/// Add a member of the crew, and print their link.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// Their name
    #[arg(long, value_parser = PersonName::new)]
    name: PersonName,
    /// Their phone number, with its country code
    #[arg(long)]
    phone: PhoneNumber,
    /// Their e-mail address
    #[arg(long)]
    email: EmailAddress,
    /// captain, skipper, mate, crew, or another by its name
    #[arg(long)]
    role: Role,
    /// When they are called, 1 to 99: 1 is first
    #[arg(long)]
    level: CascadeLevel,
    /// Their id [default: one is drawn]
    #[arg(long, value_parser = CrewId::new)]
    id: Option<CrewId>,
    #[command(flatten)]
    crew: CrewArgs,
    #[command(flatten)]
    portal: PortalArgs,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    run(add)
}

async fn add(args: Args) -> anyhow::Result<()> {
    let crew = args.crew.create().await?;
    // Before anybody is added: without peppers there would be no link.
    let links = crew.links().await?;
    let id = args.id.map_or_else(CrewId::generate, Ok)?;
    crew.must_be_free(&id).await?;
    let member = CrewMember::new(id, args.name, args.phone, args.email, args.role)
        .with_cascade_level(args.level);
    let member = crew.roster.add(&member).await?;
    let portal = LinkSpec::standing(Purpose::portal());
    let link = links.issue(member.id(), &portal).await;
    let link = link.map_err(|error| without_link(member.id(), error))?;
    print(&args.portal.shown(&member, &link), args.json)
}

/// What is true whoever has made the member and the link meanwhile, and what mends it.
fn without_link(id: &CrewId, error: Error) -> anyhow::Error {
    let said = match error {
        Error::LinkExists { .. } => format!(
            "`{id}` is on the crew, with a link that was made before and may be in use; \
             `crew rotate-link {id}` replaces it"
        ),
        _ => format!("`{id}` was added, but without a link; `crew rotate-link {id}` makes it"),
    };
    anyhow::Error::new(error).context(said)
}
