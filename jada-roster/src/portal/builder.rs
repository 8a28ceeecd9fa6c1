//! What a portal is built from, and what is checked of it.

use std::sync::Arc;

use jada_auth::{Clock, SystemClock};
use jiff::tz::TimeZone;

use crate::crew::contact::PhoneNumber;
use crate::crew_call::CrewCall;
use crate::error::Error;
use crate::event::rules::ViewRules;
use crate::events::EventRepository;
use crate::links::{LinkSpec, MagicLinks, Purpose};
use crate::portal::address::ClientAddress;
use crate::portal::calls::Calls;
use crate::portal::limits::{Limits, PortalLimits};
use crate::portal::pages::STYLE;
use crate::portal::{Inner, Portal, cookies, headers};
use crate::roster::RosterRepository;

/// What a [`Portal`] is built from.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct PortalBuilder {
    roster: Arc<dyn RosterRepository>,
    links: Arc<dyn MagicLinks>,
    events: Option<Arc<dyn EventRepository>>,
    calls: Option<Arc<CrewCall>>,
    rules: ViewRules,
    operations: Option<PhoneNumber>,
    brand: String,
    path: String,
    clock: Arc<dyn Clock>,
    zone: TimeZone,
    trusted_header: Option<String>,
    limits: PortalLimits,
}

impl PortalBuilder {
    pub(super) fn new(roster: Arc<dyn RosterRepository>, links: Arc<dyn MagicLinks>) -> Self {
        Self {
            roster,
            links,
            events: None,
            calls: None,
            rules: ViewRules::default(),
            operations: None,
            brand: "Crew".to_owned(),
            path: "/crew".to_owned(),
            clock: Arc::new(SystemClock),
            zone: TimeZone::UTC,
            trusted_header: None,
            limits: PortalLimits::default(),
        }
    }

    /// Where crew's copies of charters are kept, all that their pages read of charters; by default
    /// nowhere, and there are no such pages.
    pub fn events(mut self, events: Arc<dyn EventRepository>) -> Self {
        self.events = Some(events);
        self
    }

    /// Who takes the answers of crew that are called; by default nobody, and there is no page on which
    /// they answer. Links that were issued for [`Purpose::answer`] lead to it, under `/crew/answer`.
    pub fn calls(mut self, calls: Arc<CrewCall>) -> Self {
        self.calls = Some(calls);
        self
    }

    /// How a charter that crew are asked about becomes what they may read of it; by default
    /// [`ViewRules::default`]. In which columns its particulars stand, the [`CrewCall`] knows.
    pub fn rules(mut self, rules: ViewRules) -> Self {
        self.rules = rules;
        self
    }

    /// The phone that members call who change their mind after they have answered; by default the pages
    /// say `operations`, and no number.
    pub fn operations(mut self, phone: PhoneNumber) -> Self {
        self.operations = Some(phone);
        self
    }

    /// Whose crew this is, above every page; by default `Crew`.
    pub fn brand(mut self, brand: impl Into<String>) -> Self {
        self.brand = brand.into();
        self
    }

    /// The path of the page that links lead to; by default `/crew`. The others are below it.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Where the time comes from; by default this machine's clocks.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// In which time zone a day begins and ends: the harbour's; by default UTC.
    pub fn time_zone(mut self, zone: TimeZone) -> Self {
        self.zone = zone;
        self
    }

    /// Takes a client's address from this header, where the proxy in front of the portal adds it:
    /// `x-forwarded-for` behind most, and in a Lambda. Of several addresses the last counts.
    ///
    /// Without this it is the other end of the connection, where `axum::serve` tells it. Never name a
    /// header that a client's own request could bring in: who writes it escapes the limits.
    pub fn trusting_header(mut self, name: impl Into<String>) -> Self {
        self.trusted_header = Some(name.into());
        self
    }

    /// How often it may be asked.
    pub fn limits(mut self, limits: PortalLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The portal.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a path that is none, a blank brand, or a header's name that is none.
    pub fn build(self) -> Result<Portal, Error> {
        if self.brand.trim().is_empty() {
            return Err(Error::invalid("brand", &self.brand, "printable text"));
        }
        if !is_path(&self.path) {
            return Err(Error::invalid("path", &self.path, "segments such as `/crew`"));
        }
        let address = match &self.trusted_header {
            None => ClientAddress::Peer,
            Some(name) => ClientAddress::Header(name.parse().map_err(|_| {
                Error::invalid("trusted header", name, "a header's name, such as x-forwarded-for")
            })?),
        };
        let session = LinkSpec::session(Purpose::new("portal-session")?);
        let (rules, operations) = (self.rules, self.operations);
        Ok(Portal(Arc::new(Inner {
            limits: Limits::new(self.limits, &self.clock),
            roster: self.roster,
            links: self.links,
            events: self.events,
            calls: self.calls.map(|crew_call| Calls { crew_call, rules, operations }),
            brand: self.brand,
            path: self.path,
            clock: self.clock,
            zone: self.zone,
            address,
            session: session.with_life(cookies::SESSION_LIFE),
            answers: Purpose::new("answer")?,
            answered: Purpose::new("answered")?,
            policy: headers::content_security_policy(STYLE)?,
        })))
    }
}

/// Segments that need no encoding, and can be part of a route.
fn is_path(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let mut segments = path.split('/');
    segments.next() == Some("")
        && path.len() > 1
        && segments.all(|segment| {
            !segment.is_empty() && !segment.starts_with('.') && segment.bytes().all(plain)
        })
}
