//! Whatever happens in whatever order: both backends answer alike, and the tables stay whole.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use futures_util::future::join_all;
use jada_roster::{
    CrewId, CrewMember, DynamoRoster, EmbeddedEngine, Error, MemoryRoster, Role, RosterRepository,
    UniqueField,
};
use proptest::prelude::{ProptestConfig, Strategy, any, prop_oneof, proptest};
use proptest::test_runner::TestCaseError;

use super::tables::{assert_whole, claims, email, id, person, phone, renamed, roster};
use crate::sweep;

/// One call, on few members, addresses and numbers, so that they meet.
#[derive(Clone, Copy, Debug)]
enum Call {
    Add {
        id: usize,
        email: usize,
        phone: usize,
    },
    /// By the state that is stored, or by one that was read before.
    Update {
        id: usize,
        email: Option<usize>,
        phone: Option<usize>,
        is_stale: bool,
    },
    Remove {
        id: usize,
        is_stale: bool,
    },
}

const FEW: usize = 4;

fn calls() -> impl Strategy<Value = Call> {
    let few = || 0..FEW;
    let perhaps = || proptest::option::of(0..FEW);
    prop_oneof![
        (few(), few(), few()).prop_map(|(id, email, phone)| Call::Add { id, email, phone }),
        (few(), perhaps(), perhaps(), any::<bool>()).prop_map(|(id, email, phone, is_stale)| {
            Call::Update { id, email, phone, is_stale }
        }),
        (few(), any::<bool>()).prop_map(|(id, is_stale)| Call::Remove { id, is_stale }),
    ]
}

/// What a caller learns.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Done(Option<CrewMember>),
    Duplicate(UniqueField, CrewId),
    Conflict(String),
    NotFound(String),
}

fn answer(result: Result<Option<CrewMember>, Error>) -> Answer {
    match result {
        Ok(member) => Answer::Done(member),
        Err(Error::Duplicate { field, owner }) => Answer::Duplicate(field, owner),
        Err(Error::VersionConflict { id, .. }) => Answer::Conflict(id),
        Err(Error::NotFound { id, .. }) => Answer::NotFound(id),
        Err(other) => panic!("{other:?}"),
    }
}

/// Makes the call by the states in `read`, and puts the new state there.
async fn make(
    call: Call,
    roster: &dyn RosterRepository,
    read: &BTreeMap<usize, Vec<CrewMember>>,
) -> Answer {
    let state = |id: usize, is_stale: bool| {
        let states = read.get(&id)?;
        if is_stale { states.first().cloned() } else { states.last().cloned() }
    };
    let (id, is_stale) = match call {
        Call::Add { id: of, email: by, phone: at } => {
            let member = renamed(&person(0).with_email(email(by)).with_phone(phone(at)), id(of));
            return answer(roster.add(&member).await.map(Some));
        }
        Call::Update { id, is_stale, .. } | Call::Remove { id, is_stale } => (id, is_stale),
    };
    let Some(mut member) = state(id, is_stale) else {
        return Answer::Done(None);
    };
    if let Call::Update { email: by, phone: at, .. } = call {
        member = member.with_role(Role::Captain);
        member = by.into_iter().fold(member, |member, by| member.with_email(email(by)));
        member = at.into_iter().fold(member, |member, at| member.with_phone(phone(at)));
        return answer(roster.update(&member).await.map(Some));
    }
    answer(roster.remove(&member).await.map(|()| None))
}

async fn answers_are_alike(calls: Vec<Call>) -> Result<(), TestCaseError> {
    let memory = MemoryRoster::new();
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let dynamo = roster(client.clone()).await;
    let mut read: BTreeMap<usize, Vec<CrewMember>> = BTreeMap::new();
    for call in calls {
        let expected = make(call, &memory, &read).await;
        proptest::prop_assert_eq!(&make(call, &dynamo, &read).await, &expected, "{:?}", call);
        let (Call::Add { id, .. } | Call::Update { id, .. } | Call::Remove { id, .. }) = call;
        if let Answer::Done(Some(member)) = expected {
            read.entry(id).or_default().push(member);
        }
    }
    let list = async |roster: &dyn RosterRepository| -> Vec<CrewMember> {
        let mut list: Vec<_> = roster.list().try_collect().await.unwrap();
        list.sort_by(|a, b| a.id().cmp(b.id()));
        list
    };
    let stored = list(&memory).await;
    proptest::prop_assert_eq!(list(&dynamo).await, stored.clone());
    proptest::prop_assert_eq!(assert_whole(&client).await, stored.len());
    proptest::prop_assert_eq!(claims(&client).await.len(), 2 * stored.len());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(sweep(48, 2_000)))]

    #[test]
    fn memory_and_dynamodb_answer_alike(calls in proptest::collection::vec(calls(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(answers_are_alike(calls))?;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_many_do_at_once_the_tables_stay_whole() {
    let folder = tempfile::tempdir().unwrap();
    let engine = EmbeddedEngine::open(&folder.path().join("crew.db")).unwrap();
    roster(engine.client()).await;
    let done = join_all((0..8).map(|actor| {
        let roster = DynamoRoster::new(engine.client());
        tokio::spawn(async move { act(&roster, actor, sweep(40, 1_000)).await })
    }));
    let done: usize = done.await.into_iter().map(Result::unwrap).sum();
    assert!(done > 0, "nobody got anything done");
    let client = engine.client();
    let members = assert_whole(&client).await;
    assert_eq!(claims(&client).await.len(), 2 * members);
}

/// Does something with somebody, often against what others do; gives back how much was done.
async fn act(roster: &DynamoRoster, actor: usize, times: u32) -> usize {
    let mut draw = 0x2545_F491_usize.wrapping_mul(actor + 1);
    let mut any = |below: usize| {
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (draw >> 33) % below
    };
    let mut done = 0;
    for _ in 0..times {
        let (of, by, at, what) = (any(FEW * 2), any(FEW * 2), any(FEW * 2), any(3));
        let read = roster.find(&id(of)).await.unwrap();
        let wanted = person(0).with_email(email(by)).with_phone(phone(at));
        let result = match read {
            None => roster.add(&renamed(&wanted, id(of))).await.map(drop),
            Some(member) if what == 0 => roster.remove(&member).await,
            Some(member) if what == 1 => {
                roster.update(&member.with_email(email(by))).await.map(drop)
            }
            Some(member) => roster.update(&member.with_phone(phone(at))).await.map(drop),
        };
        match result {
            Ok(()) => done += 1,
            Err(
                Error::Duplicate { .. } | Error::VersionConflict { .. } | Error::NotFound { .. },
            ) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    done
}
