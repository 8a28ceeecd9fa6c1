//! The address by which a link is sent, and what comes back in one.

use std::net::IpAddr;

use jada_auth::Secret;

use crate::error::Error;
use crate::links::LinkRefusal;
use crate::links::text::LinkText;

/// The page that links open: `https://crew.example.com/crew`.
///
/// ```
/// use jada_roster::{LinkText, LinkUrl};
///
/// let page = LinkUrl::new("https://crew.example.com/crew")?;
/// let url = page.of(&LinkText::parse("A0123456789abcdefghijkl")?);
/// assert_eq!(url.expose(), "https://crew.example.com/crew?token=A0123456789abcdefghijkl");
/// let text = LinkUrl::parse(&format!("{}&utm_source=mail#top", url.expose()))?;
/// assert_eq!(text.expose(), "A0123456789abcdefghijkl");
/// # Ok::<(), jada_roster::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkUrl(String);

impl LinkUrl {
    /// Takes the address of the page: `https`, or `http` on this machine alone, since a link is as
    /// good as a password.
    ///
    /// # Errors
    /// [`Error::Invalid`] for another scheme, without a host, with a user name, or with a query or
    /// fragment.
    pub fn new(page: &str) -> Result<Self, Error> {
        let expected = "`https://host/path`, or `http` on a loopback address";
        let invalid = || Error::invalid("address of links", page, expected);
        let page = page.trim();
        let is_plain = page.bytes().all(|byte| byte.is_ascii_graphic());
        let (scheme, rest) = page.split_once("://").ok_or_else(invalid)?;
        let authority = rest.split('/').next().unwrap_or_default();
        let is_safe = match scheme.to_ascii_lowercase().as_str() {
            "https" => !host(authority).is_empty(),
            "http" => is_loopback(host(authority)),
            _ => false,
        };
        if !is_safe || !is_plain || authority.contains('@') || page.contains(FORBIDDEN) {
            return Err(invalid());
        }
        Ok(Self(page.to_owned()))
    }

    /// The address of a link. Never log it.
    #[must_use]
    pub fn of(&self, link: &LinkText) -> Secret {
        let mut url = String::with_capacity(self.0.len() + QUERY.len() + link.expose().len());
        url.extend([&self.0, QUERY, link.expose()]);
        Secret::new(url)
    }

    /// The text in an address that came back, of whatever page. What mail programs add to the query
    /// is ignored.
    ///
    /// # Errors
    /// [`Error::LinkRefused`] where there is no text, two of them, or one that no link has.
    pub fn parse(url: &str) -> Result<LinkText, Error> {
        let malformed = || Error::LinkRefused { reason: LinkRefusal::Malformed };
        let before_fragment = url.split('#').next().unwrap_or_default();
        let (_, query) = before_fragment.split_once('?').ok_or_else(malformed)?;
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let mut texts = pairs.filter(|(name, _)| decoded(name).as_deref() == Some(NAME));
        let (_, text) = texts.next().ok_or_else(malformed)?;
        if texts.any(|(_, other)| other != text) {
            return Err(malformed());
        }
        let text = decoded(text).map(Secret::new).ok_or_else(malformed)?;
        LinkText::parse(text.expose())
    }

    /// The page.
    #[must_use]
    pub fn page(&self) -> &str {
        &self.0
    }
}

/// Without the port; of IPv6 without the brackets.
fn host(authority: &str) -> &str {
    if let Some(rest) = authority.strip_prefix('[') {
        return rest.split(']').next().unwrap_or_default();
    }
    authority.split(':').next().unwrap_or_default()
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Percent-decoded; none where that is no text.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut left = text.bytes();
    while let Some(byte) = left.next() {
        bytes.push(match byte {
            b'%' => (hex(left.next()?)? << 4) | hex(left.next()?)?,
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| digit.try_into().ok())
}

const NAME: &str = "token";
const QUERY: &str = "?token=";
const FORBIDDEN: [char; 4] = ['?', '#', '\\', '"'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_https_or_on_this_machine() {
        let good = [
            "https://crew.example.com/crew",
            "https://crew.example.com",
            "HTTPS://crew.example.com:8443/a/b",
            "http://127.0.0.1:8080/crew",
            "http://localhost/crew",
            "http://[::1]:8080/crew",
        ];
        for page in good {
            assert_eq!(LinkUrl::new(page).unwrap().page(), page);
        }
        let bad = [
            "",
            "crew.example.com/crew",
            "http://crew.example.com/crew",
            "http://127.0.0.1.example.com/crew",
            "http://localhost@crew.example.com/crew",
            "https://user:word@crew.example.com/crew",
            "https:///crew",
            "https://crew.example.com/crew?x=1",
            "https://crew.example.com/crew#top",
            "https://crew.example.com/cr ew",
            "https://crew.example.com\\@evil.example.com/",
            "javascript://crew.example.com/crew",
        ];
        for page in bad {
            assert!(matches!(LinkUrl::new(page), Err(Error::Invalid { .. })), "{page}");
        }
    }

    #[test]
    fn a_text_comes_back_whatever_was_added_to_its_address() {
        let text = "A0123456789abcdefghijkl";
        let urls = [
            format!("https://crew.example.com/crew?token={text}"),
            format!("https://crew.example.com/crew?utm_source=mail&token={text}&fbclid=x"),
            format!("https://crew.example.com/crew?x&token={text}#token=other"),
            format!("https://crew.example.com/crew?token={text}&token={text}"),
            format!("/crew?token={text}"),
            "https://crew.example.com/crew?%74oken=%41%30123456789abcdefghijkl".to_owned(),
        ];
        for url in urls {
            assert_eq!(LinkUrl::parse(&url).unwrap().expose(), text, "{url}");
        }
    }

    #[test]
    fn an_address_without_one_text_is_refused() {
        let urls = [
            "",
            "https://crew.example.com/crew",
            "https://crew.example.com/crew?",
            "https://crew.example.com/crew?token",
            "https://crew.example.com/crew?token=",
            "https://crew.example.com/crew?tokens=Aabc",
            "https://crew.example.com/crew?token=a&token=b",
            "https://crew.example.com/crew?token=%",
            "https://crew.example.com/crew?token=%4",
            "https://crew.example.com/crew?token=%zz",
            "https://crew.example.com/crew?token=%+1",
            "https://crew.example.com/crew?token=%ff",
            "https://crew.example.com/crew?token=a%00b",
            "https://crew.example.com/crew#token=abc",
        ];
        for url in urls {
            let refused = LinkUrl::parse(url).unwrap_err();
            assert!(
                matches!(refused, Error::LinkRefused { reason: LinkRefusal::Malformed }),
                "{url}: {refused}"
            );
        }
    }
}
