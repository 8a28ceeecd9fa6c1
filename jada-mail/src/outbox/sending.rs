//! The sending of one mail, step by step: each step is written down before it is taken, and what
//! became of it after.
//!
//! A record that says `sending` while nobody holds the mail is of a step whose outcome nobody
//! knows: its process died, or its answer was lost. A mail is sent again only if that step cannot
//! have sent it.

use std::{error::Error as _, time::Duration};

use jiff::Timestamp;

use super::{
    Settings,
    record::{LONGEST_WAIT, MailState, Reason, Record, Step, Wait, after},
    spool::Claimed,
};
use crate::{DraftId, Error, Letter, Proof, Receipt, Trace, Transport};

/// A mail that this task holds, and the transport that takes it.
pub(super) struct Sending<'a> {
    pub(super) claimed: Claimed<'a>,
    pub(super) record: Record,
    pub(super) transport: &'a dyn Transport,
    pub(super) proof: Proof,
    pub(super) settings: &'a Settings,
}

/// What an attempt says about the transport, beside what it did to the mail.
#[derive(Debug)]
pub(super) enum Weather {
    /// It works, or the mail alone is at fault.
    Fair,
    /// It does not for now.
    Foul { retry_after: Option<Duration>, why: String },
    /// It will not before a person mends something.
    Blocked(Error),
}

impl Weather {
    pub(super) fn of(error: Error) -> Self {
        match error.is_transient() {
            true => Self::Foul { retry_after: error.retry_after(), why: one_line(&error) },
            false => Self::Blocked(error),
        }
    }
}

