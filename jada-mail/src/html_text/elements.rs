//! What is known of the elements of HTML.

use super::tokens::Tag;

/// An element that is open.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) name: String,
    /// The number of the next item, of an ordered list.
    pub(super) number: Option<i32>,
    /// The line on which a row's first text stands.
    pub(super) line: Option<usize>,
    /// Whether two cells of this row, or of a row of this table, share a line.
    pub(super) is_joined: bool,
    /// Whether columns of this table have headings, so that an empty cell counts.
    pub(super) has_headings: bool,
}

impl Element {
    pub(super) fn of(tag: &Tag<'_>) -> Self {
        let start = || tag.attribute("start").and_then(|start| start.trim().parse().ok());
        Self {
            name: tag.name.clone(),
            number: (tag.name == "ol").then(|| start().unwrap_or(1)),
            line: None,
            is_joined: false,
            has_headings: false,
        }
    }
}

pub(super) fn is_hidden(tag: &Tag<'_>) -> bool {
    let style = || tag.attribute("style").unwrap_or_default().replace(char::is_whitespace, "");
    ["svg", "template"].contains(&tag.name.as_str())
        || tag.attribute("hidden").is_some()
        || style().to_ascii_lowercase().contains("display:none")
}

/// What the standard lets an author leave open before `name`, and what it is not looked for beyond.
pub(super) fn ended_before(
    name: &str,
) -> Option<(&'static [&'static str], &'static [&'static str])> {
    match name {
        "li" => Some((&["li"], &["ul", "ol", "table", "td", "th"])),
        "dt" | "dd" => Some((&["dt", "dd"], &["dl", "table", "td", "th"])),
        "td" | "th" => Some((CELLS, &["tr", "table"])),
        "tr" => Some((&["tr"], &["table"])),
        _ if PARAGRAPHS.contains(&name) || BLOCKS.contains(&name) => {
            Some((&["p"], &["div", "li", "table", "td", "th", "blockquote"]))
        }
        _ => None,
    }
}

/// What the beginning of `name` is not looked for beyond when it ends.
pub(super) fn barriers_of(name: &str) -> &'static [&'static str] {
    if TABLE.contains(&name) { &["table"] } else { CELLS }
}

/// Elements that begin a line.
pub(super) const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "body",
    "caption",
    "center",
    "dd",
    "details",
    "div",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "header",
    "legend",
    "main",
    "nav",
    "option",
    "section",
    "summary",
    "tr",
];
/// Elements that stand between blank lines.
pub(super) const PARAGRAPHS: &[&str] = &[
    "blockquote",
    "dl",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "ol",
    "p",
    "pre",
    "table",
    "ul",
];
pub(super) const LISTS: &[&str] = &["ol", "ul"];
const CELLS: &[&str] = &["td", "th"];
const TABLE: &[&str] = &["caption", "table", "tbody", "td", "tfoot", "th", "thead", "tr"];
/// Elements without an end.
pub(super) const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];
/// What is nested deeper is read as if it were not. Browsers stop at 512.
pub(super) const DEEPEST: usize = 256;
