//! Who may do and see what.

use jada_loopback_issuer::Drive;
use serde_json::json;

use super::{CREATE, ask, begin, get, made, refusal, refused};

const FILE: &str = "https://www.googleapis.com/auth/drive.file";

#[test]
fn a_token_that_is_bad_or_too_narrow_is_refused() {
    let readonly = "https://www.googleapis.com/auth/drive.readonly";
    let drive = Drive::builder().folder("f").token("good", [readonly]).start().unwrap();
    assert_eq!(get(&drive, "/f").status, 200);
    let reply = begin(&drive, CREATE, &json!({}));
    assert_eq!(refusal(&reply), refused(403, "insufficientPermissions"));
    for headers in ["", "Authorization: Bearer bad\r\n"] {
        let reply = ask(&drive, "GET /drive/v3/files/f", headers, "").unwrap();
        assert_eq!(refusal(&reply), refused(401, "authError"));
    }
}

#[test]
fn the_narrow_scope_shows_what_the_app_made_and_no_more() {
    for (scope, shown) in [(FILE, false), ("https://www.googleapis.com/auth/drive", true)] {
        let drive = Drive::builder().folder("statements").token("good", [scope]).start().unwrap();
        let theirs = drive.put_by_person("statements", "a", "x");
        let ours = made(&drive, "a", "x");
        assert_eq!(get(&drive, &format!("/{ours}")).status, 200);
        assert_eq!(get(&drive, &format!("/{theirs}")).status == 200, shown);
        let listed = get(&drive, "?q=name+%3D+'a'").json();
        assert_eq!(listed["files"].as_array().unwrap().len(), 1 + usize::from(shown));
    }
}

#[test]
fn a_shared_drive_is_there_for_those_who_support_it() {
    let drive = Drive::builder().shared_folder("shared").start().unwrap();
    let id = drive.put_by_person("shared", "a", "x");
    assert_eq!(refusal(&get(&drive, &format!("/{id}"))), refused(404, "notFound"));
    let file = get(&drive, &format!("/{id}?supportsAllDrives=true&fields=driveId"));
    assert_eq!(file.text("driveId"), "0ASharedDrive");
    for (flags, count) in [("", 0), ("&includeItemsFromAllDrives=true", 1)] {
        let list = get(&drive, &format!("?q=name+%3D+'a'&supportsAllDrives=true{flags}")).json();
        assert_eq!(list["files"].as_array().unwrap().len(), count);
    }
}

#[test]
fn a_service_account_has_room_in_shared_drives_alone() {
    let drive = Drive::builder().service_account().folder("own").shared_folder("shared");
    let drive = drive.start().unwrap();
    for parents in [json!(["own"]), json!([])] {
        let reply = begin(&drive, CREATE, &json!({ "parents": parents }));
        assert_eq!(refusal(&reply), refused(403, "storageQuotaExceeded"));
    }
    let create = format!("{CREATE}supportsAllDrives=true");
    assert_eq!(begin(&drive, &create, &json!({ "parents": ["shared"] })).status, 200);
}
