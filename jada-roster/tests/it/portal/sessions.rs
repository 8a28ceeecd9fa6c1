//! What a browser holds after a link was opened, and how it ends.

use super::*;

const SESSION: &str = "__Host-jada-session";

async fn closed(browser: &mut Browser) -> Answer {
    let answer = browser.get("/crew/roster").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    answer
}

#[tokio::test]
async fn without_a_session_that_is_open_the_page_is_the_same_bytes() {
    let bench = Bench::new().await;
    let mut answers = vec![closed(&mut bench.browser()).await];

    let mut expired = bench.signed_in("di").await;
    bench.clock.advance(30 * MINUTE);
    answers.push(closed(&mut expired).await);

    let mut revoked = bench.signed_in("di").await;
    bench.links.revoke(&crew("di"), &Purpose::portal()).await.unwrap();
    answers.push(closed(&mut revoked).await);

    let mut removed = bench.signed_in("bo").await;
    bench.roster.remove(&bench.member("bo").await).await.unwrap();
    answers.push(closed(&mut removed).await);

    let (link, standing) = (bench.single_use("di").await, bench.standing("di").await);
    let session = LinkSpec::session(Purpose::portal());
    let other = bench.link("di", session).await;
    let texts = [link, standing, other].map(|link| link.text.expose().to_owned());
    for text in texts.iter().map(String::as_str).chain(["", "x", "a b", "\"", &"a".repeat(300)]) {
        let mut forged = bench.browser();
        forged.cookies.push((SESSION.to_owned(), text.to_owned()));
        answers.push(closed(&mut forged).await);
    }
    let mut seen: Vec<_> = answers.into_iter().map(|it| (it.headers, it.body)).collect();
    seen.dedup();
    assert_eq!(seen.len(), 1, "an outsider can tell them apart");
    assert!(seen[0].1.contains("Please open your link again"));
}

#[tokio::test]
async fn a_session_is_open_for_half_an_hour_to_the_instant() {
    let bench = Bench::new().await;
    let mut browser = bench.signed_in("di").await;
    bench.clock.advance(30 * MINUTE - Duration::from_millis(1));
    browser.page().await;
    bench.clock.advance(Duration::from_millis(1));
    closed(&mut browser).await;
}

#[tokio::test]
async fn a_form_that_is_sent_after_the_session_ended_saves_nothing() {
    let bench = Bench::new().await;
    let mut browser = bench.signed_in("di").await;
    let page = browser.page().await;
    bench.clock.advance(30 * MINUTE);
    let answer = browser.save(&page, &[("2026-12-24", "yes")]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(bench.member("di").await.availability().days().count(), 0);
}

#[tokio::test]
async fn signing_out_ends_the_session_here_and_in_the_browser() {
    let bench = Bench::new().await;
    let mut browser = bench.signed_in("di").await;
    let mut other = bench.signed_in("di").await;
    let stolen = browser.cookies.clone();
    let page = browser.page().await;
    let answer = browser.post("/crew/leave", &[("key", page.hidden("key"))]).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "left"));
    let cookie: Vec<_> = answer.cookies().collect();
    assert!(cookie[0].starts_with(&format!("{SESSION}=; Path=/; Max-Age=0;")), "{cookie:?}");
    assert_eq!(browser.cookie(SESSION), None);
    assert!(browser.get("/crew/left").await.body.contains("You are signed out"));
    closed(&mut browser).await;
    browser.cookies = stolen;
    closed(&mut browser).await;
    other.page().await;
}

#[tokio::test]
async fn signing_out_takes_a_form_of_that_session() {
    let bench = Bench::new().await;
    let mut browser = bench.signed_in("di").await;
    let answer = browser.post("/crew/leave", &[]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    browser.page().await;
}

#[tokio::test]
async fn a_session_is_no_link_and_opens_no_other_session() {
    let bench = Bench::new().await;
    let mut browser = bench.signed_in("di").await;
    let session = browser.cookie(SESSION).unwrap().to_owned();
    assert_eq!(browser.press(&session).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_member_sees_what_their_role_allows_now_and_not_when_they_came() {
    let bench = Bench::new().await;
    let mut browser = bench.signed_in("ada").await;
    assert!(browser.page().await.body.contains("bo@example.com"));
    let ada = bench.member("ada").await.with_role("cook".parse().unwrap());
    bench.roster.update(&ada).await.unwrap();
    let body = browser.page().await.body;
    assert!(
        body.contains("cook") && !body.contains("Bo Field") && !body.contains("bo@example.com")
    );
}
