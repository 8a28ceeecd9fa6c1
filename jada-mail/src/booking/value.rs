//! What a text in a mail means. An error is what was expected, as in "is not a date".

use jiff::{
    SignedDuration,
    civil::{Date, Time},
};

use super::layout::{Layout, Rule, Unit};
use crate::Address;

mod amount;

pub(super) use amount::{amount, is_currency_code};

pub(super) fn count(text: &str) -> Result<u32, String> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number).ok_or_else(|| "a whole number".to_owned())
}

pub(super) fn date(text: &str, layout: &Layout, rule: &Rule) -> Result<Date, String> {
    in_formats("a date", text, layout, rule, |format, text| Date::strptime(format, text).ok())
}

pub(super) fn time(text: &str, layout: &Layout, rule: &Rule) -> Result<Time, String> {
    in_formats("a time", text, layout, rule, |format, text| Time::strptime(format, text).ok())
}

/// Reads `text` by every format that fits; they have to agree.
fn in_formats<T: PartialEq>(
    what: &str,
    text: &str,
    layout: &Layout,
    rule: &Rule,
    read: impl Fn(&str, &str) -> Option<T>,
) -> Result<T, String> {
    let text = in_english(text, layout);
    let mut values = rule.formats.iter().filter_map(|format| read(format, &text));
    let first = values.next();
    match (first, values.next()) {
        (Some(value), None) => Ok(value),
        (Some(value), Some(other)) if value == other && values.all(|other| value == other) => {
            Ok(value)
        }
        (Some(_), Some(_)) => {
            Err(format!("{what} in one way only: two formats read it differently"))
        }
        (None, _) => Err(format!("{what} as {}", rule.formats.join(" or "))),
    }
}

/// Puts the layout's English words for others, and AM and PM without points.
fn in_english(text: &str, layout: &Layout) -> String {
    let mut english = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphabetic() == first.is_alphabetic();
        let (word, after) = rest.split_at(rest.find(|c| !is_word(c)).unwrap_or(rest.len()));
        let lower = word.to_lowercase();
        let known = layout.date_words.iter().find(|(other, _)| other.to_lowercase() == lower);
        english.push_str(known.map_or(word, |(_, english)| english));
        rest = after;
    }
    for (points, none) in [("a.m.", "am"), ("p.m.", "pm"), ("A.M.", "AM"), ("P.M.", "PM")] {
        english = english.replace(points, none);
    }
    english.trim().to_owned()
}

/// Whether a date or a time can hold this English word; an empty one is dropped.
pub(super) fn is_date_word(word: &str) -> bool {
    let known = MONTHS.iter().chain(DAYS).any(|full| *full == word || full[..3] == *word);
    known || ["", "AM", "PM"].contains(&word)
}

pub(super) fn duration(text: &str, rule: &Rule) -> Result<SignedDuration, String> {
    let (read, expected) = match rule.unit {
        Some(unit) => (counted(text, unit), "a number of hours or minutes"),
        None => (text.to_lowercase().parse().ok(), "a time such as 1 hour 30 minutes"),
    };
    read.filter(SignedDuration::is_positive).ok_or_else(|| expected.to_owned())
}

/// A number such as `90`, `1.5` or `1,5`: a length of time has no thousands.
fn counted(number: &str, unit: Unit) -> Option<SignedDuration> {
    let seconds = match unit {
        Unit::Hours => 3_600,
        Unit::Minutes => 60,
    };
    let (whole, fraction) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    let is_short = |digits: &str| (1..=6).contains(&digits.len());
    if ![whole, fraction]
        .iter()
        .all(|digits| is_short(digits) && digits.bytes().all(|b| b.is_ascii_digit()))
    {
        return None;
    }
    let scale = 10_i64.pow(u32::try_from(fraction.len()).ok()?);
    let whole = whole.parse::<i64>().ok()? * seconds;
    Some(SignedDuration::from_secs(whole + fraction.parse::<i64>().ok()? * seconds / scale))
}

/// An address, which mail programs may have written twice: `a@b.example <a@b.example>`.
pub(super) fn email(text: &str) -> Result<Address, String> {
    let once = text.strip_suffix('>').and_then(|text| text.split_once(" <"));
    let text = match once {
        Some((words, email)) if words.eq_ignore_ascii_case(email) => email,
        _ => text,
    };
    text.parse().map_err(|_| "an address such as ada@example.com".to_owned())
}

pub(super) fn phone(text: &str) -> Result<String, String> {
    let number = text.to_ascii_lowercase().replace("ext", "x");
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let is_of_number = |c: char| c.is_ascii_digit() || "+-–()./ x".contains(c);
    if (5..=20).contains(&digits) && number.chars().all(is_of_number) {
        return Ok(text.to_owned());
    }
    Err("a telephone number".to_owned())
}

const MONTHS: &[&str] = &[
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: &[&str] =
    &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
