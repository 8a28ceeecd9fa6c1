//! Mails as Gmail has them, whole.

use std::fmt;

use base64::{
    Engine as _,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use jada_auth::{ApiUrl, Error as Failure};
use serde::{Deserialize, Deserializer, de};

use super::{Gmail, MessageRef, Step, USER, failure::is_gone, method::Method};
use crate::{Error, Received};

impl Gmail {
    /// Fetches a mail and reads it, its attachments with it.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`], which is worth a retry; [`Error::Refused`] for a mail that is not
    /// there any more, [`Error::Blocked`] until a person mends something, and [`Error::NotAMail`].
    pub async fn fetch(&self, mail: &MessageRef) -> Result<Received, Error> {
        received(mail, &self.raw(mail).await?)
    }

    /// Fetches the RFC 5322 bytes of a mail, as the server received them.
    ///
    /// # Errors
    ///
    /// Those of [`fetch`](Self::fetch) but the last.
    pub async fn raw(&self, mail: &MessageRef) -> Result<Vec<u8>, Error> {
        let raw = self.ask_for_raw(mail).await?;
        raw.map_err(|failure| self.sorted(Step::Reading, failure))
    }

    pub(super) async fn fetch_if_there(
        &self,
        mail: &MessageRef,
    ) -> Result<Option<Received>, Error> {
        match self.ask_for_raw(mail).await? {
            Ok(raw) => received(mail, &raw).map(Some),
            Err(failure) if is_gone(&failure) => Ok(None),
            Err(failure) => Err(self.sorted(Step::Reading, failure)),
        }
    }

    async fn ask_for_raw(&self, mail: &MessageRef) -> Result<Result<Vec<u8>, Failure>, Error> {
        let google = self.ready(Method::MessagesGet).await?;
        let url = match ApiUrl::fill(&format!("{USER}/messages/{{}}"), [mail.id()]) {
            Ok(url) => url,
            Err(failure) => return Ok(Err(failure)),
        };
        let call = google.get(url).query("format", "raw").answer_limit(LARGEST_ANSWER);
        Ok(call.fetch::<Raw>().await.map(|raw| raw.raw.0))
    }
}

fn received(mail: &MessageRef, raw: &[u8]) -> Result<Received, Error> {
    Ok(Received::parse(raw)?.with_server_ids(mail.id(), mail.thread_id().clone()))
}

#[derive(Deserialize)]
struct Raw {
    raw: Decoded,
}

/// Decoded while it is read, so that the text is not held as well.
struct Decoded(Vec<u8>);

impl<'de> Deserialize<'de> for Decoded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Decoded;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("base64url")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Decoded, E> {
                BASE64URL.decode(text).map(Decoded).map_err(|_| E::custom("it is no base64url"))
            }
        }

        deserializer.deserialize_str(Visitor)
    }
}

/// Gmail pads, and its documentation leaves that open.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// Gmail takes in mails of up to 50 MB, which are a third more in base64.
const LARGEST_ANSWER: usize = 80_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_decoded_with_padding_and_without() {
        for text in ["_-4_YQ", "_-4_YQ=="] {
            let raw: Raw = serde_json::from_value(serde_json::json!({ "raw": text })).unwrap();
            assert_eq!(raw.raw.0, [0xff, 0xee, 0x3f, b'a']);
        }
        for text in ["_-4/YQ", "a", "é"] {
            let json = serde_json::json!({ "raw": text }).to_string();
            let error = serde_json::from_str::<Raw>(&json).map(|_| ()).unwrap_err();
            assert!(error.to_string().starts_with("it is no base64url"), "{error}");
        }
    }
}
