//! What every repository does when a booking's status is changed, and when crew are assigned.

use futures_util::future::join;

use super::{charter, id, month};
use crate::charter::Charter;
use crate::charter::assignment::Assignment;
use crate::crew::id::CrewId;
use crate::error::Error;
use crate::filter::Filter;
use crate::repository::CharterRepository;
use crate::status::Status;
use crate::version::Version;

pub(super) async fn all(repository: &dyn CharterRepository) {
    a_status_takes_the_steps_that_there_are(repository).await;
    who_sails_is_replaced_whole(repository).await;
    saving_leaves_who_sails_alone(repository).await;
    a_change_from_an_old_state_is_refused(repository).await;
    of_two_changes_at_once_one_is_done(repository).await;
    what_was_never_stored_is_not_changed(repository).await;
}

async fn a_status_takes_the_steps_that_there_are(repository: &dyn CharterRepository) {
    use Status::{Cancelled, Completed, Confirmed, Pending};
    let steps = [
        (Pending, Confirmed),
        (Pending, Cancelled),
        (Confirmed, Pending),
        (Confirmed, Completed),
        (Confirmed, Cancelled),
        (Cancelled, Pending),
        (Cancelled, Confirmed),
        (Completed, Confirmed),
    ];
    let all = [Pending, Confirmed, Completed, Cancelled];
    for (from, to) in all.into_iter().flat_map(|from| all.map(|to| (from, to))) {
        let builder =
            charter(&format!("step-{from}-{to}"), 2107, 1).guest("Ann").notes("two\nlines");
        let read = stored(repository, builder.status(from).build().unwrap()).await;
        let changed = repository.change_status(&read, to).await;
        if steps.contains(&(from, to)) {
            let changed = changed.unwrap();
            let expected = read.clone().with_status(to).with_version(Version::Number(2));
            assert!(changed.is_same_state(&expected), "{changed:?}");
            assert_stored(repository, &changed).await;
            let again = repository.change_status(&read, to).await;
            assert!(again.expect("an answer that was lost").is_same_state(&changed));
            assert_stored(repository, &changed).await;
        } else {
            assert!(
                matches!(&changed, Err(Error::Transition { charter, from: was, to: not })
                    if charter == read.id().as_str() && (*was, *not) == (from, to)),
                "{changed:?}"
            );
            assert_stored(repository, &read).await;
        }
    }
}

async fn who_sails_is_replaced_whole(repository: &dyn CharterRepository) {
    let read = stored(repository, charter("crew-1", 2108, 1).guest("Ann").build().unwrap()).await;
    assert_eq!(read.assignments().unwrap(), []);
    let nobody_yet = repository.assign(&read, &[]).await.unwrap();
    assert_eq!(
        (nobody_yet.assignments().unwrap(), nobody_yet.version()),
        (&[][..], Version::Number(2))
    );

    let crew = [berth("zoë ⛵", "captain"), berth("ada", "mate"), berth("bo", "deck hand")];
    let assigned = repository.assign(&nobody_yet, &crew).await.unwrap();
    assert_eq!(
        (assigned.assignments().unwrap(), assigned.version()),
        (&crew[..], Version::Number(3))
    );
    assert!(assigned.says_the_same(&read));
    assert_stored(repository, &assigned).await;
    let again = repository.assign(&nobody_yet, &crew).await.expect("an answer that was lost");
    assert!(again.is_same_state(&assigned));

    let twice = [berth("ada", "captain"), berth("bo", "mate"), berth("ada", "crew")];
    let many: Vec<_> = (0..101).map(|n| berth(&format!("crew-{n}"), "crew")).collect();
    for (wrong, found) in [(&twice[..], "ada"), (&many[..], "101")] {
        let refused = repository.assign(&assigned, wrong).await;
        let names = matches!(&refused, Err(Error::Invalid { found: named, .. }) if named == found);
        assert!(names, "{refused:?}");
    }
    let confirmed = repository.change_status(&assigned, Status::Confirmed).await.unwrap();
    assert_eq!(confirmed.assignments().unwrap(), crew, "a change of status leaves who sails alone");

    let swapped = [berth("bo", "captain"), berth("ada", "captain")];
    let swapped_state = repository.assign(&confirmed, &swapped).await.unwrap();
    assert_eq!(swapped_state.assignments().unwrap(), swapped, "two may have one berth");
    let nobody = repository.assign(&swapped_state, &[]).await.unwrap();
    assert_eq!((nobody.assignments().unwrap(), nobody.status()), (&[][..], Status::Confirmed));
    assert_stored(repository, &nobody).await;
}

