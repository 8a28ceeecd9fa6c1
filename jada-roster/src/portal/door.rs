//! The way in and out: the page behind a link, the button on it, and signing out.

use std::sync::Arc;

use axum::Form;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::response::{IntoResponse, Response};

use crate::error::Error;
use crate::links::text::LinkText;
use crate::links::{BrowserNonce, Link, LinkRefusal, Purpose};
use crate::portal::form::{Fields, Posted, field};
use crate::portal::pages::{DoorPage, NoticePage, STYLE, page};
use crate::portal::refusal::Refusal;
use crate::portal::session::Session;
use crate::portal::visit::Visit;
use crate::portal::{Inner, cookies};

/// Shows a button, and does nothing: programs open links, and press on, that nobody has read.
pub(super) async fn show(
    State(portal): State<Arc<Inner>>,
    visit: Visit,
    query: Result<Query<Fields>, QueryRejection>,
) -> Response {
    let fields = query.map(|Query(fields)| fields).unwrap_or_default();
    let token: String = field(&fields, "token").chars().take(LONGER_THAN_ANY).collect();
    let answer = page(
        StatusCode::OK,
        &DoorPage {
            brand: &portal.brand,
            style: STYLE,
            here: portal.here(),
            token: (!token.trim().is_empty()).then_some(&token),
        },
    );
    remembering(&visit, answer)
}

/// The same with a cookie that tells this browser from others, if it has none and was asked for the
/// page.
pub(super) fn remembering(visit: &Visit, answer: Response) -> Response {
    if visit.nonce.is_some() || visit.looks_ahead {
        return answer;
    }
    match BrowserNonce::generate() {
        Ok(nonce) => ([(SET_COOKIE, cookies::browser(&nonce))], answer).into_response(),
        // Pressing the button asks for one again.
        Err(_) => answer,
    }
}

/// The button was pressed: does what the link is for, and opens a session.
pub(super) async fn open(
    State(portal): State<Arc<Inner>>,
    visit: Visit,
    posted: Posted,
) -> Response {
    portal.answer(opened(&portal, &visit, posted).await)
}

async fn opened(portal: &Inner, visit: &Visit, posted: Posted) -> Result<Response, Refusal> {
    visit.must_not_be_from_elsewhere()?;
    let Form(fields) = posted?;
    // A link that works once would be used up by a browser that cannot keep what it opens.
    if visit.nonce.is_none() {
        let refusal = Refusal::NO_COOKIES.again(portal.here(), &fields);
        return Ok(remembering(visit, portal.answer(Err(refusal))));
    }
    let session = redeemed(portal, visit, field(&fields, "token").trim()).await;
    let session = session.map_err(|refusal| refusal.or_again(portal.here(), &fields))?;
    Ok(see_other(format!("{}/roster", portal.here()), cookies::session(&session.text)))
}

/// The session that a link opens. Where the store fails in between, the same browser may press again:
/// within a minute a link that is used up by it opens once more.
async fn redeemed(portal: &Inner, visit: &Visit, token: &str) -> Result<Link, Refusal> {
    portal.limits.attempt(visit, token)?;
    let text = LinkText::parse(token).inspect_err(|_| visit.audit(LinkRefusal::Malformed))?;
    let presented = visit.presents(text, Purpose::portal());
    let verified = portal.links.redeem(&presented).await?;
    match portal.links.issue(&verified.crew, &portal.session).await {
        Ok(session) => Ok(session),
        Err(Error::NotFound { .. }) => Err(Refusal::LINK),
        Err(error) => Err(error.into()),
    }
}

/// Ends the session, here and in the browser.
pub(super) async fn leave(
    State(portal): State<Arc<Inner>>,
    visit: Visit,
    posted: Posted,
) -> Response {
    portal.answer(left(&portal, &visit, posted).await)
}

async fn left(portal: &Inner, visit: &Visit, posted: Posted) -> Result<Response, Refusal> {
    visit.must_be_from_our_page()?;
    let Form(fields) = posted?;
    let session = Session::of(portal, visit).await?;
    session.must_have_made(field(&fields, "key"))?;
    portal.links.end_session(&session.presented).await?;
    Ok(see_other("left".to_owned(), cookies::no_session()))
}

/// What one sees after signing out.
pub(super) async fn goodbye(State(portal): State<Arc<Inner>>) -> Response {
    let title = "You are signed out";
    let text = "Your link opens your page again, unless it was one that works only once.";
    page(
        StatusCode::OK,
        &NoticePage { brand: &portal.brand, style: STYLE, title, text, again: None },
    )
}

/// To another page, relative to this one: the portal need not know what it is mounted under.
fn see_other(place: String, cookie: String) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, place), (SET_COOKIE, cookie)]).into_response()
}

/// No link has so long a text, so that what follows is cut off.
const LONGER_THAN_ANY: usize = 201;
