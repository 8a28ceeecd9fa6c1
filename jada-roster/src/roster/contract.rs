//! The suite that every roster passes; run it on your own.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failed expectation is the verdict")]

use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::future::join_all;
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::civil::date;

use crate::crew::CrewMember;
use crate::crew::availability::{Availability, DayState};
use crate::crew::contact::{EmailAddress, PersonName, PhoneNumber};
use crate::crew::id::CrewId;
use crate::crew::role::{CascadeLevel, Role};
use crate::error::{Error, UniqueField};
use crate::random;
use crate::roster::RosterRepository;
use crate::version::Version;

/// Checks a repository against the contract of [`RosterRepository`].
///
/// It may hold members of other tools and other runs. The suite adds members of its own, with
/// addresses of `example.com` and numbers from +1 555 010 0000 to +1 555 010 9999, and removes them
/// at its end.
///
/// # Panics
/// Panics with what was expected where the repository does otherwise.
pub async fn roster_repository_contract(repository: &dyn RosterRepository) {
    let run = Run::new(repository);
    who_is_added_is_found(&run).await;
    adding_twice_is_adding_once(&run).await;
    a_field_that_another_has_is_refused_by_name(&run).await;
    of_many_who_are_one_person_one_stays(&run).await;
    an_update_from_an_old_state_is_refused(&run).await;
    an_update_cannot_take_what_another_has(&run).await;
    what_is_given_up_is_free_for_others(&run).await;
    what_a_removed_member_had_is_free_for_others(&run).await;
    roles_are_told_apart(&run).await;
    run.clean_up().await;
}

async fn who_is_added_is_found(run: &Run<'_>) {
    let days = [(date(2026, 5, 3), DayState::Yes), (date(2026, 5, 4), DayState::Afternoon)];
    let role: Role = "Deck Hand".parse().unwrap();
    let member = run.member().await.with_name(PersonName::new("Zoë O'Brien ⛵").unwrap());
    let member = member
        .with_role(role.clone())
        .with_cascade_level(CascadeLevel::new(2).unwrap())
        .with_availability(Availability::from_iter(days))
        .with_synced_availability(Availability::from_iter(days[..1].iter().copied()));
    let added = run.repository.add(&member).await.unwrap();
    assert!(added.says_the_same(&member), "{added:?}");
    assert_eq!(added.version(), Version::Number(1));
    run.assert_stored(&added).await;
    let listed: Vec<_> = run.ours().await;
    assert_eq!(listed, std::slice::from_ref(&added), "a list shows each member once");
    let in_role = run.repository.in_role(&role);
    let in_role: Vec<_> = in_role.filter_map(async |row| row.ok()).collect().await;
    assert!(in_role.contains(&added), "{in_role:?}");

    let nobody = run.member().await;
    assert_eq!(run.repository.find(nobody.id()).await.unwrap(), None);
    run.assert_unreachable(&nobody).await;
}

async fn adding_twice_is_adding_once(run: &Run<'_>) {
    let member = run.member().await;
    let added = run.repository.add(&member).await.unwrap();
    let again = run.repository.add(&member).await.expect("the first answer may have been lost");
    assert_eq!(again, added);
    run.assert_stored(&added).await;
    let refused = run.repository.add(&added).await;
    assert!(matches!(refused, Err(Error::Invalid { .. })), "a stored member: {refused:?}");
    let changed = run.repository.update(&added.with_role(Role::Captain)).await.unwrap();
    let late = run.repository.add(&member).await;
    let is_named = matches!(&late, Err(Error::Duplicate { field: UniqueField::Id, owner }) if owner == member.id());
    assert!(is_named, "the row has moved on: {late:?}");
    run.assert_stored(&changed).await;
}

