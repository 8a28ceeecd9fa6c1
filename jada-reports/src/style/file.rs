//! A style as a TOML file.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use toml::Spanned;

use crate::error::Error;
use crate::style::look::{Look, Rgb, font, header_text, number_format, size, width};
use crate::style::{COLUMNS, StatementStyle};

impl StatementStyle {
    /// Reads a style from the text of a TOML file, whose name serves for messages. Every key may
    /// be left out; an unknown one is an error, so that a misspelt one is not forgotten.
    ///
    /// # Errors
    /// [`Error::Style`] with file, line and key, what is wrong, and what was expected.
    pub fn from_toml(file: &str, text: &str) -> Result<Self, Error> {
        let wrong = |span: Option<Range<usize>>, what: &str| {
            let at = span.map_or(0, |span| span.start);
            let before = text.get(..at).unwrap_or_default();
            let line = 1 + before.matches('\n').count();
            let what = what.replace('\n', " ");
            let what = key_at(text, line).map_or(what.clone(), |key| format!("{key}: {what}"));
            Error::Style { file: file.to_owned(), line, what }
        };
        let tables: Tables =
            toml::from_str(text).map_err(|error| wrong(error.span(), error.message()))?;
        let texts = [("title", &tables.title), ("header", &tables.header), ("note", &tables.note)];
        for (name, table) in texts {
            if let Some(format) = table.as_ref().and_then(|table| table.number_format.as_ref()) {
                let what = format!("[{name}] has no amounts; [body] and [total] have");
                return Err(wrong(Some(format.span()), &what));
            }
        }
        Ok(tables.style())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tables {
    #[serde(default, deserialize_with = "header")]
    header_text: Option<String>,
    #[serde(default, deserialize_with = "format")]
    date_format: Option<String>,
    logo: Option<String>,
    title: Option<LookTable>,
    header: Option<LookTable>,
    body: Option<LookTable>,
    total: Option<LookTable>,
    note: Option<LookTable>,
    widths: Option<BTreeMap<Column, Width>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LookTable {
    #[serde(default, deserialize_with = "font_name")]
    font: Option<String>,
    #[serde(default, deserialize_with = "points")]
    size: Option<f64>,
    bold: Option<bool>,
    italic: Option<bool>,
    #[serde(default, deserialize_with = "color")]
    color: Option<Rgb>,
    #[serde(default, deserialize_with = "fill")]
    fill: Option<Option<Rgb>>,
    number_format: Option<Spanned<Format>>,
}

impl Tables {
    fn style(self) -> StatementStyle {
        let mut style = StatementStyle::default();
        let mut missing = Missing(Vec::new());
        missing.fill(&mut style.date_format, self.date_format, "date_format");
        style.header_text = missing.or_none(self.header_text, "header_text");
        missing.0.push("logo".to_owned());
        style.logo_file = self.logo;
        missing.look(&mut style.title, self.title, "title", false);
        missing.look(&mut style.header, self.header, "header", false);
        missing.look(&mut style.body, self.body, "body", true);
        missing.look(&mut style.total, self.total, "total", true);
        missing.look(&mut style.note, self.note, "note", false);
        match self.widths {
            None => missing.0.push("widths".to_owned()),
            Some(mut widths) => {
                for (column, name) in COLUMNS.into_iter().enumerate() {
                    let width = widths.remove(&Column(column)).map(|width| width.0);
                    style.widths[column] = missing.or_none(width, &format!("widths.{name}"));
                }
            }
        }
        style.fallbacks = missing.0;
        style
    }
}

/// The keys that were left out.
struct Missing(Vec<String>);

impl Missing {
    fn fill<T>(&mut self, into: &mut T, found: Option<T>, key: &str) {
        match found {
            Some(found) => *into = found,
            None => self.0.push(key.to_owned()),
        }
    }

    fn or_none<T>(&mut self, found: Option<T>, key: &str) -> Option<T> {
        if found.is_none() {
            self.0.push(key.to_owned());
        }
        found
    }

    fn look(&mut self, look: &mut Look, table: Option<LookTable>, name: &str, amounts: bool) {
        let Some(table) = table else {
            self.0.push(name.to_owned());
            return;
        };
        let key = |key| format!("{name}.{key}");
        self.fill(&mut look.font, table.font, &key("font"));
        self.fill(&mut look.size, table.size, &key("size"));
        self.fill(&mut look.bold, table.bold, &key("bold"));
        self.fill(&mut look.italic, table.italic, &key("italic"));
        self.fill(&mut look.color, table.color, &key("color"));
        self.fill(&mut look.fill, table.fill, &key("fill"));
        if amounts {
            let format = table.number_format.map(|format| format.into_inner().0);
            look.number_format = self.or_none(format, &key("number_format"));
        }
    }
}

/// The key that a line sets, or the last one set above it where a value takes several lines.
fn key_at(text: &str, line: usize) -> Option<String> {
    let above: Vec<&str> = text.lines().take(line).collect();
    let table = |line: &&&str| line.trim_start().starts_with('[') && !line.contains('=');
    let at = above.iter().rposition(|line| line.contains('=') || table(&line))?;
    let key = above[at].split('=').next()?.trim();
    let table = above[..at].iter().rev().find(table);
    let table = table.map(|line| line.trim().trim_matches(['[', ']']));
    let in_table = table.filter(|_| !key.starts_with('['));
    Some(in_table.map_or(key.to_owned(), |table| format!("{table}.{key}")))
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Column(usize);

impl<'de> Deserialize<'de> for Column {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        let column = COLUMNS.iter().position(|column| *column == name).map(Self);
        column.ok_or_else(|| D::Error::custom(format!("expected one of {}", COLUMNS.join(", "))))
    }
}

struct Width(f64);

impl<'de> Deserialize<'de> for Width {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        width(f64::deserialize(from)?).map(Self).map_err(D::Error::custom)
    }
}

struct Format(String);

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        number_format(&String::deserialize(from)?).map(Self).map_err(D::Error::custom)
    }
}

