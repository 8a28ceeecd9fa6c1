//! A mail of a call as a page that Gmail and Outlook show alike.

use askama::Template;

use crate::crew_call::mail::words::Words;

#[derive(Template)]
#[template(path = "call_mail.html")]
pub(super) struct MailPage<'a> {
    brand: &'a str,
    words: &'a Words,
    /// Where the member answers. It is as good as a password, so that this type has no `Debug`.
    link: Option<&'a str>,
}

impl<'a> MailPage<'a> {
    pub(super) fn of(brand: &'a str, words: &'a Words, link: Option<&'a str>) -> Self {
        Self { brand, words, link }
    }
}
