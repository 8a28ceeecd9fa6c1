//! Refusals in the words of Sheets.

use std::borrow::Cow;

use crate::google::refusal::Refusal;

pub(super) fn invalid(message: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::invalid(message)
}

pub(super) fn forbidden() -> Refusal {
    Refusal::new(403, "forbidden", "The caller does not have permission")
}
