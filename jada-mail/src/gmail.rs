//! Gmail: mails out by its API, mails found and read by it.

mod failure;
mod find;
mod list;
mod method;
mod query;
mod quota;
mod read;
mod search;
mod transport;
mod upload;
mod wire;

use std::{fmt, sync::Arc};

use jada_auth::{Call, Clock, GoogleClient, Scopes, SystemClock, UploadProgress};
use serde::de::DeserializeOwned;

use self::{
    failure::{Step, sorted},
    method::Method,
    quota::Bucket,
    wire::Profile,
};
pub use self::{
    query::{Query, QueryTime, SearchText},
    quota::Quota,
    search::{Mails, MessageRef, Search},
};
use crate::{Address, Error, Letter, Message, Receipt, Transport};

/// A Gmail account, by [its API](https://developers.google.com/workspace/gmail/api/reference/rest).
///
/// - A mail goes out as the bytes that it renders to, up to [`LIMIT`](Self::LIMIT) of them; above
///   [`RESUMABLE_ABOVE`](Self::RESUMABLE_ABOVE) it is uploaded in parts that survive a broken
///   connection.
/// - Each call asks for the smallest scope that suffices *and* was granted. For an
///   [`Outbox`](crate::Outbox), consent to [`SCOPE_COMPOSE`](Self::SCOPE_COMPOSE) and
///   [`SCOPE_READONLY`](Self::SCOPE_READONLY): they give both [proofs](crate::Proof).
/// - Calls wait for their [`Quota`] before they are made.
///
/// It is a [`Transport`], and no [`Mailer`](crate::Mailer): Gmail has no idempotency key, and may
/// put a Message-ID of its own in place of ours, so a mail that is sent twice arrives twice. An
/// [`Outbox`](crate::Outbox) in front of it sends each key once.
///
/// A clone shares connections and quota.
///
/// ```no_run
/// use jada_auth::{GoogleClient, Scopes, SecretsDir};
/// use jada_mail::Gmail;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let scopes = Scopes::new([Gmail::SCOPE_COMPOSE, Gmail::SCOPE_READONLY])?;
/// let provider = SecretsDir::from_env()?.provider(scopes.clone())?.build();
/// let gmail = Gmail::new(GoogleClient::new(provider.clone(), scopes));
/// println!("mail goes out as {}", gmail.address().await?);
/// provider.shutdown().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Gmail {
    name: Arc<str>,
    google: GoogleClient,
    quota: Arc<Bucket>,
    progress: Option<Arc<Progress>>,
    resumable_above: usize,
    clock: Arc<dyn Clock>,
}

type Progress = dyn Fn(UploadProgress) + Send + Sync;

impl Gmail {
    /// Bytes of a rendered mail at most: 36,700,160
    /// ([Google's page](https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/send)).
    pub const LIMIT: usize = 36_700_160;

    /// Bytes of a rendered mail from which on it is uploaded in parts: 5,000,000, as
    /// [Google advises](https://developers.google.com/workspace/gmail/api/guides/uploads).
    pub const RESUMABLE_ABOVE: usize = 5_000_000;

    /// The scope that sends, and no more. With it alone a lost answer stays unknown.
    pub const SCOPE_SEND: &'static str = "https://www.googleapis.com/auth/gmail.send";

    /// The scope that makes drafts and sends.
    pub const SCOPE_COMPOSE: &'static str = "https://www.googleapis.com/auth/gmail.compose";

    /// The scope that finds and reads mails.
    pub const SCOPE_READONLY: &'static str = "https://www.googleapis.com/auth/gmail.readonly";

    /// Calls by `google`, whose own scopes do not matter.
    pub fn new(google: GoogleClient) -> Self {
        Self::builder(google).build()
    }

    /// As [`new`](Self::new), with settings of your own.
    pub fn builder(google: GoogleClient) -> GmailBuilder {
        GmailBuilder(Self {
            name: "gmail".into(),
            google,
            quota: Arc::new(Bucket::new(Quota::default())),
            progress: None,
            resumable_above: Self::RESUMABLE_ABOVE,
            clock: Arc::new(SystemClock),
        })
    }

