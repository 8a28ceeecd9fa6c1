//! The outbox of a job that goes on: no mail is cut off, and what is wrong with one is told by its
//! name.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};

use jada_mail::{Drained, EmlFolder, Entry, MailState, Outbox, Paused, Status};
use jada_reports::Failure;

use crate::signals::stop_signal;
use crate::{Via, ViaArgs};

impl ViaArgs {
    /// Sends what is due in the outbox. After a signal the mail that is under way comes to its end, and
    /// the others wait.
    ///
    /// # Errors
    /// Those of the drain; a folder of secrets that cannot be used.
    pub(crate) async fn drain_in_order(&self, outbox: &Outbox) -> anyhow::Result<Drained> {
        match self.way(outbox)? {
            Via::Eml => Ok(outbox.drain(&EmlFolder::new(outbox.folder().join("eml"))).await?),
            Via::Gmail => {
                let stopped = AtomicBool::new(false);
                let stop = stop_signal()?;
                self.by_gmail(async |gmail| {
                    let goes_on = || !stopped.load(Ordering::Relaxed);
                    let mut drain = pin!(outbox.drain_while(gmail, goes_on));
                    tokio::select! {
                        drained = &mut drain => return Ok(drained?),
                        () = stop => stopped.store(true, Ordering::Relaxed),
                    }
                    Ok(drain.await?)
                })
                .await
            }
        }
    }

    /// What keeps mails of the outbox from being sent, each under a name. A mail that is fresh, or that
    /// another process has in hand, is none.
    ///
    /// # Errors
    /// An outbox that cannot be read.
    pub(crate) fn kept_back(&self, outbox: &Outbox) -> anyhow::Result<Vec<(String, Failure)>> {
        let (status, via) = (outbox.status()?, self.way(outbox)?);
        let Status { mails, paused, damaged, .. } = &status;
        let mails = mails.iter().filter_map(|mail| why_kept_back(mail, via));
        let damaged = damaged.iter().map(|damage| {
            let path = damage.path.display();
            let why = format!("`{path}` is damaged: {}", damage.problem);
            (format!("outbox/{path}"), Failure::needs_person(why))
        });
        let paused = paused.iter().map(|Paused { why, until, .. }| {
            (
                WAITING.to_owned(),
                Failure::transient(format!("all mails wait until {until:.0}: {why}")),
            )
        });
        Ok(mails.chain(damaged).chain(paused).collect())
    }
}

fn why_kept_back(mail: &Entry, via: Via) -> Option<(String, Failure)> {
    let Entry { key, subject, to, via: begun_by, .. } = mail;
    let (to, why) = (to.join(", "), mail.why.as_deref());
    let named = format!("the mail `{subject}` to {to}");
    if mail.needs_person {
        let became = match mail.state {
            MailState::Unknown => "may have been sent or not",
            _ => "is not sent",
        };
        let why = format!("{named} {became}: {}", why.unwrap_or("nobody knows why"));
        let mend = format!("`outbox resend {key}` sends it, and `outbox drop {key}` gives it up");
        return Some((format!("mail/{key}"), Failure::needs_person(why).with_mend(mend)));
    }
    if !matches!(mail.state, MailState::Queued | MailState::Sending) {
        return None;
    }
    if let Some(begun_by) = begun_by.as_deref().filter(|begun_by| *begun_by != via.name()) {
        let why = format!("{named} was begun by `{begun_by}`, and they leave by `{}`", via.name());
        let mend = format!("`outbox drain --via {begun_by}` sends it");
        return Some((format!("mail/{key}"), Failure::needs_person(why).with_mend(mend)));
    }
    why.map(|why| {
        (WAITING.to_owned(), Failure::transient(format!("{named} is not sent yet: {why}")))
    })
}

/// What waits heals by itself, and is one thing however many there are.
const WAITING: &str = "mails";
