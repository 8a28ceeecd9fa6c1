//! Links as rows of `crew-keys`, and rows as links. Their layout stands in `keys.rs`.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;

use crate::crew::id::CrewId;
use crate::dynamo::item::{Corrupt, Item, parsed, text};
use crate::dynamo::keys::{KEY, token_row};
use crate::error::Error;
use crate::links::pepper::{LinkDigest, NonceDigest};
use crate::links::record::{Record, Standing, Use};
use crate::links::{Link, LinkKind, Purpose};

/// A digest, as a table has it: 43 letters, digits, `-` and `_`.
pub(super) fn digest_text(digest: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(digest)
}

pub(super) fn key(row: impl Into<String>) -> Item {
    Item::from([(KEY.to_owned(), AttributeValue::S(row.into()))])
}

pub(super) fn number(instant: Timestamp) -> AttributeValue {
    AttributeValue::N(instant.as_millisecond().to_string())
}

/// When DynamoDB may delete what ends at an instant.
pub(super) fn ttl(end: Timestamp) -> AttributeValue {
    AttributeValue::N((end.as_second() + KEPT_SECONDS).to_string())
}

/// The row of a link that its digest names.
pub(super) fn token(
    link: &Link,
    kind: LinkKind,
    digest: &str,
    created_at: Option<Timestamp>,
) -> Item {
    let mut item = key(token_row(digest));
    let mut put = |name: &str, value| item.insert(name.to_owned(), value);
    put(CREW, AttributeValue::S(link.crew.to_string()));
    put(PURPOSE, AttributeValue::S(link.purpose.to_string()));
    put(KIND, AttributeValue::S(kind.as_str().to_owned()));
    match created_at {
        Some(created_at) => put(CREATED_AT, number(created_at)),
        None => put(TTL, AttributeValue::S(NEVER.to_owned())),
    };
    if let Some(end) = link.expires_at {
        put(EXPIRES_AT, number(end));
        put(TTL, ttl(end));
    }
    item
}

pub(super) fn record(item: &Item) -> Result<Record, Corrupt> {
    let (kind, expires_at) = (parsed(item, KIND, kind)?, instant(item, EXPIRES_AT)?);
    if expires_at.is_none() && kind != LinkKind::Standing {
        let expected = "an instant, since the link is no standing one".to_owned();
        return Err(Corrupt { attribute: EXPIRES_AT, expected });
    }
    Ok(Record {
        crew: parsed(item, CREW, CrewId::new)?,
        purpose: parsed(item, PURPOSE, Purpose::new)?,
        kind,
        issued_at: instant(item, CREATED_AT)?,
        expires_at,
        used: used(item)?,
        revoked: item.contains_key(REVOKED_AT),
    })
}

fn used(item: &Item) -> Result<Option<Use>, Corrupt> {
    let Some(at) = instant(item, USED_AT)? else {
        return Ok(None);
    };
    let nonce = digest(item, USED_NONCE, USED_NONCE)?.map(NonceDigest);
    Ok(Some(Use { at, nonce, attempt: text(item, USED_BY).unwrap_or_default().to_owned() }))
}

fn kind(text: &str) -> Result<LinkKind, Error> {
    [LinkKind::SingleUse, LinkKind::Standing, LinkKind::Session]
        .into_iter()
        .find(|kind| kind.as_str() == text)
        .ok_or_else(|| Error::invalid("kind", text, "single-use, standing or session"))
}

/// A member's standing link for a purpose, from the row of their links.
pub(super) fn standing(item: &Item, purpose: &Purpose) -> Result<Standing, Corrupt> {
    let until = instant_of(item, &of(UNTIL, purpose), UNTIL)?;
    let replaced = digest(item, &of(OLD, purpose), OLD)?.map(LinkDigest);
    Ok(Standing {
        crew: parsed(item, CREW, CrewId::new)?,
        current: digest(item, &of(CURRENT, purpose), CURRENT)?.map(LinkDigest),
        issued_at: instant_of(item, &of(BORN, purpose), BORN)?,
        replaced: replaced.zip(until),
    })
}

/// The purposes for which the row of a member's links lists any standing one.
pub(super) fn purposes(item: &Item) -> BTreeSet<Purpose> {
    let prefixes = [CURRENT, OLD, POINTERS];
    let purpose = |name: &String| {
        let rest = prefixes.iter().find_map(|prefix| name.strip_prefix(prefix))?;
        Purpose::new(rest).ok()
    };
    item.keys().filter_map(purpose).collect()
}

