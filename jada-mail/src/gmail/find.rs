//! What became of a mail: whether it was sent, and which drafts of it are left.

use std::{collections::HashSet, time::Duration};

use jada_auth::ApiUrl;
use jiff::Timestamp;

use super::{
    Gmail, Query, Step, USER,
    failure::is_gone,
    list::{Among, Listing},
    method::Method,
    wire::{Draft, Mail},
};
use crate::{Error, Receipt, Trace};

impl Gmail {
    pub(super) async fn find(&self, trace: &Trace) -> Result<Option<Receipt>, Error> {
        let since = Query::new().after(earliest(trace));
        let to_recipient = trace.recipient.as_ref().and_then(|it| it.parse().ok());
        let to_recipient = to_recipient.map(|it| since.clone().to(it).to_string());
        let queries = [Some(by_message_id(trace)), to_recipient, Some(since.to_string())];
        let mut seen = HashSet::new();
        for query in queries.into_iter().flatten() {
            if let Some(mail) = self.find_among(&query, trace, &mut seen).await? {
                return Ok(Some(mail.receipt_for(trace.message_id.clone())));
            }
        }
        Ok(None)
    }

    async fn find_among(
        &self,
        query: &str,
        trace: &Trace,
        seen: &mut HashSet<String>,
    ) -> Result<Option<Mail>, Error> {
        let mut listing = Listing::new(Among::Sent, Step::Proving, query);
        for _ in 0..MOST {
            let Some(named) = listing.next(self).await? else { break };
            if seen.contains(&named.id) {
                continue;
            }
            let Some(mail) = self.headers(&named.id).await? else { continue };
            seen.insert(named.id);
            if mail.has_label("SENT") && !mail.has_label("DRAFT") && is_of(&mail, trace) {
                return Ok(Some(mail));
            }
        }
        Ok(None)
    }

    /// A mail without its body; none when it is not there any more.
    async fn headers(&self, id: &str) -> Result<Option<Mail>, Error> {
        let url = ApiUrl::fill(&format!("{USER}/messages/{{}}"), [id]);
        let url = url.map_err(|failure| self.sorted(Step::Proving, failure))?;
        let names = [Trace::REFERENCE_HEADER, MESSAGE_ID, ORIGINAL_ID];
        let read = self.read(Method::MessagesGet, |google| {
            let call = google.get(url.clone()).query("format", "metadata");
            names.iter().fold(call, |call, name| call.query("metadataHeaders", name))
        });
        self.unless_gone(read.await?)
    }

    /// Every draft of the mail is removed whose message is still a draft: the id of a draft that
    /// was sent from Gmail's own pages may live on, and to delete it is to delete the mail.
    pub(super) async fn remove(&self, trace: &Trace) -> Result<usize, Error> {
        let mut drafts = self.drafts(&by_message_id(trace), trace).await?;
        // One of them may have its Message-ID still, and another not.
        drafts.extend(self.drafts("", trace).await?);
        drafts.sort_unstable();
        drafts.dedup();
        for id in &drafts {
            let google = self.ready(Method::DraftsDelete).await?;
            let deleted = google.delete(self.draft_url(id)?).send().await;
            match self.unless_gone(deleted)? {
                Some(answer) if !answer.body().is_empty() => {
                    // As Gmail has nothing to say to it, somebody else said that.
                    let source = format!("deleting the draft {id} was answered with a page").into();
                    return Err(Error::Unavailable { retry_after: None, source });
                }
                _ => {}
            }
        }
        Ok(drafts.len())
    }

    /// The ids of the mail's drafts but the one to keep.
    async fn drafts(&self, query: &str, trace: &Trace) -> Result<Vec<String>, Error> {
        let kept = trace.keep.as_ref().map(|draft| draft.as_str());
        let mut listing = Listing::new(Among::Drafts, Step::Proving, query);
        let mut drafts = Vec::new();
        for _ in 0..MOST {
            let Some(named) = listing.next(self).await? else { break };
            if kept == Some(&*named.id) {
                continue;
            }
            let url = self.draft_url(&named.id)?;
            let read = self.read::<Draft>(Method::DraftsGet, |google| {
                google.get(url.clone()).query("format", "metadata")
            });
            let Some(draft) = self.unless_gone(read.await?)? else { continue };
            let mail = &draft.message;
            if mail.has_label("DRAFT") && !mail.has_label("SENT") && is_of(mail, trace) {
                drafts.push(named.id);
            }
        }
        Ok(drafts)
    }

    fn draft_url(&self, id: &str) -> Result<ApiUrl, Error> {
        let url = ApiUrl::fill(&format!("{USER}/drafts/{{}}"), [id]);
        url.map_err(|failure| self.sorted(Step::Proving, failure))
    }

    fn unless_gone<T>(&self, outcome: Result<T, jada_auth::Error>) -> Result<Option<T>, Error> {
        match outcome {
            Ok(found) => Ok(Some(found)),
            Err(failure) if is_gone(&failure) => Ok(None),
            Err(failure) => Err(self.sorted(Step::Proving, failure)),
        }
    }
}

fn by_message_id(trace: &Trace) -> String {
    Query::new().rfc822_message_id(trace.message_id.clone()).to_string()
}

/// Whether `mail` is the one that is traced, or a draft of it.
fn is_of(mail: &Mail, trace: &Trace) -> bool {
    let is_ours = |id: &str| bare(id) == trace.message_id.as_str();
    let named = [MESSAGE_ID, ORIGINAL_ID].into_iter().any(|name| mail.header(name).any(is_ours));
    let referred = mail.header(Trace::REFERENCE_HEADER).any(|it| it == trace.reference());
    let recent = mail.accepted_at().is_none_or(|at| at >= earliest(trace));
    recent && (named || referred)
}

fn bare(id: &str) -> &str {
    id.trim_start_matches('<').trim_end_matches('>')
}

/// The server's clock may be behind ours by as much. A mail of the same key, by another outbox, in
/// the hour before is less likely than a clock that is ahead.
fn earliest(trace: &Trace) -> Timestamp {
    trace.since.saturating_sub(CLOCKS).unwrap_or(trace.since)
}

const CLOCKS: Duration = Duration::from_secs(3600);
/// Mails or drafts that are looked at for one trace.
const MOST: usize = 500;
const MESSAGE_ID: &str = "Message-ID";
/// Where Gmail keeps the Message-ID that it has replaced.
const ORIGINAL_ID: &str = "X-Google-Original-Message-ID";
