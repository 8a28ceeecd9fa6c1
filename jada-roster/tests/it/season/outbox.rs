//! A real outbox in a season: what is in it is read back from its own files, and from nothing else it is
//! taken who was told what.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jada_auth::ManualClock;
use jada_mail::{MailState, Outbox, Received};
use jada_roster::{
    CallMail, CrewId, Error, Harbour, Letter, Link, LinkRefusal, LinkSpec, LinkUrl, MagicLinks,
    MemoryLinks, MemoryRoster, NoticeKind, OpenLink, Peeked, Postman, Presented, Purpose, Verified,
};
use jiff::Timestamp;

use super::flaky::Flaky;
use super::post::{Mail, Post};
use super::store::{Weather, pause};

/// Writes mails and puts them into an outbox; may be stopped wherever it waits.
#[derive(Debug)]
pub(super) struct Sealed {
    mail: CallMail,
    post: Arc<Post>,
    files: Arc<Files>,
}

/// The outbox of a season, and what is known of its mails.
#[derive(Debug)]
pub(super) struct Files {
    folder: tempfile::TempDir,
    outbox: Outbox,
    links: Arc<MemoryLinks>,
    /// What was handed over under which key, in the outbox or not.
    handed: Mutex<HashMap<String, Mail>>,
    read: Mutex<BTreeMap<PathBuf, Vec<u8>>>,
}

impl Sealed {
    pub(super) fn new(
        roster: &MemoryRoster,
        clock: &Arc<ManualClock>,
        weather: &Arc<Weather>,
        post: &Arc<Post>,
    ) -> (Self, Arc<Files>) {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::builder(folder.path().join("outbox")).clock(clock.clone()).build();
        let links = Arc::new(MemoryLinks::new(roster).unwrap().with_clock(clock.clone()));
        let shaky = Flaky { backend: links.clone(), weather: weather.clone() };
        let answers = LinkUrl::new("https://crew.example.com/crew/answer").unwrap();
        let mail = CallMail::builder(
            outbox.clone(),
            (Arc::new(shaky) as Arc<dyn MagicLinks>, answers),
            "Example Sails <crew@example.com>".parse().unwrap(),
            OPERATIONS.parse().unwrap(),
            Harbour::new("Pier 2", super::zone()),
        );
        let (handed, read) = Default::default();
        let files = Arc::new(Files { folder, outbox, links, handed, read });
        let mail = mail.clock(clock.clone()).build();
        (Self { mail, post: post.clone(), files: files.clone() }, files)
    }
}

#[async_trait]
impl Postman for Sealed {
    async fn take(&self, letter: &Letter) -> Result<(), Error> {
        let mail = self.post.comes(letter).await?;
        let key = CallMail::key(letter).unwrap().to_string();
        let before = self.files.handed.lock().unwrap().insert(key.clone(), mail.clone());
        if let Some(before) = before {
            assert!(before.is_of_one_notice(&mail), "{key} is of two mails: {before:?} {mail:?}");
            self.post.state().again += 1;
        }
        self.mail.take(letter).await?;
        pause().await;
        Ok(())
    }
}

