//! Magic links: text that opens a page without a password, of which a table holds only a digest.

pub(crate) mod audit;
#[cfg(feature = "contract-tests")]
pub(crate) mod contract;
pub(crate) mod gate;
pub(crate) mod limit;
pub(crate) mod memory;
pub(crate) mod pepper;
pub(crate) mod record;
pub(crate) mod text;
pub(crate) mod url;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use jada_auth::Secret;
use jiff::Timestamp;

use crate::charter::CharterId;
use crate::crew::id::CrewId;
use crate::error::Error;
use crate::links::text::{CompactLength, LinkText};
use crate::random;

/// Issues magic links, and says whom one that comes back belongs to.
///
/// Every backend keeps this contract, and the suite behind the feature `contract-tests` checks it:
///
/// - **A digest is kept, never the text.** HMAC-SHA-256 of the purpose's page and the text, under a
///   pepper that is not in the table. What the page is about stands beside it, and is compared.
/// - **One wins.** Of any number of attempts to consume a single-use link, by any number of
///   processes, one succeeds; and a second by the same [`BrowserNonce`] within
///   [`SAME_BROWSER`] is the same success.
/// - **Revoked at once.** What `revoke` and `revoke_all` take back opens nothing from the instant
///   they return, nor does any link of a member who was removed.
/// - **Interruption.** Each call is done wholly or not at all. One whose answer was lost is
///   recognised when the SDK sends it again.
/// - **Audit.** Every issue, use, refusal and rotation is a `tracing` event of the target
///   `jada_roster::audit`, with the true reason, and without the text or its digest.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait MagicLinks: fmt::Debug + Send + Sync {
    /// Makes a link for a member. Its text is in the answer, and nowhere else. One round trip.
    ///
    /// At most 64 single-use links and sessions of a member are open. One more ends the oldest
    /// session, so that nobody who makes sessions locks the member out. A single-use link whose purpose
    /// has a [subject](Purpose::subject), such as a call to be answered, is not the 49th, so that
    /// unanswered calls do not lock them out either.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such a member; [`Error::LinkExists`] for a second standing link;
    /// [`Error::Invalid`] for a compact text where attempts are not limited, or of a session.
    /// [`Error::TooManyLinks`] where as many are open and none is a session, and
    /// [`Error::Unavailable`], are worth a retry.
    async fn issue(&self, crew: &CrewId, spec: &LinkSpec) -> Result<Link, Error>;

    /// Whose standing link, or session, this is. One strongly consistent read.
    ///
    /// # Errors
    /// [`Error::LinkRefused`] says why, for the audit log; a single-use link is refused here.
    /// [`Error::CorruptItem`] for a row that cannot be read. [`Error::TooManyAttempts`], of texts
    /// short enough to be guessed, and [`Error::Unavailable`] are worth a retry.
    async fn verify(&self, presented: &Presented) -> Result<Verified, Error>;

    /// Whose single-use link, or session, this is, and what for, without using it up. One strongly
    /// consistent read. A purpose without a [subject](Purpose::subject) stands for all of its page.
    ///
    /// Whoever acts on what it says uses the link up afterwards: it says what was true when it was
    /// read, and of many who look at once all are told.
    ///
    /// # Errors
    /// As [`verify`](Self::verify); a standing link is refused here. One that was used is, but for the
    /// browser that has used it, within [`SAME_BROWSER`].
    async fn peek(&self, presented: &Presented) -> Result<Peeked, Error>;

    /// Uses a single-use link up. One conditional write.
    ///
    /// # Errors
    /// As [`verify`](Self::verify); a standing link is refused here.
    async fn consume(&self, presented: &Presented) -> Result<Verified, Error>;

    /// Does what the link in hand is for: uses a single-use link up, verifies a standing one.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    async fn redeem(&self, presented: &Presented) -> Result<Verified, Error>;

    /// Replaces the standing link that a member has for the purpose of `spec`, or makes the first.
    /// The old one opens for `grace` longer, at most 30 days; one that was replaced before that
    /// opens no more. One round trip.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such a member; [`Error::Invalid`] for a spec that is not of a
    /// standing link, or of a compact one where attempts are not limited; [`Error::TooManyLinks`]
    /// for a compact one. [`Error::Unavailable`] is worth a retry.
    async fn rotate(&self, crew: &CrewId, spec: &LinkSpec, grace: Duration) -> Result<Link, Error>;

    /// Takes back all links of a member for one purpose. The member's sessions end too, of whatever
    /// purpose. Gives back how many could have opened something.
    ///
    /// # Errors
    /// [`Error::Unavailable`] is worth a retry.
    async fn revoke(&self, crew: &CrewId, purpose: &Purpose) -> Result<usize, Error>;

    /// Takes back the single-use links of a member for one purpose that were issued before an instant;
    /// their sessions stay. Gives back how many could have opened something.
    ///
    /// # Errors
    /// [`Error::Unavailable`] is worth a retry.
    async fn withdraw(
        &self,
        crew: &CrewId,
        purpose: &Purpose,
        issued_before: Timestamp,
    ) -> Result<usize, Error>;

    /// Takes back all links of a member, with their sessions. Gives back how many could have opened
    /// something.
    ///
    /// # Errors
    /// [`Error::Unavailable`] is worth a retry.
    async fn revoke_all(&self, crew: &CrewId) -> Result<usize, Error>;

    /// Ends a session, as when someone signs out. What is no session, or is over, is no error. One
    /// round trip.
    ///
    /// # Errors
    /// [`Error::Unavailable`] is worth a retry.
    async fn end_session(&self, presented: &Presented) -> Result<(), Error>;

    /// The links of a member that may open something now, and their sessions, from the oldest.
    /// Without such a member there are none.
    ///
    /// # Errors
    /// [`Error::CorruptItem`]; [`Error::Unavailable`] and [`Error::Unprocessed`] are worth a retry.
    async fn open_links(&self, crew: &CrewId) -> Result<Vec<OpenLink>, Error>;
}

