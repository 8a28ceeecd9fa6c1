//! The pages as templates: what each shows, and in which words.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use crate::crew::CrewMember;
use crate::crew::availability::DayState;
use crate::crew::contact::EmailAddress;
use crate::portal::calendar::{Calendar, FreeDay, OwnDay};
use crate::portal::refusal::Again;

/// The one style, in every page, so that a page is one request.
pub(super) const STYLE: &str = include_str!("../../templates/portal.css");

/// The page behind a link, before anything has happened.
#[derive(Template)]
#[template(path = "door.html")]
pub(super) struct DoorPage<'a> {
    pub(super) brand: &'a str,
    pub(super) style: &'static str,
    /// Where the form goes, relative to the page itself.
    pub(super) here: &'a str,
    /// The text that the link carried, whatever it is.
    pub(super) token: Option<&'a str>,
}

/// A page that says one thing.
#[derive(Template)]
#[template(path = "notice.html")]
pub(super) struct NoticePage<'a> {
    pub(super) brand: &'a str,
    pub(super) style: &'static str,
    pub(super) title: &'a str,
    pub(super) text: &'a str,
    pub(super) again: Option<&'a Again>,
}

/// A member's own page.
#[derive(Template)]
#[template(path = "roster.html")]
pub(super) struct RosterPage<'a> {
    pub(super) brand: &'a str,
    pub(super) style: &'static str,
    pub(super) member: &'a CrewMember,
    pub(super) note: Note,
    /// Whether there is a page of charters.
    pub(super) has_events: bool,
    /// What shows that a form came from a page of this session.
    pub(super) key: &'a str,
    pub(super) calendar: Calendar,
    pub(super) days: Vec<OwnDay>,
    /// The others, where the role may see them.
    pub(super) crew: Option<&'a [CrewMember]>,
    pub(super) with_contacts: bool,
    /// How many rows of the crew cannot be read.
    pub(super) unreadable: usize,
    /// Who is free, where the role may see it.
    pub(super) free: Option<Vec<FreeDay<'a>>>,
}

/// What became of a form that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note {
    Nothing,
    Saved,
    SavedButPast,
    Conflict,
}

/// A page as an answer. A template fails to render only if a value in it does; none here does.
pub(super) fn page(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page cannot be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

impl RosterPage<'_> {
    fn word(&self, state: Option<DayState>) -> &'static str {
        match state {
            None => "Not said",
            Some(DayState::Yes) => "Yes",
            Some(DayState::No) => "No",
            Some(DayState::Maybe) => "Maybe",
            Some(DayState::Morning) => "Morning",
            Some(DayState::Afternoon) => "Afternoon",
        }
    }

    /// Of which part of a day somebody is free.
    fn part(&self, state: &DayState) -> &'static str {
        match state {
            DayState::Yes => "All day",
            other => self.word(Some(*other)),
        }
    }

    /// An address as the path of a `mailto:` URL
    /// ([RFC 6068, 2](https://www.rfc-editor.org/rfc/rfc6068#section-2)).
    fn mailto(&self, address: &EmailAddress) -> String {
        let mut path = String::new();
        for letter in address.as_str().chars() {
            match letter {
                'a'..='z' | '0'..='9' | '.' | '-' | '_' | '~' | '@' | '+' | '!' | '$' | '*' => {
                    path.push(letter);
                }
                // An address is ASCII.
                other => path.push_str(&format!("%{:02X}", u32::from(other))),
            }
        }
        path
    }
}
