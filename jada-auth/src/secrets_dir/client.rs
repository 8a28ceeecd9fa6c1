//! The OAuth client as the files name it, and which token endpoints are safe to send a secret to.

use std::path::Path;

use super::misplaced::misplaced;
use crate::{
    Error, FileProblem, GOOGLE_TOKEN_URI, OAuthClient, Secret,
    endpoint::safe,
    store::file::{Document, client_of},
};

/// The client in Google's `{"installed": {…}}` or `{"web": {…}}`, or in a bare object.
pub(super) fn downloaded(document: &Document) -> Result<OAuthClient, Error> {
    for fields in WRAPPED {
        if !document.has_object(fields.object)? {
            continue;
        }
        let token_uri = document.text(fields.token_uri)?.unwrap_or(GOOGLE_TOKEN_URI);
        let mut client = OAuthClient::new(document.required(fields.id)?, token_uri);
        let secret = document.text(fields.secret)?.filter(|secret| !secret.is_empty());
        client.secret = secret.map(Secret::new);
        client.auth_uri = auth_uri(document, fields.auth_uri).or(client.auth_uri);
        return with_safe_endpoint(document, client);
    }
    // A key has the field `client_id` too.
    if document.text("type")?.is_some_and(|kind| kind != "authorized_user") {
        return Err(misplaced(document, "type"));
    }
    authorized_user(document)
}

/// The client of the layout that has all in one file.
pub(super) fn of_one_file(document: &Document) -> Result<OAuthClient, Error> {
    if document.text("type")?.is_some_and(|kind| kind != "authorized_user") {
        return Err(misplaced(document, "type"));
    }
    authorized_user(document)
}

/// The client among the fields of an authorized user.
pub(super) fn authorized_user(document: &Document) -> Result<OAuthClient, Error> {
    let mut client = client_of(document)?.ok_or_else(|| misplaced(document, "client_id"))?;
    client.auth_uri = auth_uri(document, "auth_uri").or(client.auth_uri);
    with_safe_endpoint(document, client)
}

/// As it is written, and not yet looked at: refreshes do without it.
fn auth_uri(document: &Document, field: &str) -> Option<String> {
    document.value(field)?.as_str().filter(|uri| !uri.is_empty()).map(str::to_owned)
}

pub(super) fn with_safe_endpoint(
    document: &Document,
    client: OAuthClient,
) -> Result<OAuthClient, Error> {
    check_endpoint(document.path(), &client.token_uri)?;
    Ok(client)
}

pub(super) fn check_endpoint(path: &Path, token_uri: &str) -> Result<(), Error> {
    let Err(mend) = safe(token_uri) else { return Ok(()) };
    Err(Error::File {
        path: path.to_owned(),
        problem: FileProblem::Field { field: "token_uri" },
        mend: format!("{mend}; without the field it is Google's"),
        source: None,
    })
}

/// Looked at before a human is sent there.
#[cfg(feature = "consent")]
pub(super) fn check_auth_uri(path: &Path, client: &OAuthClient) -> Result<(), Error> {
    let mend = match client.auth_uri.as_deref().map(safe) {
        Some(Ok(_)) => return Ok(()),
        Some(Err(mend)) => mend.to_owned(),
        None => "name there the page at which the issuer asks humans for consent".to_owned(),
    };
    let problem = FileProblem::Field { field: "auth_uri" };
    Err(Error::File { path: path.to_owned(), problem, mend, source: None })
}

struct Fields {
    object: &'static str,
    id: &'static str,
    secret: &'static str,
    token_uri: &'static str,
    auth_uri: &'static str,
}

const WRAPPED: [Fields; 2] = [
    Fields {
        object: "installed",
        id: "installed.client_id",
        secret: "installed.client_secret",
        token_uri: "installed.token_uri",
        auth_uri: "installed.auth_uri",
    },
    Fields {
        object: "web",
        id: "web.client_id",
        secret: "web.client_secret",
        token_uri: "web.token_uri",
        auth_uri: "web.auth_uri",
    },
];

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(value: &Value) -> Result<OAuthClient, Error> {
        let text = value.to_string();
        downloaded(&Document::parse(Path::new("client.json"), text.as_bytes()).unwrap())
    }

    fn field_of(value: &Value) -> &'static str {
        match read(value).unwrap_err() {
            Error::File { problem: FileProblem::Field { field }, .. } => field,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_client_is_read_in_each_of_its_forms() {
        let fields = json!({"client_id": "id", "client_secret": "hush",
                            "token_uri": "https://issuer.example/token", "auth_uri": "x"});
        for value in [json!({"installed": fields}), json!({"web": fields}), fields] {
            let client = read(&value).unwrap();
            assert_eq!((client.id.as_str(), client.secret.unwrap().expose()), ("id", "hush"));
            assert_eq!(client.token_uri, "https://issuer.example/token");
            assert_eq!(client.auth_uri.as_deref(), Some("x"));
        }
        let public = read(&json!({"installed": {"client_id": "id"}})).unwrap();
        assert!(public.secret.is_none());
        assert_eq!(public.token_uri, "https://oauth2.googleapis.com/token");
    }

    #[test]
    fn where_to_consent_is_known_for_google_and_read_for_others() {
        let auth_uri = |value| read(&value).unwrap().auth_uri;
        let google = Some("https://accounts.google.com/o/oauth2/v2/auth".to_owned());
        assert_eq!(auth_uri(json!({"installed": {"client_id": "id"}})), google);
        let other = json!({"client_id": "id", "token_uri": "https://issuer.example/token"});
        assert_eq!(auth_uri(json!({"web": other})), None);
        // A refresh needs none of it.
        for useless in [json!(""), json!(7), json!(null)] {
            assert_eq!(auth_uri(json!({"client_id": "id", "auth_uri": useless})), google);
        }
    }

    #[test]
    fn a_client_without_what_it_needs_is_refused() {
        let cases = [
            (json!({}), "client_id"),
            (json!({"installed": {}}), "installed.client_id"),
            (json!({"web": {"client_id": 7}}), "web.client_id"),
            (json!({"installed": "x"}), "installed"),
            (json!({"type": "service_account", "client_id": "1"}), "type"),
            (json!({"client_id": "id", "token_uri": "http://issuer.example/"}), "token_uri"),
            (json!({"web": {"client_id": "id", "token_uri": "ftp://x/"}}), "token_uri"),
        ];
        for (value, field) in cases {
            assert_eq!(field_of(&value), field, "{value}");
        }
    }
}
