//! The crew's own page, opened by a magic link: an axum router to mount in any service.

mod address;
mod answer;
mod answer_pages;
mod answered;
mod builder;
mod calendar;
mod calls;
mod cookies;
mod door;
mod event_pages;
mod events;
mod form;
mod headers;
pub(crate) mod limits;
mod pages;
mod refusal;
mod roster;
mod session;
mod visit;

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::HeaderValue;
use axum::http::header::RETRY_AFTER;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use jada_auth::Clock;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tracing::Instrument;

use crate::events::EventRepository;
use crate::links::{LinkSpec, MagicLinks, Purpose};
use crate::portal::address::ClientAddress;
pub use crate::portal::builder::PortalBuilder;
use crate::portal::calls::Calls;
use crate::portal::limits::Limits;
use crate::portal::pages::{NoticePage, STYLE, page};
use crate::portal::refusal::Refusal;
use crate::roster::RosterRepository;

/// The page on which crew see their roster and their charters, say when they are free, and answer when
/// they are called.
///
/// A link that was issued for [`Purpose::portal`] leads to it: `https://crew.example.com/crew?token=`
/// and its text. Reading that page shows a button and changes nothing, since programs open links
/// that nobody has read; pressing the button redeems the link and opens a session of half an hour.
/// Then [`Role::may`](crate::Role::may) says what a member sees of the others.
///
/// | | path | |
/// |---|---|---|
/// | `GET` | `/crew?token=` | a button, the same for every text |
/// | `POST` | `/crew` | redeems the link: 303, or 403 whatever the reason |
/// | `GET` | `/crew/roster?month=2026-12` | the member's own days, and the others; 401 without a session |
/// | `POST` | `/crew/availability` | saves the member's own days: 303, or 409 where they were changed elsewhere |
/// | `GET` | `/crew/events?month=2026-12` | what the member sails on from today, and a month of all charters to captains and skippers |
/// | `GET` | `/crew/event?charter=C-1` | one charter: to those who sail on it, to captains and skippers; 404 to others |
/// | `POST` | `/crew/leave` | ends the session |
/// | `GET` | `/crew/answer?token=` | what a member is asked, with two buttons; 403 whatever keeps the link from opening |
/// | `POST` | `/crew/answer` | takes the answer: 303, or 409 where the charter was changed since the page was read |
/// | `GET` | `/crew/answered` | what came of it, as things are now; 401 half an hour later |
///
/// Everything else under `/crew` is 404, and so are the pages of charters without
/// [`events`](PortalBuilder::events) and those of answers without [`calls`](PortalBuilder::calls). Pages
/// need no script, and link to each other by relative addresses, so that the router may be nested under
/// any path.
///
/// # Answers
///
/// A link in an ask is for [`Purpose::answer`], and opens nothing but the page of that charter for that
/// member; no other link opens it. A press looks at the link, writes the answer by
/// [`CrewCall::answer_once`](crate::CrewCall::answer_once), and then uses the link up. The charter's row is where an answer stands, and
/// a member's first word counts there: of any number of presses one is taken, and those that overlap it
/// are told of it. A press that dies in between is finished by the next, which finds what was written.
/// Were the link used up first, an answer could be lost with nothing left to give it by.
///
/// In the browser in which they answered, the link shows for half an hour what came of it. Elsewhere a
/// used link is refused like any other. Whoever changes their mind calls
/// [operations](PortalBuilder::operations). Of one who is too late, as another has the berth, nothing was
/// taken: their link is as it was, and if the berth is free again, they can still come.
///
/// # Programs that open links
///
/// A program that presses buttons as well uses up a link that opens once; some mail scanners do, and
/// nothing in a form tells them from a browser. Members whose mail goes through one need a standing
/// link, or a compact one to type in. One that presses a button of an ask, and keeps cookies as browsers
/// do, answers for the member: of a yes a mail tells them, of a no nothing does, and operations take it
/// back.
///
/// # Browsers
///
/// A browser that has not kept the cookie of the page before is told so, and uses up nothing.
///
/// It works over https, and on this machine's own `http://localhost`: elsewhere browsers do not keep
/// its cookies, which are `Secure`. Its own spans and events name paths without their queries; a
/// layer of yours that logs whole URLs logs the texts of links.
///
/// ```
/// use std::net::SocketAddr;
/// use std::sync::Arc;
///
/// use jada_roster::{MagicLinks, Portal, RosterRepository};
///
/// # fn app(roster: Arc<dyn RosterRepository>, links: Arc<dyn MagicLinks>) -> Result<(), jada_roster::Error> {
/// let portal = Portal::builder(roster, links).brand("Example Sails").build()?;
/// let app = axum::Router::new().nest("/team", portal.router());
/// // How `axum::serve` gets to tell where a request comes from.
/// let service = app.into_make_service_with_connect_info::<SocketAddr>();
/// # let _ = service;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Portal(Arc<Inner>);

