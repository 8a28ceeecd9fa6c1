//! A request as it is put together, and its tries.

use std::{fmt, time::Duration};

use hyper::{
    HeaderMap, Method,
    body::Bytes,
    header::{
        AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, HeaderValue,
        TRANSFER_ENCODING,
    },
};
use serde::{Serialize, de::DeserializeOwned};

use super::{Answer, ApiUrl, GoogleClient, Renewals, outgoing::Outgoing, tries::Tries};
use crate::Error;

/// A request that is yet to be sent; nothing happens before that. `Debug` shows its method and
/// its URL without the query.
#[must_use = "a call does nothing until it is sent"]
pub struct Call {
    client: GoogleClient,
    /// Or the first mistake that was made in putting it together.
    outgoing: Result<Outgoing, Error>,
}

impl Call {
    /// Bytes of an answer's body at most, unless it is said otherwise: 16 MiB.
    pub const ANSWER_LIMIT: usize = 16 * 1024 * 1024;

    pub(super) fn new(client: GoogleClient, method: Method, url: Result<ApiUrl, Error>) -> Self {
        let outgoing = url.map(|url| Outgoing {
            repeatable: method.is_idempotent(),
            method,
            url,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            limit: Self::ANSWER_LIMIT,
        });
        Self { client, outgoing }
    }

    /// Adds a parameter to the URL's query, escaped.
    pub fn query(self, name: &str, value: &str) -> Self {
        self.with(|it| it.url = it.url.clone().with_query(name, value))
    }

    /// Adds a header, or replaces it. `Authorization`, `Host` and what frames the body are set
    /// from what they speak of.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.try_with(|it| {
            let refused = || Error::Refused {
                action: format!("giving {it} the header `{}`", name.escape_debug()),
                mend: "give it a name and a value that a header may have, and none of those that \
                       are set for you"
                    .to_owned(),
                source: None,
            };
            let name = HeaderName::try_from(name).ok().filter(|name| !OURS.contains(name));
            let value = HeaderValue::try_from(value).ok();
            let (name, value) = name.zip(value).ok_or_else(refused)?;
            it.headers.insert(name, value);
            Ok(())
        })
    }

    /// Sends `bytes` of this content type, such as `message/rfc822`.
    pub fn body(self, content_type: &str, bytes: impl Into<Bytes>) -> Self {
        let call = self.with(|it| it.body = bytes.into());
        call.header(CONTENT_TYPE.as_str(), content_type)
    }

    /// Sends `value` as JSON.
    pub fn json(self, value: &(impl Serialize + ?Sized)) -> Self {
        match serde_json::to_vec(value) {
            Ok(bytes) => self.body("application/json", bytes),
            Err(error) => self.try_with(|it| {
                Err(Error::Refused {
                    action: format!("writing the body of {it} as JSON"),
                    mend: "give it a value that JSON can hold".to_owned(),
                    source: Some(std::sync::Arc::new(error)),
                })
            }),
        }
    }

    /// Says that sending it twice does nothing twice, whatever its method: it only reads, or it
    /// names what it makes by an id of the caller's. It is tried again then.
    pub fn repeatable(self) -> Self {
        self.with(|it| it.repeatable = true)
    }

    /// Takes an answer of up to `bytes` instead of [`ANSWER_LIMIT`](Self::ANSWER_LIMIT).
    pub fn answer_limit(self, bytes: usize) -> Self {
        self.with(|it| it.limit = bytes)
    }

    /// Ends each try after `timeout` instead of the client's
    /// [time-out](crate::GoogleClientBuilder::timeout).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.client.settings.timeout = timeout;
        self
    }

    /// Begins no try later than this after the first instead of the client's
    /// [deadline](crate::GoogleClientBuilder::deadline).
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.client.settings.deadline = deadline;
        self
    }

    /// Sends it, again where that is safe, and gives back the successful answer. A caller who
    /// drops the future does not know whether it was executed.
    ///
    /// # Errors
    ///
    /// [`Error::Api`] for any status but 200 to 299, [`Error::Connect`], [`Error::Ambiguous`],
    /// [`Error::Decode`] for an answer beyond its limit, [`Error::Refused`] for a mistake in
    /// putting it together, and those of [`TokenProvider::token`](crate::TokenProvider::token). Of
    /// those that [heal by themselves](Error::is_transient), a repeatable call has used up its
    /// tries; another call later is worth while.
    pub async fn send(self) -> Result<Answer, Error> {
        let (client, outgoing) = self.into_parts()?;
        let mut tries = Tries::new(&client.settings, outgoing.body.len());
        let mut renewals = Renewals::default();
        loop {
            match client.answer(&outgoing, &mut renewals).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => tries.pause(failure).await?,
            }
        }
    }

    /// Sends it, and reads the answer as JSON.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send), and [`Error::Decode`] for what is no JSON of that shape.
    pub async fn fetch<T: DeserializeOwned>(self) -> Result<T, Error> {
        self.send().await?.json()
    }

    pub(super) fn query_unless_there(self, name: &str, value: &str) -> Self {
        match &self.outgoing {
            Ok(outgoing) if outgoing.url.has_query(name) => self,
            _ => self.query(name, value),
        }
    }

    pub(super) fn into_parts(self) -> Result<(GoogleClient, Outgoing), Error> {
        Ok((self.client, self.outgoing?))
    }

    fn with(self, change: impl FnOnce(&mut Outgoing)) -> Self {
        self.try_with(|outgoing| {
            change(outgoing);
            Ok(())
        })
    }

    fn try_with(mut self, change: impl FnOnce(&mut Outgoing) -> Result<(), Error>) -> Self {
        if let Ok(outgoing) = &mut self.outgoing
            && let Err(mistake) = change(outgoing)
        {
            self.outgoing = Err(mistake);
        }
        self
    }
}

impl GoogleClient {
    pub(super) async fn answer(
        &self,
        outgoing: &Outgoing,
        renewals: &mut Renewals,
    ) -> Result<Answer, Error> {
        let reply = self.attempt(outgoing, renewals).await?;
        match reply.status.is_success() {
            true => Answer::whole(reply, outgoing),
            false => Err(reply.refusal(outgoing, self.clock.now().wall)),
        }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outgoing {
            Ok(outgoing) => write!(f, "Call({outgoing})"),
            Err(mistake) => write!(f, "Call({mistake})"),
        }
    }
}

const OURS: [HeaderName; 5] = [AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING];
