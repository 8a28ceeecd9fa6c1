//! Where the mails that layouts know are found.

use super::{BookingLayouts, layout::Layout};
use crate::{Query, SearchText};

impl BookingLayouts {
    /// What the mails are searched for by that these layouts may know: each query finds some of
    /// them, and others. All mails of a site are found, since its subjects may change, and of those
    /// who [forward](BookingLayouts#a-layout) the ones with such a subject.
    ///
    /// ```
    /// use jada_mail::{BookingLayouts, Query};
    ///
    /// let layouts = BookingLayouts::examples()?;
    /// let since = Query::new().after(jiff::civil::date(2026, 5, 1));
    /// assert!(since.any_of(layouts.queries()).to_string().starts_with(
    ///     "after:2026/05/01 {from:\"harbour-tours.example\" \
    ///      (from:\"example.com\" subject:\"Booking\" subject:\"confirmed\") "
    /// ));
    /// # Ok::<(), jada_mail::Error>(())
    /// ```
    pub fn queries(&self) -> Vec<Query> {
        let mut queries = Vec::new();
        for query in self.0.iter().flat_map(Layout::queries) {
            if !queries.contains(&query) {
                queries.push(query);
            }
        }
        queries
    }
}

impl Layout {
    fn queries(&self) -> impl Iterator<Item = Query> {
        let from = |sender: &String| Query::new().from(SearchText::of_checked(sender));
        let forwarded = move |forwarder| {
            self.subject_words().map(move |words| words.fold(from(forwarder), Query::subject))
        };
        self.from.iter().map(from).chain(self.forwarded_by.iter().flat_map(forwarded))
    }

    /// For each subject, what has to stand in it.
    fn subject_words(&self) -> impl Iterator<Item = impl Iterator<Item = SearchText>> {
        self.templates().map(|like| like.literals().filter_map(|words| words.parse().ok()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_are_searched_for_by_sender_and_forwarders_by_subject_too() {
        let json = r#"[{
            "name": "Tours", "from": ["tours.example", "a+b@other.example"],
            "forwarded_by": ["example.com"],
            "subjects": [{ "like": "[{_}] Booking \"{_}\" stands" }, { "like": "{_}!" }],
            "fields": { "reference": { "labels": ["Reference"] } }
        }, {
            "name": "Tours again", "from": ["tours.example"],
            "subjects": [{ "like": "Booking {_}" }],
            "fields": { "reference": { "labels": ["Reference"] } }
        }]"#;
        let layouts = BookingLayouts::from_json("x", json).unwrap();
        let written: Vec<_> = layouts.queries().iter().map(ToString::to_string).collect();
        assert_eq!(
            written,
            [
                r#"from:"tours.example""#,
                r#"from:"a+b@other.example""#,
                r#"from:"example.com" subject:"] Booking" subject:"stands""#,
                r#"from:"example.com""#,
            ]
        );
    }
}
