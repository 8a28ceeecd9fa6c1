//! Links that open nothing here, and what a link in an ask does not open.

use super::desk::{Desk, charter};
use super::*;
use crate::log::Log;

/// Links that answer nothing, each with why.
async fn closed(desk: &Desk) -> Vec<(&'static str, String)> {
    let answer = || Purpose::answer(&charter("C-1"));
    let used = desk.link("ada").await;
    let mut browser = desk.browser();
    let page = browser.asked(&used).await;
    browser.told(&page, "decline").await;
    let brief = LinkSpec::single_use(answer()).with_life(Duration::from_secs(1));
    let expired = desk.link_for("bo", brief).await;
    let revoked = desk.link("cy").await;
    desk.links.revoke_all(&crew("cy")).await.unwrap();
    desk.clock.advance(2 * MINUTE);
    let other = |text| LinkSpec::single_use(Purpose::new(text).unwrap());
    vec![
        ("used", used),
        ("expired", expired),
        ("revoked", revoked),
        ("of the roster", desk.link_for("bo", LinkSpec::single_use(Purpose::portal())).await),
        ("of a standing roster", desk.link_for("bo", LinkSpec::standing(Purpose::portal())).await),
        ("a standing answer", desk.link_for("bo", LinkSpec::standing(answer())).await),
        ("a session", desk.link_for("bo", LinkSpec::session(answer())).await),
        ("of no charter", desk.link_for("bo", other("answer")).await),
        ("of a blank charter", desk.link_for("bo", other("answer: ")).await),
        ("of an answered one", desk.link_for("bo", other("answered:C-1")).await),
        ("unknown", "A234567890123456789012x".to_owned()),
        ("no link", "<script>".to_owned()),
        ("nothing", String::new()),
    ]
}

#[tokio::test]
async fn links_that_open_nothing_here_are_told_alike_and_do_nothing() {
    let desk = Desk::new().await;
    let closed = closed(&desk).await;
    let unknown = desk.browser().asked("A234567890123456789012y").await;
    assert_eq!(unknown.status, StatusCode::FORBIDDEN);
    for (number, (why, token)) in closed.iter().enumerate() {
        let mut browser = desk.browser().at(&format!("203.0.113.{number}"));
        let read = browser.asked(token).await;
        assert_eq!((read.status, &read.body), (StatusCode::FORBIDDEN, &unknown.body), "{why}");
        browser.get("/crew").await;
        let fields = [("token", token.as_str()), ("sailing", ""), ("answer", "accept")];
        let pressed = browser.post("/crew/answer", &fields).await;
        assert_eq!(
            (pressed.status, &pressed.body),
            (StatusCode::FORBIDDEN, &unknown.body),
            "{why}"
        );
    }
    assert!(desk.aboard().await.is_empty());
}

