//! Files that are made and replaced.

use jada_loopback_issuer::Drive;
use serde_json::json;

use super::{CREATE, QUANTUM, begin, generated, get, made, put, refusal, refused, session};

#[test]
fn an_id_that_was_handed_out_makes_one_file() {
    let drive = Drive::start().unwrap();
    let id = generated(&drive);
    let metadata = json!({ "id": id, "name": "a.csv", "parents": ["statements"] });
    let [one, two] = [(); 2].map(|()| session(&begin(&drive, CREATE, &metadata), &drive));
    let done = put(&drive, &one, "bytes 0-2/3", b"a,b").unwrap();
    assert_eq!((done.status, done.text("id")), (200, id.clone()));
    let again = put(&drive, &one, "bytes */3", b"").unwrap();
    assert_eq!((again.status, again.json()), (200, done.json()));
    let second = put(&drive, &two, "bytes 0-2/3", b"x,y").unwrap();
    assert_eq!(refusal(&second), refused(409, "fileIdInUse"));
    assert_eq!(refusal(&begin(&drive, CREATE, &metadata)), refused(409, "fileIdInUse"));
    let files = drive.files();
    assert_eq!((files.len(), &*files[0].bytes, &*files[0].mime_type), (1, &b"a,b"[..], "text/csv"));
    drive.delete(&id);
    assert_eq!(refusal(&begin(&drive, CREATE, &metadata)), refused(409, "fileIdInUse"));
}

#[test]
fn what_was_made_is_told_with_its_digests() {
    let drive = Drive::start().unwrap();
    let id = made(&drive, "a.txt", "abc");
    let fields = "sha256Checksum,md5Checksum,size,name,parents,webViewLink,trashed,capabilities";
    let file = get(&drive, &format!("/{id}?fields={fields}")).json();
    let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!((&file["sha256Checksum"], &file["size"]), (&sha256.into(), &"3".into()));
    assert_eq!(file["md5Checksum"], "900150983cd24fb0d6963f7d28e17f72");
    assert_eq!((&file["parents"], &file["trashed"]), (&json!(["statements"]), &false.into()));
    assert_eq!(file["capabilities"]["canEdit"], true);
    assert!(file["webViewLink"].as_str().unwrap().contains(&id) && file["kind"].is_null());
    let keys = get(&drive, &format!("/{id}")).json().as_object().unwrap().len();
    assert_eq!(keys, 4, "kind, id, name and mimeType unless more is asked for");
}

#[test]
fn a_replacement_keeps_id_and_folder() {
    let drive = Drive::start().unwrap();
    let id = made(&drive, "a.txt", "abc");
    let update = format!("PATCH /upload/drive/v3/files/{id}?");
    let begun = begin(&drive, &update, &json!({ "mimeType": "text/plain" }));
    put(&drive, &session(&begun, &drive), "bytes 0-1/2", b"xy").unwrap();
    let file = drive.files().remove(0);
    assert_eq!((&*file.bytes, &*file.name, &*file.mime_type), (&b"xy"[..], "a.txt", "text/plain"));
    assert_eq!((file.id, file.folder, file.revisions), (id, "statements".to_owned(), 1));
}

#[test]
fn chunks_are_quanta_and_a_question_tells_how_many() {
    let drive = Drive::start().unwrap();
    let metadata = json!({ "name": "a", "parents": ["statements"] });
    let (session, total) = (session(&begin(&drive, CREATE, &metadata), &drive), QUANTUM + 5);
    let whole: Vec<u8> = (0..total).map(|at| at as u8).collect();
    let odd = put(&drive, &session, &format!("bytes 0-9/{total}"), &whole[..10]).unwrap();
    assert_eq!(refusal(&odd), refused(400, "invalidContentRange"));
    let first = format!("bytes 0-{}/{total}", QUANTUM - 1);
    let more = put(&drive, &session, &first, &whole[..QUANTUM]).unwrap();
    assert_eq!((more.status, more.header("Range")), (308, Some("bytes=0-262143")));
    let asked = put(&drive, &session, &format!("bytes */{total}"), b"").unwrap();
    assert_eq!((asked.status, asked.header("Range")), (308, Some("bytes=0-262143")));
    let rest = format!("bytes {QUANTUM}-{}/{total}", total - 1);
    assert_eq!(put(&drive, &session, &rest, &whole[QUANTUM..]).unwrap().status, 200);
    assert_eq!(*drive.files()[0].bytes, *whole);
}

#[test]
fn what_google_does_not_take_is_refused() {
    let drive = Drive::start().unwrap();
    let id = made(&drive, "a.txt", "abc");
    let update = format!("PATCH /upload/drive/v3/files/{id}?");
    for (line, metadata, reason) in [
        (CREATE, json!({ "id": "of-my-own" }), refused(400, "invalid")),
        (CREATE, json!({ "parents": ["nowhere"] }), refused(404, "notFound")),
        (CREATE, json!({ "parents": [id] }), refused(403, "parentNotAFolder")),
        (CREATE, json!({ "parents": ["a", "b"] }), refused(400, "cannotAddParent")),
        (&*update, json!({ "parents": ["statements"] }), refused(403, "fieldNotWritable")),
        ("PATCH /upload/drive/v3/files/none?", json!({}), refused(404, "notFound")),
    ] {
        assert_eq!(refusal(&begin(&drive, line, &metadata)), reason, "{metadata}");
    }
    drive.protect(&id);
    let reply = begin(&drive, &update, &json!({}));
    assert_eq!(refusal(&reply), refused(403, "insufficientFilePermissions"));
    assert_eq!(
        refusal(&get(&drive, &format!("/{id}?fields=nothing"))),
        refused(400, "invalidParameter")
    );
    assert_eq!(refusal(&get(&drive, "/generateIds?count=0")), refused(400, "invalidArgument"));
}