/// The texts of a set; there is none where it is empty.
pub(super) fn texts<'a>(
    item: &'a Item,
    name: &str,
    attribute: &'static str,
) -> Result<&'a [String], Corrupt> {
    let Some(value) = item.get(name) else {
        return Ok(&[]);
    };
    let expected = || Corrupt { attribute, expected: "a set of texts".to_owned() };
    value.as_ss().map(Vec::as_slice).map_err(|_| expected())
}

/// What `open` holds of a single-use link or a session.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) text: String,
    pub(super) expires_at: Timestamp,
    pub(super) digest: String,
}

impl Entry {
    pub(super) fn of(link: &Link, digest: &str) -> String {
        let end = link.expires_at.unwrap_or(Timestamp::MAX).as_millisecond();
        format!("{end}#{digest}#{}", link.purpose)
    }

    pub(super) fn all(item: &Item) -> Result<Vec<Self>, Corrupt> {
        texts(item, OPEN, OPEN)?.iter().map(|text| Self::parse(text)).collect()
    }

    fn parse(entry: &str) -> Result<Self, Corrupt> {
        let mut parts = entry.splitn(3, '#');
        let expires_at =
            parts.next().and_then(|number| Timestamp::from_millisecond(number.parse().ok()?).ok());
        let (Some(expires_at), Some(digest)) = (expires_at, parts.next()) else {
            let expected = "an instant, a digest and a purpose".to_owned();
            return Err(Corrupt { attribute: OPEN, expected });
        };
        Ok(Self { text: entry.to_owned(), expires_at, digest: digest.to_owned() })
    }
}

/// The attribute of a purpose.
pub(super) fn of(prefix: &str, purpose: &Purpose) -> String {
    format!("{prefix}{purpose}")
}

/// The attribute is named by its prefix in an error: a purpose may say too much there.
fn digest(item: &Item, name: &str, attribute: &'static str) -> Result<Option<[u8; 32]>, Corrupt> {
    let Some(text) = text(item, name).filter(|text| *text != NONE) else {
        return Ok(None);
    };
    let bytes = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    let corrupt = || Corrupt { attribute, expected: "43 letters of base64url".to_owned() };
    bytes.map(Some).ok_or_else(corrupt)
}

pub(super) fn instant(item: &Item, attribute: &'static str) -> Result<Option<Timestamp>, Corrupt> {
    instant_of(item, attribute, attribute)
}

fn instant_of(
    item: &Item,
    name: &str,
    attribute: &'static str,
) -> Result<Option<Timestamp>, Corrupt> {
    let Some(value) = item.get(name) else {
        return Ok(None);
    };
    let number = value.as_n().ok().and_then(|number| number.parse().ok());
    let instant = number.and_then(|number| Timestamp::from_millisecond(number).ok());
    let corrupt = || Corrupt { attribute, expected: "milliseconds since 1970".to_owned() };
    instant.map(Some).ok_or_else(corrupt)
}

pub(super) const CREW: &str = "crew_id";
pub(super) const PURPOSE: &str = "purpose";
pub(super) const KIND: &str = "kind";
const CREATED_AT: &str = "created_at";
pub(super) const EXPIRES_AT: &str = "expires_at";
const USED_AT: &str = "used_at";
const USED_NONCE: &str = "used_nonce";
const USED_BY: &str = "used_by";
pub(super) const REVOKED_AT: &str = "revoked_at";
pub(super) const TTL: &str = "ttl";
/// No number, so that the row stays.
const NEVER: &str = "never";
pub(super) const CURRENT: &str = "cur#";
pub(super) const BORN: &str = "born#";
pub(super) const OLD: &str = "old#";
pub(super) const UNTIL: &str = "until#";
pub(super) const POINTERS: &str = "ptr#";
pub(super) const OPEN: &str = "open";
pub(super) const OPENED: &str = "opened";
pub(super) const REVISION: &str = "revision";
pub(super) const ENDED_BY: &str = "ended_by";
/// Where a digest would stand if there had been one.
pub(super) const NONE: &str = "-";
const KEPT_SECONDS: i64 = 7 * 24 * 60 * 60;