fn format<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Format::deserialize(from).map(|format| Some(format.0))
}

fn header<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    header_text(&String::deserialize(from)?).map(Some).map_err(D::Error::custom)
}

fn font_name<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    font(&String::deserialize(from)?).map(Some).map_err(D::Error::custom)
}

fn points<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    size(f64::deserialize(from)?).map(Some).map_err(D::Error::custom)
}

fn color<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Rgb>, D::Error> {
    String::deserialize(from)?.parse().map(Some).map_err(D::Error::custom)
}

fn fill<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<Rgb>>, D::Error> {
    let text = String::deserialize(from)?;
    if text == "none" {
        return Ok(Some(None));
    }
    let color = text.parse().map(Some).map_err(|what: String| what + ", nor \"none\"");
    color.map(Some).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_named_with_its_line_and_key() {
        let cases = [
            ("[title]\nsiz = 3", 2, "title.siz: unknown field"),
            ("[title]\nsize = 300", 2, "title.size: 300 is no size"),
            ("[title]\nsize = nan", 2, "title.size: NaN is no size"),
            ("[total]\n\n  color = \"navy\"", 3, "total.color: `navy` is no colour"),
            ("[total]\nfill = \"white\"", 2, "total.fill: `white` is no colour"),
            ("[body]\nfont = \"\"", 2, "body.font: expected a font's name"),
            ("[body]\nbold = 1", 2, "body.bold: invalid type"),
            ("[note]\nnumber_format = \"0\"", 2, "note.number_format: [note] has no amounts"),
            ("[header]\nnumber_format = \"0\"", 2, "[header] has no amounts"),
            ("header_text = \"&G\"", 1, "header_text: pictures"),
            ("[widths]\ndat = 3", 2, "widths.dat: expected one of date, charter"),
            ("[widths]\ndate = 0", 2, "widths.date: 0 is no width"),
            ("\ndate_format = \"\"", 2, "date_format: expected a number format"),
            ("[sums]\nbold = true", 1, "[sums]: unknown field"),
            ("[title\n", 1, "[title"),
        ];
        for (text, line, part) in cases {
            match StatementStyle::from_toml("house.toml", text) {
                Err(Error::Style { file, line: at, what }) => {
                    assert_eq!((file.as_str(), at), ("house.toml", line), "{text}: {what}");
                    assert!(what.contains(part), "{what}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_is_left_out_is_as_by_default_and_named() {
        let empty = StatementStyle::from_toml("empty.toml", "").unwrap();
        let expected = [
            "date_format",
            "header_text",
            "logo",
            "title",
            "header",
            "body",
            "total",
            "note",
            "widths",
        ];
        assert_eq!(empty.fallbacks(), expected);
        let defaults = StatementStyle { fallbacks: Vec::new(), ..empty };
        assert_eq!(defaults, StatementStyle::default());
        let some = "[body]\nsize = 12\n[widths]\nguest = 40";
        let some = StatementStyle::from_toml("some.toml", some).unwrap();
        assert!((some.body.size, some.widths[2]) == (12.0, Some(40.0)));
        for key in ["body.font", "body.number_format", "widths.date"] {
            assert!(some.fallbacks().iter().any(|fallback| fallback == key), "{key}");
        }
        assert!(!some.fallbacks().iter().any(|key| key == "body.size" || key == "widths.guest"));
    }
}
