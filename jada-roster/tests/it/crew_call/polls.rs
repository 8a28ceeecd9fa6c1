//! What is followed, without a stream of changes, by looking at months and at what is due.

use futures_util::TryStreamExt;
use jada_roster::{
    Answer, Assignment, CharterRepository, CrewId, DynamoCharters, EmbeddedEngine, Role,
};
use jiff::civil::date;

use super::station::{Station, booking, id, set, text};

#[tokio::test]
async fn a_charter_that_moves_beyond_the_months_that_are_polled_is_followed() {
    let station = Station::in_memory().await;
    let months = ["2026-04", "2026-05", "2026-06", "2026-07", "2026-08"];
    station.book(booking("C-1", date(2026, 5, 3))).await;
    station.poll(&months).await;
    station.say("C-1", "c1", Answer::Accept).await;
    station.post.new_ones();
    station.book(booking("C-1", date(2026, 10, 3))).await;
    let mails = station.poll_for_two_days(&months).await;
    assert_eq!(mails[0], "released c1 2026-05-03", "{mails:?}");
}

#[tokio::test]
async fn a_charter_that_has_its_crew_is_looked_at_once_a_day_until_it_has_sailed() {
    let station = Station::in_memory().await;
    station.book(booking("C-1", date(2026, 5, 4))).await;
    station.look("C-1").await;
    station.say("C-1", "c1", Answer::Accept).await;
    let mut looks = Vec::new();
    for hour in 1..=120 {
        station.hours(1);
        let looked: Vec<_> = station.call.advance_due().try_collect().await.unwrap();
        looks.extend(looked.iter().map(|_| hour));
    }
    // At ten in the morning, and at the end of its day, whose hours nobody has said.
    assert_eq!(looks, [24, 48, 72, 86]);
}

#[tokio::test]
async fn a_charter_that_an_older_tool_moves_to_another_month_is_followed() {
    let engine = EmbeddedEngine::in_memory().unwrap();
    let charters = DynamoCharters::new(engine.client());
    charters.ensure_call_index().await.unwrap();
    let station = Station::of(charters).await;
    let months = ["2026-05", "2026-06", "2026-07", "2026-08"];
    station.book(booking("C-1", date(2026, 5, 3))).await;
    station.poll(&months).await;
    station.say("C-1", "c1", Answer::Accept).await;
    station.post.new_ones();
    set(&engine.client(), "date", text("2026-06-05")).await;
    let mails = station.poll(&months).await;
    assert_eq!(mails, ["released c1 2026-05-03", "ask c1 2026-06-05"]);
}

#[tokio::test]
async fn a_pass_over_many_months_asks_nobody_who_sails_elsewhere_at_the_end_of_one() {
    let station = Station::in_memory().await;
    station.book(booking("C-0", date(2026, 5, 31))).await;
    let stored = station.charters.find(&[id("C-0")]).await.unwrap().remove(0);
    let c1 = Assignment::new(CrewId::new("c1").unwrap(), Role::Captain);
    station.charters.assign(&stored, &[c1]).await.unwrap();
    let months = [5, 7, 8, 9].map(|month| date(2026, month, 15));
    let mut all = Vec::new();
    for (number, day) in months.into_iter().chain([date(2026, 5, 31)]).enumerate() {
        let name = format!("C-{}", number + 1);
        station.book(booking(&name, day)).await;
        all.push(id(&name));
    }
    station.call.advance_each(all).try_collect::<Vec<_>>().await.unwrap();
    assert_eq!(station.post.new_ones().last().unwrap(), "ask c2 2026-05-31", "c1 sails on C-0");
}
