//! What a token endpoint's answer means: decides, and asks nobody.

use std::{fmt, time::Duration};

use hyper::{
    header::{CONTENT_TYPE, DATE, HeaderName, RETRY_AFTER},
    http::response::Parts,
};
use jiff::{Timestamp, fmt::rfc2822};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{codes::Code, endpoint::Endpoint, transport::Broken};
use crate::{Heals, MintFailure, Minted, Scopes, Secret};

/// An answer as it came, at least its head.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: Option<String>,
    pub(super) retry_after: Option<String>,
    pub(super) date: Option<String>,
    pub(super) body: Zeroizing<Vec<u8>>,
    /// What ended the body before its end.
    pub(super) cut: Option<Broken>,
}

impl Answer {
    /// With a body that is still to come.
    pub(super) fn of(head: &Parts) -> Self {
        let header = |name: HeaderName| Some(head.headers.get(name)?.to_str().ok()?.to_owned());
        Self {
            status: head.status.as_u16(),
            content_type: header(CONTENT_TYPE),
            retry_after: header(RETRY_AFTER),
            date: header(DATE),
            body: Zeroizing::default(),
            cut: None,
        }
    }

    fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// Said to be JSON, or not said to be anything.
    fn may_be_json(&self) -> bool {
        self.content_type.as_ref().is_none_or(|content_type| {
            let essence = content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
            essence == "application/json" || essence.ends_with("+json")
        })
    }

    /// Whether the issuer, or what stands before it, fails for now whatever it says.
    fn is_temporary(&self) -> bool {
        matches!(self.status, 408 | 425 | 429 | 500..)
    }
}

/// Tells a token from a refusal, and what heals the refusal. `now` is a UTC instant by the clock
/// of this machine, against which a `Retry-After` is measured where the issuer shows no clock.
pub(super) fn read_answer(
    mut answer: Answer,
    endpoint: &Endpoint,
    now: Timestamp,
) -> Result<Minted, MintFailure> {
    let (mut fields, whole) = Fields::read(&answer.body);
    let issuer_time = answer.date.as_deref().and_then(http_date);
    let retry_after = answer.retry_after.as_deref();
    let retry_after = retry_after.and_then(|text| wait(text, issuer_time.unwrap_or(now)));
    let refresh_token = fields.refresh_token.take().and_then(text).filter(|_| answer.is_success());
    let refresh_token = refresh_token.filter(|token| (1..=LONGEST).contains(&token.expose().len()));

    let minted = if answer.is_success() && !fields.refuses() {
        if answer.cut.is_some() { Err(cut_short()) } else { fields.minted(&answer, whole) }
    } else {
        Err(refusal(&answer, fields.refuses(), fields.code(), endpoint))
    };
    match minted {
        Ok(minted) => Ok(Minted { refresh_token, issuer_time, ..minted }),
        Err(failure) => {
            let source = answer.cut.take().map(|cut| std::sync::Arc::new(cut) as _);
            Err(MintFailure { retry_after, refresh_token, issuer_time, source, ..failure })
        }
    }
}

/// The fields of an answer that matter, each as it was written.
#[derive(Default)]
struct Fields {
    access_token: Option<Value>,
    token_type: Option<Value>,
    expires_in: Option<Value>,
    scope: Option<Value>,
    refresh_token: Option<Value>,
    error: Option<Value>,
}

impl Fields {
    /// As many of them as stand before the first mistake, and whether there is none.
    fn read(body: &[u8]) -> (Self, bool) {
        let mut fields = Self::default();
        let mut json = serde_json::Deserializer::from_slice(body);
        let read = (&mut fields).deserialize(&mut json).and_then(|()| json.end());
        (fields, read.is_ok())
    }

    fn refuses(&self) -> bool {
        match &self.error {
            Some(Value::String(error)) => !error.is_empty(),
            Some(Value::Object(_)) => true,
            _ => false,
        }
    }

