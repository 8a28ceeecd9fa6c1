//! Drafts, from their creation to their end.

use jada_loopback_issuer::Gmail;

use super::{ME, ask_well, create_draft, drafted, get, mail, refusal, refused, send_draft};

#[test]
fn a_draft_is_sent_once_and_is_gone_then() {
    let gmail = Gmail::start().unwrap();
    let created = create_draft(&gmail, &mail("a")).unwrap();
    assert_eq!(created.status, 200);
    let (id, message) = (created.text("id"), &created.json()["message"]);
    assert_eq!(message["labelIds"], serde_json::json!(["DRAFT"]));
    assert_eq!(get(&gmail, &format!("drafts/{id}")).text("id"), id);
    assert_eq!(&*gmail.drafts()[0].raw, mail("a").as_bytes());

    let sent = send_draft(&gmail, &id).unwrap();
    assert_eq!((sent.status, &sent.json()["labelIds"][0]), (200, &"SENT".into()));
    assert_ne!(sent.json()["id"], message["id"]);
    assert_eq!(sent.json()["threadId"], message["threadId"]);
    let gone = [send_draft(&gmail, &id).unwrap(), get(&gmail, &format!("drafts/{id}"))];
    assert_eq!(gone.map(|it| refusal(&it)), [refused(404, "notFound"), refused(404, "notFound")]);
    let draft = format!("messages/{}", message["id"].as_str().unwrap());
    assert_eq!(get(&gmail, &draft).status, 404);

    let [mail_sent] = &gmail.sent()[..] else { panic!("{}", gmail.log()) };
    assert_eq!(mail_sent.id, sent.text("id"));
    assert_eq!(&*mail_sent.raw, mail("a").as_bytes());
    assert_eq!(mail_sent.reference.as_deref(), Some("a"));
    assert_eq!(gmail.drafts(), []);
}

#[test]
fn a_draft_is_deleted_for_good() {
    let gmail = Gmail::start().unwrap();
    let id = drafted(&gmail, "a");
    let delete = || ask_well(&gmail, &format!("DELETE {ME}/drafts/{id}"), "", "").unwrap();
    let deleted = delete();
    assert_eq!((deleted.status, &*deleted.body), (204, &b""[..]));
    assert_eq!(refusal(&delete()), refused(404, "notFound"));
    assert_eq!(send_draft(&gmail, &id).unwrap().status, 404);
    assert_eq!((gmail.sent(), gmail.deleted_by_person()), (vec![], vec![]));
}

#[test]
fn a_draft_that_a_person_deletes_is_recorded() {
    let gmail = Gmail::start().unwrap();
    let (first, second) = (drafted(&gmail, "a"), drafted(&gmail, "b"));
    assert!(gmail.delete_draft(&first) && !gmail.delete_draft(&first));
    assert_eq!(send_draft(&gmail, &first).unwrap().status, 404);
    assert_eq!(send_draft(&gmail, &second).unwrap().status, 200);
    let [deleted] = &gmail.deleted_by_person()[..] else { panic!("{}", gmail.log()) };
    assert_eq!((&deleted.id, deleted.reference.as_deref()), (&first, Some("a")));
}

#[test]
fn a_person_deletes_at_a_rate_what_is_about_to_be_sent() {
    let gmail = Gmail::builder().seed(3).person_deletes(0.5).start().unwrap();
    for number in 0..40 {
        let id = drafted(&gmail, &format!("m{number}"));
        let sent = send_draft(&gmail, &id).unwrap();
        assert!(matches!(sent.status, 200 | 404));
    }
    let (sent, deleted) = (gmail.sent().len(), gmail.deleted_by_person().len());
    assert!(sent > 5 && deleted > 5 && sent + deleted == 40, "{sent} sent, {deleted} deleted");
    gmail.heal();
    assert_eq!(send_draft(&gmail, &drafted(&gmail, "last")).unwrap().status, 200);
}

#[test]
fn a_draft_without_a_recipient_stays_one() {
    let gmail = Gmail::start().unwrap();
    let created = create_draft(&gmail, "Subject: later\r\n\r\nSoon.\r\n").unwrap();
    let sent = send_draft(&gmail, &created.text("id")).unwrap();
    assert_eq!(refusal(&sent), refused(400, "invalidArgument"));
    assert_eq!((gmail.drafts().len(), gmail.sent().len()), (1, 0));
}
