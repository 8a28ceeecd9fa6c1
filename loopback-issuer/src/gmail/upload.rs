//! How a mail comes in: as JSON, or by one of Google's three
//! [uploads](https://developers.google.com/workspace/gmail/api/guides/uploads).

mod related;

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use super::mailbox::Incoming;
use super::method::GmailMethod;
use crate::google::refusal::Refusal;
use crate::google::session::within;
use crate::loopback::Request;

/// What a resumable upload is begun for.
#[derive(Clone)]
pub(super) struct Purpose {
    pub(super) method: GmailMethod,
    pub(super) thread_id: Option<String>,
}

/// What a request to create or to send brings.
pub(super) enum Upload {
    Whole(Incoming),
    /// The mail comes later.
    Resumable {
        thread_id: Option<String>,
    },
}

impl Upload {
    pub(super) fn of(request: &Request, method: GmailMethod) -> Result<Self, Refusal> {
        if request.segments().first() != Some(&"upload") {
            return from_json(request, method).map(Self::Whole);
        }
        match request.query("uploadType") {
            Some("media") => {
                let raw = request.body().to_vec();
                checked(request.header("content-type"), raw, None).map(Self::Whole)
            }
            Some("multipart") => {
                let parts = related::parts(request)?;
                let thread_id = thread_id(parts.metadata, method)?;
                let raw = parts.media.to_vec();
                checked(parts.media_type.as_deref(), raw, thread_id).map(Self::Whole)
            }
            Some("resumable") => {
                let media_type = request.header("x-upload-content-type");
                checked(media_type, Vec::new(), None)?;
                let thread_id = thread_id(request.body(), method)?;
                Ok(Self::Resumable { thread_id })
            }
            _ => Err(Refusal::new(400, "badRequest", "uploadType: media, multipart or resumable")),
        }
    }
}

/// The mail as base64 in JSON.
fn from_json(request: &Request, method: GmailMethod) -> Result<Incoming, Refusal> {
    let json = request.json().ok_or_else(unparsable)?;
    let message = message(&json, method);
    let raw = message["raw"].as_str().ok_or_else(|| Refusal::invalid("'raw' is required"))?;
    let raw = BASE64.decode(raw).map_err(|_| Refusal::invalid("'raw' is no base64url"))?;
    checked(Some(MESSAGE), raw, message["threadId"].as_str().map(str::to_owned))
}

fn checked(
    media_type: Option<&str>,
    raw: Vec<u8>,
    thread_id: Option<String>,
) -> Result<Incoming, Refusal> {
    let media_type = media_type.unwrap_or_default().trim().to_ascii_lowercase();
    if !media_type.starts_with("message/") {
        let message =
            format!("Media type '{media_type}' is not supported. Valid media types: [message/*]");
        return Err(Refusal::new(400, "badContent", message));
    }
    within(MAX_UPLOAD, raw.len())?;
    Ok(Incoming { raw, thread_id })
}

/// Of the metadata, which may be missing altogether.
fn thread_id(metadata: &[u8], method: GmailMethod) -> Result<Option<String>, Refusal> {
    if metadata.trim_ascii().is_empty() {
        return Ok(None);
    }
    let json = serde_json::from_slice(metadata).map_err(|_| unparsable())?;
    Ok(message(&json, method)["threadId"].as_str().map(str::to_owned))
}

/// A draft wraps its message.
fn message(json: &Value, method: GmailMethod) -> &Value {
    if method == GmailMethod::DraftsCreate { &json["message"] } else { json }
}

fn unparsable() -> Refusal {
    Refusal::new(400, "parseError", "Parse Error")
}

const MESSAGE: &str = "message/rfc822";
/// What Gmail takes at most, in bytes: 35 MiB.
pub(super) const MAX_UPLOAD: usize = 36_700_160;
/// With padding or without, as Google takes it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
