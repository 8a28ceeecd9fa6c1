//! The state as google-auth's authorized-user JSON has it, and the object `jada` beside.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde_json::{Value, json};

use super::Document;
use crate::{
    Dead, Error, FileProblem, Fingerprint, GOOGLE_TOKEN_URI, Heals, NotBefore, OAuthClient, Scopes,
    Secret, State, StoredToken,
};

/// The state in a file, but for its mark.
///
/// # Errors
///
/// [`Error::File`] for a field of the wrong type, and for a version that is not known yet.
pub(crate) fn state(document: &Document) -> Result<State, Error> {
    if document.text("type")?.is_some_and(|kind| kind != AUTHORIZED_USER) {
        return Err(document.unusable("type"));
    }
    check_version(document)?;
    Ok(State {
        client: client(document)?,
        refresh_token: secret(document, "refresh_token")?,
        token: token(document)?,
        generation: document.number("jada.generation")?.unwrap_or(0),
        identity: document.parsed("jada.identity")?,
        renewed_by: document.parsed("jada.renewed_by")?,
        dead: dead(document)?,
        not_before: not_before(document)?,
        pending: None,
    })
}

/// The fingerprint of the seed that was adopted last.
pub(super) fn seed(document: &Document) -> Result<Option<Fingerprint>, Error> {
    document.parsed("jada.seed")
}

/// Puts the state, but for its mark, where another may stand. A client that is none leaves the one
/// that is there.
pub(super) fn write(state: &State, document: &mut Document) {
    if let Some(client) = &state.client {
        document.set("type", Some(AUTHORIZED_USER.into()));
        document.set("client_id", Some(client.id.as_str().into()));
        // google-auth wants the field, also where there is no secret.
        let secret = client.secret.as_ref().map_or("", Secret::expose);
        document.set("client_secret", Some(secret.into()));
        document.set("token_uri", Some(client.token_uri.as_str().into()));
    }
    document.set("refresh_token", state.refresh_token.as_ref().map(|text| text.expose().into()));
    let token = state.token.as_ref();
    let scopes = token.and_then(|token| token.scopes.as_ref()).map(list);
    document.set("token", token.map(|token| token.secret.expose().into()));
    document.set("expiry", token.and_then(|token| token.expires_at).map(in_seconds));
    if scopes.is_some() {
        document.set("scopes", scopes.clone());
    }
    document.set("jada.version", Some(VERSION.into()));
    document.set("jada.generation", Some(state.generation.into()));
    document.set("jada.minted_at", token.and_then(|token| token.minted_at).map(instant));
    document.set("jada.granted_scopes", scopes);
    document.set("jada.identity", state.identity.map(fingerprint));
    document.set("jada.renewed_by", state.renewed_by.map(fingerprint));
    document.set("jada.dead", state.dead.as_ref().map(dead_value));
    document.set("jada.not_before", state.not_before.as_ref().map(not_before_value));
}

pub(super) fn fingerprint(fingerprint: Fingerprint) -> Value {
    fingerprint.to_string().into()
}

pub(super) fn instant(at: Timestamp) -> Value {
    at.to_string().into()
}

/// The client that a file names; its token endpoint is Google's where it names none.
pub(crate) fn client(document: &Document) -> Result<Option<OAuthClient>, Error> {
    let Some(id) = document.text("client_id")?.filter(|id| !id.is_empty()) else {
        return Ok(None);
    };
    let token_uri = document.text("token_uri")?.unwrap_or(GOOGLE_TOKEN_URI);
    let mut client = OAuthClient::new(id, token_uri);
    client.secret = secret(document, "client_secret")?;
    Ok(Some(client))
}

fn check_version(document: &Document) -> Result<(), Error> {
    let known = !document.has_object("jada")?
        || document.number("jada.version")?.is_none_or(|version| version <= VERSION);
    if known {
        return Ok(());
    }
    Err(Error::File {
        path: document.path().to_owned(),
        problem: FileProblem::Field { field: "jada.version" },
        mend: "a newer version of this program wrote it: upgrade this one; nothing was changed"
            .to_owned(),
        source: None,
    })
}

fn secret(document: &Document, field: &'static str) -> Result<Option<Secret>, Error> {
    Ok(document.text(field)?.filter(|text| !text.is_empty()).map(Secret::new))
}

fn token(document: &Document) -> Result<Option<StoredToken>, Error> {
    let Some(secret) = secret(document, "token")? else { return Ok(None) };
    Ok(Some(StoredToken {
        secret,
        minted_at: document.parsed("jada.minted_at")?,
        expires_at: document.value("expiry").and_then(Value::as_str).and_then(expiry),
        scopes: granted(document),
    }))
}

