//! Where an example keeps the crew, and the peppers under which their links are made.

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use anyhow::Context;
use aws_sdk_dynamodb::Client;
use clap::Args;
use futures_util::StreamExt;
use jada_roster::{
    AttemptLimit, CharterId, CrewId, CrewMember, CrewTables, DynamoCharters, DynamoEvents,
    DynamoLinks, DynamoLinksBuilder, DynamoRoster, Error, EventRepository, LegacyLinks, Link,
    LinkUrl, PepperId, Peppers, Purpose, RosterRepository, UniqueField,
};

use crate::{CrewDone, MemberLine, NewLink, SecretsArgs, Store, StoreArgs, print, warn};

/// The flags by which an operator says where the crew and the peppers of their links are.
#[derive(Args, Clone, Debug)]
pub struct CrewArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// The folder of secrets, with the peppers of links [env: JADA_SECRETS_DIR; default: ~/.secrets]
    #[arg(long, value_name = "DIR", global = true)]
    secrets_dir: Option<String>,
}

/// The flag by which an operator says where links lead.
#[derive(Args, Clone, Debug)]
pub struct PortalArgs {
    /// Where the crew's page is, over https or on this machine
    #[arg(long, value_name = "URL", value_parser = LinkUrl::new, default_value = "http://127.0.0.1:8080/crew")]
    portal: LinkUrl,
}

/// The flag by which an operator says whether links of an older tool open the page.
#[derive(Args, Clone, Copy, Debug)]
pub struct PlainLinksArgs {
    /// Open the page by links that an older tool keeps as plain text, of 8 letters or more, too
    #[arg(long)]
    plain_links: bool,
}

/// The crew of a store.
#[derive(Debug)]
#[non_exhaustive]
pub struct Crew {
    /// Who they are.
    pub roster: DynamoRoster,
    client: Client,
    /// None for peppers that end with this process, as the crew does.
    peppers: Option<PathBuf>,
}

impl CrewArgs {
    /// The crew of a store, with the peppers of their links in this folder.
    pub(crate) fn new(store: StoreArgs, secrets_dir: Option<String>) -> Self {
        Self { store, secrets_dir }
    }

    /// Whether nothing was named in which a crew outlives this process.
    #[must_use]
    pub fn in_memory(&self) -> bool {
        self.store.store() == Store::Memory
    }

    /// Opens what is there, and fails where nothing is.
    ///
    /// # Errors
    /// A store that was not named, or is not there; an AWS environment that is incomplete.
    pub async fn open(&self) -> anyhow::Result<Crew> {
        let store = self.store.store();
        anyhow::ensure!(
            store != Store::Memory,
            "it was not said where the crew is kept; --db FILE or --dynamodb says it"
        );
        store.check_exists("add_crew")?;
        self.connect(&store).await
    }

    /// Opens the store and creates what is missing; then claims what reaches the members that older
    /// tools have added, so that nobody gets in twice. What two of them claim is warned of.
    ///
    /// # Errors
    /// As [`open`](Self::open), and those of creating tables.
    pub async fn create(&self) -> anyhow::Result<Crew> {
        let store = self.store.store();
        if store == Store::Memory {
            warn(&"note: the crew is kept in memory, for this run alone; --db FILE keeps it");
        }
        let crew = self.connect(&store).await?;
        crew.roster.ensure_tables().await?;
        let claimed = crew.roster.claim_contacts().await?;
        for contested in &claimed.contested {
            let (crew, field, owner) = (&contested.crew, contested.field, &contested.owner);
            warn(&format!("warning: crew member `{crew}` has the {field} of `{owner}`"));
        }
        claimed.unreadable.iter().for_each(|row| warn(&format!("warning: {row}")));
        Ok(crew)
    }

    async fn connect(&self, store: &Store) -> anyhow::Result<Crew> {
        let client = store.client().await?;
        let roster = DynamoRoster::new(client.clone());
        let peppers = match store {
            Store::Memory => None,
            Store::File(_) | Store::DynamoDb => Some(self.peppers_path()?),
        };
        Ok(Crew { roster, client, peppers })
    }

