//! How a booking site writes its mails: the rules as data, and what they have to be.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use jiff::{civil, fmt::strtime};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};

use super::{
    BookingField, BookingStatus,
    lines::{Reach, normalised},
    template::Template,
    value,
};

/// The layout of one kind of mail of one site.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Layout {
    pub(super) name: String,
    pub(super) from: Vec<String>,
    #[serde(default)]
    pub(super) forwarded_by: Vec<String>,
    subjects: Vec<Subject>,
    #[serde(default)]
    pub(super) body: Body,
    #[serde(default)]
    pub(super) decimal: Decimal,
    #[serde(default)]
    pub(super) currency: Option<String>,
    #[serde(default, deserialize_with = "unique")]
    pub(super) symbols: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "unique")]
    pub(super) date_words: BTreeMap<String, String>,
    #[serde(default)]
    other_labels: Vec<String>,
    #[serde(deserialize_with = "unique")]
    fields: BTreeMap<BookingField, Rule>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Subject {
    like: Template,
    #[serde(default)]
    status: BookingStatus,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Body {
    #[default]
    Text,
    Html,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) enum Decimal {
    #[default]
    #[serde(rename = ".")]
    Point,
    #[serde(rename = ",")]
    Comma,
}

/// Where a field stands, and how it is written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Rule {
    pub(super) labels: Vec<String>,
    pub(super) lines: Vec<Template>,
    pub(super) subjects: Vec<Template>,
    pub(super) values: Vec<Template>,
    pub(super) formats: Vec<String>,
    pub(super) unit: Option<Unit>,
    pub(super) required: bool,
    below: bool,
    paragraph: bool,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Unit {
    Hours,
    Minutes,
}

impl Layout {
    pub(super) fn status(&self, subject: &str) -> Option<BookingStatus> {
        let fitting = self.subjects.iter().find(|known| known.like.fits(subject));
        fitting.map(|known| known.status)
    }

    /// What subjects look like.
    #[cfg(feature = "gmail")]
    pub(super) fn templates(&self) -> impl Iterator<Item = &Template> {
        self.subjects.iter().map(|subject| &subject.like)
    }

    pub(super) fn rule(&self, field: BookingField) -> Option<&Rule> {
        self.fields.get(&field)
    }

    /// Every label, of what is wanted and of what is not.
    pub(super) fn labels(&self) -> Vec<&str> {
        let wanted = self.fields.values().flat_map(|rule| &rule.labels);
        wanted.chain(&self.other_labels).map(String::as_str).collect()
    }

    /// Says what is wrong, and where in the layout.
    pub(super) fn check(&self) -> Result<(), String> {
        let wrong = |key: &str, text: &str, expected: &str| {
            Err(format!("{key}: {text:?} is not right: expected {expected}"))
        };
        if self.name.trim().is_empty() {
            return wrong("name", &self.name, "a name");
        }
        for (key, list) in [("from", self.from.len()), ("subjects", self.subjects.len())] {
            if list == 0 {
                return Err(format!("{key}: there is none: expected at least one"));
            }
        }
        for sender in self.from.iter().chain(&self.forwarded_by) {
            // A domain is what may follow an @.
            let address = format!("{}{sender}", if sender.contains('@') { "" } else { "x@" });
            if address.parse::<crate::Address>().is_err() || sender.contains(['<', ' ']) {
                return wrong("from or forwarded_by", sender, "an address or a domain");
            }
        }
        for code in self.currency.iter().chain(self.symbols.values()) {
            if !value::is_currency_code(code) {
                return wrong("currency or symbols", code, "a code such as USD");
            }
        }
        for word in self.date_words.values() {
            if !value::is_date_word(word) {
                return wrong("date_words", word, "a month or day in English, AM, PM, or nothing");
            }
        }
        for label in &self.other_labels {
            check_label(label).map_err(|wrong| format!("other_labels: {wrong}"))?;
        }
        let check = |(field, rule): (&BookingField, &Rule)| {
            rule.check(*field).map_err(|wrong| format!("field {field}: {wrong}"))
        };
        self.fields.iter().try_for_each(check)
    }
}

impl Rule {
    pub(super) fn reach(&self) -> Reach {
        Reach { below: self.below, paragraph: self.paragraph }
    }

    fn check(&self, field: BookingField) -> Result<(), String> {
        let is_somewhere =
            !(self.labels.is_empty() && self.lines.is_empty() && self.subjects.is_empty());
        if !is_somewhere {
            return Err("nothing says where it stands: expected labels, lines or subjects".into());
        }
        self.labels.iter().try_for_each(|label| check_label(label))?;
        let mut templates = self.lines.iter().chain(&self.subjects).chain(&self.values);
        if let Some(template) = templates.find(|template| template.wanted() != 1) {
            return Err(format!("{}: expected one {{}} in it", template.quoted()));
        }
        match (field.is_written_in_formats(), self.formats.is_empty()) {
            (true, true) => return Err("it has no formats: expected at least one".into()),
            (false, false) => {
                return Err("it has formats: expected none but for dates and times".into());
            }
            _ => self.formats.iter().try_for_each(|format| check_format(field, format))?,
        }
        if self.unit.is_some() && field != BookingField::Duration {
            return Err("it has a unit: expected none but for a duration".into());
        }
        if self.labels.is_empty() && (self.below || self.paragraph) {
            return Err("below and paragraph are about labels: expected labels".into());
        }
        Ok(())
    }
}

/// A label is compared with normalised text, and its colon is not part of it.
fn check_label(label: &str) -> Result<(), String> {
    match label {
        "" => Err("a label is empty: expected some text".into()),
        label if label != normalised(label) || label.ends_with(':') => Err(format!(
            "label {label:?}: expected single spaces, none at the ends, and no colon at the end"
        )),
        _ => Ok(()),
    }
}

/// A format has to tell everything: what it writes, it has to read back.
fn check_format(field: BookingField, format: &str) -> Result<(), String> {
    let sample = civil::date(2026, 11, 23).at(21, 47, 0, 0);
    let written = strtime::format(format, sample);
    let wrong = |what: &str| Err(format!("format {format:?}: expected {what}"));
    match (field, written) {
        (_, Err(error)) => wrong(&format!("what strftime knows ({error})")),
        (BookingField::Date, Ok(text)) => match civil::Date::strptime(format, &text) {
            Ok(date) if date == sample.date() => Ok(()),
            _ => wrong("year, month and day"),
        },
        (_, Ok(text)) => match civil::Time::strptime(format, &text) {
            Ok(time) if time.hour() == sample.hour() => Ok(()),
            _ => wrong("hours from 0 to 23, or from 1 to 12 with AM and PM"),
        },
    }
}

/// A map in which no key stands twice.
fn unique<'de, D, K, V>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
where
    D: Deserializer<'de>,
    K: Deserialize<'de> + Ord + fmt::Debug,
    V: Deserialize<'de>,
{
    struct Unique<K, V>(PhantomData<(K, V)>);

    impl<'de, K, V> Visitor<'de> for Unique<K, V>
    where
        K: Deserialize<'de> + Ord + fmt::Debug,
        V: Deserialize<'de>,
    {
        type Value = BTreeMap<K, V>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
            let mut map = BTreeMap::new();
            while let Some(key) = access.next_key()? {
                if map.contains_key(&key) {
                    return Err(A::Error::custom(format!("{key:?} stands twice")));
                }
                map.insert(key, access.next_value()?);
            }
            Ok(map)
        }
    }

    deserializer.deserialize_map(Unique(PhantomData))
}
