//! The pages of charters as templates: what each shows, and in which words.

use std::fmt::Write as _;

use askama::Template;

use crate::charter::CharterId;
use crate::crew::CrewMember;
use crate::crew::id::CrewId;
use crate::crew::role::Role;
use crate::event::view::CrewView;
use crate::portal::calendar::Calendar;
use crate::scrub::ScrubbedText;
use crate::status::{Kind, Status};

/// A member's list of charters.
#[derive(Template)]
#[template(path = "events.html")]
pub(super) struct EventsPage<'a> {
    pub(super) brand: &'a str,
    pub(super) style: &'static str,
    pub(super) member: &'a CrewMember,
    /// What shows that a form came from a page of this session.
    pub(super) key: &'a str,
    pub(super) calendar: Calendar,
    /// What they sail on from today on.
    pub(super) own: &'a [CrewView],
    /// The month's charters, where the role may see them.
    pub(super) all: Option<&'a [CrewView]>,
    /// How many rows cannot be read.
    pub(super) unreadable: usize,
}

/// One charter.
#[derive(Template)]
#[template(path = "event.html")]
pub(super) struct EventPage<'a> {
    pub(super) brand: &'a str,
    pub(super) style: &'static str,
    pub(super) member: &'a CrewMember,
    pub(super) key: &'a str,
    pub(super) view: &'a CrewView,
    /// Who sails, where the role may see it.
    pub(super) crew: Option<Vec<Sailor>>,
}

/// Somebody who sails, and as what. Without a name it is one who has left.
pub(super) struct Sailor {
    pub(super) crew: CrewId,
    pub(super) name: Option<String>,
    pub(super) berth: Role,
}

/// A charter as a line of a list.
#[derive(Template)]
#[template(path = "event_line.html")]
struct Line<'a> {
    view: &'a CrewView,
    berth: Option<&'a Role>,
}

impl EventsPage<'_> {
    fn line(&self, view: &CrewView) -> askama::Result<String> {
        Line { view, berth: view.berth_of(self.member.id()) }.render()
    }
}

impl EventPage<'_> {
    fn berth(&self) -> Option<&Role> {
        self.view.berth_of(self.member.id())
    }
}

/// What is called by a name.
pub(super) fn names(view: &CrewView) -> [(&'static str, &ScrubbedText); 3] {
    [("Boat", view.boat()), ("Harbour", view.harbour()), ("Guest", view.guest())]
}

/// The day in words: `Saturday 12 December 2026`.
pub(super) fn day(view: &CrewView) -> String {
    view.date().strftime("%A %-d %B %Y").to_string()
}

/// The hours in words, without seconds: `09:00 to 13:00`.
pub(super) fn hours(view: &CrewView) -> String {
    let Some(hours) = view.hours() else {
        return String::new();
    };
    let clock = |time: jiff::civil::Time| time.strftime("%H:%M").to_string();
    let next_day = if hours.ends_next_day() { " on the next day" } else { "" };
    format!("{} to {}{next_day}", clock(hours.starts()), clock(hours.ends()))
}

fn status(view: &CrewView) -> &'static str {
    match view.status() {
        Status::Pending => "Not confirmed yet",
        Status::Confirmed => "Confirmed",
        Status::Completed => "Sailed",
        Status::Cancelled => "Called off",
    }
}

fn is_off(view: &CrewView) -> bool {
    view.status() == Status::Cancelled
}

pub(super) fn guests(view: &CrewView) -> String {
    match view.head_count() {
        None => String::new(),
        Some(1) => "1 guest".to_owned(),
        Some(guests) => format!("{guests} guests"),
    }
}

/// What sort of trip it is, where that is not what most are.
pub(super) fn kind(view: &CrewView) -> &str {
    match view.kind() {
        Kind::Charter => "",
        other => other.as_str(),
    }
}

/// An id as the value of a query.
fn encoded(id: &CharterId) -> String {
    let mut value = String::new();
    for byte in id.as_str().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                value.push(char::from(byte));
            }
            other => {
                let _ = write!(value, "%{other:02X}");
            }
        }
    }
    value
}
