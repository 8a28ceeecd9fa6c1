//! The suite that every repository of crew's copies passes; run it on your own.

#![expect(clippy::unwrap_used, reason = "a failed expectation is the verdict")]

use futures_util::TryStreamExt;
use jiff::civil::{Date, date};

use crate::charter::CharterId;
use crate::charter::assignment::Assignment;
use crate::crew::id::CrewId;
use crate::error::Error;
use crate::event::view::{CrewView, CrewViewBuilder};
use crate::events::EventRepository;
use crate::scrub::ScrubbedText;
use crate::scrub::rules::ScrubRules;
use crate::status::Status;
use crate::version::Version;

/// Checks a repository against the contract of [`EventRepository`].
///
/// It must hold no copy of a charter of the years 2101 to 2109; those that the suite writes, it takes
/// away.
///
/// # Panics
/// Panics with what was expected where the repository does otherwise.
pub async fn event_repository_contract(repository: &dyn EventRepository) {
    what_is_put_is_found(repository).await;
    a_copy_replaces_the_whole_of_the_one_before(repository).await;
    a_copy_of_an_earlier_state_is_refused(repository).await;
    a_copy_is_replaced_by_an_earlier_state_where_it_is_named(repository).await;
    a_month_comes_by_date_then_id(repository).await;
    a_member_finds_what_they_sail_on(repository).await;
}

async fn what_is_put_is_found(repository: &dyn EventRepository) {
    let full = view("event-full", date(2101, 5, 1))
        .hours("20:00-01:30".parse::<crate::charter::hours::Hours>().unwrap())
        .status(Status::Confirmed)
        .kind("regatta".parse().unwrap())
        .brand(text("Blue & Gold"))
        .boat(text("Zoë ⛵"))
        .harbour(text("Dock 12"))
        .guest(text("  O'Brien, \"Jo\" "))
        .head_count(12)
        .note(text("two\nlines"))
        .columns([("menu".to_owned(), text("fish"))])
        .assignments([berth("ada", "captain"), berth("bo", "cook")])
        .charter_version(Version::Number(7))
        .build();
    let bare = view("event-bare", date(2101, 5, 2)).build();
    for written in [&full, &bare] {
        repository.put(written).await.unwrap();
        let found = repository.find(written.id()).await.unwrap().unwrap();
        assert_eq!(found.charter_version().number(), written.charter_version().number());
        assert_eq!(same(&found), same(written));
        repository.remove(&found).await.unwrap();
        assert_eq!(repository.find(written.id()).await.unwrap(), None);
        repository.remove(&found).await.unwrap();
    }
}

async fn a_copy_replaces_the_whole_of_the_one_before(repository: &dyn EventRepository) {
    let before = view("event-whole", date(2102, 5, 1))
        .note(text("bring sun cream"))
        .columns([("menu".to_owned(), text("fish"))])
        .assignments([berth("ada", "captain")]);
    let before = before.charter_version(Version::Number(1)).build();
    let after = view("event-whole", date(2102, 6, 1)).charter_version(Version::Number(2)).build();
    repository.put(&before).await.unwrap();
    repository.put(&after).await.unwrap();
    let found = repository.find(after.id()).await.unwrap().unwrap();
    assert_eq!(same(&found), same(&after));
    assert_eq!(month(repository, date(2102, 5, 1)).await, [""; 0], "it has moved");
    assert_eq!(month(repository, date(2102, 6, 1)).await, ["event-whole"]);
    repository.remove(&after).await.unwrap();
}

async fn a_copy_of_an_earlier_state_is_refused(repository: &dyn EventRepository) {
    let of = |version, note| {
        let view = view("event-late", date(2103, 5, 1)).note(text(note));
        view.charter_version(Version::Number(version)).build()
    };
    repository.put(&of(2, "second")).await.unwrap();
    for refused in [repository.put(&of(1, "first")).await, repository.remove(&of(1, "")).await] {
        assert!(
            matches!(&refused, Err(Error::VersionConflict { id, .. }) if id == "event-late"),
            "{refused:?}"
        );
    }
    let stored = || async { repository.find(of(1, "").id()).await.unwrap().unwrap() };
    assert_eq!(stored().await.note().as_str(), "second");
    repository.put(&of(2, "by other rules")).await.unwrap();
    assert_eq!(stored().await.note().as_str(), "by other rules", "of the same state");
    repository.put(&of(3, "third")).await.unwrap();
    assert_eq!(stored().await.note().as_str(), "third");
    repository.remove(&of(3, "")).await.unwrap();
}

