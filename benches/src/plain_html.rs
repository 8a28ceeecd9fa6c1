//! The page of a statement by hand: the same bytes, no template.

use std::fmt::Write as _;

use jada_reports::Statement;
use jada_roster::{Charter, Money};

/// A formatter of the page, with what is the same on every page at hand.
#[derive(Debug)]
pub struct PlainHtml {
    head: String,
}

impl PlainHtml {
    /// Takes the fixed head with its style sheet from a rendered page.
    #[must_use]
    pub fn new(page: &str) -> Self {
        let (head, _) = page.split_once(HEAD_END).unwrap();
        Self { head: format!("{head}{HEAD_END}") }
    }

    /// Writes the page.
    pub fn write(&self, statement: &Statement, to: &mut String) {
        to.push_str(&self.head);
        write_sums(statement, to);
        to.push_str("<h2>Counted</h2>\n");
        write_header("<th class=\"o\">Kind</th>", to);
        for charter in statement.counted() {
            write_start(charter, to);
            to.push_str("</td><td class=\"o\">");
            escape(charter.kind().as_str(), to);
            write_end(charter, to);
        }
        to.push_str("\n</tbody>\n</table>\n</div>\n<h2>Not counted</h2>\n");
        write_header("<th>Reason</th>", to);
        for not_counted in statement.not_counted() {
            write_start(not_counted.charter(), to);
            to.push_str("</td><td>");
            escape(statement.reason(not_counted), to);
            write_end(not_counted.charter(), to);
        }
        to.push_str("\n</tbody>\n</table>\n</div>\n<ol>");
        for note in statement.footnotes() {
            to.push_str("\n<li>");
            escape(&note, to);
            to.push_str("</li>");
        }
        to.push_str("\n</ol>\n</div>\n</body>\n</html>");
    }
}

fn write_sums(statement: &Statement, to: &mut String) {
    let title = statement.month().title();
    let _ = writeln!(to, "<h1>Revenue statement, {title}</h1>");
    let (counted, source) = (statement.counted().len(), statement.source());
    let currency = statement.currency();
    let _ = writeln!(
        to,
        "<p>{counted} of {source} charters count. Amounts are in {currency}.</p>\n\
         <table class=\"sums\" cellpadding=\"4\">"
    );
    write_sum("Gross", statement.gross(), to);
    for tax in statement.taxes() {
        let (rate, base) = (tax.rate.percent(), tax.base.grouped());
        write_sum(&format!("{}, {rate} of {base}", tax.name), tax.amount, to);
    }
    let net = statement.net().grouped();
    let _ = write!(
        to,
        "<tr class=\"total\"><td><b>Net</b></td>\
         <td class=\"n\" align=\"right\"><b>{net}</b></td></tr>\n</table>\n"
    );
}

fn write_sum(label: &str, amount: Money, to: &mut String) {
    to.push_str("<tr><td>");
    escape(label, to);
    let _ = writeln!(to, "</td><td class=\"n\" align=\"right\">{}</td></tr>", amount.grouped());
}

fn write_header(fifth: &str, to: &mut String) {
    let _ = write!(
        to,
        "<div class=\"wide\">\n<table cellpadding=\"4\">\n\
         <thead><tr><th>Date</th><th>Charter</th><th class=\"g\">Guest</th>\
         <th class=\"b o\">Brand</th>{fifth}<th class=\"n\" align=\"right\">Total</th></tr></thead>\n<tbody>"
    );
}

fn write_start(charter: &Charter, to: &mut String) {
    let date = charter.date();
    to.push_str("\n<tr><td class=\"d\">");
    to.push_str(WEEKDAYS[usize::from(date.weekday().to_monday_zero_offset().unsigned_abs())]);
    let _ = write!(to, " {} ", date.day());
    to.push_str(MONTHS[usize::from(date.month().unsigned_abs()) - 1]);
    to.push_str("</td><td class=\"d\">");
    escape(charter.id().as_str(), to);
    to.push_str("</td><td>");
    escape(charter.guest(), to);
    to.push_str("</td><td class=\"o\">");
    escape(charter.brand(), to);
}

fn write_end(charter: &Charter, to: &mut String) {
    match charter.total() {
        None => to.push_str("</td><td></td></tr>"),
        Some(total) => {
            let class = if total.minor() < 0 { "n r" } else { "n" };
            let total = total.grouped();
            let _ = write!(to, "</td><td class=\"{class}\" align=\"right\">{total}</td></tr>");
        }
    }
}

fn escape(text: &str, to: &mut String) {
    let mut written = 0;
    for (at, byte) in text.bytes().enumerate() {
        let entity = match byte {
            b'"' => "&#34;",
            b'&' => "&#38;",
            b'\'' => "&#39;",
            b'<' => "&#60;",
            b'>' => "&#62;",
            _ => continue,
        };
        to.push_str(&text[written..at]);
        to.push_str(entity);
        written = at + 1;
    }
    to.push_str(&text[written..]);
}

const HEAD_END: &str = "<div class=\"page\">\n";
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
