//! Crew from a file: every fault is named with its place, and doing it twice changes nothing.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{StreamExt, TryStreamExt, stream};
use jada_roster::{
    CascadeLevel, ContactOwners, CrewId, CrewImported, CrewMember, CrewReading, CrewRow,
    DynamoRoster, EmbeddedEngine, Error, MemoryRoster, MockRosterRepository, OnConflict, Role,
    RosterRepository, UniqueField, Version, import_crew,
};

const HEADER: &str = "name,phone,email,role,cascade_level";
const ANN: &str = "Ann Rivers,+15550100001,ann@example.com,captain,1";
const BO: &str = "Bo Field,+15550100002,bo@example.com,mate,2";

fn csv(rows: &str) -> Result<CrewReading, Error> {
    CrewReading::of("crew.csv", format!("{HEADER}\n{rows}\n").as_bytes())
}

fn rows(rows: &[&str]) -> Vec<CrewRow> {
    csv(&rows.join("\n")).unwrap().complete().unwrap()
}

fn faults_of(reading: &CrewReading) -> Vec<String> {
    reading.bad_rows().iter().map(ToString::to_string).collect()
}

fn id(text: &str) -> CrewId {
    CrewId::new(text).unwrap()
}

/// A member as a row of text has them, and as they are stored.
fn stored(crew_id: &str, row: &str) -> CrewMember {
    let row = rows(&[row]).remove(0);
    let (name, phone, email) = (row.name().clone(), row.phone().clone(), row.email().clone());
    CrewMember::new(id(crew_id), name, phone, email, row.role().clone())
        .with_cascade_level(row.cascade_level())
        .with_version(Version::Number(1))
}

async fn bring_in(roster: &dyn RosterRepository, rows: Vec<CrewRow>) -> CrewImported {
    import_crew(roster, rows, OnConflict::Refuse).await.unwrap()
}

/// What was added, updated and left as it was, and how many rows were refused.
fn counts(imported: &CrewImported) -> (usize, usize, usize, usize) {
    let CrewImported { added, updated, unchanged, refused, .. } = imported;
    (added.len(), updated.len(), *unchanged, refused.len())
}

#[test]
fn a_row_is_read_with_all_its_columns_in_any_order() {
    let text = "\u{feff}shoe size,email, cascade_level ,crew_id,role,phone,name,\r\n\
                41,Ann@Example.com,1, C-1 ,Captain,+1 (555) 010-0001,\"Rivers, Ann\",x\r\n\
                ,,,,,,,\r\n\
                ,bo@example.com,99,,cook,+15550100002,Bo Field,\r\n";
    let reading = CrewReading::of("crew.csv", text.as_bytes()).unwrap();
    assert_eq!(reading.not_imported(), ["shoe size", "column 8"]);
    let rows = reading.complete().unwrap();
    let [ann, bo] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((ann.id(), ann.name().as_str()), (Some(&id("C-1")), "Rivers, Ann"));
    assert_eq!((ann.email().as_str(), ann.phone().as_str()), ("ann@example.com", "+15550100001"));
    assert_eq!((ann.role(), ann.cascade_level()), (&Role::Captain, CascadeLevel::FIRST));
    assert_eq!((bo.id(), bo.role().as_str(), bo.place()), (None, "cook", Some("crew.csv:4")));
}

#[test]
fn every_row_that_cannot_be_read_is_named_at_once_with_every_fault_and_its_place() {
    let reading = csv(&format!(
        "{ANN}\n\
         ,5550100002,bo at example.com,,0\n\
         Cy Vance,+15550100003,cy@example.com,crew\n\
         \"Di\"e,+15550100004,di@example.com,crew,3\n\
         Ed Pike,+15550100005,ed@example.com,crew,first"
    ))
    .unwrap();
    let faults = faults_of(&reading);
    assert_eq!(faults.len(), 4, "{faults:#?}");
    for (place, what) in [
        ("crew.csv:3:1", "name `` is not valid"),
        ("crew.csv:3:2", "phone `5550100002` is not valid: expected a number with its country"),
        ("crew.csv:3:13", "email `bo at example.com` is not valid"),
        ("crew.csv:3:31", "role `` is not valid"),
        ("crew.csv:3:32", "cascade level `0` is not valid"),
    ] {
        assert!(faults[0].contains(&format!("{place}: {what}")), "{}", faults[0]);
    }
    let starts = [
        "crew.csv:4:1: expected 5 fields, found 4",
        "crew.csv:5:5: expected a comma",
        "crew.csv:6:42: cascade level `first`",
    ];
    for (fault, start) in faults[1..].iter().zip(starts) {
        assert!(fault.starts_with(start), "{fault}");
    }
    let (good, bad) = csv(&format!("{ANN}\n{BO},")).unwrap().skipping_bad_rows();
    assert_eq!((good.len(), bad.len()), (1, 1));
    assert!(matches!(reading.complete(), Err(Error::BadRows { rows }) if rows.len() == 4));
}

