//! Who sails on a charter, and as what.

use std::collections::HashSet;

use crate::crew::id::CrewId;
use crate::crew::role::Role;
use crate::error::Error;

/// A member who sails on a charter, and as what.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Assignment {
    crew: CrewId,
    berth: Role,
}

impl Assignment {
    /// Puts a member into a berth, which may be another than their role: a captain sails as mate.
    #[must_use]
    pub fn new(crew: CrewId, berth: Role) -> Self {
        Self { crew, berth }
    }

    /// Who sails.
    #[must_use]
    pub fn crew(&self) -> &CrewId {
        &self.crew
    }

    /// As what.
    #[must_use]
    pub fn berth(&self) -> &Role {
        &self.berth
    }
}

/// Refuses a crew in which someone stands twice, or of more than 100.
pub(crate) fn check(assignments: &[Assignment]) -> Result<(), Error> {
    if assignments.len() > MOST {
        let found = assignments.len().to_string();
        return Err(Error::invalid("number of assignments", &found, "at most 100"));
    }
    let mut seen = HashSet::with_capacity(assignments.len());
    match assignments.iter().find(|assignment| !seen.insert(assignment.crew())) {
        Some(twice) => Err(Error::invalid("assignment", twice.crew().as_str(), ONCE)),
        None => Ok(()),
    }
}

const ONCE: &str = "each member once on a charter";
const MOST: usize = 100;