async fn a_copy_is_replaced_by_an_earlier_state_where_it_is_named(
    repository: &dyn EventRepository,
) {
    let of = |version, note| {
        let view = view("event-anew", date(2103, 6, 1)).note(text(note));
        view.charter_version(Version::Number(version)).build()
    };
    let stored = || async { repository.find(of(1, "").id()).await.unwrap().unwrap() };
    repository.put(&of(7, "before")).await.unwrap();
    let refused = repository.replace(&of(6, "before"), &of(1, "anew")).await;
    assert!(matches!(&refused, Err(Error::VersionConflict { .. })), "{refused:?}");
    assert_eq!(stored().await.note().as_str(), "before", "another stands there");
    for _ in 0..2 {
        repository.replace(&of(7, "before"), &of(1, "anew")).await.unwrap();
        assert_eq!(stored().await.note().as_str(), "anew");
    }
    repository.put(&of(2, "second")).await.unwrap();
    repository.remove(&of(2, "")).await.unwrap();
}

async fn a_month_comes_by_date_then_id(repository: &dyn EventRepository) {
    let days = [("b", 2), ("a", 2), ("c", 1), ("d", 31)];
    let views = days.map(|(id, day)| view(&format!("event-{id}"), date(2104, 5, day)).build());
    let neighbours = [("x", date(2104, 4, 30)), ("y", date(2104, 6, 1))];
    let neighbours = neighbours.map(|(id, day)| view(&format!("event-{id}"), day).build());
    let all: Vec<CrewView> = views.into_iter().chain(neighbours).collect();
    for view in &all {
        repository.put(view).await.unwrap();
    }
    let found = month(repository, date(2104, 5, 1)).await;
    assert_eq!(found, ["event-c", "event-a", "event-b", "event-d"]);
    for view in &all {
        repository.remove(view).await.unwrap();
    }
}

async fn a_member_finds_what_they_sail_on(repository: &dyn EventRepository) {
    let ada = berth("ada", "captain");
    let sails = |id: &str, day, crew: &Assignment| {
        view(id, day).assignments([berth("bo", "mate"), crew.clone()]).build()
    };
    let overnight = |id: &str, day| {
        let hours: crate::charter::hours::Hours = "20:00-01:30".parse().unwrap();
        view(id, day).hours(hours).assignments([ada.clone()]).build()
    };
    let all = [
        sails("event-4", date(2105, 8, 1), &ada),
        sails("event-3", date(2105, 6, 10), &ada),
        sails("event-2", date(2105, 6, 10), &berth("cy", "crew")),
        sails("event-1", date(2105, 6, 9), &ada),
        sails("event-5", date(2106, 6, 10), &ada),
        sails("event-6", date(2106, 6, 11), &ada),
        overnight("event-7", date(2105, 5, 31)),
        overnight("event-8", date(2105, 5, 30)),
    ];
    for view in &all {
        repository.put(view).await.unwrap();
    }
    let upcoming = |id: &str| {
        let found = repository.upcoming(&CrewId::new(id).unwrap(), date(2105, 6, 10));
        async { ids(&found.try_collect::<Vec<_>>().await.unwrap()) }
    };
    assert_eq!(upcoming("ada").await, ["event-3", "event-4", "event-5"]);
    let found = repository.upcoming(ada.crew(), date(2105, 6, 1));
    let found = ids(&found.try_collect::<Vec<_>>().await.unwrap());
    assert_eq!(found[..2], ["event-7", "event-1"], "it is back on the first of June");
    assert_eq!(upcoming("cy").await, ["event-2"]);
    assert_eq!(upcoming("nobody").await, [""; 0]);
    for view in &all {
        repository.remove(view).await.unwrap();
    }
}

/// All but the version, of which a backend keeps the number alone.
fn same(view: &CrewView) -> String {
    let shown = format!("{view:?}");
    shown.split(", charter_version").next().unwrap_or_default().to_owned()
}

async fn month(repository: &dyn EventRepository, day: Date) -> Vec<String> {
    let month = crate::month::Month::of(day).unwrap();
    let views: Vec<CrewView> = repository.month(month).try_collect().await.unwrap();
    ids(&views)
}

fn ids(views: &[CrewView]) -> Vec<String> {
    views.iter().map(|view| view.id().to_string()).collect()
}

fn view(id: &str, day: Date) -> CrewViewBuilder {
    CrewView::builder(CharterId::new(id).unwrap(), day)
}

fn berth(crew: &str, berth: &str) -> Assignment {
    Assignment::new(CrewId::new(crew).unwrap(), berth.parse().unwrap())
}

fn text(text: &str) -> ScrubbedText {
    ScrubRules::default().scrub(text).value
}
