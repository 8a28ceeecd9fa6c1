//! A month's tab to the crew, on every backend: only what is new is written, and nothing is lost.

mod faults;
mod meddled;
mod older_tools;
mod property;
mod sheet;

use jada_roster::DayState::{Afternoon, Maybe, Morning, No, Yes};
use jada_roster::{EmbeddedEngine, MemoryRoster, RosterRepository, Version};

use self::sheet::{Sheet, hire, id, may, member, plan, say, stored, sync};
use crate::faults::Faulty;
use crate::roster::tables::roster;

#[tokio::test]
async fn a_roster_in_memory_takes_what_is_new() {
    what_is_new_is_taken(&MemoryRoster::new()).await;
}

#[tokio::test]
async fn a_roster_on_dynamodb_takes_what_is_new() {
    what_is_new_is_taken(&roster(EmbeddedEngine::in_memory().unwrap().client()).await).await;
}

async fn what_is_new_is_taken(roster: &dyn RosterRepository) {
    hire(roster, 4).await;
    say(roster, 1, may(1), Some(Maybe)).await;
    say(roster, 2, may(9), Some(No)).await;
    let mut sheet = Sheet::of("2026-05", 4);
    for (number, day, state) in [(0, 1, Yes), (0, 2, No), (0, 31, Morning), (1, 1, Afternoon)] {
        sheet.set(number, may(day), Some(state));
    }
    let first = sync(roster, &sheet).await;
    assert_eq!(
        first.to_string(),
        "2026-05: 3 added, 1 changed, 0 removed, 2 members written, 1 overruled"
    );
    assert_eq!(first.written, [id(0), id(1)]);
    assert_eq!(
        first.overruled[0].to_string(),
        "B3: Ann Rivers 1, 2026-05-01: `afternoon` instead of `maybe`"
    );
    assert_eq!(stored(roster, 0, may(31)).await, Some(Morning));
    assert_eq!(stored(roster, 1, may(1)).await, Some(Afternoon));
    assert_eq!(stored(roster, 2, may(9)).await, Some(No), "a blank cell takes nothing away");

    say(roster, 0, may(1), Some(No)).await;
    let version = member(roster, 0).await.version();
    let again = sync(roster, &sheet).await;
    assert_eq!(again.to_string(), "2026-05: 0 added, 0 changed, 0 removed, 0 members written");
    assert_eq!(stored(roster, 0, may(1)).await, Some(No), "the tab says nothing new");
    assert_eq!(member(roster, 0).await.version(), version);

    sheet.set(0, may(2), None);
    sheet.write(0, may(31), "ask her");
    sheet.set(0, may(1), Some(Maybe));
    sheet.set(3, may(3), Some(Yes));
    let third = sync(roster, &sheet).await;
    let line = "2026-05: 1 added, 1 changed, 1 removed, 2 members written, 1 overruled, 1 unread";
    assert_eq!(third.to_string(), line);
    assert!(!third.is_complete());
    assert_eq!(
        third.removed[0].to_string(),
        "B2: Ann Rivers 0, 2026-05-02: nothing instead of `no`"
    );
    assert_eq!(
        third.overruled[0].to_string(),
        "B2: Ann Rivers 0, 2026-05-01: `maybe` instead of `no`"
    );
    assert_eq!(
        (third.unread[0].at.to_string(), &*third.unread[0].found),
        ("AG2".into(), "ask her")
    );
    assert_eq!(stored(roster, 0, may(31)).await, Some(Morning), "an unread cell changes nothing");
    sheet.set(0, may(31), Some(Morning));
    assert!(sync(roster, &sheet).await.written.is_empty(), "it says what it said before");
}

#[tokio::test]
async fn what_a_member_said_first_is_theirs_to_change_later() {
    let roster = MemoryRoster::new();
    hire(&roster, 1).await;
    say(&roster, 0, may(3), Some(Yes)).await;
    let mut sheet = Sheet::of("2026-05", 1);
    sheet.set(0, may(3), Some(Yes));
    let same = sync(&roster, &sheet).await;
    assert_eq!(
        (same.added.len(), same.written.len()),
        (0, 1),
        "it is remembered that the tab says so"
    );
    say(&roster, 0, may(3), Some(No)).await;
    assert!(sync(&roster, &sheet).await.written.is_empty());
    assert_eq!(stored(&roster, 0, may(3)).await, Some(No));
}

#[tokio::test]
async fn a_plan_says_what_would_be_done_and_writes_nothing() {
    let roster = MemoryRoster::new();
    hire(&roster, 3).await;
    let mut sheet = Sheet::of("2026-05", 3);
    sheet.set(0, may(1), Some(Yes));
    sheet.set(2, may(2), Some(No));
    let planned = plan(&roster, &sheet).await;
    assert_eq!(member(&roster, 0).await.version(), Version::Number(1));
    let (line, added) = (planned.report().to_string(), planned.report().added.clone());
    let written = planned.write(&roster).await;
    assert_eq!((written.to_string(), written.added), (line, added));
}

