//! How the bytes of a mail get to Gmail: as they are, never base64 in JSON.

use bytes::Bytes;
use http::Method as Verb;
use jada_auth::{Answer, GoogleClient};
use serde_json::{Value, json};

use super::{Gmail, Step, UPLOAD, method::Method};
use crate::{Error, Letter, ThreadId};

/// What a mail is uploaded as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Upload {
    Mail,
    Draft,
}

impl Upload {
    fn method(self) -> Method {
        match self {
            Self::Mail => Method::MessagesSend,
            Self::Draft => Method::DraftsCreate,
        }
    }

    fn url(self) -> String {
        match self {
            Self::Mail => format!("{UPLOAD}/messages/send"),
            Self::Draft => format!("{UPLOAD}/drafts"),
        }
    }

    fn metadata(self, thread_id: &ThreadId) -> Value {
        let mail = json!({ "threadId": thread_id.as_str() });
        match self {
            Self::Mail => mail,
            Self::Draft => json!({ "message": mail }),
        }
    }
}

impl Gmail {
    /// # Errors
    ///
    /// Each of the four of a [`Transport`](crate::Transport), and [`Error::TooLarge`] before
    /// anything is sent.
    pub(super) async fn upload(&self, upload: Upload, letter: &Letter) -> Result<Answer, Error> {
        let (bytes, limit) = (letter.bytes().len() as u64, Self::LIMIT as u64);
        if bytes > limit {
            return Err(Error::TooLarge { what: "the mail has", bytes, limit });
        }
        let google = self.ready(upload.method()).await?;
        let metadata = letter.thread_id().map(|thread_id| upload.metadata(thread_id));
        let answer = match metadata {
            metadata if letter.bytes().len() > self.resumable_above => {
                self.in_parts(&google, upload, metadata, letter).await
            }
            Some(metadata) => {
                let call = google.post(upload.url()).query("uploadType", "multipart");
                let (content_type, body) = related(&metadata, letter.bytes());
                call.body(&content_type, body).send().await
            }
            None => {
                let call = google.post(upload.url()).query("uploadType", "media");
                call.body(RFC822, letter.bytes().clone()).send().await
            }
        };
        answer.map_err(|failure| self.sorted(Step::Sending, failure))
    }

    async fn in_parts(
        &self,
        google: &GoogleClient,
        upload: Upload,
        metadata: Option<Value>,
        letter: &Letter,
    ) -> Result<Answer, jada_auth::Error> {
        let mut parts = google.upload(Verb::POST, upload.url()).chunk_size(PART);
        if let Some(metadata) = metadata {
            parts = parts.metadata(&metadata);
        }
        if let Some(progress) = self.progress.clone() {
            parts = parts.progress(move |so_far| progress(so_far));
        }
        parts.bytes(RFC822, letter.bytes().clone()).await
    }
}

/// A [multipart upload](https://developers.google.com/workspace/gmail/api/guides/uploads#multipart):
/// its content type and its body.
fn related(metadata: &Value, mail: &Bytes) -> (String, Bytes) {
    let boundary = boundary(mail);
    let head = format!(
        "--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{metadata}\r\n\
         --{boundary}\r\nContent-Type: {RFC822}\r\n\r\n"
    );
    let end = format!("\r\n--{boundary}--\r\n");
    let body = [head.as_bytes(), mail, end.as_bytes()].concat();
    (format!("multipart/related; boundary={boundary}"), body.into())
}

/// One that does not occur in the mail.
fn boundary(mail: &[u8]) -> String {
    let mut attempt = 0_u64;
    loop {
        let boundary = format!("jada-upload-{attempt}");
        if !mail.windows(boundary.len()).any(|window| window == boundary.as_bytes()) {
            return boundary;
        }
        attempt += 1;
    }
}

const RFC822: &str = "message/rfc822";
/// Small enough that a bar moves, and large enough that the pauses between two parts do not count.
const PART: usize = 2 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use jada_auth::{AccessToken, Clock, FixedProvider, Scopes, SystemClock};

    use super::*;

    #[tokio::test]
    async fn a_mail_beyond_the_limit_is_refused_by_its_size_alone() {
        // Without a scope it would be blocked.
        let token = AccessToken::builder("good", SystemClock.now()).build().unwrap();
        let google = GoogleClient::new(FixedProvider::new(token), Scopes::default());
        let bytes = vec![b'x'; Gmail::LIMIT + 1].into();
        let (key, id) = ("a".parse().unwrap(), "a@b".parse().unwrap());
        let letter = Letter::from_parts(key, id, None, bytes);
        for upload in [Upload::Mail, Upload::Draft] {
            let error = Gmail::new(google.clone()).upload(upload, &letter).await.unwrap_err();
            let Error::TooLarge { bytes, limit, .. } = error else { panic!("{error:?}") };
            assert_eq!((bytes, limit), (36_700_161, 36_700_160));
        }
    }

    #[test]
    fn the_boundary_of_an_upload_does_not_occur_in_the_mail() {
        let mail = Bytes::from_static(b"a\r\n--jada-upload-0--\r\nb jada-upload-1");
        let (content_type, body) = related(&json!({ "threadId": "t" }), &mail);
        assert_eq!(content_type, "multipart/related; boundary=jada-upload-2");
        let expected = "--jada-upload-2\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n\
            {\"threadId\":\"t\"}\r\n--jada-upload-2\r\nContent-Type: message/rfc822\r\n\r\n\
            a\r\n--jada-upload-0--\r\nb jada-upload-1\r\n--jada-upload-2--\r\n";
        assert_eq!(body, expected);
    }
}