struct Inner {
    roster: Arc<dyn RosterRepository>,
    links: Arc<dyn MagicLinks>,
    events: Option<Arc<dyn EventRepository>>,
    calls: Option<Calls>,
    brand: String,
    path: String,
    clock: Arc<dyn Clock>,
    zone: TimeZone,
    address: ClientAddress,
    limits: Limits,
    session: LinkSpec,
    /// The page of asks, and that of what came of them: what links are for that lead there.
    answers: Purpose,
    answered: Purpose,
    policy: HeaderValue,
}

impl Portal {
    /// Begins with where the crew and their links are kept.
    pub fn builder(roster: Arc<dyn RosterRepository>, links: Arc<dyn MagicLinks>) -> PortalBuilder {
        PortalBuilder::new(roster, links)
    }

    /// Its routes, to merge into a service's or to nest in them.
    pub fn router(&self) -> Router {
        let path = self.0.path.as_str();
        let below = |page: &str| format!("{path}/{page}");
        let small = DefaultBodyLimit::max(SMALL);
        let routes = Router::new()
            .route(path, get(door::show).post(door::open).layer(small))
            .route(&below("roster"), get(roster::show))
            .route(&below("events"), get(events::list))
            .route(&below("event"), get(events::show))
            .route(&below("availability"), post(roster::save).layer(DefaultBodyLimit::max(LARGE)))
            .route(&below("answer"), get(answer::show).post(answer::give).layer(small))
            .route(&below("answered"), get(answer::outcome))
            .route(&below("leave"), post(door::leave).layer(small))
            .route(&below("left"), get(door::goodbye))
            .route(&below(""), any(not_found))
            .route(&below("{*other}"), any(not_found))
            .method_not_allowed_fallback(wrong_method);
        self.guarded(routes)
    }

    /// Its routes as a service of their own, which answers everything else by 404: for a host, or a
    /// Lambda, that is the portal and nothing more.
    pub fn service(&self) -> Router {
        self.guarded(Router::new().fallback(not_found)).merge(self.router())
    }

    fn guarded(&self, routes: Router<Arc<Inner>>) -> Router {
        let inner = Arc::clone(&self.0);
        routes.layer(from_fn_with_state(Arc::clone(&inner), guard)).with_state(inner)
    }
}

impl fmt::Debug for Portal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { roster, links, events, calls, path, .. } = &*self.0;
        let mut portal = f.debug_struct("Portal");
        portal.field("path", path).field("roster", roster).field("links", links);
        portal.field("events", events).field("calls", calls);
        portal.finish_non_exhaustive()
    }
}

impl Inner {
    fn today(&self) -> Date {
        self.clock.now().wall.to_zoned(self.zone.clone()).date()
    }

    /// The last segment of the path: what the page behind a link is called, relative to itself.
    fn here(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The pages that exist, so that a log has no text that somebody made up.
    fn known<'a>(&self, path: &'a str) -> &'a str {
        let below = path.strip_prefix(&self.path);
        let is_known = below.is_some_and(|page| PAGES.contains(&page));
        if is_known { path } else { "elsewhere" }
    }

    /// What a link is for that leads to a page.
    fn sought_at(&self, path: &str) -> Purpose {
        let below = path.strip_prefix(&self.path);
        let is_of_answers = below.is_some_and(|page| page.starts_with("/answer"));
        if is_of_answers { self.answers.clone() } else { Purpose::portal() }
    }

    /// Who takes answers; without that there are no such pages.
    fn calls(&self) -> Result<&Calls, Refusal> {
        self.calls.as_ref().ok_or(Refusal::NOT_FOUND)
    }

    fn answer(&self, done: Result<Response, Refusal>) -> Response {
        let refusal = match done {
            Ok(answer) => return answer,
            Err(refusal) => refusal,
        };
        let Refusal { status, title, text, retry_after, again } = &refusal;
        let again = again.as_ref();
        let (brand, style) = (&self.brand, STYLE);
        let answer = page(*status, &NoticePage { brand, style, title, text, again });
        let wait = retry_after.map(|wait| wait.as_secs_f64().ceil().to_string());
        match wait {
            Some(seconds) => ([(RETRY_AFTER, seconds)], answer).into_response(),
            None => answer,
        }
    }
}

async fn not_found(State(portal): State<Arc<Inner>>) -> Response {
    portal.answer(Err(Refusal::NOT_FOUND))
}

async fn wrong_method(State(portal): State<Arc<Inner>>) -> Response {
    portal.answer(Err(Refusal::WRONG_METHOD))
}

/// Around every request: a span without its query, and the headers of its answer.
async fn guard(State(portal): State<Arc<Inner>>, request: Request, next: Next) -> Response {
    let path = portal.known(request.uri().path());
    let span = tracing::info_span!("portal", method = %request.method(), path);
    let mut answer = next.run(request).instrument(span.clone()).await;
    headers::set_all(answer.headers_mut(), &portal.policy);
    span.in_scope(|| tracing::debug!(status = answer.status().as_u16(), "answered"));
    answer
}

const PAGES: [&str; 9] = [
    "",
    "/roster",
    "/events",
    "/event",
    "/availability",
    "/answer",
    "/answered",
    "/leave",
    "/left",
];

/// Bytes of a form with a link or a key.
const SMALL: usize = 8 * 1024;
/// Bytes of a form with a month.
const LARGE: usize = 64 * 1024;
