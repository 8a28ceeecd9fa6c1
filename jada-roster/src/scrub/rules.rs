//! Which words speak of money, as data.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::money::Currency;
use crate::scrub::tables::{self, Words};

/// By which words amounts of money are found. The default is English, with every currency of ISO
/// 4217; add the words of your office.
///
/// ```
/// # use jada_roster::ScrubRules;
/// let rules = ScrubRules::default().with_label("trinkgeld").with_currency("shells");
/// let note = rules.scrub("Trinkgeld 40, und 12 shells für den Hafen").value;
/// assert_eq!(note.as_str(), "Trinkgeld [amount removed], und [amount removed] für den Hafen");
/// ```
#[derive(Clone, Debug)]
pub struct ScrubRules {
    currencies: BTreeSet<String>,
    labels: BTreeMap<String, Label>,
    counted: BTreeSet<String>,
    attributes: BTreeSet<String>,
    kept_attributes: BTreeSet<String>,
}

/// What a word for money demands of the number that belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// `deposit`: other words may stand between.
    Noun,
    /// `paid`: the same, and a small number before it is none of its.
    Verb,
    /// `total`: the number comes right after it.
    Vague,
}

/// Whether a word names a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    Surely,
    /// A code that is a word as well.
    Perhaps,
    No,
}

impl Default for ScrubRules {
    fn default() -> Self {
        let owned = |words: Words| words.all().map(str::to_owned);
        let labels = [
            (tables::MONEY_NOUNS, Label::Noun),
            (tables::MONEY_VERBS, Label::Verb),
            (tables::VAGUE_LABELS, Label::Vague),
        ];
        let labels = labels
            .into_iter()
            .flat_map(|(words, label)| owned(words).map(move |word| (word, label)));
        Self {
            currencies: owned(tables::CURRENCIES).collect(),
            labels: labels.collect(),
            counted: owned(tables::COUNTED).collect(),
            attributes: owned(tables::MONEY_NOUNS).chain(owned(tables::MONEY_ATTRIBUTES)).collect(),
            kept_attributes: BTreeSet::new(),
        }
    }
}

impl ScrubRules {
    /// The same, with one more word for a currency, in upper or lower case.
    #[must_use]
    pub fn with_currency(mut self, word: &str) -> Self {
        self.currencies.insert(lower(word));
        self
    }

    /// The same, with one more word for money, such as `fee`: a number near it is an amount.
    #[must_use]
    pub fn with_label(mut self, word: &str) -> Self {
        self.labels.insert(lower(word), Label::Noun);
        self
    }

    /// The same, with one more word for what is counted, such as `guests`: a number before it is no
    /// amount.
    #[must_use]
    pub fn with_counted(mut self, word: &str) -> Self {
        self.counted.insert(lower(word));
        self
    }

    /// The same, with one more word by which an attribute of a row holds money: `fee` takes out
    /// `fee`, `charter_fee` and `feeUSD`.
    #[must_use]
    pub fn with_attribute(mut self, word: &str) -> Self {
        self.attributes.insert(lower(word));
        self
    }

    /// The same, with an attribute that stays, whatever its name says; amounts in its text go.
    #[must_use]
    pub fn keeping_attribute(mut self, name: &str) -> Self {
        self.kept_attributes.insert(name.to_owned());
        self
    }

    /// Whether an attribute of this name holds money by its name. What is counted excuses a word that
    /// may mean either, as in `total_guests`, and no other: `crew_fee` is money.
    #[must_use]
    pub fn is_money(&self, attribute: &str) -> bool {
        let words = words_of(attribute);
        let counts = words.iter().any(|word| tables::COUNTING_ATTRIBUTES.has(word));
        let excused = |word: &str| counts && tables::VAGUE_ATTRIBUTES.has(word);
        let speaks = |word: &String| self.is_money_word(word) && !excused(word);
        !self.kept_attributes.contains(attribute) && words.iter().any(speaks)
    }

