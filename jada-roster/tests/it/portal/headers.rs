//! The headers of every kind of answer, other sites' forms, and where the portal is mounted.

use axum::routing::get;

use super::*;

/// One of every kind of answer.
async fn every_answer(bench: &Bench) -> Vec<(&'static str, Answer)> {
    let mut browser = bench.signed_in("di").await;
    let page = browser.page().await;
    let stale = [("key", page.hidden("key")), ("version", "9"), ("month", "2026-12")];
    let stale = [&stale[..], &[("2026-12-24", "yes")]].concat();
    let large = "x".repeat(70 * 1024);
    let link = bench.single_use("di").await;
    let cross_site = Request::post("/crew").header("sec-fetch-site", "cross-site");
    let mut answers = vec![
        ("200 door", bench.browser().get("/crew?token=x").await),
        ("200 head", bench.browser().send(Request::head("/crew?token=x"), String::new()).await),
        ("303 in", bench.browser().open(link.text.expose()).await),
        ("409", browser.post("/crew/availability", &stale).await),
        ("303 saved", browser.save(&page, &[("2026-12-24", "yes")]).await),
        ("413", browser.save(&page, &[("more", &large)]).await),
        ("400", browser.save(&page, &[("2026-12-25", "x")]).await),
        ("303 out", browser.post("/crew/leave", &[("key", page.hidden("key"))]).await),
        ("401", browser.get("/crew/roster").await),
        ("200 out", browser.get("/crew/left").await),
        ("403", browser.press("x").await),
        ("403 cross", browser.send(cross_site, String::new()).await),
        ("405", browser.send(Request::put("/crew"), String::new()).await),
        ("405 get", browser.get("/crew/leave").await),
        ("404 below", browser.get("/crew/nowhere/at/all").await),
        ("404 slash", browser.get("/crew/").await),
        ("404", browser.get("/favicon.ico").await),
        ("200 page", page),
    ];
    browser.wear_out("x").await;
    answers.push(("429", browser.press("x").await));
    answers
}

