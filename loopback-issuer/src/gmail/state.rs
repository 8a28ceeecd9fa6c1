//! What Gmail knows, and what becomes of a request.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::time::Instant;

use fastrand::Rng;

use super::fault::GmailFault;
use super::mail::Mail;
use super::mailbox::Mailbox;
use super::method::GmailMethod;
use super::quota::Quota;
use super::upload::Purpose;
use crate::google::Api;
use crate::google::auth::Tokens;
use crate::google::fault::Faults;
use crate::google::refusal::Refusal;
use crate::google::session::Session;
use crate::loopback::{Head, OnHead, Reply, Request};

/// All of it, under one lock, which is free again before an answer is delivered.
pub(super) struct State {
    pub(super) address: String,
    pub(super) mailbox: Mailbox,
    pub(super) tokens: Tokens,
    pub(super) quota: Quota,
    pub(super) faults: Faults<GmailMethod, GmailFault>,
    pub(super) people: People,
    pub(super) sessions: Vec<Session<Purpose>>,
    /// For the ids of uploads.
    pub(super) rng: Rng,
    pub(super) calls: HashMap<GmailMethod, usize>,
    pub(super) body_bytes: u64,
    pub(super) log: String,
    /// By the request that it befalls: its connection, and its number there.
    pub(super) planned: HashMap<(usize, usize), GmailFault>,
}

/// Somebody at the same mailbox, who deletes drafts that are about to be sent.
pub(super) struct People {
    pub(super) rng: Rng,
    pub(super) rate: f64,
}

/// A method's answer, and what it did, for the log.
pub(super) struct Done {
    pub(super) reply: Reply,
    pub(super) what: String,
}

impl Done {
    pub(super) fn new(reply: Reply, what: impl Into<String>) -> Self {
        Self { reply, what: what.into() }
    }

    pub(super) fn with(reply: Reply, what: &str, mail: &Mail) -> Self {
        let draft = mail.draft_id.as_ref().map_or(String::new(), |id| format!(" draft {id}"));
        Self::new(reply, format!("{what}{draft} message {} ({})", mail.id, mail.reference()))
    }
}

impl Api for State {
    fn is_meant(&self, path: &[&str]) -> bool {
        matches!(path, ["gmail", ..] | ["upload", "gmail", ..])
    }

    /// Draws what befalls a request.
    fn plan(&mut self, head: &Head) -> OnHead {
        let Some(method) = GmailMethod::of(head) else { return OnHead::Read };
        let tokens = &self.tokens;
        let may_befall = |fault| fault != GmailFault::Unauthorized || tokens.may_die(head);
        let Some(fault) = self.faults.next(method, may_befall) else { return OnHead::Read };
        match fault {
            GmailFault::ResetUnread => {
                self.note(head, Some(fault), format_args!("not read"));
                OnHead::ResetUnread
            }
            GmailFault::CloseUnread => {
                self.note(head, Some(fault), format_args!("not read"));
                OnHead::CloseUnread
            }
            _ => {
                self.planned.insert((head.connection(), head.number()), fault);
                OnHead::Read
            }
        }
    }

    fn answer(&mut self, request: &Request) -> Reply {
        let fault = self.planned.remove(&(request.connection(), request.number()));
        self.body_bytes += request.body().len() as u64;
        if let Some(fault) = fault.filter(|fault| fault.accident().prevents()) {
            if fault == GmailFault::Unauthorized {
                self.tokens.kill(request);
            }
            self.note(request, Some(fault), format_args!("nothing done"));
            return fault.accident().befall(Reply::new(200));
        }
        let done = self.perform(request).unwrap_or_else(|refusal| {
            Done::new(refusal.reply(), format!("refused: {}", refusal.reason()))
        });
        let status = done.reply.status();
        self.note(request, fault, format_args!("{status}, {}", done.what));
        match fault {
            Some(fault) => fault.accident().befall(done.reply),
            None => done.reply,
        }
    }
}

impl State {
    fn perform(&mut self, request: &Request) -> Result<Done, Refusal> {
        let method = GmailMethod::of(request).ok_or_else(Refusal::not_found)?;
        *self.calls.entry(method).or_default() += 1;
        // The address of an upload is leave enough; a token that is shown has to be good.
        if method != GmailMethod::UploadSession || request.bearer().is_some() {
            self.tokens.admit(request, method.scopes())?;
        }
        let segments = request.segments();
        let path = segments.iter().skip_while(|it| **it != "users").skip(1);
        let path: Vec<&str> = path.copied().collect();
        if !path.first().is_some_and(|user| *user == "me" || *user == self.address) {
            return Err(Refusal::new(403, "forbidden", "Delegation denied"));
        }
        self.quota.spend(method, Instant::now())?;
        let id = path.get(2).copied().unwrap_or_default();
        match method {
            GmailMethod::DraftsCreate | GmailMethod::MessagesSend => self.take(request, method),
            GmailMethod::UploadSession => self.put(request),
            GmailMethod::DraftsDelete => self.delete_draft(id),
            GmailMethod::DraftsGet => self.get_draft(request, id),
            GmailMethod::DraftsList => self.list_drafts(request),
            GmailMethod::DraftsSend => self.send_draft(request),
            GmailMethod::MessagesGet => self.get_message(request, id),
            GmailMethod::MessagesList => self.list_messages(request),
            GmailMethod::AttachmentsGet => {
                self.get_attachment(id, path.get(4).copied().unwrap_or_default())
            }
            GmailMethod::Profile => Ok(self.profile()),
        }
    }

    fn note(&mut self, head: &Head, fault: Option<GmailFault>, what: fmt::Arguments<'_>) {
        let (method, path) = (head.method(), head.path());
        let query = head.query("q").map_or(String::new(), |q| format!(" `{q}`"));
        let fault = fault.map_or(String::new(), |fault| format!(" [{fault:?}]"));
        let _never_fails = writeln!(self.log, "{method} {path}{query}{fault}: {what}");
    }
}
