//! What a list is asked for, as far as it is understood
//! ([Google's guide](https://developers.google.com/workspace/drive/api/guides/ref-search-terms)).

use super::file::File;
use crate::google::refusal::Refusal;

/// Terms that a file has to meet, all of them.
pub(super) struct Query(Vec<Term>);

enum Term {
    Name(String),
    In(String),
    Trashed(bool),
    MimeType(String),
    NotMimeType(String),
}

impl Query {
    /// Of the form `name = 'a' and 'b' in parents and trashed = false`.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let mut terms = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (term, behind) = term(rest)
                .ok_or_else(|| Refusal::new(400, "invalid", format!("Invalid Value: {text}")))?;
            terms.push(term);
            rest = behind.trim_start();
            rest = match rest.strip_prefix("and ") {
                Some(more) if !more.trim().is_empty() => more.trim_start(),
                _ if rest.is_empty() => rest,
                _ => return Err(Refusal::new(400, "invalid", format!("Invalid Value: {text}"))),
            };
        }
        Ok(Self(terms))
    }

    pub(super) fn matches(&self, file: &File) -> bool {
        self.0.iter().all(|term| match term {
            // Drive does not tell capitals from small letters here.
            Term::Name(name) => file.name.to_lowercase() == name.to_lowercase(),
            Term::In(folder) => file.parent.as_ref() == Some(folder),
            Term::Trashed(trashed) => file.trashed == *trashed,
            Term::MimeType(media_type) => file.mime_type == *media_type,
            Term::NotMimeType(media_type) => file.mime_type != *media_type,
        })
    }
}

/// The first term, and what stands behind it.
fn term(text: &str) -> Option<(Term, &str)> {
    if text.starts_with('\'') {
        let (folder, rest) = quoted(text)?;
        return Some((Term::In(folder), rest.trim_start().strip_prefix("in parents")?));
    }
    let (name, rest) = text.split_once(' ')?;
    let (operator, rest) = rest.trim_start().split_once(' ')?;
    let rest = rest.trim_start();
    if name == "trashed" {
        let (value, trashed) = [("true", true), ("false", false)]
            .into_iter()
            .find(|(value, _)| operator == "=" && rest.starts_with(value))?;
        return Some((Term::Trashed(trashed), &rest[value.len()..]));
    }
    let (value, rest) = quoted(rest)?;
    let term = match (name, operator) {
        ("name", "=") => Term::Name(value),
        ("mimeType", "=") => Term::MimeType(value),
        ("mimeType", "!=") => Term::NotMimeType(value),
        _ => return None,
    };
    Some((term, rest))
}

/// A text in single quotes, in which `\'` and `\\` are escaped, and what stands behind it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.strip_prefix('\'')?.char_indices();
    while let Some((at, it)) = chars.next() {
        match it {
            '\'' => return Some((value, &text[at + 2..])),
            '\\' => value.push(chars.next().map(|(_, it)| it).filter(|it| "'\\".contains(*it))?),
            it => value.push(it),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_read_with_their_escapes() {
        let mut file = File::folder("it's \\ here", None);
        file.parent = Some("f".to_owned());
        file.mime_type = "text/plain".to_owned();
        for (query, matches) in [
            ("", true),
            (r"name = 'It\'s \\ here' and 'f' in parents and trashed = false", true),
            (r"name = 'it\'s'", false),
            ("'g' in parents", false),
            ("trashed = true", false),
            ("mimeType != 'text/plain'", false),
            ("mimeType = 'text/plain'", true),
        ] {
            assert_eq!(Query::parse(query).ok().unwrap().matches(&file), matches, "{query}");
        }
        for query in ["name", "name = a", "name = 'a", "name = 'a' or", "name = 'a' and", "x = 'a'"]
        {
            assert!(Query::parse(query).is_err(), "{query}");
        }
    }
}
