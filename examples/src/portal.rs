//! A fictional crew to click through, and a server that ends in order.

use std::future::{Future, IntoFuture};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use clap::Args;
use jada_roster::{
    Assignment, Availability, Charter, CharterId, CrewCall, CrewMember, CrewReading, Currency,
    DayState, EventRepository, Link, LinkSpec, LinkUrl, MagicLinks, MemoryEvents, MemoryLinks,
    MemoryRoster, Money, OnConflict, Purpose, RosterRepository, Status, ViewRules, import_crew,
};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::answering::{answers_of, fictional_call};
use crate::signals::stop_signal;
use crate::{AskLink, CREW, CallArgs, CrewArgs, PlainLinksArgs, print, warn};

/// The flags by which an operator says where a portal listens, and where it is found.
#[derive(Args, Clone, Debug)]
pub struct ListenArgs {
    /// Where to listen
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Where browsers find the page, over https or on this machine [default: where it listens]
    #[arg(long, value_name = "URL", value_parser = LinkUrl::new)]
    portal: Option<LinkUrl>,
}

/// What a portal shows, and a link to it.
#[derive(Debug)]
#[non_exhaustive]
pub struct PortalStores {
    /// Who is on the crew.
    pub roster: Arc<dyn RosterRepository>,
    /// The links by which they come.
    pub links: Arc<dyn MagicLinks>,
    /// Crew's copies of charters, where there are any.
    pub events: Option<Arc<dyn EventRepository>>,
    /// Who takes the answers of crew that are called, where that is known.
    pub calls: Option<Arc<CrewCall>>,
    /// The captain's, of a crew that is made up.
    pub link: Option<Link>,
    /// Those of captains who are asked to sail, of a crew that is made up.
    pub asks: Vec<AskLink>,
}

impl ListenArgs {
    /// Listens, says where the page is, and gives that back for links to lead to.
    ///
    /// # Errors
    /// An address that is taken, or is not this machine's; one that links cannot lead to.
    pub async fn listen(&self) -> anyhow::Result<(TcpListener, LinkUrl)> {
        let listener = TcpListener::bind(self.listen).await.with_context(|| {
            format!("listening on {} failed; name another address by --listen", self.listen)
        })?;
        let address = listener.local_addr()?;
        if let Some(portal) = &self.portal {
            let page = portal.page();
            print(&format!("{page} is the crew's page, which is served on {address}"), false)?;
            return Ok((listener, portal.clone()));
        }
        let portal = page_at(address)?;
        print(&format!("{} is the crew's page", portal.page()), false)?;
        if !address.ip().is_loopback() {
            warn(&format!("warning: {address} is open to other machines, and {OVER_HTTPS}"));
        }
        Ok((listener, portal))
    }
}

