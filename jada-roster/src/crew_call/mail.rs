//! The mails of calls, each put into an outbox once for its key.

mod calendar;
mod page;
mod words;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use async_trait::async_trait;
use jada_auth::{Clock, Secret, SystemClock};
use jada_mail::{Address, IdempotencyKey, Message, Outbox};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use self::page::MailPage;
use self::words::Words;
use crate::call::notice::NoticeKind;
use crate::cascade::voyage::Voyage;
use crate::crew::CrewMember;
use crate::crew_call::postman::{Letter, Postman};
use crate::error::Error;
use crate::event::rules::ViewRules;
use crate::event::view::CrewView;
use crate::harbour::Harbour;
use crate::links::url::LinkUrl;
use crate::links::{Link, LinkSpec, MagicLinks, Presented, Purpose};

/// Writes the mails of calls and puts them into an [`Outbox`]: as a page and as text, an ask with a
/// personal link, to whoever sails with an invitation for the calendar. Operations get a copy of each,
/// with its link: they may answer for a member, as they may assign one by hand.
///
/// What a mail says of the charter is what crew may read of it: a [`CrewView`], without money.
///
/// A mail is in the outbox once for its [key](crate::Notice::key): before a link is issued the outbox
/// is asked for it. Of two programs that come to it at once one is first; the other's link is in no
/// mail, and is used up. Once a berth is taken or a charter off, the links of those who were asked open
/// nothing any more. Whoever runs the calls of one table shares one outbox, so they are on one host.
#[derive(Clone)]
pub struct CallMail {
    outbox: Outbox,
    links: Arc<dyn MagicLinks>,
    answers: LinkUrl,
    from: Address,
    operations: Address,
    harbour: Harbour,
    brand: String,
    hints: Vec<String>,
    rules: ViewRules,
    clock: Arc<dyn Clock>,
}

/// Builds a [`CallMail`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct CallMailBuilder(CallMail);

impl CallMail {
    /// Begins with where mails go, who issues links and the page that they lead to, who sends, who
    /// gets a copy and is told when nobody is left, and by which harbour's clocks charters sail.
    pub fn builder(
        outbox: Outbox,
        (links, answers): (Arc<dyn MagicLinks>, LinkUrl),
        from: Address,
        operations: Address,
        harbour: Harbour,
    ) -> CallMailBuilder {
        let brand = from.name().unwrap_or_else(|| from.email()).to_owned();
        CallMailBuilder(Self {
            outbox,
            links,
            answers,
            from,
            operations,
            harbour,
            brand,
            hints: Vec::new(),
            rules: ViewRules::default(),
            clock: Arc::new(SystemClock),
        })
    }

    /// Under which key a letter is in the outbox.
    ///
    /// # Errors
    /// [`Error::Mail`], which is not to be expected: a digest is a key.
    pub fn key(letter: &Letter) -> Result<IdempotencyKey, Error> {
        let kind = letter.notice.kind().as_str();
        let key = format!("call-{kind}-{}", digest(&letter.notice.key(letter.event.id())));
        key.parse().map_err(|source| Error::Mail { key, source: Box::new(source) })
    }

    /// The link by which a member answers; none where the charter has cast off, so that there is
    /// nothing to ask any more.
    async fn link(&self, letter: &Letter) -> Result<Option<Link>, Error> {
        let Some(member) = &letter.member else {
            return Ok(None);
        };
        let sailing = letter.notice.sailing();
        let casts_off = Voyage::on(sailing.date, sailing.hours).is_away(self.harbour.time_zone());
        let left = self.now().duration_until(casts_off);
        let Some(life) = Duration::try_from(left).ok().filter(|life| !life.is_zero()) else {
            return Ok(None);
        };
        let spec = LinkSpec::single_use(Purpose::answer(letter.event.id())).with_life(life);
        self.links.issue(member.id(), &spec).await.map(Some)
    }

    /// Whom nobody waits for any more answers nothing: their links make room for others. Those of an
    /// ask that came after are younger than this letter.
    async fn withdraw(&self, letter: &Letter) -> Result<(), Error> {
        let is_over = matches!(letter.notice.kind(), NoticeKind::Taken | NoticeKind::CalledOff);
        let Some(crew) = letter.notice.to().filter(|_| is_over) else {
            return Ok(());
        };
        let purpose = Purpose::answer(letter.event.id());
        self.links.withdraw(crew, &purpose, letter.notice.since()).await.map(drop)
    }

