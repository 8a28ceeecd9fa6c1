//! A mail as a layout looks at it.

use super::{
    BookingStatus,
    layout::{Body, Layout},
    lines::{Lines, normalised},
    template::without_prefix,
};
use crate::{Received, html_text::text_of};

/// A mail that a layout knows.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) status: BookingStatus,
    pub(super) subject: String,
    pub(super) lines: Lines,
}

/// How a layout knows the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    Site,
    Forwarder,
}

impl Page {
    /// The mail, if `layout` knows its sender and its subject.
    pub(super) fn of(mail: &Received, layout: &Layout) -> Option<Self> {
        let sender = sender(mail, layout)?;
        let subject = without_forward(&normalised(mail.subject())).to_owned();
        let status = layout.status(&subject)?;
        let lines = Lines::of(&body(mail, layout.body));
        let lines = match sender {
            Sender::Site => lines,
            Sender::Forwarder => lines.after_forwarded_header(|from| is_of_site(from, layout))?,
        };
        Some(Self { status, subject, lines })
    }
}

pub(super) fn sender(mail: &Received, layout: &Layout) -> Option<Sender> {
    let email = mail.from()?.email();
    let is_one_of = |known: &[String]| known.iter().any(|known| is_under(email, known));
    match () {
        () if is_one_of(&layout.from) => Some(Sender::Site),
        () if is_one_of(&layout.forwarded_by) => Some(Sender::Forwarder),
        () => None,
    }
}

fn body(mail: &Received, body: Body) -> String {
    match (body, mail.html()) {
        (Body::Html, Some(html)) => text_of(html),
        _ => mail.text().to_owned(),
    }
}

/// Tells whether an address of the site is in `from`, such as `Tours <mail@tours.example>`.
fn is_of_site(from: &str, layout: &Layout) -> bool {
    let words = from.split(|c: char| c.is_whitespace() || "<>[]()\"',;:*".contains(c));
    words
        .filter(|word| word.contains('@'))
        .any(|email| layout.from.iter().any(|known| is_under(email, known)))
}

/// Tells whether `email` is the address `known`, or of the domain `known` or one under it.
fn is_under(email: &str, known: &str) -> bool {
    if known.contains('@') {
        return email.eq_ignore_ascii_case(known);
    }
    let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain).to_ascii_lowercase();
    let rest = domain.strip_suffix(&known.to_ascii_lowercase());
    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn without_forward(subject: &str) -> &str {
    let mut rest = subject;
    while let Some(after) = FORWARDED.iter().find_map(|mark| without_prefix(rest, mark)) {
        rest = after.trim_start();
    }
    rest
}

/// What mail programs write before the subject of a forwarded mail.
const FORWARDED: &[&str] = &["Fwd:", "Fw:", "WG:", "TR:", "RV:", "I:", "VS:", "VB:", "Doorst:"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_covers_those_under_it_and_no_other() {
        for (email, known, expected) in [
            ("a@tours.example", "tours.example", true),
            ("A@Mail.Tours.Example", "tours.example", true),
            ("a@nottours.example", "tours.example", false),
            ("a@tours.example.net", "tours.example", false),
            ("tours.example", "tours.example", false),
            ("a@tours.example", "A@tours.example", true),
            ("b@tours.example", "a@tours.example", false),
        ] {
            assert_eq!(is_under(email, known), expected, "{email} {known}");
        }
    }

    #[test]
    fn marks_of_forwarding_are_dropped() {
        assert_eq!(without_forward("FWD: Fw:WG: Booking 1"), "Booking 1");
        assert_eq!(without_forward("Re: Booking 1"), "Re: Booking 1");
    }
}
