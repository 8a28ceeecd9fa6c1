//! A human's consent: asked for in their browser, and answered to a port of this machine.

mod builder;
mod desk;
mod exchange;
mod page;
mod question;
mod server;

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use tokio::{
    net::TcpListener,
    sync::oneshot,
    task::{self, JoinSet},
    time::{Instant, timeout, timeout_at},
};

use self::{
    desk::{Desk, HandedIn, Reply},
    exchange::Exchange,
    page::Page,
    question::Answer,
};
use crate::{Error, OAuthClient, Scopes, Secret};

pub use builder::ConsentBuilder;
pub use desk::Paste;

/// A human who is being asked for consent, in the manner of native applications
/// ([RFC 8252](https://www.rfc-editor.org/rfc/rfc8252)): the browser comes back to a port of
/// 127.0.0.1, with a code that only this process can exchange
/// ([PKCE, RFC 7636](https://www.rfc-editor.org/rfc/rfc7636)).
///
/// It begins with [`start`](ConsentBuilder::start) and ends with [`wait`](Self::wait). Dropped at
/// any time, it closes its port, and saves nothing that it had not begun to save. A browser on
/// another machine ends at an address that does not load: a [`Paste`] takes that address by hand.
///
/// ```no_run
/// use jada_auth::{Scopes, SecretsDir};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), jada_auth::Error> {
/// let scopes = Scopes::new(["https://www.googleapis.com/auth/gmail.send"])?;
/// let consent = SecretsDir::from_env()?.consent(scopes)?.start().await?;
/// println!("open {}", consent.url());
/// let consented = consent.wait().await?;
/// println!("granted: {}", consented.scopes);
/// # Ok(())
/// # }
/// ```
pub struct Consent {
    listener: TcpListener,
    start_url: String,
    desk: Arc<Desk>,
    handed_in: oneshot::Receiver<HandedIn>,
    exchange: Exchange,
    save: Option<Save>,
    timeout: Duration,
    deadline: Instant,
}

type Save = Box<dyn FnOnce(&Consented) -> Result<(), Error> + Send>;

impl Consent {
    /// How long the human has: 5 minutes.
    pub const TIMEOUT: Duration = Duration::from_secs(300);

    /// Asks that `client` may have `scopes`, of which Google wants one at least.
    pub fn builder(client: OAuthClient, scopes: Scopes) -> ConsentBuilder {
        ConsentBuilder::new(client, scopes)
    }

    /// The whole address to open, to be printed for the human. It is good for this consent alone,
    /// and belongs in no log.
    pub fn url(&self) -> &str {
        self.desk.question.url.expose()
    }

    /// `http://127.0.0.1:PORT/`, which sends a browser to [`url`](Self::url) once: for the command
    /// that opens a browser, since everybody on a machine sees the arguments of its processes.
    pub fn start_url(&self) -> &str {
        &self.start_url
    }

    /// Takes the address by hand at which a browser on another machine ended.
    pub fn paste(&self) -> Paste {
        Paste::new(&self.desk)
    }

    /// Waits for the human's answer, exchanges the code with one request, compares what was
    /// granted with what was asked, and saves it; then the browser's page says that it is done,
    /// or why not.
    ///
    /// # Errors
    ///
    /// [`Error::ConsentNotGiven`] when it was denied, when scopes are missing, when nobody answered
    /// in time, and when the issuer takes the code no more; [`Error::Refused`] when the issuer
    /// refuses the client or gives no refresh token; [`Error::Transient`] when it fails for now or
    /// cannot be reached; and those of saving. What was there before stays. Only
    /// [`Error::Transient`] is worth a retry, which asks the human anew.
    pub async fn wait(self) -> Result<Consented, Error> {
        let Self { listener, desk, handed_in, exchange, save, timeout, deadline, .. } = self;
        let mut connections = JoinSet::new();
        let serving = server::serve(&listener, &desk, &mut connections);
        let deciding = async {
            let Ok(Ok(HandedIn { answer, reply })) = timeout_at(deadline, handed_in).await else {
                return Err(exchange.unanswered(timeout));
            };
            // Large, and there for a moment only.
            let outcome = Box::pin(conclude(&desk, &exchange, answer, save)).await;
            if let Some(reply) = reply {
                tell(reply, &outcome).await;
            }
            outcome
        };
        beside(serving, deciding).await
    }
}

impl fmt::Debug for Consent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consent")
            .field("start_url", &self.start_url)
            .field("exchange", &self.exchange)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// What a human consented to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Consented {
    /// What tokens are minted with from now on.
    pub refresh_token: Secret,
    /// What was granted: all that was asked for, and perhaps more.
    pub scopes: Scopes,
}

async fn conclude(
    desk: &Desk,
    exchange: &Exchange,
    answer: Answer,
    save: Option<Save>,
) -> Result<Consented, Error> {
    let consented = match answer {
        Answer::Code(code) => exchange.exchange(&code, &desk.question).await?,
        Answer::Refused(code) => return Err(exchange.refused(code)),
    };
    let Some(save) = save else { return Ok(consented) };
    let saving = task::spawn_blocking(move || save(&consented).map(|()| consented));
    saving.await.unwrap_or_else(|_| {
        let action = "saving what was consented to".to_owned();
        Err(Error::Transient { action, retry_after: None, source: None })
    })
}

/// Until the page has left this machine's buffers, or the browser takes too long over it.
async fn tell(reply: Reply, outcome: &Result<Consented, Error>) {
    let Reply { page, mut closed } = reply;
    if page.send(Page::of(outcome)).is_ok() {
        let _gone = timeout(LINGER, closed.changed()).await;
    }
}

/// Does `work`, while `service` goes on, which has no end.
async fn beside<T>(service: impl Future<Output = ()>, work: impl Future<Output = T>) -> T {
    let (mut service, mut work) = (pin!(service), pin!(work));
    poll_fn(|cx| match work.as_mut().poll(cx) {
        Poll::Pending => {
            let _never = service.as_mut().poll(cx);
            Poll::Pending
        }
        done => done,
    })
    .await
}

const LINGER: Duration = Duration::from_secs(2);
