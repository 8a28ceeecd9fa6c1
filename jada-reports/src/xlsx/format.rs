//! How cells look.

use jada_roster::Currency;
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

use crate::style::StatementStyle;
use crate::style::logo::Logo;
use crate::style::look::{BLACK, FONT, Look, Rgb};
use crate::xlsx::space::Space;

/// The formats of a workbook, made once.
pub(super) struct Formats {
    pub(super) title: Format,
    pub(super) subtitle: Format,
    pub(super) header: Format,
    pub(super) header_right: Format,
    pub(super) header_wrapped: Format,
    pub(super) header_remark: Format,
    pub(super) date: Format,
    pub(super) text: Format,
    pub(super) remark: Format,
    pub(super) amount: Format,
    pub(super) label: Format,
    pub(super) rate: Format,
    pub(super) share: Format,
    pub(super) total_label: Format,
    pub(super) total: Format,
    pub(super) total_count: Format,
    pub(super) rule: Format,
    pub(super) count: Format,
    /// A count beside amounts.
    pub(super) tally: Format,
    pub(super) note: Format,
    pub(super) wrapped_note: Format,
    /// The number format of amounts, for a chart's axis.
    pub(super) axis: String,
    /// The colour of rules and charts.
    pub(super) rule_color: Color,
    /// The colour of a month's tab: the same, lighter.
    pub(super) month_color: Color,
    /// Whether charters' rows have a fill.
    pub(super) filled: bool,
    pub(super) space: Space,
    pub(super) header_text: Option<String>,
    pub(super) logo: Option<Logo>,
    /// How high the title's row is, where a logo stands beside it; in points.
    pub(super) title_height: f64,
}

impl Formats {
    pub(super) fn of(currency: Currency, style: &StatementStyle) -> Self {
        let amounts = amounts(currency.digits());
        let format_of = |look: &Look| look.number_format.clone().unwrap_or(amounts.clone());
        let body = dressed(&style.body);
        let amount = body.clone().set_num_format(format_of(&style.body));
        let top = body.clone().set_align(FormatAlign::Top);
        let rule = rule_color(&style.header);
        let header = dressed(&style.header)
            .set_border_bottom(FormatBorder::Medium)
            .set_border_bottom_color(rule)
            .set_align(FormatAlign::Bottom);
        let note = dressed(&style.note);
        let total =
            dressed(&style.total).set_border_top(FormatBorder::Thin).set_border_top_color(rule);
        let subtitle = Look { bold: false, italic: false, ..style.note.clone() };
        Self {
            title: dressed(&style.title),
            subtitle: dressed(&subtitle),
            header_remark: header.clone().set_align(FormatAlign::Left).set_indent(1),
            header_right: header.clone().set_align(FormatAlign::Right),
            header_wrapped: header.clone().set_align(FormatAlign::Right).set_text_wrap(),
            header,
            date: top.clone().set_num_format(&style.date_format).set_align(FormatAlign::Left),
            text: top.clone().set_text_wrap(),
            remark: top.clone().set_text_wrap().set_align(FormatAlign::Left).set_indent(1),
            label: body.clone(),
            rate: body.clone().set_num_format("0.00####%"),
            share: top.clone().set_num_format("0.0%"),
            total_label: total.clone(),
            total: total.clone().set_num_format(format_of(&style.total)),
            total_count: total.clone().set_num_format("#,##0"),
            rule: total,
            amount: amount.set_align(FormatAlign::Top),
            tally: top.set_num_format("#,##0"),
            count: body.set_num_format("#,##0"),
            wrapped_note: note.clone().set_text_wrap().set_align(FormatAlign::Top),
            note,
            axis: plain(currency.digits()),
            rule_color: rule,
            month_color: lighter(&style.header),
            filled: style.body.fill.is_some(),
            space: Space::of(style, &amounts),
            header_text: style.header_text.clone(),
            logo: style.logo.clone(),
            title_height: (style.title.size * 1.4).max(20.0),
        }
    }
}

/// The number format of amounts with so many digits after the point, where a style has none of
/// its own. A day without revenue shows a dash, so that zeros do not pass for money.
pub(crate) fn amounts(digits: u8) -> String {
    let digits = plain(digits);
    format!("{digits};[Red]-{digits};\"–\"")
}

fn plain(digits: u8) -> String {
    match digits {
        0 => "#,##0".to_owned(),
        digits => format!("#,##0.{}", "0".repeat(usize::from(digits))),
    }
}

/// Rules and charts are in the colour of the header, or of its fill where it has one.
fn rule_color(header: &Look) -> Color {
    let Rgb(color) = header.fill.unwrap_or(header.color);
    Color::RGB(color)
}

fn lighter(header: &Look) -> Color {
    let Rgb(color) = header.fill.unwrap_or(header.color);
    let half = |shift: u32| (((color >> shift) & 0xFF) + 0xFF).div_ceil(2) << shift;
    Color::RGB(half(16) | half(8) | half(0))
}

/// A format with the font and the fill of a look; what is as by default is not said.
fn dressed(look: &Look) -> Format {
    let mut format = Format::new();
    if look.font != FONT {
        format = format.set_font_name(&look.font);
    }
    format = format.set_font_size(look.size);
    if look.bold {
        format = format.set_bold();
    }
    if look.italic {
        format = format.set_italic();
    }
    if look.color != BLACK {
        format = format.set_font_color(Color::RGB(look.color.0));
    }
    match look.fill {
        Some(Rgb(fill)) => format.set_background_color(Color::RGB(fill)),
        None => format,
    }
}
