//! A workbook with nothing in it but one tab and the texts, of the workbook that it is in.

use std::collections::HashMap;
use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::month::Month;
use crate::tab::choice::of_month;
use crate::tab::grid::DateSystem;
use crate::tab::words::TabWords;
use crate::tab::xlsx::part::{Worksheet, attribute, each_element, texts_are_few};

/// A tab, harmless to its reader: whatever else is in the workbook (styles, pictures, other tabs)
/// would be read for nothing, and may be made to grow.
pub(super) struct Package {
    /// The tab's title in its workbook; here it is [`TAB`].
    pub(super) title: String,
    pub(super) worksheet: Worksheet,
    pub(super) dates: DateSystem,
    pub(super) bytes: Vec<u8>,
}

/// What the tab is called here.
pub(super) const TAB: &str = "tab";

impl Package {
    /// Takes the month's tab out of a workbook.
    pub(super) fn read(bytes: &[u8], month: Month, words: &TabWords) -> Result<Self, String> {
        let mut parts = Parts::of(bytes)?;
        let book = Book::read(&mut parts)?;
        let titles: Vec<&str> = book.tabs.iter().map(|(title, _)| title.as_str()).collect();
        let (title, path) = &book.tabs[of_month(&titles, month, words)?];
        let sheet = parts.read(path)?;
        let worksheet =
            Worksheet::of(&sheet).map_err(|what| format!("its part `{path}` {what}"))?;
        let texts = match &book.texts {
            Some(path) => {
                let texts = parts.read(path)?;
                texts_are_few(&texts).map_err(|what| format!("its part `{path}` {what}"))?;
                Some(texts)
            }
            None => None,
        };
        let bytes = packed(&sheet, texts.as_deref()).map_err(|error| error.to_string())?;
        Ok(Self { title: title.clone(), worksheet, dates: book.dates, bytes })
    }
}

/// The parts of an archive, each read within bounds.
struct Parts<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// By name, in small letters as other programs take them.
    at: HashMap<String, usize>,
}

impl<'a> Parts<'a> {
    fn of(bytes: &'a [u8]) -> Result<Self, String> {
        if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
            let mend = "save it as .xlsx, without a password";
            return Err(format!("it has a password, or is an .xls workbook: {mend}"));
        }
        let archive = ZipArchive::new(Cursor::new(bytes))
            .map_err(|error| format!("it is no .xlsx workbook ({error})"))?;
        if archive.len() > MOST_PARTS {
            return Err(format!("it has {} parts, and may have {MOST_PARTS}", archive.len()));
        }
        let mut parts = Self { archive, at: HashMap::new() };
        for at in 0..parts.archive.len() {
            let part = parts.archive.by_index_raw(at).map_err(|error| error.to_string())?;
            let name = part.name().map_err(|error| error.to_string())?;
            parts.at.entry(name.replace('\\', "/").to_lowercase()).or_insert(at);
        }
        Ok(parts)
    }

    fn read(&mut self, path: &str) -> Result<Vec<u8>, String> {
        let at = self.at.get(path).ok_or_else(|| format!("its part `{path}` is missing"))?;
        let damaged =
            |error: &dyn std::fmt::Display| format!("its part `{path}` is damaged ({error})");
        let part = self.archive.by_index(*at).map_err(|error| damaged(&error))?;
        let mut content = Vec::new();
        part.take(MOST_BYTES + 1).read_to_end(&mut content).map_err(|error| damaged(&error))?;
        if content.len() as u64 > MOST_BYTES {
            return Err(format!("its part `{path}` unpacks to more than 32 MiB"));
        }
        Ok(content)
    }
}

/// What a workbook says of its tabs.
struct Book {
    /// Title and path, in their order.
    tabs: Vec<(String, String)>,
    /// The path of the texts that its tabs share.
    texts: Option<String>,
    dates: DateSystem,
}

