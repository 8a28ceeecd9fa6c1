//! A dispatcher that is stopped wherever it waits for something, while others go on, and goes on hours
//! later: what it knew then is no reason to ask anybody.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, TryStreamExt, poll};
use jada_auth::{Clock, ManualClock};
use jada_roster::{
    Answer, Assignment, Call, CallRepository, CallRules, CalledCharter, Charter, CharterId,
    CharterRepository, CrewCall, CrewId, Currency, DayState, Error, Harbour, Letter,
    MemoryCharters, MemoryRoster, NoticeKind, Phase, Postman, Role, RosterRepository, Standing,
    Status,
};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::flaky::Flaky;
use super::store::{Weather, pause};
use crate::crew_call::crew;

/// Who was asked in which round: when, and under which key.
type Handed = BTreeMap<(u32, CrewId), Vec<(Timestamp, String)>>;

/// Of each letter that comes it is seen whether it may, from the row as it is then.
#[derive(Clone, Debug)]
struct Watchful {
    charters: MemoryCharters,
    clock: Arc<ManualClock>,
    /// Who was asked in which round, under which keys.
    asked: Arc<Mutex<Handed>>,
}

#[async_trait]
impl Postman for Watchful {
    async fn take(&self, letter: &Letter) -> Result<(), Error> {
        let notice = &letter.notice;
        if notice.kind() == NoticeKind::Ask {
            let now = self.clock.now().wall;
            let hour = now.to_zoned(TimeZone::UTC).hour();
            assert!((7..21).contains(&hour), "asked at {now}: {notice:?}");
            let CalledCharter { charter, call, .. } = open(&self.charters).await;
            let call = call.unwrap();
            assert!(charter.status() == Status::Confirmed && now < casts_off(), "{notice:?}");
            let crew = notice.to().unwrap();
            let is_waited_for = call.round() == notice.round()
                && call
                    .asked()
                    .iter()
                    .any(|asked| asked.crew() == crew && asked.standing() == Standing::Waiting);
            assert!(is_waited_for, "nobody waits for {notice:?} at {now}: {call:#?}");
            let mut asked = self.asked.lock().unwrap();
            let keys = asked.entry((notice.round(), crew.clone())).or_default();
            keys.push((now, notice.key(charter.id())));
            those_before_had_their_window(&call, crew, &asked, now);
        }
        pause().await;
        Ok(())
    }
}

/// Whoever is waited for since an earlier wave was asked two hours ago or more.
fn those_before_had_their_window(call: &Call, crew: &CrewId, asked: &Handed, now: Timestamp) {
    let wave = call.asked().iter().find(|asked| asked.crew() == crew).unwrap().wave();
    let waiting = call.asked().iter().filter(|asked| asked.standing() == Standing::Waiting);
    for before in waiting.filter(|asked| asked.wave() < wave) {
        let handed = asked.get(&(call.round(), before.crew().clone())).map(|handed| handed[0].0);
        let had_window = handed.is_some_and(|at| now.duration_since(at) >= WINDOW);
        assert!(had_window, "{crew} is asked at {now}, {handed:?} {before:?}");
    }
}

/// A confirmed charter, a dispatcher that is stopped at times, and one that is not.
struct Scene {
    charters: MemoryCharters,
    roster: Arc<MemoryRoster>,
    weather: Arc<Weather>,
    clock: Arc<ManualClock>,
    post: Watchful,
    slow: CrewCall,
    quick: CrewCall,
}

/// What the slow one is at.
type Task<'a> = BoxFuture<'a, Result<(), Error>>;

impl Scene {
    /// At ten in the morning, two days before it sails.
    async fn new() -> Self {
        let (charters, roster) = (MemoryCharters::new(), crew().await);
        let hours = ("hours".to_owned(), "09:00-13:00".to_owned());
        let charter = Charter::builder(id(), day(), Currency::USD).extra([hours]);
        charters.save(&[charter.status(Status::Confirmed).build().unwrap()]).await.unwrap();
        let clock = Arc::new(ManualClock::new("2026-05-01T10:00:00Z".parse().unwrap()));
        let asked = Arc::default();
        let post = Watchful { charters: charters.clone(), clock: clock.clone(), asked };
        let rules = CallRules::builder(Harbour::new("Pier 2", TimeZone::UTC)).build().unwrap();
        let weather = Arc::new(Weather::new(fastrand::Rng::with_seed(0)));
        weather.calm();
        let shaky = Arc::new(Flaky { backend: charters.clone(), weather: weather.clone() });
        let shaky_roster = Arc::new(Flaky { backend: (*roster).clone(), weather: weather.clone() });
        let post_of = || Arc::new(post.clone());
        let slow = CrewCall::builder(shaky, shaky_roster, rules.clone(), post_of());
        let quick = CrewCall::builder(Arc::new(charters.clone()), roster.clone(), rules, post_of());
        let slow = slow.clock(clock.clone()).build();
        let quick = quick.clock(clock.clone()).build();
        Self { charters, roster, weather, clock, post, slow, quick }
    }

