//! Styles: read from files and workbooks of ours, of others, and of people who mean harm.

mod foreign;
mod hostile;
mod round_trip;

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Every key of a style file but the logo.
pub(crate) const COMPLETE: &str = r##"
header_text = "&LHarbor Sailing && Co.&RConfidential"
date_format = "dd/mm/yyyy"

[title]
font = "Georgia"
size = 20
bold = false
italic = true
color = "#7A1F1F"
fill = "none"

[header]
font = "Arial"
size = 10.5
bold = true
italic = false
color = "#FFFFFF"
fill = "#7A1F1F"

[body]
font = "Arial"
size = 10
bold = false
italic = false
color = "#222222"
fill = "#FDF6F0"
number_format = '"$"#,##0.00'

[total]
font = "Arial"
size = 10
bold = true
italic = false
color = "#7A1F1F"
fill = "#F3E3D3"
number_format = '"USD" #,##0.00'

[note]
font = "Verdana"
size = 8
bold = false
italic = false
color = "#555555"
fill = "none"

[widths]
date = 20
charter = 13
guest = 33
brand = 21.5
kind = 11
status = 24
total = 24
notes = 44
"##;

/// A picture of 4 by 2 pixels, as PNG.
pub(crate) fn logo() -> Vec<u8> {
    include_bytes!("../fixtures/logo.png").to_vec()
}

/// The parts of a workbook by name, unpacked.
pub(crate) fn parts(workbook: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).unwrap();
    (0..archive.len())
        .map(|at| {
            let mut part = archive.by_index(at).unwrap();
            let mut content = Vec::new();
            part.read_to_end(&mut content).unwrap();
            (part.name().unwrap().to_string(), content)
        })
        .collect()
}

/// A workbook of these parts, which are not compressed, as there are many to be tried.
pub(crate) fn packed(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    packed_by(CompressionMethod::Stored, parts)
}

pub(crate) fn packed_by(method: CompressionMethod, parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, content) in parts {
        to.start_file(name.as_str(), options).unwrap();
        to.write_all(content).unwrap();
    }
    to.finish().unwrap().into_inner()
}
