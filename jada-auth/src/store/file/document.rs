//! A JSON object that may hold secrets, and of which most fields are other programs' business.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
    thread,
    time::Duration,
};

use serde_json::{Map, Value};
use zeroize::{Zeroize, Zeroizing};

use super::{Remedy, failure::problem};
use crate::{Error, FileProblem};

/// The fields of one file. A field's name may lead into an object: `jada.dead.code`. `Debug` shows
/// none of them, and the texts are overwritten with zeros when it is dropped.
#[derive(Clone)]
pub(crate) struct Document {
    path: PathBuf,
    remedy: Remedy,
    fields: Map<String, Value>,
}

impl Document {
    pub(crate) fn empty(path: &Path) -> Self {
        Self { path: path.to_owned(), remedy: Remedy::default(), fields: Map::new() }
    }

    /// What a file holds; none when it is not there. What does not parse is read again for half a
    /// second: another program may be writing it in place.
    pub(crate) fn read(
        path: &Path,
        remedy: Remedy,
        read: impl FnMut() -> Result<Option<Zeroizing<Vec<u8>>>, Error>,
    ) -> Result<Option<Self>, Error> {
        let found = Self::read_with(path, read, || thread::sleep(PAUSE));
        let found = found.map_err(|error| remedy.applied(error))?;
        Ok(found.map(|mut document| {
            document.remedy = remedy;
            document
        }))
    }

    fn read_with(
        path: &Path,
        mut read: impl FnMut() -> Result<Option<Zeroizing<Vec<u8>>>, Error>,
        mut pause: impl FnMut(),
    ) -> Result<Option<Self>, Error> {
        let mut attempt = || read()?.map(|bytes| Self::parse(path, &bytes)).transpose();
        for _ in 0..PAUSES {
            match attempt() {
                Err(Error::File {
                    problem:
                        FileProblem::Empty | FileProblem::NotAnObject | FileProblem::Malformed { .. },
                    ..
                }) => pause(),
                other => return other,
            }
        }
        attempt()
    }

    /// # Errors
    ///
    /// [`Error::File`]. What serde says is left out: it may quote what it read.
    pub(crate) fn parse(path: &Path, bytes: &[u8]) -> Result<Self, Error> {
        let bytes = without_mark(bytes);
        match bytes.trim_ascii().first() {
            None => return Err(problem(path, FileProblem::Empty)),
            Some(b'{') => {}
            Some(_) => return Err(problem(path, FileProblem::NotAnObject)),
        }
        match serde_json::from_slice(bytes) {
            Ok(fields) => Ok(Self { path: path.to_owned(), remedy: Remedy::default(), fields }),
            Err(error) => {
                let (line, column) = (error.line().max(1), error.column().max(1));
                Err(problem(path, FileProblem::Malformed { line, column }))
            }
        }
    }

