//! What a server says when it refuses: Google's words for it, and how long it wants to wait.

use std::time::Duration;

use hyper::header::{DATE, HeaderName, RETRY_AFTER};
use jiff::Timestamp;
use serde_json::Value;

use super::outgoing::{Outgoing, Reply};
use crate::{
    Error,
    http::{http_date, wait},
};

impl Reply {
    /// The error that an answer is which is no success. `now` is a UTC instant by the clock of
    /// this machine, against which a `Retry-After` is measured where the server shows no clock.
    pub(super) fn refusal(&self, outgoing: &Outgoing, now: Timestamp) -> Error {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let said = Said::read(&body);
        Error::Api {
            request: outgoing.to_string(),
            status: self.status.as_u16(),
            reason: said.reason.map(|reason| self.shortened(reason, outgoing, LONGEST_REASON)),
            message: said.message.map(|it| self.shortened(it, outgoing, LONGEST_MESSAGE)),
            retry_after: self.retry_after(now).or(said.retry_delay),
            repeatable: outgoing.repeatable,
            after_doubt: false,
        }
    }

    fn retry_after(&self, now: Timestamp) -> Option<Duration> {
        let header = |name: HeaderName| self.headers.get(name)?.to_str().ok();
        let now = header(DATE).and_then(http_date).unwrap_or(now);
        wait(header(RETRY_AFTER)?, now)
    }

    /// One line, without what no line should hold: the token, which a server may repeat, and what
    /// stands in the query, such as the address of an upload.
    fn shortened(&self, text: &str, outgoing: &Outgoing, most: usize) -> String {
        let token = self.token.as_ref().map(|token| token.secret().expose());
        let values = outgoing.url.query_values().filter(|value| value.len() >= SHORTEST_SECRET);
        let secrets = values.chain(token);
        let text = secrets.fold(text.to_owned(), |text, secret| text.replace(secret, "[hidden]"));
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        line.chars().filter(|it| !is_obeyed(*it)).take(most).collect()
    }
}

#[derive(Default)]
struct Said<'a> {
    reason: Option<&'a str>,
    message: Option<&'a str>,
    retry_delay: Option<Duration>,
}

impl<'a> Said<'a> {
    /// From Google's two forms of an error, the older with `errors` and the newer with `details`
    /// ([AIP-193](https://google.aip.dev/193#http11json-representation)), and OAuth's.
    fn read(body: &'a Value) -> Self {
        let error = &body["error"];
        if let Some(code) = error.as_str() {
            let message = body["error_description"].as_str();
            return Self { reason: Some(code), message, retry_delay: None };
        }
        let details = error["details"].as_array().map_or(&[][..], Vec::as_slice);
        let detail = |field: &str| details.iter().find_map(|detail| detail[field].as_str());
        let reason = error["errors"][0]["reason"].as_str().or_else(|| detail("reason"));
        Self {
            reason: reason.or_else(|| error["status"].as_str()),
            message: error["message"].as_str(),
            retry_delay: detail("retryDelay").and_then(seconds),
        }
    }
}

/// Such as `3.5s`.
fn seconds(delay: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(delay.strip_suffix('s')?.parse().ok()?).ok()
}

/// Whether a terminal does something else with it than to show it.
fn is_obeyed(it: char) -> bool {
    let invisible = ['\u{200b}'..='\u{200f}', '\u{202a}'..='\u{202e}', '\u{2060}'..='\u{206f}'];
    it.is_control() || it == '\u{feff}' || invisible.iter().any(|range| range.contains(&it))
}

/// Shorter values are words, as `id` and `me` are.
const SHORTEST_SECRET: usize = 6;
const LONGEST_REASON: usize = 60;
const LONGEST_MESSAGE: usize = 300;

#[cfg(test)]
mod tests {
    use hyper::{HeaderMap, Method, StatusCode, body::Bytes};

    use super::*;

    fn refused(headers: &[(HeaderName, &'static str)], body: &str) -> Error {
        let outgoing = Outgoing {
            method: Method::GET,
            url: "https://a.example/b?upload_id=s3cr3t".try_into().unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            repeatable: true,
            limit: 0,
        };
        let pairs = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
        let (headers, body) = (pairs.collect(), body.as_bytes().to_vec());
        let status = StatusCode::FORBIDDEN;
        let reply = Reply { status, headers, body, cut: None, token: None };
        reply.refusal(&outgoing, "2026-05-01T12:00:00Z".parse().unwrap())
    }

    fn said(body: &str) -> (Option<String>, Option<String>) {
        match refused(&[], body) {
            Error::Api { reason, message, .. } => (reason, message),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_form_of_an_error_gives_its_reason_and_message() {
        let older = r#"{"error":{"code":403,"message":"Slow down.","status":"PERMISSION_DENIED",
            "errors":[{"domain":"usageLimits","reason":"rateLimitExceeded"}]}}"#;
        let newer = r#"{"error":{"code":403,"message":"Slow\n down.","status":"PERMISSION_DENIED",
            "details":[{"@type":"x"},{"reason":"RATE_LIMIT_EXCEEDED"}]}}"#;
        let oauth = r#"{"error":"invalid_token","error_description":"Slow down."}"#;
        let bare = r#"{"error":{"message":"Slow down.","status":"PERMISSION_DENIED"}}"#;
        for (body, reason) in [
            (older, "rateLimitExceeded"),
            (newer, "RATE_LIMIT_EXCEEDED"),
            (oauth, "invalid_token"),
            (bare, "PERMISSION_DENIED"),
        ] {
            assert_eq!(said(body), (Some(reason.to_owned()), Some("Slow down.".to_owned())));
        }
        for body in ["", "<html>", "[]", "{\"error\":7}", "{\"error\":{\"errors\":{}}}"] {
            assert_eq!(said(body), (None, None), "{body}");
        }
    }

    #[test]
    fn what_a_server_says_is_one_short_line() {
        let message = "\u{1b}[2Jx\r\n\u{202e}".repeat(400);
        let body = serde_json::json!({ "error": { "message": message } }).to_string();
        let message = said(&body).1.unwrap();
        assert!(message.chars().count() <= 300 && message.starts_with("[2Jx [2Jx"), "{message}");
    }

    #[test]
    fn a_secret_that_a_server_repeats_is_hidden() {
        let body = r#"{"error":{"message":"/b?upload_id=s3cr3t is bad"}}"#;
        assert_eq!(said(body).1.unwrap(), "/b?upload_id=[hidden] is bad");
    }

    #[test]
    fn a_wait_is_read_in_seconds_as_a_date_and_from_the_details() {
        let seconds = |headers: &[_], body| Some(refused(headers, body).retry_after()?.as_secs());
        let at = "Fri, 01 May 2026 12:00:30 GMT";
        let delay = r#"{"error":{"details":[{"retryDelay":"7.5s"}]}}"#;
        assert_eq!(seconds(&[(RETRY_AFTER, "120")], delay), Some(120));
        assert_eq!(seconds(&[(RETRY_AFTER, at)], ""), Some(30));
        let dated = [(RETRY_AFTER, at), (DATE, "Fri, 01 May 2026 12:00:20 GMT")];
        assert_eq!(seconds(&dated, ""), Some(10));
        assert_eq!(seconds(&[], delay), Some(7));
        assert_eq!(seconds(&[(RETRY_AFTER, "soon")], ""), None);
    }
}
