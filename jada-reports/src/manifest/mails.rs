//! Whether the mails of statements became what the record says.

use std::collections::{BTreeMap, BTreeSet};

use jada_mail::{IdempotencyKey, MailState, Outbox};

use super::Manifest;
use super::record::Mail;
use super::verify::Verified;
use crate::error::Error;

impl Manifest {
    /// Asks the outbox what became of the last mail of each period, and compares its recipients and
    /// its state. One that was sent since is as good as one that was sent then. A mail of a
    /// recorded period that no record speaks of is told too.
    ///
    /// # Errors
    /// [`Error::File`] for a manifest that cannot be read; [`Error::Mail`] for the outbox.
    pub fn verify_mails(&self, outbox: &Outbox) -> Result<Verified, Error> {
        let records = self.lines()?.records;
        let mails = || records.iter().filter_map(|record| Some((record, record.mail.as_ref()?)));
        // One that a person dropped made way for another.
        let last = mails().map(|(record, mail)| (record.period.as_str(), mail));
        let mut verified = Verified::default();
        for (period, mail) in last.collect::<BTreeMap<_, _>>() {
            verified.compare_mail(period, mail, outbox)?;
        }
        let known: BTreeSet<&str> = mails().map(|(_, mail)| mail.key.as_str()).collect();
        let mails = outbox.status().map_err(failed)?.mails;
        // One that was withdrawn never went out.
        for entry in mails.into_iter().filter(|entry| !entry.is_withdrawn) {
            let (key, state) = (entry.key.to_string(), entry.state.to_string());
            let of_key = records.iter().rfind(|record| is_mail_of(&key, &record.period));
            if let Some(record) = of_key.filter(|_| !known.contains(key.as_str())) {
                let (what, none) = (format!("mail {key}"), "none on record".to_owned());
                verified.compare(&record.period, &what, STATE, none, Some(state), UNRECORDED);
            }
        }
        Ok(verified)
    }
}

impl Verified {
    fn compare_mail(&mut self, period: &str, mail: &Mail, outbox: &Outbox) -> Result<(), Error> {
        let key = mail.key.parse::<IdempotencyKey>().ok();
        let found = key.map(|key| outbox.mail(&key)).transpose().map_err(failed)?.flatten();
        let what = format!("mail {}", mail.key);
        let (recorded, state) = (addresses(&mail.to), found.as_ref().map(|entry| entry.state));
        if let Some(entry) = &found {
            let to = Some(addresses(&entry.to));
            self.compare(period, &what, "recipients", recorded, to, EDITED);
        }
        let expected = state.filter(|state| *state == MailState::Sent).unwrap_or(mail.state);
        let state = state.map(|state| state.to_string());
        self.compare(period, &what, STATE, expected.to_string(), state, WHY);
        Ok(())
    }
}

/// Whether a mail is of a period: its key is made of that and of the beginning of a digest, so that
/// one of May is none of the year.
pub(crate) fn is_mail_of(key: &str, period: &str) -> bool {
    let rest = key.strip_prefix("statement-").and_then(|rest| rest.strip_prefix(period));
    let digest = rest.and_then(|rest| rest.strip_prefix('-')).and_then(|rest| rest.get(..12));
    digest.is_some_and(|digest| digest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn addresses(to: &[String]) -> String {
    let mut to: Vec<String> = to.iter().map(|address| address.to_ascii_lowercase()).collect();
    to.sort();
    to.join(", ")
}

fn failed(source: jada_mail::Error) -> Error {
    Error::Mail { source: Box::new(source) }
}

const STATE: &str = "state";
const EDITED: &str = "the record or the outbox was edited: put back a copy";
const WHY: &str = "`outbox status` tells why";
const UNRECORDED: &str = "publish the period again, which mails nothing twice and records it";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_of_a_month_is_none_of_its_year() {
        for (key, period, expected) in [
            ("statement-2026-05-3f2a90c41b7d", "2026-05", true),
            ("statement-2026-05-3f2a90c41b7d-2", "2026-05", true),
            ("statement-2026-3f2a90c41b7d", "2026", true),
            ("statement-2026-05-3f2a90c41b7d", "2026", false),
            ("statement-2026-05", "2026-05", false),
            ("booking-2026-05-3f2a90c41b7d", "2026-05", false),
        ] {
            assert_eq!(is_mail_of(key, period), expected, "{key}");
        }
    }
}