#[tokio::test]
async fn every_answer_has_the_strict_headers() {
    let bench = Bench::new().await;
    for (what, answer) in every_answer(&bench).await {
        assert_eq!(answer.status.as_str(), &what[..3], "{what}");
        for (name, value) in [
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            ("x-robots-tag", "noindex, nofollow"),
            ("strict-transport-security", "max-age=31536000"),
        ] {
            assert_eq!(answer.header(name), value, "{what}");
        }
        assert!(answer.header("permissions-policy").contains("camera=()"), "{what}");
        let policy = answer.header("content-security-policy");
        for directive in [
            "default-src 'none'",
            "style-src 'sha256-",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(directive), "{what}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{what}: {policy}");
        if !answer.body.is_empty() {
            assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{what}");
            assert!(answer.body.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"), "{what}");
        }
    }
}

#[tokio::test]
async fn no_page_has_a_script_a_frame_or_anything_from_elsewhere() {
    let bench = Bench::new().await;
    for (what, answer) in every_answer(&bench).await {
        let body = answer.body.to_lowercase();
        for word in [
            "<script",
            "<iframe",
            "<img",
            "<link",
            " style=",
            " onload=",
            " onclick=",
            "http:",
            "https:",
            "//",
        ] {
            assert!(!body.contains(word), "{what}: {word}");
        }
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_which_are_right() {
    let bench = Bench::new().await;
    let answer = bench.browser().send(Request::delete("/crew/roster"), String::new()).await;
    assert_eq!(
        (answer.status, answer.header("allow")),
        (StatusCode::METHOD_NOT_ALLOWED, "GET,HEAD")
    );
    let answer = bench.browser().get("/crew/availability").await;
    assert_eq!(answer.header("allow"), "POST");
}

#[tokio::test]
async fn a_form_of_another_site_does_nothing() {
    let bench = Bench::new().await;
    let link = bench.single_use("di").await;
    let mut browser = bench.signed_in("bo").await;
    let page = browser.page().await;
    let own = ["key", "version", "month"].map(|name| (name, page.hidden(name)));
    let days = form(&[&own[..], &[("2026-12-24", "yes")]].concat());
    let forms = [
        ("/crew", form(&[("token", link.text.expose())])),
        ("/crew/availability", days),
        ("/crew/leave", form(&[("key", page.hidden("key"))])),
    ];
    let others = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://example.com"),
    ];
    for (path, body) in &forms {
        for (name, value) in others {
            let request = Request::post(*path).header(name, value);
            let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
            let answer = browser.send(request, body.clone()).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {value}");
            assert!(answer.body.contains("nothing was done"));
        }
    }
    browser.page().await;
    assert_eq!(bench.member("bo").await.availability().days().count(), 0);
    assert_eq!(bench.browser().open(link.text.expose()).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_older_browser_that_says_no_more_than_its_origin_can_press_the_button() {
    let bench = Bench::new().await;
    // `no-referrer` makes an older browser send `null`: the cookie of the same site has to do.
    for origin in ["https://crew.example.com", "null"] {
        let link = bench.single_use("di").await;
        let mut browser = bench.browser();
        browser.get(&format!("/crew?token={}", link.text.expose())).await;
        let request = Request::post("/crew").header("origin", origin);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = browser.send(request, form(&[("token", link.text.expose())])).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{origin}");
    }
}

#[tokio::test]
async fn it_can_be_nested_merged_and_moved() {
    let bench = Bench::new().await;
    let portal = |path: &str| {
        let portal = Portal::builder(Arc::new(bench.roster.clone()), Arc::new(bench.links.clone()));
        portal.clock(bench.clock.clone()).path(path).build().unwrap()
    };
    let own = || Router::new().route("/", get(async || "ours")).fallback(async || "none of ours");
    let apps = [
        ("/crew", own().merge(portal("/crew").router())),
        ("/prod/crew", own().nest("/prod", portal("/crew").router())),
        ("/a/b-c/team.1", own().merge(portal("/a/b-c/team.1").router())),
    ];
    for (path, app) in apps {
        let mut browser = Browser::of(app);
        let link = bench.single_use("di").await;
        let page = browser.get(&format!("{path}?token={}", link.text.expose())).await;
        let here = path.rsplit('/').next().unwrap();
        assert!(page.body.contains(&format!("action=\"{here}\"")), "{path}");
        let answer = browser.post(path, &[("token", link.text.expose())]).await;
        assert_eq!(answer.location(), format!("{here}/roster"));
        let page = browser.get(&format!("{path}/roster")).await;
        assert!(page.body.contains("Di Brook"), "{path}");
        assert_eq!(browser.get(&format!("{path}/x")).await.status, StatusCode::NOT_FOUND);
        assert_eq!(browser.get("/").await.body, "ours");
        assert_eq!(browser.get("/elsewhere").await.body, "none of ours");
    }
}

#[tokio::test]
async fn settings_that_are_none_are_refused() {
    let bench = Bench::new().await;
    let refused = |settings: fn(PortalBuilder) -> PortalBuilder| {
        let portal = Portal::builder(Arc::new(bench.roster.clone()), Arc::new(bench.links.clone()));
        settings(portal).build().unwrap_err().to_string()
    };
    for path in
        ["", "/", "crew", "/crew/", "//crew", "/a b", "/{crew}", "/..", "/a/../b", "/crew?x"]
    {
        let portal = Portal::builder(Arc::new(bench.roster.clone()), Arc::new(bench.links.clone()));
        let refused = portal.path(path).build().unwrap_err().to_string();
        assert!(refused.starts_with("path "), "{path}: {refused}");
    }
    assert!(refused(|portal| portal.brand(" ")).starts_with("brand "));
    assert!(refused(|portal| portal.trusting_header("x y")).starts_with("trusted header `x y`"));
}
