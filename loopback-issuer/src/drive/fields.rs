//! Partial answers: of what there is, what `fields` asks for
//! ([Google's guide](https://developers.google.com/workspace/drive/api/guides/fields-parameter)).

use serde_json::{Map, Value};

use crate::google::refusal::Refusal;

/// Leaves of `resource` what `fields` names, such as `id,capabilities/canEdit` or `files(id,name)`.
pub(super) fn select(resource: &Value, fields: &str) -> Result<Value, Refusal> {
    let invalid =
        || Refusal::new(400, "invalidParameter", format!("Invalid field selection {fields}"));
    let (names, rest) = names(fields).ok_or_else(invalid)?;
    if !rest.is_empty() {
        return Err(invalid());
    }
    Ok(pick(resource, &names))
}

/// A field, and what of it.
struct Name<'a> {
    name: &'a str,
    of_it: Vec<Self>,
}

/// Those of a list, and what stands behind it.
fn names(mut text: &str) -> Option<(Vec<Name<'_>>, &str)> {
    let mut names = Vec::new();
    loop {
        let (name, rest) = name(text)?;
        names.push(name);
        match rest.strip_prefix(',') {
            Some(more) => text = more,
            None => return Some((names, rest)),
        }
    }
}

fn name(text: &str) -> Option<(Name<'_>, &str)> {
    let end = text.find([',', '(', ')', '/']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if !KNOWN.contains(&name) {
        return None;
    }
    if let Some(rest) = rest.strip_prefix('/') {
        let (inner, rest) = self::name(rest)?;
        return Some((Name { name, of_it: vec![inner] }, rest));
    }
    let Some(rest) = rest.strip_prefix('(') else {
        return Some((Name { name, of_it: vec![] }, rest));
    };
    let (of_it, rest) = names(rest)?;
    Some((Name { name, of_it }, rest.strip_prefix(')')?))
}

fn pick(resource: &Value, names: &[Name<'_>]) -> Value {
    match resource {
        Value::Array(entries) => entries.iter().map(|entry| pick(entry, names)).collect(),
        Value::Object(fields) if !names.iter().any(|it| it.name == "*") => {
            let picked = names.iter().filter_map(|Name { name, of_it }| {
                let value = fields.get(*name)?;
                let value = if of_it.is_empty() { value.clone() } else { pick(value, of_it) };
                Some(((*name).to_owned(), value))
            });
            picked.collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

/// Of files, of permissions, and of lists of both.
const KNOWN: &[&str] = &[
    "*",
    "canEdit",
    "canShare",
    "capabilities",
    "domain",
    "driveId",
    "emailAddress",
    "files",
    "id",
    "incompleteSearch",
    "kind",
    "md5Checksum",
    "mimeType",
    "name",
    "nextPageToken",
    "parents",
    "permissions",
    "role",
    "sha256Checksum",
    "size",
    "trashed",
    "type",
    "version",
    "webViewLink",
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_named_is_left() {
        let list = json!({ "files": [{ "id": "a", "capabilities": { "canEdit": true, "x": 1 } }] });
        for (fields, left) in [
            ("*", list.clone()),
            ("files(id)", json!({ "files": [{ "id": "a" }] })),
            ("nextPageToken,files/id", json!({ "files": [{ "id": "a" }] })),
            (
                "files(capabilities/canEdit)",
                json!({ "files": [{ "capabilities": { "canEdit": true } }] }),
            ),
        ] {
            assert_eq!(select(&list, fields).unwrap(), left, "{fields}");
        }
        for fields in ["", "files(id", "id)", "nothing", "id,,name"] {
            assert!(select(&list, fields).is_err(), "{fields}");
        }
    }
}
