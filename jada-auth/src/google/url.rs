//! An address of an API: whole, safe to send a token to, and escaped part by part.

use std::{convert::Infallible, fmt, sync::Arc};

use http::Uri;

use crate::{Error, endpoint::safe};

/// The URL of an API: https, or http on a loopback host.
///
/// What comes from elsewhere, such as an id or the range of a sheet, is put in by
/// [`fill`](Self::fill) and [`with_query`](Self::with_query), which escape it. It is printed
/// without its query.
///
/// ```
/// use jada_auth::ApiUrl;
///
/// let template = "https://sheets.googleapis.com/v4/spreadsheets/{}/values/{}:clear";
/// let url = ApiUrl::fill(template, ["1aB-c", "May 2026!A1:C9"])?;
/// let expected =
///     "https://sheets.googleapis.com/v4/spreadsheets/1aB-c/values/May%202026%21A1%3AC9:clear";
/// assert_eq!(url.as_str(), expected);
/// let url = url.with_query("fields", "a,b");
/// assert_eq!(url.as_str(), [expected, "?fields=a%2Cb"].concat());
/// # Ok::<(), jada_auth::Error>(())
/// ```
#[derive(Clone)]
pub struct ApiUrl {
    text: Arc<str>,
    /// None for one that has become too long.
    uri: Option<Uri>,
}

impl ApiUrl {
    /// Takes a URL that is whole and escaped already.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for one that is neither https nor http on a loopback host, names a user,
    /// has a `#`, or is no URL. It is not worth a retry.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match safe(text) {
            Ok(_) if text.contains('#') => Err(refused(text, "write the URL without a `#`")),
            Ok(uri) => Ok(Self { text: text.into(), uri: Some(uri) }),
            Err(mend) => Err(refused(text, mend)),
        }
    }

    /// Puts each of `parts` where `template` has a `{}`, escaped so that it stays one part of the
    /// path.
    ///
    /// # Errors
    ///
    /// As for [`parse`](Self::parse); and for a part that is empty, `.` or `..`, which would make
    /// it the address of something else, and for more or fewer parts than there are `{}`.
    pub fn fill<I>(template: &str, parts: I) -> Result<Self, Error>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut texts = template.split("{}");
        let mut url = texts.next().unwrap_or_default().to_owned();
        for part in parts {
            let part = part.as_ref();
            let (false, Some(text)) = (matches!(part, "" | "." | ".."), texts.next()) else {
                let mend = "give one part for each `{}`, and none that is empty, `.` or `..`";
                return Err(refused(template, mend));
            };
            escape_into(&mut url, part);
            url.push_str(text);
        }
        match texts.next() {
            None => Self::parse(&url),
            Some(_) => Err(refused(template, "give one part for each `{}`")),
        }
    }

    /// Adds a parameter to the query, escaped.
    #[must_use]
    pub fn with_query(self, name: &str, value: &str) -> Self {
        let mut text = String::from(&*self.text);
        text.push(if text.contains('?') { '&' } else { '?' });
        escape_into(&mut text, name);
        text.push('=');
        escape_into(&mut text, value);
        Self { uri: text.parse().ok(), text: text.into() }
    }

    /// The whole URL with its query, which may hold a secret.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn has_query(&self, name: &str) -> bool {
        let query = self.text.split_once('?').map_or("", |(_, query)| query);
        query.split('&').any(|pair| pair.split('=').next() == Some(name))
    }

    /// As they stand there.
    pub(super) fn query_values(&self) -> impl Iterator<Item = &str> {
        let query = self.text.split_once('?').map_or("", |(_, query)| query);
        query.split('&').filter_map(|pair| Some(pair.split_once('=')?.1))
    }

    /// # Errors
    ///
    /// [`Error::Refused`] for one that has become too long.
    pub(super) fn uri(&self) -> Result<Uri, Error> {
        self.uri.clone().ok_or_else(|| refused(&self.text, "shorten it to less than 64 KiB"))
    }

    /// The same path and query below `endpoint`.
    pub(super) fn moved_to(&self, endpoint: &Self) -> Self {
        let after_scheme = self.text.find("://").map_or(0, |at| at + 3);
        let path = self.text[after_scheme..].find(['/', '?']);
        let path = path.map_or("", |at| &self.text[after_scheme + at..]);
        let base = endpoint.text.split(['?', '#']).next().unwrap_or_default();
        let text = [base.trim_end_matches('/'), path].concat();
        Self { uri: text.parse().ok(), text: text.into() }
    }

    /// Whether a bearer for `other` may be shown to this one: scheme, host and port are the same.
    pub(super) fn same_origin(&self, other: &Self) -> bool {
        let origin = |url: &Self| {
            let uri = url.uri.as_ref()?;
            let port = uri.port_u16().or(match uri.scheme_str() {
                Some("http") => Some(80),
                _ => Some(443),
            });
            Some((uri.scheme()?.clone(), uri.host()?.to_ascii_lowercase(), port))
        };
        origin(self).is_some_and(|it| Some(it) == origin(other))
    }
}

