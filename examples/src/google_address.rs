//! The id of a spreadsheet or a folder, out of what people paste.

/// The id of a spreadsheet: `text` itself, or what is in the address that a browser shows, such as
/// `https://docs.google.com/spreadsheets/d/ID/edit#gid=0`.
///
/// # Errors
///
/// What was expected, in one line.
pub fn spreadsheet_id(text: &str) -> Result<String, String> {
    id(text, "docs.google.com", &["spreadsheets", "d"]).ok_or_else(|| {
        "expected the id of a spreadsheet, or its address, \
         https://docs.google.com/spreadsheets/d/ID/edit"
            .to_owned()
    })
}

/// The id of a folder of Drive: `text` itself, or what is in the address that a browser shows, such
/// as `https://drive.google.com/drive/folders/ID`.
///
/// # Errors
///
/// What was expected, in one line.
pub fn folder_id(text: &str) -> Result<String, String> {
    id(text, "drive.google.com", &["folders"]).ok_or_else(|| {
        "expected the id of a folder, or its address, https://drive.google.com/drive/folders/ID"
            .to_owned()
    })
}

/// In an address it stands behind these parts of the path, between which there may be others, such
/// as the number of an account.
fn id(text: &str, host: &str, behind: &[&str]) -> Option<String> {
    let text = text.trim();
    if is_id(text) {
        return Some(text.to_owned());
    }
    let schemeless = ["https://", "http://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    let path = schemeless.unwrap_or(text).strip_prefix(host)?.strip_prefix('/')?;
    let mut parts = path.split(['?', '#']).next()?.split('/');
    let is_there = behind.iter().all(|name| parts.any(|part| part == *name));
    let id = parts.next().filter(|id| is_there && is_id(id) && *id != PUBLISHED)?;
    Some(id.to_owned())
}

fn is_id(text: &str) -> bool {
    let is_of_one = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    !text.is_empty() && text.chars().all(is_of_one)
}

/// Stands in the address of a copy that was published, which nobody can write to.
const PUBLISHED: &str = "e";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_itself_and_stands_in_every_address_that_a_browser_shows() {
        for text in [
            "1aB-c_2",
            " 1aB-c_2\n",
            "https://docs.google.com/spreadsheets/d/1aB-c_2",
            "https://docs.google.com/spreadsheets/d/1aB-c_2/edit?gid=0#gid=0",
            "https://docs.google.com/spreadsheets/u/0/d/1aB-c_2/edit",
            "docs.google.com/spreadsheets/d/1aB-c_2/edit#gid=0&range=A/1",
        ] {
            assert_eq!(spreadsheet_id(text).as_deref(), Ok("1aB-c_2"), "{text}");
        }
        for text in [
            "1aB-c_2",
            "https://drive.google.com/drive/folders/1aB-c_2",
            "https://drive.google.com/drive/u/1/folders/1aB-c_2?usp=sharing",
            "drive.google.com/drive/folders/1aB-c_2/",
        ] {
            assert_eq!(folder_id(text).as_deref(), Ok("1aB-c_2"), "{text}");
        }
    }

    #[test]
    fn whatever_else_is_refused_with_what_was_expected() {
        for text in [
            "",
            "My bookings",
            "spreadsheets/d/1aB",
            "https://docs.google.com/spreadsheets/d/",
            "https://docs.google.com/spreadsheets/d/e/2PACX-1v/pubhtml",
            "https://docs.google.com/document/d/1aB/edit",
            "https://docs.google.com.example.com/spreadsheets/d/1aB",
            "https://drive.google.com/drive/folders/1aB",
        ] {
            let expected = spreadsheet_id(text).unwrap_err();
            assert!(expected.contains("docs.google.com/spreadsheets/d/ID"), "{text}");
        }
        for text in ["https://drive.google.com/drive/my-drive", "statements/2026", "../1aB"] {
            let expected = folder_id(text).unwrap_err();
            assert!(expected.contains("drive.google.com/drive/folders/ID"), "{text}");
        }
    }
}
