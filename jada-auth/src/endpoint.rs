//! Which token endpoints a secret may be sent to.

use std::net::{Ipv4Addr, Ipv6Addr};

use http::Uri;

/// The URL, if it is https, or http that does not leave this machine; else what mends it.
pub(crate) fn safe(text: &str) -> Result<Uri, &'static str> {
    let uri: Uri = text.parse().map_err(|_| "write a URL that is whole and escaped")?;
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err("write the URL without a user or password in it");
    }
    let host = uri.host().unwrap_or("");
    let safe = match uri.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => is_loopback(host),
        _ => false,
    };
    let mend = "write an https URL; http is for 127.0.0.1, [::1] and localhost";
    if safe { Ok(uri) } else { Err(mend) }
}

fn is_loopback(host: &str) -> bool {
    let v6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    host.eq_ignore_ascii_case("localhost")
        || host.parse().is_ok_and(|host: Ipv4Addr| host.is_loopback())
        || v6.is_some_and(|host| host.parse().is_ok_and(|host: Ipv6Addr| host.is_loopback()))
}

/// What may be printed of a text that ought to be a URL: nothing before an `@`, no query, and not
/// more than 100 characters.
pub(crate) fn shown(text: &str) -> String {
    let text = text.split(['?', '#']).next().unwrap_or("");
    let text = text.rsplit('@').next().unwrap_or("");
    text.chars().take(100).flat_map(char::escape_debug).collect()
}