    /// The code of OAuth's `error`, or of the object that Google's APIs put there.
    fn code(&self) -> Option<&'static Code> {
        match self.error.as_ref()? {
            Value::Object(error) => Code::named(error.get("status")?.as_str()?),
            error => Code::named(error.as_str()?),
        }
    }

    fn minted(self, answer: &Answer, whole: bool) -> Result<Minted, MintFailure> {
        if !whole || !answer.may_be_json() {
            return Err(useless("not json"));
        }
        let is_bearer = |kind: &Value| kind.as_str().is_some_and(is_bearer);
        if !self.token_type.as_ref().is_none_or(is_bearer) {
            let mend = "use an issuer or a client that mints bearer tokens";
            let failure = MintFailure::new(Heals::ByConfiguration, "token_type").answer_lost();
            return Err(MintFailure { mend: Some(mend.to_owned()), ..failure });
        }
        let is_visible = |token: &Secret| {
            let bytes = token.expose().as_bytes();
            (1..=LONGEST).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic)
        };
        let access_token = self.access_token.and_then(text).filter(is_visible);
        let access_token = access_token.ok_or_else(|| useless("no access token"))?;
        let expires_in = self.expires_in.as_ref().and_then(seconds);
        if expires_in == Some(Duration::ZERO) {
            return Err(useless("expires_in"));
        }
        let scope = self.scope.as_ref().and_then(Value::as_str);
        let scopes = scope.filter(|scope| scope.len() <= LONGEST).and_then(granted);
        Ok(Minted { expires_in, scopes, ..Minted::new(access_token) })
    }
}

/// Goes on collecting until the text ends or errs, so that a refresh token in an answer that was
/// cut off is not lost.
impl<'de> DeserializeSeed<'de> for &mut Fields {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Fields {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            let field = match &*name {
                "access_token" => &mut self.access_token,
                "token_type" => &mut self.token_type,
                "expires_in" => &mut self.expires_in,
                "scope" => &mut self.scope,
                "refresh_token" => &mut self.refresh_token,
                "error" => &mut self.error,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *field = map.next_value()?;
        }
        Ok(())
    }
}

/// The issuer minted something, perhaps, and it cannot be used.
fn useless(code: &str) -> MintFailure {
    MintFailure::new(Heals::ByItself, code).answer_lost()
}

fn cut_short() -> MintFailure {
    useless("answer cut short")
}

fn refusal(
    answer: &Answer,
    refuses: bool,
    code: Option<&Code>,
    endpoint: &Endpoint,
) -> MintFailure {
    let status = || format!("http {}", answer.status);
    match (answer.status, code) {
        // No issuer redirects a token request: this is a proxy, or a portal to sign in to.
        (300..=399, _) => MintFailure::new(Heals::ByItself, status()),
        (_, Some(code)) if code.heals == Heals::ByItself || !answer.is_temporary() => {
            let mend = code.mend.map(str::to_owned);
            MintFailure { mend, ..MintFailure::new(code.heals, code.code) }
        }
        (401 | 403 | 404 | 405 | 410, None) if answer.cut.is_none() => {
            let mend = format!(
                "see whether `{endpoint}` is the issuer's token endpoint, and whether a firewall \
                 answers in its stead"
            );
            let failure = MintFailure::new(Heals::ByConfiguration, status());
            MintFailure { mend: Some(mend), ..failure }
        }
        // Refused, in a word that nobody taught us.
        (200 | 400..=499, None) if refuses && !answer.is_temporary() => {
            let mend = "see what the issuer's documentation says of a refused token request";
            let failure = MintFailure::new(Heals::ByConfiguration, status());
            MintFailure { mend: Some(mend.to_owned()), ..failure }
        }
        // A gateway gave up on an issuer that may have heard, or that one broke down on its way.
        (408 | 500 | 502 | 504 | 520.., _) => {
            MintFailure::new(Heals::ByItself, status()).answer_lost()
        }
        _ => MintFailure::new(Heals::ByItself, status()),
    }
}

fn text(value: Value) -> Option<Secret> {
    match value {
        Value::String(text) => Some(Secret::new(text)),
        _ => None,
    }
}