    fn peppers_path(&self) -> anyhow::Result<PathBuf> {
        let folder = SecretsArgs::new(self.secrets_dir.clone(), Vec::new(), None).folder()?;
        Ok(folder.path().join(Peppers::FILE_NAME))
    }
}

impl Crew {
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The links of the crew for whoever makes them: those of older tools are shown, replaced and
    /// taken back like others. The peppers are created where the table knows of none.
    ///
    /// # Errors
    /// Peppers that cannot be used, or that are gone while links exist that were made under them.
    pub async fn links(&self) -> anyhow::Result<DynamoLinks> {
        self.links_with(Some(of_older_tools())).await
    }

    /// As [`links`](Self::links), for whoever opens them: those that an older tool keeps as plain
    /// text open nothing, unless they are asked for and have 8 letters or more.
    ///
    /// # Errors
    /// As [`links`](Self::links).
    pub async fn links_to_open(&self, plain: PlainLinksArgs) -> anyhow::Result<DynamoLinks> {
        self.links_with(plain.plain_links.then(of_older_tools)).await
    }

    async fn links_with(&self, legacy: Option<LegacyLinks>) -> anyhow::Result<DynamoLinks> {
        let Some(file) = &self.peppers else {
            return self.links_in_table();
        };
        let is_missing = is_missing(file);
        let peppers = DynamoLinks::peppers(&self.client, &CrewTables::default(), file, None).await;
        let peppers =
            peppers.map_err(|error| if is_missing { lost(error) } else { error.into() })?;
        let builder = DynamoLinks::builder(self.client.clone(), peppers);
        let links = legacy.into_iter().fold(builder, DynamoLinksBuilder::legacy).build()?;
        links.open().await.map_err(lost)?;
        Ok(links)
    }

