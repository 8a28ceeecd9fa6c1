//! A fictional crew to click through, and a server that ends in order.

use std::future::{Future, IntoFuture};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use jada_roster::{
    Availability, CrewReading, DayState, Link, LinkSpec, MagicLinks, MemoryLinks, MemoryRoster,
    OnConflict, Purpose, RosterRepository, import_crew,
};
use jiff::ToSpan;
use jiff::civil::Date;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::signals::stop_signal;
use crate::{CREW, CrewArgs, warn};

/// What a portal shows, and a link to it.
#[derive(Debug)]
#[non_exhaustive]
pub struct PortalStores {
    /// Who is on the crew.
    pub roster: Arc<dyn RosterRepository>,
    /// The links by which they come.
    pub links: Arc<dyn MagicLinks>,
    /// The captain's, of a crew that is made up.
    pub link: Option<Link>,
}

impl PortalStores {
    /// The crew of a store, or a fictional one in memory where none was named.
    ///
    /// # Errors
    /// A store that is not there, or whose peppers are not.
    pub async fn of(crew: &CrewArgs, today: Date) -> anyhow::Result<Self> {
        if crew.in_memory() {
            return Self::fictional(today).await;
        }
        let crew = crew.open().await?;
        let links = Arc::new(crew.links().await?);
        Ok(Self { roster: Arc::new(crew.roster), links, link: None })
    }

    async fn fictional(today: Date) -> anyhow::Result<Self> {
        let roster = MemoryRoster::new();
        let rows = CrewReading::of("crew.csv", CREW.as_bytes())?.complete()?;
        let crew = import_crew(&roster, rows, OnConflict::Refuse).await?.added;
        for (number, member) in (1..).zip(&crew) {
            let days = spoken_for(number, today);
            roster.update(&member.clone().with_availability(days)).await?;
        }
        let captain = crew.first().context("there is nobody in the crew")?;
        let links = MemoryLinks::new(&roster)?;
        let spec = LinkSpec::standing(Purpose::portal());
        let link = Some(links.issue(captain.id(), &spec).await?);
        Ok(Self { roster: Arc::new(roster), links: Arc::new(links), link })
    }
}

/// What a member has said about most of the next six weeks: made up, and the same on each day.
fn spoken_for(number: u8, today: Date) -> Availability {
    let states = DayState::ALL.into_iter().cycle().skip(usize::from(number));
    let days = today.series(1.day()).take(42);
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
