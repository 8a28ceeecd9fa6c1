//! Whether two workbooks have the same cells.

use std::io::{Cursor, Read};

use zip::ZipArchive;

/// Says what is not the same about two workbooks: their parts, the cells that they have, or their
/// size by more than 1 %. How single cells look may differ.
#[must_use]
pub fn difference(a: &[u8], b: &[u8]) -> Option<String> {
    let (a, b) = (parts(a), parts(b));
    let names = |parts: &[(String, String)]| -> Vec<String> {
        parts.iter().map(|(name, _)| name.clone()).collect()
    };
    if names(&a) != names(&b) {
        return Some(format!("{:?}, {:?}", names(&a), names(&b)));
    }
    for ((name, a), (_, b)) in a.iter().zip(&b) {
        if let Some((a, b)) = cells(a).zip(cells(b)).find(|(a, b)| a != b) {
            return Some(format!("{name}: {a:?}, {b:?}"));
        }
    }
    let size = |parts: &[(String, String)]| parts.iter().map(|(_, text)| text.len()).sum::<usize>();
    let (a, b) = (size(&a), size(&b));
    (a.abs_diff(b) * 100 > a).then(|| format!("{a} bytes, {b} bytes"))
}

/// Where each cell is, and nothing after the last.
fn cells(part: &str) -> impl Iterator<Item = Option<&str>> {
    let cells = part.split("<c r=\"").skip(1).map(|cell| cell.split('"').next());
    cells.chain(std::iter::once(None))
}

fn parts(workbook: &[u8]) -> Vec<(String, String)> {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).unwrap();
    let count = archive.len();
    let part = |at| {
        let mut part = archive.by_index(at).unwrap();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        (part.name().unwrap().to_string(), text)
    };
    (0..count).map(part).collect()
}
