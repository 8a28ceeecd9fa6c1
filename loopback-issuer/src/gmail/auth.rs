//! Who may do what: tokens, and the scopes that they carry.

use std::collections::{HashMap, HashSet};

use super::method::{EVERYTHING, GmailMethod, METADATA};
use super::refusal::Refusal;
use crate::loopback::Head;

/// The tokens that are known, by name, and what became of each.
#[derive(Default)]
pub(super) struct Tokens {
    scopes: HashMap<String, Vec<String>>,
    dead: HashSet<String>,
    /// How many requests a token was good for.
    uses: HashMap<String, usize>,
}

impl Tokens {
    pub(super) fn grant(&mut self, name: &str, scopes: Vec<String>) {
        self.scopes.insert(name.to_owned(), scopes);
    }

    /// Where none was named, there is `good`, which may do everything.
    pub(super) fn or_default(mut self) -> Self {
        if self.scopes.is_empty() {
            self.grant("good", vec![EVERYTHING.to_owned()]);
        }
        self
    }

    /// Whether the bearer's token has one of the scopes that the method wants.
    pub(super) fn admit(&mut self, head: &Head, method: GmailMethod) -> Result<(), Refusal> {
        let scopes = self.scopes(head).ok_or_else(Refusal::unauthorized)?;
        let enough = |scope: &String| {
            scope == EVERYTHING || method.scopes().iter().any(|wanted| wanted == scope)
        };
        if !scopes.iter().any(enough) {
            let message = "Request had insufficient authentication scopes.";
            return Err(Refusal::new(403, "insufficientPermissions", message));
        }
        *self.uses.entry(bearer(head).to_owned()).or_default() += 1;
        Ok(())
    }

    /// Gmail holds a token with this scope to it, whatever else the token carries.
    pub(super) fn is_metadata_only(&self, head: &Head) -> bool {
        self.scopes(head).is_some_and(|scopes| scopes.iter().any(|scope| scope == METADATA))
    }

    /// The token is not good any more; another of the same name is.
    pub(super) fn kill(&mut self, head: &Head) {
        self.dead.insert(bearer(head).to_owned());
    }

    /// Whether it was good so often that whoever holds it does not hold it for the first time
    /// after a 401: a second 401 in a row would be a verdict.
    pub(super) fn may_die(&self, head: &Head) -> bool {
        self.uses.get(bearer(head)).is_some_and(|uses| *uses >= PROVEN)
    }

    fn scopes(&self, head: &Head) -> Option<&Vec<String>> {
        let token = bearer(head);
        if self.dead.contains(token) {
            return None;
        }
        let named = |name: &str| token.strip_prefix(name).is_some_and(is_suffix);
        let names = self.scopes.iter().filter(|(name, _)| named(name));
        names.max_by_key(|(name, _)| name.len()).map(|(_, scopes)| scopes)
    }
}

fn is_suffix(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('-')
}

fn bearer(head: &Head) -> &str {
    head.bearer().unwrap_or_default()
}

const PROVEN: usize = 5;