    /// The file as it is to be written. The error is one that these values cannot cause.
    pub(crate) fn bytes(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        // Room enough, so that no copy stays behind where the buffer grows.
        let mut bytes = Zeroizing::new(Vec::with_capacity(64 * 1024));
        serde_json::to_writer_pretty(&mut *bytes, &self.fields)
            .map_err(|_| problem(&self.path, FileProblem::Io))?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The value of a field; none when it is `null`, or not there.
    pub(crate) fn value(&self, field: &str) -> Option<&Value> {
        let mut names = field.split('.');
        let first = self.fields.get(names.next()?)?;
        names.try_fold(first, |value, name| value.get(name)).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&self, field: &'static str) -> Result<Option<&str>, Error> {
        self.value(field)
            .map(|value| value.as_str().ok_or_else(|| self.unusable(field)))
            .transpose()
    }

    /// A text that is not empty.
    pub(crate) fn required(&self, field: &'static str) -> Result<&str, Error> {
        self.text(field)?.filter(|text| !text.is_empty()).ok_or_else(|| self.unusable(field))
    }

    pub(crate) fn number(&self, field: &'static str) -> Result<Option<u64>, Error> {
        self.value(field)
            .map(|value| value.as_u64().ok_or_else(|| self.unusable(field)))
            .transpose()
    }

    pub(crate) fn parsed<T: FromStr>(&self, field: &'static str) -> Result<Option<T>, Error> {
        let parse = |text: &str| text.parse().map_err(|_| self.unusable(field));
        self.text(field)?.map(parse).transpose()
    }

    /// Whether the field is an object, and not another value.
    pub(crate) fn has_object(&self, field: &'static str) -> Result<bool, Error> {
        match self.value(field) {
            Some(Value::Object(_)) => Ok(true),
            Some(_) => Err(self.unusable(field)),
            None => Ok(false),
        }
    }

    pub(crate) fn unusable(&self, field: &'static str) -> Error {
        self.remedy.applied(problem(&self.path, FileProblem::Field { field }))
    }

    /// Sets a field, or removes it.
    pub(crate) fn set(&mut self, field: &str, value: Option<Value>) {
        let mut fields = &mut self.fields;
        let mut names = field.split('.').peekable();
        while let Some(name) = names.next() {
            if names.peek().is_some() {
                let object = fields.entry(name).or_insert(Value::Null);
                if !object.is_object() {
                    *object = Value::Object(Map::new());
                }
                let Value::Object(inner) = object else { return };
                fields = inner;
                continue;
            }
            let former = match value {
                Some(value) => fields.insert(name.to_owned(), value),
                None => fields.remove(name),
            };
            return former.into_iter().for_each(|mut former| wipe(&mut former));
        }
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Drop for Document {
    fn drop(&mut self) {
        self.fields.values_mut().for_each(wipe);
    }
}

/// Without the byte order mark that some editors put in front.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(fields) => fields.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

const PAUSE: Duration = Duration::from_millis(50);
const PAUSES: u32 = 10;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(text: &str) -> Result<Document, Error> {
        Document::parse(Path::new("token.json"), text.as_bytes())
    }

    fn bytes(text: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        Ok(Some(Zeroizing::new(text.as_bytes().to_vec())))
    }

    #[test]
    fn a_file_that_becomes_whole_meanwhile_is_read() {
        let text = std::cell::Cell::new("{\"token\":");
        let (mut reads, mut pauses) = (0, 0);
        let read = || {
            reads += 1;
            bytes(text.get())
        };
        let pause = || {
            pauses += 1;
            if pauses == 9 {
                text.set("{\"token\": \"whole\"}");
            }
        };
        let document = Document::read_with(Path::new("t"), read, pause).unwrap().unwrap();
        assert_eq!(document.required("token").unwrap(), "whole");
        assert_eq!((reads, pauses), (10, 9));
    }

    #[test]
    fn a_file_that_stays_half_is_given_up_after_half_a_second() {
        let mut pauses = 0;
        let half = || bytes("{\n \"token\": \"s3cr3t");
        let error = Document::read_with(Path::new("t"), half, || pauses += 1).unwrap_err();
        assert_eq!(PAUSE * pauses, Duration::from_millis(500));
        let Error::File { problem, .. } = &error else { panic!("{error:?}") };
        assert!(matches!(problem, FileProblem::Malformed { line: 2, .. }), "{problem:?}");
        assert!(!format!("{error} {error:?}").contains("s3cr3t"));
    }

    #[test]
    fn a_file_that_is_not_there_is_not_waited_for() {
        let none = Document::read_with(Path::new("t"), || Ok(None), || panic!("it waited"));
        assert!(none.unwrap().is_none());
    }

    #[test]
    fn what_is_no_object_is_told_from_what_is_malformed_or_empty() {
        let problem_of = |text| {
            let error = parse(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cr3t"), "{error:?}");
            let Error::File { problem, .. } = error else { panic!("{error:?}") };
            problem
        };
        for text in ["[]", "7", "null", "\"s3cr3t\"", "1//s3cr3t\n", "\0\0", " [{}]"] {
            assert_eq!(problem_of(text), FileProblem::NotAnObject, "{text}");
        }
        for text in ["{\"a\": s3cr3t}", "{} {}", "{"] {
            assert!(matches!(problem_of(text), FileProblem::Malformed { .. }), "{text}");
        }
        for text in ["", " \n", "\u{feff}"] {
            assert_eq!(problem_of(text), FileProblem::Empty, "{text:?}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        let document = parse("\u{feff}{\"token\": \"t\"}").unwrap();
        assert_eq!(document.required("token").unwrap(), "t");
    }

    #[test]
    fn a_name_leads_into_an_object() {
        let mut document = parse(r#"{"jada": {"dead": {"code": "x"}, "own": 1}}"#).unwrap();
        assert_eq!(document.text("jada.dead.code").unwrap(), Some("x"));
        assert_eq!(document.text("jada.none.code").unwrap(), None);
        assert!(document.text("jada.own").is_err());
        document.set("jada.dead", None);
        document.set("fresh.inner", Some(json!(2)));
        assert_eq!(document.value("jada.dead"), None);
        assert_eq!(document.number("fresh.inner").unwrap(), Some(2));
        assert_eq!(document.number("jada.own").unwrap(), Some(1));
    }

    #[test]
    fn debug_shows_no_field() {
        assert!(!format!("{:?}", parse(r#"{"token": "s3cr3t"}"#)).contains("s3cr3t"));
    }
}
