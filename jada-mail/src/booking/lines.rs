//! The lines of a mail, and what stands after a label on them.

use super::template::without_prefix;

/// The lines of a body, each normalised and without the marks of quotations and lists.
#[derive(Debug)]
pub(super) struct Lines(Vec<String>);

/// Where a value may stand beside the line of its label.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    pub(super) below: bool,
    pub(super) paragraph: bool,
}

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        Self(text.lines().map(|line| without_marks(&normalised(line))).collect())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// What follows the first header of a forwarded mail whose sender is `is_sender`'s.
    pub(super) fn after_forwarded_header(self, is_sender: impl Fn(&str) -> bool) -> Option<Self> {
        let is_from = |line: &String| {
            FROM.iter().filter_map(|label| after_label(line, label)).any(&is_sender)
        };
        let from = self.0.iter().position(is_from)?;
        let body = self.0.iter().skip(from).skip_while(|line| !line.is_empty());
        Some(Self(body.cloned().collect()))
    }

    /// Finds the values after each of `labels`, empty ones too. A value ends where one of `all`
    /// labels begins.
    pub(super) fn values(&self, labels: &[String], all: &[&str], reach: Reach) -> Vec<String> {
        let mut values = Vec::new();
        for (at, line) in self.0.iter().enumerate() {
            let cells = cells(line);
            for (cell, text) in cells.iter().enumerate() {
                if let Some(value) = labels.iter().find_map(|label| after_label(text, label)) {
                    let row = row(value, &cells[cell + 1..], all);
                    values.push(self.extended(row, &self.0[at + 1..], all, reach));
                }
            }
        }
        values
    }

    fn extended(&self, row: String, below: &[String], all: &[&str], reach: Reach) -> String {
        let mut value = row;
        let mut below = below.iter().peekable();
        if value.is_empty() && reach.below {
            below.next_if(|line| line.is_empty());
            value = below.next().map(|line| before_label(line, all)).unwrap_or_default();
        }
        while let Some(line) = below.next_if(|_| reach.paragraph && !value.is_empty()) {
            let line = before_label(line, all);
            if line.is_empty() {
                break;
            }
            value.push('\n');
            value.push_str(&line);
        }
        value
    }
}

/// `text` as it is compared: one space for each width of space, and no invisible characters.
pub(super) fn normalised(text: &str) -> String {
    let mut normalised = String::with_capacity(text.len());
    for word in text.split(char::is_whitespace) {
        let length = normalised.len();
        normalised.extend(word.chars().filter(|c| !c.is_control() && !is_invisible(*c)));
        if normalised.len() > length {
            normalised.push(' ');
        }
    }
    normalised.truncate(normalised.trim_end().len());
    normalised
}

/// What follows `label` on a line or in a cell, if that begins with it: after a colon, or nothing.
fn after_label<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    let value = match without_prefix(text, label)?.trim_start() {
        "" => "",
        rest => rest.strip_prefix([':', '：'])?.trim_start(),
    };
    let bold = value.strip_prefix('*').and_then(|value| value.strip_suffix('*'));
    Some(bold.unwrap_or(value))
}

/// The cells of a line, empty ones too: what stands between strokes with space around them.
fn cells(line: &str) -> Vec<&str> {
    let is_stroke = |at: &usize| {
        line[..*at].chars().next_back().is_none_or(|c| c == ' ')
            && line[at + 1..].chars().next().is_none_or(|c| c == ' ')
    };
    let mut cells = Vec::new();
    let mut begin = 0;
    for at in line.match_indices('|').map(|(at, _)| at).filter(is_stroke) {
        cells.push(line[begin..at].trim());
        begin = at + 1;
    }
    cells.push(line[begin..].trim());
    cells
}

/// The value of a cell and those that follow it in its row, up to an empty one or a label.
fn row(value: &str, following: &[&str], all: &[&str]) -> String {
    let is_value = |cell: &&&str| !cell.is_empty() && !begins_with_label(cell, all);
    let follows = following.iter().take_while(is_value).copied();
    let cells = Some(value).filter(|value| !value.is_empty()).into_iter().chain(follows);
    cells.collect::<Vec<_>>().join(CELLS)
}

fn before_label(line: &str, all: &[&str]) -> String {
    row("", &cells(line), all)
}

fn begins_with_label(cell: &str, all: &[&str]) -> bool {
    all.iter().any(|label| after_label(cell, label).is_some())
}

