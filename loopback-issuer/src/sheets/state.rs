//! What Sheets knows, and what becomes of a request.

use std::collections::HashMap;
use std::fmt::{self, Write as _};

use serde_json::Value;

use super::fault::SheetsFault;
use super::fields::{Fields, picked};
use super::method::{SheetsMethod, spreadsheet_id};
use super::person::People;
use super::refusal;
use super::resource::{self, Wanted};
use super::tab::SheetTab;
use super::{update, values};
use crate::google::Api;
use crate::google::auth::Tokens;
use crate::google::fault::Faults;
use crate::google::refusal::Refusal;
use crate::loopback::{Head, OnHead, Reply, Request};

/// A spreadsheet.
#[derive(Clone)]
pub(super) struct Book {
    pub(super) id: String,
    pub(super) tabs: Vec<SheetTab>,
}

/// Who may write to it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sharing {
    Editor,
    Reader,
}

/// All of it, under one lock, which is free again before an answer is delivered.
pub(super) struct State {
    pub(super) book: Book,
    pub(super) sharing: Sharing,
    pub(super) tokens: Tokens,
    pub(super) faults: Faults<SheetsMethod, SheetsFault>,
    pub(super) people: People,
    pub(super) calls: HashMap<SheetsMethod, usize>,
    pub(super) body_bytes: u64,
    pub(super) log: String,
    /// By the request that it befalls: its connection, and its number there.
    pub(super) planned: HashMap<(usize, usize), SheetsFault>,
}

impl Api for State {
    fn is_meant(&self, path: &[&str]) -> bool {
        matches!(path, ["v4", "spreadsheets", ..])
    }

    fn plan(&mut self, head: &Head) -> OnHead {
        let Some(method) = SheetsMethod::of(head) else { return OnHead::Read };
        let tokens = &self.tokens;
        let may_befall = |fault| fault != SheetsFault::Unauthorized || tokens.may_die(head);
        let Some(fault) = self.faults.next(method, may_befall) else { return OnHead::Read };
        if fault == SheetsFault::ResetUnread {
            self.note(head, Some(fault), format_args!("not read"));
            return OnHead::ResetUnread;
        }
        self.planned.insert((head.connection(), head.number()), fault);
        OnHead::Read
    }

    fn answer(&mut self, request: &Request) -> Reply {
        let fault = self.planned.remove(&(request.connection(), request.number()));
        self.body_bytes += request.body().len() as u64;
        if let Some(method) = SheetsMethod::of(request)
            && let Some(act) = self.people.act(method, &mut self.book.tabs)
        {
            self.note(request, None, format_args!("before that, a person: {act}"));
        }
        if let Some(fault) = fault.filter(|fault| fault.accident().prevents()) {
            if fault == SheetsFault::Unauthorized {
                self.tokens.kill(request);
            }
            self.note(request, Some(fault), format_args!("nothing done"));
            return fault.accident().befall(Reply::new(200));
        }
        match self.perform(request) {
            Ok(answer) => {
                self.note(request, fault, format_args!("200"));
                let reply = Reply::new(200).json(&answer);
                match fault {
                    Some(fault) => fault.accident().befall(reply),
                    None => reply,
                }
            }
            Err(refusal) => {
                self.note(request, fault, format_args!("refused: {}", refusal.reason()));
                refusal.reply()
            }
        }
    }
}

impl State {
    fn perform(&mut self, request: &Request) -> Result<Value, Refusal> {
        let method = SheetsMethod::of(request).ok_or_else(Refusal::not_found)?;
        *self.calls.entry(method).or_default() += 1;
        self.tokens.admit(request, method.scopes())?;
        if spreadsheet_id(request) != self.book.id {
            return Err(Refusal::not_found());
        }
        match method {
            SheetsMethod::Get => self.get(request),
            SheetsMethod::ValuesBatchGet => values::batch_get(&self.book, request),
            SheetsMethod::BatchUpdate if self.sharing == Sharing::Reader => {
                Err(refusal::forbidden())
            }
            SheetsMethod::BatchUpdate => {
                let (book, answer) = update::batch_update(&self.book, request)?;
                self.book = book;
                Ok(answer)
            }
        }
    }

    fn get(&self, head: &Head) -> Result<Value, Refusal> {
        let fields = Fields::parse(head.query("fields"))?;
        let grid_data = head.query("includeGridData") == Some("true");
        let wanted = Wanted { ranges: head.queries("ranges"), grid_data };
        let wanted = wanted.with_fields(fields.as_ref(), &["sheets", "data"]);
        let answer = resource::spreadsheet(&self.book, &wanted)?;
        Ok(picked(fields.as_ref(), answer))
    }

    fn note(&mut self, head: &Head, fault: Option<SheetsFault>, what: fmt::Arguments<'_>) {
        let (method, path) = (head.method(), head.path());
        let fault = fault.map_or(String::new(), |fault| format!(" [{fault:?}]"));
        let _never_fails = writeln!(self.log, "{method} {path}{fault}: {what}");
    }
}
