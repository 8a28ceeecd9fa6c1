//! Letters and digits drawn from the system's randomness, each as likely as every other.

use zeroize::Zeroizing;

use crate::error::Error;

/// Draws `count` letters and digits, 5.95 bit each.
///
/// Six bits of each random byte name a letter; the two numbers too many are thrown away, so that no
/// letter is likelier than another.
pub(crate) fn letters(count: usize) -> Result<String, Error> {
    let mut text = String::with_capacity(count);
    push_letters(&mut text, count)?;
    Ok(text)
}

/// As [`letters`], behind what the text has; nothing is copied where there is room for them.
pub(crate) fn push_letters(text: &mut String, count: usize) -> Result<(), Error> {
    let length = text.len() + count;
    let mut bytes = Zeroizing::new([0; 32]);
    while text.len() < length {
        getrandom::fill(&mut *bytes).map_err(|error| Error::Random { source: error.into() })?;
        let drawn = bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte & 63)));
        let missing = length - text.len();
        text.extend(drawn.map(|letter| char::from(*letter)).take(missing));
    }
    Ok(())
}

pub(crate) const ALPHABET: &[u8; 62] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_is_as_likely_as_every_other() {
        const DRAWN: usize = 62 * 10_000;
        let text = letters(DRAWN).unwrap();
        let expected = 10_000.0_f64;
        let squares = |letter: &u8| {
            let count = text.bytes().filter(|byte| byte == letter).count();
            (count as f64 - expected).powi(2) / expected
        };
        let chi_squared: f64 = ALPHABET.iter().map(squares).sum();
        // 61 degrees of freedom: once in 2 million runs a fair draw is above 131.
        assert!(chi_squared < 131.0, "{chi_squared}");
        assert!(chi_squared > 18.0, "a draw too even is none: {chi_squared}");
    }

    #[test]
    fn as_many_letters_are_drawn_as_were_asked_for() {
        for count in [0, 1, 22, 31, 32, 33, 100] {
            assert_eq!(letters(count).unwrap().len(), count);
        }
    }
}
