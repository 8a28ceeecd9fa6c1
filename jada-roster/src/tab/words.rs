//! The words of a tab: what its cells say, and by which headings its columns are known.

use std::collections::HashMap;

use crate::crew::availability::DayState;
use crate::error::shorten;

/// What the words in a tab mean. What is not among them is reported, never guessed.
///
/// Upper and lower case, and the white space around and between words, make no difference. A cell
/// says one word and nothing else: `yes (till 3pm)` is not understood.
///
/// | word | is |
/// |---|---|
/// | `yes`, `y`, `available`, `✓`, `✔`, `✅`, `☑` | [`DayState::Yes`] |
/// | `no`, `n`, `unavailable`, `not available`, `❌` | [`DayState::No`] |
/// | `maybe`, `perhaps` | [`DayState::Maybe`] |
/// | `morning`, `am`, `a.m.` | [`DayState::Morning`] |
/// | `afternoon`, `pm`, `p.m.` | [`DayState::Afternoon`] |
/// | a box that is ticked, `TRUE` | [`DayState::Yes`] |
/// | a box that is not, `FALSE`; `-`, `–`, `—` | nothing, as a blank cell |
///
/// A box that nobody has touched looks like one that was cleared, so it says nothing, unless `FALSE`
/// is declared to be a word. `x` is not among them: one tab crosses days off with it, and another
/// ticks them.
///
/// The key column is headed `crew_id`, or else `id`, or else `key`; the name column `name`, or else
/// `crew`, or else `crew member`, or else `full name`. A `_` or `-` in a heading is as a space, and
/// headings that are declared go before these.
#[derive(Clone, Debug)]
pub struct TabWords {
    states: HashMap<String, Option<DayState>>,
    /// As they were declared, for messages.
    declared: Vec<String>,
    keys: Vec<String>,
    names: Vec<String>,
    sums: Vec<String>,
    passed_over: Vec<String>,
    tabs: Vec<String>,
    layout: Option<TabLayout>,
}

/// Which way the days of a tab run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TabLayout {
    /// In a row, from left to right: a person is a row.
    Across,
    /// In a column, from top to bottom: a person is a column.
    Down,
}

impl TabWords {
    /// The words above.
    #[must_use]
    pub fn new() -> Self {
        let states = STATES.iter().flat_map(|(state, words)| words.iter().map(|it| (it, *state)));
        let owned = |words: &[&str]| words.iter().map(|word| fold(word)).collect();
        Self {
            states: states.map(|(word, state)| (fold(word), state)).collect(),
            declared: Vec::new(),
            keys: owned(&["crew id", "id", "key"]),
            names: owned(&["name", "crew", "crew member", "full name"]),
            sums: owned(&["total", "totals", "sum"]),
            passed_over: Vec::new(),
            tabs: Vec::new(),
            layout: None,
        }
    }

    /// Understands one more word, such as `frei`; where it meant something else, it no longer does.
    #[must_use]
    pub fn with_word(mut self, word: &str, state: DayState) -> Self {
        self.declared.push(shorten(word.trim()));
        self.states.insert(fold(word), Some(state));
        self
    }

    /// Takes one more word, such as `n/a`, for a blank cell.
    #[must_use]
    pub fn with_blank(mut self, word: &str) -> Self {
        self.states.insert(fold(word), None);
        self
    }

    /// Knows the key column by this heading, such as `email`, before any declared earlier.
    #[must_use]
    pub fn with_key(mut self, heading: &str) -> Self {
        self.keys.insert(0, heading_of(heading));
        self
    }

    /// Knows the name column by this heading, such as `Skipper`, before any declared earlier.
    #[must_use]
    pub fn with_name(mut self, heading: &str) -> Self {
        self.names.insert(0, heading_of(heading));
        self
    }

    /// Passes over rows with this in place of a name, such as `Free on board`, whatever they hold.
    /// Rows of `total`, `totals` and `sum` are passed over as far as they hold no words.
    #[must_use]
    pub fn with_passed_over(mut self, name: &str) -> Self {
        self.passed_over.push(fold(name));
        self
    }

