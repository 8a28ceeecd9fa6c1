//! A member's own page: who they are, on which days they are free, and as much of the others as
//! their role may see.

use std::sync::Arc;

use axum::Form;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;

use crate::crew::CrewMember;
use crate::crew::availability::Availability;
use crate::crew::role::Permission;
use crate::error::Error;
use crate::portal::Inner;
use crate::portal::calendar::Calendar;
use crate::portal::form::{DaysForm, Fields, Posted, field};
use crate::portal::pages::{Note, RosterPage, STYLE, page};
use crate::portal::refusal::Refusal;
use crate::portal::session::Session;
use crate::portal::visit::Visit;

/// Shows a month.
pub(super) async fn show(
    State(portal): State<Arc<Inner>>,
    visit: Visit,
    query: Result<Query<Fields>, QueryRejection>,
) -> Response {
    let fields = query.map(|Query(fields)| fields).unwrap_or_default();
    portal.answer(shown(&portal, &visit, &fields).await)
}

async fn shown(portal: &Inner, visit: &Visit, fields: &Fields) -> Result<Response, Refusal> {
    let session = Session::of(portal, visit).await?;
    let calendar = Calendar::asked_for(Some(field(fields, "month")), portal.today())?;
    let note = match field(fields, "saved") {
        "" => Note::Nothing,
        BUT_PAST => Note::SavedButPast,
        _ => Note::Saved,
    };
    let chosen = session.member.availability();
    render(portal, &session, calendar, chosen, note).await
}

/// Saves what a member says about their own days.
pub(super) async fn save(
    State(portal): State<Arc<Inner>>,
    visit: Visit,
    posted: Posted,
) -> Response {
    portal.answer(saved(&portal, &visit, posted).await)
}

async fn saved(portal: &Inner, visit: &Visit, posted: Posted) -> Result<Response, Refusal> {
    visit.must_be_from_our_page()?;
    let Form(fields) = posted?;
    let done = async {
        let session = Session::of(portal, visit).await?;
        session.must_have_made(field(&fields, "key"))?;
        if !session.member.role().may(Permission::EditOwnAvailability) {
            return Err(Refusal::FORM);
        }
        let form = DaysForm::of(&fields, portal.today())?;
        keep(portal, session, &form).await
    };
    done.await.map_err(|refusal| refusal.or_again("availability", &fields))
}

/// Writes the days, unless the row has moved on since the form was made.
async fn keep(portal: &Inner, session: Session, form: &DaysForm) -> Result<Response, Refusal> {
    let stored = session.member.availability();
    let chosen = form.onto(stored);
    if chosen == *stored {
        return Ok(back(form, stored));
    }
    if !form.was_made_from(session.member.version()) {
        return look_again(portal, session, form).await;
    }
    match portal.roster.update(&session.member.clone().with_availability(chosen)).await {
        Ok(_) => Ok(back(form, stored)),
        Err(Error::VersionConflict { .. }) => look_again(portal, session, form).await,
        Err(Error::NotFound { .. }) => Err(Refusal::SESSION),
        Err(error) => Err(error.into()),
    }
}

/// Shows what the member chose beside what is stored now. A form that says the same, as the second
/// of a double click does, is done.
async fn look_again(
    portal: &Inner,
    session: Session,
    form: &DaysForm,
) -> Result<Response, Refusal> {
    let now = portal.roster.find(session.member.id()).await?;
    let session = Session { member: now.ok_or(Refusal::SESSION)?, ..session };
    let stored = session.member.availability();
    let chosen = form.onto(stored);
    if chosen == *stored {
        return Ok(back(form, stored));
    }
    render(portal, &session, form.calendar, &chosen, Note::Conflict).await
}

/// To the month that was saved, so that reading it again saves nothing again.
fn back(form: &DaysForm, stored: &Availability) -> Response {
    let saved = if form.changes_past(stored) { BUT_PAST } else { "yes" };
    let place = format!("roster?month={}&saved={saved}", form.calendar.month);
    (StatusCode::SEE_OTHER, [(LOCATION, place)]).into_response()
}

async fn render(
    portal: &Inner,
    session: &Session,
    calendar: Calendar,
    chosen: &Availability,
    note: Note,
) -> Result<Response, Refusal> {
    let member = &session.member;
    let may = |permission| member.role().may(permission);
    let sees_free = may(Permission::SeeAvailability);
    let crew =
        if sees_free || may(Permission::SeeRoster) { all(portal).await? } else { All::default() };
    let shown = RosterPage {
        brand: &portal.brand,
        style: STYLE,
        member,
        note,
        has_events: portal.events.is_some(),
        key: &session.form_key,
        calendar,
        days: calendar.own_days(member.availability(), chosen),
        crew: may(Permission::SeeRoster).then_some(&crew.readable),
        with_contacts: may(Permission::SeeContacts),
        unreadable: crew.unreadable,
        free: sees_free.then(|| calendar.free_days(&crew.readable)),
    };
    let status = if note == Note::Conflict { StatusCode::CONFLICT } else { StatusCode::OK };
    Ok(page(status, &shown))
}

/// The whole crew, by name, and how many rows of it cannot be read.
#[derive(Default)]
struct All {
    readable: Vec<CrewMember>,
    unreadable: usize,
}

async fn all(portal: &Inner) -> Result<All, Refusal> {
    let (mut all, mut rows) = (All::default(), portal.roster.list());
    while let Some(row) = rows.next().await {
        match row {
            Ok(member) => all.readable.push(member),
            Err(error @ Error::CorruptItem { .. }) => {
                tracing::warn!(%error, "a member of the crew is not shown");
                all.unreadable += 1;
            }
            Err(error) => return Err(error.into()),
        }
    }
    all.readable
        .sort_by_cached_key(|member| (member.name().as_str().to_lowercase(), member.id().clone()));
    Ok(all)
}

const BUT_PAST: &str = "past";
