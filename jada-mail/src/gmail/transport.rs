//! Gmail as an outbox sends through it.

use async_trait::async_trait;
use jada_auth::Answer;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{
    Gmail, Step, USER,
    failure::is_gone,
    method::Method,
    upload::Upload,
    wire::{Draft, Mail},
};
use crate::{DraftId, Error, Letter, Proof, Receipt, Trace, Transport};

#[async_trait]
impl Transport for Gmail {
    /// `gmail`, unless it was built with another [name](super::GmailBuilder::name).
    fn name(&self) -> &str {
        &self.name
    }

    /// What the scopes allow that were granted: drafts, by gmail.compose, gmail.modify or all of
    /// Gmail, and search, by gmail.readonly or either of the latter.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] and [`Error::Blocked`], when there is no token.
    async fn proof(&self) -> Result<Proof, Error> {
        let granted = self.granted().await?;
        let allows = |method: Method| method.is_allowed_by(&granted);
        Ok(match (allows(Method::DraftsSend), allows(Method::MessagesList)) {
            (true, true) => Proof::DraftsAndSearch,
            (true, false) => Proof::Drafts,
            (false, true) => Proof::Search,
            (false, false) => Proof::Nothing,
        })
    }

    /// Sends by
    /// [messages.send](https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/send).
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`], [`Error::InDoubt`], [`Error::Refused`], [`Error::TooLarge`] and
    /// [`Error::Blocked`]. The first is worth a retry.
    async fn send(&self, letter: &Letter) -> Result<Receipt, Error> {
        let answer = self.upload(Upload::Mail, letter).await?;
        Ok(self.done::<Mail>(&answer)?.receipt(letter))
    }

    /// Makes a draft.
    ///
    /// # Errors
    ///
    /// As [`send`](Transport::send). When it is [in doubt](Error::InDoubt), a draft may be left
    /// behind, for [`remove_drafts`](Transport::remove_drafts).
    async fn stage(&self, letter: &Letter) -> Result<DraftId, Error> {
        let answer = self.upload(Upload::Draft, letter).await?;
        let id = self.done::<Draft>(&answer)?.id;
        id.parse().map_err(|mistake: Error| Error::InDoubt {
            retry_after: None,
            source: Box::new(mistake),
        })
    }

    /// Sends a draft; `None` when it was sent or deleted, from Gmail's own pages too.
    ///
    /// # Errors
    ///
    /// As [`send`](Transport::send).
    async fn send_staged(
        &self,
        draft: &DraftId,
        letter: &Letter,
    ) -> Result<Option<Receipt>, Error> {
        let google = self.ready(Method::DraftsSend).await?;
        let call = google.post(format!("{USER}/drafts/send"));
        match call.json(&json!({ "id": draft.as_str() })).send().await {
            Ok(answer) => Ok(Some(self.done::<Mail>(&answer)?.receipt(letter))),
            Err(failure) if is_gone(&failure) => Ok(None),
            Err(failure) => Err(self.sorted(Step::Sending, failure)),
        }
    }

    /// Looks among the mails that were sent since, those in the trash too: by the Message-ID, and
    /// if that finds none, since Gmail may have put another in its place, by the headers of the
    /// newest 500. A mail beyond those is not found: that proves nothing, and neither does a mail
    /// that Gmail's index does not show yet.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`], which is worth a retry, and [`Error::Blocked`].
    async fn find_sent(&self, trace: &Trace) -> Result<Option<Receipt>, Error> {
        self.find(trace).await
    }

    /// Looks among the drafts in the same two ways, and deletes what is still one.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`], which is worth a retry, and [`Error::Blocked`].
    async fn remove_drafts(&self, trace: &Trace) -> Result<usize, Error> {
        self.remove(trace).await
    }
}

impl Gmail {
    /// What the server says that it has done.
    fn done<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, Error> {
        answer.json().map_err(|failure| self.sorted(Step::Sending, failure))
    }
}
