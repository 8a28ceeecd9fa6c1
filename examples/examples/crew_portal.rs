//! The page that a member of the crew opens by their link: the roster, who is free on which day, and
//! a form for one's own days. It works on a phone, and without scripts.
//!
//! ```text
//! cargo run -p jada-examples --example crew_portal
//! cargo run -p jada-examples --example crew_portal -- --listen 127.0.0.1:8080 --db crew.db
//! ```
//!
//! Without `--db` or `--dynamodb` it has a fictional crew in memory, and prints a link to click. With
//! one it serves the members that `add_crew` has added, under the links that it has printed.
//!
//! A browser keeps the page's cookies over https, and over http from this machine alone: elsewhere
//! put a proxy with a certificate in front, and name the header in which it tells the address of a
//! client by `--trust-header`. Ctrl-C and SIGTERM end it when the requests under way are answered,
//! after 10 seconds at the latest.

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use jada_examples::{fictional_crew, print, run, serve};
use jada_roster::Portal;
use jiff::{Zoned, tz::TimeZone};
use tokio::net::TcpListener;

/// Serve the crew's own page.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// Where to listen
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Whose crew it is, above every page
    #[arg(long, default_value = "Example Sails")]
    brand: String,
    /// The harbour's time zone, in which a day ends
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = TimeZone::get)]
    time_zone: TimeZone,
    /// The header in which a proxy in front tells the address of a client
    #[arg(long, value_name = "NAME")]
    trust_header: Option<String>,
}

fn main() -> ExitCode {
    run(portal)
}

async fn portal(args: Args) -> anyhow::Result<()> {
    let listener = TcpListener::bind(args.listen).await;
    let listener = listener.with_context(|| {
        format!("listening on {} failed; name another address by --listen", args.listen)
    })?;
    let url = format!("http://{}/crew", listener.local_addr()?);
    let today = Zoned::now().with_time_zone(args.time_zone.clone()).date();
    let ((roster, links), link) = fictional_crew(today).await?;
    let portal = Portal::builder(roster, links).brand(args.brand).time_zone(args.time_zone);
    let portal = match args.trust_header {
        Some(name) => portal.trusting_header(name),
        None => portal,
    };
    let app = portal.build()?.service();
    print(&format!("{url} is the crew's page"), false)?;
    print(&format!("{url}?token={} opens the captain's", link.text.expose()), false)?;
    serve(listener, app).await
}
