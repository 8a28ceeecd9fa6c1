//! Groups of digits that are a day, a time or a telephone number by their shape.

/// Three prices for three things, as in `100/150/200`, and no telephone number.
pub(super) fn may_be_prices(parts: &[&str]) -> bool {
    let is_dialled = parts.iter().map(|part| part.len()).eq([3, 3, 4]);
    !is_dialled && parts.iter().all(|part| part.len() <= 4 && !part.starts_with('0'))
}

pub(super) fn has_zero(group: &str) -> bool {
    group.len() > 1 && group.starts_with('0')
}

/// `612 345 678`, `020 7946 0958`.
pub(super) fn is_dialled(groups: &[String], point: char) -> bool {
    let is_in_threes = groups.iter().map(String::len).eq([3, 3, 3]) && !groups[2].ends_with("000");
    point == ' ' && (is_in_threes || groups.first().is_some_and(|first| has_zero(first)))
}

/// A day or a time with its zero: `03.05`.
pub(super) fn is_padded(groups: &[String], separators: &[char]) -> bool {
    separators == ['.'] && has_zero(&groups[0]) && groups.iter().all(|group| group.len() == 2)
}

/// `20260503`.
pub(super) fn is_compact_date(group: &str) -> bool {
    let parts = (group.get(..4), group.get(4..6), group.get(6..));
    let (Some(year), Some(month), Some(day)) = parts else {
        return false;
    };
    group.len() == 8 && is_year(year) && is_month(month) && is_small(day)
}

pub(super) fn is_dotted_date(groups: &[String], separators: &[char]) -> bool {
    let is_dotted = separators.iter().all(|separator| *separator == '.');
    let [first, second, third] = groups else {
        return false;
    };
    is_dotted && is_date([first, second, third])
}

pub(super) fn is_date(parts: [&str; 3]) -> bool {
    let [first, second, third] = parts;
    (is_month(second)
        || (is_month(first) && is_small(second))
        || (is_month(third) && is_year(first)))
        && is_small(second)
        && ((is_year(first) && is_small(third))
            || (is_small(first) && (is_year(third) || third.len() == 2)))
}

pub(super) fn is_year(part: &str) -> bool {
    part.len() == 4 && part.parse().is_ok_and(|year: u16| (1900..2100).contains(&year))
}

/// A day or a month.
pub(super) fn is_small(part: &str) -> bool {
    part.len() <= 2 && part.parse().is_ok_and(|number: u8| (1..=31).contains(&number))
}

fn is_month(part: &str) -> bool {
    is_small(part) && part.parse().is_ok_and(|number: u8| number <= 12)
}
