//! How often one may ask.

use std::num::NonZeroU32;

use jada_roster::PortalLimits;

use super::*;

/// Limits that no test reaches by chance.
pub(super) fn generous() -> PortalLimits {
    let many = NonZeroU32::new(100_000).unwrap();
    let limits = PortalLimits::default().with_attempts_by_address(many);
    limits.with_attempts_by_link(many).with_pages_by_address(many)
}

/// How many of many attempts are not refused for being too many.
async fn let_through(bench: &Bench, from: &str, token: impl Fn(usize) -> String) -> usize {
    let mut through = 0;
    for n in 0..60 {
        let answer = bench.browser().at(from).press(&token(n)).await;
        through += usize::from(answer.status != StatusCode::TOO_MANY_REQUESTS);
    }
    through
}

fn guess(n: usize) -> String {
    format!("A{n:022}")
}

#[tokio::test]
async fn an_address_may_try_thirty_links_a_minute() {
    let bench = Bench::new().await;
    assert_eq!(let_through(&bench, "203.0.113.9", guess).await, 30);
    assert_eq!(let_through(&bench, "203.0.113.10", |n| guess(n + 1_000)).await, 30);
    bench.clock.advance(MINUTE);
    assert_eq!(let_through(&bench, "203.0.113.9", |n| guess(n + 2_000)).await, 30);
}

#[tokio::test]
async fn a_link_may_be_tried_ten_times_a_minute_from_anywhere() {
    let bench = Bench::new().await;
    let link = bench.standing("di").await;
    let mut through = 0;
    for n in 0..30 {
        let from = format!("203.0.113.{n}");
        let answer = bench.browser().at(&from).press(link.text.expose()).await;
        through += usize::from(answer.status == StatusCode::SEE_OTHER);
    }
    assert_eq!(through, 10);
    let other = bench.standing("bo").await;
    assert_eq!(bench.browser().press(other.text.expose()).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn who_tries_too_often_is_told_when_to_come_back_and_has_the_button_again() {
    let bench = Bench::new().await;
    let link = bench.single_use("di").await;
    let mut browser = bench.browser();
    browser.wear_out(&guess(7)).await;
    let_through(&bench, "203.0.113.9", guess).await;
    let answer = browser.press(link.text.expose()).await;
    assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "2"));
    assert_eq!(answer.hidden("token"), link.text.expose());
    bench.clock.advance(Duration::from_secs(2));
    assert_eq!(browser.press(link.text.expose()).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn pages_are_limited_by_address_too() {
    let bench = Bench::new().await;
    let mut browser = bench.signed_in("di").await;
    for _ in 0..240 {
        browser.page().await;
    }
    let answer = browser.get("/crew/roster").await;
    assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "1"));
    let forged = bench.browser().get("/crew/roster").await;
    assert_eq!(forged.status, StatusCode::TOO_MANY_REQUESTS, "without a session as well");
}

#[tokio::test]
async fn a_header_with_the_address_counts_only_where_it_is_trusted() {
    let forwarded = async |bench: &Bench, from: fn(usize) -> String| {
        let (mut browser, mut through) = (bench.browser(), 0);
        browser.get("/crew").await;
        for n in 0..60 {
            let request = Request::post("/crew").header("sec-fetch-site", "same-origin");
            let request = request.header("x-forwarded-for", from(n));
            let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
            let body = form(&[("token", &guess(n))]);
            let answer = browser.send(request, body).await;
            through += usize::from(answer.status != StatusCode::TOO_MANY_REQUESTS);
        }
        through
    };
    let invented = |n| format!("198.51.100.{n}");
    let ahead_of_one = |n| format!("198.51.100.{n}, 203.0.113.9");
    let plain = Bench::new().await;
    assert_eq!(forwarded(&plain, invented).await, 30, "anyone can write that header");
    let proxied = Bench::with(|portal| portal.trusting_header("X-Forwarded-For")).await;
    assert_eq!(forwarded(&proxied, invented).await, 60);
    assert_eq!(forwarded(&proxied, ahead_of_one).await, 30, "the last is the proxy's");
}

#[tokio::test]
async fn one_subscriber_of_ipv6_is_one_address() {
    let bench = Bench::new().await;
    let mut through = 0;
    for n in 0..60 {
        let browser = bench.browser().at(&format!("[2001:db8:0:1::{n:x}]"));
        let mut browser = browser;
        let answer = browser.press(&guess(n)).await;
        through += usize::from(answer.status != StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(through, 30);
}
