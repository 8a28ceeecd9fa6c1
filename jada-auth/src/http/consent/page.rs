//! What the browser shows: plain pages, in which nothing runs and nothing is loaded.

use http_body_util::Full;
use hyper::{
    Response, StatusCode,
    body::Bytes,
    header::{
        ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue,
        LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    },
};

use super::{Consented, question::Astray};
use crate::{Error, health::with_causes};

/// A page: a heading, and what there is to say.
#[derive(Debug)]
pub(super) struct Page {
    status: StatusCode,
    heading: &'static str,
    text: String,
}

impl Page {
    fn new(status: StatusCode, heading: &'static str, text: impl Into<String>) -> Self {
        Self { status, heading, text: text.into() }
    }

    /// What came of it.
    pub(super) fn of(outcome: &Result<Consented, Error>) -> Self {
        match outcome {
            Ok(consented) => {
                let text = format!("Granted: {}. You can close this window.", consented.scopes);
                Self::new(StatusCode::OK, "Consent is given", text)
            }
            Err(error) => {
                let text = format!("Why: {}.", with_causes(error));
                Self::new(StatusCode::OK, "Consent was not given", text)
            }
        }
    }

    pub(super) fn astray(astray: Astray) -> Self {
        match astray {
            Astray::WrongState => Self::new(
                StatusCode::BAD_REQUEST,
                "This is the answer to another request",
                "The state in this address is not the one that was sent, so nothing was done. \
                 Open the address that the program printed last, and answer there.",
            ),
            Astray::NoAnswer => Self::new(
                StatusCode::BAD_REQUEST,
                "There is no answer in this address",
                "It has neither a code nor an error in it, so nothing was done. Open the address \
                 that the program printed, and answer there.",
            ),
        }
    }

    pub(super) fn answered_already() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "This was answered already",
            "An answer counts once. What came of it is in the window where it was given, and where \
             the program runs.",
        )
    }

    pub(super) fn over() -> Self {
        Self::new(
            StatusCode::GONE,
            "The program is no longer waiting",
            "The program has ended, and nothing was saved. Run it again.",
        )
    }

    pub(super) fn opened_already() -> Self {
        Self::new(
            StatusCode::GONE,
            "This page was opened already",
            "It leads to the issuer once. Open the address that the program printed.",
        )
    }

    pub(super) fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "There is nothing here",
            "The program waits at another address of this port.",
        )
    }

    pub(super) fn other_host() -> Self {
        let text = "This program is reached by 127.0.0.1 and its port alone.";
        Self::new(StatusCode::MISDIRECTED_REQUEST, "Wrong host", text)
    }

    pub(super) fn not_opened_by_a_human() -> Self {
        let text = "Nothing was done. Open this address in a window of its own.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "A person has to open this", text)
    }

    pub(super) fn not_a_get() -> Self {
        let text = "Nothing was done. Open this address in a browser.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "This address can only be opened", text)
    }

    /// As an answer to HEAD: nothing was done, so there is nothing to say.
    pub(super) fn nothing() -> Self {
        Self::new(StatusCode::NO_CONTENT, "", "")
    }

    pub(super) fn into_response(self) -> Response<Full<Bytes>> {
        let Self { status, heading, text } = self;
        let text = escaped(&text);
        let html = match status {
            StatusCode::NO_CONTENT => String::new(),
            _ => format!("{HEAD}<title>{heading}</title><h1>{heading}</h1><p>{text}</p>"),
        };
        let mut response = response(status, html);
        if status == StatusCode::METHOD_NOT_ALLOWED {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        }
        response
    }
}

/// Sends the browser on, once; none where the address is no header.
pub(super) fn redirect(url: &str) -> Option<Response<Full<Bytes>>> {
    let mut response = response(StatusCode::SEE_OTHER, String::new());
    response.headers_mut().insert(LOCATION, HeaderValue::from_str(url).ok()?);
    Some(response)
}

fn response(status: StatusCode, html: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(html.into()));
    *response.status_mut() = status;
    let headers = HEADERS.map(|(name, value)| (name, HeaderValue::from_static(value)));
    response.headers_mut().extend(headers);
    response
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

const HEADERS: [(HeaderName, &str); 6] = [
    (CONTENT_TYPE, "text/html; charset=utf-8"),
    (CACHE_CONTROL, "no-store"),
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
    ),
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
];

const HEAD: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
    <meta name=\"color-scheme\" content=\"light dark\">\
    <style>body{font:1.1em/1.5 system-ui,sans-serif;max-width:36em;margin:3em auto;padding:0 1em;\
    overflow-wrap:anywhere}</style>";

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn whatever_an_error_says_is_text_and_no_markup() {
        let error = Error::Refused {
            action: "a <script>\"&'</script>".to_owned(),
            mend: "b".to_owned(),
            source: Some(std::sync::Arc::new(std::io::Error::other("<below>"))),
        };
        let response = Page::of(&Err(error)).into_response();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body = str::from_utf8(&body).unwrap();
        let text = "Why: a &lt;script&gt;&quot;&amp;&#39;&lt;/script&gt; was refused: b: \
                    &lt;below&gt;.";
        assert!(body.contains(text), "{body}");
    }
}
