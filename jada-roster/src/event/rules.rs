//! How a charter becomes what crew may read of it.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;

use crate::charter::Charter;
use crate::charter::assignment::Assignment;
use crate::error::Error;
use crate::event::view::CrewView;
use crate::event::{CharterEvent, EventColumns};
use crate::scrub::rules::ScrubRules;
use crate::scrub::{Removed, Scrubbed, ScrubbedText};

/// How a charter becomes what crew may read of it: where its particulars stand, by which words money
/// is found, and which other columns crew may see.
///
/// ```
/// # use jada_roster::{Charter, CharterId, Currency, Error, ViewRules};
/// # fn main() -> Result<(), Error> {
/// # let day = jiff::civil::date(2026, 5, 3);
/// let charter = Charter::builder(CharterId::new("C-1")?, day, Currency::USD)
///     .guest("Ann Rivers")
///     .notes("Vegetarian; $300 on board")
///     .extra([("boat".into(), "Isla".into()), ("menu".into(), "fish".into())])
///     .build()?;
/// let copy = ViewRules::default().with_column("menu").view(charter)?;
/// assert_eq!(copy.value.note().as_str(), "Vegetarian; [amount removed] on board");
/// assert_eq!(copy.removed[0].place(), "notes");
/// # assert_eq!(copy.value.columns()[0].1.as_str(), "fish");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct ViewRules {
    particulars: EventColumns,
    scrub: ScrubRules,
    columns: BTreeSet<String>,
}

impl ViewRules {
    /// The same, with the particulars of an event in these columns.
    #[must_use]
    pub fn with_particulars(mut self, columns: EventColumns) -> Self {
        self.particulars = columns;
        self
    }

    /// The same, with amounts found by these rules.
    #[must_use]
    pub fn with_scrub(mut self, rules: ScrubRules) -> Self {
        self.scrub = rules;
        self
    }

    /// The same, with one more column that crew may see. One that holds money by its name is taken
    /// out all the same: see [`ScrubRules::is_money`].
    #[must_use]
    pub fn with_column(mut self, name: impl Into<String>) -> Self {
        self.columns.insert(name.into());
        self
    }

    /// What crew may read of a charter, and what was taken out of its texts.
    ///
    /// # Errors
    /// As [`CharterEvent::of`].
    pub fn view(&self, charter: Charter) -> Result<Scrubbed<CrewView>, Error> {
        let event = CharterEvent::of(charter, &self.particulars)?;
        Ok(CrewView::of(&event, self))
    }
}

impl CrewView {
    /// What crew may read of an event, and what was taken out of its texts. Every text goes through
    /// the scrubber: names hold amounts too.
    #[must_use]
    pub fn of(event: &CharterEvent, rules: &ViewRules) -> Scrubbed<Self> {
        let charter = event.charter();
        let mut taking =
            Taking { rules: &rules.scrub.of_currency(charter.currency()), removed: Vec::new() };
        let value = Self::builder(event.id().clone(), event.date())
            .hours(event.hours())
            .status(event.status())
            .kind(taking.word("kind", charter.kind()))
            .brand(taking.text("brand", charter.brand()))
            .boat(taking.text("boat", event.boat()))
            .harbour(taking.text("harbour", event.harbour()))
            .guest(taking.text("guest", charter.guest()))
            .head_count(event.head_count())
            .note(taking.text("notes", charter.notes()))
            .columns(taking.columns(charter, &rules.columns))
            .assignments(event.assignments().iter().map(|assignment| {
                let berth = taking.word("berth", assignment.berth());
                Assignment::new(assignment.crew().clone(), berth)
            }))
            .charter_version(charter.version())
            .build();
        Scrubbed { value, removed: taking.removed }
    }
}

/// Texts on their way to the crew.
struct Taking<'a> {
    rules: &'a ScrubRules,
    removed: Vec<Removed>,
}

