//! The page that a member of the crew opens by their link: the roster, who is free on which day, a
//! form for one's own days, and the charters on which they sail, without money; and the page on which
//! they answer when they are called. It works on a phone, and without scripts.
//!
//! ```text
//! cargo run -p jada-examples --example crew_portal
//! cargo run -p jada-examples --example crew_portal -- --listen 127.0.0.1:8080 --db crew.db \
//!     --time-zone America/New_York --operations +15550100100
//! ```
//!
//! Without `--db` or `--dynamodb` it has a fictional crew in memory, with fictional charters, and prints
//! links to click: a captain's, and those of captains who are asked to sail. With one it serves the
//! members that `add_crew` has added, under the links that it has printed, and the charters that
//! `event publish` has copied, and takes the answers to the mails of `call_to_crew` and `dispatcher`,
//! by whose rules it goes and to whom it leaves what is mailed then; `--invite ID` prints one more that
//! opens once. Links that an older tool keeps as plain text open nothing, unless `--plain-links` says
//! so.
//!
//! A browser keeps the page's cookies over https, and over http from this machine alone: elsewhere
//! put a proxy with a certificate in front, say where that is by `--portal`, and name the header in
//! which it tells the address of a client by `--trust-header`. Ctrl-C and SIGTERM end it when the
//! requests under way are answered, after 10 seconds at the latest.

use std::process::ExitCode;

use clap::Parser;
use jada_examples::{
    AskLink, CallArgs, CrewArgs, ListenArgs, PlainLinksArgs, PortalStores, print, run, serve,
};
use jada_roster::{CrewId, LinkSpec, LinkUrl, PhoneNumber, Portal, Purpose};
use jiff::Zoned;

/// Serve the crew's own page.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    listen: ListenArgs,
    /// Whose crew it is, above every page
    #[arg(long, default_value = "Example Sails")]
    brand: String,
    /// Whom members call who change their mind after an answer
    #[arg(long, value_name = "PHONE")]
    operations: Option<PhoneNumber>,
    /// The header in which a proxy in front tells the address of a client
    #[arg(long, value_name = "NAME")]
    trust_header: Option<String>,
    /// Print a link of this member that opens once, within 15 minutes; repeatable
    #[arg(long, value_name = "ID", value_parser = CrewId::new)]
    invite: Vec<CrewId>,
    #[command(flatten)]
    plain: PlainLinksArgs,
    #[command(flatten)]
    call: CallArgs,
    #[command(flatten)]
    crew: CrewArgs,
}

fn main() -> ExitCode {
    run(portal)
}

async fn portal(args: Args) -> anyhow::Result<()> {
    let time_zone = args.call.time_zone();
    let today = Zoned::now().with_time_zone(time_zone.clone()).date();
    let PortalStores { roster, links, events, calls, link, asks, .. } =
        PortalStores::of(&args.crew, args.plain, &args.call, today).await?;
    let mut portal = Portal::builder(roster, links.clone()).brand(args.brand);
    if let Some(events) = events {
        portal = portal.events(events);
    }
    if let Some(calls) = calls {
        portal = portal.calls(calls);
    }
    if let Some(phone) = args.operations {
        portal = portal.operations(phone);
    }
    if let Some(name) = args.trust_header {
        portal = portal.trusting_header(name);
    }
    let app = portal.time_zone(time_zone).build()?.service();
    let (listener, page) = args.listen.listen().await?;
    if let Some(link) = link {
        print(&format!("{} is its captain's link", page.of(&link.text).expose()), false)?;
    }
    let answers = LinkUrl::new(&format!("{}/answer", page.page()))?;
    for AskLink { name, charter, link, .. } in &asks {
        let link = answers.of(&link.text);
        print(&format!("{} asks {name} to sail on {charter}", link.expose()), false)?;
    }
    for id in &args.invite {
        let link = links.issue(id, &LinkSpec::single_use(Purpose::portal())).await?;
        print(&format!("{} opens once, for {id}", page.of(&link.text).expose()), false)?;
    }
    serve(listener, app).await
}
