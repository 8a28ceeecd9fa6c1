//! How a workbook looks: fonts, fills, number formats, column widths, header text, and a logo.

mod file;
pub(crate) mod logo;
pub(crate) mod look;
#[cfg(feature = "style")]
mod workbook;

use serde::Serialize;

use crate::artefact::sha256;
use crate::error::Error;
use crate::style::logo::Logo;
use crate::style::look::Look;

/// How a workbook looks, from a TOML file ([`from_toml`](Self::from_toml)) or as another workbook
/// does (`from_workbook`, with the feature `style`), so that a new month looks like last year's.
///
/// ```
/// # fn main() -> Result<(), jada_reports::Error> {
/// let style = jada_reports::StatementStyle::from_toml("house.toml", r##"
///     header_text = "&LHarbor Sailing Co.&RConfidential"  # printed above each page
///     date_format = "ddd d mmm"
///     logo = "logo.png"               # see `logo_file` and `with_logo`
///
///     [title]                         # also: header, body, total, note
///     font = "Georgia"
///     size = 18                       # points, 6 to 72
///     bold = true
///     italic = false
///     color = "#12395B"
///     fill = "none"                   # or a colour
///
///     [body]
///     number_format = '"$"#,##0.00'   # of amounts; also in [total]
///
///     [widths]                        # in digits of the default font, 1 to 255
///     date = 12
///     guest = 30                      # also: charter, brand, kind, status, total, notes
/// "##)?;
/// assert!(style.fallbacks().contains(&"title".to_owned()) == false);
/// assert!(style.fallbacks().contains(&"body.font".to_owned()));
/// # Ok(())
/// # }
/// ```
///
/// What is not said is as by default, and named by [`fallbacks`](Self::fallbacks). Where no width
/// is said it follows the texts. A column of dates or amounts is never narrower than what it has
/// to show, whatever the style says.
#[derive(Clone, Debug, PartialEq)]
pub struct StatementStyle {
    pub(crate) title: Look,
    pub(crate) header: Look,
    pub(crate) body: Look,
    pub(crate) total: Look,
    pub(crate) note: Look,
    pub(crate) date_format: String,
    /// Of each column of a month's sheet, in digits.
    pub(crate) widths: [Option<f64>; 8],
    pub(crate) header_text: Option<String>,
    pub(crate) logo: Option<Logo>,
    logo_file: Option<String>,
    fallbacks: Vec<String>,
}

impl StatementStyle {
    /// The logo's file as a style file names it, until [`with_logo`](Self::with_logo) brings its
    /// bytes. A relative path is meant from the style file's folder.
    #[must_use]
    pub fn logo_file(&self) -> Option<&str> {
        self.logo_file.as_deref()
    }

    /// Shows this picture at the top of each month, at most 160 by 60 pixels.
    ///
    /// # Errors
    /// [`Error::Style`] when the bytes are neither PNG nor JPEG, or more than 2 MiB.
    pub fn with_logo(mut self, bytes: Vec<u8>) -> Result<Self, Error> {
        let file = self.logo_file.take().unwrap_or_else(|| "logo".to_owned());
        let wrong = |what| Error::Style { file, line: 1, what };
        self.logo = Some(Logo::new(bytes).map_err(wrong)?);
        self.fallbacks.retain(|key| key != "logo");
        Ok(self)
    }

    /// SHA-256 of how it looks, whatever it was read from: two styles have the same when a workbook
    /// is the same in both.
    #[must_use]
    pub fn sha256(&self) -> String {
        let Self {
            title, header, body, total, note, date_format, widths, header_text, logo, ..
        } = self;
        let logo = logo.as_ref().map(Logo::sha256);
        let looks = [title, header, body, total, note];
        let canonical = Canonical { date_format, header_text, logo, looks, widths };
        // Every key is text, and a Vec takes all that is written.
        sha256(&serde_json::to_vec(&canonical).unwrap_or_default())
    }

    /// What was not found and so is as by default: keys as a style file has them, such as
    /// `title.font`, `widths.guest`, `logo`, or a whole table such as `note`.
    #[must_use]
    pub fn fallbacks(&self) -> &[String] {
        &self.fallbacks
    }
}

#[derive(Serialize)]
struct Canonical<'a> {
    date_format: &'a str,
    header_text: &'a Option<String>,
    logo: Option<String>,
    looks: [&'a Look; 5],
    widths: &'a [Option<f64>; 8],
}

impl Default for StatementStyle {
    /// The house's own: navy titles and rules, no fills, no logo.
    fn default() -> Self {
        let plain = Look::default();
        let bold = Look { bold: true, ..plain.clone() };
        Self {
            title: Look { size: 16.0, color: look::NAVY, ..bold.clone() },
            header: Look { color: look::NAVY, ..bold.clone() },
            note: Look { italic: true, color: look::GREY, ..plain.clone() },
            body: plain,
            total: bold,
            date_format: DATE_FORMAT.to_owned(),
            widths: [None; 8],
            header_text: None,
            logo: None,
            logo_file: None,
            fallbacks: Vec::new(),
        }
    }
}

/// The columns of a month's sheet, as a style file names them.
pub(crate) const COLUMNS: [&str; 8] =
    ["date", "charter", "guest", "brand", "kind", "status", "total", "notes"];
const DATE_FORMAT: &str = "ddd d mmm";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_another_workbook_makes_another_digest() {
        let style = |text: &str| StatementStyle::from_toml("style.toml", text).unwrap();
        let default = StatementStyle::default().sha256();
        assert_eq!(style("").sha256(), default, "whatever it was read from");
        for text in [
            "date_format = \"d mmm\"",
            "header_text = \"&LCo\"",
            "[title]\nsize = 17",
            "[note]\nfill = \"#FFFFFF\"",
            "[body]\nnumber_format = \"0.0\"",
            "[widths]\nguest = 31",
        ] {
            assert_ne!(style(text).sha256(), default, "{text}");
        }
    }
}