#[test]
fn rows_that_share_what_is_one_member_s_alone_are_all_named() {
    let text = "crew_id,name,phone,email,role,cascade_level\n\
                C-1,Ann,+15550100001,ann@example.com,crew,1\n\
                C-2,Bo,+1 555 010 0001,bo@example.com,crew,1\n\
                C-3,Cy,+15550100003,Ann@Example.com,crew,1\n\
                C-2,Di,+15550100004,di@example.com,crew,1\n\
                C-5,Ed,+15550100005,ann@example.com,,1\n\
                ,Flo,+15550100006,flo@example.com,crew,1\n\
                ,Gus,+15550100007,gus@example.com,crew,1\n";
    let reading = CrewReading::of("crew.csv", text.as_bytes()).unwrap();
    let faults = faults_of(&reading);
    assert_eq!(
        faults[..4],
        [
            "crew.csv:2:22: e-mail address `ann@example.com` stands in lines 4 and 6 too; \
             crew.csv:2:9: phone number `+15550100001` stands in line 3 too",
            "crew.csv:3:1: id `C-2` stands in line 5 too; \
             crew.csv:3:8: phone number `+15550100001` stands in line 2 too",
            "crew.csv:4:21: e-mail address `ann@example.com` stands in lines 2 and 6 too",
            "crew.csv:5:1: id `C-2` stands in line 3 too",
        ]
    );
    assert!(faults[4].ends_with("e-mail address `ann@example.com` stands in lines 2 and 4 too"));
    assert_eq!(reading.bad_rows()[1].id.as_deref(), Some("C-2"));
    let (good, bad) = reading.skipping_bad_rows();
    assert_eq!((good.len(), bad.len()), (2, 5), "which of them is meant would be a guess");
}

#[test]
fn a_file_of_one_person_a_thousand_times_is_told_in_short_lines() {
    let reading = csv(&vec![ANN; 1_000].join("\n")).unwrap();
    let faults = faults_of(&reading);
    assert_eq!(faults.len(), 1_000);
    assert!(faults[0].contains("stands in lines 3, 4, 5 and others too"), "{}", faults[0]);
}

#[test]
fn a_file_whose_rows_cannot_be_told_apart_is_refused_whole() {
    let place = |text: &[u8]| match CrewReading::of("crew.csv", text) {
        Err(Error::UnreadableFile { line, column, expected, .. }) => (line, column, expected),
        other => panic!("{other:?}"),
    };
    let missing = "a header line with the columns phone, cascade_level".to_owned();
    assert_eq!(place(b"name,email,role\nAnn,ann@example.com,crew\n"), (1, 1, missing));
    let semicolons = place(HEADER.replace(',', ";").as_bytes());
    assert!(semicolons.2.contains("not separated by commas"), "{}", semicolons.2);
    assert!(place(format!("{HEADER},crew_id,crew_id").as_bytes()).2.contains("stands twice"));
    let quoted = place(format!("{HEADER}\n{ANN}\n\"Bo,+15550100002\n{BO}\n").as_bytes());
    assert_eq!((quoted.0, quoted.1), (3, 1), "{}", quoted.2);
    assert_eq!(place(b"name\n\xe9").0, 2);
    assert_eq!(place(b"").0, 1);
}

#[tokio::test]
async fn importing_twice_changes_nothing() {
    let roster = MemoryRoster::new();
    let imported = bring_in(&roster, rows(&[ANN, BO])).await;
    assert_eq!(counts(&imported), (2, 0, 0, 0));
    let before = listed(&roster).await;
    assert_eq!(before.len(), 2);
    assert!(before.iter().all(|member| member.id().as_str().starts_with("crew-")));
    let imported = bring_in(&roster, rows(&[BO, ANN])).await;
    assert_eq!(counts(&imported), (0, 0, 2, 0));
    assert_eq!(listed(&roster).await, before);
}

