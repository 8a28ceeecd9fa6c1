//! What goes on around the calls of a season: bookings that the office confirms, moves and cancels,
//! and crew who are free or not; each with the instant at which it became so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jada_roster::{
    Assignment, Berth, CallRepository, CascadeLevel, Charter, CharterId, CharterRepository, CrewId,
    CrewMember, Currency, DayState, Hours, PersonName, Role, RosterRepository, Status,
};
use jiff::civil::{Date, DateTime, Time};
use jiff::{Timestamp, ToSpan};

/// The office's own view of a season.
pub(super) struct World {
    pub(super) charters: Arc<dyn CharterRepository>,
    pub(super) calls: Arc<dyn CallRepository>,
    pub(super) roster: Arc<dyn RosterRepository>,
    pub(super) berths: Vec<Berth>,
    pub(super) bookings: BTreeMap<CharterId, Booking>,
    pub(super) crew: BTreeMap<CrewId, Sailor>,
    pub(super) days: Vec<Date>,
    /// Who was ever put aboard by hand, on any charter.
    pub(super) by_hand: BTreeSet<CrewId>,
}

/// What the office knows of a charter.
#[derive(Debug)]
pub(super) struct Booking {
    /// From when on it was what, the last being now.
    pub(super) states: Vec<(Timestamp, State)>,
    /// Who was ever put aboard by hand.
    pub(super) by_hand: BTreeSet<CrewId>,
    /// When the office put somebody aboard, or took them off.
    pub(super) hands: Vec<(Timestamp, CrewId)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct State {
    pub(super) status: Status,
    pub(super) date: Date,
    pub(super) hours: Option<Hours>,
}

/// What is known of a member.
#[derive(Debug)]
pub(super) struct Sailor {
    pub(super) role: Role,
    pub(super) level: u8,
    /// From when on they had said what of a day.
    pub(super) said: BTreeMap<Date, Vec<(Timestamp, Option<DayState>)>>,
}

impl Booking {
    pub(super) fn now(&self) -> State {
        self.states.last().unwrap().1
    }

    pub(super) fn at(&self, instant: Timestamp) -> State {
        let until = self.states.partition_point(|(since, _)| *since <= instant);
        self.states[until.saturating_sub(1)].1
    }

    /// What it was at an instant: of two states that follow upon each other then, both.
    pub(super) fn about(&self, instant: Timestamp) -> impl Iterator<Item = State> {
        let ends = self.states.iter().skip(1).map(|(since, _)| *since).chain([Timestamp::MAX]);
        let states = self.states.iter().zip(ends);
        let states = states.filter(move |((since, _), end)| *since <= instant && instant <= *end);
        states.map(|((_, state), _)| *state)
    }

    /// How often a call for it had to end.
    pub(super) fn endings(&self) -> usize {
        let pairs = self.states.windows(2).map(|pair| (pair[0].1, pair[1].1));
        let ends = |(was, is): &(State, State)| {
            was.status == Status::Confirmed
                && (is.status != Status::Confirmed || is.date != was.date)
        };
        pairs.filter(ends).count()
    }

    pub(super) fn changed_since(&self, instant: Timestamp) -> bool {
        self.states.last().is_some_and(|(since, _)| *since >= instant)
    }
}

impl State {
    /// From when to when it keeps its crew.
    pub(super) fn keeps(&self) -> (DateTime, DateTime) {
        let next = self.date.tomorrow().unwrap();
        let Some(hours) = self.hours else {
            return (self.date.to_datetime(Time::MIN), next.to_datetime(Time::MIN));
        };
        let last = if hours.ends() <= hours.starts() { next } else { self.date };
        (self.date.to_datetime(hours.starts()), last.to_datetime(hours.ends()))
    }

    pub(super) fn meets(&self, other: &Self) -> bool {
        let ((starts, ends), (begins, stops)) = (self.keeps(), other.keeps());
        starts < stops && begins < ends
    }

