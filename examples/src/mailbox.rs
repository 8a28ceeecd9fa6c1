//! Which mails an example reads: Gmail's, those of a folder, or those that it brings along.

use std::{collections::BTreeSet, fs, path::Path, path::PathBuf};

use anyhow::{Context, ensure};
use clap::Args;
use jada_mail::{BookingLayouts, Error, Gmail, Query, Received};
use jiff::Timestamp;

use crate::{Progress, SecretsArgs, unless_stopped, warn};

macro_rules! bundled {
    ($name:literal) => {
        ($name, include_str!(concat!("../data/bookings/", $name)))
    };
}

/// The flags by which an operator says which mails are read.
#[derive(Args, Clone, Debug)]
pub struct MailboxArgs {
    /// Read Gmail; a folder of secrets or a --query that is named says so too [default: read
    /// bundled mails, which need no account]
    #[arg(long)]
    gmail: bool,
    /// Search Gmail for this, in its own language [default: the senders that the layouts know]
    #[arg(long, value_name = "QUERY")]
    query: Option<String>,
    /// Read the `.eml` files of this folder instead
    #[arg(long, value_name = "DIR", conflicts_with_all = ["gmail", "query"])]
    eml: Option<PathBuf>,
    #[command(flatten)]
    secrets: SecretsArgs,
}

/// A mail that was found, and what a person finds it by again.
#[derive(Debug)]
#[non_exhaustive]
pub struct FoundMail {
    /// A file's name, or Gmail's id.
    pub name: String,
    /// What it says, if it can be read at all.
    pub mail: Result<Received, Error>,
}

impl MailboxArgs {
    /// The mails since then that `layouts` may know, and others: the oldest first. One without a
    /// date is among them.
    ///
    /// # Errors
    /// Those of Gmail; a folder that cannot be read, or holds no mail.
    pub async fn mails(
        &self,
        since: Timestamp,
        layouts: &BookingLayouts,
    ) -> anyhow::Result<Vec<FoundMail>> {
        let mut mails = match &self.eml {
            Some(folder) => of_folder(folder)?,
            None if self.is_gmail() => self.of_gmail(since, layouts).await?,
            None => {
                warn(&"note: no account is named, so these are the bundled mails; see --gmail");
                BUNDLED_MAILS
                    .iter()
                    .map(|(name, mail)| FoundMail::of(name, mail.as_bytes()))
                    .collect()
            }
        };
        mails.retain(|found| found.date().is_none_or(|date| since <= date || self.is_gmail()));
        mails.sort_by_key(FoundMail::date);
        Ok(mails)
    }

    fn is_gmail(&self) -> bool {
        let is_named = self.query.is_some() || self.secrets.names_folder();
        self.gmail || (self.eml.is_none() && is_named)
    }

    async fn of_gmail(
        &self,
        since: Timestamp,
        layouts: &BookingLayouts,
    ) -> anyhow::Result<Vec<FoundMail>> {
        let queries = match &self.query {
            Some(query) => vec![Query::new().raw(query)],
            None => layouts.queries(),
        };
        let secrets = self.secrets.or_scopes([Gmail::SCOPE_READONLY]);
        let provider = secrets.provider()?;
        let gmail = Gmail::new(secrets.google(&provider)?);
        let found = unless_stopped(async { Ok(search(&gmail, queries, since).await?) }).await;
        // What the issuer answered must be on disk before this process ends.
        provider.shutdown().await?;
        found
    }
}

async fn search(
    gmail: &Gmail,
    queries: Vec<Query>,
    since: Timestamp,
) -> Result<Vec<FoundMail>, Error> {
    let progress = Progress::new();
    let (mut known, mut mails) = (BTreeSet::new(), Vec::new());
    for query in queries {
        let mut found = gmail.search(&query.after(since));
        while let Some(named) = found.next().await {
            let named = named?;
            if !known.insert(named.id().to_owned()) {
                continue;
            }
            progress.now(format!("{} mails read", known.len()));
            let mail = match gmail.fetch(&named).await {
                // It was deleted since.
                Err(Error::Refused { .. }) => continue,
                Err(error @ Error::NotAMail { .. }) => Err(error),
                mail => Ok(mail?),
            };
            mails.push(FoundMail { name: named.id().to_owned(), mail });
        }
    }
    Ok(mails)
}

fn of_folder(folder: &Path) -> anyhow::Result<Vec<FoundMail>> {
    let shown = folder.display();
    let unreadable = || format!("the folder `{shown}` of --eml cannot be read");
    let mut paths = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>())
        .with_context(unreadable)?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("eml")));
    paths.sort();
    ensure!(!paths.is_empty(), "there is no .eml file in `{shown}`; name a folder that has some");
    let read = |path: &PathBuf| {
        let bytes =
            fs::read(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok(FoundMail::of(&name, &bytes))
    };
    paths.iter().map(read).collect()
}

impl FoundMail {
    fn of(name: &str, bytes: &[u8]) -> Self {
        Self { name: name.to_owned(), mail: Received::parse(bytes) }
    }

    fn date(&self) -> Option<Timestamp> {
        self.mail.as_ref().ok().and_then(Received::date)
    }
}

/// A fictional inbox of spring 2026, by file names: bookings of the two sites that
/// [`BookingLayouts::examples`] knows, one of which lacks something, and other mails.
pub const BUNDLED_MAILS: [(&str, &str); 8] = [
    bundled!("01-harbour-incomplete.eml"),
    bundled!("02-harbour-confirmed.eml"),
    bundled!("03-sail-confirmed.eml"),
    bundled!("04-harbour-changed.eml"),
    bundled!("05-harbour-newsletter.eml"),
    bundled!("06-sail-forwarded.eml"),
    bundled!("07-harbour-cancelled.eml"),
    bundled!("08-stranger.eml"),
];
