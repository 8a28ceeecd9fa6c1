//! What a request says about who sends it.

use std::convert::Infallible;
use std::fmt::Display;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::{COOKIE, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use tracing::field::display;

use crate::links::audit::TARGET;
use crate::links::text::LinkText;
use crate::links::{BrowserNonce, Presented, Purpose};
use crate::portal::Inner;
use crate::portal::answered::Answered;
use crate::portal::cookies::{ANSWER, BROWSER, SESSION};
use crate::portal::refusal::Refusal;

/// Who sends a request, as far as it says so.
pub(super) struct Visit {
    pub(super) address: Option<IpAddr>,
    pub(super) nonce: Option<BrowserNonce>,
    pub(super) session: Option<LinkText>,
    pub(super) answered: Option<Answered>,
    /// What a link would have to be for that leads to this page.
    sought: Purpose,
    /// A browser that looks ahead, before anyone has asked for the page.
    pub(super) looks_ahead: bool,
    /// None where nothing says so.
    from_our_page: Option<bool>,
}

impl Visit {
    /// Refuses a form that another site has sent. Where nothing says who has, a cookie has to do,
    /// which goes along with nothing that comes from another site.
    pub(super) fn must_be_from_our_page(&self) -> Result<(), Refusal> {
        let is_ours = self.from_our_page.unwrap_or(self.nonce.is_some());
        is_ours.then_some(()).ok_or_else(|| self.sent_from_elsewhere())
    }

    /// Refuses a form of which the browser says that another site has sent it.
    pub(super) fn must_not_be_from_elsewhere(&self) -> Result<(), Refusal> {
        let may_be_ours = self.from_our_page.unwrap_or(true);
        may_be_ours.then_some(()).ok_or_else(|| self.sent_from_elsewhere())
    }

    fn sent_from_elsewhere(&self) -> Refusal {
        self.audit("another site sent the form");
        Refusal::CROSS_SITE
    }

    /// Keeps the audit of what is refused before the links get to see it.
    pub(super) fn audit(&self, reason: impl Display) {
        let (purpose, source) = (display(&self.sought), self.address.map(display));
        let reason = display(reason);
        tracing::warn!(target: TARGET, event = "refused", purpose, reason, source);
    }

    /// A link as this visitor presents it.
    pub(super) fn presents(&self, text: LinkText, purpose: Purpose) -> Presented {
        let mut presented = Presented::new(text, purpose);
        if let Some(nonce) = &self.nonce {
            presented = presented.by(nonce.clone());
        }
        match self.address {
            Some(address) => presented.from(address.to_string()),
            None => presented,
        }
    }
}

impl FromRequestParts<Arc<Inner>> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        portal: &Arc<Inner>,
    ) -> Result<Self, Infallible> {
        let headers = &parts.headers;
        let nonce = cookie(headers, BROWSER).and_then(|text| BrowserNonce::parse(&text));
        Ok(Self {
            address: portal.address.of(parts),
            session: cookie(headers, SESSION).and_then(|text| LinkText::parse(&text).ok()),
            answered: cookie(headers, ANSWER).and_then(|text| Answered::parse(&text)),
            sought: portal.sought_at(parts.uri.path()),
            looks_ahead: looks_ahead(headers),
            from_our_page: from_our_page(parts),
            nonce,
        })
    }
}

/// Whether our own page has sent this. A browser says so in `Sec-Fetch-Site`, or, if it is older, in
/// `Origin`. There our `no-referrer` makes it say `null`, which says nothing.
fn from_our_page(request: &Parts) -> Option<bool> {
    if let Some(site) = text(&request.headers, &SEC_FETCH_SITE) {
        return Some(site == "same-origin" || site == "none");
    }
    let origin = text(&request.headers, &ORIGIN).filter(|origin| *origin != "null")?;
    let authority = request.uri.authority().map(|authority| authority.as_str());
    let host = text(&request.headers, &HOST).or(authority);
    let of_origin = origin.split_once("://").map(|(_, host)| host);
    Some(host.is_some() && host == of_origin)
}

/// [Speculation rules](https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Purpose),
/// and what browsers sent before there were any.
fn looks_ahead(headers: &HeaderMap) -> bool {
    LOOKING_AHEAD.iter().any(|name| {
        let value = text(headers, name).unwrap_or_default();
        ["prefetch", "preview", "prerender"].iter().any(|word| value.contains(word))
    })
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The value of a cookie; those of others on this host may hold anything.
fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get_all(COOKIE).iter().find_map(|line| {
        let line = String::from_utf8_lossy(line.as_bytes());
        let mut pairs = line.split(';').filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
    })
}

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const LOOKING_AHEAD: [HeaderName; 4] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-purpose"),
    HeaderName::from_static("x-moz"),
];

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, Request};

    use super::*;

    fn parts(headers: &[(&'static str, &'static str)]) -> Parts {
        let mut request = Request::new(());
        for (name, value) in headers {
            request
                .headers_mut()
                .append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        request.into_parts().0
    }

    #[test]
    fn a_form_is_ours_by_what_the_browser_says_of_it() {
        let host = ("host", "crew.example.com");
        let ours = [
            vec![host, ("sec-fetch-site", "same-origin"), ("origin", "null")],
            vec![host, ("sec-fetch-site", "none")],
            vec![host, ("origin", "https://crew.example.com")],
        ];
        for headers in ours {
            assert_eq!(from_our_page(&parts(&headers)), Some(true), "{headers:?}");
        }
        let others = [
            vec![host, ("sec-fetch-site", "cross-site")],
            vec![host, ("sec-fetch-site", "same-site"), ("origin", "https://crew.example.com")],
            vec![host, ("origin", "https://example.com")],
            vec![host, ("origin", "https://crew.example.com.evil.example")],
            vec![host, ("origin", "https://crew.example.com:8443")],
            vec![("origin", "https://crew.example.com")],
            vec![host, ("origin", "nonsense")],
        ];
        for headers in others {
            assert_eq!(from_our_page(&parts(&headers)), Some(false), "{headers:?}");
        }
        for headers in [vec![host], vec![host, ("origin", "null")]] {
            assert_eq!(from_our_page(&parts(&headers)), None, "{headers:?}");
        }
    }

    #[test]
    fn a_cookie_is_found_among_others_and_in_any_line() {
        let lines = [
            ("cookie", "a=1; __Host-jada-sessions=no;x"),
            ("cookie", "b=2; __Host-jada-session=t"),
        ];
        let found = |name| cookie(&parts(&lines).headers, name);
        assert_eq!(found(SESSION).unwrap(), "t");
        assert_eq!(found("a").unwrap(), "1");
        assert_eq!(found(BROWSER), None);
        let mut odd = parts(&[]);
        let bytes = HeaderValue::from_bytes(b"theirs=\xff; __Host-jada-session=t").unwrap();
        odd.headers.insert(COOKIE, bytes);
        assert_eq!(cookie(&odd.headers, SESSION).unwrap(), "t");
    }

    #[test]
    fn a_browser_that_looks_ahead_is_told_from_one_that_was_asked() {
        let ahead = [
            ("sec-purpose", "prefetch"),
            ("sec-purpose", "prefetch;prerender"),
            ("purpose", "prefetch"),
            ("x-purpose", "preview"),
            ("x-moz", "prefetch"),
        ];
        for header in ahead {
            assert!(looks_ahead(&parts(&[header]).headers), "{header:?}");
        }
        assert!(!looks_ahead(&parts(&[("sec-fetch-dest", "document")]).headers));
    }
}
