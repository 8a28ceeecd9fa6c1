//! Which of several tabs is the month's.

use crate::error::shorten;
use crate::month::Month;
use crate::tab::calendar::MONTHS;
use crate::tab::words::{TabWords, fold};

/// The one tab that is the month's by its title; an error that lists the tabs where none is, or
/// several are.
pub(super) fn of_month(titles: &[&str], month: Month, words: &TabWords) -> Result<usize, String> {
    let expected = expected(month, words);
    let is_one = |title: &str| expected.iter().any(|it| fold(it) == fold(title));
    let found: Vec<usize> = (0..titles.len()).filter(|at| is_one(titles[*at])).collect();
    let list = |titles: &mut dyn Iterator<Item = &str>| {
        let titles: Vec<String> = titles.map(|title| format!("`{}`", shorten(title))).collect();
        titles.join(", ")
    };
    match found[..] {
        [one] => Ok(one),
        [] => Err(format!(
            "no tab is called {}; there are {}",
            list(&mut expected.iter().map(String::as_str)),
            list(&mut titles.iter().copied())
        )),
        ref several => Err(format!(
            "more than one tab may be {month}'s: {}; declare the title that is meant",
            list(&mut several.iter().map(|at| titles[*at]))
        )),
    }
}

/// What the month's tab is called, where one title is declared.
#[cfg(feature = "sheets")]
pub(super) fn only_title(month: Month, words: &TabWords) -> Option<String> {
    expected(month, words).pop().filter(|_| words.tabs().len() == 1)
}

/// What the month's tab may be called, each title once.
fn expected(month: Month, words: &TabWords) -> Vec<String> {
    let first = month.first_day();
    let (number, year) = (first.month(), first.year());
    let name = MONTHS[usize::from(number.unsigned_abs()) - 1];
    let declared: Vec<&str> = words.tabs().iter().map(String::as_str).collect();
    let mut titles: Vec<String> = Vec::new();
    for title in if declared.is_empty() { &USUAL[..] } else { &declared } {
        let title = title
            .replace("{month}", name)
            .replace("{mon}", &name[..3])
            .replace("{mm}", &format!("{number:02}"))
            .replace("{m}", &number.to_string())
            .replace("{year}", &year.to_string())
            .replace("{yy}", &format!("{:02}", year % 100));
        if !titles.contains(&title) {
            titles.push(title);
        }
    }
    titles
}

const USUAL: [&str; 5] = ["{month} {year}", "{mon} {year}", "{year}-{mm}", "{month}", "{mon}"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_tab_has_to_be_the_months() {
        let may: Month = "2026-05".parse().unwrap();
        let words = TabWords::new();
        assert_eq!(of_month(&["April 2026", " may 2026", "Notes"], may, &words), Ok(1));
        assert_eq!(of_month(&["2026-05"], may, &words), Ok(0));
        let none = of_month(&["April", "May 2025"], may, &words).unwrap_err();
        assert_eq!(
            none,
            "no tab is called `May 2026`, `2026-05`, `May`; there are `April`, `May 2025`"
        );
        let both = of_month(&["May", "May 2026", "June"], may, &words).unwrap_err();
        assert!(both.contains("`May`, `May 2026`") && !both.contains("June"), "{both}");
        assert_eq!(expected(may, &words.clone().with_tab("Crew {m}/{yy}")), ["Crew 5/26"]);
        let words = words.with_tab("May 2026");
        assert_eq!(of_month(&["May", "May 2026", "June"], may, &words), Ok(1));
    }
}