/// `line` without what marks a quotation or an item of a list, and without the asterisks that mail
/// programs write around what is bold at its beginning.
fn without_marks(line: &str) -> String {
    let line = line.trim_start_matches(['>', ' ']);
    let marks = ["- ", "* ", "• ", "· ", "– "];
    let line = marks.iter().find_map(|mark| line.strip_prefix(mark)).unwrap_or(line);
    match line.strip_prefix('*').and_then(|line| line.split_once('*')) {
        Some((bold, rest)) => format!("{bold}{rest}"),
        None => line.to_owned(),
    }
}

fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

/// Between two cells of a value, as in the text that is made of HTML.
const CELLS: &str = " | ";
/// What mail programs write before the sender of a forwarded mail.
const FROM: &[&str] = &["From", "Von", "De", "Da", "Van", "Från", "Fra", "Od"];

#[cfg(test)]
mod tests {
    use super::*;

    const SAME_LINE: Reach = Reach { below: false, paragraph: false };
    const BELOW: Reach = Reach { below: true, paragraph: false };
    const PARAGRAPH: Reach = Reach { below: true, paragraph: true };

    #[track_caller]
    fn assert_values(text: &str, reach: Reach, expected: &[&str]) {
        let labels = ["Guest".to_owned(), "Guest name".to_owned()];
        let values = Lines::of(text).values(&labels, &["Guest", "Guest name", "Date"], reach);
        assert_eq!(values, expected, "{text:?}");
    }

    #[test]
    fn a_value_follows_its_label() {
        for (text, expected) in [
            ("Guest: Ada", "Ada"),
            ("Guest name : Ada", "Ada"),
            ("GUEST\u{a0} Name:\u{a0}\tAda  L ", "Ada L"),
            ("> > Guest: Ada", "Ada"),
            ("- Guest:Ada", "Ada"),
            ("*Guest:* Ada", "Ada"),
            ("*Guest*: *Ada*", "Ada"),
            ("Guest: *Ada*", "Ada"),
            ("Guest: Ada *", "Ada *"),
            ("Gu\u{ad}est\u{200b}: Ada", "Ada"),
            ("Guest | Ada", "Ada"),
            ("Date | May 3 | Guest | Ada | Lovelace", "Ada | Lovelace"),
            ("Guest: Ada | Date: May 3", "Ada"),
            ("Guest：Ada", "Ada"),
            ("| Guest | Ada |", "Ada"),
            ("Guest | | Ada", ""),
            ("| | Guest | Ada|b |c", "Ada|b |c"),
            ("Guest:", ""),
            ("Guest\nAda", ""),
        ] {
            assert_values(text, SAME_LINE, &[expected]);
        }
    }

    #[test]
    fn what_only_resembles_a_label_is_none() {
        for text in ["Guests: 4", "Guest Ada", "Our guest: Ada", "Guest - Ada", "Gues: Ada"] {
            assert_values(text, SAME_LINE, &[]);
        }
    }

    #[test]
    fn a_value_stands_below_its_label_if_it_may() {
        for (text, expected) in [
            ("Guest\nAda\nx", "Ada"),
            ("Guest:\n\nAda", "Ada"),
            ("Guest:\n\n\nAda", ""),
            ("Guest: Ada\nx", "Ada"),
            ("Guest\nDate: May 3", ""),
            ("Guest\nAda | Date | May 3", "Ada"),
            ("Guest", ""),
        ] {
            assert_values(text, BELOW, &[expected]);
        }
    }

    #[test]
    fn a_paragraph_ends_at_an_empty_line_or_a_label() {
        for (text, expected) in [
            ("Guest: a\nb\n c\n\nd", "a\nb\nc"),
            ("Guest\na\nb\nDate: c", "a\nb"),
            ("Guest:\nDate: c\nd", ""),
        ] {
            assert_values(text, PARAGRAPH, &[expected]);
        }
    }

    #[test]
    fn every_label_is_found() {
        assert_values("Guest: a\nx\nGuest name: b\nguest: a", SAME_LINE, &["a", "b", "a"]);
    }

    #[test]
    fn a_forwarded_mail_begins_after_its_header() {
        let text = "Look:\n\n---- Forwarded ----\nVon: Tours <a@tours.example>\nDate: x\n\nDate: y";
        let lines = Lines::of(text).after_forwarded_header(|from| from.contains("tours")).unwrap();
        assert_eq!(lines.iter().collect::<Vec<_>>(), ["", "Date: y"]);
        assert!(Lines::of(text).after_forwarded_header(|from| from.contains("boats")).is_none());
    }
}