/// What a link opens: 1 to 300 bytes of printable text, for instance `portal` or `answer:C-17`.
///
/// What stands before the first colon is the [page](Self::page) that the link leads to, what follows
/// is what the page is [about](Self::subject). A link of one purpose opens nothing of another; who
/// knows the page alone can [ask](MagicLinks::peek) what a link is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Purpose(String);

/// How often and how long a link opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LinkKind {
    /// Once, and not for long.
    SingleUse,
    /// Until it is rotated or revoked.
    Standing,
    /// As often as one likes, for a while: what a browser holds after a link was used.
    Session,
}

/// What a link is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkSpec {
    purpose: Purpose,
    kind: LinkKind,
    life: Duration,
    compact: Option<CompactLength>,
}

/// A link as it was issued: the one time that its text is shown.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Link {
    /// The secret text.
    pub text: LinkText,
    /// Whose it is.
    pub crew: CrewId,
    /// What it opens.
    pub purpose: Purpose,
    /// The instant from which it opens nothing; none for a standing link.
    pub expires_at: Option<Timestamp>,
}

/// A link that came back, and what it came back with.
#[derive(Clone, Debug)]
pub struct Presented {
    text: LinkText,
    purpose: Purpose,
    nonce: Option<BrowserNonce>,
    source: Option<String>,
}

/// What tells one browser from another: a secret that it keeps in a cookie.
#[derive(Clone, Debug)]
pub struct BrowserNonce(Secret);

/// A link that opens.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// Whose it is.
    pub crew: CrewId,
    /// What kind of link it is.
    pub kind: LinkKind,
    /// When it was issued; none for a link of an older tool, or one in its grace after a rotation.
    pub issued_at: Option<Timestamp>,
    /// The instant from which it opens nothing; none for a standing link that was not rotated.
    pub expires_at: Option<Timestamp>,
}

/// A link that would open, and was not used up by looking.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Peeked {
    /// Whose it is.
    pub crew: CrewId,
    /// What it opens.
    pub purpose: Purpose,
    /// What kind of link it is.
    pub kind: LinkKind,
    /// The instant from which it opens nothing.
    pub expires_at: Option<Timestamp>,
}

/// A link that may open something: what is known of it, and neither its text nor its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenLink {
    /// What it opens.
    pub purpose: Purpose,
    /// What kind of link it is.
    pub kind: LinkKind,
    /// When it was issued; none for a link of an older tool, or one in its grace after a rotation.
    pub issued_at: Option<Timestamp>,
    /// The instant from which it opens nothing; none for a standing link that was not rotated.
    pub expires_at: Option<Timestamp>,
}

