//! The page of an ask as a template: what is asked, or what came of it, and in which words.

use askama::Template;

use crate::call::Outcome;
use crate::crew::contact::PhoneNumber;
use crate::crew::role::Role;
use crate::event::view::CrewView;
use crate::portal::event_pages::{day, guests, hours, kind, names};
use crate::scrub::ScrubbedText;
use crate::status::Status;

/// A charter that a member is asked about, with two buttons, or with what came of it.
#[derive(Template)]
#[template(path = "answer.html")]
pub(super) struct AnswerPage<'a> {
    pub(super) brand: &'a str,
    pub(super) style: &'static str,
    pub(super) view: &'a CrewView,
    /// As what they would sail, or do.
    pub(super) berth: Option<&'a Role>,
    pub(super) shown: Shown<'a>,
    /// Whom they call who change their mind.
    pub(super) operations: Option<&'a PhoneNumber>,
}

/// What there is on the page beside the charter.
#[derive(Clone, Copy)]
pub(super) enum Shown<'a> {
    Question(AnswerForm<'a>),
    Outcome(Outcome),
    /// They can answer still, by their link.
    StillOpen,
}

/// The two buttons, and what goes along with them.
#[derive(Clone, Copy)]
pub(super) struct AnswerForm<'a> {
    pub(super) token: &'a str,
    /// When the charter sails that the page shows.
    pub(super) sailing: &'a str,
    /// Whether another sailing was shown when a button was pressed.
    pub(super) has_changed: bool,
}

impl AnswerPage<'_> {
    fn form(&self) -> Option<&AnswerForm<'_>> {
        match &self.shown {
            Shown::Question(form) => Some(form),
            Shown::Outcome(_) | Shown::StillOpen => None,
        }
    }

    fn title(&self) -> String {
        match self.shown {
            Shown::Question(_) => format!("Can you sail on {}?", day(self.view)),
            Shown::Outcome(Outcome::Aboard) => format!("You sail on {}", day(self.view)),
            Shown::Outcome(Outcome::Declined) => "You do not sail".to_owned(),
            Shown::Outcome(Outcome::Taken) => "The berth is filled".to_owned(),
            Shown::Outcome(Outcome::Elsewhere) => "You sail elsewhere then".to_owned(),
            Shown::Outcome(Outcome::Over) if self.is_called_off() => {
                "The charter is called off".to_owned()
            }
            Shown::Outcome(Outcome::Over) => "Nobody is asked any more".to_owned(),
            Shown::Outcome(Outcome::NotAsked) => "You are not asked".to_owned(),
            Shown::StillOpen => "You can still answer".to_owned(),
        }
    }

    fn text(&self) -> String {
        match self.shown {
            Shown::Question(_) => self.what_is_asked(),
            Shown::Outcome(Outcome::Aboard) => match self.berth {
                Some(berth) => format!("Thank you. You sail as {berth}, and a mail confirms it."),
                None => "Thank you. A mail confirms it.".to_owned(),
            },
            Shown::Outcome(Outcome::Over) if self.is_called_off() => NOTHING_TO_DO.to_owned(),
            Shown::Outcome(outcome) => explained(outcome).to_owned(),
            Shown::StillOpen => "The berth is free. Open the link in your mail again.".to_owned(),
        }
    }

    fn what_is_asked(&self) -> String {
        let mut text = hours(self.view);
        if text.is_empty() {
            "The hours are not known yet".clone_into(&mut text);
        }
        match self.berth {
            Some(berth) => format!("{text}, as {berth}"),
            None => text,
        }
    }

    fn is_called_off(&self) -> bool {
        self.view.status() == Status::Cancelled
    }

    /// Guests and notes are for those who sail, or may; of the day their title speaks.
    fn is_theirs(&self) -> bool {
        matches!(self.shown, Shown::Question(_) | Shown::Outcome(Outcome::Aboard))
    }

    /// Whether there is a word that they may want to take back.
    fn have_answered(&self) -> bool {
        let said = [Outcome::Aboard, Outcome::Declined, Outcome::Elsewhere];
        matches!(self.shown, Shown::Outcome(outcome) if said.contains(&outcome))
    }

    fn places(&self) -> [(&'static str, &ScrubbedText); 2] {
        let [boat, harbour, _] = names(self.view);
        [boat, harbour]
    }
}

/// What an outcome means for one who does not sail.
fn explained(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Aboard => "",
        Outcome::Declined => "You said no. Thank you for letting us know.",
        Outcome::Taken => {
            "Another was first, or the office has filled it. There is nothing more for you to do."
        }
        Outcome::Elsewhere => {
            "You are on another charter at that time, so that your yes could not be taken. If you \
             do not want to change over, please open the link again and say no."
        }
        Outcome::Over => {
            "The charter has cast off, or is not confirmed any more. There is nothing more for you to \
             do."
        }
        Outcome::NotAsked => {
            "The charter may have been moved since your mail. If you are asked again, that is by \
             another mail."
        }
    }
}

const NOTHING_TO_DO: &str = "There is nothing more for you to do.";
