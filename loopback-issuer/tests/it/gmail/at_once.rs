//! Many clients at once.

use std::collections::BTreeMap;
use std::thread;

use jada_loopback_issuer::{Gmail, GmailFault, MessageIds};

use super::{create_draft, drafted, mail, send_draft};

#[test]
fn of_many_who_send_a_draft_one_does() {
    let gmail = Gmail::start().unwrap();
    let draft = drafted(&gmail, "a");
    let statuses: Vec<u16> = thread::scope(|scope| {
        let send = || send_draft(&gmail, &draft).unwrap().status;
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(send)).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1);
    assert_eq!(statuses.iter().filter(|status| **status == 404).count(), 7);
    assert_eq!(gmail.sent().len(), 1);
}

/// Creates until it learns of a draft, and sends that until it learns that it is gone.
fn send(gmail: &Gmail, name: &str) {
    let created = || create_draft(gmail, &mail(name)).ok().filter(|it| it.status == 200);
    let id = loop {
        let draft = created().and_then(|it| serde_json::from_slice(&it.body).ok());
        if let Some(draft) = draft.map(|it: serde_json::Value| it["id"].clone()) {
            break draft.as_str().unwrap().to_owned();
        }
    };
    while send_draft(gmail, &id).map_or(0, |it| it.status) != 404 {}
}

/// A naive client leaves drafts behind; what it knows of is sent once, or was deleted.
#[test]
fn a_mail_is_sent_as_often_as_a_draft_of_it_was() {
    let mix = GmailFault::MIX.iter().copied();
    let mix = mix.filter(|it| !matches!(it, GmailFault::Hang(_) | GmailFault::Unauthorized));
    let gmail = Gmail::builder().seed(5).faults(0.4).mix(mix).person_deletes(0.1);
    let gmail = gmail.message_ids(MessageIds::Mixed).start().unwrap();
    thread::scope(|scope| {
        for thread in 0..4 {
            let gmail = &gmail;
            scope.spawn(move || (0..25).for_each(|it| send(gmail, &format!("m{thread}-{it}"))));
        }
    });
    let mut fates = BTreeMap::<String, (usize, usize)>::new();
    for sent in gmail.sent() {
        fates.entry(sent.reference.unwrap()).or_default().0 += 1;
    }
    for deleted in gmail.deleted_by_person() {
        fates.entry(deleted.reference.unwrap()).or_default().1 += 1;
    }
    assert_eq!(fates.len(), 100);
    for (name, (sent, deleted)) in &fates {
        assert_eq!(sent + deleted, 1, "{name}: {sent} sent, {deleted} deleted\n{}", gmail.log());
    }
    let created = gmail.log().matches(" created draft ").count();
    assert_eq!(created, 100 + gmail.drafts().len());
    assert!(gmail.drafts().len() > 5 && gmail.deleted_by_person().len() > 2, "{}", gmail.log());
}