fn is_bearer(token_type: &str) -> bool {
    token_type.eq_ignore_ascii_case("bearer")
}

/// Whole seconds from a number or a text that is one; zero for what is over already, and none for
/// what states nothing.
fn seconds(value: &Value) -> Option<Duration> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    // The cast rounds down, and stops at both ends.
    (!number.is_nan()).then(|| Duration::from_secs(number as u64))
}

/// With the short names that Google takes for two of its scopes, and answers by the long ones, and
/// with each of those that GitHub answers with commas between them.
fn granted(scope: &str) -> Option<Scopes> {
    let scopes: Scopes = scope.parse().ok()?;
    let aliases = ALIASES.iter().filter(|(long, _)| scopes.contains(long)).map(|(_, short)| *short);
    let parts = scopes.iter().flat_map(|scope| scope.split(',')).filter(|part| !part.is_empty());
    Scopes::new(scopes.iter().chain(aliases).chain(parts)).ok()
}

/// Seconds, or a date ([RFC 9110 §10.2.3](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3)).
pub(crate) fn wait(retry_after: &str, now: Timestamp) -> Option<Duration> {
    let retry_after = retry_after.trim();
    if let Ok(seconds) = retry_after.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = http_date(retry_after)?;
    Some(Duration::try_from(now.duration_until(until)).unwrap_or_default())
}

pub(crate) fn http_date(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text.trim()).ok()
}

/// More bytes than any token or list of scopes has. What is stored of them is read again.
const LONGEST: usize = 64 * 1024;

