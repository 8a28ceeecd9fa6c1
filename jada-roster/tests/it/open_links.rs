//! What may be told of a member's links, on both backends alike.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use jada_auth::ManualClock;
use jada_roster::{
    AttemptLimit, CompactLength, CrewId, CrewMember, DynamoLinks, DynamoRoster, EmbeddedEngine,
    LegacyLinks, LinkKind, LinkSpec, MagicLinks, MemoryLinks, MemoryRoster, Peppers, PersonName,
    Presented, Purpose, Role, RosterRepository,
};
use jiff::Timestamp;

#[tokio::test]
async fn those_in_memory_are_told_as_long_as_they_open() {
    let (clock, roster) = (clock(), MemoryRoster::new());
    let links = MemoryLinks::new(&roster).unwrap().with_clock(clock.clone());
    told_as_long_as_they_open(&links.compact(AttemptLimit::default()), &roster, &clock).await;
}

#[tokio::test]
async fn those_on_dynamodb_are_told_as_long_as_they_open() {
    let clock = clock();
    let client = EmbeddedEngine::in_memory().unwrap().client();
    let roster = DynamoRoster::new(client.clone());
    roster.ensure_tables().await.unwrap();
    let links = DynamoLinks::builder(client, Peppers::generate().unwrap()).clock(clock.clone());
    let links = links.compact(AttemptLimit::default()).build().unwrap();
    told_as_long_as_they_open(&links, &roster, &clock).await;
}

async fn told_as_long_as_they_open(
    links: &dyn MagicLinks,
    roster: &dyn RosterRepository,
    clock: &ManualClock,
) {
    let ann = roster.add(&ann()).await.unwrap();
    let (portal, answer) = (Purpose::portal(), Purpose::new("answer:C-17").unwrap());
    let told = async || told(links, ann.id()).await;
    assert_eq!(told().await, Vec::<String>::new());

    let standing = LinkSpec::standing(portal.clone());
    links.issue(ann.id(), &standing).await.unwrap();
    clock.advance(MINUTE);
    let single = LinkSpec::single_use(answer.clone()).with_life(5 * MINUTE);
    let single = links.issue(ann.id(), &single).await.unwrap();
    clock.advance(MINUTE);
    links.issue(ann.id(), &LinkSpec::session(portal.clone())).await.unwrap();
    clock.advance(MINUTE);
    let compact = LinkSpec::standing(answer.clone()).compact(CompactLength::LONGEST);
    links.issue(ann.id(), &compact).await.unwrap();
    let all = [
        "standing portal since 0",
        "single-use answer:C-17 since 1 until 6",
        "session portal since 2 until 32",
        "standing answer:C-17 since 3",
    ];
    assert_eq!(told().await, all);

    links.consume(&Presented::new(single.text, answer.clone())).await.unwrap();
    links.rotate(ann.id(), &standing, 10 * MINUTE).await.unwrap();
    let rotated = ["standing portal until 13", all[2], all[3], "standing portal since 3"];
    assert_eq!(told().await, rotated);
    clock.advance(10 * MINUTE);
    assert_eq!(told().await, rotated[1..], "the grace is over");
    links.revoke(ann.id(), &answer).await.unwrap();
    assert_eq!(told().await, rotated[3..], "with the purpose go the sessions");
    roster.remove(&ann).await.unwrap();
    assert!(told().await.is_empty());
}

#[tokio::test]
async fn a_link_of_an_older_tool_is_told_where_it_is_honoured() {
    let client = EmbeddedEngine::in_memory().unwrap().client();
    DynamoRoster::new(client.clone()).ensure_tables().await.unwrap();
    let row = client.put_item().table_name("crew-roster");
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let row = row.item("crew_id", text("7")).item("name", text("Ann"));
    row.item("magic_token", text("plain-text-of-old")).send().await.unwrap();
    let builder = DynamoLinks::builder(client, Peppers::generate().unwrap());
    let strict = builder.clone().build().unwrap();
    assert!(told(&strict, &CrewId::new("7").unwrap()).await.is_empty());
    let legacy = LegacyLinks::new(Purpose::portal(), 8..=40, AttemptLimit::default());
    let lenient = builder.legacy(legacy).build().unwrap();
    assert_eq!(told(&lenient, &CrewId::new("7").unwrap()).await, ["standing portal"]);
}

/// Each in a few words, with its instants in minutes since the clock began.
async fn told(links: &dyn MagicLinks, crew: &CrewId) -> Vec<String> {
    let open = links.open_links(crew).await.unwrap();
    let shown = open.iter().map(|link| {
        let minute = |instant: Timestamp| (instant.as_second() - START) / 60;
        let since = link.issued_at.map(|at| format!(" since {}", minute(at))).unwrap_or_default();
        let until = link.expires_at.map(|at| format!(" until {}", minute(at))).unwrap_or_default();
        format!("{} {}{since}{until}", LinkKind::as_str(link.kind), link.purpose)
    });
    shown.collect()
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(Timestamp::from_second(START).unwrap()))
}

fn ann() -> CrewMember {
    let (id, name) = (CrewId::new("C-1").unwrap(), PersonName::new("Ann Rivers").unwrap());
    let phone = "+15550100001".parse().unwrap();
    CrewMember::new(id, name, phone, "ann@example.com".parse().unwrap(), Role::Mate)
}

const START: i64 = 1_800_000_000;
const MINUTE: Duration = Duration::from_secs(60);
