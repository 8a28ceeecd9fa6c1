//! What a browser holds after an answer: a session that shows what came of it, and by which link.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::links::text::LinkText;

/// The session of an answer. The link is used up, so that who opens it again in the same browser is
/// told by this what they have answered.
pub(super) struct Answered {
    pub(super) session: LinkText,
    /// Tells the link from others, and opens nothing.
    link: String,
}

impl Answered {
    pub(super) fn by(link: &LinkText, session: LinkText) -> Self {
        Self { session, link: digest(link.expose()) }
    }

    /// Takes it back from the browser that keeps it.
    pub(super) fn parse(cookie: &str) -> Option<Self> {
        let (session, link) = cookie.split_once('.')?;
        Some(Self { session: LinkText::parse(session).ok()?, link: link.to_owned() })
    }

    /// What the browser is to keep.
    pub(super) fn cookie(&self) -> String {
        format!("{}.{}", self.session.expose(), self.link)
    }

    /// Whether it was by this link that they have answered.
    pub(super) fn came_by(&self, token: &str) -> bool {
        self.link == digest(token)
    }
}

fn digest(link: &str) -> String {
    let digest = Sha256::new().chain_update(b"jada portal answer ").chain_update(link);
    URL_SAFE_NO_PAD.encode(digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gives_back_what_it_keeps() {
        let text = |text| LinkText::parse(text).unwrap();
        let kept = Answered::by(&text("Athelinkthatwasanswered"), text("Athesession")).cookie();
        assert!(!kept.contains("Athelink"), "what it came by is not kept");
        let back = Answered::parse(&kept).unwrap();
        assert_eq!(back.session.expose(), "Athesession");
        assert!(back.came_by("Athelinkthatwasanswered") && !back.came_by("Athesession"));
        for other in ["", "Athesession", ".", "a b.c"] {
            assert!(Answered::parse(other).is_none(), "{other}");
        }
    }
}
