//! The methods of Gmail's API that are called: what each costs, and the scopes that allow it.

use jada_auth::{Error, Scopes};

use super::Gmail;

/// A method of [Gmail's API](https://developers.google.com/workspace/gmail/api/reference/rest).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    MessagesSend,
    MessagesList,
    MessagesGet,
    DraftsCreate,
    DraftsSend,
    DraftsList,
    DraftsGet,
    DraftsDelete,
    Profile,
}

impl Method {
    /// The scopes of which each one suffices, those that allow least first.
    pub(super) fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::MessagesSend => &[Gmail::SCOPE_SEND, Gmail::SCOPE_COMPOSE, MODIFY, FULL],
            Self::DraftsCreate
            | Self::DraftsSend
            | Self::DraftsList
            | Self::DraftsGet
            | Self::DraftsDelete => &[Gmail::SCOPE_COMPOSE, MODIFY, FULL],
            Self::MessagesList | Self::MessagesGet => &[Gmail::SCOPE_READONLY, MODIFY, FULL],
            Self::Profile => &[Gmail::SCOPE_READONLY, Gmail::SCOPE_COMPOSE, MODIFY, FULL],
        }
    }

    /// The smallest scope that suffices and was granted.
    ///
    /// # Errors
    ///
    /// [`Error::ScopesMissing`] with the one to consent to.
    pub(super) fn scope(self, granted: &Scopes) -> Result<Scopes, Error> {
        match self.scopes().iter().find(|scope| granted.contains(scope)) {
            Some(scope) => Scopes::new([scope]),
            None => Err(Error::ScopesMissing { missing: Scopes::new(self.scopes().first())? }),
        }
    }

    pub(super) fn is_allowed_by(self, granted: &Scopes) -> bool {
        self.scope(granted).is_ok()
    }
}

const MODIFY: &str = "https://www.googleapis.com/auth/gmail.modify";
const FULL: &str = "https://mail.google.com/";

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(method: Method, granted: &[&str]) -> Result<String, Error> {
        method.scope(&Scopes::new(granted).unwrap()).map(|scope| scope.to_string())
    }

    #[test]
    fn the_smallest_scope_that_was_granted_is_asked_for() {
        let all = [FULL, MODIFY, Gmail::SCOPE_COMPOSE, Gmail::SCOPE_READONLY, Gmail::SCOPE_SEND];
        for (method, smallest) in [
            (Method::MessagesSend, Gmail::SCOPE_SEND),
            (Method::MessagesGet, Gmail::SCOPE_READONLY),
            (Method::MessagesList, Gmail::SCOPE_READONLY),
            (Method::DraftsCreate, Gmail::SCOPE_COMPOSE),
            (Method::DraftsSend, Gmail::SCOPE_COMPOSE),
            (Method::DraftsList, Gmail::SCOPE_COMPOSE),
            (Method::DraftsGet, Gmail::SCOPE_COMPOSE),
            (Method::DraftsDelete, Gmail::SCOPE_COMPOSE),
            (Method::Profile, Gmail::SCOPE_READONLY),
        ] {
            assert_eq!(scope(method, &all).unwrap(), smallest, "{method:?}");
            assert_eq!(scope(method, &[FULL, MODIFY]).unwrap(), MODIFY, "{method:?}");
            assert_eq!(scope(method, &[FULL]).unwrap(), FULL, "{method:?}");
            let Err(Error::ScopesMissing { missing }) = scope(method, &["drive"]) else {
                panic!("{method:?} was allowed");
            };
            assert_eq!(missing.to_string(), smallest, "{method:?}");
        }
        let compose = [Gmail::SCOPE_COMPOSE];
        assert_eq!(scope(Method::MessagesSend, &compose).unwrap(), Gmail::SCOPE_COMPOSE);
        assert!(scope(Method::MessagesGet, &compose).is_err());
        assert!(scope(Method::DraftsCreate, &[Gmail::SCOPE_SEND]).is_err());
    }
}
