//! A style as an existing workbook has it.

mod cells;
mod dress;
mod layout;
mod package;
mod part;
mod weight;

use std::fs;
use std::io::Cursor;
use std::path::Path;

use calamine::{Picture, Reader, Xlsx};

use crate::error::Error;
use crate::style::StatementStyle;
use crate::style::logo::Logo;
use crate::style::workbook::cells::Cells;
use crate::style::workbook::dress::Dress;
use crate::style::workbook::layout::Layout;
use crate::style::workbook::package::{Package, SheetPart};

impl StatementStyle {
    /// Reads the style of an `.xlsx` workbook, whose name serves for messages.
    ///
    /// In a workbook that this crate made, a month or a year, each sort of cell is known by its
    /// place: the first tab of a month with charters is looked at. In any other workbook the first
    /// tab with a **header** is: the first of its first 200 rows that has two cells or more, all
    /// of them texts, and among the ten rows below it one with a number. A header that is bold or
    /// filled goes before one that is neither. Then
    ///
    /// - the **title** is the text above the header in the largest letters;
    /// - the **body** is the first row below it with a number: dates are as its first date, and
    ///   amounts as its last number;
    /// - the **total** is the first later row without a date whose first word is total, sum, gross
    ///   or net, or whose number is bold where the body's is not;
    /// - the **note** is the last row below the body that has one cell, a text;
    /// - **widths** are taken by what the header says: `Client` and `Name` are guests, for instance;
    /// - the **logo** is the first picture on that tab that begins no lower than the header, and
    ///   the **header text** is what that tab prints above each page.
    ///
    /// Colours of themes and their tints are resolved. What is not found is as by default, and
    /// named by [`fallbacks`](Self::fallbacks). A workbook may come from a stranger: it is weighed
    /// first, and refused where it unpacks to more than 64 MiB or its reader would make more than
    /// a few hundred of it.
    ///
    /// # Errors
    /// [`Error::StyleWorkbook`] when the bytes are no such workbook, are damaged or beyond these
    /// bounds, or when no tab has a header.
    pub fn from_workbook(file: &str, bytes: &[u8]) -> Result<Self, Error> {
        read(bytes).map_err(|what| Error::StyleWorkbook { file: file.to_owned(), what })
    }

    /// Reads a style from a file: from a workbook where it is one, else from TOML, with the logo
    /// that the TOML names.
    ///
    /// # Errors
    /// [`Error::File`] when the file or its logo cannot be read; those of
    /// [`from_toml`](Self::from_toml) and [`from_workbook`](Self::from_workbook).
    pub fn open(path: &Path) -> Result<Self, Error> {
        let read = |path: &Path| fs::read(path).map_err(|error| Error::file(path, "read", error));
        let bytes = read(path)?;
        let name = path.display().to_string();
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) if !bytes.starts_with(b"PK") => text,
            _ => return Self::from_workbook(&name, &bytes),
        };
        let style = Self::from_toml(&name, text)?;
        match style.logo_file() {
            None => Ok(style),
            Some(logo) => {
                let logo = path.parent().unwrap_or(Path::new("")).join(logo);
                let bytes = read(&logo)?;
                style.with_logo(bytes)
            }
        }
    }
}

fn read(bytes: &[u8]) -> Result<StatementStyle, String> {
    let package = Package::read(bytes)?;
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let (sheet, layout) = choose(&package, &mut workbook)?;
    let pictures = workbook.pictures_with_metadata();
    let reader = workbook.worksheet_cells_reader(&sheet.name).map_err(|error| error.to_string())?;
    let mut dress = Dress::of(reader.styles(), &layout);
    dress.widths(&sheet.columns, &layout);
    dress.header_text(&sheet.columns.header_text);
    dress.logo(logo(pictures, &sheet.name, layout.header_row));
    Ok(dress.done())
}

/// The tab to look at: the first of those that tell most.
fn choose<'a>(
    package: &'a Package,
    workbook: &mut Xlsx<Cursor<&[u8]>>,
) -> Result<(&'a SheetPart, Layout), String> {
    let mut best: Option<(&SheetPart, Layout)> = None;
    for sheet in &package.sheets {
        let Ok(cells) = Cells::read(workbook, &sheet.name) else { continue };
        let Some(layout) = Layout::of(&cells) else { continue };
        if best.as_ref().is_none_or(|(_, other)| layout.worth > other.worth) {
            best = Some((sheet, layout));
        }
        if best.as_ref().is_some_and(|(_, layout)| layout.worth == layout::MOST) {
            break;
        }
    }
    best.ok_or_else(|| "no tab has a header: a row of texts above a row with a number".to_owned())
}

fn logo(pictures: Vec<Picture>, sheet: &str, header_row: u32) -> Option<Logo> {
    let on_sheet = pictures.into_iter().filter(|picture| picture.sheet_name == sheet);
    let above = on_sheet.filter(|picture| picture.row <= header_row);
    above.map(|picture| Logo::new(picture.data)).find_map(Result::ok)
}
