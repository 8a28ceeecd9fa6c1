//! A statement as plain text, the twin of the HTML in a mail.

use std::fmt::{self, Write as _};

use jada_roster::{Charter, Money};

use crate::day::Day;
use crate::enclosure::Enclosure;
#[cfg(feature = "mail")]
use crate::html::NOTE;
use crate::lines::Lines;
use crate::statement::Statement;
#[cfg(feature = "mail")]
use crate::year::{YearStatement, summary::YearSummary};

/// Writes a statement as plain text, guests last on their lines so that nothing is cut.
#[must_use]
pub fn text(statement: &Statement, lines: Lines) -> String {
    letter(statement, lines, None)
}

/// The same, as a mail has it.
pub(crate) fn letter(
    statement: &Statement,
    lines: Lines,
    enclosure: Option<Enclosure<'_>>,
) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = write_text(statement, lines, enclosure, &mut text);
    text
}

/// A year as a mail has it: in few words, and where the rest is.
#[cfg(feature = "mail")]
pub(crate) fn year_letter(year: &YearStatement, enclosure: Option<Enclosure<'_>>) -> String {
    let mut text = YearSummary::new(year, &[]).to_string();
    if let Some(enclosure) = enclosure {
        text.push_str(&format!("\n{}\n{}\n", enclosure.says(), enclosure.link));
    }
    text.push_str(&format!("\n* {NOTE}\n"));
    text
}

fn write_text(
    statement: &Statement,
    lines: Lines,
    enclosure: Option<Enclosure<'_>>,
    to: &mut String,
) -> fmt::Result {
    let (month, currency) = (statement.month().title(), statement.currency());
    writeln!(to, "REVENUE STATEMENT, {}\n", month.to_uppercase())?;
    let (counted, source) = (statement.counted().len(), statement.source());
    writeln!(to, "{counted} of {source} charters count. Amounts are in {currency}.\n")?;
    if let Some(enclosure) = enclosure {
        writeln!(to, "{}\n{}\n", enclosure.says(), enclosure.link)?;
    }
    sum(to, "Gross", statement.gross())?;
    for tax in statement.taxes() {
        let label = format!("{}, {} of {}", tax.name, tax.rate.percent(), tax.base.grouped());
        sum(to, &label, tax.amount)?;
    }
    sum(to, "Net", statement.net())?;

    writeln!(to, "\nCOUNTED\n")?;
    let (shown, left) = lines.of(statement.counted());
    for charter in shown {
        writeln!(to, "{}  {}", row(charter), on_one_line(charter.guest()))?;
    }
    if statement.counted().is_empty() {
        writeln!(to, "No charter counts.")?;
    }
    rest(to, left)?;

    writeln!(to, "\nNOT COUNTED\n")?;
    let (shown, left) = lines.of(statement.not_counted());
    for not_counted in shown {
        let charter = not_counted.charter();
        let (reason, guest) = (statement.reason(not_counted), on_one_line(charter.guest()));
        let gap = if guest.is_empty() { "" } else { "  " };
        writeln!(to, "{}  [{reason}]{gap}{guest}", row(charter))?;
    }
    if statement.not_counted().is_empty() {
        writeln!(to, "Every charter counts.")?;
    }
    rest(to, left)?;
    if !statement.skipped().is_empty() {
        writeln!(to, "\nROWS THAT COULD NOT BE READ\n")?;
        let (shown, left) = lines.of(statement.skipped());
        for row in shown {
            writeln!(to, "{}", on_one_line(row))?;
        }
        rest(to, left)?;
    }
    writeln!(to)?;
    for note in statement.footnotes() {
        writeln!(to, "* {}", on_one_line(&note))?;
    }
    Ok(())
}

fn sum(to: &mut String, label: &str, amount: Money) -> fmt::Result {
    writeln!(to, "{label:<44} {:>16}", amount.grouped())
}

fn row(charter: &Charter) -> String {
    let total = charter.total().map(|total| total.grouped().to_string()).unwrap_or_default();
    format!("{:<10} {:<12} {total:>12}", Day(charter.date()).to_string(), charter.id().as_str())
}

/// What people typed over several lines must not pass for lines of the statement.
fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn rest(to: &mut String, left: usize) -> fmt::Result {
    if left > 0 {
        writeln!(to, "... and {left} more, all of them in the workbook")?;
    }
    Ok(())
}
