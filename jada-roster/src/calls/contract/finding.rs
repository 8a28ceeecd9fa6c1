//! How calls are found: those that are due, and those of a month.

use futures_util::TryStreamExt;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};

use super::{assert_is, charter, full, id, instant, month, open, stored};
use crate::call::{Asked, Call, Phase, Standing};
use crate::calls::CallRepository;
use crate::charter::Charter;
use crate::money::Currency;
use crate::repository::CharterRepository;

pub(super) async fn all<R: CallRepository + CharterRepository>(repository: &R) {
    what_is_due_comes_from_the_longest_due_on(repository).await;
    whatever_is_unfinished_is_due(repository).await;
    where_nobody_is_left_is_found(repository).await;
    what_is_due_comes_page_by_page(repository).await;
    a_month_comes_with_its_calls(repository).await;
}

async fn what_is_due_comes_from_the_longest_due_on<R: CallRepository + CharterRepository>(
    repository: &R,
) {
    let year = SignedDuration::from_hours(24 * 365);
    let nanosecond = SignedDuration::from_nanos(1);
    let first = instant(0) + year;
    for (name, due) in [
        ("due-c", Some(first + nanosecond)),
        ("due-b", Some(first)),
        ("due-a", Some(first)),
        ("due-d", Some(first + year)),
        ("due-e", None),
    ] {
        let opened = stored(repository, charter(name, 8)).await;
        repository.write(&opened.charter, &resting(due), &[]).await.unwrap();
    }
    assert_due(repository, first - nanosecond, &[]).await;
    assert_due(repository, first, &["due-a", "due-b"]).await;
    assert_due(repository, first + nanosecond, &["due-a", "due-b", "due-c"]).await;
    for (name, due) in [("due-a", Some(first + year)), ("due-b", None)] {
        let opened = open(repository, name).await;
        repository.write(&opened.charter, &resting(due), &[]).await.unwrap();
    }
    assert_due(repository, first + nanosecond, &["due-c"]).await;
    assert_due(repository, first + year, &["due-c", "due-a", "due-d"]).await;
    for name in ["due-a", "due-c", "due-d"] {
        let opened = open(repository, name).await;
        repository.write(&opened.charter, &resting(None), &[]).await.unwrap();
    }
}

async fn whatever_is_unfinished_is_due<R: CallRepository + CharterRepository>(repository: &R) {
    let at = instant(0) + SignedDuration::from_hours(24 * 365 * 2);
    let Call { owed, asked, .. } = full();
    let owed = owed.into_iter().take(1).map(|notice| crate::Notice { since: at, ..notice });
    let accepted = asked.into_iter().filter(|asked| asked.standing == Standing::Accepted);
    let accepted = accepted.map(|asked| Asked { since: at, ..asked });
    let later = Some(at + SignedDuration::from_hours(9));
    for (name, call) in [
        ("rest-1", Call { owed: owed.collect(), ..resting(later) }),
        ("rest-2", Call { asked: accepted.collect(), ..resting(None) }),
    ] {
        let opened = stored(repository, charter(name, 9)).await;
        repository.write(&opened.charter, &call, &[]).await.unwrap();
        assert_due(repository, at, &[name]).await;
        let opened = open(repository, name).await;
        repository.write(&opened.charter, &resting(later), &[]).await.unwrap();
        assert_due(repository, at, &[]).await;
        let opened = open(repository, name).await;
        repository.write(&opened.charter, &resting(None), &[]).await.unwrap();
    }
}

async fn where_nobody_is_left_is_found<R: CallRepository + CharterRepository>(repository: &R) {
    let at = instant(0) + SignedDuration::from_hours(24 * (365 * 2 + 1));
    let calls = [("left-1", Phase::Calling), ("left-2", Phase::Exhausted)];
    for (name, phase) in calls {
        let opened = stored(repository, charter(name, 10)).await;
        let call = Call { phase, ..resting(Some(at)) };
        repository.write(&opened.charter, &call, &[]).await.unwrap();
    }
    let found = async |by| -> bool {
        let found: Vec<_> = repository.exhausted(by).try_collect().await.unwrap();
        found.contains(&id("left-2"))
    };
    assert!(!found(at - SignedDuration::from_nanos(1)).await);
    assert!(found(at).await);
    for (name, phase) in calls {
        let opened = open(repository, name).await;
        let call = Call { phase, ..resting(None) };
        repository.write(&opened.charter, &call, &[]).await.unwrap();
    }
    assert!(!found(at).await);
}

/// More than 1 MB of rows, so that both lists come in pages.
async fn what_is_due_comes_page_by_page<R: CallRepository + CharterRepository>(repository: &R) {
    let notes = "n".repeat(6_000);
    let at = instant(0);
    let mut expected = Vec::new();
    for number in 0..200 {
        let name = format!("page-{:03}", number * 7 % 251);
        let day = date(2111, 5, 1 + i8::try_from(number % 31).unwrap());
        let charter = Charter::builder(id(&name), day, Currency::USD).notes(notes.clone());
        let opened = stored(repository, charter).await;
        let due = at + SignedDuration::from_mins(number / 2);
        repository.write(&opened.charter, &resting(Some(due)), &[]).await.unwrap();
        expected.push((due, name));
    }
    expected.sort();
    let names: Vec<&str> = expected.iter().map(|(_, name)| name.as_str()).collect();
    assert_due(repository, at + SignedDuration::from_mins(200), &names).await;
    assert_eq!(month(repository, "2111-05").await.len(), 200);
    for (_, name) in &expected {
        let opened = open(repository, name).await;
        repository.write(&opened.charter, &resting(None), &[]).await.unwrap();
    }
}

async fn a_month_comes_with_its_calls<R: CallRepository + CharterRepository>(repository: &R) {
    let row = |name: &str, day| Charter::builder(id(name), day, Currency::USD);
    let called = stored(repository, row("month-b", date(2112, 5, 31))).await;
    let crew = [super::berth("ada", "captain")];
    let called = repository.write(&called.charter, &resting(None), &crew).await.unwrap();
    let not_called = stored(repository, row("month-a", date(2112, 5, 1))).await;
    stored(repository, row("month-c", date(2112, 6, 1))).await;
    let found = month(repository, "2112-05").await;
    assert_eq!(found.len(), 2);
    assert_is(&found[0], &not_called.charter, None);
    assert_is(&found[1], &called.charter, called.call.as_ref());
}

/// A call that owes nothing.
fn resting(due: Option<Timestamp>) -> Call {
    Call { due, owed: Vec::new(), asked: Vec::new(), moved: None, ..full() }
}

async fn assert_due<R: CallRepository>(repository: &R, by: Timestamp, expected: &[&str]) {
    let due: Vec<_> = repository.due(by).try_collect().await.unwrap();
    let due: Vec<&str> = due.iter().map(|id: &crate::CharterId| id.as_str()).collect();
    let ours = ["due-", "rest-", "page-"];
    let due: Vec<&str> =
        due.into_iter().filter(|id| ours.iter().any(|prefix| id.starts_with(prefix))).collect();
    assert_eq!(due, expected, "by {by}");
}
