//! Whether an HTML body and the inline images of its mail match.

use std::collections::HashSet;

use crate::{Error, InlineImage, html_text::cids_of, syntax::excerpt};

/// Checks that each image is shown, and that each one shown is there, once.
pub(super) fn check(html: Option<&str>, images: &[InlineImage]) -> Result<(), Error> {
    let shown = html.map(cids_of).unwrap_or_default();
    let mut ids = HashSet::with_capacity(images.len());
    for image in images {
        let id = image.content_id().as_str();
        if !ids.insert(id) {
            return wrong(id, "there are two of this id, give each its own");
        }
        if !shown.iter().any(|cid| cid == id) {
            return wrong(
                id,
                "the HTML does not show it, attach it instead or show it by its cid:",
            );
        }
    }
    match shown.iter().find(|cid| !ids.contains(cid.as_str())) {
        Some(cid) => wrong(cid, "the HTML shows it and it is not there, add it by `inline_image`"),
        None => Ok(()),
    }
}

fn wrong(cid: &str, mend: &'static str) -> Result<(), Error> {
    Err(Error::InlineImage { cid: excerpt(cid), mend })
}