async fn saving_leaves_who_sails_alone(repository: &dyn CharterRepository) {
    let with_crew = charter("saved-1", 2108, 2).assignments([berth("bo", "crew")]);
    let read = stored(repository, with_crew.build().unwrap()).await;
    assert_eq!(read.assignments().unwrap(), [], "saving assigns nobody");
    let crew = [berth("ada", "captain")];
    let assigned = repository.assign(&read, &crew).await.unwrap();
    let edited = charter("saved-1", 2108, 3).guest("Bo").status(Status::Completed);
    let edited = edited.version(assigned.version()).build().unwrap();
    repository.save(std::slice::from_ref(&edited)).await.expect("an import knows the status");
    let saved = find(repository, &edited).await;
    assert_eq!((saved.assignments().unwrap(), saved.version()), (&crew[..], Version::Number(3)));
    assert!(saved.says_the_same(&edited));
}

async fn a_change_from_an_old_state_is_refused(repository: &dyn CharterRepository) {
    let builder = charter("old-state", 2109, 1).status(Status::Confirmed);
    let read = stored(repository, builder.build().unwrap()).await;
    let crew = [berth("ada", "captain")];
    let assigned = repository.assign(&read, &crew).await.unwrap();
    let status_not_read = assigned.clone().with_status(Status::Pending);
    let crew_not_read = assigned.clone().with_crew(Ok(Vec::new()));
    let other = [berth("bo", "captain")];
    for refused in [
        repository.change_status(&read, Status::Completed).await,
        repository.change_status(&status_not_read, Status::Cancelled).await,
        repository.assign(&read, &other).await,
        repository.assign(&crew_not_read, &other).await,
    ] {
        assert!(
            matches!(&refused, Err(Error::VersionConflict { id, .. }) if id == "old-state"),
            "{refused:?}"
        );
    }
    assert_stored(repository, &assigned).await;
}

async fn of_two_changes_at_once_one_is_done(repository: &dyn CharterRepository) {
    let builder = charter("at-once", 2109, 2).status(Status::Confirmed);
    let read = stored(repository, builder.build().unwrap()).await;
    let outcomes = join(
        repository.change_status(&read, Status::Completed),
        repository.change_status(&read, Status::Cancelled),
    );
    let (done, refused) = match outcomes.await {
        (Ok(done), Err(refused)) | (Err(refused), Ok(done)) => (done, refused),
        both => panic!("one is done, and one refused: {both:?}"),
    };
    assert!(matches!(refused, Error::VersionConflict { .. }), "{refused:?}");
    assert_stored(repository, &done).await;
}

async fn what_was_never_stored_is_not_changed(repository: &dyn CharterRepository) {
    let new = charter("never-stored", 2109, 3).build().unwrap();
    let gone = new.clone().with_version(Version::Number(1));
    for missing in [
        repository.change_status(&gone, Status::Confirmed).await,
        repository.assign(&gone, &[berth("ada", "captain")]).await,
    ] {
        let not_found = matches!(&missing, Err(Error::NotFound { id, .. }) if id == "never-stored");
        assert!(not_found, "{missing:?}");
    }
    for unread in [
        repository.change_status(&new, Status::Confirmed).await,
        repository.assign(&new, &[]).await,
    ] {
        assert!(matches!(&unread, Err(Error::Invalid { .. })), "{unread:?}");
    }
    assert!(repository.find(&[id("never-stored")]).await.unwrap().is_empty());
}

/// The charter as a repository has it once it is saved.
async fn stored(repository: &dyn CharterRepository, charter: Charter) -> Charter {
    repository.save(std::slice::from_ref(&charter)).await.unwrap();
    find(repository, &charter).await
}

/// By its id, and by the index of its month, the charter is in this state.
async fn assert_stored(repository: &dyn CharterRepository, expected: &Charter) {
    let found = find(repository, expected).await;
    assert!(found.is_same_state(expected), "{found:?} {expected:?}");
    let name = format!("{}-05", expected.date().year());
    let in_month = month(repository, &name, &Filter::everything()).await;
    let shown = in_month.iter().find(|charter| charter.id() == expected.id());
    assert!(shown.is_some_and(|shown| shown.is_same_state(expected)), "{shown:?} {expected:?}");
}

async fn find(repository: &dyn CharterRepository, charter: &Charter) -> Charter {
    let mut found = repository.find(std::slice::from_ref(charter.id())).await.unwrap();
    found.pop().expect("it is stored")
}

fn berth(crew: &str, berth: &str) -> Assignment {
    Assignment::new(CrewId::new(crew).unwrap(), berth.parse().unwrap())
}
