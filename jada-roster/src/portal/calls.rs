//! Who takes the answers of crew, and what a link says that somebody answers by.

use std::sync::Arc;

use crate::call::{Answer, Outcome};
use crate::charter::CharterId;
use crate::crew::contact::PhoneNumber;
use crate::crew::id::CrewId;
use crate::crew::role::Role;
use crate::crew_call::{CrewCall, Question};
use crate::error::Error;
use crate::event::rules::{ViewRules, untold};
use crate::event::view::CrewView;
use crate::links::text::LinkText;
use crate::links::{LinkKind, LinkRefusal, Presented, Purpose};
use crate::portal::Inner;
use crate::portal::refusal::Refusal;
use crate::portal::visit::Visit;

/// Who takes answers, and how what they are about is shown.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    pub(super) crew_call: Arc<CrewCall>,
    pub(super) rules: ViewRules,
    /// Whom members call who change their mind.
    pub(super) operations: Option<PhoneNumber>,
}

/// What a member is asked, as far as crew may read it.
pub(super) struct Ask {
    pub(super) view: CrewView,
    pub(super) berth: Option<Role>,
    pub(super) outcome: Option<Outcome>,
    /// When it sails, by which a page that is out of date is told.
    pub(super) sailing: String,
}

/// A member, and the charter that they are asked about.
pub(super) struct Invitation {
    pub(super) crew: CrewId,
    pub(super) charter: CharterId,
    /// The link, or the session, that says so.
    pub(super) text: LinkText,
}

impl Calls {
    pub(super) async fn ask(&self, to: &Invitation) -> Result<Ask, Refusal> {
        let asked = self.crew_call.question(&to.charter, &to.crew).await;
        let Question { event, berth, outcome, .. } = asked.map_err(refused)?;
        let view = CrewView::of(&event, &self.rules).value;
        let hours = view.hours().map(|hours| hours.to_string()).unwrap_or_default();
        let sailing = format!("{} {hours}", view.date());
        Ok(Ask { view, berth, outcome, sailing })
    }

    pub(super) async fn answer(&self, to: &Invitation, said: Answer) -> Result<Outcome, Refusal> {
        self.crew_call.answer_once(&to.charter, &to.crew, said).await.map_err(refused)
    }
}

/// An error about a charter does not tell what was found: there may be money in it.
fn refused(error: Error) -> Refusal {
    match error {
        Error::NotFound { .. } => Refusal::NO_CHARTER,
        error => untold(error).into(),
    }
}

impl Invitation {
    /// What the link in an ask says; none for one that opens nothing, whatever the reason.
    pub(super) async fn behind(
        portal: &Inner,
        visit: &Visit,
        token: &str,
    ) -> Result<Option<Self>, Refusal> {
        portal.limits.attempt(visit, token)?;
        let Ok(text) = LinkText::parse(token) else {
            visit.audit(LinkRefusal::Malformed);
            return Ok(None);
        };
        let link = visit.presents(text, portal.answers.clone());
        Self::peeked(portal, link, LinkKind::SingleUse).await
    }

    /// What somebody has answered in this browser; none after half an hour.
    pub(super) async fn answered(portal: &Inner, visit: &Visit) -> Result<Option<Self>, Refusal> {
        portal.limits.page(visit)?;
        let Some(answered) = &visit.answered else {
            return Ok(None);
        };
        let session = visit.presents(answered.session.clone(), portal.answered.clone());
        Self::peeked(portal, session, LinkKind::Session).await
    }

    async fn peeked(
        portal: &Inner,
        presented: Presented,
        kind: LinkKind,
    ) -> Result<Option<Self>, Refusal> {
        let peeked = match portal.links.peek(&presented).await {
            Ok(peeked) if peeked.kind == kind => peeked,
            Ok(_) | Err(Error::LinkRefused { .. } | Error::TooManyAttempts { .. }) => {
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        let charter = peeked.purpose.subject().and_then(|id| CharterId::new(id).ok());
        let (crew, text) = (peeked.crew, presented.text().clone());
        Ok(charter.map(|charter| Self { crew, charter, text }))
    }

    /// Uses the link up. Where another press was first, there is nothing left to do.
    pub(super) async fn use_up(&self, portal: &Inner, visit: &Visit) -> Result<(), Refusal> {
        let link = visit.presents(self.text.clone(), Purpose::answer(&self.charter));
        match portal.links.consume(&link).await {
            Ok(_) | Err(Error::LinkRefused { .. } | Error::TooManyAttempts { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
