//! The page that a member of the crew opens by their link: the roster, who is free on which day, a
//! form for one's own days, and the charters on which they sail, without money. It works on a phone, and without scripts.
//!
//! ```text
//! cargo run -p jada-examples --example crew_portal
//! cargo run -p jada-examples --example crew_portal -- --listen 127.0.0.1:8080 --db crew.db
//! ```
//!
//! Without `--db` or `--dynamodb` it has a fictional crew in memory, with fictional charters, and prints
//! a link to click. With one it serves the members that `add_crew` has added, under the links that it
//! has printed, and the charters that `event publish` has copied;
//! `--invite ID` prints one more that opens once. Links that an older tool keeps as plain text open
//! nothing, unless `--plain-links` says so.
//!
//! A browser keeps the page's cookies over https, and over http from this machine alone: elsewhere
//! put a proxy with a certificate in front, say where that is by `--portal`, and name the header in
//! which it tells the address of a client by `--trust-header`. Ctrl-C and SIGTERM end it when the requests under way are answered,
//! after 10 seconds at the latest.

use std::process::ExitCode;

use clap::Parser;
use jada_examples::{CrewArgs, ListenArgs, PlainLinksArgs, PortalStores, print, run, serve};
use jada_roster::{CrewId, LinkSpec, Portal, Purpose};
use jiff::{Zoned, tz::TimeZone};

/// Serve the crew's own page.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    listen: ListenArgs,
    /// Whose crew it is, above every page
    #[arg(long, default_value = "Example Sails")]
    brand: String,
    /// The harbour's time zone, in which a day ends
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = TimeZone::get)]
    time_zone: TimeZone,
    /// The header in which a proxy in front tells the address of a client
    #[arg(long, value_name = "NAME")]
    trust_header: Option<String>,
    /// Print a link of this member that opens once, within 15 minutes; repeatable
    #[arg(long, value_name = "ID", value_parser = CrewId::new)]
    invite: Vec<CrewId>,
    #[command(flatten)]
    plain: PlainLinksArgs,
    #[command(flatten)]
    crew: CrewArgs,
}

fn main() -> ExitCode {
    run(portal)
}

async fn portal(args: Args) -> anyhow::Result<()> {
    let today = Zoned::now().with_time_zone(args.time_zone.clone()).date();
    let PortalStores { roster, links, events, link, .. } =
        PortalStores::of(&args.crew, args.plain, today).await?;
    let mut portal = Portal::builder(roster, links.clone()).brand(args.brand);
    if let Some(events) = events {
        portal = portal.events(events);
    }
    if let Some(name) = args.trust_header {
        portal = portal.trusting_header(name);
    }
    let app = portal.time_zone(args.time_zone).build()?.service();
    let (listener, page) = args.listen.listen().await?;
    if let Some(link) = link {
        print(&format!("{} is its captain's link", page.of(&link.text).expose()), false)?;
    }
    for id in &args.invite {
        let link = links.issue(id, &LinkSpec::single_use(Purpose::portal())).await?;
        print(&format!("{} opens once, for {id}", page.of(&link.text).expose()), false)?;
    }
    serve(listener, app).await
}
