//! A link in a text: `words <https://example.com/>`, as
//! [RFC 3986, appendix C](https://www.rfc-editor.org/rfc/rfc3986#appendix-C) advises, so that a
//! program knows where the address ends.

#[derive(Debug)]
pub(super) struct Link {
    target: String,
    /// Where its words begin in the text, once there are any.
    pub(super) start: Option<usize>,
    /// Whether there is a picture in it, so that it is seen without words.
    pub(super) has_image: bool,
}

impl Link {
    /// A link to `href`, if that leads anywhere from a text.
    pub(super) fn to(href: &str) -> Option<Self> {
        let target = fit_for_brackets(href);
        let is_known = |scheme: &&str| starts_with_ignoring_case(&target, scheme);
        if !SCHEMES.iter().any(is_known) {
            return None;
        }
        Some(Self { target, start: None, has_image: false })
    }

    /// What to write after the words of this link, unless they say it already.
    pub(super) fn suffix(&self, words: &str) -> Option<String> {
        let address = without_scheme(&self.target);
        let is_mail = starts_with_ignoring_case(&self.target, "mailto:");
        let shown = if is_mail { address } else { &self.target };
        let is_phone =
            ["tel:", "sms:"].iter().any(|it| starts_with_ignoring_case(&self.target, it));
        let is_said = if is_phone {
            digits(words) == digits(address)
        } else {
            without_scheme(words.trim()).eq_ignore_ascii_case(address)
        };
        (!is_said).then(|| format!("<{shown}>"))
    }
}

/// Drops line breaks and escapes what would end the brackets.
fn fit_for_brackets(href: &str) -> String {
    let mut target = String::with_capacity(href.len());
    for c in href.trim().chars().filter(|c| !c.is_control()) {
        match c {
            ' ' | '\u{a0}' => target.push_str("%20"),
            '<' => target.push_str("%3C"),
            '>' => target.push_str("%3E"),
            _ => target.push(c),
        }
    }
    target
}

fn without_scheme(text: &str) -> &str {
    let scheme = SCHEMES.iter().find(|scheme| starts_with_ignoring_case(text, scheme));
    let rest = &text[scheme.map_or(0, |scheme| scheme.len())..];
    let is_mail = scheme.is_some_and(|scheme| *scheme == "mailto:");
    let rest = if is_mail { rest.split('?').next().unwrap_or(rest) } else { rest };
    rest.trim_end_matches('/')
}

fn starts_with_ignoring_case(text: &str, start: &str) -> bool {
    text.as_bytes()
        .get(..start.len())
        .is_some_and(|found| found.eq_ignore_ascii_case(start.as_bytes()))
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Where a link may lead; others mean nothing outside of the page.
const SCHEMES: &[&str] = &["https://", "http://", "mailto:", "tel:", "sms:"];