    async fn use_up(&self, link: Option<Link>) -> Result<(), Error> {
        let Some(Link { text, purpose, .. }) = link else {
            return Ok(());
        };
        match self.links.consume(&Presented::new(text, purpose)).await {
            Ok(_) | Err(Error::LinkRefused { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn message(
        &self,
        letter: &Letter,
        key: &IdempotencyKey,
        link: Option<&Link>,
    ) -> Result<Message, Error> {
        let failed = |source| Error::Mail { key: key.to_string(), source: Box::new(source) };
        let view = CrewView::of(&letter.event, &self.rules).value;
        let until = link.and_then(|link| link.expires_at);
        let words = Words::of(letter, &view, &self.harbour, (&self.hints, until));
        let link = link.map(|link| self.answers.of(&link.text));
        let page = MailPage::of(&self.brand, &words, link.as_ref().map(Secret::expose));
        let html = page.render().map_err(|error| Error::Invalid {
            what: "mail of a call",
            found: key.to_string(),
            expected: error.to_string(),
        })?;
        let message = Message::builder(self.from.clone())
            .subject(printable(&words.subject).parse().map_err(failed)?)
            .html(html)
            .date(letter.notice.since())
            .idempotency_key(key.clone());
        let Some(member) = &letter.member else {
            return message.to(self.operations.clone()).build().map_err(failed);
        };
        let Some(to) = address(member).map_err(failed)? else {
            // Nobody without an address is asked; who has lost it since is told by operations.
            return message.to(self.operations.clone()).build().map_err(failed);
        };
        let invite = calendar::invite(letter, &words, &self.from, to.clone()).map_err(failed)?;
        let message = message.to(to).cc(self.operations.clone());
        let message = match invite {
            Some(invite) => message.invite(invite),
            None => message,
        };
        message.build().map_err(failed)
    }

    fn now(&self) -> Timestamp {
        self.clock.now().wall
    }
}

#[async_trait]
impl Postman for CallMail {
    async fn take(&self, letter: &Letter) -> Result<(), Error> {
        let key = Self::key(letter)?;
        let failed = |source| Error::Mail { key: key.to_string(), source: Box::new(source) };
        self.withdraw(letter).await?;
        if self.outbox.mail(&key).map_err(failed)?.is_some() {
            return Ok(());
        }
        let link = match letter.notice.kind() {
            NoticeKind::Ask => match self.link(letter).await? {
                Some(link) => Some(link),
                None => return Ok(()),
            },
            _ => None,
        };
        let message = self.message(letter, &key, link.as_ref())?;
        match (self.outbox.enqueue(&message), link) {
            (Ok(_), _) => Ok(()),
            // Another was first: their link is in the mail, and this one is in none.
            (Err(jada_mail::Error::KeyTaken { .. }), link) => self.use_up(link).await,
            (Err(error), _) => Err(failed(error)),
        }
    }
}

impl CallMailBuilder {
    /// The name over a mail; by default the sender's.
    pub fn brand(mut self, brand: impl Into<String>) -> Self {
        self.0.brand = brand.into();
        self
    }

    /// What helps when nobody is left, a line each, in the mail to operations; `{charter}` stands for
    /// the id of the charter. By default there are none.
    pub fn hints(mut self, lines: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.0.hints = lines.into_iter().map(Into::into).collect();
        self
    }

    /// How a charter becomes what crew may read of it; by default [`ViewRules::default`].
    pub fn rules(mut self, rules: ViewRules) -> Self {
        self.0.rules = rules;
        self
    }

    /// Where the time comes from; by default this machine's clocks.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.0.clock = clock;
        self
    }

    /// The writer of mails. Nothing is read or created yet.
    pub fn build(self) -> CallMail {
        self.0
    }
}

impl fmt::Debug for CallMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { outbox, links, answers, from, operations, .. } = self;
        let mut mail = f.debug_struct("CallMail");
        mail.field("outbox", outbox).field("links", links).field("answers", answers);
        mail.field("from", from).field("operations", operations).finish_non_exhaustive()
    }
}

fn address(member: &CrewMember) -> Result<Option<Address>, jada_mail::Error> {
    let Some(email) = member.email() else {
        return Ok(None);
    };
    email.as_str().parse::<Address>()?.with_name(member.name().as_str()).map(Some)
}

/// 32 hexadecimal digits that tell one text from another.
fn digest(text: &str) -> String {
    Sha256::digest(text).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// What people entered, as a header can have it.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests;
