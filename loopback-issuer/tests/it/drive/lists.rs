//! Files found by name and folder, and permissions.

use std::time::Duration;

use jada_loopback_issuer::Drive;
use serde_json::{Value, json};

use super::{get, made, post, refusal, refused};

fn names(drive: &Drive, query: &str) -> Vec<String> {
    let list = get(drive, &format!("?{query}")).json();
    let files = list["files"].as_array().unwrap().iter();
    files.map(|file| file["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_list_is_of_what_meets_the_query_the_newest_first() {
    let drive = Drive::start().unwrap();
    let ids = ["a", "b", "A"].map(|name| made(&drive, name, "x"));
    assert_eq!(names(&drive, "q=name%20%3D%20'a'"), ["A", "a"]);
    assert_eq!(names(&drive, "q='statements'+in+parents"), ["A", "b", "a"]);
    drive.trash(&ids[1]);
    assert_eq!(names(&drive, "q='statements'+in+parents+and+trashed+%3D+false"), ["A", "a"]);
    let folder = "q=mimeType+%3D+'application/vnd.google-apps.folder'";
    assert_eq!(names(&drive, folder), ["statements"]);
    assert_eq!(refusal(&get(&drive, "?q=name+like+'a'")), refused(400, "invalid"));
}

#[test]
fn a_list_comes_in_pages() {
    let drive = Drive::start().unwrap();
    ["a", "b", "c"].iter().for_each(|name| drop(made(&drive, name, "x")));
    let page = get(&drive, "?pageSize=2&q='statements'+in+parents").json();
    assert_eq!(page["files"].as_array().unwrap().len(), 2);
    let token = page["nextPageToken"].as_str().unwrap();
    let rest = format!("?pageSize=2&q='statements'+in+parents&pageToken={token}");
    let rest = get(&drive, &rest).json();
    assert_eq!((&rest["files"][0]["name"], &rest["nextPageToken"]), (&"a".into(), &Value::Null));
}

#[test]
fn what_is_new_is_listed_late_and_there_at_once() {
    let drive = Drive::builder().folder("statements").index_lag(Duration::from_secs(60));
    let drive = drive.start().unwrap();
    let id = made(&drive, "a", "x");
    assert_eq!(names(&drive, "q=name+%3D+'a'"), [""; 0]);
    assert_eq!(get(&drive, &format!("/{id}")).text("name"), "a");
}

#[test]
fn the_same_beneficiary_has_one_permission() {
    let drive = Drive::start().unwrap();
    let id = made(&drive, "a", "x");
    let path = format!("/{id}/permissions");
    for permission in [
        json!({ "type": "anyone", "role": "reader" }),
        json!({ "type": "domain", "role": "reader", "domain": "example.com" }),
        json!({ "type": "anyone", "role": "commenter" }),
    ] {
        assert_eq!(post(&drive, &path, &permission).text("type"), permission["type"]);
    }
    let listed = get(&drive, &format!("{path}?fields=permissions(type,role,domain)")).json();
    let expected = json!({ "permissions": [
        { "type": "user", "role": "owner" },
        { "type": "domain", "role": "reader", "domain": "example.com" },
        { "type": "anyone", "role": "commenter" },
    ] });
    assert_eq!(listed, expected);
    assert_eq!(drive.files()[0].permissions.len(), 2);
    for (permission, reason) in [
        (json!({ "type": "domain", "role": "reader" }), "required"),
        (json!({ "role": "reader" }), "required"),
        (json!({ "type": "anyone", "role": "owner" }), "invalid"),
        (json!({ "type": "world", "role": "reader" }), "invalid"),
    ] {
        assert_eq!(refusal(&post(&drive, &path, &permission)), refused(400, reason));
    }
}
