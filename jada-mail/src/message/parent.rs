//! The mail that another one answers.

use crate::{Error, HeaderText, Message, MessageId, Received, ThreadId};

/// What an answer has to know of the mail that it answers, so that both are one conversation.
///
/// Made of a [`Received`] mail, of a [`Message`] that was sent, or of what was kept of either.
/// Gmail puts an answer into a conversation if all three are there: the [`ThreadId`], the Message-ID,
/// and a [subject that matches](https://developers.google.com/workspace/gmail/api/guides/threads).
/// Other programs go by the Message-ID alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parent {
    message_id: Option<MessageId>,
    references: Vec<MessageId>,
    subject: String,
    thread_id: Option<ThreadId>,
}

impl Parent {
    /// Names a mail by its Message-ID.
    pub fn new(message_id: MessageId) -> Self {
        Self { message_id: Some(message_id), ..Self::default() }
    }

    /// Adds the mails before it in its conversation, oldest first.
    #[must_use]
    pub fn with_references(mut self, references: Vec<MessageId>) -> Self {
        self.references = references;
        self
    }

    /// Adds its subject.
    #[must_use]
    pub fn with_subject(mut self, subject: &HeaderText) -> Self {
        subject.as_str().clone_into(&mut self.subject);
        self
    }

    /// Adds the server's own name for its conversation.
    #[must_use]
    pub fn with_thread_id(mut self, thread_id: ThreadId) -> Self {
        self.thread_id = Some(thread_id);
        self
    }

    /// The Message-ID, if it has a valid one.
    pub(super) fn message_id(&self) -> Option<&MessageId> {
        self.message_id.as_ref()
    }

    pub(super) fn thread_id(&self) -> Option<&ThreadId> {
        self.thread_id.as_ref()
    }

    /// What `References` says in an answer ([RFC 5322, 3.6.4](https://www.rfc-editor.org/rfc/rfc5322#section-3.6.4)):
    /// the conversation so far, each mail once. Of a long one the first and the last are enough.
    pub(super) fn references_of_answer(&self) -> Vec<MessageId> {
        let mut references: Vec<MessageId> = Vec::new();
        for id in self.message_id.iter().chain(self.references.iter().rev()) {
            if !references.contains(id) {
                references.push(id.clone());
            }
            if references.len() == MOST_REFERENCES {
                break;
            }
        }
        let missing = self.references.first().filter(|first| !references.contains(first));
        if let (Some(first), Some(last)) = (missing, references.last_mut()) {
            first.clone_into(last);
        }
        references.reverse();
        references
    }

    /// The parent's subject after `Re: `, unless it says so itself, in one of the words of other
    /// languages too: Gmail wants it unchanged.
    pub(super) fn subject_of_answer(&self) -> Result<HeaderText, Error> {
        let subject = self.subject.replace(char::is_control, " ");
        let subject = subject.trim();
        if is_answer(subject) {
            return subject.parse();
        }
        format!("Re: {subject}").trim_end().parse()
    }
}

impl From<&Received> for Parent {
    fn from(received: &Received) -> Self {
        let before = match (received.references(), received.in_reply_to()) {
            ([], [parent]) => std::slice::from_ref(parent),
            (references, _) => references,
        };
        Self {
            message_id: received.message_id().cloned(),
            references: before.to_vec(),
            subject: received.subject().to_owned(),
            thread_id: received.thread_id().cloned(),
        }
    }
}

/// A server that replaced the Message-ID of a sent mail is not asked: read it back if that matters.
impl From<&Message> for Parent {
    fn from(message: &Message) -> Self {
        Self {
            message_id: Some(message.message_id().clone()),
            references: message.references().to_vec(),
            subject: message.subject().as_str().to_owned(),
            thread_id: message.thread_id().cloned(),
        }
    }
}

fn is_answer(subject: &str) -> bool {
    let Some((word, _)) = subject.split_once([':', '：']) else {
        return false;
    };
    let (word, count) = word.split_once('[').unwrap_or((word, "]"));
    let is_count = count.strip_suffix(']').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
    is_count && ANSWERS.contains(&word.trim_end().to_lowercase().as_str())
}

/// "Re" as mail programs write it: English, German, Scandinavian, Dutch, Polish, Chinese.
const ANSWERS: &[&str] = &["re", "aw", "sv", "antw", "odp", "回复", "回覆", "答复"];
/// A conversation of more mails is threaded by its first and its last ones all the same.
const MOST_REFERENCES: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> MessageId {
        format!("{number}@example.com").parse().unwrap()
    }

    fn ids(numbers: impl IntoIterator<Item = usize>) -> Vec<MessageId> {
        numbers.into_iter().map(id).collect()
    }

    #[test]
    fn an_answer_refers_to_the_conversation_and_the_mail() {
        for (before, expected) in [
            (vec![], vec![9]),
            (vec![1, 2], vec![1, 2, 9]),
            (vec![1, 9, 2, 1], vec![2, 1, 9]),
            (
                (1..=19).filter(|n| *n != 9).collect(),
                (1..=19).filter(|n| *n != 9).chain([9]).collect(),
            ),
            ((100..160).collect(), [100].into_iter().chain(142..160).chain([9]).collect()),
        ] {
            let parent = Parent::new(id(9)).with_references(ids(before.clone()));
            assert_eq!(parent.references_of_answer(), ids(expected), "{before:?}");
        }
    }

    #[test]
    fn a_subject_says_re_once() {
        for (subject, expected) in [
            ("Charter", "Re: Charter"),
            ("Re: Charter", "Re: Charter"),
            ("RE:Charter", "RE:Charter"),
            ("re : Re: Charter", "re : Re: Charter"),
            ("Re[2]: Charter", "Re[2]: Charter"),
            ("AW: Überfahrt", "AW: Überfahrt"),
            ("答复：包船", "答复：包船"),
            ("Reading: list", "Re: Reading: list"),
            ("Re [x]: y", "Re: Re [x]: y"),
            ("Fwd: Charter", "Re: Fwd: Charter"),
            ("a\r\nBcc: eve@example.com", "Re: a  Bcc: eve@example.com"),
            (" \t", "Re:"),
        ] {
            let parent = Parent { subject: subject.to_owned(), ..Parent::default() };
            assert_eq!(parent.subject_of_answer().unwrap().as_str(), expected, "{subject:?}");
        }
    }

    #[test]
    fn a_received_mail_without_ids_is_answered_by_its_subject() {
        let parent =
            Parent::from(&Received::parse(b"From: a@example.com\r\nSubject: Hi\r\n\r\nx").unwrap());
        assert_eq!(parent.message_id(), None);
        assert_eq!(parent.references_of_answer(), []);
        assert_eq!(parent.subject_of_answer().unwrap().as_str(), "Re: Hi");
    }

    #[test]
    fn a_received_mail_without_references_has_those_of_its_in_reply_to() {
        for (headers, expected) in [
            ("In-Reply-To: <1@example.com>", vec![1, 9]),
            ("In-Reply-To: <1@example.com> <2@example.com>", vec![9]),
            ("In-Reply-To: <1@example.com>\r\nReferences: <2@example.com>", vec![2, 9]),
        ] {
            let mail =
                format!("From: a@example.com\r\nMessage-ID: <9@example.com>\r\n{headers}\r\n\r\nx");
            let parent = Parent::from(&Received::parse(mail.as_bytes()).unwrap());
            assert_eq!(parent.references_of_answer(), ids(expected), "{headers}");
        }
    }
}
