//! Several APIs behind one address.

use jada_loopback_issuer::{Drive, DriveFault, DriveMethod, Gmail, Google, When};

use crate::client::{Client, Reply};

fn get(google: &Google, path: &str) -> std::io::Result<Reply> {
    let mut client = Client::of_api(&google.endpoint());
    client.try_to_send(&format!("GET {path}"), "Authorization: Bearer good\r\n", b"")?;
    client.reply()
}

#[test]
fn each_path_is_answered_by_its_api_and_counted_there() {
    let (gmail, drive) = (Gmail::start().unwrap(), Drive::start().unwrap());
    let google = Google::builder().gmail(&gmail).drive(&drive).start().unwrap();
    let profile = get(&google, "/gmail/v1/users/me/profile").unwrap();
    assert_eq!(profile.text("emailAddress"), "me@example.com");
    let folder = get(&google, "/drive/v3/files/statements").unwrap();
    assert_eq!(folder.text("name"), "statements");
    assert_eq!(get(&google, "/calendar/v3").unwrap().status, 404);
    assert_eq!(google.requests(), 3);
    assert_eq!((gmail.units(), drive.calls(DriveMethod::FilesGet)), (1, 1));
}

#[test]
fn a_fault_befalls_behind_the_common_address_as_at_its_own() {
    let drive = Drive::start().unwrap();
    let google = Google::builder().drive(&drive).start().unwrap();
    for fault in [DriveFault::ResetUnread, DriveFault::Reset(When::After)] {
        drive.fail_next(DriveMethod::FilesGet, fault);
        assert!(get(&google, "/drive/v3/files/statements").is_err(), "{fault:?}");
    }
    assert_eq!(drive.calls(DriveMethod::FilesGet), 1);
}
