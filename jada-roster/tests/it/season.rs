//! A simulated season: charters that are confirmed, moved and cancelled, a crew that answers as it
//! likes, and four dispatchers that are stopped at any instant, on a store with its faults.
//!
//! What was promised is checked after every step by `promises`, from mails and rows alone: nothing
//! there asks the code that is under test what ought to be.

mod flaky;
mod outbox;
mod post;
mod promises;
mod stalls;
mod store;
mod two_yeses;
mod world;

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, poll};
use jada_auth::{Clock, ManualClock};
use jada_roster::{
    Answer, CallRepository, CallRules, CharterId, CharterRepository, CrewCall, CrewId,
    DynamoCharters, DynamoRoster, EmbeddedEngine, Error, Harbour, Looked, MemoryCharters,
    MemoryRoster, Month, NoticeKind, Outcome, Postman, RosterRepository,
};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use self::flaky::Flaky;
use self::outbox::{Files, Sealed};
use self::post::{Post, State};
use self::promises::{Given, Promises};
use self::store::{Store, Weather, pause};
use self::world::World;
use crate::sweep;

/// How much goes on in a season.
struct Size {
    charters: u32,
    crew: u32,
    days: u8,
}

const SMALL: Size = Size { charters: 30, crew: 15, days: 6 };
const SHORT: Size = Size { charters: 50, crew: 18, days: 8 };
const WHOLE: Size = Size { charters: 300, crew: 60, days: 20 };

#[test]
fn a_season_of_calls_keeps_what_was_promised() {
    seasons(one().unwrap_or(0..sweep(20, 880)), async |seed| Season::in_memory(&SHORT, seed).await);
}

#[test]
fn a_season_of_300_charters_keeps_what_was_promised() {
    seasons(one().unwrap_or(0..sweep(1, 30)), async |seed| Season::in_memory(&WHOLE, seed).await);
}

#[test]
fn a_season_on_dynamodb_keeps_what_was_promised() {
    seasons(one().unwrap_or(0..sweep(4, 20)), Season::on_dynamodb);
}

#[test]
fn a_season_of_mails_keeps_what_was_promised() {
    seasons(one().unwrap_or(0..sweep(3, 70)), Season::with_an_outbox);
}

/// The season that `JADA_SEASON` asks for, where one is looked into.
fn one() -> Option<Range<u32>> {
    let seed = std::env::var("JADA_SEASON").ok()?.parse().unwrap();
    Some(seed..seed + 1)
}

/// On as many threads as are of use; each season has its own engine and clock.
fn seasons(seeds: Range<u32>, season: impl AsyncFn(u32) -> Season + Copy + Send) {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let tried = std::thread::scope(|scope| {
        let some = (0..threads).map(|thread| {
            let seeds = seeds.clone().skip(thread).step_by(threads);
            scope.spawn(move || {
                let mut tried = Tried::default();
                for seed in seeds {
                    let runtime = tokio::runtime::Builder::new_current_thread()
                        .enable_all()
                        .start_paused(true)
                        .build()
                        .unwrap();
                    let _named = Named(seed);
                    tried.add(runtime.block_on(async { season(seed).await.run().await }));
                }
                tried
            })
        });
        let mut tried = Tried::default();
        for some in some.collect::<Vec<_>>() {
            tried.add(some.join().unwrap());
        }
        tried
    });
    let Tried { kills, again, refused } = tried;
    assert!(kills > 0 && again > 0 && refused > 0, "nothing happened: {tried:?}");
}

/// What the promises were tried by: who was stopped, mails that came twice, and mails that the outbox
/// did not take.
#[derive(Clone, Copy, Debug, Default)]
struct Tried {
    kills: usize,
    again: usize,
    refused: usize,
}

impl Tried {
    fn add(&mut self, other: Self) {
        self.kills += other.kills;
        self.again += other.again;
        self.refused += other.refused;
    }
}

/// Says which season it was that did not keep a promise.
struct Named(u32);

impl Drop for Named {
    #[expect(clippy::print_stderr, reason = "the seed is what a failure is found again by")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the season of seed {} breaks a promise", self.0);
        }
    }
}

/// Who takes the mails of a season.
#[derive(Clone, Copy, PartialEq)]
enum Postmen {
    /// One who writes down what he is handed.
    Recording,
    /// An outbox with its files.
    Real,
}

/// What a dispatcher or a member is at.
struct Task {
    does: Does,
    future: BoxFuture<'static, Result<Option<Outcome>, Error>>,
}

#[derive(Clone, Debug)]
enum Does {
    Dispatch,
    Answer(Reply),
}

