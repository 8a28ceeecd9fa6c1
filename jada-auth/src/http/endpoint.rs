//! A token endpoint that secrets may be sent to.

use std::fmt;

use hyper::Uri;

use crate::{
    Error,
    endpoint::{safe, shown},
};

/// A URL that is https, or http on a loopback host. Printed without its query.
#[derive(Clone)]
pub(super) struct Endpoint {
    uri: Uri,
    text: String,
}

impl Endpoint {
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let refused = |mend: &str| Error::Refused {
            action: format!("using `{}` as a token endpoint", shown(text)),
            mend: mend.to_owned(),
            source: None,
        };
        let uri = safe(text).map_err(refused)?;
        Ok(Self { uri, text: text.to_owned() })
    }

    /// The same as parsing it, for a URL that is known to be good.
    pub(super) fn from_static(text: &'static str) -> Self {
        Self { uri: Uri::from_static(text), text: text.to_owned() }
    }

    pub(super) fn uri(&self) -> &Uri {
        &self.uri
    }

    /// As it was written, which is what the audience of an assertion has to be.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.text))
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_and_loopback_are_taken() {
        let good = [
            "https://oauth2.googleapis.com/token",
            "https://oauth2.googleapis.com",
            "https://127.0.0.1:8443/token",
            "https://example.com/token?tenant=7",
            "http://127.0.0.1:4242/token",
            "http://127.9.9.9/token",
            "http://[::1]:4242/token",
            "http://LocalHost/token",
        ];
        for text in good {
            assert_eq!(Endpoint::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn whatever_would_send_secrets_in_the_clear_is_refused() {
        let bad = [
            "http://oauth2.googleapis.com/token",
            "http://127.0.0.1.evil.example/token",
            "http://localhost.evil.example/token",
            "http://127.1/token",
            "http://[::2]/token",
            "http://0.0.0.0/token",
            "ftp://127.0.0.1/token",
            "unix:/run/token",
            "/token",
            "oauth2.googleapis.com",
            "",
            "https://",
            "https:///token",
            "https://example.com/to ken",
            "https://example.com/token\n",
        ];
        for text in bad {
            let error = Endpoint::parse(text).expect_err(text);
            assert!(matches!(error, Error::Refused { .. }), "{error:?}");
        }
    }

    #[test]
    fn a_user_and_a_query_are_never_printed() {
        let bad = [
            "https://ops:hunter2@example.com/token",
            "http://127.0.0.1@example.com/token?key=hunter2",
            "http://example.com/token?key=hunter2",
            "http://example.com/token#hunter2",
            "https:/ops:hunter2@example.com/to ken",
        ];
        for text in bad {
            let error = Endpoint::parse(text).expect_err(text);
            let printed = format!("{error} {error:?}");
            assert!(!printed.contains("hunter2") && printed.contains("example.com"), "{printed}");
        }
        let endpoint = Endpoint::parse("https://example.com/token?key=hunter2").unwrap();
        assert_eq!(format!("{endpoint} {endpoint:?}").matches("hunter2").count(), 0);
    }
}