#[tokio::test]
async fn a_row_that_disagrees_with_the_store_is_refused_by_field_and_owner_and_the_rest_goes_in() {
    let roster = MemoryRoster::new();
    roster.add(&stored("C-1", ANN).with_version(Version::New)).await.unwrap();
    let promoted = ANN.replace("captain,1", "skipper,2");
    let moved = BO.replace("+15550100002", "+15550100001");
    let imported = bring_in(&roster, rows(&[&promoted])).await;
    assert_eq!(
        imported.refused[0].to_string(),
        "crew.csv:2: crew member `C-1` has this e-mail address already: role `captain` or \
         `skipper`, cascade_level `1` or `2`"
    );
    let imported =
        bring_in(&roster, rows(&[&moved, "Cy,+15550100003,cy@example.com,crew,3"])).await;
    assert_eq!(counts(&imported), (1, 0, 0, 1));
    let refused = &imported.refused[0];
    assert_eq!((refused.field, &refused.owner), (UniqueField::Phone, &id("C-1")));
    let renamed = rows(&[BO]).remove(0).with_id(id("C-1"));
    let refused = bring_in(&roster, vec![renamed]).await.refused.remove(0);
    assert_eq!((refused.field, refused.differences.len()), (UniqueField::Id, 5));
    let ann = roster.find(&id("C-1")).await.unwrap().unwrap();
    assert_eq!(ann, stored("C-1", ANN), "nothing was overwritten");
}

#[tokio::test]
async fn the_new_account_replaces_the_stored_one_where_that_is_asked_for() {
    let roster = MemoryRoster::new();
    let ann = roster.add(&stored("C-1", ANN).with_version(Version::New)).await.unwrap();
    let free = ann
        .availability()
        .clone()
        .with("2026-05-03".parse().unwrap(), Some("yes".parse().unwrap()));
    roster.update(&ann.with_availability(free.clone())).await.unwrap();
    let told = rows(&["Ann Lake,+15550100009,ann@example.com,skipper,4"]);
    for updated in [1, 0] {
        let imported = import_crew(&roster, told.clone(), OnConflict::TakeNew).await.unwrap();
        assert_eq!(counts(&imported), (0, updated, 1 - updated, 0));
    }
    let ann = roster.find(&id("C-1")).await.unwrap().unwrap();
    assert_eq!((ann.name().as_str(), ann.availability()), ("Ann Lake", &free));
    assert_eq!(ann.phone().unwrap().as_str(), "+15550100009");
}

#[tokio::test]
async fn a_row_that_two_members_have_a_part_of_is_always_refused() {
    let roster = MemoryRoster::new();
    bring_in(&roster, vec![rows(&[ANN]).remove(0).with_id(id("C-1"))]).await;
    bring_in(&roster, vec![rows(&[BO]).remove(0).with_id(id("C-2"))]).await;
    let between = rows(&["Ann,+15550100002,ann@example.com,captain,1"]).remove(0);
    let unknown = rows(&[ANN]).remove(0).with_id(id("C-3"));
    let other = rows(&[ANN]).remove(0).with_id(id("C-2"));
    for (row, field, owner) in [
        (between, UniqueField::Phone, "C-2"),
        (unknown, UniqueField::Email, "C-1"),
        (other, UniqueField::Email, "C-1"),
    ] {
        for on_conflict in [OnConflict::Refuse, OnConflict::TakeNew] {
            let imported = import_crew(&roster, [row.clone()], on_conflict).await.unwrap();
            assert_eq!(counts(&imported), (0, 0, 0, 1), "{row:?}");
            assert_eq!(
                (imported.refused[0].field, &imported.refused[0].owner),
                (field, &id(owner))
            );
        }
    }
    assert_eq!(listed(&roster).await.len(), 2);
}

#[tokio::test]
async fn who_was_added_by_another_meanwhile_is_read_and_compared() {
    let stored_then = |found: Option<CrewMember>, attempts: usize| async move {
        let mut roster = MockRosterRepository::new();
        roster.expect_list().return_once(|| stream::empty().boxed());
        let mut taken = Some(Error::Duplicate { field: UniqueField::Email, owner: id("C-9") });
        let added = move |_: &CrewMember| taken.take().map_or_else(|| Ok(stored("C-1", ANN)), Err);
        roster.expect_add().times(attempts).returning(added);
        roster.expect_find().times(1).return_once(|_| Ok(found));
        counts(&bring_in(&roster, rows(&[ANN])).await)
    };
    assert_eq!(stored_then(Some(stored("C-9", ANN)), 1).await, (0, 0, 1, 0));
    let other = ANN.replace("captain", "crew");
    assert_eq!(stored_then(Some(stored("C-9", &other)), 1).await, (0, 0, 0, 1));
    assert_eq!(stored_then(None, 2).await, (1, 0, 0, 0), "gone again: there is room for the row");
}

