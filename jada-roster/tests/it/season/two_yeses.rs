//! A member who accepts two charters of one time at once: whatever the order in which the store does
//! what the two ask of it, they sail on one.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::task::Poll;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, TryStreamExt, poll};
use jada_auth::ManualClock;
use jada_roster::{
    Answer, CallRepository, CallRules, Charter, CharterId, CharterRepository, CrewCall, CrewId,
    Currency, Error, Harbour, MemoryCharters, Outcome, Standing, Status,
};
use jiff::civil::date;
use jiff::tz::TimeZone;

use super::flaky::Flaky;
use super::store::Weather;
use crate::crew_call::{Letters, crew};

/// What the store does for the two in turn, each either 0 or 1, and what each move may have been.
#[derive(Default)]
struct Schedule {
    moves: Vec<usize>,
    /// Which moves are the other one's too.
    had_choice: Vec<bool>,
}

impl Schedule {
    /// The next in order; none after the last.
    fn next(mut self) -> Option<Self> {
        while let (Some(last), Some(had_choice)) = (self.moves.pop(), self.had_choice.pop()) {
            if last == 0 && had_choice {
                self.moves.push(1);
                return Some(Self { had_choice: Vec::new(), ..self });
            }
        }
        None
    }
}

#[tokio::test]
async fn whoever_accepts_two_charters_of_one_time_at_once_sails_on_one() {
    let (mut orders, mut runs) = (BTreeSet::new(), 0);
    let mut next = Some(Schedule::default());
    while let Some(mut schedule) = next {
        orders.insert(both_are_accepted(&mut schedule).await);
        runs += 1;
        next = schedule.next();
    }
    assert!(runs > 500, "{runs}");
    let both = orders.iter().filter(|order| order.len() == 4).count();
    let one = orders.iter().filter(|order| order.len() == 2).count();
    // Of two writes and two reads, each write before its read; and where the one is told at once.
    assert_eq!((both, one), (6, 2), "{orders:?}");
}

/// In which order the first writes and reads of the two were.
async fn both_are_accepted(schedule: &mut Schedule) -> Vec<(usize, &'static str)> {
    let charters = MemoryCharters::new();
    let ids = ["C-1", "C-2"].map(|name| CharterId::new(name).unwrap());
    for id in &ids {
        let charter = Charter::builder(id.clone(), date(2026, 5, 3), Currency::USD);
        charters.save(&[charter.status(Status::Confirmed).build().unwrap()]).await.unwrap();
    }
    let weather = Arc::new(Weather::new(fastrand::Rng::with_seed(0)));
    weather.calm();
    let shaky = Flaky { backend: charters.clone(), weather: weather.clone() };
    let now = "2026-05-01T10:00:00Z".parse().unwrap();
    let rules = CallRules::builder(Harbour::new("Pier 2", TimeZone::UTC)).build().unwrap();
    let letters = Arc::new(Letters::default());
    let call = CrewCall::builder(Arc::new(shaky), crew().await, rules, letters.clone());
    let call = call.clock(Arc::new(ManualClock::new(now))).build();
    let asked: Vec<_> = call.advance_month("2026-05".parse().unwrap()).try_collect().await.unwrap();
    assert_eq!(asked.len(), 2);

    let c1 = CrewId::new("c1").unwrap();
    let mut yeses = ids.each_ref().map(|id| call.answer(id, &c1, Answer::Accept).boxed());
    let (order, outcomes) = in_turns(schedule, &mut yeses, &weather).await;
    drop(yeses);
    let what = format!("{:?}: {outcomes:?}", schedule.moves);
    let mut sails = 0;
    for (id, outcome) in ids.iter().zip(outcomes) {
        let opened = charters.open(id).await.unwrap().unwrap();
        let assigned = opened.charter.assignments().unwrap().len();
        let call = opened.call.unwrap();
        assert_eq!(call.owed(), [], "{what}");
        let (expected, standing) = match assigned {
            0 => (Outcome::Elsewhere, Standing::Waiting),
            _ => (Outcome::Aboard, Standing::Aboard),
        };
        assert_eq!((outcome, call.asked()[0].standing()), (expected, standing), "{what}");
        sails += assigned;
    }
    assert_eq!(sails, 1, "{what}");
    assert_eq!(letters.all(), ["aboard c1", "ask c1", "ask c1"], "{what}");
    order
}

/// A move is until the store has done something. After so many the first goes on alone, then the other.
async fn in_turns(
    schedule: &mut Schedule,
    yeses: &mut [BoxFuture<'_, Result<Outcome, Error>>; 2],
    weather: &Weather,
) -> (Vec<(usize, &'static str)>, [Outcome; 2]) {
    weather.news();
    let (mut order, mut outcomes, mut at) = (Vec::new(), [None; 2], 0);
    while let Some(first) = outcomes.iter().position(Option::is_none) {
        let is_free = at < MOVES && outcomes == [None; 2];
        if schedule.moves.len() <= at {
            schedule.moves.push(first);
        }
        schedule.had_choice.resize(at, false);
        schedule.had_choice.push(is_free);
        let mover = schedule.moves[at];
        at += 1;
        loop {
            if let Poll::Ready(outcome) = poll!(&mut yeses[mover]) {
                outcomes[mover] = Some(outcome.unwrap());
                break;
            }
            let done = weather.news();
            order.extend(done.iter().map(|what| (mover, *what)));
            if !done.is_empty() {
                break;
            }
        }
    }
    let firsts = [(0, "write"), (0, "find"), (1, "write"), (1, "find")];
    let mut order: Vec<_> = order
        .iter()
        .enumerate()
        .filter(|(at, done)| firsts.contains(done) && !order[..*at].contains(done))
        .map(|(_, done)| *done)
        .collect();
    order.truncate(4);
    (order, outcomes.map(Option::unwrap))
}

/// So many moves are in every order: all that two do who do not have to try again.
const MOVES: usize = 12;
