//! Texts, words and names on their way to the crew, and what is taken out of them.

use std::sync::LazyLock;

use crate::charter::assignment::Assignment;
use crate::crew::role::Role;
use crate::scrub::rules::ScrubRules;
use crate::scrub::{Removed, ScrubbedText};
use crate::status::Kind;

/// What is taken out on the way.
pub(crate) struct Taking<'a> {
    rules: &'a ScrubRules,
    pub(crate) removed: Vec<Removed>,
}

impl<'a> Taking<'a> {
    pub(crate) fn by(rules: &'a ScrubRules) -> Self {
        Self { rules, removed: Vec::new() }
    }

    pub(crate) fn text(&mut self, place: &str, text: &str) -> ScrubbedText {
        self.rules.scrub_field(place, text, &mut self.removed)
    }

    /// A kind is a word of ours, or the office's own without the amounts in it.
    pub(crate) fn kind(&mut self, kind: Kind) -> Kind {
        match kind {
            Kind::Other(_) => {
                self.text("kind", kind.as_str()).as_str().parse().unwrap_or(Kind::Charter)
            }
            ours => ours,
        }
    }

    /// As with a kind. A berth that what is left cannot name is [`Role::Crew`].
    pub(crate) fn assignment(&mut self, assignment: Assignment) -> Assignment {
        let Role::Other(_) = assignment.berth() else {
            return assignment;
        };
        let left = self.text("berth", assignment.berth().as_str());
        let berth = left.as_str().parse().unwrap_or(Role::Crew);
        Assignment::new(assignment.crew().clone(), berth)
    }

    /// A column by its name and text; none for one that holds money by its name.
    pub(crate) fn column(&mut self, name: &str, text: &str) -> Option<(String, ScrubbedText)> {
        let shown = self.name(name);
        if self.rules.is_money(name) {
            self.removed.push(Removed::new(&shown, text));
            return None;
        }
        let text = self.text(&shown, text);
        Some((shown, text))
    }

    pub(crate) fn name(&mut self, column: &str) -> String {
        self.text("name of a column", column).to_string()
    }
}

/// What a builder knows of money when nobody has given it rules.
pub(crate) static DEFAULT: LazyLock<ScrubRules> = LazyLock::new(ScrubRules::default);
