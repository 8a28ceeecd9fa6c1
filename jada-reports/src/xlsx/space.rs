//! How much room texts and amounts take.

use jada_roster::Money;

use crate::style::StatementStyle;

/// The room that a style leaves, and needs.
pub(super) struct Space {
    widths: [Option<f64>; 8],
    /// Of letters and of digits, beside those that widths are counted in.
    letters: f64,
    digits: f64,
    /// What amounts and dates have besides their digits, in letters.
    around_amount: usize,
    date: usize,
}

impl Space {
    pub(super) fn of(style: &StatementStyle, amounts: &str) -> Self {
        let looks = [&style.body, &style.total];
        let formats = looks.map(|look| look.number_format.as_deref().unwrap_or(amounts));
        Self {
            widths: style.widths,
            letters: style.body.size / SIZE,
            digits: looks.iter().map(|look| look.scale()).fold(1.0, f64::max),
            around_amount: formats.map(around).into_iter().max().unwrap_or_default(),
            date: date_letters(&style.date_format),
        }
    }

    /// The widths of a month's columns: those of the style, or else as the texts need; dates and
    /// amounts always have the room they need.
    pub(super) fn widths(&self, texts: [f64; 8], sums: &[Money]) -> [f64; 8] {
        let mut widths = texts;
        for (width, style) in widths.iter_mut().zip(self.widths) {
            *width = style.unwrap_or(*width);
        }
        widths[0] = widths[0].max(self.needed(self.date));
        for sum in sums {
            widths[STATUS] = self.amount(*sum, widths[STATUS]);
            widths[TOTAL] = self.amount(*sum, widths[TOTAL]);
        }
        widths.map(on_grid)
    }

    /// A width that shows an amount, and no less than this.
    pub(super) fn amount(&self, sum: Money, least: f64) -> f64 {
        let letters = sum.grouped().to_string().chars().count() + self.around_amount;
        on_grid(self.needed(letters).max(least))
    }

    fn needed(&self, letters: usize) -> f64 {
        f64::from(u16::try_from(letters).unwrap_or(u16::MAX)) * self.digits + 1.0
    }

    /// How high a row is, in points, for a text in a column so many digits wide; `None` for one
    /// line of the default font, which programs know.
    pub(super) fn height(&self, text: &str, width: f64) -> Option<f64> {
        self.height_of(self.lines(text, width))
    }

    pub(super) fn height_of(&self, lines: u16) -> Option<f64> {
        let height = (LINE_HEIGHT * self.letters * f64::from(lines)).min(MAX_HEIGHT);
        (lines > 1).then_some(height)
    }

    /// How many lines a text takes in a column that is so many digits wide. Letters are narrower
    /// than digits, which makes up for breaking between words.
    pub(super) fn lines(&self, text: &str, width: f64) -> u16 {
        let lines = text.lines().map(|line| {
            let characters = u16::try_from(line.chars().count()).unwrap_or(u16::MAX);
            (f64::from(characters) * self.letters / width).ceil().max(1.0)
        });
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let lines = lines.sum::<f64>().clamp(1.0, MAX_LINES) as u16;
        lines
    }
}

/// The next width that a workbook keeps.
fn on_grid(width: f64) -> f64 {
    ((width * 7.0).ceil() / 7.0).min(MAX_WIDTH)
}

/// How many letters a number format puts around the digits, in its longest section: signs,
/// symbols and what is quoted, but no colours.
fn around(format: &str) -> usize {
    let section = |section: &str| {
        let mut count = 0;
        let mut hidden = false;
        for c in section.chars() {
            match c {
                '[' => hidden = true,
                ']' => hidden = false,
                '#' | '0' | ',' | '.' | '"' | '\\' | '*' | '?' => {}
                _ if hidden => count += usize::from(!c.is_ascii_alphabetic()),
                _ => count += 1,
            }
        }
        count
    };
    format.split(';').take(3).map(section).max().unwrap_or_default().max(1)
}

/// How many letters a date takes at most.
fn date_letters(format: &str) -> usize {
    let mut letters = 0;
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        let run = rest.chars().take_while(|c| *c == first).count();
        letters += match (first.to_ascii_lowercase(), run) {
            ('d' | 'm', 1 | 2) => 2,
            ('m' | 'd', 4..) => 9,
            _ => run,
        };
        rest = &rest[run * first.len_utf8()..];
    }
    letters
}

/// Breaks a long text between words, so that no line reaches beyond the page.
pub(super) fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let used = lines.last().map_or(0, |line| line.chars().count());
        if used > 0 && used + 1 + word.chars().count() > LINE_CHARACTERS {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// A width that shows the longest of the texts, within bounds; longer ones wrap.
pub(super) fn width<'a>(texts: impl Iterator<Item = &'a str>, least: u16, most: u16) -> f64 {
    let longest = texts.map(|text| text.chars().count()).max().unwrap_or_default();
    f64::from(u16::try_from(longest).unwrap_or(most).saturating_add(2).clamp(least, most))
}

const STATUS: usize = 5;
const TOTAL: usize = 6;
/// The size that widths are counted in, in points.
const SIZE: f64 = 11.0;
/// Of a line of that size, in points.
const LINE_HEIGHT: f64 = 15.0;
/// A row is at most 409 points high.
const MAX_HEIGHT: f64 = 409.0;
const MAX_LINES: f64 = 27.0;
const MAX_WIDTH: f64 = 255.0;
const LINE_CHARACTERS: usize = 140;

#[cfg(test)]
mod tests {
    use super::*;

    fn space() -> Space {
        Space::of(&StatementStyle::default(), "#,##0.00;[Red]-#,##0.00;\"–\"")
    }

    #[test]
    fn a_note_is_broken_between_words() {
        let lines = wrapped(&"word ".repeat(100));
        assert_eq!(lines.len(), 4);
        assert!(lines.iter().all(|line| line.len() <= LINE_CHARACTERS && line.ends_with("word")));
        assert_eq!(wrapped(&"x".repeat(200)), ["x".repeat(200)]);
    }

    #[test]
    fn a_row_is_as_high_as_its_longest_text() {
        assert_eq!((space().lines("Ann", 26.0), space().lines("", 26.0)), (1, 1));
        assert_eq!(space().lines(&"x".repeat(53), 26.0), 3);
        assert_eq!(space().lines("a\nb\nc", 26.0), 3);
        assert_eq!(space().lines(&"x".repeat(30_000), 26.0), 27);
    }
}
