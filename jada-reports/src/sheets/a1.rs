//! Addresses as people read them in a tab.

/// Such as `B7`, from a row and a column counted from 0.
pub(super) fn address(row: usize, column: usize) -> String {
    format!("{}{}", letters(column), row + 1)
}

/// Such as `AB`.
pub(super) fn letters(column: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(column % 26).unwrap_or_default());
    match (column / 26).checked_sub(1) {
        Some(rest) => letters(rest) + &letter.to_string(),
        None => letter.to_string(),
    }
}

/// The name of a tab as a range that is all of it.
pub(super) fn quoted(tab: &str) -> String {
    format!("'{}'", tab.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_lettered_as_in_a_tab() {
        let letters = [0, 25, 26, 51, 52, 701, 702].map(letters);
        assert_eq!(letters, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
        assert_eq!((address(0, 0), address(9, 27)), ("A1".to_owned(), "AB10".to_owned()));
        assert_eq!(quoted("Ann's"), "'Ann''s'");
    }
}