    /// Sends `message`, once for each call.
    ///
    /// It is not idempotent: to call it again after a lost answer may send the mail twice. An
    /// [`Outbox`](crate::Outbox) looks first.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`]: it was not sent, and is worth a retry. [`Error::InDoubt`]: nobody
    /// knows. [`Error::Refused`] and [`Error::TooLarge`]: not with this message. [`Error::Blocked`]:
    /// not until a person mends something.
    pub async fn send(&self, message: &Message) -> Result<Receipt, Error> {
        Transport::send(self, &Letter::of(message)).await
    }

    /// The account's own address. [`SCOPE_SEND`](Self::SCOPE_SEND) alone does not tell it.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`], which is worth a retry, [`Error::Blocked`], and [`Error::Invalid`]
    /// for what is no address.
    pub async fn address(&self) -> Result<Address, Error> {
        let google = self.ready(Method::Profile).await?;
        let profile = google.get(format!("{USER}/profile")).fetch::<Profile>().await;
        profile.map_err(|failure| self.sorted(Step::Reading, failure))?.email_address.parse()
    }

    /// Waits until the quota has room for `method`, and gives the client that may call it.
    async fn ready(&self, method: Method) -> Result<GoogleClient, Error> {
        let blocked = |failure| self.sorted(Step::Proving, failure);
        let granted = self.granted().await?;
        let scope = method.scope(&granted).map_err(blocked)?;
        self.quota.take(method).await;
        Ok(self.google.with_scopes(scope))
    }

    /// Reads what may be read again, where an answer came that is none of Gmail's: a proxy's page.
    async fn read<T: DeserializeOwned>(
        &self,
        method: Method,
        call: impl Fn(&GoogleClient) -> Call,
    ) -> Result<Result<T, jada_auth::Error>, Error> {
        let mut reads = 1;
        loop {
            let call = call(&self.ready(method).await?);
            match call.fetch().await {
                Err(jada_auth::Error::Decode { .. }) if reads < READS => reads += 1,
                read => return Ok(read),
            }
        }
    }

    /// What the account's owner has consented to.
    async fn granted(&self) -> Result<Scopes, Error> {
        let token = self.google.provider().token(&Scopes::default()).await;
        let token = token.map_err(|failure| self.sorted(Step::Proving, failure))?;
        Ok(token.scopes().clone())
    }

    fn sorted(&self, step: Step, failure: jada_auth::Error) -> Error {
        sorted(failure, step, self.clock.now().wall)
    }
}

impl fmt::Debug for Gmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gmail")
            .field("google", &self.google)
            .field("quota", &self.quota)
            .field("resumable_above", &self.resumable_above)
            .finish_non_exhaustive()
    }
}

/// What a [`Gmail`] is built from.
#[derive(Clone, Debug)]
pub struct GmailBuilder(Gmail);

impl GmailBuilder {
    /// Keeps to `quota` instead of [`Quota::default`].
    #[must_use]
    pub fn quota(mut self, quota: Quota) -> Self {
        self.0.quota = Arc::new(Bucket::new(quota));
        self
    }

    /// Calls `progress` each time the server has confirmed a part of a mail that is uploaded in
    /// parts, and at its end. Mails may be uploaded at the same time.
    #[must_use]
    pub fn progress(mut self, progress: impl Fn(UploadProgress) + Send + Sync + 'static) -> Self {
        self.0.progress = Some(Arc::new(progress));
        self
    }

    /// Calls the account by this name in an [`Outbox`](crate::Outbox), instead of `gmail`. Where
    /// several accounts send from one outbox, each needs a name of its own: a mail whose sending was
    /// begun by one account is looked after by that one alone.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        self.0.name = name.into();
        self
    }

    /// Uploads mails of more than `bytes` in parts, instead of
    /// [`RESUMABLE_ABOVE`](Gmail::RESUMABLE_ABOVE).
    #[must_use]
    pub fn resumable_above(mut self, bytes: usize) -> Self {
        self.0.resumable_above = bytes;
        self
    }

    /// Measures by `clock` how long a quota of the day is used up; by default by that of this
    /// machine.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.0.clock = clock;
        self
    }

    /// The account. Reads nothing and connects to nobody yet.
    pub fn build(self) -> Gmail {
        self.0
    }
}

/// How often something is read, where an answer came that is none of Gmail's.
const READS: u32 = 4;
const USER: &str = "https://gmail.googleapis.com/gmail/v1/users/me";
const UPLOAD: &str = "https://gmail.googleapis.com/upload/gmail/v1/users/me";
