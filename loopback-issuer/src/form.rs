//! `application/x-www-form-urlencoded`, as forms and queries have it.

use std::collections::HashMap;

/// What a form or a query says, by the names of its fields.
pub(crate) type Fields = HashMap<String, String>;

/// `None` where a field is malformed, or given twice, which RFC 6749 forbids.
pub(crate) fn fields(text: &str) -> Option<Fields> {
    let mut fields = Fields::new();
    for (name, value) in pairs(text)? {
        if fields.insert(name, value).is_some() {
            return None;
        }
    }
    Some(fields)
}

pub(crate) fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.map(|(name, value)| Some((decoded(name)?, decoded(value)?))).collect()
}

pub(crate) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex(rest.next()?)? << 4 | hex(rest.next()?)?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

/// Encodes every byte that is not unreserved, as a query wants it.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' => encoded.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => encoded.push(byte.into()),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded() {
        let fields = fields("scope=a+b%20c&token=1%2F%2fx%2B&empty=&bare&").unwrap();
        assert_eq!(fields["scope"], "a b c");
        assert_eq!(fields["token"], "1//x+");
        assert_eq!(fields["empty"], "");
        assert_eq!(fields["bare"], "");
    }

    #[test]
    fn what_is_encoded_is_decoded_again() {
        assert_eq!(encoded("x&y=z ü"), "x%26y%3Dz%20%C3%BC");
        assert_eq!(decoded(&encoded("x&y=z ü")).unwrap(), "x&y=z ü");
    }

    #[test]
    fn fields_that_are_ambiguous_or_broken_are_none() {
        for text in ["a=1&a=2", "a=%2", "a=%zz", "a=%ff"] {
            assert_eq!(fields(text), None, "{text}");
        }
        assert_eq!(fields(""), Some(Fields::new()));
    }
}