impl Book {
    fn read(parts: &mut Parts<'_>) -> Result<Self, String> {
        let path = book_path(&parts.read(ROOT)?)?;
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let links = links(&parts.read(&joined(folder, &format!("_rels/{name}.rels")))?, folder)?;
        let (mut titles, mut dates) = (Vec::new(), DateSystem::From1900);
        let book = parts.read(&path)?;
        let read = each_element(&book, |name, element| {
            let value = |key| attribute(element, key).unwrap_or_default();
            match name {
                "workbookPr" if ["1", "true"].contains(&value("date1904").as_str()) => {
                    dates = DateSystem::From1904;
                }
                "sheet" if titles.len() >= MOST_TABS => {
                    return Err(format!("has more than {MOST_TABS} tabs"));
                }
                "sheet" => titles.push((value("name"), value("id"))),
                _ => {}
            }
            Ok(())
        });
        read.map_err(|what| format!("its part `{path}` {what}"))?;
        let tab = |(title, id)| Some((title, links.get(&id)?.sheet()?));
        let tabs = titles.into_iter().filter_map(tab).collect();
        let mut texts = links.values().filter(|link| link.kind.ends_with("/sharedStrings"));
        Ok(Self { tabs, texts: texts.next().map(|link| link.path.clone()), dates })
    }
}

/// Where a part points to.
struct Link {
    kind: String,
    path: String,
}

impl Link {
    fn sheet(&self) -> Option<String> {
        self.kind.ends_with("/worksheet").then(|| self.path.clone())
    }
}

/// The links of a part in this folder, by their ids.
fn links(xml: &[u8], folder: &str) -> Result<HashMap<String, Link>, String> {
    let mut links = HashMap::new();
    let read = each_element(xml, |name, element| {
        let value = |key| attribute(element, key).unwrap_or_default();
        if name == "Relationship" && links.len() < MOST_PARTS {
            let (kind, path) = (value("Type"), joined(folder, &value("Target")));
            links.insert(value("Id"), Link { kind, path });
        }
        Ok(())
    });
    read.map_err(|what| format!("a part with links {what}"))?;
    Ok(links)
}

/// Where the workbook's own part is.
fn book_path(root: &[u8]) -> Result<String, String> {
    let links = links(root, "")?;
    let mut books = links.into_values().filter(|link| link.kind.ends_with("/officeDocument"));
    books.next().map(|link| link.path).ok_or_else(|| "it has no workbook in it".to_owned())
}

/// A target as a path of the archive.
fn joined(folder: &str, target: &str) -> String {
    let path = match target.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None if folder.is_empty() => target.to_owned(),
        None => format!("{folder}/{target}"),
    };
    path.to_lowercase()
}

fn packed(sheet: &[u8], texts: Option<&[u8]>) -> zip::result::ZipResult<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let own: [(&str, &[u8]); 4] = [
        ("_rels/.rels", OWN_ROOT.as_bytes()),
        ("xl/workbook.xml", OWN_BOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", OWN_LINKS.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    for (name, content) in own.into_iter().chain(texts.map(|texts| ("xl/sharedStrings.xml", texts)))
    {
        archive.start_file(name, stored)?;
        archive.write_all(content)?;
    }
    Ok(archive.finish()?.into_inner())
}

const ROOT: &str = "_rels/.rels";
const OWN_ROOT: &str = "<Relationships><Relationship Id=\"r\" Target=\"xl/workbook.xml\" \
    Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\"/>\
    </Relationships>";
const OWN_BOOK: &str =
    "<workbook><sheets><sheet name=\"tab\" sheetId=\"1\" r:id=\"r\"/></sheets></workbook>";
const OWN_LINKS: &str = "<Relationships><Relationship Id=\"r\" Target=\"worksheets/sheet1.xml\" \
    Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\"/>\
    </Relationships>";
const MOST_PARTS: usize = 2_000;
const MOST_TABS: usize = 1_000;
const MOST_BYTES: u64 = 32 * 1024 * 1024;