/// Where this machine's own browsers find what listens at an address.
fn page_at(address: SocketAddr) -> anyhow::Result<LinkUrl> {
    let ip = match address.ip() {
        IpAddr::V4(any) if any.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(any) if any.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let page = format!("http://{}/crew", SocketAddr::new(ip, address.port()));
    LinkUrl::new(&page).map_err(|_| anyhow::anyhow!("no link leads to {page}, since {OVER_HTTPS}"))
}

impl PortalStores {
    /// The crew of a store, or a fictional one in memory where none was named.
    ///
    /// # Errors
    /// A store that is not there, or whose peppers are not.
    pub async fn of(
        crew: &CrewArgs,
        plain: PlainLinksArgs,
        call: &CallArgs,
        today: Date,
    ) -> anyhow::Result<Self> {
        if crew.in_memory() {
            return Self::fictional(today, call.time_zone()).await;
        }
        let crew = crew.open().await?;
        let links = Arc::new(crew.links_to_open(plain).await?);
        let events = crew.events().await?.map(|events| Arc::new(events) as _);
        if events.is_none() {
            warn(&"note: there are no pages of charters, since `event publish` has copied none");
        }
        let calls = match call.names_clocks() {
            true => Some(Arc::new(answers_of(&crew, call.rules_of_all()?))),
            false => None,
        };
        if calls.is_none() {
            warn(
                &"note: there is no page of answers, as it takes the harbour's clocks; --time-zone names them",
            );
        }
        let (roster, asks) = (Arc::new(crew.roster), Vec::new());
        Ok(Self { roster, links, events, calls, link: None, asks })
    }

    async fn fictional(today: Date, time_zone: TimeZone) -> anyhow::Result<Self> {
        let (roster, crew) = fictional_crew(today).await?;
        let captain = crew.first().context("there is nobody in the crew")?;
        let links = MemoryLinks::new(&roster)?;
        let spec = LinkSpec::standing(Purpose::portal());
        let link = Some(links.issue(captain.id(), &spec).await?);
        let events = MemoryEvents::new();
        for charter in charters_of(&crew, today)? {
            events.put(&ViewRules::default().view(charter)?.value).await?;
        }
        let (calls, asks) = fictional_call(&roster, &links, today, time_zone).await?;
        let (roster, links) = (Arc::new(roster), Arc::new(links));
        let (calls, events) = (Some(Arc::new(calls)), Some(Arc::new(events) as _));
        Ok(Self { roster, links, events, calls, link, asks })
    }
}

/// A crew who have spoken of most of the six weeks from a day on: where they are kept, and who they
/// are, a captain first.
pub(crate) async fn fictional_crew(today: Date) -> anyhow::Result<(MemoryRoster, Vec<CrewMember>)> {
    let roster = MemoryRoster::new();
    let rows = CrewReading::of("crew.csv", CREW.as_bytes())?.complete()?;
    let mut crew = import_crew(&roster, rows, OnConflict::Refuse).await?.added;
    for (number, member) in (1..).zip(&mut crew) {
        let days = spoken_for(number, today);
        *member = roster.update(&member.clone().with_availability(days)).await?;
    }
    Ok((roster, crew))
}

/// What a member has said about most of the next six weeks: made up, and the same on each day.
fn spoken_for(number: u8, today: Date) -> Availability {
    let states = DayState::ALL.into_iter().cycle().skip(usize::from(number));
    let days = today.series(1.day()).take(42);
    let spoken = |day: &Date| !day.day().unsigned_abs().is_multiple_of(number % 3 + 2);
    days.zip(states).filter(|(day, _)| spoken(day)).collect()
}

/// Charters of the next five weeks, and of the days before: made up, and the same on each day. Their
/// notes have money in them, as the office writes it.
fn charters_of(crew: &[CrewMember], today: Date) -> anyhow::Result<Vec<Charter>> {
    let boats =
        [("Isla", "09:00-13:00"), ("Zephyr", "14:00-18:00"), ("Morning Star", "19:00-00:30")];
    let notes = [
        "Two vegans. Balance due $450 on board, meet at 08:30",
        "Birthday of the youngest, cake comes to slip 12; tip: 40 EUR",
        "",
        "Call +1 555 010 0142 from the gate",
    ];
    let days = today.saturating_sub(4.days()).series(3.days()).take(14);
    let details = boats.into_iter().cycle().zip(notes.into_iter().cycle());
    (1..)
        .zip(days.zip(details))
        .map(|(number, (day, ((boat, hours), note)))| {
            let column = |name: &str, text: &str| (name.to_owned(), text.to_owned());
            let guests = (number % 7 + 2).to_string();
            let berths = ["captain", "mate"].into_iter().zip(crew.iter().cycle().skip(number));
            let berth = |(berth, member): (&str, &CrewMember)| {
                Ok(Assignment::new(member.id().clone(), berth.parse()?))
            };
            let charter =
                Charter::builder(CharterId::new(&format!("F-{number:03}"))?, day, Currency::USD);
            let charter = charter
                .guest(["Ann Rivers", "Bo Field", "Cleo Brook"][number % 3])
                .total(Money::from_minor(45_000, Currency::USD))
                .status(match (number % 5, day < today) {
                    (4, _) => Status::Cancelled,
                    (_, true) => Status::Completed,
                    (3, false) => Status::Pending,
                    _ => Status::Confirmed,
                })
                .brand("Example Sails")
                .notes(note)
                .extra([
                    column("boat", boat),
                    column("hours", hours),
                    column("harbour", "East Harbour, slip 12"),
                    column("guests", &guests),
                ])
                .assignments(berths.map(berth).collect::<Result<Vec<_>, jada_roster::Error>>()?);
            Ok(charter.build()?)
        })
        .collect()
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

const OVER_HTTPS: &str = "browsers elsewhere keep the page's cookies over https alone; put a proxy \
                          with a certificate in front, and say where that is by --portal";
const GRACE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    fn page(address: &str) -> anyhow::Result<String> {
        Ok(page_at(address.parse()?)?.page().to_owned())
    }

    #[test]
    fn a_link_without_a_proxy_leads_to_this_machine_alone() {
        assert_eq!(page("127.0.0.1:80").unwrap(), "http://127.0.0.1:80/crew");
        assert_eq!(page("0.0.0.0:8080").unwrap(), "http://127.0.0.1:8080/crew");
        assert_eq!(page("[::]:8080").unwrap(), "http://[::1]:8080/crew");
        for elsewhere in ["192.0.2.1:8080", "[2001:db8::1]:8080"] {
            let refused = page(elsewhere).unwrap_err().to_string();
            assert!(refused.contains(elsewhere) && refused.contains("--portal"), "{refused}");
        }
    }
}
