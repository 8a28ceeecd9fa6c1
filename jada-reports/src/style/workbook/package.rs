//! The parts of a workbook, weighed before anything else reads them.

use std::collections::{HashMap, HashSet};
use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use crate::style::workbook::part::{Columns, attribute, scan};
use crate::style::workbook::weight::Weight;

/// What of a workbook its reader does not tell, once it is known to be harmless.
pub(super) struct Package {
    /// In the order of the tabs.
    pub(super) sheets: Vec<SheetPart>,
}

/// A tab: its name, and what its part says besides cells.
pub(super) struct SheetPart {
    pub(super) name: String,
    pub(super) columns: Columns,
}

impl Package {
    /// Unpacks every part once, within bounds.
    ///
    /// The reader of cells unpacks the same parts, and so cannot be led beyond the same bounds.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut archive = ZipArchive::new(Cursor::new(bytes))
            .map_err(|error| format!("it is no .xlsx workbook ({error})"))?;
        if archive.len() > MAX_PARTS {
            return Err(format!("it has {} parts, and may have {MAX_PARTS}", archive.len()));
        }
        let mut weight = Weight::default();
        let mut sheets: HashMap<String, Columns> = HashMap::new();
        let mut kept: HashMap<String, Vec<u8>> = HashMap::new();
        for at in 0..archive.len() {
            let part = archive.by_index(at).map_err(|error| error.to_string())?;
            let name = part.name().map_err(|error| error.to_string())?;
            let name = name.replace('\\', "/").to_lowercase();
            let mut content = Vec::new();
            let read = part.take(weight.left() + 1).read_to_end(&mut content);
            read.map_err(|error| format!("its part `{name}` is damaged ({error})"))?;
            weight.part(content.len(), name.contains("/media"))?;
            let found = scan(&content, &mut weight).map_err(|what| format!("`{name}` {what}"))?;
            sheets.extend(found.map(|found| (name.clone(), found)));
            if [ROOT, WORKBOOK, LINKS].contains(&name.as_str()) {
                kept.insert(name, content);
            }
        }
        weight.pictures()?;
        let part = |name: &str| {
            kept.get(name).map(Vec::as_slice).ok_or_else(|| format!("its part `{name}` is missing"))
        };
        is_where_it_belongs(part(ROOT)?)?;
        tabs(part(WORKBOOK)?, part(LINKS)?, sheets)
    }
}

/// Other programs put the workbook's part here too; elsewhere it would be read unweighed.
fn is_where_it_belongs(root: &[u8]) -> Result<(), String> {
    let mut elsewhere = None;
    each_element(root, |name, element| {
        let kind = attribute(element, "Type").unwrap_or_default();
        let target = attribute(element, "Target").unwrap_or_default();
        let here = target.trim_start_matches('/') == WORKBOOK;
        if name == "Relationship" && kind.ends_with("/officeDocument") && !here {
            elsewhere = Some(target);
        }
    });
    elsewhere.map_or(Ok(()), |target| Err(format!("its workbook is at `{target}`")))
}

/// The tabs in their order, each of a part of its own.
fn tabs(book: &[u8], links: &[u8], mut parts: HashMap<String, Columns>) -> Result<Package, String> {
    let targets = targets(links);
    let mut seen = HashSet::new();
    let mut sheets = Vec::new();
    for (name, id) in names(book) {
        let Some(path) = targets.get(&id) else { continue };
        if !seen.insert(path) {
            return Err(format!("two of its tabs are `{path}`"));
        }
        sheets.extend(parts.remove(path).map(|columns| SheetPart { name, columns }));
    }
    Ok(Package { sheets })
}

/// The tabs' names with the ids of their links.
fn names(book: &[u8]) -> Vec<(String, String)> {
    let mut names = Vec::new();
    each_element(book, |name, element| {
        if name == "sheet" {
            let [name, id] = ["name", "id"].map(|key| attribute(element, key).unwrap_or_default());
            names.push((name, id));
        }
    });
    names
}

/// Where links point to, by their ids, as paths in the archive.
fn targets(links: &[u8]) -> HashMap<String, String> {
    let mut targets = HashMap::new();
    each_element(links, |name, element| {
        if name == "Relationship"
            && let Some((id, target)) = attribute(element, "Id").zip(attribute(element, "Target"))
        {
            let path = match target.strip_prefix('/') {
                Some(absolute) => absolute.to_lowercase(),
                None => format!("xl/{target}").to_lowercase(),
            };
            targets.insert(id, path);
        }
    });
    targets
}

fn each_element(xml: &[u8], mut see: impl FnMut(&str, &BytesStart<'_>)) {
    let mut reader = Reader::from_reader(xml);
    let mut buffer = Vec::new();
    while let Ok(event) = reader.read_event_into(&mut buffer) {
        match event {
            Event::Start(element) | Event::Empty(element) => {
                see(element.local_name().as_ref(), &element);
            }
            Event::Eof => return,
            _ => {}
        }
        buffer.clear();
    }
}

const ROOT: &str = "_rels/.rels";
const WORKBOOK: &str = "xl/workbook.xml";
const LINKS: &str = "xl/_rels/workbook.xml.rels";
const MAX_PARTS: usize = 2_000;
