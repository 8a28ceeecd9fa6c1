//! Who is called and by whom: the stores of charters, crew and links, and the mails of calls.

use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use clap::Args;
use jada_auth::{Clock, ManualClock, SystemClock};
use jada_mail::{Address, Outbox};
use jada_reports::Failure;
use jada_roster::{
    Call, CallMail, CallMailBuilder, CallRepository, CallRules, CalledCharter, CharterChanges,
    CharterEvent, CharterId, CharterRepository, CrewCall, DynamoCharters, EventColumns, Format,
    Kind, LinkUrl, MagicLinks, MemoryCharters, MemoryLinks, OnConflict, Phase, Postman, Reading,
    RosterRepository, Status, import,
};
use jiff::ToSpan;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use crate::exit::is_transient;
use crate::portal::fictional_crew;
use crate::unfilled::{Helps, unfilled};
use crate::{
    CHARTERS, CallArgs, CallStores, CrewArgs, Mailed, OutboxArgs, ReadCrew, Store, StoreArgs,
    ViaArgs,
};

/// The flags by which an operator says who is called, and how they are mailed.
#[derive(Args, Clone, Debug)]
pub struct CallDeskArgs {
    /// Whom the mails are from: `a@b.example`, or `Name <a@b.example>`; needed with a store
    #[arg(long, value_name = "ADDRESS")]
    from: Option<Address>,
    /// Who gets a copy, and is told when nobody is left to call; needed with a store
    #[arg(long, value_name = "ADDRESS")]
    operations: Option<Address>,
    /// The page on which crew answer, such as `https://crew.example.com/crew/answer`, over https or on
    /// this machine; `crew_portal` serves it. Needed with a store
    #[arg(long, value_name = "URL", value_parser = page_of_answers)]
    answers: Option<LinkUrl>,
    #[command(flatten)]
    call: CallArgs,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    outbox: OutboxArgs,
    #[command(flatten)]
    via: ViaArgs,
}

/// Whom mails are from, who gets a copy, and where crew answer.
struct Named {
    from: Address,
    operations: Address,
    answers: LinkUrl,
}

/// What calls crew, and what it works with.
#[derive(Debug)]
#[non_exhaustive]
pub struct CallDesk {
    /// Calls them.
    pub call: CrewCall,
    /// Where calls are kept.
    pub calls: Arc<dyn CallRepository>,
    /// The time by which it works: for a fictional charter four days before it.
    pub clock: Arc<dyn Clock>,
    roster: Arc<dyn RosterRepository>,
    outbox: Outbox,
    via: ViaArgs,
    helps: Helps,
}

impl CallDeskArgs {
    /// By which rules crew are called.
    #[must_use]
    pub fn call(&self) -> &CallArgs {
        &self.call
    }

    /// Where charters and the crew are.
    #[must_use]
    pub fn store(&self) -> &StoreArgs {
        &self.store
    }

    /// Whether all is said that calls for all charters of a store need.
    ///
    /// # Errors
    /// What is to be said, or cannot be meant.
    pub fn check(&self) -> anyhow::Result<()> {
        ensure!(
            self.store.store() != Store::Memory,
            "it was not said where the charters are kept; --db FILE or --dynamodb says it"
        );
        self.call.rules_of_all()?;
        self.named().map(drop)
    }

    /// The desk for all charters of a store.
    ///
    /// # Errors
    /// As [`check`](Self::check); a store that is not there; peppers that cannot be used.
    pub async fn open(&self) -> anyhow::Result<CallDesk> {
        self.check()?;
        self.open_by(&self.call.rules_of_all()?).await
    }

    /// Whether the store is still there: a file that is gone would be written to in vain.
    ///
    /// # Errors
    /// As it says.
    pub(crate) fn check_store(&self) -> anyhow::Result<()> {
        self.store.store().check_charters()
    }

