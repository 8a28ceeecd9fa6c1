//! The outbox of a season: each mail once for its key, and the instant at which it came.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use jada_auth::{Clock, ManualClock};
use jada_roster::{CharterId, CrewId, Error, Letter, NoticeKind, Postman, Role};
use jiff::Timestamp;
use jiff::civil::Date;

use super::store::pause;

/// A mail as it lies in the outbox.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mail {
    pub(super) charter: CharterId,
    pub(super) kind: NoticeKind,
    pub(super) to: Option<CrewId>,
    pub(super) berth: Option<Role>,
    pub(super) about: Option<CrewId>,
    pub(super) round: u32,
    pub(super) sequence: u32,
    pub(super) date: Date,
    /// When it came to be owed, when it was first handed over, and when it was in the outbox.
    pub(super) since: Timestamp,
    pub(super) handed: Timestamp,
    pub(super) kept: Timestamp,
}

#[derive(Debug)]
pub(super) struct Post {
    clock: Arc<ManualClock>,
    state: Mutex<State>,
}

#[derive(Debug)]
pub(super) struct State {
    dice: fastrand::Rng,
    pub(super) is_calm: bool,
    pub(super) mails: Vec<Arc<Mail>>,
    keys: HashMap<String, usize>,
    /// How often one came that was there.
    pub(super) again: usize,
    /// Which were not taken when they first came.
    pub(super) refused: Vec<(CharterId, u32, u32)>,
}

impl Post {
    pub(super) fn new(clock: Arc<ManualClock>, dice: fastrand::Rng) -> Self {
        let state = State {
            dice,
            is_calm: false,
            mails: Vec::new(),
            keys: HashMap::new(),
            again: 0,
            refused: Vec::new(),
        };
        Self { clock, state: Mutex::new(state) }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// A letter is handed over; may be stopped before it is taken, or not be.
    pub(super) async fn comes(&self, letter: &Letter) -> Result<Mail, Error> {
        let handed = self.clock.now().wall;
        pause().await;
        let notice = &letter.notice;
        let mut state = self.state();
        if !state.is_calm && state.dice.u32(0..40) == 0 {
            let key = (letter.event.id().clone(), notice.round(), notice.sequence());
            state.refused.push(key);
            let (table, source) = ("outbox".to_owned(), "the disk is full".into());
            return Err(Error::Unavailable { table, operation: "take", source });
        }
        Ok(Mail {
            charter: letter.event.id().clone(),
            kind: notice.kind(),
            to: notice.to().cloned(),
            berth: notice.berth().cloned(),
            about: notice.about().cloned(),
            round: notice.round(),
            sequence: notice.sequence(),
            date: notice.sailing().date,
            since: notice.since(),
            handed,
            kept: self.clock.now().wall,
        })
    }

    fn keep(&self, key: String, mail: Mail) {
        let mut state = self.state();
        let Some(position) = state.keys.get(&key).copied() else {
            let position = state.mails.len();
            state.keys.insert(key, position);
            state.mails.push(Arc::new(mail));
            return;
        };
        state.again += 1;
        assert!(state.mails[position].is_of_one_notice(&mail), "{key} is of two mails");
    }
}

impl Mail {
    /// Whether both may be under one key.
    pub(super) fn is_of_one_notice(&self, other: &Self) -> bool {
        let Self { handed, kept, .. } = *self;
        *self == Self { handed, kept, ..other.clone() }
    }
}

#[async_trait]
impl Postman for Post {
    /// May be stopped before it has a letter and after.
    async fn take(&self, letter: &Letter) -> Result<(), Error> {
        let mail = self.comes(letter).await?;
        self.keep(letter.notice.key(letter.event.id()), mail);
        pause().await;
        Ok(())
    }
}
