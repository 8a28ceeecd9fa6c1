//! A statement as a mail to its owner: HTML, its text twin, and the workbook.

use jada_mail::{Address, Attachment, AttachmentName, ContentType, HeaderText, Message};
use jiff::Timestamp;
use jiff::civil::time;
use jiff::tz::TimeZone;

use crate::error::{BoxError, Error};
use crate::html::html;
use crate::lines::Lines;
use crate::statement::Statement;
use crate::text::text;

/// Composes the mail of a statement.
///
/// Its idempotency key is `statement-2026-05`, so that a month's statement is one mail. Without a
/// `date` it is dated by the last second of the month, UTC, and the same statement gives the same
/// bytes. Tables are cut after 200 rows, since Gmail shows 102 kB of a mail; the workbook has all.
///
/// # Errors
/// [`Error::Render`] when there is no recipient.
pub fn mail(
    statement: &Statement,
    from: &Address,
    to: &[Address],
    workbook: Vec<u8>,
    date: Option<Timestamp>,
) -> Result<Message, Error> {
    let lines = Lines::AtMost(ROWS);
    let body = html(statement, lines)?;
    compose(statement, from, to, workbook, date.unwrap_or(end_of_month(statement)), lines, body)
        .map_err(|source| Error::Render { artefact: "mail", source })
}

fn compose(
    statement: &Statement,
    from: &Address,
    to: &[Address],
    workbook: Vec<u8>,
    date: Timestamp,
    lines: Lines,
    html: String,
) -> Result<Message, BoxError> {
    let month = statement.month();
    let subject: HeaderText = format!("Revenue statement, {}", month.title()).parse()?;
    let name: AttachmentName = format!("statement-{month}.xlsx").parse()?;
    let mail = Message::builder(from.clone())
        .subject(subject)
        .text(text(statement, lines))
        .html(html)
        .attachment(Attachment::new(name, ContentType::XLSX, workbook))
        .date(date)
        .idempotency_key(format!("statement-{month}").parse()?);
    Ok(to.iter().cloned().fold(mail, |mail, address| mail.to(address)).build()?)
}

fn end_of_month(statement: &Statement) -> Timestamp {
    let end = statement.month().last_day().to_datetime(time(23, 59, 59, 0));
    end.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp()).unwrap_or(Timestamp::MAX)
}

/// About 60 kB of HTML.
const ROWS: usize = 200;
