//! A provider of a folder of secrets, while files of the folder are mended and replaced.

use std::{fs, path::PathBuf};

use jada_auth::{Error, Origin, Scopes, SecretsDir, SharedProvider, TokenProvider};
use jada_loopback_issuer::{Fault, Issuer};
use serde_json::{Value, json};

use crate::support::{key_of, private_folder, put, scopes};

struct Folder {
    folder: tempfile::TempDir,
    issuer: Issuer,
}

impl Folder {
    fn new() -> Self {
        let issuer = Issuer::builder().rotating().scope("mail drive").start().unwrap();
        Self { folder: private_folder(), issuer }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, value: &Value) {
        put(&self.path(name), value);
    }

    fn put_client(&self, secret: &str) {
        let (id, uri) = (self.issuer.client_id(), self.issuer.token_uri());
        let client = json!({ "client_id": id, "client_secret": secret, "token_uri": uri });
        self.put("gmail_credentials.json", &json!({ "installed": client }));
    }

    fn put_key(&self, id: &str) {
        let mut key = key_of(&self.issuer.token_uri());
        key["private_key_id"] = json!(id);
        self.put("service_account.json", &key);
    }

    fn secrets(&self) -> SecretsDir {
        SecretsDir::new(self.folder.path())
    }

    fn provider(&self, scopes: &Scopes) -> SharedProvider {
        self.secrets().provider(scopes.clone()).unwrap().build()
    }
}

#[tokio::test]
async fn a_client_that_is_mended_on_disk_heals_a_running_provider() {
    let folder = Folder::new();
    folder.put_client("wrong");
    folder.secrets().save_refresh_token(&folder.issuer.consent().into()).unwrap();
    let provider = folder.provider(&scopes("mail"));
    let error = provider.token(&scopes("mail")).await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
    folder.put_client(folder.issuer.client_secret());
    provider.token(&scopes("mail")).await.unwrap();
    assert_eq!(folder.issuer.requests(), 2);
}

#[tokio::test]
async fn a_key_that_is_replaced_on_disk_heals_a_running_provider() {
    let folder = Folder::new();
    folder.put_key("deleted");
    folder.issuer.fail_next(Fault::error(400, "invalid_grant"));
    let provider = folder.provider(&scopes("mail"));
    let error = provider.token(&scopes("mail")).await.unwrap_err();
    assert!(error.to_string().contains("the key deleted"), "{error}");
    folder.put_key("new");
    let token = provider.token(&scopes("mail")).await.unwrap();
    assert!(folder.issuer.is_live(token.secret().expose()));
}

#[tokio::test]
async fn each_subject_and_set_of_scopes_has_a_token_of_its_own_on_disk() {
    let folder = Folder::new();
    folder.put_key("1");
    let of = |subject: &str, asked: &str| {
        let secrets = match subject {
            "" => folder.secrets(),
            subject => folder.secrets().with_subject(subject),
        };
        secrets.provider(scopes(asked)).unwrap().build()
    };
    let kinds = [("", "mail"), ("ops@example.com", "mail"), ("", "mail drive")];
    for expected in [Origin::Refreshed, Origin::Disk] {
        for (subject, asked) in kinds {
            let fetched = of(subject, asked).fetch(&scopes(asked)).await.unwrap();
            assert_eq!(fetched.origin, expected, "{subject} {asked}");
            assert_eq!(*fetched.token.scopes(), scopes(asked));
        }
    }
    assert_eq!(folder.issuer.requests(), kinds.len());
    let claims: Vec<_> = folder.issuer.recorded().iter().map(claims).collect();
    assert_eq!(claims[0].get("sub"), None);
    assert_eq!(claims[1]["sub"], "ops@example.com");
    assert_eq!(claims[2]["scope"], "drive mail");
}

/// What the assertion of a request says.
fn claims(request: &jada_loopback_issuer::Recorded) -> Value {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let assertion = request.assertion.as_ref().unwrap();
    let body = assertion.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap()
}

#[tokio::test]
async fn what_gcloud_left_is_read_and_never_written() {
    let folder = Folder::new();
    let adc = json!({
        "type": "authorized_user",
        "account": "",
        "client_id": folder.issuer.client_id(),
        "client_secret": folder.issuer.client_secret(),
        "token_uri": folder.issuer.token_uri(),
        "refresh_token": folder.issuer.consent(),
    });
    folder.put("application_default_credentials.json", &adc);
    let provider = folder.provider(&scopes("mail"));
    for _ in 0..3 {
        provider.refresh().await.unwrap();
    }
    let left = fs::read(folder.path("application_default_credentials.json")).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&left).unwrap(), adc);
    let other = folder.provider(&scopes("mail")).fetch(&scopes("mail")).await.unwrap();
    assert_eq!(other.origin, Origin::Disk);
}

#[tokio::test]
async fn a_folder_that_holds_another_credential_by_now_asks_for_a_new_start() {
    let folder = Folder::new();
    folder.put_client(folder.issuer.client_secret());
    folder.secrets().save_refresh_token(&folder.issuer.consent().into()).unwrap();
    let provider = folder.provider(&scopes("mail"));
    fs::remove_file(folder.path("refresh_token.json")).unwrap();
    folder.put_key("1");
    let error = provider.token(&scopes("mail")).await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
    assert!(error.to_string().contains("start the program anew"), "{error}");
    assert_eq!(folder.issuer.requests(), 0);
}

#[tokio::test]
async fn a_file_that_is_mended_heals_a_running_provider() {
    let folder = Folder::new();
    folder.put_client(folder.issuer.client_secret());
    let provider = folder.provider(&scopes("mail"));
    let error = provider.token(&scopes("mail")).await.unwrap_err();
    assert!(error.needs_consent(), "{error:?}");
    folder.put("refresh_token.json", &json!({}));
    fs::write(folder.path("refresh_token.json"), "").unwrap();
    assert!(matches!(provider.token(&scopes("mail")).await.unwrap_err(), Error::File { .. }));
    folder.secrets().save_refresh_token(&folder.issuer.consent().into()).unwrap();
    provider.token(&scopes("mail")).await.unwrap();
}
