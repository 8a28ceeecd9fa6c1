//! Lists in pages, the newest first.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use serde_json::{Value, json};

use super::mail::Mail;
use crate::google::refusal::Refusal;
use crate::loopback::Head;

/// The page that is asked for, under this name in the answer. What is stored meanwhile moves
/// nothing from one page to another.
pub(super) fn page(
    head: &Head,
    mails: &[&Mail],
    name: &str,
    entry: fn(&Mail) -> Value,
) -> Result<Value, Refusal> {
    let size = head.query("maxResults").map_or(Ok(DEFAULT), str::parse);
    let size = size.map_err(|_| Refusal::invalid("Invalid value at 'max_results'"))?.min(MOST);
    let before = match head.query("pageToken") {
        None | Some("") => None,
        Some(token) => Some(place(token).ok_or_else(|| Refusal::invalid("Invalid pageToken"))?),
    };
    let rest = mails.iter().filter(|mail| before.is_none_or(|before| key(mail) < before));
    let rest: Vec<&Mail> = rest.copied().collect();
    let page = &rest[..size.min(rest.len())];
    let mut answer = json!({ "resultSizeEstimate": mails.len() });
    if !page.is_empty() {
        answer[name] = page.iter().copied().map(entry).collect();
    }
    if let (true, Some(last)) = (page.len() < rest.len(), page.last()) {
        let (at, number) = key(last);
        answer["nextPageToken"] = URL_SAFE.encode(format!("{at}/{number}")).into();
    }
    Ok(answer)
}

fn key(mail: &Mail) -> (i64, u64) {
    (mail.internal_date.as_millisecond(), mail.number)
}

fn place(token: &str) -> Option<(i64, u64)> {
    let text = String::from_utf8(URL_SAFE.decode(token).ok()?).ok()?;
    let (at, number) = text.split_once('/')?;
    Some((at.parse().ok()?, number.parse().ok()?))
}

const DEFAULT: usize = 100;
const MOST: usize = 500;
