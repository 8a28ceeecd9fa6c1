//! `multipart/related`: metadata, and after it the mail
//! ([RFC 2387](https://www.rfc-editor.org/rfc/rfc2387)).

use crate::google::refusal::Refusal;
use crate::loopback::Request;

pub(super) struct Parts<'a> {
    pub(super) metadata: &'a [u8],
    pub(super) media_type: Option<String>,
    pub(super) media: &'a [u8],
}

pub(super) fn parts(request: &Request) -> Result<Parts<'_>, Refusal> {
    split(request).ok_or_else(|| Refusal::new(400, "badContent", "Malformed multipart body."))
}

/// The mail ends with the last delimiter there is, so what looks like one in the mail is the mail's
/// own.
fn split(request: &Request) -> Option<Parts<'_>> {
    let delimiter = format!("--{}", boundary(request.header("content-type")?)?);
    let (_, rest) = cut(request.body(), &format!("{delimiter}\r\n"))?;
    let (metadata, rest) = cut(rest, &format!("\r\n{delimiter}\r\n"))?;
    let (metadata_head, metadata) = entity(metadata)?;
    let (head, media) = entity(rest)?;
    let end = format!("\r\n{delimiter}--");
    let end = media.windows(end.len()).rposition(|window| window == end.as_bytes())?;
    let is_json = media_type(metadata_head)?.to_ascii_lowercase().starts_with("application/json");
    is_json.then_some(Parts { metadata, media_type: media_type(head), media: &media[..end] })
}

fn boundary(content_type: &str) -> Option<&str> {
    let (media_type, parameters) = content_type.split_once(';')?;
    let is_related = media_type.trim().eq_ignore_ascii_case("multipart/related");
    let mut pairs = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
    let boundary = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"))?.1;
    is_related.then_some(boundary.trim().trim_matches('"'))
}

/// Head and body.
fn entity(part: &[u8]) -> Option<(&[u8], &[u8])> {
    match part.strip_prefix(b"\r\n") {
        Some(body) => Some((&[], body)),
        None => cut(part, "\r\n\r\n"),
    }
}

fn media_type(head: &[u8]) -> Option<String> {
    let lines = str::from_utf8(head).ok()?.lines();
    let mut headers = lines.filter_map(|line| line.split_once(':'));
    let (_, value) = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-type"))?;
    Some(value.trim().to_owned())
}

/// Before and behind the first of these.
fn cut<'a>(bytes: &'a [u8], at: &str) -> Option<(&'a [u8], &'a [u8])> {
    let start = bytes.windows(at.len()).position(|window| window == at.as_bytes())?;
    Some((&bytes[..start], &bytes[start + at.len()..]))
}
