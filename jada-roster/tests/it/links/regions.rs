//! Two regions, which are two engines here, and a table that is copied as a test says.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use jada_roster::{
    BrowserNonce, DynamoLinks, DynamoRoster, Error, LinkRefusal, LinkSpec, MagicLinks, Peppers,
    RosterRepository,
};
use tokio::time::sleep;

use super::tables::{Item, back, member, portal, refusal};
use crate::faults::{Fault, Faulty};

const HOME: &str = "us-east-1";
const NEAR: &str = "eu-west-1";

struct Regions {
    home: Faulty,
    near: Faulty,
    peppers: Peppers,
}

impl Regions {
    /// A member is in both.
    async fn new() -> Self {
        let (home, near) = (Faulty::new(), Faulty::new());
        for region in [&home, &near] {
            let roster = DynamoRoster::new(region.client());
            roster.ensure_tables().await.unwrap();
            roster.add(&member(1)).await.unwrap();
            region.requests();
        }
        let peppers = Peppers::generate().unwrap().at_home_in(HOME);
        Self { home, near, peppers }
    }

    fn at_home(&self) -> DynamoLinks {
        let builder = DynamoLinks::builder(self.home.client(), self.peppers.clone());
        builder.region(HOME).build().unwrap()
    }

    fn abroad(&self) -> jada_roster::DynamoLinksBuilder {
        let builder = DynamoLinks::builder(self.near.client(), self.peppers.clone());
        builder.region(NEAR).replica(HOME, self.home.client())
    }

    async fn copy(&self) {
        copy(&self.home.engine().client(), &self.near.engine().client()).await;
    }
}

async fn rows(client: &Client) -> Vec<Item> {
    client.scan().table_name("crew-keys").send().await.unwrap().items.unwrap_or_default()
}

async fn copy(home: &Client, near: &Client) {
    for row in rows(home).await {
        let put = near.put_item().table_name("crew-keys").set_item(Some(row));
        put.send().await.unwrap();
    }
}

#[tokio::test]
async fn links_are_made_and_used_up_at_home_wherever_that_is_asked() {
    let regions = Regions::new().await;
    let (here, abroad) = (regions.at_home(), regions.abroad().build().unwrap());
    let crew = member(1);
    let link = abroad.issue(crew.id(), &LinkSpec::single_use(portal())).await.unwrap();
    regions.copy().await;
    abroad.consume(&back(&link)).await.unwrap();
    assert_eq!(refusal(here.consume(&back(&link)).await), LinkRefusal::Used);

    let standing = LinkSpec::standing(portal());
    let first = here.issue(crew.id(), &standing).await.unwrap();
    abroad.verify(&back(&first)).await.expect("what is not copied yet is read at home");
    let second = abroad.rotate(crew.id(), &standing, Duration::ZERO).await.unwrap();
    here.verify(&back(&first)).await.unwrap_err();
    here.verify(&back(&second)).await.unwrap();
    assert_eq!(abroad.revoke_all(crew.id()).await.unwrap(), 1);
    here.verify(&back(&second)).await.unwrap_err();
    let session = abroad.issue(crew.id(), &LinkSpec::session(portal())).await.unwrap();
    abroad.end_session(&back(&session)).await.unwrap();
    assert_eq!(refusal(here.verify(&back(&session)).await), LinkRefusal::Revoked);
    assert_eq!(regions.near.requests(), [""; 0], "all of it went home");
}

#[tokio::test]
async fn who_reads_near_by_hears_of_a_revocation_when_it_is_copied() {
    let regions = Regions::new().await;
    let (here, abroad) = (regions.at_home(), regions.abroad().reading_near().build().unwrap());
    let crew = member(1);
    let link = here.issue(crew.id(), &LinkSpec::standing(portal())).await.unwrap();
    let single = here.issue(crew.id(), &LinkSpec::single_use(portal())).await.unwrap();
    abroad.verify(&back(&link)).await.expect("what is not copied yet is read at home");
    let session = abroad.issue(crew.id(), &LinkSpec::session(portal())).await.unwrap();
    regions.home.requests();
    let opened = abroad.verify(&back(&session)).await.expect("it was made a moment ago");
    assert_eq!(opened.crew, *crew.id());
    assert_eq!(regions.home.requests(), ["GetItem"]);
    regions.copy().await;
    regions.home.requests();
    abroad.verify(&back(&link)).await.unwrap();
    abroad.verify(&back(&session)).await.unwrap();
    assert_eq!(regions.home.requests(), [""; 0]);
    abroad.peek(&back(&single)).await.unwrap();
    assert_eq!(
        regions.home.requests(),
        ["GetItem"],
        "near by it might not be known that it is used"
    );
    here.revoke_all(crew.id()).await.unwrap();
    abroad.verify(&back(&link)).await.expect("it was not copied yet");
    assert_eq!(
        refusal(abroad.consume(&back(&single)).await),
        LinkRefusal::Revoked,
        "what is written is written at home"
    );
    regions.copy().await;
    for ended in [&link, &session] {
        assert_eq!(refusal(abroad.verify(&back(ended)).await), LinkRefusal::Revoked);
    }
    let second =
        here.rotate(crew.id(), &LinkSpec::standing(portal()), Duration::ZERO).await.unwrap();
    abroad.verify(&back(&second)).await.expect("it is in no row near by");
}