#[tokio::test]
async fn nothing_is_taken_of_whom_nobody_can_tell_and_all_of_the_others() {
    let roster = MemoryRoster::new();
    hire(&roster, 6).await;
    let mut sheet = Sheet::of("2026-05", 6);
    for row in 0..6 {
        sheet.set(row, may(1), Some(Yes));
    }
    sheet.name_row(1, "", "Ann Rivers 0");
    sheet.name_row(2, "c-0002", "Ann Rivers 3");
    sheet.name_row(3, "c-9999", "Ann Rivers 3");
    sheet.name_row(4, "", "Bo Rivers");
    let synced = sync(&roster, &sheet).await;
    assert_eq!(synced.written, [id(5)]);
    let ambiguous: Vec<String> = synced.ambiguous.iter().map(ToString::to_string).collect();
    assert_eq!(ambiguous[0], "B2 and B3: `c-0000` stands there more than once");
    assert_eq!(ambiguous[1], "B4: the key is that of `c-0002`, and `Ann Rivers 3` is `c-0003`");
    let unknown: Vec<String> = synced.unknown.iter().map(ToString::to_string).collect();
    assert_eq!(
        unknown[0],
        "B5: nobody on the crew has the key `c-9999`, though `Ann Rivers 3` is `c-0003`"
    );
    assert_eq!(unknown[1], "B6: nobody on the crew is called `Bo Rivers`");
    assert_eq!((ambiguous.len(), unknown.len()), (2, 2));
    for number in 0..5 {
        assert_eq!(member(&roster, number).await.version(), Version::Number(1), "{number}");
    }
}

#[tokio::test]
async fn who_stands_in_the_tab_no_more_is_told_and_keeps_what_it_said() {
    let roster = MemoryRoster::new();
    hire(&roster, 4).await;
    let mut sheet = Sheet::of("2026-05", 4);
    for row in 0..4 {
        sheet.set(row, may(1), Some(Yes));
    }
    assert!(sync(&roster, &sheet).await.absent.is_empty());
    sheet.name_row(1, "", "Bo Field");
    sheet.name_row(2, "c-0000", "Ann Rivers 2");
    let synced = sync(&roster, &sheet).await;
    let absent: Vec<String> = synced.absent.iter().map(ToString::to_string).collect();
    let told = "Ann Rivers 1 (`c-0001`) stands in the tab no more; what it said of 1 day stays";
    assert_eq!(absent, [told]);
    assert_eq!(stored(&roster, 1, may(1)).await, Some(Yes));
    let june = sync(&roster, &Sheet::of("2026-06", 1)).await;
    assert!(june.absent.is_empty() && june.is_complete(), "of May alone it spoke: {june}");
}

#[tokio::test]
async fn tabs_of_a_year_may_be_synced_in_any_order() {
    let roster = MemoryRoster::new();
    hire(&roster, 1).await;
    let mut year: Vec<Sheet> =
        (1..=12).map(|month| Sheet::of(&format!("2026-{month:02}"), 1)).collect();
    for sheet in &mut year {
        sheet.set(0, sheet.month.first_day(), Some(Yes));
        assert!(sync(&roster, sheet).await.is_complete());
    }
    say(&roster, 0, year[0].month.first_day(), Some(No)).await;
    for sheet in year.iter().rev() {
        assert!(sync(&roster, sheet).await.written.is_empty(), "{}", sheet.month);
    }
}

/// 1 % of 500 members, who change some days of the month.
#[tokio::test]
async fn of_500_members_those_alone_are_written_who_have_changed() {
    let faulty = Faulty::new();
    let roster = roster(faulty.client()).await;
    hire(&roster, 500).await;
    let mut sheet = Sheet::of("2026-05", 500);
    for number in 0..500 {
        for (day, state) in sheet.days().into_iter().zip([Yes, No, Maybe].into_iter().cycle()) {
            sheet.set(number, day, Some(state));
        }
    }
    faulty.requests();
    let first = sync(&roster, &sheet).await;
    assert_eq!((first.added.len(), first.written.len()), (500 * 31, 500));
    let requests = faulty.requests();
    assert_eq!((requests[0].as_str(), requests.len()), ("Scan", 501));
    assert!(requests[1..].iter().all(|request| request == "UpdateItem"));

    for number in (0..500).step_by(100) {
        sheet.set(number, may(7), Some(Afternoon));
        sheet.set(number, may(8), None);
    }
    let second = sync(&roster, &sheet).await;
    assert_eq!((second.changed.len(), second.removed.len()), (5, 5));
    assert_eq!(
        faulty.requests(),
        ["Scan", "UpdateItem", "UpdateItem", "UpdateItem", "UpdateItem", "UpdateItem"]
    );
    assert!(sync(&roster, &sheet).await.written.is_empty());
    assert_eq!(faulty.requests(), ["Scan"], "nothing is written twice");
}
