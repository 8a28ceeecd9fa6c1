//! Why a request was refused: a header that went missing on the way is no wrong key.

use std::fmt;

use http::{HeaderMap, HeaderName};

/// Why a request was not let in, and what mends it; holds nothing of what was presented.
///
/// The text is for the log of the service that refuses. The caller is answered 401, or 503 where
/// [`is_transient`](Self::is_transient) says so, and need not learn more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyRefusal {
    /// The request has no such header, and nothing shows that it came through a proxy.
    #[error("the request has no header `{header}`: let the client send its key in it")]
    Missing {
        /// The header that was looked for.
        header: HeaderName,
    },

    /// The request has no such header and came through a proxy or CDN, which may have removed it.
    /// A client that sends no key through a proxy looks the same, and anyone can add a header, so
    /// this is a hint and no proof.
    #[error(fmt = fmt_stripped)]
    Stripped {
        /// The header that was looked for.
        header: HeaderName,
        /// The headers that show it, such as `` `cf-ray` (Cloudflare), `via` ``; without their
        /// values.
        by: String,
    },

    /// The header is there, and nothing is in it.
    #[error("the key is empty: see where the client reads it from")]
    Empty,

    /// The header is there more than once. Which of them a proxy looked at cannot be known.
    #[error("the header `{header}` is given more than once: let the client send it once")]
    Repeated {
        /// The header that was looked for.
        header: HeaderName,
    },

    /// The key is not what any key is: 1 to 256 characters of visible ASCII, and spaces between
    /// them.
    #[error("the key {what}: let the client send the key alone, as it was given out")]
    Malformed {
        /// What is wrong with it, such as `has white space around it`.
        what: &'static str,
    },

    /// The key is well-formed and not one of those that were expected.
    #[error("the key is wrong: give the client the key whose hash this service has")]
    Wrong,

    /// There was not enough memory to check a chosen key: try again later.
    #[error("there is not enough memory to check the key: try again later")]
    OutOfMemory,
}

impl KeyRefusal {
    /// Tells whether it says nothing of the key, so that the same request may fare better later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::OutOfMemory => true,
            Self::Missing { .. }
            | Self::Stripped { .. }
            | Self::Empty
            | Self::Repeated { .. }
            | Self::Malformed { .. }
            | Self::Wrong => false,
        }
    }

    /// For a request that lacks `header`.
    pub(super) fn absent(header: &HeaderName, headers: &HeaderMap) -> Self {
        let header = header.clone();
        let proxies = PROXIES.iter().filter(|(name, _)| *name != header);
        let found = proxies.filter(|(name, _)| headers.contains_key(*name));
        let by: Vec<_> = found.map(|(name, whose)| format!("`{name}`{whose}")).collect();
        if by.is_empty() {
            return Self::Missing { header };
        }
        Self::Stripped { header, by: by.join(", ") }
    }
}

fn fmt_stripped(header: &HeaderName, by: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(
        f,
        "the request has no header `{header}`, and came through a proxy ({by}): let the proxy \
         forward the header, and the client send it"
    )?;
    if header.as_str().contains('_') {
        f.write_str("; nginx drops a header that has `_` in its name")?;
    }
    Ok(())
}

/// What proxies add to a request; each CDN's own headers say whose settings to look at.
const PROXIES: &[(&str, &str)] = &[
    ("cf-ray", " (Cloudflare)"),
    ("x-amz-cf-id", " (CloudFront)"),
    ("fastly-ff", " (Fastly)"),
    ("fastly-client-ip", " (Fastly)"),
    ("akamai-origin-hop", " (Akamai)"),
    ("x-azure-ref", " (Azure Front Door)"),
    ("x-varnish", " (Varnish)"),
    ("cdn-loop", ""),
    ("via", ""),
    ("forwarded", ""),
    ("x-forwarded-for", ""),
    ("x-forwarded-host", ""),
    ("x-forwarded-proto", ""),
    ("x-real-ip", ""),
    ("x-cache", ""),
];

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn every_header_that_a_proxy_adds_is_named_without_its_value() {
        let header = HeaderName::from_static("x-service-key");
        let mut all = HeaderMap::new();
        for (name, whose) in PROXIES {
            let mut headers = HeaderMap::new();
            headers.insert(*name, HeaderValue::from_static("hunter2"));
            all.extend(headers.clone());
            let refusal = KeyRefusal::absent(&header, &headers);
            let expected = format!("came through a proxy (`{name}`{whose}): ");
            assert!(refusal.to_string().contains(&expected), "{refusal}");
            assert!(!format!("{refusal} {refusal:?}").contains("hunter2"));
        }
        let refusal = KeyRefusal::absent(&header, &all).to_string();
        assert!(PROXIES.iter().all(|(name, _)| refusal.contains(name)), "{refusal}");
    }

    #[test]
    fn a_name_that_nginx_drops_is_pointed_out() {
        let told = |header| {
            let headers = HeaderMap::from_iter([(
                HeaderName::from_static("via"),
                HeaderValue::from_static("1.1 a"),
            )]);
            KeyRefusal::absent(&HeaderName::from_static(header), &headers).to_string()
        };
        assert!(told("x_service_key").contains("nginx"));
        assert!(!told("x-service-key").contains("nginx"));
    }
}
