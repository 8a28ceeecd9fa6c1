//! A mail as an operator describes it by flags.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use clap::Args;
use jada_mail::{
    Address, Attachment, ContentType, EventUid, HeaderText, IdempotencyKey, Invite, Message,
    MessageBuilder,
};
use jiff::{Timestamp, tz::TimeZone};
use sha2::{Digest, Sha256};

use crate::Slot;

/// The flags that describe a mail, or say that there is none.
#[derive(Args, Clone, Debug)]
pub struct MailArgs {
    /// Whom the mail is from: `a@b.example`, or `Name <a@b.example>`
    #[arg(long, value_name = "ADDRESS", required_unless_present = "drain_only")]
    from: Option<Address>,
    /// Whom it is to; repeatable
    #[arg(long, value_name = "ADDRESS", required_unless_present = "drain_only")]
    to: Vec<Address>,
    /// Who gets a copy; repeatable
    #[arg(long, value_name = "ADDRESS")]
    cc: Vec<Address>,
    /// What it is about
    #[arg(long, value_name = "TEXT", required_unless_present = "drain_only")]
    subject: Option<HeaderText>,
    /// A file with the HTML body; without --text, a text that says the same goes with it
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// A file with the text body
    #[arg(long, value_name = "FILE")]
    text: Option<PathBuf>,
    /// A file that goes with it, of the type that its name tells; repeatable
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,
    /// Invite all of them to an event called as the subject, such as
    /// `2026-06-07T07:00:00Z/PT2H` or `2026-06-07T09:00[Europe/Paris]/2h30m`
    #[arg(long, value_name = "START/DURATION")]
    invite: Option<Slot>,
    /// The name of this mail: one key is one mail, however often it is sent [default: made of the
    /// day and of all the mail says, so that the same command is one mail a day]
    #[arg(long)]
    key: Option<IdempotencyKey>,
    /// The date of the mail [default: now]
    #[arg(long, value_name = "RFC3339")]
    date: Option<Timestamp>,
    /// Compose nothing, and send what waits in the outbox
    #[arg(long, conflicts_with_all = [
        "from", "to", "cc", "subject", "html", "text", "attach", "invite", "key", "date",
    ])]
    drain_only: bool,
}

impl MailArgs {
    /// The mail; none with `--drain-only`.
    ///
    /// Without `--key` its key is `mail-<date>-<digest>`: the UTC day of its date, and the first 16
    /// hexadecimal digits of the SHA-256 of what it says, its date and its key left out. So the
    /// same flags, with files of the same content, are the same mail on the same day.
    ///
    /// # Errors
    /// No body; a file that cannot be read; what no mail can hold.
    pub fn mail(&self, now: Timestamp) -> anyhow::Result<Option<Message>> {
        let (Some(from), Some(subject)) = (&self.from, &self.subject) else { return Ok(None) };
        let has_body = self.html.is_some() || self.text.is_some();
        ensure!(has_body, "a mail needs a body; name a file with it by --text or --html");
        let mut mail = Message::builder(from.clone()).subject(subject.clone());
        mail = self.to.iter().cloned().fold(mail, MessageBuilder::to);
        mail = self.cc.iter().cloned().fold(mail, MessageBuilder::cc);
        if let Some(path) = &self.html {
            mail = mail.html(text("--html", path)?);
        }
        if let Some(path) = &self.text {
            mail = mail.text(text("--text", path)?);
        }
        for path in &self.attach {
            mail = mail.attachment(attachment(path)?);
        }
        let date = self.date.unwrap_or(now);
        let key = match &self.key {
            Some(key) => key.clone(),
            None => {
                let same = self.keyed(mail.clone(), Timestamp::UNIX_EPOCH, "mail".parse()?)?;
                let digest = Sha256::digest(same.render());
                let digits = digest.iter().take(8).map(|byte| format!("{byte:02x}"));
                let day = date.to_zoned(TimeZone::UTC).date();
                format!("mail-{day}-{}", digits.collect::<String>()).parse()?
            }
        };
        Ok(Some(self.keyed(mail, date, key)?))
    }

    fn keyed(
        &self,
        mut mail: MessageBuilder,
        date: Timestamp,
        key: IdempotencyKey,
    ) -> anyhow::Result<Message> {
        if let (Some(slot), Some(from), Some(subject)) = (&self.invite, &self.from, &self.subject) {
            let uid = EventUid::derived(&key, from);
            let invite = Invite::builder(uid, &slot.start, &slot.end)
                .organizer(from.clone())
                .attendees(self.to.iter().chain(&self.cc).cloned())
                .summary(subject.clone());
            mail = mail.invite(invite.build().context("--invite")?);
        }
        Ok(mail.date(date).idempotency_key(key).build()?)
    }
}

fn text(flag: &str, path: &Path) -> anyhow::Result<String> {
    String::from_utf8(read(flag, path)?)
        .with_context(|| format!("`{}` of {flag} is not UTF-8; save it as UTF-8", path.display()))
}

fn attachment(path: &Path) -> anyhow::Result<Attachment> {
    let bytes = read("--attach", path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.parse().context("a file of --attach cannot go by its name; rename it")?;
    // A mail, for one, may not be attached as what it is.
    let guessed = mime_guess::from_path(path).first_raw().and_then(|it| it.parse().ok());
    Ok(Attachment::new(name, guessed.unwrap_or(ContentType::OCTET_STREAM), bytes))
}

/// No more is read than a mail can hold: a file may be larger than the memory.
fn read(flag: &str, path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = File::open(path)
        .and_then(|file| file.take(Message::LIMIT + 1).read_to_end(&mut bytes))
        .map_err(|error| {
            let mend = match error.kind() {
                io::ErrorKind::NotFound => "name a file that is there",
                io::ErrorKind::PermissionDenied => "let this user read it",
                io::ErrorKind::IsADirectory => "name a file, not a folder",
                _ => "see what is wrong with it",
            };
            let what = format!("`{}` of {flag} cannot be read; {mend}", path.display());
            anyhow::Error::new(error).context(what)
        })?;
    ensure!(
        read as u64 <= Message::LIMIT,
        "`{}` of {flag} has more bytes than a mail can hold, which is {}; send a link instead",
        path.display(),
        Message::LIMIT
    );
    Ok(bytes)
}