impl Files {
    /// What came to be in the outbox since the last time.
    pub(super) async fn news(&self, now: Timestamp) -> Vec<Arc<Mail>> {
        let mut news = Vec::new();
        for path in self.paths() {
            if self.read.lock().unwrap().contains_key(&path) {
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let key = path.file_stem().unwrap().to_str().unwrap();
            let handed = self.handed.lock().unwrap()[key].clone();
            let mail = Mail { kept: now, ..handed };
            self.says(&Received::parse(&bytes).unwrap(), &mail).await;
            news.push(Arc::new(mail));
            self.read.lock().unwrap().insert(path, bytes);
        }
        news
    }

    fn paths(&self) -> BTreeSet<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.folder.path().join("outbox/mails")) else {
            return BTreeSet::new();
        };
        let paths = entries.map(|entry| entry.unwrap().path());
        paths.filter(|path| path.extension().is_some_and(|end| end == "eml")).collect()
    }

    /// That a mail says, to whom it is to, what was to be said.
    async fn says(&self, read: &Received, mail: &Mail) {
        let emails = |addresses: &[jada_mail::ReceivedAddress]| {
            addresses.iter().map(|to| to.email().to_owned()).collect::<Vec<_>>()
        };
        let (to, cc) = match &mail.to {
            Some(crew) => (email(crew), vec!["operations@example.com".to_owned()]),
            None => ("operations@example.com".to_owned(), vec![]),
        };
        assert_eq!((emails(read.to()), emails(read.cc())), (vec![to], cc), "{mail:?}");
        assert_eq!(read.date().unwrap().as_second(), mail.since.as_second(), "{mail:?}");
        let begins = SUBJECTS.iter().find(|(begins, _)| read.subject().starts_with(begins));
        assert_eq!(begins.map(|(_, kind)| *kind), Some(mail.kind), "{}", read.subject());
        let day = mail.date.strftime("%-d %B %Y").to_string();
        assert!(read.subject().contains(&day), "{}: {mail:?}", read.subject());
        let charter = format!("Charter | {}", mail.charter);
        assert!(read.text().lines().any(|line| line == charter), "{}", read.text());
        let links: Vec<_> = read.text().match_indices("/crew/answer?token=").collect();
        assert_eq!(links.len(), usize::from(mail.kind == NoticeKind::Ask), "{}", read.text());
        if let [(at, _)] = links[..] {
            self.opens(&read.text()[at..], mail).await;
        }
    }

    /// That a link opens the answer of its member to this charter, unless they were told since that
    /// nobody waits for them.
    async fn opens(&self, link: &str, mail: &Mail) {
        let link = link.split(['>', '\r', '\n']).next().unwrap();
        let text = LinkUrl::parse(&format!("https://crew.example.com{link}")).unwrap();
        let presented = Presented::new(text, Purpose::answer(&mail.charter));
        match self.links.peek(&presented).await {
            Ok(peeked) => {
                let opened = (Some(peeked.crew), peeked.purpose);
                assert_eq!(opened, (mail.to.clone(), Purpose::answer(&mail.charter)));
            }
            Err(Error::LinkRefused { reason: LinkRefusal::Revoked }) => {
                let handed = self.handed.lock().unwrap();
                let ends = |told: &Mail| {
                    let is_over = matches!(told.kind, NoticeKind::Taken | NoticeKind::CalledOff);
                    let is_theirs = told.to == mail.to && told.charter == mail.charter;
                    is_over && is_theirs && told.sequence > mail.sequence
                };
                assert!(handed.values().any(ends), "{mail:?} has a link that opens nothing");
            }
            Err(error) => panic!("{mail:?}: {error}"),
        }
    }

    /// Mails never change, and the outbox counts as many as there are, each to be sent.
    pub(super) fn at_the_end(&self) {
        let read = self.read.lock().unwrap();
        assert!(self.paths().into_iter().eq(read.keys().cloned()));
        for (path, bytes) in &*read {
            assert!(std::fs::read(path).unwrap() == *bytes, "{path:?} has changed");
        }
        let status = self.outbox.status().unwrap();
        let states = [MailState::Queued, MailState::Sending, MailState::Sent, MailState::Failed];
        assert_eq!(states.map(|state| status.count(state)), [read.len(), 0, 0, 0]);
    }
}

#[async_trait]
impl MagicLinks for Flaky<Arc<MemoryLinks>> {
    async fn issue(&self, crew: &CrewId, spec: &LinkSpec) -> Result<Link, Error> {
        self.ask("issue", [(); 2].map(|()| self.backend.issue(crew, spec))).await
    }

    async fn verify(&self, presented: &Presented) -> Result<Verified, Error> {
        self.backend.verify(presented).await
    }

    async fn peek(&self, presented: &Presented) -> Result<Peeked, Error> {
        self.backend.peek(presented).await
    }

    async fn consume(&self, presented: &Presented) -> Result<Verified, Error> {
        self.backend.consume(presented).await
    }

    async fn redeem(&self, presented: &Presented) -> Result<Verified, Error> {
        self.backend.redeem(presented).await
    }

    async fn rotate(&self, crew: &CrewId, spec: &LinkSpec, grace: Duration) -> Result<Link, Error> {
        self.backend.rotate(crew, spec, grace).await
    }

    async fn revoke(&self, crew: &CrewId, purpose: &Purpose) -> Result<usize, Error> {
        self.backend.revoke(crew, purpose).await
    }

    async fn withdraw(
        &self,
        crew: &CrewId,
        purpose: &Purpose,
        issued_before: Timestamp,
    ) -> Result<usize, Error> {
        self.backend.withdraw(crew, purpose, issued_before).await
    }

    async fn revoke_all(&self, crew: &CrewId) -> Result<usize, Error> {
        self.backend.revoke_all(crew).await
    }

    async fn end_session(&self, presented: &Presented) -> Result<(), Error> {
        self.backend.end_session(presented).await
    }

    async fn open_links(&self, crew: &CrewId) -> Result<Vec<OpenLink>, Error> {
        self.backend.open_links(crew).await
    }
}

/// The address of a member, as the season hires them.
fn email(crew: &CrewId) -> String {
    let number: u32 = crew.as_str().trim_start_matches("m-").parse().unwrap();
    format!("member-{number}@example.com")
}

const OPERATIONS: &str = "Operations <operations@example.com>";

/// How a subject begins, by what the mail says.
const SUBJECTS: [(&str, NoticeKind); 8] = [
    ("Can you sail on ", NoticeKind::Ask),
    ("You sail on ", NoticeKind::Aboard),
    ("Changed: ", NoticeKind::Changed),
    ("You do not sail on ", NoticeKind::Released),
    ("No longer needed on ", NoticeKind::Taken),
    ("Called off: ", NoticeKind::CalledOff),
    ("Nobody left to call for ", NoticeKind::NobodyLeft),
    ("Sails twice at once: ", NoticeKind::Clash),
];
