//! Amounts of money, exactly as they are written.

use crate::booking::{
    Amount,
    layout::{Decimal, Layout},
};

/// Reads `$1,234.50`, `USD 1234.5` or `1.234,50 €`, by the layout's decimal mark and symbols.
pub(in crate::booking) fn amount(text: &str, layout: &Layout) -> Result<Amount, String> {
    let expected = || expected(layout);
    let is_digit = |c: char| c.is_ascii_digit();
    let first = text.find(is_digit).ok_or_else(expected)?;
    let end = text.rfind(is_digit).ok_or_else(expected)? + 1;
    let currency = currency(text[..first].trim(), text[end..].trim(), layout);
    let amount = number(&text[first..end], layout.decimal);
    match (amount, currency) {
        (Some((amount, digits)), Some(currency)) if may_have(&currency, digits) => {
            Ok(Amount { amount, currency })
        }
        _ => Err(expected()),
    }
}

pub(in crate::booking) fn is_currency_code(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// The currency by what stands before and after the number; both have to agree.
fn currency(before: &str, after: &str, layout: &Layout) -> Option<String> {
    let code = |sign: &str| match layout.symbols.get(sign) {
        None if is_currency_code(sign) => Some(sign.to_owned()),
        known => known.cloned(),
    };
    match (before, after) {
        ("", "") => layout.currency.clone(),
        ("", sign) | (sign, "") => code(sign),
        (before, after) => code(before).filter(|currency| code(after).as_ref() == Some(currency)),
    }
}

/// The number with a point and no grouping, and how many digits follow the point.
fn number(text: &str, decimal: Decimal) -> Option<(String, usize)> {
    let mark = match decimal {
        Decimal::Point => '.',
        Decimal::Comma => ',',
    };
    let (whole, fraction) = match text.split_once(mark) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let whole = ungrouped(whole, mark)?;
    match fraction {
        None => Some((whole, 0)),
        Some(digits) if is_number(digits) => Some((format!("{whole}.{digits}"), digits.len())),
        Some(_) => None,
    }
}

/// Digits in groups of three, if in groups, with one and the same mark between them.
fn ungrouped(whole: &str, decimal: char) -> Option<String> {
    let Some(mark) = whole.chars().find(|c| !c.is_ascii_digit()) else {
        return is_number(whole).then(|| whole.to_owned());
    };
    if mark == decimal || !GROUPING.contains(&mark) {
        return None;
    }
    let groups: Vec<_> = whole.split(mark).collect();
    let is_group = |(at, group): (usize, &&str)| {
        is_number(group) && (group.len() == 3 || at == 0 && group.len() < 3)
    };
    groups.iter().enumerate().all(is_group).then(|| groups.concat())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Three digits after the mark are most often a thousand under the wrong decimal mark.
fn may_have(currency: &str, digits: usize) -> bool {
    digits < 3 || digits == 3 && THOUSANDTHS.contains(&currency)
}

fn expected(layout: &Layout) -> String {
    let example = match layout.decimal {
        Decimal::Point => "1,234.50",
        Decimal::Comma => "1.234,50",
    };
    let signs: Vec<_> = layout.symbols.keys().map(String::as_str).collect();
    match (&layout.currency, signs.as_slice()) {
        (Some(currency), []) => {
            format!("an amount such as {example}, of {currency} or with a code")
        }
        (Some(currency), _) => {
            format!(
                "an amount such as {example}, of {currency} or with a code or {}",
                signs.join(", ")
            )
        }
        (None, []) => format!("an amount such as USD {example}"),
        (None, _) => format!("an amount such as USD {example}, or with {}", signs.join(", ")),
    }
}

const GROUPING: &[char] = &[',', '.', ' ', '\'', '’'];
/// Currencies of ISO 4217 with three digits after the point.
const THOUSANDTHS: &[&str] = &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];
