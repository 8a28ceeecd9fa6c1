//! Amounts of money out of text and out of rows, so that crew may read what is left.

mod context;
mod figure;
mod finder;
mod fold;
mod identifier;
mod label;
mod list;
mod marker;
mod markup;
pub(crate) mod rules;
mod shape;
mod tables;
mod token;
mod written;

use std::fmt;

use jada_auth::Secret;

use crate::scrub::finder::Finder;
use crate::scrub::rules::ScrubRules;

/// Text without amounts of money. Only [`ScrubRules`] make one, blank text apart.
///
/// What is made for crew takes its texts in this type, so that a note which nobody has scrubbed does
/// not compile there:
///
/// ```compile_fail,E0308
/// # use jada_roster::{CharterId, CrewView};
/// # fn view(id: CharterId, day: jiff::civil::Date) {
/// CrewView::builder(id, day).note("Ann pays $1,200 on board".to_owned());
/// # }
/// ```
///
/// ```
/// # use jada_roster::{CharterId, CrewView, Error, ScrubRules};
/// # fn main() -> Result<(), Error> {
/// # let (id, day) = (CharterId::new("C-1")?, jiff::civil::date(2026, 5, 3));
/// let note = ScrubRules::default().scrub("Ann pays $1,200 on board").value;
/// assert_eq!(note.as_str(), "Ann pays [amount removed] on board");
/// let view = CrewView::builder(id, day).note(note).build();
/// # assert_eq!(view.date(), day);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ScrubbedText(String);

/// What is left when money has been taken out, and what was taken.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Scrubbed<T> {
    /// What is left.
    pub value: T,
    /// What was taken, in the order in which it stood; it is nowhere else.
    pub removed: Vec<Removed>,
}

/// Something that was taken out: it is for the caller alone, and no `Debug` and no log shows it.
#[derive(Clone, Debug)]
pub struct Removed {
    place: String,
    text: Secret,
}

impl ScrubbedText {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for ScrubbedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Removed {
    pub(crate) fn new(place: &str, text: impl Into<String>) -> Self {
        Self { place: place.to_owned(), text: Secret::new(text) }
    }

    /// Where it stood: a field, or an attribute with the path to it, such as `extra.fee`.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// What was taken out. Never log it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose()
    }
}

impl ScrubRules {
    /// Takes the amounts of money out of a text, each replaced by `[amount removed]`. Doing it again
    /// changes nothing.
    ///
    /// An amount is a number, in figures or words, beside a currency (`$1,200`, `900 EUR`, `two
    /// hundred dollars`), after or before a word for money (`fee: 300`, `500 deposit`), or shaped
    /// like one (`50,-`, `1.5k`, `1,450.00`), and every number of the list behind such a word (`fees:
    /// captain 150, mate 120`). Times, dates, telephone numbers, counts with what is counted (`12
    /// guests`, `42 ft`), numbers of places and boats (`slip 300`, `Lagoon 42`), identifiers and
    /// addresses of pages stay. In doubt the number goes.
    ///
    /// Some texts cannot be told apart: `900 Ft` are feet and no forints, `paid 12.10.` is an amount
    /// and no day, `fee paid, Amel 50` an amount unless the maker of the boat is known, and a number
    /// of nine digits without a currency is a telephone's unless it ends in thousands. The path of a
    /// page's address keeps its numbers, but for those at a currency.
    #[must_use]
    pub fn scrub(&self, text: &str) -> Scrubbed<ScrubbedText> {
        let mut removed = Vec::new();
        let value = self.scrub_field("text", text, &mut removed);
        Scrubbed { value, removed }
    }

    /// As [`scrub`](Self::scrub), for the text of a named place. Each round takes at least one number,
    /// and what it leaves in its stead has none, so that there is a last round.
    pub(crate) fn scrub_field(
        &self,
        place: &str,
        text: &str,
        removed: &mut Vec<Removed>,
    ) -> ScrubbedText {
        let mut text = text.to_owned();
        loop {
            let amounts = Finder::amounts(&text, self);
            if amounts.is_empty() {
                return ScrubbedText(text);
            }
            let taken = amounts.iter().filter_map(|span| text.get(span.clone()));
            removed.extend(taken.map(|taken| Removed::new(place, taken)));
            for span in amounts.into_iter().rev() {
                text.replace_range(span, MARK);
            }
        }
    }
}

/// What stands where an amount was.
pub(crate) const MARK: &str = "[amount removed]";