#[tokio::test]
async fn a_home_that_nobody_configured_is_refused() {
    let regions = Regions::new().await;
    let (crew, single) = (member(1), LinkSpec::single_use(portal()));
    let link = regions.at_home().issue(crew.id(), &single).await.unwrap();
    let elsewhere = DynamoLinks::builder(regions.near.client(), regions.peppers.clone());
    for builder in [elsewhere.clone(), elsewhere.region(NEAR)] {
        let refused = builder.build().unwrap_err();
        assert!(matches!(&refused, Error::Invalid { found, .. } if found == HOME), "{refused}");
    }

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secrets").join(Peppers::FILE_NAME);
    Peppers::open_or_create(&file).unwrap();
    Peppers::rotate_to(&file, HOME).unwrap();
    let at_home = DynamoLinks::builder(regions.home.client(), Peppers::open(&file).unwrap());
    let at_home = at_home.region(HOME).build().unwrap();
    let link_of_home = at_home.issue(crew.id(), &single).await.unwrap();
    let moved = Peppers::rotate_to(&file, NEAR).unwrap();
    let near = DynamoLinks::builder(regions.near.client(), moved).region(NEAR).build().unwrap();
    assert_eq!(refusal(near.consume(&back(&link_of_home)).await), LinkRefusal::UnknownRegion);
    assert_eq!(refusal(near.consume(&back(&link)).await), LinkRefusal::Unknown, "another pepper");
    near.end_session(&back(&link_of_home)).await.expect("it is no session");
    let link = near.issue(crew.id(), &single).await.unwrap();
    near.consume(&back(&link)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn another_region_is_waited_for_until_it_agrees_or_the_deadline() {
    let regions = Regions::new().await;
    let links = regions.at_home();
    let (crew, near) = (member(1), regions.near.client());
    let (wait, deadline) = (Duration::from_secs(2), Duration::from_secs(5));
    let standing = links.issue(crew.id(), &LinkSpec::standing(portal())).await.unwrap();
    let single = links.issue(crew.id(), &LinkSpec::single_use(portal())).await.unwrap();
    for link in [&standing, &single] {
        let late = links.verify_replicated(link, &near, deadline).await.unwrap_err();
        assert!(
            matches!(&late, Error::NotReplicated { key, .. } if key == crew.id().as_str()),
            "{late:?}"
        );
        assert!(late.is_transient());
    }
    let copied = async {
        sleep(wait).await;
        regions.copy().await;
    };
    let both = async {
        links.verify_replicated(&standing, &near, deadline).await.unwrap();
        links.verify_replicated(&single, &near, deadline).await.unwrap();
    };
    futures_util::join!(copied, both);

    links.consume(&back(&single).by(BrowserNonce::generate().unwrap())).await.unwrap();
    links.revoke_all(crew.id()).await.unwrap();
    for link in [&standing, &single] {
        let late = links.verify_replicated(link, &near, deadline).await;
        assert!(matches!(late, Err(Error::NotReplicated { .. })), "{late:?}");
    }
    regions.copy().await;
    for link in [&standing, &single] {
        links.verify_replicated(link, &near, Duration::ZERO).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn another_region_that_cannot_be_reached_for_a_while_is_asked_again() {
    let regions = Regions::new().await;
    let links = regions.at_home();
    let (crew, near) = (member(1), regions.near.client());
    let link = links.issue(crew.id(), &LinkSpec::standing(portal())).await.unwrap();
    regions.copy().await;
    regions.near.next("GetItem", &[Fault::Fail; 20]);
    let deadline = Duration::from_secs(600);
    links.verify_replicated(&link, &near, deadline).await.unwrap();
    assert!(!regions.near.has_more());
    regions.near.next("GetItem", &[Fault::Fail; 2_000]);
    let late = links.verify_replicated(&link, &near, Duration::from_secs(5)).await;
    assert!(matches!(late, Err(Error::NotReplicated { .. })), "{late:?}");
}