/// google-auth writes no zone in old files, and means UTC.
fn expiry(text: &str) -> Option<Timestamp> {
    let zoned = text.parse().ok();
    let plain = || TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok();
    zoned.or_else(plain)
}

/// What another program wrote is what it asked for, which is as near as one gets.
fn granted(document: &Document) -> Option<Scopes> {
    if document.value("jada").is_some() {
        return scopes(document.value("jada.granted_scopes")?);
    }
    scopes(document.value("scopes")?).filter(|scopes| !scopes.is_empty())
}

fn scopes(value: &Value) -> Option<Scopes> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Array(list) => {
            let texts: Option<Vec<_>> = list.iter().map(Value::as_str).collect();
            Scopes::new(texts?).ok()
        }
        _ => None,
    }
}

fn dead(document: &Document) -> Result<Option<Dead>, Error> {
    if !document.has_object("jada.dead")? {
        return Ok(None);
    }
    let missing = |field| move || document.unusable(field);
    Ok(Some(Dead {
        grant: document.parsed("jada.dead.grant")?.ok_or_else(missing("jada.dead.grant"))?,
        code: document.text("jada.dead.code")?.unwrap_or_default().to_owned(),
        mend: document.text("jada.dead.mend")?.map(str::to_owned),
        heals: heals(document, "jada.dead.heals")?,
        at: document.parsed("jada.dead.at")?.ok_or_else(missing("jada.dead.at"))?,
    }))
}

fn dead_value(dead: &Dead) -> Value {
    json!({
        "grant": fingerprint(dead.grant),
        "code": dead.code,
        "mend": dead.mend,
        "heals": heals_text(dead.heals),
        "at": instant(dead.at),
    })
}

fn not_before(document: &Document) -> Result<Option<NotBefore>, Error> {
    if !document.has_object("jada.not_before")? {
        return Ok(None);
    }
    let missing = |field| move || document.unusable(field);
    let attempts = document.number("jada.not_before.attempts")?.unwrap_or(1);
    let [from, until] = ["jada.not_before.from", "jada.not_before.until"];
    Ok(Some(NotBefore {
        from: document.parsed(from)?.ok_or_else(missing(from))?,
        until: document.parsed(until)?.ok_or_else(missing(until))?,
        attempts: attempts.try_into().unwrap_or(u32::MAX),
        asked: document.parsed("jada.not_before.asked")?,
        code: document.text("jada.not_before.code")?.unwrap_or_default().to_owned(),
        mend: document.text("jada.not_before.mend")?.map(str::to_owned),
        heals: heals(document, "jada.not_before.heals")?,
    }))
}

fn not_before_value(mark: &NotBefore) -> Value {
    json!({
        "from": instant(mark.from),
        "until": instant(mark.until),
        "attempts": mark.attempts,
        "asked": mark.asked.map(fingerprint),
        "code": mark.code,
        "mend": mark.mend,
        "heals": heals_text(mark.heals),
    })
}

fn heals(document: &Document, field: &'static str) -> Result<Heals, Error> {
    let text = document.required(field)?;
    let all = [Heals::ByItself, Heals::ByConsent, Heals::ByConfiguration];
    let found = all.into_iter().find(|heals| heals_text(*heals) == text);
    found.ok_or_else(|| document.unusable(field))
}

fn heals_text(heals: Heals) -> &'static str {
    match heals {
        Heals::ByItself => "by_itself",
        Heals::ByConsent => "by_consent",
        Heals::ByConfiguration => "by_configuration",
    }
}

fn list(scopes: &Scopes) -> Value {
    scopes.iter().collect()
}

/// google-auth reads neither a fraction nor another zone.
fn in_seconds(at: Timestamp) -> Value {
    format!("{at:.0}").into()
}

