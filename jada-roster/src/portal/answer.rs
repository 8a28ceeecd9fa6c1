//! Answering a call: the page behind the link in an ask, its two buttons, and what came of it.
//!
//! A press looks at the link, writes the answer on the charter, and only then uses the link up. The
//! charter's row is the one place where an answer stands, and it is written on the condition that the
//! member has not answered before: of any number of presses one is taken. Whatever dies in between,
//! the next press finds the answer, changes nothing, and goes on from there. Were the link used up
//! first, an answer could be lost with nothing left to give it by.

use std::sync::Arc;

use axum::Form;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::response::{IntoResponse, Response};

use crate::call::{Answer, Outcome};
use crate::error::Error;
use crate::links::{LinkSpec, Purpose};
use crate::portal::answer_pages::{AnswerForm, AnswerPage, Shown};
use crate::portal::answered::Answered;
use crate::portal::calls::{Ask, Calls, Invitation};
use crate::portal::door::remembering;
use crate::portal::form::{Fields, Posted, field};
use crate::portal::pages::{STYLE, page};
use crate::portal::refusal::Refusal;
use crate::portal::visit::Visit;
use crate::portal::{Inner, cookies};

/// Shows what a member is asked, and does nothing: programs open links that nobody has read.
pub(super) async fn show(
    State(portal): State<Arc<Inner>>,
    visit: Visit,
    query: Result<Query<Fields>, QueryRejection>,
) -> Response {
    let fields = query.map(|Query(fields)| fields).unwrap_or_default();
    portal.answer(shown(&portal, &visit, &fields).await)
}

async fn shown(portal: &Inner, visit: &Visit, fields: &Fields) -> Result<Response, Refusal> {
    let calls = portal.calls()?;
    let token = field(fields, TOKEN).trim();
    let Some(invitation) = Invitation::behind(portal, visit, token).await? else {
        return closed(visit, token);
    };
    let ask = calls.ask(&invitation).await?;
    let form = AnswerForm { token, sailing: &ask.sailing, has_changed: false };
    let shown = ask.outcome.map_or(Shown::Question(form), Shown::Outcome);
    Ok(remembering(visit, render(portal, calls, &ask, shown)))
}

/// A button was pressed.
pub(super) async fn give(
    State(portal): State<Arc<Inner>>,
    visit: Visit,
    posted: Posted,
) -> Response {
    portal.answer(given(&portal, &visit, posted).await)
}

async fn given(portal: &Inner, visit: &Visit, posted: Posted) -> Result<Response, Refusal> {
    let calls = portal.calls()?;
    visit.must_not_be_from_elsewhere()?;
    let Form(fields) = posted?;
    if visit.nonce.is_none() {
        let refusal = Refusal::NO_COOKIES.again(PAGE, &fields);
        return Ok(remembering(visit, portal.answer(Err(refusal))));
    }
    let taken = taken(portal, calls, visit, &fields).await;
    taken.map_err(|refusal| refusal.or_again(PAGE, &fields))
}

async fn taken(
    portal: &Inner,
    calls: &Calls,
    visit: &Visit,
    fields: &Fields,
) -> Result<Response, Refusal> {
    let (token, said) = (field(fields, TOKEN).trim(), said(fields)?);
    let Some(invitation) = Invitation::behind(portal, visit, token).await? else {
        return closed(visit, token);
    };
    let ask = calls.ask(&invitation).await?;
    if ask.outcome.is_none() && field(fields, SAILING) != ask.sailing {
        let form = AnswerForm { token, sailing: &ask.sailing, has_changed: true };
        return Ok(render(portal, calls, &ask, Shown::Question(form)));
    }
    let outcome = calls.answer(&invitation, said).await?;
    let told = told(portal, &invitation, outcome).await?;
    // Nothing was taken of one who is too late: should the berth be free again, they can still come.
    if matches!(outcome, Outcome::Aboard | Outcome::Declined) {
        invitation.use_up(portal, visit).await?;
    }
    match told {
        Some(told) => Ok(told),
        None => {
            let ask = calls.ask(&invitation).await?;
            Ok(render(portal, calls, &ask, Shown::Outcome(outcome)))
        }
    }
}

