//! The outbox of a season: each mail once for its key, and the instant at which it came.

use std::collections::{HashMap, HashSet};
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
    pub(super) refused: HashSet<(CharterId, u32, u32)>,
}

impl Post {
    pub(super) fn new(clock: Arc<ManualClock>, dice: fastrand::Rng) -> Self {
        let state = State {
            dice,
            is_calm: false,
            mails: Vec::new(),
            keys: HashMap::new(),
            again: 0,
            refused: HashSet::new(),
        };
        Self { clock, state: Mutex::new(state) }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn keep(&self, letter: &Letter, handed: Timestamp) {
        let kept = self.clock.now().wall;
        let notice = &letter.notice;
        let mail = Mail {
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
            kept,
        };
        let mut state = self.state();
        let key = notice.key(letter.event.id());
        let Some(position) = state.keys.get(&key).copied() else {
            let position = state.mails.len();
            state.keys.insert(key, position);
            state.mails.push(Arc::new(mail));
            return;
        };
        state.again += 1;
        let was = &state.mails[position];
        assert_eq!((was.kind, &was.to, &was.berth), (mail.kind, &mail.to, &mail.berth), "{key}");
        assert_eq!((was.date, was.since), (mail.date, mail.since), "{key} is of two mails");
    }
}

#[async_trait]
impl Postman for Post {
    /// May be stopped before it has a letter and after, or refuse it.
    async fn take(&self, letter: &Letter) -> Result<(), Error> {
        let handed = self.clock.now().wall;
        pause().await;
        {
            let mut state = self.state();
            if !state.is_calm && state.dice.u32(0..40) == 0 {
                let notice = &letter.notice;
                let key = (letter.event.id().clone(), notice.round(), notice.sequence());
                state.refused.insert(key);
                let (table, source) = ("outbox".to_owned(), "the disk is full".into());
                return Err(Error::Unavailable { table, operation: "take", source });
            }
        }
        self.keep(letter, handed);
        pause().await;
        Ok(())
    }
}
