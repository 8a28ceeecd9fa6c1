//! The tables of the crew, and how the rows of `crew-keys` are named and laid out.
//!
//! `crew-keys` holds everything that is not a member, so that a script that scans `crew-roster` sees
//! only crew. It has no index: all of it is read strongly consistent. Its rows:
//!
//! - `uniq#email#<address>` and `uniq#phone#<number>`: `owner`, the member who has claimed it.
//! - `tok#<digest>`: a link that its digest alone names: `crew_id`, `purpose`, `kind`, `created_at`,
//!   `expires_at`; once used `used_at`, `used_nonce` and `used_by` (the attempt that used it, so that
//!   one whose answer was lost knows its own write); once taken back `revoked_at`; and `ttl`, after
//!   which DynamoDB may delete the row: 7 days past its end, so that the audit can still see it. A
//!   link of an older tool has no `created_at`, and the `ttl` is `never`: were its row deleted after it
//!   was taken back, a tool that writes the text into the member's row again would open it.
//! - `links#<handle>`: what a member has, one row each: `crew_id`; for each purpose `P` with a
//!   standing link `cur#P` (the digest) and `born#P`; `old#P` and `until#P`, the one that it
//!   replaced and the end of its grace, 0 for one that was taken back, until links are next taken
//!   back; `ptr#P`, digests of the standing links that `tok#` rows hold (compact ones, and those of
//!   older tools), in their grace too; `open`, a set of `<expires_at>#<digest>#<purpose>`, the
//!   member's single-use links and sessions that may be open; `opened`, how many are in `open` and
//!   all `ptr#P`, at most 64; `revision`, larger with each write of the row by a random step, so
//!   that whoever read the row and ends what it lists knows that nothing was added meanwhile;
//!   `ended_by`, the last call that ended some, so that one whose answer was lost knows its own
//!   write.
//! - `stream#…`: leases on the stream of a table, which the feature `streams` lays out.
//! - `peppers`: `fingerprints`, a set of `<name>#<fingerprint>` of the peppers under which links were
//!   made, so that a secrets folder without them is noticed at start-up.
//!
//! Instants are numbers, milliseconds since 1970; `ttl` is in seconds, as DynamoDB has it.

use crate::crew::contact::{EmailAddress, PhoneNumber};
use crate::crew::id::CrewId;
use crate::links::text::Handle;

/// The partition key of the claim on an e-mail address.
pub(super) fn email_claim(email: &EmailAddress) -> String {
    format!("{CLAIM}email#{email}")
}

/// The partition key of the claim on a phone number.
pub(super) fn phone_claim(phone: &PhoneNumber) -> String {
    format!("{CLAIM}phone#{phone}")
}

/// The partition key of what a member has.
pub(super) fn links_row(crew: &CrewId) -> String {
    format!("links#{}", Handle::of(crew).as_str())
}

/// The partition key of a link by the text of its digest.
pub(super) fn token_row(digest: &str) -> String {
    format!("tok#{digest}")
}

/// The attribute that is the partition key of `crew-keys`.
pub(super) const KEY: &str = "key";
/// What the partition keys of all claims begin with.
pub(super) const CLAIM: &str = "uniq#";

/// The names of the tables of the crew; the defaults are `crew-roster` and `crew-keys`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrewTables {
    pub(super) roster: String,
    pub(super) keys: String,
    pub(super) legacy_index: String,
    pub(super) legacy_attribute: String,
}

impl Default for CrewTables {
    fn default() -> Self {
        Self {
            roster: "crew-roster".to_owned(),
            keys: "crew-keys".to_owned(),
            legacy_index: "magic_token-index".to_owned(),
            legacy_attribute: "magic_token".to_owned(),
        }
    }
}

impl CrewTables {
    /// The same with the members in a table of this name; its partition key is `crew_id`.
    #[must_use]
    pub fn with_roster(mut self, table: impl Into<String>) -> Self {
        self.roster = table.into();
        self
    }

    /// The same with claims and links in a table of this name; its partition key is `key`.
    #[must_use]
    pub fn with_keys(mut self, table: impl Into<String>) -> Self {
        self.keys = table.into();
        self
    }

    /// The same with the links of older tools, in plain text, under this index and attribute.
    #[must_use]
    pub fn with_legacy_index(
        mut self,
        index: impl Into<String>,
        attribute: impl Into<String>,
    ) -> Self {
        (self.legacy_index, self.legacy_attribute) = (index.into(), attribute.into());
        self
    }

    /// The table of members.
    #[must_use]
    pub fn roster(&self) -> &str {
        &self.roster
    }

    /// The table of claims and links.
    #[must_use]
    pub fn keys(&self) -> &str {
        &self.keys
    }
}