async fn a_field_that_another_has_is_refused_by_name(run: &Run<'_>) {
    let ann = run.repository.add(&run.member().await).await.unwrap();
    let (email, phone) = (ann.email().unwrap(), ann.phone().unwrap());
    let shouted: EmailAddress = email.as_str().to_uppercase().parse().unwrap();
    let other = run.member().await;
    let cases = [
        (other.clone().with_email(shouted), UniqueField::Email),
        (other.clone().with_phone(phone.clone()), UniqueField::Phone),
        (other.clone().with_email(email.clone()).with_phone(phone.clone()), UniqueField::Email),
        (renamed(&other, ann.id()), UniqueField::Id),
        (renamed(&ann, ann.id()).with_role(Role::Captain), UniqueField::Id),
    ];
    for (member, expected) in cases {
        match run.repository.add(&member).await {
            Err(Error::Duplicate { field, owner }) => {
                assert_eq!((field, &owner), (expected, ann.id()));
            }
            other => panic!("{expected} is {}'s: {other:?}", ann.id()),
        }
    }
    assert_eq!(run.repository.find(other.id()).await.unwrap(), None, "nothing was written");
    run.assert_unreachable(&other).await;
    run.assert_stored(&ann).await;
    run.repository.add(&other).await.expect("no claim is left of an add that was refused");
}

async fn of_many_who_are_one_person_one_stays(run: &Run<'_>) {
    let person = run.member().await;
    let many: Vec<_> = (0..MANY).map(|_| renamed(&person, &run.id())).collect();
    let added = join_all(many.iter().map(|member| run.repository.add(member))).await;
    let (stay, refused): (Vec<_>, Vec<_>) = added.into_iter().partition(Result::is_ok);
    assert_eq!((stay.len(), refused.len()), (1, MANY - 1));
    let stays = stay.into_iter().next().unwrap().unwrap();
    for refusal in refused {
        let is_named =
            matches!(&refusal, Err(Error::Duplicate { owner, .. }) if owner == stays.id());
        assert!(is_named, "{} was first: {refusal:?}", stays.id());
    }
    run.assert_stored(&stays).await;
    let finds = many.iter().filter(|member| member.id() != stays.id());
    for gone in join_all(finds.map(|member| run.repository.find(member.id()))).await {
        assert_eq!(gone.unwrap(), None, "who was refused is not there");
    }
    run.repository.remove(&stays).await.unwrap();
    run.repository.add(&person).await.expect("no claim is left by those who were refused");
}

async fn an_update_from_an_old_state_is_refused(run: &Run<'_>) {
    let first = run.repository.add(&run.member().await).await.unwrap();
    let captain = first.clone().with_role(Role::Captain);
    let second = run.repository.update(&captain).await.unwrap();
    assert_eq!(second, captain.clone().with_version(Version::Number(2)));
    let again = run.repository.update(&captain).await.expect("the answer may have been lost");
    assert_eq!(again, second, "the same update twice is one");
    let stale = run.repository.update(&first.clone().with_role(Role::Mate)).await;
    let is_conflict =
        matches!(&stale, Err(Error::VersionConflict { id, .. }) if id == first.id().as_str());
    assert!(is_conflict, "{stale:?}");
    let elsewhere = first.clone().with_email(run.email());
    let stale = run.repository.update(&elsewhere).await;
    assert!(matches!(&stale, Err(Error::VersionConflict { .. })), "{stale:?}");
    run.assert_stored(&second).await;
    run.assert_nobody_has(elsewhere.email().unwrap()).await;

    let racing = join_all(
        [Role::Mate, Role::Skipper]
            .map(|role| second.clone().with_role(role))
            .map(async |member| run.repository.update(&member).await),
    );
    let won = racing.await.iter().filter(|update| update.is_ok()).count();
    assert_eq!(won, 1, "of two updates from one state one wins");

    let never = run.member().await;
    let refused = run.repository.update(&never).await;
    assert!(matches!(refused, Err(Error::Invalid { .. })), "never stored: {refused:?}");
    let absent = never.with_version(Version::Number(1));
    for absent in [absent.clone(), absent.with_email(run.email())] {
        let refused = run.repository.update(&absent).await;
        let is_named =
            matches!(&refused, Err(Error::NotFound { id, .. }) if id == absent.id().as_str());
        assert!(is_named, "{refused:?}");
        run.assert_nobody_has(absent.email().unwrap()).await;
    }
}

