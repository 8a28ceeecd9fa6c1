//! Conditions on stored rows as data, for a repository to put into its query.

use crate::charter::Charter;

/// Conditions that a row must meet, all of them; without any, every row does.
///
/// A filter is decided on what is stored, letter by letter. It cannot trim text, so it serves to
/// fetch less, and a rule in memory has the last word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    conditions: Vec<Condition>,
}

impl Filter {
    /// No condition: every row.
    #[must_use]
    pub fn everything() -> Self {
        Self::default()
    }

    /// The same filter with one condition more.
    #[must_use]
    pub fn and(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// The conditions, in the order they were added.
    #[must_use]
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// Whether a charter meets every condition.
    #[must_use]
    pub fn admits(&self, charter: &Charter) -> bool {
        self.conditions.iter().all(|condition| condition.admits(charter))
    }
}

/// One condition on a stored row.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Condition {
    /// The attribute is absent or holds another text.
    NotText {
        /// Which attribute.
        attribute: Attribute,
        /// The text that it must not hold, exactly.
        text: String,
    },
    /// The attribute holds text of at least one byte.
    NotEmpty(Attribute),
    /// There is a total, and it is not zero.
    TotalNotZero,
}

impl Condition {
    fn admits(&self, charter: &Charter) -> bool {
        match self {
            Self::NotText { attribute, text } => attribute.of(charter) != text,
            Self::NotEmpty(attribute) => !attribute.of(charter).is_empty(),
            Self::TotalNotZero => charter.total().is_some_and(|total| !total.is_zero()),
        }
    }
}

/// A text attribute that a condition may look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Attribute {
    /// `status`.
    Status,
    /// `kind`.
    Kind,
    /// `guest`.
    Guest,
    /// `brand`.
    Brand,
}

impl Attribute {
    /// Its name in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Kind => "kind",
            Self::Guest => "guest",
            Self::Brand => "brand",
        }
    }

    fn of(self, charter: &Charter) -> &str {
        match self {
            Self::Status => charter.status().as_str(),
            Self::Kind => charter.kind().as_str(),
            Self::Guest => charter.guest(),
            Self::Brand => charter.brand(),
        }
    }
}
