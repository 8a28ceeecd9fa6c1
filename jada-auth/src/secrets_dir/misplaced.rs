//! Telling by its form that a file's content belongs in another file.

use super::{CLIENT, KEY, ONE_FILE};
use crate::{
    Error, FileProblem,
    store::file::{Document, quoted},
};

/// A file without the field that it must have; it may be that of another name.
pub(super) fn misplaced(document: &Document, field: &'static str) -> Error {
    let path = document.path();
    let there = by_form(document).map(|(form, name)| (form, path.with_file_name(name)));
    let Some((form, there)) = there.filter(|(_, there)| there != path) else {
        return document.unusable(field);
    };
    let (file, other) = (quoted(path), quoted(&there));
    let mend = if there.symlink_metadata().is_err() {
        format!("it is {form}: run `mv {file} {other}`")
    } else {
        format!("it is {form}, as is {other}: run `mv {file} {file}.old`")
    };
    let problem = FileProblem::Field { field };
    Error::File { path: path.to_owned(), problem, mend, source: None }
}

/// What it is, and the name of the file that such belong in.
fn by_form(document: &Document) -> Option<(&'static str, &'static str)> {
    let holds = |field| document.value(field).is_some();
    let kind = document.text("type").ok().flatten();
    match kind {
        _ if holds("installed.client_id") || holds("web.client_id") => {
            Some(("an OAuth client", CLIENT))
        }
        Some("service_account") => Some(("a service account's key", KEY)),
        Some("authorized_user") if holds("client_id") => Some(("an authorized user", ONE_FILE)),
        _ => None,
    }
}