async fn an_update_cannot_take_what_another_has(run: &Run<'_>) {
    let ann = run.repository.add(&run.member().await).await.unwrap();
    let bob = run.repository.add(&run.member().await).await.unwrap();
    let cases = [
        (bob.clone().with_email(ann.email().unwrap().clone()), UniqueField::Email),
        (bob.clone().with_phone(ann.phone().unwrap().clone()), UniqueField::Phone),
        (
            bob.clone().with_email(run.email()).with_phone(ann.phone().unwrap().clone()),
            UniqueField::Phone,
        ),
    ];
    for (member, expected) in cases {
        match run.repository.update(&member).await {
            Err(Error::Duplicate { field, owner }) => {
                assert_eq!((field, &owner), (expected, ann.id()));
            }
            other => panic!("{expected} is {}'s: {other:?}", ann.id()),
        }
        run.assert_stored(&ann).await;
        run.assert_stored(&bob).await;
    }
}

async fn what_is_given_up_is_free_for_others(run: &Run<'_>) {
    let ann = run.repository.add(&run.member().await).await.unwrap();
    let bob = run.repository.add(&run.member().await).await.unwrap();
    let (email, phone) = (ann.email().unwrap().clone(), ann.phone().unwrap().clone());
    let moved = ann.clone().with_email(run.email()).with_phone(run.phone().await);
    let moved = run.repository.update(&moved).await.unwrap();
    assert_eq!(moved.version(), Version::Number(2));
    run.assert_unreachable(&ann).await;
    run.assert_stored(&moved).await;
    let again = ann.with_email(moved.email().unwrap().clone());
    let again = again.with_phone(moved.phone().unwrap().clone());
    let again = run.repository.update(&again).await.expect("the answer may have been lost");
    assert_eq!(again, moved);
    let swapped = run.repository.update(&bob.with_email(email).with_phone(phone)).await.unwrap();
    run.assert_stored(&swapped).await;
    run.assert_stored(&moved).await;
}

async fn what_a_removed_member_had_is_free_for_others(run: &Run<'_>) {
    let first = run.repository.add(&run.member().await).await.unwrap();
    let second =
        run.repository.update(&first.clone().with_cascade_level(CascadeLevel::FIRST)).await;
    let second = second.unwrap();
    let stale = run.repository.remove(&first).await;
    let is_conflict =
        matches!(&stale, Err(Error::VersionConflict { id, .. }) if id == first.id().as_str());
    assert!(is_conflict, "{stale:?}");
    run.assert_stored(&second).await;
    let unsaved = second.clone().with_email(run.email()).with_phone(run.phone().await);
    run.repository.remove(&unsaved).await.expect("the version counts, not what else is in hand");
    assert_eq!(run.repository.find(second.id()).await.unwrap(), None);
    run.assert_unreachable(&second).await;
    run.repository.remove(&second).await.expect("who is gone is gone");

    let heir = run.repository.add(&renamed(&second, &run.id())).await.expect("nothing is claimed");
    run.repository.remove(&second).await.unwrap();
    run.assert_stored(&heir).await;
    let never = run.repository.remove(&run.member().await).await;
    assert!(matches!(never, Err(Error::Invalid { .. })), "never stored: {never:?}");
}