/// Why a link opens nothing. For the audit log: outsiders get one answer for all reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LinkRefusal {
    /// No such link for this purpose.
    Unknown,
    /// Used up.
    Used,
    /// Its time is over.
    Expired,
    /// Taken back.
    Revoked,
    /// A single-use link where a standing one is asked for, or the reverse.
    WrongKind,
    /// Text that no link has.
    Malformed,
    /// Its pepper is not among those in the secrets folder.
    UnknownPepper,
    /// A form of text that is not accepted here: compact or plain, without a limit on attempts.
    NotAccepted,
    /// Two members' rows hold this plain text.
    Ambiguous,
    /// Its home region is not among those that are configured here.
    UnknownRegion,
}

/// Within this time a second attempt by the same browser is the same success.
pub const SAME_BROWSER: Duration = Duration::from_secs(60);

impl Purpose {
    /// Takes the name of a purpose.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is blank, too long, or holds control characters.
    pub fn new(text: &str) -> Result<Self, Error> {
        let purpose = text.trim();
        if purpose.is_empty() || purpose.len() > 300 || purpose.chars().any(char::is_control) {
            return Err(Error::invalid("purpose", text, "1 to 300 bytes of printable text"));
        }
        Ok(Self(purpose.to_owned()))
    }

    /// `portal`: the page on which crew see their roster.
    #[must_use]
    pub fn portal() -> Self {
        Self("portal".to_owned())
    }

    /// `answer:C-17`: the page on which a member answers the call for a charter.
    #[must_use]
    pub fn answer(charter: &CharterId) -> Self {
        Self(format!("answer:{charter}"))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The page that the link leads to: what stands before the first colon, or all.
    #[must_use]
    pub fn page(&self) -> &str {
        self.0.split_once(':').map_or(self.as_str(), |(page, _)| page)
    }

    /// What the page is about: what follows the first colon.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.0.split_once(':').map(|(_, subject)| subject)
    }

    /// Whether it is the same, or stands for all of the other's page.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        self == other || self.as_str() == other.page()
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl LinkKind {
    /// The word it is stored by.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SingleUse => "single-use",
            Self::Standing => "standing",
            Self::Session => "session",
        }
    }
}

impl fmt::Display for LinkKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl LinkSpec {
    /// A link that opens once within [15 minutes](Self::with_life).
    #[must_use]
    pub fn single_use(purpose: Purpose) -> Self {
        Self { purpose, kind: LinkKind::SingleUse, life: SINGLE_USE_LIFE, compact: None }
    }

    /// A link that opens until it is rotated or revoked; a member has one for each purpose.
    #[must_use]
    pub fn standing(purpose: Purpose) -> Self {
        Self { purpose, kind: LinkKind::Standing, life: Duration::ZERO, compact: None }
    }

    /// What a browser holds for [30 minutes](Self::with_life) after a link was used.
    #[must_use]
    pub fn session(purpose: Purpose) -> Self {
        Self { purpose, kind: LinkKind::Session, life: SESSION_LIFE, compact: None }
    }

    /// The same, open for this long, at most 30 days; a standing link is open without end.
    #[must_use]
    pub fn with_life(mut self, life: Duration) -> Self {
        self.life = life.min(LONGEST_LIFE);
        self
    }

    /// The same with a text short enough to be typed from a phone's screen. Only where attempts
    /// are limited: see [`CompactLength`].
    #[must_use]
    pub fn compact(mut self, length: CompactLength) -> Self {
        self.compact = Some(length);
        self
    }

    /// What the link opens.
    #[must_use]
    pub fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// How often and how long it opens.
    #[must_use]
    pub fn kind(&self) -> LinkKind {
        self.kind
    }

    /// How long its text is, where that is compact.
    #[must_use]
    pub fn compact_length(&self) -> Option<CompactLength> {
        self.compact
    }

    /// The instant from which a link issued at `now` opens nothing; none for a standing one.
    #[must_use]
    pub fn expires_at(&self, now: Timestamp) -> Option<Timestamp> {
        match self.kind {
            LinkKind::Standing => None,
            LinkKind::SingleUse | LinkKind::Session => {
                Some(now.checked_add(self.life).unwrap_or(Timestamp::MAX))
            }
        }
    }
}

impl Link {
    /// A link without an end, for a backend of your own or a mock.
    #[must_use]
    pub fn new(text: LinkText, crew: CrewId, purpose: Purpose) -> Self {
        Self { text, crew, purpose, expires_at: None }
    }
}

