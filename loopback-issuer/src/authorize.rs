//! The authorization endpoint: a page that asks a human, and the way back with the answer.

use crate::form::{self, Fields, encoded};
use crate::grants::{Access, CLIENT_ID, Consent, Grants};
use crate::loopback::{Head, Reply, Request};

/// Shows what is asked for, with a button to allow it and one to deny it.
pub(crate) fn ask(request: &Head) -> Reply {
    let query = request.target().split_once('?').map_or("", |(_, query)| query);
    let fields = form::fields(query).unwrap_or_default();
    match consent(&fields) {
        Ok(consent) => page(200, &question(&fields, &consent)),
        Err(wrong) => refusal(&wrong),
    }
}

/// Sends the browser back to the client with a code, or with the denial. The request is checked
/// again: what the page had may have been changed.
pub(crate) fn decide(request: &Request, grants: &mut Grants) -> Reply {
    let Some(fields) = request.form() else { return refusal("the decision is no form") };
    let consent = match consent(&fields) {
        Ok(consent) => consent,
        Err(wrong) => return refusal(&wrong),
    };
    let back = consent.redirect_uri.clone();
    let answer = match fields.get("decision").map(String::as_str) {
        Some("allow") => format!("code={}", encoded(&grants.allow(consent))),
        Some("deny") => "error=access_denied".to_owned(),
        _ => return refusal("decision: allow or deny"),
    };
    let state = fields.get("state").map(|state| format!("&state={}", encoded(state)));
    let joint = if back.contains('?') { '&' } else { '?' };
    let location = format!("{back}{joint}{answer}{}", state.unwrap_or_default());
    html(303, "").header("Location", &location)
}

/// What is asked for; else what is wrong with it. Whatever is wrong, the browser is sent nowhere.
fn consent(fields: &Fields) -> Result<Consent, String> {
    let field = |name| fields.get(name).map_or("", String::as_str);
    let checks = [
        ("client_id", field("client_id") == CLIENT_ID, "a client that is known here"),
        ("redirect_uri", is_loopback(field("redirect_uri")), "http on 127.0.0.1 or localhost"),
        ("response_type", field("response_type") == "code", "code"),
        ("code_challenge_method", field("code_challenge_method") == "S256", "S256"),
        ("code_challenge", is_challenge(field("code_challenge")), "43 characters of base64url"),
        ("scope", !field("scope").is_empty(), "at least one scope"),
    ];
    if let Some((name, _, expected)) = checks.into_iter().find(|(_, good, _)| !good) {
        return Err(format!("{name}: {expected}"));
    }
    let asks_offline = field("scope").split(' ').any(|scope| scope == "offline_access");
    let offline = asks_offline || field("access_type") == "offline";
    Ok(Consent {
        redirect_uri: field("redirect_uri").to_owned(),
        challenge: field("code_challenge").to_owned(),
        scope: field("scope").to_owned(),
        access: if offline { Access::Offline } else { Access::Online },
    })
}

/// A redirect to any port of this machine's loopback (RFC 8252, 7.3), and nowhere else.
fn is_loopback(uri: &str) -> bool {
    let Some(rest) = uri.strip_prefix("http://") else { return false };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (host, port) = authority.rsplit_once(':').unwrap_or((authority, "80"));
    matches!(host, "127.0.0.1" | "localhost" | "[::1]")
        && port.parse::<u16>().is_ok_and(|port| port > 0)
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#')
}

fn is_challenge(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

/// The form carries the request on, so that nothing is kept of those who never answer.
fn question(fields: &Fields, consent: &Consent) -> String {
    let mut carried: Vec<_> = fields.iter().collect();
    carried.sort();
    let carried: String = carried
        .into_iter()
        .map(|(name, value)| {
            let (name, value) = (escaped(name), escaped(value));
            format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
        })
        .collect();
    let scopes: String =
        consent.scope.split(' ').map(|scope| format!("<li>{}</li>", escaped(scope))).collect();
    format!(
        "<h1>May {CLIENT_ID} do this for you?</h1><ul>{scopes}</ul>\
         <form method=\"post\" action=\"/authorize/decision\">{carried}\
         <button name=\"decision\" value=\"allow\">Allow</button> \
         <button name=\"decision\" value=\"deny\">Deny</button></form>"
    )
}

fn refusal(wrong: &str) -> Reply {
    page(400, &format!("<h1>This request is malformed</h1><p>{}</p>", escaped(wrong)))
}

fn page(status: u16, body: &str) -> Reply {
    let head = "<!doctype html><meta charset=\"utf-8\"><title>Loopback issuer</title>";
    html(status, &format!("{head}{body}"))
}

/// In which nothing runs, and which nothing else may hold.
fn html(status: u16, body: &str) -> Reply {
    Reply::new(status)
        .body("text/html; charset=utf-8", body)
        .header("Cache-Control", "no-store")
        .header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        .header("Referrer-Policy", "no-referrer")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_sent_to_loopback_and_nowhere_else() {
        for good in [
            "http://127.0.0.1:4242/callback",
            "http://localhost:1",
            "http://[::1]:80/?a=b",
            "http://127.0.0.1/",
        ] {
            assert!(is_loopback(good), "{good}");
        }
        for bad in [
            "",
            "https://127.0.0.1:4242/",
            "http://example.com/",
            "http://127.0.0.1.example.com/",
            "http://127.0.0.1:80@example.com/",
            "http://127.0.0.1:0/",
            "http://127.0.0.1:99999/",
            "http://127.0.0.1:80/#here",
            "http://127.0.0.1:80/\r\nSet-Cookie: a=b",
            "//127.0.0.1/",
        ] {
            assert!(!is_loopback(bad), "{bad}");
        }
    }
}
