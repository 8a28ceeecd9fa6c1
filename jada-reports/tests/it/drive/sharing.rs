//! Who may see a file.

use jada_loopback_issuer::DriveMethod;
use jada_reports::{Error, Share};

use super::{builder, drive, file, only, server, state};

#[tokio::test]
async fn a_share_is_given_once_however_often_it_is_asked_for() {
    for (share, kind, to) in [
        (Share::Anyone, "anyone", None),
        (Share::Domain("example.com".to_owned()), "domain", Some("example.com".to_owned())),
    ] {
        let (server, state) = (server(), state());
        for _ in 0..3 {
            let file = file(1, 10).shared(share.clone());
            drive(&server).put(&file, state.path()).await.unwrap();
        }
        let permissions = only(&server).permissions;
        assert_eq!(permissions.len(), 1);
        assert_eq!((&*permissions[0].kind, &*permissions[0].role), (kind, "reader"));
        assert_eq!((&permissions[0].to, server.calls(DriveMethod::PermissionsCreate)), (&to, 1));
    }
}

#[tokio::test]
async fn without_being_asked_nobody_is_given_anything_or_loses_it() {
    let (server, state) = (server(), state());
    drive(&server).put(&file(1, 10), state.path()).await.unwrap();
    assert_eq!(server.calls(DriveMethod::PermissionsList), 0);
    let anyone = file(1, 10).shared(Share::Anyone);
    drive(&server).put(&anyone, state.path()).await.unwrap();
    drive(&server).put(&file(2, 10), state.path()).await.unwrap();
    assert_eq!(only(&server).permissions.len(), 1);
}

#[tokio::test]
async fn another_domain_is_given_its_own() {
    let (server, state) = (server(), state());
    for domain in ["example.com", "Example.COM", "example.org"] {
        let file = file(1, 10).shared(Share::Domain(domain.to_owned()));
        drive(&server).put(&file, state.path()).await.unwrap();
    }
    let to: Vec<_> = only(&server).permissions.into_iter().filter_map(|it| it.to).collect();
    assert_eq!(to, ["example.com", "example.org"]);
}

#[tokio::test]
async fn a_list_that_never_ends_is_given_up() {
    for list in [DriveMethod::FilesList, DriveMethod::PermissionsList] {
        let (server, state) = (builder().endless(list).start().unwrap(), state());
        let file = file(1, 10).shared(Share::Anyone);
        let failure = drive(&server).put(&file, state.path()).await.unwrap_err();
        assert!(matches!(failure, Error::Drive { .. }), "{failure:?}");
        assert!(
            failure.to_string().ends_with("has more than 1000 pages in Drive's list"),
            "{failure}"
        );
        assert_eq!(server.calls(list), 1_000);
    }
}
