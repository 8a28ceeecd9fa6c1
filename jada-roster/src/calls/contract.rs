//! The suite that every keeper of calls passes; run it on your own.

#![expect(clippy::unwrap_used, reason = "a failed expectation is the verdict")]

mod finding;

use futures_util::TryStreamExt;
use futures_util::future::join;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};

use crate::call::notice::{Notice, NoticeKind};
use crate::call::{Asked, Call, Phase, Place, Sailing, Standing};
use crate::calls::{CallRepository, CalledCharter};
use crate::charter::assignment::Assignment;
use crate::charter::{Charter, CharterBuilder, CharterId};
use crate::crew::id::CrewId;
use crate::crew::role::Role;
use crate::error::Error;
use crate::money::Currency;
use crate::repository::CharterRepository;
use crate::status::Status;
use crate::version::Version;

/// Checks a repository against the contract of [`CallRepository`].
///
/// It must hold no charter of the years 2110 to 2112, and no call that is due in them; those that the
/// suite writes stay.
///
/// # Panics
/// Panics with what was expected where the repository does otherwise.
pub async fn call_repository_contract<R>(repository: &R)
where
    R: CallRepository + CharterRepository,
{
    what_is_written_is_opened(repository).await;
    a_write_from_an_old_state_is_refused(repository).await;
    of_two_writes_at_once_one_is_done(repository).await;
    what_was_never_stored_has_no_call(repository).await;
    the_office_and_a_call_leave_each_other_alone(repository).await;
    finding::all(repository).await;
}

async fn what_is_written_is_opened<R: CallRepository + CharterRepository>(repository: &R) {
    let opened = stored(repository, charter("call-1", 1).guest("Ann").notes("two\nlines")).await;
    assert_eq!(opened.call, None);
    let crew = [berth("zoë ⛵", "captain"), berth("bo", "deck hand")];
    let written = repository.write(&opened.charter, &full(), &crew).await.unwrap();
    let expected =
        (opened.charter.clone().with_crew(Ok(crew.to_vec()))).with_version(Version::Number(2));
    assert_is(&written, &expected, Some(&full()));
    assert_is(&open(repository, "call-1").await, &expected, Some(&full()));

    let again = repository.write(&opened.charter, &full(), &crew).await;
    assert_is(&again.unwrap(), &expected, Some(&full()));
    let bare = Call { due: None, owed: Vec::new(), asked: Vec::new(), ..full() };
    let bare = Call { sailing: Sailing { hours: None, ..bare.sailing }, ..bare };
    let written = repository.write(&written.charter, &bare, &[]).await.unwrap();
    let expected = expected.with_crew(Ok(Vec::new())).with_version(Version::Number(3));
    assert_is(&written, &expected, Some(&bare));
    assert_is(&open(repository, "call-1").await, &expected, Some(&bare));
    let found = repository.find(&[id("call-1")]).await.unwrap().remove(0);
    assert!(found.is_same_state(&expected), "charters and calls are of one row: {found:?}");
}

async fn a_write_from_an_old_state_is_refused<R: CallRepository + CharterRepository>(
    repository: &R,
) {
    let old = stored(repository, charter("old-1", 2)).await;
    let twice = [berth("ada", "captain"), berth("ada", "mate")];
    let refused = repository.write(&old.charter, &full(), &twice).await;
    assert!(matches!(&refused, Err(Error::Invalid { .. })), "{refused:?}");

    let crew = [berth("ada", "captain")];
    let mut now = repository.assign(&old.charter, &crew).await.unwrap();
    assert_conflict(repository, &old.charter, "the office assigned").await;
    let not_read = now.clone().with_crew(Ok(Vec::new()));
    assert_conflict(repository, &not_read, "who sails was not read").await;
    for status in [Status::Pending, Status::Confirmed] {
        let read = now.clone();
        now = repository.change_status(&now, status).await.unwrap();
        assert_conflict(repository, &read, "the office changed the status").await;
    }
    let edited = charter("old-1", 3).status(Status::Confirmed).version(now.version());
    repository.save(&[edited.build().unwrap()]).await.unwrap();
    assert_conflict(repository, &now, "an import wrote").await;

    let read = open(repository, "old-1").await.charter;
    let written = repository.write(&read, &full(), &[]).await.unwrap();
    assert_conflict(repository, &read, "another wrote a call").await;
    let other = Call { round: 9, ..full() };
    let refused = repository.write(&read, &other, &[]).await;
    let is_refused = matches!(refused, Err(Error::VersionConflict { .. }));
    assert!(is_refused, "another wrote a call with the same crew: {refused:?}");
    assert_is(&open(repository, "old-1").await, &written.charter, Some(&full()));
}

/// That another call is not written from this state.
async fn assert_conflict<R: CallRepository>(repository: &R, read: &Charter, why: &str) {
    let other = Call { round: 9, ..full() };
    let refused = repository.write(read, &other, &[berth("bo", "captain")]).await;
    assert!(
        matches!(&refused, Err(Error::VersionConflict { id, .. }) if id == read.id().as_str()),
        "{why}: {refused:?}"
    );
    let stored = open(repository, read.id().as_str()).await;
    assert_ne!(stored.call, Some(other), "{why}");
}

