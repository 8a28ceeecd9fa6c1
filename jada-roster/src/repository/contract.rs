//! The suite that every charter repository passes; run it on your own.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failed expectation is the verdict")]

mod changes;

use futures_util::TryStreamExt;
use jiff::civil::date;

use crate::charter::{Charter, CharterBuilder, CharterId};
use crate::error::Error;
use crate::filter::{Attribute, Condition, Filter};
use crate::import::{OnConflict, import};
use crate::money::{Currency, Money};
use crate::month::Month;
use crate::repository::CharterRepository;
use crate::status::{Kind, Status};
use crate::version::Version;

/// Checks a repository against the contract of [`CharterRepository`].
///
/// It must hold no charter of the years 2101 to 2109; those that the suite writes stay.
///
/// # Panics
/// Panics with what was expected where the repository does otherwise.
pub async fn charter_repository_contract(repository: &dyn CharterRepository) {
    what_is_saved_is_found(repository).await;
    a_month_comes_by_date_then_id(repository).await;
    days_come_as_a_month_does(repository).await;
    a_write_from_an_old_state_is_refused_whole(repository).await;
    a_filter_admits_what_it_says(repository).await;
    importing_twice_changes_nothing(repository).await;
    a_conflict_writes_nothing(repository).await;
    changes::all(repository).await;
    assert_eq!(repository.unindexed().await.unwrap(), [], "every row written is in the index");
    assert_eq!(repository.reindex().await.unwrap().mended, 0);
}

async fn what_is_saved_is_found(repository: &dyn CharterRepository) {
    let extra = [("boat".to_owned(), "Zoë ⛵".to_owned()), ("crew".into(), "".into())];
    let full = charter("found-full", 2101, 1)
        .guest("  O'Brien, \"Jo\" =SUM(A1) 🎉 ")
        .total(Money::from_minor(-123_456_789, Currency::USD))
        .status(Status::Completed)
        .kind("regatta".parse().unwrap())
        .brand("Blue & Gold")
        .notes("two\nlines")
        .extra(extra)
        .build()
        .unwrap();
    let bare = charter("found-bare", 2101, 2).build().unwrap();
    repository.save(&[full.clone(), bare.clone()]).await.unwrap();
    let ids = [id("found-bare"), id("found-full"), id("found-none"), id("found-full")];
    let found = repository.find(&ids).await.unwrap();
    assert_eq!(found.len(), 2);
    for written in [full, bare] {
        let stored = found.iter().find(|found| found.id() == written.id()).expect("it is stored");
        assert!(stored.says_the_same(&written), "{:?}", stored.differences(&written));
        assert_eq!(stored.version(), Version::Number(1));
    }
}

/// More than 1 MB of rows, so that the month comes in pages.
async fn a_month_comes_by_date_then_id(repository: &dyn CharterRepository) {
    let notes = "n".repeat(6_000);
    let row = |number: i8| {
        let name = format!("paged-{:03}", (i16::from(number) + 200) * 7 % 251);
        let builder =
            Charter::builder(id(&name), date(2102, 5, 1 + number.rem_euclid(31)), Currency::USD);
        builder.notes(notes.clone()).build().unwrap()
    };
    let rows: Vec<Charter> = (-100..=100).map(row).collect();
    let neighbours = [date(2102, 4, 30), date(2102, 6, 1)].into_iter().enumerate();
    let others: Vec<Charter> = neighbours
        .map(|(n, day)| {
            Charter::builder(id(&format!("edge-{n}")), day, Currency::USD).build().unwrap()
        })
        .collect();
    repository.save(&rows).await.unwrap();
    repository.save(&others).await.unwrap();
    let found = month(repository, "2102-05", &Filter::everything()).await;
    let order = |charter: &Charter| (charter.date(), charter.id().clone());
    let mut expected: Vec<_> = rows.iter().map(order).collect();
    expected.sort();
    assert_eq!(found.iter().map(order).collect::<Vec<_>>(), expected);
    assert_eq!(month(repository, "2102-06", &Filter::everything()).await.len(), 1);
}

/// Over the ends of months too, and in pages.
async fn days_come_as_a_month_does(repository: &dyn CharterRepository) {
    let mut all = Vec::new();
    for of in ["2102-04", "2102-05", "2102-06"] {
        all.extend(month(repository, of, &Filter::everything()).await);
    }
    assert_eq!(all.len(), 203);
    let (before, first, last, after) =
        (date(2102, 4, 30), date(2102, 5, 1), date(2102, 5, 31), date(2102, 6, 1));
    for days in [before..=after, before..=first, first..=first, last..=after, after..=before] {
        let found: Vec<Charter> = repository.days(days.clone()).try_collect().await.unwrap();
        let of_days = all.iter().filter(|charter| days.contains(&charter.date()));
        assert!(found.iter().map(Charter::id).eq(of_days.map(Charter::id)), "{days:?}");
    }
}