    /// The stream of changes of a store's charters, which is turned on where it is off.
    ///
    /// # Errors
    /// Those of the store, such as a permission that is missing.
    pub async fn changes(&self) -> anyhow::Result<CharterChanges> {
        let (client, streams) = self.store.store().clients().await?;
        let charters = DynamoCharters::new(client);
        charters.ensure_stream().await?;
        Ok(CharterChanges::builder(&charters, streams).build()?)
    }

    /// The desk for one charter: of the store, or of a fictional year in memory.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_for(
        &self,
        event: &CharterEvent,
        stores: &CallStores,
    ) -> anyhow::Result<CallDesk> {
        let rules = self.call.rules(event, stores)?;
        match self.store.store() {
            Store::Memory => self.fictional(event, &rules).await,
            _ => self.open_by(&rules).await,
        }
    }

    /// Of two programs that create the same at once one is told that it is there already, and sees it
    /// when it opens the store anew.
    async fn open_by(&self, rules: &CallRules) -> anyhow::Result<CallDesk> {
        match self.try_to_open_by(rules).await {
            Err(error) if is_transient(&error) => self.try_to_open_by(rules).await,
            opened => opened,
        }
    }

    async fn try_to_open_by(&self, rules: &CallRules) -> anyhow::Result<CallDesk> {
        self.check_store()?;
        let (store, named) = (self.store.store(), self.named()?);
        let crew = CrewArgs::new(self.store.clone(), self.via.secrets_dir()).create().await?;
        let links = Arc::new(crew.links().await?);
        let charters = DynamoCharters::new(store.client().await?);
        charters.ensure_call_index().await?;
        let outbox = self.outbox.outbox();
        self.via.keep(&outbox)?;
        let helps = self.helps();
        let mail = mail_of(&outbox, links, named, rules, &helps);
        let post = (mail, outbox, self.via.clone(), helps);
        Ok(desk(charters, Arc::new(crew.roster), rules, post, Arc::new(SystemClock)))
    }

    fn helps(&self) -> Helps {
        Helps { store: self.store.store().flags(), clocks: self.call.clocks() }
    }

    fn named(&self) -> anyhow::Result<Named> {
        let needed = "calls for charters of a store need --from ADDRESS, --operations ADDRESS and \
                      --answers URL, the page on which crew answer";
        Ok(Named {
            from: self.from.clone().context(needed)?,
            operations: self.operations.clone().context(needed)?,
            answers: self.answers.clone().context(needed)?,
        })
    }

    fn named_or_fictional(&self) -> anyhow::Result<Named> {
        let or = |address: &Option<Address>, fictional: &str| match address {
            Some(address) => Ok(address.clone()),
            None => fictional.parse(),
        };
        Ok(Named {
            from: or(&self.from, "Example Sails <crew@example.com>")?,
            operations: or(&self.operations, "Operations <operations@example.com>")?,
            answers: match &self.answers {
                Some(answers) => answers.clone(),
                None => LinkUrl::new("http://127.0.0.1:8080/crew/answer")?,
            },
        })
    }

    async fn fictional(&self, event: &CharterEvent, rules: &CallRules) -> anyhow::Result<CallDesk> {
        let outbox = self.outbox.fictional();
        let via = self.via.fictional(&outbox)?;
        let charters = MemoryCharters::new();
        let rows = Reading::of("bundled charters", CHARTERS.as_bytes(), Format::Csv)?;
        import(&charters, rows.complete(OnConflict::Refuse)?, OnConflict::Refuse).await?;
        let day = event.date().saturating_sub(4.days());
        let noon = TimeZone::UTC.to_timestamp(day.to_datetime(Time::constant(12, 0, 0, 0)))?;
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(noon));
        let roster = fictional_crew(day).await?.0;
        let links = Arc::new(MemoryLinks::new(&roster)?.with_clock(Arc::clone(&clock)));
        let helps = self.helps();
        let mail = mail_of(&outbox, links, self.named_or_fictional()?, rules, &helps);
        let post = (mail.clock(Arc::clone(&clock)), outbox, via, helps);
        Ok(desk(charters, Arc::new(roster), rules, post, clock))
    }
}

