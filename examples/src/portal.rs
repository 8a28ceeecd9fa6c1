//! A fictional crew to click through, and a server that ends in order.

use std::future::{Future, IntoFuture};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use jada_roster::{
    Availability, CrewId, CrewMember, DayState, Link, LinkSpec, MagicLinks, MemoryLinks,
    MemoryRoster, PersonName, Purpose, RosterRepository,
};
use jiff::civil::Date;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::signals::stop_signal;
use crate::warn;

/// Where a portal's crew and their links are kept.
pub type CrewStores = (Arc<dyn RosterRepository>, Arc<dyn MagicLinks>);

/// A fictional crew in memory, and a standing link of its captain.
///
/// # Errors
/// When the system gives no randomness.
pub async fn fictional_crew(today: Date) -> anyhow::Result<(CrewStores, Link)> {
    let roster = MemoryRoster::new();
    for (number, (name, role)) in (1_u8..).zip(FICTIONAL) {
        let id = CrewId::new(&format!("crew-{number}"))?;
        let phone = format!("+155501001{number:02}").parse()?;
        let email = format!("{}@example.com", name.to_lowercase().replace(' ', ".")).parse()?;
        let member = CrewMember::new(id, PersonName::new(name)?, phone, email, role.parse()?);
        let days = spoken_for(number, today);
        roster.add(&member.with_availability(days)).await?;
    }
    let links = MemoryLinks::new(&roster)?;
    let spec = LinkSpec::standing(Purpose::portal());
    let link = links.issue(&CrewId::new("crew-1")?, &spec).await?;
    Ok(((Arc::new(roster), Arc::new(links)), link))
}

/// What a member has said about most of the next six weeks: made up, and the same on each day.
fn spoken_for(number: u8, today: Date) -> Availability {
    let states = DayState::ALL.into_iter().cycle().skip(usize::from(number));
    let days = today.series(jiff::Span::new().days(1)).take(42);
    let spoken = |day: &Date| !day.day().unsigned_abs().is_multiple_of(number % 3 + 2);
    days.zip(states).filter(|(day, _)| spoken(day)).collect()
}

/// Serves until Ctrl-C, SIGTERM or SIGHUP. Requests that are under way then end, within 10 seconds.
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, app: Router) -> anyhow::Result<()> {
    let signal = stop_signal()?;
    let (stopping, stopped) = oneshot::channel();
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, app).with_graceful_shutdown(async {
        signal.await;
        // Nobody waits for this any more when the server has ended.
        let _ = stopping.send(());
    });
    tokio::select! {
        ended = server.into_future() => ended.context("the server failed"),
        () = grace_after(stopped) => {
            warn(&"note: requests that took longer than 10 s were cut off");
            Ok(())
        }
    }
}

async fn grace_after(stopped: impl Future) {
    stopped.await;
    tokio::time::sleep(GRACE).await;
}

const GRACE: Duration = Duration::from_secs(10);
const FICTIONAL: [(&str, &str); 9] = [
    ("Ada Rivers", "captain"),
    ("Bo Field", "skipper"),
    ("Cy Meadow", "mate"),
    ("Di Brook", "crew"),
    ("Eli Stone", "cook"),
    ("Fay Harbour", "crew"),
    ("Gus Moor", "mate"),
    ("Hana Lake", "crew"),
    ("Ivo Strand", "crew"),
];
