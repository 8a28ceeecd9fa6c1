//! A charter for which two captains are called, on the embedded engine, and browsers that answer.

use jada_roster::{
    Assignment, CallRepository, CallRules, CascadeLevel, Charter, CharterId, CharterRepository,
    CrewCall, Currency, DynamoCharters, DynamoLinks, DynamoRoster, Harbour, LinkRefusal, Money,
    Peppers, Phase, Presented, Role, Status, Version,
};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

use super::super::*;
use crate::crew_call::Letters;
use crate::faults::Faulty;

/// The office: where everything is kept, and what a program there works with.
pub(super) struct Desk {
    pub(super) faulty: Faulty,
    pub(super) clock: Arc<ManualClock>,
    pub(super) charters: Arc<DynamoCharters>,
    pub(super) roster: Arc<DynamoRoster>,
    pub(super) links: Arc<DynamoLinks>,
    pub(super) letters: Arc<Letters>,
}

impl Desk {
    /// On 10 December; Ada and Bo are asked about C-1, which sails on the 12th, and Cy is not.
    pub(super) async fn new() -> Self {
        let (faulty, clock) = (Faulty::new(), Arc::new(ManualClock::new(NOW.parse().unwrap())));
        let charters = Arc::new(DynamoCharters::new(faulty.client()));
        charters.ensure_call_index().await.unwrap();
        let roster = Arc::new(DynamoRoster::new(faulty.client()));
        roster.ensure_tables().await.unwrap();
        let links = DynamoLinks::builder(faulty.client(), Peppers::generate().unwrap());
        let links = Arc::new(links.clock(clock.clone()).build().unwrap());
        let desk = Self { faulty, clock, charters, roster, links, letters: Arc::default() };
        for (id, name, role, level) in [
            ("ada", "Ada Rivers", Role::Captain, 1),
            ("bo", "Bo Field", Role::Captain, 1),
            ("cy", "Cy Meadow", Role::Mate, 3),
        ] {
            let phone =
                format!("+155501000{:02}", id.len() * 10 + usize::from(id.as_bytes()[0] % 10));
            let (name, email) = (PersonName::new(name).unwrap(), format!("{id}@example.com"));
            let (phone, email) = (phone.parse().unwrap(), email.parse().unwrap());
            let member = CrewMember::new(crew(id), name, phone, email, role);
            let level = CascadeLevel::new(level).unwrap();
            desk.roster.add(&member.with_cascade_level(level)).await.unwrap();
        }
        desk.save("C-1", date(2026, 12, 12), "09:00-13:00").await;
        desk.call().advance(&charter("C-1")).await.unwrap();
        assert_eq!(desk.letters.all(), ["ask ada", "ask bo"]);
        desk.faulty.requests();
        desk
    }

    /// A charter as the office keeps it, with money wherever there may be some.
    pub(super) async fn save(&self, id: &str, day: Date, hours: &str) {
        let column = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
        let columns = [("boat", "Isla"), ("harbour", "Dock 12"), ("hours", hours), ("guests", "6")];
        let stored = self.charters.find(&[charter(id)]).await.unwrap();
        let version = stored.first().map_or(Version::New, Charter::version);
        let charter = Charter::builder(charter(id), day, Currency::USD)
            .version(version)
            .guest("Ann Rivers")
            .total(Money::from_minor(777_700, Currency::USD))
            .status(Status::Confirmed)
            .brand("Example Sails")
            .notes("Two vegans; balance due 777 USD at 08:30")
            .extra(columns.map(column).into_iter().chain([column(("fee", "7777"))]));
        self.charters.save(&[charter.build().unwrap()]).await.unwrap();
    }

    pub(super) fn call(&self) -> CrewCall {
        let harbour = Harbour::new("Dock 12", TimeZone::UTC);
        let rules = CallRules::builder(harbour).build().unwrap();
        let roster = Arc::clone(&self.roster) as _;
        let call =
            CrewCall::builder(Arc::clone(&self.charters), roster, rules, self.letters.clone());
        call.clock(self.clock.clone()).build()
    }