/// What a member will say, and when.
#[derive(Clone, Debug)]
struct Reply {
    at: Timestamp,
    charter: CharterId,
    crew: CrewId,
    answer: Answer,
}

struct Season {
    size: &'static Size,
    dice: fastrand::Rng,
    clock: Arc<ManualClock>,
    weather: Arc<Weather>,
    post: Arc<Post>,
    /// Where mails are, if that is a real outbox.
    files: Option<Arc<Files>>,
    call: CrewCall,
    world: World,
    promises: Promises,
    tasks: Vec<Task>,
    replies: VecDeque<Reply>,
    /// So many mails were answered, or will not be; so many were looked at.
    read: usize,
    checked: usize,
    kills: usize,
}

impl Season {
    async fn in_memory(size: &'static Size, seed: u32) -> Self {
        Self::of_memory(size, seed, Postmen::Recording).await
    }

    async fn of_memory(size: &'static Size, seed: u32, postmen: Postmen) -> Self {
        let mut dice = fastrand::Rng::with_seed(u64::from(seed));
        let weather = Arc::new(Weather::new(dice.fork()));
        let (charters, roster) = (MemoryCharters::new(), MemoryRoster::new());
        let shaky = Flaky { backend: charters.clone(), weather: weather.clone() };
        let shaky_roster = Flaky { backend: roster.clone(), weather: weather.clone() };
        let stores = (Arc::new(shaky), Arc::new(shaky_roster) as Arc<dyn RosterRepository>);
        let mailed = (postmen == Postmen::Real).then(|| roster.clone());
        let roster = Arc::new(roster);
        Self::new(size, dice, weather, stores, (charters, roster), mailed).await
    }

    async fn with_an_outbox(seed: u32) -> Self {
        Self::of_memory(&SMALL, seed, Postmen::Real).await
    }

    async fn on_dynamodb(seed: u32) -> Self {
        // The SDK draws how long it waits.
        fastrand::seed(u64::from(seed));
        let mut dice = fastrand::Rng::with_seed(u64::from(seed));
        let engine = EmbeddedEngine::in_memory().unwrap();
        let charters = DynamoCharters::new(engine.client());
        charters.ensure_call_index().await.unwrap();
        let roster = DynamoRoster::new(engine.client());
        roster.ensure_tables().await.unwrap();
        let weather = Arc::new(Weather::new(dice.fork()));
        let client = Store::new(engine, weather.clone()).client(&format!("season {seed}"));
        let stores = (
            Arc::new(DynamoCharters::new(client.clone())),
            Arc::new(DynamoRoster::new(client)) as Arc<dyn RosterRepository>,
        );
        Self::new(&SMALL, dice, weather, stores, (charters, Arc::new(roster)), None).await
    }

    /// Dispatchers have the one pair of stores, the office and whoever checks the other. Those who are
    /// `mailed` get real mails.
    async fn new<C, O>(
        size: &'static Size,
        mut dice: fastrand::Rng,
        weather: Arc<Weather>,
        (shaky, shaky_roster): (Arc<C>, Arc<dyn RosterRepository>),
        (charters, roster): (O, Arc<dyn RosterRepository>),
        mailed: Option<MemoryRoster>,
    ) -> Self
    where
        C: CharterRepository + CallRepository + 'static,
        O: CharterRepository + CallRepository + 'static,
    {
        // With the night in which the clocks are put forward.
        let start: Timestamp = "2026-03-05T15:00:00Z".parse().unwrap();
        let clock = Arc::new(ManualClock::new(start));
        let rules = rules(&mut dice);
        let post = Arc::new(Post::new(clock.clone(), dice.fork()));
        let mut files = None;
        let postman: Arc<dyn Postman> = match mailed {
            None => post.clone(),
            Some(roster) => {
                let (sealed, sent) = Sealed::new(&roster, &clock, &weather, &post);
                files = Some(sent);
                Arc::new(sealed)
            }
        };
        let call = CrewCall::builder(shaky, shaky_roster, rules.clone(), postman);
        let call = call.clock(clock.clone()).build();
        let berths = rules.berths().to_vec();
        let world = World::new(charters, roster, berths, size, start, &mut dice).await;
        Self {
            size,
            dice,
            clock,
            weather,
            post,
            files,
            call,
            world,
            promises: Promises::new(rules.window(), rules.lead()),
            tasks: Vec::new(),
            replies: VecDeque::new(),
            read: 0,
            checked: 0,
            kills: 0,
        }
    }

