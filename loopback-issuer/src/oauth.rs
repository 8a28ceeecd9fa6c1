//! Answers as RFC 6749 wants those that may hold a token.

use serde_json::{Value, json};

use crate::loopback::Reply;

pub(crate) fn json(status: u16, body: &Value) -> Reply {
    Reply::new(status).json(body).header("Cache-Control", "no-store")
}

pub(crate) fn error(status: u16, code: &str, description: &str) -> Reply {
    json(status, &json!({ "error": code, "error_description": description }))
}
