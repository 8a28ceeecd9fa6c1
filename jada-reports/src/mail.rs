//! A statement as a mail to its owner: HTML, its text twin, and the workbook.

use jada_mail::{
    Address, Attachment, AttachmentName, ContentType, HeaderText, IdempotencyKey, Message,
    MessageBuilder,
};
use jiff::Timestamp;
use jiff::civil::time;
use jiff::tz::TimeZone;

use crate::enclosure::Enclosure;
use crate::error::{BoxError, Error};
use crate::html::{page, year_page};
use crate::lines::Lines;
use crate::stated::Stated;
use crate::statement::Statement;
use crate::text::{letter, year_letter};

/// Composes the mail of a statement, with its workbook attached.
///
/// Its idempotency key is `statement-2026-05`, so that a month's statement is one mail. Without a
/// `date` it is dated by the last second of the month, UTC, and the same statement gives the same
/// bytes. Tables are cut after 200 rows, since Gmail shows 102 kB of a mail; the workbook has all.
///
/// # Errors
/// [`Error::Render`] when there is no recipient; [`Error::TooLargeToMail`].
pub fn mail(
    statement: &Statement,
    from: &Address,
    to: &[Address],
    workbook: Vec<u8>,
    date: Option<Timestamp>,
) -> Result<Message, Error> {
    let mail = StatementMail::new(statement, from, to).workbook(workbook);
    date.into_iter().fold(mail, StatementMail::date).build()
}

/// The mail of a statement that is yet to be composed.
#[derive(Clone, Debug)]
#[must_use = "a mail is composed by `build`"]
pub struct StatementMail<'a> {
    stated: Stated<'a>,
    from: &'a Address,
    to: &'a [Address],
    workbook: Option<Vec<u8>>,
    attach_up_to: u64,
    link: Option<String>,
    date: Timestamp,
    key: String,
}

impl<'a> StatementMail<'a> {
    /// A mail of a month or a year, from and to these, without a workbook, dated by the last second
    /// of the period, UTC.
    pub fn new(stated: impl Into<Stated<'a>>, from: &'a Address, to: &'a [Address]) -> Self {
        let stated = stated.into();
        Self {
            stated,
            from,
            to,
            workbook: None,
            attach_up_to: Message::LIMIT,
            link: None,
            date: end_of(stated),
            key: format!("statement-{}", stated.period()),
        }
    }

    /// Attaches the workbook, if it is small enough.
    pub fn workbook(mut self, workbook: Vec<u8>) -> Self {
        self.workbook = Some(workbook);
        self
    }

    /// Attaches no workbook of more than `bytes`; default [`Message::LIMIT`], which bounds bodies and
    /// workbook together in any case.
    pub fn attach_up_to(mut self, bytes: u64) -> Self {
        self.attach_up_to = bytes;
        self
    }

    /// Says where the workbook can be opened, in the HTML and in the text.
    pub fn link(mut self, link: impl Into<String>) -> Self {
        self.link = Some(link.into());
        self
    }

    /// Dates the mail.
    pub fn date(mut self, date: Timestamp) -> Self {
        self.date = date;
        self
    }

    /// Names the mail by what the statement says as well, such as `statement-2026-05-3f2a90c41b7d`:
    /// the period, and the beginning of [`Stated::canonical_sha256`]. So a corrected statement is
    /// a mail of its own, and the same one is the same mail.
    pub fn key_by_content(mut self) -> Self {
        let digest = self.stated.canonical_sha256();
        self.key = format!("statement-{}-{}", self.stated.period(), &digest[..DIGITS]);
        self
    }

    /// Names the mail by this number as well, if it is not the first.
    #[cfg(feature = "xlsx")]
    pub(crate) fn numbered(mut self, number: u32) -> Self {
        if number > 1 {
            self.key.push_str(&format!("-{number}"));
        }
        self
    }

    /// Composes the mail. A workbook that is too large goes by its link alone.
    ///
    /// # Errors
    /// [`Error::TooLargeToMail`] for a workbook that is too large and has no link;
    /// [`Error::Render`] when there is no recipient.
    pub fn build(mut self) -> Result<Message, Error> {
        let bytes = self.workbook.as_ref().map_or(0, |workbook| workbook.len() as u64);
        if bytes <= self.attach_up_to {
            let attached = self.clone().compose();
            match attached {
                Err(error) if is_too_large(&error) && bytes > 0 => {}
                composed => return composed.map_err(Self::failed),
            }
        }
        if self.link.is_none() {
            return Err(Error::TooLargeToMail { bytes, limit: self.attach_up_to });
        }
        self.workbook = None;
        self.compose().map_err(Self::failed)
    }

    fn failed(source: BoxError) -> Error {
        match source.downcast() {
            Ok(ours) => *ours,
            Err(source) => Error::Render { artefact: "mail", source },
        }
    }

    fn compose(self) -> Result<Message, BoxError> {
        let (lines, attached) = (Lines::AtMost(ROWS), self.workbook.is_some());
        let enclosure = self.link.as_deref().map(|link| Enclosure { link, attached });
        let (text, html) = match self.stated {
            Stated::Month(month) => {
                (letter(month, lines, enclosure), page(month, lines, enclosure)?)
            }
            Stated::Year(year) => {
                (year_letter(year, enclosure), year_page(year, lines, enclosure)?)
            }
        };
        let subject: HeaderText = format!("Revenue statement, {}", self.stated.title()).parse()?;
        let mail = Message::builder(self.from.clone())
            .subject(subject)
            .text(text)
            .html(html)
            .date(self.date)
            .idempotency_key(self.key.parse::<IdempotencyKey>()?);
        let mail = self.to.iter().cloned().fold(mail, MessageBuilder::to);
        let Some(workbook) = self.workbook else { return Ok(mail.build()?) };
        let name: AttachmentName = format!("statement-{}.xlsx", self.stated.period()).parse()?;
        Ok(mail.attachment(Attachment::new(name, ContentType::XLSX, workbook)).build()?)
    }
}

fn is_too_large(error: &BoxError) -> bool {
    matches!(error.downcast_ref(), Some(jada_mail::Error::TooLarge { .. }))
}

fn end_of(stated: Stated<'_>) -> Timestamp {
    let end = stated.last_day().to_datetime(time(23, 59, 59, 0));
    end.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp()).unwrap_or(Timestamp::MAX)
}

/// About 60 kB of HTML.
const ROWS: usize = 200;
/// 48 bit: enough to tell a month's statements apart.
const DIGITS: usize = 12;