    /// A program that serves the pages, begun now.
    pub(super) fn app(&self) -> Router {
        let portal = Portal::builder(self.roster.clone(), self.links.clone());
        let portal = portal.calls(Arc::new(self.call())).brand("Example Sails");
        let portal = portal.operations("+15550100099".parse().unwrap());
        portal.clock(self.clock.clone()).build().unwrap().service()
    }

    pub(super) fn browser(&self) -> Browser {
        Browser::of(self.app())
    }

    /// The text of a link as an ask has it.
    pub(super) async fn link(&self, id: &str) -> String {
        let spec = LinkSpec::single_use(Purpose::answer(&charter("C-1")));
        self.link_for(id, spec.with_life(3 * DAY)).await
    }

    pub(super) async fn link_for(&self, id: &str, spec: LinkSpec) -> String {
        let link = self.links.issue(&crew(id), &spec).await.unwrap();
        link.text.expose().to_owned()
    }

    /// Why a link does not open any more, if it does not.
    pub(super) async fn closed(&self, token: &str) -> Option<LinkRefusal> {
        let text = jada_roster::LinkText::parse(token).unwrap();
        let presented = Presented::new(text, Purpose::answer(&charter("C-1")));
        match self.links.peek(&presented).await {
            Ok(_) => None,
            Err(jada_roster::Error::LinkRefused { reason }) => Some(reason),
            Err(error) => panic!("{error}"),
        }
    }

    /// Who is aboard by the charter's row.
    pub(super) async fn aboard(&self) -> Vec<String> {
        let opened = self.charters.open(&charter("C-1")).await.unwrap().unwrap();
        let assignments = opened.charter.assignments().unwrap();
        assignments.iter().map(|sails| sails.crew().to_string()).collect()
    }

    pub(super) async fn phase(&self) -> Phase {
        self.charters.open(&charter("C-1")).await.unwrap().unwrap().call.unwrap().phase()
    }

    /// The office puts these captains aboard, and nobody else.
    pub(super) async fn assign(&self, id: &str, captains: &[&str]) {
        let berth = |id: &&str| Assignment::new(crew(id), Role::Captain);
        let assignments: Vec<_> = captains.iter().map(berth).collect();
        let stored = self.charters.find(&[charter(id)]).await.unwrap().remove(0);
        self.charters.assign(&stored, &assignments).await.unwrap();
    }

    pub(super) async fn change(&self, to: Status) {
        let stored = self.charters.find(&[charter("C-1")]).await.unwrap().remove(0);
        self.charters.change_status(&stored, to).await.unwrap();
    }
}

/// A member at the page behind their link.
impl Browser {
    pub(super) async fn asked(&mut self, token: &str) -> Answer {
        self.get(&format!("/crew/answer?token={}", encoded(token))).await
    }

    /// Presses a button of a page that it has read.
    pub(super) async fn say(&mut self, page: &Answer, word: &str) -> Answer {
        let own = ["token", "sailing"].map(|name| (name, page.hidden(name)));
        self.post("/crew/answer", &[&own[..], &[("answer", word)]].concat()).await
    }

    /// What comes of a press, on the page to which it leads.
    pub(super) async fn told(&mut self, page: &Answer, word: &str) -> String {
        let pressed = self.say(page, word).await;
        assert_eq!(pressed.status, StatusCode::SEE_OTHER, "{}", pressed.body);
        let shown = self.get(&format!("/crew/{}", pressed.location())).await;
        assert_eq!(shown.status, StatusCode::OK);
        shown.title().to_owned()
    }
}

impl Answer {
    pub(super) fn title(&self) -> &str {
        let (_, rest) = self.body.split_once("<h1>").unwrap();
        rest.split_once("</h1>").unwrap().0
    }
}

pub(super) fn charter(id: &str) -> CharterId {
    CharterId::new(id).unwrap()
}

pub(super) const DAY: Duration = Duration::from_secs(24 * 60 * 60);
pub(super) const NOW: &str = "2026-12-10T09:00:00Z";
