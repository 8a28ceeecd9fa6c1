//! A charter that becomes confirmed starts its call: whatever is delivered twice has its effect once.

use futures_util::TryStreamExt;
use jada_roster::{CallRepository, CallRules, CrewCall, Harbour as Place, Status, Version};
use jiff::tz::TimeZone;

use super::*;
use crate::crew_call::{Letters, crew};

/// What a program that watches does: it looks at each charter whose row changed, and after a gap at
/// the months that matter.
async fn dispatch(call: &CrewCall, changes: Changes) -> Result<(), Error> {
    match changes {
        Changes::Charters(ids) => {
            for id in &ids {
                match call.advance(id).await {
                    Ok(_) | Err(Error::NotFound { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        _ => {
            let mut looks = call.advance_month("2026-05".parse()?);
            while let Some(looked) = looks.try_next().await? {
                looked.outcome?;
            }
        }
    }
    Ok(())
}

async fn called(harbour: &Harbour) -> (CrewCall, Arc<Letters>) {
    let letters = Arc::new(Letters::default());
    let rules = CallRules::builder(Place::new("Pier 2", TimeZone::UTC)).build().unwrap();
    let charters = Arc::new(harbour.charters.clone());
    let call = CrewCall::builder(charters, crew().await, rules, letters.clone());
    (call.clock(harbour.clock.clone()).build(), letters)
}

async fn change(harbour: &Harbour, to: Status) {
    let charter = harbour.charters.open(&id()).await.unwrap().unwrap().charter;
    harbour.charters.change_status(&charter, to).await.unwrap();
}

async fn version(harbour: &Harbour) -> Version {
    harbour.charters.open(&id()).await.unwrap().unwrap().charter.version()
}

fn id() -> CharterId {
    CharterId::new("C-1").unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_charter_that_becomes_confirmed_is_called_for_and_one_that_is_cancelled_is_called_off() {
    let harbour = Harbour::new().await;
    let (call, letters) = called(&harbour).await;
    let mut worker = harbour.worker().await;
    harbour.book("C-1").await;
    worker.poll(|changes| dispatch(&call, changes)).await.unwrap();
    assert!(letters.all().is_empty(), "nobody is called for what is not confirmed");

    change(&harbour, Status::Confirmed).await;
    worker.poll(|changes| dispatch(&call, changes)).await.unwrap();
    assert_eq!(letters.all(), ["ask c1"]);
    let after = version(&harbour).await;
    // The call's own writes are changes as well; looking at them changes nothing.
    for charters in [1, 0, 0] {
        let polled = worker.poll(|changes| dispatch(&call, changes)).await.unwrap();
        assert_eq!(polled.charters, charters);
    }
    assert_eq!(version(&harbour).await, after);

    change(&harbour, Status::Cancelled).await;
    worker.poll(|changes| dispatch(&call, changes)).await.unwrap();
    assert_eq!(letters.all().len(), 2, "{:?}", letters.all());
}

#[tokio::test(start_paused = true)]
async fn a_shard_that_is_read_again_has_its_effect_once() {
    let harbour = Harbour::new().await;
    let (call, letters) = called(&harbour).await;
    let mut worker = harbour.worker().await;
    harbour.book("C-1").await;
    change(&harbour, Status::Confirmed).await;
    worker.poll(|changes| dispatch(&call, changes)).await.unwrap();
    worker.release().await.unwrap();
    let after = version(&harbour).await;

    // Its checkpoint is lost, so it is read from the first record that is kept.
    let (client, heard) = (harbour.store.client(), Heard::default());
    let key = lease(&client, "key").await.unwrap();
    client.delete_item().table_name("crew-keys").key("key", key).send().await.unwrap();
    let mut again = harbour.newcomer();
    let hears = |changes: Changes| {
        heard.take();
        let heard = heard.hear(changes.clone());
        let call = &call;
        async move {
            heard.await?;
            dispatch(call, changes).await
        }
    };
    assert_eq!(again.poll(hears).await.unwrap().charters, 1);
    assert_eq!(heard.ids(), ["C-1"], "it was handed over again");
    assert_eq!(letters.all(), ["ask c1"]);
    assert_eq!(version(&harbour).await, after, "nothing was written");
}

#[tokio::test(start_paused = true)]
async fn a_kill_at_any_request_of_a_round_calls_once() {
    for fault in [Fault::Stop, Fault::StopDone] {
        for number in 0.. {
            let harbour = Harbour::new().await;
            let (call, letters) = called(&harbour).await;
            let mut killed = harbour.worker().await;
            harbour.book("C-1").await;
            change(&harbour, Status::Confirmed).await;
            harbour.store.at(number, fault);
            let round = killed.poll(|changes| dispatch(&call, changes));
            let ended = tokio::time::timeout(LIFE / 100, round).await;
            if ended.is_ok() {
                // The fault lies behind the last request.
                assert!(harbour.store.has_more() && number > 4, "{fault:?} {number}");
                break;
            }
            drop(killed);
            let mut next = harbour.newcomer();
            for _ in 0..3 {
                next.poll(|changes| dispatch(&call, changes)).await.unwrap();
                tokio::time::advance(LIFE).await;
            }
            assert_eq!(letters.all(), ["ask c1"], "{fault:?} {number}");
            let called = harbour.charters.open(&id()).await.unwrap().unwrap().call.unwrap();
            assert_eq!((called.asked().len(), called.owed().len()), (1, 0), "{fault:?} {number}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_trimmed_is_found_by_the_poll() {
    let harbour = Harbour::new().await;
    let (call, letters) = called(&harbour).await;
    let mut worker = harbour.worker().await;
    harbour.book("C-1").await;
    change(&harbour, Status::Confirmed).await;
    harbour.store.next("GetRecords", &[Fault::Trim]);
    let polled = worker.poll(|changes| dispatch(&call, changes)).await.unwrap();
    assert_eq!((polled.gaps, polled.charters), (1, 0));
    assert_eq!(letters.all(), ["ask c1"]);
}
