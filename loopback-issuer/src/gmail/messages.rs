//! The methods of messages, and whatever takes a mail in.

use std::time::Instant;

use serde_json::{Value, json};

use super::drafts;
use super::mailbox::Incoming;
use super::method::{GmailMethod, METADATA};
use super::page::page;
use super::resource::{self, Format};
use super::search::Query;
use super::state::{Done, State};
use super::upload::{MAX_UPLOAD, Purpose, Upload};
use crate::google::refusal::Refusal;
use crate::google::session::{Progress, Session};
use crate::loopback::{Head, Reply, Request};

impl State {
    pub(super) fn get_message(&self, head: &Head, id: &str) -> Result<Done, Refusal> {
        let format = Format::of(head)?;
        if self.tokens.has(head, METADATA) && !format.is_metadata() {
            return Err(Refusal::new(403, "forbidden", "Metadata scope doesn't allow format FULL"));
        }
        let mail = self.mailbox.mail(id)?;
        let message = resource::message(mail, format, &head.queries("metadataHeaders"));
        Ok(Done::with(Reply::new(200).json(&message), "got", mail))
    }

    /// Drafts are messages too.
    pub(super) fn list_messages(&self, head: &Head) -> Result<Done, Refusal> {
        if self.tokens.has(head, METADATA) && head.query("q").is_some() {
            let message = "Metadata scope does not support 'q' parameter";
            return Err(Refusal::new(403, "forbidden", message));
        }
        let query = Query::parse(head.query("q").unwrap_or_default(), &self.address)?;
        let labels = head.queries("labelIds");
        let mut mails = self.mailbox.indexed(Instant::now());
        mails.retain(|mail| query.matches(mail) && labels.iter().all(|label| mail.is(label)));
        let answer = page(head, &mails, "messages", resource::entry)?;
        Ok(Done::new(Reply::new(200).json(&answer), format!("{} messages", mails.len())))
    }

    pub(super) fn get_attachment(&self, id: &str, attachment: &str) -> Result<Done, Refusal> {
        let mail = self.mailbox.mail(id)?;
        let answer = resource::attachment(mail, attachment)?;
        Ok(Done::with(Reply::new(200).json(&answer), "got an attachment of", mail))
    }

    pub(super) fn profile(&self) -> Done {
        let mails = self.mailbox.mails();
        let mut threads: Vec<&str> = mails.iter().map(|mail| mail.thread_id.as_str()).collect();
        threads.sort_unstable();
        threads.dedup();
        let profile = json!({
            "emailAddress": self.address,
            "messagesTotal": mails.len(),
            "threadsTotal": threads.len(),
            "historyId": mails.last().map_or(1, |mail| mail.number + 1).to_string(),
        });
        Done::new(Reply::new(200).json(&profile), "told who it is")
    }

    /// Creates or sends what comes with the request, or begins an upload.
    pub(super) fn take(&mut self, request: &Request, method: GmailMethod) -> Result<Done, Refusal> {
        match Upload::of(request, method)? {
            Upload::Whole(mail) => self.store(mail, method).map(|(done, _)| done),
            Upload::Resumable { thread_id } => {
                let upload_id = format!("{:016x}", self.rng.u64(..));
                let purpose = Purpose { method, thread_id };
                let (session, reply) = Session::begin(request, purpose, upload_id, MAX_UPLOAD)?;
                self.sessions.push(session);
                Ok(Done::new(reply, "began an upload"))
            }
        }
    }

    /// Takes more of an upload.
    pub(super) fn put(&mut self, request: &Request) -> Result<Done, Refusal> {
        let session = self.sessions.iter().position(|it| it.is_meant(request));
        let session = session.ok_or_else(Refusal::not_found)?;
        match self.sessions[session].put(request, usize::MAX)? {
            Progress::Partial(reply) => Ok(Done::new(reply, "more to come")),
            Progress::Answered(reply) => Ok(Done::new(reply, "done before")),
            Progress::Complete(raw) => {
                let Purpose { method, thread_id } = self.sessions[session].purpose().clone();
                let (done, answer) = self.store(Incoming { raw, thread_id }, method)?;
                self.sessions[session].complete(answer);
                Ok(done)
            }
        }
    }

    fn store(&mut self, mail: Incoming, method: GmailMethod) -> Result<(Done, Value), Refusal> {
        let is_draft = method == GmailMethod::DraftsCreate;
        let (what, mail, answer) = if is_draft {
            let mail = self.mailbox.create_draft(mail)?;
            ("created", mail, drafts::created(mail))
        } else {
            let mail = self.mailbox.send(mail)?;
            ("sent", mail, resource::stored(mail))
        };
        Ok((Done::with(Reply::new(200).json(&answer), what, mail), answer))
    }
}
