//! The names of mails or drafts, page by page.

use std::{collections::VecDeque, mem};

use super::{
    Gmail, Step, USER,
    method::Method,
    wire::{Named, Page},
};
use crate::Error;

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Among {
    /// All mails but those in spam and trash.
    Mails,
    /// All mails that were sent, wherever they are now.
    Sent,
    Drafts,
}

/// A list that is read as far as it is asked for, newest first.
#[derive(Debug)]
pub(super) struct Listing {
    among: Among,
    step: Step,
    query: String,
    pub(super) page_size: u16,
    found: VecDeque<Named>,
    next: Next,
}

#[derive(Debug)]
enum Next {
    First,
    Page(String),
    Nothing,
}

impl Listing {
    pub(super) fn new(among: Among, step: Step, query: &str) -> Self {
        Self {
            among,
            step,
            query: query.to_owned(),
            page_size: PAGE_SIZE,
            found: VecDeque::new(),
            next: Next::First,
        }
    }

    /// The next one; none after the last, and after an error.
    pub(super) async fn next(&mut self, gmail: &Gmail) -> Result<Option<Named>, Error> {
        loop {
            if let Some(named) = self.found.pop_front() {
                return Ok(Some(named));
            }
            let token = match mem::replace(&mut self.next, Next::Nothing) {
                Next::First => None,
                Next::Page(token) => Some(token),
                Next::Nothing => return Ok(None),
            };
            let page = self.page(gmail, token.as_deref()).await?;
            self.found = page.found.into();
            self.next = page.next_page_token.map_or(Next::Nothing, Next::Page);
        }
    }

    async fn page(&self, gmail: &Gmail, token: Option<&str>) -> Result<Page, Error> {
        let (method, path) = match self.among {
            Among::Mails | Among::Sent => (Method::MessagesList, "messages"),
            Among::Drafts => (Method::DraftsList, "drafts"),
        };
        let page = gmail.read(method, |google| {
            let call = google.get(format!("{USER}/{path}"));
            let mut call = call.query("maxResults", &self.page_size.to_string());
            if self.among == Among::Sent {
                call = call.query("labelIds", "SENT").query("includeSpamTrash", "true");
            }
            if !self.query.is_empty() {
                call = call.query("q", &self.query);
            }
            token.into_iter().fold(call, |call, token| call.query("pageToken", token))
        });
        page.await?.map_err(|failure| gmail.sorted(self.step, failure))
    }
}

/// As Gmail has it by default; it gives 500 at most.
pub(super) const PAGE_SIZE: u16 = 100;
