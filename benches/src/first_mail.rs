//! From a charter that becomes confirmed to the first mail of its call in the outbox.

use std::path::Path;
use std::sync::Arc;

use futures_util::TryStreamExt;
use jada_mail::{EmlFolder, Message, Outbox, Received};
use jada_roster::{
    Assignment, CallMail, Charter, CharterId, CharterRepository, CrewCall, CrewId, Currency,
    DynamoCharters, DynamoLinks, DynamoRoster, EmbeddedEngine, Kind, LinkUrl, LookedStream,
    MagicLinks, Peppers, Role, RosterRepository, Status,
};
use jiff::Timestamp;
use jiff::civil::date;

use crate::open_calls::{member, rules};
use crate::plain_calls::PlainCalls;

/// A harbour of 60 captains and 60 crew on the embedded engine in memory, with 300 charters a month, of
/// which each has its captain.
#[derive(Debug)]
pub struct FirstMail {
    charters: Arc<DynamoCharters>,
    links: Arc<DynamoLinks>,
    call: CrewCall,
    outbox: Outbox,
    plain: PlainCalls,
    booked: u32,
}

impl FirstMail {
    /// With its outbox in this folder.
    pub async fn in_folder(folder: &Path) -> Self {
        let client = EmbeddedEngine::in_memory().unwrap().client();
        let charters = Arc::new(DynamoCharters::new(client.clone()));
        let roster = Arc::new(DynamoRoster::new(client.clone()));
        charters.ensure_call_index().await.unwrap();
        roster.ensure_tables().await.unwrap();
        for number in 1..=60 {
            roster.add(&member(Role::Captain, number)).await.unwrap();
            roster.add(&member(Role::Crew, number)).await.unwrap();
        }
        let peppers = Peppers::generate().unwrap();
        let links = Arc::new(DynamoLinks::builder(client.clone(), peppers).build().unwrap());
        let outbox = Outbox::new(folder.join("outbox"));
        let answers = LinkUrl::new("https://crew.example.com/crew/answer").unwrap();
        let mail = CallMail::builder(
            outbox.clone(),
            (links.clone(), answers),
            "Example Sails <crew@example.com>".parse().unwrap(),
            "Operations <operations@example.com>".parse().unwrap(),
            rules().harbour().clone(),
        );
        let mail = Arc::new(mail.build());
        let call = CrewCall::builder(charters.clone(), roster, rules(), mail).build();
        let plain = PlainCalls::of(client);
        let mut first = Self { charters, links, call, outbox, plain, booked: 0 };
        for _ in 0..300 {
            first.book(Kind::Training).await;
        }
        first
    }

    /// Books a charter that is to be confirmed.
    pub async fn book_one(&mut self) -> Charter {
        self.book(Kind::Charter).await
    }

    async fn book(&mut self, kind: Kind) -> Charter {
        let (number, ids) = (self.booked, [CharterId::new(&format!("C-{}", self.booked)).unwrap()]);
        self.booked += 1;
        let day = date(2096, 6, 1 + i8::try_from(number % 30).unwrap());
        let charter = Charter::builder(ids[0].clone(), day, Currency::USD).kind(kind);
        self.charters.save(&[charter.build().unwrap()]).await.unwrap();
        let stored = self.charters.find(&ids).await.unwrap().remove(0);
        let captain = u8::try_from(1 + number % 60).unwrap();
        let captain = Assignment::new(member(Role::Captain, captain).id().clone(), Role::Captain);
        self.charters.assign(&stored, &[captain]).await.unwrap()
    }

    /// Confirms a charter, and does what a dispatcher does that is told of it by a stream.
    pub async fn confirm(&self, charter: &Charter) {
        self.charters.change_status(charter, Status::Confirmed).await.unwrap();
        mailed(self.call.advance_each([charter.id().clone()])).await;
    }

    /// Confirms a charter, and does what a dispatcher does that finds it in its month.
    pub async fn confirm_and_poll(&self, charter: &Charter) {
        self.charters.change_status(charter, Status::Confirmed).await.unwrap();
        mailed(self.call.advance_month("2096-06".parse().unwrap())).await;
    }

    /// Sends what is in the outbox, and gives it as it came.
    pub async fn sent(&self, folder: &Path) -> Vec<Received> {
        let folder = folder.join("eml");
        let drained = self.outbox.drain(&EmlFolder::new(&folder)).await.unwrap();
        assert_eq!(drained.sent.len(), 1);
        let files = std::fs::read_dir(folder).unwrap();
        let read = |file| Received::parse(&std::fs::read(file).unwrap()).unwrap();
        files.map(|file| read(file.unwrap().path())).collect()
    }

    /// The same by the requests alone, and a mail with these texts put into the same outbox.
    pub async fn by_hand(&self, charter: &Charter, mail: &Received) {
        let asked = CrewId::new("crew-1").unwrap();
        let row = self.plain.begin(charter, asked.as_str()).await;
        let message = Message::builder("Example Sails <crew@example.com>".parse().unwrap())
            .to("crew 1 <crew-1@example.com>".parse().unwrap())
            .cc("Operations <operations@example.com>".parse().unwrap())
            .subject(mail.subject().parse().unwrap())
            .html(mail.html().unwrap())
            .text(mail.text())
            .date(Timestamp::now())
            .idempotency_key(format!("by-hand-{}", charter.id()).parse().unwrap());
        self.outbox.enqueue(&message.build().unwrap()).unwrap();
        self.plain.tell(&row).await;
    }

    /// Takes the charter away, and the links to it.
    pub async fn clear_away(&self, charter: &Charter) {
        self.plain.delete(charter.id().as_str()).await;
        self.links.revoke_all(&CrewId::new("crew-1").unwrap()).await.unwrap();
    }
}

async fn mailed(mut looked: LookedStream<'_>) {
    while let Some(looked) = looked.try_next().await.unwrap() {
        if looked.outcome.unwrap().mails == 1 {
            return;
        }
    }
    panic!("no mail left");
}
