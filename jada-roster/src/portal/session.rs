//! A member who has opened their link: the session that their browser holds.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::crew::CrewMember;
use crate::error::Error;
use crate::links::text::LinkText;
use crate::links::{LinkKind, Presented};
use crate::portal::Inner;
use crate::portal::refusal::Refusal;
use crate::portal::visit::Visit;

/// An open session, and whose it is.
pub(super) struct Session {
    pub(super) member: CrewMember,
    pub(super) presented: Presented,
    /// What a form of this session carries, and no other site can know: made of the session's text,
    /// and telling nothing of it.
    pub(super) form_key: String,
}

impl Session {
    /// The session that a visitor holds, and the member as they are stored now.
    pub(super) async fn of(portal: &Inner, visit: &Visit) -> Result<Self, Refusal> {
        portal.limits.page(visit)?;
        let text = visit.session.clone().ok_or(Refusal::SESSION)?;
        let form_key = form_key(&text);
        let presented = visit.presents(text, portal.session.purpose().clone());
        let verified = match portal.links.verify(&presented).await {
            Ok(verified) if verified.kind == LinkKind::Session => verified,
            Ok(_) | Err(Error::LinkRefused { .. } | Error::TooManyAttempts { .. }) => {
                return Err(Refusal::SESSION);
            }
            Err(error) => return Err(error.into()),
        };
        let member = portal.roster.find(&verified.crew).await?.ok_or(Refusal::SESSION)?;
        Ok(Self { member, presented, form_key })
    }

    /// Refuses a form that was not made for this session.
    pub(super) fn must_have_made(&self, form_key: &str) -> Result<(), Refusal> {
        let is_ours = self.form_key.as_bytes().ct_eq(form_key.as_bytes());
        if is_ours.into() { Ok(()) } else { Err(Refusal::CROSS_SITE) }
    }
}

fn form_key(session: &LinkText) -> String {
    let digest = Sha256::new().chain_update(b"jada portal form ").chain_update(session.expose());
    URL_SAFE_NO_PAD.encode(digest.finalize())
}
