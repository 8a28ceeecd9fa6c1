//! A dispatcher whose stream is turned off, and on again.

use aws_sdk_dynamodb::types::{StreamSpecification, StreamViewType};
use clap::Parser;
use jada_auth::ManualClock;
use jada_roster::{
    CharterChanges, DynamoCharters, DynamoRoster, EmbeddedEngine, Format, OnConflict, Reading,
    import,
};
use jiff::Timestamp;
use tempfile::TempDir;

use super::*;
use crate::DispatchArgs;

#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    desk: CallDeskArgs,
    #[command(flatten)]
    dispatching: DispatchingArgs,
    #[command(flatten)]
    watch: DispatchArgs,
}

/// An office whose tables the test and the dispatcher share.
struct Office {
    _folder: TempDir,
    engine: EmbeddedEngine,
    charters: DynamoCharters,
    clock: Arc<ManualClock>,
    dispatching: Dispatching,
}

impl Office {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let engine = EmbeddedEngine::open(&folder.path().join("office.db")).unwrap();
        let charters = DynamoCharters::new(engine.client());
        charters.ensure_table().await.unwrap();
        DynamoRoster::new(engine.client()).ensure_tables().await.unwrap();
        charters.ensure_stream().await.unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::now()));
        let changes = CharterChanges::builder(&charters, engine.streams_client());
        let changes = changes.clock(Arc::clone(&clock) as _).build().unwrap();

        let words = "dispatcher --streams --poll 50ms --quiet never --time-zone UTC \
                     --from crew@example.com --operations ops@example.com \
                     --answers https://crew.example.com/crew/answer --db";
        let (db, outbox) = (path("office.db"), path("outbox"));
        let (secrets, state) = (path("secrets"), path("state"));
        let paths = [&db, "--outbox", &outbox, "--secrets-dir", &secrets, "--state", &state];
        let flags = Flags::parse_from(words.split_whitespace().chain(paths));
        let watch = flags.watch.watch();
        let mut dispatching = Dispatching::new(flags.desk, flags.dispatching, &watch).unwrap();
        dispatching.seen.get_mut().following = Some(Following::of(changes));
        Self { _folder: folder, engine, charters, clock, dispatching }
    }

    async fn turn(&self, on: bool) {
        let view = on.then_some(StreamViewType::KeysOnly);
        let stream = StreamSpecification::builder().stream_enabled(on).set_stream_view_type(view);
        let update = self.engine.client().update_table().table_name("crew-dispatch");
        update.stream_specification(stream.build().unwrap()).send().await.unwrap();
        // Whose leases are whose is looked at each few seconds.
        self.clock.advance(Duration::from_secs(20));
    }

    async fn confirm(&self, id: &str) {
        let day = Timestamp::now().to_zoned(TimeZone::UTC).date().saturating_add(9.days());
        let rows = format!(
            "charter_id,date,guest,total,currency,status,kind,brand,notes,hours,harbour\n\
             {id},{day},Ann Rivers,100,USD,confirmed,charter,Example Sails,,09:00-12:00,\n"
        );
        let rows = Reading::of("a.csv", rows.as_bytes(), Format::Csv).unwrap();
        let rows = rows.complete(OnConflict::Refuse).unwrap();
        import(&self.charters, rows, OnConflict::Refuse).await.unwrap();
    }

    /// What a look does; nobody is on the crew, so it fails for every charter that it has found.
    async fn look(&self) -> (Dispatched, Option<String>) {
        let shown = std::cell::RefCell::new(None);
        let show = |did: &Dispatched| {
            shown.replace(Some(did.clone()));
            Ok(())
        };
        let looked = self.dispatching.look(show).await;
        (shown.take().unwrap(), looked.err().map(|error| error.to_string()))
    }
}

#[tokio::test]
async fn a_stream_that_is_turned_off_is_told_polled_for_at_once_and_followed_again() {
    let office = Office::new().await;
    let (did, failed) = office.look().await;
    assert_eq!((did.degraded, failed), (None, None));

    office.turn(false).await;
    office.confirm("C-1").await;
    office.dispatching.changed().await;
    let (did, failed) = office.look().await;
    assert!(did.degraded.unwrap().contains("no stream of changes"));
    assert!(failed.unwrap().contains("C-1"), "it is polled for at once");

    // And then each time that it is to poll, though no change tells.
    office.confirm("C-2").await;
    office.dispatching.changed().await;
    let (did, failed) = office.look().await;
    assert!(did.degraded.is_some() && failed.unwrap().contains("C-2"));

    office.turn(true).await;
    office.dispatching.changed().await;
    let (did, _) = office.look().await;
    assert_eq!(did.degraded, None);
    office.confirm("C-3").await;
    office.dispatching.changed().await;
    let (_, failed) = office.look().await;
    assert!(failed.unwrap().contains("C-3"), "it is followed again");
}
