//! Text that must never be printed, and does not outlive its use in memory.

use std::fmt;

use zeroize::Zeroizing;

/// A secret text: an access token, a refresh token, a client's secret.
///
/// Its memory is overwritten with zeros when it is dropped, that of each clone too. `Debug` shows
/// neither the text nor its length, and there is no `Display`:
///
/// ```compile_fail,E0277
/// println!("{}", jada_auth::Secret::new("not-a-real-token"));
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over. From a `String` nothing is copied; a borrowed text is, and its
    /// original stays with the caller.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// Shows the text to code that has to send or store it. Never log it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_the_value_nor_its_length() {
        let (short, long) = (Secret::new("hunter2"), Secret::new("hunter2".repeat(9)));
        assert_eq!(format!("{short:?}"), "Secret(..)");
        assert_eq!(format!("{short:#?}"), format!("{long:#?}"));
    }

    #[test]
    fn the_memory_is_zeroised_on_drop() {
        fn zeroised(_: &impl zeroize::ZeroizeOnDrop) {}
        zeroised(&Secret::new("hunter2").0);
    }

    #[test]
    fn expose_gives_back_what_was_put_in() {
        assert_eq!(Secret::from("hunter2").expose(), "hunter2");
        assert_eq!(Secret::from("hunter2".to_owned()).clone().expose(), "hunter2");
    }
}