const ALIASES: [(&str, &str); 2] = [
    ("https://www.googleapis.com/auth/userinfo.email", "email"),
    ("https://www.googleapis.com/auth/userinfo.profile", "profile"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Spent;

    const TOKEN: &str = r#"{"access_token":"s3cr3t-at","refresh_token":"s3cr3t-rt"}"#;

    #[test]
    fn a_good_answer_is_read_whole() {
        let body = r#"{"access_token":"s3cr3t-at","expires_in":3599,"scope":"b a",
            "token_type":"Bearer","refresh_token":"s3cr3t-rt","id_token":{"deep":[1,null]}}"#;
        let answer = Answer { date: Some("Fri, 01 May 2026 12:00:30 GMT".into()), ..ok(body) };
        let minted = read(answer).unwrap();
        assert_eq!(minted.access_token.expose(), "s3cr3t-at");
        assert_eq!(minted.expires_in, Some(Duration::from_secs(3599)));
        assert_eq!(minted.scopes, Some("a b".parse().unwrap()));
        assert_eq!(minted.refresh_token.unwrap().expose(), "s3cr3t-rt");
        assert_eq!(minted.issuer_time, Some("2026-05-01T12:00:30Z".parse().unwrap()));
    }

    #[test]
    fn what_an_answer_leaves_out_is_unstated() {
        let nulls = r#"{"access_token":"at","expires_in":null,"scope":null,"token_type":null,
            "refresh_token":null,"error":null}"#;
        let blanks = r#"{"access_token":"at","refresh_token":"","error":"","expires_in":"soon"}"#;
        for body in [r#"{"access_token":"at"}"#, nulls, blanks] {
            let minted = read(ok(body)).unwrap();
            assert_eq!((minted.expires_in, minted.scopes), (None, None), "{body}");
            assert!(minted.refresh_token.is_none() && minted.issuer_time.is_none(), "{body}");
        }
    }

    #[test]
    fn a_life_is_read_from_whatever_states_one() {
        let table = [
            ("3599", Ok(Some(3599))),
            ("\"3599\"", Ok(Some(3599))),
            ("\" 3599.9 \"", Ok(Some(3599))),
            ("3599.9", Ok(Some(3599))),
            ("1e3", Ok(Some(1000))),
            ("1e300", Ok(Some(u64::MAX))),
            ("18446744073709551615", Ok(Some(u64::MAX))),
            ("\"inf\"", Ok(Some(u64::MAX))),
            ("null", Ok(None)),
            ("\"NaN\"", Ok(None)),
            ("\"\"", Ok(None)),
            ("true", Ok(None)),
            ("[3599]", Ok(None)),
            ("0", Err("expires_in")),
            ("0.9", Err("expires_in")),
            ("-0.0", Err("expires_in")),
            ("-1", Err("expires_in")),
            ("\"-1\"", Err("expires_in")),
            ("1e999", Err("not json")),
        ];
        for (life, expected) in table {
            let body =
                format!(r#"{{"refresh_token":"rt","expires_in":{life},"access_token":"at"}}"#);
            match (read(ok(&body)), expected) {
                (Ok(minted), Ok(seconds)) => {
                    assert_eq!(minted.expires_in, seconds.map(Duration::from_secs), "{life}");
                }
                (Err(failure), Err(code)) => {
                    assert_eq!((failure.heals, &*failure.code), (Heals::ByItself, code), "{life}");
                    assert_eq!(failure.refresh_token.unwrap().expose(), "rt", "{life}");
                }
                (answer, _) => panic!("{life} gave {answer:?}"),
            }
        }
    }

    #[test]
    fn scopes_are_read_and_two_of_googles_get_their_short_names() {
        let long = "https://www.googleapis.com/auth/userinfo.email openid \
                    https://www.googleapis.com/auth/userinfo.profile";
        let both = format!("{long} email profile");
        let table = [
            ("\"mail  drive \"", Some("drive mail")),
            ("\"\"", Some("")),
            (&*format!("\"{long}\""), Some(&*both)),
            ("\"email\"", Some("email")),
            (r#""sch\u00f6n""#, None),
            ("[\"mail\"]", None),
        ];
        for (scope, expected) in table {
            let minted = read(ok(&format!(r#"{{"access_token":"at","scope":{scope}}}"#))).unwrap();
            assert_eq!(minted.scopes, expected.map(|it| it.parse().unwrap()), "{scope}");
        }
    }

    #[test]
    fn the_content_type_has_to_be_json_or_missing() {
        let table = [
            (Some("application/json"), true),
            (Some("Application/JSON; charset=UTF-8"), true),
            (Some("application/vnd.issuer+json;v=1"), true),
            (None, true),
            (Some("text/html"), false),
            (Some("text/plain; a=application/json"), false),
            (Some("application/jsonp"), false),
            (Some(""), false),
        ];
        for (content_type, good) in table {
            let answer = Answer { content_type: content_type.map(str::to_owned), ..ok(TOKEN) };
            match read(answer) {
                Ok(_) => assert!(good, "{content_type:?}"),
                Err(failure) => {
                    assert!(!good, "{content_type:?}");
                    assert_lost(&failure, Heals::ByItself, "not json", Some("s3cr3t-rt"));
                }
            }
        }
    }

    #[test]
    fn an_answer_that_is_no_token_passes_its_refresh_token_on() {
        use Heals::{ByConfiguration, ByItself};
        let rt = Some("s3cr3t-rt");
        let table = [
            ("", ByItself, "not json", None),
            ("<html>s3cr3t</html>", ByItself, "not json", None),
            ("null", ByItself, "not json", None),
            ("[]", ByItself, "not json", None),
            ("\"s3cr3t\"", ByItself, "not json", None),
            ("{}", ByItself, "no access token", None),
            (r#"{"refresh_token":"s3cr3t-rt"}"#, ByItself, "no access token", rt),
            (r#"{"refresh_token":7}"#, ByItself, "no access token", None),
            (r#"{"refresh_token":"s3cr3t-rt","access_token":7}"#, ByItself, "no access token", rt),
            (r#"{"refresh_token":"s3cr3t-rt","access_token":""}"#, ByItself, "no access token", rt),
            (
                r#"{"refresh_token":"s3cr3t-rt","access_token":"s3cr3t\n"}"#,
                ByItself,
                "no access token",
                rt,
            ),
            (
                r#"{"refresh_token":"s3cr3t-rt","access_token":"s3cr3t","token_type":"mac"}"#,
                ByConfiguration,
                "token_type",
                rt,
            ),
            (
                r#"{"refresh_token":"s3cr3t-rt","access_token":"s3cr3t","token_type":7}"#,
                ByConfiguration,
                "token_type",
                rt,
            ),
            // Broken after the refresh token, or within it.
            (r#"{"refresh_token":"s3cr3t-rt","access_token":"s3cr"#, ByItself, "not json", rt),
            (r#"{"refresh_token":"s3cr3t-rt"}}"#, ByItself, "not json", rt),
            (r#"{"refresh_token":"s3cr"#, ByItself, "not json", None),
        ];
        for (body, heals, code, refresh_token) in table {
            assert_lost(&read(ok(body)).unwrap_err(), heals, code, refresh_token);
        }
    }

    #[test]
    fn the_token_type_is_bearer_in_any_case() {
        for kind in ["Bearer", "bearer", "BEARER"] {
            let body = format!(r#"{{"access_token":"at","token_type":"{kind}"}}"#);
            assert!(read(ok(&body)).is_ok(), "{kind}");
        }
    }

    #[test]
    fn an_answer_that_was_cut_short_is_lost_unless_its_status_refuses() {
        let cut = |answer| Answer { cut: Some(Broken::TooLarge(1)), ..answer };
        let failure = read(cut(ok(TOKEN))).unwrap_err();
        assert_lost(&failure, Heals::ByItself, "answer cut short", Some("s3cr3t-rt"));
        assert!(failure.source.is_some());
        for (status, code) in [(400, "http 400"), (401, "http 401"), (503, "http 503")] {
            let failure = read(cut(answer(status, r#"{"err"#))).unwrap_err();
            assert_eq!((failure.heals, &*failure.code), (Heals::ByItself, code));
            assert_eq!(failure.spent, Spent::No);
        }
    }

    #[test]
    fn each_refusal_says_what_heals_it() {
        use Heals::{ByConfiguration, ByConsent, ByItself};
        let invalid_grant = r#"{"error":"invalid_grant","error_description":"s3cr3t"}"#;
        let table = [
            (400, invalid_grant, ByConsent, "invalid_grant"),
            (401, invalid_grant, ByConsent, "invalid_grant"),
            (200, r#"{"error":"bad_refresh_token"}"#, ByConsent, "bad_refresh_token"),
            (
                200,
                r#"{"error":"incorrect_client_credentials"}"#,
                ByConfiguration,
                "incorrect_client_credentials",
            ),
            (200, r#"{"error":"s3cr3t","access_token":"s3cr3t"}"#, ByConfiguration, "http 200"),
            (401, r#"{"error":"invalid_client"}"#, ByConfiguration, "invalid_client"),
            (400, r#"{"error":"unauthorized_client"}"#, ByConfiguration, "unauthorized_client"),
            (403, r#"{"error":"org_internal"}"#, ByConfiguration, "org_internal"),
            (400, r#"{"error":"slow_down"}"#, ByItself, "slow_down"),
            (403, r#"{"error":"rate_limit_exceeded"}"#, ByItself, "rate_limit_exceeded"),
            (400, r#"{"error":"s3cr3t"}"#, ByConfiguration, "http 400"),
            (400, r#"{"error":["invalid_grant"]}"#, ByItself, "http 400"),
            (400, "", ByItself, "http 400"),
            (422, "", ByItself, "http 422"),
            (
                403,
                r#"{"error":{"status":"PERMISSION_DENIED"}}"#,
                ByConfiguration,
                "PERMISSION_DENIED",
            ),
            (429, r#"{"error":{"status":"RESOURCE_EXHAUSTED"}}"#, ByItself, "RESOURCE_EXHAUSTED"),
            (
                400,
                r#"{"error":{"status":"s3cr3t","message":"s3cr3t"}}"#,
                ByConfiguration,
                "http 400",
            ),
            (401, "<html>s3cr3t</html>", ByConfiguration, "http 401"),
            (403, "", ByConfiguration, "http 403"),
            (404, r#"{"error":"s3cr3t"}"#, ByConfiguration, "http 404"),
            (405, "", ByConfiguration, "http 405"),
            (410, "", ByConfiguration, "http 410"),
            (408, invalid_grant, ByItself, "http 408"),
            (425, invalid_grant, ByItself, "http 425"),
            (429, invalid_grant, ByItself, "http 429"),
            (500, invalid_grant, ByItself, "http 500"),
            (502, "<html>s3cr3t</html>", ByItself, "http 502"),
            (503, "", ByItself, "http 503"),
            (504, "", ByItself, "http 504"),
            (503, r#"{"error":"temporarily_unavailable"}"#, ByItself, "temporarily_unavailable"),
            (599, "", ByItself, "http 599"),
            (302, invalid_grant, ByItself, "http 302"),
            (304, "", ByItself, "http 304"),
        ];
        for (status, body, heals, code) in table {
            let failure = read(answer(status, body)).unwrap_err();
            assert_eq!((failure.heals, &*failure.code), (heals, code), "{status} {body}");
            let gave_up = matches!(status, 408 | 500 | 502 | 504 | 520..);
            let spent = if gave_up { Spent::Perhaps } else { Spent::No };
            assert_eq!(failure.spent, spent, "{status} {body}");
            assert_eq!(failure.mend.is_some(), heals == ByConfiguration, "{status} {body}");
            assert!(!format!("{failure:?}").contains("s3cr3t"), "{failure:?}");
        }
    }

    #[test]
    fn advice_about_the_endpoint_names_it_without_its_query() {
        let mend = read(answer(404, "")).unwrap_err().mend.unwrap();
        assert!(mend.contains("`https://accounts.example/token`"), "{mend}");
    }

    #[test]
    fn a_refresh_token_in_a_refusal_is_not_believed() {
        assert!(read(answer(503, TOKEN)).unwrap_err().refresh_token.is_none());
        assert!(read(answer(302, TOKEN)).unwrap_err().refresh_token.is_none());
    }

    #[test]
    fn the_wait_is_seconds_or_a_date_by_the_issuers_clock() {
        let (ahead, none) = (Some("Fri, 01 May 2026 13:00:00 GMT"), None);
        let table = [
            ("120", none, Some(120)),
            (" 120 ", none, Some(120)),
            ("99999999999", none, Some(99_999_999_999)),
            ("Fri, 01 May 2026 13:00:30 GMT", ahead, Some(30)),
            ("Fri, 01 May 2026 12:00:30 GMT", none, Some(30)),
            ("Fri, 01 May 2026 12:00:30 GMT", ahead, Some(0)),
            ("-1", none, None),
            ("soon", none, None),
            ("", none, None),
        ];
        for (header, date, seconds) in table {
            let retry_after = Some(header.to_owned());
            let date = date.map(str::to_owned);
            let failure = read(Answer { retry_after, date, ..answer(503, "") }).unwrap_err();
            assert_eq!(failure.retry_after, seconds.map(Duration::from_secs), "{header}");
        }
    }

    fn ok(body: &str) -> Answer {
        answer(200, body)
    }

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            content_type: Some("application/json".to_owned()),
            retry_after: None,
            date: None,
            body: Zeroizing::new(body.into()),
            cut: None,
        }
    }

    fn read(answer: Answer) -> Result<Minted, MintFailure> {
        let endpoint = Endpoint::parse("https://accounts.example/token?key=s3cr3t").unwrap();
        read_answer(answer, &endpoint, "2026-05-01T12:00:00Z".parse().unwrap())
    }

    #[track_caller]
    fn assert_lost(failure: &MintFailure, heals: Heals, code: &str, refresh_token: Option<&str>) {
        assert_eq!((failure.heals, &*failure.code), (heals, code));
        assert_eq!(failure.spent, Spent::Perhaps);
        assert_eq!(failure.refresh_token.as_ref().map(Secret::expose), refresh_token);
        assert!(!format!("{failure:?}").contains("s3cr3t"), "{failure:?}");
    }
}
