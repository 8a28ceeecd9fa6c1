//! A place on board that crew are called for.

use std::fmt;
use std::num::NonZero;
use std::str::FromStr;

use crate::crew::role::Role;
use crate::error::Error;

/// What somebody sails as, in which roles a member may do so, and how many are needed.
///
/// Written `captain/skipper` and `2*crew`: how many, unless it is one; the berth; others who may fill
/// it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Berth {
    places: NonZero<u8>,
    /// The berth's own role first.
    roles: Vec<Role>,
}

impl Berth {
    /// One captain, who may be a skipper.
    #[must_use]
    pub fn captain() -> Self {
        Self::of(Role::Captain).or(Role::Skipper)
    }

    /// One member in this role, who sails as that.
    #[must_use]
    pub fn of(role: Role) -> Self {
        Self { places: NonZero::<u8>::MIN, roles: vec![role] }
    }

    /// The same, which a member in this role may fill as well.
    #[must_use]
    pub fn or(mut self, role: Role) -> Self {
        if !self.roles.contains(&role) {
            self.roles.push(role);
        }
        self
    }

    /// The same for so many.
    #[must_use]
    pub fn with_places(mut self, places: NonZero<u8>) -> Self {
        self.places = places;
        self
    }

    /// What somebody sails as.
    #[must_use]
    pub fn role(&self) -> &Role {
        &self.roles[0]
    }

    /// How many are needed, 1 to 255.
    #[must_use]
    pub fn places(&self) -> NonZero<u8> {
        self.places
    }

    /// Whether a member in this role may fill it.
    #[must_use]
    pub fn takes(&self, role: &Role) -> bool {
        self.roles.contains(role)
    }
}

impl fmt::Display for Berth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.places > NonZero::<u8>::MIN {
            write!(f, "{}*", self.places)?;
        }
        write!(f, "{}", self.role())?;
        self.roles[1..].iter().try_for_each(|role| write!(f, "/{role}"))
    }
}

impl FromStr for Berth {
    type Err = Error;

    /// Reads `captain`, `captain/skipper` or `2*crew`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::invalid("berth", text, "a role: captain, captain/skipper, 2*crew");
        let (places, roles) = match text.split_once('*') {
            Some((places, roles)) => (places.trim().parse().map_err(|_| wrong())?, roles),
            None => (NonZero::<u8>::MIN, text),
        };
        let roles: Result<Vec<Role>, Error> = roles.split('/').map(str::parse).collect();
        let mut roles = roles.map_err(|_| wrong())?.into_iter();
        let berth = Self::of(roles.next().ok_or_else(wrong)?).with_places(places);
        Ok(roles.fold(berth, Self::or))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_berth_reads_as_it_is_written() {
        for text in ["captain/skipper", "2*crew", "3*crew/mate/cook", "cook"] {
            assert_eq!(text.parse::<Berth>().unwrap().to_string(), text);
        }
        assert_eq!(" 1 * Captain / SKIPPER/captain ".parse::<Berth>().unwrap(), Berth::captain());
        let two: Berth = "2*crew/mate".parse().unwrap();
        assert_eq!((two.role(), two.places().get()), (&Role::Crew, 2));
        assert!(two.takes(&Role::Mate) && two.takes(&Role::Crew) && !two.takes(&Role::Captain));
        for text in ["", "*crew", "0*crew", "256*crew", "two*crew", "crew/", "/crew", "2*"] {
            let refused = text.parse::<Berth>().unwrap_err().to_string();
            assert!(refused.starts_with("berth `"), "{refused}");
        }
    }
}
