//! A call for the crew of a charter: who was asked, what they said, and what they are to be told.

pub(crate) mod notice;
pub(crate) mod step;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::call::notice::Notice;
use crate::charter::hours::Hours;
use crate::crew::id::CrewId;
use crate::crew::role::Role;

/// A call for the crew of one charter, which is kept on the charter's own row.
///
/// It is a state machine without a clock or a store of its own: each step is a function of the
/// call, of what is known of the charter and the crew, and of an instant. Whoever takes a step
/// writes its outcome on the condition that the row is as it was read, so that of two who take
/// it at once one wins. Mails are written into it as [owed](Self::owed) before they leave, each
/// under the key by which an outbox tells it from another: a step that was written and then
/// interrupted is finished by whoever comes next, and nobody is told twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// None of one that was begun before calls had names.
    pub(crate) name: Option<Box<str>>,
    pub(crate) round: u32,
    pub(crate) sailing: Sailing,
    pub(crate) phase: Phase,
    pub(crate) wave: u32,
    pub(crate) asked: Vec<Asked>,
    pub(crate) vacant: Vec<Role>,
    pub(crate) due: Option<Timestamp>,
    pub(crate) owed: Vec<Notice>,
    pub(crate) sequence: u32,
    pub(crate) unmanned: Vec<Role>,
    pub(crate) former: Vec<CrewId>,
    pub(crate) place: Option<Place>,
    pub(crate) moved: Option<Timestamp>,
}

/// When the charter sailed that was called for: one that moves to another day is called for anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Sailing {
    /// The day, in the harbour's calendar.
    pub date: Date,
    /// When on that day, where that was known.
    pub hours: Option<Hours>,
}

/// Where the charter sails that is called for, as those aboard were told: what the columns say, which
/// may be blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) boat: String,
    pub(crate) harbour: String,
}

/// Where a call stands.
///
/// Once the charter has cast off it is how the call has ended: [`Exhausted`](Self::Exhausted) where it
/// cast off with a berth free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Members are asked, wave after wave.
    Calling,
    /// Every berth has its member.
    Filled,
    /// Nobody is left to ask, or there is no time to wait for an answer, and a berth is free: a person
    /// decides.
    Exhausted,
    /// The charter was called off, or is no longer confirmed.
    CalledOff,
}

/// A member who was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub(crate) crew: CrewId,
    pub(crate) berth: Role,
    pub(crate) wave: u32,
    pub(crate) at: Timestamp,
    pub(crate) until: Timestamp,
    pub(crate) standing: Standing,
    pub(crate) since: Timestamp,
}

/// Where a member who was asked stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Standing {
    /// They have not answered.
    Waiting,
    /// They have accepted, and the berth is theirs unless they turn out to sail elsewhere at that
    /// time.
    Accepted,
    /// They have accepted, and sail.
    Aboard,
    /// They have declined.
    Declined,
    /// Another has the berth. When it is free again, or another that they may fill, they may be asked
    /// again.
    Missed,
    /// They were aboard, and sail no more: the office has taken them off.
    Released,
}

/// What a member says to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Answer {
    /// They come.
    Accept,
    /// They do not.
    Decline,
}

/// What became of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// They sail: the berth is theirs.
    Aboard,
    /// They said no, and are not asked again.
    Declined,
    /// Another was first, or the office has filled the berth.
    Taken,
    /// They sail on another charter at that time.
    Elsewhere,
    /// The charter was called off, or its time has come.
    Over,
    /// They were never asked.
    NotAsked,
}

impl Call {
    /// Gives a call that begins a name of its own: a row that lost its call begins another, whose
    /// mails are others too.
    pub(crate) fn named(mut self, name: &str) -> Self {
        self.name = Some(name.into());
        for notice in &mut self.owed {
            notice.call.clone_from(&self.name);
        }
        self
    }

    /// How often the charter was called for: 1, and one more whenever it moved.
    #[must_use]
    pub fn round(&self) -> u32 {
        self.round
    }

    /// When the charter sailed that is called for.
    #[must_use]
    pub fn sailing(&self) -> Sailing {
        self.sailing
    }

    /// Where it stands.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Everyone who was asked in this round, in the order in which they were; who was asked again is
    /// there as of the last time.
    #[must_use]
    pub fn asked(&self) -> &[Asked] {
        &self.asked
    }

    /// The berths that have a free place, as of the last step.
    #[must_use]
    pub fn vacant(&self) -> &[Role] {
        &self.vacant
    }

    /// When the next step is to be taken if nobody answers; none when nothing is to be waited for.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        self.due
    }

    /// The berths among these for which nobody was left, as operations were told: each once while it
    /// is free. Others may be called for meanwhile.
    #[must_use]
    pub fn unmanned(&self) -> &[Role] {
        &self.unmanned
    }

    /// Whether a berth is free for which nobody is left to ask and nobody is waited for, so that a person
    /// decides. Whoever does not answer is waited for until their own window is over.
    pub(crate) fn wants_person(&self, now: Timestamp) -> bool {
        let is_waiting = |asked: &&Asked| asked.standing == Standing::Waiting && asked.until > now;
        let is_waited_for = |berth: &Role| {
            let mut waiting = self.asked.iter().filter(is_waiting);
            waiting.any(|asked| asked.berth == *berth)
        };
        self.phase == Phase::Exhausted || !self.unmanned.iter().all(is_waited_for)
    }

    /// When it wants looking at again: when it is [due](Self::due), or since it owes a mail or the
    /// second half of a yes, or sails at another time than those aboard were asked for.
    pub(crate) fn wakes(&self) -> Option<Timestamp> {
        let accepted = self.asked.iter().filter(|asked| asked.standing == Standing::Accepted);
        let owed = self.owed.iter().map(Notice::since);
        owed.chain(accepted.map(Asked::since)).chain(self.moved).chain(self.due).min()
    }

    /// The mails that are yet to be put into an outbox.
    #[must_use]
    pub fn owed(&self) -> &[Notice] {
        &self.owed
    }
}

impl Asked {
    /// Who.
    #[must_use]
    pub fn crew(&self) -> &CrewId {
        &self.crew
    }

    /// For which berth.
    #[must_use]
    pub fn berth(&self) -> &Role {
        &self.berth
    }

    /// In which wave of the round, from 1; 0 for one who was asked in a round before, and whom the
    /// office has put aboard in this one.
    #[must_use]
    pub fn wave(&self) -> u32 {
        self.wave
    }

    /// When.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Until when they are waited for before others are asked as well; a yes is one after it too.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// Where they stand.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// Since when: the instant of their answer, or of what came before it.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        self.since
    }
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Accepted, Self::Aboard, Self::Declined, Self::Missed, Self::Released];

    /// The word it is stored by.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Accepted => "accepted",
            Self::Aboard => "aboard",
            Self::Declined => "declined",
            Self::Missed => "missed",
            Self::Released => "released",
        }
    }
}

impl Phase {
    /// Every phase.
    pub const ALL: [Self; 4] = [Self::Calling, Self::Filled, Self::Exhausted, Self::CalledOff];

    /// The word it is stored by.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Calling => "calling",
            Self::Filled => "filled",
            Self::Exhausted => "exhausted",
            Self::CalledOff => "called off",
        }
    }
}

impl Answer {
    /// The word it is stored by.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Decline => "decline",
        }
    }
}