    /// Looks for a month's tab by this title in place of the usual ones, `{month} {year}`,
    /// `{mon} {year}`, `{year}-{mm}`, `{month}` and `{mon}`. For May 2026 `{month}` is `May`,
    /// `{mon}` its first three letters, `{mm}` is `05`, `{m}` is `5`, `{year}` is `2026` and `{yy}`
    /// is `26`. May be declared more than once; a title without these is that of one tab.
    #[must_use]
    pub fn with_tab(mut self, title: &str) -> Self {
        self.tabs.push(title.to_owned());
        self
    }

    /// Looks for days that way alone, where a tab has what may be days both ways.
    #[must_use]
    pub fn with_layout(mut self, layout: TabLayout) -> Self {
        self.layout = Some(layout);
        self
    }

    pub(super) fn layout(&self) -> Option<TabLayout> {
        self.layout
    }

    /// What a word says of a day; none where it is not understood.
    pub(super) fn state(&self, text: &str) -> Option<Option<DayState>> {
        self.states.get(&fold(text)).copied()
    }

    /// What would be understood, for a person who mends a cell.
    pub(super) fn understood(&self) -> String {
        let usual = DayState::ALL.iter().map(|state| state.as_str());
        let declared = self.declared.iter().map(String::as_str);
        format!("one of {}, or nothing", usual.chain(declared).collect::<Vec<_>>().join(", "))
    }

    pub(super) fn is_passed_over(&self, name: &str) -> bool {
        self.passed_over.contains(&fold(name))
    }

    pub(super) fn is_sum(&self, name: &str) -> bool {
        self.sums.contains(&fold(name))
    }

    /// Headings of the key column, the first to look for first.
    pub(super) fn keys(&self) -> &[String] {
        &self.keys
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Titles that a month's tab may have, as they were declared.
    #[cfg(any(feature = "sheets", feature = "xlsx"))]
    pub(super) fn tabs(&self) -> &[String] {
        &self.tabs
    }
}

impl Default for TabWords {
    fn default() -> Self {
        Self::new()
    }
}

/// A word without what makes no difference: case, the white space around it and how much there is
/// in it, and marks that show nothing, such as those that choose how an emoji looks.
pub(super) fn fold(text: &str) -> String {
    let shown: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let words: Vec<&str> = shown.split_whitespace().collect();
    // By way of capitals, so that `ß` and `ς` are as `SS` and `Σ` are.
    words.join(" ").to_uppercase().to_lowercase()
}

/// A heading, in which `_` and `-` are spaces.
pub(super) fn heading_of(text: &str) -> String {
    fold(&text.replace(['_', '-'], " "))
}

/// As [`str::trim`], and without invisible marks at either end.
pub(super) fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}')
    })
}

fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{fe0e}' | '\u{fe0f}' | '\u{feff}'
    )
}

const STATES: [(Option<DayState>, &[&str]); 6] = [
    (Some(DayState::Yes), &["yes", "y", "available", "true", "✓", "✔", "✅", "☑"]),
    (Some(DayState::No), &["no", "n", "unavailable", "not available", "❌"]),
    (Some(DayState::Maybe), &["maybe", "perhaps"]),
    (Some(DayState::Morning), &["morning", "am", "a.m."]),
    (Some(DayState::Afternoon), &["afternoon", "pm", "p.m."]),
    (None, &["false", "-", "–", "—"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_known_however_it_is_typed() {
        let words = TabWords::new().with_word("straße  frei", DayState::Yes);
        for (text, state) in [
            (" YES\u{a0}", Some(DayState::Yes)),
            ("✔\u{fe0f}", Some(DayState::Yes)),
            ("\u{200b}pm", Some(DayState::Afternoon)),
            ("Not\n available", Some(DayState::No)),
            ("STRASSE FREI", Some(DayState::Yes)),
            ("–", None),
        ] {
            assert_eq!(words.state(text), Some(state), "{text}");
        }
        for text in ["yes (till 3pm)", "yes.", "x", "1", "ok", "ja", "?", "yes no"] {
            assert_eq!(words.state(text), None, "{text}");
        }
    }

    #[test]
    fn a_word_that_is_declared_replaces_what_it_meant() {
        let words = TabWords::new().with_word("FALSE", DayState::No).with_blank("n");
        assert_eq!(words.state("false"), Some(Some(DayState::No)));
        assert_eq!(words.state("N"), Some(None));
        assert!(words.understood().contains("FALSE"));
    }
}