impl Taking<'_> {
    fn text(&mut self, place: &str, text: &str) -> ScrubbedText {
        self.rules.scrub_field(place, text, &mut self.removed)
    }

    /// A word of the office's own. It stays as it is unless there is an amount in it.
    fn word<T: Clone + Display + FromStr>(&mut self, place: &str, word: &T) -> T {
        let scrubbed = self.text(place, &word.to_string());
        scrubbed.as_str().parse().unwrap_or_else(|_| word.clone())
    }

    fn columns(
        &mut self,
        charter: &Charter,
        allowed: &BTreeSet<String>,
    ) -> Vec<(String, ScrubbedText)> {
        let mut columns = Vec::new();
        for (name, text) in charter.extra().iter().filter(|(name, _)| allowed.contains(name)) {
            if self.rules.is_money(name) {
                self.removed.push(Removed::new(name, text.as_str()));
            } else {
                columns.push((name.clone(), self.text(name, text)));
            }
        }
        columns
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::charter::CharterId;
    use crate::crew::id::CrewId;
    use crate::money::{Currency, Money};
    use crate::status::Status;
    use crate::version::Version;

    fn charter(currency: Currency) -> Charter {
        let column = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
        let columns = [
            ("boat", "Isla ($900 boat)"),
            ("harbour", "Dock 12"),
            ("hours", "09:00-13:00"),
            ("guests", "6"),
            ("menu", "fish, 12 EUR a head"),
            ("fee", "950"),
            ("source", "agent"),
        ];
        Charter::builder(CharterId::new("C-1").unwrap(), date(2026, 5, 3), currency)
            .guest("Ann Rivers $500 deposit")
            .total(Money::from_minor(123_456, currency))
            .status(Status::Confirmed)
            .kind("regatta 50€".parse().unwrap())
            .brand("Example Sails")
            .notes("Slip 300, 500 top")
            .extra(columns.map(column))
            .assignments([Assignment::new(
                CrewId::new("ada").unwrap(),
                "cook 200 USD".parse().unwrap(),
            )])
            .version(Version::Number(3))
            .build()
            .unwrap()
    }

    #[test]
    fn a_copy_for_crew_holds_what_is_named_and_no_money() {
        let rules = ViewRules::default().with_column("menu").with_column("fee");
        let Scrubbed { value: view, removed } = rules.view(charter(Currency::USD)).unwrap();
        let texts = [view.boat(), view.harbour(), view.guest(), view.brand(), view.note()];
        let left = [
            "Isla ([amount removed] boat)",
            "Dock 12",
            "Ann Rivers [amount removed] deposit",
            "Example Sails",
            "Slip 300, 500 top",
        ];
        assert_eq!(texts.map(|text| text.as_str()), left);
        assert_eq!(view.kind().as_str(), "regatta [amount removed]");
        assert_eq!(view.assignments()[0].berth().as_str(), "cook [amount removed]");
        let columns = view.columns().iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let expected = [("menu", "fish, [amount removed] a head")];
        assert_eq!(columns.collect::<Vec<_>>(), expected);
        assert_eq!((view.head_count(), view.charter_version()), (Some(6), Version::Number(3)));
        let places: Vec<_> = removed.iter().map(|removed| removed.place()).collect();
        assert_eq!(places, ["kind", "boat", "guest", "fee", "menu", "berth"]);
        let shown = format!("{view:?}{removed:?}");
        for amount in ["1234", "123456", "950", "$500", "$900", "50€", "12 EUR", "200 USD"] {
            assert!(!shown.contains(amount), "{amount}: {shown}");
        }
    }

    #[test]
    fn the_currency_of_a_charter_is_found_though_it_is_a_word_as_well() {
        let paanga: Currency = "TOP".parse().unwrap();
        let copy = ViewRules::default().view(charter(paanga)).unwrap();
        assert_eq!(copy.value.note().as_str(), "Slip 300, [amount removed]");
    }
}
