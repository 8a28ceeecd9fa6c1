//! An answer that is an error, in
//! [Google's form](https://developers.google.com/workspace/drive/api/guides/handle-errors).

use std::borrow::Cow;
use std::time::Duration;

use serde_json::json;

use crate::loopback::Reply;

/// What a method answers instead of what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: u16,
    reason: &'static str,
    message: Cow<'static, str>,
    retry_after: Option<Duration>,
}

impl Refusal {
    pub(crate) fn new(
        status: u16,
        reason: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { status, reason, message: message.into(), retry_after: None }
    }

    pub(crate) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "invalidArgument", message)
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(401, "authError", "Invalid Credentials")
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, "notFound", "Requested entity was not found.")
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        Self::new(413, "uploadTooLarge", format!("Media is too large. Limit: {limit}"))
    }

    pub(crate) fn too_many_requests() -> Self {
        Self::new(429, "rateLimitExceeded", "Too many concurrent requests for user")
    }

    pub(crate) fn unavailable(status: u16) -> Self {
        Self::new(status, "backendError", "Backend Error")
    }

    /// In whole seconds.
    pub(crate) fn retry_after(self, retry_after: Option<Duration>) -> Self {
        Self { retry_after, ..self }
    }

    pub(crate) fn reason(&self) -> &'static str {
        self.reason
    }

    pub(crate) fn reply(&self) -> Reply {
        let mut error = json!({
            "message": self.message,
            "domain": self.domain(),
            "reason": self.reason,
        });
        if self.status == 401 {
            error["locationType"] = "header".into();
            error["location"] = "Authorization".into();
        }
        let mut body = json!({
            "code": self.status,
            "message": self.message,
            "errors": [error],
        });
        if let Some(name) = self.name() {
            body["status"] = name.into();
        }
        let reply = Reply::new(self.status).json(&json!({ "error": body }));
        match self.retry_after {
            Some(wait) => reply.header("Retry-After", &wait.as_secs().to_string()),
            None => reply,
        }
    }

    fn domain(&self) -> &'static str {
        if self.reason.ends_with("LimitExceeded") { "usageLimits" } else { "global" }
    }

    fn name(&self) -> Option<&'static str> {
        Some(match self.status {
            400 => "INVALID_ARGUMENT",
            401 => "UNAUTHENTICATED",
            403 => "PERMISSION_DENIED",
            404 => "NOT_FOUND",
            429 => "RESOURCE_EXHAUSTED",
            500 => "INTERNAL",
            503 => "UNAVAILABLE",
            504 => "DEADLINE_EXCEEDED",
            _ => return None,
        })
    }
}
