//! The folder and the client as the environment names them.

use std::{
    env,
    ffi::{OsStr, OsString},
};

use super::SecretsDir;
use crate::Error;

impl SecretsDir {
    /// Names the folder by a text in which a leading `~`, `$NAME` and `${NAME}` stand for
    /// variables of this process; touches nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`], naming the variable that is unset or empty. It is not worth a retry.
    pub fn expand(text: &str) -> Result<Self, Error> {
        expand(text, |name| env::var_os(name)).map(Self::new)
    }

    /// Names the folder in `$JADA_SECRETS_DIR`, expanded as by [`expand`](Self::expand), else
    /// `~/.secrets`; then the client, as by [`client_from_env`](Self::client_from_env).
    ///
    /// # Errors
    ///
    /// [`Error::Refused`], naming the variable that is missing. It is not worth a retry.
    pub fn from_env() -> Result<Self, Error> {
        Self::by(|name| env::var_os(name))
    }

    /// Takes the client from `$GOOGLE_CLIENT_ID` and `$GOOGLE_CLIENT_SECRET`, if both are set, in
    /// place of the one in `gmail_credentials.json`. The file's endpoints are used all the same.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] when one is set without the other. It is not worth a retry.
    pub fn client_from_env(self) -> Result<Self, Error> {
        self.client_by(|name| env::var_os(name))
    }

    fn by(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, Error> {
        let path = match set(&variable, "JADA_SECRETS_DIR") {
            Some(path) => match path.to_str() {
                Some(text) => expand(text, &variable)?,
                None => path,
            },
            None => expand("~/.secrets", &variable)?,
        };
        Self::new(path).client_by(variable)
    }

    fn client_by(mut self, variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, Error> {
        let [id, secret] = ["GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"];
        let text = |name| {
            let text = set(&variable, name).map(OsString::into_string).transpose();
            text.map_err(|_| refused(CLIENT, format!("write `{name}` in UTF-8")))
        };
        self.client = match (text(id)?, text(secret)?) {
            (Some(id), Some(secret)) => Some((id, secret.into())),
            (None, None) => self.client,
            (Some(_), None) => return Err(one_without(secret, id)),
            (None, Some(_)) => return Err(one_without(id, secret)),
        };
        Ok(self)
    }
}

fn one_without(missing: &str, present: &str) -> Error {
    refused(CLIENT, format!("set the variable `{missing}` as well, or unset `{present}`"))
}

fn refused(action: &str, mend: String) -> Error {
    Error::Refused { action: action.to_owned(), mend, source: None }
}

/// A variable that is empty is none.
fn set(variable: impl Fn(&str) -> Option<OsString>, name: &str) -> Option<OsString> {
    variable(name).filter(|value| !value.is_empty())
}

fn expand(text: &str, variable: impl Fn(&str) -> Option<OsString>) -> Result<OsString, Error> {
    let wrong = |mend| refused(&format!("expanding the path `{text}`"), mend);
    let value = |name: &str| {
        let unset = || wrong(format!("set the variable `{name}`, which is unset or empty"));
        set(&variable, name).ok_or_else(unset)
    };
    let (mut path, mut rest) = match text.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => (value("HOME")?, rest),
        Some(_) => return Err(wrong("write the other user's folder out".to_owned())),
        None => (OsString::new(), text),
    };
    while let Some((plain, after)) = rest.split_once('$') {
        path.push(plain);
        let (name, after) = match after.strip_prefix('{') {
            Some(braced) => {
                braced.split_once('}').ok_or_else(|| wrong("close the `{`".to_owned()))?
            }
            None => after.split_at(after.find(|c: char| !is_of_name(c)).unwrap_or(after.len())),
        };
        if name.is_empty() || !name.chars().all(is_of_name) {
            return Err(wrong("write a variable's name after each `$`".to_owned()));
        }
        path.push::<&OsStr>(&value(name)?);
        rest = after;
    }
    path.push(rest);
    if path.is_empty() { Err(wrong("name a folder".to_owned())) } else { Ok(path) }
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

const CLIENT: &str = "reading the OAuth client from the environment";

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> impl Fn(&str) -> Option<OsString> {
        let pairs: Vec<_> = pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        move |name| {
            let found = pairs.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.into())
        }
    }

    #[test]
    fn variables_and_a_leading_tilde_are_expanded() {
        let known = environment(&[("HOME", "/home/ops"), ("X", "x y"), ("A_1", "/a")]);
        let cases = [
            ("~", "/home/ops"),
            ("~/.secrets", "/home/ops/.secrets"),
            ("$HOME/s", "/home/ops/s"),
            ("${A_1}b/$X/c", "/ab/x y/c"),
            ("$A_1$X", "/ax y"),
            ("/plain/~/é", "/plain/~/é"),
        ];
        for (text, expected) in cases {
            assert_eq!(expand(text, &known).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_expanded_says_why() {
        let known = environment(&[("EMPTY", "")]);
        let cases = [
            ("~/.secrets", "`HOME`"),
            ("$NONE/s", "`NONE`"),
            ("/x/${EMPTY}/s", "`EMPTY`"),
            ("${NONE", "close the `{`"),
            ("/price/$", "a variable's name"),
            ("${}", "a variable's name"),
            ("${A B}", "a variable's name"),
            ("~other/s", "the other user's folder"),
            ("", "name a folder"),
        ];
        for (text, reason) in cases {
            let error = expand(text, &known).unwrap_err();
            assert!(!error.is_transient());
            let error = error.to_string();
            assert!(error.contains(reason) && error.contains(&format!("`{text}`")), "{error}");
        }
    }

    #[test]
    fn the_folder_is_the_variable_or_the_default() {
        let at = |pairs: &[_]| SecretsDir::by(environment(pairs)).unwrap().path().to_owned();
        let home = ("HOME", "/home/ops");
        assert_eq!(at(&[home]), Path::new("/home/ops/.secrets"));
        assert_eq!(at(&[home, ("JADA_SECRETS_DIR", "")]), Path::new("/home/ops/.secrets"));
        assert_eq!(at(&[home, ("JADA_SECRETS_DIR", "~/$S"), ("S", "s")]), Path::new("/home/ops/s"));
        assert_eq!(at(&[("JADA_SECRETS_DIR", "/run/s")]), Path::new("/run/s"));
    }

    #[test]
    fn a_client_is_both_variables_or_none() {
        let id = ("GOOGLE_CLIENT_ID", "id");
        let secret = ("GOOGLE_CLIENT_SECRET", "s3cr3t");
        let take = |pairs: &[_]| SecretsDir::new("/s").client_by(environment(pairs));
        let both = take(&[id, secret]).unwrap();
        assert!(!format!("{both:?}").contains("s3cr3t"));
        let (taken, hidden) = both.client.unwrap();
        assert_eq!((taken.as_str(), hidden.expose()), ("id", "s3cr3t"));
        assert!(take(&[]).unwrap().client.is_none());
        assert!(take(&[("GOOGLE_CLIENT_ID", ""), ("GOOGLE_CLIENT_SECRET", "")]).is_ok());
        for (present, missing) in [(id, "GOOGLE_CLIENT_SECRET"), (secret, "GOOGLE_CLIENT_ID")] {
            let error = take(&[present]).unwrap_err();
            let text = format!("{error} {error:?}");
            assert!(text.contains(&format!("set the variable `{missing}`")), "{text}");
            assert!(!text.contains("s3cr3t"));
        }
    }
}
