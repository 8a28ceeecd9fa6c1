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
                "the HTML does not show it, attach it instead or show it as cid: and this id",
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ContentType;

    fn image(id: &str) -> InlineImage {
        let name = "a.png".parse().unwrap();
        InlineImage::new(id.parse().unwrap(), name, ContentType::PNG, "").unwrap()
    }

    #[test]
    fn images_and_html_that_match_are_accepted() {
        let html = "<img src=cid:a@x><img src='cid:b@x'><img src=\"cid:a@x\">";
        check(Some(html), &[image("b@x"), image("a@x")]).unwrap();
        check(Some("<p>cid:a@x"), &[]).unwrap();
        check(None, &[]).unwrap();
    }

    #[test]
    fn what_does_not_match_is_named_with_the_mend() {
        for (html, images, named) in [
            (Some("<img src=cid:a@x>"), vec![], "\"a@x\": the HTML shows it and it is not there"),
            (Some("<img src=cid:A@x>"), vec![image("a@x")], "\"a@x\": the HTML does not show it"),
            (Some("<p>cid:a@x"), vec![image("a@x")], "\"a@x\": the HTML does not show it"),
            (None, vec![image("a@x")], "\"a@x\": the HTML does not show it"),
            (Some("<img src=cid:a@x>"), vec![image("a@x"), image("a@x")], "\"a@x\": there are two"),
            (Some("<img src='cid:a\u{1b}[31m'>"), vec![], "\"a\\u{1b}[31m\": the HTML shows it"),
        ] {
            let error = check(html, &images).unwrap_err().to_string();
            assert!(error.starts_with(&format!("the inline image {named}")), "{error}");
        }
    }
}
