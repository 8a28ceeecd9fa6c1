//! The charters that a member may see: a list of them, and one with its notes and who sails on it.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use futures_util::StreamExt;
use futures_util::future::try_join_all;

use crate::charter::CharterId;
use crate::charter::assignment::Assignment;
use crate::crew::role::Permission;
use crate::error::Error;
use crate::event::view::CrewView;
use crate::events::{EventRepository, EventStream};
use crate::portal::Inner;
use crate::portal::calendar::Calendar;
use crate::portal::event_pages::{EventPage, EventsPage, Sailor};
use crate::portal::form::{Fields, field};
use crate::portal::pages::{STYLE, page};
use crate::portal::refusal::Refusal;
use crate::portal::session::Session;
use crate::portal::visit::Visit;

/// Shows what a member sails on, and a month of all charters to those who may see it.
pub(super) async fn list(
    State(portal): State<Arc<Inner>>,
    visit: Visit,
    query: Result<Query<Fields>, QueryRejection>,
) -> Response {
    let fields = query.map(|Query(fields)| fields).unwrap_or_default();
    portal.answer(listed(&portal, &visit, &fields).await)
}

async fn listed(portal: &Inner, visit: &Visit, fields: &Fields) -> Result<Response, Refusal> {
    let events = kept(portal)?;
    let Session { member, form_key, .. } = Session::of(portal, visit).await?;
    let calendar = Calendar::asked_for(Some(field(fields, "month")), portal.today())?;
    let may = |permission| member.role().may(permission);
    let mut rows = Rows::default();
    if may(Permission::SeeOwnEvents) {
        rows.own = rows.read(events.upcoming(member.id(), portal.today())).await?;
    }
    if may(Permission::SeeAllEvents) {
        rows.all = Some(rows.read(events.month(calendar.month)).await?);
    }
    let shown = EventsPage {
        brand: &portal.brand,
        style: STYLE,
        member: &member,
        key: &form_key,
        calendar,
        own: &rows.own,
        all: rows.all.as_deref(),
        unreadable: rows.unreadable,
    };
    Ok(page(StatusCode::OK, &shown))
}

/// Shows one charter to those who sail on it, and to those who may see all.
pub(super) async fn show(
    State(portal): State<Arc<Inner>>,
    visit: Visit,
    query: Result<Query<Fields>, QueryRejection>,
) -> Response {
    let fields = query.map(|Query(fields)| fields).unwrap_or_default();
    portal.answer(shown(&portal, &visit, &fields).await)
}

async fn shown(portal: &Inner, visit: &Visit, fields: &Fields) -> Result<Response, Refusal> {
    let events = kept(portal)?;
    let Session { member, form_key, .. } = Session::of(portal, visit).await?;
    let may = |permission| member.role().may(permission);
    let id = CharterId::new(field(fields, "charter")).map_err(|_| Refusal::NOT_FOUND)?;
    // One that is not theirs is told like one that is not there.
    let view = events.find(&id).await?.filter(|view| {
        let sails = view.berth_of(member.id()).is_some();
        may(Permission::SeeAllEvents) || (sails && may(Permission::SeeOwnEvents))
    });
    let view = view.ok_or(Refusal::NOT_FOUND)?;
    let crew = match may(Permission::SeeRoster) {
        true => Some(sailors(portal, view.assignments()).await?),
        false => None,
    };
    let shown = EventPage {
        brand: &portal.brand,
        style: STYLE,
        member: &member,
        key: &form_key,
        view: &view,
        crew,
    };
    Ok(page(StatusCode::OK, &shown))
}

/// Where copies for crew are kept; without that there are no such pages.
fn kept(portal: &Inner) -> Result<&dyn EventRepository, Refusal> {
    portal.events.as_deref().ok_or(Refusal::NOT_FOUND)
}

/// Who sails, by name. Of one who has left, the berth is left.
async fn sailors(portal: &Inner, assignments: &[Assignment]) -> Result<Vec<Sailor>, Refusal> {
    let found = assignments.iter().map(|assignment| async move {
        let name = match portal.roster.find(assignment.crew()).await {
            Ok(member) => member.map(|member| member.name().to_string()),
            Err(error @ Error::CorruptItem { .. }) => {
                tracing::warn!(%error, "a member of the crew is not shown");
                None
            }
            Err(error) => return Err(error),
        };
        let (crew, berth) = (assignment.crew().clone(), assignment.berth().clone());
        Ok(Sailor { crew, name, berth })
    });
    Ok(try_join_all(found).await?)
}

/// What was read, and how much cannot be.
#[derive(Default)]
struct Rows {
    own: Vec<CrewView>,
    all: Option<Vec<CrewView>>,
    unreadable: usize,
}

impl Rows {
    /// In the order in which they sail.
    async fn read(&mut self, mut rows: EventStream) -> Result<Vec<CrewView>, Refusal> {
        let mut views = Vec::new();
        while let Some(row) = rows.next().await {
            match row {
                Ok(view) => views.push(view),
                Err(error @ Error::CorruptItem { .. }) => {
                    tracing::warn!(%error, "a charter is not shown");
                    self.unreadable += 1;
                }
                Err(error) => return Err(error.into()),
            }
        }
        views.sort_by_key(|view| (view.date(), view.hours().map(|hours| hours.starts())));
        Ok(views)
    }
}