    /// Whether somebody who has said this of the day can come for sure.
    pub(super) fn suits(&self, said: Option<DayState>) -> bool {
        let noon = Time::constant(12, 0, 0, 0);
        let starts = self.hours.map(Hours::starts);
        let is_afternoon = starts.is_some_and(|starts| starts >= noon);
        let is_morning =
            self.hours.is_some_and(|hours| hours.ends() <= noon && hours.starts() < hours.ends());
        match said {
            None | Some(DayState::Yes | DayState::Maybe) => true,
            Some(DayState::Morning) => is_morning,
            Some(DayState::Afternoon) => is_afternoon,
            Some(_) => false,
        }
    }
}

impl Sailor {
    pub(super) fn said(&self, day: Date, at: Timestamp) -> Option<DayState> {
        let said = self.said.get(&day)?;
        let until = said.partition_point(|(since, _)| *since <= at);
        said[..until].last()?.1
    }

    pub(super) fn changed_between(&self, day: Date, from: Timestamp, to: Timestamp) -> bool {
        let said = self.said.get(&day).map(Vec::as_slice).unwrap_or_default();
        said.iter().skip(1).any(|(at, _)| from <= *at && *at <= to)
    }
}

impl World {
    /// Pending charters, and a crew who have said something of most days.
    pub(super) async fn new<C: CharterRepository + CallRepository + 'static>(
        charters: C,
        roster: Arc<dyn RosterRepository>,
        berths: Vec<Berth>,
        size: &super::Size,
        start: Timestamp,
        dice: &mut fastrand::Rng,
    ) -> Self {
        let first = super::zone().to_datetime(start).date();
        let days: Vec<Date> =
            (2..size.days).map(|day| first.checked_add(i64::from(day).days()).unwrap()).collect();
        let (bookings, crew) = (BTreeMap::new(), BTreeMap::new());
        let charters = Arc::new(charters);
        let calls = charters.clone();
        let mut world = Self {
            charters,
            calls,
            roster,
            berths,
            bookings,
            crew,
            days,
            by_hand: BTreeSet::new(),
        };
        for number in 0..size.charters {
            let id = CharterId::new(&format!("C-{number:03}")).unwrap();
            let date = *dice.choice(&world.days).unwrap();
            let state = State { status: Status::Pending, date, hours: hours(dice) };
            world.charters.save(&[charter(&id, state).build().unwrap()]).await.unwrap();
            let booking = Booking {
                states: vec![(start, state)],
                by_hand: BTreeSet::new(),
                hands: Vec::new(),
            };
            world.bookings.insert(id, booking);
        }
        for number in 0..size.crew {
            world.hire(number, start, dice).await;
        }
        world
    }

    async fn hire(&mut self, number: u32, start: Timestamp, dice: &mut fastrand::Rng) {
        let roles =
            [Role::Captain, Role::Captain, Role::Skipper, Role::Mate, Role::Crew, Role::Crew];
        let role = roles[number as usize % roles.len()].clone();
        let (id, level) = (CrewId::new(&format!("m-{number:02}")).unwrap(), dice.u8(1..=3));
        let mut said = BTreeMap::new();
        for day in &self.days {
            said.insert(*day, vec![(start, word(dice))]);
        }
        let name = PersonName::new(&format!("Member {number}")).unwrap();
        let phone = format!("+1555{:07}", 100_000 + number).parse().unwrap();
        let email = format!("member-{number}@example.com").parse().unwrap();
        let days = said.iter().filter_map(|(day, said)| Some((*day, said[0].1?)));
        let member = CrewMember::new(id.clone(), name, phone, email, role.clone())
            .with_cascade_level(CascadeLevel::new(level).unwrap())
            .with_availability(days.collect());
        self.roster.add(&member).await.unwrap();
        self.crew.insert(id, Sailor { role, level, said });
    }

    /// Something happens to one of the charters.
    pub(super) async fn office(&mut self, now: Timestamp, dice: &mut fastrand::Rng) {
        let ids: Vec<CharterId> = self.bookings.keys().cloned().collect();
        let id = dice.choice(&ids).unwrap();
        let state = self.bookings[id].now();
        if state.date <= super::zone().to_datetime(now).date() {
            return;
        }
        match (state.status, dice.u32(0..20)) {
            (Status::Pending | Status::Cancelled, 0..12) => {
                self.change(id, State { status: Status::Confirmed, ..state }, now).await;
            }
            (Status::Confirmed, 0) => {
                self.change(id, State { status: Status::Cancelled, ..state }, now).await;
            }
            (Status::Confirmed, 1) => {
                self.change(id, State { status: Status::Pending, ..state }, now).await;
            }
            (_, 2) => {
                let later = self.days.iter().filter(|day| **day >= state.date);
                let date = *dice.choice(later.collect::<Vec<_>>()).unwrap();
                self.change(id, State { date, ..state }, now).await;
            }
            (_, 3) => {
                let hours = hours(dice);
                self.change(id, State { hours, ..state }, now).await;
            }
            (_, 4) => self.put_aboard(id, now, dice).await,
            (_, 5) => self.take_off(id, now, dice).await,
            (_, 6 | 7) => self.availability(now, dice).await,
            _ => {}
        }
    }