async fn roles_are_told_apart(run: &Run<'_>) {
    let cook: Role = format!("cook {}", run.name).parse().unwrap();
    for role in [Role::Captain, Role::Mate, cook.clone(), cook.clone()] {
        run.repository.add(&run.member().await.with_role(role)).await.unwrap();
    }
    let cooks: Vec<_> = run.repository.in_role(&cook).try_collect().await.unwrap();
    assert_eq!(cooks.len(), 2);
    assert!(cooks.iter().all(|member| member.role() == &cook), "{cooks:?}");
    let mut listed: Vec<_> = run.ours().await.iter().map(|member| member.id().clone()).collect();
    let shown = listed.len();
    listed.sort();
    listed.dedup();
    assert_eq!(listed.len(), shown, "a list shows each member once");
}

/// One run of the suite, whose members nobody else has.
struct Run<'a> {
    repository: &'a dyn RosterRepository,
    name: String,
    ids: AtomicU32,
    numbers: AtomicU32,
}

impl<'a> Run<'a> {
    fn new(repository: &'a dyn RosterRepository) -> Self {
        let name = random::letters(10).unwrap().to_lowercase();
        let somewhere =
            name.bytes().fold(0, |sum: u32, letter| sum * 31 % 9973 + u32::from(letter));
        Self { repository, name, ids: AtomicU32::new(0), numbers: AtomicU32::new(somewhere) }
    }

    async fn member(&self) -> CrewMember {
        let (id, email, phone) = (self.id(), self.email(), self.phone().await);
        CrewMember::new(id, PersonName::new("Ann Rivers").unwrap(), phone, email, Role::Mate)
    }

    fn id(&self) -> CrewId {
        let number = self.ids.fetch_add(1, Ordering::Relaxed);
        CrewId::new(&format!("contract-{}-{number}", self.name)).unwrap()
    }

    fn email(&self) -> EmailAddress {
        let number = self.ids.fetch_add(1, Ordering::Relaxed);
        format!("contract-{}-{number}@example.com", self.name).parse().unwrap()
    }

    /// A number that nobody has: there are 10,000 for fictional people.
    async fn phone(&self) -> PhoneNumber {
        loop {
            let number = self.numbers.fetch_add(1, Ordering::Relaxed) % 10_000;
            let phone = format!("+1555010{number:04}").parse().unwrap();
            if self.repository.find_by_phone(&phone).await.unwrap().is_none() {
                return phone;
            }
        }
    }

    async fn ours(&self) -> Vec<CrewMember> {
        let prefix = format!("contract-{}-", self.name);
        let rows = self.repository.list().filter_map(async |row| row.ok());
        rows.filter(|row| futures_util::future::ready(row.id().as_str().starts_with(&prefix)))
            .collect()
            .await
    }

    async fn assert_stored(&self, member: &CrewMember) {
        let (email, phone) = (member.email().unwrap(), member.phone().unwrap());
        let expected = Some(member.clone());
        assert_eq!(self.repository.find(member.id()).await.unwrap(), expected);
        assert_eq!(self.repository.find_by_email(email).await.unwrap(), expected);
        assert_eq!(self.repository.find_by_phone(phone).await.unwrap(), expected);
    }

    async fn assert_unreachable(&self, member: &CrewMember) {
        self.assert_nobody_has(member.email().unwrap()).await;
        let found = self.repository.find_by_phone(member.phone().unwrap()).await.unwrap();
        assert_eq!(found, None);
    }

    async fn assert_nobody_has(&self, email: &EmailAddress) {
        assert_eq!(self.repository.find_by_email(email).await.unwrap(), None);
    }

    async fn clean_up(&self) {
        let ours = self.ours().await;
        stream::iter(&ours)
            .for_each_concurrent(8, async |member| self.repository.remove(member).await.unwrap())
            .await;
        assert_eq!(self.ours().await, [], "who was removed is listed no more");
    }
}

/// A member who was never stored, and is the same person by another id.
fn renamed(member: &CrewMember, id: &CrewId) -> CrewMember {
    let (phone, email) = (member.phone().unwrap().clone(), member.email().unwrap().clone());
    CrewMember::new(id.clone(), member.name().clone(), phone, email, member.role().clone())
}

const MANY: usize = 50;
