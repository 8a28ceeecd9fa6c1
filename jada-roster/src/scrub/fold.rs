//! Letters as they are meant: full-width digits, hard spaces and long dashes as plain ones.

use crate::scrub::markup;

/// A letter in its plain, lower-case form, and where in the text it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Letter {
    pub(super) plain: char,
    pub(super) is_upper: bool,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The letters of a text, without those that take no room. Of HTML a tag takes none either, or ends
/// the line, and `&euro;` is the letter that it stands for.
pub(super) fn letters(text: &str) -> Vec<Letter> {
    let mut letters = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let start = text.len() - rest.len();
        let (meant, length) = markup::read(rest).unwrap_or((Some(first), first.len_utf8()));
        if let Some(c) = meant.filter(|c| !takes_no_room(*c)) {
            let (plain, is_upper) = (plain(c), c.is_uppercase());
            letters.push(Letter { plain, is_upper, start, end: start + length });
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    letters
}

fn plain(c: char) -> char {
    match c {
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
        _ if c.is_whitespace() => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => '-',
        '‘' | '’' | 'ʼ' | '′' | '´' | '`' => '\'',
        '“' | '”' | '″' => '"',
        '﹩' => '$',
        '￠' => '¢',
        '￡' => '£',
        '￥' => '¥',
        '\u{66b}' => '.',
        '\u{66c}' => ',',
        _ if c.is_ascii() => c.to_ascii_lowercase(),
        '！'..='～' => lower(shifted(c, 0xfee0)),
        _ => digit(c).unwrap_or_else(|| lower(c)),
    }
}

fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

fn shifted(c: char, by: u32) -> char {
    char::from_u32(u32::from(c) - by).unwrap_or(c)
}

/// A decimal digit of another script.
fn digit(c: char) -> Option<char> {
    let code = u32::from(c);
    let zero = ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code));
    let raised = RAISED.chars().chain(LOWERED.chars()).position(|it| it == c);
    let bold = (0x1d7ce..=0x1d7ff).contains(&code).then(|| (code - 0x1d7ce) % 10);
    let raised = raised.and_then(|at| u32::try_from(at % 10).ok());
    char::from_digit(zero.map(|zero| code - zero).or(bold).or(raised)?, 10)
}

/// Joiners, marks of direction, soft hyphens, accents that stand on their own.
fn takes_no_room(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{300}'..='\u{36f}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{20e3}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
    )
}

const RAISED: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const LOWERED: &str = "₀₁₂₃₄₅₆₇₈₉";

/// The zeros of scripts that count in tens.
const ZEROS: [u32; 18] = [
    0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66,
    0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x17e0, 0x1810,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_read_as_they_are_meant() {
        let read = |text: &str| letters(text).iter().map(|letter| letter.plain).collect::<String>();
        assert_eq!(read("ＵＳＤ\u{a0}１\u{200b}２"), "usd 12");
        assert_eq!(read("٣٠٠ – 𝟓 ’"), "300 - 5 '");
        assert_eq!(read("⁹⁰₀ <b>&euro;</b>5<br/>&#36;&nbsp;6 <USD 9>"), "900 €5\n$ 6 <usd 9>");
        assert_eq!(read("Ça\r\n"), "ça\n\n");
    }
}
