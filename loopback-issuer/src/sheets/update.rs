//! `spreadsheets.batchUpdate`: all of its requests, or none.

mod cells;
mod dimensions;
mod replace;

use serde_json::{Map, Value, json};

use super::fields::{Fields, picked};
use super::refusal;
use super::resource::{self, Wanted};
use super::state::Book;
use super::tab::SheetTab;
use crate::google::refusal::Refusal;
use crate::loopback::Request;

/// Does what is asked to a copy of the spreadsheet: the copy, and the answer.
pub(super) fn batch_update(book: &Book, request: &Request) -> Result<(Book, Value), Refusal> {
    let body = request.json().ok_or_else(|| refusal::invalid("Invalid JSON payload received."))?;
    let body = object(&body, "the body", BODY)?;
    let requests = body.get("requests").and_then(Value::as_array).filter(|it| !it.is_empty());
    let requests =
        requests.ok_or_else(|| refusal::invalid("Must specify at least one request."))?;
    let mut book = book.clone();
    let mut replies = Vec::new();
    for (at, request) in requests.iter().enumerate() {
        let reply = apply(&mut book.tabs, request);
        replies.push(reply.map_err(|what| refusal::invalid(what.named(at)))?);
    }
    let mut answer = json!({ "spreadsheetId": book.id, "replies": replies });
    let fields = Fields::parse(request.query("fields"))?;
    if body.get("includeSpreadsheetInResponse") == Some(&Value::Bool(true)) {
        let ranges = body.get("responseRanges").and_then(Value::as_array);
        let ranges = ranges.map_or(&[][..], Vec::as_slice).iter().filter_map(Value::as_str);
        let grid_data = body.get("responseIncludeGridData") == Some(&Value::Bool(true));
        let wanted = Wanted { ranges: ranges.collect(), grid_data };
        answer["updatedSpreadsheet"] = resource::spreadsheet(&book, &wanted)?;
    }
    Ok((book, picked(fields.as_ref(), answer)))
}

/// What is wrong with a request: the name of it, and what.
struct Wrong {
    kind: String,
    what: String,
}

impl Wrong {
    fn named(self, at: usize) -> String {
        format!("Invalid requests[{at}].{}: {}", self.kind, self.what)
    }
}

fn apply(tabs: &mut [SheetTab], request: &Value) -> Result<Value, Wrong> {
    let entries = request.as_object().into_iter().flatten();
    let &[(kind, request)] = &entries.collect::<Vec<_>>()[..] else {
        let (kind, what) = ("request".to_owned(), "one kind of request has to be set".to_owned());
        return Err(Wrong { kind, what });
    };
    let done = match kind.as_str() {
        "updateCells" => cells::update(tabs, request),
        "appendCells" => cells::append(tabs, request),
        "insertDimension" => dimensions::insert(tabs, request),
        "appendDimension" => dimensions::append(tabs, request),
        "deleteDimension" => dimensions::delete(tabs, request),
        "updateSheetProperties" => dimensions::update_properties(tabs, request),
        "findReplace" => replace::find_replace(tabs, request),
        _ => Err("Unknown name: cannot find field.".to_owned()),
    };
    done.map_err(|what| Wrong { kind: kind.clone(), what })
}

/// The tab of this id.
fn tab<'a>(tabs: &'a mut [SheetTab], id: Option<&Value>) -> Result<&'a mut SheetTab, String> {
    let id = id.map_or(Some(0), Value::as_i64).ok_or("a sheetId is a number")?;
    let tab = tabs.iter_mut().find(|tab| tab.id == id);
    tab.ok_or_else(|| format!("No grid with id: {id}"))
}

/// An object without other fields than these.
fn fields<'a>(value: &'a Value, known: &[&str]) -> Result<&'a Map<String, Value>, String> {
    let object = value.as_object().ok_or("an object was expected")?;
    match object.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(format!("Unknown name \"{name}\": Cannot find field.")),
        None => Ok(object),
    }
}

fn object<'a>(
    value: &'a Value,
    at: &str,
    known: &[&str],
) -> Result<&'a Map<String, Value>, Refusal> {
    fields(value, known).map_err(|what| refusal::invalid(format!("{what} (at {at})")))
}

/// A number that counts something; 0 where it is not given.
fn index(object: &Map<String, Value>, name: &str) -> Result<usize, String> {
    let number = object.get(name).map_or(Some(0), Value::as_u64);
    let number = number.and_then(|number| usize::try_from(number).ok());
    number.ok_or_else(|| format!("Invalid value at '{name}'"))
}

const BODY: &[&str] =
    &["requests", "includeSpreadsheetInResponse", "responseRanges", "responseIncludeGridData"];
