//! Workbooks that others made.

use jada_reports::{StatementStyle, styled_workbook};
use rust_xlsxwriter::{Color, ExcelDateTime, Format, Formula, Image, Workbook};

use crate::sample::statement;
use crate::style::{logo, parts};

/// As an office keeps it: a logo, a title in row 2, a filled header in row 5, other columns in
/// another order, a total and a remark.
fn office() -> Vec<u8> {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("Cover").unwrap().write_string(0, 0, "2025").unwrap();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Bookings").unwrap();
    let font = |format: Format| format.set_font_name("Georgia").set_font_size(10);
    let title = Format::new()
        .set_font_name("Georgia")
        .set_font_size(22)
        .set_font_color(Color::RGB(0x0B_53_45));
    let header = font(Format::new())
        .set_bold()
        .set_font_color(Color::White)
        .set_background_color(Color::Theme(4, 0));
    let text = font(Format::new());
    let money = text.clone().set_num_format("[$€-407] #,##0.00");
    let day = text.clone().set_num_format("dd.mm.yyyy");
    let total = money.clone().set_bold().set_background_color(Color::RGB(0xE8_F8_F5));
    let remark = font(Format::new()).set_italic().set_font_color(Color::RGB(0x80_80_80));
    sheet.insert_image(0, 4, &Image::new_from_buffer(&logo()).unwrap()).unwrap();
    sheet.write_string_with_format(1, 0, "Bookings of 2025", &title).unwrap();
    sheet.write_string_with_format(2, 0, "as of 31 December", &text).unwrap();
    for (column, name) in ["Client", "Sail date", "Ref", "Price"].into_iter().enumerate() {
        let column = u16::try_from(column).unwrap();
        sheet.write_string_with_format(4, column, name, &header).unwrap();
    }
    for row in 5..8 {
        sheet.write_string_with_format(row, 0, "Ann", &text).unwrap();
        let date = ExcelDateTime::from_ymd(2025, 5, 3).unwrap();
        sheet.write_datetime_with_format(row, 1, &date, &day).unwrap();
        sheet.write_string_with_format(row, 2, "B-1", &text).unwrap();
        sheet.write_number_with_format(row, 3, 120.5, &money).unwrap();
    }
    sheet.write_string_with_format(8, 0, "Total", &total).unwrap();
    let sum = Formula::new("=SUM(D6:D8)").set_result("361.5");
    sheet.write_formula_with_format(8, 3, sum, &total).unwrap();
    sheet.write_string_with_format(10, 0, "Figures are unaudited.", &remark).unwrap();
    sheet.set_column_width(0, 41).unwrap().set_column_width(1, 15).unwrap();
    sheet.set_column_width(3, 18).unwrap();
    sheet.set_header("&C&\"Georgia,Bold\"Harbor Office");
    workbook.save_to_buffer().unwrap()
}

#[test]
fn an_office_workbook_tells_its_fonts_fills_formats_widths_and_logo() {
    let style = StatementStyle::from_workbook("office.xlsx", &office()).unwrap();
    let expected = StatementStyle::from_toml(
        "expected.toml",
        r##"
        header_text = '&C&"Georgia,Bold"Harbor Office'
        date_format = "dd.mm.yyyy"
        [title]
        font = "Georgia"
        size = 22
        bold = false
        italic = false
        color = "#0B5345"
        fill = "none"
        [header]
        font = "Georgia"
        size = 10
        bold = true
        italic = false
        color = "#FFFFFF"
        fill = "#4F81BD"
        [body]
        font = "Georgia"
        size = 10
        bold = false
        italic = false
        color = "#000000"
        fill = "none"
        number_format = "[$€-407] #,##0.00"
        [total]
        font = "Georgia"
        size = 10
        bold = true
        italic = false
        color = "#000000"
        fill = "#E8F8F5"
        number_format = "[$€-407] #,##0.00"
        [note]
        font = "Georgia"
        size = 10
        bold = false
        italic = true
        color = "#808080"
        fill = "none"
        [widths]
        date = 15
        guest = 41
        total = 18
        "##,
    );
    let expected = expected.unwrap().with_logo(logo()).unwrap();
    let fallbacks =
        ["widths.charter", "widths.brand", "widths.kind", "widths.status", "widths.notes"];
    assert_eq!(style.fallbacks(), fallbacks);
    assert_eq!(style, expected);
}

#[test]
fn a_month_dressed_as_the_office_workbook_gives_back_its_look() {
    let style = StatementStyle::from_workbook("office.xlsx", &office()).unwrap();
    let workbook = styled_workbook(&statement(), &style).unwrap();
    let styles = String::from_utf8(part(&workbook, "xl/styles.xml")).unwrap();
    for found in ["Georgia", "FF0B5345", "FF4F81BD", "FFE8F8F5", "dd.mm.yyyy", "[$€-407] #,##0.00"]
    {
        assert!(styles.contains(found), "{found}");
    }
    assert_eq!(part(&workbook, "xl/media/image1.png"), logo());
}

/// Made by LibreOffice Calc from a table that was set by hand.
#[test]
fn a_total_whose_formula_has_no_result_is_no_note() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let bold = Format::new().set_bold().set_font_size(13);
    for (column, name) in [(0, "Client"), (1, "Price")] {
        sheet.write_string_with_format(0, column, name, &bold).unwrap();
    }
    sheet.write_string(1, 0, "Ann").unwrap().write_number(1, 1, 120.5).unwrap();
    sheet.write_string_with_format(2, 0, "Total", &bold).unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    let style = StatementStyle::from_workbook("w.xlsx", &bytes).unwrap();
    assert!(style.fallbacks().contains(&"note".to_owned()), "{:?}", style.fallbacks());
    assert!(!style.fallbacks().contains(&"total.size".to_owned()), "{:?}", style.fallbacks());
}

#[test]
fn a_workbook_of_libreoffice_tells_how_it_looks() {
    let bytes = include_bytes!("../../fixtures/libreoffice.xlsx");
    let style = StatementStyle::from_workbook("libreoffice.xlsx", bytes).unwrap();
    let workbook = styled_workbook(&statement(), &style).unwrap();
    let styles = String::from_utf8(part(&workbook, "xl/styles.xml")).unwrap();
    for found in ["Times New Roman", "FF1F6F54", "FFDDEEE6"] {
        assert!(styles.contains(found), "{found}: {style:?}");
    }
    for known in ["title", "header", "body", "total", "note", "widths.date", "widths.guest"] {
        assert!(!style.fallbacks().iter().any(|key| key == known), "{known}: {style:?}");
    }
    assert!(style.fallbacks().contains(&"logo".to_owned()));
}

#[test]
fn a_workbook_without_a_header_is_refused() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().write_string(0, 0, "only a text").unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    let refused = StatementStyle::from_workbook("notes.xlsx", &bytes).unwrap_err().to_string();
    assert!(refused.contains("notes.xlsx") && refused.contains("no tab has a header"), "{refused}");
}

fn part(workbook: &[u8], name: &str) -> Vec<u8> {
    parts(workbook).into_iter().find(|(found, _)| found == name).unwrap().1
}
