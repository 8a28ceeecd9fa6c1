//! Whether the mails of statements became what the record says.

use std::collections::BTreeMap;

use jada_mail::{IdempotencyKey, MailState, Outbox};

use super::Manifest;
use super::record::{Mail, Record};
use super::verify::Verified;
use crate::error::Error;

impl Manifest {
    /// Asks the outbox what became of each mail that is on record, and compares its recipients and
    /// its state. One that was sent since is as good as one that was sent then. A mail of a
    /// recorded period that no record speaks of is told too.
    ///
    /// # Errors
    /// [`Error::File`] for a manifest that cannot be read; [`Error::Mail`] for the outbox.
    pub fn verify_mails(&self, outbox: &Outbox) -> Result<Verified, Error> {
        let records = self.lines()?.records;
        let mut verified = Verified::default();
        for (key, (period, mail)) in last_mails(&records) {
            let found = key.parse::<IdempotencyKey>().ok().map(|key| outbox.mail(&key));
            let found = found.transpose().map_err(failed)?.flatten();
            let what = format!("mail {key}");
            let (to, state) = match found {
                None => (None, None),
                Some(entry) => (Some(addresses(&entry.to)), Some(entry.state)),
            };
            if let Some(to) = to {
                verified.compare(
                    period,
                    &what,
                    "recipients",
                    addresses(&mail.to),
                    Some(to),
                    OTHERS,
                );
            }
            let expected =
                if state == Some(MailState::Sent) { MailState::Sent } else { mail.state };
            let state = state.map(|state| state.to_string());
            verified.compare(period, &what, "state", expected.to_string(), state, STATE);
        }
        verified.look_for_unrecorded(&records, outbox)?;
        Ok(verified)
    }
}

impl Verified {
    /// Mails that were queued by a publication whose record is not there.
    fn look_for_unrecorded(&mut self, records: &[Record], outbox: &Outbox) -> Result<(), Error> {
        let known = last_mails(records);
        for entry in outbox.status().map_err(failed)?.mails {
            let key = entry.key.to_string();
            let is_of = |record: &&Record| is_mail_of(&key, &record.period);
            let Some(record) = records.iter().rfind(is_of) else { continue };
            if !known.contains_key(key.as_str()) {
                let state = Some(entry.state.to_string());
                let what = format!("mail {key}");
                let none = "none on record".to_owned();
                self.compare(&record.period, &what, "state", none, state, UNRECORDED);
            }
        }
        Ok(())
    }
}

/// Whether a mail is of a period: its key is made of that and of the beginning of a digest, so that
/// one of May is none of the year.
fn is_mail_of(key: &str, period: &str) -> bool {
    let rest = key.strip_prefix("statement-").and_then(|rest| rest.strip_prefix(period));
    let digest = rest.and_then(|rest| rest.strip_prefix('-')).and_then(|rest| rest.get(..12));
    digest.is_some_and(|digest| digest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// What was recorded last of each mail, by keys, with its period.
fn last_mails(records: &[Record]) -> BTreeMap<&str, (&str, &Mail)> {
    let with_mail = records.iter().filter_map(|record| Some((record, record.mail.as_ref()?)));
    with_mail.map(|(record, mail)| (mail.key.as_str(), (record.period.as_str(), mail))).collect()
}

fn addresses(to: &[String]) -> String {
    let mut to: Vec<String> = to.iter().map(|address| address.to_ascii_lowercase()).collect();
    to.sort();
    to.join(", ")
}

fn failed(source: jada_mail::Error) -> Error {
    Error::Mail { source: Box::new(source) }
}

const OTHERS: &str = "the record or the outbox was edited: put back a copy";
const STATE: &str = "`outbox status` tells why";
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