impl Sending<'_> {
    /// Takes the mail as far as it goes now. Its waits are over.
    ///
    /// # Errors
    ///
    /// Those of the spool: the mail is then as the record on disk says.
    pub(super) async fn go_on(&mut self) -> Result<Weather, Error> {
        match (self.record.state, self.record.step) {
            (MailState::Sent | MailState::Failed, _) => Ok(Weather::Fair),
            (MailState::Queued, _) => match self.over_limit() {
                Some(why) => self.fail(why).map(|()| Weather::Fair),
                None => self.begin().await,
            },
            (MailState::Unknown, _) => self.look_again().await,
            // Nothing can have gone out. A draft may be there whose id nobody knows.
            (MailState::Sending, Some(Step::Stage)) => {
                self.leave_draft()?;
                self.begin().await
            }
            (MailState::Sending, _) if self.proof == Proof::Idempotent => self.begin().await,
            (MailState::Sending, _) if !self.has_waited() => {
                let died = || "the process that sent it died before it was answered".to_owned();
                self.doubt(self.record.why.clone().unwrap_or_else(died))?;
                Ok(Weather::Fair)
            }
            (MailState::Sending, Some(Step::Release)) => self.release_again().await,
            (MailState::Sending, _) => self.look_for_it().await,
        }
    }

    /// Whether a wait for the index is over, by a clock that did not go back meanwhile.
    fn has_waited(&self) -> bool {
        self.record.wait.is_some_and(|wait| wait.until <= self.now())
    }

    async fn begin(&mut self) -> Result<Weather, Error> {
        let letter = self.claimed.letter(&self.record)?;
        self.record.attempts += 1;
        self.record.via = Some(self.transport.name().to_owned());
        if !self.proof.has_drafts() {
            self.give_up_draft()?;
            self.enter(Step::Send)?;
            let sent = self.transport.send(&letter).await;
            return self.settle(sent.map(Some));
        }
        let draft = match self.record.draft.clone() {
            Some(draft) => draft,
            None => match self.stage(&letter).await? {
                Ok(draft) => draft,
                Err(weather) => return Ok(weather),
            },
        };
        self.release(&draft, &letter).await
    }

    /// Puts it among the drafts, and keeps the draft's id: that one will be sent, and no other.
    async fn stage(&mut self, letter: &Letter) -> Result<Result<DraftId, Weather>, Error> {
        self.enter(Step::Stage)?;
        match self.transport.stage(letter).await {
            Ok(draft) => {
                self.record.draft = Some(draft.clone());
                Ok(Ok(draft))
            }
            Err(Error::InDoubt { retry_after, source }) => {
                self.leave_draft()?;
                let weather = Error::Unavailable { retry_after, source };
                self.settle(Err(weather)).map(Err)
            }
            Err(error) => self.settle(Err(error)).map(Err),
        }
    }

    async fn release(&mut self, draft: &DraftId, letter: &Letter) -> Result<Weather, Error> {
        self.enter(Step::Release)?;
        let sent = self.transport.send_staged(draft, letter).await;
        self.settle(sent)
    }

    /// Long enough after a lost answer: a draft that is there was not sent.
    async fn release_again(&mut self) -> Result<Weather, Error> {
        let Some(draft) = self.record.draft.clone() else { return self.look_for_it().await };
        if !self.proof.has_drafts() {
            return self.look_without_draft().await;
        }
        let letter = self.claimed.letter(&self.record)?;
        self.record.attempts += 1;
        self.enter(Step::Release)?;
        match self.transport.send_staged(&draft, &letter).await {
            Ok(None) => {
                self.record.draft = None;
                self.look_for_it().await
            }
            // Whatever it was, the doubt about the step before remains.
            Err(error @ (Error::Unavailable { .. } | Error::Blocked { .. })) => {
                self.doubt(one_line(&error))?;
                Ok(Weather::of(error))
            }
            sent => self.settle(sent),
        }
    }

    /// While the draft cannot be asked for, the mail may be found, but nothing else is certain.
    async fn look_without_draft(&mut self) -> Result<Weather, Error> {
        let found = match self.proof.has_search() {
            true => self.found().await,
            false => Ok(None),
        };
        match found {
            Ok(Some(receipt)) => self.settle(Ok(Some(receipt))),
            Ok(None) => {
                self.doubt(
                    "whether its draft was sent cannot be asked: drafts are not granted any \
                            more, consent to them again"
                        .to_owned(),
                )?;
                Ok(Weather::Fair)
            }
            Err(error) => {
                self.doubt(one_line(&error))?;
                Ok(Weather::of(error))
            }
        }
    }

    /// The draft is gone, or there was none: it was sent if it is among the sent mails.
    async fn look_for_it(&mut self) -> Result<Weather, Error> {
        if !self.proof.has_search() {
            let what = match self.record.step {
                Some(Step::Release) => "its draft is gone",
                _ => "its answer was lost",
            };
            self.unknown(&format!("{what}, and sent mails cannot be searched"))?;
            return Ok(Weather::Fair);
        }
        match self.found().await {
            Ok(Some(receipt)) => self.settle(Ok(Some(receipt))),
            Ok(None) => {
                let why = match self.record.step {
                    Some(Step::Release) => {
                        "its draft is gone, and it is not among the sent mails: somebody may have \
                         deleted it"
                    }
                    _ => "its answer was lost, and it is not among the sent mails",
                };
                self.unknown(why)?;
                Ok(Weather::Fair)
            }
            Err(error) => {
                self.doubt(one_line(&error))?;
                Ok(Weather::of(error))
            }
        }
    }

    /// What is unknown may be found later. It is not sent by itself, whatever is found.
    async fn look_again(&mut self) -> Result<Weather, Error> {
        if !self.proof.has_search() {
            return Ok(Weather::Fair);
        }
        match self.found().await {
            Ok(Some(receipt)) => self.settle(Ok(Some(receipt))),
            Ok(None) => {
                self.record.wait = Some(self.wait(self.settings.look_again, Reason::BackOff));
                self.claimed.save(&self.record)?;
                Ok(Weather::Fair)
            }
            Err(error) => Ok(Weather::of(error)),
        }
    }

    async fn found(&self) -> Result<Option<Receipt>, Error> {
        let Record { message_id, began_at, enqueued_at, to, .. } = &self.record;
        let trace = Trace::new(message_id.clone(), began_at.unwrap_or(*enqueued_at));
        self.transport.find_sent(&trace.sent_to(to.first().cloned())).await
    }

    /// Writes down what became of a step.
    fn settle(&mut self, sent: Result<Option<Receipt>, Error>) -> Result<Weather, Error> {
        match sent {
            Ok(Some(receipt)) => {
                self.record.sent(&receipt, self.now());
                self.claimed.save(&self.record)?;
                Ok(Weather::Fair)
            }
            Ok(None) => {
                self.doubt("its draft is gone".to_owned())?;
                Ok(Weather::Fair)
            }
            Err(error @ Error::InDoubt { .. }) => {
                let (why, retry_after) = (one_line(&error), error.retry_after());
                self.doubt(why.clone())?;
                Ok(Weather::Foul { retry_after, why })
            }
            Err(error) if is_of_the_mail(&error) => {
                self.fail(one_line(&error))?;
                Ok(Weather::Fair)
            }
            Err(error) => {
                self.record.enter(MailState::Queued, self.now());
                if !error.is_transient() {
                    // It says nothing about the mail, however often it is tried.
                    self.record.attempts -= 1;
                }
                self.record.wait = self.pause_after(&error);
                self.record.why = Some(one_line(&error));
                self.claimed.save(&self.record)?;
                Ok(Weather::of(error))
            }
        }
    }

    /// It may have been sent, so it is left alone until it could be found.
    fn doubt(&mut self, why: String) -> Result<(), Error> {
        let can_be_told = self.record.draft.is_some() || self.proof.has_search();
        let wait = match self.proof {
            Proof::Idempotent => {
                self.wait(self.settings.pause(self.record.attempts), Reason::BackOff)
            }
            _ if can_be_told => self.wait(self.settings.index_wait, Reason::Index),
            _ => return self.unknown(&format!("{why}, and sent mails cannot be searched")),
        };
        self.record.wait = Some(wait);
        self.record.why = Some(why);
        self.claimed.save(&self.record)
    }

    fn unknown(&mut self, why: &str) -> Result<(), Error> {
        self.record.enter(MailState::Unknown, self.now());
        self.record.wait = Some(self.wait(self.settings.look_again, Reason::BackOff));
        self.record.why = Some(why.to_owned());
        self.claimed.save(&self.record)
    }

    fn fail(&mut self, why: String) -> Result<(), Error> {
        self.give_up_draft()?;
        self.record.enter(MailState::Failed, self.now());
        self.record.why = Some(why);
        self.claimed.save(&self.record)
    }

    /// Says that a step is about to be taken.
    fn enter(&mut self, step: Step) -> Result<(), Error> {
        let now = self.now();
        self.record.enter(MailState::Sending, now);
        self.record.step = Some(step);
        self.record.began_at.get_or_insert(now);
        self.claimed.save(&self.record)
    }

    fn give_up_draft(&mut self) -> Result<(), Error> {
        match self.record.draft.take() {
            Some(_) => self.leave_draft(),
            None => Ok(()),
        }
    }

    /// Says that a draft may be there that is of no use, so that a drain removes it.
    fn leave_draft(&mut self) -> Result<(), Error> {
        let via = self.record.via.clone().unwrap_or_else(|| self.transport.name().to_owned());
        self.claimed.leave_draft(&self.record, via, self.now(), self.settings.index_wait)
    }

    fn over_limit(&self) -> Option<String> {
        let Settings { max_age, max_attempts, .. } = *self.settings;
        let Record { attempts, enqueued_at, ref why, .. } = self.record;
        let waited = self.now().duration_since(enqueued_at);
        let limit = match attempts {
            0 => return None,
            _ if waited.unsigned_abs() > max_age && waited.is_positive() => {
                format!("given up after {} h", waited.as_hours())
            }
            _ if attempts >= max_attempts => format!("given up after {attempts} attempts"),
            _ => return None,
        };
        Some(why.iter().fold(limit, |limit, why| format!("{limit}: {why}")))
    }

    fn pause_after(&self, error: &Error) -> Option<Wait> {
        match error {
            Error::Unavailable { retry_after: Some(wait), .. } => {
                Some(self.wait((*wait).min(LONGEST_WAIT), Reason::RetryAfter))
            }
            error if error.is_transient() => {
                let pause = self.settings.pause(self.record.attempts);
                Some(self.wait(pause, Reason::BackOff))
            }
            _ => None,
        }
    }

    fn wait(&self, pause: Duration, reason: Reason) -> Wait {
        Wait { until: after(self.now(), pause), reason }
    }

    fn now(&self) -> Timestamp {
        self.settings.now()
    }
}

/// Whether no other mail would fare the same.
fn is_of_the_mail(error: &Error) -> bool {
    matches!(
        error,
        Error::Refused { .. }
            | Error::TooLarge { .. }
            | Error::Invalid { .. }
            | Error::Incomplete { .. }
            | Error::NulInBody { .. }
    )
}

/// The chain of causes, which holds no secret.
pub(super) fn one_line(error: &Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !line.contains(&text) {
            line.extend([": ", &text]);
        }
        cause = error.source();
    }
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}
