//! How a charter becomes what crew may read of it.

use std::collections::BTreeSet;

use crate::charter::Charter;
use crate::error::Error;
use crate::event::taking::Taking;
use crate::event::view::CrewView;
use crate::event::{CharterEvent, EventColumns};
use crate::scrub::Scrubbed;
use crate::scrub::rules::ScrubRules;

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
    /// As [`CharterEvent::of`]; [`Error::Invalid`] does not tell what was found: there may be money in
    /// it, and errors are logged.
    pub fn view(&self, charter: Charter) -> Result<Scrubbed<CrewView>, Error> {
        let event = CharterEvent::of(charter, &self.particulars).map_err(untold)?;
        Ok(CrewView::of(&event, self))
    }
}

impl CrewView {
    /// What crew may read of an event, and what was taken out of its texts. Every text goes through
    /// the scrubber: names hold amounts too.
    #[must_use]
    pub fn of(event: &CharterEvent, rules: &ViewRules) -> Scrubbed<Self> {
        let charter = event.charter();
        let scrub = rules.scrub.of_currency(charter.currency());
        let mut taking = Taking::by(&scrub);
        let allowed = charter.extra().iter().filter(|(name, _)| rules.columns.contains(name));
        let value = Self::builder(event.id().clone(), event.date())
            .hours(event.hours())
            .status(event.status())
            .kind(taking.kind(charter.kind().clone()))
            .brand(taking.text("brand", charter.brand()))
            .boat(taking.text("boat", event.boat()))
            .harbour(taking.text("harbour", event.harbour()))
            .guest(taking.text("guest", charter.guest()))
            .head_count(event.head_count())
            .note(taking.text("notes", charter.notes()))
            .columns(
                allowed.filter_map(|(name, text)| taking.column(name, text)).collect::<Vec<_>>(),
            )
            .assignments(event.assignments().iter().map(|it| taking.assignment(it.clone())))
            .charter_version(charter.version())
            .build();
        Scrubbed { value, removed: taking.removed }
    }
}

/// The same without what was found, which may be money: errors are logged.
pub(crate) fn untold(error: Error) -> Error {
    match error {
        Error::Invalid { what, expected, .. } => {
            Error::Invalid { what, found: "(not shown)".to_owned(), expected }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::charter::CharterId;
    use crate::charter::assignment::Assignment;
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
    fn a_berth_that_what_is_left_cannot_name_is_crew_and_names_of_columns_are_texts_too() {
        let long = format!("cook $95 {}", "x".repeat(50));
        let berth = Assignment::new(CrewId::new("ada").unwrap(), long.parse().unwrap());
        let column = ("seats $900".to_owned(), "12".to_owned());
        let id = CharterId::new("C-1").unwrap();
        let charter = Charter::builder(id, date(2026, 5, 3), Currency::USD).extra([column]);
        let charter = charter.assignments([berth]).build().unwrap();
        let rules = ViewRules::default().with_column("seats $900");
        let Scrubbed { value: view, removed } = rules.view(charter).unwrap();
        assert_eq!(view.assignments()[0].berth().as_str(), "crew");
        assert_eq!(view.columns()[0].0, "seats [amount removed]");
        let taken: Vec<_> = removed.iter().map(|it| (it.place(), it.expose())).collect();
        assert_eq!(taken, [("name of a column", "$900"), ("berth", "$95")]);
    }

    #[test]
    fn a_cell_that_cannot_be_read_is_not_told() {
        for (column, cell) in [("guests", "6 ($900)"), ("hours", "900")] {
            let column = (column.to_owned(), cell.to_owned());
            let id = CharterId::new("C-1").unwrap();
            let charter = Charter::builder(id, date(2026, 5, 3), Currency::USD).extra([column]);
            let error = ViewRules::default().view(charter.build().unwrap()).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(shown.contains("(not shown)") && !shown.contains("900"), "{shown}");
        }
    }

    #[test]
    fn a_builder_takes_no_word_with_an_amount_in_it() {
        let ada = Assignment::new(CrewId::new("ada").unwrap(), "mate $250".parse().unwrap());
        let view = CrewView::builder(CharterId::new("C-1").unwrap(), date(2026, 5, 3))
            .kind("regatta $1,200".parse().unwrap())
            .assignments([ada])
            .columns([("$900".to_owned(), ScrubRules::default().scrub("fish").value)])
            .build();
        let shown = format!("{view:?}");
        assert!(!["250", "200", "900"].iter().any(|amount| shown.contains(amount)), "{shown}");
    }

    #[test]
    fn the_currency_of_a_charter_is_found_though_it_is_a_word_as_well() {
        let paanga: Currency = "TOP".parse().unwrap();
        let copy = ViewRules::default().view(charter(paanga)).unwrap();
        assert_eq!(copy.value.note().as_str(), "Slip 300, [amount removed]");
    }
}