    async fn change(&mut self, id: &CharterId, state: State, now: Timestamp) {
        let stored = self.stored(id).await;
        if state.status == stored.status() {
            let next = charter(id, state).version(stored.version()).build().unwrap();
            self.charters.save(&[next]).await.unwrap();
        } else {
            self.charters.change_status(&stored, state.status).await.unwrap();
        }
        self.bookings.get_mut(id).unwrap().states.push((now, state));
    }

    /// One who has the role of a berth that is free.
    async fn put_aboard(&mut self, id: &CharterId, now: Timestamp, dice: &mut fastrand::Rng) {
        let stored = self.stored(id).await;
        let free = self.berths.iter().find(|berth| {
            let taken =
                stored.assignments().unwrap().iter().filter(|found| found.berth() == berth.role());
            taken.count() < usize::from(berth.places().get())
        });
        let Some(berth) = free else { return };
        let fitting = self.crew.iter().filter(|(id, sailor)| {
            let sails = stored.assignments().unwrap().iter().any(|found| found.crew() == *id);
            berth.takes(&sailor.role) && !sails
        });
        let Some(crew) = dice.choice(fitting.map(|(id, _)| id.clone()).collect::<Vec<_>>()) else {
            return;
        };
        let mut assignments = stored.assignments().unwrap().to_vec();
        assignments.push(Assignment::new(crew.clone(), berth.role().clone()));
        self.charters.assign(&stored, &assignments).await.unwrap();
        self.by_hand.insert(crew.clone());
        let booking = self.bookings.get_mut(id).unwrap();
        booking.hands.push((now, crew.clone()));
        booking.by_hand.insert(crew);
    }

    async fn take_off(&mut self, id: &CharterId, now: Timestamp, dice: &mut fastrand::Rng) {
        let stored = self.stored(id).await;
        let Some(off) = dice.choice(stored.assignments().unwrap()) else { return };
        let left: Vec<Assignment> =
            stored.assignments().unwrap().iter().filter(|sails| *sails != off).cloned().collect();
        self.charters.assign(&stored, &left).await.unwrap();
        self.bookings.get_mut(id).unwrap().hands.push((now, off.crew().clone()));
    }

    async fn availability(&mut self, now: Timestamp, dice: &mut fastrand::Rng) {
        let ids: Vec<CrewId> = self.crew.keys().cloned().collect();
        let (id, day) = (dice.choice(ids).unwrap(), *dice.choice(&self.days).unwrap());
        let word = word(dice);
        let member = self.roster.find(&id).await.unwrap().unwrap();
        let said = member.availability().clone().with(day, word);
        self.roster.update(&member.with_availability(said)).await.unwrap();
        self.crew.get_mut(&id).unwrap().said.get_mut(&day).unwrap().push((now, word));
    }

    async fn stored(&self, id: &CharterId) -> Charter {
        self.charters.find(std::slice::from_ref(id)).await.unwrap().remove(0)
    }
}

fn charter(id: &CharterId, state: State) -> jada_roster::CharterBuilder {
    let hours = state.hours.map(|hours| ("hours".to_owned(), hours.to_string()));
    Charter::builder(id.clone(), state.date, Currency::USD).status(state.status).extra(hours)
}

fn hours(dice: &mut fastrand::Rng) -> Option<Hours> {
    let all = ["09:00-12:00", "13:00-17:00", "10:00-16:00", "18:00-01:00"];
    dice.choice([None, Some(0), Some(1), Some(2), Some(3)])
        .unwrap()
        .map(|at: usize| all[at].parse().unwrap())
}

fn word(dice: &mut fastrand::Rng) -> Option<DayState> {
    use DayState::{Afternoon, Maybe, Morning, No, Yes};
    let words = [
        Some(Yes),
        Some(Yes),
        Some(Yes),
        Some(No),
        Some(Maybe),
        Some(Morning),
        Some(Afternoon),
        None,
    ];
    dice.choice(words).unwrap()
}