async fn of_two_writes_at_once_one_is_done<R: CallRepository + CharterRepository>(repository: &R) {
    for number in 0..10 {
        let read = stored(repository, charter(&format!("race-{number}"), 4)).await.charter;
        let (one, other) = (Call { round: 1, ..full() }, Call { round: 2, ..full() });
        let (ada, bo) = ([berth("ada", "captain")], [berth("bo", "captain")]);
        let write = |call, crew| repository.write(&read, call, crew);
        let (first, second) = join(write(&one, &ada), write(&other, &bo)).await;
        let (won, lost) = match first {
            Ok(won) => (won, second),
            Err(lost) => (second.unwrap(), Err(lost)),
        };
        assert!(matches!(lost, Err(Error::VersionConflict { .. })), "{lost:?}");
        assert_is(&open(repository, read.id().as_str()).await, &won.charter, won.call.as_ref());
        let round = won.call.unwrap().round;
        let sails = if round == 1 { &ada } else { &bo };
        assert_eq!(
            won.charter.assignments().unwrap(),
            sails,
            "the call and who sails are of one write"
        );
    }
}

async fn what_was_never_stored_has_no_call<R: CallRepository>(repository: &R) {
    assert!(repository.open(&id("nobody")).await.unwrap().is_none());
    let new = charter("nobody", 5);
    let refused = repository.write(&new.build().unwrap(), &full(), &[]).await;
    assert!(matches!(&refused, Err(Error::Invalid { found, .. }) if found == "nobody"));
    let gone = charter("nobody", 5).version(Version::Number(1)).build().unwrap();
    let refused = repository.write(&gone, &full(), &[]).await;
    assert!(matches!(&refused, Err(Error::NotFound { id, .. }) if id == "nobody"), "{refused:?}");
    assert!(repository.open(&id("nobody")).await.unwrap().is_none());
}

async fn the_office_and_a_call_leave_each_other_alone<R: CallRepository + CharterRepository>(
    repository: &R,
) {
    let extra = [("boat".to_owned(), "Zoë ⛵".to_owned())];
    let opened = stored(repository, charter("both-1", 6).guest("Bo").extra(extra)).await;
    let crew = [berth("ada", "captain")];
    let written = repository.write(&opened.charter, &full(), &crew).await.unwrap();
    assert!(written.charter.says_the_same(&opened.charter));
    let cancelled = repository.change_status(&written.charter, Status::Cancelled).await.unwrap();
    assert_is(&open(repository, "both-1").await, &cancelled, Some(&full()));
    let moved = charter("both-1", 7).guest("Bo").version(cancelled.version()).build().unwrap();
    repository.save(std::slice::from_ref(&moved)).await.unwrap();
    let stored = open(repository, "both-1").await;
    assert!(stored.charter.says_the_same(&moved));
    assert_eq!((stored.charter.assignments().unwrap(), stored.call), (&crew[..], Some(full())));
}

/// A call with everything in it that one can have.
fn full() -> Call {
    let at = instant(0) + SignedDuration::from_millis(123);
    let sailing = Sailing { date: date(2110, 5, 3), hours: Some("09:00-13:00".parse().unwrap()) };
    let asked = Standing::ALL.iter().enumerate().map(|(number, standing)| Asked {
        crew: CrewId::new(&format!("c-{number} \"ü\"")).unwrap(),
        berth: "deck hand".parse().unwrap(),
        wave: 3,
        at,
        until: at + SignedDuration::from_hours(2),
        standing: *standing,
        since: at + SignedDuration::from_nanos(1),
    });
    let name: Option<Box<str>> = Some("n-1".into());
    let owed = NoticeKind::ALL.iter().zip(7..).map(|(kind, sequence)| Notice {
        call: name.clone(),
        kind: *kind,
        to: (*kind != NoticeKind::NobodyLeft).then(|| CrewId::new("zoë ⛵").unwrap()),
        berth: (*kind != NoticeKind::NobodyLeft).then_some(Role::Captain),
        round: 2,
        sequence,
        sailing: Sailing { hours: None, ..sailing },
        since: at,
        about: (*kind == NoticeKind::Clash).then(|| CrewId::new("zoë ⛵").unwrap()),
    });
    Call {
        name: name.clone(),
        round: 2,
        sailing,
        phase: Phase::Exhausted,
        wave: 3,
        asked: asked.collect(),
        vacant: vec![Role::Captain, "deck hand".parse().unwrap()],
        due: Some(at),
        owed: owed.collect(),
        sequence: 14,
        unmanned: vec!["deck hand".parse().unwrap()],
        former: vec![CrewId::new("zoë ⛵").unwrap()],
        place: Some(Place { boat: "Île \"2\"".to_owned(), harbour: String::new() }),
        moved: Some(at),
    }
}

/// So many minutes after the first in which calls of the suite are due.
fn instant(minutes: i64) -> Timestamp {
    "2110-05-01T09:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes)
}

fn assert_is(stored: &CalledCharter, charter: &Charter, call: Option<&Call>) {
    assert!(stored.charter.is_same_state(charter), "{:?} is not {charter:?}", stored.charter);
    assert_eq!(stored.call.as_ref(), call);
}

async fn stored<R: CallRepository + CharterRepository>(
    repository: &R,
    charter: CharterBuilder,
) -> CalledCharter {
    let charter = charter.build().unwrap();
    repository.save(std::slice::from_ref(&charter)).await.unwrap();
    open(repository, charter.id().as_str()).await
}

async fn open<R: CallRepository>(repository: &R, name: &str) -> CalledCharter {
    repository.open(&id(name)).await.unwrap().unwrap()
}

async fn month<R: CallRepository>(repository: &R, month: &str) -> Vec<CalledCharter> {
    repository.calls_of(month.parse().unwrap()).try_collect().await.unwrap()
}

/// A confirmed charter of May 2110.
fn charter(name: &str, day: i8) -> CharterBuilder {
    Charter::builder(id(name), date(2110, 5, day), Currency::USD).status(Status::Confirmed)
}

fn id(text: &str) -> CharterId {
    CharterId::new(text).unwrap()
}

fn berth(crew: &str, berth: &str) -> Assignment {
    Assignment::new(CrewId::new(crew).unwrap(), berth.parse().unwrap())
}
