//! The picture at the top of a month.

use std::fmt;
use std::sync::Arc;

use rust_xlsxwriter::{Image, Worksheet, XlsxError};

use crate::artefact::sha256;

/// A PNG or JPEG picture, as it came.
#[derive(Clone, PartialEq)]
pub(crate) struct Logo(Arc<[u8]>);

impl fmt::Debug for Logo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Logo({} bytes)", self.0.len())
    }
}

impl Logo {
    pub(crate) fn new(bytes: Vec<u8>) -> Result<Self, String> {
        if bytes.len() > MAX_BYTES {
            return Err(format!("a logo of {} bytes is above 2 MiB", bytes.len()));
        }
        let kind = bytes.starts_with(&PNG) || bytes.starts_with(&JPEG);
        let image = kind.then(|| Image::new_from_buffer(&bytes).ok()).flatten();
        match image {
            Some(image) if image.width() >= 1.0 && image.height() >= 1.0 => Ok(Self(bytes.into())),
            _ => Err("the logo is neither PNG nor JPEG".to_owned()),
        }
    }

    pub(crate) fn sha256(&self) -> String {
        sha256(&self.0)
    }

    /// Puts it into a column's first rows, no wider than the column.
    pub(crate) fn insert(
        &self,
        sheet: &mut Worksheet,
        column: u16,
        width: f64,
    ) -> Result<(), XlsxError> {
        let image = Image::new_from_buffer(&self.0)?.set_alt_text("Logo");
        // Made smaller where it has to be, and never larger.
        let width = (width * 7.0).clamp(40.0, 160.0).min(image.width() * 96.0 / image.width_dpi());
        let height = HEIGHT.min(image.height() * 96.0 / image.height_dpi());
        let image = image.set_scale_to_size(width, height, true);
        sheet.insert_image_with_offset(0, column, &image, 4, 4)?;
        Ok(())
    }
}

/// In pixels, as the first three rows are.
const HEIGHT: f64 = 60.0;
const MAX_BYTES: usize = 2 * 1024 * 1024;
const PNG: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
const JPEG: [u8; 3] = [0xFF, 0xD8, 0xFF];
