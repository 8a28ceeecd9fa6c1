//! Who is called and by whom: the stores of charters, crew and links, and the mails of calls.

use std::sync::Arc;

use anyhow::{Context, ensure};
use clap::Args;
use jada_auth::{Clock, ManualClock, SystemClock};
use jada_mail::{Address, Outbox};
use jada_roster::{
    CallMail, CallMailBuilder, CallRepository, CallRules, CalledCharter, CharterChanges,
    CharterEvent, CharterId, CharterRepository, CrewCall, DynamoCharters, EventColumns, Format,
    LinkUrl, MagicLinks, MemoryCharters, MemoryLinks, OnConflict, Phase, Postman, Reading,
    RosterRepository, Status, import,
};
use jiff::ToSpan;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use crate::portal::fictional_crew;
use crate::{CHARTERS, CallArgs, CallStores, CrewArgs, OutboxArgs, Store, StoreArgs, ViaArgs};

/// The flags by which an operator says who is called, and how they are mailed.
#[derive(Args, Clone, Debug)]
pub struct CallDeskArgs {
    /// Whom the mails are from: `a@b.example`, or `Name <a@b.example>`; needed with a store
    #[arg(long, value_name = "ADDRESS")]
    from: Option<Address>,
    /// Who gets a copy, and is told when nobody is left to call; needed with a store
    #[arg(long, value_name = "ADDRESS")]
    operations: Option<Address>,
    /// The page on which crew answer, over https or on this machine
    #[arg(long, value_name = "URL", value_parser = LinkUrl::new, default_value = "http://127.0.0.1:8080/crew/answer")]
    answers: LinkUrl,
    #[command(flatten)]
    call: CallArgs,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    outbox: OutboxArgs,
    #[command(flatten)]
    via: ViaArgs,
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
    outbox: Outbox,
    via: ViaArgs,
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

    /// The desk for all charters of a store.
    ///
    /// # Errors
    /// A store that was not named, or is not there; peppers or rules that cannot be used.
    pub async fn open(&self) -> anyhow::Result<CallDesk> {
        let store = self.store.store();
        ensure!(
            store != Store::Memory,
            "it was not said where the charters are kept; --db FILE or --dynamodb says it"
        );
        self.open_by(&self.call.rules_of_all()?).await
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

    async fn open_by(&self, rules: &CallRules) -> anyhow::Result<CallDesk> {
        let store = self.store.store();
        store.check_exists("`monthly_statement --charters FILE`")?;
        let needed = "a call needs --from ADDRESS and --operations ADDRESS";
        let from = self.from.clone().context(needed)?;
        let operations = self.operations.clone().context(needed)?;
        let crew = CrewArgs::new(self.store.clone(), self.via.secrets_dir()).create().await?;
        let links = Arc::new(crew.links().await?);
        let charters = DynamoCharters::new(store.client().await?);
        charters.ensure_call_index().await?;
        self.via.keep(&self.outbox.outbox())?;
        let mail = self.mail(links, from, operations, rules);
        Ok(self.desk(charters, Arc::new(crew.roster), rules, mail, Arc::new(SystemClock)))
    }

    async fn fictional(&self, event: &CharterEvent, rules: &CallRules) -> anyhow::Result<CallDesk> {
        let charters = MemoryCharters::new();
        let rows = Reading::of("bundled charters", CHARTERS.as_bytes(), Format::Csv)?;
        import(&charters, rows.complete(OnConflict::Refuse)?, OnConflict::Refuse).await?;
        let day = event.date().saturating_sub(4.days());
        let noon = TimeZone::UTC.to_timestamp(day.to_datetime(Time::constant(12, 0, 0, 0)))?;
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(noon));
        let roster = fictional_crew(day).await?.0;
        let links = Arc::new(MemoryLinks::new(&roster)?.with_clock(Arc::clone(&clock)));
        let or = |address: &Option<Address>, fictional: &str| match address {
            Some(address) => Ok(address.clone()),
            None => fictional.parse(),
        };
        let from = or(&self.from, "Example Sails <crew@example.com>")?;
        let operations = or(&self.operations, "Operations <operations@example.com>")?;
        let mail = self.mail(links, from, operations, rules).clock(Arc::clone(&clock));
        Ok(self.desk(charters, Arc::new(roster), rules, mail, clock))
    }

    fn mail(
        &self,
        links: Arc<dyn MagicLinks>,
        from: Address,
        operations: Address,
        rules: &CallRules,
    ) -> CallMailBuilder {
        let links = (links, self.answers.clone());
        let harbour = rules.harbour().clone();
        CallMail::builder(self.outbox.outbox(), links, from, operations, harbour).hints([
            "Why the others are not called: call_plan --charter {charter}",
            "To put somebody aboard by hand: charter assign {charter} captain=<crew id>",
        ])
    }

    fn desk<C: CallRepository + CharterRepository + 'static>(
        &self,
        charters: C,
        roster: Arc<dyn RosterRepository>,
        rules: &CallRules,
        mail: CallMailBuilder,
        clock: Arc<dyn Clock>,
    ) -> CallDesk {
        let (charters, postman) = (Arc::new(charters), Arc::new(mail.build()) as Arc<dyn Postman>);
        let call = CrewCall::builder(Arc::clone(&charters), roster, rules.clone(), postman);
        let call = call.clock(Arc::clone(&clock)).build();
        let (outbox, via) = (self.outbox.outbox(), self.via.clone());
        CallDesk { call, calls: charters, clock, outbox, via }
    }
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
            is_open || status == Status::Confirmed,
            "charter `{id}` is {}, and crew are called for confirmed ones; `charter status {id} \
             confirmed` confirms it",
            status.as_str()
        );
        CharterEvent::of(opened.charter.clone(), &EventColumns::default())?;
        Ok(opened)
    }

    /// Sends what waits in the outbox.
    ///
    /// # Errors
    /// Those of the drain; mails that still wait, or need a person.
    pub async fn drain(&self) -> anyhow::Result<usize> {
        let drained = self.via.drain(&self.outbox).await?;
        let status = self.outbox.status()?;
        if !drained.waiting.is_empty() || status.needs_person() {
            status.check()?;
        }
        Ok(drained.sent.len())
    }
}