#[tokio::test]
async fn a_link_in_an_ask_opens_nothing_else() {
    let desk = Desk::new().await;
    let link = desk.link("ada").await;
    let mut browser = desk.browser();
    let refused = browser.open(&link).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let page = browser.asked(&link).await;
    assert_eq!(browser.told(&page, "accept").await, SAILS);
    // What a browser holds after an answer is no session of the roster, nor the reverse.
    let answered = browser.cookie("__Host-jada-answer").unwrap().to_owned();
    let session = answered.split('.').next().unwrap().to_owned();
    browser.cookies = vec![("__Host-jada-session".to_owned(), session)];
    assert_eq!(browser.get("/crew/roster").await.status, StatusCode::UNAUTHORIZED);
    let roster = LinkSpec::session(Purpose::new("portal-session").unwrap());
    let session = desk.link_for("ada", roster).await;
    browser.cookies = vec![("__Host-jada-answer".to_owned(), format!("{session}.x"))];
    assert_eq!(browser.get("/crew/answered").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_does_not_come_from_the_page_does_nothing() {
    let desk = Desk::new().await;
    let link = desk.link("ada").await;
    let mut browser = desk.browser();
    let page = browser.asked(&link).await;
    let fields = [("token", link.as_str()), ("sailing", page.hidden("sailing"))];
    let said = |word| form(&[&fields[..], &[("answer", word)]].concat());

    let post = Request::post("/crew/answer").header("sec-fetch-site", "cross-site");
    let post = post.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    assert_eq!(browser.send(post, said("accept")).await.status, StatusCode::FORBIDDEN);
    for word in ["", "yes", "Accept"] {
        assert_eq!(browser.say(&page, word).await.status, StatusCode::BAD_REQUEST, "{word}");
    }
    // By GET, as some programs send forms, and with a browser's other methods.
    let by_get = browser.get(&format!("/crew/answer?{}", said("accept"))).await;
    assert_eq!((by_get.status, by_get.title()), (StatusCode::OK, ASKS));
    for method in ["HEAD", "OPTIONS", "PUT", "DELETE"] {
        let path = format!("/crew/answer?token={link}");
        let request = Request::builder().method(method).uri(path);
        browser.send(request, String::new()).await;
    }
    assert!(desk.aboard().await.is_empty());
    assert_eq!(desk.closed(&link).await, None);
}

#[tokio::test]
async fn a_browser_without_cookies_has_its_answer_ready_to_be_sent_again() {
    let desk = Desk::new().await;
    let link = desk.link("ada").await;
    let page = desk.browser().asked(&link).await;
    let mut bare = desk.browser();
    let refused = bare.say(&page, "accept").await;
    assert_eq!(
        (refused.status, refused.title()),
        (StatusCode::FORBIDDEN, "Your browser keeps no cookies")
    );
    assert!(desk.aboard().await.is_empty());
    let word = refused.hidden("answer").to_owned();
    assert_eq!(bare.told(&refused, &word).await, SAILS, "now it has one");
}

#[tokio::test]
async fn a_browser_that_looks_ahead_keeps_nothing_of_it() {
    let desk = Desk::new().await;
    let link = desk.link("ada").await;
    let ahead =
        Request::get(format!("/crew/answer?token={link}")).header("sec-purpose", "prefetch");
    let read = desk.browser().send(ahead, String::new()).await;
    assert_eq!((read.status, read.cookies().count()), (StatusCode::OK, 0));
}

#[tokio::test]
async fn reading_and_pressing_count_as_attempts_to_open_a_link() {
    let desk = Desk::new().await;
    let link = desk.link("ada").await;
    let mut browser = desk.browser();
    let page = browser.asked(&link).await;
    for _ in 1..10 {
        assert_eq!(browser.asked(&link).await.status, StatusCode::OK);
    }
    assert_eq!(browser.asked(&link).await.status, StatusCode::TOO_MANY_REQUESTS);
    let late = browser.say(&page, "accept").await;
    assert_eq!(late.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(late.hidden("answer"), "accept", "and can be sent again");
    desk.clock.advance(MINUTE);
    assert_eq!(browser.told(&late, "accept").await, SAILS);
}

#[tokio::test]
async fn where_nobody_is_called_there_are_no_such_pages() {
    let bench = Bench::new().await;
    for path in ["/crew/answer?token=x", "/crew/answer", "/crew/answered"] {
        assert_eq!(bench.browser().get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(bench.browser().post("/crew/answer", &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_charter_that_cannot_be_shown_or_is_gone_is_told_without_its_money() {
    let desk = Desk::new().await;
    let (link, gone) = (
        desk.link("ada").await,
        desk.link_for("bo", LinkSpec::single_use(Purpose::answer(&charter("C-9")))).await,
    );
    assert_eq!(desk.browser().asked(&gone).await.status, StatusCode::GONE);
    desk.save("C-1", jiff::civil::date(2026, 12, 12), "at $777 o'clock").await;
    let (log, _guards) = Log::begin("jada_roster=trace");
    let trouble = desk.browser().asked(&link).await;
    assert_eq!(trouble.status, StatusCode::SERVICE_UNAVAILABLE);
    let log = log.text();
    assert!(log.contains("the portal cannot answer") && log.contains("hours"), "{log}");
    assert!(!trouble.body.contains("777") && !log.contains("$777"), "{}{log}", trouble.body);
}

#[tokio::test]
async fn what_opens_a_page_is_never_logged_and_every_look_and_use_is() {
    let (log, _guards) = Log::begin("trace");
    let desk = Desk::new().await;
    let link = desk.link("ada").await;
    let mut browser = desk.browser();
    let page = browser.asked(&link).await;
    browser.told(&page, "accept").await;
    browser.say(&page, "accept").await;
    let mut other = desk.browser();
    other.asked(&link).await;
    other.asked("no link").await;
    let mut secrets = vec![link];
    for (_, value) in &browser.cookies {
        secrets.extend(value.split('.').map(str::to_owned));
    }
    assert_eq!(secrets.len(), 4, "the link, a nonce, a session, and by which link it came");
    let log = log.text().replace('"', "");
    for secret in secrets {
        assert!(!log.contains(&secret), "it is in the log");
    }
    for told in [
        "portal{method=GET path=/crew/answer}",
        "portal{method=POST path=/crew/answer}",
        "portal{method=GET path=/crew/answered}",
        "event=peeked crew=ada purpose=answer:C-1 kind=single-use source=203.0.113.9",
        "event=consumed crew=ada purpose=answer:C-1 kind=single-use source=203.0.113.9",
        "event=issued crew=ada purpose=answered:C-1 kind=session",
        "event=refused crew=ada purpose=answer reason=it was used source=203.0.113.9",
        "event=refused purpose=answer reason=no link has such a text source=203.0.113.9",
    ] {
        assert!(log.contains(told), "{told} is not told");
    }
}

#[tokio::test]
async fn every_answer_has_the_headers_and_pages_are_found_wherever_it_is_mounted() {
    let desk = Desk::new().await;
    let link = desk.link("ada").await;
    let mut browser = Browser::of(Router::new().nest("/team", desk.app()));
    let page = browser.get(&format!("/team/crew/answer?token={link}")).await;
    let fields = ["token", "sailing"].map(|name| (name, page.hidden(name)));
    let fields = [&fields[..], &[("answer", "accept")]].concat();
    let pressed = browser.post("/team/crew/answer", &fields).await;
    assert_eq!(pressed.location(), "answered");
    let shown = browser.get("/team/crew/answered").await;
    let refused = browser.get("/team/crew/answer?token=x").await;
    for answer in [&page, &pressed, &shown, &refused] {
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(answer.header("content-security-policy").contains("form-action 'self'"));
        assert!(!answer.body.contains("<script") && !answer.body.contains("style=\""));
    }
    assert!(page.body.contains("method=\"post\" action=\"answer\""), "{}", page.body);
    assert_eq!((shown.status, shown.title()), (StatusCode::OK, SAILS));
}