fn refused(text: &str, mend: &str) -> Error {
    let action = format!("calling `{}`", Shown(text));
    Error::Refused { action, mend: mend.to_owned(), source: None }
}

impl TryFrom<&str> for ApiUrl {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl TryFrom<String> for ApiUrl {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

/// For calls that take an [`ApiUrl`] as it is, and everything else that may be one.
impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl PartialEq for ApiUrl {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for ApiUrl {}

impl fmt::Display for ApiUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Shown(&self.text).fmt(f)
    }
}

impl fmt::Debug for ApiUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiUrl({self})")
    }
}

/// Without what stands before an `@`, and without the query.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.split(['?', '#']).next().unwrap_or_default();
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = authority.rsplit('@').next().unwrap_or_default();
        let separator = if scheme.is_empty() { "" } else { "://" };
        let shown = [scheme, separator, host, path].into_iter().flat_map(str::chars);
        shown.take(LONGEST_SHOWN).flat_map(char::escape_debug).try_for_each(|it| write!(f, "{it}"))
    }
}

/// All but the unreserved characters of
/// [RFC 3986 §2.3](https://www.rfc-editor.org/rfc/rfc3986#section-2.3).
fn escape_into(url: &mut String, part: &str) {
    for byte in part.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' => url.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => url.push(byte.into()),
            _ => url.push_str(&format!("%{byte:02X}")),
        }
    }
}

const LONGEST_SHOWN: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_stays_one_part_whatever_it_holds() {
        let template = "https://a.example/x/{}/y/{}:go?z={}";
        let url = ApiUrl::fill(template, ["a/b?c#d", "ü %&+", "1=2"]).unwrap();
        assert_eq!(
            url.as_str(),
            "https://a.example/x/a%2Fb%3Fc%23d/y/%C3%BC%20%25%26%2B:go?z=1%3D2"
        );
        assert_eq!(url.to_string(), "https://a.example/x/a%2Fb%3Fc%23d/y/%C3%BC%20%25%26%2B:go");
    }

    #[test]
    fn a_part_that_would_change_the_address_is_refused() {
        for parts in [&[""][..], &["."], &[".."], &[], &["a", "b"]] {
            let error = ApiUrl::fill("https://a.example/files/{}", parts).unwrap_err();
            assert!(error.to_string().contains("`https://a.example/files/{}`"), "{error}");
        }
    }

    #[test]
    fn only_https_and_loopback_are_addresses_and_secrets_in_them_are_not_printed() {
        for text in
            ["http://a.example/x?", "a.example/x", "", "ftp://127.0.0.1/", "https://a.example/x#y"]
        {
            assert!(matches!(ApiUrl::parse(text), Err(Error::Refused { .. })), "{text}");
        }
        for text in ["https://u:hunter2@a.example/x", "http://u:hunter2@a.example/x?k=hunter2"] {
            let error = ApiUrl::parse(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
        let url = ApiUrl::parse("https://a.example/x?upload_id=hunter2").unwrap();
        assert_eq!(format!("{url:?}"), "ApiUrl(https://a.example/x)");
    }

    #[test]
    fn a_url_moves_to_another_endpoint_with_path_and_query() {
        let endpoint = ApiUrl::parse("http://127.0.0.1:9/proxy/").unwrap();
        for (url, moved) in [
            ("https://a.example/x/y?z=1", "http://127.0.0.1:9/proxy/x/y?z=1"),
            ("https://a.example", "http://127.0.0.1:9/proxy"),
            ("https://a.example?z=1", "http://127.0.0.1:9/proxy?z=1"),
        ] {
            assert_eq!(ApiUrl::parse(url).unwrap().moved_to(&endpoint).as_str(), moved);
        }
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let same =
            |a: &str, b: &str| ApiUrl::parse(a).unwrap().same_origin(&ApiUrl::parse(b).unwrap());
        assert!(same("https://a.example/x", "https://A.example:443/y?z"));
        assert!(!same("https://a.example/x", "https://b.example/x"));
        assert!(!same("http://127.0.0.1/x", "https://127.0.0.1/x"));
        assert!(!same("http://127.0.0.1:1/x", "http://127.0.0.1:2/x"));
    }
}