    async fn run(mut self) -> Tried {
        let end = self.now() + SignedDuration::from_hours(24 * i64::from(self.size.days));
        while self.now() < end {
            let minutes = self.dice.u64(5..90) * if self.is_night() { 3 } else { 1 };
            self.clock.advance(Duration::from_secs(60 * minutes));
            let busy = self.size.charters / u32::from(self.size.days) / 5 + 1;
            for _ in 0..self.dice.u32(0..busy) {
                self.world.office(self.now(), &mut self.dice).await;
            }
            self.begin();
            self.work().await;
            if !self.is_quiet() && self.dice.u32(0..6) == 0 {
                self.rest().await;
            } else {
                self.check().await;
            }
        }
        self.end().await
    }

    /// Nothing goes wrong for a moment, and somebody looks at everything.
    async fn rest(&mut self) {
        self.weather.calm();
        self.post.state().is_calm = true;
        dispatch(self.call.clone(), self.months()).future.await.unwrap();
        self.check().await;
        self.promises.no_berth_waits_behind_another(&self.world, self.now()).await;
        self.weather.turns();
        self.post.state().is_calm = false;
    }

    fn is_quiet(&self) -> bool {
        !(7..21).contains(&zone().to_datetime(self.now()).hour())
    }

    fn is_night(&self) -> bool {
        !(6..21).contains(&zone().to_datetime(self.now()).hour())
    }

    fn now(&self) -> Timestamp {
        self.clock.now().wall
    }

    /// Dispatchers that rest look again now and then, and members answer.
    fn begin(&mut self) {
        let is_dispatch = |task: &&Task| matches!(task.does, Does::Dispatch);
        for _ in self.tasks.iter().filter(is_dispatch).count()..DISPATCHERS {
            if self.dice.bool() {
                let polls = self.dice.u32(0..8) == 0;
                let months = if polls { self.months() } else { Vec::new() };
                self.tasks.push(dispatch(self.call.clone(), months));
            }
        }
        self.read_mail();
        let now = self.now();
        for _ in 0..self.replies.len() {
            let reply = self.replies.pop_front().unwrap();
            if reply.at > now {
                self.replies.push_back(reply);
                continue;
            }
            self.promises.begun(now, &reply);
            if self.dice.u32(0..8) == 0 {
                self.tasks.push(answer(self.call.clone(), reply.clone()));
            }
            self.tasks.push(answer(self.call.clone(), reply));
        }
    }

    fn months(&self) -> Vec<Month> {
        let mut months: Vec<Month> =
            self.world.days.iter().map(|day| Month::of(*day).unwrap()).collect();
        months.dedup();
        months
    }

    /// Who is asked may answer soon, late, never, twice, or one way and then the other.
    fn read_mail(&mut self) {
        let new: Vec<_> = self.post.state().mails[self.read..].to_vec();
        self.read += new.len();
        for mail in new.into_iter().filter(|mail| mail.kind == NoticeKind::Ask) {
            let times = self.dice.choice([0, 0, 1, 1, 1, 1, 1, 2, 2, 3]).unwrap();
            for _ in 0..times {
                let minutes = match self.dice.u32(0..4) {
                    0 => self.dice.i64(0..20),
                    1 | 2 => self.dice.i64(0..180),
                    _ => self.dice.i64(0..3_000),
                };
                let at = mail.kept + SignedDuration::from_mins(minutes);
                let answer = if self.dice.u32(0..5) < 2 { Answer::Accept } else { Answer::Decline };
                let (charter, crew) = (mail.charter.clone(), mail.to.clone().unwrap());
                self.replies.push_back(Reply { at, charter, crew, answer });
            }
        }
    }

