//! The page behind a link and the button on it.

use jada_roster::{CompactLength, Error, LinkRefusal, Presented};

use super::*;

/// What a scanner does with a link that it has found: it reads it in every way but by pressing.
async fn scan(bench: &Bench, token: &str) {
    let path = format!("/crew?token={token}");
    let looks = [
        (Method::GET, ("accept", "text/html")),
        (Method::HEAD, ("accept", "*/*")),
        (Method::GET, ("sec-purpose", "prefetch;prerender")),
        (Method::GET, ("purpose", "prefetch")),
        (Method::GET, ("x-moz", "prefetch")),
        (Method::OPTIONS, ("origin", "https://scanner.example")),
    ];
    for (method, (name, value)) in looks {
        let request = Request::builder().method(method).uri(&path).header(name, value);
        bench.browser().send(request, String::new()).await;
    }
}

#[tokio::test]
async fn a_link_that_was_read_a_hundred_times_still_opens() {
    let bench = Bench::new().await;
    let (once, standing) = (bench.single_use("di").await, bench.standing("di").await);
    for link in [&once, &standing] {
        for _ in 0..100 {
            scan(&bench, link.text.expose()).await;
        }
        assert_eq!(bench.browser().open(link.text.expose()).await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn reading_the_page_asks_nothing_of_roster_or_links() {
    // A mock that expects nothing panics when it is asked.
    let roster = Arc::new(jada_roster::MockRosterRepository::new());
    let links = Arc::new(jada_roster::MockMagicLinks::new());
    let app = Portal::builder(roster, links).build().unwrap().service();
    let mut browser = Browser::of(app);
    for path in ["/crew?token=abcdefghijklmnopqrstuvw", "/crew", "/crew?token=%00%FF", "/crew/left"]
    {
        assert_eq!(browser.get(path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn the_page_is_the_same_for_every_text_but_for_the_text_itself() {
    let bench = Bench::new().await;
    let link = bench.single_use("di").await;
    let used = bench.single_use("di").await;
    bench.browser().open(used.text.expose()).await;
    let mut pages = Vec::new();
    for token in [link.text.expose(), used.text.expose(), "abcdefghijklmnopqrstuvw", "~none~"] {
        let page = bench.browser().get(&format!("/crew?token={token}")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.hidden("token"), token);
        pages.push(page.body.replace(token, ""));
    }
    pages.dedup();
    assert_eq!(pages.len(), 1);
}

#[tokio::test]
async fn head_is_like_get_without_a_body() {
    let bench = Bench::new().await;
    let request = Request::head("/crew?token=abcdefghijklmnopqrstuvw");
    let head = bench.browser().send(request, String::new()).await;
    let get = bench.browser().get("/crew?token=abcdefghijklmnopqrstuvw").await;
    assert_eq!((head.status, head.body.as_str()), (get.status, ""));
    let names = |answer: &Answer| answer.headers.keys().cloned().collect::<Vec<_>>();
    let mut expected = names(&get);
    expected.retain(|name| *name != "content-length");
    let mut found = names(&head);
    found.retain(|name| *name != "content-length");
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_browser_gets_one_nonce_and_one_that_looks_ahead_gets_none() {
    let bench = Bench::new().await;
    let mut browser = bench.browser();
    let first = browser.get("/crew?token=x").await;
    let cookies: Vec<_> = first.cookies().collect();
    let [cookie] = cookies[..] else { panic!("one cookie: {cookies:?}") };
    assert!(cookie.starts_with("__Host-jada-browser="), "{cookie}");
    for attribute in ["; Path=/", "; HttpOnly", "; Secure", "; SameSite=Lax"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    assert_eq!(browser.get("/crew?token=x").await.cookies().count(), 0);

    let ahead = Request::get("/crew?token=x").header("sec-purpose", "prefetch");
    let ahead = bench.browser().send(ahead, String::new()).await;
    assert_eq!(ahead.cookies().count(), 0);
    assert_eq!(ahead.body, first.body);

    browser.cookies[0].1 = "forged".to_owned();
    assert_eq!(browser.get("/crew?token=x").await.cookies().count(), 1, "that was none of ours");
}

#[tokio::test]
async fn the_button_opens_a_session_and_leads_to_a_url_without_the_token() {
    let bench = Bench::new().await;
    let link = bench.single_use("di").await;
    let mut browser = bench.browser();
    let answer = browser.open(link.text.expose()).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "crew/roster"));
    assert_eq!(answer.body, "");
    let cookies: Vec<_> = answer.cookies().collect();
    let [cookie] = cookies[..] else { panic!("one cookie") };
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    assert!(pair.starts_with("__Host-jada-session=") && !pair.contains(link.text.expose()));
    assert_eq!(attributes, "Path=/; Max-Age=1800; HttpOnly; Secure; SameSite=Lax");
    assert!(browser.page().await.body.contains("Di Brook"));
}

#[tokio::test]
async fn a_double_click_of_one_browser_wins_twice_and_another_browser_never() {
    let bench = Bench::new().await;
    let link = bench.single_use("di").await;
    let mut browser = bench.browser();
    assert_eq!(browser.open(link.text.expose()).await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.press(link.text.expose()).await.status, StatusCode::SEE_OTHER);
    browser.page().await;
    assert_eq!(bench.browser().open(link.text.expose()).await.status, StatusCode::FORBIDDEN);
    bench.clock.advance(MINUTE);
    bench.clock.advance(Duration::from_millis(1));
    assert_eq!(browser.press(link.text.expose()).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_browser_that_keeps_no_cookies_is_told_so_and_uses_up_nothing() {
    let bench = Bench::new().await;
    let link = bench.single_use("di").await;
    let body = form(&[("token", link.text.expose())]);
    // Browsers say it in this or that way, and over plain http in none.
    for (name, value) in [
        ("sec-fetch-site", "same-origin"),
        ("origin", "https://crew.example.com"),
        ("origin", "null"),
    ] {
        let request = Request::post("/crew").header(name, value);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = bench.browser().send(request, body.clone()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{value}");
        assert!(answer.body.contains("<h1>Your browser keeps no cookies</h1>"), "{value}");
        assert_eq!(answer.hidden("token"), link.text.expose(), "the button is there again");
        assert!(answer.cookies().all(|cookie| cookie.starts_with("__Host-jada-browser=")));
    }
    let mut browser = bench.browser();
    for status in [StatusCode::FORBIDDEN, StatusCode::SEE_OTHER] {
        let answer = browser.post("/crew", &[("token", link.text.expose())]).await;
        assert_eq!(answer.status, status, "with the cookie that came along it opens");
    }
    browser.page().await;
}

#[tokio::test]
async fn a_standing_link_opens_as_often_as_one_likes() {
    let bench = Bench::new().await;
    let link = bench.standing("bo").await;
    for _ in 0..3 {
        let mut browser = bench.browser();
        assert_eq!(browser.open(link.text.expose()).await.status, StatusCode::SEE_OTHER);
        assert!(browser.page().await.body.contains("Bo Field"));
    }
}

#[tokio::test]
async fn a_compact_code_is_typed_into_the_page_without_a_token() {
    let bench = Bench::new().await;
    let spec = LinkSpec::single_use(Purpose::portal()).compact(CompactLength::SHORTEST);
    let link = bench.link("di", spec).await;
    let mut browser = bench.browser();
    for path in ["/crew", "/crew?token=", "/crew?token=%20", "/crew?other=1"] {
        let page = browser.get(path).await.body;
        assert!(page.contains("<label for=\"token\">") && !page.contains("type=\"hidden\""));
    }
    let typed = format!(" {} ", link.text.expose());
    assert_eq!(browser.press(&typed).await.status, StatusCode::SEE_OTHER);
}

/// A link for every reason to refuse one.
async fn refused(bench: &Bench) -> Vec<(LinkRefusal, String)> {
    let text = |link: &Link| link.text.expose().to_owned();
    let used = bench.single_use("di").await;
    bench.browser().open(used.text.expose()).await;
    let expired = bench.single_use("di").await;
    bench.clock.advance(15 * MINUTE);
    let revoked = bench.standing("bo").await;
    bench.links.revoke(&crew("bo"), &Purpose::portal()).await.unwrap();
    let removed = bench.standing("cy").await;
    bench.roster.remove(&bench.member("cy").await).await.unwrap();
    let session = bench.link("di", LinkSpec::session(Purpose::portal())).await;
    let elsewhere = Purpose::new("answer:C-17").unwrap();
    let elsewhere = bench.link("di", LinkSpec::single_use(elsewhere)).await;
    let pepper = used.text.expose().chars().next().unwrap();
    let foreign = if pepper == 'z' { 'y' } else { 'z' };
    vec![
        (LinkRefusal::Used, text(&used)),
        (LinkRefusal::Expired, text(&expired)),
        (LinkRefusal::Revoked, text(&revoked)),
        (LinkRefusal::Revoked, text(&removed)),
        (LinkRefusal::WrongKind, text(&session)),
        (LinkRefusal::Unknown, text(&elsewhere)),
        (LinkRefusal::Unknown, format!("{pepper}{}", "a".repeat(22))),
        (LinkRefusal::UnknownPepper, format!("{foreign}{}", "a".repeat(22))),
        (LinkRefusal::NotAccepted, "an-older-tools-plain-text".to_owned()),
        (LinkRefusal::Malformed, String::new()),
        (LinkRefusal::Malformed, "a b".to_owned()),
        (LinkRefusal::Malformed, "tok#0123".to_owned()),
        (LinkRefusal::Malformed, "ünïcode \u{202e}".to_owned()),
        (LinkRefusal::Malformed, "\0\r\n".to_owned()),
        (LinkRefusal::Malformed, "a".repeat(201)),
        (LinkRefusal::Malformed, "a".repeat(7_000)),
    ]
}

#[tokio::test]
async fn all_refusals_are_the_same_bytes() {
    let bench = Bench::with(|portal| portal.limits(limits::generous())).await;
    let refused = refused(&bench).await;
    let mut answers = Vec::new();
    for (reason, text) in &refused {
        if let Ok(text) = jada_roster::LinkText::parse(text) {
            let found = bench.links.redeem(&Presented::new(text, Purpose::portal())).await;
            let Err(Error::LinkRefused { reason: found }) = found else { panic!("{found:?}") };
            assert_eq!(found, *reason, "the case is another than was meant");
        }
        let answer = bench.browser().press(text).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{reason}");
        assert!(answer.cookies().next().is_none(), "{reason}");
        answers.push((answer.headers, answer.body));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "an outsider can tell them apart");
    assert!(answers[0].1.contains("This link does not open anything"));
}

#[tokio::test]
async fn a_guess_beyond_the_limit_on_guesses_is_refused_like_a_used_link() {
    let bench = Bench::with(|portal| portal.limits(limits::generous())).await;
    let used = bench.single_use("di").await;
    bench.browser().open(used.text.expose()).await;
    let mut answers = Vec::new();
    for n in 0..12 {
        let spec = LinkSpec::single_use(Purpose::portal()).compact(CompactLength::SHORTEST);
        let guess = bench.link("di", spec).await.text.expose().to_owned();
        bench.links.revoke(&crew("di"), &Purpose::portal()).await.unwrap();
        let answer = bench.browser().press(&guess).await;
        answers.push((answer.status, answer.headers, answer.body));
        let mut forged = bench.browser();
        forged.cookies.push(("__Host-jada-session".to_owned(), guess));
        assert_eq!(forged.get("/crew/roster").await.status, StatusCode::UNAUTHORIZED, "{n}");
    }
    let answer = bench.browser().press(used.text.expose()).await;
    answers.push((answer.status, answer.headers, answer.body));
    answers.dedup();
    assert_eq!(answers.len(), 1, "an outsider can tell them apart");
    assert_eq!(answers[0].0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_token_that_no_link_has_goes_through_the_page_harmlessly() {
    let bench = Bench::new().await;
    let cases = [
        (
            "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E",
            "&#34;&#62;&#60;script&#62;alert(1)&#60;/script&#62;",
        ),
        ("%FF%FE", "\u{fffd}\u{fffd}"),
        ("a%20b%2Bc+d", "a b+c d"),
        ("first&token=second", "first"),
    ];
    for (sent, shown) in cases {
        let page = bench.browser().get(&format!("/crew?token={sent}")).await;
        assert_eq!((page.status, page.hidden("token")), (StatusCode::OK, shown));
        assert!(!page.body.contains("<script"));
    }
    let long = bench.browser().get(&format!("/crew?token={}", "a".repeat(10_000))).await;
    assert_eq!(long.hidden("token").len(), 201, "longer than any link, and no longer than needed");
}

#[tokio::test]
async fn a_percent_encoded_link_is_the_link() {
    let bench = Bench::new().await;
    let link = bench.single_use("di").await;
    let encoded: String = link.text.expose().bytes().map(|byte| format!("%{byte:02x}")).collect();
    let mut browser = bench.browser();
    let page = browser.get(&format!("/crew?utm_source=mail&token={encoded}&x=1#top")).await;
    assert_eq!(page.hidden("token"), link.text.expose());
    let body = format!("token={encoded}");
    let request = Request::post("/crew").header("sec-fetch-site", "same-origin");
    let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded; charset=UTF-8");
    assert_eq!(browser.send(request, body).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_that_is_too_large_or_no_form_is_refused_plainly() {
    let bench = Bench::new().await;
    let large = "a".repeat(9 * 1024);
    let answer = bench.browser().press(&large).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let json = Request::post("/crew").header("sec-fetch-site", "same-origin");
    let json = json.header(CONTENT_TYPE, "application/json");
    let answer = bench.browser().send(json, "{}".to_owned()).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(answer.body.contains("<h1>That could not be read</h1>"));
}