    fn later(&self, hours: u64) {
        self.clock.advance(Duration::from_secs(60 * 60 * hours));
    }

    /// What the one who is not stopped does.
    async fn round(&self) {
        for looked in
            [self.quick.advance_due(), self.quick.advance_month("2026-05".parse().unwrap())]
        {
            let looked: Vec<_> = looked.try_collect().await.unwrap();
            looked.iter().for_each(|looked| assert!(looked.outcome.is_ok(), "{looked:?}"));
        }
    }

    async fn stored(&self) -> Charter {
        open(&self.charters).await.charter
    }

    async fn turn(&self, status: Status) {
        self.charters.change_status(&self.stored().await, status).await.unwrap();
    }

    /// Those who are waited for answer, if anybody is.
    async fn answer(&self, answer: Answer) {
        let call = open(&self.charters).await.call;
        for asked in call.iter().flat_map(|call| call.asked()) {
            if asked.standing() == Standing::Waiting {
                self.quick.answer(&id(), asked.crew(), answer).await.unwrap();
            }
        }
    }
}

/// What the slow one begins with.
#[derive(Clone, Copy, Debug)]
enum Start {
    /// Nobody was asked.
    New,
    /// A wave is out, and its window is over.
    NextWave,
    /// A wave was written and not handed over, by one who was killed.
    Owed,
    Answer(Answer),
}

/// What happens while it is stopped.
#[derive(Clone, Copy, Debug)]
enum Meanwhile {
    Alone,
    Night,
    NightAlone,
    NextMorning,
    Cancelled,
    ConfirmedAgain,
    Answered(Answer),
    ByHand,
    SailedAlone,
    /// The first captain has said that they cannot come.
    SaidNo,
}

impl Start {
    const ALL: [Self; 5] = [
        Self::New,
        Self::NextWave,
        Self::Owed,
        Self::Answer(Answer::Accept),
        Self::Answer(Answer::Decline),
    ];

    async fn begin(self, scene: &Scene) -> Task<'_> {
        match self {
            Self::New => {}
            Self::NextWave => {
                scene.round().await;
                scene.later(2);
            }
            Self::Owed => {
                let id = id();
                let mut killed = Box::pin(scene.slow.advance(&id));
                while open(&scene.charters).await.call.is_none() {
                    assert!(poll!(&mut killed).is_pending());
                }
            }
            Self::Answer(_) => scene.round().await,
        }
        async move {
            match self {
                Self::Answer(answer) => scene.slow.answer(&id(), &first(), answer).await.map(drop),
                _ => scene.slow.advance(&id()).await.map(drop),
            }
        }
        .boxed()
    }
}

impl Meanwhile {
    const ALL: [Self; 11] = [
        Self::Alone,
        Self::Night,
        Self::NightAlone,
        Self::NextMorning,
        Self::Cancelled,
        Self::ConfirmedAgain,
        Self::Answered(Answer::Accept),
        Self::Answered(Answer::Decline),
        Self::ByHand,
        Self::SailedAlone,
        Self::SaidNo,
    ];

    async fn happens(self, scene: &Scene) {
        match self {
            Self::Alone => return scene.later(3),
            Self::NightAlone => return scene.later(12),
            Self::SailedAlone => return scene.later(72),
            Self::SaidNo => {
                let member = scene.roster.find(&first()).await.unwrap().unwrap();
                let said = member.availability().clone().with(day(), Some(DayState::No));
                scene.roster.update(&member.with_availability(said)).await.unwrap();
                return scene.later(2);
            }
            Self::Night => scene.later(12),
            Self::NextMorning => scene.later(22),
            Self::Cancelled => {
                scene.later(2);
                scene.turn(Status::Cancelled).await;
            }
            Self::ConfirmedAgain => {
                scene.turn(Status::Cancelled).await;
                scene.round().await;
                scene.later(2);
                scene.turn(Status::Confirmed).await;
            }
            Self::Answered(answer) => {
                scene.round().await;
                scene.later(2);
                scene.answer(answer).await;
            }
            Self::ByHand => {
                scene.later(2);
                let captain = Assignment::new(CrewId::new("c2").unwrap(), Role::Captain);
                scene.charters.assign(&scene.stored().await, &[captain]).await.unwrap();
            }
        }
        scene.round().await;
    }
}