const AUTHORIZED_USER: &str = "authorized_user";
const VERSION: u64 = 1;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn document(value: &Value) -> Document {
        Document::parse(Path::new("token.json"), value.to_string().as_bytes()).unwrap()
    }

    fn read(value: &Value) -> Result<State, Error> {
        state(&document(value))
    }

    fn field_of(value: &Value) -> &'static str {
        match read(value).unwrap_err() {
            Error::File { problem: FileProblem::Field { field }, .. } => field,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_google_auth_wrote_is_read() {
        let state = read(&json!({
            "type": "authorized_user", "client_id": "id", "client_secret": "hush",
            "refresh_token": "1//r", "token_uri": "https://issuer.example/token",
            "token": "ya29.t", "expiry": "2026-05-01T12:00:00.123456Z",
            "scopes": ["mail", "drive"], "universe_domain": "googleapis.com", "account": "",
        }))
        .unwrap();
        let (client, token) = (state.client.unwrap(), state.token.unwrap());
        assert_eq!((client.id.as_str(), client.secret.unwrap().expose()), ("id", "hush"));
        assert_eq!(client.token_uri, "https://issuer.example/token");
        assert_eq!(state.refresh_token.unwrap().expose(), "1//r");
        assert_eq!(token.secret.expose(), "ya29.t");
        assert_eq!(token.expires_at.unwrap().to_string(), "2026-05-01T12:00:00.123456Z");
        assert_eq!(token.scopes.unwrap().to_string(), "drive mail");
        assert_eq!((state.generation, token.minted_at), (0, None));
    }

    #[test]
    fn an_expiry_in_any_of_its_forms_is_read_and_any_other_is_none() {
        let noon = Some("2026-05-01T12:00:00Z".parse().unwrap());
        let cases = [
            (json!("2026-05-01T12:00:00Z"), noon),
            (json!("2026-05-01T12:00:00"), noon),
            (json!("2026-05-01T14:00:00+02:00"), noon),
            (json!("tomorrow"), None),
            (json!(""), None),
            (json!(1_777_636_800), None),
            (Value::Null, None),
        ];
        for (expiry, expected) in cases {
            let state = read(&json!({"token": "t", "expiry": expiry})).unwrap();
            assert_eq!(state.token.unwrap().expires_at, expected, "{expiry}");
        }
        assert_eq!(read(&json!({"token": "t"})).unwrap().token.unwrap().expires_at, None);
    }

    #[test]
    fn an_expiry_is_written_as_google_auth_reads_it() {
        let mut token = StoredToken::new("t");
        token.expires_at = Some("2026-05-01T12:00:00.999999999Z".parse().unwrap());
        let mut document = Document::empty(Path::new("token.json"));
        write(&State { token: Some(token), ..State::default() }, &mut document);
        assert_eq!(document.text("expiry").unwrap(), Some("2026-05-01T12:00:00Z"));
        for absent in ["type", "client_id", "client_secret", "token_uri", "refresh_token"] {
            assert_eq!(document.value(absent), None, "{absent}");
        }
    }

    #[test]
    fn scopes_may_be_one_text_and_ours_go_before_what_was_asked_for() {
        let scopes = |value: &Value| {
            let scopes = read(value).unwrap().token.unwrap().scopes;
            scopes.map(|scopes| scopes.to_string())
        };
        assert_eq!(scopes(&json!({"token": "t", "scopes": "b a"})).as_deref(), Some("a b"));
        assert_eq!(scopes(&json!({"token": "t", "scopes": []})), None);
        assert_eq!(scopes(&json!({"token": "t", "scopes": 7})), None);
        let ours = json!({"token": "t", "scopes": ["a", "b"], "jada": {"granted_scopes": ["a"]}});
        assert_eq!(scopes(&ours).as_deref(), Some("a"));
        assert_eq!(scopes(&json!({"token": "t", "scopes": ["a"], "jada": {}})), None);
    }

    #[test]
    fn a_field_of_the_wrong_type_is_named() {
        let cases = [
            (json!({"type": "service_account"}), "type"),
            (json!({"refresh_token": 7}), "refresh_token"),
            (json!({"token": ["s3cr3t"]}), "token"),
            (json!({"jada": "s3cr3t"}), "jada"),
            (json!({"jada": {"version": 2}}), "jada.version"),
            (json!({"jada": {"version": "1"}}), "jada.version"),
            (json!({"jada": {"generation": -1}}), "jada.generation"),
            (json!({"jada": {"identity": "s3cr3t"}}), "jada.identity"),
            (json!({"jada": {"dead": {}}}), "jada.dead.grant"),
            (json!({"jada": {"not_before": {}}}), "jada.not_before.from"),
        ];
        for (value, field) in cases {
            assert_eq!(field_of(&value), field);
            let error = read(&value).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cr3t"), "{error:?}");
        }
    }

    #[test]
    fn a_newer_version_is_to_be_met_by_an_upgrade() {
        let error = read(&json!({"jada": {"version": 2}})).unwrap_err().to_string();
        assert!(error.contains("upgrade"), "{error}");
    }
}
