//! Who may do what: tokens, and the scopes that they carry.

use std::collections::{HashMap, HashSet};

use super::refusal::Refusal;
use crate::loopback::Head;

/// The tokens that are known, by name, and what became of each.
pub(crate) struct Tokens {
    /// The scope that allows whatever the API has.
    everything: &'static str,
    scopes: HashMap<String, Vec<String>>,
    dead: HashSet<String>,
    /// How many requests a token was good for.
    uses: HashMap<String, usize>,
}

impl Tokens {
    /// None yet, of an API with this scope of everything.
    pub(crate) fn new(everything: &'static str) -> Self {
        let (scopes, dead, uses) = (HashMap::new(), HashSet::new(), HashMap::new());
        Self { everything, scopes, dead, uses }
    }

    pub(crate) fn grant(&mut self, name: &str, scopes: Vec<String>) {
        self.scopes.insert(name.to_owned(), scopes);
    }

    /// Where none was named, there is `good`, which may do everything.
    pub(crate) fn or_default(mut self) -> Self {
        if self.scopes.is_empty() {
            self.grant("good", vec![self.everything.to_owned()]);
        }
        self
    }

    /// Whether the bearer's token has one of these scopes.
    pub(crate) fn admit(&mut self, head: &Head, scopes: &[&str]) -> Result<(), Refusal> {
        let granted = self.scopes(head).ok_or_else(Refusal::unauthorized)?;
        let enough =
            |scope: &String| scope == self.everything || scopes.iter().any(|it| it == scope);
        if !granted.iter().any(enough) {
            let message = "Request had insufficient authentication scopes.";
            return Err(Refusal::new(403, "insufficientPermissions", message));
        }
        *self.uses.entry(bearer(head).to_owned()).or_default() += 1;
        Ok(())
    }

    /// Whether the bearer's token has this very scope.
    pub(crate) fn has(&self, head: &Head, scope: &str) -> bool {
        self.scopes(head).is_some_and(|scopes| scopes.iter().any(|it| it == scope))
    }

    /// The token is not good any more; another of the same name is.
    pub(crate) fn kill(&mut self, head: &Head) {
        self.dead.insert(bearer(head).to_owned());
    }

    /// Whether it was good so often that whoever holds it does not hold it for the first time
    /// after a 401: a second 401 in a row would be a verdict.
    pub(crate) fn may_die(&self, head: &Head) -> bool {
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
