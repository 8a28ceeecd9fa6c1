//! The methods of drafts.

use std::time::Instant;

use serde_json::{Value, json};

use super::mail::Mail;
use super::page::page;
use super::resource::{self, Format};
use super::search::Query;
use super::state::{Done, State};
use crate::google::refusal::Refusal;
use crate::loopback::{Head, Reply, Request};

impl State {
    pub(super) fn get_draft(&self, head: &Head, id: &str) -> Result<Done, Refusal> {
        let draft = self.mailbox.draft(id)?;
        let message = resource::message(draft, Format::of(head)?, &[]);
        Ok(Done::with(Reply::new(200).json(&json!({ "id": id, "message": message })), "got", draft))
    }

    pub(super) fn list_drafts(&self, head: &Head) -> Result<Done, Refusal> {
        let query = Query::parse(head.query("q").unwrap_or_default(), &self.address)?;
        let mut drafts = self.mailbox.indexed(Instant::now());
        drafts.retain(|mail| mail.is("DRAFT") && query.matches(mail));
        let answer = page(head, &drafts, "drafts", entry)?;
        Ok(Done::new(Reply::new(200).json(&answer), format!("{} drafts", drafts.len())))
    }

    pub(super) fn delete_draft(&mut self, id: &str) -> Result<Done, Refusal> {
        let draft = self.mailbox.delete_draft(id)?;
        Ok(Done::with(Reply::new(204), "deleted", &draft))
    }

    pub(super) fn send_draft(&mut self, request: &Request) -> Result<Done, Refusal> {
        let json = request.json().unwrap_or_default();
        let id = json["id"].as_str().ok_or_else(|| Refusal::invalid("Missing draft id"))?;
        self.mailbox.draft(id)?;
        if self.people.rng.f64() < self.people.rate {
            self.mailbox.delete_draft_by_person(id)?;
            let reply = Refusal::not_found().reply();
            return Ok(Done::new(reply, format!("a person had deleted draft {id}")));
        }
        let mail = self.mailbox.send_draft(id)?;
        let reply = Reply::new(200).json(&resource::stored(mail));
        Ok(Done::with(reply, &format!("sent draft {id} as"), mail))
    }
}

/// As a list tells it, and whoever created it is told it with its labels.
fn entry(mail: &Mail) -> Value {
    json!({ "id": mail.draft_id, "message": resource::entry(mail) })
}

pub(super) fn created(mail: &Mail) -> Value {
    json!({ "id": mail.draft_id, "message": resource::stored(mail) })
}