    /// Everyone who is at something gets on with it in turns, until all are done, or a while is over,
    /// or somebody is stopped.
    async fn work(&mut self) {
        let patience = if self.dice.u32(0..6) == 0 { self.dice.u32(1..120) } else { u32::MAX };
        let mut turns = 0;
        while turns < patience && !self.tasks.is_empty() {
            turns += 1;
            assert!(turns < 200_000, "they get nowhere");
            let position = self.dice.usize(0..self.tasks.len());
            if self.dice.u32(0..400) == 0 {
                self.stop(position);
                continue;
            }
            let is_hurried = self.dice.u32(0..500) == 0;
            if is_hurried {
                self.world.office(self.now(), &mut self.dice).await;
            }
            if let std::task::Poll::Ready(done) = poll!(&mut self.tasks[position].future) {
                let task = self.tasks.swap_remove(position);
                self.done(task.does, done);
            }
            if turns % 16 == 0 {
                // Those who wait before they try again have waited.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// A kill: whatever was under way is left as it is. A member who sees an error tries again.
    fn stop(&mut self, position: usize) {
        self.kills += 1;
        if let Does::Answer(reply) = self.tasks.swap_remove(position).does {
            let minutes = self.dice.i64(0..30);
            let at = self.now() + SignedDuration::from_mins(minutes);
            self.replies.push_back(Reply { at, ..reply });
        }
    }

    fn done(&mut self, does: Does, done: Result<Option<Outcome>, Error>) {
        match (does, done) {
            (_, Err(error)) if !error.is_transient() => panic!("{error:?}"),
            (Does::Answer(reply), Ok(outcome)) => {
                let (at, outcome) = (self.now(), outcome.unwrap());
                let Reply { charter, crew, answer, at: begun } = reply;
                self.promises.given(Given { begun, at, charter, crew, answer, outcome });
            }
            (Does::Answer(reply), Err(_)) => self.replies.push_back(reply),
            (Does::Dispatch, _) => {}
        }
    }

    async fn check(&mut self) {
        if let Some(files) = &self.files {
            let news = files.news(self.now()).await;
            self.post.state().mails.extend(news);
        }
        let new = {
            let mut state = self.post.state();
            self.promises.refused.extend(std::mem::take(&mut state.refused));
            let new = state.mails[self.checked..].to_vec();
            self.checked = state.mails.len();
            new
        };
        self.promises.check(&self.world, &new, self.now()).await;
    }

    /// The faults are over: what is owed gets out, and everything is as it ought to be.
    async fn end(mut self) -> Tried {
        self.weather.calm();
        self.post.state().is_calm = true;
        while !self.tasks.is_empty() || !self.replies.is_empty() {
            let now = self.now();
            self.replies.iter_mut().for_each(|reply| reply.at = reply.at.min(now));
            self.begin();
            self.work().await;
        }
        // In the morning, so that nothing waits for the end of quiet hours.
        let morning = self.now() + SignedDuration::from_hours(14);
        self.clock.set_wall(morning);
        for _ in 0..3 {
            let task = dispatch(self.call.clone(), self.months());
            task.future.await.unwrap();
            self.check().await;
        }
        self.promises.at_the_end(&self.world, self.now()).await;
        if let Some(files) = &self.files {
            files.at_the_end();
        }
        let State { mails, again, .. } = &*self.post.state();
        assert!(!mails.is_empty(), "nobody was told anything");
        Tried { kills: self.kills, again: *again, refused: self.promises.refused.len() }
    }
}

/// One round of a dispatcher. A call that fails does not keep the others.
fn dispatch(call: CrewCall, months: Vec<Month>) -> Task {
    let round = async move {
        let mut due = call.advance_due();
        while let Some(looked) = due.next().await {
            went_well(looked)?;
        }
        for month in months {
            let mut astray = call.advance_month(month);
            while let Some(looked) = astray.next().await {
                went_well(looked)?;
            }
        }
        Ok(None)
    };
    Task { does: Does::Dispatch, future: round.boxed() }
}

/// A store that is not at its best fails a call; the row of one is never at fault.
fn went_well(looked: Result<Looked, Error>) -> Result<(), Error> {
    match looked?.outcome {
        Ok(advanced) => assert!(advanced.unreadable.is_empty(), "{:?}", advanced.unreadable),
        Err(error) if error.is_transient() => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

fn answer(call: CrewCall, reply: Reply) -> Task {
    let Reply { charter, crew, answer, .. } = reply.clone();
    let answering = async move {
        pause().await;
        call.answer(&charter, &crew, answer).await.map(Some)
    };
    Task { does: Does::Answer(reply), future: answering.boxed() }
}

fn rules(dice: &mut fastrand::Rng) -> CallRules {
    let harbour = Harbour::new("Pier 2", zone());
    let berths: &[&str] = match dice.u32(0..3) {
        0 => &["captain/skipper"],
        1 => &["captain/skipper", "mate"],
        _ => &["captain/skipper", "mate", "2*crew"],
    };
    let rules = CallRules::builder(harbour)
        .berths(berths.iter().map(|berth| berth.parse().unwrap()))
        .window(Duration::from_secs(60 * dice.u64(45..240)))
        .lead(Duration::from_secs(3_600 * dice.u64(0..8)));
    let rules = match dice.u32(0..3) {
        0 => rules.at_most(2.try_into().unwrap()),
        _ => rules,
    };
    rules.build().unwrap()
}

fn zone() -> TimeZone {
    TimeZone::get("America/New_York").unwrap()
}

const DISPATCHERS: usize = 4;
