//! Single-use links, issued and consumed one after the other.

use std::time::Duration;

use jada_roster::{
    CrewTables, DynamoLinks, DynamoRoster, EmbeddedEngine, LinkSpec, LinkText, MagicLinks, Peppers,
    Presented, Purpose, RosterRepository,
};

use crate::crew::crew;

/// Links of as many members as they need.
#[derive(Debug)]
pub struct OneTimeLinks {
    roster: DynamoRoster,
    links: DynamoLinks,
    issued: usize,
}

impl OneTimeLinks {
    /// Creates the tables if they are missing. The peppers end with this process.
    pub async fn of(engine: &EmbeddedEngine) -> Self {
        let peppers = Peppers::generate().unwrap();
        let roster = DynamoRoster::new(engine.client()).with_tables(CrewTables::default());
        roster.ensure_tables().await.unwrap();
        let links = DynamoLinks::builder(engine.client(), peppers).build().unwrap();
        Self { roster, links, issued: 0 }
    }

    /// Leaves so many members to other processes.
    pub fn skip(&mut self, members: usize) {
        self.issued = members * 50;
    }

    /// A text that opens once. Every 50 are another member's, as one has 64 at most.
    pub async fn issue(&mut self) -> LinkText {
        let member = crew(1 + self.issued / 50).pop().unwrap();
        if self.issued.is_multiple_of(50) {
            self.roster.add(&member).await.unwrap();
        }
        self.issued += 1;
        let spec = LinkSpec::single_use(Purpose::portal()).with_life(Duration::from_secs(3_600));
        self.links.issue(member.id(), &spec).await.unwrap().text
    }

    /// Uses a text up.
    pub async fn consume(&self, text: &LinkText) {
        let presented = Presented::new(text.clone(), Purpose::portal());
        self.links.consume(&presented).await.unwrap();
    }
}
