//! Lays texts and tags out as lines.

use super::{
    elements::{self, BLOCKS, DEEPEST, Element, LISTS, PARAGRAPHS, VOID},
    link::Link,
    tokens::Tag,
};

/// The text so far, and where in the page we are.
#[derive(Debug, Default)]
pub(super) struct Page {
    out: String,
    /// What stands between `out` and what comes next; nothing is written until it comes.
    gap: Gap,
    /// Whether we are in a cell that has no text yet.
    is_cell_front: bool,
    /// Cells without text since the last one with some, in a table with headings.
    empty_cells: usize,
    /// The bullet or number of an item that has no text yet.
    marker: Option<String>,
    elements: Vec<Element>,
    /// Where in `elements` what is not shown begins.
    hidden: Option<usize>,
    link: Option<Link>,
    /// Lines begun so far.
    lines: usize,
    /// Quotations that the last of them stands in.
    quotes: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    Nothing,
    Space,
    /// Between two cells of a row.
    Cell,
    Line,
    Paragraph,
}

impl Page {
    pub(super) fn text(&mut self, text: &str) {
        if self.hidden.is_some() {
            return;
        }
        let is_kept = self.is_open("pre");
        for c in text.chars() {
            match c {
                '\n' if is_kept => self.line_break(),
                ' ' if is_kept => self.put(" "),
                ' ' | '\t' | '\n' | '\r' | '\u{c}' | '\u{a0}' => {
                    self.gap = self.gap.max(Gap::Space)
                }
                c if c.is_control() || INVISIBLE.contains(&c) => {}
                c => self.put(c.encode_utf8(&mut [0; 4])),
            }
        }
    }

    pub(super) fn open(&mut self, tag: &Tag<'_>) {
        let name = tag.name.as_str();
        if let Some((names, barriers)) = elements::ended_before(name) {
            self.end(names, barriers);
        }
        let is_hidden = self.hidden.is_none() && elements::is_hidden(tag);
        if self.hidden.is_none() && !is_hidden {
            self.enter(tag);
        }
        if VOID.contains(&name) || self.elements.len() >= DEEPEST {
            return;
        }
        if is_hidden {
            self.hidden = Some(self.elements.len());
        }
        self.elements.push(Element::of(tag));
    }

    pub(super) fn close(&mut self, name: &str) {
        self.end(&[name], elements::barriers_of(name));
    }

    pub(super) fn finish(mut self) -> String {
        self.end_link();
        self.out.truncate(self.out.trim_end().len());
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out
    }

    fn enter(&mut self, tag: &Tag<'_>) {
        match tag.name.as_str() {
            "br" => self.line_break(),
            "img" => self.image(tag.attribute("alt").as_deref().unwrap_or("")),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.section(),
            "hr" => {
                self.section();
                self.put("---");
                self.part(Gap::Paragraph);
            }
            "a" => {
                self.end_link();
                self.link = tag.attribute("href").and_then(|href| Link::to(&href));
            }
            "li" => self.item(),
            "td" | "th" => self.cell(&tag.name),
            name => self.part(self.gap_around(name)),
        }
    }

    fn leave(&mut self, element: &Element) {
        if element.name == "tr" {
            self.empty_cells = 0;
        }
        match element.name.as_str() {
            "a" => self.end_link(),
            "td" | "th" => self.leave_cell(),
            // Rows that are a table to the eye too stand close.
            "tr" if element.is_joined && element.line == Some(self.lines) => self.gap = Gap::Line,
            "table" if element.is_joined => self.part(Gap::Paragraph),
            "li" => {
                self.marker = None;
                self.part(Gap::Line);
            }
            name => self.part(self.gap_around(name)),
        }
    }

    /// Asks for a gap. At the front of a cell or an item there is none.
    fn part(&mut self, gap: Gap) {
        if !self.is_cell_front && self.marker.is_none() {
            self.gap = self.gap.max(gap);
        }
    }

    /// Asks for the gap above a heading, at the front of a row too.
    fn section(&mut self) {
        if self.gap != Gap::Cell && self.marker.is_none() {
            self.gap = Gap::Paragraph;
        }
    }

    fn line_break(&mut self) {
        match self.gap {
            _ if self.is_cell_front || self.marker.is_some() => {}
            Gap::Line | Gap::Paragraph => self.gap = Gap::Paragraph,
            Gap::Nothing | Gap::Space | Gap::Cell => self.gap = Gap::Line,
        }
    }

    fn gap_around(&self, name: &str) -> Gap {
        match name {
            "ul" | "ol" | "dl" if self.is_open("li") => Gap::Line,
            "table" if self.is_open("table") => Gap::Line,
            name if PARAGRAPHS.contains(&name) => Gap::Paragraph,
            name if BLOCKS.contains(&name) => Gap::Line,
            _ => Gap::Nothing,
        }
    }

    fn image(&mut self, alt: &str) {
        if let Some(link) = &mut self.link {
            link.has_image = true;
        }
        self.text(alt);
    }