#[tokio::test]
async fn who_was_changed_by_another_meanwhile_is_read_and_updated() {
    let mut roster = MockRosterRepository::new();
    let before = stored("C-1", ANN);
    roster.expect_list().return_once(move || stream::iter([Ok(before)]).boxed());
    let moved = stored("C-1", ANN).with_version(Version::Number(7));
    roster.expect_find().times(1).return_once(move |_| Ok(Some(moved)));
    roster.expect_update().times(2).returning(|member| match member.version() {
        Version::Number(7) => Ok(member.clone().with_version(Version::Number(8))),
        _ => Err(Error::VersionConflict { what: "crew member", id: "C-1".into() }),
    });
    let told = rows(&[&ANN.replace("captain", "skipper")]);
    let imported = import_crew(&roster, told, OnConflict::TakeNew).await.unwrap();
    assert_eq!(imported.updated[0].version(), Version::Number(8));
}

#[tokio::test]
async fn stored_rows_that_cannot_be_read_are_reported_and_a_store_without_answer_ends_the_import() {
    let mut roster = MockRosterRepository::new();
    let list = || stream::iter([Err(corrupt()), Ok(stored("C-1", ANN))]).boxed();
    roster.expect_list().return_once(list);
    let imported = bring_in(&roster, rows(&[ANN])).await;
    assert_eq!((imported.unchanged, imported.unreadable.len()), (1, 1));

    let mut roster = MockRosterRepository::new();
    roster.expect_list().return_once(|| {
        let (table, operation) = ("crew-roster".into(), "Scan");
        let silent = Error::Unavailable { table, operation, source: "no route".into() };
        stream::iter([Err(silent)]).boxed()
    });
    let ended = import_crew(&roster, rows(&[ANN]), OnConflict::Refuse).await.unwrap_err();
    assert!(ended.is_transient(), "{ended}");
}

#[tokio::test]
async fn a_row_about_a_member_who_cannot_be_read_is_refused_and_the_rest_goes_in() {
    let mut roster = MockRosterRepository::new();
    roster.expect_list().return_once(|| stream::iter([Err(corrupt())]).boxed());
    roster.expect_find().times(1).returning(|_| Err(corrupt()));
    roster.expect_add().times(3).returning(|member| match member.name().as_str() {
        "Bo Field" => Ok(member.clone().with_version(Version::Number(1))),
        _ => Err(Error::Duplicate { field: UniqueField::Phone, owner: id("C-7") }),
    });
    let imported = bring_in(&roster, rows(&[ANN, BO])).await;
    assert_eq!(counts(&imported), (1, 0, 0, 1));
    assert_eq!((&imported.refused[0].owner, imported.unreadable.len()), (&id("C-7"), 1));
}

fn corrupt() -> Error {
    Error::CorruptItem {
        table: "crew-roster".into(),
        key: "C-7".into(),
        attribute: "phone".into(),
        expected: "a phone number".into(),
        called: None,
    }
}

async fn listed(roster: &dyn RosterRepository) -> Vec<CrewMember> {
    let mut members: Vec<CrewMember> = roster.list().try_collect().await.unwrap();
    members.sort_by(|one, other| one.id().cmp(other.id()));
    members
}

#[tokio::test]
async fn a_row_of_an_older_tool_counts_though_nobody_has_claimed_what_is_in_it() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let roster = DynamoRoster::new(client.clone());
    roster.ensure_tables().await.unwrap();
    let mut old = client.put_item().table_name("crew-roster");
    let row = [("crew_id", "7"), ("name", "Ann Rivers"), ("email", "ANN@example.com")];
    for (name, text) in row {
        old = old.item(name, AttributeValue::S(text.to_owned()));
    }
    old.send().await.unwrap();
    let ann = roster.find(&id("7")).await.unwrap().unwrap();
    assert_eq!(roster.contact_owners(&ann).await.unwrap(), ContactOwners::default());

    let imported = bring_in(&roster, rows(&[ANN, BO])).await;
    assert_eq!(counts(&imported), (1, 0, 0, 1));
    assert_eq!(
        (imported.refused[0].field, &imported.refused[0].owner),
        (UniqueField::Email, &id("7"))
    );
    let imported = import_crew(&roster, rows(&[ANN]), OnConflict::TakeNew).await.unwrap();
    assert_eq!(counts(&imported), (0, 1, 0, 0));
    let owners = roster.contact_owners(&imported.updated[0]).await.unwrap();
    assert_eq!((owners.email, owners.phone), (Some(id("7")), Some(id("7"))));
}