/// That of a portal: the link in a mail of any other would open nothing.
fn page_of_answers(page: &str) -> anyhow::Result<LinkUrl> {
    let url = LinkUrl::new(page)?;
    let page = url.page().trim_end_matches('/');
    if url.page().ends_with("/answer") {
        return Ok(url);
    }
    let right = match page {
        page if page.ends_with("/answer") => page.to_owned(),
        page if page.ends_with("/crew") => format!("{page}/answer"),
        page => format!("{page}/crew/answer"),
    };
    bail!("crew answer on the page `/answer` of the crew's portal, such as {right}")
}

fn mail_of(
    outbox: &Outbox,
    links: Arc<dyn MagicLinks>,
    Named { from, operations, answers }: Named,
    rules: &CallRules,
    helps: &Helps,
) -> CallMailBuilder {
    let harbour = rules.harbour().clone();
    CallMail::builder(outbox.clone(), (links, answers), from, operations, harbour).hints([
        format!("Why the others are not called: {}", helps.plan("{charter}")),
        format!(
            "To put somebody aboard by hand, with everyone else who sails: {}",
            helps.assign("{charter}")
        ),
    ])
}

fn desk<C: CallRepository + CharterRepository + 'static>(
    charters: C,
    roster: Arc<dyn RosterRepository>,
    rules: &CallRules,
    (mail, outbox, via, helps): (CallMailBuilder, Outbox, ViaArgs, Helps),
    clock: Arc<dyn Clock>,
) -> CallDesk {
    let (charters, postman) = (Arc::new(charters), Arc::new(mail.build()) as Arc<dyn Postman>);
    let call =
        CrewCall::builder(Arc::clone(&charters), Arc::clone(&roster), rules.clone(), postman);
    let call = call.clock(Arc::clone(&clock)).build();
    CallDesk { call, calls: charters, clock, roster, outbox, via, helps }
}

impl CallDesk {
    /// A charter and its call, if there is something to call for, or to call off.
    ///
    /// # Errors
    /// Without such a charter; of one that is not confirmed and was not called for; hours that cannot
    /// be read; those of the store.
    pub async fn opened(&self, id: &CharterId) -> anyhow::Result<CalledCharter> {
        let opened = self.calls.open(id).await?.with_context(|| format!("there is no `{id}`"))?;
        let status = opened.charter.status();
        let is_open = opened.call.as_ref().is_some_and(|call| call.phase() != Phase::CalledOff);
        ensure!(
            is_open || *opened.charter.kind() != Kind::Training,
            "charter `{id}` is a training sail, and crew are not called for those"
        );
        ensure!(
            is_open || status == Status::Confirmed,
            "charter `{id}` is {}, and crew are called for confirmed ones; `charter status {id} \
             confirmed` confirms it",
            status.as_str()
        );
        CharterEvent::of(opened.charter.clone(), &EventColumns::default())?;
        Ok(opened)
    }

    /// Why the call of a charter leaves a berth free unless a person acts, and what helps.
    pub(crate) fn unfilled(&self, id: &CharterId, call: &Call) -> Option<(String, Failure)> {
        unfilled(id, call, &self.helps)
    }

    /// Everyone on the crew, as far as their rows can be read.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn crew(&self) -> anyhow::Result<ReadCrew> {
        ReadCrew::of(self.roster.list()).await
    }

    /// Sends what is due in the outbox. A signal ends that after the mail that is under way.
    pub async fn drain(&self) -> Mailed {
        let drained = self.via.drain_in_order(&self.outbox).await;
        let whole = |error: anyhow::Error| ("mails".to_owned(), Failure::of(error.as_ref()));
        let (sent, failed) = match drained {
            Ok(drained) => (drained.sent.len(), None),
            Err(error) => (0, Some(whole(error))),
        };
        let mut kept_back = match self.via.kept_back(&self.outbox) {
            Ok(kept_back) => kept_back,
            Err(error) => vec![whole(error)],
        };
        kept_back.extend(failed);
        let left_in = self.via.files(&self.outbox);
        Mailed { sent, left_in, is_meant: self.via.is_said_for(&self.outbox), kept_back }
    }
}
