//! What a mail is made of before any library has seen it, and the mailbox that it goes out by.

use std::{fmt::Write as _, time::Duration};

use bytes::Bytes;
use fastrand::Rng;
use jada_auth::{AccessToken, Clock as _, FixedProvider, GoogleClient, Scopes, SystemClock};
use jada_mail::{Attachment, ContentType, Gmail, Message};

/// What a mail is made of, as a script has it at hand: nothing of it was checked or encoded.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MailParts {
    /// The name and the address that it comes from.
    pub from: (&'static str, &'static str),
    /// The name and the address that it goes to.
    pub to: (&'static str, &'static str),
    /// The subject, which is not all ASCII.
    pub subject: &'static str,
    /// The text body, or none, where it is made of the HTML.
    pub text: Option<String>,
    /// The HTML body.
    pub html: Option<String>,
    /// The file that goes with it, as `statement.pdf`.
    pub attachment: Option<Bytes>,
}

impl MailParts {
    /// A few words and that file.
    #[must_use]
    pub fn with_file(bytes: impl Into<Bytes>) -> Self {
        Self { attachment: Some(bytes.into()), ..Self::new("The statement is attached.\n") }
    }

    /// A few words and a file of so many bytes, which are the same on every run.
    #[must_use]
    pub fn with_random_file(bytes: usize) -> Self {
        let mut rng = Rng::with_seed(SEED);
        Self::with_file((0..bytes).map(|_| rng.u8(..)).collect::<Vec<_>>())
    }

    /// A few words, and no more.
    #[must_use]
    pub fn small() -> Self {
        Self::new("Can you come on Sunday at 9:00?\n")
    }

    /// The call sheet of a crew as a page with a table of twelve, and no text.
    #[must_use]
    pub fn call_sheet() -> Self {
        Self { text: None, html: Some(call_sheet()), ..Self::small() }
    }

    fn new(text: &str) -> Self {
        Self {
            from: ("Example Air", "crew@example.com"),
            to: ("Ada Lovelace", "ada@example.com"),
            subject: "Sunday, 9:00 – the harbour",
            text: Some(text.to_owned()),
            html: None,
            attachment: None,
        }
    }

    /// The message of that key, whose parts are all checked here.
    #[must_use]
    pub fn message(&self, key: &str) -> Message {
        let address = |(name, email)| format!("{name} <{email}>").parse().unwrap();
        let mut message = Message::builder(address(self.from))
            .to(address(self.to))
            .subject(self.subject.parse().unwrap())
            .date("2026-06-01T06:00:00Z".parse().unwrap())
            .idempotency_key(key.parse().unwrap());
        if let Some(text) = &self.text {
            message = message.text(text);
        }
        if let Some(html) = &self.html {
            message = message.html(html);
        }
        if let Some(bytes) = &self.attachment {
            let name = "statement.pdf".parse().unwrap();
            message = message.attachment(Attachment::new(name, ContentType::PDF, bytes.clone()));
        }
        message.build().unwrap()
    }
}

/// A client for the loopback Gmail at `endpoint`, with a token that is at hand and good for both
/// proofs of delivery.
#[must_use]
pub fn mailbox(endpoint: &str) -> GoogleClient {
    let scopes = Scopes::new([Gmail::SCOPE_COMPOSE, Gmail::SCOPE_READONLY]).unwrap();
    let token = AccessToken::builder("good", SystemClock.now());
    let token = token.scopes(scopes.clone()).expires_in(LIFE).build().unwrap();
    let google = GoogleClient::builder(FixedProvider::new(token), scopes);
    google.endpoint(endpoint.try_into().unwrap()).build()
}

fn call_sheet() -> String {
    let mut page = String::from(
        "<!doctype html>\n<html><head><meta charset=\"utf-8\"><title>Call sheet</title>\n\
         <style>td { padding: 2px 8px; border-bottom: 1px solid #d9e2ec }</style></head>\n\
         <body style=\"font-family: sans-serif\">\n<h1>Sunday, 7 June</h1>\n\
         <p>Dear crew,</p><p>this is who sails on Sunday. Please <b>answer by Friday</b>, on \
         <a href=\"https://crew.example.com/calls/2026-06-07?from=mail&amp;to=all\">the page of \
         the call</a>.</p>\n<table><tr><th>Name<th>Boat<th>Call<th>Phone</tr>\n",
    );
    for number in 0..12 {
        let _never_fails = writeln!(
            page,
            "<tr><td>Renée Müller {number}</td><td>Étoile {}</td><td>{}:30</td>\
             <td>+1 555 01{number:02}</td></tr>",
            number % 3 + 1,
            number % 4 + 7,
        );
    }
    page.push_str("</table>\n<ul><li>Lifejackets are aboard<li>Lunch is not</ul></body></html>\n");
    page
}

const SEED: u64 = 7;
const LIFE: Duration = Duration::from_secs(24 * 3600);
