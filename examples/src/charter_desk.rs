//! What an operator does with one charter: looks at it, moves it on, assigns its crew, writes to its
//! thread.

use anyhow::ensure;
use clap::Args;
use futures_util::StreamExt;
use jada_roster::{
    Assignment, Charter, CharterChats, CharterId, CharterRepository, ChatAuthor, ChatMessage,
    ChatMessageId, ChatText, CrewId, DynamoCharters, DynamoChats, DynamoRoster, Error, Format,
    OnConflict, Reading, Status, import,
};
use jiff::Timestamp;

use crate::crew::is_corrupt;
use crate::{CHARTERS, MessageLine, Store, StoreArgs, print, warn};

/// The flags by which an operator says where charters are kept.
#[derive(Args, Clone, Debug)]
pub struct CharterArgs {
    #[command(flatten)]
    store: StoreArgs,
}

/// The message that an operator adds to a thread.
#[derive(Args, Clone, Debug)]
pub struct MessageArgs {
    /// The charter's id
    #[arg(value_parser = CharterId::new)]
    id: CharterId,
    /// What is said: 1 to 4,000 characters, in any number of lines
    #[arg(value_parser = ChatText::new)]
    text: ChatText,
    /// operations, guest, system, or crew:ID
    #[arg(long, value_name = "WHO", default_value = "operations")]
    author: ChatAuthor,
    /// When it was said, such as 2026-05-03T09:00:00Z [default: now]
    #[arg(long, value_name = "INSTANT")]
    at: Option<Timestamp>,
    /// What tells it from others of that instant [default: one is drawn]
    #[arg(long, value_name = "ID", value_parser = ChatMessageId::new, requires = "at")]
    message_id: Option<ChatMessageId>,
}

/// The charters of a store, their threads, and the crew.
#[derive(Debug)]
#[non_exhaustive]
pub struct CharterDesk {
    charters: DynamoCharters,
    chats: DynamoChats,
    roster: DynamoRoster,
}

impl CharterArgs {
    /// Opens what is there, and fails where nothing is.
    ///
    /// # Errors
    /// A store that was not named, or is not there; an AWS environment that is incomplete.
    pub async fn open(&self) -> anyhow::Result<CharterDesk> {
        let store = self.store.store();
        ensure!(
            store != Store::Memory,
            "it was not said where the charters are kept; --db FILE or --dynamodb says it"
        );
        store.check_charters()?;
        CharterDesk::of(&store).await
    }

    /// As [`open`](Self::open), or the bundled year where no store was named.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn open_or_bundled(&self) -> anyhow::Result<CharterDesk> {
        if self.store.store() != Store::Memory {
            return self.open().await;
        }
        let desk = CharterDesk::of(&Store::Memory).await?;
        let bundled = Reading::of("bundled charters", CHARTERS.as_bytes(), Format::Csv)?;
        let charters = bundled.complete(OnConflict::Refuse)?;
        import(&desk.charters, charters, OnConflict::Refuse).await?;
        Ok(desk)
    }
}

impl MessageArgs {
    /// The message.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an instant before 1970; [`Error::Random`].
    pub fn message(self) -> Result<ChatMessage, Error> {
        let at = self.at.unwrap_or_else(Timestamp::now);
        let message = ChatMessage::new(self.id, at, self.author, self.text)?;
        Ok(self.message_id.into_iter().fold(message, ChatMessage::with_id))
    }
}

impl CharterDesk {
    /// A file has its tables once it is opened; those of a DynamoDB are not created by looking.
    async fn of(store: &Store) -> anyhow::Result<Self> {
        let client = store.client().await?;
        let charters = DynamoCharters::new(client.clone());
        let chats = DynamoChats::new(client.clone());
        if *store != Store::DynamoDb {
            charters.ensure_table().await?;
            chats.ensure_table().await?;
        }
        Ok(Self { charters, chats, roster: DynamoRoster::new(client) })
    }

    /// The charter of this id.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such a charter; those of the store.
    pub async fn charter(&self, id: &CharterId) -> Result<Charter, Error> {
        let found = self.charters.find(std::slice::from_ref(id)).await?.pop();
        found.ok_or_else(|| Error::NotFound { what: "charter", id: id.to_string() })
    }

    /// Moves a booking to another status.
    ///
    /// # Errors
    /// [`Error::Transition`] for a step that there is not; as [`charter`](Self::charter).
    pub async fn change_status(&self, id: &CharterId, to: Status) -> Result<Charter, Error> {
        self.charters.change_status(&self.charter(id).await?, to).await
    }

    /// Replaces who sails on a charter.
    ///
    /// # Errors
    /// [`Error::NotFound`] for someone who is not on the crew; as [`charter`](Self::charter).
    pub async fn assign(&self, id: &CharterId, crew: &[Assignment]) -> Result<Charter, Error> {
        let charter = self.charter(id).await?;
        let ids: Vec<CrewId> = crew.iter().map(|berth| berth.crew().clone()).collect();
        let members = if ids.is_empty() { Vec::new() } else { self.roster.find_all(&ids).await? };
        let is_member = |id: &&CrewId| members.iter().any(|member| member.id() == *id);
        match ids.iter().find(|id| !is_member(id)) {
            Some(id) => Err(Error::NotFound { what: "crew member", id: id.to_string() }),
            None => self.charters.assign(&charter, crew).await,
        }
    }

    /// Adds a message to the thread of a charter that there is.
    ///
    /// # Errors
    /// As [`charter`](Self::charter).
    pub async fn say(&self, message: &ChatMessage) -> Result<(), Error> {
        self.charter(message.charter()).await?;
        self.chats.ensure_table().await?;
        self.chats.post(message).await
    }

    /// Prints a thread as it is read, or what was said in it since an instant.
    ///
    /// # Errors
    /// As [`charter`](Self::charter). Rows that cannot be read are named on stderr, and counted at
    /// the end.
    pub async fn print_thread(
        &self,
        id: &CharterId,
        since: Option<Timestamp>,
        json: bool,
    ) -> anyhow::Result<()> {
        self.charter(id).await?;
        let thread = || self.chats.thread(id);
        let mut said = since.map_or_else(thread, |since| self.chats.since(id, since));
        let mut unreadable = 0;
        while let Some(message) = said.next().await {
            match message {
                Err(corrupt) if is_corrupt(&corrupt) => {
                    warn(&corrupt);
                    unreadable += 1;
                }
                message => print(&MessageLine::from(&message?), json)?,
            }
        }
        ensure!(unreadable == 0, "messages that cannot be read: {unreadable}; mend them");
        Ok(())
    }
}

/// Reads who sails as what: `captain=ada`.
///
/// # Errors
/// What would have been accepted.
pub fn berth(text: &str) -> Result<Assignment, String> {
    let (berth, crew) =
        text.split_once('=').ok_or("a berth, `=`, and a member's id, such as captain=ada")?;
    let berth = berth.parse().map_err(|error: Error| error.to_string())?;
    let crew = CrewId::new(crew).map_err(|error| error.to_string())?;
    Ok(Assignment::new(crew, berth))
}