#[tokio::test]
async fn whoever_is_stopped_anywhere_and_goes_on_hours_later_asks_nobody_in_vain_or_twice() {
    for start in Start::ALL {
        for meanwhile in Meanwhile::ALL {
            let mut turns = 0;
            while is_stopped_after(turns, start, meanwhile).await {
                turns += 1;
            }
            assert!(turns >= 6, "{start:?} waits for little: {turns}");
        }
    }
}

/// False where it was done before it could be stopped.
async fn is_stopped_after(turns: usize, start: Start, meanwhile: Meanwhile) -> bool {
    let scene = Scene::new().await;
    let mut task = start.begin(&scene).await;
    let writes = scene.weather.writes();
    for _ in 0..turns {
        if let Poll::Ready(done) = poll!(&mut task) {
            done.unwrap();
            return false;
        }
    }
    let has_written = scene.weather.writes() > writes;
    meanwhile.happens(&scene).await;
    let done = task.await;
    let what = format!("{start:?}, {meanwhile:?}, stopped after {turns}");
    assert!(done.is_ok(), "{what}: {done:?}");
    comes_to_rest(&scene, &what).await;
    if !has_written {
        nothing_comes_of_what_was_so(&scene, start, meanwhile).await;
    }
    true
}

/// Of what was known before, and did not come to be written, nothing is written.
async fn nothing_comes_of_what_was_so(scene: &Scene, start: Start, meanwhile: Meanwhile) {
    let CalledCharter { charter, call, .. } = open(&scene.charters).await;
    match (start, meanwhile) {
        (Start::New, Meanwhile::SaidNo) => {
            let call = call.unwrap();
            let was_asked = call.asked().iter().any(|asked| *asked.crew() == first());
            assert!(!was_asked, "they had said no: {call:#?}");
        }
        (Start::Answer(_), Meanwhile::SailedAlone) => {
            assert_eq!(charter.assignments().unwrap(), [], "it had sailed");
        }
        _ => {}
    }
}

/// The next morning everyone who is waited for was asked, once, and nothing is left to do.
async fn comes_to_rest(scene: &Scene, what: &str) {
    let hour = |scene: &Scene| scene.clock.now().wall.to_zoned(TimeZone::UTC).hour();
    while hour(scene) != 8 {
        scene.later(1);
    }
    for _ in 0..2 {
        scene.round().await;
        scene.later(2);
    }
    let CalledCharter { charter, call, .. } = open(&scene.charters).await;
    let has_sailed = scene.clock.now().wall >= casts_off();
    let Some(call) = call else {
        assert!(has_sailed || charter.status() == Status::Cancelled, "{what}");
        return;
    };
    assert_eq!(call.owed(), [], "{what}");
    let asked = scene.post.asked.lock().unwrap();
    for (who, keys) in &*asked {
        assert!(
            keys.iter().all(|(_, key)| *key == keys[0].1),
            "{what}: {who:?} was asked twice: {keys:?}"
        );
    }
    for waiting in call.asked().iter().filter(|asked| asked.standing() == Standing::Waiting) {
        let was_asked = asked.contains_key(&(call.round(), waiting.crew().clone()));
        assert!(was_asked || has_sailed, "{what}: {call:#?}");
    }
    let sails = charter.assignments().unwrap().len();
    match call.phase() {
        Phase::Filled => assert_eq!(sails, 1, "{what}"),
        Phase::CalledOff => assert_eq!((sails, charter.status()), (0, Status::Cancelled), "{what}"),
        _ => assert_eq!((sails, charter.status()), (0, Status::Confirmed), "{what}"),
    }
}

async fn open(charters: &MemoryCharters) -> CalledCharter {
    charters.open(&id()).await.unwrap().unwrap()
}

fn first() -> CrewId {
    CrewId::new("c1").unwrap()
}

fn day() -> Date {
    date(2026, 5, 3)
}

fn casts_off() -> Timestamp {
    "2026-05-03T09:00:00Z".parse().unwrap()
}

fn id() -> CharterId {
    CharterId::new("C-1").unwrap()
}

/// By the rules.
const WINDOW: SignedDuration = SignedDuration::from_hours(2);
