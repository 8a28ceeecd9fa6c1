//! What members are called in the office's sheet, where that is not their name.

use std::collections::BTreeMap;

use crate::crew::id::CrewId;
use crate::error::Error;

/// What members are called in the office's sheet, where that is not their name: each alias is one
/// member's, and compared exactly, but for white space.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aliases(BTreeMap<String, CrewId>);

impl Aliases {
    /// The same with one more.
    ///
    /// # Errors
    /// [`Error::Invalid`] for one that is blank, or that is another member's already.
    pub fn with(mut self, alias: &str, crew: CrewId) -> Result<Self, Error> {
        self.declare(alias, crew)?;
        Ok(self)
    }

    pub(crate) fn declare(&mut self, alias: &str, crew: CrewId) -> Result<(), Error> {
        let name = spaced(alias);
        if name.is_empty() {
            return Err(Error::invalid("alias", alias, "what a member is called in the sheet"));
        }
        match self.0.get(&name) {
            Some(owner) if *owner != crew => {
                let expected = format!("an alias of one member; it is `{owner}`'s already");
                Err(Error::invalid("alias", alias, expected))
            }
            _ => {
                self.0.insert(name, crew);
                Ok(())
            }
        }
    }

    /// Whom it means, of a text that is [spaced].
    pub(super) fn crew(&self, name: &str) -> Option<&CrewId> {
        self.0.get(name)
    }
}

/// The words of a text with one blank between them: none in front, none behind, and no other white
/// space, such as a no-break space that was pasted.
pub(super) fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_is_one_members() {
        let [ada, bruno] = ["c-1", "c-2"].map(|id| CrewId::new(id).unwrap());
        let aliases = Aliases::default().with(" Capt.\u{a0} Ada ", ada.clone()).unwrap();
        assert_eq!(aliases.crew("Capt. Ada"), Some(&ada));
        assert_eq!(aliases.crew("capt. ada"), None);
        let same = aliases.clone().with("Capt. Ada", ada).unwrap();
        assert_eq!(same, aliases, "declared twice for one member is declared once");
        let refused = aliases.clone().with("Capt.\tAda", bruno.clone()).unwrap_err();
        assert!(refused.to_string().contains("it is `c-1`'s already"), "{refused}");
        assert!(aliases.with(" \u{2003}", bruno).is_err());
    }
}