    fn item(&mut self) {
        self.gap = self.gap.max(Gap::Line);
        let list = self.elements.iter_mut().rev().find(|open| LISTS.contains(&open.name.as_str()));
        self.marker = Some(match list.and_then(|list| list.number.as_mut()) {
            None => "- ".to_owned(),
            Some(number) => {
                let marker = format!("{number}. ");
                *number = number.saturating_add(1);
                marker
            }
        });
    }

    fn cell(&mut self, name: &str) {
        if name == "th" {
            self.innermost("table").into_iter().for_each(|table| table.has_headings = true);
        }
        let row = self.elements.iter().rev().find(|open| open.name == "tr");
        match row.and_then(|row| row.line) {
            None => {}
            Some(line) if line == self.lines => self.gap = Gap::Cell,
            Some(_) => self.part(Gap::Line),
        }
        self.is_cell_front = true;
    }

    fn leave_cell(&mut self) {
        let was_empty = std::mem::take(&mut self.is_cell_front);
        if was_empty && self.innermost("table").is_some_and(|table| table.has_headings) {
            self.empty_cells += 1;
        }
        if self.gap == Gap::Cell {
            self.gap = Gap::Space;
        }
    }

    fn end_link(&mut self) {
        let Some(link) = self.link.take() else {
            return;
        };
        match link.start.map(|start| link.suffix(&self.out[start..])) {
            Some(Some(suffix)) => {
                self.out.push(' ');
                self.out.push_str(&suffix);
            }
            None if link.has_image => self.put(&link.suffix("").unwrap_or_default()),
            Some(None) | None => {}
        }
    }

    /// Writes a piece of a line, after the gap before it.
    fn put(&mut self, text: &str) {
        self.write_gap();
        if let Some(link) = &mut self.link {
            link.start.get_or_insert(self.out.len());
        }
        self.out.push_str(text);
    }

    fn write_gap(&mut self) {
        let gap = std::mem::take(&mut self.gap);
        let is_first = self.out.is_empty();
        self.is_cell_front = false;
        match gap {
            Gap::Nothing if !is_first => return,
            Gap::Space if !is_first => return self.out.push(' '),
            Gap::Cell => self.join_cells(),
            _ if is_first => self.begin_line(),
            Gap::Paragraph => {
                let quotes = self.quotes.min(self.quotes());
                self.out.push('\n');
                self.out.push_str("> ".repeat(quotes).trim_end());
                self.out.push('\n');
                self.begin_line();
            }
            _ => {
                self.out.push('\n');
                self.begin_line();
            }
        }
        for row in self.elements.iter_mut().filter(|open| open.name == "tr") {
            row.line.get_or_insert(self.lines);
        }
    }

    fn join_cells(&mut self) {
        let empty = std::mem::take(&mut self.empty_cells);
        self.out.push_str(if self.out.ends_with(':') && empty == 0 { " " } else { " | " });
        self.out.push_str(&"| ".repeat(empty));
        for name in ["tr", "table"] {
            self.innermost(name).into_iter().for_each(|element| element.is_joined = true);
        }
    }

    fn quotes(&self) -> usize {
        self.elements.iter().filter(|open| open.name == "blockquote").count().min(MOST_INDENTED)
    }

    fn begin_line(&mut self) {
        self.lines += 1;
        self.quotes = self.quotes();
        let marker = self.marker.take();
        let own = marker.as_ref().and_then(|_| self.elements.iter().rposition(|e| e.name == "li"));
        let indented = self.elements.iter().enumerate().filter(|(at, _)| Some(*at) != own);
        let indents = indented.filter_map(|(_, element)| match element.name.as_str() {
            "blockquote" => Some("> "),
            "li" | "dd" => Some("  "),
            _ => None,
        });
        self.out.extend(indents.take(MOST_INDENTED));
        self.out.push_str(&marker.unwrap_or_default());
        self.out.push_str(&"| ".repeat(std::mem::take(&mut self.empty_cells)));
    }

    fn innermost(&mut self, name: &str) -> Option<&mut Element> {
        self.elements.iter_mut().rev().find(|element| element.name == name)
    }

    fn is_open(&self, name: &str) -> bool {
        self.elements.iter().any(|open| open.name == name)
    }

    /// Ends the innermost of the elements so named, and what is open in it.
    fn end(&mut self, names: &[&str], barriers: &[&str]) {
        let mut inner = self.elements.iter().rev().map(|element| element.name.as_str());
        let stop = inner.position(|open| names.contains(&open) || barriers.contains(&open));
        let Some(depth) = stop.filter(|depth| {
            names.contains(&self.elements[self.elements.len() - 1 - depth].name.as_str())
        }) else {
            return;
        };
        for _ in 0..=depth {
            if let Some(element) = self.elements.pop() {
                match self.hidden {
                    Some(from) if self.elements.len() == from => self.hidden = None,
                    Some(_) => {}
                    None => self.leave(&element),
                }
            }
        }
    }
}

/// Fillers of mails, which a text has no use for: zero-width space, byte order mark, soft hyphen,
/// grapheme joiner.
const INVISIBLE: &[char] = &['\u{200b}', '\u{feff}', '\u{ad}', '\u{34f}'];
/// A line is not indented more often, however deep it is nested.
const MOST_INDENTED: usize = 8;
