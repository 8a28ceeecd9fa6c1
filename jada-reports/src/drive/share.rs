//! Who may see a file.

use jada_auth::ApiUrl;
use serde_json::{Value, json};

use super::wire::{Permission, Permissions};
use super::{Drive, DriveFile, FILES, PAGES, ROUNDS, Share, failed};
use crate::error::Error;

impl Drive {
    /// Gives the permission that is wanted, unless it is given already.
    pub(super) async fn share(&self, file: &DriveFile, id: &str) -> Result<(), Error> {
        let Some(wanted) = file.share.permission() else { return Ok(()) };
        let failed = || failed(format!("sharing `{}` ({id})", file.name));
        let url = ApiUrl::fill(&format!("{FILES}/{{}}/permissions"), [id]).map_err(failed())?;
        let mut round = 1;
        loop {
            match self.is_shared(&url, &file.share).await.map_err(failed())? {
                Some(true) => return Ok(()),
                Some(false) => {}
                None => return Err(file.has_endless_list()),
            }
            match self.give(&url, &wanted).await {
                Err(jada_auth::Error::Decode { .. }) if round < ROUNDS => round += 1,
                given => return given.map_err(failed()),
            }
        }
    }

    /// The same beneficiary has one permission, however often it is given.
    async fn give(&self, url: &ApiUrl, wanted: &Value) -> Result<(), jada_auth::Error> {
        let call = self.google.post(url.clone()).query("supportsAllDrives", "true");
        let call = call.query("fields", "type,domain").json(wanted).repeatable();
        Box::pin(call.fetch()).await.map(|_: Permission| ())
    }

    /// None where the list does not end.
    async fn is_shared(
        &self,
        url: &ApiUrl,
        share: &Share,
    ) -> Result<Option<bool>, jada_auth::Error> {
        let mut token = None::<String>;
        for _ in 0..PAGES {
            let page: Permissions = self
                .read(|google| {
                    let fields = "nextPageToken,permissions(type,domain)";
                    let list = google.get(url.clone()).query("fields", fields);
                    token.iter().fold(list, |list, token| list.query("pageToken", token))
                })
                .await?;
            if page.permissions.iter().any(|permission| share.is_given_by(permission)) {
                return Ok(Some(true));
            }
            token = page.next_page_token;
            if token.is_none() {
                return Ok(Some(false));
            }
        }
        Ok(None)
    }
}

impl Share {
    fn permission(&self) -> Option<Value> {
        match self {
            Self::None => None,
            Self::Domain(domain) => {
                Some(json!({ "type": "domain", "role": "reader", "domain": domain }))
            }
            Self::Anyone => Some(json!({ "type": "anyone", "role": "reader" })),
        }
    }

    /// Whoever may edit or comment may see as well.
    fn is_given_by(&self, given: &Permission) -> bool {
        match self {
            Self::None => false,
            Self::Domain(domain) => {
                let given_to = given.domain.as_deref().unwrap_or_default();
                given.kind == "domain" && given_to.eq_ignore_ascii_case(domain)
            }
            Self::Anyone => given.kind == "anyone",
        }
    }
}
