//! Attributes that name something, in which a number is no amount.

use crate::scrub::rules::words_of;

/// Whether an attribute of this name says which one it is, or how to reach it: `booking_id`,
/// `photoUrl`, `email`.
pub(super) fn is_identifier(attribute: &str) -> bool {
    let words = words_of(attribute);
    let mut last = words.iter().rev().filter(|word| !word.is_empty());
    let (Some(word), before) = (last.next(), last.next()) else {
        return false;
    };
    // `ETag` and `e_mail` are words of two.
    let of_two = before.map(|before| format!("{before}{word}"));
    let is_last = |word: &str| LAST.contains(&word.strip_suffix('s').unwrap_or(word));
    is_last(word) || of_two.is_some_and(|word| is_last(&word))
}

const LAST: [&str; 7] = ["email", "etag", "id", "key", "phone", "url", "uuid"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_is_an_identifier_by_the_last_word_of_its_name() {
        for name in [
            "id",
            "bookingId",
            "charter_ids",
            "date_key",
            "photoURL",
            "E-Mail-ETag",
            "e_mail",
            "id_2",
        ] {
            assert!(is_identifier(name), "{name}");
        }
        for name in ["paid", "deposit", "id_note", "key_money", "phoned", "monkey", ""] {
            assert!(!is_identifier(name), "{name}");
        }
    }
}