    /// The links of the crew for whoever makes and opens none: that needs no peppers, so that links
    /// can be taken back whatever has become of those.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn links_in_table(&self) -> anyhow::Result<DynamoLinks> {
        Ok(self.builder(Peppers::generate()?).build()?)
    }

    fn builder(&self, peppers: Peppers) -> DynamoLinksBuilder {
        DynamoLinks::builder(self.client.clone(), peppers).legacy(of_older_tools())
    }

    /// Crew's copies of charters, if there are any: `event publish` makes them, and their table.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn events(&self) -> Result<Option<DynamoEvents>, Error> {
        let charters = DynamoCharters::new(self.client.clone());
        let events = DynamoEvents::new(self.client.clone(), &charters);
        let nothing = CharterId::new("-")?;
        match events.find(&nothing).await {
            Err(Error::TableMissing { .. }) => Ok(None),
            Err(error) if !is_corrupt(&error) => Err(error),
            _ => Ok(Some(events)),
        }
    }

    /// The member of this id.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such a member; those of the store.
    pub async fn member(&self, id: &CrewId) -> Result<CrewMember, Error> {
        let found = self.roster.find(id).await?;
        found.ok_or_else(|| Error::NotFound { what: "crew member", id: id.to_string() })
    }

    /// Refuses an id that a member has. The roster takes a member who says the same for its own
    /// write whose answer was lost; for an operator who types the same twice it is none.
    ///
    /// # Errors
    /// [`Error::Duplicate`] where a member has it; those of the store.
    pub async fn must_be_free(&self, id: &CrewId) -> Result<(), Error> {
        let owner = || Error::Duplicate { field: UniqueField::Id, owner: id.clone() };
        self.roster.find(id).await?.map_or(Ok(()), |_| Err(owner()))
    }

    /// Prints all members as they are read, a line each.
    ///
    /// # Errors
    /// Those of the store. Rows that cannot be read are named on stderr, and counted at the end.
    pub async fn print_all(&self, json: bool) -> anyhow::Result<()> {
        let (mut members, mut unreadable) = (self.roster.list().peekable(), 0);
        // A table that cannot be read has no head either.
        let first = Pin::new(&mut members).peek().await;
        if !json && !matches!(first, Some(Err(error)) if !is_corrupt(error)) {
            print(&MemberLine::header(), false)?;
        }
        while let Some(member) = members.next().await {
            match member {
                Err(corrupt) if is_corrupt(&corrupt) => {
                    warn(&corrupt);
                    unreadable += 1;
                }
                member => print(&MemberLine::from(&member?), json)?,
            }
        }
        anyhow::ensure!(unreadable == 0, "rows that cannot be read: {unreadable}; mend them");
        Ok(())
    }

    /// Adds a pepper, under which links are made from now on.
    ///
    /// # Errors
    /// As [`links`](Self::links).
    pub async fn rotate_peppers(&self) -> anyhow::Result<CrewDone> {
        // Only peppers that the table knows of are added to.
        self.links().await?;
        let peppers = Peppers::rotate(self.peppers_file()?)?;
        self.builder(peppers.clone()).build()?.open().await?;
        Ok(CrewDone::peppers_rotated(&peppers))
    }

    /// Gives up all links that were made under peppers that are lost. Where all are, there is a new
    /// one, of another name than they had.
    ///
    /// # Errors
    /// When none is lost; peppers that cannot be used; those of the store.
    pub async fn give_up_lost_peppers(&self) -> anyhow::Result<CrewDone> {
        let file = self.peppers_file()?;
        let all_are_lost = is_missing(file);
        let peppers = Peppers::open_or_create(file)?;
        let lost = self.forget_others(&peppers).await?;
        anyhow::ensure!(!lost.is_empty(), "no pepper is lost, so nothing was given up");
        if !all_are_lost {
            return Ok(CrewDone::peppers_lost(&lost, &peppers));
        }
        let renamed = named_apart(file, &lost)?;
        self.forget_others(&renamed).await?;
        Ok(CrewDone::peppers_lost(&lost, &renamed))
    }

    async fn forget_others(&self, peppers: &Peppers) -> anyhow::Result<Vec<PepperId>> {
        Ok(self.builder(peppers.clone()).build()?.forget_missing_peppers().await?)
    }

    fn peppers_file(&self) -> anyhow::Result<&Path> {
        self.peppers.as_deref().context("in memory there are no peppers that last")
    }
}

impl PortalArgs {
    /// A link as it is shown: an address of the page.
    #[must_use]
    pub fn shown(&self, member: &CrewMember, link: &Link) -> NewLink {
        NewLink::new(member, &link.purpose, self.portal.of(&link.text))
    }
}

/// Those that are shorter are soon guessed.
fn of_older_tools() -> LegacyLinks {
    LegacyLinks::new(Purpose::portal(), 8..=200, AttemptLimit::default())
}

/// Follows the one new pepper of a file by one whose name none had that was lost: should the lost
/// ones be found again, whoever reads of a pepper knows which is meant.
fn named_apart(file: &Path, lost: &[PepperId]) -> Result<Peppers, Error> {
    let mut peppers = Peppers::open(file)?;
    while lost.contains(&peppers.current().id()) {
        let taken = peppers.current().id();
        Peppers::rotate(file)?;
        peppers = Peppers::retire(file, taken)?;
    }
    Ok(peppers)
}

pub(crate) fn is_corrupt(error: &Error) -> bool {
    matches!(error, Error::CorruptItem { .. })
}

/// Peppers that are missing, and not merely wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeppersLost;

impl fmt::Display for PeppersLost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("links can be neither made nor opened")
    }
}

/// A folder that cannot be looked into says nothing of the file.
fn is_missing(file: &Path) -> bool {
    file.symlink_metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

fn lost(error: Error) -> anyhow::Error {
    match error {
        Error::Peppers { .. } => anyhow::Error::new(error).context(PeppersLost),
        error => error.into(),
    }
}
