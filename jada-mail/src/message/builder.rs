//! Collects the parts of a message and checks them once.

use std::fmt;

use jiff::Timestamp;

use super::{Message, Parent, Size, digest, images};
use crate::{
    Address, Attachment, Error, HeaderText, IdempotencyKey, InlineImage, Invite, MessageId,
    html_text, syntax::invalid,
};

/// Collects the parts of a [`Message`]; [`build`](Self::build) checks them once.
///
/// Required: a recipient, a subject (or a mail that this one answers), a text or an HTML body, a
/// date and an idempotency key.
#[derive(Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct MessageBuilder {
    from: Address,
    to: Vec<Address>,
    cc: Vec<Address>,
    subject: Option<HeaderText>,
    text: Option<String>,
    html: Option<String>,
    inline_images: Vec<InlineImage>,
    attachments: Vec<Attachment>,
    invite: Option<Invite>,
    parent: Option<Parent>,
    date: Option<Timestamp>,
    idempotency_key: Option<IdempotencyKey>,
}

impl MessageBuilder {
    pub(super) fn new(from: Address) -> Self {
        Self {
            from,
            to: Vec::new(),
            cc: Vec::new(),
            subject: None,
            text: None,
            html: None,
            inline_images: Vec::new(),
            attachments: Vec::new(),
            invite: None,
            parent: None,
            date: None,
            idempotency_key: None,
        }
    }

    /// Adds a recipient to the `To` header.
    pub fn to(mut self, recipient: Address) -> Self {
        self.to.push(recipient);
        self
    }

    /// Adds a recipient to the `Cc` header.
    pub fn cc(mut self, recipient: Address) -> Self {
        self.cc.push(recipient);
        self
    }

    /// Sets the subject. An answer has one already, which Gmail wants unchanged.
    pub fn subject(mut self, subject: HeaderText) -> Self {
        self.subject = Some(subject);
        self
    }

    /// Sets the plain text body; its line ends may be LF, CR or CRLF and become CRLF.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(with_crlf(text.into()));
        self
    }

    /// Sets the HTML body. Beside it goes a text that says the same: the text body, or else one
    /// that is made from the HTML. Line ends become CRLF.
    pub fn html(mut self, html: impl Into<String>) -> Self {
        self.html = Some(with_crlf(html.into()));
        self
    }

    /// Adds an image that the HTML body shows as `cid:` and its content id.
    pub fn inline_image(mut self, image: InlineImage) -> Self {
        self.inline_images.push(image);
        self
    }

    /// Adds an attachment.
    pub fn attachment(mut self, attachment: Attachment) -> Self {
        self.attachments.push(attachment);
        self
    }

    /// Sets the invitation, which a calendar shows beside the bodies. Its recipients are those of
    /// the mail.
    pub fn invite(mut self, invite: Invite) -> Self {
        self.invite = Some(invite);
        self
    }

    /// Makes this an answer: `In-Reply-To`, `References`, the server's conversation, and
    /// `Re: ` and the parent's subject unless one is set. What the parent lacks is left out.
    pub fn in_reply_to(mut self, parent: impl Into<Parent>) -> Self {
        self.parent = Some(parent.into());
        self
    }

    /// Sets the instant of the `Date` header, of 1900 or later.
    pub fn date(mut self, date: Timestamp) -> Self {
        self.date = Some(date);
        self
    }

    /// Sets the caller's name for this mail.
    pub fn idempotency_key(mut self, key: IdempotencyKey) -> Self {
        self.idempotency_key = Some(key);
        self
    }

    /// Checks the parts and makes the message.
    ///
    /// # Errors
    ///
    /// [`Error::Incomplete`] without one of the required parts, [`Error::NulInBody`] for a NUL in
    /// a body, [`Error::Invalid`] for a date before 1900, [`Error::InlineImage`] for an image that
    /// the HTML does not show or that it shows in vain, [`Error::TooLarge`] beyond
    /// [`Message::LIMIT`]. None is worth a retry.
    pub fn build(mut self) -> Result<Message, Error> {
        no_nul("text", self.text.as_deref())?;
        no_nul("HTML", self.html.as_deref())?;
        if self.to.is_empty() && self.cc.is_empty() {
            return Err(missing("a recipient: set `to` or `cc`"));
        }
        if self.text.is_none() && self.html.is_none() {
            return Err(missing("a body: set `text`, `html` or both"));
        }
        self.text = self.text.or_else(|| self.html.as_deref().and_then(twin));
        images::check(self.html.as_deref(), &self.inline_images)?;
        self.check_size()?;
        let subject = self.subject_or_answer()?;
        let parent = self.parent.unwrap_or_default();
        let idempotency_key = self
            .idempotency_key
            .ok_or_else(|| missing("an idempotency key: set `idempotency_key`"))?;
        Ok(Message {
            message_id: MessageId::from_parts(&digest(&idempotency_key), self.from.domain()),
            from: self.from,
            to: self.to,
            cc: self.cc,
            subject,
            text: self.text,
            html: self.html,
            inline_images: self.inline_images,
            attachments: self.attachments,
            invite: self.invite,
            date: checked(self.date.ok_or_else(|| missing("a date: set `date`"))?)?,
            idempotency_key,
            in_reply_to: parent.message_id().cloned(),
            references: parent.references_of_answer(),
            thread_id: parent.thread_id().cloned(),
        })
    }

    fn subject_or_answer(&self) -> Result<HeaderText, Error> {
        match (&self.subject, &self.parent) {
            (Some(subject), _) => Ok(subject.clone()),
            (None, Some(parent)) => parent.subject_of_answer(),
            (None, None) => Err(missing("a subject: set `subject`")),
        }
    }

    fn check_size(&self) -> Result<(), Error> {
        let bodies = [&self.text, &self.html].into_iter().flatten().map(String::len);
        let images = self.inline_images.iter().map(|image| image.file().bytes().len());
        let attachments = self.attachments.iter().map(|attachment| attachment.bytes().len());
        let bytes = bodies.chain(images).chain(attachments).map(|length| length as u64).sum();
        let (what, limit) = ("the bodies, images and attachments have", Message::LIMIT);
        if bytes > limit {
            return Err(Error::TooLarge { what, bytes, limit });
        }
        Ok(())
    }
}

