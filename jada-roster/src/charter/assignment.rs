//! Who sails on a charter, and as what.

use crate::crew::id::CrewId;
use crate::crew::role::Role;

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