async fn a_write_from_an_old_state_is_refused_whole(repository: &dyn CharterRepository) {
    let first = charter("version-a", 2103, 1).guest("first").build().unwrap();
    repository.save(std::slice::from_ref(&first)).await.unwrap();
    repository.save(std::slice::from_ref(&first)).await.expect("an answer that was lost");
    let stored = repository.find(&[id("version-a")]).await.unwrap().remove(0);
    assert_eq!(stored.version(), Version::Number(1), "the same write twice is one");

    let second = charter("version-a", 2103, 1).guest("second").version(stored.version());
    let second = second.build().unwrap();
    repository.save(std::slice::from_ref(&second)).await.unwrap();
    let stale = charter("version-a", 2103, 1).guest("stale").version(stored.version());
    let beside = charter("version-b", 2103, 1).build().unwrap();
    let refused = repository.save(&[beside, stale.build().unwrap()]).await;
    assert!(
        matches!(&refused, Err(Error::VersionConflict { id, .. }) if id == "version-a"),
        "{refused:?}"
    );
    let found = repository.find(&[id("version-a"), id("version-b")]).await.unwrap();
    assert_eq!(found.len(), 1, "a group is written wholly or not at all");
    assert_eq!((found[0].guest(), found[0].version()), ("second", Version::Number(2)));
}

async fn a_filter_admits_what_it_says(repository: &dyn CharterRepository) {
    let amount = |minor| Money::from_minor(minor, Currency::USD);
    let rows: Vec<Charter> = [
        charter("filter-1", 2104, 1).guest("Ann").total(amount(100)).status(Status::Confirmed),
        charter("filter-2", 2104, 2).guest("Bob").total(amount(0)).status(Status::Confirmed),
        charter("filter-3", 2104, 3).guest("Cy").status(Status::Confirmed),
        charter("filter-4", 2104, 4).total(amount(-5)).status(Status::Completed),
        charter("filter-5", 2104, 5).guest(" ").total(amount(5)).kind(Kind::Training),
    ]
    .map(|builder| builder.build().unwrap())
    .into();
    repository.save(&rows).await.unwrap();
    let status = Condition::NotText { attribute: Attribute::Status, text: "completed".into() };
    let kind = Condition::NotText { attribute: Attribute::Kind, text: "training".into() };
    let guest = Condition::NotEmpty(Attribute::Guest);
    let single = [status.clone(), kind.clone(), guest.clone(), Condition::TotalNotZero];
    let all = single.iter().cloned().fold(Filter::everything(), Filter::and);
    let filters = single.into_iter().map(|condition| Filter::everything().and(condition));
    for filter in filters.chain([all, Filter::everything()]) {
        let names = |charters: &[Charter]| -> Vec<String> {
            charters.iter().map(|charter| charter.id().to_string()).collect()
        };
        let expected: Vec<Charter> =
            rows.iter().filter(|row| filter.admits(row)).cloned().collect();
        let found = month(repository, "2104-05", &filter).await;
        assert_eq!(names(&found), names(&expected), "{filter:?}");
    }
}

async fn importing_twice_changes_nothing(repository: &dyn CharterRepository) {
    let rows: Vec<Charter> = (0..250)
        .map(|n| {
            charter(&format!("import-{n:03}"), 2105, 1).guest(format!("guest {n}")).build().unwrap()
        })
        .collect();
    let first = import(repository, rows[..200].to_vec(), OnConflict::Refuse).await.unwrap();
    assert_eq!((first.added, first.updated, first.unchanged), (200, 0, 0));
    let again = import(repository, rows, OnConflict::Refuse).await.unwrap();
    assert_eq!((again.added, again.updated, again.unchanged), (50, 0, 200));
    let stored = month(repository, "2105-05", &Filter::everything()).await;
    assert_eq!(stored.len(), 250);
    assert!(stored.iter().all(|charter| charter.version() == Version::Number(1)));
}

async fn a_conflict_writes_nothing(repository: &dyn CharterRepository) {
    let before = charter("conflict-1", 2106, 1).guest("Ann").build().unwrap();
    import(repository, vec![before], OnConflict::Refuse).await.unwrap();
    let changed = charter("conflict-1", 2106, 2).guest("Ann").build().unwrap();
    let new = charter("conflict-2", 2106, 3).build().unwrap();
    let rows = vec![new, changed];
    let refused = import(repository, rows.clone(), OnConflict::Refuse).await;
    assert!(
        matches!(&refused, Err(Error::Conflicts { conflicts }) if conflicts.len() == 1
            && conflicts[0].differences[0].field == "date"),
        "{refused:?}"
    );
    assert_eq!(month(repository, "2106-05", &Filter::everything()).await.len(), 1);
    let taken = import(repository, rows, OnConflict::TakeNew).await.unwrap();
    assert_eq!((taken.added, taken.updated, taken.unchanged), (1, 1, 0));
    let days: Vec<i8> = month(repository, "2106-05", &Filter::everything())
        .await
        .iter()
        .map(|charter| charter.date().day())
        .collect();
    assert_eq!(days, [2, 3], "the index follows the date");
}

async fn month(repository: &dyn CharterRepository, month: &str, filter: &Filter) -> Vec<Charter> {
    let month: Month = month.parse().unwrap();
    repository.month(month, filter).try_collect().await.unwrap()
}

fn charter(name: &str, year: i16, day: i8) -> CharterBuilder {
    Charter::builder(id(name), date(year, 5, day), Currency::USD)
}

fn id(text: &str) -> CharterId {
    CharterId::new(text).unwrap()
}
