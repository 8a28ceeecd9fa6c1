//! The body of a token request, and the header that may say who asks.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hyper::header::HeaderValue;
use zeroize::Zeroizing;

use crate::{OAuthClient, Secret};

/// As `application/x-www-form-urlencoded`
/// ([URL Standard §5.2](https://url.spec.whatwg.org/#urlencoded-serializing)).
pub(super) fn encode(fields: &[(&str, &str)]) -> Zeroizing<String> {
    let longest = fields.iter().map(|(name, value)| 3 * (name.len() + value.len()) + 2).sum();
    // It never grows, which would leave copies behind.
    let mut form = Zeroizing::new(String::with_capacity(longest));
    for (index, (name, value)) in fields.iter().enumerate() {
        if index > 0 {
            form.push('&');
        }
        encode_into(&mut form, name);
        form.push('=');
        encode_into(&mut form, value);
    }
    form
}

/// Who asks: the client in a header, where it has a secret, or else in fields of the form.
pub(super) fn client(
    client: &OAuthClient,
    authentication: Authentication,
) -> (Option<HeaderValue>, Vec<(&'static str, &str)>) {
    let secret = client.secret.as_ref();
    let basic = secret.filter(|_| authentication == Authentication::Header);
    if let Some(header) = basic.and_then(|secret| basic_header(&client.id, secret)) {
        return (Some(header), Vec::new());
    }
    let mut fields = vec![("client_id", &*client.id)];
    fields.extend(secret.map(|secret| ("client_secret", secret.expose())));
    (None, fields)
}

/// Where a client's id and secret are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Authentication {
    Form,
    Header,
}

/// A client's id and secret as an `Authorization` header, marked sensitive; none of the characters
/// of base64 is foreign to a header.
fn basic_header(id: &str, secret: &Secret) -> Option<HeaderValue> {
    let longest = 3 * (id.len() + secret.expose().len()) + 1;
    let mut pair = Zeroizing::new(String::with_capacity(longest));
    encode_into(&mut pair, id);
    pair.push(':');
    encode_into(&mut pair, secret.expose());
    let line = Zeroizing::new(["Basic ", &STANDARD.encode(&*pair)].concat());
    let mut value = HeaderValue::from_str(&line).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn encode_into(form: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b' ' => form.push('+'),
            b'*' | b'-' | b'.' | b'_' => form.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => form.push(byte.into()),
            _ => {
                let digit = |nibble: u8| char::from(HEX[usize::from(nibble)]);
                form.extend(['%', digit(byte >> 4), digit(byte & 0xf)]);
            }
        }
    }
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_but_the_unreserved_ones_is_escaped() {
        let form = encode(&[("a b", "+&= %ü\n"), ("client_id", "1-2.apps_x*~"), ("empty", "")]);
        assert_eq!(*form, "a+b=%2B%26%3D+%25%C3%BC%0A&client_id=1-2.apps_x*%7E&empty=");
    }

    #[test]
    fn a_header_says_who_asks_and_is_not_printed() {
        let value = basic_header("a b", &Secret::new("s:3")).unwrap();
        assert_eq!(value, "Basic YStiOnMlM0Ez");
        assert_eq!(format!("{value:?}"), "Sensitive");
    }

    #[test]
    fn the_buffer_never_grows() {
        let form = encode(&[("secret", "ü&".repeat(100).as_str())]);
        assert_eq!(form.capacity(), 3 * (6 + 300) + 2);
    }
}