/// Shows the sizes of bodies and attachments, never their content.
impl fmt::Debug for MessageBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageBuilder")
            .field("from", &self.from)
            .field("to", &self.to)
            .field("cc", &self.cc)
            .field("subject", &self.subject)
            .field("text", &self.text.as_deref().map(Size))
            .field("html", &self.html.as_deref().map(Size))
            .field("inline_images", &self.inline_images)
            .field("attachments", &self.attachments)
            .field("invite", &self.invite.as_ref().map(Invite::uid))
            .field("parent", &self.parent)
            .field("date", &self.date)
            .field("idempotency_key", &self.idempotency_key)
            .finish()
    }
}

/// The text of an HTML body that has words.
fn twin(html: &str) -> Option<String> {
    let text = html_text::text_of(html);
    (!text.is_empty()).then(|| with_crlf(text))
}

/// Makes every line end CRLF. A body that has none but CRLF already is not copied.
fn with_crlf(body: String) -> String {
    let lone = |at: usize, byte: u8| match byte {
        b'\n' => at == 0 || body.as_bytes()[at - 1] != b'\r',
        b'\r' => body.as_bytes().get(at + 1) != Some(&b'\n'),
        _ => false,
    };
    if !body.bytes().enumerate().any(|(at, byte)| lone(at, byte)) {
        return body;
    }
    body.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n")
}

fn no_nul(part: &'static str, body: Option<&str>) -> Result<(), Error> {
    match body.and_then(|body| body.find('\0')) {
        Some(at) => Err(Error::NulInBody { part, at }),
        None => Ok(()),
    }
}

/// RFC 5322, 3.3: whole seconds, and the year has four digits or more and is not before 1900.
fn checked(date: Timestamp) -> Result<Timestamp, Error> {
    let second = date.as_second() - i64::from(date.subsec_nanosecond() < 0);
    if second < YEAR_1900 {
        let text = date.to_string();
        return Err(invalid("a date for a mail", &text, 0, "the year 1900 or later"));
    }
    Ok(Timestamp::from_second(second).unwrap_or(date))
}

fn missing(missing: &'static str) -> Error {
    Error::Incomplete { missing }
}

