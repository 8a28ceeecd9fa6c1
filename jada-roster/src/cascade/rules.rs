//! By which rules crew are called for a charter.

use std::num::NonZero;
use std::time::Duration;

use crate::cascade::berth::Berth;
use crate::error::Error;
use crate::harbour::Harbour;

/// By which rules crew are called for a charter of a harbour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRules {
    pub(super) harbour: Harbour,
    pub(super) berths: Vec<Berth>,
    pub(super) window: Duration,
    pub(super) lead: Duration,
    pub(super) at_most: Option<NonZero<usize>>,
    pub(super) maybe: Call,
    pub(super) silent: Call,
}

/// Whether those are called who have not said that they are free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// After those who have.
    Last,
    /// Not at all.
    Never,
}

/// Builds [`CallRules`].
#[derive(Clone, Debug)]
#[must_use]
pub struct CallRulesBuilder(CallRules);

impl CallRules {
    /// How long a wave has until the next one opens, unless the rules say otherwise: 2 hours.
    pub const WINDOW: Duration = Duration::from_secs(2 * 60 * 60);

    /// How long before a charter casts off everyone has been called, unless the rules say otherwise:
    /// 3 hours.
    pub const LEAD: Duration = Duration::from_secs(3 * 60 * 60);

    /// Starts the rules of a harbour: one captain is called for, who may be a skipper.
    pub fn builder(harbour: Harbour) -> CallRulesBuilder {
        CallRulesBuilder(Self {
            harbour,
            berths: vec![Berth::captain()],
            window: Self::WINDOW,
            lead: Self::LEAD,
            at_most: None,
            maybe: Call::Last,
            silent: Call::Last,
        })
    }

    /// The harbour, whose clocks count.
    #[must_use]
    pub fn harbour(&self) -> &Harbour {
        &self.harbour
    }

    /// What is called for, in this order.
    #[must_use]
    pub fn berths(&self) -> &[Berth] {
        &self.berths
    }

    /// How long a wave has until the next one opens; quiet hours do not count.
    #[must_use]
    pub fn window(&self) -> Duration {
        self.window
    }

    /// How long before a charter casts off everyone has been called.
    #[must_use]
    pub fn lead(&self) -> Duration {
        self.lead
    }
}

impl CallRulesBuilder {
    /// What is called for, in this order; default [`Berth::captain`].
    pub fn berths(mut self, berths: impl IntoIterator<Item = Berth>) -> Self {
        self.0.berths = berths.into_iter().collect();
        self
    }

    /// How long a wave has until the next one opens, from a minute to a week, in which quiet hours do
    /// not count; default [`CallRules::WINDOW`].
    pub fn window(mut self, window: Duration) -> Self {
        self.0.window = window;
        self
    }

    /// How long before a charter casts off everyone has been called, at most a year; default
    /// [`CallRules::LEAD`].
    ///
    /// Waves that would open later open together with the last one that does not: when time is
    /// short, more people are called at once, and not fewer in all.
    pub fn lead(mut self, lead: Duration) -> Self {
        self.0.lead = lead;
        self
    }

    /// How many are called at once; default all of a level. Those of a level are then called by name.
    pub fn at_most(mut self, members: NonZero<usize>) -> Self {
        self.0.at_most = Some(members);
        self
    }

    /// Leaves those alone who have said that they are perhaps free. By default they are called, after
    /// those of their level who are free.
    pub fn without_maybe(mut self) -> Self {
        self.0.maybe = Call::Never;
        self
    }

    /// Leaves those alone who have said nothing of the day. By default they are called, last of their
    /// level: a call is a question, and a boat without a captain is worse than one that was not
    /// needed.
    pub fn without_silent(mut self) -> Self {
        self.0.silent = Call::Never;
        self
    }

    /// Checks the rules as a whole.
    ///
    /// # Errors
    /// [`Error::Invalid`] for rules without a berth, or with two of one role, and for a window or a
    /// lead out of its range.
    pub fn build(self) -> Result<CallRules, Error> {
        let Self(rules) = self;
        if rules.berths.is_empty() {
            return Err(Error::invalid("berths", "", "one or more that crew are called for"));
        }
        for (at, berth) in rules.berths.iter().enumerate() {
            if rules.berths[..at].iter().any(|earlier| earlier.role() == berth.role()) {
                let expected = "each role once; 2*crew is two places in one berth";
                return Err(Error::invalid("berths", &berth.to_string(), expected));
            }
        }
        if !(MINUTE..=7 * DAY).contains(&rules.window) {
            return Err(out_of_range("window of a wave", rules.window, "a minute to a week"));
        }
        if rules.lead > 365 * DAY {
            return Err(out_of_range("lead before a charter", rules.lead, "at most a year"));
        }
        Ok(rules)
    }
}

fn out_of_range(what: &'static str, found: Duration, expected: &str) -> Error {
    Error::invalid(what, &format!("{found:?}"), expected)
}

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::crew::role::Role;

    fn rules() -> CallRulesBuilder {
        CallRules::builder(Harbour::new("Pier 2", TimeZone::UTC))
    }

    #[test]
    fn rules_that_call_for_nothing_or_never_end_are_refused() {
        let two = ["crew", "mate/crew", "2*crew"].map(|berth| berth.parse().unwrap());
        for (wrong, said) in [
            (rules().berths([]), "berths ``"),
            (rules().berths(two), "berths `2*crew`"),
            (rules().window(Duration::ZERO), "window of a wave `0ns`"),
            (rules().window(8 * DAY), "window of a wave `691200s`"),
            (rules().lead(366 * DAY), "lead before a charter"),
        ] {
            let refused = wrong.build().unwrap_err().to_string();
            assert!(refused.starts_with(said), "{refused}");
        }
        let rules = rules().berths([Berth::of(Role::Mate).or(Role::Crew)]).build().unwrap();
        assert_eq!((rules.window(), rules.lead()), (120 * MINUTE, 180 * MINUTE));
    }
}
