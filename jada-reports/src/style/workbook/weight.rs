//! How much a workbook makes of the little that it is, and how much it may.

/// What its reader keeps in memory, counted while the parts are unpacked.
#[derive(Default)]
pub(super) struct Weight {
    bytes: u64,
    /// Fonts, formats and the like; texts; tabs and links.
    styles: usize,
    texts: usize,
    links: usize,
    /// A picture is kept once for each place it stands at, and a drawing read for each link.
    drawing_links: u64,
    anchors: u64,
    largest_picture: u64,
    largest_drawing: u64,
}

impl Weight {
    /// How many bytes may still be unpacked.
    pub(super) fn left(&self) -> u64 {
        MAX_BYTES.saturating_sub(self.bytes)
    }

    pub(super) fn part(&mut self, bytes: usize, picture: bool) -> Result<(), String> {
        self.bytes += bytes as u64;
        if picture {
            self.largest_picture = self.largest_picture.max(bytes as u64);
        }
        if self.bytes > MAX_BYTES {
            Err("it unpacks to more than 64 MiB".to_owned())
        } else {
            Ok(())
        }
    }

    pub(super) fn drawing(&mut self, bytes: usize) {
        self.largest_drawing = self.largest_drawing.max(bytes as u64);
    }

    /// Counts an element by its name, with how many bytes of attributes it has.
    pub(super) fn element(&mut self, name: &str, attributes: usize) -> Result<(), String> {
        let (count, most) = match name {
            "xf" | "font" | "fill" | "border" | "numFmt" => (&mut self.styles, MAX_STYLES),
            "si" => (&mut self.texts, MAX_TEXTS),
            "sheet" | "Relationship" => (&mut self.links, MAX_LINKS),
            "twoCellAnchor" | "oneCellAnchor" | "absoluteAnchor" => {
                self.anchors += 1;
                return Ok(());
            }
            "name" | "rFont" if attributes > MAX_NAME => {
                return Err(format!("has a `{name}` of {attributes} bytes"));
            }
            _ => return Ok(()),
        };
        *count += 1;
        if *count > most {
            return Err(format!("has more than {most} `{name}`"));
        }
        // Texts of formats and fonts are copied to every style that uses them.
        if most == MAX_STYLES && attributes > MAX_NAME {
            return Err(format!("has a `{name}` of {attributes} bytes"));
        }
        Ok(())
    }

    pub(super) fn drawing_link(&mut self) {
        self.drawing_links += 1;
    }

    /// A picture within a cell.
    pub(super) fn picture_in_cell(&mut self) {
        self.anchors += 1;
    }

    /// What of pictures and drawings the reader would come to hold.
    pub(super) fn pictures(&self) -> Result<(), String> {
        let links = self.drawing_links.max(1);
        let kept = self.largest_picture.saturating_mul(self.anchors).saturating_mul(links);
        let read = self.largest_drawing.saturating_mul(links);
        if kept.max(read) > MAX_PICTURES {
            return Err("its pictures are too many, or too large".to_owned());
        }
        Ok(())
    }
}

const MAX_BYTES: u64 = 64 * 1024 * 1024;
const MAX_PICTURES: u64 = 256 * 1024 * 1024;
/// As Excel has it.
const MAX_STYLES: usize = 65_536;
/// A number format has 255 letters at most, six bytes each where they are escaped.
const MAX_NAME: usize = 2_048;
/// What the reader reserves room for, too.
pub(super) const MAX_TEXTS: usize = 2_000_000;
const MAX_LINKS: usize = 10_000;
