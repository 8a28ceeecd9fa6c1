//! The portal as a browser meets it, on backends in memory and a clock that stands still.

mod answers;
mod days;
mod door;
mod events;
mod headers;
mod lambda;
mod limits;
mod logs;
mod roles;
mod sessions;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use jada_auth::ManualClock;
use jada_roster::{
    AttemptLimit, CrewId, CrewMember, Link, LinkSpec, MagicLinks, MemoryLinks, MemoryRoster,
    PersonName, Portal, PortalBuilder, Purpose, RosterRepository,
};
use tower::ServiceExt;

/// A crew with one of each role, their links, and a portal for them on 10 December 2026.
struct Bench {
    clock: Arc<ManualClock>,
    roster: MemoryRoster,
    links: MemoryLinks,
    app: Router,
}

/// A browser: it keeps cookies, and says as browsers do that a form comes from the page itself.
struct Browser {
    app: Router,
    cookies: Vec<(String, String)>,
    address: SocketAddr,
}

/// An answer, read to its end.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

/// Who is on the crew: id, name, phone, role. Their e-mail addresses are `<id>@example.com`.
const CREW: [(&str, &str, &str, &str); 5] = [
    ("ada", "Ada Rivers", "+15550100001", "captain"),
    ("bo", "Bo Field", "+15550100002", "skipper"),
    ("cy", "Cy Meadow", "+15550100003", "mate"),
    ("di", "Di Brook", "+15550100004", "crew"),
    ("eli", "Eli Stone", "+15550100005", "cook"),
];

impl Bench {
    async fn new() -> Self {
        Self::with(|portal| portal).await
    }

    async fn with(settings: impl FnOnce(PortalBuilder) -> PortalBuilder) -> Self {
        let clock = Arc::new(ManualClock::new("2026-12-10T09:00:00Z".parse().unwrap()));
        let roster = MemoryRoster::new();
        for (id, name, phone, role) in CREW {
            let (phone, email) = (phone.parse().unwrap(), format!("{id}@example.com"));
            let (name, role) = (PersonName::new(name).unwrap(), role.parse().unwrap());
            let member = CrewMember::new(crew(id), name, phone, email.parse().unwrap(), role);
            roster.add(&member).await.unwrap();
        }
        let links = MemoryLinks::new(&roster).unwrap().with_clock(clock.clone());
        let links = links.compact(AttemptLimit::default());
        let portal = Portal::builder(Arc::new(roster.clone()), Arc::new(links.clone()));
        let portal = settings(portal.brand("Example Sails").clock(clock.clone()));
        Self { clock, roster, links, app: portal.build().unwrap().service() }
    }

    fn browser(&self) -> Browser {
        Browser::of(self.app.clone())
    }

    async fn single_use(&self, id: &str) -> Link {
        self.link(id, LinkSpec::single_use(Purpose::portal())).await
    }

    async fn standing(&self, id: &str) -> Link {
        self.link(id, LinkSpec::standing(Purpose::portal())).await
    }

    async fn link(&self, id: &str, spec: LinkSpec) -> Link {
        self.links.issue(&crew(id), &spec).await.unwrap()
    }

    /// A browser in which this member has opened their link.
    async fn signed_in(&self, id: &str) -> Browser {
        let mut browser = self.browser();
        let link = self.single_use(id).await;
        let answer = browser.open(link.text.expose()).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        browser
    }

    async fn member(&self, id: &str) -> CrewMember {
        self.roster.find(&crew(id)).await.unwrap().unwrap()
    }
}

impl Browser {
    fn of(app: Router) -> Self {
        Self { app, cookies: Vec::new(), address: SocketAddr::from(([203, 0, 113, 9], 4711)) }
    }

    fn at(mut self, address: &str) -> Self {
        self.address = format!("{address}:4711").parse().unwrap();
        self
    }

    async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path), String::new()).await
    }

    /// Reads the page behind a link and presses its button.
    async fn open(&mut self, token: &str) -> Answer {
        self.get(&format!("/crew?token={}", encoded(token))).await;
        self.press(token).await
    }

    /// Presses the button of a page that it has read at some time.
    async fn press(&mut self, token: &str) -> Answer {
        if self.cookie("__Host-jada-browser").is_none() {
            self.get("/crew").await;
        }
        self.post("/crew", &[("token", token)]).await
    }

    /// Presses as often as a link may be tried.
    async fn wear_out(&mut self, token: &str) {
        for _ in 0..10 {
            self.press(token).await;
        }
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = Request::post(path).header("sec-fetch-site", "same-origin");
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, form(fields)).await
    }

    async fn send(&mut self, request: axum::http::request::Builder, body: String) -> Answer {
        let mut request = request.header(HOST, "crew.example.com");
        if !self.cookies.is_empty() {
            let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
            request = request.header(COOKIE, pairs.collect::<Vec<_>>().join("; "));
        }
        let request = request.extension(ConnectInfo(self.address));
        let answer = ask(&self.app, request.body(Body::from(body)).unwrap()).await;
        answer.cookies().for_each(|cookie| self.keep(cookie));
        answer
    }

    fn keep(&mut self, cookie: &str) {
        let (name, rest) = cookie.split_once('=').unwrap();
        self.cookies.retain(|(kept, _)| kept != name);
        if !cookie.contains("Max-Age=0;") {
            let value = rest.split(';').next().unwrap();
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
    }

    fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(kept, _)| kept == name).map(|(_, value)| value.as_str())
    }

    /// The member's page, the current month.
    async fn page(&mut self) -> Answer {
        let answer = self.get("/crew/roster").await;
        assert_eq!(answer.status, StatusCode::OK);
        answer
    }

    /// Saves days of December as the form of `page` does, all its fields and then `days`.
    async fn save(&mut self, page: &Answer, days: &[(&str, &str)]) -> Answer {
        let own = ["key", "version", "month"].map(|name| (name, page.hidden(name)));
        self.post("/crew/availability", &[&own, days].concat()).await
    }
}

impl Answer {
    fn cookies(&self) -> impl Iterator<Item = &str> {
        self.headers.get_all(SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap())
    }

    fn location(&self) -> &str {
        self.header(LOCATION.as_str())
    }

    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// The value of a hidden field.
    fn hidden(&self, name: &str) -> &str {
        let field = format!("<input type=\"hidden\" name=\"{name}\" value=\"");
        let (_, rest) = self.body.split_once(&field).unwrap();
        rest.split_once('"').unwrap().0
    }

    /// What the form offers for a day: the value that is chosen.
    fn chosen(&self, day: &str) -> &str {
        let select = format!("name=\"{day}\"");
        let (_, rest) = self.body.split_once(&select).unwrap();
        let (options, _) = rest.split_once("</select>").unwrap();
        let before = options.split_once("\" selected").map_or("value=\"", |(before, _)| before);
        before.rsplit_once("value=\"").unwrap().1
    }
}

async fn ask(app: &Router, request: Request<Body>) -> Answer {
    let answer = app.clone().oneshot(request).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let body = String::from_utf8(body.to_vec()).unwrap();
    Answer { status: parts.status, headers: parts.headers, body }
}

fn crew(id: &str) -> CrewId {
    CrewId::new(id).unwrap()
}

fn form(fields: &[(&str, &str)]) -> String {
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn encoded(text: &str) -> String {
    let encoded = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encoded).collect()
}

const MINUTE: Duration = Duration::from_secs(60);