impl Verified {
    /// A link that opens without an end, for a backend of your own or a mock.
    #[must_use]
    pub fn new(crew: CrewId, kind: LinkKind) -> Self {
        Self { crew, kind, issued_at: None, expires_at: None }
    }
}

impl Peeked {
    /// A link that opens without an end, for a backend of your own or a mock.
    #[must_use]
    pub fn new(crew: CrewId, purpose: Purpose, kind: LinkKind) -> Self {
        Self { crew, purpose, kind, expires_at: None }
    }
}

impl Presented {
    /// A link that came back for a purpose.
    #[must_use]
    pub fn new(text: LinkText, purpose: Purpose) -> Self {
        Self { text, purpose, nonce: None, source: None }
    }

    /// The same, by a browser that can be told from others.
    #[must_use]
    pub fn by(mut self, nonce: BrowserNonce) -> Self {
        self.nonce = Some(nonce);
        self
    }

    /// The same, from an address, by which attempts are limited: `203.0.113.9`. Attempts from
    /// nowhere are limited together.
    #[must_use]
    pub fn from(mut self, source: impl Into<String>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &LinkText {
        &self.text
    }

    /// What it is to open.
    #[must_use]
    pub fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// By which browser.
    #[must_use]
    pub fn nonce(&self) -> Option<&BrowserNonce> {
        self.nonce.as_ref()
    }

    /// From which address.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }
}

impl BrowserNonce {
    /// Draws a nonce that no other browser has.
    ///
    /// # Errors
    /// [`Error::Random`] when the system gives no randomness.
    pub fn generate() -> Result<Self, Error> {
        Ok(Self(Secret::new(random::letters(NONCE)?)))
    }

    /// Takes a nonce back from the browser that keeps it; none if it is not one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let ours = text.len() == NONCE && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        ours.then(|| Self(Secret::new(text)))
    }

    /// Shows the text to code that has to set the cookie. Never log it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Display for LinkRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Unknown => "there is no such link for this purpose",
            Self::Used => "it was used",
            Self::Expired => "its time is over",
            Self::Revoked => "it was taken back",
            Self::WrongKind => "it is of another kind",
            Self::Malformed => "no link has such a text",
            Self::UnknownPepper => "its pepper is not in the secrets folder",
            Self::NotAccepted => "such a short or plain text is not accepted here",
            Self::Ambiguous => "rows of two members hold it",
            Self::UnknownRegion => "its home region is not configured here",
        })
    }
}

/// Compiles only while the trait can be a trait object.
const _: fn(&dyn MagicLinks) = |_| {};

const SINGLE_USE_LIFE: Duration = Duration::from_secs(15 * 60);
const SESSION_LIFE: Duration = Duration::from_secs(30 * 60);
const LONGEST_LIFE: Duration = Duration::from_secs(30 * 24 * 60 * 60);
const NONCE: usize = 22;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purpose_names_a_page_and_what_it_is_about() {
        let purpose = |text| Purpose::new(text).unwrap();
        let parts = |text| {
            let purpose = purpose(text);
            (purpose.page().to_owned(), purpose.subject().map(str::to_owned))
        };
        assert_eq!(parts("portal"), ("portal".to_owned(), None));
        assert_eq!(parts("answer:C-17"), ("answer".to_owned(), Some("C-17".to_owned())));
        assert_eq!(parts("answer:C:17"), ("answer".to_owned(), Some("C:17".to_owned())));
        let charter = CharterId::new("C:17").unwrap();
        assert_eq!(Purpose::answer(&charter), purpose("answer:C:17"));
        let longest = CharterId::new(&"C".repeat(200)).unwrap();
        assert_eq!(Purpose::new(Purpose::answer(&longest).as_str()).unwrap().as_str().len(), 207);
    }

    #[test]
    fn a_purpose_covers_itself_and_a_page_all_that_it_is_about() {
        let purpose = |text| Purpose::new(text).unwrap();
        let answer = purpose("answer:C-17");
        assert!(answer.covers(&answer) && purpose("answer").covers(&answer));
        for other in ["answer:C-1", "answer:C-170", "answer:", "answers", "portal"] {
            assert!(!purpose(other).covers(&answer), "{other}");
        }
        assert!(!answer.covers(&purpose("answer")));
    }
}