/// 1900-01-01T00:00:00Z in Unix seconds.
const YEAR_1900: i64 = -2_208_988_800;

#[cfg(test)]
mod tests {
    use super::*;

    fn complete() -> MessageBuilder {
        Message::builder("a@example.com".parse().unwrap())
            .to("b@example.com".parse().unwrap())
            .subject("Hello".parse().unwrap())
            .text("secret text")
            .date("2026-06-01T06:00:00Z".parse().unwrap())
            .idempotency_key("hello-1".parse().unwrap())
    }

    #[test]
    fn every_line_end_becomes_crlf() {
        for (body, expected) in [
            ("", ""),
            ("a", "a"),
            ("a\nb\rc\r\nd", "a\r\nb\r\nc\r\nd"),
            ("\n\r\n\r", "\r\n\r\n\r\n"),
            ("a\r\r\nb\n\n", "a\r\n\r\nb\r\n\r\n"),
            ("a\r\nb\r\n", "a\r\nb\r\n"),
        ] {
            let message = complete().text(body).html(body).build().unwrap();
            assert_eq!(message.text(), Some(expected), "{body:?}");
            assert_eq!(message.html(), Some(expected), "{body:?}");
        }
    }

    #[test]
    fn a_message_lacking_a_required_part_is_refused() {
        let refusals = [
            MessageBuilder { to: vec![], ..complete() },
            MessageBuilder { text: None, ..complete() },
            MessageBuilder { subject: None, ..complete() },
            MessageBuilder { date: None, ..complete() },
            MessageBuilder { idempotency_key: None, ..complete() },
        ]
        .map(|builder| builder.build().unwrap_err().to_string());
        for (refusal, part) in
            refusals.iter().zip(["`to`", "`html`", "`subject`", "`date`", "`idempotency_key`"])
        {
            assert!(refusal.starts_with("a message needs ") && refusal.contains(part), "{refusal}");
        }
    }

    #[test]
    fn a_cc_or_an_html_body_alone_is_enough() {
        let copied =
            MessageBuilder { to: vec![], ..complete() }.cc("c@example.com".parse().unwrap());
        assert_eq!(copied.build().unwrap().cc().len(), 1);
        let html = MessageBuilder { text: None, ..complete() }.html("<p>Hello");
        assert_eq!(html.build().unwrap().text(), Some("Hello\r\n"));
    }

    #[test]
    fn a_text_that_is_given_stays_and_a_page_without_words_has_none() {
        let both = complete().html("<p>Hello").build().unwrap();
        assert_eq!(both.text(), Some("secret text"));
        let picture = MessageBuilder { text: None, ..complete() }.html("<p> <!-- --></p>");
        assert_eq!(picture.build().unwrap().text(), None);
    }

    #[test]
    fn a_nul_is_refused_without_showing_the_body() {
        let error = complete().html("secret\0").build().unwrap_err();
        assert!(matches!(error, Error::NulInBody { part: "HTML", at: 6 }), "{error:?}");
        assert!(!format!("{error:?} {error}").contains("secret"));
    }

    #[test]
    fn a_date_before_1900_is_refused() {
        let first = "1900-01-01T00:00:00Z".parse::<Timestamp>().unwrap();
        assert!(complete().date(first).build().is_ok());
        let error = complete().date(first - jiff::Span::new().seconds(1)).build().unwrap_err();
        assert!(error.to_string().contains("1899-12-31"), "{error}");
    }

    #[test]
    fn debug_shows_sizes_and_no_content() {
        let builder = complete().html("secret html");
        for shown in [format!("{builder:?}"), format!("{:?}", builder.clone().build().unwrap())] {
            assert!(shown.contains("11 bytes"), "{shown}");
            assert!(!shown.contains("secret"), "{shown}");
        }
    }

    #[test]
    fn the_message_id_is_the_digest_of_the_key_at_the_senders_domain() {
        assert_eq!(
            complete().build().unwrap().message_id().as_str(),
            "93bd07f07300b7878f910d64b2cf63d4864aeaede343c29298ce38affe920bc0@example.com"
        );
        let message = complete().build().unwrap();
        assert!(message.message_id().as_str().parse::<MessageId>().is_ok());
    }
}
