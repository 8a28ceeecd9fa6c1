//! A style put together from the cells that show it, with what was not found.

use calamine::{Color, FillPattern, Style};

use crate::style::logo::Logo;
use crate::style::look::{self, Look, Rgb};
use crate::style::workbook::layout::Layout;
use crate::style::workbook::part::Columns;
use crate::style::{COLUMNS, StatementStyle};
use crate::xlsx::amounts;

/// A style in the making.
pub(super) struct Dress {
    style: StatementStyle,
}

impl Dress {
    pub(super) fn of(styles: &[Style], layout: &Layout) -> Self {
        let mut dress = Self { style: StatementStyle::default() };
        let at = |place: Option<usize>| place.and_then(|place| styles.get(place));
        let mut style = std::mem::take(&mut dress.style);
        dress.look(&mut style.title, at(layout.title), "title");
        dress.look(&mut style.header, at(layout.header), "header");
        dress.look(&mut style.body, at(layout.text), "body");
        dress.format(&mut style.body, at(layout.amount), "body");
        dress.look(&mut style.total, at(layout.total), "total");
        dress.format(&mut style.total, at(layout.total_amount), "total");
        dress.look(&mut style.note, at(layout.note), "note");
        match at(layout.date).and_then(format_code) {
            Some(format) => style.date_format = format,
            None => dress.missing("date_format"),
        }
        style.fallbacks = dress.style.fallbacks;
        Self { style }
    }

    pub(super) fn widths(&mut self, sheet: &Columns, layout: &Layout) {
        for (at, column) in layout.columns.into_iter().enumerate() {
            let width = column.and_then(|column| sheet.width(column));
            match width.and_then(|width| look::width(width).ok()) {
                Some(width) => self.style.widths[at] = Some(width),
                None => self.missing(&format!("widths.{}", COLUMNS[at])),
            }
        }
    }

    /// A picture among it is left out, and named.
    pub(super) fn header_text(&mut self, text: &str) {
        let without = text.replace("&G", "");
        match look::header_text(&without) {
            Ok(found) => self.style.header_text = Some(found),
            Err(_) => self.missing("header_text"),
        }
        if without != text {
            self.missing("header_text: its picture");
        }
    }

    pub(super) fn logo(&mut self, logo: Option<Logo>) {
        match logo {
            Some(logo) => self.style.logo = Some(logo),
            None => self.missing("logo"),
        }
    }

    pub(super) fn done(self) -> StatementStyle {
        self.style
    }

    fn missing(&mut self, key: &str) {
        self.style.fallbacks.push(key.to_owned());
    }

    fn look(&mut self, look: &mut Look, style: Option<&Style>, name: &str) {
        let Some(style) = style else {
            self.missing(name);
            return;
        };
        let font = style.font.clone().unwrap_or_default();
        match font.name.as_deref().map(look::font) {
            Some(Ok(name)) => look.font = name,
            _ => self.missing(&format!("{name}.font")),
        }
        match font.size.map(look::size) {
            Some(Ok(size)) => look.size = size,
            _ => self.missing(&format!("{name}.size")),
        }
        (look.bold, look.italic) = (font.is_bold(), font.is_italic());
        // A font without a colour is in that of the window, which is black on paper.
        look.color = font.color.map_or(look::BLACK, rgb);
        let fill = style.fill.as_ref().filter(|fill| fill.is_visible());
        let solid = fill.filter(|fill| fill.pattern == FillPattern::Solid);
        look.fill = solid.and_then(|fill| fill.get_color()).map(rgb);
        if fill.is_some() && look.fill.is_none() {
            self.missing(&format!("{name}.fill"));
        }
    }

    /// A format that only says the digits of a currency is left to the currency.
    fn format(&mut self, look: &mut Look, style: Option<&Style>, name: &str) {
        match style.and_then(format_code) {
            Some(format) if (0..=4).any(|digits| amounts(digits) == format) => {}
            Some(format) => look.number_format = Some(format),
            None => self.missing(&format!("{name}.number_format")),
        }
    }
}

fn format_code(style: &Style) -> Option<String> {
    let format = style.number_format.as_ref().map(|format| format.format_code.as_str());
    format.filter(|format| *format != "General").and_then(|format| look::number_format(format).ok())
}

fn rgb(color: Color) -> Rgb {
    Rgb(color.to_argb() & 0x00FF_FFFF)
}