/// To the page that shows for half an hour what came of it, without the link in its address; none
/// where so many of the member's links are open that there is no room for that.
async fn told(
    portal: &Inner,
    invitation: &Invitation,
    outcome: Outcome,
) -> Result<Option<Response>, Refusal> {
    let purpose = Purpose::new(&format!("{}:{}", portal.answered, invitation.charter))?;
    let spec = LinkSpec::session(purpose).with_life(cookies::SESSION_LIFE);
    let session = match portal.links.issue(&invitation.crew, &spec).await {
        Ok(session) => session.text,
        Err(Error::TooManyLinks { .. }) => return Ok(None),
        Err(Error::NotFound { .. }) => return Err(Refusal::ANSWER),
        Err(error) => return Err(error.into()),
    };
    let cookie = cookies::answered(&Answered::by(&invitation.text, session));
    // The charter's row does not say so of one who sails elsewhere.
    let place = if outcome == Outcome::Elsewhere { BUT_ELSEWHERE } else { ANSWERED };
    let headers = [(LOCATION, place.to_owned()), (SET_COOKIE, cookie)];
    Ok(Some((StatusCode::SEE_OTHER, headers).into_response()))
}

/// What came of an answer, as things are now.
pub(super) async fn outcome(
    State(portal): State<Arc<Inner>>,
    visit: Visit,
    query: Result<Query<Fields>, QueryRejection>,
) -> Response {
    let fields = query.map(|Query(fields)| fields).unwrap_or_default();
    portal.answer(outcome_now(&portal, &visit, &fields).await)
}

async fn outcome_now(portal: &Inner, visit: &Visit, fields: &Fields) -> Result<Response, Refusal> {
    let calls = portal.calls()?;
    let invitation = Invitation::answered(portal, visit).await?.ok_or(Refusal::ANSWERED)?;
    let ask = calls.ask(&invitation).await?;
    let elsewhere = (field(fields, "but") == "elsewhere").then_some(Outcome::Elsewhere);
    let shown = ask.outcome.or(elsewhere).map_or(Shown::StillOpen, Shown::Outcome);
    Ok(render(portal, calls, &ask, shown))
}

/// Whoever has answered by this link in this browser is told again; anyone else is refused as by any
/// link that opens nothing.
fn closed(visit: &Visit, token: &str) -> Result<Response, Refusal> {
    let has_answered = visit.answered.as_ref().is_some_and(|answered| answered.came_by(token));
    let again = || (StatusCode::SEE_OTHER, [(LOCATION, ANSWERED)]).into_response();
    has_answered.then(again).ok_or(Refusal::ANSWER)
}

fn said(fields: &Fields) -> Result<Answer, Refusal> {
    let button = field(fields, "answer");
    let mut answers = [Answer::Accept, Answer::Decline].into_iter();
    answers.find(|answer| answer.as_str() == button).ok_or(Refusal::FORM)
}

fn render(portal: &Inner, calls: &Calls, ask: &Ask, shown: Shown<'_>) -> Response {
    let is_out_of_date = matches!(shown, Shown::Question(form) if form.has_changed);
    let status = if is_out_of_date { StatusCode::CONFLICT } else { StatusCode::OK };
    let shown = AnswerPage {
        brand: &portal.brand,
        style: STYLE,
        view: &ask.view,
        berth: ask.berth.as_ref(),
        shown,
        operations: calls.operations.as_ref(),
    };
    page(status, &shown)
}

const TOKEN: &str = "token";
const SAILING: &str = "sailing";
/// The pages, relative to each other.
const PAGE: &str = "answer";
const ANSWERED: &str = "answered";
const BUT_ELSEWHERE: &str = "answered?but=elsewhere";
