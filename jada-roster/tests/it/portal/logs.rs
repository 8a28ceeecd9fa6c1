//! What the logs hold: who, where and why, and never what opens a page.

use std::io;

use super::*;
use crate::log::Log;

#[tokio::test]
async fn no_text_of_a_link_a_session_a_nonce_or_a_key_is_ever_logged() {
    let (log, _guards) = Log::begin("trace");

    let bench = Bench::new().await;
    let (link, standing) = (bench.single_use("di").await, bench.standing("bo").await);
    let mut secrets = vec![link.text.expose().to_owned(), standing.text.expose().to_owned()];
    let made_up = ["A234567890123456789012x", "plain-text-of-an-older-tool", "not a link <b>"];
    for text in secrets.iter().map(String::as_str).chain(made_up) {
        let mut browser = bench.browser();
        browser.open(text).await;
        browser.press(text).await;
        browser.get(&format!("/crew/{}", encoded(text))).await;
        browser.get(&format!("/crew/roster?token={}", encoded(text))).await;
        bench.browser().open(text).await;
    }
    let mut browser = bench.signed_in("di").await;
    let page = browser.page().await;
    browser.save(&page, &[("2026-12-24", "yes")]).await;
    browser.save(&page, &[("2026-12-24", "no")]).await;
    secrets.extend(browser.cookies.iter().map(|(_, value)| value.clone()));
    secrets.push(page.hidden("key").to_owned());
    browser.post("/crew/leave", &[("key", page.hidden("key"))]).await;
    browser.wear_out(made_up[0]).await;

    let log = log.text();
    for secret in secrets.iter().map(String::as_str).chain(made_up) {
        assert!(
            !log.contains(secret) && !log.contains(&encoded(secret)),
            "it is in the log: {log}"
        );
    }
    assert!(!log.contains('?') && !log.contains("token"), "a path without its query: {log}");
    for told in [
        "portal{method=GET path=\"/crew\"}",
        "portal{method=POST path=\"/crew/availability\"}",
        "portal{method=GET path=\"elsewhere\"}",
        "status=303",
        "event=\"consumed\"",
        "event=\"refused\"",
        "reason=it was used",
        "reason=no link has such a text",
        "source=203.0.113.9",
    ] {
        assert!(log.replace('"', "").contains(&told.replace('"', "")), "{told} is not told: {log}");
    }
}

/// How many lines of the audit log tell of this.
fn audited(log: &Log, reason: &str) -> usize {
    let log = log.text().replace('"', "");
    let told = |line: &&str| line.contains("event=refused") && line.contains(reason);
    log.lines().filter(told).count()
}

#[tokio::test]
async fn every_attempt_that_a_limit_refuses_is_in_the_audit_log() {
    let (log, _guards) = Log::begin("jada_roster::audit=info");
    let bench = Bench::new().await;
    let mut browser = bench.browser();
    for n in 0..40 {
        browser.press(&format!("A{n:022}")).await;
    }
    assert_eq!(audited(&log, "no link has such a text"), 0);
    assert_eq!(audited(&log, "there is no such link for this purpose"), 30);
    assert_eq!(audited(&log, "too many attempts by this address"), 10);

    let link = bench.standing("di").await;
    for n in 0..13 {
        bench.browser().at(&format!("198.51.100.{n}")).press(link.text.expose()).await;
    }
    assert_eq!(audited(&log, "too many attempts to open this link"), 3);

    let mut reader = bench.browser().at("198.51.100.99");
    for _ in 0..243 {
        reader.get("/crew/roster").await;
    }
    assert_eq!(audited(&log, "too many pages read by this address source=198.51.100.99"), 3);
}

#[tokio::test]
async fn a_form_of_another_site_is_in_the_audit_log() {
    let (log, _guards) = Log::begin("jada_roster::audit=info");
    let bench = Bench::new().await;
    let mut browser = bench.signed_in("di").await;
    for path in ["/crew", "/crew/availability", "/crew/leave"] {
        let request = Request::post(path).header("sec-fetch-site", "cross-site");
        browser.send(request, String::new()).await;
    }
    assert_eq!(audited(&log, "another site sent the form source=203.0.113.9"), 3);
}

#[tokio::test]
async fn the_trouble_of_a_store_is_logged_with_its_causes() {
    let (log, _guards) = Log::begin("error");

    let mut links = jada_roster::MockMagicLinks::new();
    links.expect_redeem().returning(|_| {
        let source = io::Error::new(io::ErrorKind::ConnectionRefused, "nobody listens").into();
        let (table, operation) = ("crew-keys".to_owned(), "UpdateItem");
        Err(jada_roster::Error::Unavailable { table, operation, source })
    });
    let portal = Portal::builder(Arc::new(MemoryRoster::new()), Arc::new(links));
    let mut browser = Browser::of(portal.build().unwrap().service());
    let answer = browser.press("A234567890123456789012x").await;
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (StatusCode::SERVICE_UNAVAILABLE, "1")
    );
    assert_eq!(answer.hidden("token"), "A234567890123456789012x", "it can be pressed again");
    let causes = "table `crew-keys`: UpdateItem got no answer from the store: nobody listens";
    let log = log.text();
    assert!(log.contains(causes), "{log}");
}

#[tokio::test]
async fn a_session_that_could_not_be_issued_is_not_lost() {
    let bench = Bench::new().await;
    let link = bench.single_use("di").await;
    let (inner, mut issued) = (bench.links.clone(), 0);
    let mut links = jada_roster::MockMagicLinks::new();
    let redeeming = inner.clone();
    links.expect_redeem().returning(move |presented| {
        futures_util::FutureExt::now_or_never(redeeming.redeem(presented)).unwrap()
    });
    links.expect_issue().returning(move |crew, spec| {
        issued += 1;
        let (table, operation, source) =
            ("crew-keys".to_owned(), "TransactWriteItems", "busy".into());
        if issued == 1 {
            return Err(jada_roster::Error::Unavailable { table, operation, source });
        }
        futures_util::FutureExt::now_or_never(inner.issue(crew, spec)).unwrap()
    });
    let portal = Portal::builder(Arc::new(bench.roster.clone()), Arc::new(links));
    let mut browser = Browser::of(portal.clock(bench.clock.clone()).build().unwrap().service());
    assert_eq!(browser.open(link.text.expose()).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(browser.press(link.text.expose()).await.status, StatusCode::SEE_OTHER);
}

#[test]
fn debug_shows_nothing_of_a_form_or_a_session() {
    let (roster, limits) = (MemoryRoster::new(), jada_roster::PortalLimits::default());
    let links = MemoryLinks::new(&roster).unwrap();
    let builder = Portal::builder(Arc::new(roster), Arc::new(links)).limits(limits);
    let shown = format!("{builder:?} {:?}", builder.clone().build().unwrap());
    assert!(shown.contains("path: \"/crew\""), "{shown}");
}