    /// `fee`, `usd`, and what is written as one word with such a word: `charterfee`, `feeusd`.
    fn is_money_word(&self, word: &str) -> bool {
        let is_whole =
            |word: &str| self.attributes.contains(word) || self.currency(word) == Named::Surely;
        let is_compound = |part: &str| {
            let ends = word.strip_suffix(part).is_some_and(|rest| is_beside(part, rest));
            let begins = word.strip_prefix(part).is_some_and(|rest| match part {
                // Feedback and feet.
                "fee" => is_whole(rest),
                _ => is_beside(part, rest),
            });
            ends || begins
        };
        is_whole(word)
            || (!tables::LIKE_MONEY_ATTRIBUTES.has(word)
                && tables::PARTS_OF_ATTRIBUTES.all().any(is_compound))
    }

    /// The rules for a charter in this currency, whose code is no mere word then.
    pub(crate) fn of_currency(&self, currency: Currency) -> Cow<'_, Self> {
        match self.currency(&currency.code().to_ascii_lowercase()) {
            Named::Surely => Cow::Borrowed(self),
            Named::Perhaps | Named::No => Cow::Owned(self.clone().with_currency(currency.code())),
        }
    }

    /// What a word in lower case is as the name of a currency.
    pub(super) fn currency(&self, word: &str) -> Named {
        let is_code = || {
            let code = word.to_ascii_uppercase();
            word.len() == 3 && iso_currency::Currency::from_code(&code).is_some()
        };
        if self.currencies.contains(word) {
            Named::Surely
        } else if tables::CODES_LIKE_WORDS.has(word) {
            Named::Perhaps
        } else if is_code() {
            Named::Surely
        } else {
            Named::No
        }
    }

    pub(super) fn label(&self, word: &str) -> Option<Label> {
        self.labels.get(word).copied()
    }

    pub(super) fn is_counted(&self, word: &str) -> bool {
        self.counted.contains(word)
    }
}

/// Whether a word for money is still one with the rest of its word: not that of `totalguests`.
fn is_beside(part: &str, rest: &str) -> bool {
    !(tables::VAGUE_ATTRIBUTES.has(part) && tables::COUNTING_ATTRIBUTES.has(rest))
}

/// The words of a name such as `charter_fee`, `depositAmount`, `USDTotal` or `TIP-USD`, in lower case.
pub(crate) fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        let is_first = was_lower || chars.peek().is_some_and(|next| next.is_lowercase());
        let begins = !c.is_alphabetic() || (c.is_uppercase() && is_first);
        if begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphabetic()) {
            word.extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase();
    }
    words
}

fn lower(word: &str) -> String {
    word.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_holds_money_by_a_word_of_its_name() {
        let rules = ScrubRules::default().with_attribute("yield").keeping_attribute("tip_of_day");
        for name in [
            "fee",
            "Charter_Fee",
            "depositAmount",
            "TIP",
            "payout-usd",
            "total",
            "yield",
            "paid_at",
            "hours_fee",
            "guests_fee",
            "deposit_days",
            "tip_count",
            "crewTip",
            "USDTotal",
            "TIPTotal",
            "charterfee",
            "totalprice",
            "grandtotal",
            "feeusd",
            "pay",
            "captain_pay",
            "due",
            "outstanding",
            "remaining",
            "gross",
            "net",
            "share",
            "billed",
            "prepaid",
            "refunded",
        ] {
            assert!(rules.is_money(name), "{name}");
        }
        for noun in ["fee", "tip", "payout", "deposit", "revenue", "pay", "share", "rate"] {
            assert!(rules.is_money(&format!("crew_{noun}")), "{noun}");
        }
        for name in [
            "notes",
            "guests",
            "total_guests",
            "totalguests",
            "crewTotal",
            "days_remaining",
            "guests_due",
            "tip_of_day",
            "coffee",
            "feedback",
            "feet",
            "stipend",
            "status",
            "date",
            "GPSFix",
        ] {
            assert!(!rules.is_money(name), "{name}");
        }
    }
}
